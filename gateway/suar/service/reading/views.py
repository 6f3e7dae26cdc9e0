"""Views for people and programs in the `--json` shapes; they read the store and never change it."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, is_exercise
from suar.protocol.base.instants import rfc3339
from suar.protocol.message.urgency import Order, urgency_of
from suar.protocol.policy.restrictions import Reader
from suar.service.core import reading_policy
from suar.service.core.altered_rows import NOT_SHOWN, open_row
from suar.service.core.core import Core
from suar.service.reading import answers, delivery_details
from suar.service.reading.delivery_details import delivery_shape
from suar.service.reading.remains import remains
from suar.service.reading.trees import ListReader, listed_text, may_see_reason, tree_of
from suar.service.receipts import returned_members
from suar.store.inbound import held_frames
from suar.store.messages import inbox as inbox_rows
from suar.store.messages import rows as messages
from suar.store.messages import urgency
from suar.store.outbound import delivery_view, own_statements, recalls

EPOCHS_EXAMINED: Final = 512
"""Epochs of a member, the newest first, that are searched for the frame that carried a revision."""


class UnknownPosition(Fault):
    """A position in a list or a feed that this store does not have."""


def inbox(
    core: Core, *, kind: str | None, origin: str | None, status: str | None, after: int | None, limit: int,
    reader: Reader | None = None, order: Order = "received", state: str | None = None, lang: str | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return lines of messages that `reader` (default: our focal point) may read, in order of arrival, after row
    `after`.

    Our own messages are included if `origin` names us, and for an agency of ours. With `order` `urgency`, alerts come
    first by urgency, then the rest, each in order of arrival. `state` `current` selects messages in force, `ended` the
    others. A page shorter than `limit` is the last one. Raises UnknownPosition if `order` is `urgency` and no row has
    the number `after`. Reads committed data; may be called from any thread. `lang`: titles in that language where the
    publisher wrote one.
    """
    lines: list[dict[str, Any]] = []
    in_force = None if state is None else state == "current"
    before = core.vault.numbers.last if after is None and order == "received" else None  # or: the newest up to it
    turn = core.listed_texts.turn
    with core.database.reading() as connection:
        viewer = reader or reading_policy.own_reader(core.member, core.status.trust)
        without = core.member if origin is None and viewer.is_focal_point else None
        selection, list_reader = urgency.Selection(kind, origin, status, without), ListReader(viewer)
        while len(lines) < limit:  # unreadable rows are replaced by the next ones, because a short page means the end
            wanted = limit - len(lines)
            numbers = _numbers(core, connection, selection, after, before, wanted, order, in_force)
            for rows in inbox_rows.pages(connection, numbers):
                chains = messages.chains_of(connection, {row.id for row in rows})
                statements = answers.of_messages(connection, [row.id for row in rows]) if viewer.is_focal_point else {}
                for row in rows:
                    core.yield_to_writer()
                    chain = chains[row.id]
                    if chain[-1].rev != row.rev:
                        continue
                    try:
                        text = listed_text(core, row, turn)
                    except NOT_SHOWN:  # reported by the next check of stored rows; the other messages are shown
                        continue
                    if list_reader.may_see(row, text) and may_see_reason(core, connection, viewer, row):
                        body = None if text is None else text.tree
                        shown = line(row, body, state_of(chain, row, core.clock()), lang)
                        lines.append(shown | _answered(core, viewer, row, statements.get((row.id, row.rev), ()), body))
            if len(numbers) < wanted:
                break
            if before is None:
                after = numbers[-1]
            else:
                before = numbers[0] - 1
    return lines if before is None else sorted(lines, key=itemgetter("n"))


def _numbers(
    core: Core, connection: Connection, selection: urgency.Selection, after: int | None, before: int | None, limit: int,
    order: Order, in_force: bool | None,
) -> list[int]:  # fmt: skip
    """Return the next row numbers in that order, before the policy and later revisions remove some of them."""
    now = core.clock()
    last = core.vault.numbers.last if before is None else before  # above is nothing that this gateway wrote
    if order == "received":
        return inbox_rows.received(connection, selection, after, limit, in_force, now, last)
    position = urgency.position_of(connection, after) if after else urgency.BEGINNING
    if position is None:
        raise UnknownPosition("no message has the number given as after", "begin anew: leave after out")
    return inbox_rows.by_urgency(connection, selection, position, limit, in_force, now, last)


def may_see(reader: Reader, row: Row[Any], body: dict[str, Any] | None) -> bool:
    """Whether `reader` may see a stored message; `body` is None if its text is destroyed."""
    return reading_policy.may_see(reader, row.kind, row.origin, row.realm, body).is_allowed


