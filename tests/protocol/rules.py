"""The numbers of all rules, as docs/protocol.md has them: what vectors, tests and mutations are checked against."""

import re
from pathlib import Path


def _numbered(document: str, pattern: str) -> tuple[str, ...]:
    text = (Path(__file__).parents[2] / "docs" / document).read_text(encoding="utf-8")
    return tuple(dict.fromkeys(re.findall(pattern, text)))


RULES = _numbered("protocol.md", r"\[([A-Z][0-9]{1,2})\]")
STEPS = _numbered("evidence.md", r"\*\*\[(V[0-9]{1,2})\]\*\*")
CARRIED = _numbered("carried.md", r"\*\*\[(C[0-9])\]\*\*")
EVERY = (*RULES, *STEPS, *CARRIED, "audit")
"""Rules of the protocol, the checks of a file of evidence, of a carried one, the log's: what mutate.py takes out."""

NOT_BY_RECEIVING = frozenset({"T11", "T13", "K7", "K8", "E11", "E12", "E13", "E14"})
"""Rules about disks, erasing and sending: no object that arrives can show them."""
