"""Begin a draft: blank, from an example, as a copy, or as a change of a sent message; and the drafts of the desk."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from suar.console.forms.decode import NORMAL
from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, safe_next, shared_of
from suar.console.pages.messages.inbox import realm_of
from suar.console.pages.registry import page
from suar.console.reading import name_of
from suar.console.rendering import go, render
from suar.console.views import drafting, examples
from suar.console.views.examples import Example
from suar.console.views.lists import SentRow, sent_row
from suar.console.views.texts import text_of
from suar.languages.console_words import CONSOLE
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant, milliseconds
from suar.protocol.message.kinds import DECLARED, KINDS, PUBLISHED
from suar.protocol.message.spec import fields_of

COPIES: Final = 10
SEARCHED_MAX: Final = 20
"""Newest messages of ours whose issuers are compared, if they are of the same kind."""
DAYS: Final = {"alert": 14}
DAYS_OTHERS: Final = 365
_LEFT_OUT: Final = frozenset({"kind", "schema", "id", "rev", "action", "status", "sent", "privacy", "reason"})


class Kind(Struct, frozen=True):
    """A kind: its purpose, by the key of a sentence or in English, the drafts of it that this person began, and the
    shipped examples of it.
    """

    code: str
    key: str
    use: str
    own: tuple["DraftLine", ...]
    examples: tuple[Example, ...]


class DraftLine(Struct, frozen=True):
    """A draft of the desk; its times in ms. `message`: the id of the waiting message. `about`: of an update the id of
    its message, of a corrected message that of the one whose place it takes. `is_example`: it still has words of an
    example.
    """

    id: str
    kind: str
    title: str
    lang: str
    saved: int
    saved_by: str
    message: str
    until: int | None
    action: str
    about: str
    is_example: bool


class Rejected(Struct, frozen=True):
    """A message of this person that a second person rejected; the time in ms."""

    id: str
    kind: str
    by: str
    at: int
    reason: str


class Write(Struct, frozen=True):
    """What can be begun, and existing drafts. `drafts`: of colleagues. `proposals`: the number of open ones."""

    kinds: tuple[Kind, ...]
    rejected: tuple[Rejected, ...]
    copies: tuple[SentRow, ...]
    drafts: tuple[DraftLine, ...]
    proposals: int
    problem: str = ""


@page("GET", "/write")
async def write(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the kinds, the messages sent last, and the drafts of the desk."""
    return await _page(request, visitor)


@page("POST", "/write")
async def begin(request: Call, visitor: Visitor) -> Response[Any]:
    """Begin a new draft."""
    form, gateway, realm = form_of(request), gateway_of(request), realm_of(request)
    _keep_reason(request, visitor)
    kind, copied, changed = form.one("kind", 32), form.one("copy", 48), form.one("change", 48)
    instead_of = form.one("instead", 48)
    if changed or copied or instead_of:
        found = await gateway.message(changed or copied or instead_of)
        if found is None or found["origin"] != gateway.member or not found["message"]:
            raise Denied(404, "not-found")
        body = found["message"]
        body = _with_counts(body, await gateway.desk.true_counts(found["id"], found["rev"]))
        content = _from(body, found["id"] if changed else "", gateway.core.clock())
        kind, content = body["kind"], replace(content, instead_of=instead_of)
        realm = found["status"] if changed or instead_of else realm
        if changed and (begun := await _update_of(request, realm, content)):
            return go(_draft(realm, begun))
    elif example := examples.find(form.one("example", 64), realm, visitor.lang):
        kind, tree = example.kind, await _prefilled(request, visitor, example.kind)
        content = drafting.Content({**tree, **examples.tree(example)}, example=example.name)
    elif kind in PUBLISHED:
        content = drafting.Content(await _prefilled(request, visitor, kind))
    else:
        raise Denied(400, "bad-request")
    try:
        made = await gateway.desk.draft_begin(visitor.person, realm, kind, drafting.encode(content))
    except Fault:
        return await _page(request, visitor, "drafts-full")
    return go(_draft(realm, made["id"]))


def _draft(realm: str, id_: str) -> str:
    return f"{PREFIX}/x/draft/{id_}" if realm == "exercise" else f"{PREFIX}/draft/{id_}"


async def _update_of(request: Call, realm: str, wanted: drafting.Content) -> str:
    """Return the draft of the desk, the last saved, that is an update of the same revision already, or ""."""
    for each in await gateway_of(request).desk.drafts():
        content = drafting.decode(each["content"]) if each["realm"] == realm else drafting.Content({})
        if (content.fixed, content.follows) == (wanted.fixed, wanted.follows):
            return str(each["id"])
    return ""


def _keep_reason(request: Call, visitor: Visitor) -> None:
    """Keep a reason that was typed on the page of a recall for the return to it after its correction was begun."""
    form = form_of(request)
    if form.one("reason").strip():
        shared_of(request).typed.keep(visitor.person, safe_next(form.one("page")), form, ("reason",))


