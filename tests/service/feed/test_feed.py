"""The feed of a core: order, places, what is in it and what is not."""

import random
from typing import Any

import msgspec
import pytest

from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import EXERCISE
from suar.protocol.message.urgency import LANES
from suar.service.feed import feed as feed_pages
from suar.service.feed import positions
from suar.service.feed.feed import next_page
from suar.service.feed.positions import FeedPosition, FeedSelection, decode_position, encode_position
from suar.service.publish import accepting
from suar.service.reading import human_receipts, views
from suar.service.reading.views import UnknownPosition
from suar.store.messages import rows as messages
from suar.store.outbound import own_statements
from support import read_out
from support.corekit import CoreKit, epoch_of, frame_of
from support.kit import MEMBERS, Sending, actor, id_of, member_row, open_sending, urgent

TH = actor("TH")
EVERYTHING = FeedSelection("all")


def drain(
    vn: CoreKit, selection: FeedSelection = EVERYTHING, position: FeedPosition | None = None
) -> list[dict[str, Any]]:
    """Every event behind `place`, each with the place it gives."""
    position, found = position or FeedPosition(), list[dict[str, Any]]()
    while True:
        taken = next_page(vn.core, selection, position)
        found += [msgspec.json.decode(each.data) | {"place": each.position} for each in taken.events]
        position = taken.position
        if taken.is_last:
            return found


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in events]


# -- order and places


def test_a_backlog_is_served_by_urgency_and_then_by_arrival(vn: CoreKit, th: Sending) -> None:
    words = ("expected", "unknown", "immediate", "past", "expected", "future", "immediate")
    for number, word in enumerate(words, 1):
        vn.receive(frame_of(th, urgent(number, word)))
    assert ids(drain(vn)) == [f"{id_of(number)}/1" for number in (3, 7, 1, 5, 6, 4, 2)]


def test_an_event_is_a_cloud_event(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    [event] = drain(vn)
    assert {name: event[name] for name in event if name not in ("data", "place")} == {
        "specversion": "1.0", "id": "TH-ALERT-2027-000001/1", "source": "/federations/asean-test/members/TH",
        "type": "suar.message.new", "subject": "TH-ALERT-2027-000001", "time": "2027-01-15T08:00:00Z",
        "datacontenttype": "application/json", "suarkind": "alert", "suarstatus": "actual",
        "suarurgency": "immediate",
    }  # fmt: skip
    data = event["data"]
    assert data["message"] == msgspec.json.decode(urgent(1))
    assert (data["state"], data["tombstone"], data["banner"]) == ("current", None, None)


def test_a_reader_that_returns_with_a_position_misses_nothing_and_gets_nothing_twice(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_pages, "ROWS", 3)
    rng = random.Random(9)
    sent, subjects, name = 0, list[str](), encode_position(vn.core, EVERYTHING, FeedPosition())
    while sent < 60 or next_page(vn.core, EVERYTHING, decode_position(vn.core, EVERYTHING, name)).events:
        for _ in range(rng.randrange(4) if sent < 60 else 0):
            sent += 1
            vn.receive(frame_of(th, urgent(sent, rng.choice(LANES[:5]))))
        taken = next_page(vn.core, EVERYTHING, decode_position(vn.core, EVERYTHING, name)).events
        for event in taken[: rng.randrange(len(taken) + 1)]:  # cut off anywhere, nothing remembered but the place
            subjects.append(msgspec.json.decode(event.data)["subject"])
            name = event.position
    assert sorted(subjects) == [id_of(number) for number in range(1, sent + 1)]


def test_an_alert_overtakes_what_was_not_served_yet(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_pages, "ROWS", 2)
    for number in range(1, 6):
        vn.receive(frame_of(th, urgent(number, "expected")))
    first = next_page(vn.core, EVERYTHING, FeedPosition())
    assert (len(first.events), first.is_last) == (2, False)
    vn.receive(frame_of(th, urgent(6)))
    assert ids(drain(vn, position=first.position))[0] == f"{id_of(6)}/1"


def test_a_page_is_bounded_in_bytes_and_never_empty_for_it(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_pages, "BYTES", 2_000)
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 9))))
    sizes = []
    position, is_last = FeedPosition(), False
    while not is_last:
        taken = next_page(vn.core, EVERYTHING, position)
        position, is_last = taken.position, taken.is_last
        sizes.append(len(taken.events))
    assert sum(sizes) == 8
    assert max(sizes) < 4


