"""Legal holds: on the order of an authority, the text of a message is kept although its publisher recalled it.

A cancel hides the text of a held message from everybody and destroys nothing. When the hold ends, by two persons or by
its date, the recall is completed and stated; of several holds of a message, when the last one ends. Who sets a hold
decides what its publisher may know: nothing, then no receipt is sent and the publisher sees that this member has not
confirmed the recall yet; the fact, which a receipt at stage `held-by-law` states when the hold is set, and again when
the recall arrives; or the name of the authority too. A hold does not bring back what is destroyed.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import hash_
from suar.protocol.base.reasons import Invalid
from suar.protocol.normal_forms import normal
from suar.service.access.as_shown import CHANGED
from suar.service.core.core import Core
from suar.service.custody import hold_names
from suar.service.custody.proposals import confirmed_by, waiting, withdraw_changed
from suar.service.custody.proposals import withdraw as withdrawn
from suar.service.reading import human_receipts
from suar.service.receive import recall
from suar.store.messages import rows as messages
from suar.store.outbound import recalls
from suar.store.people import access, legal_holds, proposals
from suar.store.people.access import Act, Confirmed
from suar.store.people.legal_holds import HoldDetails, Order
from suar.store.recovery import positions

ADD: Final = "hold-add"
END: Final = "hold-end"
ENDED: Final = "hold-over"
ORDER: Final = "legal-order"
ORDER_OVER: Final = "legal-order-over"
AUTHORITY_MAX: Final = 200  # characters
LONGEST: Final = 10 * 366 * limits.DAY
HOLDS_MAX: Final = 10_000
ORDERS_MAX: Final = 8  # of one message
_SALT: Final = 16
HELD: Final = "held"
CONFIRM: Final = "hold-confirm"
_ORDERED: Final[tuple[Confirmed, ...]] = (ADD, END)
OPEN_STEP: Final = "two persons: `suar hold list`, `suar hold add` for each that lacks, then `suar hold confirm`"


def is_held(core: Core, id_: str) -> bool:
    """Return whether a legal hold keeps the texts of the message, or may keep them after a restore."""
    return core.holds_open_since is not None or id_ in core.held_by_law or id_ in core.sealed_by_law


def under_hold(core: Core, id_: str) -> Fault:
    """Return the fault of an act that a hold forbids."""
    if core.holds_open_since is not None:
        return Fault("nobody has said which legal holds stand since the restore", OPEN_STEP)
    return Fault(f"{id_} is under a legal hold", f"two persons end the hold first: `suar hold end {id_}`")


def add(
    core: Core, id_: str, who: str, authority: str, until: int, tell: str = legal_holds.FACT
) -> dict[str, Any] | None:  # fmt: skip
    """Put a message under a hold until a time (ms), or wait for a second person; None if there is no such message.

    An order of a further authority is added to those that the message has; one of the same authority, by name in NFC
    with single blanks, replaces the earlier one. Raises Fault for a wrong authority or time, for the name of a person
    that would be disclosed, for an order that is in force already, and where the text is destroyed.
    """
    now = core.clock()
    _check(authority, until, now)
    authority = _same_name(authority)
    if tell == legal_holds.AUTHORITY:
        _check_note(authority)
    with core.transaction() as connection:
        if not messages.chain_of(connection, id_):
            return None
        orders = _orders(core, connection, id_)
        others = [each for each in orders if _same_name(each.authority) != authority]
        _require_room(core, id_, orders, others)
        if any((_same_name(each.authority), each.until, each.tell) == (authority, until, tell) for each in orders):
            raise Fault(f"{id_} is under this legal hold already", "`suar hold list` shows it")
        if not orders and not recalls.has_every_text(connection, id_):
            raise Fault(f"the text of {id_} is destroyed", "a hold does not bring back a text")
        order = HoldDetails(authority, until, tell=tell)
        first = confirmed_by(core, connection, ADD, id_, msgspec.json.encode(order), who)
        if first is None:
            return _shape(id_, "waits", until)
        number = hold_names.last_number(core, connection, id_, orders) + 1
        order = Order(authority, until, [first, who], tell, now, secrets.token_hex(_SALT), number)
        for replaced in orders:
            if replaced not in others:
                _note_over(core, connection, id_, replaced, who)
        _note_order(core, connection, ORDER, id_, order, who)
        hold_names.drop_requests(core, connection, ADD, id_, authority)
        _keep(core, connection, id_, [*others, order])
    return _shape(id_, "held", until)


def _note_over(core: Core, connection: Connection, id_: str, order: Order, who: str) -> None:
    hold_names.keep_number(core, connection, id_, order)
    _note_order(core, connection, ORDER_OVER, id_, order, who)


def _note_order(core: Core, connection: Connection, act: Act, id_: str, order: Order, who: str) -> None:
    """Note in the audit what is ordered from now on, or was until now: end, what may be told, the authority's digest.

    The log alone shows then what stood at a time; whoever is given the authority's name and its salt can compare it.
    """
    authority = f" authority {order.digest}" if order.digest else ""
    access.note(connection, who, act, f"{id_} until {instant(order.until)} tell {order.tell}{authority}", core.clock())


def _orders(core: Core, connection: Connection, id_: str) -> list[Order]:
    """Return the orders that keep the message, the oldest first; empty if it is under no hold."""
    row = legal_holds.find(connection, id_)
    return [] if row is None else legal_holds.orders(core.vault, row)


def _keep(core: Core, connection: Connection, id_: str, orders: list[Order]) -> None:
    """Store the orders of a message, at least one, in the caller's transaction."""
    legal_holds.put(connection, core.vault, id_, orders)
    note = legal_holds.note_of(orders)
    if not recalls.cancel_of(connection, id_):
        recall.state_standing(core, connection, id_, note)
    core.record_hold(id_, note)


