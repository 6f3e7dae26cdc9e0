"""Texts are compared with the counts that the ledger has, however little of the table is handed in with them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.privacy.trends import read, trend
from suar.service.publish import accepting, checking
from suar.service.reading.verdict import Verdict
from support.corekit import CoreKit, core_with_bundles

WRITTEN = ("schema", "id", "rev", "sent", "privacy", "status")
FIRST: dict[str, int | None] = {"female": 7, "male": 43, "total": 50}
AS_PUBLISHED: dict[str, int | None] = {"female": None, "male": None, "total": 50}


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


def table(counts: dict[str, int | None], summary: str = "By sex.", title: str = "Victims", **changes: Any) -> bytes:
    """A table by sex; what has no number is suppressed, as a reader of the message has it."""
    tree = read(trend({(code,): count for code, count in counts.items()}, ["sex"], period="2026-H2"))
    for each in tree["obs"]:
        each["status"] = "S" if each["value"] is None else "A"
    text = [{"lang": "en", "title": title, "summary": summary}]
    return draft(tree, text=text, **changes)


def draft(tree: dict[str, Any], **changes: Any) -> bytes:
    values = {key: each for key, each in tree.items() if key not in WRITTEN and each is not None}
    return json.dumps(values | {"expires": "2028-01-01T00:00:00Z"} | changes).encode()


def publish(kit: CoreKit, data: bytes) -> Verdict:
    return accepting.accept(kit.core, [(data, None)], realm="actual", token="desk")[0]


def first(kit: CoreKit, counts: dict[str, int | None] = FIRST, **changes: Any) -> str:
    done = publish(kit, table(counts, **changes))
    assert done.verdict == "published", done
    return str(done.id)


def verdict_codes(kit: CoreKit, data: bytes) -> tuple[str, set[str]]:
    """What `check-message --state` says of it, and what publishing does with it."""
    checked = checking.check(kit.core, data, "actual")
    done = publish(kit, data)
    assert {each["code"] for each in checked["reasons"]} == {each.code for each in done.reasons}
    assert (checked["verdict"], done.verdict) in {("refuse", "refused"), ("hold", "held"), ("pass", "published")}
    return checked["verdict"], {each["code"] for each in checked["reasons"]}


DISCLOSING = [
    "43 men were found.", "Forty-three men, the rest women.", "86 per cent were men.", "Seven women.",
    "14 % of the victims were women.",
]  # fmt: skip


@pytest.mark.parametrize("counts", [AS_PUBLISHED, {"total": 50}], ids=["as published", "left out"])
def test_an_update_of_the_text_alone_discloses_no_count_of_its_own_message(
    th: CoreKit, counts: dict[str, int | None]
) -> None:
    id_ = first(th)
    for text in DISCLOSING:
        for field in ("summary", "title"):
            verdict = verdict_codes(th, table(counts, action="update", id=id_, **{field: text}))
            assert verdict == ("refuse", {"E-PRIVACY-COUNT"}), (field, text)


def test_the_number_alone_is_held(th: CoreKit) -> None:
    id_ = first(th)
    assert verdict_codes(th, table(AS_PUBLISHED, "See 43.", action="update", id=id_)) == ("hold", {"E-PRIVACY-COUNT"})


@pytest.mark.parametrize("counts", [AS_PUBLISHED, {"total": 50}], ids=["as published", "left out"])
def test_a_new_message_about_the_same_cells_discloses_none_either(th: CoreKit, counts: dict[str, int | None]) -> None:
    first(th)
    assert verdict_codes(th, table(counts, "43 men were found.")) == ("refuse", {"E-PRIVACY-COUNT"})


def test_a_count_that_was_hidden_and_is_another_now_is_not_reported(th: CoreKit) -> None:
    id_ = first(th)
    done = publish(th, table({"female": 21, "male": 29, "total": 50}, action="update", id=id_))
    assert done.verdict == "published"
    verdict = verdict_codes(th, table({"total": 50}, "It was 43 men at first.", action="update", id=id_))
    assert verdict == ("refuse", {"E-PRIVACY-COUNT"})


def test_what_few_were_shown_is_hidden_in_an_open_text(th: CoreKit) -> None:
    first(th, {"female": 7, "male": 5, "total": 12}, tlp="AMBER")
    assert verdict_codes(th, table({"total": 12}, "7 women were found."))[0] == "refuse"


def test_a_denominator_of_before_is_a_total_of_the_hidden_counts(th: CoreKit) -> None:
    first(th, {"female": 7, "male": 43}, denominator=50)
    assert verdict_codes(th, table({"female": None, "male": None}, "14 per cent were women."))[0] == "refuse"


def test_an_update_that_states_what_is_shown_is_sent(th: CoreKit) -> None:
    id_ = first(th, {"female": 40, "male": 60, "total": 100})
    same: dict[str, int | None] = {"female": 40, "male": 60, "total": 100}
    done = publish(th, table(same, "Of 100 victims 60 were men, 60 per cent.", action="update", id=id_))
    assert (done.verdict, done.rev) == ("published", 2)


def other_cells(summary: str, period: str = "2026-H2", **changes: Any) -> bytes:
    """A table by age of the same year and place, which has no cell of the first one."""
    values: dict[tuple[str, ...], int | None] = {("0-17",): 20, ("18+",): 30}
    text = [{"lang": "en", "title": "t", "summary": summary}]
    return draft(read(trend(values, ["age"], period=period, margins=False)), text=text, **changes)


def test_a_message_about_other_cells_is_held_where_it_counts_persons(th: CoreKit) -> None:
    id_ = first(th)
    assert verdict_codes(th, other_cells("43 men were found."))[0] == "hold"
    assert verdict_codes(th, other_cells("43 men were found.", action="update", id=id_))[0] == "refuse"
    assert verdict_codes(th, other_cells("43 districts reported, 86 per cent of all."))[0] == "pass"


def test_growth_against_what_the_ledger_has_of_another_period_is_held(th: CoreKit) -> None:
    first(th)  # of the second half of the year
    values: dict[tuple[str, ...], int | None] = {("female",): 31, ("male",): 69, ("total",): 100}
    text = [{"lang": "en", "title": "t", "summary": "After 31 women the number fell by 77 per cent."}]
    assert verdict_codes(th, draft(read(trend(values, ["sex"], period="2026-H1")), text=text))[0] == "hold"


def test_another_year_is_not_compared(th: CoreKit) -> None:
    first(th)
    other = trend({("total",): 90}, ["sex"], period="2025")
    text = [{"lang": "en", "title": "t", "summary": "43 men were found."}]
    assert publish(th, draft(read(other), text=text)).verdict == "published"


def of_hundred(summary: str, lang: str = "en", women: int = 40, **changes: Any) -> bytes:
    """A table of 60 men and 40 women; its summary in another language stands beside an English one."""
    counts: dict[str, int | None] = {"female": women, "male": 60, "total": women + 60}
    english = [] if lang == "en" else [{"lang": "en", "title": "Victims", "summary": "By sex."}]
    text = [*english, {"lang": lang, "title": "T", "summary": summary}]
    return json.dumps(json.loads(table(counts, **changes)) | {"text": text}).encode()


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The total is now 103."),
        ("en", "Since then 101 victims were counted."),
        ("en", "Now 107 victims in all."),
        ("en", "One hundred and nine persons."),
        ("en", "It was 91 persons at first."),
        ("en", "103 in total."),
        ("id", "Jumlahnya kini menjadi 103; jumlah kini 103."),
        ("ms", "Keseluruhan kini 103."),
        ("vi", "Tổng số nay là 103."),
        ("th", "รวมทั้งสิ้น ๑๐๓"),
        ("lo", "ທັງໝົດ 103"),
        ("km", "សរុប ១០៣"),
        ("my", "စုစုပေါင်း ၁၀၃"),
        ("ta", "மொத்தம் 103"),
        ("fil", "Ang kabuuan ay 103 na."),
        ("pt", "O total é agora 103."),
        ("tet", "Totál agora 103."),
        ("zh", "总数现为103"),
    ],
)
def test_a_shown_total_that_moved_by_few_is_held_in_a_text(th: CoreKit, lang: str, text: str) -> None:
    first(th, {"female": 40, "male": 60, "total": 100})
    assert verdict_codes(th, of_hundred(text, lang)) == ("hold", {"E-PRIVACY-COUNT"})


@pytest.mark.parametrize(
    "text",
    ["The total is 100.", "110 persons in all were heard.", "90 persons were counted.", "103 districts reported.",
     "60 men of 100 victims.", "See form 103."],
)  # fmt: skip
def test_a_total_that_is_shown_or_has_moved_by_k_passes(th: CoreKit, text: str) -> None:
    first(th, {"female": 40, "male": 60, "total": 100})
    assert verdict_codes(th, of_hundred(text))[0] == "pass"


def test_a_denominator_and_a_sum_that_few_added_to_are_totals_too(th: CoreKit) -> None:
    first(th, {"female": 40, "male": 60}, denominator=200)
    counts: dict[str, int | None] = {"female": 40, "male": 60}
    assert verdict_codes(th, table(counts, "Since then 203 victims were counted."))[0] == "hold"
    assert verdict_codes(th, table(counts, "Since then 103 victims were counted."))[0] == "hold"
    assert verdict_codes(th, table(counts, "Since then 153 victims were counted."))[0] == "pass"


def test_the_moved_total_of_an_earlier_edition_is_held_after_a_larger_one(th: CoreKit) -> None:
    th.now -= 2 * 86_400_000  # 13 January: revisions of tables may leave
    first(th, {"female": 40, "male": 60, "total": 100})
    assert publish(th, of_hundred("By sex.", women=90)).verdict == "published"
    assert verdict_codes(th, of_hundred("It was 103 victims at first.", women=90)) == ("hold", {"E-PRIVACY-COUNT"})
