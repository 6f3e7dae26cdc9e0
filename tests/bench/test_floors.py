"""bench/floors.py: a floor holds where it is met; where the base misses it too, by this version's share of the base."""

import importlib
from types import ModuleType

import pytest

from support.bundles import ROOT


@pytest.fixture
def floors(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("floors")


@pytest.mark.parametrize(
    ("value", "floor", "is_met"),
    [
        (0.6, "0.6", True), (0.599, "0.6", False), (8_000, "8,000", True), (7_999, "8,000", False),
        (3, "<= 3", True), (3.01, "<= 3", False), (0.25, "< 0.25", False), (0.249, "< 0.25", True),
    ],
)  # fmt: skip
def test_floors_are_read_as_they_are_written(floors: ModuleType, value: float, floor: str, is_met: bool) -> None:
    assert floors.meets(value, floor) is is_met


@pytest.mark.parametrize(
    ("now", "base", "whole", "expected"),
    [
        (0.61, 0.9, 0.9, "holds"),
        (0.5, 0.55, 0.88, "holds by the base"),  # 0.8 there
        (0.5, 0.9, 0.9, "missed"),  # the base meets it here, so it is not the machine
        (0.3, 0.55, 0.88, "missed"),  # 0.48 there
    ],
)
def test_what_the_machine_costs_is_not_charged_to_the_version(
    floors: ModuleType, now: float, base: float, whole: float, expected: str
) -> None:
    carried, found = floors.verdict(now, base, whole, "0.6")
    assert found == expected
    assert carried == pytest.approx(whole * now / base)


def test_every_floor_of_the_document_can_be_compared(floors: ModuleType) -> None:
    tables = importlib.import_module("tables")
    for name, (floor, _) in tables.FLOORS.items():
        assert floor == "flat" or floors.meets(1.0, floor) in (True, False), name
