"""Signs of addresses, digits and letters that only look like ASCII ones, and digits that other signs part."""

import json
import time
import unicodedata

import pytest

from protocol.privacy.prose_table import verdict_of
from protocol.privacy.test_own_words import marked
from protocol.privacy.test_texts import opinion
from protocol.privacy.trends import trend
from suar.protocol.message.messages import read
from suar.protocol.privacy import unread_drafts
from suar.protocol.privacy.identifiers import parted, telephones
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge
from support.kit import alert
from support.processor_time import is_linear

NUMBER = "0812345678"
SIGNS = [
    "→",
    "#",
    "&",
    "!",
    "?",
    '"',
    "@",
    "$",
    "^",
    "`",
    "<",
    "×",
    "÷",
    "°",
    "§",
    "│",
    "⁄",
    "∕",
    "、",
    "၊",
    "ฯ",
    "📞",
    "%",
    "=",
    "+",
    ";",
    ",",
    "…",
    "•",
    "・",
    "ー",
    "។",
    "~",
    "╱",
    "★",
    ":",
    "。",
    "][",
    ")(",
    "}{",
]
ADDRESSES = [
    "malee99@gmail。com",
    "malee99@gmail｡com",
    "malee99@gmail．com",
    "malee99@gmailꓸcom",
    "malee99@mail。example。com",
    "malee99@gmail․com",
    "facebook。com/malee99",
    "facebook。Com/malee99",
    "facebook·com/malee99",
    "www。facebook。com",
    "t。me/malee99",
    "line。me/ti/p/malee99",
    "t.me⁄malee99",
    "t.me∕malee99",
    "t.me⧸malee99",
    "t.meノmalee99",
    "https∶⁄⁄t.me∕malee",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_in_signs_of_other_scripts_is_refused(address: str) -> None:
    for text in (f"Contact {address} for her file.", f"请联系{address}了解详情。", address):
        assert opinion(text) == "refuse", text
    assert any(address.startswith(each) for each in marked(f"Contact {address} for her file."))


@pytest.mark.parametrize(
    "text",
    [
        "他用Telegram。Facebook也被使用。",
        "共120人。2026年有130人。",
        "使用Telegram。7人为男性",
        "见附件A。B项不变",
        "玛丽亚·桑托斯 is no address",
        "½ of 3½ months",
    ],
)
def test_the_end_of_a_sentence_is_no_dot(text: str) -> None:
    assert "。" in plain(text) or "。" not in text
    assert opinion(text) != "refuse"


def test_what_a_full_stop_ends_is_read_as_before() -> None:
    """The address is read beside the text, so that no other form of it is lost."""
    assert verdict_of("zh-Hans", "总数为120。7人为男性") == "refuse"
    assert opinion("使用Telegram。Maria Santos 已获救") == "hold"


@pytest.mark.parametrize("sign", SIGNS)
def test_a_telephone_is_refused_whatever_parts_it(sign: str) -> None:
    for number in (f"081{sign}234{sign}5678", f"+66{sign}81{sign}234{sign}5678"):
        for text in (f"Call {number} for details.", f"It has {number} on it.", f"电话{number}"):
            assert opinion(text) == "refuse", text
    assert marked(f"It has 081{sign}234{sign}5678 on it.") == [f"081{sign}234{sign}5678"]


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("refuse", "081 → 234 → 5678"),
        ("refuse", "[081] [234] [5678]"),
        ("refuse", "7→081→234→5678"),
        ("refuse", "081/234→5678"),
        ("hold", "08/12/34/56/78"),
        ("hold", "08%12%34%56%78"),
        ("hold", "0,8,1,2,3,4,5,6,7,8"),
        ("hold", "(0)(8)(1)(2)(3)(4)(5)(6)(7)(8)"),
        ("hold", "8123#4567"),
        ("hold", "call 8123→4567"),
        ("hold", "138★1234★5678"),
        ("hold", "1→1017→00203→45→0"),
        ("refuse", "ID card 1→1017→00203→45→0"),
        ("refuse", "passport AA12→34→567"),
        ("refuse", "bank account 734→011→82295"),
        ("refuse", "12。03。2009"),
        ("refuse", "12⁄03⁄2009"),
    ],
)
def test_numbers_in_parts_are_refused_or_held(verdict: str, text: str) -> None:
    assert opinion(text) == verdict


