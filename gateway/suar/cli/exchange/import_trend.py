"""`suar import trend`: convert a table to trend messages, with a preview of the privacy gate's suppression."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.common import (
    MemberCode,
    PathType,
    command,
    emit,
    json_option,
    now_option,
    print_notice,
    state_option,
)
from suar.cli.base.gate_table import in_words, with_labels
from suar.cli.base.reader import lang_option, room, sentences_for
from suar.cli.exchange.own_verdict import LEAVES, after_publication, by_gateway, source_of_verdicts
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import marked
from suar.protocol.base.sentences import several

if TYPE_CHECKING:
    from suar.exchange.files.problems import Problem
    from suar.exchange.tables.preview import Preview
    from suar.exchange.tables.readings import Reading
    from suar.exchange.tables.table_map import TableMap
    from suar.languages.tags import Language

SLOW: Final = 1.0  # seconds after which progress is shown
LINES_MAX: Final = 200  # of a list on a terminal; --json has them all
NOT_READ: Final = (".xls", ".xlsb", ".xlsm", ".xltx", ".xltm", ".ods", ".fods", ".ots")  # workbooks of other kinds
_COLUMNS: Final = ("message", "periods", "cells", "unknown", "small", "further", "further in %", "verdict")


@command(
    "trend",
    example="suar import trend table.csv --map glotip -o drafts\n"
    "  suar import trend table.xlsx --map ours.toml --show TH-convicted-sex-age\n"
    "  suar import trend table.csv --map ours.toml --member TH --publish --state th",
)
@click.argument("file", type=PathType)
@click.option("--map", "map_", type=PathType, help="The map: a TOML file, or the name of a shipped one. Required.")
@click.option("-o", "--output", type=PathType, help="Write each message, with its true counts, to this folder.")
@click.option("--publish", "is_published", is_flag=True, help="Publish each message with the running gateway.")
@click.option("--exercise", is_flag=True, help="Publish in the exercise realm.")
@click.option("--member", type=MemberCode(), help="Import only the messages of this member.")
@click.option(
    "--show",
    help="Print this message before and after the privacy gate, and what a coarser table would suppress; `all` prints "
    "every message, without the coarser table if there are several.",
)
@click.option("--skip-faulty", is_flag=True, help="Import the valid rows, although other rows must be corrected.")
@click.option("--encoding", help="The encoding of a CSV file, such as cp874 for Thai. Default: the map's.")
@click.option("--sheet", help="The sheet of a workbook. Default: the map's.")
@now_option
@lang_option
@state_option
@json_option
def trend(
    file: Path,
    map_: Path | None,
    output: Path | None,
    is_published: bool,
    exercise: bool,
    member: str | None,
    show: str | None,
    skip_faulty: bool,
    encoding: str | None,
    sheet: str | None,
    now: int,
    lang: "Language",
    state: Path,
    as_json: bool,
) -> int:
    """Convert a table of counts to trend messages. A row that cannot be imported is listed with its reason and remedy.

    The messages contain the true counts. The privacy gate suppresses small counts, and counts that would disclose them,
    when a message is published. The command prints what the gate will suppress, and how much of the table that is.
    """
    from suar.exchange.tables.table_map import read_map, shipped_maps

    if map_ is None:
        named = f"name a TOML file, or one that is shipped: {shipped_maps()}; docs/formats.md explains them"
        raise click.UsageError(f"Missing option '--map': {named}")

    table = _chosen(read_map(map_), encoding, sheet)
    reading = _read(file, table, now)
    realm = "exercise" if exercise else "actual"
    done, queried = list(_judged(reading, table, member, realm, now, show)), set[str]()
    if not is_published:  # which prints the gateway's verdict on each
        done, queried = by_gateway(state, done, realm, lang.tag)
    is_whole = not reading.problems or skip_faulty
    leaving = [preview for preview in done if preview.verdict in LEAVES] if is_whole else []
    written = _write(output, leaving) if output else []
    answers = _publish(state, leaving, realm, lang.tag, as_json) if is_published else []
    done = after_publication(done, answers)
    tables_ = [(each, in_words(each.table, lang)) for each in done if _is_shown(each.draft.name, len(done), show)]
    shape = _shape(reading, done, written, answers) | {"asked": sorted(queried)}
    for at, each in enumerate(done):
        if each.verdict != "pass" or _is_shown(each.draft.name, len(done), show):
            shape["messages"][at]["table"] = in_words(each.table, lang)
    source = [] if is_published else [source_of_verdicts(len(queried), len(done))]
    emit(shape, as_json, lambda: "\n".join([_text(file, reading, done, written, answers, tables_, lang), *source]))
    if not reading.rows:
        raise Fault(
            f"{file} has no row below its header that is not empty", "is it the right file and the right sheet?"
        )
    if not is_whole:
        count, first = len(reading.problems), reading.problems[0].as_line()
        text = several(count, f"row of {file} has to be mended", f"rows of {file} have to be mended, the first")
        text = f"{text}: {first}"
        raise Fault(text, f"{reading.problems[0].cure}; or import the others with --skip-faulty")
    return 0 if len(leaving) == len(done) and all(each["verdict"] != "refused" for each in answers) else 1


def _chosen(table: "TableMap", encoding: str | None, sheet: str | None) -> "TableMap":
    from msgspec.structs import replace

    from suar.exchange.files.csv_file import ENCODINGS

    if encoding and encoding.lower() not in ENCODINGS:
        raise Fault(f"'{encoding}' is no encoding that is read here", f"one of: {', '.join(ENCODINGS)}")
    layout = replace(
        table.layout,
        encoding=(encoding or table.layout.encoding).lower(),
        sheet=table.layout.sheet if sheet is None else sheet,
    )
    return replace(table, layout=layout)


def _read(file: Path, table: "TableMap", now: int) -> "Reading":
    from suar.exchange.tables.table_reader import read_table
    from suar.exchange.tables.table_screen import TableScreen

    layout, this_year = table.layout, datetime.fromtimestamp(now // 1000, UTC).year
    screen = TableScreen(table)
    if file.suffix.lower() in NOT_READ:
        raise Fault(f"{file} is a workbook of a kind that is not read here", "save it as .xlsx, or as CSV UTF-8")
    if file.suffix.lower() == ".xlsx":
        from suar.exchange.files.xlsx_file import xlsx_rows
        from suar.exchange.files.xlsx_other_contents import other_contents

        rows = xlsx_rows(file, layout.sheet, layout.header_row)
        reading = read_table(screen.watched(rows), table, this_year)
        reading.not_used = [*screen.not_used(), *other_contents(file, layout.sheet, screen.seen, screen.budget)]
        return reading
    from suar.exchange.files.csv_file import csv_rows

    reading = read_table(screen.watched(csv_rows(file, layout.encoding, layout.delimiter)), table, this_year)
    reading.not_used = screen.not_used()
    return reading


def _is_shown(name: str, count: int, show: str | None) -> bool:
    """Whether a message is printed as it would be sent after the gate."""
    return show in (name, "all") or (show is None and count == 1)


def _judged(
    reading: "Reading", table: "TableMap", member: str | None, realm: str, now: int, show: str | None
) -> "Iterator[Preview]":
    from suar.exchange.tables.preview import previews
    from suar.exchange.tables.trends import drafts

    made = [draft for draft in drafts(reading, table, now) if member in (None, draft.member)]
    judged = previews(made, realm=realm, now=now, compared=lambda draft: show in (draft.name, "all"))
    started = last_notice = time.monotonic()
    for done, preview in enumerate(judged, 1):
        if time.monotonic() - max(started, last_notice) > SLOW:
            last_notice = time.monotonic()
            print_notice(f"{done} of {len(made)} tables checked")
        yield preview


# -- output


def _write(folder: Path, leaving: "Sequence[Preview]") -> list[str]:
    """Write one file for each message, with mode 0600, because the counts in it are true ones."""
    from suar.files import atomic_write, private_folder

    private_folder(folder)
    for preview in leaving:
        atomic_write(folder / f"{preview.draft.name}.json", preview.draft.data)
    return [f"{preview.draft.name}.json" for preview in leaving]


def _publish(
    state: Path, leaving: "Sequence[Preview]", realm: str, lang: str, as_json: bool
) -> list[dict[str, Any]]:  # fmt: skip
    from suar.cli.base.client import Problem, publish, reason_lines
    from suar.cli.base.leaving import print_waiting
    from suar.cli.messages.publish import verdict_of

    params = {"lang": lang, **({"exercise": "true"} if realm == "exercise" else {}), **sentences_for(as_json)}
    answers = []
    for preview in leaving:
        is_repeated = False
        try:
            answer, is_repeated = publish(state, preview.draft.data, params=params)
        except Problem as problem:
            if "verdict" not in problem.body:
                raise
            answer = verdict_of(problem.body)
        answers.append({"name": preview.draft.name, **answer, "repeated": is_repeated})
        if not as_json:
            outcome = "published before, not again" if is_repeated else answer["verdict"]
            reasons = reason_lines(answer["reasons"], preview.draft.message) if answer["verdict"] == "refused" else ""
            print_notice(marked(f"{outcome}  {preview.draft.name}  {answer['id'] or ''}".rstrip() + reasons, realm))
            print_waiting(state, answer)
    return answers


def _shape(
    reading: "Reading", done: "Sequence[Preview]", written: list[str], answers: list[dict[str, Any]]
) -> dict[str, Any]:
    import msgspec

    return {
        "rows": reading.rows,
        "imported": _imported(done),
        "refused": _refused(done),
        "of_other_members": reading.imported - _imported(done) - _refused(done) - _at_home(done),
        "listed": [each.shape() for each in _listed(reading, done)],
        "merges": msgspec.to_builtins(reading.merges),
        "not_used": [each.shape() for each in reading.not_used],
        "messages": [preview.shape() for preview in done],
        "written": written,
        "published": answers,
    }


def _imported(done: "Sequence[Preview]") -> int:
    return sum(len(rows) for preview in done if preview.verdict in LEAVES for rows in preview.draft.rows)


def _refused(done: "Sequence[Preview]") -> int:
    """Return the number of rows of tables that are refused as a whole."""
    refused = [preview for preview in done if preview.verdict not in LEAVES]
    left = {problem.row for preview in done for problem in preview.left}
    return sum(row not in left for preview in refused for rows in preview.draft.rows for row in rows)


def _at_home(done: "Sequence[Preview]") -> int:
    return sum(len(preview.left) for preview in done)


def _listed(reading: "Reading", done: "Sequence[Preview]") -> "list[Problem]":
    left = [problem for preview in done for problem in preview.left]
    return sorted([*reading.listed(), *left], key=lambda each: each.row)


def _text(
    file: Path,
    reading: "Reading",
    done: "Sequence[Preview]",
    written: list[str],
    answers: list[dict[str, Any]],
    shown: "Sequence[tuple[Preview, dict[str, Any] | None]]",
    lang: "Language",
) -> str:
    from suar.exchange.files.problems import lines_of

    listed = lines_of(_listed(reading, done), with_labels)
    imported, refused, at_home = _imported(done), _refused(done), _at_home(done)
    others = reading.imported - imported - refused - at_home
    lines = [
        f"{file.name}: {reading.rows:,} rows; {imported:,} imported, "
        f"{len(reading.left_out):,} left out by the map, {at_home:,} kept at home by the gate, "
        f"{len(reading.problems):,} to be mended"
        + (f", {refused:,} in tables that are refused" if refused else "")
        + (f", {others:,} of other members" if others else "")
    ]
    lines += _section("merged by the map", [f"{each.rows:6,} rows  {each.text}" for each in reading.merges])
    lines += _section(
        "not imported",
        [f"{line}\n    cure: {cure}" for line, cure in listed[:LINES_MAX]],
        len(listed),
    )
    lines += _section("not used", [each.as_line() for each in reading.not_used])
    lines += ["", "what the gate hides", *tables.aligned(_COLUMNS, map(_row, done)), _cost(done)]
    verdicts = {each["name"]: each["verdict"] for each in answers}
    without_grid = [each for each in done if all(each is not preview for preview, _ in shown)]
    lines += _section("a coarser table that hides less", list(_coarser(without_grid, lang)))
    for preview, table in shown:
        lines += _grid(preview, table, verdicts.get(preview.draft.name, preview.verdict), lang)
    lines += [""] if written or answers else []
    lines += [several(len(written), "file written", "files written")] if written else []
    return "\n".join(lines)


def _section(title: str, entries: list[str], count: int | None = None) -> list[str]:
    if not entries:
        return []
    all_of_them = len(entries) if count is None else count
    more = [f"  and {all_of_them - LINES_MAX:,} more; --json has all"] if all_of_them > LINES_MAX else []
    return ["", title, *(f"  {entry}" for entry in entries[:LINES_MAX]), *more]


def _row(preview: "Preview") -> list[object]:
    share = f"{100 * preview.complementary / preview.cells:.1f} %" if preview.verdict in LEAVES else ""
    return [
        preview.draft.name, preview.draft.periods, preview.cells, preview.unknown, preview.primary,
        preview.complementary, share, preview.verdict,
    ]  # fmt: skip


def _cost(done: "Sequence[Preview]") -> str:
    leaving = [preview for preview in done if preview.verdict in LEAVES]
    if done and not leaving:
        which = "the table is" if len(done) == 1 else f"all {len(done):,} tables are"
        return f"{which} refused: no cell leaves"
    cells = sum(preview.cells for preview in leaving)
    further = sum(preview.complementary for preview in leaving)
    small = sum(preview.primary for preview in leaving)
    unknown = sum(preview.unknown for preview in leaving)
    share = 100 * further / cells if cells else 0.0
    return (
        f"of {cells:,} cells {unknown:,} were not known, {small:,} are small and hidden, "
        f"{further:,} more are hidden because a small one could be computed from them ({share:.1f} %)"
    )


def _coarser(done: "Sequence[Preview]", lang: "Language") -> "Iterator[str]":
    """Yield the best coarser table of each message that does not leave as it is and whose grids are not printed."""
    from suar.languages.names import names
    from suar.languages.rendering import grid

    for preview in done:
        table = None if preview.verdict == "pass" else in_words(preview.table, lang)
        if table:
            best = grid.coarser(table, names(lang.tag))[:1]
            yield from (f"{preview.draft.name}  {text}" for _, _, text in best)


def _grid(preview: "Preview", table: dict[str, Any] | None, verdict: str, lang: "Language") -> list[str]:
    """Return the lines of a message before and after the gate, with the findings about it.

    `verdict`: of the check or, once the message is published, of the gateway.
    """
    from suar.languages.rendering import reading

    reasons = [reason.shape(with_sentences=True) for reason in preview.reasons]
    document = {"verdict": verdict, "reasons": reasons, "table": table}
    return ["", preview.draft.name, *reading.verdict(document, lang, room(), preview.draft.message)]
