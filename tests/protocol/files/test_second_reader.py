"""The second reader (tests/evidence_reader.mjs) refuses what the gateway's verifier does: containers, lists, times."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from protocol.files.evidence_case import MINE, carried, receipt
from protocol.files.test_container_lines import boxed, issuer, report, resealed
from protocol.files.test_evidence_standing import TH, case, newest, stamped, with_
from protocol.files.test_evidence_standing import judged as verified
from suar.protocol.base import limits
from suar.protocol.files import container, trust_file
from suar.protocol.files.container import AUDIT, TRUST, Container, Layer
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.proof import verify
from suar.protocol.files.stamps import FRAME, Authority
from suar.protocol.files.standing import Supplied
from suar.protocol.files.trust_file import TrustFile
from support.authority import Authority as Issuer
from support.executables import NODE, require
from support.forged_tokens import DatedIssuer
from support.kit import NOW, ListMaker, actor, make_revoke

READER = Path(__file__).parents[2] / "evidence_reader.mjs"


@pytest.fixture(autouse=True)
def node() -> None:
    require(NODE, "nodejs")


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NODE, str(READER), *arguments], check=False, capture_output=True, text=True, timeout=240)


def read_by_second(folder: Path, file: bytes, supplied: Supplied = Supplied(), ca: bytes = b"") -> dict[str, Any]:  # noqa: B008 - it is a value
    """What the second reader says of a file with what a verifier brings, `ca` for its authority."""
    (folder / "file").write_bytes(file)
    options: list[str] = []
    for name, lists, revokes in (("trust", supplied.lists, None), ("revokes", None, supplied.revokes)):
        if lists is not None or revokes is not None:
            further = supplied.further if name == "trust" else ()
            made = trust_file.write(TrustFile(lists or (), revokes or further, supplied.stamps))
            (folder / name).write_bytes(made)
            options += [f"--{name}", str(folder / name)]
    if ca:
        (folder / "ca.pem").write_bytes(ca)
        options += ["--tsa-ca", str(folder / "ca.pem")]
    done = called(case().first.hash().hex(), *options, str(folder / "file"))
    assert done.stderr == "", done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == ("refused" in found)
    return found


def step(file: bytes, supplied: Supplied) -> str | None:
    """The check that the gateway's own verifier ends at; None where the file is proved."""
    try:
        if file[:4] == container.MAGIC:
            container.judge(container.read(file), case().first.hash(), supplied)
        else:
            verify(file, case().first.hash(), supplied)
    except Unproved as found:
        return found.step
    return None


@pytest.mark.parametrize("token", ["sound", "of the container before", "of other bytes", "junk", ""])
def test_a_container_that_was_altered_after_it_was_stamped(tmp_path: Path, token: str) -> None:
    """Before, the tokens were left to whoever brings an authority: an altered container was proved."""
    sound = boxed()
    tokens = {
        "sound": sound.layers[0].token, "of the container before": boxed(**{AUDIT: report()}).layers[0].token,
        "of other bytes": issuer().token(b"x"), "junk": b"token", "": sound.layers[0].token[:-1],
    }  # fmt: skip
    file = container.write(Container(sound.objects, (Layer(1, tokens[token]),)))
    expected = None if token == "sound" else "A3"
    assert (step(file, Supplied()), read_by_second(tmp_path, file).get("refused")) == (expected, expected)


@pytest.mark.parametrize(
    "history",
    [b"not a trust file", b"SUVT", ListMaker(federation="another").signed(), case().first.signed()],
    ids=["junk", "a mark", "of another federation", "a list"],
)
def test_a_history_of_another_form_or_federation(tmp_path: Path, history: bytes) -> None:
    file = container.write(resealed({**boxed().objects, TRUST: history}))
    assert (step(file, Supplied()), read_by_second(tmp_path, file).get("refused")) == ("A4", "A4")


def other_list() -> bytes:
    """A list of the version of the file's second one, with other members."""
    return case().first.after(members=[]).signed()


@pytest.mark.parametrize("is_inside", [False, True], ids=["the verifier's", "the file's"])
def test_an_undated_revoke_is_not_dropped_for_a_later_list(is_inside: bool, tmp_path: Path) -> None:
    """Before, "proved to be older" was said where a list dated a later revocation: the Revoke leaves open since when
    the key was bad. One that states the time of the list, or a later one, states nothing earlier.
    """
    ours, authority = stamped(issuer(), (FRAME, case().name)), Authority(issuer().ca)
    first = verified(with_(stamps=tuple(ours)), Supplied(authority=authority)).moment
    assert first is not None
    when = first.latest + limits.DAY
    cases = (((when - 1,), "V8"), ((when,), None), ((when + 1,), None), ((when + 1, when - 1), "V8"))
    for ats, expected in cases if not is_inside else cases[:3]:
        revokes = tuple(make_revoke(TH, at=at) for at in ats)
        file = with_(stamps=tuple(ours), revokes=revokes if is_inside else ())
        supplied = Supplied((newest(when),), () if is_inside else revokes, (), authority)
        assert step(file, supplied) == expected
        assert read_by_second(tmp_path, file, supplied, issuer().ca).get("refused") == expected


