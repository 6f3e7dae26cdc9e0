"""What a publisher is told of a value of the wrong form: the cause that people have, and how it is written."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.languages.catalogue import load
from suar.languages.rendering.reading import render_reason
from suar.protocol.base.codelists import codes
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.compose import complete
from suar.protocol.message.inspection import MAX_SUGGESTIONS
from suar.standard import shipped

NOW = 1_800_000_000_000  # 2027-01-15
AT = datetime.fromtimestamp(NOW // 1000, UTC)


def reasons(name: str = "alert-new-route", **changes: Any) -> tuple[Reason, ...]:
    example = shipped.example(name)
    body = {**shipped.draft(example, "TH", AT), **changes}
    body |= {"desk": "TH-CONTACT-2027-000001"} if "desk" in body else {}
    try:
        complete(json.dumps(body).encode(), member="TH", realm="actual", now=NOW, ledger=None)
    except Invalid as invalid:
        return invalid.reasons
    return ()


def reason_for(**changes: Any) -> Reason:
    (reason,) = reasons(**changes)
    return reason


def a_table(cells: int, *dimensions: str) -> list[dict[str, Any]]:
    """Cells with as many citizenships as there are, and the code total in the other dimensions."""
    countries = sorted(codes("country"))
    return [
        {
            "period": f"{2000 + at // len(countries)}", "place": {"role": "detection", "country": "TH"},
            "dims": {name: countries[at % len(countries)] if name == "citizenship" else "total" for name in dimensions},
            "value": 20, "status": "A",
        }
        for at in range(cells)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dimensions", "hint"),
    [
        (
            ("sex", "citizenship"),
            "give fewer categories of the dimension citizenship, or leave it out; or publish the table in several "
            "messages, each with some of its periods or places",
        ),
        (("sex",), "publish the table in several messages, each with some of its periods or places"),
        ((), "publish the table in several messages, each with some of its periods or places"),
    ],
)
def test_the_hint_for_a_table_with_too_many_cells_names_what_to_make_coarser(
    dimensions: tuple[str, ...], hint: str
) -> None:
    (reason,) = reasons("trend-detected-by-sex", obs=a_table(2_001, *dimensions))
    assert (reason.code, reason.rule, reason.path) == ("E-MESSAGE-FIELD", "F8", "$.obs")
    assert (reason.message, reason.hint) == ("2001 items, allowed are 1 to 2000", hint)


@pytest.mark.parametrize("cell", [None, [], {"dims": 1}, {"dims": {"citizenship": ["TH"], "x": "y"}}, {"dims": {}}])
def test_a_table_of_anything_is_counted_too(cell: object) -> None:
    (reason,) = reasons("trend-detected-by-sex", obs=[cell] * 2_001)
    assert reason.hint == "publish the table in several messages, each with some of its periods or places"


def test_the_dimension_has_its_label_in_the_language_of_the_reader() -> None:
    (reason,) = reasons("trend-detected-by-sex", obs=a_table(2_001, "citizenship"))
    _, hint = render_reason(reason.shape(with_sentences=True), load("pt"))
    assert hint.startswith("indique menos categorias da dimensão Cidadania, ou deixe-a de fora")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2570-02-15", "the Buddhist year 2570 is 2027: write 2027-02-15T00:00:00Z"),
        ("116-02-15T00:00:00Z", "the Minguo year 116 is 2027: write 2027-02-15T00:00:00Z"),
        ("๒๕๗๐-๐๒-๑๕", "the Buddhist year 2570 is 2027: write 2027-02-15T00:00:00Z"),
        ("๒๐๒๗-๐๒-๑๕T๐๐:๐๐:๐๐Z", "write 2027-02-15T00:00:00Z"),
        ("2027-02-15T08:00:00+07:00", "write 2027-02-15T01:00:00Z"),
        ("2027-02-15 08:00", "write 2027-02-15T08:00:00Z"),
        ("2027-02-15", "write 2027-02-15T00:00:00Z"),
        ("15/02/2027", "write 2027-02-15T00:00:00Z"),
        ("2.15.2027", "write 2027-02-15T00:00:00Z"),
        ("02-02-2027", "write 2027-02-02T00:00:00Z"),
        ("15/02/2570", "the Buddhist year 2570 is 2027: write 2027-02-15T00:00:00Z"),
        ("2571-02-29", "the Buddhist year 2571 is 2028: write 2028-02-29T00:00:00Z"),
    ],
)
def test_an_instant_is_shown_as_it_is_written(written: str, meant: str) -> None:
    reason = reason_for(expires=written)
    assert (reason.path, reason.rule) == ("$.expires", "F8")
    assert reason.hint.endswith(meant)


@pytest.mark.parametrize("day", ["2027-02-30T00:00:00Z", "2027-02-29", "2570-02-29", "2027-04-31T00:00:00Z"])
def test_a_day_that_does_not_exist_is_reported_as_such(day: str) -> None:
    assert reason_for(expires=day).message == "there is no such day"


def test_a_day_is_shown_as_a_day_and_a_month_as_a_month() -> None:
    (law,) = reasons("legislation-expanded-act", checked_on="2570-01-14T08:00:00Z")
    assert law.hint.endswith("write 2027-01-14")
    (pattern,) = reasons("pattern-seafood-debt", last_seen="2569-12-24")
    assert pattern.hint.endswith("write 2026-12")


@pytest.mark.parametrize(
    "written",
    ["soon", "15/14/2027", "03/02/2027", "70-02-15", "2027-02-15T25:00:00Z", "-", "9999-12-31T23:59:59-23:00"],
)
def test_the_hint_for_an_unreadable_value_is_its_form(written: str) -> None:
    assert reason_for(expires=written).hint == "a real instant in UTC, YYYY-MM-DDTHH:MM:SSZ"


@given(st.text(alphabet="0123456789-:.TZ+ ๐๒๕๗W", max_size=45))
def test_what_is_offered_is_never_refused_for_its_form(written: str) -> None:
    """Whatever is written: a date that a hint offers has the form of its field."""
    for reason in reasons(expires=written):
        if reason.path == "$.expires" and reason.rule == "F8" and ": write " in reason.hint:
            again = reasons(expires=reason.hint.rpartition(": write ")[2])
            assert all(each.code != "E-MESSAGE-FIELD" for each in again)


@pytest.mark.parametrize(("written", "code"), [("Thailand", "TH"), ("singapore", "SG"), ("sg", "SG"), ("Tl", "TL")])
def test_a_country_by_its_name_is_answered_with_its_code(written: str, code: str) -> None:
    reason = reason_for(places=[{"country": written, "role": "origin"}])
    assert (reason.path, reason.message) == ("$.places[0].country", "does not match its pattern")
    assert reason.hint == f"a country: two capital letters of ISO 3166-1: write {code}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Kambodia", "; is one of these meant: Cambodia (KH)"),
        ("Atlantis", "; `suar schemas export -o standard` writes the list"),
        ("กัมพูชา", "; `suar schemas export -o standard` writes the list"),
        ("KAM", "; "),
    ],
)
def test_a_country_in_another_spelling_is_answered_with_the_nearest_or_the_list(written: str, expected: str) -> None:
    reason = reason_for(places=[{"country": written, "role": "origin"}])
    assert reason.message == "does not match its pattern"
    assert reason.hint.startswith("a country: two capital letters of ISO 3166-1" + expected)


def test_the_search_for_similar_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def search(name: str, *_: object, **__: object) -> list[str]:
        searched.append(name)
        return []

    monkeypatch.setattr("suar.protocol.message.valuehints.get_close_matches", search)
    table = a_table(30, "citizenship")
    for at, each in enumerate(table):
        each["dims"]["citizenship"] = f"Nowhere{at}"
    reasons("trend-detected-by-sex", obs=table)
    assert len(searched) == MAX_SUGGESTIONS


def test_a_table_with_a_country_s_name_in_every_row_is_told_once_a_name() -> None:
    table = a_table(6, "citizenship")
    for at, each in enumerate(table):
        each["dims"]["citizenship"] = "Thailand" if at % 2 else "Singapore"
    found = [each for each in reasons("trend-detected-by-sex", obs=table) if "citizenship" in each.path]
    assert [each.path for each in found] == ["$.obs[0].dims.citizenship", "$.obs[1].dims.citizenship"]
    assert [each.hint[-8:] for each in found] == ["write SG", "write TH"]


def test_a_member_alone_is_written_as_a_list() -> None:
    reason = reason_for(audience={"members": "SG"})
    assert (reason.path, reason.message) == ("$.audience.members", "expected a list, got text")
    assert reason.hint.endswith('["SG"]')


def test_a_code_alone_is_written_as_a_list_and_a_text_is_not_repeated() -> None:
    assert reason_for(handling="no-media").hint.endswith('["no-media"]')
    name = "Somchai Jaidee of the house by the river, aged 41"
    assert name[:20] not in reason_for(handling=name).hint


@pytest.mark.parametrize(("length", "expected"), [(0, "it has 0"), (121, "it has 121")])
def test_the_hint_for_a_text_of_the_wrong_length_has_the_limit_and_its_length(length: int, expected: str) -> None:
    reason = reason_for(text=[{"lang": "en", "title": "x" * length, "summary": "News of a route."}])
    assert reason.hint == f"1 to 120 characters, {expected}"


def test_the_hint_for_a_number_is_its_range_and_for_an_object_its_fields() -> None:
    assert reason_for(ack_within="24").hint == "1 to 168"
    assert reason_for(audience="all").hint == "known here: members, sectors"
