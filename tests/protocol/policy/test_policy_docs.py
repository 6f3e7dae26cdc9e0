"""docs/policy.md lists the rules that the code has, in the order in which they are asked."""

import re
from pathlib import Path

from suar.protocol.policy.decision import RULES
from suar.protocol.policy.restrictions import CIVIL_SOCIETY, ENFORCEMENT, PROTECTION

TEXT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (P\d+) \| ([^|]+) \|", TEXT, re.MULTILINE))


def test_the_table_is_the_code() -> None:
    assert list(ROWS.items()) == [(number, rule.name) for number, rule in RULES.items()]


def test_the_sectors_of_the_labels_are_reported() -> None:
    lines = {number: line for number in ROWS for line in TEXT.splitlines() if line.startswith(f"| {number} |")}
    for number, sectors in (("P12", ENFORCEMENT), ("P13", PROTECTION), ("P14", CIVIL_SOCIETY)):
        assert [sector for sector in sorted(sectors) if sector not in lines[number]] == []
