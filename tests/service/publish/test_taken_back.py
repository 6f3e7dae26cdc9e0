"""Taking back what waits for a second person, and a message of which a revision waits; how much may wait at all."""

import json
from typing import Any

import pytest

from suar.protocol.authoring import withdrawal
from suar.protocol.base.errors import Refused
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.publish import accepting, cancelling, held, waits
from suar.service.reading import human_receipts, views
from suar.service.reading.verdict import Verdict
from suar.store.people import held as held_rows
from support.pairs import Two, new, record_statement


def publish(two: Two, title: str, token: str = "desk", **changes: Any) -> Verdict:
    body = json.dumps(new(title) | changes).encode()
    [verdict] = accepting.accept(two.th.core, [(body, None)], realm="actual", token=token)
    return verdict


def update(two: Two, id_: str, **changes: Any) -> Verdict:
    return publish(two, "worse", action="update", id=id_, severity="extreme", **changes)


def audit(two: Two, what: str) -> list[tuple[str, str]]:
    with two.th.core.transaction() as connection:
        rows = connection.exec_driver_sql("select who, about from audit where what = ? order by n", (what,)).all()
    return [(row.who, row.about) for row in rows]


def state_at_sg(two: Two, id_: str) -> Any:
    shown = views.message(two.sg.core, id_, None)
    assert shown is not None
    return shown["state"], shown["message"]


# -- a revision waits


def test_a_cancel_overtakes_the_revision_that_waits(two: Two) -> None:
    """Before, the text stayed at all receivers until somebody decided on the update."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert update(two, id_).verdict == "held"
    done = two.cancel(id_)
    assert (done.verdict.verdict, done.verdict.rev) == ("published", 2), done.verdict
    two.to_sg()
    assert state_at_sg(two, id_)[0] == "cancelled"
    assert held.list_held(two.th.core) == []
    with pytest.raises(Refused) as refused:
        held.release(two.th.core, id_, "chief")
    assert refused.value.code == "E-NOT-HELD"
    assert audit(two, "withdraw") == [("desk", f"{id_} 2")]
    with two.th.core.transaction() as connection:
        row = held_rows.find(connection, id_)
        assert row is not None
        assert (row.state, row.decided_by) == ("rejected", "desk")
        assert held_rows.note_of(two.th.core.vault, row) == waits.CANCELLED


def test_a_cancel_says_what_its_publisher_can_know(two: Two) -> None:
    """A receiver may keep the text under a legal hold, so nobody is told that it is destroyed there."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    [text] = state_at_sg(two, id_)[1]["text"]
    assert text["summary"].endswith("Every receiver is asked to destroy its earlier text.")
    assert "is destroyed" not in text["summary"]


def test_the_same_update_again_is_answered_that_nothing_is_sent(two: Two) -> None:
    [id_] = two.publish(new("a"))
    assert update(two, id_).verdict == "held"
    two.cancel(id_)
    again = update(two, id_)
    assert (again.verdict, again.reasons[0].code) == ("refused", "E-MESSAGE-CANCELLED")


@pytest.mark.parametrize("is_of_before", [False, True])
def test_a_bare_cancel_by_hand_overtakes_it_too(two: Two, is_of_before: bool) -> None:
    """Also one that a program wrote after what an earlier version says."""
    [id_] = two.publish(new("a"))
    assert update(two, id_).verdict == "held"
    before = "The publisher cancelled this message. Its earlier text is destroyed at every receiver."
    summary = before if is_of_before else withdrawal.SUMMARY
    bare = {"lang": "en", "title": f"Cancelled: {id_}", "summary": summary}
    by_hand: dict[str, Any] = {
        "action": "cancel",
        "id": id_,
        "reason": "over",
        "text": [bare],
        "request": [{"action": "stand-down"}],
    }
    assert publish(two, "", **by_hand).verdict == "published"
    assert held.list_held(two.th.core) == []


