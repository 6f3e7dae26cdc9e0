"""All faults of a draft are told at once, and a desk that nobody can call is a warning before anything leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.service.publish import accepting, checking, held
from suar.service.reading.verdict import Verdict
from support.corekit import CoreKit
from support.gateways import draft
from support.shipped import shipped

NUMBER = "call +63 917 555 0123"


@pytest.fixture
def th(tmp_path: Path) -> CoreKit:
    kit = CoreKit(tmp_path / "th", "TH")
    kit.receive_bundles()
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
def test_what_is_no_message_is_reported_without_its_words(th: CoreKit, made: dict[str, Any]) -> None:
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
    verdict = publish(th, alert)
    assert (verdict.verdict, [each.code for each in verdict.reasons]) == ("published", ["E-MESSAGE-DESK"])


def test_a_desk_in_force_is_none_until_it_is_cancelled_or_over(th: CoreKit) -> None:
    desk = publish(th, contact())
    assert desk.verdict == "published", desk.reasons
    alert = draft("News", ["SG"], expires="2027-01-30T00:00:00Z", desk=desk.id)
    assert checked(th, alert) == []
    assert publish(th, alert).reasons == ()
    th.now += 380 * 24 * 3_600_000
    later = draft("Later", ["SG"], expires="2028-02-20T00:00:00Z", desk=desk.id)
    assert [each["code"] for each in checked(th, later)] == ["E-MESSAGE-DESK"], "its time is over"


def test_a_message_of_ours_that_was_never_published_is_a_warning(th: CoreKit) -> None:
    """Before, nothing was said of it, and readers looked for a message that does not exist."""
    first = publish(th, contact()).id
    absent = {"incident": "TH-ALERT-2027-000999", "pattern": "TH-PATTERN-2027-000999"}
    related = [
        {"rel": "part-of", "id": "TH-ALERT-2027-000998"}, {"rel": "part-of", "id": first},
        {"rel": "part-of", "id": "VN-ALERT-2027-000998"},
    ]  # fmt: skip
    alert = draft("News", ["SG"], expires="2027-01-30T00:00:00Z", desk=first, related=related, **absent)
    found = checked(th, alert)
    assert [(each["code"], each["path"]) for each in found] == [
        ("E-MESSAGE-RELATED", path) for path in ("$.related[0].id", "$.incident", "$.pattern")
    ]
    assert {(each["message"], each["hint"]) for each in found} == {
        ("no message of this id was published here", "suar inbox lists ids"),
    }
    verdict = publish(th, alert)
    assert (verdict.verdict, len(verdict.reasons)) == ("published", 3)


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


def figures(*periods: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(shipped("trend-hotline-monthly", 1))
    for name in ("id", "rev", "sent", "status", "schema"):
        made.pop(name, None)
    made["issuer"].pop("member", None)
    first = made["obs"][0]
    made["obs"] = [{**first, "period": each} for each in periods]
    return made | {"expires": "2027-12-30T00:00:00Z"}


@pytest.mark.parametrize(
    ("period", "is_early"),
    [
        ("2027", False), ("2027-H1", False), ("2027-Q1", False), ("2027-01", False), ("2026-12", False),
        ("2028", True), ("2027-H2", True), ("2027-Q2", True), ("2027-02", True), ("2028-12", True),
    ],
)  # fmt: skip
def test_a_period_that_is_still_to_come_is_a_warning(th: CoreKit, period: str, is_early: bool) -> None:
    """Before, counts of next year were published without a word. The day is 15 January 2027."""
    found = checking.check(th.core, json.dumps(figures("2026-11", period)).encode(), "actual")
    codes = [each["code"] for each in found["reasons"] if each["code"] == "E-MESSAGE-PERIOD"]
    assert found["verdict"] == "pass"
    assert codes == ["E-MESSAGE-PERIOD"] * is_early
    verdict = publish(th, figures("2026-11", period))
    assert verdict.verdict == "published"
    paths = [each.path for each in verdict.reasons if each.code == "E-MESSAGE-PERIOD"]
    assert paths == ["$.obs[1].period"] * is_early


@pytest.mark.parametrize(
    ("scope", "parts", "is_warned"),
    [
        ("national", ("TH-63", "TH-63"), True), ("subnational", ("TH-63", "TH-63"), False),
        ("national", ("TH-63", "TH-27"), False), ("national", ("TH-63", ""), False), ("national", ("", ""), False),
    ],
)  # fmt: skip
def test_a_whole_country_with_figures_of_one_part_is_a_warning(
    th: CoreKit, scope: str, parts: tuple[str, str], is_warned: bool
) -> None:
    """Before, readers had "National" above the figures of one province, and nobody was asked."""
    made = figures("2026-11", "2026-12")
    made["coverage"] = {"scope": scope}
    for cell, part in zip(made["obs"], parts, strict=True):
        cell["place"] = {"role": "detection", "country": "TH", **({"admin1": part} if part else {})}
    found = checking.check(th.core, json.dumps(made).encode(), "actual")
    paths = [each["path"] for each in found["reasons"] if each["code"] == "E-MESSAGE-COVERAGE"]
    assert (found["verdict"], paths) == ("pass", ["$.coverage.scope"] * is_warned)
    verdict = publish(th, made)
    assert verdict.verdict == "published"
    assert [each.code for each in verdict.reasons].count("E-MESSAGE-COVERAGE") == is_warned


def held_figures() -> dict[str, Any]:
    """Figures of a period to come, with a name in the text, for which they wait."""
    made = figures("2028")
    made["text"] = [{"lang": "en", "title": "Calls", "summary": "A girl named Malee Suksai called."}]
    return made


def test_what_waits_has_the_warnings_beside_the_reasons_why_it_waits(th: CoreKit) -> None:
    """Before, nothing was said of the period of a message that waited, to its author or to the second person."""
    found = checking.check(th.core, json.dumps(held_figures()).encode(), "actual")
    assert (found["verdict"], [each["code"] for each in found["reasons"]][-1]) == ("hold", "E-MESSAGE-PERIOD")
    verdict = publish(th, held_figures())
    assert (verdict.verdict, verdict.reasons[-1].code) == ("held", "E-MESSAGE-PERIOD")
    (row,) = held.list_held(th.core)
    assert {"E-PRIVACY-NAME", "E-MESSAGE-PERIOD"} <= {each["code"] for each in row["reasons"]}
    assert held.release(th.core, str(verdict.id), "chief").verdict == "published"


@pytest.mark.parametrize("blank", [" ", "\u2800", "\u200b\u200d", "\u00ad", "\u3164 \ufe0f", "\u00a0", "\u115f\u180b"])
@pytest.mark.parametrize("field", ["title", "summary"])
def test_a_text_without_anything_to_see_is_refused(th: CoreKit, field: str, blank: str) -> None:
    made = draft("News", ["SG"], expires="2027-01-30T00:00:00Z")
    made["text"][0][field] = blank
    found = [each for each in checked(th, made) if each["path"] == f"$.text[0].{field}"]
    assert [each["code"] for each in found] == ["E-MESSAGE-FIELD"]
    assert found[0]["message"] == "nothing can be seen in it"
    assert publish(th, made).verdict == "refused"


def test_what_waits_for_a_second_person_says_why_it_waits_and_then_that_its_desk_is_not_in_force(th: CoreKit) -> None:
    held = publish(th, draft("News", ["SG"], expires="2027-01-30T00:00:00Z", severity="extreme"))
    assert (held.verdict, [each.code for each in held.reasons]) == ("held", ["E-SECOND-PERSON", "E-MESSAGE-DESK"])
