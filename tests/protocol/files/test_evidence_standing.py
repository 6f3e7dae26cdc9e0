"""What a file's times and keys are worth: by what the verifier brings, and by nothing that the file says of itself."""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from protocol.files.evidence_case import MINE, Case, forged
from suar.protocol.base import limits
from suar.protocol.base.primitives import hash_, signing_key
from suar.protocol.files import evidence as files
from suar.protocol.files import stamps, trust_file
from suar.protocol.files.auditlog import line_hash
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.merkle import Tree, leaf_hash, root_of
from suar.protocol.files.proof import Proved, verify
from suar.protocol.files.proof_stamps import ProvedLine, line_content
from suar.protocol.files.stamps import FRAME, LINE, LIST, REVOKE, Authority, Stamp
from suar.protocol.files.standing import Supplied
from suar.protocol.transport.content import digest
from support.authority import Authority as Issuer
from support.evidence_file import split
from support.forged_tokens import DatedIssuer
from support.kit import NOW, Actor, ListMaker, actor, key_row, make_revoke, member_row

TH = actor("TH")
ID = json.loads(MINE)["id"]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("tsa") / "own")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("tsa") / "other")


@cache
def case() -> Case:
    return Case()


def stamped(issuer: Issuer | DatedIssuer, *values: tuple[int, bytes], by: str | Actor = "TH") -> list[bytes]:
    """The parts of kind 11 of one tree over these (what, value)."""
    salted = [(what, value, bytes([n]) * 16) for n, (what, value) in enumerate(values)]
    tree = Tree(1, [leaf_hash(1, what, salt, value) for what, value, salt in salted])
    statement = stamps.statement(1, len(values), tree.root)
    who = actor(by) if isinstance(by, str) else by
    signature, token = stamps.sign_statement(signing_key(who.identity), statement), issuer.token(statement)
    return [
        stamps.encode(Stamp(what, value, salt, 1, n, len(values), who.kid, signature, tree.path(n), token))
        for n, (what, value, salt) in enumerate(salted)
    ]


def revoke_hash(data: bytes) -> bytes:
    return hash_("revoke", data[84:])


def with_(**changes: object) -> bytes:
    return files.write(case().evidence._replace(**changes))  # type: ignore[arg-type]  # its fields, by name


def judged(file: bytes, supplied: Supplied = Supplied()) -> Proved:  # noqa: B008 - it is a value
    return verify(file, case().first.hash(), supplied)


def refusal(file: bytes, supplied: Supplied) -> Unproved:
    with pytest.raises(Unproved) as found:
        judged(file, supplied)
    return found.value


def newest(revoked_at: int | None = None, issued: int | None = None) -> bytes:
    """The list behind those of the file, in which TH's key may be revoked: issued then, if nothing else is said."""
    issued = issued or max(NOW, revoked_at or NOW)
    rows = [member_row(actor(code)) for code in ("KH", "SG", "VN")]
    rows.insert(2, member_row(TH, keys=[key_row(TH, revoked_at=revoked_at)]))
    return case().lists.after(members=rows, issued=issued, expires=issued + 180 * limits.DAY).signed()


# -- trees


@pytest.mark.parametrize("size", [*range(1, 18), 100])
def test_every_leaf_of_a_tree_leads_to_its_root_and_no_other_does(size: int) -> None:
    leaves = [leaf_hash(1, FRAME, bytes(16), bytes([n]) * 32) for n in range(size)]
    tree = Tree(1, leaves)
    for n, leaf in enumerate(leaves):
        path = tree.path(n)
        assert root_of(1, leaf, n, size, path) == tree.root
        assert root_of(1, leaf, n, size, (*path, bytes(32))) is None
        if path:
            assert root_of(1, leaf, n, size, path[:-1]) is None
            assert root_of(1, leaf, n, size, (bytes(32), *path[1:])) != tree.root
        assert root_of(1, leaf, size, size, path) is None
        assert size == 1 or root_of(1, leaf, n ^ 1, size, path) != tree.root


def test_a_node_does_not_pass_for_a_leaf() -> None:
    leaves = [leaf_hash(1, FRAME, bytes(16), bytes([n]) * 32) for n in range(4)]
    inner = Tree(1, leaves[:2]).root
    assert Tree(1, [inner, Tree(1, leaves[2:]).root]).root == Tree(1, leaves).root  # as in RFC 6962
    content = leaves[0] + leaves[1]
    assert leaf_hash(1, FRAME, content[:16], content[16:]) != inner


