"""Paste the table of a trend from a spreadsheet: the meaning of each column and word, then into the draft."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from litestar import Response
from msgspec.structs import replace

from suar.console.form_body import Form
from suar.console.forms import table, table_heads, table_map, table_shapes, table_words, upload
from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of, one_at_a_time, shared_of
from suar.console.pages.messages.draft import draft_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.registry import page
from suar.console.rendering import go, names_of, render
from suar.console.views import drafting
from suar.console.views.pasted import Pasted, headings, view
from suar.protocol.base.codelists import codes
from suar.protocol.base.errors import Fault
from suar.service.people.facade import StoreFault
from suar.service.process.desk import Conflict, Locked

TREND: Final = "trend"
ROLE: Final = "detection"
YEARS, UNFOLD, FILL = "years", "unfold", "fill-"
"""Buttons that change the table: years into the common calendar, a cross table into rows, a column filled down."""


@page("GET", "/draft/{id:str}/table")
async def paste(request: Call, visitor: Visitor) -> Response[Any]:
    """Show an empty field to paste into."""
    found = await _trend_of(request)
    other = check_realm(request, found["realm"])
    return other or _page(request, visitor, found["id"], Pasted(role=ROLE))


@page("POST", "/draft/{id:str}/table")
async def use(request: Call, visitor: Visitor) -> Response[Any]:
    """Read it; once every column and word has a meaning, put it into the draft."""
    found, sent, people = await _trend_of(request), form_of(request), gateway_of(request).people
    do = sent.one("do", 16)
    page_ = partial(_page, request, visitor, found["id"])
    if do == "forget":
        await people.forget_map(visitor.person, sent.one("map", 80))
    read, problem = await _read(request, visitor, sent)
    if read.sheet is None or do == "forget":
        return page_(replace(read, sheet=None), problem=problem, status=422 if problem == "table-file-bad" else 200)
    read, problem = _changed(visitor, _meant(request, visitor, sent, read), do)
    sheet = read.sheet
    if problem or sheet is None:
        return page_(read, problem=problem)
    is_used = do == "use" and not sent.files.get("file")
    period = table_words.code_of(table_words.PERIOD, read.period) or ""
    try:
        made = table.figures(sheet, read.meanings, read.chosen, gateway_of(request).member, read.role, period)
    except Fault:
        return page_(read, problem=_missing(read, is_used=is_used))
    read = replace(read, made=made)
    is_open = bool(made.unknown or table_shapes.first_year(sheet, read.meanings, read.period))
    if is_open or not is_used:
        return page_(read, problem="table-open" if is_open and do == "use" else "")
    problem, marked = _left_out(sheet, read.meanings, made)
    if not problem and not await _keep_meanings(request, visitor, sent, read):
        problem = "table-map-bad"
    if problem:
        return page_(read, problem=problem, marked=marked, status=422 if problem == "table-map-bad" else 200)
    await _put(request, visitor, found, made)
    return go(request.url.path.removesuffix("/table"))


async def _put(request: Call, visitor: Visitor, found: Mapping[str, Any], made: table.Figures) -> None:
    """Put the figures into the draft. Raises Denied if it changed meanwhile."""
    content = drafting.decode(found["content"])
    tree = {**content.tree, "obs": made.obs, "margins": made.has_totals}
    tree = {**tree, "dims": made.dims} if made.dims else {key: each for key, each in tree.items() if key != "dims"}
    data = drafting.encode(replace(content, tree=tree))
    try:
        await gateway_of(request).desk.draft_save(found["id"], visitor.person, found["version"], data)
    except (Conflict, Locked):
        raise Denied(409, "form-old") from None


@page("GET", "/draft/{id:str}/table.csv")
async def template(request: Call, visitor: Visitor) -> Response[Any]:
    """Return an empty table with the names of the columns in the reader's language."""
    await _trend_of(request)
    headers = {"Content-Disposition": 'attachment; filename="table.csv"'}
    return Response(upload.template(visitor.lang, table_words.MEANINGS), media_type="text/csv", headers=headers)


