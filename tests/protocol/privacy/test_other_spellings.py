"""Birthdays, numbers, accounts and counts told in another way than in digits, and what only looks like them."""

import time
from collections.abc import Callable

import pytest

from protocol.privacy.prose_table import verdict_of
from suar.protocol.privacy.identifiers.addresses import in_url
from suar.protocol.privacy.verdict import marks


def seconds_of(unit: str) -> Callable[[int], float]:
    """Processor seconds of reading a text that repeats `unit`, by its length; the first reading is done."""

    def taken(length: int) -> float:
        text = (unit * length)[:length]
        start = time.process_time()
        marks("prose", text)
        return time.process_time() - start

    taken(1_000)
    return taken


def opinion(text: str) -> str:
    """What the gate says of one text."""
    leads, persons = marks("prose", text)
    return "refuse" if any(found.is_sure for found in leads) else "hold" if leads or persons else "pass"


@pytest.mark.parametrize(
    "text",
    [
        "She was born on the twelfth of March 1999.",
        "born twelve march ninety nine",
        "DOB 990312",
        "date of birth: 19990312",
        "She was born on 12 March.",
        "She was born on March 12.",
        "Birthday: 3 May",
        "Korban lahir tanggal 12 Maret.",
        "Em sinh ngày 12 tháng 3.",
        "วันเกิด 12 มีนาคม",
        "她的生日是三月十二日",
        "ເກີດວັນທີ 12 ມີນາ",
        "Ipinanganak noong 12 Marso.",
        "Nasceu a 12 de março.",
    ],
)
def test_a_birthday_is_held_without_its_year_and_in_words(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "Children born in 2019 live in the camp.",
        "Three births in May 2026 were registered.",
        "May born children be safe.",
        "เกิดเหตุวันที่ 12 มี.ค.",
        "一九九九年颁布",
        "Học sinh được bảo vệ từ tháng 3.",
        "Born out of the Bali Process in March.",
        "The law is in force from 12 March.",
        "Anak lahir di kapal pada bulan Maret.",
    ],
)
def test_births_and_days_that_are_no_birthday_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "生日：一九九九年三月十二日",
        "她一九九九年三月十二日回国。",
        "UNHCR 186-12C00345",
        "visa number 12345678",
        "seaman book 123456",
        "MTCN 1234567890",
        "PhilHealth 12-345678901-2",
        "Discord malee#1234",
        "Snapchat nok.nok",
        "微信号 xiaohong1998",
        "微信号：xiaohong1998",
        "QQ 123456789",
        "QQ号：123456789",
        "She can be met at 1800 777 0000 1",
        "The hotline 081 234 5678",
        "Call 081,234,5678",
        "081;234;5678",
        "081+234+5678",
        "081=234=5678",
        "081\\234\\5678",
    ],
)
def test_numbers_accounts_and_dates_of_a_person_are_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "Nomor 1234 K/Pid.Sus/2020 menegaskan hal itu.",
        "Putusan 12/Pid.Sus-Anak/2020/PN Btm dibacakan.",
        "Perkara 7/Pdt.G/2021 diputus.",
        "Civil Appeal No. W-01(A)-45-02/2021 was heard.",
        "It is explained by Ops Pintas.",
        "Call the Commission on Filipinos Overseas.",
        "The DSWD Recovery and Reintegration Program runs.",
        "Iha Aeroportu Prezidente Nicolau Lobato.",
        "Đường dây 1900 54 55 59 của Hội Liên hiệp Phụ nữ",
        "The hotline 1800-777-0000 is free.",
        "It cost 120,000,000 baht.",
        "0,25 and 0,75 per cent",
        "2024=120;2025=130",
    ],
)
def test_courts_offices_and_amounts_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "李女士已经回国。",
        "李小红女士",
        "受害人李小红，十六岁",
        "名叫李小红",
        "姓名：李小红",
        "女孩李小红获救",
        "திருமதி கவிதா",
        "செல்வி கவிதா முருகன்",
        "น้องมะลิ",
        "ชื่อผู้เสียหาย มะลิ",
        "ชื่อผู้เสียหาย: มะลิ",
        "பாதிக்கப்பட்டவர் பெயர் கவிதா முருகன்",
        "பெயர்: கவிதா",
        "ผู้เสียหายชื่อมะลิ ใจดี",
    ],
)
def test_a_name_behind_an_honorific_or_a_label_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "受害人何时获救不明。",
        "受害人任何时候都可求助。",
        "多数案件发生在西哈努克港。",
        "น้องสาวของเธอ",
        "พี่น้องทุกคน",
        "பெண்கள் பாதுகாப்பு",
        "女士们先生们",
        "நிறுவனத்தின் பெயர்: சூரியன்",
        "ไม่เปิดเผยชื่อผู้เสียหายต่อสื่อ",
        "受害人向警方求助。",
        "受害者高度依赖雇主。",
    ],
)
def test_words_that_only_begin_like_one_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "url",
    [
        "https://drive.google.com/file/d/1a2B3c4D5e6F/view",
        "https://photos.app.goo.gl/AbCd",
        "https://imgur.com/a/AbCdE",
        "https://bit.ly/3abcd",
        "https://maleejaidee.blogspot.com/",
    ],
)
def test_a_shared_file_and_a_short_address_are_held(url: str) -> None:
    assert [found.is_sure for found in in_url(url)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "Find her on TikTok under malee dot 99.",
        "telegram t me slash maleejaidee",
        "Photo: drive google com file d 1a2B3c4D5e6F",
        "Her page: facebook dot com malee.jaidee",
        "WhatsApp group of ig sreymom underscore mom",
        "instagram com/malee",
    ],
)
def test_an_address_or_account_in_words_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "Recruiters use Facebook, Telegram and TikTok.",
        "A red dot marks the crossing; call the line in and out of hours.",
        "Telegram channels sell accounts. A dot on the map is a compound.",
        "The slash and burn season brings migrants.",
        "Advertised on Google Drive and on pages of Facebook.",
    ],
)
def test_networks_and_dots_that_lead_to_nobody_pass(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize("url", ["https://www.ilo.org/a/b", "https://bit.ly/", "https://law.go.th/drive.google.com"])
def test_an_address_of_an_office_passes(url: str) -> None:
    assert in_url(url) == ()


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ta", "ஆண்கள் எழுவர்"),
        ("ta", "எழுவர் ஆண்கள்"),
        ("id", "Mereka bertujuh laki-laki."),
        ("id", "Ketujuh laki-laki itu pulang."),
        ("my", "အမျိုးသား - ခုနစ်"),
        ("zh-Hans", "男性柒人"),
        ("zh-Hans", "七个男的"),
        ("zh-Hans", "男：七"),
    ],
)
def test_a_hidden_count_in_words_for_persons_is_refused(lang: str, text: str) -> None:
    assert verdict_of(lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [("ta", "ஆண்கள் மூவர்"), ("id", "Ketiga laki-laki itu."), ("zh-Hans", "兄弟仨"), ("en", "A trio of brothers came.")],
)
def test_a_small_count_in_words_for_persons_is_held(lang: str, text: str) -> None:
    assert verdict_of(lang, text) == "hold"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("id", "Edisi ketiga terbit."),
        ("id", "Kedua negara bekerja sama."),
        ("zh-Hans", "女性占多数"),
        ("ta", "ஒருவர் கூறினார்"),
    ],
)
def test_an_order_and_somebody_are_no_count(lang: str, text: str) -> None:
    assert verdict_of(lang, text) == "pass"
