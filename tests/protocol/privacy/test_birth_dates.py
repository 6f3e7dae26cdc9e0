"""Dates of birth and other full dates as they are written with blanks, in other scripts and with other signs."""

from itertools import product

import pytest

from protocol.privacy.test_own_words import marked
from protocol.privacy.test_texts import opinion


@pytest.mark.parametrize(
    "text",
    [
        "born 3 / 4 / 2009", "born 03. 04. 2009", "born 03 - 04 - 2009", "03 - 04 - 2009", "3 /4/ 2009",
        "2009 / 4 / 3",
        "เกิด 3 / 4 / 2552", "2009年4月3号", "于2009-4-3", "于2009/4/3出生", "于3/4/2009出生", "ngày3/4/2009",
        "Ngày 3 / 4 / 2009", "sinh3/4/2009", "วันที่3/4/2552", "3 ஏப்ரல் 2009 பிறந்தாள்", "2009 ஏப்ரல் 3",
        "2009-ஆம் ஆண்டு மே 12",
        "ஏப்ரல் 3, 2009", "born 03→04→2009", "born 03:04:2009", "born 03#04#2009", "born (03)(04)(2009)",
        "born 2009→4→3", "出生 2009、4、3", "2009→4→3出生", "03→04→2009 பிறந்தாள்", "born 03//04//2009",
        "born 03--04--2009", "birth: 2009 04 03", "born 03/04/’09", "lahir 03_04_2009",
        "from 3 / 4 / 2009 - 5 / 4 / 2009", "เกิดเมื่อวันที่ 12 มีนา 2552", "12 มีค 2552", "12 มี. ค. 2552",
        "born 12Mar2009", "วันเกิด 12 มีนา 52", "เธอเกิดวันที่ 12 มี.ค. 42",
    ],
)  # fmt: skip
def test_a_full_date_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "born 03042009", "born 20090403", "lahir 03042009", "dilahirkan 03042009", "生日 20090403", "born 3, 4, 2009",
        "born 12:03:08", "born 2009, 4, 3", "12.3.09 born", "20090312出生", "09年3月12日出生", "born on 12 III 2009",
        "born 12-III-2009", "born on 12.III", "DOB 12/III/09", "12 III 2009", "born: 2009, March 12",
        "born in 2009 on 12 March", "sinh ngày mười hai tháng ba năm 2009", "moris loron 12 fulan 3",
        "பிறந்த நாள் 12 மார்ச்", "မွေးနေ့ ၁၂ မတ်", "วันเกิด 12 มี.ค.", "เกิด 12 มีนา", "เกิด 5 กพ",
        "lahir 12 XII 2009", "生日 12 VI 2009",
    ],
)  # fmt: skip
def test_what_may_be_a_date_of_birth_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "03→04→2009", "12:04:2009", "2009、4、3", "born in 2009, 12 of 40", "Births 2008→2009→2010",
        "born 40→50→2009",
        "born 13→14→2009", "Births: 12 of 34, 2009", "Rows 12 / 40 / 3 / 4 / 2009", "Children born 2008–2009",
        "births: 12345678 in all", "第2009-4-3号文件", "2009年4月30人", "ஏப்ரல் 2009", "in 2009, 4 or 3",
        "1 / 40 / 2009",
        "Born free: 10:30→11:45→13:15", "เกิด 3 พยาน", "Surat Nomor 12/III/2009", "Born in March 2009",
        "Chapter VI 2009",
        "Children born in 2009 and March", "Births 2008, 2009", "Sinh ngày mười người",
    ],
)  # fmt: skip
def test_other_numbers_pass(text: str) -> None:
    assert opinion(text) == "pass"


def test_the_words_are_the_authors() -> None:
    assert marked("She was born 03→04→2009 in a village.") == ["03→04→2009"]
    assert marked("She came on 03 - 04 - 2009 by bus.") == ["03 - 04 - 2009"]


@pytest.mark.parametrize(
    "text",
    [
        "birthday: 12/3", "her birthday is 3/12", "Birthday 12-3", "born 12/3", "วันเกิด 12/3", "tarikh lahir: 12/3",
        "tarikh lahir 120309", "nasceu em 12/03", "kaarawan niya ay Marso 12", "aniversário 12 de março",
        "生日：3/12",
        "ວັນເກີດ 12/3", "ថ្ងៃកំណើត 12/3", "မွေးနေ့ ၁၂/၃", "பிறந்த நாள் 12/3",
    ],
)  # fmt: skip
def test_a_day_and_a_month_behind_a_word_for_birth_are_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "Children born 5-10 years ago", "Children born 10-12 months before", "Nasceu 1/3 das crianças",
        "เกิดเหตุ 12/3 คดี",
        "The share of births is 3/4 of the total", "Kelahiran 3/4 dari jumlah", "born 1/2 per 1,000", "ເກີດ 5-10 ປີ",
        "anak lahir 1-2 tahun", "出生率 3/4",
    ],
)  # fmt: skip
def test_years_and_shares_behind_such_a_word_pass(text: str) -> None:
    assert opinion(text) == "pass"


