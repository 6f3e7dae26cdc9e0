"""Legal holds and exports that receipts of receipt/1.1 tell to the publisher, and those that they must not tell."""

import json
from typing import Any

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import Entry
from suar.protocol.message.messages import read
from suar.service.core.core import Core
from suar.service.custody import holds
from suar.service.receipts import receipts
from suar.service.receipts.receipts import SEALED_AS, reported_exports
from suar.service.status.hub_link import FINE
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.status.why import why
from suar.store.outbound import own_statements
from support import read_out, stores
from support.corekit import CoreKit, rows
from support.pairs import SECRET, Two, new

COURT = "Criminal Court, case 17"
SEEN = ProcessState(
    BusState(is_connected=True, source_active_seconds=0.1, link=FINE), is_settled=True, has_stood_down=False
)
SETTING = "write_receipt_1_1 = true"


def switch_on(kit: CoreKit) -> None:
    settings = kit.folder / "suar.toml"
    text = settings.read_text()
    assert "heartbeat_seconds = 30" in text
    settings.write_text(text.replace("heartbeat_seconds = 30", f"heartbeat_seconds = 30\n{SETTING}"))
    kit.restart()


def hold(kit: CoreKit, id_: str, disclosure: str) -> None:
    until = kit.now + 30 * limits.DAY
    done = [holds.add(kit.core, id_, who, COURT, until, disclosure) for who in ("anan", "boon")]
    assert [each["verdict"] for each in done if each] == ["waits", "held"]


def end(kit: CoreKit, id_: str) -> None:
    done = [holds.end(kit.core, id_, who) for who in ("anan", "chai")]
    assert [each["verdict"] for each in done if each] == ["waits", "ended"]


def received(core: Core) -> list[Any]:
    """The receipts that the publisher keeps, the oldest first."""
    with core.transaction() as connection:
        found = connection.exec_driver_sql("select data from receipt order by at, digest").all()
    return [read(bytes(core.vault.unwrap(row.data, SEALED_AS))) for row in found]


def recalled(two: Two, disclosure: str, exports: int = 0) -> str:
    """A message that SG exported and holds, and then TH recalls; what SG says of it has come back."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    for n in range(exports):
        assert read_out.content(two.sg.core, id_, 1, f"desk-{n}") is not None
    hold(two.sg, id_, disclosure)
    two.cancel(id_)
    two.to_sg()
    two.to_th()
    return id_


@pytest.fixture
def newer(two: Two) -> Two:
    """SG writes receipt/1.1."""
    switch_on(two.sg)
    return two


def test_a_hold_is_reported_as_a_fact(newer: Two) -> None:
    id_ = recalled(newer, "fact")
    for rev in (1, 2):  # the text and its cancel
        state = newer.states(id_, rev)
        assert (state["state"], state["recalled"], state["notes"]) == ("held-by-law", None, [])
        assert state["held_by_law"] is not None
    statements = [each for each in received(newer.th.core) if each.stage == "held-by-law"]
    assert [(each.schema, each.role, each.exports) for each in statements] == [("receipt/1.1", "gateway", 0)]
    assert COURT not in str(statements)
    found = why(newer.th.core, id_, "SG", SEEN)
    assert found is not None
    assert (found["cause"], found["values"]["authority"]) == ("held-by-law", None)


def test_the_name_of_the_authority_is_reported_where_that_is_allowed(newer: Two) -> None:
    id_ = recalled(newer, "authority")
    for rev in (1, 2, None):  # also beside the cancel, where its publisher looks
        [note] = newer.states(id_, rev)["notes"]
        assert (note["stage"], note["role"], note["note"]) == ("held-by-law", "gateway", COURT)
    found = why(newer.th.core, id_, "SG", SEEN)
    assert found is not None
    assert (found["cause"], found["values"]["authority"]) == ("held-by-law", COURT)


def test_a_hold_that_may_not_be_reported_sends_no_receipt(newer: Two) -> None:
    id_ = recalled(newer, "nothing", exports=2)
    state = newer.states(id_, 1)
    assert (state["state"], state["held_by_law"], state["exports"]) == ("stored", None, None)
    assert {each.schema for each in received(newer.th.core)} == {"receipt/1.0"}
    assert rows(newer.sg, "select stage from own_statement where stage in ('held-by-law', 'recalled')") == []


def test_nothing_of_the_later_minor_is_written_until_it_is_switched_on(two: Two) -> None:
    id_ = recalled(two, "authority", exports=2)
    assert two.states(id_, 1)["state"] == "stored"
    end(two.sg, id_)
    two.to_th()
    assert (two.states(id_, 1)["state"], two.states(id_, 1)["exports"]) == ("recalled", None)
    assert {each.schema for each in received(two.th.core)} == {"receipt/1.0"}


def test_the_end_of_the_hold_says_recalled(newer: Two) -> None:
    id_ = recalled(newer, "fact", exports=1)
    end(newer.sg, id_)
    newer.to_th()
    state = newer.states(id_, 1)
    assert (state["state"], state["exports"]) == ("recalled", 1)
    assert newer.states(id_, 2)["state"] == "recalled"
    body = rows(newer.sg, f"select body is null from message where id = '{id_}' and rev = 1")
    assert body == [(1,)]


def test_what_is_reported_again_after_a_restore_is_no_alarm(newer: Two) -> None:
    id_ = recalled(newer, "fact")
    end(newer.sg, id_)
    newer.to_th()
    with newer.sg.core.transaction() as connection:
        assert own_statements.requeue_since(connection, 0) > 1
        newer.sg.core.due.note_statements()
    newer.to_th()
    assert newer.states(id_, 1)["state"] == "recalled"
    assert rows(newer.sg, "select state from own_statement where state = 'altered'") == []


def test_exports_before_a_recall_are_reported_by_their_count(newer: Two) -> None:
    ids = newer.publish(new("a"), new("b"))
    newer.to_sg()
    for who in ("desk", "program", "desk-of-labour"):
        assert read_out.content(newer.sg.core, ids[0], 1, who) is not None
    for id_ in ids:
        newer.cancel(id_)
    newer.to_sg()
    newer.to_th()
    for rev in (1, 2):
        assert [newer.states(id_, rev)["exports"] for id_ in ids] == [3, 0]
    statements = [each for each in received(newer.th.core) if each.stage == "recalled"]
    assert {each.schema for each in statements} == {"receipt/1.1"}
    for name in ("desk", "program", "labour"):
        assert name not in str(statements), "counts only"


def test_a_publisher_s_store_that_was_edited_reports_no_count(newer: Two) -> None:
    id_ = recalled(newer, "fact", exports=2)
    assert newer.states(id_, 1)["exports"] == 2
    core = newer.th.core
    [row] = rows(newer.th, "select digest, data from receipt where stage = 'held-by-law'")
    plain = json.loads(bytes(core.vault.unwrap(row.data, SEALED_AS))) | {"exports": 0}
    other = core.vault.wrap(json.dumps(plain).encode(), SEALED_AS)
    assert reported_exports(core.vault, row.digest, row.data) == 2
    assert reported_exports(core.vault, row.digest, other) is None, "another receipt in its place"
    assert reported_exports(core.vault, row.digest, b"x" * 64) is None


def insert_statement(kit: CoreKit, id_: str) -> None:
    """As whoever writes the store: the first revision is held by law."""
    with stores.outsider(kit.folder) as store:
        store.execute(
            "insert into own_statement (id, rev, stage, role, at, who, state) "
            "values (?, 1, 'held-by-law', 'gateway', ?, 'gateway', 'due')",
            (id_, kit.now),
        )
    kit.core.due.note_statements()


def test_no_hold_is_reported_that_is_not_in_force(newer: Two) -> None:
    """The store's writer cannot have the gateway sign that a text is held which is not, nor what may not be told."""
    id_ = recalled(newer, "nothing")
    insert_statement(newer.sg, id_)
    newer.to_th()
    assert newer.states(id_, 1)["state"] == "stored"
    assert rows(newer.sg, "select state from own_statement where stage = 'held-by-law'") == [("altered",)]


