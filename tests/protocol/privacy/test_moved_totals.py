"""A denominator beside a total that moved by little: it stays a number of the proof, though the total is hidden."""

import pytest

from protocol.privacy.histories import Ledger
from protocol.privacy.test_closure import by

BASE = by("sex", {"male": 112, "female": 31}, denominator=197)


@pytest.mark.parametrize(("rows", "hidden"), [({"female": 27}, ["S", "S", "S"]), ({}, ["S", "S"])])
def test_a_hidden_total_does_not_follow_from_those_known_and_those_unknown(
    rows: dict[str, int], hidden: list[str]
) -> None:
    """The total moved from 197 to 189 and is hidden; 135 of known sex and 54 of unknown sex would tell it."""
    ledger = Ledger()
    ledger.publish(BASE, 10)
    ledger.publish(by("sex", {**rows, "unknown": 54, "total": 189}, denominator=135), 10)
    assert [item["status"] for item in ledger.read[1]["obs"]] == hidden
    assert ledger.holds()
