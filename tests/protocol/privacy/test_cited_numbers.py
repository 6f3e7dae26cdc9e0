"""Numbers of cases, of acts and of codes, and dates of reports are not refused; no telephone or birth passes there."""

from itertools import product

import pytest

from protocol.privacy.test_texts import opinion

COURTS = [
    "Criminal Appeal No. {}",
    "Civil Appeal {}",
    "the trial {} in Kuala Lumpur",
    "Rayuan Jenayah No. {}",
    "Perkara {}",
    "คดี {}",
]
CASES = [
    "B-05-123-04/2019",
    "01-23-05/2018",
    "J-05-45-2011",
    "BA-45B-12-03/2019",
    "W-05-231-08/2020",
    "J-05(M)-123-04/2019",
]


@pytest.mark.parametrize("court", COURTS)
def test_the_number_of_a_case_passes_behind_a_word_for_it(court: str) -> None:
    for case in CASES:
        assert opinion(court.format(case)) == "pass", court.format(case)


@pytest.mark.parametrize(
    "text",
    [
        "Rantsev v. Cyprus and Russia, no. 25965/04",
        "Chowdury v. Greece, no. 21884/15",
        "Applications nos. 25965/04 and 21884/15",
        "ICC-01/04-01/06-2842",
        "COM(2022) 732",
        "2002/629/JHA",
        "Directive 2011/36/EU replaces 2002/629/JHA.",
        "Case 002/19-09-2007/ECCC/TC was heard in Phnom Penh.",
        "ISIC 0311-0322",
        "ISIC 9601-9609",
        "ISCO 9211-9216",
        "KBLI 03111-03119",
        "PSIC 03111-03119",
        "ISIC Rev. 4 codes 9601–9609 and 9411–9499 are services.",
        "KBLI 56101-56109 mencakup restoran.",
    ],
)
def test_a_citation_or_a_range_of_codes_passes(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    ["J-05-45-2011", "Criminal Case Nos. 09-123456-58", "ISIC 0812-3456", "HS 0302.11/0303.12", "HS 0302.11-0302.89"],
)
def test_what_may_be_a_telephone_as_well_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "word", ["Criminal Appeal No. {}", "Case {}", "Rantsev v. Cyprus, no. {}", "ISIC {}", "HS {}", "COM {}", "KBLI {}"]
)
@pytest.mark.parametrize(
    "number",
    ["081-234-5678", "08-1234-5678", "0812345678", "9123-4567", "+66 81 234 5678", "0812/345/678", "12-03-2009"],
)
def test_a_telephone_or_a_date_does_not_pass_behind_such_a_word(word: str, number: str) -> None:
    assert opinion(word.format(number)) == "refuse", word.format(number)


@pytest.mark.parametrize(
    "text",
    [
        "Criminal Case Nos. 08-123456-78",
        "Criminal Appeal J-12-03-2009",
        "Criminal Appeal J-05-45-2011 is her telephone",
        "Her phone: Appeal 01-23-05/2018",
        "Rantsev v. Cyprus, no. 9123/2045",
        "Rantsev v. Cyprus, no. 912345/67",
        "ICC-08/12-34/56-7890",
        "COM(2022) 81234567",
        "ISIC 8123-9187",
        "ISIC 9123-9187 is her phone",
        "call ISIC 9123-9187",
        "kode 9123-9187",
    ],
)
def test_a_telephone_in_the_form_of_a_citation_does_not_pass(text: str) -> None:
    assert opinion(text) != "pass"


SINCE = {
    "en": (
        ["as of {}", "data as at {}", "From 1 July 2022 to {}", "until {}", "by {}"],
        ["31 December 2023", "31 Dec 2023"],
    ),
    "id": (["per {}", "sampai dengan {}", "hingga tanggal {}"], ["31 Desember 2023", "30 September 2025"]),
    "ms": (["setakat {}", "sehingga {}"], ["31 Disember 2023"]),
    "vi": (["tính đến ngày {}", "từ ngày {}"], ["31/12/2023", "1/1/2024", "30/6/2025"]),
    "th": (["ณ วันที่ {}", "ตั้งแต่ {}", "ถึงวันที่ {}"], ["31 ธันวาคม 2566", "1 ม.ค. 2568", "30 มิ.ย. 68"]),
    "zh": (["截至{}", "自{}"], ["2023年12月31日", "2025年6月30日", "2025年1月1日"]),
    "pt": (["até {}", "a partir de {}"], ["31 de dezembro de 2024", "1 de abril de 2025"]),
    "fil": (["hanggang {}", "mula {}"], ["31 Disyembre 2024", "1 Enero 2025"]),
    "tet": (["to'o {}", "husi {}"], ["31 Dezembru 2024", "1 Janeiru 2025"]),
    "lo": (["ຮອດ {}"], ["31 ທັນວາ 2024"]),
    "km": (["គិតត្រឹម {}"], ["31 ធ្នូ 2024"]),
}


@pytest.mark.parametrize("lang", SINCE)
def test_the_end_of_a_month_that_bounds_a_report_passes(lang: str) -> None:
    for form, date in product(*SINCE[lang]):
        assert opinion(form.format(date)) == "pass", form.format(date)


@pytest.mark.parametrize(
    "text",
    [
        "1 January–31 March 2025",
        "From 1 January 2025 to 31 March 2025 two routes were closed.",
        "As of 28 February 2025, 412 cases were open.",
        "As of 12/31/2023 nothing had changed.",
        "Girls under 18 are counted as of 31 December 2024.",
        "自2025年1月1日至3月31日",
        "ณ 31 ธ.ค. 67",
    ],
)
def test_so_do_the_bounds_of_a_period(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text", ["Launched on 30 July 2023", "as of 12 March 2009", "published 4 May 2023", "as of 30 May 2023"]
)
def test_another_day_of_a_report_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "born as of 31 December 2009",
        "from 31 December 2009, her birthday",
        "as of 1 January 2009 the girl",
        "born 1 January–31 March 2009",
        "DOB per 31/12/2009",
        "per 31 Desember 2009, gadis itu",
        "tính đến ngày 31/12/2009 em sinh ngày 31/12/2009",
        "ณ วันที่ 31 ธันวาคม 2552 วันเกิด",
        "截至2009年12月31日出生",
        "A girl, from 31 December 2009",
        "As of 31 December 2009. The boat left on 31 December 2009.",
        "31 December 2009",
    ],
)
def test_a_date_of_birth_behind_such_a_word_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"
