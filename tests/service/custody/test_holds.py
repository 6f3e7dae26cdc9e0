"""Legal holds: a recall hides a held text from everybody and destroys nothing; the end of the hold completes it."""

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.core import altered_rows
from suar.service.custody import erasing, holds
from suar.service.custody.facade import Custody
from suar.service.feed.exporting import content
from suar.service.reading import evidence, views
from suar.service.receive import store_checks
from suar.store.inbound import incidents
from suar.store.messages import rows as messages
from support import stores
from support.corekit import CoreKit, rows
from support.pairs import SECRET, Two, new

COURT = "Criminal Court, case 17"


def until(kit: CoreKit, days: int = 30) -> int:
    return kit.now + days * limits.DAY


def hold(kit: CoreKit, id_: str, days: int = 30) -> list[str]:
    """By two persons; what each was told."""
    end = until(kit, days)
    done = [holds.add(kit.core, id_, who, COURT, end) for who in ("anan", "boon")]
    return [each["verdict"] for each in done if each]


def release(kit: CoreKit, id_: str) -> list[str]:
    done = [holds.end(kit.core, id_, who) for who in ("anan", "chai")]
    return [each["verdict"] for each in done if each]


def has_text(kit: CoreKit, id_: str) -> bool:
    return rows(kit, f"select body is not null from message where id = '{id_}' and rev = 1") == [(1,)]


def stages(two: Two) -> set[str]:
    return {row.stage for row in rows(two.sg, "select stage from own_statement")}


