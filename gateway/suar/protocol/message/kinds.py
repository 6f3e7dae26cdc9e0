"""The kinds of message (messages.md sections 2 and 3), in the order of schemas/codelists/kind.csv.

Each kind is declared in its own module in the folder `kind/`; this module collects them from the code list. A new kind
needs no change here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeAlias, Union

from msgspec import Struct

from suar.protocol.base.codelists import RECEIPT, codes, published_kinds
from suar.protocol.message.head import Head
from suar.protocol.message.kind import shared
from suar.protocol.message.kind.alert import Alert, Request
from suar.protocol.message.kind.contact import Contact
from suar.protocol.message.kind.declaration import Kind, Words
from suar.protocol.message.kind.legislation import Legislation
from suar.protocol.message.kind.pattern import (
    CounterMeasure,
    Indicator,
    Leg,
    Money,
    Pattern,
    Sightings,
    Targeted,
)
from suar.protocol.message.kind.practice import Practice
from suar.protocol.message.kind.receipt import ENTRY_FORMS, Entry, Receipt
from suar.protocol.message.kind.trend import DIMENSIONS, Coverage, Dims, Observation, Trend

__all__ = [
    "DECLARED",
    "DIMENSIONS",
    "ENTRY_FORMS",
    "KINDS",
    "OF_SHAPE",
    "PUBLISHED",
    "WORDS",
    "Alert",
    "Contact",
    "CounterMeasure",
    "Coverage",
    "Dims",
    "Entry",
    "Head",
    "Indicator",
    "Leg",
    "Legislation",
    "Message",
    "Money",
    "Observation",
    "Pattern",
    "Practice",
    "Publication",
    "Receipt",
    "Request",
    "Sightings",
    "Targeted",
    "Trend",
]

Publication: TypeAlias = Head
"""A message that a person publishes: every kind except the receipt, which a gateway creates."""


def _declared(code: str) -> Kind:
    """Return the declaration in the module of a kind. Raises TypeError if it is incomplete."""
    kind: Kind = import_module(f"suar.protocol.message.kind.{code}").KIND
    is_published = issubclass(kind.shape, Head) and kind.english is not None
    if kind.shape.__struct_config__.tag != code or is_published != (code != RECEIPT):
        raise TypeError(f"the kind {code} is not declared as such")
    return kind


DECLARED: Final = {code: _declared(code) for code in codes("kind")}
"""The declaration of each kind, by its code."""

# A type checker sees the common base; at run time a message is decoded into the type of its kind.
if TYPE_CHECKING:
    Message: TypeAlias = Head | Receipt
    KINDS: dict[str, type[Message]]
else:
    Message = Union[tuple(kind.shape for kind in DECLARED.values())]  # noqa: UP007  built at run time
    KINDS = {code: kind.shape for code, kind in DECLARED.items()}
"""The kinds that this version reads; any other is refused F8."""
OF_SHAPE: Final[dict[type[Struct], Kind]] = {kind.shape: kind for kind in DECLARED.values()}
"""The declaration of each kind, by its type."""
PUBLISHED: Final = published_kinds()
"""The kinds that a person publishes: their ids have a number, and a publishing right may name them."""
WORDS: Final[Words] = {
    name: words for each in (shared.WORDS, *(kind.words for kind in DECLARED.values())) for name, words in each.items()
}
"""Object -> key -> (label, meaning), for everything in a message."""
