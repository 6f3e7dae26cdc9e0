"""A text that nobody is given is never said to be opened: nothing about a recalled revision betrays that it is held."""

import asyncio

import pytest

from service.custody.test_holds_disclosed import hold, received, switch_on
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.reading import human_receipts, views
from support.corekit import rows
from support.evidence_keys import KEYS, configure
from support.pairs import Two, new


def traces_of_reading(two: Two) -> list[str]:
    """The stages and acts that say that somebody at SG opened something: in its store, its audit, and at TH."""
    two.to_th()
    stated = rows(two.sg, "select stage from own_statement where stage = 'opened'")
    noted = rows(two.sg, "select what as stage from audit where what = 'open'")
    return [each.stage for each in (*stated, *noted, *received(two.th.core)) if each.stage in ("opened", "open")]


def recalled(two: Two, disclosure: str | None) -> str:
    """A message that nobody at SG has read, and that TH recalls: under a hold there, or destroyed."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    if disclosure is not None:
        hold(two.sg, id_, disclosure)
    two.cancel(id_)
    two.to_sg()
    return id_


@pytest.mark.parametrize("disclosure", [None, "nothing", "fact"])
@pytest.mark.parametrize("is_sealed", [False, True])
def test_reading_a_recalled_text_says_nothing(two: Two, disclosure: str | None, *, is_sealed: bool) -> None:
    switch_on(two.sg)
    if is_sealed:
        configure(two.sg.folder, KEYS)
        two.sg.restart()
    id_ = recalled(two, disclosure)
    assert two.open(id_, 1)["message"] is None
    assert traces_of_reading(two) == []
    assert two.states(id_, 1)["opened"] is None
    assert two.open(id_)["message"] is not None, "the cancel itself is read"
    assert traces_of_reading(two) == ["opened", "open", "opened"]


def test_a_running_gateway_says_nothing_either(two: Two) -> None:
    id_ = recalled(two, "nothing")
    gateway = Gateway(two.sg.unlent, Wake())
    shown = asyncio.run(gateway.message(id_, rev=1, opened_by="analyst", is_person=True))
    assert shown is not None
    assert shown["message"] is None
    assert traces_of_reading(two) == []


def test_a_recall_that_arrives_while_a_text_is_served_is_the_same_with_a_hold_and_without(two: Two) -> None:
    """The audit has who was given it; no receipt is made, since a destroyed text has none."""
    for title, disclosure in (("a", None), ("b", "nothing")):
        [id_] = two.publish(new(title))
        two.to_sg()
        if disclosure is not None:
            hold(two.sg, id_, disclosure)
        shown = views.message(two.sg.core, id_, 1)
        assert shown is not None
        two.cancel(id_)
        two.to_sg()
        human_receipts.note_shown(two.sg.core, shown, "analyst", is_person=True)
        assert rows(two.sg, f"select who from audit where what = 'open' and about = '{id_} 1'") == [("analyst",)]
        assert rows(two.sg, "select stage from own_statement where stage = 'opened'") == []


def test_what_was_read_before_the_recall_stays_said(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert two.open(id_)["message"] is not None
    hold(two.sg, id_, "nothing")
    two.cancel(id_)
    two.to_sg()
    two.to_th()
    assert two.states(id_, 1)["opened"] is not None