def test_a_page_looks_at_so_many_rows_however_few_may_be_read(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_pages, "EXAMINED_MAX", 3)
    monkeypatch.setattr(feed_pages, "ROWS", 3)
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 8))))
    rows = [member_row(actor(code), **(dict[str, Any](read=["trend"]) if code == "VN" else {})) for code in MEMBERS]
    vn.lists = vn.lists.after(members=rows)
    vn.receive((f"tip.v1.xa.a.trust.all.{vn.lists.version}", vn.lists.signed()))
    first = next_page(vn.core, EVERYTHING, FeedPosition())
    assert (first.events, first.is_last, first.position.lanes[0]) == ([], False, 3)
    assert drain(vn) == []


@pytest.mark.parametrize("name", ["", "x", "AAAA", "A" * 90, "7" * 600, "=====", "é"])
def test_what_is_no_position_is_reported(vn: CoreKit, th: Sending, name: str) -> None:
    vn.receive(frame_of(th, urgent(1)))
    with pytest.raises(UnknownPosition) as caught:
        decode_position(vn.core, EVERYTHING, name)
    assert "Last-Event-ID" in caught.value.hint


def test_a_position_is_of_one_selection(vn: CoreKit, th: Sending) -> None:
    """Behind it lies what that selection left out, and no other selection may lose it."""
    vn.receive(frame_of(th, urgent(1)))
    [event] = drain(vn, FeedSelection())
    for other in (EVERYTHING, FeedSelection(kind="alert"), FeedSelection(origin="TH"), FeedSelection(has_own=True)):
        with pytest.raises(UnknownPosition):
            decode_position(vn.core, other, event["place"])


def test_a_position_of_another_store_is_reported(vn: CoreKit, th: Sending) -> None:
    """A store that was put back from a backup numbers its rows anew."""
    vn.receive(frame_of(th, urgent(1)))
    name = drain(vn)[0]["place"]
    with vn.core.transaction() as connection:
        connection.exec_driver_sql("update message set digest = ?", (bytes(32),))
    with pytest.raises(UnknownPosition):
        decode_position(vn.core, EVERYTHING, name)


def test_a_position_reveals_no_numbers(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    names = {encode_position(vn.core, EVERYTHING, FeedPosition()) for _ in range(3)}
    assert len(names) == 3  # sealed anew each time
    assert len({len(name) for name in names}) == 1


def test_from_now_begins_behind_everything(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2, "past")))
    position = positions.latest_position(vn.core)
    assert drain(vn, position=position) == []
    vn.receive(frame_of(th, urgent(3, "past")))
    assert ids(drain(vn, position=position)) == [f"{id_of(3)}/1"]
    assert decode_position(vn.core, EVERYTHING, encode_position(vn.core, EVERYTHING, position)) == position


# -- what is in it


def test_a_recall_is_a_head_and_a_tombstone(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    before = drain(vn)
    vn.receive(frame_of(th, urgent(1, rev=2, action="cancel", reason="wrong border post")))
    [recalled] = drain(vn, position=decode_position(vn.core, EVERYTHING, before[-1]["place"]))
    assert (recalled["type"], recalled["id"]) == ("suar.message.cancel", f"{id_of(1)}/2")
    data = recalled["data"]
    assert (data["message"], data["title"], data["state"]) == (None, None, "cancelled")
    assert data["tombstone"] == {"rev": 2, "sent": "2027-01-15T08:00:00Z", "reason": "wrong border post"}
    assert "Recruiters" not in str(recalled)
    assert ids(drain(vn)) == [f"{id_of(2)}/1", f"{id_of(1)}/2"]  # the text is left out for who comes later


def test_a_revision_that_was_overtaken_is_left_out(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    vn.receive(frame_of(th, urgent(1, "past", rev=2, action="update")))
    assert ids(drain(vn)) == [f"{id_of(2)}/1", f"{id_of(1)}/2"]


def test_what_expired_meanwhile_says_so(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1, expires="2027-01-16T08:00:00Z")))
    vn.now += 2 * limits.DAY
    assert drain(vn)[0]["data"]["state"] == "expired"


def test_exercises_are_marked_and_mixed_only_on_request(vn: CoreKit, th: Sending) -> None:
    exercise = open_sending(TH, vn.lists, realm=EXERCISE)
    vn.receive(epoch_of(exercise), frame_of(exercise, urgent(1, status="exercise")), frame_of(th, urgent(2)))
    assert ids(drain(vn, FeedSelection())) == [f"{id_of(2)}/1"]
    assert ids(drain(vn, FeedSelection("exercise"))) == [f"{id_of(1)}/1"]
    mixed = {each["subject"]: each for each in drain(vn)}
    assert set(mixed) == {id_of(1), id_of(2)}
    assert mixed[id_of(1)]["suarstatus"] == "exercise"
    assert mixed[id_of(1)]["data"]["banner"].startswith("EXERCISE")
    assert mixed[id_of(1)]["data"]["title"].startswith("EXERCISE: ")
    assert mixed[id_of(2)]["data"]["banner"] is None
    assert [each.is_exercise for each in next_page(vn.core, EVERYTHING, FeedPosition()).events] == [True, False]


