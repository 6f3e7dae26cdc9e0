"""The sentence of a yearly trend: a change against a figure of the year before that left in another message."""

import pytest

from protocol.privacy.test_shares_and_ratios import texts
from protocol.privacy.trends import Values, of, trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables.protecting import released_by
from suar.protocol.privacy.verdict import judge


def table(year: str, female: int, male: int, lang: str = "en", text: str = "By sex.") -> Trend:
    """Women and men of a year, with a text."""
    values: Values = {("female",): female, ("male",): male, ("total",): female + male}
    return trend(values, ["sex"], period=year, text=texts(lang, text))


def ledger(*tables: Trend) -> Released:
    """The ledger after tables of several years."""
    found: Released = {}
    for n, each in enumerate(tables, 1):
        leaving = judge(each).message
        assert isinstance(leaving, Trend)
        for sheet, release in released_by(each, 10, leaving.obs).items():
            found.setdefault(sheet, []).append(type(release)(release.k, release.is_open, release.facts, n))
    return found


def of_two_years(lang: str, text: str, before: tuple[int, int] = (12, 40), now: tuple[int, int] = (6, 37)) -> str:
    """The verdict of a text beside the women and men of 2025, when those of 2024 have left."""
    return judge(table("2025", *now, lang, text), released=ledger(table("2024", *before))).verdict


STATED = [
    ("en", "Women fell by 50 per cent compared with 2024."), ("en", "women down 50%"),
    ("en", "Men fell by 7.5 per cent on 2024."), ("zh", "女性比上年减少50%"), ("th", "หญิงลดลงร้อยละ 50"),
    ("vi", "nữ giảm 50%"), ("en", "Men fell by 3."), ("en", "Men: 40 in 2024, three fewer in 2025."),
    ("id", "Perempuan turun 50 persen dibanding 2024."), ("pt", "As mulheres diminuíram 50 por cento."),
    ("en", "The share of women fell by 9.13 percentage points."), ("en", "Women halved: a factor of 2."),
    ("en", "Half as many women as in 2024."), ("en", "Women fell by half."), ("id", "Perempuan turun separuh."),
    ("vi", "Phụ nữ giảm một nửa."), ("th", "ผู้หญิงลดลงครึ่งหนึ่ง"), ("lo", "ແມ່ຍິງຫຼຸດລົງເຄິ່ງໜຶ່ງ"), ("km", "ស្ត្រីថយពាក់កណ្តាល"),
    ("my", "အမျိုးသမီး ထက်ဝက် လျော့ကျ"), ("zh", "女性减半。"), ("ta", "பெண்கள் பாதி ஆனார்கள்"),
    ("pt", "As mulheres são metade de 2024."),
    ("fil", "Kalahati na lang ang kababaihan."),
    ("en", "In 2024 the women were double those of now: they doubled back."),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "text"), STATED)
def test_a_change_against_the_year_before_is_held(lang: str, text: str) -> None:
    """The year before shows 12 women and 40 men, this one hides 6 and 37."""
    assert of_two_years(lang, text) in ("hold", "refuse"), text
    assert of_two_years(lang, text, (212, 940), (206, 937)) == "pass", text


def test_a_count_that_the_year_before_hides_is_held() -> None:
    assert of_two_years("en", "In 2024 they were 37 men.", (6, 37), (212, 940)) == "hold"
    assert of_two_years("en", "Women rose by 100 per cent.", (6, 37), (12, 40)) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "Victims fell from 52 in 2024 to 43 in 2025.", "Total: 17.3 per cent fewer than in 2024.",
        "The total fell by 9 in a year.", "Funds rose by 12 per cent.", "More women than in 2024 came by bus.",
    ],
)  # fmt: skip
def test_a_change_of_what_both_years_show_passes(text: str) -> None:
    assert of_two_years("en", text) == "pass", text


def by_month(year: str, counts: tuple[int, int, int], text: str = "By month.") -> Trend:
    """May to July of a year, with a text."""
    detected = {"role": "detection", "country": "TH"}
    months = [(f"{year}-{month:02}", value) for month, value in zip((5, 6, 7), counts, strict=True)]
    obs = [{"period": period, "place": detected, "dims": {}, "value": value, "status": "A"} for period, value in months]
    return of(obs, [], text=texts("en", text))


@pytest.mark.parametrize("text", ["In June 62.5 per cent fewer persons than a year ago.", "June: 10 fewer persons."])
def test_a_month_is_compared_with_that_of_the_year_before(text: str) -> None:
    """Of three months in two years those of one name are not next to each other: 16 and then a hidden 6."""
    before = ledger(by_month("2024", (130, 16, 240)))
    assert judge(by_month("2025", (350, 6, 460), text), released=before).verdict == "hold"
    assert judge(by_month("2025", (350, 206, 460), text), released=before).verdict == "pass"


def test_the_total_of_the_year_before_is_none_of_this_one() -> None:
    """A denominator of this year is not compared with a figure of the year before."""
    before = ledger(table("2024", 12, 40))
    after = trend({("female",): 306, ("total",): 306}, ["sex"], period="2025", denominator=340)
    assert judge(after, released=before) == judge(after)
