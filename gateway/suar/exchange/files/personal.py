"""What is personal in the texts of one file of others, within a budget of work.

Whoever imports is told the kinds, and the words on their own terminal; the words go into no log.
"""

import re
from typing import Any, Final

from msgspec import Struct

from suar.exchange.files.problems import shown
from suar.exchange.files.traces import Trace, prose_traces

UNSEEN: Final = "not looked through"
"""The kind of a text beyond the budget of its file: nobody can say that it is harmless."""

DIGITS: Final = 7  # of what may be a number to look up
NUMBER_COST: Final = 100  # characters of prose that take as long as one of them
_CUT: Final = 400  # characters of which 80 are shown once blanks are one
_COUNT: Final = re.compile(r"\s*[<>≤≥]?\s?[0-9]{1,3}(?:[., ]?[0-9]{3})?(?:\.[0-9]{1,2})?\s*\Z")


class NotUsed(Struct, frozen=True):
    """Something of a file that does not go into the message: where it stands, its words, and what in them is personal.

    `personal`: the kinds, empty where nothing was seen.
    """

    at: str
    words: str
    personal: tuple[str, ...] = ()

    def as_line(self) -> str:
        """One line for a person."""
        kinds = f" (personal: {', '.join(self.personal)})" if self.personal else ""
        return f"{self.at}: {self.words}{kinds}"

    def shape(self) -> dict[str, Any]:
        """In plain values, for `--json`."""
        return {"path": self.at, "words": self.words, "personal": list(self.personal)}


class Budget:
    """How much of one file is looked through; what is beyond is said to be unseen.

    `work`: characters; what may be a number to look up costs NUMBER_COST more. `texts`: how many. The same text again
    costs nothing.
    """

    def __init__(self, work: int, texts: int) -> None:
        self.work, self.texts = work, texts
        self._known: dict[str, list[Trace]] = {}

    def traces(self, text: str) -> list[Trace]:
        """What is personal in `text`; one Trace of the kind UNSEEN when the budget is used up."""
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
        """A text that does not go into the message, with what is personal in it."""
        return NotUsed(at, cut(text), kinds(self.traces(text)))


def is_count(text: str) -> bool:
    """Whether a cell is a number of up to six digits: a count or a year, too short for a telephone or an identity."""
    return _COUNT.match(text) is not None


def kinds(found: list[Trace]) -> tuple[str, ...]:
    """The kinds of what was found, each once."""
    return tuple(dict.fromkeys(trace.sort for trace in found))


def cut(words: str) -> str:
    """Words in one short line without control characters: they go to a terminal."""
    return shown(" ".join(words[:_CUT].split()), 80)[1:-1]
