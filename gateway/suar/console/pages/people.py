"""People: their roles, invitations, and what waits for a second coordinator."""

from typing import Any

from litestar import Response
from msgspec import Struct

from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, own_origin, typed_of
from suar.console.pages.refusals import Problem
from suar.console.pages.refusals import problem as problem_of
from suar.console.pages.registry import page
from suar.console.rendering import go, render
from suar.protocol.base.errors import Fault, Refused
from suar.service.people.facade import StoreFault
from suar.service.people.roles import AGENCY_READER, CONFIRMED, PERSON_ROLES


class PersonView(Struct, frozen=True):
    """One person; times in ms."""

    id: str
    name: str
    state: str
    roles: list[str]
    seen_at: int | None
    created_at: int
    created_by: str
    pending: str | None
    pending_roles: list[str]
    pending_by: str | None
    link_until: int | None
    link_void: bool
    agency: str
    digest: str


class PeoplePage(Struct, frozen=True):
    """Everybody, and the form for one more; `entered`: its typed values. `agencies`: those for which a
    person may read.
    """

    people: list[PersonView]
    roles: list[str]
    confirmed: list[str]
    entered: dict[str, str]
    chosen: list[str]
    agencies: list[str]
    problem: Problem | None = None


class PersonPage(Struct, frozen=True):
    """One person. `link`: a new one, shown once. `may_decide`: not about oneself; `may_confirm`: nor one's own request.

    `is_changed`: the decision was about another state than the present one. `chosen`: roles that were ticked and not
    granted.
    """

    person: PersonView
    roles: list[str]
    confirmed: list[str]
    may_decide: bool
    may_confirm: bool
    link: str = ""
    is_requested: bool = False
    problem: Problem | None = None
    is_changed: bool = False
    chosen: tuple[str, ...] = ()


@page("GET", "/people")
async def people(request: Call, visitor: Visitor) -> Response[Any]:
    """Show everybody."""
    return await _list(request, visitor)


@page("POST", "/people")
async def invite(request: Call, visitor: Visitor) -> Response[Any]:
    """Invite a person."""
    form = form_of(request)
    id_, roles = form.one("id", 64).strip().lower(), tuple(form.all("role")[:16])
    try:
        link = await gateway_of(request).people.invite(
            id_, form.one("name", 200), roles, form.one("lang", 16), visitor.person, form.one("agency", 64)
        )
    except StoreFault:
        raise
    except Fault as fault:
        return await _list(request, visitor, problem_of(fault))
    return _one(request, visitor, id_, link=link or "", is_requested=link is None)


@page("GET", "/people/{id:str}")
async def person(request: Call, visitor: Visitor) -> Response[Any]:
    """Show one person."""
    return _one(request, visitor, str(request.path_params["id"]))


@page("POST", "/people/{id:str}")
async def decide(request: Call, visitor: Visitor) -> Response[Any]:
    """Change roles, suspend, recover or confirm, as the button states."""
    service, form, id_ = gateway_of(request).people, form_of(request), str(request.path_params["id"])
    if service.person(id_) is None:
        raise Denied(404, "not-found")
    who, act, read = visitor.person, form.one("act", 16), form.one("read", 64)
    link: str | None = ""
    try:
        if act == "roles":
            link = "" if await service.set_roles(id_, tuple(form.all("role")[:16]), who, read) else None
        elif act == "suspend":
            await service.suspend(id_, who, read)
        elif act == "resume":
            link = await service.resume(id_, who, read)
        elif act == "recover":
            link = await service.recover(id_, who, read)
        elif act == "confirm":
            link = await service.confirm(id_, who, read) or ""
        else:
            raise Denied(400, "bad-request")
    except StoreFault:
        raise
    except Refused:
        return _one(request, visitor, id_, is_changed=True)
    except Fault as fault:
        return _one(request, visitor, id_, problem=problem_of(fault))
    if link:
        return _one(request, visitor, id_, link=link)
    return _one(request, visitor, id_, is_requested=True) if link is None else go(f"{PREFIX}/people/{id_}")


async def _list(request: Call, visitor: Visitor, problem: Problem | None = None) -> Response[Any]:
    """Show the list. The page of an agency links here with its name, to invite one of its people."""
    form, gateway = form_of(request) if problem else typed_of(request, visitor), gateway_of(request)
    agency = request.query_params.get("agency", "")
    filled = {name: form.one(name, 200) if form else "" for name in ("id", "name", "lang", "agency")}
    chosen = form.all("role")[:16] if form else [AGENCY_READER] if agency else []
    everybody = [_view(each) for each in gateway.people.everybody()]
    agencies = [str(each["name"]) for each in await gateway.agencies.list() if each["state"] != "revoked"]
    view = PeoplePage(
        everybody, [each for each in PERSON_ROLES if agencies or each != AGENCY_READER], sorted(CONFIRMED),
        filled if form else filled | {"agency": agency}, chosen, agencies, problem,
    )  # fmt: skip
    return render(request, visitor, "people.html", view, status=422 if problem else 200)


def _one(
    request: Call, visitor: Visitor, id_: str, *, link: str = "", is_requested: bool = False,
    problem: Problem | None = None, is_changed: bool = False,
) -> Response[Any]:  # fmt: skip
    found = gateway_of(request).people.person(id_)
    if found is None:
        raise Denied(404, "not-found")
    shown, is_other = _view(found), id_ != visitor.person
    typed = form_of(request) if problem else typed_of(request, visitor)
    chosen = tuple(typed.all("role")[:16]) if typed else ()
    view = PersonPage(
        shown, [each for each in PERSON_ROLES if each != AGENCY_READER], sorted(CONFIRMED), is_other,
        is_other and shown.pending is not None and shown.pending_by != visitor.person,
        f"{own_origin(request)}{PREFIX}/join/{link}" if link else "", is_requested, problem, is_changed,
        chosen or tuple(found["roles"]),
    )  # fmt: skip
    status = 409 if is_changed else 422 if problem else 200
    return render(request, visitor, "person.html", view, status=status)


def _view(found: dict[str, Any]) -> PersonView:
    return PersonView(**{name: found[name] for name in PersonView.__struct_fields__})
