"""Fields with a form: what they take beside what they are for is held at the publisher, and nothing else is."""

import base64
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.protocol.authoring.withdrawal import withdrawal
from suar.protocol.message.kinds import Publication, Receipt
from suar.protocol.message.messages import read
from suar.protocol.privacy.structured import doubts, may_be_words
from suar.protocol.privacy.verdict import judge
from suar.published import schemas_dir

VALID = schemas_dir() / "examples" / "valid"


def message(name: str, **changes: Any) -> Publication:
    body = msgspec.json.decode((VALID / f"{name}.json").read_bytes())
    found = read(msgspec.json.encode({**body, **changes}))
    assert not isinstance(found, Receipt)
    return found


def law(*provisions: str) -> Publication:
    return message("legislation-expanded-act", implements=list(provisions))


def an_alert(**changes: Any) -> Publication:
    return message("alert-new-route", sent="2027-01-15T03:00:00Z", expires="2027-02-01T00:00:00Z", **changes)


def reasons_for(message: Publication) -> list[tuple[str, str]]:
    opinion = judge(message)
    assert opinion.verdict in ("hold", "pass")
    return [(reason.path, reason.code) for reason in opinion.reasons if reason.code.startswith("E-PRIVACY")]


@pytest.mark.parametrize(
    "provision",
    [
        "KANJANA:JAIDEE", "MALEEJAIDEE:0812345678", "PALERMO:6612345678", "ILO:JAIDEE", "ACTIP:12.3.1999",
        "MARIA-SANTOS:5",
        "PALERMO:081-234-5678", "X:3", "CRC:19990312", "ILO:Malee",
    ],
)  # fmt: skip
def test_a_provision_that_is_none_is_held(provision: str) -> None:
    assert reasons_for(law("PALERMO:5", provision)) == [("$.implements[1]", "E-PRIVACY-NAME")]


def test_provisions_of_instruments_pass() -> None:
    good = (
        "PALERMO:3",
        "PALERMO:9(5)",
        "ACTIP:14(a)",
        "ILO:C029",
        "ILO:P029",
        "CRC-OPSC:3.1",
        "CEDAW:6",
        "UNTOC:5",
        "ILO:C182",
    )
    assert reasons_for(law(*good)) == []


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("SREYMOMCHANKANJANAJAIDEEAA", "E-PRIVACY-NAME"),
        ("KANJANAJAIDEE2222222222222", "E-PRIVACY-NAME"),
        ("MARIASANTOSREYES2345672345", "E-PRIVACY-NAME"),
        ("XQ6656627345672KTBZRWPLMNV", "E-PRIVACY-IDENTIFIER"),
    ],
)
def test_a_case_token_that_reads_as_something_is_held(token: str, code: str) -> None:
    assert reasons_for(an_alert(case_token=token)) == [("$.case_token", code)]


def test_random_case_tokens_pass_but_for_one_in_fifty() -> None:
    draw = random.Random(20271128)
    tokens = [base64.b32encode(draw.randbytes(16)).decode().rstrip("=") for _ in range(2_000)]
    assert sum(map(may_be_words, tokens)) <= 0.02 * len(tokens)


@pytest.mark.parametrize("field", ["onset", "valid_from"])
def test_a_day_long_before_the_message_is_held(field: str) -> None:
    assert reasons_for(an_alert(**{field: "1999-03-12T00:00:00Z"})) == [(f"$.{field}", "E-PRIVACY-IDENTIFIER")]
    assert reasons_for(an_alert(**{field: "2026-01-14T23:59:59Z"})) == [(f"$.{field}", "E-PRIVACY-IDENTIFIER")]
    assert reasons_for(an_alert(**{field: "2026-01-15T00:00:00Z"})) == []