# -- revocation


def test_without_lists_and_revokes_nothing_is_stated_about_revocation() -> None:
    for supplied in (Supplied(), Supplied(lists=(newest(),)), Supplied(revokes=())):
        assert not judged(case().file, supplied).standing.checked.is_whole
    whole = judged(case().file, Supplied(lists=(newest(),), revokes=()))
    assert (whole.standing.checked.is_whole, whole.standing.checked.list_version, whole.moment) == (True, 3, None)


def test_a_revoke_left_out_of_the_file_is_found_by_the_verifiers_own() -> None:
    """The defence has the file, from which whoever made it left out the Revoke."""
    supplied = Supplied(revokes=(make_revoke(TH),))
    assert "was revoked" in refusal(case().file, supplied).text
    assert refusal(case().file, Supplied(lists=(newest(NOW + limits.DAY),))).step == "V8"


def test_a_frame_that_is_not_valid_is_not_older_than_its_revocation() -> None:
    """The message may be proved by another frame, under a key that nothing revokes."""
    proved = judged(case().file, Supplied())
    standing: Any = SimpleNamespace(revocation=lambda _: "revoked", is_valid=lambda *_: False)
    assert not proved._replace(standing=standing).is_later_revoked
    standing.is_valid = lambda *_: True
    assert proved._replace(standing=standing).is_later_revoked


def test_a_token_older_than_the_revoke_keeps_the_proof(issuer: Issuer) -> None:
    """The issue: whether a Revoke stands in the file decides nothing; which is older decides."""
    ours = stamped(issuer, (FRAME, case().name))
    authority = Authority(issuer.ca)
    first = judged(with_(stamps=tuple(ours)), Supplied(authority=authority)).moment
    assert first is not None
    revoke = make_revoke(TH, at=1)
    undated = with_(stamps=tuple(ours), revokes=(revoke,))
    assert refusal(undated, Supplied(authority=authority)).step == "V8"
    listed = newest(first.latest + 1)
    assert refusal(undated, Supplied((listed,), (), (), authority)).step == "V8"
    for revokes in ((), (make_revoke(TH, at=first.latest + 1),)):  # with it or without it in the file
        file = with_(stamps=tuple(ours), revokes=revokes)
        proved = judged(file, Supplied((listed,), (), (), authority))
        assert proved.is_later_revoked
        assert refusal(file, Supplied((newest(first.latest),), (), (), authority)).step == "V8"
        assert refusal(file, Supplied((listed,), ())).step == "V8"  # no authority: the token counts for nothing


