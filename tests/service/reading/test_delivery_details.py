"""What a publisher is shown of each member beside the stages: roles, notes, counts, who had read a recalled text."""

from pathlib import Path

import pytest

from service.publish.test_taken_back import update
from suar.service.publish import cancelling
from suar.service.reading import views
from suar.store.outbound.receipt_notes import SEALED_BEFORE
from support.pairs import Two, new, record_statement


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def test_who_said_it_is_shown_with_and_without_a_note(two: Two) -> None:
    """Before, a role was kept with its note alone."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    record_statement(two, id_, "acknowledged")
    record_statement(two, id_, "acting", "focal-point", note="two teams")
    two.to_th()
    shape = two.states(id_)
    assert [(each["stage"], each["role"]) for each in shape["roles"]] == [
        ("acknowledged", "duty-officer"), ("acting", "focal-point"),
    ]  # fmt: skip
    assert [(each["role"], each["note"]) for each in shape["notes"]] == [("focal-point", "two teams")]
    found = views.deliveries(two.th.core, id_)
    assert found is not None
    assert (found["title"], found["action"]) == ("a", "new")
    counted = {name: found["counts"][name] for name in ("of", "stored", "opened", "acknowledged", "acting")}
    assert counted == {"of": 1, "stored": 1, "opened": 1, "acknowledged": 1, "acting": 1}, "acting implies opened"
    assert (shape["opened"], shape["implied"]) == (None, ["opened"])


@pytest.mark.parametrize(
    "edit",
    [
        "update receipt_note set role = 'approver'", "update receipt_note set stage = 'acting'",
        "update receipt_note set at = at + 1", "update receipt_note set places = ''",
        "update receipt_note set frame_hash = randomblob(32)", "update receipt_note set note = randomblob(60)",
    ],
)  # fmt: skip
def test_a_statement_that_somebody_edited_is_not_shown(two: Two, edit: str) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    record_statement(two, id_, "acknowledged", "focal-point", note="two teams")
    two.to_th()
    assert [each["role"] for each in two.states(id_)["roles"]] == ["focal-point"]
    with two.th.core.transaction() as connection:
        assert connection.exec_driver_sql(edit).rowcount == 1
    shape = two.states(id_)
    assert (shape["roles"], shape["notes"]) == ([], [])
    assert shape["acknowledged"] is not None, "the signed receipt stands"


def test_a_note_of_before_is_shown_without_its_role(two: Two) -> None:
    """Its seal names no row, so its role may have been edited."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    record_statement(two, id_, "acknowledged", "focal-point", note="two teams")
    two.to_th()
    with two.th.core.transaction() as connection:
        sealed = two.th.core.vault.wrap(b"two teams", SEALED_BEFORE)
        connection.exec_driver_sql("update receipt_note set note = ?", (sealed,))
    shape = two.states(id_)
    assert shape["roles"] == []
    assert [(each["role"], each["note"]) for each in shape["notes"]] == [("", "two teams")]


def test_a_recall_shows_who_had_read_and_acted_on_the_text(two: Two) -> None:
    """Before, the cancel was the newest revision, and what became of the text before it was not shown."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.open(id_)
    record_statement(two, id_, "acting")
    two.to_th()
    first = two.states(id_)
    assert "before" not in first
    two.cancel(id_)
    two.to_sg()
    two.to_th()
    shape = two.states(id_)
    assert shape["state"] == "recalled"
    assert shape["before"] == {"opened": first["opened"], "acknowledged": None, "acting": first["acting"]}
    assert None not in (first["opened"], first["acting"])
    assert two.states(id_, 1)["acting"] == first["acting"], "a revision is asked for by its number"


def test_a_text_that_nobody_opened_is_distinguished(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    two.cancel(id_)
    assert two.states(id_)["before"] == {"opened": None, "acknowledged": None, "acting": None}


def test_a_cancel_says_which_of_the_two_it_took_back(two: Two) -> None:
    """Before, an update that waited was withdrawn with the message, and the answer did not say so."""
    [id_] = two.publish(new("a"))
    assert update(two, id_).verdict == "held"
    done = cancelling.cancel(two.th.core, id_, "desk", "over")
    assert done is not None
    assert (done.shape()["rev"], done.shape()["withdrawn"]) == (2, 2)
    again = cancelling.cancel(two.th.core, id_, "desk", "over")
    assert again is not None
    assert (again.shape()["before"], again.shape()["withdrawn"]) == (True, None)


def test_rows_say_what_nobody_here_has_opened(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()

    def unread() -> list[bool | None]:
        listed = views.inbox(two.sg.core, kind=None, origin=None, status="actual", after=None, limit=9)
        return [each["unread"] for each in listed]

    assert unread() == [True]
    two.open(id_)
    assert unread() == [False]
    own = views.inbox(two.th.core, kind=None, origin="TH", status="actual", after=None, limit=9)
    assert [each["unread"] for each in own] == [None], "what is ours is not unread"
