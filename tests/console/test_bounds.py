"""docs/bounds.md names each bound of the console with its value."""

import re
from pathlib import Path

from suar.console import form_body, guard
from suar.protocol.base import limits
from suar.service.people import attempts, changes, records, sessions, sign_in

BOUNDS = Path(__file__).parents[2] / "docs/bounds.md"
HEADER = "| limit of the console | value | of what | over it |"
UNITS = {"MiB": 1024 * 1024, "s": limits.SECOND, None: 1}


def test_every_limit_is_named_with_its_value() -> None:
    table = BOUNDS.read_text("utf-8").partition(HEADER)[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([A-Z_]+)` \| ([0-9]+)(?: (MiB|s))? \|", table, re.MULTILINE)
    assert len(named) == 13
    for name, number, unit in named:
        modules = (form_body, guard, attempts, changes, records, sessions, sign_in)
        module = next(each for each in modules if hasattr(each, name))
        assert getattr(module, name) == int(number) * UNITS[unit or None], name
    assert guard.BURST == 2 * guard.CALLS_A_SECOND