def test_a_revoke_is_dated_by_its_own_token(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens with the times that the test says: the message's, and the Revoke's."""
    revoke = make_revoke(TH, at=1)
    message, revoked = stamped(issuer, (FRAME, case().name))[0], stamped(issuer, (REVOKE, revoke_hash(revoke)))[0]
    authority = Authority(issuer.ca)
    file, supplied = with_(stamps=(message,)), Supplied(revokes=(revoke,), stamps=(revoked,), authority=authority)
    times = {stamps.decode(message).token: 0, stamps.decode(revoked).token: 0}  # type: ignore[union-attr]  # sound
    real = Authority.judge

    def judge(self: Authority, token: bytes, statement: bytes) -> stamps.Judgement:
        assert real(self, token, statement).moment is not None
        return stamps.Judgement(stamps.Moment(times[token], times[token]))

    monkeypatch.setattr(Authority, "judge", judge)
    first, second = times
    for when, holds in ((NOW - 1, False), (NOW, False), (NOW + 1, True)):
        times[first], times[second] = NOW, when
        if holds:
            assert judged(file, supplied).is_later_revoked
        else:
            assert refusal(file, supplied).step == "V8"


@pytest.mark.parametrize("is_inside", [False, True])
def test_the_token_of_a_container_dates_no_revoke(issuer: Issuer, is_inside: bool) -> None:
    """A Revoke was made at any time before it was brought, so a message with an older token is not proved by that."""
    ours, revoke, authority = stamped(issuer, (FRAME, case().name)), make_revoke(TH), Authority(issuer.ca)
    first = judged(with_(stamps=tuple(ours)), Supplied(authority=authority)).moment
    assert first is not None
    later = stamps.Moment(first.latest + 1, first.latest + 1)
    file = with_(stamps=tuple(ours), revokes=(revoke,) if is_inside else ())
    supplied = Supplied(revokes=() if is_inside else (revoke,), authority=authority, file=later)
    assert refusal(file, supplied).step == "V8"


def test_an_authority_that_the_verifier_did_not_name_proves_no_time(issuer: Issuer, other: Issuer) -> None:
    file = with_(stamps=tuple(stamped(other, (FRAME, case().name))))
    assert judged(file).moment is None
    assert judged(file, Supplied(authority=Authority(issuer.ca))).moment is None
    assert judged(file, Supplied(authority=Authority(other.ca))).moment is not None
    assert judged(file, Supplied(authority=Authority(issuer.ca + other.ca))).moment is not None


def test_a_receipt_under_a_key_revoked_later_is_proved_by_its_frames_token(issuer: Issuer) -> None:
    frame = case().answer.sent[0].hash
    file = with_(stamps=tuple(stamped(issuer, (FRAME, frame))))
    authority, revoke = Authority(issuer.ca), make_revoke(actor("SG"), at=2**42)
    assert {one.is_proved for one in judged(file, Supplied(revokes=(revoke,), authority=authority)).receipts} == {False}
    rows = [member_row(actor(code)) for code in ("KH", "TH", "VN")]
    later = limits.DAY + (judged(file, Supplied(authority=authority)).standing.moment(FRAME, frame) or (0, 0))[1]
    rows.insert(1, member_row(actor("SG"), keys=[key_row(actor("SG"), revoked_at=later)]))
    listed = case().lists.after(members=rows, issued=NOW).signed()
    assert {one.is_proved for one in judged(file, Supplied((listed,), (revoke,), (), authority)).receipts} == {True}


# -- what the verifier brings is judged as well


def test_lists_that_do_not_follow_those_of_the_file_are_refused() -> None:
    gap = ListMaker(version=4, prev=case().lists.hash())
    forked = case().first.after(issued=NOW - 5)
    for data in (gap.signed(), forked.signed(), newest()[:-1], case().lists.after().signed("A", "D")):
        assert refusal(case().file, Supplied(lists=(data,))).step == "V2"
    again = Supplied(lists=(case().first.signed(), newest(), case().lists.signed()), revokes=())
    assert judged(case().file, again).standing.checked.list_version == 3


def test_a_revoke_that_the_key_did_not_sign_is_refused() -> None:
    made = bytearray(make_revoke(TH))
    made[30] ^= 1
    assert refusal(case().file, Supplied(revokes=(bytes(made),))).step == "V3"
    assert judged(case().file, Supplied(revokes=(make_revoke(actor("MY")),))).standing.checked.revokes == 1


def test_a_suspended_member_is_named() -> None:
    rows = [member_row(actor(code), "suspended" if code == "TH" else "active") for code in ("KH", "SG", "TH", "VN")]
    listed = case().lists.after(members=rows, issued=NOW).signed()
    assert judged(case().file, Supplied(lists=(listed,))).standing.is_suspended("TH")
    assert not judged(case().file, Supplied(lists=(newest(),))).standing.is_suspended("TH")


# -- [V10]


def test_a_time_stamp_of_the_file_is_judged(issuer: Issuer) -> None:
    sound = stamped(issuer, (FRAME, bytes(32)), (FRAME, case().name), (LIST, case().lists.hash()))
    kinds = {"nothing": sound[0], "no form": sound[1][:139], "signer": _but(sound[1], kid=actor("MY").kid),
             "signature": _but(sound[1], signature=bytes(64)), "path": _but(sound[1], path=()),
             "size": _but(sound[1], size=2), "salt": _but(sound[1], salt=bytes(16)),
             "value": _but(sound[1], what=REVOKE)}  # fmt: skip
    for name, content in kinds.items():
        assert refusal(with_(stamps=(content,)), Supplied()).step == "V10", name
    assert judged(with_(stamps=(sound[1], sound[2]))).moment is None


def _but(content: bytes, **changes: object) -> bytes:
    stamp = stamps.decode(content)
    assert stamp is not None
    return stamps.encode(stamp._replace(**changes))  # type: ignore[arg-type]  # its fields, by name


def test_a_thousand_alterations_of_a_stamped_file_prove_no_time(issuer: Issuer) -> None:
    """Sums made right again: a changed token, path or salt is refused or proves nothing, and no other exception."""
    file = with_(stamps=tuple(stamped(issuer, (FRAME, case().name), (LIST, case().lists.hash()))))
    rng, parts = random.Random(23), split(file)
    supplied, kept = Supplied(authority=Authority(issuer.ca)), 0
    for made in _forgeries(rng, parts):
        try:
            found = judged(files.assemble(made), supplied)
        except Unproved:
            continue
        assert found.data == case().evidence.message
        changed = [part for part in made if part not in parts]
        kept += 1
        if [part for part in changed if part[0] == files.STAMP and stamps.decode(part[1]) is not None]:
            assert found.moment is None or found.moment == judged(file, supplied).moment
    assert kept < 200


def _forgeries(rng: random.Random, parts: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    for _ in range(1_000):
        made = forged(rng, parts)
        if made != parts:
            yield made


# -- trust files


def test_a_trust_file_is_read_as_written(issuer: Issuer) -> None:
    revoke = make_revoke(TH)
    content = trust_file.TrustFile(
        (case().first.signed(),), (revoke,), tuple(stamped(issuer, (REVOKE, revoke_hash(revoke))))
    )
    data = trust_file.write(content)
    assert trust_file.read(data) == content
    assert trust_file.read(revoke).revokes == (revoke,)
    assert trust_file.read(content.lists[0]).lists == content.lists
    for wrong in (data[:-1], b"", b"SUV1" + data[4:], case().file):
        with pytest.raises(Unproved):
            trust_file.read(wrong)


def test_what_is_no_certificate_is_no_authority(tmp_path: Path) -> None:
    from suar.protocol.base.errors import Fault

    with pytest.raises(Fault, match="no certificates"):
        Authority(b"hello")


# -- lists that the file leaves out


def test_an_epoch_is_judged_with_the_lists_that_its_file_leaves_out() -> None:
    """The maker of the file leaves out the list, which suspends the member."""
    rows = [member_row(actor(code)) for code in ("KH", "SG", "VN")]
    rows.insert(2, member_row(TH, "suspended"))
    suspended = case().lists.after(members=rows, issued=NOW - 12 * limits.MINUTE)
    assert judged(case().file).origin.code == "TH"
    assert refusal(case().file, Supplied(lists=(suspended.signed(),))).step == "V5"


@pytest.mark.parametrize("other", [False, True], ids=["the member is gone", "the member has another key"])
def test_a_key_that_the_newest_list_no_longer_has_counts_as_revoked(other: bool, issuer: Issuer) -> None:
    rows = [member_row(actor(code)) for code in ("KH", "SG", "VN")]
    if other:
        rows.insert(2, member_row(TH, keys=[key_row(actor("MY"))]))
    authority = Authority(issuer.ca)
    file = with_(stamps=tuple(stamped(issuer, (FRAME, case().name))))
    first = judged(file, Supplied(authority=authority)).moment
    assert first is not None
    at = max(NOW, first.latest) + limits.DAY
    gone = case().lists.after(members=rows, issued=at, expires=at + limits.DAY).signed()
    assert refusal(case().file, Supplied(lists=(gone,))).step == "V8"
    assert judged(file, Supplied(lists=(gone,), authority=authority)).is_later_revoked


# -- lines of the audit


@pytest.mark.parametrize(
    ("about", "is_proved"),
    [
        (f"{ID} 1 {digest(MINE).hex()}", True),
        (f"{ID} 1", True),
        (f"{ID} 2 {digest(MINE).hex()}", False),
        (f"{ID} 1 {'00' * 32}", False),
        ("TH-PATTERN-2026-000001 1", False),
        (ID, False),
    ],
)
def test_a_line_of_the_audit_is_about_the_message(about: str, is_proved: bool, issuer: Issuer) -> None:
    act = ProvedLine(2, NOW, "desk", "publish", about)
    stamps_ = stamped(issuer, (LINE, line_hash(bytes(32), *act)))
    file = with_(lines=(line_content(bytes(32), act),), stamps=tuple(stamps_))
    if is_proved:
        assert judged(file).lines == [act]
    else:
        assert refusal(file, Supplied()).text == "it is not about this message"
