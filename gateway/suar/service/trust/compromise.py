"""Handling of a compromised key: stop it, replace it, and list exactly which messages it exposed.

The key is stopped first; then the exposed messages are found page by page on a worker thread, so that a gateway with a
hundred thousand messages keeps working. An identity key is revoked by a Revoke that it signs itself ([R1]); a new key
is created, and becomes valid with the next trust list. A bundle key is replaced at once and its seed erased; messages
that are in transit to it are requested again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.federation.request import read_request, write_request
from suar.federation.summary import fingerprint
from suar.files import PUBLIC, atomic_write, read
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import CODES, Fault, Refused, Wait
from suar.protocol.base.instants import rfc3339
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.admission import admit
from suar.protocol.trust import revoke
from suar.service.core.core import Core
from suar.service.gaps import exposed
from suar.service.gaps.exposed import ExposedPage
from suar.service.gaps.resealing import requeue_deliveries, resend_statements
from suar.service.receipts.receipts import EVERY_FRAME, Statements
from suar.service.settings.keyring import Identity
from suar.service.settings.state import request_of
from suar.service.trust import trust_sync
from suar.store.messages import exposure
from suar.store.outbound import delivery_rows, outbox
from suar.store.people import access

QUEUED_BATCH: Final = 100  # messages queued again in one transaction
BEGAN_AT_MOST: Final = 4 * limits.DAY  # age of the epochs considered; an epoch lasts 24 hours
UNREAD: Final = "frames sealed to the erased key that are still on their way are asked for again, under the new one"


class Step(NamedTuple):
    """One part of the work: reading a page outside the core's thread, or a short change on it."""

    is_read: bool
    do: Callable[[], None]


def compromised(core: Core, kid: bytes, who: str) -> dict[str, Any]:
    """Handle the compromise of one of our keys; returns the `--json` shape. Raises Fault for an unknown kid."""
    answer: dict[str, Any] = {}
    for step in steps(core, kid, who, answer):
        step.do()
    return answer


def steps(core: Core, kid: bytes, who: str, answer: dict[str, Any]) -> Iterator[Step]:
    """Yield the same work as steps, to be done in order; `answer` is complete after the last one.

    The first step stops the key. After an interruption, calling it again does what was left.
    """
    identity = core.keyring.find(kid)
    pages: Iterator[ExposedPage]
    if identity is not None:
        yield Step(False, lambda: answer.update(_stop_identity(core, identity, who)))
        pages = exposed.by_identity(core, identity, core.clock())
    else:
        yield Step(False, lambda: answer.update(_stop_bundle(core, kid, who)))
        pages = exposed.by_bundle(core, kid)
    found = _Found()
    while not found.is_whole:
        yield Step(True, lambda: found.add(next(pages, None)))
    if identity is not None:
        yield from _queue_again(core, found.unconfirmed, answer)
        answer["live_epochs"] = found.live
    else:
        answer |= {"refused_messages": found.refused, "epochs": found.epochs}
    yield Step(True, lambda: answer.update(messages=found.lines()))


class _Found:
    """The exposed messages found so far, collected page by page."""

    def __init__(self) -> None:
        self.is_whole = False
        self.rows: list[Row[Any]] = []
        self.live: list[dict[str, Any]] = []
        self.refused = self.epochs = 0

    def add(self, page: ExposedPage | None) -> None:
        """Add a page; None marks the end."""
        if page is None:
            self.is_whole = True
            return
        self.rows += page.rows
        self.live += page.live
        self.refused += page.refused
        self.epochs += page.epochs

    def lines(self) -> list[dict[str, Any]]:
        """Return one line for each message in the order of storage; messages whose epochs are unknown come first."""
        return _lines(sorted(self.rows, key=lambda row: (hasattr(row, "epoch_id"), row.n)))

    @property
    def unconfirmed(self) -> list[tuple[str, int]]:
        """Return (id, revision) of the messages that at least one recipient has not confirmed."""
        return sorted({(row.id, row.rev) for row in self.rows if row.is_open})


# -- an identity key


def _stop_identity(core: Core, identity: Identity, who: str) -> dict[str, Any]:
    """Write a new key to disk, then revoke the old one.

    After a crash between the two there is only an unused new key.
    """
    fresh = _fresh_key(core, identity)
    with core.transaction() as connection:
        now = core.clock()
        key = core.world.trust.key(identity.kid)
        _revoke(core, connection, identity, now)
        resend_statements(core, connection)
        access.note(connection, who, "compromised", f"identity {identity.kid.hex()}", now)
        core.log_event("key_revoked", "error", kid=identity.kid.hex())
    core.load()  # another key of ours may be valid for signing, or none
    since = key.not_before if key else identity.created
    return {
        "kid": identity.kid.hex(), "key": "identity", "forgeable_since": rfc3339(since), "request": fresh,
        "queued_again": 0, "sealing": _sealing(core),
    }  # fmt: skip


def _fresh_key(core: Core, identity: Identity) -> str | None:
    """Create a new key and its request, unless a newer key than the compromised one exists; returns the request's path.

    The compromised key does not endorse the new one: the key holders compare it by telephone.
    """
    path = core.config.folder / f"{core.member}.request.json"
    core.keyring.reload_identities()  # a key created in the meantime is kept
    if core.keyring.identity.kid == identity.kid:
        core.keyring.rotate_identity(core.clock(), core.module)
        core.keyring.save()
    elif core.world.trust.owner(core.keyring.identity.kid) is not None:
        return None  # a trust list contains the newer key already
    name = core.config.member.name
    if path.exists():
        name = read_request(read(path, "the request"), str(path)).request.name
    atomic_write(path, write_request(request_of(core.keyring, name, core.module, endorsed=False)), PUBLIC)
    return str(path)


