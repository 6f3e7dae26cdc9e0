"""What a focal point asks about messages: what was sent with its counts, our answer, and who would open a draft."""

import json
from typing import Any

import pytest

from suar.observe.hooks import Happened, MessageReceived, ReceiptReceived
from suar.protocol.policy.restrictions import Reader
from suar.service.core.reading_policy import preview_head
from suar.service.publish import checking
from suar.service.reading import human_receipts, views
from suar.service.reading.delivery_details import counts
from suar.service.status.news import KEPT, News
from suar.service.status.sent import list_sent
from support.corekit import CoreKit
from support.pairs import Two, new

THAI = {"lang": "th", "title": "งานออฟฟิศปลอม", "summary": "อย่าไปกับคนแปลกหน้า"}


def opens(kit: CoreKit, head: dict[str, Any], realm: str = "actual") -> dict[str, str] | None:
    found = preview_head(kit.core.readers, kit.core.status, head, realm, kit.now)
    return None if found is None else {each["member"]: each["rule"] for each in found if each["may_open"]}


# -- what was sent


def test_counts_follow_the_receipts_and_who_acts_has_opened(two: Two) -> None:
    (id_,) = two.publish(new("a") | {"urgency": "immediate", "ack_within": 4})
    two.to_sg()
    human_receipts.publish_statement(two.sg.core, id_, "duty", "acting", "duty-officer")
    two.to_th()
    (row,) = list_sent(two.th.core, realm="actual")
    assert (row["id"], row["state"], row["acknowledge_by"] is not None) == (id_, "current", True)
    assert {name: row["counts"][name] for name in ("stored", "opened", "acknowledged", "acting")} == {
        "stored": 1, "opened": 1, "acknowledged": 1, "acting": 1,
    }  # fmt: skip
    assert row["counts"]["of"] == len(two.th.states(id_))


def test_they_stand_newest_first_page_by_page_in_the_language_and_each_revision_once(two: Two) -> None:
    first, second, third = two.publish(
        new("a"), new("b") | {"text": [*new("b")["text"], THAI]}, new("c")
    )  # fmt: skip
    two.publish(new("a, changed") | {"action": "update", "id": first})
    assert [row["id"] for row in list_sent(two.th.core, realm="actual")] == [first, third, second]
    page = list_sent(two.th.core, realm="actual", limit=1)
    rest = list_sent(two.th.core, realm="actual", limit=9, before=page[0]["n"], lang="th")
    assert [row["id"] for row in page + rest] == [first, third, second]
    assert [(row["title"], row["title_lang"]) for row in rest] == [("c", "en"), (THAI["title"], "th")]
    assert list_sent(two.th.core, realm="exercise") == []
    assert list_sent(two.sg.core, realm="actual") == []  # only what is ours


def test_late_and_refused_members_are_counted() -> None:
    empty = dict.fromkeys(("stored", "opened", "acknowledged", "acting", "recalled", "held_by_law"))
    members = [
        empty | {"state": "refused", "overdue": False}, empty | {"state": "sent", "overdue": True},
        empty | {"state": "opened", "stored": "x", "opened": "x", "overdue": True},
    ]  # fmt: skip
    assert counts(members) == {
        "of": 3, "stored": 1, "opened": 1, "acknowledged": 0, "acting": 0, "recalled": 0, "refused": 1, "overdue": 2,
        "held_by_law": 0,
    }  # fmt: skip


# -- our answer


def test_a_row_has_our_answer_and_the_deadline_and_an_agency_gets_no_answer(two: Two) -> None:
    (id_,) = two.publish(new("a") | {"urgency": "immediate", "ack_within": 4})
    two.to_sg()

    def row(reader: Reader | None = None) -> dict[str, Any]:
        query: dict[str, Any] = {"kind": None, "origin": None, "status": None, "after": None, "limit": 9}
        return views.inbox(two.sg.core, **query, reader=reader)[0]

    assert row()["answer"] is None
    assert row()["acknowledge_by"] == "2027-01-15T12:00:00Z"
    two.open(id_)
    assert row()["answer"]["stage"] == "opened"
    human_receipts.publish_statement(two.sg.core, id_, "santos", "acknowledged", "duty-officer")
    answer = row()["answer"]
    assert (answer["stage"], answer["role"], answer["by"]) == ("acknowledged", "duty-officer", "santos")
    shown = views.message(two.sg.core, id_, None)
    assert shown is not None
    assert shown["answer"] == answer
    agency = Reader(
        member="SG", given_by="SG", standing="agency", kinds=frozenset({"*"}), sector="border-immigration",
        now=two.sg.now,
    )  # fmt: skip
    assert row(agency)["answer"] is None
    with two.sg.core.transaction() as connection:
        human_receipts.record_reading(two.sg.core, connection, id_, 1, "program", is_person=False)
    own = views.message(two.sg.core, id_, None)
    assert own is not None
    assert own["read"] is not None
    for_agency = views.message(two.sg.core, id_, None, agency)
    assert for_agency is not None
    assert (for_agency["read"], for_agency["said"], for_agency["answer"]) == (None, [], None)