@pytest.mark.parametrize(
    "text",
    [
        "Numbers rose 120→145→160 in three years.",
        "From 1204→1310 cases.",
        "2019→2020→2021",
        "It cost 1'250'000 baht & 3,000,000.",
        "Hours 08:30–17:00.",
        "01–06/2026",
        "12%, 15%, 20% and 25%",
        "分别为120、145、160和175人。",
        "第1、2、3、4、5、6、7条",
        "Articles 1,2,3,4,5,6,7 apply.",
        "Codes 01, 02, 03, 04 and 05",
        "Codes 01/02/03/04/05",
        "Year 2024=120;2025=130",
        "Section 12(3)(4)(5)",
        "(1)(2)(3)(4)(5)(6)(7)",
        "USD 1,200–1,500 & 20,000 THB",
        "1,250,000/1,300,000",
        "Case 1204/2026 & 1205/2026",
        "10:30→11:45→13:15",
        "Ratio 1:100:10000",
        "67.02 | 67 | 238,800",
        "0 | 1 | 0 | 1 | 0 | 3073 | 256",
        "120/145/160",
        "Form 12#34",
        "🇹🇭 Thailand → 🇰🇭 Cambodia",
        "🇹🇭🇻🇳 border",
    ],
)
def test_amounts_lists_years_and_hours_are_not_joined(text: str) -> None:
    assert opinion(text) == "pass"


def test_joined_numbers_are_looked_up_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    dialled: list[str] = []

    def is_number(digits: str) -> bool:
        dialled.append(digits)
        return False

    monkeypatch.setattr(telephones, "is_number", is_number)
    assert opinion("012★345★6789 x " * 60) == "hold"
    assert len(dialled) <= parted.LOOKED_UP_MAX


ROMAN = range(0x2150, 0x218C)  # with the fractions before them
HAN_ZERO = 0x3007


def test_every_digit_of_unicode_is_read_as_one() -> None:
    """By the value that Unicode gives it; Han numbers and Roman ones are words."""
    left = []
    for code in range(0x80, 0x110000):
        each = chr(code)
        value = unicodedata.numeric(each, -1)
        is_letter = unicodedata.category(each) == "Lo" or code in ROMAN or code == HAN_ZERO
        if value in range(10) and not is_letter and plain(f"1{each}") != f"1{int(value)}":
            left.append(f"{code:04X}")
    assert left == []


def test_what_is_no_digit_is_read_without_an_error() -> None:
    """A ten in a ring, a half, a thousand: such a character made the gate raise an error."""
    others = [
        chr(code)
        for code in range(0x80, 0x110000)
        if unicodedata.numeric(chr(code), 0) % 1 or unicodedata.numeric(chr(code), 0) > 9
    ]
    assert len(others) > 300
    for each in others:
        assert plain(f"a {each} 1").endswith(" 1")
    assert opinion("Ten \u277f or \u2793 came") == "pass"


@pytest.mark.parametrize(
    "zero_and_nine",
    [
        "🄋➀➁➂➃➄➅➆➇➈",
        "🄌➊➋➌➍➎➏➐➑➒",
        "🄁🄂🄃🄄🄅🄆🄇🄈🄉🄊",
        "〇〡〢〣〤〥〦〧〨〩",
        "0⑴⑵⑶⑷⑸⑹⑺⑻⑼",
        "0⒈⒉⒊⒋⒌⒍⒎⒏⒐",
        "0㈠㈡㈢㈣㈤㈥㈦㈧㈨",
        "0㊀㊁㊂㊃㊄㊅㊆㊇㊈",
        "៰៱៲៳៴៵៶៷៸៹",
        "༳༪༫༬༭༮༯༰༱༲",
        "".join(map(chr, range(0x1D2C0, 0x1D2CA))),
        "".join(map(chr, range(0x1D2E0, 0x1D2EA))),
        "0" + "".join(map(chr, range(0x1D369, 0x1D372))),
    ],
)
def test_a_telephone_in_other_digits_is_refused(zero_and_nine: str) -> None:
    written = "".join(zero_and_nine[int(digit)] for digit in NUMBER)
    assert plain(written) == NUMBER
    assert marked(f"Her number is {written} now.") == [written]


def in_letters(word: str, first: int) -> str:
    return "".join(chr(first + ord(each) - ord("A")) if each.isupper() else each for each in word)


SMALL = str.maketrans("abcdefghijklmnopqrstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ")
IN_BLACK = (0x1F150, 0x1F170)


