"""What is personal in the texts of one file of others, within a budget of work.

Whoever imports is told the kinds, and the words on their own terminal; the words go into no log.
"""

from typing import Any, Final

from msgspec import Struct

from suar.exchange.problems import shown
from suar.exchange.traces import Trace, prose_traces

UNSEEN: Final = "not looked through"
"""The kind of a text beyond the budget of its file: nobody can say that it is harmless."""


class NotUsed(Struct, frozen=True):
    """Something of a file that does not go into the message: where it stands, its words, and what in them is personal.

    `personal`: the kinds, empty where nothing was seen.
    """

    at: str
    words: str
    personal: tuple[str, ...] = ()

    def told(self) -> str:
        """One line for a person."""
        kinds = f" (personal: {', '.join(self.personal)})" if self.personal else ""
        return f"{self.at}: {self.words}{kinds}"

    def shape(self) -> dict[str, Any]:
        """In plain values, for `--json`."""
        return {"path": self.at, "words": self.words, "personal": list(self.personal)}


class Budget:
    """How much of one file is looked through: characters and texts; what is beyond is said to be unseen."""

    def __init__(self, characters: int, texts: int) -> None:
        self.characters, self.texts = characters, texts
        self._known: dict[str, list[Trace]] = {}

    def traces(self, text: str) -> list[Trace]:
        """What is personal in `text`; one Trace of the kind UNSEEN when the budget is used up."""
        if not any(map(str.isalnum, text)):
            return []
        if text not in self._known:
            if self.characters < len(text) or not self.texts:
                return [Trace(0, UNSEEN, "")]
            self.characters -= len(text)
            self.texts -= 1
            self._known[text] = prose_traces(text)
        return self._known[text]

    def not_used(self, at: str, text: str) -> NotUsed:
        """A text that does not go into the message, with what is personal in it."""
        return NotUsed(at, cut(text), kinds(self.traces(text)))


def kinds(found: list[Trace]) -> tuple[str, ...]:
    """The kinds of what was found, each once."""
    return tuple(dict.fromkeys(trace.sort for trace in found))


def cut(words: str) -> str:
    """Words in one short line without control characters: they go to a terminal."""
    return shown(" ".join(words.split()), 80)[1:-1]