def _require_room(core: Core, id_: str, orders: list[Order], others: list[Order]) -> None:
    end = "end what is over: `suar hold list`"
    if not orders and len(core.held_by_law) + len(core.sealed_by_law) >= HOLDS_MAX:
        raise Fault(f"{HOLDS_MAX:,} messages are under a legal hold, and no more are possible", end)
    if len(others) >= ORDERS_MAX:
        raise Fault(f"{id_} is under {ORDERS_MAX} legal holds, and no more are possible", end)


def _check(authority: str, until: int, now: int) -> None:
    if not 1 <= len(authority.strip()) <= AUTHORITY_MAX or not authority.isprintable():
        raise Fault("the authority is not named", f"name it on one line of at most {AUTHORITY_MAX} characters")
    if not now < until <= now + LONGEST:
        raise Fault("the end of the hold is not in the future, or more than ten years away", "give another date")


def _same_name(authority: str) -> str:
    """Return the name by which orders of one authority are compared: in NFC, with single blanks between its words."""
    return normal("NFC", " ".join(authority.split()))


def _check_note(authority: str) -> None:
    try:
        human_receipts.check_note(authority)
    except Invalid as invalid:
        hint = "name the authority and the case, not a person; or tell the fact alone"
        raise Fault(f"the authority cannot be told: {invalid.reasons[0].message}", hint) from None


def end(core: Core, id_: str, who: str, number: int | None = None, name: str | None = None) -> dict[str, Any] | None:
    """End a hold, or wait for a second person to confirm; None if the message has none.

    With the last hold of the message a recall is completed. `number`, `name`: which one in `listed`; neither, where
    there is one. Both persons mean the same order, which the first call names: about another one a call is void.
    Raises Refused E-CHANGED for an order that has ended, also where `who` repeats a call that was about one without
    naming it; Fault where none is meant.
    """
    with core.transaction() as connection:
        orders = _orders(core, connection, id_)
        if not orders:
            return None
        if core.holds_open_since is not None:
            raise under_hold(core, id_)
        order = hold_names.chosen(core, connection, id_, orders, number, name)
        meant, is_named = order.name.encode(), number is not None or name is not None or who in order.persons
        if is_named or not withdraw_changed(core, connection, END, id_, meant, who):
            if confirmed_by(core, connection, END, id_, meant, who) is None:
                return _shape(id_, "waits", order.until) | {"number": order.number, "order": order.name}
            orders.remove(order)
            _note_over(core, connection, id_, order, who)
            _keep_or_complete(core, connection, id_, orders)
            return _shape(id_, "ended", order.until) | {"left": len(orders)}
    raise Refused(CHANGED, "")


def end_over(core: Core) -> int:
    """End every hold whose date has passed; returns how many."""
    now = core.clock()
    if core.holds_open_since is not None or not (core.held_by_law or core.sealed_by_law):
        return 0
    ended = 0
    with core.transaction() as connection:
        for row in legal_holds.over(connection, now):
            orders = legal_holds.orders(core.vault, row)
            left = [each for each in orders if each.until > now]
            ended += len(orders) - len(left)
            access.note(connection, access.GATEWAY, ENDED, row.id, now)
            for order in orders:
                if order not in left:
                    _note_over(core, connection, row.id, order, access.GATEWAY)
            _keep_or_complete(core, connection, row.id, left)
    return ended


