"""suar-audit/2: a signed tree beside the chain, and one line of it shown without the others."""

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.files.test_auditlog import Records, chain, head
from protocol.files.test_auditlog import log as older_log
from suar.cli.gateway.audits.keys import named_times, times_text
from suar.protocol.base.primitives import ZERO32, signing_key, tree_hash
from suar.protocol.files import auditline, auditlog
from suar.protocol.files.auditlog import (
    ALGORITHM,
    MAGIC,
    MAGIC_2,
    BrokenLog,
    Line,
    SignedHead,
    Title,
    head_raw,
    leaf_of,
    records,
    sign_head,
    verify,
)
from suar.protocol.files.findings.log_keys import CountedLog
from suar.protocol.files.merkle import Peaks, Tree
from support.kit import FEDERATION, NOW, Actor, actor

TITLE = Title(audit=MAGIC_2, federation=FEDERATION, member="TH")
SECRET = b"k" * 32
ID = "TH-ALERT-2027-000001"
COUNT = 21


def salted(lines: Sequence[Line]) -> list[Line]:
    made = []
    for line in lines:
        salt = auditline.line_salt(SECRET, line.n, bytes.fromhex(line.hash))
        made.append(msgspec.structs.replace(line, salt=salt.hex()))
    return made


def signed(
    lines: Sequence[Line], who: str | Actor = "TH", at: int | None = None, of: str = "TH", **changes: bytes
) -> SignedHead:
    """A head of the lines, in the log of a member, by the key of a member or by another one."""
    last, key = lines[-1], actor(who) if isinstance(who, str) else who
    at = last.at if at is None else at
    root = changes.get("root", Peaks().plus(ALGORITHM, map(leaf_of, lines)).root(ALGORITHM))
    raw = head_raw(FEDERATION, of, last.n, at, bytes.fromhex(last.hash), root)
    signature = sign_head(signing_key(key.identity), raw).hex()
    return SignedHead(head=last.n, at=at, hash=last.hash, key=key.public.hex(), signature=signature, root=root.hex())


def dated(times: Sequence[int]) -> list[Line]:
    """Lines of these times."""
    lines, before = list[Line](), ZERO32
    for n, at in enumerate(times, 1):
        before = auditlog.line_hash(before, n, at, "desk", "open", ID)
        lines.append(Line(n=n, at=at, who="desk", what="open", about=ID, hash=before.hex()))
    return salted(lines)


def log(heads: Sequence[int] = (1, 8, COUNT)) -> Records:
    lines = salted(chain([f"TH-ALERT-2027-{n:06d} 1" for n in range(1, COUNT + 1)]))
    found: Records = [TITLE]
    for line in lines:
        found.append(line)
        if line.n in heads:
            found.append(signed(lines[: line.n]))
    return found


def acts(text: Records) -> list[Line]:
    return [record for record in text if isinstance(record, Line)]


def judged(text: Records) -> auditlog.LogSummary:
    return verify(records([msgspec.json.encode(record) for record in text]))


def broken(text: Records) -> BrokenLog:
    with pytest.raises(BrokenLog) as found:
        judged(text)
    return found.value


def changed(text: Records, at: int, **values: Any) -> Records:
    return [*text[:at], msgspec.structs.replace(text[at], **values), *text[at + 1 :]]


# -- the tree


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70), st.integers(0, 70))
def test_a_tree_that_grows_has_the_root_of_the_whole(leaves: list[bytes], split: int) -> None:
    grown = Peaks().plus(1, leaves[:split]).plus(1, leaves[split:])
    assert grown == Peaks().plus(1, leaves)
    assert (grown.size, grown.root(1)) == (len(leaves), Tree(1, leaves).root)
    assert len(grown.hashes) == len(leaves).bit_count()


def test_the_root_is_that_of_rfc_6962() -> None:
    a, b, c = (tree_hash(1, bytes([n])) for n in range(3))
    node = tree_hash(1, b"\1" + a + b)
    assert Peaks().plus(1, [a, b, c]).root(1) == tree_hash(1, b"\1" + node + c)


@pytest.mark.parametrize("peaks", [Peaks(), Peaks(3, (b"a" * 32,)), Peaks(4, (b"a" * 32, b"b" * 32)), Peaks(1, ())])
def test_peaks_of_no_tree_have_no_root(peaks: Peaks) -> None:
    with pytest.raises(ValueError, match="hashes of"):
        peaks.root(1)


# -- the log


def test_a_sound_log_with_a_tree() -> None:
    found = judged(log())
    assert (found.lines, found.signed, len(found.heads)) == (COUNT, COUNT, 3)


