"""Proposals at the desk of the focal point, and what an agency sees of its own."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from suar.languages.rendering.unseen import KEPT, visible_text
from suar.protocol.base.instants import rfc3339
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.urgency import lane_of_draft
from suar.protocol.policy.restrictions import Reader
from suar.protocol.privacy.verdict import note_refusals
from suar.service.access import as_shown
from suar.service.access.act_notes import note_reading
from suar.service.access.agencies import PREFIX, agency_of
from suar.service.core.core import Core
from suar.service.publish import drafts
from suar.service.reading import trees, views
from suar.store.messages import rows as messages
from suar.store.people import access, agencies, contributions
from suar.store.people.contributions import PROPOSED

REASON_MAX: Final = 400  # characters
SEARCHED_MAX: Final = 1000
"""Open proposals of a realm among which a list searches for the most urgent."""
HELD_MAX: Final = 64
"""Proposals that are held in memory at once."""
_tree_of: Final = msgspec.json.Decoder(dict[str, Any]).decode
_LINES: Final = KEPT - {"\u200b"}
"""What a reason keeps of what is not seen: its lines, and the joiners that scripts need."""


class Decided(Exception):  # noqa: N818 - a finding, not a failure
    """Somebody has accepted the proposal already, or it was decided about."""


def own(
    core: Core, agency: str, reader: Reader | None, state: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Return the proposals of an agency, the oldest first, as it sees them. Raises views.UnknownPosition. For any
    thread.

    `reader`: the agency as a reader; the number of a message is shown where it may read that.
    """
    with core.database.reading() as connection:
        rows = contributions.page(connection, _cursor(after), limit, agency=agency, state=state)
        return [_own_shape(core, connection, row, reader) for row in rows]


def find_own(core: Core, agency: str, reader: Reader | None, id_: str) -> dict[str, Any] | None:
    """One proposal as its agency sees it; None for another agency's. For any thread."""
    with core.database.reading() as connection:
        row = contributions.find(connection, id_, agency)
        return None if row is None else _own_shape(core, connection, row, reader)


def listed(core: Core, state: str | None, after: str | None, limit: int) -> list[dict[str, Any]]:
    """The proposals of all agencies, the oldest first, for the desk; each with urgency and title. For any thread."""
    with core.database.reading() as connection:
        return list(_heads(core, connection, _cursor(after), limit, state=state))


def waiting(core: Core, realm: str, most: int) -> list[dict[str, Any]]:
    """Return the open proposals of a realm, the most urgent first, then the oldest. For any thread.

    The oldest SEARCHED_MAX are examined, because their content is encrypted.
    """
    with core.database.reading() as connection:
        found = list(_heads(core, connection, _cursor(None), SEARCHED_MAX, state=PROPOSED, realm=realm))
    return sorted(found, key=lambda each: lane_of_draft(each["kind"], each["urgency"]))[:most]


def _heads(
    core: Core, connection: Connection, after: tuple[int, str], limit: int, **only: str | None
) -> Iterator[dict[str, Any]]:
    """Rows for the desk, read some at a time, since each has all that was proposed."""
    known = _states(core, connection)
    while limit > 0:
        core.yield_to_writer()
        rows = contributions.page(connection, after, min(limit, HELD_MAX), **only)
        if not rows:
            return
        for row in rows:
            yield _desk_shape(core, row, known) | _head(_tree(core, row))
        after, limit = (rows[-1].at, rows[-1].id), limit - len(rows)


def _tree(core: Core, row: Row[Any]) -> dict[str, Any] | None:
    """What was proposed; None once that is destroyed."""
    content = contributions.content_of(core.vault, row)
    return None if content is None else _tree_of(content)


def _head(tree: dict[str, Any] | None) -> dict[str, Any]:
    """What a list has of it: the urgency of an alert, and the first title with its language."""
    if tree is None:
        return {"urgency": None, "title": None, "lang": None}
    [first, *_] = tree.get("text") or [{}]
    return {"urgency": tree.get("urgency"), "title": first.get("title"), "lang": first.get("lang")}


def find(core: Core, id_: str) -> dict[str, Any] | None:
    """One proposal for the desk, with what was proposed; `proposal` None once that is destroyed. For any thread."""
    with core.database.reading() as connection:
        row = contributions.find(connection, id_)
        if row is None:
            return None
        tree = _tree(core, row)
        return {**_desk_shape(core, row, _states(core, connection)), **_head(tree), "proposal": tree}


def note_read(core: Core, who: str, id_: str) -> None:
    """Note in the audit who read a proposal: one line an hour."""
    note_reading(core, who, "proposal-read", id_)


