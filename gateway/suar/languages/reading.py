"""The whole way: a message as the gateway shows it, to lines that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from suar.languages import layout
from suar.languages.catalogue import load
from suar.languages.document import Block, Note, Reading
from suar.languages.names import names
from suar.languages.reasons import told

if TYPE_CHECKING:
    from suar.languages.tags import Language

UNWRAPPED: Final = layout.WIDEST


def shown(document: dict[str, Any], language: Language, width: int = UNWRAPPED) -> list[str]:
    """The lines of a message in the `show` shape of interfaces.md, none wider than `width` cells."""
    return layout.lines(Reading(document, names(language.tag)).blocks(), width)


def verdict(document: dict[str, Any], language: Language, width: int = UNWRAPPED) -> list[str]:
    """The lines of a verdict (the `publish` or `check-message` shape): what a publisher is told."""
    words = load(language.tag)
    blocks: list[Block] = [Note(words.phrase(_PHRASES.get(document["verdict"], document["verdict"])))]
    for reason in document["reasons"]:
        message, hint = told(reason, words)
        where = f"{reason['path']}: {message} ({reason['code']})"
        blocks.append(Note(where))
        if hint:
            blocks.append(Note(words.phrase("pair", label=words.phrase("hint"), value=hint)))
    return layout.lines(blocks, width)


_PHRASES: Final = {"published": "pass", "held": "hold", "refused": "refuse"}
