"""What a publisher is told, in a language: the English text is found among the templates, its values are put in again.

The gateway's answers stay English for programs; only what a person reads is translated. A text that has no template (of
a newer gateway, say) stays English with a mark, behind what its code means.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from suar.languages.catalogue import load
from suar.protocol.kinds import DIMENSIONS
from suar.protocol.reasons import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suar.languages.catalogue import Catalogue

OF_TABLES: Final = frozenset({"E-PRIVACY-TABLE", "E-PRIVACY-DOMINANT"})
"""Codes of reasons that name dimensions of a table."""
_RULE: Final = re.compile(r"(?s)(.*) \((M-[A-Z-]+)\)")
"""A text of a rule has the rule's name behind it."""


@cache
def _patterns(tag: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each template as a pattern, with its translation; those with more words of their own first."""
    known = load(tag).reasons()
    ordered = sorted(known, key=lambda template: -sum(len(literal) for literal, *_ in Formatter().parse(template)))
    return tuple((_pattern(template), known[template]) for template in ordered)


def _pattern(template: str) -> re.Pattern[str]:
    parts = [
        re.escape(literal) + (f"(?P<{name}>.+?)" if name is not None else "")
        for literal, name, _, _ in Formatter().parse(template)
    ]
    return re.compile("(?s)" + "".join(parts))


def translated(tag: str, text: str, own: Mapping[str, str] | None = None) -> str | None:
    """A text of a reason in a language; None when no template fits. `own`: what values become that are no text."""
    for pattern, translation in _patterns(tag):
        found = pattern.fullmatch(text)
        if found:
            values = {name: _value(tag, value, own or {}) for name, value in found.groupdict().items()}
            return translation.format(**values)
    return None


def _value(tag: str, value: str, own: Mapping[str, str]) -> str:
    return own.get(value) or translated(tag, value, own) or value


def _dimensions(code: str, words: Catalogue) -> dict[str, str]:
    """The dimensions of a table by their labels, in a reason that is about a table."""
    return {name: words.label("dimension", name) or name for name in DIMENSIONS} if code in OF_TABLES else {}


def told(reason: Mapping[str, Any], words: Catalogue) -> tuple[str, str]:
    """Message and hint of a reason (its `--json` shape) in the language of `words`."""
    if words.tag == "en":
        return reason["message"], reason["hint"]
    named = _RULE.fullmatch(reason["message"])
    text, rule = (named[1], f" ({named[2]})") if named else (reason["message"], "")
    own = _dimensions(reason["code"], words)
    message = translated(words.tag, text, own)
    if message is None:
        meaning = translated(words.tag, CODES.get(reason["code"], ""))
        english = words.phrase("in-english", text=text)
        message = words.phrase("pair", label=meaning, value=english) if meaning else english
    hint = reason["hint"]
    if hint:
        hint = translated(words.tag, hint, own) or words.phrase("in-english", text=hint)
    return message + rule, hint
