"""Every sign in front of and behind a telephone of each of the eleven states: no search leaves it to another one."""

import string
from typing import Final

import pytest

from protocol.privacy.test_own_words import marked
from protocol.privacy.test_texts import opinion

TELEPHONES: Final = {
    "TH": ("0812345678", "081-234-5678"),
    "VN": ("0912345678", "0912 345 678"),
    "MM": ("09420123456", "09 420 123456"),
    "KH": ("012345678", "012 345 678"),
    "LA": ("02055512345", "020 5551 2345"),
    "MY": ("0123456789", "012-345-6789"),
    "SG": ("91234567", "+65 9123 4567"),
    "ID": ("081234567890", "0812-3456-7890"),
    "PH": ("09171234567", "0917 123 4567"),
    "BN": ("7134567", "+673 713 4567"),
    "TL": ("77231234", "+670 7723 1234"),
}
"""A telephone of each state in one group and in three. Those of SG, BN and TL in one group need a word for a call."""
SIGNS: Final = [*string.punctuation, *"…·•→–—、，：／（「~№", " "]
WORDS: Final = {"SG": "call", "BN": "call", "TL": "call"}
PLAIN: Final = ("SG", "BN", "TL")
NOT_FOUND: Final = {
    # an amount with blanks between its thousands
    "mother,15 012 345 678",
    # plain numbers with no word before them but a number and a sign that begins another: +91 is India
    *(f"call,15{sign}{TELEPHONES[state][0]}" for state in PLAIN for sign in "+№"),
}


def passing(texts: list[str]) -> list[str]:
    return [text for text in texts if opinion(text) == "pass" and text not in NOT_FOUND]


@pytest.mark.parametrize("state", TELEPHONES)
def test_a_sign_in_front_hides_no_telephone(state: str) -> None:
    word = WORDS.get(state, "mother")
    texts = [f"{word}{sign}{number}" for number in TELEPHONES[state] for sign in SIGNS]
    assert passing(texts) == []


@pytest.mark.parametrize("state", TELEPHONES)
def test_a_sign_behind_hides_no_telephone(state: str) -> None:
    word = WORDS.get(state, "mother")
    texts = [f"{word} {number}{sign}{end}" for number in TELEPHONES[state] for sign in SIGNS for end in ("her", "")]
    assert passing(texts) == []


@pytest.mark.parametrize("state", TELEPHONES)
def test_a_number_beside_it_hides_no_telephone(state: str) -> None:
    word = WORDS.get(state, "mother")
    before = [f"{word},15{sign}{number}" for number in TELEPHONES[state] for sign in SIGNS]
    behind = [f"{word} {number}{sign}15" for number in TELEPHONES[state] for sign in SIGNS]
    assert passing([*before, *behind]) == []


@pytest.mark.parametrize(
    "text",
    [
        "Tel.0812345678", "โทร.081-2345678", "HP/081234567890", "WA/+6281234567890", "Tel/Fax/+6621234567",
        "girl,15,0812345678", "mẹ.0912.345.678", "tel_0812345678", "ແມ່,020 5551 2345", "អម្តាយ/០១២៣៤៥៦៧៨",
        "手机.13812345678", "母亲，13812345678", "mak(012-3456789)", "№0812345678", "tel…0812345678",
        "mother+66812345678", "mother/012/345/678", "ម្តាយ/012/345/678",
        "mother+0812345678", "LINE0812345678", "T081-234-5678", "Aged 17,0812345678", "13812345678-5",
        "电话91234567", "தொலைபேசி: 91234567", "numeru 77231234",
        "tel. 91234567,98765432", "her number: 81234567", "her number 8123/2019, Singapore",
    ],
)  # fmt: skip
def test_a_telephone_beside_a_sign_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "1,081 persons", "Law 12/2020/QD-TTg", "0,0812 and 0,0913",
        "Form AA0812-345-678", "NS/RKM/0208/005", "នស/រកម/០២០៨/០០៥", "12,0812-14,0913 per 100,000",
        "1,081-1,234 persons", "Version 10.2.3", "05/2026-08/2026", "2019-120 2020-130 2021-140",
        "UNTS 2225-209, 2237-319", "IMO MSC.1/Circ.1634",
        "Between 1,050 and 1,100 persons", "In 2019, 2020, 2021 and 2022", "A/RES/55/25 and S/2019/264",
    ],
)  # fmt: skip
def test_amounts_decimals_versions_dates_and_references_pass(text: str) -> None:
    assert opinion(text) == "pass"


DOCUMENTS: Final = {
    "NIK": ("3174016505900001", "3174016505900002"),
    "CCCD": ("079203001234", "079203001235"),
    "PIN": ("1101700207030", "1101700207030"),
    "grouped PIN": ("1-1017-00207-03-0", "1-1017-00207-03-0"),
    "NRIC of Malaysia": ("900101-14-5677", "900101-14-5678"),
    "NRIC of Singapore": ("S1234567D", "S7654321F"),
    "passport": ("E12345678", "E23456789"),
    "card of Brunei": ("01-234567", "30-234568"),
}


