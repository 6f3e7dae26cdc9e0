"""The table of mutate.py still fits the code, and takes something out of every rule; running it takes minutes."""

from pathlib import Path

from mutate import CONTROL, MUTANTS
from rules import EVERY

import suar


def test_table_fits_the_code() -> None:
    folder = Path(suar.__file__).parent
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in {mutant.file for mutant in MUTANTS}}
    gone = [mutant for mutant in (CONTROL, *MUTANTS) if texts[mutant.file].count(mutant.snippet) != 1]
    assert not gone, "mend the table in tests/protocol/mutate.py"


def test_every_rule_is_taken_out() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(EVERY)
