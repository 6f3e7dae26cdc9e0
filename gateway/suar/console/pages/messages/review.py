"""Review a draft as it will be sent, and publish it or submit it to a second person."""

import re
import secrets
from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.forms.plan import Setting, form
from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of
from suar.console.pages.messages.draft import (
    draft_of,
    draft_page,
    held_page,
    members_of,
    verdict_of,
)
from suar.console.pages.messages.inbox import check_realm, realm_of
from suar.console.pages.messages.message import CHANGED_MEANWHILE, number
from suar.console.pages.messages.waiting import approvers
from suar.console.pages.registry import page
from suar.console.rendering import go, names_of, render
from suar.console.views import drafting
from suar.console.views.drafting import Verdict
from suar.console.views.texts import Shown, changes, reason, shown
from suar.protocol.base.errors import Refused
from suar.protocol.base.reasons import Invalid
from suar.service.access.as_shown import CHANGED
from suar.service.process.desk import Conflict, Handed, Locked
from suar.service.publish.two_persons import VOID

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
REASON_MAX: Final = 400
TAKEN_BACK: Final = "taken back to be changed"


class Review(Struct, frozen=True):
    """The message as it will be sent. `key`: submitting the form again sends no second message.

    `instead_of`: the message in force that is recalled when this one leaves, or "".
    """

    id: str
    version: int
    kind: str
    shown: Shown
    changes: tuple[tuple[str, str, str], ...]
    verdict: Verdict
    tlp: str
    key: str
    approvers: tuple[str, ...]
    is_change: bool
    instead_of: str


@page("GET", "/draft/{id:str}/review")
async def review(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the message as it will be sent, who opens it, and what holds it."""
    found = await draft_of(request)
    other = check_realm(request, found["realm"])
    if other is not None:
        return other
    if found["message"] is not None:
        return await held_page(request, visitor, found)
    content, known, gateway = drafting.decode(found["content"]), names_of(visitor), gateway_of(request)
    setting = Setting(names=known, zone=zone(), members=await members_of(request, visitor.lang), action=content.action)
    parts = form(found["kind"], content.tree, setting)
    verdict = await verdict_of(request, visitor, found, content, parts)
    if verdict.state not in ("pass", "hold"):
        return go(request.url.path.removesuffix("/review"))
    editors = (*found["editors"], visitor.person)
    data = drafting.message(found["kind"], content)
    checked = await gateway.check(data, realm=found["realm"], token=visitor.person, editors=editors)
    leaving = _unsent(checked["message"])
    made, about = shown({"message": leaving, "status": found["realm"]}, known), content.fixed.get("id", "")
    before = await gateway.message(about) if about else None
    old = shown({**before, "message": _unsent(before["message"])}, known).after if before else ()
    view = Review(
        found["id"], found["version"], found["kind"], made, changes(old, made.after) if old else (), verdict,
        leaving["tlp"], new_key(), await approvers(request, list(editors)), bool(about),
        content.instead_of if await is_in_force(request, content.instead_of) else "",
    )  # fmt: skip
    return render(request, visitor, "review.html", view)


async def is_in_force(request: Call, id_: str) -> bool:
    """Whether a message of ours is here and was not recalled; False without an id."""
    found = await gateway_of(request).message(id_) if id_ else None
    return found is not None and found["state"] != "cancelled"


def _unsent(message: dict[str, Any] | None) -> dict[str, Any]:
    """Return a message without the time at which it was completed: it was not sent, and may wait for hours."""
    return {name: value for name, value in (message or {}).items() if name != "sent"}


@page("POST", "/draft/{id:str}/review")
async def publish(request: Call, visitor: Visitor) -> Response[Any]:
    """Publish it, or submit it to a second person, by the result of the check at this moment."""
    sent, gateway, prefix = form_of(request), gateway_of(request), request.url.path.partition("/draft/")[0]
    key, version, id_ = sent.one("key", 80), sent.one("version", 12), str(request.path_params["id"])
    if not _KEY.fullmatch(key) or not (version.isascii() and version.isdigit()):
        raise Denied(400, "bad-request")
    found = await gateway.desk.draft(id_)
    shown_version = -1 if found is None else found["version"]
    content = drafting.Content({}) if found is None else drafting.decode(found["content"])
    data = b"" if found is None else drafting.message(found["kind"], content)
    handed = Handed(id_, int(version), realm_of(request))
    if found is not None and await is_in_force(request, content.instead_of):
        return go(f"{prefix}/m/{content.instead_of}/recall?instead={id_}")  # alone it would leave the other in force
    try:
        if shown_version not in (-1, handed.version) or (found and drafting.example_words(found["kind"], content)):
            return go(f"{prefix}/draft/{id_}")  # `data` is another version than the review showed, or an example
        verdict = await gateway.desk.draft_publish(handed, visitor.person, data, key)
    except (Conflict, Locked):
        return go(f"{prefix}/draft/{id_}")
    if verdict is None:
        raise Denied(404, "not-found")
    if verdict.verdict == "key-reused":
        raise Denied(409, "form-old")
    if verdict.verdict == "published":
        return go(f"{prefix}/m/{verdict.id}/who")
    if verdict.verdict == "held":
        return go(f"{prefix}/draft/{id_}")
    kept = await draft_of(request)
    is_overtaken = any(each.code == CHANGED for each in verdict.reasons)
    return await draft_page(request, visitor, kept, problem="refused-now", status=409 if is_overtaken else 422)


@page("POST", "/draft/{id:str}/back")
async def withdraw(request: Call, visitor: Visitor) -> Response[Any]:
    """Withdraw what waits, to change it; a revision that was sent stays in force."""
    found, desk = await draft_of(request), gateway_of(request).desk
    version = number(form_of(request).one("version", 8))
    try:
        await desk.draft_withdraw(found["id"], found["realm"], visitor.person, TAKEN_BACK, version)
    except Conflict as conflict:
        return await held_page(request, visitor, conflict.kept, status=409, problem=CHANGED_MEANWHILE)
    return go(request.url.path.removesuffix("/back"))


@page("POST", "/draft/{id:str}/alone")
async def release_alone(request: Call, visitor: Visitor) -> Response[Any]:
    """Send it without a second person, with a reason."""
    found, sent = await draft_of(request), form_of(request)
    why = sent.one("reason", 2_000).strip()
    if found["message"] is None:
        return go(request.url.path.removesuffix("/alone"))
    if not 0 < len(why) <= REASON_MAX:
        return await held_page(request, visitor, found, status=422, problem="reason-needed")
    prefix, id_ = request.url.path.partition("/draft/")[0], found["message"]
    try:
        verdict = await gateway_of(request).release_alone(id_, visitor.person, why, read=sent.one("read", 64))
    except Invalid as invalid:
        refusals = tuple(reason(each.shape(with_sentences=True), names_of(visitor)) for each in invalid.reasons)
        return await held_page(request, visitor, found, status=422, problem="refused-now", refusals=refusals)
    except Refused as refused:
        status = 409 if refused.code in (CHANGED, VOID) else 403
        return await held_page(request, visitor, found, status=status, problem=f"refused-{refused.code}")
    if verdict.verdict != "published":
        return await held_page(request, visitor, found, status=422, problem="refused-now")
    return go(f"{prefix}/m/{id_}/who")


def new_key() -> str:
    """Return an Idempotency-Key."""
    return secrets.token_urlsafe(24)


def zone() -> Any:
    """Return a time zone for a form that nobody sees."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("UTC")
