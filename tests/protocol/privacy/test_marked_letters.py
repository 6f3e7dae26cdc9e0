"""Capitals with any mark, capitals of another form or script, and how long a text of capitals takes."""

import unicodedata

import pytest

from protocol.privacy.prose_table import verdict_of
from protocol.privacy.test_other_spellings import opinion, seconds_of
from protocol.privacy.test_own_words import marked
from suar.protocol.privacy.text.plain import plain
from support.processor_time import is_linear

LATIN = [chr(code) for code in range(0xC0, 0xA800) if unicodedata.name(chr(code), "").startswith("LATIN ")]
CAPITALS = [
    each
    for each in LATIN
    if unicodedata.category(each) in ("Lu", "Lt") and len(unicodedata.normalize("NFKC", each)) == 1
]
"""Without those that are two characters, as a digraph."""


@pytest.mark.parametrize(
    "name",
    [
        "Žana Šarić", "Łucja Ćwik", "Ḥasan Ṣāliḥ", "Ālia Ūsmān", "Mahā Śrī", "Malee Ṣomchai", "Ṁalee Ṣomchai",
        "Ñora Ávila", "ŽANA ŠARIĆOVÁ",
    ],
)  # fmt: skip
def test_a_name_may_begin_with_a_capital_with_any_mark(name: str) -> None:
    for text in (name, f"{name} was found", f"With {name}, in May."):
        assert opinion(text) == "hold"
        assert marked(text) == [name]


def test_every_latin_capital_begins_a_name() -> None:
    assert len(CAPITALS) > 400
    assert [each for each in CAPITALS if opinion(f"{each}omchai {each}aideeva was found") != "hold"] == []


def test_what_a_reader_takes_for_a_word_is_looked_up_without_its_marks() -> None:
    assert plain("Pāli ŧext ı") == "Pali text i"
    assert verdict_of("en", "Of these sēvěn men were detected.") == "refuse"
    for kept in ("Đắk Lắk, Ũ ơ ư ĩ ă", "São João, Oé-Cusse, Peñafrancia"):
        assert plain(kept) == kept


@pytest.mark.parametrize("text", ["Đắk Lắk and Thừa Thiên-Huế", "Đà Nẵng", "Móng Cái and Lạng Sơn"])
def test_places_pass_with_their_marks(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "ᴍᴀʟᴇᴇ sᴏᴍᴄʜᴀɪ was found", "victim ɴᴏᴋ", "the victim ɴᴏᴋ was found", "her daughter ᴍᴀʟᴇᴇ",
        "M҉a҉l҉e҉e҉ S҉o҉m҉c҉h҉a҉i҉", "ᎷᎪᏞᎬᎬ ᏚᎾᎷᏟᎻᎪᏆ", "ⲘⲀLEE ⲤOⲘⲤHAI", "Malee·Somchai", "Malee。Somchai was found",
    ],
)  # fmt: skip
def test_a_name_in_letters_of_another_form_is_held(text: str) -> None:
    assert opinion(text) == "hold"


def test_the_words_of_the_author_are_marked() -> None:
    assert marked("ᴍᴀʟᴇᴇ sᴏᴍᴄʜᴀɪ was found") == ["ᴍᴀʟᴇᴇ sᴏᴍᴄʜᴀɪ"]
    assert marked("ᎷᎪᏞᎬᎬ ᏚᎾᎷᏟᎻᎪᏆ") == ["ᎷᎪᏞᎬᎬ ᏚᎾᎷᏟᎻᎪᏆ"]


@pytest.mark.parametrize(
    "text",
    [
        "Bangkok·Phnom Penh",
        "Telegram·Facebook",
        "Bokeo。Vientiane",
        "ᴜɴᴏᴅᴄ and ɪʟᴏ met",
        "他用Telegram。Facebook也被使用。",
    ],
)
def test_places_and_networks_between_such_signs_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("08⓬345678", "0812345678"),
        ("0⓫2345678", "0112345678"),
        ("0❿12345678", "01012345678"),
        ("⓭ women", "13 women"),
        ("௰ women", "10 women"),
        ("௨௰", "2௰"),
        ("ⓞ812345678", "0812345678"),
        ("🅾812345678", "0812345678"),
        ("ⓞ⑧①②", "0812"),
        ("ⒸⓄ② and ⓞk", "CO2 and ok"),
    ],
)
def test_numbers_in_rings_of_ten_and_more_are_read(written: str, read: str) -> None:
    assert plain(written) == read


def test_a_telephone_with_a_number_in_a_ring_is_refused() -> None:
    assert marked("call 08⓬345678 now") == ["08⓬345678"]
    assert opinion("ⓞ812345678") == "refuse"


@pytest.mark.parametrize("unit", ["É", "Aก", "中A", "\u0301A", "ÁA", "a ก 𝐀", "bornA月", "theÉ", "Ša", "Éa-"])
def test_capitals_without_blanks_take_a_time_that_grows_with_the_text(unit: str) -> None:
    """Before, 8,000 letters took two seconds and each doubling four times as long."""
    assert is_linear(seconds_of(unit), 12_000)