def line(row: Row[Any], body: dict[str, Any] | None, state: str, lang: str | None = None) -> dict[str, Any]:
    """A row of a list."""
    title, written = title_in(body, lang)
    return {
        "n": row.n, "id": row.id, "rev": row.rev, "kind": row.kind, "origin": row.origin, "status": row.realm,
        "action": row.action, "tlp": row.tlp, "received": rfc3339(row.at), "title": title, "title_lang": written,
        "state": state, "urgency": urgency_of(row.lane), **banner(row.realm),
    }  # fmt: skip


def _answered(
    core: Core, viewer: Reader, row: Row[Any], statements: Sequence[Row[Any]], body: dict[str, Any] | None
) -> dict[str, Any]:  # fmt: skip
    """What people of our focal point have done with a message; an agency is not told, and owes no answer."""
    if not viewer.is_focal_point:
        return {"unread": None, **answers.NONE}
    return _unread(core, row, statements) | answers.shape(statements, body, _received(core, row))


def _received(core: Core, row: Row[Any]) -> int | None:
    """When another member's message came (ms); None of our own."""
    return None if row.origin == core.member else int(row.at)


def _unread(core: Core, row: Row[Any], statements: Sequence[Row[Any]]) -> dict[str, bool | None]:
    """Whether no person here has opened a message of another member; None of our own, and of a recalled text.

    By what we stated, which has a keyed hash: the row of the message has none for the time.
    """
    is_ours = row.origin == core.member or row.body is None
    return {"unread": None if is_ours else all(each.stage != "opened" for each in statements)}


def banner(realm: str) -> dict[str, str]:
    """Return the banner field for an exercise, for programs that do not evaluate the status; empty otherwise."""
    return {"banner": BANNER} if is_exercise(realm) else {}


def body_of(core: Core, row: Row[Any]) -> dict[str, Any] | None:
    """Return a stored message as JSON values, or None if its text is destroyed. Raises AlteredRow."""
    data = open_row(core, row)
    return None if data is None else tree_of(data)


def text_of(core: Core, connection: Connection, row: Row[Any]) -> bytes | None:
    """Return a message's signed bytes, or None if its text is destroyed or a later revision cancels it.

    A text that came back after its recall is reported, and destroyed again by the next check of stored rows. Raises
    AlteredRow, also if a later revision was altered, because it may be the cancel.
    """
    data = open_row(core, row)
    if row.body is None or row.id[:2] == core.member:
        return data
    later = [messages.find(connection, row.id, link.rev) for link in messages.chain_of(connection, row.id)]
    is_cancelled = any(
        open_row(core, each) is not None and each.action == "cancel"
        for each in later
        if each is not None and each.rev > row.rev
    )
    if is_cancelled:
        core.suspect_rows(row.n)
        return None
    return data


def title_of(body: dict[str, Any] | None) -> str | None:
    """Return the English title, which every message has exactly once; None if the text is destroyed."""
    return next((t["title"] for t in body["text"] if t["lang"] == "en"), None) if body else None


def title_in(body: dict[str, Any] | None, lang: str | None) -> tuple[str | None, str | None]:
    """The title that the publisher wrote in `lang`, else the English one; and its language."""
    for text in body["text"] if body and lang else ():
        if text["lang"] == lang:
            return text["title"], lang
    return title_of(body), "en" if body else None


def state_of(chain: list[Row[Any]], row: Row[Any], now: int) -> str:
    """current, expired, superseded by a later revision, or cancelled."""
    if any(link.action == "cancel" for link in chain):
        return "cancelled"
    if chain[-1].rev != row.rev:
        return "superseded"
    return "expired" if row.expires <= now else "current"


def message(core: Core, id_: str, rev: int | None, reader: Reader | None = None) -> dict[str, Any] | None:
    """Return one message with its frame, origin and revisions; None if it does not exist or the policy denies it.

    The policy is asked for `reader`, by default our focal point. Reads committed data; may be called from any thread.
    """
    with core.database.reading() as connection:
        row = messages.find(connection, id_, rev)
        data = text_of(core, connection, row) if row is not None else None
        body = None if data is None else tree_of(data)
        viewer = reader or reading_policy.own_reader(core.member, core.status.trust)
        if row is None or not may_see(viewer, row, body) or not may_see_reason(core, connection, viewer, row):
            return None
        links = messages.chain_of(connection, id_)
        chain = [{"rev": link.rev, "action": link.action, "received": rfc3339(link.at)} for link in links]
        return {
            "message": body, "id": row.id, "rev": row.rev, "origin": row.origin, "status": row.realm,
            **banner(row.realm),
            "frame_hash": row.frame_hash.hex() if row.frame_hash else None, "place": row.place,
            "received": rfc3339(row.at), "state": state_of(links, row, core.clock()), "chain": chain,
            "other_channel": _other_channel(core, connection, row, links) if viewer.is_focal_point else None,
            "tombstone": _tombstone(core, connection, row, viewer) if body is None else None,
            "read": rfc3339(row.read_at) if row.read_at and viewer.is_focal_point else None,  # by a program of ours
            **_own_part(core, connection, row, body, is_focal_point=viewer.is_focal_point),
        }  # fmt: skip


