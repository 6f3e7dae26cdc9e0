"""Lines of the audit about reading and checking: each act once an hour, checks by their number, bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.service.access.act_notes import TITLES, CheckCounts, has_titles, note_checks, note_reading, note_titles
from suar.service.core.audit_cursor import ACTS_MAX, TITLES_MAX, RecentActs
from support import read_out
from support.corekit import CoreKit


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


def lines(th: CoreKit, what: str) -> list[tuple[str, str]]:
    page = read_out.audit_page(th.core, 0, 1_000, "auditor")
    return [(line["who"], line["about"]) for line in page["lines"] if line["what"] == what]


def test_the_same_reading_is_one_line_an_hour(th: CoreKit) -> None:
    for _ in range(50):
        note_reading(th.core, "desk", "evidence", "TH-ALERT-2027-000001 1")
    note_reading(th.core, "desk", "evidence", "TH-ALERT-2027-000002 1")
    note_reading(th.core, "other", "evidence", "TH-ALERT-2027-000001 1")
    assert lines(th, "evidence") == [
        ("desk", "TH-ALERT-2027-000001 1"),
        ("desk", "TH-ALERT-2027-000002 1"),
        ("other", "TH-ALERT-2027-000001 1"),
    ]
    th.now += limits.HOUR
    note_reading(th.core, "desk", "evidence", "TH-ALERT-2027-000001 1")
    assert len(lines(th, "evidence")) == 4


def test_a_reading_that_was_rolled_back_is_noted_the_next_time(th: CoreKit) -> None:
    def broken() -> None:
        with th.core.transaction():
            note_reading(th.core, "desk", "evidence", "TH-ALERT-2027-000001 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert lines(th, "evidence") == []
    note_reading(th.core, "desk", "evidence", "TH-ALERT-2027-000001 1")
    assert lines(th, "evidence") == [("desk", "TH-ALERT-2027-000001 1")]


def titles(*numbers: int, rev: int = 1) -> list[tuple[str, int]]:
    return [(f"TH-ALERT-2027-{n:06d}", rev) for n in numbers]


def named(th: CoreKit, who: str, what: str = "list") -> list[str]:
    """The messages that lines of `who` name, in their order."""
    return [id_ for by, about in lines(th, what) if by == who for id_ in about.split()[::2]]


def test_each_title_that_somebody_was_shown_is_named_once_an_hour(th: CoreKit) -> None:
    note_titles(th.core, "desk", "list", titles(1, 2))
    note_titles(th.core, "desk", "list", titles(1, 2))
    note_titles(th.core, "desk", "list", titles(3, 1, 2))
    note_titles(th.core, "desk", "list", [*titles(1, rev=2), *titles(1, rev=2)])
    note_titles(th.core, "desk", "search", titles(1))
    note_titles(th.core, "other", "list", titles(1))
    assert lines(th, "list") == [
        ("desk", "TH-ALERT-2027-000001 1 TH-ALERT-2027-000002 1"),
        ("desk", "TH-ALERT-2027-000003 1"),
        ("desk", "TH-ALERT-2027-000001 2"),
        ("other", "TH-ALERT-2027-000001 1"),
    ]
    assert lines(th, "search") == [("desk", "TH-ALERT-2027-000001 1")]
    th.now += limits.HOUR
    note_titles(th.core, "desk", "list", titles(1))
    assert len(lines(th, "list")) == 5


def test_only_what_was_committed_in_this_hour_for_this_person_needs_no_note(th: CoreKit) -> None:
    assert has_titles(th.core, "desk", "list", [])
    with th.core.transaction():
        note_titles(th.core, "desk", "list", titles(1, 2))
        assert not has_titles(th.core, "desk", "list", titles(1))
    assert has_titles(th.core, "desk", "list", titles(2, 1))
    for who, what, shown in (
        ("desk", "list", titles(1, 2, 3)), ("desk", "list", titles(1, rev=2)), ("other", "list", titles(1)),
        ("desk", "search", titles(1)),
    ):  # fmt: skip
        assert not has_titles(th.core, who, what, shown)
    th.now += limits.HOUR
    assert not has_titles(th.core, "desk", "list", titles(1))


def test_a_long_list_is_several_lines_and_none_of_its_titles_is_left_out(th: CoreKit) -> None:
    note_titles(th.core, "desk", "list", titles(*range(1, 1001)))
    assert named(th, "desk") == [id_ for id_, _ in titles(*range(1, 1001))]
    assert len(lines(th, "list")) == -(-1000 // TITLES)
    assert max(len(about) for _, about in lines(th, "list")) < 500


def test_titles_that_were_rolled_back_are_noted_the_next_time(th: CoreKit) -> None:
    def broken() -> None:
        with th.core.transaction():
            note_titles(th.core, "desk", "list", titles(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    note_titles(th.core, "desk", "list", titles(1))
    assert named(th, "desk") == [titles(1)[0][0]]


def test_titles_crowd_out_no_other_act_and_are_bounded(th: CoreKit) -> None:
    kept = th.core.recent_titles
    for n in range(TITLES_MAX + 10):
        kept.note(("desk", "list", str(n)))
    for _ in range(2):
        note_reading(th.core, "desk", "evidence", "TH-ALERT-2027-000001 1")
    assert len(lines(th, "evidence")) == 1


def test_who_checks_many_drafts_is_in_the_audit_with_their_number(th: CoreKit) -> None:
    counts = CheckCounts()
    noted = [(who, counts.due(who, th.now)) for who in (*["desk"] * 120, "other")]
    assert [each for each in noted if each[1] is not None] == [("desk", 1), ("desk", 10), ("desk", 100), ("other", 1)]
    assert counts.due("desk", th.now + limits.HOUR) == 1
    note_checks(th.core, "desk", 100)
    assert lines(th, "check") == [("desk", "drafts in this hour: 100")]


def test_memory_of_acts_is_bounded_and_beyond_it_each_is_a_line() -> None:
    acts = RecentActs()
    for n in range(ACTS_MAX + 10):
        assert not acts.is_noted(("desk", "read", str(n)), 0)
        acts.note(("desk", "read", str(n)))
    assert acts.is_noted(("desk", "read", str(ACTS_MAX - 1)), 0)
    assert not acts.is_noted(("desk", "read", str(ACTS_MAX)), 0)