def test_an_agency_receives_what_its_sector_may_read_and_nothing_else(two: Two) -> None:
    strict, wide = two.publish(new("a") | {"tlp": "AMBER+STRICT"}, new("b") | {"tlp": "GREEN"})
    two.to_sg()
    agency = Reader(
        member="SG", given_by="SG", standing="agency", kinds=frozenset({"*"}), sector="health", now=two.sg.now
    )
    query: dict[str, Any] = {"kind": None, "origin": None, "status": None, "after": None, "limit": 9}
    assert [row["id"] for row in views.inbox(two.sg.core, **query, reader=agency)] == [wide]
    assert views.message(two.sg.core, strict, None, agency) is None


# -- who would open an unfinished draft


def test_readers_of_an_unfinished_draft_follow_tlp_and_audience(two: Two) -> None:
    th = two.th
    everybody = opens(th, {"kind": "alert", "tlp": "GREEN", "audience": {"members": "all"}})
    assert everybody is not None
    assert {"SG", "VN"} <= set(everybody)
    assert opens(th, {"kind": "alert", "tlp": "RED", "audience": {"members": ["VN"]}}) == {"VN": "P18"}
    assert opens(th, {"kind": "alert", "tlp": "RED", "audience": {"members": "all"}}) == {}
    assert checking.check(th.core, b'{"kind": "alert"}', "actual")["readers"] is None  # refused: no verdict on readers


@pytest.mark.parametrize(
    "head",
    [
        {}, {"kind": "alert"}, {"kind": "alert", "tlp": "GREEN"}, {"kind": "alert", "audience": {"members": "all"}},
        {"kind": "alert", "tlp": "GREEN", "audience": {}}, {"kind": "alert", "tlp": "GREEN", "audience": "all"},
        {"kind": "alert", "tlp": "PINK", "audience": {"members": "all"}}, {"kind": 7, "tlp": [], "audience": None},
        {"kind": "no-kind", "tlp": "GREEN", "audience": {"members": "all"}},
        {"kind": "alert", "tlp": "GREEN", "audience": {"members": 7}},
    ],
)  # fmt: skip
def test_a_head_that_does_not_say_it_has_no_readers_yet(two: Two, head: dict[str, Any]) -> None:
    assert opens(two.th, head) is None


def test_they_are_those_of_the_whole_message(two: Two) -> None:
    whole = new("a") | {"tlp": "AMBER", "audience": {"members": ["SG", "VN"]}}
    checked = checking.check(two.th.core, json.dumps(whole).encode(), "actual")["readers"]
    assert opens(two.th, whole) == {each["member"]: each["rule"] for each in checked if each["may_open"]}


# -- news


def test_news_are_counts_and_ids() -> None:
    news = News()
    assert news.since(0).about == frozenset()
    id_ = "TH-ALERT-2027-000001"
    received = MessageReceived(at=1, origin="TH", kind="alert", realm="actual", id=id_, rev=1, seconds=1)
    receipt = ReceiptReceived(at=2, member="SG", stage="stored", seconds=(1.0,))
    news([received, Happened(at=1, event="started"), receipt])
    found = news.since(0)
    assert (found.n, set(found.about)) == (2, {id_, "receipts"})
    assert news.since(1).about == {"receipts"}
    assert news.since(2).about == frozenset()


def test_what_is_too_long_ago_is_stated_to_be_so() -> None:
    news = News()
    for number in range(KEPT + 5):
        news.note(str(number))
    assert not news.since(1).is_whole
    assert news.since(5).is_whole
    assert not news.since(KEPT + 9).is_whole  # of another process
