"""A page of the feed is made once for all who read the same, and is nobody else's: hostile orders of reading, and
positions that are put together from those of two agencies."""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.policy.restrictions import Reader
from suar.service.access.agencies import reader_of, register
from suar.service.feed import pages
from suar.service.feed.feed import next_page
from suar.service.feed.pages import Page
from suar.service.feed.positions import FeedPosition, FeedSelection, decode_position
from suar.service.reading.views import UnknownPosition
from suar.store.messages import markings
from suar.store.messages.opened_texts import PAGES, OpenedTexts
from support import stores
from support.corekit import CoreKit, frame_of, rows
from support.kit import Sending, id_of, urgent
from support.read_out import agency

WORDS = b"Recruiters"
CANCEL: dict[str, Any] = {"rev": 2, "action": "cancel", "reason": "wrong border post"}


def selection_of(name: str) -> FeedSelection:
    return FeedSelection("all", has_own=True, agency=name)


def page(kit: CoreKit, name: str, reader: Reader | None = None, at: FeedPosition | None = None) -> Page:
    return next_page(kit.core, selection_of(name), at or FeedPosition(), reader or agency(kit, "anybody"))


def subjects_of(found: Page) -> list[str]:
    return [msgspec.json.decode(each.data)["type"].removeprefix("suar.message.") for each in found.events]


# -- once for all who read the same


def test_it_is_made_once_for_agencies_of_the_same_registration(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 9))))
    found = [page(vn, f"clinic{number}") for number in range(5)]
    assert all(each.entries is found[0].entries for each in found)
    assert len(found[0].entries) == 8
    assert len(vn.core.pages) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"sector": "law-enforcement"}, {"tlp": "GREEN"}, {"realm": "exercise"}, {"realm": "all"},
        {"is_automated": True},
    ],
)  # fmt: skip
def test_it_is_not_served_to_another_registration(vn: CoreKit, th: Sending, other: dict[str, Any]) -> None:
    vn.receive(frame_of(th, urgent(1)))
    first = page(vn, "clinic")
    assert page(vn, "other", agency(vn, "anybody", **other)).entries is not first.entries


def test_nor_to_another_selection_position_or_size(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    first, reader = page(vn, "clinic"), agency(vn, "anybody")
    for more in ({"realm": "actual"}, {"has_own": False}, {"kind": "alert"}, {"origin": "TH"}):
        wanted = msgspec.structs.replace(selection_of("clinic"), **more)
        assert next_page(vn.core, wanted, FeedPosition(), reader).entries is not first.entries
    assert page(vn, "clinic", at=first.position).events == []
    assert len(next_page(vn.core, selection_of("clinic"), FeedPosition(), reader, most=1).events) == 1


def test_those_who_have_read_all_in_the_same_second_are_at_the_same_position(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    first = page(vn, "clinic")
    vn.now += limits.SECOND - 1
    vn.receive(frame_of(th, urgent(2)))
    later = page(vn, "ward", at=page(vn, "ward").position)
    assert later.position == page(vn, "clinic", at=first.position).position


# -- not any more


def test_a_recall_leaves_none_in_memory(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    assert WORDS in b"".join(page(vn, "clinic").pieces[0].parts)
    vn.receive(frame_of(th, urgent(1, **CANCEL)))
    assert len(vn.core.pages) == 0
    assert subjects_of(page(vn, "ward")) == ["new", "cancel"]


def test_an_update_is_served_at_once(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    assert subjects_of(page(vn, "clinic")) == ["new"]
    vn.receive(frame_of(th, urgent(1, rev=2, action="update", tlp="AMBER+STRICT")))
    assert subjects_of(page(vn, "ward")) == ["withdraw"]
    assert WORDS not in page(vn, "ward").events[0].data


@pytest.mark.parametrize("of_two", [1, 2])
def test_what_an_agency_may_not_read_is_searched_for_earlier_revisions_where_there_can_be_some(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch, of_two: int
) -> None:
    """Looking at what it may not read is all that an agency to which nothing is sent does."""
    searched, real = list[tuple[str, int]](), markings.earlier

    def counted(connection: Connection, id_: str, rev: int, tlps: Collection[str]) -> Iterator[Any]:
        searched.append((id_, rev))
        return real(connection, id_, rev, tlps)

    monkeypatch.setattr(markings, "earlier", counted)
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 9))))
    other_kind = reader_of(register("c", "health", ["contact"], "AMBER"), "VN", vn.core.status.trust, vn.now)
    if of_two == 2:
        vn.receive(frame_of(th, *(urgent(number, rev=2, action="update") for number in range(1, 9))))
    assert page(vn, "contact", other_kind).events == []
    assert searched == []
    assert page(vn, "green", agency(vn, "anybody", tlp="GREEN")).events == []
    assert len(searched) == (8 if of_two == 2 else 0)


