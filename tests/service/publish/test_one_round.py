"""All faults of a draft are told at once, and a desk that nobody can call is a warning before anything leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.service.publish import accepting, checking
from suar.service.reading.verdict import Verdict
from support.corekit import CoreKit
from support.gateways import draft

NUMBER = "call +63 917 555 0123"


@pytest.fixture
def th(tmp_path: Path) -> CoreKit:
    kit = CoreKit(tmp_path / "th", "TH")
    kit.give_bundles()
    return kit


def publish(kit: CoreKit, made: dict[str, Any], realm: str = "actual") -> Verdict:
    return accepting.accept(kit.core, [(json.dumps(made).encode(), None)], realm=realm, token="desk")[0]


def checked(kit: CoreKit, made: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = checking.check(kit.core, json.dumps(made).encode(), "actual")["reasons"]
    return found


def with_number(**changes: Any) -> dict[str, Any]:
    made = draft("News", ["SG"], expires="2027-01-30T00:00:00Z") | changes
    made["text"][0]["summary"] = NUMBER
    return made


def test_faults_of_the_form_and_of_the_words_come_together(th: CoreKit) -> None:
    """Before, the telephone number was told only once the form was right."""
    reasons = checked(th, with_number(tlp="PINK", urgency="soon"))
    assert {(each["path"], each["code"]) for each in reasons} == {
        ("$.tlp", "E-MESSAGE-CODE"), ("$.urgency", "E-MESSAGE-CODE"),
        ("$.text[0].summary", "E-PRIVACY-IDENTIFIER"),
    }  # fmt: skip
    assert all(each["hint"] for each in reasons)


def test_faults_of_the_audience_and_of_the_words_come_together(th: CoreKit) -> None:
    made = with_number(audience={"members": ["SG", "XA"]})
    for reasons in (checked(th, made), [each.shape() for each in publish(th, made).reasons]):
        assert {each["code"] for each in reasons} == {"E-AUDIENCE-EMPTY", "E-PRIVACY-IDENTIFIER"}


@pytest.mark.parametrize(
    "made", [{"kind": 7}, {"kind": "memo"}, {"text": NUMBER}, {}, {"kind": "alert", "text": [3, {"summary": 4}]}]
)
def test_what_is_no_message_is_told_without_its_words(th: CoreKit, made: dict[str, Any]) -> None:
    reasons = checked(th, made)
    assert reasons
    assert all(each["code"].startswith("E-MESSAGE-") for each in reasons)


def contact(**changes: Any) -> dict[str, Any]:
    made = draft("Desk", ["SG"], expires="2027-12-30T00:00:00Z")
    for name in ("event", "urgency", "severity", "certainty", "request", "desk"):
        del made[name]
    return made | {
        "kind": "contact", "tlp": "GREEN", "service": ["focal-point"], "body": "National desk",
        "source": {"type": "administrative-record", "reliability": "B", "credibility": 2},
        "sector": "law-enforcement", "coverage": {"country": "TH"}, "languages": ["en"], "hours": "always",
        "serves": ["any"], "phone": ["+6622224444"], **changes,
    }  # fmt: skip


def test_a_desk_that_is_not_in_force_is_a_warning(th: CoreKit) -> None:
    alert = draft("News", ["SG"], expires="2027-01-30T00:00:00Z")
    [warning] = checked(th, alert)
    assert (warning["code"], warning["path"]) == ("E-MESSAGE-DESK", "$.desk")
    assert alert["desk"] in warning["message"]
    assert "publish the contact message" in warning["hint"]
    told = publish(th, alert)
    assert (told.verdict, [each.code for each in told.reasons]) == ("published", ["E-MESSAGE-DESK"])


def test_a_desk_in_force_is_none_until_it_is_cancelled_or_over(th: CoreKit) -> None:
    desk = publish(th, contact())
    assert desk.verdict == "published", desk.reasons
    alert = draft("News", ["SG"], expires="2027-01-30T00:00:00Z", desk=desk.id)
    assert checked(th, alert) == []
    assert publish(th, alert).reasons == ()
    th.now += 380 * 24 * 3_600_000
    later = draft("Later", ["SG"], expires="2028-02-20T00:00:00Z", desk=desk.id)
    assert [each["code"] for each in checked(th, later)] == ["E-MESSAGE-DESK"], "its time is over"


def test_a_desk_of_exercises_is_none_for_an_actual_message(th: CoreKit) -> None:
    """Before, readers were given a desk that exists in no actual list, and nobody was warned."""
    made = publish(th, contact(), "exercise")
    alert = draft("News", ["SG"], expires="2027-01-30T00:00:00Z", desk=made.id)
    [warning] = checked(th, alert)
    assert (warning["code"], warning["message"]) == (
        "E-MESSAGE-DESK", f"the contact message {made.id} is an exercise: no actual list has it",
    )  # fmt: skip
    actual = publish(th, contact()).id
    drill = publish(th, alert | {"desk": actual}, "exercise")
    assert (drill.verdict, drill.reasons) == ("published", ())


def test_what_waits_for_a_second_person_says_why_it_waits_alone(th: CoreKit) -> None:
    held = publish(th, draft("News", ["SG"], expires="2027-01-30T00:00:00Z", severity="extreme"))
    assert (held.verdict, {each.code for each in held.reasons}) == ("held", {"E-SECOND-PERSON"})
