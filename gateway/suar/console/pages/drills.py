"""Exercises that are started together and measured; all of it below /console/x."""

import re
import secrets
from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import EXERCISE, PREFIX, Call, Denied, Visitor, form_of, gateway_of
from suar.console.pages.messages.draft import members_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.messages.waiting import waiting_of
from suar.console.pages.registry import page
from suar.console.rendering import go, names_of, render
from suar.console.views import drills as views
from suar.console.views.drills import STAGES, DrillLine, DrillReport
from suar.console.views.texts import ReasonText, reason
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import IN_A_NAME
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import EXERCISE as REALM
from suar.service.exercises.drill import NameTaken, Plan
from suar.service.exercises.drill_render import as_csv
from suar.service.exercises.drill_svg import as_svg
from suar.service.exercises.drill_templates import TEMPLATES
from suar.service.people.facade import StoreFault

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Drills(Struct, frozen=True):
    """The drills that were started here, the newest first."""

    drills: tuple[DrillLine, ...]
    may_start: bool


class NewDrill(Struct, frozen=True):
    """The form. `templates`: their names; `entered`: template, members, name; `problem`: the key of a sentence.

    `unnamed`: the name if none is entered, unique for this form, so that two submissions start one drill.
    """

    templates: tuple[str, ...]
    members: tuple[str, ...]
    entered: tuple[str, tuple[str, ...], str] = ("", (), "")
    unnamed: str = ""
    problem: str = ""
    reasons: tuple[ReasonText, ...] = ()


class Report(Struct, frozen=True):
    """A drill that was started. `about`: what its events in the stream are about. `can_release`: who can release each
    message that waits, by its id.
    """

    report: DrillReport
    stages: tuple[str, ...]
    about: str
    can_release: dict[str, tuple[str, ...]]


@page("GET", "/drills")
async def drills(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the list."""
    other = check_realm(request, REALM)
    if other is not None:
        return other
    found = tuple(map(views.line, await gateway_of(request).drills()))
    return render(request, visitor, "drills.html", Drills(found, visitor.may("POST", "/drills/new")))


@page("GET", "/drills/new")
async def new(request: Call, visitor: Visitor) -> Response[Any]:
    """Show an empty form."""
    other = check_realm(request, REALM)
    return other or render(request, visitor, "drill-new.html", await _form(request, visitor))


@page("POST", "/drills/new")
async def start(request: Call, visitor: Visitor) -> Response[Any]:
    """Start it: all messages of the template, or none. Messages that need a second person wait for one, and are
    measured.
    """
    if check_realm(request, REALM) is not None:
        raise Denied(404, "not-found")
    sent = form_of(request)
    template, named, everybody = sent.one("template", 32), sent.one("name", 80).strip(), sent.one("to", 8) == "all"
    unnamed = sent.one("unnamed", 80)
    members = await members_of(request, visitor.lang)
    to = [each for each in members if each in sent.all("member")]
    filled = (template, ("all",) if everybody else tuple(to), named)
    problem = (
        "drill-choose" if template not in TEMPLATES or not (everybody or to)
        else "drill-name-bad" if not all(_NAME.fullmatch(each) for each in (named, unnamed) if each)
        else ""
    )  # fmt: skip
    if problem:
        return render(request, visitor, "drill-new.html", await _form(request, visitor, filled, problem), status=422)
    plan = Plan(
        template=template, to="all" if everybody else to, name=named or unnamed or None, editors=(visitor.person,),
        is_new=True,
    )  # fmt: skip
    try:
        started = await gateway_of(request).drill_start(plan, visitor.person, with_sentences=True)
    except NameTaken:
        raise Denied(409, "form-old") from None
    if started["reasons"]:
        known = names_of(visitor)
        reasons = tuple(reason(each, known) for each in started["reasons"])
        return render(
            request, visitor, "drill-new.html", await _form(request, visitor, filled, "drill-no", reasons), status=422
        )
    return go(f"{PREFIX}{EXERCISE}/drills/{started['drill']}")


async def _form(
    request: Call, visitor: Visitor, filled: tuple[str, tuple[str, ...], str] = ("", (), ""), problem: str = "",
    reasons: tuple[ReasonText, ...] = (),
) -> NewDrill:  # fmt: skip
    unnamed = f"drill-{instant(gateway_of(request).core.clock())[:10]}-{secrets.token_hex(3)}"
    return NewDrill(tuple(TEMPLATES), await members_of(request, visitor.lang), filled, unnamed, problem, reasons)


@page("GET", "/drills/{name:str}")
async def report(request: Call, visitor: Visitor) -> Response[Any]:
    """Show who answered when, or the part of the page that is fetched again."""
    other = check_realm(request, REALM)
    if other is not None:
        return other
    name = str(request.path_params["name"])
    made = views.report(await _report(request, visitor.lang), name)
    about = " ".join(["receipts", *(each.id for each in made.messages)])
    is_part = request.headers.get("x-fragment") is not None
    waits = {each.id: await waiting_of(request, visitor, each.id) for each in made.messages if each.sent is None}
    can = {id_: found.approvers for id_, found in waits.items() if found is not None}
    return render(request, visitor, "drill-table.html" if is_part else "drill.html", Report(made, STAGES, about, can))


@page("GET", "/drills/{name:str}/table.csv")
async def table(request: Call, visitor: Visitor) -> Response[Any]:
    """Return the report as CSV."""
    return _file(request, as_csv(await _report(request)), "csv", "text/csv")


@page("GET", "/drills/{name:str}/picture.svg")
async def picture(request: Call, visitor: Visitor) -> Response[Any]:
    """Return the report as a picture, in the visitor's language."""
    found = await _report(request, visitor.lang)
    known = names_of(visitor)
    picture = as_svg(views.with_marks(found, known), views.picture_words(found, known))
    return Response(picture, media_type="image/svg+xml")


def _file(request: Call, data: bytes, ending: str, media_type: str) -> Response[Any]:
    named = f'attachment; filename="{IN_A_NAME}{request.path_params["name"]}.{ending}"'
    return Response(data, media_type=media_type, headers={"Content-Disposition": named})


async def _report(request: Call, lang: str = "en") -> dict[str, Any]:
    """Return the report of the drill or exercise in the address, titles in a language. Raises Denied for others."""
    name, found = str(request.path_params["name"]), None
    if _NAME.fullmatch(name) and check_realm(request, REALM) is None:
        try:
            found = await gateway_of(request).drill_report(name, lang)
        except StoreFault:
            raise
        except Fault:  # an actual message
            found = None
    if found is None:
        raise Denied(404, "not-found")
    return found