async def _read(request: Call, visitor: Visitor, sent: Form) -> tuple[Pasted, str]:
    """Return the pasted or uploaded text with its table; without one, also the key of the reason."""
    text, role = sent.one("text", table.TEXT_MAX + 1), sent.one("role", 32)
    read = Pasted(text, role=role if role in codes("place-role") else ROLE, period=sent.one("period", 20).strip())
    if sent.files.get("file"):
        try:
            read = replace(read, text=await _uploaded(request, visitor, sent.files["file"]))
        except Fault as fault:
            return replace(read, text=""), "table-long" if "long" in fault.text else "table-file-bad"
    try:
        sheet = table.read(read.text.replace("\r\n", "\n"))
    except Fault as fault:
        return read, "table-long" if "long" in fault.text else "table-none"
    if above := table_heads.titles(sheet):
        return replace(read, at=above), "table-title"
    if above := table_heads.double(sheet):
        return replace(read, at=above), "table-heads"
    return replace(read, sheet=sheet), ""


def _meant(request: Call, visitor: Visitor, sent: Form, read: Pasted) -> Pasted:
    """Return the table with the meaning of each column and word: by the kept map, by the page, else by its heading."""
    sheet = read.sheet
    if sheet is None:
        return read
    maps = gateway_of(request).people.maps_of(visitor.person)
    kept = next((each for each in maps if each.name == sent.one("map", 80)), None)
    do = sent.one("do", 16)
    if kept is not None and do not in ("use", YEARS) and not do.startswith(FILL):
        meanings, chosen = table_map.meanings_of(sheet, kept), table_map.codes_of(sheet, kept)
        return replace(read, meanings=meanings, chosen=chosen, role=kept.role)
    fields = [sent.one(f"column-{at}", 32) for at in range(len(sheet.head))] if not sent.files.get("file") else []
    meanings = (
        [each if each in (*table_words.CHOICES, table_words.IGNORED) else "" for each in fields]
        if any(fields)
        else list(table.guessed(sheet))
    )
    chosen = {
        (int(at), word): sent.one(f"word-{at}-{number}", 32)
        for at, number, word in _words_of(sent.fields)
        if at.isdecimal() and len(at) <= 4 and sent.one(f"word-{at}-{number}", 32)
    }
    return replace(read, meanings=meanings, chosen=chosen)


def _changed(visitor: Visitor, read: Pasted, do: str) -> tuple[Pasted, str]:
    """Return the table as the pressed button changes it, or the key of the reason why it does not."""
    sheet, meanings = read.sheet, read.meanings
    if sheet is None or (do not in (YEARS, UNFOLD) and not do.startswith(FILL)):
        return read, ""
    period = read.period
    if do == YEARS:
        sheet, period = table_shapes.in_common_years(sheet, meanings, period)
    elif do == UNFOLD:
        cross = table_shapes.crossed(sheet, meanings)
        known = names_of(visitor)
        sheet = table_shapes.unfolded(sheet, cross, headings(known, cross.meaning)) if cross is not None else sheet
        meanings = table.guessed(sheet)
    else:
        for gap in table_shapes.gaps(sheet, meanings):
            sheet = table_shapes.filled(sheet, gap) if do == f"{FILL}{gap.column}" else sheet
    try:
        text = table_shapes.as_text(sheet)
        changed = replace(read, text=text, sheet=table.read(text), meanings=meanings, period=period)
    except Fault:
        return read, "table-long"
    return replace(changed, chosen={}) if do == UNFOLD else changed, ""


def _missing(read: Pasted, *, is_used: bool) -> str:
    """Return the key of what is said where no column is the value or there is no period."""
    if read.sheet is None or is_used or table_shapes.crossed(read.sheet, read.meanings) is None:
        return "table-missing"
    return ""


async def _keep_meanings(request: Call, visitor: Visitor, sent: Form, read: Pasted) -> bool:
    """Keep the meanings of a table under the name that was given, if any; return whether it was possible."""
    named = " ".join(sent.one("map-name", 80).split())
    if not named or read.sheet is None:
        return True
    made = table_map.made_of(named, read.sheet, read.meanings, read.chosen, read.role)
    try:
        await gateway_of(request).people.keep_map(visitor.person, made)
    except StoreFault:
        raise
    except Fault:
        return False
    return True


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
    request: Call, visitor: Visitor, id_: str, read: Pasted, *, problem: str = "", marked: Sequence[int] = (),
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    maps = tuple(each.name for each in gateway_of(request).people.maps_of(visitor.person))
    shown = view(names_of(visitor), id_, gateway_of(request).member, maps, read, problem=problem, marked=marked)
    return render(request, visitor, "table.html", shown, status=status)


async def _uploaded(request: Call, visitor: Visitor, data: bytes) -> str:
    """Return the text of a file, read on another thread; one at a time for each session. Raises Fault, Denied."""
    with one_at_a_time(visitor.session, shared_of(request).uploading, Denied(429, "too-fast", seconds=5)):
        return await to_thread(upload.as_text, data)


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
