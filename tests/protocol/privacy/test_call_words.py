"""Words for a call: one list, whatever stands behind it, and with the number of a case in the whole sentence."""

from itertools import product

import pytest

from protocol.privacy.test_texts import opinion

WORDS = [
    "dial",
    "ring",
    "cell",
    "text her on",
    "message",
    "reach her on",
    "ph.",
    "her number is",
    "tlp",
    "kontak",
    "ligue para",
    "tlm",
    "número",
    "liga ba",
    "kontaktu",
    "联系",
    "தொடர்புக்கு",
    "tel",
    "phone",
    "call",
    "hubungi",
    "gọi",
    "โทร",
    "ໂທ",
    "ទូរស័ព្ទ",
    "ဖုန်း",
    "电话",
]
LABELS = ["{} 81234567", "{}: 81234567", "{} 8123 4567", "{} no. 8123/2045", "{} no. 8123-2019"]


@pytest.mark.parametrize("word", WORDS)
def test_a_number_behind_any_word_for_a_call_is_refused(word: str) -> None:
    for label in LABELS:
        assert opinion(label.format(word)) == "refuse", label.format(word)


def test_a_number_of_timor_leste_is_one_too() -> None:
    assert opinion("ligue para 77123456") == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "Message her: no. 8123/2045",
        "Her mobile (new): No. 9123-2045",
        "Telegram of the mother: No. 9123-2045",
        "no. 9123/2045 (WhatsApp)",
        "Her phone, as she said, is no. 9123/2019",
        "Nomor 9123/2019 untuk WhatsApp",
    ],
)
def test_it_counts_in_the_sentence_for_a_number_with_a_year(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text", ["file 9123/2045, her telephone", "Her phone: case no. 9123/2019", "Report 9123/2019: call her there"]
)
def test_with_the_word_for_a_document_as_well_it_is_held_or_refused(text: str) -> None:
    assert opinion(text) != "pass"


NUMBERS = ["66812345678", "6281234567890", "6591234567", "84912345678", "639171234567", "8562055512345"]


@pytest.mark.parametrize("number", NUMBERS)
def test_an_international_number_without_a_plus_is_held(number: str) -> None:
    for before, behind in product(["", "ask for ", "[", "she wrote "], ["", ".", "]", " later"]):
        assert opinion(before + number + behind) == "hold", before + number + behind
    assert opinion(f"her number {number}") == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "The figure of 6281234567 kyats was named.",
        "Rp 6281234567890 was paid.",
        "A budget of 6590000000 is planned.",
        "66812345678 people were asked.",
        "6012345678901 rupiah",
        "A trafficking ring was active in 2019-2023.",
        "The ring earned 8123456 kyats.",
        "Text messages: 8123456 in all.",
        "The message reached 8123456 people.",
        "They ring 8123456 times.",
        "Cell phones were seized in case no. 1234/2023.",
        "Phones were seized, decision no. 8123/2019.",
        "The report no. 8123/2019 names a hotline.",
        "Mobile teams wrote report no. 9123/2019.",
        "Case No. 2024/1180 was reported by the hotline.",
        "Laporan nomor 8123/2019 dari hotline.",
        "Processo número 81234567 do tribunal.",
        "หนังสือที่ 8123/2562 เรื่องโทรศัพท์",
        "Hồ sơ số 8123/2019 về điện thoại",
    ],
)
def test_what_is_no_call_passes(text: str) -> None:
    assert opinion(text) == "pass"
