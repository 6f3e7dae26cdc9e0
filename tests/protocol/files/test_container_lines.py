"""[V11] Lines of the audit in a container, by their paths to a signed head; [A2] the message beside its evidence."""

import json
import random
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from msgspec import structs

from protocol.files.evidence_case import MINE
from protocol.files.test_auditline import salted, signed
from protocol.files.test_auditlog import chain
from protocol.files.test_evidence_standing import case, newest, stamped, with_
from suar.protocol.base.primitives import signing_key
from suar.protocol.files import auditline, container, trust_file
from suar.protocol.files.auditlog import ALGORITHM, Line, head_raw, leaf_of, sign_head
from suar.protocol.files.container import AUDIT, EVIDENCE, MESSAGE, TRUST, Container, Layer
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.merkle import Tree
from suar.protocol.files.proof import Proved, verify
from suar.protocol.files.stamps import FRAME, Authority, Moment
from suar.protocol.files.standing import Supplied
from suar.protocol.files.trust_file import TrustFile
from support.authority import Authority as Issuer
from support.damage import damaged
from support.executables import NODE, require
from support.kit import FEDERATION, NOW, Actor, ListMaker, actor

ID = json.loads(MINE)["id"]
READER = Path(__file__).parents[2] / "evidence_reader.mjs"
COUNT = 13
LINES = salted(
    chain([f"{ID} 1 {'ab' * 32}" if n in (3, 7) else f"TH-ALERT-2026-{n:06d} 1" for n in range(1, COUNT + 1)])
)
OBJECT = msgspec.json.encode


def report(
    lines: Sequence[Line] = LINES, who: str | Actor = "TH", at: int | None = None, **title: Any
) -> bytes:  # fmt: skip
    """A report about the message; of `lines` those about it, under a head of them that `who` signed."""
    statement = {"federation": FEDERATION, "member": "TH", "about": ID, "person": None, "since": None, "until": None}
    of = auditline.ReportTitle(audit_report=auditline.REPORT, **(statement | title))
    tree = Tree(ALGORITHM, [leaf_of(line) for line in lines])
    shown = [line for line in lines if of.has(line)]
    return b"".join(auditline.write_report(of, signed(lines, who, at), shown, tree.path))


def proved(data: bytes) -> Proved:
    return verify(case().file, case().first.hash(), Supplied(), data)


def step(data: bytes) -> tuple[str, str]:
    with pytest.raises(Unproved) as found:
        proved(data)
    return found.value.step, found.value.text


def test_they_are_shown_with_their_persons() -> None:
    found = proved(report()).lines
    assert [(line.n, line.who, line.about) for line in found] == [
        (3, "desk", LINES[2].about),
        (7, "desk", LINES[6].about),
    ]
    assert verify(case().file, case().first.hash()).lines == []


def altered(change: Callable[[list[dict[str, Any]]], object], data: bytes | None = None) -> bytes:
    lines = [msgspec.json.decode(text) for text in (data or report()).splitlines()]
    change(lines)
    return b"".join(OBJECT(line) + b"\n" for line in lines)


def of_sg() -> bytes:
    """A member that stands in the lists signs a log of its own about the message of another one."""
    head, sg = signed(LINES), actor("SG")
    raw = head_raw(FEDERATION, "SG", head.head, head.at, bytes.fromhex(head.hash), bytes.fromhex(str(head.root)))
    signature = sign_head(signing_key(sg.identity), raw)
    mine = structs.replace(head, key=sg.public.hex(), signature=signature.hex())
    data = altered(lambda lines: lines.__setitem__(1, structs.asdict(mine)), report(member="SG"))
    assert len(auditline.verify_report(data, [sg.kid.hex()]).lines) == 2
    return data