def note_listed(core: Core, who: str) -> None:
    """Note in the audit who was shown titles of proposals: one line an hour."""
    note_reading(core, who, "proposal-list", "")


def count(core: Core, realm: str) -> int:
    """Return how many proposals of a realm are open. For any thread."""
    with core.database.reading() as connection:
        return contributions.count_proposed(connection, realm)


def begin_draft(core: Core, id_: str, who: str, read: str | None = None) -> str | None:
    """Accept a proposal into a draft of `who`; returns the draft's id, None when there is no such proposal.

    The agency is an editor of the draft, so whoever was shown its token is no second person. Raises Decided; Fault when
    there are too many drafts. `read`: the digest of the proposal that was shown, here and below; Refused E-CHANGED
    where its agency has another state now.
    """
    with core.transaction() as connection:
        row = contributions.find(connection, id_)
        if row is None:
            return None
        tree = _tree(core, row)
        if row.state != PROPOSED or tree is None:
            raise Decided(id_)
        _check_read(core, connection, row, read)
        begun = drafts.begin(
            core, who, row.realm, row.kind, msgspec.json.encode({"tree": tree}), editors=(PREFIX + row.agency,)
        )  # fmt: skip
        draft, now = str(begun["id"]), core.clock()
        contributions.edit(connection, id_, draft, who, now)
        access.note(connection, who, "proposal-take", f"{id_} {draft}", now)
        return draft


def reject(core: Core, id_: str, who: str, reason: str, read: str | None = None) -> bool:
    """Reject an open proposal: its text is destroyed, and the agency receives the reason.

    The reason is stored without invisible characters. Returns False when there is no such proposal. Raises Decided;
    Invalid for a reason without words, or that can identify a person, because no second person reviews it.
    """
    reason = visible_text(reason, _LINES).strip()
    reasons = note_refusals(reason, "$.reason")
    if not reason:
        text, hint = sentence("the reason has no words"), sentence("say why, for the agency")
        reasons = (Reason.of("E-MESSAGE-FORM", None, "$.reason", text, hint),)
    if reasons:
        raise Invalid("F8", reasons)
    with core.transaction() as connection:
        row = contributions.find(connection, id_)
        if row is None:
            return False
        if row.state != PROPOSED:
            raise Decided(id_)
        _check_read(core, connection, row, read)
        now = core.clock()
        contributions.reject(connection, core.vault, id_, who, reason, now)
        access.note(connection, who, "proposal-reject", id_, now)
    return True


def _check_read(core: Core, connection: Connection, row: Row[Any], read: str | None) -> None:
    digest = _desk_shape(core, row, _states(core, connection))["digest"]
    as_shown.check(read, digest, may_be_unnamed=True)


def _cursor(after: str | None) -> tuple[int, str]:
    if after is None:
        return 0, ""
    at, _, id_ = after.partition(".")
    if not re.fullmatch("[0-9]{1,16}", at):
        raise views.UnknownPosition("no position in this list", "give the `place` of the last row as `after`")
    return int(at), id_


def _states(core: Core, connection: Connection) -> dict[str, str]:
    """Name of an agency -> active, suspended, expired or revoked."""
    now = core.clock()
    return {each.name: each.state(now) for each in map(agency_of, agencies.agencies(connection))}


def _shape(core: Core, row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "state": row.state, "kind": row.kind, "status": row.realm, **views.banner(row.realm),
        "proposed": rfc3339(row.at), "changed": rfc3339(row.changed_at), "place": f"{row.at}.{row.id}",
        "reason": contributions.reason_of(core.vault, row), "message": None,
    }  # fmt: skip


def _own_shape(core: Core, connection: Connection, row: Row[Any], reader: Reader | None) -> dict[str, Any]:
    shown = _shape(core, row)
    if row.state == contributions.PUBLISHED and reader is not None and _may_read(core, connection, row.message, reader):
        shown["message"] = row.message
    return shown


def _may_read(core: Core, connection: Connection, id_: str, reader: Reader) -> bool:
    row = messages.find(connection, id_)
    if row is None:
        return False
    data = views.text_of(core, connection, row)
    return views.may_see(reader, row, None if data is None else trees.tree_of(data))


def _desk_shape(core: Core, row: Row[Any], states: dict[str, str]) -> dict[str, Any]:
    shown = {
        **_shape(core, row), "message": row.message, "agency": row.agency,
        "agency_state": states.get(row.agency, "revoked"), "by": row.changed_by, "draft": row.draft,
    }  # fmt: skip
    return {**shown, "digest": as_shown.digest_of(shown)}
