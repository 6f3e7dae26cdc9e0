"""Paste the table of a trend from a spreadsheet: the meaning of each column and word, then into the draft."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from suar.console.form_body import Form
from suar.console.forms import table, table_map, table_words, upload
from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of, shared_of
from suar.console.pages.messages.draft import draft_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.registry import page
from suar.console.rendering import go, names_of, render
from suar.console.views import drafting
from suar.protocol.base.codelists import codes
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import DIMENSIONS
from suar.service.people.facade import StoreFault
from suar.service.process.desk import Conflict, Locked

TREND: Final = "trend"
ROLE: Final = "detection"


class Column(Struct, frozen=True):
    """A column. `words`: (field name, word, chosen meaning) of the unknown ones.

    `faulty`: invalid texts of a column of periods or counts; they are corrected in the table itself.
    """

    number: int
    name: str
    meaning: str
    first: str
    words: tuple[tuple[str, str, str], ...]
    choices: tuple[tuple[str, str], ...]
    faulty: tuple[str, ...]
    is_marked: bool


class TablePage(Struct, frozen=True):
    """The pasted text, and what was read from it. `maps`: the names of this person's maps."""

    id: str
    text: str
    columns: tuple[Column, ...]
    meanings: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    role: str
    rows: int
    maps: tuple[str, ...]
    problem: str = ""


@page("GET", "/draft/{id:str}/table")
async def paste(request: Call, visitor: Visitor) -> Response[Any]:
    """Show an empty field to paste into."""
    found = await _trend_of(request)
    other = check_realm(request, found["realm"])
    return other or _page(request, visitor, found["id"], "")


@page("POST", "/draft/{id:str}/table")
async def use(request: Call, visitor: Visitor) -> Response[Any]:
    """Read it; once every column and word has a meaning, put it into the draft."""
    found, sent, people = await _trend_of(request), form_of(request), gateway_of(request).people
    role, do = sent.one("role", 32), sent.one("do", 16)
    page_ = partial(_page, request, visitor, found["id"])
    if do == "forget":
        await people.forget_map(visitor.person, sent.one("map", 80))
    text, sheet, problem = await _read(request, visitor, sent)
    role = role if role in codes("place-role") else ROLE
    if sheet is None or do == "forget":
        return page_(text, role=role, problem=problem, status=422 if problem == "table-file-bad" else 200)
    is_read_again = bool(sent.files.get("file"))
    kept = next((each for each in people.maps_of(visitor.person) if each.name == sent.one("map", 80)), None)
    if kept is not None and do != "use":
        meanings, word_codes, role = table_map.meanings_of(sheet, kept), table_map.codes_of(sheet, kept), kept.role
    else:
        meanings, word_codes = _meant(sent, sheet, is_read_again=is_read_again)
    try:
        made = table.figures(sheet, meanings, word_codes, gateway_of(request).member, role)
    except Fault:
        return page_(text, sheet, meanings, role=role, problem="table-missing")
    if made.unknown or is_read_again or do != "use":
        problem = "table-open" if made.unknown and do == "use" else ""
        return page_(text, sheet, meanings, made, role=role, word_codes=word_codes, problem=problem)
    problem, marked = _left_out(sheet, meanings, made)
    if problem:
        return page_(text, sheet, meanings, made, role=role, word_codes=word_codes, problem=problem, marked=marked)
    named = " ".join(sent.one("map-name", 80).split())
    if named:
        try:
            await people.keep_map(visitor.person, table_map.made_of(named, sheet, meanings, word_codes, role))
        except StoreFault:
            raise
        except Fault:
            return page_(
                text, sheet, meanings, made, role=role, word_codes=word_codes, problem="table-map-bad", status=422
            )
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
    """Return an empty table with the names of the columns in the reader's language."""
    await _trend_of(request)
    headers = {"Content-Disposition": 'attachment; filename="table.csv"'}
    return Response(upload.template(visitor.lang, table_words.MEANINGS), media_type="text/csv", headers=headers)


async def _read(request: Call, visitor: Visitor, sent: Form) -> tuple[str, table.Sheet | None, str]:
    """Return the pasted or uploaded text, and its table, or the key of the reason why there is none."""
    text = sent.one("text", table.TEXT_MAX + 1)
    if sent.files.get("file"):
        try:
            text = await _uploaded(request, visitor, sent.files["file"])
        except Fault as fault:
            return "", None, "table-long" if "long" in fault.text else "table-file-bad"
    try:
        return text, table.read(text.replace("\r\n", "\n")), ""
    except Fault as fault:
        return text, None, "table-long" if "long" in fault.text else "table-none"