def test_a_cancel_with_a_text_does_not(two: Two) -> None:
    [id_] = two.publish(new("a"))
    assert update(two, id_).verdict == "held"
    verdict = publish(two, "Close every crossing", action="cancel", id=id_, reason="over")
    assert [reason.code for reason in verdict.reasons] == ["E-MESSAGE-REVISION"]
    assert len(held.list_held(two.th.core)) == 1


def test_a_cancel_that_waits_is_overtaken_by_one_that_need_not(two: Two) -> None:
    """Before, a reason with a name in it had the cancel held, and the clean one after it was refused."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert two.cancel(id_, "Mr Somchai Suksai asked for it").verdict.verdict == "held"
    assert two.cancel(id_, "Ms Malee Suksai asked for it").verdict.verdict == "refused", "two would wait"
    assert two.cancel(id_, "asked for").verdict.verdict == "published"
    two.to_sg()
    assert state_at_sg(two, id_)[0] == "cancelled"
    assert held.list_held(two.th.core) == []


def test_in_one_batch_the_cancel_follows_what_left(two: Two) -> None:
    [id_] = two.publish(new("a"))
    bare = {"lang": "en", "title": f"Cancelled: {id_}", "summary": withdrawal.SUMMARY}
    stated = {"id": id_, "request": [{"action": "stand-down"}]}
    drafts = [
        new("worse") | stated | {"action": "update", "severity": "extreme"},
        new("") | stated | {"action": "cancel", "reason": "over", "text": [bare]},
    ]
    items = [(json.dumps(each).encode(), None) for each in drafts]
    verdicts = accepting.accept(two.th.core, items, realm="actual", token="desk")
    assert [(each.verdict, each.rev) for each in verdicts] == [("held", 2), ("published", 2)]


# -- a message that never left


def test_a_message_that_waits_is_withdrawn(two: Two) -> None:
    """Before, the publisher was told that nothing has this address."""
    id_ = str(publish(two, "a", severity="extreme").id)
    done = cancelling.cancel(two.th.core, id_, "desk", "a mistake")
    assert done is not None
    assert (done.verdict.verdict, done.shape()["before"]) == ("withdrawn", False)
    assert held.list_held(two.th.core) == []
    with pytest.raises(Refused):
        held.release(two.th.core, id_, "chief")
    delivery = held.deliveries(two.th.core, id_, views.deliveries)
    assert delivery is not None
    assert (delivery["rejected"]["by"], delivery["rejected"]["reason"]) == ("desk", "a mistake")
    assert audit(two, "withdraw") == [("desk", f"{id_} 1")]
    again = cancelling.cancel(two.th.core, id_, "desk", "once more")
    assert again is not None
    assert (again.verdict.verdict, again.shape()["before"]) == ("withdrawn", True)
    assert len(audit(two, "withdraw")) == 1
    assert two.leave(two.th) == [], "nothing leaves"


def test_with_its_replacement_or_not_at_all(two: Two) -> None:
    id_ = str(publish(two, "a", severity="extreme").id)
    refused = two.cancel(id_, replacement=new("b") | {"tlp": "PINK"})
    assert refused.verdict.verdict == "refused"
    assert len(held.list_held(two.th.core)) == 1
    done = two.cancel(id_, replacement=new("b"))
    assert done.replacement is not None
    assert (done.verdict.verdict, done.replacement.verdict) == ("withdrawn", "published")
    shown = views.message(two.th.core, str(done.replacement.id), None)
    assert shown is not None
    assert "related" not in shown["message"], "nobody has what it would name"


def test_a_cancel_does_not_wait_for_its_replacement(two: Two) -> None:
    [id_] = two.publish(new("a"))
    done = two.cancel(id_, replacement=new("b") | {"severity": "extreme"})
    assert done.replacement is not None
    assert (done.verdict.verdict, done.replacement.verdict) == ("published", "held")


def test_a_second_cancel_is_answered_with_the_first_reason(two: Two) -> None:
    [id_] = two.publish(new("a"))
    assert two.cancel(id_, "wrong post").shape()["before"] is False
    again = two.cancel(id_, "wrong day")
    assert (again.shape()["before"], again.verdict.verdict, again.verdict.rev) == (True, "published", 2)
    shown = views.message(two.th.core, id_, None)
    assert shown is not None
    assert shown["message"]["reason"] == "wrong post"


# -- a note that is not sent


def test_a_second_note_of_a_stage_is_stated_to_be_left_out(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    first = record_statement(two, id_, "acting", note="two teams", sector="law-enforcement")
    assert first is not None
    assert (first["new"], first["left_out"]) == (True, [])
    for more, left_out in (
        ({"note": "three teams"}, ["note"]), ({"note": "two teams"}, []), ({}, []),
        ({"note": "three teams", "sector": "health"}, ["sector", "note"]),
    ):  # fmt: skip
        again = record_statement(two, id_, "acting", **more)
        assert again is not None
        assert (again["new"], again["left_out"]) == (False, left_out)
        human_receipts_leave(two)
    other = record_statement(two, id_, "acting", role="focal-point", note="three teams")
    assert other is not None
    assert (other["new"], other["left_out"]) == (True, [])


def human_receipts_leave(two: Two) -> None:
    with two.sg.core.transaction() as connection:
        human_receipts.queue_due(two.sg.core, connection)


# -- whose act it was


def test_whose_act_a_publication_was_is_kept(two: Two) -> None:
    """Before, a claim after the publication made the maker a second person to what they had published."""
    table = TokenRows(two.th.core, "local")
    wish = tokens.check("mid", ["publish", "approve", "admin"])
    mid = tokens.issue(table, wish, "local", two.th.now)
    low = tokens.issue(table, tokens.check("low", ["publish", "approve"]), "mid", two.th.now)
    other = tokens.issue(table, tokens.check("other", ["approve"]), "local", two.th.now)
    id_ = str(publish(two, "a", token="low", severity="extreme").id)
    tokens.claim(table, "low", low.code, two.th.now)
    for who in ("local", "operator", "mid", "low", "other"):
        assert not_by(two, id_, who) == "E-SAME-PERSON", who
    tokens.claim(table, "mid", mid.code, two.th.now)
    for who in ("local", "mid", "low", "other"):
        assert not_by(two, id_, who) == "E-SAME-PERSON", who
    tokens.claim(table, "other", other.code, two.th.now)
    assert held.release(two.th.core, id_, "other").verdict == "published"


def not_by(two: Two, id_: str, who: str) -> str:
    with pytest.raises(Refused) as refused:
        held.release(two.th.core, id_, who)
    with pytest.raises(Refused):
        held.reject(two.th.core, id_, who, "no")
    return refused.value.code


def test_a_row_of_before_is_judged_as_before(two: Two) -> None:
    id_ = str(publish(two, "a", severity="extreme").id)
    with two.th.core.transaction() as connection:
        row = connection.exec_driver_sql("select id, rev, who, counts_as, sealed, sealed_key from held").one()
        about, vault = f"held {row.id} {row.rev} {row.who}", two.th.core.vault
        content = vault.open(row.sealed, row.sealed_key, f"{about} {row.counts_as}")
        values = vault.seal(content, f"{about} -")
        connection.exec_driver_sql("update held set counts_as = null, sealed = ?, sealed_key = ?", values)
    assert not_by(two, id_, "desk") == "E-SAME-PERSON"
    assert held.release(two.th.core, id_, "chief").verdict == "published"


# -- how much waits


def test_what_waits_has_pages(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [str(publish(two, f"a{n}", severity="extreme").id) for n in range(5)]
    two.th.now += 1_000
    ids += [str(publish(two, f"b{n}", severity="extreme").id) for n in range(2)]
    assert walked(two, 3) == ([3, 3, 1], ids)
    monkeypatch.setattr(held_rows, "BYTES", 1)
    assert walked(two, 3) == ([1] * 7, ids), "a page of large messages is cut"
    first = held.list_held(two.th.core)
    held.reject(two.th.core, ids[0], "chief", "no")
    assert held.list_held(two.th.core, first[-1]["place"])[0]["id"] == ids[1], "a place outlasts its message"
    with pytest.raises(views.UnknownPosition):
        held.list_held(two.th.core, "x.y")


def walked(two: Two, limit: int) -> tuple[list[int], list[str]]:
    sizes, ids, after = list[int](), list[str](), None
    while page := held.list_held(two.th.core, after, limit):
        sizes.append(len(page))
        ids += [row["id"] for row in page]
        after = page[-1]["place"]
    return sizes, ids


def test_one_token_has_so_many_waiting_and_no_more(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "WAITING_MAX", 2)
    first = str(publish(two, "a", severity="extreme").id)
    assert publish(two, "b", severity="extreme").verdict == "held"
    full = publish(two, "c", severity="extreme")
    assert (full.verdict, [reason.code for reason in full.reasons]) == ("refused", ["E-HELD-FULL"])
    assert publish(two, "d", token="other", severity="extreme").verdict == "held"
    quiet = publish(two, "e")
    assert (quiet.verdict, str(quiet.id)[-6:]) == ("published", "000004"), "no number is lost"
    done = two.cancel(str(quiet.id), replacement=new("f") | {"severity": "extreme"})
    assert (done.verdict.verdict, done.verdict.reasons[0].code) == ("refused", "E-HELD-FULL"), "both or neither"
    two.cancel(first)
    assert publish(two, "c", severity="extreme").verdict == "held"


# -- a corrected file is one message


def test_a_replacement_that_is_published_again_is_one_message(two: Two) -> None:
    """By its bytes as they were handed in, not with the relation that the gateway adds."""
    [first, second] = two.publish(new("a"), new("b"))
    done = two.cancel(first, replacement=new("c")).replacement
    assert done is not None
    assert not done.is_replayed
    again = publish(two, "c")
    assert (again.id, again.verdict, again.is_replayed) == (done.id, "published", True)
    other = two.cancel(second, replacement=new("c"))
    assert other.verdict.verdict == "published", "what is cancelled is cancelled"
    assert other.shape()["replacement"] | {"waiting": None} == {
        "id": done.id, "rev": 1, "verdict": "published", "reasons": [], "waiting": None, "before": True,
    }  # fmt: skip


def test_a_published_file_is_no_second_message_as_a_replacement(two: Two) -> None:
    """A file ends with a line feed, which the body of a cancel does not keep."""
    [first] = two.publish(new("a"))
    [sent] = accepting.accept(
        two.th.core, [(json.dumps(new("c")).encode() + b"\n", None)], realm="actual", token="desk"
    )
    for _ in range(2):
        done = two.cancel(first, replacement=new("c")).replacement
        assert done is not None
        assert (done.id, done.is_replayed) == (sent.id, True)


def test_a_message_that_replaces_itself_is_a_new_one_once(two: Two) -> None:
    """Its own file leaves again only as the replacement of what was cancelled."""
    first = str(publish(two, "a").id)
    done = two.cancel(first, replacement=new("a")).replacement
    assert done is not None
    assert (done.verdict, done.is_replayed) == ("published", False)
    assert done.id != first
    assert publish(two, "a").id == done.id
    two.cancel(str(done.id))
    assert publish(two, "a").verdict == "refused"
    retried = two.cancel(first, replacement=new("a")).replacement
    assert retried is not None
    assert retried.verdict == "refused", "a repeated command does not bring it back"


def test_a_held_replacement_is_the_one_that_waits(two: Two) -> None:
    [first] = two.publish(new("a"))
    done = two.cancel(first, replacement=new("worse") | {"severity": "extreme"}).replacement
    assert done is not None
    again = publish(two, "worse", severity="extreme")
    assert (again.id, again.verdict, again.is_replayed) == (done.id, "held", True)
