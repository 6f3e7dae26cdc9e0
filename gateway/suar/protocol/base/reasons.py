"""The reasons for which a message is refused (F8 and F9), each with the path of the field in question."""

import json
from collections.abc import Sequence
from typing import Any, Self

from msgspec import UNSET, Struct, UnsetType, to_builtins
from msgspec.structs import replace

from suar.protocol.base import errors
from suar.protocol.base.sentences import Sentence, join_values

CODES: dict[str, str] = {
    code: entry.meaning
    for code, entry in errors.CODES.items()
    if code.startswith("E-MESSAGE-") and entry.fault == "publisher"
}
"""The codes of F8 and F9 that a Reason can carry, with their meanings. A test keeps the list closed."""


class Sentences(Struct, frozen=True):
    """The message and hint of a reason by text id and values, so that they can be shown in another language.

    `marked`: the marked words, joined, where they are typed values; absent where they are the author's.
    """

    message: Sentence
    hint: Sentence
    marked: Sentence | UnsetType = UNSET


class Reason(Struct, frozen=True):
    """One fault of a message.

    `rule` is F8 or F9 of protocol.md, or None for a check of the publisher's own gateway only. `path` is a JSON path
    such as `$.audience.members[0]`; `marked` lists words of the message for a person to examine. `message` and `hint`
    are English; `sentences` holds both in translatable form, and is absent in rows that an older gateway stored.
    """

    code: str
    rule: str | None
    path: str
    message: str
    hint: str
    marked: tuple[str, ...] = ()
    sentences: Sentences | UnsetType = UNSET

    @classmethod
    def of(
        cls, code: str, rule: str | None, path: str, message: Sentence, hint: Sentence,
        marked: Sequence[str | Sentence] = (),
    ) -> Self:  # fmt: skip
        """Create a reason from its sentences. `marked`: words of the author, or typed values."""
        typed = join_values(marked) if any(isinstance(each, Sentence) for each in marked) else UNSET
        return cls(code, rule, path, str(message), str(hint), tuple(map(str, marked)), Sentences(message, hint, typed))

    def with_message(self, message: Sentence) -> "Reason":
        """Return the same reason with another message."""
        return replace(self, message=str(message), sentences=self._changed(message=message))

    def with_hint(self, hint: Sentence) -> "Reason":
        """Return the same reason with another hint."""
        return replace(self, hint=str(hint), sentences=self._changed(hint=hint))

    def _changed(self, **parts: Sentence) -> Sentences | UnsetType:
        return replace(self.sentences, **parts) if isinstance(self.sentences, Sentences) else UNSET

    def shape(self, *, with_sentences: bool = False) -> dict[str, Any]:
        """Return the object of `--json` and HTTP; with sentences for a program that translates it."""
        shown: dict[str, Any] = to_builtins(self if with_sentences else replace(self, sentences=UNSET))
        return shown


class Invalid(Exception):  # noqa: N818  the standard's term: a message is valid or invalid
    """A message is refused, with at least one reason. `rule` is the rule of the first one."""

    def __init__(self, rule: str, reasons: tuple[Reason, ...]) -> None:
        self.rule = rule
        self.reasons = reasons
        first = reasons[0]
        super().__init__(f"{first.path}: {first.message}")


MAX_KEY = 40
"""Most characters of a key that a path shows; the standard's own keys are shorter."""


def step(path: str, key: str | int) -> str:
    """Return the JSON path one step below `path`, in ASCII; a key is quoted as a name selector of RFC 9535."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key.isidentifier() and key.isascii() and len(key) <= MAX_KEY:
        return f"{path}.{key}"
    whole = key[:MAX_KEY].encode("utf-8", "replace").decode()  # a lone surrogate is not a character
    quoted = json.dumps(whole)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"{path}['{quoted}']"
