"""Publishes our bundle, rotated daily, and the trust list and Revokes, repeated daily."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ACTUAL, KemKey, random_seed
from suar.protocol.message.kind.declaration import LIFETIME_DAYS_OTHERS
from suar.protocol.transport.admission import admit
from suar.protocol.transport.outcome import Outcome
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust import trustlist
from suar.protocol.trust.bundle import AcceptedBundle, Bundle
from suar.service.access import daily_quotas
from suar.service.core.core import Core
from suar.service.core.due import EVERY
from suar.service.core.reading_policy import kind_of_id
from suar.service.gaps.resealing import follow_trust
from suar.store.engine import meta
from suar.store.inbound import commitments, gaps, world_rows
from suar.store.messages import contents
from suar.store.outbound import accounts, outbox, queue
from suar.store.people import access, contributions, drafts
from suar.store.people.access import OPERATOR
from suar.store.recovery.clock_reset import REPEATED

RECEIPT_MAX: Final = 32 * 1024  # bytes: largest size of a receipt


def own_bundle(core: Core) -> AcceptedBundle | None:
    """Return the bundle that senders use for us now, or None."""
    return core.world.bundles.newest_valid(core.member, core.world.trust, core.clock())


def newest_bundle(core: Core) -> AcceptedBundle | None:
    """Return the bundle that was made last, or None; it may begin later than now, after a clock that was ahead."""
    return core.world.bundles.last.get(core.sender.identity.kid)


def keep_bundle_fresh(core: Core) -> bool:
    """Rotate the bundle if it is a day old, its seed is lost or none is valid; returns whether a new one was made.

    No bundle is made while the last one is not valid yet, because it was made when the clock ran ahead: a newer bundle
    would begin even later ([K5]).
    """
    with core.transaction() as connection:
        own, now = own_bundle(core), core.clock()
        last = core.world.bundles.last.get(core.sender.identity.kid)
        if last is not None and last.bundle.not_before > now:
            return False
        is_fresh = own is not None and own.signer == core.sender.identity.kid and own.kid in core.world.kem_keys
        if own is not None and is_fresh and now - own.bundle.not_before < limits.BUNDLE_ROTATION:
            return False
        return rotate(core, connection, now, is_scheduled=is_fresh)


def has_all_bundles(core: Core) -> bool:
    """Whether every active member, including us, has a bundle that is valid now. May be called from any thread."""
    status, now = core.status, core.clock()
    members = status.trust.active_members()
    return bool(members) and all(status.bundles.newest_valid(code, status.trust, now) for code in members)


def renew_bundle(core: Core) -> bool:
    """Make a new bundle now if that is possible, because the last seed is lost or exposed.

    Returns whether it was made.
    """
    with core.transaction() as connection:
        return rotate(core, connection, core.clock())


def rotate_bundle(core: Core, who: str = OPERATOR) -> dict[str, Any]:
    """Make a new bundle now, on the request of `who`; returns its kid. Raises Fault if none can be made."""
    with core.transaction() as connection:
        is_made = rotate(core, connection, core.clock())
        if is_made:
            access.note(connection, who, "keys-rotate", "bundle", core.clock())
    if not is_made:  # raised outside the transaction: a failure inside it ends the open epochs ([E11])
        hint = "see `suar trust show`; after a clock that ran ahead, wait until the last bundle has begun"
        raise Fault("no bundle can be made: no valid identity key, or the last bundle is still to come", hint)
    newest = newest_bundle(core)
    return {"kid": newest.kid.hex() if newest else None}


def rotate(core: Core, connection: Connection, now: int, *, is_scheduled: bool = False) -> bool:
    """Make and queue a new bundle if our identity key is valid; returns whether it was made. `now` is in ms.

    [E13] Other members go on sealing to a bundle that was in use for BUNDLE_SCHEDULED until their epochs end. A
    rotation for another reason than the calendar (not `is_scheduled`) must not wait for that: two bundles are made, and
    the second follows too early to be scheduled. Runs in the caller's transaction.
    """
    last = core.world.bundles.last.get(core.sender.identity.kid)
    if not is_scheduled and last is not None and now - last.bundle.not_before >= limits.BUNDLE_SCHEDULED:
        _make_bundle(core, connection, now - 1)
    return _make_bundle(core, connection, now)


def _make_bundle(core: Core, connection: Connection, now: int) -> bool:
    """[K8] keeps the seed sealed until no stored frame can need it; senders use the new bundle from now on. Returns
    False if none can be made now.
    """
    identity, trust = core.sender.identity, core.world.trust
    key = trust.key(identity.kid)
    if not identity.is_ready or key is None or not key.is_valid(now):
        return False
    if not core.world.may_sign(identity.kid, core.member):
        return False
    last = core.world.bundles.last.get(identity.kid)
    begin = max(now, last.bundle.not_before + 1) if last else now
    if begin > now + limits.CLOCK_TOLERANCE:
        return False  # others would not accept it yet
    end = min(begin + limits.BUNDLE_LIFETIME, key.not_after)
    seed = random_seed()
    bundle = Bundle(
        "suar-keys/1", trust.federation, core.member, begin, end, KemKey(seed).public, trust.version, trust.hash
    )
    data = bundles.make(bundle, identity.signing, identity.public)
    _admit_own(core, subjects.keys(identity.kid), data, now)
    core.world.add_kem_seed(seed)
    world_rows.add_seed(connection, core.vault, seed, bundle)
    outbox.append(connection, [{"subject": subjects.keys(identity.kid), "data": data, "at": now, "realm": ACTUAL}])
    core.log_event("bundle_rotated", kid=bundle.kid.hex())
    return True


def _admit_own(core: Core, home_subject: str, data: bytes, now: int) -> None:
    """Check our own object with the same rules as a received one before it is published. Raises Fault if it fails."""
    out = admit(core.world, subjects.hub(core.member, home_subject), data, now)
    if out.result not in ("ok", "noop"):
        raise Fault(f"our own object was refused: {out.code} [{out.rule}]", "check the clock: `suar doctor`")


def publish_bundle(core: Core, connection: Connection, member: str) -> None:
    """Publish our bundle again for `member`, which seems not to have it, within that member's request quota."""
    own = own_bundle(core)
    if own is None or daily_quotas.refusal(core, connection, member, len(own.data)) is not None:
        return
    row = {"subject": subjects.keys(own.signer), "data": own.data, "at": core.clock(), "realm": ACTUAL}
    if outbox.republish(connection, row, core.outbox_capacity.again_after):
        daily_quotas.spend_resend(core, connection, member, len(own.data))


