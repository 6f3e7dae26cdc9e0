"""A table with small counts, as submitted and as every reader gets it: the effect of the privacy gate.

The figures are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from suar.demo.embedded.examples import Draft
from suar.demo.embedded.federation import Federation
from suar.demo.story.publications import Publication
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ACTUAL

NAME: Final = "small counts"
ROWS: Final = ("female", "male", "total")
COLUMNS: Final = ("0-17", "18+", "total")
COUNTS: Final = {"female": (4, 61, 65), "male": (12, 33, 45), "total": (16, 94, 110)}
HIDDEN: Final = "S"

Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Gate:
    """Rows by sex, columns by age: as submitted, and as read at `at`; S where the gate hid the count."""

    id: str
    at: str
    before: Cells
    after: Cells

    @property
    def suppressed(self) -> int:
        """Return how many cells were hidden."""
        return sum(cell == HIDDEN for row in self.after for cell in row)


def small_counts(codes: Sequence[str]) -> Draft:
    """Return the table as the first member's draft, for all."""
    sender = codes[0]
    year = datetime.now(UTC).year - 1
    expires = datetime.now(UTC) + timedelta(days=365)
    obs = [
        {
            "period": f"{year}-H1", "place": {"role": "detection", "country": sender},
            "dims": {"sex": sex, "age": age}, "value": count, "status": "A",
        }
        for sex, counts in COUNTS.items()
        for age, count in zip(COLUMNS, counts, strict=True)
    ]  # fmt: skip
    text = {
        "lang": "en", "title": "Detected victims by sex and age, half a year",
        "summary": "Invented figures, for showing what happens to small counts.",
    }  # fmt: skip
    body = {
        "kind": "trend", "action": "new", "issuer": {"body": "Statistics unit", "sector": "statistics"},
        "expires": instant(int(expires.timestamp() * 1000)), "tlp": "GREEN", "audience": {"members": "all"},
        "text": [text], "source": {"type": "administrative-record", "reliability": "B", "credibility": 2},
        "indicator": "detected-victims", "unit": "persons", "date_basis": "detection",
        "coverage": {"scope": "national"}, "method": "full-count", "direction": "stable", "dims": ["sex", "age"],
        "margins": True, "obs": obs,
    }  # fmt: skip
    return Draft(NAME, "trend", sender, ACTUAL, True, tuple(code for code in codes if code != sender), body)


async def gate(federation: Federation, publications: Sequence[Publication]) -> Gate | None:
    """Return the table before and after, or None if it was not published. Raises Fault."""
    found = next((each for each in publications if each.draft.example == NAME and each.id), None)
    if found is None:
        return None
    at = found.draft.to[0]
    message = (await federation.desk(at).message(found.id))["message"]
    return Gate(found.id, at, cells(found.draft.body), cells(message))


def cells(trend: dict[str, Any]) -> Cells:
    """Return a trend by sex and age as rows of cells."""
    shown = {
        (o["dims"]["sex"], o["dims"]["age"]): o["status"] if o["value"] is None else o["value"] for o in trend["obs"]
    }
    return tuple(tuple(str(shown[sex, age]) for age in COLUMNS) for sex in ROWS)
