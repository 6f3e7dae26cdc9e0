"""The numbers of all rules, as docs/protocol.md has them: what vectors, tests and mutations are checked against."""

import re
from pathlib import Path

_TEXT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
RULES = tuple(dict.fromkeys(re.findall(r"\[([A-Z][0-9]{1,2})\]", _TEXT)))

NOT_BY_RECEIVING = frozenset({"T11", "T13", "K7", "K8", "E11", "E12", "E13", "E14"})
"""Rules about disks, erasing and sending: no object that arrives can show them."""