def test_the_policy_decides_at_the_moment_of_the_page(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    rows = [member_row(actor(code), **(dict[str, Any](read=["trend"]) if code == "VN" else {})) for code in MEMBERS]
    vn.lists = vn.lists.after(members=rows)
    vn.receive((f"tip.v1.xa.a.trust.all.{vn.lists.version}", vn.lists.signed()))
    assert drain(vn) == []


def test_what_this_gateway_published_is_in_it_only_on_request(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    mine = {"kind": "alert", "action": "new", "issuer": {"body": "Desk", "sector": "law-enforcement"}}
    whole = msgspec.json.decode(urgent(1, "expected", expires="2027-01-30T00:00:00Z"))
    kept = {name: value for name, value in whole.items() if name not in ("id", "rev", "status", "sent", "schema")}
    [verdict] = accepting.accept(vn.core, [(msgspec.json.encode(kept | mine), None)], realm="actual", token="desk")
    assert verdict.verdict == "published", verdict
    assert ids(drain(vn, FeedSelection())) == [f"{id_of(1)}/1"]
    assert ids(drain(vn, FeedSelection(has_own=True))) == [f"{id_of(1)}/1", f"{verdict.id}/1"]
    assert ids(drain(vn, FeedSelection(origin="VN"))) == [f"{verdict.id}/1"]
    assert drain(vn, FeedSelection(kind="trend")) == []


def test_fields_that_only_a_later_minor_knows_are_left_out(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1, schema="alert/1.4", witness="in the blue van")))
    assert "witness" not in drain(vn)[0]["data"]["message"]


def test_no_character_ends_a_line_of_the_stream(vn: CoreKit, th: Sending) -> None:
    """Readers that split at every line end of Unicode must see one line too."""
    reason = "first\N{LINE SEPARATOR}second"
    vn.receive(frame_of(th, urgent(1)), frame_of(th, urgent(1, rev=2, action="cancel", reason=reason)))
    data = next_page(vn.core, EVERYTHING, FeedPosition()).events
    assert all(len(each.data.decode().splitlines()) == 1 for each in data)


# -- what its publisher is told


def opened(vn: CoreKit) -> list[tuple[str, int, str]]:
    with vn.core.transaction() as connection:
        return [(row.id, row.rev, row.who) for row in own_statements.due(connection, 100) if row.stage == "opened"]


def times(vn: CoreKit, n: int) -> tuple[bool, bool]:
    """Whether the message with this number was read by a program, and opened by a person."""
    with vn.core.transaction() as connection:
        row = messages.find(connection, id_of(n), 1)
    assert row is not None
    return row.read_at is not None, row.opened_at is not None


def shown_reading(vn: CoreKit, n: int) -> str | None:
    """When a program first read it, as `suar show --json` and the API have it."""
    shown = views.message(vn.core, id_of(n), None)
    assert shown is not None
    found: str | None = shown["read"]
    return found


def read_by_a_program(vn: CoreKit, reads: list[int]) -> None:
    with vn.core.transaction() as connection:
        human_receipts.record_program_reads(vn.core, connection, reads)


def test_what_a_program_read_nobody_has_opened(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)), frame_of(th, urgent(1, rev=2, action="cancel", reason="wrong")))
    reads = [each.reads for each in next_page(vn.core, EVERYTHING, FeedPosition()).entries if each.reads is not None]
    assert len(reads) == 1, "neither the cancel nor what it destroyed"
    assert shown_reading(vn, 2) is None
    read_by_a_program(vn, reads)
    assert times(vn, 2) == (True, False)
    assert shown_reading(vn, 2) == instant(vn.now)
    assert opened(vn) == []
    assert [each.reads for each in next_page(vn.core, EVERYTHING, FeedPosition()).entries] == [None, None]
    assert read_out.show(vn.core, id_of(2), None, "officer", is_person=True)
    assert opened(vn) == [(id_of(2), 1, "officer")], "a person comes after it"
    assert times(vn, 2) == (True, True)


def test_what_was_destroyed_meanwhile_was_read_by_nobody(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    reads = [each.reads for each in next_page(vn.core, EVERYTHING, FeedPosition()).entries if each.reads is not None]
    vn.receive(frame_of(th, urgent(1, rev=2, action="cancel", reason="wrong")))
    read_by_a_program(vn, reads)
    assert times(vn, 1) == (False, False)
