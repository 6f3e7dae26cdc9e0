"""The chain of the audit: whatever is done to the lines is found and named."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from suar.protocol.base.primitives import ZERO32, signing_key
from suar.protocol.files.auditlog import (
    MAGIC,
    BrokenLog,
    Line,
    LogSummary,
    SignedHead,
    Title,
    head_raw,
    line_hash,
    records,
    sign_head,
    verify,
)
from support.kit import FEDERATION, NOW, actor

TITLE = Title(audit=MAGIC, federation=FEDERATION, member="TH")
WHO = actor("TH")
Records = list[Title | Line | SignedHead]


def head(line: Line, who: str = "TH") -> SignedHead:
    raw = head_raw(FEDERATION, "TH", line.n, line.at, bytes.fromhex(line.hash))
    key = actor(who)
    signature = sign_head(signing_key(key.identity), raw)
    return SignedHead(head=line.n, at=line.at, hash=line.hash, key=key.public.hex(), signature=signature.hex())


def chain(acts: Sequence[str], before: bytes = ZERO32, first: int = 1) -> list[Line]:
    lines = []
    for n, about in enumerate(acts, first):
        at = NOW + n
        before = line_hash(before, n, at, "desk", "publish", about)
        lines.append(Line(n=n, at=at, who="desk", what="publish", about=about, hash=before.hex()))
    return lines


def log(heads: Sequence[int] = (5, 10), count: int = 10) -> Records:
    """Ten acts, signed at the fifth and the tenth."""
    found: Records = [TITLE]
    for line in chain([f"TH-ALERT-2027-{n:06d} 1" for n in range(1, count + 1)]):
        found.append(line)
        if line.n in heads:
            found.append(head(line))
    return found


def lines(text: Records) -> list[bytes]:
    return [msgspec.json.encode(record) for record in text]


def judge(text: Records, **more: Any) -> LogSummary:
    return verify(records(lines(text)), **more)


def broken(text: Records, **more: object) -> BrokenLog:
    with pytest.raises(BrokenLog) as found:
        judge(text, **more)
    return found.value


def at(text: Records, n: int) -> int:
    return next(index for index, record in enumerate(text) if isinstance(record, Line) and record.n == n)


def test_a_sound_log() -> None:
    account = judge(log(), kids=[WHO.kid.hex()])
    assert (account.lines, account.signed, account.kids) == (10, 10, [WHO.kid.hex()])
    assert judge(log(heads=())).signed == 0


@pytest.mark.parametrize("n", [1, 4, 7])
def test_a_removed_line_is_named(n: int) -> None:
    text = log()
    del text[at(text, n)]
    assert broken(text).text == f"line {n} was removed"


def test_removed_lines_are_counted() -> None:
    text = log()
    del text[at(text, 2) : at(text, 5)]
    assert broken(text).text == "lines 2 to 4 were removed"


@pytest.mark.parametrize("change", [{"who": "night"}, {"what": "open"}, {"about": "x"}, {"at": 1}, {"hash": "00" * 32}])
def test_an_altered_line_is_named(change: dict[str, object]) -> None:
    text = log()
    index = at(text, 7)
    text[index] = msgspec.structs.replace(text[index], **change)
    assert broken(text).text == "line 7 was altered, or the one before it"


def test_lines_in_another_order_are_named() -> None:
    text = log()
    three, four = at(text, 3), at(text, 4)
    text[three], text[four] = text[four], text[three]
    assert broken(text).text == "the lines from 3 on were reordered: line 3 comes later"


def test_lines_that_changed_places_and_kept_their_numbers_are_found() -> None:
    text = log()
    three, four = text[at(text, 3)], text[at(text, 4)]
    assert isinstance(three, Line)
    assert isinstance(four, Line)
    text[at(text, 3)] = msgspec.structs.replace(four, n=3)
    text[at(text, 4)] = msgspec.structs.replace(three, n=4)
    assert broken(text).n == 3
    assert "reordered" in broken(text).text


def test_a_line_twice_is_named() -> None:
    text = log()
    text.insert(at(text, 3), text[at(text, 3)])
    assert broken(text).n == 4


def test_who_can_write_the_store_makes_no_head() -> None:
    """The thief of the store writes a whole other chain; the heads of the true one do not fit."""
    text: Records = [TITLE, *chain(["another"] * 5), head(chain(["x"] * 5)[-1]), *chain(["another"] * 10)[5:]]
    assert "a head signs another line 5" in broken(text).text
    own: Records = [TITLE, *chain(["another"] * 5), head(chain(["another"] * 5)[-1], "VN")]
    assert "is not one of those that you named" in broken(own, kids=[WHO.kid.hex()]).text


def test_a_head_of_another_member_or_federation_does_not_count() -> None:
    text = log()
    text[0] = msgspec.structs.replace(TITLE, member="VN")
    assert "signature" in broken(text).text


def test_a_tail_cut_off_is_found_with_an_exported_head() -> None:
    kept = log()[-1]
    assert isinstance(kept, SignedHead)
    short = log()[: at(log(), 8)]
    assert judge(short).lines == 7
    seen = "it ends at line 7, and the head to compare it with signs 10 lines"
    assert broken(short, since=kept).text == f"{seen}: it is an older export, or its end was cut off"


def test_a_tail_written_again_is_found_with_an_exported_head() -> None:
    kept = log()[-1]
    five = chain([f"TH-ALERT-2027-{n:06d} 1" for n in range(1, 6)])
    rewritten = chain(["never mind"] * 6, bytes.fromhex(five[-1].hash), 6)
    assert broken([TITLE, *five, *rewritten], since=kept).n == 10


def test_a_log_that_went_on_contains_the_earlier_head() -> None:
    assert judge(log(heads=(12,), count=12), since=log()[-1]).lines == 12


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:0],
        lambda text: text[1:],
        lambda text: [*text, b"{}"],
        lambda text: [*text, b'{"head": 1}'],
        lambda text: [*text, b"\xff"],
        lambda text: [text[0].replace(b"/1", b"/2"), *text[1:]],
    ],
    ids=["empty", "no-title", "unknown-line", "half-a-head", "no-text", "another-version"],
)
def test_another_form_is_no_log(spoil: Callable[[list[bytes]], list[bytes]]) -> None:
    with pytest.raises(BrokenLog):
        verify(records(spoil(lines(log()))))


def test_random_alterations_of_the_file_are_found() -> None:
    rng, text = random.Random(3), lines(log())
    for _ in range(1_000):
        index = rng.randrange(len(text))
        line = bytearray(text[index])
        where = rng.randrange(len(line))
        line[where] ^= 1 << rng.randrange(8)
        spoiled = [*text[:index], bytes(line), *text[index + 1 :]]
        if _same(bytes(line), text[index]):
            continue  # another writing of the same value, such as the case of a hexadecimal digit
        with pytest.raises(BrokenLog):
            verify(records(spoiled))


def _same(line: bytes, before: bytes) -> bool:
    try:
        return str(msgspec.json.decode(line)).lower() == str(msgspec.json.decode(before)).lower()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def test_a_log_begins_with_its_first_line() -> None:
    """Each of its lines is whole, and hangs on nothing."""
    found = broken([TITLE, *chain(["x", "y"], first=5)])
    assert (found.n, found.text) == (1, "lines 1 to 4 were removed")


def test_a_head_that_signs_another_number_than_its_own_line() -> None:
    """Whoever has the key could say so; the lines do not."""
    text: Records = [record for record in log(heads=()) if not isinstance(record, SignedHead)]
    last = text[at(text, 10)]
    assert isinstance(last, Line)
    raw = head_raw(FEDERATION, "TH", 7, last.at, bytes.fromhex(last.hash))
    signature = sign_head(signing_key(WHO.identity), raw).hex()
    wrong = SignedHead(head=7, at=last.at, hash=last.hash, key=WHO.public.hex(), signature=signature)
    assert "signs line 7 where line 10 is the last" in broken([*text, wrong]).text


def test_an_earlier_head_is_judged_too() -> None:
    """Else anybody could have any log found wanting, or an old one found whole."""
    whole = head(chain([f"TH-ALERT-2027-{n:06d} 1" for n in range(1, 6)])[-1])
    assert judge(log(), since=whole).lines == 10
    forged = msgspec.structs.replace(whole, signature="00" * 64)
    assert "signature" in broken(log(), since=forged).text


def test_a_repeated_key_is_refused() -> None:
    """A person or another reader may take the first value, this one takes the last."""
    texts = lines(log())
    texts[1] = texts[1].replace(b'"who":', b'"who":"accused","who":', 1)
    assert texts[1].count(b'"who"') == 2
    with pytest.raises(BrokenLog, match="line 2 of the file is not in the form"):
        verify(records(texts))
