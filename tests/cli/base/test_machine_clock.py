"""`suar check --machine`: whether the kernel says that the clock of the machine is synchronised."""

import json
from pathlib import Path

import pytest

from suar.cli.base.machine_clock import NAME, clock_synchronised, found
from support.commands import Suar


@pytest.mark.parametrize(
    ("result", "status", "error", "expected", "words"),
    [
        (0, 0x2001, 1_500, "ok", "within 2 ms"),
        (5, 0x40, 16_000_000, "warning", "is not synchronised"),
        (0, 0x2041, 1_500, "warning", "is not synchronised"),
        (0, 0x2001, 1_000_001, "warning", "wrong by 1.0 s"),
    ],
    ids=["ok", "error", "unsynchronised", "far"],
)
def test_what_the_kernel_says_is_judged(result: int, status: int, error: int, expected: str, words: str) -> None:
    check = found(result, status, error)
    assert (check.id, check.status) == (NAME, expected)
    assert words in check.text
    assert bool(check.next) == (expected != "ok")


def test_the_kernel_of_this_machine_answers() -> None:
    assert clock_synchronised().status in ("ok", "warning")


def test_only_who_wants_it_is_told_of_the_machine(suar: Suar, tmp_path: Path) -> None:
    state = tmp_path / "suar-state"
    state.mkdir()
    plain, whole = suar("check", "--json"), suar("check", "--machine", "--json")
    named = [[each["id"] for each in json.loads(ended.out)["checks"]] for ended in (plain, whole)]
    assert NAME not in named[0]
    assert named[1] == [*named[0], NAME]
