"""The pages for agencies: docs/agencies.md, and one for each door in docs/agencies; their examples by name."""

import re
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"
FIRST: Final = DOCS / "agencies.md"
"""Where a newcomer begins."""
DOORS: Final = sorted((DOCS / "agencies").glob("*.md"))
TEXTS: Final = {path: path.read_text("utf-8") for path in (FIRST, *DOORS)}
WHOLE: Final = "\n".join(TEXTS.values())
_MARKED: Final = r"<!-- runs%s: ([\w-]+) -->\n```\w+\n(.*?)```"


def examples(text: str, at: str = "") -> dict[str, str]:
    """The programs of a page that a test runs, by name; `at`: " at nats" for those that need its server."""
    return dict(re.findall(_MARKED % at, text, re.DOTALL))


EXAMPLES: Final = examples(WHOLE)
