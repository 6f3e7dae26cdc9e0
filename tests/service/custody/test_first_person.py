"""The first of two persons of an act still may do it when the second one completes it; else the request is void."""

from collections.abc import Callable

import pytest

from suar.protocol.base import limits
from suar.service.access.authentication import TokenRows
from suar.service.custody import erasing, holds
from suar.service.people import changes
from suar.store.people import persons
from suar.store.people.access import OPERATOR
from support.corekit import CoreKit, rows
from support.pairs import Two, new
from support.tokens import audit_lines, claimed, join

COURT = "Criminal Court, case 17"


def suspend(kit: CoreKit) -> None:
    changes.suspend(kit.core, "anan", OPERATOR)


def set_reader(kit: CoreKit) -> None:
    changes.set_roles(kit.core, "anan", ("reader",), OPERATOR)


def close_in_store(kit: CoreKit) -> None:
    """As in a store whose access was closed by a version that ended nothing with it."""
    with kit.core.transaction() as connection:
        persons.update_person(connection, "anan", {"state": "suspended"})


def revoke(kit: CoreKit) -> None:
    TokenRows(kit.core).revoke("anan-phone", kit.core.clock())


ENDS: dict[str, Callable[[CoreKit], None]] = {
    "suspended": suspend, "without the role": set_reader, "closed before": close_in_store, "revoked": revoke,
}  # fmt: skip


def phones(kit: CoreKit) -> None:
    """Three approvers, each with a token of their own."""
    for name in ("anan", "boon", "chai"):
        join(kit, name, "approver")
        claimed(kit, f"{name}-phone", "approve", user=name)


def add(kit: CoreKit, id_: str, who: str) -> str:
    done = holds.add(kit.core, id_, f"{who}-phone", COURT, kit.now + 30 * limits.DAY)
    assert done is not None
    return str(done["verdict"])


def end(kit: CoreKit, id_: str, who: str) -> str:
    done = holds.end(kit.core, id_, f"{who}-phone")
    assert done is not None
    return str(done["verdict"])


@pytest.mark.parametrize("how", ENDS)
def test_a_hold_that_a_disabled_person_requested_is_not_set_by_one_person(two: Two, how: str) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    phones(two.sg)
    assert add(two.sg, id_, "anan") == "waits"
    ENDS[how](two.sg)
    assert add(two.sg, id_, "boon") == "waits", "the first person's request is void, so this is the first"
    assert [line[1:] for line in audit_lines(two.sg, "hold-add-void")] == [("hold-add-void", f"{id_} of anan-phone")]
    assert add(two.sg, id_, "chai") == "held"
    [row] = [row for row in holds.listed(two.sg.core) if row["state"] == "held"]
    assert row["persons"] == ["boon-phone", "chai-phone"]


@pytest.mark.parametrize("how", ENDS)
def test_nor_is_one_ended(two: Two, how: str) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    phones(two.sg)
    assert [add(two.sg, id_, who) for who in ("boon", "chai")] == ["waits", "held"]
    assert end(two.sg, id_, "anan") == "waits"
    ENDS[how](two.sg)
    assert all(row["state"] == "held" for row in holds.listed(two.sg.core)), "a void one is not listed"
    assert end(two.sg, id_, "boon") == "waits"
    assert end(two.sg, id_, "chai") == "ended"


@pytest.mark.parametrize("how", ENDS)
def test_nor_is_a_text_erased(two: Two, how: str) -> None:
    id_ = two.publish_and_cancel(new("a"))
    phones(two.th)

    def erase(who: str) -> str:
        done = erasing.erase(two.th.core, id_, f"{who}-phone")
        assert done is not None
        return str(done["verdict"])

    assert erase("anan") == "waits"
    ENDS[how](two.th)
    assert erase("boon") == "waits"
    assert rows(two.th, f"select body is not null from message where id = '{id_}' and rev = 1") == [(1,)]
    assert [line[1:] for line in audit_lines(two.th, "erase-void")] == [("erase-void", f"{id_} of anan-phone")]
    assert erase("chai") == "erased"


def test_a_request_does_not_come_back_with_the_access(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    phones(two.sg)
    assert add(two.sg, id_, "anan") == "waits"
    suspend(two.sg)
    changes.resume(two.sg.core, "anan", OPERATOR)
    assert add(two.sg, id_, "boon") == "waits"


def test_the_second_person_may_do_it_too(two: Two) -> None:
    """Their access ended after the call was admitted, and before it was done."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    phones(two.sg)
    assert add(two.sg, id_, "boon") == "waits"
    close_in_store(two.sg)
    assert add(two.sg, id_, "anan") == "waits"


def test_the_request_of_a_token_whose_term_is_over_is_void(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    phones(two.sg)
    two.sg.now += 364 * limits.DAY + 23 * limits.HOUR
    claimed(two.sg, "boon-new", "approve", user="boon")
    end_at = two.sg.now + 30 * limits.DAY
    assert holds.add(two.sg.core, id_, "anan-phone", COURT, end_at)["verdict"] == "waits"  # type: ignore[index]  # it is there
    two.sg.now += 2 * limits.HOUR
    assert holds.add(two.sg.core, id_, "boon-new", COURT, end_at)["verdict"] == "waits"  # type: ignore[index]  # it is there
