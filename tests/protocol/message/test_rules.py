"""Rules that compare fields: that each refuses is shown by schemas/examples/invalid/rule; here, where each stops."""

import json
from typing import Any

import pytest

from suar.protocol.message import messages, rules
from suar.protocol.message.messages import Invalid
from suar.published import schemas_dir


def example(name: str) -> Any:
    return json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())


def found(tree: Any) -> list[str]:
    """The names of the rules that a message breaks."""
    try:
        rules.compare_fields(messages.decode(tree))
    except Invalid as invalid:
        return [reason.message.rpartition("(")[2].rstrip(")") for reason in invalid.reasons if reason.rule == "F9"]
    return []


@pytest.mark.parametrize(
    ("name", "expires"),
    [
        ("alert-new-route", "2027-05-31T02:15:00Z"),  # 90 days to the second
        ("alert-new-route", "2027-03-02T02:15:01Z"),  # one second after sent
        ("trend-detected-by-sex", "2032-02-01T04:00:00Z"),  # 1,826 days
        ("pattern-seafood-debt", "2032-01-25T07:00:00Z"),
    ],
)
def test_lifetime_includes_its_last_second(name: str, expires: str) -> None:
    assert found(example(name) | {"expires": expires}) == []


@pytest.mark.parametrize("confidence", [None, 0])
def test_a_source_that_cannot_be_judged_has_null_and_not_zero_confidence(confidence: int | None) -> None:
    tree = example("alert-cancelled")
    tree["source"]["confidence"] = confidence
    assert found(tree) == ([] if confidence is None else ["M-UNGRADED-CONFIDENCE"])


def test_english_of_a_country_is_not_the_english_text() -> None:
    tree = example("alert-new-route")
    tree["text"][0]["lang"] = "en-SG"
    assert found(tree) == ["M-TEXT-ENGLISH"]


def test_acknowledgement_is_required_for_immediate_alerts_only() -> None:
    tree = example("alert-new-route") | {"urgency": "expected"}
    del tree["ack_within"]
    assert found(tree) == []


def test_a_table_without_breakdowns_has_cells_without() -> None:
    tree = example("trend-hotline-monthly")
    assert "dims" not in tree
    tree["obs"][0]["dims"] = {"sex": "female"}
    assert found(tree) == ["M-TREND-DIMS"]


def test_the_same_cell_in_another_place_or_period_is_another_cell() -> None:
    tree = example("trend-detected-by-sex")
    copies = [dict(cell) for cell in tree["obs"]]
    for cell in copies:
        cell["period"] = "2026-H2"
    abroad = [{**cell, "place": {"role": "exploitation", "country": "TH"}} for cell in tree["obs"]]
    tree["obs"] += copies + abroad
    assert found(tree) == []


@pytest.mark.parametrize("status", ["S", "M"])
def test_a_value_is_null_where_it_is_suppressed_or_missing(status: str) -> None:
    tree = example("trend-detected-by-sex")
    tree["obs"][0] |= {"value": None, "status": status}
    assert found(tree) == []


def test_the_two_broad_ages_may_stand_anywhere() -> None:
    tree = example("trend-exploitation-by-age")
    tree["coverage"]["scope"] = "subnational"
    tree["obs"] = [tree["obs"][3]]
    tree["obs"][0]["dims"]["age"] = "0-17"
    assert found(tree) == []


def test_means_may_stand_in_a_pattern_against_children_too() -> None:
    assert found(example("pattern-children-begging") | {"means": ["deception"]}) == []


def test_sums_and_months_may_be_equal() -> None:
    tree = example("pattern-seafood-debt") | {"first_seen": "2027-01"}
    tree["money"][0]["high"] = tree["money"][0]["low"]
    assert found(tree) == []


def test_a_refusal_of_stage_missing_may_carry_a_code_and_any_entry() -> None:
    tree = example("receipt-missing") | {"code": "E-LEFT-OUT"}
    tree["of"][0]["last"] = tree["of"][0]["first"]
    assert found(tree) == []


def test_all_contradictions_are_reported_together() -> None:
    tree = example("alert-cancelled") | {"rev": 1, "expires": "2027-01-20T03:00:00Z"}
    tree["audience"]["members"] = "all"
    del tree["reason"]
    assert found(tree) == ["M-ACTION-REV", "M-CANCEL-REASON", "M-EXPIRES-AFTER-SENT", "M-RED-NAMED"]


def test_a_rule_reads_only_the_fields_that_it_says() -> None:
    """`contradictions` leaves out rules that read faulty fields, so what a rule reads has to be complete."""
    for kind, shape in messages.KINDS.items():
        for path in (schemas_dir() / "examples").rglob(f"*/{kind}-*.json"):
            if path.parent.name not in ("valid", "rule"):
                continue
            message = messages.read(path.read_bytes())
            for rule in rules.RULES:
                if shape not in rule.kinds:
                    continue
                seen = _Seen(message)
                list(rule.check(seen))
                assert seen.read <= rule.reads, rule.name


class _Seen:
    """A message that notes which of its fields are read."""

    def __init__(self, message: Any) -> None:
        self._message = message
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            self.read.add(name)
        return getattr(self._message, name)