def _meant(
    sent: Form, sheet: table.Sheet, *, is_read_again: bool
) -> tuple[list[str], dict[tuple[int, str], str]]:  # fmt: skip
    """Return the meaning of each column by the page, else by its heading; and the meanings of words."""
    fields = [] if is_read_again else [sent.one(f"column-{at}", 32) for at in range(len(sheet.head))]
    meanings = (
        [each if each in (*table_words.CHOICES, table_words.IGNORED) else "" for each in fields]
        if any(fields)
        else list(table.guessed(sheet))
    )
    word_codes = {
        (int(at), word): sent.one(f"word-{at}-{number}", 32)
        for at, number, word in _words_of(sent.fields)
        if at.isdecimal() and len(at) <= 4 and sent.one(f"word-{at}-{number}", 32)
    }
    return meanings, word_codes


def _left_out(sheet: table.Sheet, meanings: Sequence[str], made: table.Figures) -> tuple[str, tuple[int, ...]]:
    """Return why the table is not put into the draft, by the key of a sentence, and the columns that it is about."""
    if columns := table.repeated(meanings):
        return "table-repeated", columns
    if columns := table.undecided(sheet, meanings):
        return "table-undecided", columns
    if columns := table.distinguishing_columns(sheet, meanings, made.obs):
        return "table-twice", columns
    return "", ()


def _page(
    request: Call, visitor: Visitor, id_: str, text: str, sheet: table.Sheet | None = None,
    meanings: list[str] | None = None, made: table.Figures | None = None, *, status: int = 200, **more: Any,
) -> Response[Any]:  # fmt: skip
    maps = tuple(each.name for each in gateway_of(request).people.maps_of(visitor.person))
    view = _view(visitor, id_, gateway_of(request).member, maps, text, sheet, meanings, made, **more)
    return render(request, visitor, "table.html", view, status=status)


async def _uploaded(request: Call, visitor: Visitor, data: bytes) -> str:
    """Return the text of a file, read on another thread; one at a time for each session. Raises Fault, Denied."""
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
    """Return (column, number, word) of the words that the page asked for."""
    found = []
    for name, value in fields:
        first, _, rest = name.partition("-")
        at, _, number = rest.partition("-")
        if first == "of" and number.isdecimal():
            found.append((at, number, value))
    return found


def _view(
    visitor: Visitor, id_: str, country: str, maps: tuple[str, ...], text: str, sheet: table.Sheet | None = None,
    meanings: list[str] | None = None, made: table.Figures | None = None, *, role: str = ROLE, problem: str = "",
    word_codes: Mapping[tuple[int, str], str] | None = None, marked: Sequence[int] = (),
) -> TablePage:  # fmt: skip
    known = names_of(visitor)
    labels = [
        (each, known.words.field("Observation", each))
        for each in (table_words.PERIOD, table_words.PLACE, table_words.VALUE)
    ]
    labels += [(each, known.words.label("dimension", each) or each) for each in DIMENSIONS]
    labels[1:1] = [(each, known.words.console(f"table-{each}")) for each in table_words.PARTS]
    columns = []
    for at, name in enumerate(sheet.head if sheet is not None else ()):
        meaning = (meanings or [])[at] if meanings else ""
        words = made.unknown.get(at, ()) if made is not None else ()
        is_read = meaning in (table_words.PERIOD, table_words.VALUE)  # which have no list to choose from
        chosen = {} if is_read else {word: code for (column, word), code in (word_codes or {}).items() if column == at}
        both = chosen | dict.fromkeys(() if is_read else words, "")
        unknown = tuple((f"{at}-{number}", word, code) for number, (word, code) in enumerate(both.items()))
        choices = tuple(table_words.choices(meaning, visitor.lang, country)) if unknown else ()
        first = sheet.rows[0][at] if sheet is not None else ""
        columns.append(Column(at, name, meaning, first, unknown, choices, words if is_read else (), at in marked))
    rows = len(sheet.rows) if sheet is not None else 0
    return TablePage(id_, text, tuple(columns), tuple(labels), codes("place-role"), role, rows, maps, problem)
