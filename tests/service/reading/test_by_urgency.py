"""The receiver's list after an outage: admitted in order, read from the most urgent on; what is over stands last."""

from typing import Any

import pytest

from suar.protocol.base import limits
from suar.service.reading import views
from support.corekit import CoreKit, frame_of
from support.kit import Sending, actor, id_of, urgent

TH = actor("TH")
DAYS = ("2027-01-16", "2027-02-14", "2027-02-14", "2027-02-14", "2027-02-14")
WORDS = ("future", "expected", "immediate", "expected", "unknown")


@pytest.fixture
def five(vn: CoreKit, th: Sending) -> list[str]:
    """Five alerts, the third the urgent one, the first over in a day."""
    for number, (word, day) in enumerate(zip(WORDS, DAYS, strict=True), 1):
        vn.receive(frame_of(th, urgent(number, word, expires=f"{day}T08:00:00Z")))
    return [id_of(number) for number in (3, 2, 4, 1, 5)]


def rows(vn: CoreKit, **filters: Any) -> list[dict[str, Any]]:
    every = {"kind": None, "origin": None, "status": None, "after": 0, "limit": 100, "order": "urgency"}
    return views.inbox(vn.core, **(every | filters))


def ids(vn: CoreKit, **filters: Any) -> list[str]:
    return [row["id"] for row in rows(vn, **filters)]


def test_the_most_urgent_is_first_and_the_same_urgency_in_the_order_of_arrival(vn: CoreKit, five: list[str]) -> None:
    assert ids(vn) == five
    assert ids(vn, order="received") == sorted(five)
    assert [row["urgency"] for row in rows(vn)] == ["immediate", "expected", "expected", "future", "unknown"]


def test_the_time_that_a_publisher_names_moves_nothing_up(vn: CoreKit, th: Sending, five: list[str]) -> None:
    for number, year in ((6, "0001"), (7, "2099")):
        vn.receive(frame_of(th, urgent(number, sent=f"{year}-01-01T00:00:00Z", expires=f"{year}-03-01T00:00:00Z")))
    assert ids(vn, state="current")[:2] == [five[0], id_of(7)]
    assert ids(vn)[-1] == id_of(6)


def test_an_alert_of_a_far_time_to_come_is_in_force_no_longer_than_one_of_now(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(7, sent="2099-01-01T00:00:00Z", expires="2099-03-01T00:00:00Z")))
    received_at = vn.now
    vn.now = received_at + 90 * limits.DAY + limits.CLOCK_TOLERANCE - 1
    assert [row["state"] for row in rows(vn, state="current")] == ["current"]
    vn.now += 1
    assert rows(vn, state="current") == []
    assert [row["state"] for row in rows(vn)] == ["expired"]
    vn.restart()
    shown = views.message(vn.core, id_of(7), None)
    assert shown is not None
    assert (shown["state"], shown["message"]["expires"]) == ("expired", "2099-03-01T00:00:00Z")


def test_pages_by_urgency_are_the_list_in_pieces(vn: CoreKit, five: list[str]) -> None:
    taken: list[str] = []
    after = 0
    while page := rows(vn, after=after, limit=2):
        taken += [row["id"] for row in page]
        after = page[-1]["n"]
    assert taken == five


def test_a_page_continues_after_its_position_whatever_arrived_meanwhile(
    vn: CoreKit, th: Sending, five: list[str]
) -> None:
    first = rows(vn, limit=2)
    vn.receive(frame_of(th, urgent(6)))
    assert ids(vn, after=first[-1]["n"]) == five[2:]
    assert ids(vn)[:2] == [five[0], id_of(6)]


def test_without_a_position_the_list_begins_at_its_top(vn: CoreKit, five: list[str]) -> None:
    assert ids(vn, after=None, limit=1) == five[:1]


def test_an_invalid_position_is_reported(vn: CoreKit, five: list[str]) -> None:
    with pytest.raises(views.UnknownPosition) as caught:
        ids(vn, after=99)
    assert caught.value.hint
    assert ids(vn, after=99, order="received") == []


def test_what_is_over_is_distinguished(vn: CoreKit, five: list[str]) -> None:
    assert ids(vn, state="ended") == []
    vn.now += 2 * limits.DAY
    assert ids(vn, state="current") == [each for each in five if each != id_of(1)]
    assert ids(vn, state="ended") == [id_of(1)]
    assert ids(vn, state="ended", order="received") == [id_of(1)]
    assert ids(vn) == five  # its place stays


def test_a_cancelled_alert_is_over_and_represents_its_chain(vn: CoreKit, th: Sending, five: list[str]) -> None:
    vn.receive(frame_of(th, urgent(3, rev=2, action="cancel", reason="wrong border post")))
    [row] = rows(vn, state="ended")
    assert (row["id"], row["rev"], row["state"]) == (id_of(3), 2, "cancelled")
    assert ids(vn, state="current") == five[1:]


def test_a_revision_moves_its_message_to_the_lane_that_it_names(vn: CoreKit, th: Sending, five: list[str]) -> None:
    vn.receive(frame_of(th, urgent(5, "immediate", rev=2, action="update")))
    assert ids(vn) == [id_of(3), id_of(5), id_of(2), id_of(4), id_of(1)]


def test_what_had_expired_before_it_came_is_behind_everything(vn: CoreKit, th: Sending, five: list[str]) -> None:
    vn.now += 3 * limits.HOUR  # the epoch goes on for six
    vn.receive(frame_of(th, urgent(6, expires="2027-01-15T09:00:00Z")))
    [last] = rows(vn, after=rows(vn)[4]["n"])
    assert (last["id"], last["state"], last["urgency"]) == (id_of(6), "expired", None)


def test_fields_that_only_a_later_minor_knows_stay_in_the_store(vn: CoreKit, th: Sending) -> None:
    """messages.md section 5: kept in the stored bytes, never given out."""
    vn.receive(frame_of(th, urgent(1, schema="alert/1.4", witness="in the blue van")))
    shown = views.message(vn.core, id_of(1), None)
    assert shown is not None
    assert "witness" not in shown["message"]
    assert shown["message"]["urgency"] == "immediate"
