"""Renders a message, a verdict or a table for a person: from the gateway's `--json` shapes to lines of text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from suar.languages.catalogue import load
from suar.languages.names import names
from suar.languages.page_words import reason_for_page
from suar.languages.rendering import cells, grid, layout
from suar.languages.rendering.document import Banner, Block, Line, Note, Reading
from suar.languages.rendering.unseen import inside_quotes
from suar.languages.tags import ENGLISH
from suar.protocol.base.exercise import is_exercise
from suar.protocol.base.reasons import CODES, Sentences
from suar.protocol.base.sentences import Sentence, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from suar.languages.catalogue import Catalogue
    from suar.languages.names import Names
    from suar.languages.tags import Language

UNWRAPPED: Final = layout.WIDEST
SUM: Final = "E-PRIVACY-SUM"


def shown(
    document: dict[str, Any], language: Language, width: int = UNWRAPPED, zone: tzinfo | None = None
) -> list[str]:
    """Return the lines of a message in the `--json` shape of `suar show`, none wider than `width` cells.

    Times are shown in `zone` with UTC after them; without a zone in UTC alone.
    """
    return layout.lines(Reading(document, names(language.tag, zone)).blocks(), width)


def verdict(document: dict[str, Any], language: Language, width: int = UNWRAPPED, draft: object = None) -> list[str]:
    """Return the lines of a verdict (the `publish` or `check-message` shape) for its publisher.

    `draft`: the message as it was handed in, for the names of its figures.
    """
    catalogue, known = load(language.tag), names(language.tag)
    table = document.get("table")
    figures = cells.observations(table or draft)
    is_an_exercise = is_exercise((document.get("message") or document).get("status"))
    blocks: list[Block] = [Banner(catalogue.phrase("exercise"))] if is_an_exercise else []
    blocks += [Note(catalogue.phrase(each)) for each in _PHRASES.get(document["verdict"], (document["verdict"],))]
    for reason in first_of_all(document["reasons"]):
        blocks += _reason(reason, figures, known)
    blocks += grid.blocks(table, known) if table else []
    readers = document.get("readers") or []
    if readers:
        blocks.append(_readers("may-open", [each for each in readers if each["may_open"]], language))
        blocks.append(_readers("may-not-open", [each for each in readers if not each["may_open"]], language))
    not_checked = [catalogue.phrase(f"check-{name}") for name in document.get("not_checked") or ()]
    if not_checked:
        blocks.append(Line(catalogue.phrase("not-checked"), tuple(not_checked), catalogue.joint))
    return layout.lines(blocks, width)


def table_lines(table: dict[str, Any], language: Language, width: int = UNWRAPPED) -> list[str]:
    """Return the lines of a table before and after the gate (the `table` of `check-message`)."""
    return layout.lines(grid.blocks(table, names(language.tag)), width)


def first_of_all(reasons: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the reasons, with those about the submitted table first."""
    return sorted(reasons, key=lambda reason: reason["code"] != SUM)


def in_english(reason: dict[str, Any], figures: Sequence[Any] = ()) -> dict[str, Any]:
    """Return a reason in English, with labels in place of the codes of cells, in its path too."""
    english = names(ENGLISH.tag)
    message, hint = _in_english(reason, english)
    marked = marked_words(reason, english)
    return {
        **reason,
        "path": cells.describe_path(reason["path"], figures, english),
        "message": message,
        "hint": hint,
        "marked": marked,
    }


def render_reason(reason: dict[str, Any], catalogue: Catalogue, *, for_page: bool = False) -> tuple[str, str]:
    """Return message and hint of a reason in the language of `catalogue`, with the labels of what they name;
    `for_page`: for readers without a command line.

    Texts without a translation (of an older or a newer gateway, or errors that only a program can correct) remain
    English with a mark, the message after the meaning of its code.
    """
    reason, known = reason_for_page(reason, _sentences(reason)) if for_page else reason, names(catalogue.tag)
    english = _in_english(reason, known)
    if catalogue.tag == ENGLISH.tag:
        return english
    sentences, label = _sentences(reason), partial(cells.label_value, names=known)
    message = catalogue.translated(sentences.message, label) if sentences else None
    if message is None:
        meaning = catalogue.translated(Sentence(CODES.get(reason["code"], "")))
        marked = catalogue.phrase("in-english", text=english[0])
        message = catalogue.phrase("pair", label=meaning, value=marked) if meaning else marked
    hint = reason["hint"]
    if hint:
        hint = (catalogue.translated(sentences.hint, label) if sentences else None) or catalogue.phrase(
            "in-english", text=english[1]
        )
    return message, hint


