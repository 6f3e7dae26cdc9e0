"""An agency proposes a draft: it is checked as one, encrypted at rest, and never sent by itself.

The privacy gate does not run on proposals: people of the focal point edit true counts and texts, and the gate judges
the draft that one of them publishes. Identifiers in texts are refused at once, because no draft with them ever passes.
"""

import secrets
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.compose import complete
from suar.protocol.message.jsonform import parse
from suar.protocol.message.urgency import lane_of_draft
from suar.protocol.privacy.unread_drafts import text_refusals
from suar.protocol.transport.content import digest
from suar.service.access.agencies import PREFIX, Registration
from suar.service.core.core import Core
from suar.service.notify import notices
from suar.store.people import access, contributions
from suar.store.people.contributions import PROPOSED

OPEN_MAX: Final = 100
"""Most open proposals of one agency."""
A_DAY_MAX: Final = 200
"""Proposals of one agency in 24 hours."""
_WRITE_NEW: Final = sentence("write action new; leave id and rev out")
_answer: Final = msgspec.msgpack.Decoder(tuple[str, bytes]).decode
_LEFT_OUT: Final = ("kind", "schema", "id", "rev", "action", "status", "sent", "privacy", "reason", "imported")
"""What a draft of the desk does not have among its fields: the form has it once, or the gateway writes it."""


class ProposalsFull(Fault):
    """The agency has as many proposals as it may have now."""


class Proposal(Struct, frozen=True):
    """A checked proposal: `content` is the tree that a draft of the desk begins with, in JSON.

    `urgency`: that of an alert.
    """

    kind: str
    realm: str
    content: bytes
    urgency: str | None = None


class Proposed(Struct, frozen=True):
    """The answer to a proposal, with its state of now.

    `id` None: its Idempotency-Key was used for another one within a day.
    """

    id: str | None
    state: str = PROPOSED
    is_replayed: bool = False


def check(core: Core, data: bytes, registration: Registration, realm: str) -> Proposal:
    """A proposal of this agency, checked as a draft is; for any thread. Raises Invalid with every reason."""
    tree, reasons = parse(data, normalise=True), list[Reason]()
    if tree.get("action", "new") != "new" or "id" in tree or "rev" in tree:
        text = sentence("an agency proposes new messages alone")
        reasons.append(Reason.of("E-MESSAGE-REVISION", None, "$.action", text, _WRITE_NEW))
        tree = _as_new(tree)  # its other faults are found all the same
    issuer = tree.get("issuer")
    if isinstance(issuer, dict):
        if issuer.get("sector", registration.sector) != registration.sector:
            text = sentence("the sector is not that of this agency")
            hint = sentence("leave it out, or give {sector}", sector=registration.sector)
            reasons.append(Reason.of("E-MESSAGE-SENDER", None, "$.issuer.sector", text, hint))
        tree["issuer"] = issuer | {"sector": registration.sector}
    try:
        complete(msgspec.json.encode(tree), member=core.member, realm=realm, now=core.clock(), ledger=None)
    except Invalid as invalid:
        reasons += map(_advised, invalid.reasons)
    reasons += text_refusals(data)
    if reasons:
        raise Invalid("F8", tuple(reasons))
    content = msgspec.json.encode({name: value for name, value in tree.items() if name not in _LEFT_OUT})
    return Proposal(str(tree["kind"]), realm, content, tree.get("urgency"))


def _as_new(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a draft that changes a message as the new one that an agency may propose."""
    change = ("id", "rev", "action", *(("reason",) if tree.get("action") == "cancel" else ()))
    return {name: value for name, value in tree.items() if name not in change} | {"action": "new"}


def _advised(reason: Reason) -> Reason:
    """Return a reason, whose hint says what an action of a proposal is."""
    return reason.with_hint(_WRITE_NEW) if reason.path == "$.action" else reason


def keep(core: Core, agency: str, proposal: Proposal, data: bytes, key: str | None) -> Proposed:
    """Store a checked proposal under a new id. Raises ProposalsFull.

    The same `key` and bytes within a day get the same answer; so do the same bytes without a key, while nobody has
    decided about them.
    """
    request, body = _request(agency, proposal.realm, data, key), digest(data)
    now = core.clock()
    with core.transaction() as connection:
        before = access.answered(connection, core.vault, [request]).get(request)
        if before == access.ALTERED:
            return Proposed(None)
        if before is not None:
            kept, of = _answer(before)
            if of != body:
                return Proposed(None)
            known = contributions.find(connection, kept, agency)
            if known is not None and (key is not None or known.state in contributions.OPEN):
                return Proposed(kept, known.state, is_replayed=True)
            access.drop_answers(connection, [request])
        _check_bounds(connection, agency, now)
        id_, who = secrets.token_hex(8), PREFIX + agency
        row = {
            "id": id_,
            "agency": agency,
            "at": now,
            "realm": proposal.realm,
            "kind": proposal.kind,
            "changed_by": who,
        }
        contributions.add(connection, core.vault, row, proposal.content)
        lane = lane_of_draft(proposal.kind, proposal.urgency)
        notices.add_proposal(core, connection, id_, proposal.kind, proposal.realm, lane)
        access.keep_answers(connection, core.vault, [(request, msgspec.msgpack.encode((id_, body)), now)])
        access.note(connection, who, "propose", id_, now)
    return Proposed(id_)


def realm_of(registration: Registration, *, is_exercise: bool) -> str | None:
    """Return the realm of a proposal; None when this agency does not take part in it."""
    realm = EXERCISE if is_exercise else ACTUAL
    return realm if realm in registration.realms else None


def _check_bounds(connection: Connection, agency: str, now: int) -> None:
    if contributions.count_open(connection, agency) >= OPEN_MAX:
        raise ProposalsFull(
            f"{OPEN_MAX} proposals of this agency wait at the desk", "wait until some are decided about"
        )
    if contributions.count_since(connection, agency, now - limits.DAY) >= A_DAY_MAX:
        raise ProposalsFull(f"this agency has proposed {A_DAY_MAX} drafts in 24 hours", "go on tomorrow")


def _request(agency: str, realm: str, data: bytes, key: str | None) -> bytes:
    named = b"key" + key.encode() if key is not None else b"bytes" + data
    return digest(b"propose\0" + agency.encode() + b"\0" + realm.encode() + b"\0" + named)
