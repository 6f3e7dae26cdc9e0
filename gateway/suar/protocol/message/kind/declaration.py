"""How a kind of message is declared: what its module says of it once, and everything else is made from.

A module of this folder ends with `KIND = Kind(...)`. What a declaration leaves out has the value that fails closed or
says nothing: the common lifetime, no date of its own, free texts that are looked at as prose, no urgency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

from suar.protocol.base.sentences import Sentence
from suar.protocol.message.spec import schemas_of

LIFETIME_DAYS_OTHERS: Final = 1826
"""Days that a message may be valid after `sent` when its kind says nothing else (messages.md section 2)."""

Contradiction: TypeAlias = tuple[str, Sentence, Sentence]
"""The JSON path, what is wrong there, what to do."""
Check: TypeAlias = Callable[[Any], Iterable[Contradiction]]
Found: TypeAlias = Iterator[Contradiction]
Finding: TypeAlias = tuple[Contradiction, ...]
NOTHING: Final[Finding] = ()
Words: TypeAlias = Mapping[str, Mapping[str, tuple[str, str]]]
"""Object to key to its label for a reader and what it means; an empty label is that of the same key elsewhere."""
English: TypeAlias = tuple[str, list[str]]
"""A title, and the sentences of a summary."""


class Rule(Struct, frozen=True):
    """A rule's name, the top-level keys it reads, the check, what it says, and the types that it is for."""

    name: str
    reads: frozenset[str]
    check: Check
    says: str
    kinds: tuple[type[Struct], ...] = ()


class Dated(Struct, frozen=True):
    """A field with a date of its own, and the years that it may lie ahead; `listing`: the list whose items have it."""

    field: str
    years_ahead: int
    listing: str = ""


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of message.

    `about`: what it is, in one sentence. `use`: what a person does with it ("say what the law is"). `readers`: who
    reads it first. `english`: the text written from the codes of a message. `dates`: what no
    author can mean otherwise. `kept`: fields of a cancel beside the required ones, whose free texts are taken out.
    `urgency`: of a message, where the kind has one. `law_prose`: a full date may be the date of a law.
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
    law_prose: bool = False


def rule(name: str, reads: str, check: Check, says: str) -> Rule:
    """A rule that reads these top-level keys (words with blanks between)."""
    return Rule(name, frozenset(reads.split()), check, says)


def is_newer(shape: type[Struct], schema: str) -> bool:
    """Whether a schema that was read is of a minor above that of the type: what is lacking may have another name."""
    return schema not in schemas_of(shape)
