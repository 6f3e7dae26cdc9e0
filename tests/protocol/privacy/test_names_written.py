"""Names however they are written: in capitals, with a capital beside a word for a person, the surname first."""

import re
from collections.abc import Iterator

import pytest

from protocol.privacy.corpus import HELD, PASSED, REFUSED
from suar.protocol.message.messages import read
from suar.protocol.privacy.names import cue_words, persons
from suar.protocol.privacy.names.capitals import in_ordinary_writing
from suar.protocol.privacy.text.plain import plain, words_of
from suar.protocol.privacy.verdict import judge, marks, note_refusals
from support.kit import alert

NAMES = (
    "Maria Santos", "Jose Cruz", "Liza Manalo", "Kanjana Jaidee", "Nok Chaiya", "Siti Aminah", "Dewi Lestari",
    "Budi Santoso",
    "Nguyễn Thị Mai", "Phạm Văn Minh", "Hồ Thị Mây", "Sok Sreymom", "Khamla Sisouk", "Thandar Win", "Aye Aye Mon",
    "Priya Devi", "Wong Ah Moi", "Aminah binti Umar",
)  # fmt: skip
SHORT_TEXTS = ("{}", "MISSING: {}", "VICTIM {} RETURNED", "NAME: {}", "{} RESCUED", "WANTED - {}", "RE: {} (A MINOR)")


def held(text: str, sort: str = "prose") -> tuple[str, ...]:
    leads, persons = marks(sort, text)
    assert leads == ()
    return persons


@pytest.mark.parametrize("text", SHORT_TEXTS)
def test_a_name_in_capitals_is_held_in_a_text_in_capitals(text: str) -> None:
    assert [name for name in NAMES if not held(text.format(name.upper()))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Họ và tên: NGUYỄN THỊ MAI", "Tên: PHẠM VĂN MINH, sinh năm 2009", "TRẦN THỊ BÍCH NGỌC đã trở về từ Bavet.",
        "Cháu LÊ VĂN TÙNG đã về", "HOÀNG ANH TUẤN", "Girl: MARIA SANTOS.", "We met MARIA SANTOS.", "SANTOS Maria",
        "Rescued: MARIA SANTOS, JOSE CRUZ", "SURNAME SANTOS GIVEN NAME MARIA", "SANTOS, MARIA", "HER DAUGHTER MALEE",
        "KORBAN BERNAMA AMINAH", "UNCLE SOMSAK",
    ],
)  # fmt: skip
def test_a_name_in_capitals_is_held_beside_a_few_other_words(text: str) -> None:
    assert held(text)


@pytest.mark.parametrize(
    "text",
    ["nạn nhân là trần thị bích ngọc, quê nghệ an", "Bị hại phạm văn minh đã về nước.", "gọi cho nguyễn thị hoa"],
)
def test_a_vietnamese_name_in_small_letters_is_held(text: str) -> None:
    assert held(text)


@pytest.mark.parametrize(
    "text", ["Giá cao thị trường lao động tăng.", "Có lý văn bản mới.", "Người hồ thị trấn.", "Trẻ em ở thị xã Sa Pa."]
)
def test_words_that_only_begin_like_a_vietnamese_name_pass(text: str) -> None:
    assert held(text) == ()


@pytest.mark.parametrize(
    "text", ["PUBLIC PROSECUTOR V {}", "IN RE {}", "PP V. {} [2026]", "VICTIM {}, DECISION 12/2020"]
)
def test_a_party_in_capitals_is_held_in_a_citation(text: str) -> None:
    assert held(text.format("MARIA SANTOS"), "citation")


@pytest.mark.parametrize(
    "text",
    [
        "ANTI-TRAFFICKING IN PERSONS ACT 2008", "PUBLIC PROSECUTOR V THE STATE", "ROYAL DECREE ON MIGRANT WORKERS",
    ],
)  # fmt: skip
def test_a_law_in_capitals_passes(text: str) -> None:
    assert held(text, "citation") == ()


