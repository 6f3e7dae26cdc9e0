"""Pages from templates: in the reader's language, local times followed by UTC, everything escaped.

A template gets `view`, a Struct, and the functions of `TemplateWords`. An unknown name in a template is an error.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup, escape
from msgspec import Struct

from suar.console.assets import address
from suar.console.guard import EXERCISE, PREFIX, ROUTES, Call, Visitor, gateway_of, is_exercise, typed_of
from suar.languages.causes import render_cause
from suar.languages.cldr.subdivisions import NAMES, with_name
from suar.languages.names import Names, names
from suar.languages.page_words import begin
from suar.languages.rendering.unseen import few_marks
from suar.languages.rendering.values import code_text
from suar.languages.tags import ENGLISH, LANGUAGES, choose
from suar.observe.causes import CAUSES
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import in_zone, instant

MENU: Final = (
    "inbox", "write", "approve", "sent", "drills", "health", "peers", "tokens", "keys", "people", "agencies", "audit",
)  # fmt: skip
"""Sections in the order of the menu; each is shown to people who may call its page, and has the word `menu-NAME`."""
_NOTHING_ARRIVES: Final = frozenset({"uplink-down", "hub-down", "line-down"})
"""Causes (observe/causes.py) for which nothing of other members arrives either."""
_ACCEPTED_MAX: Final = 8  # languages of a browser that are read
_ICONS: Final = {
    "sent": "M2 8h9M8 4l4 4-4 4", "stored": "M3 3h10v10H3z",
    "opened": "M1 8s3-5 7-5 7 5 7 5-3 5-7 5-7-5-7-5zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    "acknowledged": "M3 8.5 6.5 12 13 4.5", "acting": "M4 3v10l9-5z", "refused": "M4 4l8 8M12 4l-8 8",
    "overdue": "M8 3v6M8 12v1", "none": "M5 8h6", "urgent": "M8 1 15 14H1zM8 6v4M8 11.5v1",
    "bell": "M3 12h10c-1-1-1.5-2-1.5-5a3.5 3.5 0 0 0-7 0c0 3-.5 4-1.5 5zM7 14h2",
    "ok": "M3 8.5 6.5 12 13 4.5", "warning": "M8 1 15 14H1zM8 6v4M8 11.5v1", "critical": "M4 4l8 8M12 4l-8 8",
    "unknown": "M5.5 6a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.8-.9 1.5M8 12v1",
}  # fmt: skip


@cache
def environment() -> Environment:
    """Return the templates of this package."""
    made = Environment(
        loader=PackageLoader("suar.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False, finalize=_shown,
    )  # fmt: skip
    made.filters["begin"] = begin
    made.globals |= {"static": address, "icon": icon, "subdivisions": subdivisions}
    return made


def _shown(value: Any) -> Any:
    """Return a value for a page without characters by which a peer's text could cover its surroundings."""
    if type(value) not in (str, Markup) or value.isascii():
        return value
    return type(value)(few_marks(value))


@cache
def icon(name: str) -> Markup:
    """Return a small picture; the word beside it has the same meaning."""
    fill = "currentColor" if name == "acting" else "none"
    return Markup(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false" fill="{}" stroke="currentColor" '
        'stroke-width="2" stroke-linejoin="round" stroke-linecap="round"><path d="{}"/></svg>'
    ).format(fill, _ICONS[name])


@cache
def subdivisions(tag: str) -> Markup:
    """Return the names of all subdivisions to choose from, for a language: the same with script and without."""
    known = sorted(NAMES, key=lambda code: (code[:2], NAMES[code]))
    options = Markup("").join(Markup("<option>{}</option>").format(with_name(code, tag)) for code in known)
    return Markup('<datalist id="subdivisions">{}</datalist>').format(options)


class MenuEntry(Struct, frozen=True):
    """A section that the visitor may open."""

    name: str
    path: str


class TemplateWords:
    """The functions that templates call; times are in the zone of `known`."""

    def __init__(self, known: Names, prefix: str) -> None:
        self.names, self.zone, self._prefix = known, known.zone or UTC, prefix

    def t(self, key: str, **values: object) -> str:
        """Return a text of the console by its key."""
        return self.names.words.console(key, **values)

    def code(self, listing: str, code: str) -> str:
        """Return the word for a code of a list."""
        return code_text(self.names.words, listing, code)

    def field(self, shape: str, key: str) -> str:
        """Return the label of a field."""
        return self.names.words.field(shape, key)

    def phrase(self, name: str, **values: object) -> str:
        """Return a phrase of messages by its name."""
        return self.names.words.phrase(name, **values)

    def listed(self, title: str, is_marked: bool) -> str:
        """Return the title of a message in a list; that of an exercise is marked, for it may be read out alone."""
        mark = self.phrase("exercise-title", title="").strip()
        return self.phrase("exercise-title", title=title) if is_marked and not title.startswith(mark) else title

    def url(self, path: str) -> str:
        """Return the address of a page: of the same realm if the page is in both."""
        is_both = path.strip("/").partition("/")[0] in _in_both_realms()
        return f"{self._prefix if is_both else PREFIX}{path}"

    def when(self, ms: int) -> Markup:
        """Return a moment, in the reader's time and in UTC."""
        at = datetime.fromtimestamp(ms / 1000, UTC)
        local = in_zone(at, self.zone)
        text = f"{self.names.day(local.date().isoformat())}, {local:%H:%M}"
        utc = "" if local.utcoffset() == at.utcoffset() else f" ({at:%H:%M} UTC)"
        zone = " UTC" if not utc else ""
        return Markup(f'<time datetime="{instant(ms)}">{escape(text)}{zone}{utc}</time>')  # noqa: S704 - digits, and escaped

    def clock(self, ms: int, now: int) -> Markup:
        """Return a moment in a table: only the time if it is on the reader's present day."""
        at, today = (in_zone(datetime.fromtimestamp(each / 1000, UTC), self.zone) for each in (ms, now))
        if at.date() != today.date():
            return self.when(ms)
        utc = at.astimezone(UTC)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(instant(ms), f"{utc:%H:%M} UTC", f"{at:%H:%M}")

    def functions(self) -> dict[str, Any]:
        """Return the functions by their names in templates."""
        return {
            "t": self.t, "code": self.code, "field": self.field, "phrase": self.phrase, "listed": self.listed,
            "url": self.url, "when": self.when, "clock": self.clock, "country": self.names.country,
            "number": self.names.number,
            "language_name": lambda tag: LANGUAGES[tag].autonym, "languages": tuple(LANGUAGES),
        }  # fmt: skip


