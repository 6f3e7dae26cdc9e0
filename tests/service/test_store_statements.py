"""Whoever writes the database says that another member received or acknowledged a message: nobody believes it."""

import pytest

from suar.protocol.files.auditlog import line_hash
from suar.service.status import auditing
from suar.store.people import access
from support.corekit import CoreKit, alter
from support.pairs import Two, new, record_statement


def stored(two: Two) -> str:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "stored"
    return id_


def found(kit: CoreKit) -> str:
    integrity = kit.core.integrity
    integrity.verify_next(kit.now, lambda: None)
    while integrity.verified_at is None:
        integrity.verify_next(kit.now, lambda: None)
    return str(integrity.finding)


PLANT = (
    "INSERT INTO statement SELECT frame_hash, member, ?, places, code, at + 5000, receipt, mac FROM statement"
    " WHERE stage = 'stored'"
)


@pytest.mark.parametrize(
    "stage", ["acknowledged", "acting", "opened", "recalled", "refused", "nonsense", "held", "sent"]
)
def test_a_statement_that_no_receipt_made_says_nothing(two: Two, stage: str) -> None:
    id_ = stored(two)
    before = two.states(id_)
    alter(two.th, PLANT, values=(stage,))
    assert two.states(id_) == before
    assert "table statement" in found(two.th)


def test_a_statement_that_was_changed_says_nothing(two: Two) -> None:
    id_ = stored(two)
    alter(two.th, "UPDATE statement SET stage = 'acknowledged'")
    assert two.states(id_)["state"] == "sent"
    assert "table statement" in found(two.th)


def test_a_row_of_the_gateway_of_no_known_stage_fails_nothing(two: Two) -> None:
    id_ = stored(two)
    with two.th.core.transaction() as connection:
        connection.exec_driver_sql(PLANT, ("nonsense",))
    assert two.states(id_)["state"] == "stored"


def test_what_was_stated_of_one_message_is_not_stated_of_another(two: Two) -> None:
    """A row of `place` that has another message stand in the frame of one that was acknowledged."""
    one = stored(two)
    record_statement(two, one, "acknowledged")
    two.to_th()
    assert two.states(one)["state"] == "acknowledged"
    [other] = two.publish(new("b"))
    two.leave(two.th)
    alter(
        two.th, "INSERT INTO place SELECT frame_hash, place + 1, ?, rev, owed, mac FROM place WHERE id = ?",
        values=(other, one),
    )  # fmt: skip
    alter(two.th, "UPDATE statement SET places = ',0,1,' WHERE places = ''")
    assert two.states(other)["state"] == "sent"
    assert "table place" in found(two.th)


@pytest.mark.parametrize("state", ["acknowledged", "refused"])
def test_a_delivery_that_nobody_made_says_nothing(two: Two, state: str) -> None:
    id_ = stored(two)
    alter(two.th, "INSERT INTO delivery VALUES (?, 1, 'SG', ?, 1, 1, 1, 'E-X', NULL)", values=(id_, state))
    assert two.states(id_)["state"] == "stored"
    assert "table delivery" in found(two.th)


def test_a_frame_that_was_stated_to_be_answered_is_found(two: Two) -> None:
    two.publish(new("a"))
    two.leave(two.th)
    alter(two.th, "UPDATE own_frame SET waits = ''")
    assert "table own_frame" in found(two.th)


def test_nothing_is_signed_over_an_audit_without_the_line_of_the_last_head(two: Two) -> None:
    """Rewritten from before that line on, in a transaction of the gateway, so that its account follows."""
    kit = two.th
    with kit.core.transaction() as connection:
        for n in range(3):
            access.note(connection, "mallory", "publish", str(n), kit.now)
    assert auditing.sign(kit.core)
    with kit.core.transaction() as connection:
        lines = connection.exec_driver_sql("SELECT n, at, who, what, about FROM audit ORDER BY n").all()
        connection.exec_driver_sql("DELETE FROM audit_head")
        digest = bytes(32)
        for n, at, who, what, about in lines:
            named = "desk" if who == "mallory" else who
            digest = line_hash(digest, n, at, named, what, about)
            connection.exec_driver_sql("UPDATE audit SET who = ?, hash = ? WHERE n = ?", (named, digest, n))
        access.note(connection, "operator", "audit", "read", kit.now)
    kit.restart()
    assert not auditing.sign(kit.core)
    assert kit.core.audit.broken is not None
