"""Texts beside a correction: by how much a count changed since an earlier edition of its table, one of them hidden."""

import time
from typing import Any

import pytest

from protocol.privacy.histories import Ledger
from protocol.privacy.prose_table import with_text
from protocol.privacy.trends import of, trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.counts.hidden_numbers import hidden_numbers
from suar.protocol.privacy.counts.remembered import EDITIONS_MAX, known_numbers
from suar.protocol.privacy.proof.cells import cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import Fact, Release
from suar.protocol.privacy.verdict import judge
from support.processor_time import MOST

K = 10
Change = tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]
DUPLICATES: Change = ({("female",): 30, ("male",): 7, ("total",): 57}, {("total",): 37})
"""The total of 57 counted twenty persons twice; 57 less 20 less 30 women are 7 men."""
SMALL_MOVE: Change = (
    {("female",): 130, ("male",): 25, ("total",): 155},
    {("female",): 136, ("male",): 25, ("total",): 161},
)
"""Six women more than before: they and the total leave hidden, since they moved by less than k."""
OPEN: Change = ({("female",): 30, ("male",): 27, ("total",): 57}, {("female",): 50, ("male",): 27, ("total",): 77})


def texts(lang: str, text: str) -> list[dict[str, str]]:
    english = [] if lang == "en" else [{"lang": "en", "title": "Victims", "summary": "By breakdown."}]
    return [*english, {"lang": lang, "title": "T", "summary": text}]


def judge_with(change: Change, lang: str, text: str, **more: Any) -> str:
    """What the gate says of the second table with this summary, once the first one is released."""
    ledger = Ledger()
    ledger.publish(trend(change[0], ["sex"]), K)
    return judge(trend(change[1], ["sex"], text=texts(lang, text), **more), released=ledger.released).verdict


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "20 fewer victims"),
        ("en", "20 persons fewer than told before"),
        ("en", "The first total counted 20 persons twice."),
        ("en", "Twenty victims had been counted twice."),
        ("en", "-20 victims"),
        ("en", "The total fell by 35 per cent."),
        ("en", "Total: -35.1 %"),
        ("en", "The revised figure is 65 per cent of the first."),
        ("en", "The first total was 54 per cent too high."),
        ("en", "50 of the persons first counted were women or nobody."),
        ("th", "ยอดรวมลดลง 20 คน"),
        ("th", "ลดลงร้อยละ 35"),
        ("lo", "ຫຼຸດລົງ 20 ຄົນ"),
        ("lo", "ຫຼຸດລົງ 35 ເປີເຊັນ"),
        ("km", "ថយចុះ ២០ នាក់"),
        ("km", "ថយចុះ ៣៥ ភាគរយ"),
        ("my", "၂၀ ဦး လျော့နည်း"),
        ("my", "၃၅ ရာခိုင်နှုန်း လျော့နည်း"),
        ("vi", "giảm 20 người"),
        ("vi", "giảm 35 phần trăm"),
        ("id", "berkurang 20 orang"),
        ("id", "turun 35 persen"),
        ("ms", "berkurang 20 mangsa"),
        ("ms", "turun 35 peratus"),
        ("fil", "Nabawasan ng 20 biktima."),
        ("fil", "Bumaba ng 35 porsiyento."),
        ("zh-Hans", "减少了20人"),
        ("zh-Hans", "减少了35%"),
        ("pt", "menos 20 pessoas"),
        ("pt", "desceu 35 por cento"),
        ("tet", "tun ema 20"),
        ("tet", "tun porsentu 35"),
        ("ta", "20 பேர் குறைவு"),
        ("ta", "35 சதவீதம் குறைவு"),
    ],
)
def test_how_a_total_was_corrected_is_refused_beside_a_word_for_persons_or_per_cent(lang: str, text: str) -> None:
    assert judge_with(DUPLICATES, lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The total of 57 was 20 too high."),
        ("en", "20 duplicates were removed from 57."),
        ("en", "The total was overstated by 20."),
        ("en", "We removed twenty duplicates from the total."),
        ("en", "Total: -20"),
        ("en", "The first total was 1.54 times the right one."),
        ("en", "It is 0.35 lower."),
        ("zh-Hans", "总数多了20"),
        ("id", "Jumlah terlalu tinggi 20"),
        ("th", "ยอดรวมสูงเกินไป 20"),
        ("vi", "Tổng số cao hơn 20"),
    ],
)
def test_it_is_held_elsewhere(lang: str, text: str) -> None:
    assert judge_with(DUPLICATES, lang, text) == "hold"


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("refuse", "Female victims rose by 4.6 %."),
        ("refuse", "Women: +4.6 per cent."),
        ("refuse", "Detections rose by 4 per cent."),
        ("refuse", "Six women more than before."),
        ("hold", "The number of women grew from 130 by six."),
        ("hold", "Six more than before."),
        ("pass", "Two forms were read again, and nothing else was changed."),
    ],
)
def test_a_move_by_less_than_k_is_not_told_either(verdict: str, text: str) -> None:
    assert judge_with(SMALL_MOVE, "en", text) == verdict