@cache
def _in_both_realms() -> frozenset[str]:
    """Return the first parts of the addresses of pages that exercises have too."""
    return frozenset(path.strip("/").partition("/")[0] for (_, path), rule in ROUTES.items() if rule.is_in_exercise)


def render(
    request: Call, visitor: Visitor | None, template: str, view: Struct | None = None, *, status: int = 200,
    cookies: Sequence[Cookie] = (), headers: dict[str, str] | None = None,
) -> Response[bytes]:  # fmt: skip
    """Render a page. `view` is what the template calls `view`."""
    exercise, prefix = is_exercise(request), _prefix(request)
    tag = visitor.lang if visitor is not None else requested_language(request)
    words = TemplateWords(names_of(visitor) if visitor else names(tag), prefix)
    section = request.url.path.removeprefix(prefix).strip("/").partition("/")[0]
    page = environment().get_template(template)
    text = page.render(
        words.functions(), view=view, visitor=visitor, lang=tag, exercise=exercise, menu=menu_of(visitor),
        section=section, member=gateway_of(request).member, page=request.url.path, prefix=PREFIX, english=ENGLISH.tag,
        line=standstill(request, visitor, words) if visitor and not visitor.agency else None,
        now=gateway_of(request).core.clock(), typed=typed_of(request, visitor) if visitor else None,
        both_realms=("GET", f"/{section}") in ROUTES and ROUTES["GET", f"/{section}"].is_in_exercise,
    )  # fmt: skip
    return Response(text.encode(), status_code=status, media_type="text/html", cookies=list(cookies), headers=headers)


def rendered_rows(
    request: Call, visitor: Visitor, template: str, rows: Iterable[Struct], turn: int, **values: Hashable
) -> tuple[Markup, ...]:  # fmt: skip
    """Render the rows of a list by `template`, which calls each `row`; known rows are not rendered again.

    A row is known by all that its template gets: the row itself, `values`, and what its functions depend on, which
    are language, time zone and realm. `turn` is that of `core.listed_texts` from before the rows were read.
    """
    prefix, known = _prefix(request), gateway_of(request).core.listed_texts
    page, functions = environment().get_template(template), TemplateWords(names_of(visitor), prefix).functions()
    about, made = (template, visitor.lang, visitor.timezone, prefix, *values.items()), list[Markup]()
    for row in rows:
        key = (*about, row)
        text = known.find(key)
        if text is None:
            text = Markup(page.render(functions, row=row, **values))  # noqa: S704 - of a template, which escapes
            known.keep(key, text, 2 * len(text), turn)
        made.append(text)
    return tuple(made)


def _prefix(request: Call) -> str:
    return PREFIX + EXERCISE if is_exercise(request) else PREFIX


def standstill(request: Call, visitor: Visitor, words: TemplateWords) -> tuple[str, int, str] | None:
    """Return why nothing is sent by this gateway, with the next step; since when (ms); and what a reader misses
    meanwhile, "" for nothing. None if there is no problem.
    """
    found = gateway_of(request).desk.standstill()
    if found is None:
        return None
    cause, step = render_cause(
        found["number"], found["values"], LANGUAGES[words.names.tag], words.zone, for_page=True,
        for_operator="operator" in visitor.roles,
    )  # fmt: skip
    missed = words.t("line-missed") if CAUSES[found["number"] - 1].code in _NOTHING_ARRIVES else ""
    return f"{cause}. {step}.", found["since"], missed


def standstill_text(request: Call, visitor: Visitor) -> str:
    """Return the same as one text without markup, for the stream; empty if there is no problem."""
    words = TemplateWords(names_of(visitor), "")
    found = standstill(request, visitor, words)
    if found is None:
        return ""
    return f"{found[0]} {words.t('since')} {words.when(found[1]).striptags()}. {found[2]}".rstrip()


def go(path: str, cookies: Sequence[Cookie] = ()) -> Response[bytes]:
    """Redirect the browser to a page, after a form or instead of a page."""
    return Response(b"", status_code=303, headers={"Location": path}, cookies=list(cookies), media_type="text/html")


def menu_of(visitor: Visitor | None) -> list[MenuEntry]:
    """Return the sections that the visitor may open."""
    if visitor is None:
        return []
    return [MenuEntry(name, f"/{name}") for name in MENU if visitor.may("GET", f"/{name}")]


def names_of(visitor: Visitor) -> Names:
    """Return labels for this person, with times in their zone followed by UTC."""
    return names(visitor.lang, zone_of(visitor.timezone))


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name; UTC if this machine does not know it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def requested_language(request: Call) -> str:
    """Return the first language of the browser that has a catalogue."""
    for part in request.headers.get("accept-language", "").split(",")[:_ACCEPTED_MAX]:
        try:
            return choose(part.partition(";")[0].strip()).tag
        except Fault:
            continue
    return ENGLISH.tag