@pytest.mark.parametrize(
    ("supplied", "expected"),
    [
        (Supplied(lists=(newest(),), revokes=()), None),
        (Supplied(lists=(case().first.signed(), newest())), None),
        (Supplied(lists=(newest(NOW + limits.DAY),)), "V8"),
        (Supplied(revokes=(make_revoke(TH),)), "V8"),
        (Supplied(lists=(ListMaker(federation="another", version=3).signed(),)), "V2"),
        (Supplied(lists=(other_list(),)), "V2"),
        (Supplied(revokes=(make_revoke(TH)[:-1],)), "V3"),
    ],
    ids=["newer", "known", "revoked there", "a Revoke", "no successor", "another of its version", "no Revoke"],
)
def test_lists_and_revokes_of_the_verifier(tmp_path: Path, supplied: Supplied, expected: str | None) -> None:
    """Before, it took none: what a file leaves out of itself was proved."""
    assert step(case().file, supplied) == expected
    assert read_by_second(tmp_path, case().file, supplied).get("refused") == expected


def test_revokes_in_files_for_something_else_count(tmp_path: Path) -> None:
    """Before, a Revoke of the message's key in the file of `--trust`, or in a container's own history, was dropped."""
    for revoke, expected in ((make_revoke(TH), "V8"), (make_revoke(actor("SG")), None), (make_revoke(TH)[:-1], None)):
        supplied = Supplied(lists=(newest(),), further=(revoke,))
        assert step(case().file, supplied) == expected
        assert read_by_second(tmp_path, case().file, supplied).get("refused") == expected
        made = trust_file.write(HISTORY._replace(revokes=(*HISTORY.revokes, revoke)))
        file = container.write(resealed({**boxed().objects, TRUST: made}))
        assert (step(file, Supplied()), read_by_second(tmp_path, file).get("refused")) == (expected, expected)
    assert not verified(case().file, Supplied(lists=(newest(),), further=HISTORY.revokes)).standing.checked.is_whole


def test_lists_in_the_file_of_revokes_are_the_verifier_s(tmp_path: Path) -> None:
    """Before, they were dropped without a word, also where they revoke the key of the message."""
    options = ("--revokes", str(tmp_path / "now"), str(tmp_path / "file"))
    (tmp_path / "file").write_bytes(case().file)
    for third, expected in ((newest(), {"checked": True}), (newest(NOW + limits.DAY), {"refused": "V8"})):
        for made in (third, trust_file.write(TrustFile((third,), (), ()))):
            (tmp_path / "now").write_bytes(made)
            found = json.loads(called(case().first.hash().hex(), *options).stdout)
            assert {name: found[name] for name in expected} == expected


def test_the_authority_of_the_verifier_decides_which_is_older(tmp_path: Path) -> None:
    ours, other = Issuer(tmp_path / "ours"), Issuer(tmp_path / "other")
    ours.with_chain()  # the root stands in each token too
    file = with_(stamps=tuple(stamped(ours, (FRAME, case().name))))
    first = verify(file, case().first.hash(), Supplied(authority=Authority(ours.ca))).moment
    assert first is not None
    assert read_by_second(tmp_path, file, ca=ours.ca)["time"] == first.latest
    assert read_by_second(tmp_path, file, ca=other.ca)["time"] is None
    assert read_by_second(tmp_path, file)["time"] is None
    older, newer = (Supplied((newest(first.latest + after),), ()) for after in (1, 0))
    for supplied, ca, expected in (
        (older, ours.ca, None), (older, other.ca, "V8"), (older, b"", "V8"), (newer, ours.ca, "V8"),
    ):  # fmt: skip
        known = supplied._replace(authority=Authority(ca) if ca else None)
        assert step(file, known) == expected
        assert read_by_second(tmp_path, file, supplied, ca).get("refused") == expected


@pytest.mark.parametrize(("issued", "expected"), [(NOW + 2 * limits.DAY, None), (NOW + limits.HOUR, "V8")])
def test_a_key_that_a_list_has_as_revoked_is_revoked_when_it_is_issued(
    tmp_path: Path, issued: int, expected: str | None
) -> None:
    """Before, a list of last week that puts the revocation off by years left whatever was stamped since proved."""
    ours = DatedIssuer(NOW + limits.DAY)
    file = with_(stamps=tuple(stamped(ours, (FRAME, case().name))), revokes=())
    supplied = Supplied((newest(NOW + 3000 * limits.DAY, issued),), (), authority=Authority(ours.ca))
    assert step(file, supplied) == expected
    assert read_by_second(tmp_path, file, supplied, ours.ca).get("refused") == expected