def test_a_log_of_the_first_form_still_verifies_and_its_heads_do_in_the_second() -> None:
    assert judged(older_log()).signed == 10
    text = log(heads=(8,))
    assert judged([*text, head(acts(text)[-1])]).signed == COUNT


@pytest.mark.parametrize("n", [1, 4, 8])
def test_another_salt_is_not_the_one_of_the_tree(n: int) -> None:
    text = log()
    at = next(at for at, record in enumerate(text) if isinstance(record, Line) and record.n == n)
    assert "the salt of a line was altered" in broken(changed(text, at, salt="ab" * 16)).text


@pytest.mark.parametrize("salt", ["", "ab", "ab" * 15, "ab" * 17, "zz" * 16, msgspec.UNSET])
def test_every_line_has_a_salt_of_16_bytes(salt: Any) -> None:
    assert "no salt of 16 bytes" in broken(changed(log(), 1, salt=salt)).text


def test_a_head_of_another_root_is_none_though_the_member_signed_it() -> None:
    text = log(heads=())
    assert "another root" in broken([*text, signed(acts(text), root=b"r" * 32)]).text
    assert "another root" in broken([*text, signed(acts(text), root=b"")]).text
    nothing = auditlog.head_raw(FEDERATION, "TH", 0, 0, bytes(32), b"r" * 32)
    signature = sign_head(signing_key(actor("TH").identity), nothing).hex()
    empty = SignedHead(head=0, at=0, hash="00" * 32, key=actor("TH").public.hex(), signature=signature, root="72" * 32)
    assert "another root" in broken([TITLE, empty]).text


def test_a_root_is_covered_by_the_signature() -> None:
    text = log(heads=())
    mine, other = signed(acts(text)), signed(acts(text)[:-1])
    for root in (other.root, msgspec.UNSET, ""):
        assert "signature of the head" in broken([*text, msgspec.structs.replace(mine, root=root)]).text


def test_the_first_form_has_no_salts_and_no_roots() -> None:
    old = older_log(heads=(10,))
    assert "no salts and no roots" in broken(changed(old, 3, salt="ab" * 16)).text
    text = log(heads=())
    bare = [msgspec.structs.replace(line, salt=msgspec.UNSET) for line in acts(text)]
    title = msgspec.structs.replace(TITLE, audit=MAGIC)
    assert "no salts and no roots" in broken([title, *bare, signed(acts(text))]).text


# -- one line alone


def shown(n: int, count: int = COUNT) -> auditline.ShownLine:
    lines = acts(log())[:count]
    return auditline.show(TITLE, lines[n - 1], [leaf_of(line) for line in lines], signed(lines))


def refused(line: auditline.ShownLine, **more: Any) -> str:
    with pytest.raises(BrokenLog) as found:
        auditline.verify(auditline.write(line), **more)
    return found.value.text


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 13, COUNT])
def test_each_line_is_verified_alone(count: int) -> None:
    for n in range(1, count + 1):
        found = auditline.verify(auditline.write(shown(n, count)), [actor("TH").kid.hex()])
        assert (found.line.n, found.lines, found.kid) == (n, count, actor("TH").kid.hex())
        assert found.line.about == f"TH-ALERT-2027-{n:06d} 1"
        assert found.signed_at == NOW + count


def test_the_file_has_nothing_of_another_line() -> None:
    file = auditline.write(shown(5)).decode()
    for line in acts(log()):
        if line.n != 5:
            assert line.about not in file
            assert str(line.salt) not in file
            assert line.n == COUNT or line.hash not in file, "that of the last one is what the head signs"
            assert leaf_of(line).hex() not in file or line.n == 6, "the sibling's leaf is salted"


@pytest.mark.parametrize(
    "change",
    [
        {"n": 4}, {"n": 6}, {"n": 0}, {"n": -1}, {"n": 2**63}, {"at": NOW}, {"who": "nobody"}, {"what": "x"},
        {"about": "TH-ALERT-2027-000006 1"}, {"salt": "ab" * 16}, {"salt": "ab"}, {"federation": "other"},
        {"member": "VN"}, {"path": []},
    ],
)  # fmt: skip
def test_an_altered_line_proves_nothing(change: dict[str, Any]) -> None:
    assert refused(msgspec.structs.replace(shown(5), **change))


def test_an_altered_path_proves_nothing() -> None:
    line = shown(5)
    for at in range(len(line.path)):
        for other in ("00" * 32, "00" * 31, "", "zz"):
            refused(msgspec.structs.replace(line, path=[*line.path[:at], other, *line.path[at + 1 :]]))
    for path in (line.path[::-1], line.path[:-1], [*line.path, "00" * 32], ["00" * 32] * 54):
        refused(msgspec.structs.replace(line, path=path))


