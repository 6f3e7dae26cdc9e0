"""The whole way: a message as the gateway shows it, to lines that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from suar.languages import layout
from suar.languages.catalogue import load
from suar.languages.document import Banner, Block, Line, Note, Reading
from suar.languages.names import names
from suar.languages.reasons import told
from suar.languages.unseen import inside_quotes
from suar.protocol.exercise import is_exercise

if TYPE_CHECKING:
    from suar.languages.catalogue import Catalogue
    from suar.languages.names import Names
    from suar.languages.tags import Language

UNWRAPPED: Final = layout.WIDEST


def shown(document: dict[str, Any], language: Language, width: int = UNWRAPPED) -> list[str]:
    """The lines of a message in the `show` shape of interfaces.md, none wider than `width` cells."""
    return layout.lines(Reading(document, names(language.tag)).blocks(), width)


def verdict(document: dict[str, Any], language: Language, width: int = UNWRAPPED) -> list[str]:
    """The lines of a verdict (the `publish` or `check-message` shape): what a publisher is told."""
    words = load(language.tag)
    is_an_exercise = is_exercise((document.get("message") or document).get("status"))
    blocks: list[Block] = [Banner(words.phrase("exercise"))] if is_an_exercise else []
    blocks.append(Note(words.phrase(_PHRASES.get(document["verdict"], document["verdict"]))))
    for reason in document["reasons"]:
        blocks += _reason(reason, words)
    readers = document.get("readers") or []
    if readers:
        blocks.append(_readers("may-open", [each for each in readers if each["may_open"]], language))
        blocks.append(_readers("may-not-open", [each for each in readers if not each["may_open"]], language))
    not_checked = [words.phrase(f"check-{name}") for name in document.get("not_checked") or ()]
    if not_checked:
        blocks.append(Line(words.phrase("not-checked"), tuple(not_checked), words.joint))
    return layout.lines(blocks, width)


def _reason(reason: dict[str, Any], words: Catalogue) -> list[Block]:
    message, hint = told(reason, words)
    found: list[Block] = [Note(f"{reason['path']}: {message} ({reason['code']})", apart=True, indent=layout.HANG)]
    if reason.get("marked"):
        quoted = tuple(words.phrase("quoted", text=inside_quotes(word)) for word in reason["marked"])
        found.append(Line(words.phrase("look-at"), quoted, words.joint))
    return [*found, Line(words.phrase("hint"), (hint,), words.joint)] if hint else found


def _readers(phrase: str, readers: list[dict[str, Any]], language: Language) -> Line:
    """Members by name, each with the deciding rule."""
    words = load(language.tag)
    rows = [_reader(each, words, names(language.tag)) for each in readers] or [words.phrase("nobody")]
    return Line(words.phrase(phrase), tuple(rows), words.joint)


def _reader(each: dict[str, Any], words: Catalogue, known: Names) -> str:
    why = told({"code": "", "message": each["why"], "hint": ""}, words)[0]
    said = words.phrase(
        "pair", label=f"{each['member']} {known.country(each['member'])}", value=f"{each['rule']}, {why}"
    )
    if each["has_key"] or not each["may_open"]:
        return said
    return words.phrase("parts", first=said, rest=words.phrase("no-key"))


_PHRASES: Final = {"published": "pass", "held": "hold", "refused": "refuse"}