@pytest.mark.parametrize(
    "text",
    [
        "FORCED LABOUR ALERT", "NEW ROUTE TO POIPET", "MISSING PERSONS", "CHILDREN BEGGING AT THE BORDER",
        "BUS COMPANY STOPS",
        "DOMESTIC WORKERS WITHOUT PAPERS", "REFERRAL OF CHILD VICTIMS", "UNODC AND IOM MET IN BANGKOK",
        "FISHING CREWS HELD AT SEA", "CẢNH BÁO MUA BÁN NGƯỜI",
    ],
)  # fmt: skip
def test_a_heading_in_capitals_passes(text: str) -> None:
    assert held(text) == ()


def test_no_field_of_an_alert_takes_a_name_in_capitals() -> None:
    english = {"lang": "en", "title": "MARIA SANTOS", "summary": "By ferry."}
    opinion = judge(read(alert(text=[english])))  # type: ignore[arg-type]  # an alert, as its builder made it
    assert [(reason.code, reason.path, reason.marked) for reason in opinion.reasons] == [
        ("E-PRIVACY-NAME", "$.text[0].title", ("MARIA SANTOS",))
    ]
    assert [reason.code for reason in note_refusals("MARIA SANTOS")] == ["E-PRIVACY-NAME"]


FIRST_NAMES = ("Malee", "Nok", "Aminah", "Sulastri", "Hoa", "Mai", "Sreymom", "Dara", "Jenny", "Aquino")


@pytest.mark.parametrize(
    "text",
    [
        "Her daughter {} is at home.", "her sister {}", "adiknya {} pulang", "the victim is {}, 16",
        "The victim's name is {}.",
        "korban {} ingin pulang", "Korban {} ingin pulang", "the 16-year-old {}", "mother {}", "Mother: {}",
        "Victim {} waits.",
        "The child, called {}, ran.", "The girl is known as {}.", "She goes by {}.", "nickname {}", "atas nama {}",
        "a.n. {}",
        "the mother of {}",
        "Family of {}",
        "surname {}",
        "Her first name: {}.",
        "The aunt, {}, sells noodles.", "Girl: {}.", "{}, aged 16, waits.",
        "{}, 16, from Mae Sai", "ibunya, bu {}, meminta", "khun {} said so",
        "The survivor, {}, spoke.", "a girl, {}", "nạn nhân {} đã về", "mangsa ialah {}",
    ],
)  # fmt: skip
def test_a_given_name_with_its_capital_is_held_beside_a_word_for_a_person(text: str) -> None:
    assert [name for name in FIRST_NAMES if not held(text.format(name))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Santos, Maria was brought to the shelter.", "Cruz, Jose P., aged 14", "Santos, Maria",
        "Jaidee, Kanjana is safe.",
        "Received. Lestari, Dewi has left.",
    ],
)  # fmt: skip
def test_a_surname_before_the_given_name_is_held(text: str) -> None:
    assert held(text)


@pytest.mark.parametrize(
    "text",
    [
        "Her sister was sent home.", "The mother of a Thai victim called the hotline.", "The victim is Vietnamese.",
        "Each victim Protection Unit has a list.", "Korban Perdagangan Orang dilindungi.",
        "The girl, Burmese, was referred.",
        "The compound known as KK Park is closed.", "Poipet, Cambodia is the place.", "Her friend in Bangkok paid.",
        "However, Police found none.", "Victim Support is offered.", "Son La is a province.",
        "A man called Interpol.",
        "The family of Thai workers", "Victim Interview Checklist", "Victim Identification Guide", "Korban TPPO",
        "Child Sensitive Interviews", "She called Childline from a phone.",
        "Bokeo, 16, and Champasak, 12, were counted.", "He went by Bus to Poipet.",
        "The 16-year-old Rohingya girl was referred.", "atas nama Kementerian Luar Negeri",
        "mother and child Welfare Centre",
        "The victim, However, agreed.", "Surat, Phuket and Trang were visited.",
    ],
)  # fmt: skip
def test_peoples_places_and_offices_beside_such_a_word_pass(text: str) -> None:
    assert held(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "王小明（15岁）", "李小红，女，15岁", "名叫小红", "女孩小红", "女孩小红被带走", "张三,现年16岁",
        "ເດັກຊື່ມາລີ", '"Nok" is 15 years old',
        "“Nok”, 15 years old, was found", "The girl (Nok) went",
    ],
)  # fmt: skip
def test_a_name_beside_an_age_or_behind_a_word_for_a_child_is_held(text: str) -> None:
    assert held(text)


