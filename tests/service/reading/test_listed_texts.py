"""What a list shows of a text is read once for all readers, and never outlives the text."""

from typing import Any

import pytest

from suar.protocol.message.marking import marking_of_tree
from suar.protocol.policy.restrictions import Reader
from suar.service.reading import human_receipts, views
from support import stores
from support.corekit import CoreKit, alter, frame_of
from support.kit import Sending, id_of, urgent
from support.pairs import Two, new, record_statement
from support.read_out import agency, opened_texts, show

CANCEL: dict[str, Any] = {"rev": 2, "action": "cancel", "reason": "wrong border post"}
TITLE = "Recruiters at the pier"


def rows(kit: CoreKit, reader: Reader | None = None, **filters: Any) -> list[dict[str, Any]]:
    every = {"kind": None, "origin": None, "status": None, "after": None, "limit": 100}
    return views.inbox(kit.core, **(every | filters), reader=reader)


def test_a_text_is_opened_once_for_all_lists(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 9))))
    opened = opened_texts(monkeypatch)
    first = rows(vn)
    assert len(first) == len(opened) == 8
    assert rows(vn) == first
    assert {row["id"] for row in rows(vn, order="urgency", state="current")} == {row["id"] for row in first}
    assert len(rows(vn, agency(vn, "clinic"))) == 8
    assert len(opened) == 8


def test_each_reader_is_decided_about_each_time(vn: CoreKit, th: Sending) -> None:
    vn.receive(
        frame_of(
            th, urgent(1, handling=["law-enforcement-only"]), urgent(2, tlp="GREEN"),
            urgent(3, handling=["no-automated-decision"]), urgent(4),
        )
    )  # fmt: skip
    police, health = agency(vn, "police", "law-enforcement"), agency(vn, "health")
    green, machine = agency(vn, "green", tlp="GREEN"), agency(vn, "machine", is_automated=True)
    drills = agency(vn, "drills", realm="exercise")
    wanted = [(None, (1, 2, 3, 4)), (police, (1, 2, 3, 4)), (health, (2, 3, 4)), (green, (2,)), (machine, (2, 4))]
    for reader, numbers in (*wanted, (drills, ()), *wanted[::-1]):
        assert [row["id"] for row in rows(vn, reader)] == [id_of(number) for number in numbers]


def test_a_recalled_text_is_in_memory_no_more(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    assert all(row["title"] for row in rows(vn))
    assert len(vn.core.listed_texts) == 2
    vn.receive(frame_of(th, urgent(1, **CANCEL)))
    assert len(vn.core.listed_texts) == 0
    assert [(row["id"], row["state"]) for row in rows(vn)] == [(id_of(2), "current"), (id_of(1), "cancelled")]


def test_nor_is_it_listed_when_the_earlier_file_is_put_back(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    assert rows(vn)[0]["title"]
    with stores.outsider(vn.folder) as store:
        row = store.execute(f"select body, {stores.SALT} from message").fetchone()
    vn.receive(frame_of(th, urgent(1, **CANCEL)))
    alter(vn, "update message set body = ?, body_key = ? where rev = 1", values=row)
    alter(vn, "delete from message where rev = 2")
    assert [each["title"] for each in rows(vn)] == [None]


def test_nor_is_it_kept_when_it_is_recalled_while_it_is_read(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """The list that was begun before still has it, as ever; nothing of it is kept."""
    vn.receive(frame_of(th, urgent(1)))
    begun = list[bool]()

    def slow(tree: Any) -> Any:
        if not begun:
            begun.append(True)
            vn.receive(frame_of(th, urgent(1, **CANCEL)))
        return marking_of_tree(tree)

    monkeypatch.setattr("suar.service.reading.trees.marking_of_tree", slow)
    assert [row["rev"] for row in rows(vn)] == [1]
    assert len(vn.core.listed_texts) == 0
    assert [row["state"] for row in rows(vn)] == ["cancelled"]


@pytest.mark.parametrize(
    "change",
    ["tlp = 'CLEAR'", "at = at - 1", "expires = expires + 1", "body = zeroblob(64)", "body_key = zeroblob(32)"],
)
def test_a_row_that_was_altered_after_it_was_listed_is_listed_no_more(
    vn: CoreKit, th: Sending, change: str
) -> None:  # fmt: skip
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    assert len(rows(vn)) == 2
    alter(vn, f"update message set {change} where id = ?", values=(id_of(1),))
    assert [row["id"] for row in rows(vn)] == [id_of(2)]


# -- an opening that was noted


def test_a_second_opening_in_the_hour_leaves_nothing_to_note(two: Two) -> None:
    (id_,) = two.publish(new(TITLE))
    two.to_sg()

    def is_noted(who: str, rev: int | None = None) -> bool:
        found = views.message(two.sg.core, id_, rev)
        assert found is not None
        return human_receipts.is_shown_noted(two.sg.core, found, who)

    assert not is_noted("santos")
    show(two.sg.core, id_, None, "reyes")  # a coordinator, who reads for herself: its publisher is not told
    assert not is_noted("reyes")
    show(two.sg.core, id_, None, "santos", is_person=True)
    assert (is_noted("santos"), is_noted("cruz")) == (True, False)
    record_statement(two, id_, "acknowledged")
    assert is_noted("santos")
    two.publish_due(two.th)
    two.sg.now += 3_600_000
    assert not is_noted("santos")


def test_the_next_revision_is_opened_by_itself(two: Two) -> None:
    (id_,) = two.publish(new(TITLE))
    two.to_sg()
    show(two.sg.core, id_, None, "santos", is_person=True)
    two.publish(new(TITLE) | {"id": id_, "rev": 2, "action": "update"})
    two.to_sg()
    found = views.message(two.sg.core, id_, None)
    assert found is not None
    assert found["rev"] == 2
    assert not human_receipts.is_shown_noted(two.sg.core, found, "santos")
