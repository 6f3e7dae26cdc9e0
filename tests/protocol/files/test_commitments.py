"""Commitments to the end of an audit log: what opens them, and what a log that was rewritten cannot."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.protocol.base import limits
from suar.protocol.base.primitives import ZERO32, Secret
from suar.protocol.files import auditlog, commitments
from suar.protocol.files.auditlog import BrokenLog, line_hash
from suar.protocol.files.commitments import (
    FAR_MAX,
    LAST_DAY,
    MAGIC,
    NEAR,
    ROWS_MAX,
    UNOPENED_MAX,
    Commitment,
    DaySalt,
    Opened,
    Title,
    commit,
    day_of,
    judge,
    read,
    read_salt,
    require,
    salt_of,
)

LOG = auditlog.Title(audit="suar-audit/1", federation="asean-test", member="TH")
KEPT = Title(commitments=MAGIC, federation="asean-test", member="TH", kept_by="SG")
LAST = DaySalt(20_103, Secret(b"s" * 32))
START = (LAST.day - 2) * limits.DAY
HOURS = 60


class Then(NamedTuple):
    """A log of a line an hour, and what was committed an hour later, each time."""

    digests: list[bytes]
    kept: list[Commitment]


def chain(names: Sequence[str]) -> list[bytes]:
    found = [ZERO32]
    for n, name in enumerate(names, 1):
        found.append(line_hash(found[-1], n, START + n * limits.HOUR, "desk", "publish", name))
    return found[1:]


def committed(digests: Sequence[bytes], last: DaySalt = LAST) -> list[Commitment]:
    found = []
    for n, digest in enumerate(digests, 1):
        at = START + n * limits.HOUR + 30_000
        made = commit(salt_of(last, day_of(at)).salt, LOG.federation, LOG.member, at, n, digest)
        found.append(Commitment(at=at, commitment=made.hex()))
    return found


@pytest.fixture
def then() -> Then:
    digests = chain([f"act {n}" for n in range(HOURS)])
    return Then(digests, committed(digests))


def test_each_is_opened_by_the_line_that_was_the_newest(then: Then) -> None:
    found = judge(LOG, then.digests, KEPT, then.kept, LAST)
    assert [each.n for each in found] == list(range(1, HOURS + 1))
    require(found, KEPT)
    assert [each.n for each in judge(LOG, then.digests, KEPT, then.kept[::-1], LAST)] == list(range(1, HOURS + 1))


@pytest.mark.parametrize("first", [1, 2, 30, HOURS])
def test_a_chain_that_was_written_again_from_a_line_on_opens_none_from_there_on(then: Then, first: int) -> None:
    forged = chain([f"act {n}" if n + 1 < first else f"other {n}" for n in range(HOURS)])
    found = judge(LOG, forged, KEPT, then.kept, LAST)
    assert [each.n for each in found] == [*range(1, first), *[None] * min(UNOPENED_MAX, HOURS + 1 - first)]
    part = "has a commitment, .* to no line of the log; this salt opens another" if first > 1 else "the salt or"
    with pytest.raises(BrokenLog, match=f"the file of SG, which nobody signed, .*{part}"):
        require(found, KEPT)


def test_a_log_that_was_cut_off_opens_no_later_one(then: Then) -> None:
    with pytest.raises(BrokenLog, match="of line 40"):
        require(judge(LOG, then.digests[:40], KEPT, then.kept, LAST), KEPT)


def test_a_line_may_stand_for_many(then: Then) -> None:
    day = START + 3 * limits.HOUR
    salt = salt_of(LAST, day_of(day)).salt
    made = [(at, commit(salt, "asean-test", "TH", at, 7, then.digests[6])) for at in range(day, day + 50)]
    again = [Commitment(at=at, commitment=each.hex()) for at, each in made]
    found = judge(LOG, then.digests, KEPT, again, LAST)
    assert {each.n for each in found} == {7}
    assert len({each.commitment for each in again}) == 50, "nobody sees that nothing was done meanwhile"


def test_the_salt_of_a_day_opens_that_day_and_earlier_ones_alone(then: Then) -> None:
    second = salt_of(LAST, LAST.day - 1)
    found = judge(LOG, then.digests, KEPT, then.kept, second)
    assert found == [each for each in judge(LOG, then.digests, KEPT, then.kept, LAST) if day_of(each.at) <= second.day]
    assert 0 < len(found) < HOURS
    with pytest.raises(ValueError, match=str(LAST.day)):
        salt_of(second, LAST.day)


@pytest.mark.parametrize("wrong", [DaySalt(LAST.day, Secret(b"t" * 32)), DaySalt(LAST.day + 1, LAST.salt)])
def test_another_salt_or_day_opens_nothing_and_accuses_no_log(then: Then, wrong: DaySalt) -> None:
    """Before, the log was accused first: "no line is the one that TH committed to"."""
    found = judge(LOG, then.digests, KEPT, then.kept, wrong)
    assert found == [Opened(each.at, None) for each in then.kept[:UNOPENED_MAX]]
    with pytest.raises(BrokenLog, match="of 10 that were compared: the salt or its day may be wrong, or the log or "):
        require(found, KEPT)


@pytest.mark.parametrize("change", [{"member": "VN"}, {"federation": "other"}])
def test_commitments_of_another_show_nothing(then: Then, change: dict[str, str]) -> None:
    with pytest.raises(BrokenLog, match="another member or federation than the log"):
        judge(LOG, then.digests, msgspec.structs.replace(KEPT, **change), then.kept, LAST)


def test_a_commitment_is_of_one_time_member_and_federation() -> None:
    salt, digest = b"s" * 32, b"d" * 32
    first = ("f", "TH", 1, 1, digest)
    others = [("g", *first[1:]), ("f", "VN", 1, 1, digest), ("f", "TH", 2, 1, digest), ("f", "TH", 1, 2, digest)]
    made = {commit(salt, *each) for each in [first, *others, ("f", "TH", 1, 1, bytes(32))]}
    assert len(made | {commit(bytes(32), *first)}) == 7


# -- the texts


def test_a_salt_is_handed_on_as_one_word() -> None:
    assert LAST.text == f"2025-01-15:{b's'.hex() * 32}"
    assert read_salt(f" {LAST.text}\n") == LAST
    assert "s" * 32 not in repr(LAST), "a salt stands in no log"
    assert b"s".hex() * 32 not in repr(LAST)


@pytest.mark.parametrize(
    "text",
    ["", "2025-01-15", f"2025-02-30:{'a' * 64}", f"1969-12-31:{'a' * 64}", f"2149-06-07:{'a' * 64}",
     f"2025-01-15:{'a' * 63}", f"2025-01-15:{'A' * 64}", f"2025-01-15:{'a' * 65}"],
)  # fmt: skip
def test_another_text_is_no_salt(text: str) -> None:
    with pytest.raises(ValueError):
        read_salt(text)


def test_the_last_day_is_the_last() -> None:
    assert read_salt(DaySalt(LAST_DAY, LAST.salt).text).day == LAST_DAY


def lines(title: Title, kept: Sequence[Commitment]) -> list[bytes]:
    return [msgspec.json.encode(title), *map(msgspec.json.encode, kept)]


def test_a_file_comes_back(then: Then) -> None:
    assert read(lines(KEPT, then.kept)) == (KEPT, then.kept, [])


@pytest.mark.parametrize(
    "spoilt",
    [
        [],
        [b"{}"],
        [b"\xff"],
        [msgspec.json.encode(LOG)],
        [msgspec.json.encode(msgspec.structs.replace(KEPT, commitments="suar-commitments/2"))],
    ],
)
def test_another_file_is_refused(spoilt: list[bytes]) -> None:
    with pytest.raises(BrokenLog, match="not in the form"):
        read(spoilt)


@pytest.mark.parametrize(
    "spoilt",
    [
        b'{"at": 1, "commitment": "00"}',
        b'{"at": 1, "commitment": "zz"}',
        b'{"at": 1, "commitment": "' + b"00" * 32 + b'", "n": 1}',
        b'{"at": -1, "commitment": "' + b"00" * 32 + b'"}',
        b'{"at": 5662310400000, "commitment": "' + b"00" * 32 + b'"}',
        b'{"at": 99999999999999999999999, "commitment": "' + b"00" * 32 + b'"}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_line_that_does_not_count_hides_no_other_one(then: Then, spoilt: bytes) -> None:
    title, *rows = lines(KEPT, then.kept)
    found = read([title, spoilt, *rows])
    assert (found.kept, [each[:6] for each in found.refused]) == (then.kept, ["line 2"])


def test_a_commitment_that_is_there_twice_counts_once(then: Then) -> None:
    title, *rows = lines(KEPT, then.kept)
    found = read([title, *rows, rows[1], rows[1]])
    assert found.kept == then.kept
    repeated = "of the file of commitments repeats line 3"
    assert found.refused == [f"line {HOURS + 2} {repeated}", f"line {HOURS + 3} {repeated}"]


def test_commitments_that_somebody_added_before_the_others_hide_none(then: Then) -> None:
    """Before, the search ended after ten that open nothing, and not one of the honest ones was compared."""
    added = [Commitment(at=START - n * limits.HOUR, commitment="00" * 32) for n in range(1, 3 * UNOPENED_MAX)]
    dates = [START + n * limits.HOUR for n in range(1, HOURS + 1)]
    found = judge(LOG, then.digests, KEPT, [*added, *then.kept], LAST, dates)
    assert [each.n for each in found] == [*[None] * UNOPENED_MAX, *range(1, HOURS + 1)]


@given(st.lists(st.binary(max_size=80), max_size=4), st.integers(0, 3))
def test_any_bytes_end_as_commitments_or_broken(noise: list[bytes], at: int) -> None:
    received = lines(KEPT, [Commitment(at=1, commitment="00" * 32)])
    try:
        title = read([*received[:at], *noise]).title
    except BrokenLog:
        return
    assert title == KEPT


def test_times_before_1970_and_days_to_come_open_nothing(then: Then) -> None:
    odd = [Commitment(at=-1, commitment="00" * 32), Commitment(at=(LAST.day + 1) * limits.DAY, commitment="00" * 32)]
    assert judge(LOG, then.digests, KEPT, odd, LAST) == []


def test_a_file_of_more_lines_than_a_member_keeps_is_refused_unread() -> None:
    title = b'{"commitments":"suar-commitments/1","federation":"f","member":"TH","kept_by":"SG"}'
    with pytest.raises(BrokenLog, match="which no member keeps"):
        read([title, *[b"{}"] * (ROWS_MAX + 1)])


def test_true_commitments_out_of_order_cost_no_more_than_some_readings_of_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has the salt can write a true one for any line: each then cost a reading of the whole log."""
    count, salt, made = 4_000, DaySalt(1, Secret(bytes(32))), list[int]()
    digests = [n.to_bytes(32, "big") for n in range(count)]
    lines = [(at * 1_999) % count for at in range(400)]
    kept = [
        Commitment(at=at, commitment=commit(salt.salt, "f", "TH", at, n + 1, digests[n]).hex())
        for at, n in enumerate(lines, limits.DAY)
    ]

    def counted(*of: object) -> bytes:
        made.append(1)
        return commit(*of)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(commitments, "commit", counted)
    log = auditlog.Title(audit="suar-audit/2", federation="f", member="TH")
    title = Title(commitments=MAGIC, federation="f", member="TH", kept_by="SG")
    found = judge(log, digests, title, kept, salt, [limits.DAY] * count)
    assert all(each.n is not None for each in found)
    assert len(made) < (FAR_MAX + 1) * count + len(kept) * 4 * NEAR