@pytest.mark.parametrize(
    "text", ["20 women more than before.", "The total rose by 35 per cent.", "Women rose by 66.7 %.", "It grew by 20."]
)
def test_how_a_shown_count_changed_that_is_shown_again_is_no_secret(text: str) -> None:
    assert judge_with(OPEN, "en", text) == "pass"


def test_what_is_also_shown_is_held_beside_its_word_and_passes_elsewhere() -> None:
    ledger = Ledger()
    ledger.publish(trend(DUPLICATES[0], ["sex"]), K)
    location = {"role": "detection", "country": "TH"}
    year_before = {"period": "2025", "place": location, "dims": {"sex": "total"}, "value": 20, "status": "A"}
    total = year_before | {"period": "2026", "value": 37}
    for verdict, text in (("hold", "20 fewer victims"), ("pass", "The total was 20 too high.")):
        both = of([year_before, total], ["sex"], text=texts("en", text))
        assert judge(both, released=ledger.released).verdict == verdict, text


def test_a_sum_that_the_table_leaves_out_is_compared_too() -> None:
    parts: Change = ({("female",): 30, ("male",): 27}, {("female",): 30, ("male",): 7})
    assert judge_with(parts, "en", "The total fell by 35 per cent.", margins=False) == "refuse"


def test_a_later_table_tells_no_earlier_correction() -> None:
    """The third table has neither the total nor the women; the ledger has what both messages told of the total."""
    ledger = Ledger()
    for values in DUPLICATES:
        ledger.publish(trend(values, ["sex"]), K)
    for verdict, text in (("hold", "20 victims had been counted twice."), ("hold", "The total fell by 35 per cent.")):
        other = trend({("unknown",): 60}, ["sex"], text=texts("en", text), period="2026-H1")
        assert judge(other, released=ledger.released).verdict == verdict, text


def test_an_earlier_correction_is_compared_when_the_total_changed_again() -> None:
    ledger = Ledger()
    for values in DUPLICATES:
        ledger.publish(trend(values, ["sex"]), K)
    third = trend({("total",): 90}, ["sex"], text=texts("en", "The second time 20 persons were taken out."))
    assert judge(third, released=ledger.released).verdict == "refuse"


def test_nothing_is_compared_without_an_earlier_edition() -> None:
    assert judge(with_text("en", "Reports rose by 35 per cent.")).verdict == "pass"


def large() -> Trend:
    """A table of 720 months and provinces, that is as many cells without a sum."""
    obs = [
        {
            "period": f"2026-{at % 12 + 1:02d}", "value": at % 89, "status": "A", "dims": {},
            "place": {"role": "detection", "country": "TH", "admin1": f"TH-{at // 12 + 10}"},
        }
        for at in range(720)
    ]  # fmt: skip
    return of(obs, [], margins=False)


def test_the_time_does_not_grow_with_what_was_released_before() -> None:
    now = large()
    sheet = sheet_of(now, now.obs[0])
    cells = [(cell_of(item), item.value or 0) for item in now.obs]

    def taken(number: int) -> float:
        before = [
            Release(K, True, tuple(Fact(cell, n + 11 * r, "S" if n % 3 else "") for cell, n in cells), r)
            for r in range(1, number + 1)
        ]
        start = time.process_time()
        hidden_numbers(known_numbers(now, now.obs, {sheet: before}))
        return time.process_time() - start

    taken(1)
    few, many = [taken(EDITIONS_MAX)], [taken(4 * EDITIONS_MAX)]
    while len(few) < MOST and min(many) >= 2 * min(few) + 0.5:
        few.append(taken(EDITIONS_MAX))
        many.append(taken(4 * EDITIONS_MAX))
    assert min(many) < 2 * min(few) + 0.5
