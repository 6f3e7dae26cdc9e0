"""Lanes: alerts by urgency, then the rest, then what nobody can act on any more."""

from pathlib import Path
from typing import get_args

import pytest

from suar.protocol.base.codelists import codes
from suar.protocol.message.messages import KINDS, read
from suar.protocol.message.urgency import LANES, OVER, REST, UNKNOWN, lane, lane_on_arrival, urgency_of
from suar.published import schemas_dir
from support.kit import alert

EXAMPLES = sorted((schemas_dir() / "examples/valid").glob("*.json"))


def of(urgency: str, schema: str = "alert/1.0") -> bytes:
    return alert(urgency=urgency, schema=schema, ack_within=24 if urgency == "immediate" else None)


def test_the_lanes_begin_with_the_urgencies_of_the_standard_in_their_order() -> None:
    assert LANES[:5] == ("immediate", "expected", "future", "past", "unknown")
    assert set(LANES[:5]) == set(codes("urgency"))


@pytest.mark.parametrize("urgency", LANES[:5])
def test_an_alert_has_the_lane_of_its_urgency(urgency: str) -> None:
    number = lane(read(of(urgency)))
    assert LANES[number] == urgency
    assert urgency_of(number) == urgency


def test_an_urgency_of_a_later_minor_is_unknown_and_before_every_other_kind() -> None:
    assert lane(read(of("tomorrow", "alert/1.7"))) == UNKNOWN < REST


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_other_kind_comes_after_the_alerts(path: Path) -> None:
    message = read(path.read_bytes())
    assert (lane(message) == REST) == (type(message).__struct_config__.tag != "alert")
    assert type(message) in KINDS.values()


def test_what_had_expired_when_it_came_is_last_whatever_its_urgency() -> None:
    message = read(of("immediate"))
    assert lane_on_arrival(message, "2027-01-15T08:00:00Z", "2027-01-15T08:00:00Z") == OVER
    assert lane_on_arrival(message, "2027-01-15T08:00:01Z", "2027-01-15T08:00:00Z") == 0
    assert urgency_of(OVER) is None
    assert urgency_of(REST) is None


def test_the_orders_are_those_of_the_list() -> None:
    from suar.protocol.message.urgency import Order

    assert get_args(Order) == ("received", "urgency")
