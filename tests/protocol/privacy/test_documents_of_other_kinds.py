"""Identity cards in more languages, passports with a gap, payment cards, other cards behind their name, Chinese plates;
and telephones parted by signs that are letters in Unicode, or by several signs with blanks."""

import unicodedata
from itertools import product

import pytest

from protocol.privacy.test_texts import opinion
from suar.protocol.privacy.identifiers import doubtful, forms
from suar.protocol.privacy.identifiers.number_runs import MOST_BETWEEN, lists


@pytest.mark.parametrize(
    "text",
    [
        "身份证号码：110105194912310021", "身份证 110105491231002", "அடையாள அட்டை 110105491231",
        "electoral card 0012345678",
        "cartão eleitoral 0012345678", "kartaun eleitorál 0012345678", "passport A1234 5678", "passport A12-345-678",
        "护照号 E1234 5678", "visa card 4111111111111111", "debit card: 5555-5555-5555-4444", "车牌 粤B·12345",
    ],
)  # fmt: skip
def test_a_document_behind_its_name_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "work permit 1234567890",
        "ใบอนุญาตทำงาน 1234567890",
        "driving licence no. 12345678",
        "HN 12-34-56789",
        "BPJS 0001234567890",
        "giấy phép lái xe 790123456789", "驾驶证 110105491231", "粤B12345", "She paid with 4111111111111111.",
        "She had MB 123456.", "MD-654321 lay in her bag",
    ],
)  # fmt: skip
def test_another_card_and_a_plate_are_held_at_least(text: str) -> None:
    assert opinion(text) != "pass"


@pytest.mark.parametrize(
    "text",
    [
        "Work permits 2024 2025 are in the annex.",
        "Work permits: 120,000 in 2024.",
        "Driving licence offences rose from 2023 to 2024.",
        "Passport holders in 2024 2025 were asked.",
        "The TIN of a firm is public.",
        "云A座12345号",
        "京沪高速 G2 12345",
        "身份证件管理 2024 年",
        "Voter cards were taken from them.", "Budget line 4111111111111112 of the ministry.",
        "RM 123456 was paid.", "The file has 123456 MB in all.", "MT 123456 tonnes",
    ],
)  # fmt: skip
def test_what_is_no_card_passes(text: str) -> None:
    assert opinion(text) == "pass"


LETTERS = "ៗ々ˉˈـ一丨ーๆໆꜗ"


@pytest.mark.parametrize("sign", LETTERS)
def test_a_letter_that_is_a_mark_parts_a_telephone(sign: str) -> None:
    assert unicodedata.category(sign) in ("Lm", "Lo", "Sk")
    for text in (f"tel 081{sign}234{sign}5678", f"call 081 {sign} 234 {sign} 5678"):
        assert opinion(text) != "pass", text


SIGNS = ["/", "-", "*", "—", "|", "~", "·"]


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("blank", ["", " "])
def test_up_to_three_signs_with_blanks_part_a_telephone(times: int, blank: str) -> None:
    for sign, before in product(SIGNS, ["tel ", "her phone: +65", "reach her on +66 "]):
        between = blank + blank.join([sign] * times) + blank
        number = between.join(["81", "234", "5678"] if "+66" in before else ["9123", "4567"])
        text = before + (between if before.endswith("65") else "0" * (before == "tel ")) + number
        assert opinion(text) == "refuse", text


def test_what_is_searched_first_is_no_narrower_than_a_run() -> None:
    widest = " / - /  "[:MOST_BETWEEN].rstrip() + " "
    assert len(widest) == MOST_BETWEEN
    text = widest.join("123456789")
    assert [run.groups for run in lists(text)] == [list("123456789")]
    assert forms.RUN_OF_DIGITS.search(text)
    assert doubtful.RUN_OF_DIGITS.search(text)
