"""The ledger has every table that ever left: a cancelled, an expired and an erased one are still compared with."""

import json
from typing import Any

import pytest

from service.publish.test_held import body, draft, table
from suar.service.custody import erasing
from suar.service.publish import accepting
from support.corekit import rows
from support.pairs import Two

FIRST = {"female": 40, "male": 50, "total": 90}
DAY = 86_400_000


def released(two: Two, **changes: Any) -> str:
    """A table that was sent to SG and stored there."""
    [id_] = two.publish(json.loads(draft(table(FIRST), **changes)))
    two.to_sg()
    two.to_th()
    return id_


def is_compared(two: Two) -> bool:
    """Whether 42 women, who were 40 before, leave hidden, and their author is told why."""
    [verdict] = accepting.accept(two.th.core, [(table({"female": 42}), None)], realm="actual", token="desk")
    assert verdict.verdict == "published", verdict
    left = [(item["value"], item["status"]) for item in body(two.th, str(verdict.id))["obs"]]
    codes = [reason.code for reason in verdict.reasons]
    assert (left, codes) in (([(None, "S")], ["E-PRIVACY-MOVED"]), ([(42, "A")], []))
    return left == [(None, "S")]


def test_without_an_earlier_table_it_is_shown(two: Two) -> None:
    assert not is_compared(two)


def test_a_cancelled_table_is_compared(two: Two) -> None:
    two.cancel(released(two))
    assert is_compared(two)


def test_an_expired_table_is_compared(two: Two) -> None:
    released(two, expires="2027-01-20T00:00:00Z")
    two.th.now += 30 * DAY
    assert is_compared(two)


@pytest.mark.parametrize("how", ["cancelled", "expired"])
def test_an_erased_table_is_compared(two: Two, how: str) -> None:
    id_ = released(two, expires="2027-01-20T00:00:00Z")
    if how == "expired":
        two.th.now += 30 * DAY
    else:
        two.cancel(id_)
        two.to_sg()
        two.to_th()
    for who in ("anan", "boon"):
        done = erasing.erase(two.th.core, id_, who)
    assert done is not None
    assert done["verdict"] == "erased"
    two.prove(two.th)
    assert [row.body for row in rows(two.th, f"select body from message where id = '{id_}' and rev = 1")] == [None]
    assert is_compared(two)
