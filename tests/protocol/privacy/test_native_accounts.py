"""Accounts behind the native name of a network, without a sign or with one; and words that end like such a name."""

import time

import pytest

from protocol.privacy.test_other_spellings import opinion
from support.processor_time import is_linear


@pytest.mark.parametrize(
    "text",
    [
        "ไลน์ somchai", "ไลน์ไอดี nok", "ไลน์ malee99", "ลายน์/ไอจี/เฟส malee99", "ไอจี nok_09", "เฟส malee99",
        "ติ๊กต๊อก malee99", "วีแชต: malee99",
        "ໄລນ໌ malee99", "ໄລ malee99", "ໄອຈີ malee99", "ເຟສ malee99", "ຕິກຕັອກ nok_09",
        "ឡាញ malee99", "តេឡេក្រាម → malee99", "ទិកតុក malee_s", "អាយជី malee99",
        "လိုင်း malee99", "ဖေ့စ်ဘုတ် malee99", "အိုင်ဂျီ nok_09", "တစ်တော့ (malee99)",
        "抖音 malee99", "加小红书malee99聊", "微博：malee_99",
        "லைன் malee99", "பேஸ்புக் malee99", "வாட்ஸ்அப்: nok_09",
    ],
)  # fmt: skip
def test_one_with_a_digit_or_an_underscore_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "ไลน์ nok", "ไลน์: malee", "ไอจี nok", "เฟซ: nok", "เฟส malee", "ติ๊กต็อก → malee", "ไลน์: Malee", "ลายน์ Malee99",
        "ໄລນ໌ malee", "ໄອຈີ: malee", "ມະໄລ malee99",
        "ឡាញ malee", "ឡាញ: malee", "ទិកតុក malee",
        "လိုင်း malee", "လိုင်း: malee", "အိုင်ဂျီ nok",
        "微信：malee", "抖音malee", "微博（malee）",
        "பேஸ்புக்: malee", "லைன் malee", "வாட்ஸ்அப் malee.srisai",
        "telegram nok", "Zalo nok", "WhatsApp nok", "IG nok", "ig: nok", "MiChat: wulansari", "TikTok → kwan",
        "Her WhatsApp nok was active.", "add on WeChat malee", "her wechat xiaoli", "Facebook siti", "Telegram: Nok",
    ],
)  # fmt: skip
def test_one_of_letters_alone_or_with_capitals_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "ไลน์ group", "ในไลน์ TikTok", "ใช้ไลน์ (LINE) และ WhatsApp", "เฟซบุ๊ก Marketplace", "ไลน์ OA", "กลุ่มไลน์ 12 กลุ่ม",
        "งานออนไลน์ scam", "หลอกลวงออนไลน์ TikTok", "ฮอตไลน์ center", "ไทม์ไลน์ case", "เฟส 2 ของโครงการ",
        "ອອນໄລນ໌ scam", "ໄລຍະ project", "ໄລ່ project", "ເຟສບຸກ page",
        "តាមអនឡាញ job", "ហ្វេសប៊ុក page", "អនឡាញ casino99",
        "အွန်လိုင်း scam", "ဖုန်းလိုင်း mobile", "လိုင်း SIM", "ကားလိုင်း YBS",
        "微信 WeChat", "微信（WeChat）", "微信、WhatsApp", "微信和LINE", "微信是QQ", "微信 mini-program",
        "电报 Telegram", "通过微信 app 联系",
        "ஆன்லைன் jobs", "பேஸ்புக் group",
        "Iklan WhatsApp meningkat.", "Saluran Telegram bertambah.", "O Facebook cresceu.", "Telegram rises.",
        "On TikTok content spreads", "Offers came by WhatsApp yesterday.", "Calo memakai WhatsApp lalu menghilang",
        "Facebook (mostly)", "Facebook/instagram", "sa Facebook at TikTok.", "WhatsApp calls: none.",
        "Facebook grew", "Iha Facebook barak.",
        "The line nok", "A signal: strong", "IMO members", "Instagram hingga TikTok", "Telegram kanal",
        "Zalo tăng.",
    ],
)  # fmt: skip
def test_networks_without_an_account_and_words_that_end_like_one_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "unit", ["ไลน์ ", "ไลน์ไอดี", "微信是", "微信a.", "ໄລ_", "လိုင်း: ", "ไลน์ a-", "ไลน์ 1.", "微信-> ", "fb-nok "]
)
def test_they_are_looked_for_in_a_time_that_grows_with_the_text(unit: str) -> None:
    def taken(length: int) -> float:
        text = (unit * length)[:length] + " x1"
        start = time.process_time()
        opinion(text)
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 6_000)