def test_the_token_of_a_container_is_a_time_of_all_of_it(tmp_path: Path) -> None:
    file, authority = container.write(boxed()), Authority(issuer().ca)
    (moment,) = container.moments(container.read(file), authority)
    assert moment is not None
    judgements = read_by_second(tmp_path, file, ca=issuer().ca)
    assert (judgements["tokens"], judgements["time"]) == ([moment.latest], moment.latest)
    listed = Supplied(lists=(newest(moment.latest + 1),))
    assert step(file, listed._replace(authority=authority)) is None
    assert read_by_second(tmp_path, file, listed, issuer().ca)["tokens"] == [moment.latest]
    assert read_by_second(tmp_path, file, listed) == {"refused": "V8"}


HISTORY = TrustFile((case().first.signed(), case().lists.signed("A", "B", "C")), case().evidence.revokes, ())


@pytest.mark.parametrize(
    ("supplied", "checked"),
    [
        (Supplied(lists=(newest(),), revokes=()), (True, True)),
        (Supplied(lists=(newest(),)), (False, False)),
        (Supplied(lists=(), revokes=()), (False, False)),
        (Supplied(), (False, False)),
        (Supplied(lists=HISTORY.lists[:1], revokes=()), (False, False)),
        (Supplied(lists=HISTORY.lists, revokes=HISTORY.revokes), (True, False)),
        (Supplied(lists=HISTORY.lists, revokes=(make_revoke(actor("MY")),)), (True, False)),
        (Supplied(lists=HISTORY.lists, revokes=(make_revoke(actor("SG")),)), (True, True)),
    ],
    ids=["newer", "no Revokes", "none in it", "nothing", "an older list", "its own", "of no list", "another Revoke"],
)
def test_what_counts_as_a_check_of_revocation(tmp_path: Path, supplied: Supplied, checked: tuple[bool, bool]) -> None:
    """Before, the history in the container itself was "checked": it says only what its maker left in it.

    Of a file, and of a container with that history.
    """
    made = resealed({**boxed().objects, TRUST: trust_file.write(HISTORY)})
    alone = verify(case().file, case().first.hash(), supplied)
    boxed_, _ = container.judge(made, case().first.hash(), supplied)
    assert (alone.standing.checked.is_whole, boxed_.standing.checked.is_whole) == checked
    is_nothing = not (supplied.lists or supplied.revokes)  # of which nothing is said: before, it was the own history
    assert boxed_.standing.checked.is_own == (not (is_nothing or all(checked) or supplied == Supplied((newest(),))))
    for file, expected in zip((case().file, container.write(made)), checked, strict=True):
        assert read_by_second(tmp_path, file, supplied)["checked"] == expected


@pytest.mark.parametrize(
    ("stage", "action", "found"),
    [("recalled", "", True), ("held-by-law", "", False), ("stored", "", False), ("recalled", "cancel", False)],
)
def test_a_receipt_of_a_cancel_that_is_not_in_the_file(tmp_path: Path, stage: str, action: str, found: bool) -> None:
    """The cancel was taken out of the file, and the sums made again: nothing said that one was missing.

    A hold is stated when it is set, too: before, that was an effect of a cancel that nobody had made.
    """
    made = case()
    schema = {"schema": "receipt/1.1"} if stage == "held-by-law" else {}
    answer = receipt(made.name, stage=stage, **schema)
    later = json.dumps(json.loads(MINE) | {"rev": 2, "action": action, "reason": "wrong border post"}).encode()
    revisions = ((later, carried(made.sending, made.sending.frame(later), 0)),) if action else ()
    sealed = ((answer, carried(made.answer, made.answer.frame(answer), 0)),)
    file = with_(receipts=sealed, later=revisions)
    named = [(each.receipt.member, each.receipt.stage) for each in verified(file).recalled_without_cancel]
    assert named == ([("SG", stage)] if found else [])
    assert read_by_second(tmp_path, file)["recalled"] == [list(each) for each in named]


@pytest.mark.parametrize("altered", [False, True])
def test_the_fault_of_a_token_is_named_also_without_an_authority(tmp_path: Path, altered: bool) -> None:
    """One bit of the token's signature: it is not proved, and it is not "of no authority"."""
    made = boxed()
    (layer,) = made.layers
    token = layer.token[:-3] + bytes([layer.token[-3] ^ altered]) + layer.token[-2:]
    file = container.write(Container(made.objects, (Layer(1, token),)))
    for ca in (b"", issuer().ca):
        supplied = Supplied(authority=Authority(ca) if ca else None)
        _, (judgement,) = container.judge(container.read(file), case().first.hash(), supplied)
        expected = "broken" if altered else "" if ca else "unknown"
        assert judgement.why == expected
        assert read_by_second(tmp_path, file, ca=ca)["faults"] == [expected or None]


def test_another_call_is_answered_with_its_usage() -> None:
    for words in ((), ("00",), (case().first.hash().hex(),), (case().first.hash().hex(), "--trust")):
        done = called(*words)
        assert (done.returncode, done.stdout, done.stderr.startswith("usage: ")) == (64, "", True)