def repeat_daily(core: Core) -> bool:
    """Publish the trust list and the Revokes once a day, at a time that depends on the member code.

    Returns whether they were published.
    """
    with core.transaction() as connection:
        now = core.clock()
        last = int(meta.get(connection, REPEATED) or 0)
        if core.world.trust.current is None or now < next_repeat(core.member, last):
            return False
        _publish_trust(core, connection)
        meta.put(connection, REPEATED, str(now))
        _forget_old(core, connection, now)
    return True


def _forget_old(core: Core, connection: Connection, now: int) -> None:
    """[K8] Erase old seeds and delete everything that no stream can deliver any more."""
    for kid in world_rows.erase_seeds(connection, now):
        core.world.kem_keys.pop(kid, None)
    oldest = now - limits.EPOCH_AGE_MAX
    core.world.forget_old(oldest)
    world_rows.forget_old(connection, oldest)
    outbox.purge(connection, oldest, now - limits.DAY)
    gaps.forget_old(connection, oldest)
    core.due.alarms.note(EVERY)
    commitments.forget_old(connection, now)
    access.forget_answers(connection, now - limits.DAY)
    contents.forget(connection, now - LIFETIME_DAYS_OTHERS * limits.DAY)
    accounts.forget_old(connection, now)
    drafts.forget(connection, now, now - drafts.LIFE)
    contributions.forget(connection, core.vault, now)