@pytest.mark.parametrize("first", [*IN_BLACK, 0x1F1E6])
def test_letters_on_keys_and_of_flags_are_read(first: int) -> None:
    assert opinion(f"Her daughter {in_letters('MALEE', first)} was found.") == "hold"
    assert plain(in_letters("LINES", first)) == "LINES"


def test_words_in_other_letters_are_looked_up() -> None:
    for first in IN_BLACK:
        assert opinion(f"{in_letters('LINE ID', first)} is malee99") in ("hold", "refuse")
        assert verdict_of("en", f"Of these {in_letters('SEVEN', first)} men were detected.") == "refuse"
    assert opinion(f"{'line'.translate(SMALL)} ID is malee99") != "pass"
    assert opinion(f"Her daughter {'malee'.translate(SMALL)} was found.") == "hold"


@pytest.mark.parametrize("count", ["〧", "㈦", "㊆", "⑺", "៷", "seven".translate(SMALL)])
def test_a_hidden_count_in_other_digits_is_refused(count: str) -> None:
    assert verdict_of("en", f"Of these {count} men were detected.") == "refuse"


@pytest.mark.parametrize("text", ["malee99@gmail。com", "081→234→5678", "🄋➇➀➁➂➃➄➅➆➇", "t。me/malee99"])
def test_every_text_of_a_message_is_read_so(text: str) -> None:
    for change in (
        {"text": [{"lang": "en", "title": text, "summary": "s"}]},
        {"text": [{"lang": "en", "title": "t", "summary": "s"}, {"lang": "zh-Hans", "title": "t", "summary": text}]},
        {"reason": text},
        {"issuer": {"member": "TH", "body": f"Desk {text}", "sector": "labour"}},
    ):
        assert judge(read(alert(**change))).verdict == "refuse"  # type: ignore[arg-type]  # an alert


@pytest.mark.parametrize(("value", "is_held"), [(812345678, True), (912345678, True), (5_000_000, False), (50, False)])
def test_a_telephone_as_a_denominator_is_held(value: int, is_held: bool) -> None:
    table = trend({("female",): 20, ("male",): 30, ("total",): 50}, ["sex"], denominator=value)
    found = [reason.path for reason in judge(table).reasons if reason.code == "E-PRIVACY-IDENTIFIER"]
    assert found == (["$.denominator"] if is_held else [])


@pytest.mark.parametrize(
    "part",
    [
        "1→",
        "081→234→5678 ",
        "〇",
        "〡",
        "a。",
        "a。a",
        "12⁄",
        "🇲",
        "+1→+",
        "0→0",
        "1 →",
        "ꓸ",
        "1。1",
        "081234→",
        "account 1→12345678 ",
        "08→12, ",
    ],
)
def test_a_long_text_is_read_in_a_time_that_grows_with_it(part: str) -> None:
    def taken(length: int) -> float:
        start = time.process_time()
        opinion((part * length)[:length])
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 12_000)


@pytest.mark.parametrize(
    "text",
    [
        "โทร0812345678", "เบอร์โทร0812345678", "โทร+66812345678", "ໂທ02055512345", "ទូរស័ព្ទ០១២៣៤៥៦៧៨",
        "电话0812345678", "sđt0912345678", "Tel0812345678", "หนังสือเดินทางAA1234567", "护照E12345678",
        "ID号S1234567D", "UNHCR号123-12C12345",
    ],
)  # fmt: skip
def test_a_number_right_behind_a_word_is_found(text: str) -> None:
    """As it is written in scripts without blanks, and behind a word for a call."""
    assert opinion(text) == "refuse"


@pytest.mark.parametrize("text", ["共1234567人", "มีผู้เสียหาย1234567คน", "Form AA0812345678 of the ministry"])
def test_a_count_or_a_code_right_behind_a_word_is_none(text: str) -> None:
    assert opinion(text) == "pass"


def test_a_text_beyond_the_length_of_its_field_is_not_examined_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for names takes a time that grows faster than a text of capitals without blanks."""
    sizes: list[int] = []

    def noted(_: str, written: str) -> tuple[tuple[()], tuple[()]]:
        sizes.append(len(written))
        return (), ()

    monkeypatch.setattr(unread_drafts, "marks", noted)
    draft = json.loads(alert()) | {"text": [{"lang": "en", "title": "É" * 5_000, "summary": "É" * 12_000}]}
    assert unread_drafts.text_refusals(json.dumps(draft).encode()) == ()
    assert sizes
    assert max(sizes) <= 2_000
