"""Two persons end the order that both looked at: its number is its own, and its name is compared."""

import pytest

from service.custody.test_hold_orders import APPEAL, ask, by_two
from service.custody.test_holds import COURT, has_text, release, until
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import instant
from suar.service.custody import holds
from suar.store.people import legal_holds
from support.corekit import CoreKit
from support.pairs import Two, new


@pytest.fixture
def stored(two: Two) -> str:
    """A message of TH that SG has, under the holds 1 of a court and 2 of another one, and recalled."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    by_two(two.sg, id_, COURT)
    by_two(two.sg, id_, APPEAL)
    two.cancel(id_)
    two.to_sg()
    return id_


def end(kit: CoreKit, id_: str, who: str, number: int | None = None, name: str | None = None) -> str:
    done = holds.end(kit.core, id_, who, number, name)
    assert done is not None
    return str(done["verdict"])


def in_force(kit: CoreKit) -> list[tuple[int, str]]:
    return [(row["number"], row["authority"]) for row in holds.listed(kit.core) if row["state"] == "held"]


def name_of(kit: CoreKit, authority: str) -> str:
    return next(str(row["order"]) for row in holds.listed(kit.core) if row["authority"] == authority)


def test_a_call_from_an_earlier_list_ends_no_other_order(two: Two, stored: str) -> None:
    assert [end(two.sg, stored, who, 1) for who in ("chai", "dara")] == ["waits", "ended"]
    for who in ("boon", "chai", "boon", "dara"):
        with pytest.raises(Refused, match="E-CHANGED"):
            end(two.sg, stored, who, 1)
    assert in_force(two.sg) == [(2, APPEAL)]
    assert has_text(two.sg, stored)


def test_each_call_sent_twice_ends_one_order(two: Two, stored: str) -> None:
    answers = []
    for who in ("boon", "chai", "boon", "chai"):
        try:
            answers.append(end(two.sg, stored, who, 1))
        except Refused as refused:
            answers.append(refused.code)
    assert answers == ["waits", "ended", "E-CHANGED", "E-CHANGED"]
    assert in_force(two.sg) == [(2, APPEAL)]


def test_no_later_order_has_the_number_of_one_that_ended(two: Two, stored: str) -> None:
    for who in ("boon", "chai"):
        end(two.sg, stored, who, 2)
    two.sg.restart()
    by_two(two.sg, stored, "a third court")
    assert in_force(two.sg) == [(1, COURT), (3, "a third court")]


def test_nor_after_the_last_one_ended(two: Two) -> None:
    [id_] = two.publish(new("b"))
    two.to_sg()
    by_two(two.sg, id_, COURT)
    assert release(two.sg, id_) == ["waits", "ended"]
    by_two(two.sg, id_, APPEAL)
    assert in_force(two.sg) == [(2, APPEAL)]
    with pytest.raises(Refused, match="E-CHANGED"):
        end(two.sg, id_, "dara", 1)


def test_an_extended_order_is_another_one(two: Two, stored: str) -> None:
    before = name_of(two.sg, COURT)
    end(two.sg, stored, "chai", 1)
    by_two(two.sg, stored, COURT, 60)
    assert in_force(two.sg) == [(2, APPEAL), (3, COURT)]
    for number, name in ((1, None), (None, before), (3, before)):
        with pytest.raises(Refused, match="E-CHANGED"):
            end(two.sg, stored, "dara", number, name)


def test_the_name_of_the_list_ends_the_order(two: Two, stored: str) -> None:
    name = name_of(two.sg, APPEAL)
    with pytest.raises(Refused, match="E-CHANGED"):
        end(two.sg, stored, "chai", 1, name)
    assert [end(two.sg, stored, who, None, name) for who in ("chai", "dara")] == ["waits", "ended"]
    assert in_force(two.sg) == [(1, COURT)]


def test_a_repeated_call_without_a_number_is_no_decision_about_another_order(two: Two) -> None:
    [id_] = two.publish(new("b"))
    two.to_sg()
    by_two(two.sg, id_, COURT)
    assert end(two.sg, id_, "chai") == "waits"
    by_two(two.sg, id_, COURT, 60)
    assert end(two.sg, id_, "dara") == "waits"
    with pytest.raises(Refused, match="E-CHANGED"):
        end(two.sg, id_, "chai")
    assert in_force(two.sg) == [(2, COURT)]
    assert end(two.sg, id_, "chai") == "ended", "the next one is"


def test_a_request_about_an_earlier_order_does_not_shorten_the_later_one(two: Two, stored: str) -> None:
    assert ask(two.sg, stored, "chai", COURT, 40) == "waits"
    by_two(two.sg, stored, COURT, 60)
    assert ask(two.sg, stored, "dara", COURT, 40) == "waits"
    assert in_force(two.sg) == [(2, APPEAL), (3, COURT)]
    [order] = [row for row in holds.listed(two.sg.core) if row["number"] == 3]
    assert order["until"] == instant(until(two.sg, 60))


def test_a_number_that_no_order_had_is_named(two: Two, stored: str) -> None:
    for who in ("boon", "chai"):
        end(two.sg, stored, who, 2)
    with pytest.raises(Fault, match=f"{stored} has no legal hold with the number 3"):
        end(two.sg, stored, "boon", 3)


def test_orders_of_before_have_numbers_and_names_too(two: Two, stored: str) -> None:
    core = two.sg.core
    with core.transaction() as connection:
        row = legal_holds.find(connection, stored)
        assert row is not None
        orders = legal_holds.orders(core.vault, row)
        for order in orders:
            order.salt, order.number = "", 0
        legal_holds.put(connection, core.vault, stored, orders)
    names = [name_of(two.sg, authority) for authority in (COURT, APPEAL)]
    assert len({*names}) == 2
    assert all(len(name) == 64 for name in names)
    assert [end(two.sg, stored, who, 1) for who in ("chai", "dara")] == ["waits", "ended"]
    assert in_force(two.sg) == [(2, APPEAL)]
    assert name_of(two.sg, APPEAL) == names[1]
    assert [end(two.sg, stored, who, 2, names[1]) for who in ("chai", "dara")] == ["waits", "ended"]


def test_the_list_shows_the_order_whose_end_waits(two: Two, stored: str) -> None:
    end(two.sg, stored, "chai", 2)
    two.sg.now += limits.MINUTE
    [row] = [each for each in holds.listed(two.sg.core) if each["state"] == "hold-end-waits"]
    assert (row["number"], row["order"], row["persons"]) == (2, name_of(two.sg, APPEAL), ["chai"])
