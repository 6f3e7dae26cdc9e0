"""Alerts that are to be acknowledged in time: reminder, escalation, and what the publisher sees of who did not."""

from pathlib import Path
from typing import Any

import pytest

from suar.languages.rendering import reading
from suar.languages.tags import ENGLISH
from suar.observe.hooks import Overdue
from suar.observe.metrics import Metrics
from suar.profiles import profiles
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.notify import deadlines
from suar.service.reading import views
from suar.service.settings import escalation
from suar.service.settings.config import load
from support.corekit import CoreKit, epoch_of, frame_of
from support.kit import actor, alert, open_sending
from support.pairs import Two, new, record_statement

HOURS = 4


def publish(two: Two, **changes: Any) -> str:
    [id_] = two.publish(new("a") | {"urgency": "immediate", "ack_within": HOURS} | changes)
    two.to_sg()
    two.to_th()
    return id_


def after(two: Two, hours: float) -> dict[str, list[tuple[str, str]]]:
    """(member, who is told) at each gateway within a look that long after the sending."""
    found = {}
    for name, kit in (("TH", two.th), ("SG", two.sg)):
        kit.now = two.start + int(hours * limits.HOUR)
        kit.records.clear()
        deadlines.process_due(kit.core)
        found[name] = [(each.member, each.role) for each in kit.records if isinstance(each, Overdue)]
    return found


def test_three_steps_at_the_receiver_two_at_the_publisher(two: Two) -> None:
    publish(two)
    assert after(two, 1.9) == {"TH": [], "SG": []}
    assert after(two, 2.1) == {"TH": [], "SG": [("SG", "duty-officer")]}
    assert after(two, 2.2) == {"TH": [], "SG": []}
    assert after(two, 4.1) == {"TH": [("SG", "focal-point")], "SG": [("SG", "focal-point")]}
    two.sg.restart()
    assert after(two, 6.1) == {"TH": [("SG", "national-coordinator")], "SG": [("SG", "national-coordinator")]}
    assert after(two, 11) == {"TH": [], "SG": []}


def test_an_answer_ends_it_at_both(two: Two) -> None:
    id_ = publish(two)
    assert after(two, 2.1)["SG"]
    record_statement(two, id_, "acting")
    two.to_th()
    assert after(two, 4.1) == {"TH": [], "SG": []}
    assert two.states(id_)["overdue"] is False


def test_deliveries_show_who_is_late(two: Two) -> None:
    id_ = publish(two)
    found = views.deliveries(two.th.core, id_)
    assert found is not None
    assert (found["acknowledge_by"] is not None, two.states(id_)["overdue"]) == (True, False)
    two.th.now += 5 * limits.HOUR
    assert two.states(id_)["overdue"] is True


@pytest.mark.parametrize("change", ["cancel", "update"])
def test_what_was_taken_back_or_changed_is_waited_for_no_more(two: Two, change: str) -> None:
    id_ = publish(two)
    if change == "cancel":
        two.cancel(id_)
    else:
        two.publish(new("b", id=id_, action="update"))
    two.to_sg()
    assert after(two, 4.1) == {"TH": [], "SG": []}