@pytest.fixture
def held(two: Two) -> str:
    """A message that SG received, under a hold there, and then recalled."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert hold(two.sg, id_) == ["waits", "held"]
    two.cancel(id_)
    two.to_sg()
    return id_


def test_a_recalled_text_is_kept_and_shown_to_nobody(two: Two, held: str) -> None:
    core = two.sg.core
    assert has_text(two.sg, held)
    with core.transaction() as connection:
        row = messages.find(connection, held, 1)
        assert row is not None
    assert SECRET.encode() in (messages.body_of(core.vault, row) or b"")
    assert altered_rows.open_row(core, row) is None
    shown = views.message(core, held, 1)
    assert shown is not None
    assert (shown["message"], shown["state"]) == (None, "cancelled")
    assert content(core, held, 1) is None
    with pytest.raises(Fault, match="destroyed"):
        evidence.export(core, held, 1)
    listing = views.inbox(core, kind=None, origin=None, status=None, after=None, limit=10)
    assert SECRET not in str(listing)


def test_no_receipt_states_recalled_or_reveals_the_hold(two: Two, held: str) -> None:
    two.to_th()
    assert stages(two) & {"recalled"} == set()
    state = two.states(held)
    assert (state["state"], state["recalled"]) == ("stored", None)
    assert COURT not in str(state)


def test_walks_and_sweeps_leave_it_alone(two: Two, held: str) -> None:
    core = two.sg.core
    for _ in range(2):
        store_checks.Walk(core).step()
        store_checks.find_returned(core)
        assert store_checks.settle(core) == 0
        two.prove(two.sg)
    assert has_text(two.sg, held)
    two.sg.restart()
    store_checks.Walk(two.sg.core).step()
    assert store_checks.settle(two.sg.core) == 0
    assert has_text(two.sg, held)
    assert views.message(two.sg.core, held, 1)["message"] is None  # type: ignore[index]  # it is there


def test_the_end_completes_the_recall(two: Two, held: str) -> None:
    assert release(two.sg, held) == ["waits", "ended"]
    assert not has_text(two.sg, held)
    two.to_th()
    assert two.states(held)["state"] == "recalled"
    lines = rows(two.sg, "select who, what, about from audit where what like 'hold%' order by n")
    assert lines == [
        ("anan", "hold-add-ask", held), ("boon", "hold-add", f"{held} with anan"), ("anan", "hold-end-ask", held),
        ("chai", "hold-end", f"{held} with anan"),
    ]  # fmt: skip
    assert COURT not in str(lines)


def test_it_ends_by_its_date(two: Two, held: str) -> None:
    two.sg.now = until(two.sg) - 1
    assert holds.end_over(two.sg.core) == 0
    two.sg.now += 1
    assert holds.end_over(two.sg.core) == 1
    assert not has_text(two.sg, held)
    two.prove(two.sg)
    assert "recalled" in stages(two)
    assert rows(two.sg, "select who, about from audit where what = 'hold-over'") == [("gateway", held)]


def test_an_end_that_was_requested_of_an_earlier_hold_is_void(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    hold(two.sg, id_, days=1)
    assert [each["verdict"] for each in [holds.end(two.sg.core, id_, "anan")] if each] == ["waits"]
    two.sg.now += limits.DAY
    assert holds.end_over(two.sg.core) == 1
    assert hold(two.sg, id_) == ["waits", "held"]
    answers = [holds.end(two.sg.core, id_, who) for who in ("chai", "anan")]
    assert [each["verdict"] for each in answers if each] == ["waits", "ended"]


def test_without_a_recall_the_end_destroys_nothing(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    hold(two.sg, id_)
    assert views.message(two.sg.core, id_, None)["message"] is not None  # type: ignore[index]  # it is there
    assert release(two.sg, id_) == ["waits", "ended"]
    assert has_text(two.sg, id_)
    assert views.message(two.sg.core, id_, None)["message"] is not None  # type: ignore[index]  # it is there


def test_a_destroyed_text_is_not_held(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    with pytest.raises(Fault, match="destroyed"):
        holds.add(two.sg.core, id_, "anan", COURT, until(two.sg))
    assert rows(two.sg, "select count(*) from proposal") == [(0,)]


def test_a_revision_that_comes_during_the_hold_is_kept_too(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    hold(two.sg, id_)
    two.publish(new("b", id=id_, rev=2, action="update"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    kept = rows(two.sg, f"select rev, body is not null from message where id = '{id_}' order by rev")
    assert kept == [(1, 1), (2, 1), (3, 1)]
    assert views.message(two.sg.core, id_, 2)["message"] is None  # type: ignore[index]  # it is there
    release(two.sg, id_)
    kept = rows(two.sg, f"select rev, body is not null from message where id = '{id_}' order by rev")
    assert kept == [(1, 0), (2, 0), (3, 1)]


def test_one_person_holds_and_ends_nothing(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    end = until(two.sg)
    for _ in range(2):
        assert holds.add(two.sg.core, id_, "anan", COURT, end)["verdict"] == "waits"  # type: ignore[index]  # it is there
    assert not two.sg.core.held_by_law
    assert holds.add(two.sg.core, id_, "boon", "another court", end)["verdict"] == "waits"  # type: ignore[index]  # it is
    assert not two.sg.core.held_by_law
    two.sg.now += 8 * limits.DAY
    assert holds.add(two.sg.core, id_, "boon", COURT, end)["verdict"] == "waits"  # type: ignore[index]  # it expired
    assert holds.add(two.sg.core, id_, "anan", COURT, end)["verdict"] == "held"  # type: ignore[index]  # it is there
    with pytest.raises(Fault, match="already"):
        holds.add(two.sg.core, id_, "anan", COURT, end)


@pytest.mark.parametrize(
    ("authority", "days", "expected"),
    [("", 1, "authority"), ("x" * 201, 1, "authority"), ("a\nb", 1, "authority"), (COURT, 0, "future"),
     (COURT, 4000, "ten years")],
)  # fmt: skip
def test_a_request_is_checked(two: Two, authority: str, days: int, expected: str) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    with pytest.raises(Fault, match=expected):
        holds.add(two.sg.core, id_, "anan", authority, until(two.sg, days))


def test_our_own_text_is_not_erased_meanwhile(two: Two) -> None:
    id_ = two.publish_and_cancel(new("a"))
    hold(two.th, id_)
    with pytest.raises(Fault, match="legal hold"):
        erasing.erase(two.th.core, id_, "anan")
    release(two.th, id_)
    assert has_text(two.th, id_), "ours is not destroyed by a recall"


async def test_the_authority_is_sealed_and_listed_with_an_audit_line(two: Two, held: str) -> None:
    files = b"".join(path.read_bytes() for path in sorted(two.sg.folder.iterdir()) if path.is_file())
    assert COURT.encode() not in files
    [row] = await Custody(two.sg.unlent).holds("boon")
    assert (row["id"], row["authority"], row["persons"], row["recalled"]) == (held, COURT, ["anan", "boon"], True)
    assert two.sg.aside(rows, two.sg, "select who from audit where what = 'hold-list'") == [("boon",)]


@pytest.mark.parametrize("sql", ["delete from legal_hold", "update legal_hold set until = until - 5"])
def test_the_store_s_writer_ends_no_hold(two: Two, held: str, sql: str) -> None:
    """A row that lacks or was altered closes the store: nothing is destroyed on its word."""
    with stores.outsider(two.sg.folder) as store:
        assert store.execute(sql).rowcount == 1
    two.sg.core.close()
    with pytest.raises(Fault) as fault:
        two.sg.restart()
    assert "legal_hold" in fault.value.text
    with stores.outsider(two.sg.folder) as store:
        found = store.execute("select body is not null from message where id = ? and rev = 1", (held,)).fetchone()
    assert found == (1,)


def quarantined(two: Two, id_: str) -> int:
    """A copy of the text lies in SG's quarantine, and what is destroyed is looked for again; the copy's size."""
    row = {"sender": "TH", "code": "E-X", "rule": "F9", "frame_hash": None, "place": 0, "at": 1, "path": "$"}
    data = b'{"id": "%s", "rev": 1}' % id_.encode()
    with two.sg.core.transaction() as connection:
        incidents.quarantine(connection, two.sg.core.vault, row, [({}, data)])
    two.sg.core.due.note_destroyed()
    two.prove(two.sg)
    return len(data)


def test_quarantine_keeps_what_a_hold_keeps(two: Two, held: str) -> None:
    size = quarantined(two, held)
    assert rows(two.sg, "select size from quarantine") == [(size,)]
    release(two.sg, held)
    two.prove(two.sg)
    assert rows(two.sg, "select size from quarantine") == [(0,)]