@pytest.mark.parametrize(
    "text",
    [
        "高中生，15岁", "金边，15岁以下的女孩", "万象，15岁", "女孩小时候", "女，15岁", "ເດັກ 15 ຄົນ",
        "The girl (Thai) went", "each child (CRC)",
        "a victim (VOT) form", "The law is 15 years old", "a woman (Article 3)",
    ],
)  # fmt: skip
def test_groups_and_words_in_such_a_place_pass(text: str) -> None:
    assert held(text) == ()


class Counted:
    """A form that counts the characters of its matches."""

    def __init__(self, form: re.Pattern[str]) -> None:
        self._form, self.characters = form, 0

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        for found in self._form.finditer(text):
            self.characters += len(found[0])
            yield found

    def match(self, text: str, at: int) -> re.Match[str] | None:
        found = self._form.match(text, at)
        self.characters += len(found[0]) if found else 0
        return found

    def search(self, text: str) -> re.Match[str] | None:
        return self._form.search(text)


ROWS = [("Aa ", "IN_SEQUENCE", "PATRONYM", " bin"), ("Aa bin Bb ", "IN_SEQUENCE", "PATRONYM", ""),
        ("Aa ", "PARTY", "OTHER_PARTY", " v"), ("Aa of the Bb ", "PARTY", "OTHER_PARTY", " v. x"),
        ("Aa v. Bb ", "PARTY", "OTHER_PARTY", ""), ("Aaaaa", "PARTY", "OTHER_PARTY", " v")]  # fmt: skip


@pytest.mark.parametrize("length", [30_000, 60_000])
@pytest.mark.parametrize(("unit", "first", "more", "end"), ROWS)
def test_each_word_of_a_long_row_is_looked_at_a_few_times(
    unit: str, first: str, more: str, end: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In characters, never in time. Before, each word was the begin of another search to the end of the row."""
    counted = [Counted(getattr(persons, name)) for name in (first, more)]
    for name, form in zip((first, more), counted, strict=True):
        monkeypatch.setattr(persons, name, form)
    text = (unit * length)[:length] + end
    list(persons.in_title(text) if more == "OTHER_PARTY" else persons.names(text))
    assert 0.5 * length < sum(form.characters for form in counted) <= 4 * length


EVERY = [
    *(plain(text) for _, text in (*REFUSED, *HELD, *PASSED)),
    *(f"It was {word} Zarqan who came" for words, _ in cue_words.CUES for word in sorted(words)),
]


@pytest.mark.parametrize("form", range(len(cue_words.CUES)))
def test_a_form_beside_a_word_has_one_of_its_words(form: int) -> None:
    words, pattern = cue_words.CUES[form]
    for text in EVERY:
        if pattern.search(text):
            assert words & words_of(text) if words else any(map(text.__contains__, cue_words.ENDINGS)), text


def test_ordinary_writing_has_the_length_of_the_text() -> None:
    for text in ("MARIA SANTOS", "STRAßE İSTANBUL", "We met MARIA SANTOS at the border."):
        ordinary = in_ordinary_writing(text)
        assert ordinary is None or len(ordinary[0]) == len(text)


@pytest.mark.parametrize("pair", ["AA", "AZ", "ZA", "MN"])
def test_any_two_capitals_in_a_row_are_looked_at(pair: str) -> None:
    assert in_ordinary_writing(f"{pair}{pair} {pair}{pair}") is not None
    assert in_ordinary_writing(f"met {pair}N here") is not None
    assert in_ordinary_writing(f"{pair[0]} {pair[1]} one apart") is None
