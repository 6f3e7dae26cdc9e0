"""How a kind of message is declared: its module states each property once; everything else is derived from that.

A module of this folder ends with `KIND = Kind(...)`. An omitted property has the safe or empty default: the common
lifetime, no dates of its own, free texts checked as prose, no urgency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

from suar.protocol.base.sentences import Sentence
from suar.protocol.message.spec import schemas_of

LIFETIME_DAYS_OTHERS: Final = 1826
"""Days that a message may be valid after `sent` if its kind defines no lifetime (messages.md section 2)."""

Contradiction: TypeAlias = tuple[str, Sentence, Sentence]
"""The JSON path, what is wrong, and what to do."""
Check: TypeAlias = Callable[[Any], Iterable[Contradiction]]
Found: TypeAlias = Iterator[Contradiction]
Finding: TypeAlias = tuple[Contradiction, ...]
NOTHING: Final[Finding] = ()
Words: TypeAlias = Mapping[str, Mapping[str, tuple[str, str]]]
"""Object -> key -> (label for a reader, meaning); an empty label means the label of the same key elsewhere."""
English: TypeAlias = tuple[str, list[str]]
"""A title, and the sentences of a summary."""


class Rule(Struct, frozen=True):
    """A rule: its name, the top-level keys that it reads, the check, its description, and the types that have it."""

    name: str
    reads: frozenset[str]
    check: Check
    text: str
    kinds: tuple[type[Struct], ...] = ()


class Dated(Struct, frozen=True):
    """A field with a date, and how many years it may be in the future; `listing`: the list whose items have it."""

    field: str
    years_ahead: int
    listing: str = ""


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of message.

    `about`: what it is, in one sentence. `use`: what a person does with it ("say what the law is"). `readers`: its main
    readers. `english`: the text generated from the codes of a message. `dates`: dates that are checked for
    plausibility. `kept`: fields of a cancel besides the required ones, whose free texts are removed. `urgency`: returns
    a message's urgency, if the kind has one. `has_law_prose`: a full date in the text may be the date of a law.
    """

    shape: type[Struct]
    about: str
    use: str
    readers: str
    words: Words
    english: Callable[[Any], English] | None = None
    rules: tuple[Rule, ...] = ()
    lifetime_days: int = LIFETIME_DAYS_OTHERS
    dates: tuple[Dated, ...] = ()
    kept: Callable[[Any, dict[str, Any]], dict[str, Any]] | None = None
    urgency: Callable[[Any], str] | None = None
    has_law_prose: bool = False


def rule(name: str, reads: str, check: Check, meaning: str) -> Rule:
    """Return a rule that reads these top-level keys (separated by blanks)."""
    return Rule(name, frozenset(reads.split()), check, meaning)


def is_newer(shape: type[Struct], schema: str) -> bool:
    """Whether the schema is of a higher minor than the type; then a missing field may have another name."""
    return schema not in schemas_of(shape)