def _other_channel(
    core: Core, connection: Connection, row: Row[Any], links: Sequence[Row[Any]]
) -> dict[str, Any] | None:
    """Return how a revision and the one that it changes came, if by two channels: others may not have both.

    Of the shown revision and the one before it; of the first one and its successor. None also after 35 days.
    """
    at = max(next((n for n, link in enumerate(links) if link.rev == row.rev), 0), 1)
    if row.origin == core.member or len(links) < 2:
        return None
    before, link = links[at - 1 : at + 1]
    known = sorted(core.status.epochs.by_sender.get(row.origin, {}).values(), key=lambda each: -each.epoch.not_before)
    channels = {each.id: each.chain.channel for each in known[:EPOCHS_EXAMINED]}
    hashes = [each.frame_hash for each in (before, link)]
    epochs = held_frames.epochs_of(connection, hashes, list(channels))
    channel, earlier = (channels.get(epochs.get(digest, b"")) for digest in hashes[::-1])
    if channel is None or earlier is None or channel == earlier:
        return None
    return {"rev": link.rev, "channel": channel, "changes": before.rev, "changed_channel": earlier}


def _own_part(
    core: Core, connection: Connection, row: Row[Any], body: dict[str, Any] | None, *, is_focal_point: bool
) -> dict[str, Any]:
    """What our focal point has told the publisher; for nobody else."""
    if not is_focal_point:
        return {"said": [], **answers.NONE}
    statements = own_statements.statements_about(connection, row.id)
    of_it = [each for each in statements if each.rev == row.rev]
    return {"said": [_receipt_sent(each) for each in statements], **answers.shape(of_it, body, _received(core, row))}


def _tombstone(core: Core, connection: Connection, row: Row[Any], viewer: Reader) -> dict[str, Any] | None:
    """Return what is left of a recalled revision: which one cancelled it, when and why, and what it does not reach."""
    cancel = messages.find(connection, row.id)
    body = body_of(core, cancel) if cancel is not None and cancel.action == "cancel" else None
    if cancel is None or body is None:
        return None
    gone = own_statements.find_statement(connection, row.id, row.rev, "recalled", "gateway")
    at = gone.at if gone is not None else None
    head = {"rev": cancel.rev, "sent": body["sent"], "reason": body["reason"], "destroyed": rfc3339(at)}
    return head | (remains(core, connection, row, at) if viewer.is_focal_point else {})


def _receipt_sent(row: Row[Any]) -> dict[str, Any]:
    """Return one statement that we sent to the publisher."""
    return {"rev": row.rev, "stage": row.stage, "role": row.role, "at": rfc3339(row.at), "by": row.who}


def deliveries(core: Core, id_: str, rev: int | None = None) -> dict[str, Any] | None:
    """Return the delivery of our message for each member, from what was sent and their signed receipts.

    None if not ours. Of a cancel each member has `before`: the stages of the text that was recalled.
    """
    with core.database.reading() as connection:
        row = messages.find(connection, id_, rev)
        if row is None or row.origin != core.member:
            return None
        return deliveries_of(core, connection, row, body_of(core, row))


def deliveries_of(core: Core, connection: Connection, row: Row[Any], body: dict[str, Any] | None) -> dict[str, Any]:
    """Return the same for the row of a message of ours, and its text."""
    rows = returned_members.with_owed(core, connection, row, delivery_view.deliveries(connection, row.id, row.rev))
    if row.action == "cancel":
        rows = recalls.confirmed(connection, row.id, row.rev, rows)
    by, now = answers.acknowledge_by(body), core.clock()
    members = {
        each.member: delivery_shape(each, now, by=answers.acknowledge_by(body, stored=each.stored)) for each in rows
    }
    delivery_details.add(core, connection, row, members)
    head = {"id": row.id, "rev": row.rev, "status": row.realm, "action": row.action, **banner(row.realm)}
    counted = delivery_details.counts(members.values())
    return {**head, "title": title_of(body), "acknowledge_by": rfc3339(by), "counts": counted, "members": members}