@pytest.mark.parametrize("change", [{"head": 20}, {"head": 2**62}, {"at": 1}, {"hash": "00" * 32}, {"root": "00" * 32}])
def test_an_altered_head_proves_nothing(change: dict[str, Any]) -> None:
    line = shown(5)
    head_ = msgspec.structs.replace(line.head, **change)
    assert "signature" in refused(msgspec.structs.replace(line, head=head_))


def test_a_head_without_a_tree_shows_no_line() -> None:
    line = shown(5)
    older = head(acts(log())[-1])
    assert "not the one that the head" in refused(msgspec.structs.replace(line, head=older))
    lines = acts(log())
    with pytest.raises(ValueError, match="5"):
        auditline.show(TITLE, lines[4], [leaf_of(each) for each in lines], older)
    with pytest.raises(ValueError, match="5"):
        auditline.show(TITLE, lines[4], [leaf_of(each) for each in lines[:3]], signed(lines[:3]))


def test_who_can_write_the_store_shows_no_line_of_their_own() -> None:
    lines = acts(log())
    forged = msgspec.structs.replace(lines[4], who="somebody-else")
    both = [*lines[:4], forged, *lines[5:]]
    alone = auditline.show(TITLE, forged, [leaf_of(line) for line in both], signed(both, "VN"))
    assert auditline.verify(auditline.write(alone)).kid == actor("VN").kid.hex(), "whose key it is, is printed"
    assert "not one of those that you named" in refused(alone, kids=[actor("TH").kid.hex()])
    stolen = msgspec.structs.replace(alone, head=signed(lines))
    assert "not the one that the head" in refused(stolen)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"\xff", b"[" * 100_000, b" " * (auditline.FILE_MAX + 1), auditline.write(shown(5))[:-2],
     auditline.write(shown(5)).replace(b'"n":', b'"ip":"::1","n":'),
     auditline.write(shown(5)).replace(b"suar-audit-line/1", b"suar-audit-line/2")],
    ids=["empty", "no-field", "no-text", "deep", "large", "cut-off", "one-field-more", "another-form"],
)  # fmt: skip
def test_another_file_is_no_line(data: bytes) -> None:
    with pytest.raises(BrokenLog, match="not in the form"):
        auditline.verify(data)


def test_salts_differ_by_line_and_secret() -> None:
    cases = itertools.product((SECRET, b"other"), (1, 2), (b"a", b"b"))
    made = {auditline.line_salt(*case) for case in cases}
    assert len(made) == 8
    assert {len(each) for each in made} == {16}


# -- times that contradict each other


MINUTES_5 = 300_000
BAD = "is dated 2027-01-15T07:54:59Z, before {}, which is of 2027-01-15T08:00:00Z"


@pytest.mark.parametrize("late", [0, 1_000])
def test_a_line_or_a_head_that_is_older_than_what_comes_before_it_is_named(late: int) -> None:
    """Clocks may be set back by five minutes; more is named, whatever else is sound."""
    earlier = NOW - MINUTES_5 - late
    assert CountedLog([NOW, earlier], []).times == ([f"line 2 {BAD.format('line 1')}"] if late else [])
    lines = dated([NOW, NOW])
    head = signed(lines, at=earlier)
    named = [f"the head at line 2 {BAD.format('line 2')}"] if late else []
    assert CountedLog([NOW, NOW], [head]).times == named
    tree = Tree(ALGORITHM, [leaf_of(line) for line in lines])
    shown = auditline.show(TITLE, lines[1], [leaf_of(line) for line in lines], head)
    expected = [f"the head of 2 lines {BAD.format(f'line {n}')}" for n in (1, 2)] if late else []
    assert auditline.verify(auditline.write(shown)).times == expected[1:]
    title = auditline.ReportTitle(
        audit_report=auditline.REPORT, federation=FEDERATION, member="TH", about=ID, person=None, since=None, until=None
    )
    report = b"".join(auditline.write_report(title, head, lines, tree.path))
    assert auditline.verify_report(report).times == expected


def test_so_many_contradictions_are_named_and_how_many_more_there_are() -> None:
    """Before, the rest was cut off without a word."""
    dates = [NOW - n * 10 * MINUTES_5 for n in range(100)]
    shown = named_times(CountedLog(dates, []).times) | {"key_findings": ["key: it"]}
    assert (len(shown["contradictions"]), shown["contradictions_more"]) == (10, 89)
    assert times_text(shown).endswith("\nand 89 more contradictions, which are not named here\nkey: it")
    assert "more" not in times_text(named_times(["one"] * 10) | {"key_findings": []})
    assert "ms, before line 1" in CountedLog([NOW, -(2**60)], []).times[0]  # no time of the calendar