@pytest.mark.parametrize("form", DOCUMENTS)
def test_documents_joined_by_a_sign_are_each_found(form: str) -> None:
    one, two = DOCUMENTS[form]
    signs = "/-_|,;:&#+~→、" if form != "card of Brunei" else "/-_|,;:&#~→、"
    for sign in [*signs, "."]:
        for text in (f"victims {one}{sign}{two}", f"victim{sign}{one}", f"{one}{sign}victim"):
            assert opinion(text) == "refuse", text
        found = marked(f"victims {one}{sign}{two}")
        assert len(found) >= len({one, two}) or any(two in each and one in each for each in found), (sign, found)


@pytest.mark.parametrize("text", ["rek.1234567890", "acc.1234567890", "IC.900101145677"])
def test_a_stop_behind_the_word_for_a_number_is_no_end(text: str) -> None:
    assert opinion(text) == "refuse"


def test_accounts_joined_by_a_sign_are_held() -> None:
    for text in ("BCA/1234567890", "BCA.1234567890", "BCA_1234567890", "BCA 1234567890/9876501234"):
        assert opinion(text) != "pass", text


@pytest.mark.parametrize(
    "text",
    [
        "A-E1234567-2019", "PF/AB123456/X2", "550e8400-e29b-41d4-a716-446655440000", "HS-AB123456",
    ],
)  # fmt: skip
def test_codes_decimals_and_uuids_are_no_documents(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "Girl/mother/aunt/uncle: 91234567/98765432/87654321/81234567",
        "girl/mother/aunt/uncle: 812345678/898765432/867654321/811223344",
        "girl/mother/aunt: 91234567/98765432/87654321",
        "A/B/C/D: 3174016505900001/3174016505900002/3174016505900003/3174016505900004",
        "1:0812345678 2:0898765432 3:0867654321",
        "1-0812345678 2-0898765432 3-0867654321",
        "1=91234567 2=98765432 3=87654321",
        "1/079203001234 2/079203001235 3/079203001236",
        "1:3174016505900001 2:3174016505900002 3:3174016505900003",
    ],
)
def test_no_list_behind_labels_or_keys_takes_a_telephone_or_an_identity_number(text: str) -> None:
    assert opinion(text) in ("hold", "refuse")


@pytest.mark.parametrize(
    "text",
    [
        "Tel. no. 9123-2045", "phone no 9123-2045", "WhatsApp no. 9123-1987", "Contact no: 9123-1987",
        "telefone n.º 7723-2045 da mãe", "Brunei tel no. 713-2045", "ติดต่อหมายเลข 02345/2045",
        "The phone no. 9123-2045 is that of the girl's mother.", "电话号 9123-2045",
    ],
)  # fmt: skip
def test_a_number_behind_a_word_for_a_call_is_no_case(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "nomor 9123-2045", "no 9123-2045", "No. 9123/2045", "her no. 9123-2045", "mother, no. 9123-2045",
        "nº 7723-2045", "9123/2045/WA",
    ],
)  # fmt: skip
def test_a_number_as_long_as_a_telephone_behind_no_word_for_a_document_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "mother 91234567", "mother.91234567", "mother 7134567", "mãe 77231234", "mãe/77231234",
        "the mother of the girl, 91234567", "her mother: 91234567", "ibu 91234567", "mẹ 91234567", "แม่ 91234567",
        "母亲 91234567", "தாய் 91234567", "inan 77231234", "nanay 91234567", "ແມ່ 91234567", "ម្តាយ 91234567",
        "အမေ 91234567", "91234567 (mother)", "91234567 is her mother's", "The victim, 91234567",
        "mother 812345678",
    ],
)  # fmt: skip
def test_plain_digits_beside_a_word_for_kin_are_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "The mother paid 25000000 dong", "mẹ 25000000 đồng", "The family paid Rp25000000",
        "Families got 90000000 in all",
        "her mother paid 7134567 kip", "Mothers: 7134567 people", "Her mother's case 2024001234", "Route 91234567",
    ],
)  # fmt: skip
def test_amounts_beside_a_word_for_kin_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "Case no. 118/2024", "Order No. 3456/2019", "Luật số 9123/2019", "คำพิพากษาฎีกาที่ 6789/2560", "No. 118/2024",
        "Resolução 025/2019-GOV", "Permit No. 9123-2019", "Recalled in ref. 1182/2024", "Order No. 9123/2045",
        "The call of resolution 1234/2019",
        "សំណុំរឿងលេខ 1182/2024", "kaso numero 1182/2024",
    ],
)  # fmt: skip
def test_case_numbers_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "malee<at>gmail<dot>com", "malee -at- gmail -dot- com", "malee_at_gmail_dot_com", "malee|at|gmail|dot|com",
        'malee "at" gmail "dot" com', "malee*at*gmail*dot*com", "malee arroba gmail ponto com",
        "malee แอท gmail ดอท com", "facebook . com / malee", "facebook,com/malee", "fb .me/malee", "t.me malee99",
        "t me/malee", "wa me 66812345678", "t.me malee", "malee at gmail", "malee at gmail com", "malee(at)gmail",
        "instagram.com malee99",
    ],
)  # fmt: skip
def test_an_address_in_words_and_signs_does_not_pass(text: str) -> None:
    assert opinion(text) != "pass"


@pytest.mark.parametrize(
    "text",
    [
        "Posts on Facebook, committees / groups", "He told me / us", "a post at the border; a dot on the map",
        "the t.me links are shared", "Tautan t.me yang palsu", "an account at Gmail",
    ],
)  # fmt: skip
def test_sentences_with_the_same_words_pass(text: str) -> None:
    assert opinion(text) == "pass"
