"""A network's name, a few linking words, and an account: refused or held in every language; positions in words."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.privacy.test_other_spellings import opinion
from suar.protocol.privacy.identifiers.named_accounts import FIRST_WORDS, LATIN_FORM, NETWORKS
from suar.protocol.privacy.text.plain import plain, words_of
from support.processor_time import is_linear


@pytest.mark.parametrize(
    "text",
    [
        "Her LINE ID is malee99",
        "Her Line account is malee99.",
        "her WhatsApp is malee99",
        "Her Telegram name is nok_09.",
        "her TikTok account is nok_09",
        "Her WeChat ID is nok2009",
        "akun Instagramnya nok_09",
        "akun IG-nya adalah nok_09",
        "akaun Telegram mangsa ialah nok_09",
        "Zalo của em là malee99",
        "ang Messenger niya ay nok_09",
        "o WhatsApp dela é nok_09",
        "nia Facebook naran nok_09",
        "ไอดีไลน์คือ malee99",
        "ไลน์ของเธอชื่อ malee",
        "ເຟສບຸກຂອງລາວແມ່ນ malee99",
        "តេឡេក្រាមរបស់នាងគឺ malee99",
        "တယ်လီဂရမ် အကောင့် malee99",
        "微信号是nok2009",
        "她的抖音号是malee",
        "டெலிகிராம் பெயர் malee99",
    ],
)
def test_an_account_behind_linking_words_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "her line is malee99",
        "Facebook is malee.srisai",
        "her Facebook name is malee srisai",
        "fb malee srisai",
        "Her LINE name: malee",
        "akun Facebook nama: siti",
    ],
)
def test_one_that_may_be_something_else_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "Offers move between Facebook groups and Telegram channels.",
        "Facebook is the first network; TikTok is second in 2026.",
        "Telegram channels named in 2026 are closed.",
        "The line is open 24 hours, and WhatsApp is answered by day.",
        "WhatsApp number is known to the police.",
        "Recruiters use LINE as a tool.",
        "fb groups and pages.",
        "A Facebook account is free.",
        "Their Instagram account is private.",
        "Akun Facebook adalah milik agen perekrut.",
        "Zalo là kênh phổ biến.",
        "ไลน์คือช่องทางหลัก",
        "微信是常用的渠道。",
        "The signal is weak.",
        "Viber name and number are asked for in the form.",
    ],
)
def test_networks_that_lead_to_nobody_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "Seen at 47P PR 63 20.",
        "47P PR 632201",
        "47PPR 6320 2010",
        "what3words filled.count.soap",
        "w3w: filled.count.soap",
        "what3words: ///filled.count.soap",
    ],
)
def test_a_square_of_the_grid_and_three_words_are_a_position(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text", ["Flights 12 and 14 AB 12 34.", "what3words is used by rescuers. Ask them.", "16P of 63 20."]
)
def test_numbers_and_words_that_are_no_position_pass(text: str) -> None:
    assert opinion(text) == "pass"


@given(
    st.sampled_from(["", "her ", "her-", "(", "9", "_", "é", "ไลน์", "'"]),
    st.sampled_from(NETWORKS.split("|")),
    st.sampled_from(["", "nya", "-nya", "ku", "-mu", "'s"]),
    st.lists(st.sampled_from([" is", ":id", " user name", " của", " é", " ne'e", "="]), max_size=4),
    st.sampled_from([" malee99", ": ma_lee", "=a.lee", " malee"]),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_a_form_in_latin_letters_has_one_of_the_first_words(
    before: str, network: str, ending: str, links: list[str], account: str, written: Callable[[str], str]
) -> None:
    text = plain(before + written(network) + ending + "".join(links) + account)
    assert not LATIN_FORM.search(text) or words_of(text) & FIRST_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "加wechat malee99",
        "加WeChat: malee99",
        "我的LINE是malee99",
        "ทางline: malee99",
        "ทางLINE malee99",
        "ทางFacebook: malee99",
        "ຜ່ານFacebook: malee99",
        "តាមTelegram malee99",
        "加qq 123456789",
        "LINE → malee99",
        "fb/malee99",
        "FB→malee99",
        "IG | malee99",
        "WhatsApp (malee99)",
        'Telegram "malee99"',
        "telegram «malee99»",
        "Zalo – malee99",
        "Zalo-malee99",
        "WeChat > malee_s",
        "Twitter malee99",
        "🇮🇬 malee99",
        "@มะลิ99",
    ],
)
def test_an_account_right_behind_a_letter_or_a_sign_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "我的line是malee99",
        "line/malee99",
        "malee99 on LINE",
        "malee99 (LINE)",
        "malee99 trên Zalo",
        "malee99 di Telegram",
        "malee99 ทาง LINE",
        "malee_s | Facebook",
        "X: malee99",
        "Telegram (Malee99)",
    ],
)
def test_one_in_front_of_the_network_or_with_capitals_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "The line at the border is long.",
        "They were recruited online.",
        "A line of 12 trucks stood there.",
        "Offers on Facebook/TikTok rose in 2026.",
        "Facebook (2026) and TikTok (2025).",
        "The LINE (app) is used.",
        "Use of Telegram – 45 cases.",
        "IMO/MSC101 and IMO (A1234)",
        "Facebook: 120 posts; TikTok: 45",
        "The Blue Line – BTS2024",
        "X/Twitter posts in 2026",
        "12 cases on Facebook",
        "covid19 on Facebook",
        "Calls on LINE in 2026 (45)",
        "通过WeChat和LINE联系，2026年有12起。",
        "ใช้ LINE เป็นช่องทางหลัก 12 กลุ่ม",
        "ทางไลน์และ Facebook ปี 2569",
        "🇹🇭🇻🇳 border",
        "🇹🇬 Togo",
        "Số 12/2026 trên Zalo",
    ],
)
def test_networks_beside_signs_and_numbers_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize("unit", ["fb/a", "ab1c ", "fb ( ", "line是", "@ก1", "X:a1b2 ", "a_"])
def test_accounts_are_looked_for_in_a_time_that_grows_with_the_text(unit: str) -> None:
    def taken(length: int) -> float:
        text = (unit * length)[:length] + " x1 on fb"
        start = time.process_time()
        opinion(text)
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 6_000)