WRONG: dict[str, tuple[bytes, str]] = {
    "another person": (altered(lambda lines: lines[2].update(who="nobody")), "not the one that the head"),
    "another path": (altered(lambda lines: lines[2].update(path=lines[3]["path"])), "not the one that the head"),
    "a shorter path": (altered(lambda lines: lines[2]["path"].pop()), "not the one that the head"),
    "another time of the head": (altered(lambda lines: lines[1].update(at=1)), "signature of the head"),
    "about another message": (report(about="TH-ALERT-2026-000005"), "they are not those of TH about"),
    "about a person": (report(person="desk"), "they are not those of TH about"),
    "about a period": (report(since=NOW), "they are not those of TH about"),
    "of another federation": (altered(lambda lines: lines[0].update(federation="x")), "signature of the head"),
    "of another member's log": (of_sg(), "they are not those of TH about"),
    "of another member's key": (report(who="VN"), "by a key that no list has for TH"),
    "of another message's line": (altered(lambda lines: lines[2].update(about="x")), "not of the selection"),
    "nothing": (b"", "not in the form"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_of_its_member_about_this_message_proves_nothing(name: str) -> None:
    data, text = WRONG[name]
    found = step(data)
    assert (found[0], text in found[1]) == ("V11", True), found


def test_lines_under_a_revoked_key_are_shown_only_if_the_head_is_proved_to_be_older(tmp_path: Path) -> None:
    """The frame has a token of its own; the head has none but that of the container."""
    issuer = Issuer(tmp_path / "tsa")
    authority, file = Authority(issuer.ca), with_(stamps=tuple(stamped(issuer, (FRAME, case().name))))
    pin = case().first.hash()
    first = verify(file, pin, Supplied(authority=authority)).moment
    assert first is not None
    supplied = Supplied((newest(first.latest + 1),), (), (), authority)
    for container_time, shown in ((None, 0), (first, 2), (Moment(first.latest + 1, first.latest + 1), 0)):
        found = verify(file, pin, supplied._replace(file=container_time), report())
        assert found.is_later_revoked
        assert len(found.lines) == shown


# -- the container


@cache
def issuer() -> Issuer:
    return Issuer(Path(tempfile.mkdtemp()) / "tsa")


def boxed(**more: bytes) -> Container:
    history = trust_file.write(TrustFile((case().first.signed(), case().lists.signed("A", "B", "C")), (), ()))
    return resealed({EVIDENCE: case().file, MESSAGE: MINE, TRUST: history, **more})


def resealed(objects: dict[str, bytes]) -> Container:
    """A container of these with a token of its own, as anybody gets one from an authority."""
    made = Container(objects, ())
    return container.renewed(made, Layer(1, issuer().token(container.manifest(made, 1))))


def test_a_container_has_them_and_is_read_back_byte_for_byte() -> None:
    made = boxed(**{AUDIT: report()})
    again = container.read(container.write(made))
    assert (dict(again.objects), again.layers) == (dict(made.objects), made.layers)
    found, times = container.judge(again, case().first.hash(), Supplied())
    assert ([line.n for line in found.lines], [each.moment for each in times]) == ([3, 7], [None])
    assert container.judge(boxed(), case().first.hash(), Supplied())[0].lines == []


def test_another_message_beside_the_evidence_is_refused() -> None:
    other = boxed()
    wrong = resealed({**other.objects, MESSAGE: MINE.replace(b"TH-CONTACT", b"SG-CONTACT")})
    with pytest.raises(Unproved, match="not the message that the evidence proves") as found:
        container.judge(container.read(container.write(wrong)), case().first.hash(), Supplied())
    assert found.value.step == "A2"


@pytest.mark.parametrize("token", ["of the container before", "of other bytes", "junk"])
def test_a_token_that_does_not_stamp_its_manifest_is_refused(token: str) -> None:
    """The token of before an alteration is no token "of another authority": the verifier names none here."""
    sound = boxed()
    tokens = {
        "of the container before": boxed(**{AUDIT: report()}).layers[0].token, "of other bytes": issuer().token(b"x"),
        "junk": b"token",
    }  # fmt: skip
    altered_ = Container(sound.objects, (Layer(1, tokens[token]),))
    for judged in (container.check_tokens, lambda made: container.judge(made, case().first.hash(), Supplied())):
        judged(sound)
        with pytest.raises(Unproved, match="altered after it was stamped") as found:
            judged(container.read(container.write(altered_)))
        assert found.value.step == "A3"


@pytest.mark.parametrize("history", [b"not a trust file", b"SUVT", ListMaker(federation="another").signed()])
def test_a_history_of_another_form_or_federation_is_refused(history: bytes) -> None:
    wrong = resealed({**boxed().objects, TRUST: history})
    with pytest.raises(Unproved) as found:
        container.judge(wrong, case().first.hash(), Supplied())
    assert found.value.step == "A4"


def test_they_stand_nowhere_else_in_the_container() -> None:
    made = boxed()
    for objects in ({AUDIT: report(), **made.objects}, {**made.objects, "audit.reports": report()}):
        with pytest.raises(Unproved, match="was altered"):
            container.read(container.write(Container(objects, made.layers)))


# -- the second reader


def read_by_second(tmp_path: Path, made: Sequence[bytes]) -> list[dict[str, Any]]:
    """What the reader in JavaScript says of each container."""
    require(NODE, "nodejs")
    names = [tmp_path / f"{n}.asice" for n in range(len(made))]
    for name, data in zip(names, made, strict=True):
        name.write_bytes(data)
    done = subprocess.run(
        [NODE, str(READER), case().first.hash().hex(), *map(str, names)],
        check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.stderr == "", done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_second_reader_judges_them_alike(tmp_path: Path) -> None:
    made = [container.write(boxed(**{AUDIT: data})) for data in (report(), report(LINES[:2]))]
    made += [container.write(boxed(**{AUDIT: data})) for data, _ in WRONG.values()]
    other = resealed({**boxed().objects, MESSAGE: b"{}"})
    sound, empty, *wrong, without, swapped = read_by_second(
        tmp_path, [*made, container.write(boxed()), container.write(other)]
    )
    assert [act[:3] for act in sound["acts"]] == [[3, LINES[2].at, "desk"], [7, LINES[6].at, "desk"]]
    assert (empty["acts"], without["acts"]) == ([], [])
    assert [answer.get("refused") for answer in wrong] == ["V11"] * len(WRONG)
    assert swapped == {"refused": "A2"}


@pytest.mark.slow
def test_both_readers_judge_every_altered_report_alike(tmp_path: Path) -> None:
    rng, taken = random.Random(43), 0
    reports = [damaged(rng, report()) for _ in range(300)]
    made = [container.write(boxed(**{AUDIT: data})) for data in reports]
    for data, judgement in zip(reports, read_by_second(tmp_path, made), strict=True):
        try:
            found = proved(data).lines
        except Unproved:
            assert judgement == {"refused": "V11"}, data
        else:
            taken += 1
            assert [act[0] for act in judgement["acts"]] == [line.n for line in found], data
    assert taken < 100


def test_the_second_reader_takes_no_altered_container(tmp_path: Path) -> None:
    rng, whole = random.Random(44), container.write(boxed(**{AUDIT: report()}))
    with ZipFile(BytesIO(whole)) as file:
        begin = file.getinfo(AUDIT).header_offset
        end = file.getinfo("META-INF/ASiCManifest.xml").header_offset
    made = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in rng.sample(range(begin + 42, end), 40)]
    assert {judgement.get("refused") is None for judgement in read_by_second(tmp_path, made)} == {False}