def test_nor_what_anybody_else_wrote_into_the_file(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    assert subjects_of(page(vn, "clinic")) == ["new"]
    with stores.outsider(vn.folder) as store:
        store.execute("update message set tlp = 'CLEAR'")
    assert subjects_of(page(vn, "ward")) == []


def test_what_expires_within_the_second_is_not_served_after_it(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1, expires="2027-01-16T08:00:00Z")))
    row = rows(vn, "select expires from message")[0]
    vn.now = row[0] - 1
    assert subjects_of(page(vn, "clinic")) == ["new"]
    vn.now += 1
    assert subjects_of(page(vn, "ward")) == ["expire"]


def test_it_is_read_again_after_half_a_second(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    vn.receive(frame_of(th, urgent(1)))
    first = page(vn, "clinic")
    for after, is_same in ((pages.SHARED - 0.01, True), (pages.SHARED, False)):
        monkeypatch.setattr(pages, "monotonic", lambda after=after: first.read_at + after)
        assert (page(vn, "clinic").entries is first.entries) == is_same


def test_a_clock_that_was_set_back_has_it_read_again(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    first = page(vn, "clinic")
    vn.now -= 1
    assert page(vn, "clinic").entries is not first.entries


# -- positions


def test_a_position_of_it_is_valid_for_the_agency_that_received_it_alone(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    mine, others = page(vn, "clinic"), page(vn, "ward")
    assert mine.entries is others.entries
    for one, name, other in ((mine, "clinic", "ward"), (others, "ward", "clinic")):
        for each in one.events:
            assert max(decode_position(vn.core, selection_of(name), each.position).lanes) > 0
            with pytest.raises(UnknownPosition):
                decode_position(vn.core, selection_of(other), each.position)


def test_a_mark_of_one_page_opens_no_position_of_another(vn: CoreKit, th: Sending) -> None:
    """An agency puts its own mark before a position of a page that only another one was given."""
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    mine, others = page(vn, "clinic"), page(vn, "police", agency(vn, "anybody", "law-enforcement"))
    for sealed in (others.entries[0].sealed, others.entries[1].sealed):
        with pytest.raises(UnknownPosition):
            decode_position(vn.core, selection_of("clinic"), (mine.mark + sealed).decode())


# -- bounded


def test_so_many_are_kept(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    for number in range(PAGES + 5):
        page(vn, "clinic", at=FeedPosition(expired=(number, 0)))
    assert len(vn.core.pages) == PAGES


def test_one_that_is_too_large_is_sent_and_not_kept(vn: CoreKit, th: Sending) -> None:
    vn.core.pages = OpenedTexts(PAGES, 100)
    vn.receive(frame_of(th, urgent(1)))
    assert subjects_of(page(vn, "clinic")) == subjects_of(page(vn, "ward")) == ["new"]
    assert len(vn.core.pages) == 0


def test_a_new_value_replaces_the_one_before() -> None:
    kept = OpenedTexts(2, 100)
    for value in ("one", "two", "three"):
        kept.keep("a", value, 60, kept.turn)
    kept.keep("b", "other", 40, kept.turn)
    assert [kept.find(key) for key in "ab"] == ["three", "other"]


def test_pieces_have_all_of_it_as_events(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2), urgent(3)))
    monkeypatch.setattr(pages, "PIECE", 2_000)
    found = page(vn, "clinic")
    assert [each.number for each in found.pieces] == sorted({each.number for each in found.pieces})
    assert found.pieces[-1].number == len(found.entries) == 3
    sent = b"".join(found.mark.join(each.parts) for each in found.pieces)
    written = [b"id: %s\ndata: %s" % (each.position.encode(), each.data) for each in found.events]
    assert [each for each in sent.replace(pages.NOTHING, b"").split(b"\n\n") if each] == written
    assert [id_of(number) in sent.decode() for number in (1, 2, 3)] == [True] * 3