def test_a_date_field_long_past_is_named_as_one() -> None:
    """No word of a text is to be taken out of it, and no person is meant by it."""
    held = judge(an_alert(valid_from="2025-01-15T00:00:00Z", onset="2024-02-03T00:00:00Z")).reasons
    assert [each.hint for each in held] == [
        "give the month alone", "leave it out: the message then applies at once",
    ]  # fmt: skip
    assert {each.message for each in held} == {
        "the date is more than a year before the message, as a date of a person may be"
    }


def test_a_month_long_before_the_message_passes() -> None:
    assert reasons_for(an_alert(onset="2019-03")) == []


def test_a_location_of_another_country_is_held() -> None:
    location = {"role": "detection", "country": "TH", "locode": "ZZKAN"}
    assert reasons_for(an_alert(places=[location])) == [("$.places[0].locode", "E-PRIVACY-IDENTIFIER")]
    assert reasons_for(an_alert(places=[{**location, "locode": "THMSO"}])) == []
    del location["locode"]
    assert reasons_for(an_alert(places=[{**location, "admin1": "VN-HN"}])) == [
        ("$.places[0].admin1", "E-PRIVACY-IDENTIFIER")
    ]
    assert reasons_for(an_alert(places=[{**location, "admin1": "TH-50"}])) == []


def test_no_shipped_example_has_a_doubt() -> None:
    for path in sorted(Path(VALID).glob("*.json")):
        message = read(path.read_bytes())
        if not isinstance(message, Receipt):
            assert list(doubts(message)) == [], path.name


@pytest.mark.parametrize("id_", ["0812-345678", "9999-000001", "2019-000001", "2029-000001", "2027-000000"])
def test_an_id_that_no_message_can_have_is_held_wherever_one_is_named(id_: str) -> None:
    """A telephone number was let through as the id of a message."""
    changes = {
        "related": [{"rel": "part-of", "id": "SG-ALERT-2026-000001"}, {"rel": "part-of", "id": f"SG-ALERT-{id_}"}],
        "incident": f"TH-ALERT-{id_}", "pattern": f"TH-PATTERN-{id_}", "desk": f"TH-CONTACT-{id_}",
    }  # fmt: skip
    opinion = judge(an_alert(**changes))
    found = [(each.path, each.marked, each.code) for each in opinion.reasons if "IDENTIFIER" in each.code]
    assert opinion.verdict == "hold"
    assert sorted(found) == [
        ("$.desk", (changes["desk"],), "E-PRIVACY-IDENTIFIER"),
        ("$.incident", (changes["incident"],), "E-PRIVACY-IDENTIFIER"),
        ("$.pattern", (changes["pattern"],), "E-PRIVACY-IDENTIFIER"),
        ("$.related[1].id", (f"SG-ALERT-{id_}",), "E-PRIVACY-IDENTIFIER"),
    ]
    practice = message("practice-half-yearly-review", desk=f"TH-CONTACT-{id_}")
    assert reasons_for(practice) == [("$.desk", "E-PRIVACY-IDENTIFIER")]


@pytest.mark.parametrize("id_", ["2020-000001", "2026-999999", "2027-000001", "2028-000001"])
def test_an_id_that_a_message_may_have_is_not_held(id_: str) -> None:
    related = [{"rel": "part-of", "id": f"SG-ALERT-{id_}"}]
    assert reasons_for(an_alert(related=related, desk=f"TH-CONTACT-{id_}")) == []


def test_the_cancel_of_a_message_that_names_such_an_id_does_not_wait() -> None:
    published = an_alert(desk="TH-CONTACT-0812-345678", related=[{"rel": "part-of", "id": "SG-ALERT-0812-345678"}])
    tree = msgspec.json.decode(withdrawal([published], "over", 1_800_000_000_000))
    assert tree["desk"] == "TH-CONTACT-2027-000001"
    text = [entry | {"lang": "en"} for entry in tree["text"]]
    cancel = read(msgspec.json.encode(tree | {"text": text, "rev": 2, "sent": published.sent}))
    assert judge(cancel).verdict == "pass"  # type: ignore[arg-type]  # an alert
