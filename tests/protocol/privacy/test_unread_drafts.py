"""Identifiers in the texts of a draft that is not a valid message."""

import json

import pytest

from suar.protocol.privacy.unread_drafts import text_refusals
from support.hostile_drafts import draft

DATED = "In force since 10 July 2022."


def codes(name: str, summary: str) -> list[str]:
    made = draft(name, "TH", severity="unknown to all", url="www.gov.ph/law")
    made["text"][0]["summary"] = summary
    return [reason.code for reason in text_refusals(json.dumps(made).encode())]


@pytest.mark.parametrize(
    ("name", "found"), [("legislation-expanded-act", []), ("alert-new-route", ["E-PRIVACY-IDENTIFIER"])]
)
def test_a_date_of_a_law_is_no_identifier_because_another_field_is_wrong(name: str, found: list[str]) -> None:
    assert codes(name, DATED) == found


def test_a_date_of_a_person_in_a_law_is_one() -> None:
    assert codes("legislation-expanded-act", "She was born on 10 July 1992.") == ["E-PRIVACY-IDENTIFIER"]
