"""Pain 6, checks skipped on one side: every numbered check is taken out by mutate.py, and a test then fails.

Here the table is held to the code and a few of its lines are run; all of them take half an hour (`make mutate`).
"""

from pathlib import Path

import pytest

import suar
from protocol.mutate import CONTROL, MUTANTS, Mutant, survives
from protocol.rules import EVERY


def test_table_fits_the_code() -> None:
    folder = Path(suar.__file__).parent
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in {mutant.file for mutant in MUTANTS}}
    gone = [mutant for mutant in (CONTROL, *MUTANTS) if texts[mutant.file].count(mutant.snippet) != 1]
    assert not gone, "mend the table in tests/protocol/mutate.py"


def test_pain_06_every_numbered_check_is_taken_out() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(EVERY)


SAMPLES = (
    ' or not equal(hash_("commit"',
    "if content.version < current.version",
    "held.same is not None and held.same.digest == name",
)
"""Snippets of lines that the vectors alone catch, so that they take seconds."""


@pytest.mark.parametrize(
    "mutant", [each for each in MUTANTS if each.snippet.startswith(SAMPLES)], ids=lambda it: it.rule
)
def test_pain_06_a_check_that_is_taken_out_is_missed(mutant: Mutant) -> None:
    assert not survives(mutant)
