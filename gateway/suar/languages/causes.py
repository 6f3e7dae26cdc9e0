"""Renders a cause of `why` and its next step in the reader's language, with their values filled in."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from suar.languages import page_words
from suar.languages.catalogue import load
from suar.languages.names import names
from suar.observe.causes import CAUSES, COMMANDS, NEXT, TIMES
from suar.protocol.base.sentences import Sentence

if TYPE_CHECKING:
    from datetime import tzinfo

    from suar.languages.catalogue import Catalogue
    from suar.languages.names import Names
    from suar.languages.tags import Language

_MEMBERS: Final = frozenset({"member", "origin"})


def render_cause(
    number: int,
    values: dict[str, Any],
    language: Language,
    zone: tzinfo | None = None,
    *,
    for_page: bool = False,
    for_operator: bool = False,
) -> tuple[str, str]:
    """Return (cause, next step) for the number of a cause; times in `values` are RFC 3339, and are shown in `zone`.

    `for_page`: sentences for a reader without a command line, each with a capital letter at its beginning;
    `for_operator`: for the person who would else be told of it.
    """
    cause, catalogue, known = CAUSES[number - 1], load(language.tag), names(language.tag, zone)
    named = _named(cause.text, NEXT[cause.next])
    commands = {name: COMMANDS[name].format(**values) for name in named & COMMANDS.keys()}
    shown = commands | {name: _value(name, value, known) for name, value in values.items()}
    text = catalogue.text(f"cause/{cause.code}", cause.text).format(**shown)
    step = catalogue.text(f"next/{cause.next}", NEXT[cause.next]).format(**shown)
    if not for_page:
        return text, step
    next_step = page_words.NEXT.get(cause.next)
    next_step = page_words.IS_OPERATOR if for_operator and next_step == page_words.OPERATOR else next_step
    on_page = (page_words.CAUSES.get(cause.text), next_step)
    text, step = (
        _on_page(catalogue, page_text, shown) if page_text else other
        for page_text, other in zip(on_page, (text, step), strict=True)
    )
    return page_words.begin(text), page_words.begin(step)


def _on_page(catalogue: Catalogue, page_text: str, shown: dict[str, str]) -> str:
    sentence = Sentence(page_text, dict(shown))
    return catalogue.translated(sentence) or str(sentence)


def values_of(number: int, values: dict[str, Any]) -> dict[str, Any]:
    """Return only those of `values` that the two sentences of the cause need."""
    cause = CAUSES[number - 1]
    named = _named(cause.text, NEXT[cause.next])
    wanted = named | _named(*(COMMANDS[name] for name in named & COMMANDS.keys()))
    return {name: value for name, value in values.items() if name in wanted}


def _named(*texts: str) -> set[str]:
    """Return the names of the placeholders of texts."""
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def _value(name: str, value: Any, known: Names) -> str:
    if value is None:
        return known.words.phrase("no-value")
    if name in _MEMBERS:
        return f"{known.country(value)} ({value})"
    if name in TIMES:
        return known.instant(value)
    if name == "kind":
        return known.words.label("kind", value) or str(value)
    return str(value)