def _keep_or_complete(core: Core, connection: Connection, id_: str, orders: list[Order]) -> None:
    if orders:
        _keep(core, connection, id_, orders)
    else:
        _complete(core, connection, id_)


def _complete(core: Core, connection: Connection, id_: str) -> None:
    """Delete the hold, and destroy what was recalled meanwhile, in the caller's transaction."""
    legal_holds.remove(connection, id_)
    if not recalls.cancel_of(connection, id_):
        recall.state_standing(core, connection, id_, None)
    proposals.remove(connection, proposals.about(connection, END, id_, 0))
    core.end_hold(id_)
    below = core.recalled.get(id_, 0)
    if below and id_[:2] != core.member:
        core.note_destroyed()
        recall.destroy_revisions(core, connection, id_, below, is_hold_over=True)


def confirm(core: Core, who: str) -> dict[str, Any]:
    """Confirm that after a restore all holds in force are listed, or wait for a second person.

    A backup does not have the holds that were set after it: until then nothing that was recalled is destroyed. Both
    persons mean the same holds: if one is added meanwhile, the first call is void; repeated it is Refused E-CHANGED.
    """
    with core.transaction() as connection:
        since = core.holds_open_since
        if since is None:
            raise Fault("no restore waits for its legal holds", "`suar doctor` says when one does: holds-confirmed")
        held = {row.id: legal_holds.orders(core.vault, row) for row in legal_holds.holds(connection)}
        digest = hash_("holds", msgspec.json.encode([since, held]))
        about = f"restore-{since}"
        others = [each.since for orders in held.values() for each in orders if who not in each.persons]
        if not withdraw_changed(core, connection, CONFIRM, about, digest, who, known_since=max(others, default=1)):
            if confirmed_by(core, connection, CONFIRM, about, digest, who) is None:
                return {"id": about, "verdict": "waits"}
            positions.close_holds(connection)
            recall.complete_recalls(core, connection)
            core.run_after_commit(core.close_holds)
            return {"id": about, "verdict": "confirmed"}
    raise Refused(CHANGED, "")


def withdraw(core: Core, id_: str, who: str) -> dict[str, Any]:
    """Withdraw the requests of `who` about holds of the message. Raises Fault if none of theirs waits."""
    with core.transaction() as connection:
        done = [withdrawn(core, connection, act, id_, who) for act in _ORDERED]
    if not any(done):
        raise Fault(f"nothing that you asked for about {id_} waits", "`suar hold list` shows what waits, and of whom")
    return {"id": id_, "verdict": "withdrawn"}


def listed(core: Core) -> list[dict[str, Any]]:
    """Return every hold with its authority, then what waits for a second person. On the reader's thread."""
    with core.database.reading() as connection:
        held = {row.id: legal_holds.orders(core.vault, row) for row in legal_holds.holds(connection)}
        requested = [row for act in _ORDERED for row in waiting(core, connection, act)]
        shown = [_row(core, id_, each, HELD, each) for id_, orders in held.items() for each in orders]
        return [*shown, *(row for each in requested for row in _waiting_row(core, held, each))]


def _waiting_row(core: Core, held: Mapping[str, list[Order]], proposal: Any) -> Iterator[dict[str, Any]]:
    """Yield the row of a request; nothing for the end of a hold that is over."""
    data, id_ = proposals.details(core.vault, proposal), proposals.id_of(proposal)
    order = next((each for each in held.get(id_, ()) if each.name.encode() == data), None)
    if proposal.act == ADD:
        requested = legal_holds.details_of(data)
        requested.persons, requested.since = [proposal.who], proposal.at
        yield _row(core, id_, requested, f"{ADD}-waits", None)
    elif order is not None:
        yield _row(core, id_, msgspec.structs.replace(order, persons=[proposal.who]), f"{END}-waits", order)


def _row(core: Core, id_: str, shown: HoldDetails, state: str, order: Order | None) -> dict[str, Any]:
    return {
        "id": id_, "authority": shown.authority, "since": instant(shown.since), "until": instant(shown.until),
        "persons": shown.persons, "recalled": id_ in core.recalled, "tell": shown.tell, "state": state,
        "number": None if order is None else order.number, "salt": shown.salt or None, "digest": shown.digest,
        "order": None if order is None else order.name,
    }  # fmt: skip


def _shape(id_: str, verdict: str, until: int) -> dict[str, Any]:
    return {"id": id_, "verdict": verdict, "until": instant(until)}