def _sentences(reason: dict[str, Any]) -> Sentences | None:
    """Return the sentences of a reason, if it has them."""
    try:
        return msgspec.convert(reason.get("sentences"), Sentences)
    except (msgspec.ValidationError, RecursionError):
        return None


def _in_english(reason: dict[str, Any], known: Names) -> tuple[str, str]:
    """Return message and hint in English, with labels; one of an older gateway, which has no typed values, as it is."""
    texts, sentences = (reason.get("message") or "", reason.get("hint") or ""), _sentences(reason)
    if sentences is None:
        return texts
    try:
        return cells.in_words(sentences.message, known), cells.in_words(sentences.hint, known)
    except (KeyError, ValueError, RecursionError):
        return texts


def marked_words(reason: dict[str, Any], known: Names) -> list[str]:
    """Return the words that a reason marks: the author's unchanged, the gate's with labels."""
    words, sentences = list(reason.get("marked") or ()), _sentences(reason)
    if sentences is None or not isinstance(sentences.marked, Sentence):
        return words
    values = list(sentences.marked.values.values())
    return [_label(each, known) for each in values] if len(values) == len(words) else words


def _label(value: Value, known: Names) -> str:
    """Return the label of a marked value, or of the values that it joins."""
    if not isinstance(value, Sentence):
        return str(value)
    return known.words.translated(value, partial(cells.label_value, names=known)) or str(value)


def _reason(reason: dict[str, Any], figures: Sequence[Any], known: Names) -> list[Block]:
    catalogue = known.words
    message, hint = render_reason(reason, catalogue)
    path = cells.describe_path(reason["path"], figures, known)
    found: list[Block] = [Note(f"{path}: {message} ({reason['code']})", has_blank_before=True, indent=layout.HANG)]
    if reason.get("marked"):
        quoted = tuple(catalogue.phrase("quoted", text=inside_quotes(word)) for word in marked_words(reason, known))
        found.append(Line(catalogue.phrase("look-at"), quoted, catalogue.joint))
    return [*found, Line(catalogue.phrase("hint"), (hint,), catalogue.joint)] if hint else found


def _readers(phrase: str, readers: list[dict[str, Any]], language: Language) -> Line:
    """Return members by name, each with the deciding rule."""
    catalogue = load(language.tag)
    rows = [_reader(each, catalogue, names(language.tag)) for each in readers] or [catalogue.phrase("nobody")]
    return Line(catalogue.phrase(phrase), tuple(rows), catalogue.joint)


def _reader(each: dict[str, Any], catalogue: Catalogue, known: Names) -> str:
    why = each["why"]  # the text of the rule: a text id without values
    if catalogue.tag != ENGLISH.tag:
        why = catalogue.translated(Sentence(why)) or catalogue.phrase("in-english", text=why)
    name = catalogue.phrase(
        "pair", label=f"{each['member']} {known.country(each['member'])}", value=f"{each['rule']}, {why}"
    )
    if each["has_key"] or not each["may_open"]:
        return name
    return catalogue.phrase("parts", first=name, rest=catalogue.phrase("no-key"))


_ONLY_CHECKED: Final = "only-checked"
_PHRASES: Final = {
    "published": ("pass",),
    "held": ("hold",),
    "refused": ("refuse",),
    "pass": ("would-pass", _ONLY_CHECKED),
    "hold": ("would-hold", _ONLY_CHECKED),
    "refuse": ("would-refuse", _ONLY_CHECKED),
}
"""The words for each verdict, of publishing and of a check."""
