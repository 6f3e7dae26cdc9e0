"""Messages as pages show them: the output of languages/rendering, in parts that a template can arrange."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from suar.languages.catalogue import load
from suar.languages.names import Names
from suar.languages.order import in_order
from suar.languages.rendering import cells, grid, reading
from suar.languages.rendering.document import Banner, Block, Line, Note, Others, Reading, Table, Words
from suar.languages.rendering.unseen import visible_text
from suar.languages.rendering.withdrawn import of_withdrawal
from suar.languages.tags import LANGUAGES, is_in
from suar.protocol.privacy.tables.shown import Table as Table_

_MARKED: frozenset[str] = frozenset({"marked-note", "quoted-note"})
"""Notes that explain marks which only lines of a terminal have."""


class Part(Struct, frozen=True):
    """A part of a message. `kind`: banner, note, line, table."""

    kind: str
    text: str = ""
    label: str = ""
    values: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Text(Struct, frozen=True):
    """What the publisher wrote, and in which language. `note`: that language, and who wrote it, for the reader of
    another one.
    """

    lang: str
    title: str
    summary: str
    is_generated: bool = False
    note: str = ""


class Shown(Struct, frozen=True):
    """A message: its text in the reader's language or in English, the parts above and below it, and the same text in
    every other language in which it was given, under the sentence `notice`.
    """

    text: Text | None
    before: tuple[Part, ...]
    after: tuple[Part, ...]
    notice: str = ""
    others: tuple[Text, ...] = ()


def shown(document: dict[str, Any], names: Names) -> Shown:
    """Return the parts of a message in the `--json` shape of `suar show`."""
    blocks = Reading(document, names).blocks()
    written = text_of(document.get("message"), names.tag)
    first = next((at for at, block in enumerate(blocks) if isinstance(block, Words)), None)
    closing = {names.words.phrase(name) for name in _MARKED}
    if first is None or written is None:
        return Shown(None, (), tuple(_parts(blocks, closing)))
    notice = next((visible_text(block.text) for block in blocks if isinstance(block, Others)), "")
    after = [block for block in blocks[first:] if not isinstance(block, Others)]
    others = _others(document["message"], written, names) if notice else ()
    return Shown(written, tuple(_parts(blocks[:first], closing)), tuple(_parts(after, closing)), notice, others)


def _others(message: Mapping[str, Any], written: Text, names: Names) -> tuple[Text, ...]:
    """Return the texts of a message in other languages than the one that is shown first, each with its language."""
    texts = [_text(each) for each in message["text"] if isinstance(each, Mapping)]
    by_gateway = f". {names.words.phrase('generated')}"
    return tuple(
        replace(each, note=f"{names.language(each.lang)}{by_gateway if each.is_generated else ''}")
        for each in texts
        if each != written
    )


def text_of(message: Mapping[str, Any] | None, tag: str) -> Text | None:
    """Return the text in a language, else the English one, else the first."""
    if written := of_withdrawal(message, load(tag)):
        return Text(tag, *written, is_generated=True)
    texts = (message or {}).get("text") or []
    known = [each for each in texts if isinstance(each, Mapping)]
    own = next((each for each in known if is_in(LANGUAGES[tag], str(each.get("lang", "")))), None)
    found = own or next((each for each in known if each.get("lang") == "en"), known[0] if known else None)
    if found is None:
        return None
    return _text(found)


def _text(found: Mapping[str, Any]) -> Text:
    title, summary = (visible_text(str(found.get(name, ""))) for name in ("title", "summary"))
    return Text(str(found.get("lang", "")), title, summary, bool(found.get("generated")))


def table(found: Table_ | None, names: Names) -> tuple[Part, ...]:
    """Return a table before and after the gate, what is hidden and why, and the effect of coarser tables."""
    if found is None:
        return ()
    known = found.shape(lambda cell: cells.label(cell, names))
    return tuple(_parts(grid.blocks(known, names), ()))


def coarser(found: Table_ | None, names: Names) -> tuple[tuple[str, str], ...]:
    """Return the coarser tables that hide less: the value of a button, and the effect."""
    if found is None or not found.coarser:
        return ()
    known = found.shape(lambda cell: cells.label(cell, names))
    return tuple((f"{by} {dimension}".strip(), text) for by, dimension, text in grid.coarser(known, names))


def changes(before: Sequence[Part], after: Sequence[Part]) -> tuple[tuple[str, str, str], ...]:
    """Return (label, value before, value now) of the lines that differ between two revisions."""
    old, new = _lines(before), _lines(after)
    labels = list(dict.fromkeys([*old, *new]))
    return tuple(
        (label, old.get(label, ""), new.get(label, "")) for label in labels if old.get(label) != new.get(label)
    )


def _lines(parts: Iterable[Part]) -> dict[str, str]:
    return {part.label: " · ".join(part.values) for part in parts if part.kind == "line"}


def _parts(blocks: Iterable[Block], closing: Iterable[str]) -> Iterable[Part]:
    for block in blocks:
        part = _part(block)
        if part is not None and part.text not in closing:
            yield part


def _part(block: Block) -> Part | None:
    match block:
        case Banner():
            return Part("banner", visible_text(block.text))
        case Note():
            return Part("note", visible_text(block.text)) if block.text else None
        case Line():
            return Part("line", label=block.label, values=tuple(map(visible_text, block.values)))
        case Table():
            rows = tuple(tuple(map(visible_text, row)) for row in block.rows)
            return Part("table", columns=block.columns, rows=rows)
    return None


class ReasonText(Struct, frozen=True):
    """Why something is refused or held, in the reader's language. `target`: the id of the element that it is about."""

    code: str
    path: str
    text: str
    hint: str
    marked: tuple[str, ...] = ()
    target: str = ""
    label: str = ""


def reason(found: Mapping[str, Any], names: Names, *, target: str = "", label: str = "") -> ReasonText:
    """Return a reason of a verdict with its sentences, and labels in place of the codes of its figures."""
    known = dict(found)
    text, hint = reading.render_reason(known, names.words, for_page=True)
    marked = tuple(visible_text(str(word)) for word in reading.marked_words(known, names))
    return ReasonText(found["code"], found["path"], text, hint, marked, target, label)


class Reader(Struct, frozen=True):
    """A member, and whether it will be able to open a message; `why` by which rule."""

    member: str
    may_open: bool
    why: str
    has_key: bool


def readers(found: Iterable[Mapping[str, Any]] | None, names: Names) -> tuple[Reader, ...] | None:
    """Return who will be able to open a message, and who not, by their names; None while that is unknown."""
    if found is None:
        return None
    return tuple(
        Reader(each["member"], each["may_open"], _rule(each["why"], names), each["has_key"])
        for each in in_order(found, names.tag, lambda each: names.country(each["member"]))
    )


def _rule(english: str, names: Names) -> str:
    from suar.protocol.base.sentences import Sentence

    return names.words.translated(Sentence(english)) or english
