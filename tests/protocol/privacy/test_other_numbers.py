"""Numbers beside those of states that lead to a person: wallets, devices, dates behind a word for birth."""

import pytest

from suar.protocol.privacy.identifiers.forms import identifiers
from suar.protocol.privacy.text.plain import plain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Paid to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq in June.", "bank account"),
        ("Paid to 0x52908400098527886E0F7030069857D2E4169EE7.", "bank account"),
        ("The wallet is TJRabPrwbZy45sbavfcjinPJC18kjpRTv8.", "bank account"),
        ("Sent to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa twice.", "bank account"),
        ("The telephone has IMEI 490154203237518.", "identity number"),
        ("She holds seaman's book no. C1234567.", "identity number"),
        ("DOB 12.03.08, from the north.", "full date"),
        ("She was born 12.03.08 in the north.", "full date"),
        ("Birth date: 12-Mar-08.", "full date"),
        ("Date of birth 3 5 2008.", "full date"),
        ("Lahir 12.03.08 di utara.", "full date"),
        ("เกิด 12.03.08", "full date"),
    ],
)
def test_they_are_found(text: str, found: str) -> None:
    assert found in [each.kind for each in identifiers(plain(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Version 12.03.08 of the form is in use.", "The 1,305 cases of 2026 are in table 3.12.08.",
        "Births rose by 12.5 per cent.",
        "Section 12.03.08 of the act.", "0x5 and 0xFF are no addresses.", "TOTAL3 4 5", "13 cases in 2026, 31 in 2027.",
    ],
)  # fmt: skip
def test_other_numbers_are_none(text: str) -> None:
    assert [each.kind for each in identifiers(plain(text))] == []


def test_an_identity_number_of_an_unlisted_county_raises_no_error() -> None:
    """The date and the check digit are right; the table has the province alone."""
    for first in ("110999", "319900", "659999"):
        for check in "0123456789X":
            text = f"It is {first}19900101001{check} here."
            assert {each.kind for each in identifiers(plain(text))} <= {"identity number"}