WRITTEN = {
    "en": ("12", ["Mar", "March"], ["2009"]),
    "id": ("12", ["Maret"], ["2009"]),
    "ms": ("12", ["Mac"], ["2009"]),
    "pt": ("12", ["março"], ["2009"]),
}


@pytest.mark.parametrize("lang", WRITTEN)
def test_a_day_a_month_in_words_and_a_year_are_refused_with_any_sign_between(lang: str) -> None:
    day, months, years = WRITTEN[lang]
    for month, year, sign in product(months, years, ["", " ", "-", "/", ".", ", "]):
        for written in (month, month.upper(), month.lower()):
            text = day + sign + written + (sign or "") + year
            assert opinion(text) == "refuse", text
            assert opinion(f"born {text}") == "refuse", text


@pytest.mark.parametrize("birth", ["born", "DOB:", "lahir", "tgl lhr", "TTL:"])
def test_a_year_of_two_digits_is_refused_behind_a_word_for_birth(birth: str) -> None:
    for date in ("12Mar09", "12MAR09", "12-Mar-09", "12/Mar/09", "12.03.09", "12 mar 09"):
        assert opinion(f"{birth} {date}") == "refuse", f"{birth} {date}"


@pytest.mark.parametrize(
    "text",
    [
        "Mar-12-2009",
        "Mar.12.2009",
        "Mar/12/2009",
        "12 tháng Ba năm 2009",
        "12 tháng mười hai năm 2009",
        "ngày 12 tháng tư 2009",
        "12 มีนา 52",
        "๑๒ มี.ค. ๕๒",
        "12 มีนาคม 52",
        "12 bulan 3 tahun 2009",
        "12th day of March 2009",
        "12 day of March, 2009",
        "March the 12th, 2009",
        "dia 12 de março do ano de 2009",
        "12 de março do ano 2009",
        "2009年3月12",
        "于2009年3月12出生",
        "民國98年3月12日",
        "民国九十八年三月十二日",
        "the girl born 12Mar2009",
    ],
)
def test_other_ordinary_spellings_of_a_full_date_are_refused(text: str) -> None:
    assert opinion(text) == "refuse"


DAYS = ["12/3", "12-3", "12 March", "March 12", "12 Maret", "12 de março", "March the 12th"]


@pytest.mark.parametrize(
    "birth",
    [
        "ulang tahun",
        "ulang tahunnya pada",
        "sinh nhật",
        "sinh nhật:",
        "faz anos a",
        "fez 16 anos em",
        "turned sixteen on",
        "turns 16 on",
    ],
)
def test_a_day_and_a_month_behind_a_word_for_a_birthday_are_held(birth: str) -> None:
    for day in DAYS:
        assert opinion(f"{birth} {day}") == "hold", f"{birth} {day}"


@pytest.mark.parametrize(
    "text",
    [
        "sinh ngày 12 tháng ba",
        "09.3.12出生",
        "မွေးနေ့ မတ်လ ၁၂ ရက်",
        "பிறந்தநாள் மார்ச் 12",
        "YOB 2009 MOB 03 DOB 12",
        "DOB 12 MOB 3 YOB 2009",
        "born in March 2009 on the 12th",
    ],
)
def test_parts_of_a_date_of_birth_are_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "Trong 12 tháng năm 2009 có 30 vụ.",
        "12 มี.ค. 52 คน ได้รับความช่วยเหลือ",
        "2009年3月12人获救",
        "Tiga puluh kasus dalam 12 bulan 3 tahun terakhir.",
        "The company turned profit in May 2024.",
        "Ulang tahun ke-50 ASEAN dirayakan.",
        "Elas têm 12 anos em março.",
        "Surat Nomor 12/MEI/2023 diterbitkan.",
        "She may 12-fold it.",
        "The bus turned 12 times on 3 routes.",
        "民國98年3月",
        "The TTL is 12 hours.",
        "born in March 2009 on 12 farms",
        "มี.ค. 52 ราย",
    ],
)
def test_other_numbers_near_months_pass(text: str) -> None:
    assert opinion(text) == "pass"