def test_it_counts_for_what_was_cancelled_alone(newer: Two) -> None:
    """A member cannot say of a text that was not recalled that it withholds it from its people."""
    id_ = recalled(newer, "fact")
    [other] = newer.publish(new("b"))
    newer.to_sg()
    newer.to_th()
    frames = rows(newer.th, f"select p.frame_hash, p.place from place p where p.id = '{other}'")
    entries = [Entry(frame=row.frame_hash.hex(), messages=(row.place,)) for row in frames]
    data = receipts.make_receipt("SG", "actual", "held-by-law", entries, newer.sg.now)
    message = read(data)
    with newer.th.core.transaction() as connection:
        receipts.apply_receipt(newer.th.core, connection, message, data)  # type: ignore[arg-type]  # it is one
    assert newer.states(other)["state"] == "stored"
    assert newer.states(id_, 1)["state"] == "held-by-law"


def test_a_stage_of_a_later_minor_is_kept_and_shown_as_nothing(two: Two) -> None:
    """As a gateway of receipt/1.0 reads receipt/1.1: nothing is refused, nothing is claimed."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    two.cancel(id_)
    [row] = rows(two.th, f"select frame_hash, place from place where id = '{id_}' and rev = 1")
    data = receipts.make_receipt(
        "SG", "actual", "held-by-law", [Entry(frame=row.frame_hash.hex(), messages=(row.place,))], two.th.now
    )
    later = data.replace(b"receipt/1.1", b"receipt/1.2").replace(b"held-by-law", b"hidden-by-law")
    message = read(later)
    with two.th.core.transaction() as connection:
        receipts.apply_receipt(two.th.core, connection, message, later)  # type: ignore[arg-type]  # it is one
    state = two.states(id_, 1)
    assert (state["state"], state["held_by_law"], state["exports"]) == ("stored", None, None)
    assert len([each for each in received(two.th.core) if each.stage == "hidden-by-law"]) == 1


def test_a_person_is_not_named_to_the_publisher(newer: Two) -> None:
    [id_] = newer.publish(new("a"))
    newer.to_sg()
    until = newer.sg.now + limits.DAY
    with pytest.raises(Fault, match="cannot be told"):
        holds.add(newer.sg.core, id_, "anan", "call +66 81 234 5678", until, "authority")
    assert holds.add(newer.sg.core, id_, "anan", "call +66 81 234 5678", until, "fact") is not None


def test_what_may_be_reported_survives_a_restart_and_both_persons_mean_it(newer: Two) -> None:
    [id_] = newer.publish(new("a"))
    newer.to_sg()
    until = newer.sg.now + 30 * limits.DAY
    holds.add(newer.sg.core, id_, "anan", COURT, until, "nothing")
    assert holds.add(newer.sg.core, id_, "boon", COURT, until, "authority")["verdict"] == "waits"  # type: ignore[index]  # it is
    holds.add(newer.sg.core, id_, "boon", COURT, until, "nothing")
    newer.sg.restart()
    newer.cancel(id_)
    newer.to_sg()
    newer.to_th()
    assert newer.states(id_, 1)["state"] == "stored"
    [row] = holds.listed(newer.sg.core)
    assert (row["tell"], row["recalled"]) == ("nothing", True)
    assert SECRET not in str(row)
