"""Paste the table of a trend from a spreadsheet: what each column means, what each word means, then into the draft."""

from asyncio import to_thread
from collections.abc import Mapping
from typing import Any, Final

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from suar.console.forms import table, upload
from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of, shared_of
from suar.console.pages.messages.draft import draft_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.registry import page
from suar.console.rendering import go, render
from suar.console.views import drafting
from suar.languages.names import names
from suar.protocol.base.codelists import codes
from suar.protocol.base.errors import Fault
from suar.service.process.desk import Conflict, Locked

TREND: Final = "trend"
ROLE: Final = "detection"


class Column(Struct, frozen=True):
    """A column. `words`: (field name, word, what it was said to mean) of those that are not known."""

    number: int
    name: str
    meaning: str
    first: str
    words: tuple[tuple[str, str, str], ...]
    choices: tuple[tuple[str, str], ...]


class TablePage(Struct, frozen=True):
    """The pasted text, and what was read from it."""

    id: str
    text: str
    columns: tuple[Column, ...]
    meanings: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    role: str
    rows: int
    problem: str = ""


@page("GET", "/draft/{id:str}/table")
async def paste(request: Call, visitor: Visitor) -> Response[Any]:
    """An empty field to paste into."""
    found = await _trend_of(request)
    other = check_realm(request, found["realm"])
    return other or render(request, visitor, "table.html", _view(visitor, found["id"], ""))


@page("POST", "/draft/{id:str}/table")
async def use(request: Call, visitor: Visitor) -> Response[Any]:
    """Read it; once every column and word has a meaning, put it into the draft."""
    found, sent = await _trend_of(request), form_of(request)
    text, role = sent.one("text", table.TEXT_MAX + 1), sent.one("role", 32)
    role = role if role in codes("place-role") else ROLE
    is_read_anew = bool(sent.files.get("file"))
    if is_read_anew:
        try:
            text = await _uploaded(request, visitor, sent.files["file"])
        except Fault as fault:
            key = "table-long" if "long" in fault.text else "table-file-bad"
            view = _view(visitor, found["id"], "", role=role, problem=key)
            return render(request, visitor, "table.html", view, status=422)
    try:
        sheet = table.read(text.replace("\r\n", "\n"))
    except Fault as fault:
        key = "table-long" if "long" in fault.text else "table-none"
        return render(request, visitor, "table.html", _view(visitor, found["id"], text, role=role, problem=key))
    asked = [] if is_read_anew else [sent.one(f"column-{at}", 32) for at in range(len(sheet.head))]
    meanings = [each if each in table.MEANINGS else "" for each in asked] if any(asked) else list(table.guessed(sheet))
    said = {
        (int(at), word): sent.one(f"word-{at}-{number}", 32)
        for at, number, word in _words_of(sent.fields)
        if at.isdecimal() and len(at) <= 4 and sent.one(f"word-{at}-{number}", 32)
    }
    try:
        made = table.figures(sheet, meanings, said, gateway_of(request).member, role)
    except Fault:
        view = _view(visitor, found["id"], text, sheet, meanings, role=role, problem="table-missing")
        return render(request, visitor, "table.html", view)
    if made.unknown or is_read_anew or sent.one("do", 16) != "use":
        view = _view(visitor, found["id"], text, sheet, meanings, made, role=role, said=said)
        return render(request, visitor, "table.html", view)
    content = drafting.decode(found["content"])
    tree = {**content.tree, "obs": made.obs, "margins": made.has_totals}
    tree = {**tree, "dims": made.dims} if made.dims else {key: each for key, each in tree.items() if key != "dims"}
    data = drafting.encode(replace(content, tree=tree))
    try:
        await gateway_of(request).desk.draft_save(found["id"], visitor.person, found["version"], data)
    except (Conflict, Locked):
        raise Denied(409, "form-old") from None
    return go(request.url.path.removesuffix("/table"))


@page("GET", "/draft/{id:str}/table.csv")
async def template(request: Call, visitor: Visitor) -> Response[Any]:
    """An empty table with the names of the columns in the reader's language."""
    await _trend_of(request)
    headers = {"Content-Disposition": 'attachment; filename="table.csv"'}
    return Response(
        upload.template(visitor.lang, table.MEANINGS), media_type="text/csv; charset=utf-8", headers=headers
    )


async def _uploaded(request: Call, visitor: Visitor, data: bytes) -> str:
    """The text of a file, read on a thread beside; one at a time of a session. Raises Fault, Denied."""
    busy = shared_of(request).uploading
    if visitor.session in busy:
        raise Denied(429, "too-fast", seconds=5)
    busy.add(visitor.session)
    try:
        return await to_thread(upload.as_text, data)
    finally:
        busy.discard(visitor.session)


async def _trend_of(request: Call) -> dict[str, Any]:
    found = await draft_of(request)
    if found["kind"] != TREND or found["message"] is not None:
        raise Denied(404, "not-found")
    return found


def _words_of(fields: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(column, number, word) of the words that the page asked for."""
    found = []
    for name, value in fields:
        first, _, rest = name.partition("-")
        at, _, number = rest.partition("-")
        if first == "of" and number.isdecimal():
            found.append((at, number, value))
    return found


def _view(
    visitor: Visitor, id_: str, text: str, sheet: table.Sheet | None = None, meanings: list[str] | None = None,
    made: table.Figures | None = None, *, role: str = ROLE, problem: str = "",
    said: Mapping[tuple[int, str], str] | None = None,
) -> TablePage:  # fmt: skip
    known = names(visitor.lang)
    labels = [(each, known.words.field("Observation", each)) for each in (table.PERIOD, table.PLACE, table.VALUE)]
    labels += [(each, known.words.label("dimension", each) or each) for each in table.MEANINGS[3:]]
    columns = []
    for at, name in enumerate(sheet.head if sheet is not None else ()):
        meaning = (meanings or [])[at] if meanings else ""
        words = made.unknown.get(at, ()) if made is not None else ()
        known_words = {word: code for (column, word), code in (said or {}).items() if column == at}
        both = known_words | dict.fromkeys(words, "")
        asked = tuple((f"{at}-{number}", word, code) for number, (word, code) in enumerate(both.items()))
        choices = tuple(table.choices(meaning, visitor.lang)) if asked else ()
        first = sheet.rows[0][at] if sheet is not None else ""
        columns.append(Column(at, name, meaning, first, asked, choices))
    rows = len(sheet.rows) if sheet is not None else 0
    return TablePage(id_, text, tuple(columns), tuple(labels), codes("place-role"), role, rows, problem)