def release_parked(core: Core) -> int:
    """Release what waited for a member's key that is valid again and what was requested again.

    Returns how many items.
    """
    with core.transaction() as connection:
        now = core.clock()
        ready = [
            member
            for member in queue.parked_members(connection)
            if core.world.trust.is_active(member) and core.world.bundles.newest_valid(member, core.world.trust, now)
        ]
        released = outbox.release(connection, now, core.outbox_capacity.release_bytes_left)
        return released + sum(_unpark(core, connection, member) for member in ready)


def _unpark(core: Core, connection: Connection, member: str) -> int:
    """Release the parked items of a member, without those that it may not read: they would be parked again at once."""
    current = core.world.trust.current
    if current is None:
        return 0
    routes = core.readers.routes(current)
    parked = queue.parked(connection, member)
    has_receipts_left = daily_quotas.receipt_bytes_left(core, connection, member) > RECEIPT_MAX
    may_go = [
        n
        for n, kind, id_ in parked
        if routes(kind if id_ is None else kind_of_id(id_), (member,)) and (id_ is not None or has_receipts_left)
    ]
    queue.unpark_items(connection, may_go)
    return len(may_go)


def next_repeat(member: str, last: int) -> int:
    """Return the time (ms) of the next repetition: once a day, at a minute that depends on the member code."""
    offset = int.from_bytes(member.encode(), "big") % (24 * 60) * limits.MINUTE
    day = (last - offset) // limits.DAY + 1
    return day * limits.DAY + offset


def _publish_trust(core: Core, connection: Connection) -> None:
    trust, now = core.world.trust, core.clock()
    rows = [{"subject": subjects.trust(trust.version), "data": trust.history[trust.version].data}]
    rows += [{"subject": subjects.revoke(kid), "data": data} for kid, data in trust.revokes.items()]
    outbox.append(connection, [row | {"at": now, "realm": ACTUAL} for row in rows])


class OtherFederation(Refused):
    """A trust list is of another federation than this gateway."""

    def __init__(self, rule: str, theirs: str, ours: str, settings: Path) -> None:
        super().__init__("E-TRUST-FORM", rule)
        self.theirs, self.ours, self.settings = theirs, ours, settings

    def meaning(self) -> str:
        """Return both names."""
        return f"the list is of the federation '{self.theirs}', and this gateway's is '{self.ours}'"

    def advice(self) -> str:
        """Return the advice which of them to change."""
        return f"if the list is right, set federation.name in {self.settings}; else ask the key holders for yours"


def _federation_of(data: bytes) -> str:
    """Return the federation that a signed list names; "" where it names none."""
    try:
        return trustlist.read_list(trustlist.parse(data).raw).federation
    except Refused:
        return ""


def judge_list(core: Core, data: bytes, pin: bytes | None, *, who: str = OPERATOR) -> dict[str, Any]:
    """Judge a trust list that a person imports; returns its version and hash. Raises Refused with code and rule.

    `pin` is the expected hash of the first list.
    """
    out = import_list(core, data, pin, who=who)
    if out.code == "E-TRUST-FORM" and (other := _federation_of(data)) != core.federation and other:
        raise OtherFederation(out.rule or "", other, core.federation, core.config.file)
    if out.result in ("refused", "wait"):
        raise Refused(out.code or "", out.rule or out.waits_rule or "")
    trust = core.world.trust
    return {"result": out.result, "version": trust.version, "hash": trust.hash.hex()}


def import_list(core: Core, data: bytes, pin: bytes | None, *, who: str) -> Outcome:
    """Judge a trust list that a person imports; an accepted list is published to all members."""
    with core.transaction() as connection:
        now = core.clock()
        if core.world.trust.current is None and pin is not None:
            core.world.trust.set_pin(pin)
        out = admit(core.world, subjects.hub(core.member, subjects.trust(0)), data, now)
        for alarm in out.alarms:
            core.raise_alarm(connection, alarm, data)
        if out.result == "ok":
            outbox.append(
                connection,
                [{"subject": subjects.trust(core.world.trust.version), "data": data, "at": now, "realm": ACTUAL}],
            )
            access.note(connection, who, "trust-import", str(core.world.trust.version), now)
            follow_trust(core, connection)
    if out.result == "ok":
        core.renew_sender()
    return out
