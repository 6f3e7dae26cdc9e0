"""Agencies that read here: the registration of each, its token, its readers, and what it may see.

A coordinator decides: people who may hand a text on may read it, and an operator may not.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.refusals import Problem
from suar.console.pages.refusals import problem as problem_of
from suar.console.pages.registry import page
from suar.console.rendering import go, render
from suar.console.views import agencies as views
from suar.console.views.agencies import Agency
from suar.console.views.lists import Row, row
from suar.protocol.base.codelists import codes, published_kinds
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import milliseconds
from suar.service.access.agencies import ENDED, HIGHEST, checked_nkey, plan_steps, register
from suar.service.people.facade import StoreFault
from suar.service.webhooks.addresses import URL_MAX

SEEN: Final = 50
"""Messages that are shown of what an agency may see."""
ENDED_MAX: Final = 100
"""Registrations that have ended and are listed, the newest ones: the list has every one that has not."""
KINDS_MAX: Final = 16
NKEY_MAX: Final = 64
PROPOSING: Final = {"propose": True, "propose-no-more": False}
"""Act of the page -> whether the agency may propose drafts after it."""
CHANGES: Final = frozenset({"nkey-set", "nkey-remove", *PROPOSING})
"""Acts that change a registration."""


class Agencies(Struct, frozen=True):
    """All agencies, and the form for one more; `entered`: its typed values."""

    agencies: tuple[Agency, ...]
    sectors: tuple[str, ...]
    kinds: tuple[str, ...]
    tlps: tuple[str, ...]
    realms: tuple[tuple[str, str], ...]
    entered: dict[str, str]
    chosen: list[str]
    problem: Problem | None = None


class AgencyReader(Struct, frozen=True):
    """A person who reads for it."""

    id: str
    name: str
    state: str


class Done(Struct, frozen=True):
    """What an act made, shown once: another token, another secret of the webhook. `steps`: the agency's element of the
    NATS plan and the commands after it, once its nkey was set; `has_no_nkey`: it was removed.
    """

    token: str = ""
    secret: str = ""
    steps: tuple[str, ...] = ()
    has_no_nkey: bool = False


NOTHING_DONE: Final = Done()


class AgencyPage(Struct, frozen=True):
    """One agency. `sees`: what it may read now, in both realms. `is_changed`: nothing was done, because the state
    differs from what the page of the decision showed. `url`, `until`, `nkey`: values of the forms.
    """

    agency: Agency
    readers: tuple[AgencyReader, ...]
    sees: tuple[Row, ...]
    done: Done
    problem: Problem | None = None
    is_changed: bool = False
    url: str = ""
    until: str = ""
    nkey: str = ""


@page("GET", "/agencies")
async def agencies(request: Call, visitor: Visitor) -> Response[Any]:
    """Show all of them."""
    return await _list(request, visitor)


@page("POST", "/agencies")
async def add(request: Call, visitor: Visitor) -> Response[Any]:
    """Register an agency; its token is shown once."""
    form = form_of(request)
    try:
        wanted = register(
            form.one("name", 64).strip().lower(), form.one("sector", 64), form.all("kind")[:KINDS_MAX],
            form.one("tlp", 16), form.one("realm", 16), is_automated=bool(form.one("automated", 8)),
            may_propose=bool(form.one("propose", 8)),
        )  # fmt: skip
        url, nkey = form.one("webhook", URL_MAX).strip() or None, _nkey(form.one("nkey", NKEY_MAX))
        made = await gateway_of(request).webhooks.register(
            wanted, _until(form.one("until", 16)), visitor.person, url, nkey
        )
    except StoreFault:
        raise
    except Fault as fault:
        return await _list(request, visitor, problem_of(fault))
    steps = () if nkey is None else plan_steps(wanted.name, nkey)
    done = Done(str(made["token"]), str(made["webhook_secret"] or ""), steps)
    return await _one(request, visitor, wanted.name, done)


@page("GET", "/agencies/{name:str}")
async def agency(request: Call, visitor: Visitor) -> Response[Any]:
    """Show one of them."""
    return await _one(request, visitor, str(request.path_params["name"]))


@page("POST", "/agencies/{name:str}")
async def act(request: Call, visitor: Visitor) -> Response[Any]:
    """Replace the token, suspend, resume, change or end the registration, or change the webhook: as the button says."""
    registry, name, form = gateway_of(request).agencies, str(request.path_params["name"]), form_of(request)
    ends = {"suspend": registry.suspend, "resume": registry.resume, "revoke": registry.revoke}
    wanted, read = form.one("act", 16), form.one("read", 64)
    try:
        if wanted in ends:
            if not await ends[wanted](name, visitor.person, read):
                raise Denied(404, "not-found")
            return go(f"{PREFIX}/agencies/{name}")
        if wanted in CHANGES:
            return await _change(request, visitor, name, wanted, read)
        if wanted != "rotate":
            return await _webhook_act(request, visitor, name, wanted, read)
        made = await registry.rotate(name, _until(form.one("until", 16)), visitor.person, read)
        if made is None:
            raise Denied(404, "not-found")
        return await _one(request, visitor, name, Done(str(made["token"])))
    except StoreFault:
        raise
    except Refused:
        return await _one(request, visitor, name, is_changed=True)
    except Fault as fault:
        return await _one(request, visitor, name, problem=problem_of(fault))


async def _change(request: Call, visitor: Visitor, name: str, act: str, read: str) -> Response[Any]:
    """Set or remove its nkey, or whether it may propose. Raises Fault for an nkey that cannot be."""
    nkey = checked_nkey(form_of(request).one("nkey", NKEY_MAX).strip()) if act == "nkey-set" else None
    values: dict[str, Any] = {"propose": PROPOSING[act]} if act in PROPOSING else {"nkey": nkey}
    if not await gateway_of(request).agencies.change(name, visitor.person, read, **values):
        raise Denied(404, "not-found")
    if act in PROPOSING:
        return go(f"{PREFIX}/agencies/{name}")
    done = Done(has_no_nkey=True) if nkey is None else Done(steps=plan_steps(name, nkey))
    return await _one(request, visitor, name, done)


async def _webhook_act(request: Call, visitor: Visitor, name: str, act: str, read: str) -> Response[Any]:
    """Set its address, remove it, test it, send abandoned events again, or make another secret. Raises Fault for an
    impossible act.
    """
    webhooks, secret = gateway_of(request).webhooks, ""
    if act == "webhook-set":
        url = form_of(request).one("url", URL_MAX).strip()
        secret = str((await webhooks.set_url(name, url, visitor.person, read))["webhook_secret"] or "")
    elif act == "webhook-rotate":
        secret = str((await webhooks.rotate(name, visitor.person, read))["webhook_secret"])
    elif act == "webhook-remove":
        await webhooks.remove(name, visitor.person, read)
    elif act == "webhook-replay":
        await webhooks.replay(name, None, visitor.person, read)
    elif act == "webhook-test":
        tried = await webhooks.test(name, visitor.person, read)
        if not tried["delivered"]:
            raise Fault(f"the test did not arrive: {tried['outcome']}", "docs/agencies/webhooks.md lists the outcomes")
    else:
        raise Denied(400, "bad-request")
    if secret:
        return await _one(request, visitor, name, Done(secret=secret))
    return go(f"{PREFIX}/agencies/{name}")


def _nkey(typed: str) -> str | None:
    """Return the nkey in a form; None if there is none. Raises Fault for an nkey that cannot be."""
    return checked_nkey(typed.strip()) if typed.strip() else None


def _until(day: str) -> int | None:
    """Return the end of a registration by the day in a form (UTC); None if there is none. Raises Fault for an invalid
    day.
    """
    if not day:
        return None
    try:
        return milliseconds(f"{date.fromisoformat(day).isoformat()}T00:00:00Z")
    except ValueError:
        raise Fault("the day cannot be read", "write it as 2027-12-31") from None


async def _list(request: Call, visitor: Visitor, problem: Problem | None = None) -> Response[Any]:
    form = form_of(request) if problem else typed_of(request, visitor)
    names = ("name", "sector", "tlp", "realm", "until", "automated", "propose", "webhook", "nkey")
    filled = {name: form.one(name, URL_MAX) if form else "" for name in names}
    found = _listed(map(views.agency, await gateway_of(request).webhooks.agencies()))
    view = Agencies(
        found, tuple(codes("sector")), tuple(published_kinds()), HIGHEST, tuple(views.REALM_WORDS.items()), filled,
        form.all("kind")[:KINDS_MAX] if form else [], problem,
    )  # fmt: skip
    return render(request, visitor, "agencies.html", view, status=422 if problem else 200)


def _listed(found: Iterable[Agency]) -> tuple[Agency, ...]:
    """Return those that a list shows, in their order."""
    known = tuple(found)
    ended = [each.name for each in known if each.state in ENDED]
    left_out = set(ended[: max(0, len(ended) - ENDED_MAX)])
    return tuple(each for each in known if each.name not in left_out)


async def _one(
    request: Call, visitor: Visitor, name: str, done: Done = NOTHING_DONE, *,
    problem: Problem | None = None, is_changed: bool = False,
) -> Response[Any]:  # fmt: skip
    gateway = gateway_of(request)
    found = await gateway.webhooks.agency(name)
    if found is None:
        raise Denied(404, "not-found")
    people = tuple(AgencyReader(each["id"], each["name"], each["state"]) for each in gateway.people.of_agency(name))
    sees = await _seen(request, visitor, name)
    typed = form_of(request) if problem else typed_of(request, visitor)
    shown = views.agency(found)
    url = typed.one("url", URL_MAX) if typed else ""
    url = url or (shown.webhook.url if shown.webhook else "")
    until = typed.one("until", 16) if typed else ""
    nkey = typed.one("nkey", NKEY_MAX) if typed else ""
    view = AgencyPage(shown, people, sees, done, problem, is_changed, url, until, nkey or shown.nkey)
    status = 409 if is_changed else 422 if problem else 200
    return render(request, visitor, "agency.html", view, status=status)


async def _seen(request: Call, visitor: Visitor, name: str) -> tuple[Row, ...]:
    """Return what the agency may read at this moment; nothing while it may read nothing."""
    gateway, now = gateway_of(request), gateway_of(request).core.clock()
    reader = gateway.reader_of(name)
    if reader is None:
        return ()
    rows = await gateway.messages(
        limit=SEEN, order="urgency", state="current", reader=reader, lang=visitor.lang, shown_to=visitor.person
    )
    return tuple(row(each, now) for each in rows)