def test_without_a_time_nobody_is_waited_for(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert after(two, 100) == {"TH": [], "SG": []}
    found = views.deliveries(two.th.core, id_)
    assert found is not None
    assert found["acknowledge_by"] is None


def test_who_was_away_is_not_woken_for_what_is_long_over(two: Two) -> None:
    publish(two)
    assert after(two, 3 * HOURS + 1) == {"TH": [], "SG": []}


def _settings(two: Two, *lines: str) -> None:
    """The same at both, read at a start."""
    for kit in (two.th, two.sg):
        with (kit.folder / "suar.toml").open("a", encoding="utf-8") as file:
            file.write("\n[escalation]\n" + "\n".join(lines) + "\n")
        kit.restart()


def test_another_profile_has_other_steps(two: Two) -> None:
    """Before the deadline the publisher leaves the others their time, whatever the step is called."""
    _settings(two, 'profile = "early"')
    publish(two)
    assert after(two, 0.9) == {"TH": [], "SG": []}
    assert after(two, 1.1) == {"TH": [], "SG": [("SG", "duty-officer")]}
    assert after(two, 2.1) == {"TH": [], "SG": [("SG", "focal-point")]}
    assert after(two, 4.1) == {"TH": [("SG", "national-coordinator")], "SG": [("SG", "national-coordinator")]}
    assert after(two, 9) == {"TH": [], "SG": []}


def test_a_country_moves_a_step(two: Two) -> None:
    _settings(two, "duty_officer = 75", "national_coordinator = 250")
    publish(two)
    assert after(two, 2.9) == {"TH": [], "SG": []}
    assert after(two, 3.1)["SG"] == [("SG", "duty-officer")]
    assert after(two, 4.1)["SG"] == [("SG", "focal-point")]
    assert after(two, 9.9)["SG"] == []
    assert after(two, 10.1)["SG"] == [("SG", "national-coordinator")]


def test_every_published_profile_has_three_steps_in_their_order() -> None:
    for name in profiles().escalation:
        plan = escalation.steps(escalation.Escalation(profile=name))
        assert [step.role for step in plan] == ["duty-officer", "focal-point", "national-coordinator"]
        percents = [step.percent for step in plan]
        assert percents == sorted(set(percents))
        assert percents[0] > 0
        assert percents[-1] <= escalation.LATEST < 100 * deadlines.LONG_OVER


@pytest.mark.parametrize(
    ("lines", "key", "allowed"),
    [
        ('profile = "late"', "escalation.profile", "one of standard, early"),
        ("duty_officer = 100", "escalation.duty_officer", "each step later than the one before"),
        ("focal_point = 30", "escalation.duty_officer", "each step later"),
        ("national_coordinator = 251", "escalation.national_coordinator", "percent of ack_within from 1 to 250"),
        ("minister = 10", "escalation.minister", "the keys profile"),
    ],
)
def test_steps_that_cannot_be(tmp_path: Path, lines: str, key: str, allowed: str) -> None:
    text = f'[member]\ncode = "TH"\nname = "Thailand"\n[escalation]\n{lines}\n'
    (tmp_path / "suar.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Fault) as fault:
        load(tmp_path, {})
    assert key in fault.value.text
    assert allowed in fault.value.text


def test_they_are_counted() -> None:
    metrics = Metrics("0")
    metrics([Overdue(at=0, id="TH-ALERT-2027-000001", rev=1, member="SG", role="focal-point")])
    name = {"member": "SG", "role": "focal-point"}
    assert metrics.registry.get_sample_value("suar_acknowledge_overdue_total", name) == 1


# -- from when the time counts


def of_others(kit: CoreKit, sent: int, **changes: Any) -> None:
    """An alert of VN that names a time of its own as the one of its sending."""
    times = {"sent": instant(sent), "expires": instant(sent + 80 * limits.DAY), "urgency": "immediate"}
    sending = open_sending(actor("VN"), kit.lists)
    data = alert("VN-ALERT-2027-000300", **(times | {"ack_within": 1} | changes))
    kit.receive(epoch_of(sending), frame_of(sending, data))


def title_for(kit: CoreKit, id_: str) -> str:
    shown = views.message(kit.core, id_, None)
    assert shown is not None
    return " ".join(" ".join(reading.shown(shown, ENGLISH)).split())


def line_of(kit: CoreKit) -> dict[str, Any]:
    (found,) = views.inbox(kit.core, kind=None, origin="VN", status=None, after=None, limit=10, order="urgency")
    return found


def test_an_alert_that_is_dated_back_makes_nobody_late_before_it_came(two: Two) -> None:
    received_at = two.sg.now
    of_others(two.sg, received_at - 30 * limits.HOUR)
    assert line_of(two.sg)["acknowledge_by"] == instant(received_at + limits.HOUR)
    assert "the time to acknowledge counts from when it came" in title_for(two.sg, "VN-ALERT-2027-000300")
    assert after(two, 0.4)["SG"] == []
    assert after(two, 0.6)["SG"] == [("SG", "duty-officer")]
    assert after(two, 1.1)["SG"] == [("SG", "focal-point")]


def test_an_alert_of_a_far_time_to_come_is_due_as_if_it_were_of_now(two: Two) -> None:
    received_at = two.sg.now
    of_others(two.sg, received_at + 72 * 365 * limits.DAY)
    assert line_of(two.sg)["acknowledge_by"] == instant(received_at + limits.CLOCK_TOLERANCE + limits.HOUR)
    assert after(two, 1.2)["SG"] == [("SG", "duty-officer"), ("SG", "focal-point")]


def test_who_had_it_late_is_late_from_then_at_its_publisher_too(two: Two) -> None:
    [id_] = two.publish(new("a") | {"urgency": "immediate", "ack_within": HOURS})
    kept = two.leave(two.th)
    two.th.now = two.sg.now = two.start + 3 * limits.HOUR
    two.sg.receive(*kept)
    two.to_th()
    assert "counts from when it came" in title_for(two.sg, id_)
    assert "counts from" not in title_for(two.th, id_)
    assert after(two, 4.1) == {"TH": [], "SG": []}
    assert (two.states(id_)["overdue"], two.states(id_)["acknowledge_by"]) == (
        False, instant(two.start + (3 + HOURS) * limits.HOUR)
    )  # fmt: skip
    assert after(two, 7.1) == {
        "TH": [("SG", "focal-point")], "SG": [("SG", "duty-officer"), ("SG", "focal-point")]
    }  # fmt: skip
    assert two.states(id_)["overdue"] is True
    assert after(two, 9.1) == {"TH": [("SG", "national-coordinator")], "SG": [("SG", "national-coordinator")]}


def test_who_does_not_have_it_is_missed_from_its_sending_on(two: Two) -> None:
    [id_] = two.publish(new("a") | {"urgency": "immediate", "ack_within": HOURS})
    two.leave(two.th)
    assert after(two, 4.1)["TH"] == [("SG", "focal-point")]
    assert two.states(id_)["overdue"] is True