def _revoke(core: Core, connection: Connection, identity: Identity, now: int) -> None:
    """[R1] Create and publish the Revoke with the key itself; it takes effect here at once.

    Repeating it has no effect.
    """
    data = core.world.trust.revokes.get(identity.kid)
    if data is None:
        data = revoke.make(core.federation, identity.signer(core.module), identity.public, now)
        subject = subjects.hub(core.member, subjects.revoke(identity.kid))
        out = admit(core.world, subject, data, now)
        if out.result == "wait" and out.waits_rule == "R1":
            text = f"no trust list ever had the key {fingerprint(identity.kid)}: nobody takes anything of it"
            raise Fault(text, "make another one: `suar federation request --rotate`")
        if out.result != "ok":
            code = out.code or ""
            raise Fault(f"the Revoke cannot take effect now: {CODES[code].meaning} ({code})", CODES[code].advice)
    row = {"subject": subjects.revoke(identity.kid), "data": data, "at": now, "realm": ACTUAL}
    outbox.append(connection, [row])


def _queue_again(core: Core, waits: Sequence[tuple[str, int]], answer: dict[str, Any]) -> Iterator[Step]:
    """Queue messages that some recipients have not confirmed, because they may now refuse them, for sealing with a new
    key.

    If the process ends before this is done, accepting the list with the new key queues all of them ([K7]).
    """

    def queue(part: Sequence[tuple[str, int]]) -> None:
        with core.transaction() as connection:
            answer["queued_again"] += requeue_deliveries(connection, delivery_rows.requeue(connection, part))

    for first in range(0, len(waits), QUEUED_BATCH):
        yield Step(False, partial(queue, waits[first : first + QUEUED_BATCH]))


def _sealing(core: Core) -> dict[str, Any]:
    """Return whether this gateway can sign and seal now, with the code and advice if it cannot."""
    try:
        core.sender.check(core.world, core.clock())
    except (Refused, Wait) as stop:
        entry = CODES[stop.code]
        return {"goes_on": False, "code": stop.code, "text": entry.meaning, "next": entry.advice}
    return {
        "goes_on": True,
        "code": None,
        "text": f"the key {fingerprint(core.sender.identity.kid)} speaks",
        "next": "",
    }


# -- a bundle key


def _stop_bundle(core: Core, kid: bytes, who: str) -> dict[str, Any]:
    """Replace the bundle and erase its seed, in one transaction."""
    with core.transaction() as connection:
        seed = exposure.seed_of(connection, kid)
        if seed is None:
            raise Fault(
                f"no key of this gateway has the kid {fingerprint(kid)}",
                "`suar keys show` lists them; the seed of a bundle that ended long ago is erased already",
            )
        now = core.clock()
        is_sealed_to = now < seed.not_after  # [E13] also after a scheduled rotation, until the others' epochs end
        rotated = trust_sync.rotate(core, connection, now) if is_sealed_to else False
        requested = _request_resealing(core, connection, kid, now)
        exposure.erase_seed(connection, kid)
        core.world.kem_keys.pop(kid, None)
        access.note(connection, who, "compromised", f"bundle {kid.hex()}", now)
        core.log_event("seed_erased", "error", kid=kid.hex(), rotated=rotated)
    core.load()  # removes from memory every secret that was opened with the seed
    fresh = trust_sync.newest_bundle(core) if rotated else trust_sync.own_bundle(core)
    return {
        "kid": kid.hex(), "key": "bundle", "sealed_from": rfc3339(seed.not_before),
        "sealed_until": rfc3339(seed.not_after), "rotated": rotated, "new_kid": fresh.kid.hex() if fresh else None,
        "asked_again": requested, "warning": UNREAD,
    }  # fmt: skip


def _request_resealing(core: Core, connection: Connection, kid: bytes, now: int) -> int:
    """[E9] Request that every member that may still seal to the old key reseals for us what we have not received."""
    statements, requested = Statements(), 0
    for row in exposure.open_epochs_of_others(connection, now - BEGAN_AT_MOST):
        if exposed.kid_of(core, row.data) != kid:
            continue
        epoch = epochs.content(row.data)
        if epoch.not_after < now - limits.DAY or not core.world.trust.is_active(epoch.sender):
            continue  # ended long ago: its frames were received or requested
        entry = Entry(epoch=row.id.hex(), first=row.next, last=EVERY_FRAME)
        statements.missing(epoch.sender, epoch.realm, entry, "E-LEFT-OUT")
        requested += 1
    statements.queue(connection, core)
    return requested


# -- both


def _lines(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return one line for each message, with every epoch that carried it."""
    lines: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(
            (row.id, row.rev),
            {
                "id": row.id, "rev": row.rev, "origin": row.origin, "kind": row.kind, "status": row.realm,
                "tlp": row.tlp, "at": rfc3339(row.at), "epochs": [],
            },
        )  # fmt: skip
        name = getattr(row, "epoch_id", None)
        if name is not None and name.hex() not in line["epochs"]:
            line["epochs"].append(name.hex())
    return list(lines.values())