async def _page(request: Call, visitor: Visitor, problem: str = "") -> Response[Any]:
    gateway, realm = gateway_of(request), realm_of(request)
    drafts = [each for each in await gateway.desk.drafts() if each["realm"] == realm]
    own = [_line(request, each, visitor.lang) for each in drafts if is_begun_by(each, visitor.person)]
    others = [_line(request, each, visitor.lang) for each in drafts if not is_begun_by(each, visitor.person)]
    copies = await gateway.desk.sent(realm=realm, limit=COPIES, lang=visitor.lang)
    sent, proposed = tuple(sent_row(each) for each in copies if each["state"] != "cancelled"), gateway.contributions
    rejected = tuple(
        Rejected(each["id"], each["kind"], name_of(request, each["by"]), milliseconds(each["at"]), each["reason"])
        for each in await gateway.desk.rejected(visitor.person, realm)
    )
    shipped = examples.offered(realm, visitor.lang)
    kinds = tuple(_kind(code, own, shipped) for code in PUBLISHED)
    view = Write(kinds, rejected, sent, tuple(others), await proposed.count(realm), problem)
    return render(request, visitor, "write.html", view, status=422 if problem else 200)


def is_begun_by(draft: Mapping[str, Any], person: str) -> bool:
    """Whether this person began the draft: later editors are listed after them."""
    return bool(draft["editors"][0] == person)


def _kind(code: str, own: Sequence[DraftLine], shipped: Sequence[Example]) -> Kind:
    key = f"use-{code}"
    return Kind(
        code, key if key in CONSOLE else "", DECLARED[code].use, tuple(each for each in own if each.kind == code),
        tuple(each for each in shipped if each.kind == code),
    )  # fmt: skip


def _line(request: Call, found: dict[str, Any], tag: str) -> DraftLine:
    content = drafting.decode(found["content"])
    text, until = text_of(content.tree, tag), found["until"]
    return DraftLine(
        found["id"], found["kind"], text.title if text else "", text.lang if text else "en",
        milliseconds(found["saved"]), name_of(request, found["saved_by"]), found["message"] or "",
        None if until is None else milliseconds(until), content.action,
        content.fixed.get("id", "") or content.instead_of, bool(drafting.example_words(found["kind"], content)),
    )  # fmt: skip


def _with_counts(body: Mapping[str, Any], counts: Mapping[int, int]) -> Mapping[str, Any]:
    """Return a message of ours with its true counts in place of hidden ones, for its author to write it again.

    The status that such a figure had before it was hidden was not kept.
    """
    if not counts:
        return body
    obs = [
        {**each, "value": counts[at], "status": NORMAL} if at in counts else each for at, each in enumerate(body["obs"])
    ]
    return {**body, "obs": obs}


def _from(body: Mapping[str, Any], changed: str, now: int) -> drafting.Content:
    """Return a draft made from a message of ours, without the gateway's fields; a copy gets new dates."""
    tree = {key: value for key, value in body.items() if key not in _LEFT_OUT}
    tree["issuer"] = {key: value for key, value in tree["issuer"].items() if key != "member"}
    tree["text"] = [dict(text) for text in tree["text"] if not text.get("generated")]
    if not changed:
        tree["expires"] = _in_days(now, DAYS.get(str(body["kind"]), DAYS_OTHERS))
        tree.pop("valid_from", None)
    fixed = {"action": "update", "id": changed} if changed else {"action": "new"}
    return drafting.Content(tree, fixed, follows=body["rev"] if changed else 0)


async def _prefilled(request: Call, visitor: Visitor, kind: str) -> dict[str, Any]:
    """Return what a blank form of the kind contains: own language, an expiry, our newest contact, as far as the kind
    has them, and the issuer if our last messages of this kind have the same. Nothing is stated about a source.
    """
    gateway = gateway_of(request)
    tree: dict[str, Any] = {"issuer": {"body": gateway.config.member.name}, "text": [{"lang": visitor.lang}]}
    realms = tuple(dict.fromkeys((realm_of(request), "actual")))
    tree["issuer"] |= await _usual_issuer(request, kind, realms)
    filters: dict[str, Any] = {"kind": "contact", "origin": gateway.member, "state": "current"}
    contacts = [row for realm in realms for row in await gateway.messages(**filters, status=realm, limit=1)]
    if contacts:
        tree["desk"] = contacts[0]["id"]
    tree["expires"] = _in_days(gateway.core.clock(), DAYS.get(kind, DAYS_OTHERS))
    known = fields_of(KINDS[kind])
    return {name: value for name, value in tree.items() if name in known}


async def _usual_issuer(request: Call, kind: str, realms: Sequence[str]) -> dict[str, Any]:
    """Return the issuer that all our last messages of the kind have; nothing if they differ or there are none."""
    gateway, usual = gateway_of(request), dict[str, Any]()
    for row in [row for realm in realms for row in await gateway.desk.sent(realm=realm, limit=SEARCHED_MAX)]:
        body = ((await gateway.message(row["id"])) or {}).get("message") if row["kind"] == kind else None
        if body:
            issuer = {key: value for key, value in body["issuer"].items() if key != "member"}
            if usual not in ({}, issuer):
                return {}
            usual = issuer
    return usual


def _in_days(now: int, days: int) -> str:
    """Return a time that many days from now, at a full hour."""
    return instant(now - now % limits.HOUR + days * limits.DAY)
