"""Personal data in the texts of one foreign file, found within a work limit.

The importing person is shown the kinds, and the words only on their own terminal; the words are never logged.
"""

import re
from typing import Any, Final

from msgspec import Struct

from suar.exchange.files.problems import shown
from suar.exchange.files.traces import Trace, prose_traces

UNSEEN: Final = "not looked through"
"""The kind of a text that was not examined because the file's work limit was reached."""

DIGITS: Final = 7  # minimum digits of a number that must be looked up
NUMBER_COST: Final = 100  # characters of prose that take as long as one lookup
_CUT: Final = 400  # characters, of which 80 are shown after repeated blanks are removed
_COUNT: Final = re.compile(r"\s*[<>≤≥]?\s?[0-9]{1,3}(?:[., ]?[0-9]{3})?(?:\.[0-9]{1,2})?\s*\Z")


class NotUsed(Struct, frozen=True):
    """A part of a file that is not used for the message: its path, its words, and the kinds of personal data in it.

    `personal` is empty if none was found.
    """

    at: str
    words: str
    personal: tuple[str, ...] = ()

    def as_line(self) -> str:
        """Return one line for a person."""
        kinds = f" (personal: {', '.join(self.personal)})" if self.personal else ""
        return f"{self.at}: {self.words}{kinds}"

    def shape(self) -> dict[str, Any]:
        """Return plain values for `--json`."""
        return {"path": self.at, "words": self.words, "personal": list(self.personal)}


class Budget:
    """The work limit for one file; what exceeds it is reported as not examined.

    `work`: characters; a number that has to be looked up costs NUMBER_COST more. `texts`: how many texts. A repeated
    text costs nothing.
    """

    def __init__(self, work: int, texts: int) -> None:
        self.work, self.texts = work, texts
        self._known: dict[str, list[Trace]] = {}

    def traces(self, text: str) -> list[Trace]:
        """Return the personal data in `text`; a single Trace of kind UNSEEN if the limit is reached."""
        if not any(map(str.isalnum, text)):
            return []
        if text not in self._known:
            cost = len(text) + NUMBER_COST * (sum(map(str.isdigit, text)) // DIGITS)
            if self.work < cost or not self.texts:
                return [Trace(0, UNSEEN, "")]
            self.work -= cost
            self.texts -= 1
            self._known[text] = prose_traces(text)
        return self._known[text]

    def not_used(self, at: str, text: str) -> NotUsed:
        """Return a text that is not used for the message, with the personal data in it."""
        return NotUsed(at, cut(text), kinds(self.traces(text)))


def is_count(text: str) -> bool:
    """Whether a cell is a number of up to six digits: a count or year, too short for a telephone or identity number."""
    return _COUNT.match(text) is not None


def kinds(found: list[Trace]) -> tuple[str, ...]:
    """Return the kinds of the findings without duplicates."""
    return tuple(dict.fromkeys(trace.sort for trace in found))


def cut(text: str) -> str:
    """Return words as one short line without control characters, for a terminal."""
    return shown(" ".join(text[:_CUT].split()), 80)[1:-1]
