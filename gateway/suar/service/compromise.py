"""A key of ours is in wrong hands: stop it, replace it, and say exactly what it could open or speak for.

An identity key is revoked by a Revoke that it signs itself ([R1]); a fresh one is made, and speaks once a trust list
has it. A bundle key is replaced at once and its seed erased; what is on its way to it is asked for again.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.federation.request import read_request, write_request
from suar.files import PUBLIC, atomic_write, read
from suar.protocol import epoch as epochs
from suar.protocol import limits, revoke, subjects
from suar.protocol.admission import admit
from suar.protocol.errors import CODES, Fault, Refused, Wait
from suar.protocol.kinds import Entry
from suar.protocol.primitives import ACTUAL
from suar.service import trust_sync
from suar.service.core import Core
from suar.service.keyring import Identity
from suar.service.receipts import EVERY_FRAME, Statements
from suar.service.resealing import queue_again, say_again
from suar.service.state import request_of
from suar.service.views import rfc3339
from suar.store import access, delivery_rows, exposure, outbox

UNREAD: Final = "frames sealed to the erased key that are still on their way are asked for again, under the new one"


def compromised(core: Core, kid: bytes, who: str) -> dict[str, Any]:
    """Act on the compromise of one of our keys; the answer is the `--json` shape. Fault for a kid that is not ours."""
    identity = core.keyring.find(kid)
    if identity is not None:
        return _identity(core, identity, who)
    with core.transaction() as connection:
        seed = exposure.seed_of(connection, kid)
    if seed is None:
        raise Fault(
            f"no key of this gateway has the kid {kid.hex()}",
            "`suar keys show` lists them; the seed of a bundle that ended long ago is erased already",
        )
    return _bundle(core, seed, who)


# -- an identity key


def _identity(core: Core, identity: Identity, who: str) -> dict[str, Any]:
    """The fresh key is on disk before the old one is revoked: a crash between leaves a key that nobody knows yet."""
    fresh = _fresh_key(core, identity)
    with core.transaction() as connection:
        now = core.clock()
        shown = _spoken_for(core, connection, identity, now)
        _revoke(core, connection, identity, now)
        queued = _queue_again(connection, shown["messages"])
        say_again(core, connection)
        access.note(connection, who, "compromised", f"identity {identity.kid.hex()}", now)
        core.event("key_revoked", "error", kid=identity.kid.hex(), queued=queued)
    core.load()  # another key of ours may speak, or none
    return shown | {"request": fresh, "queued_again": queued, "sealing": _sealing(core)}


def _fresh_key(core: Core, identity: Identity) -> str | None:
    """A new key and its request, unless there is a newer one than the stolen; the request's path.

    The stolen key endorses nothing: the key holders compare the new one by telephone.
    """
    path = core.config.folder / f"{core.member}.request.json"
    core.keyring.take_new()  # one that was made meanwhile is not written over
    if core.keyring.identity.kid == identity.kid:
        core.keyring.rotate_identity(core.clock())
        core.keyring.save()
    elif core.world.trust.owner(core.keyring.identity.kid) is not None:
        return None  # a list has the newer one already
    name = core.config.member.name
    if path.exists():
        name = read_request(read(path, "the request"), str(path)).request.name
    atomic_write(path, write_request(request_of(core.keyring, name, endorsed=False)), PUBLIC)
    return str(path)


def _revoke(core: Core, connection: Connection, identity: Identity, now: int) -> None:
    """[R1] Made and published with the key itself, in force here from this moment; a second time changes nothing."""
    data = core.world.trust.revokes.get(identity.kid)
    if data is None:
        data = revoke.make(core.federation, identity.seed, identity.public, now)
        subject = subjects.hub(core.member, subjects.revoke(identity.kid))
        out = admit(core.world, subject, data, now)
        if out.result == "wait" and out.waits_rule == "R1":
            text = f"no trust list ever had the key {identity.kid.hex()}: nobody takes anything of it"
            raise Fault(text, "make another one: `suar federation request --rotate`")
        if out.result != "ok":
            code = out.code or ""
            raise Fault(f"the Revoke cannot take effect now: {CODES[code].meaning} ({code})", CODES[code].advice)
    row = {"subject": subjects.revoke(identity.kid), "data": data, "at": now, "realm": ACTUAL}
    outbox.put(connection, [row])


def _spoken_for(core: Core, connection: Connection, identity: Identity, now: int) -> dict[str, Any]:
    """What was said with the key, and so what could have been forged: its messages, its epochs still alive."""
    key = core.world.trust.key(identity.kid)
    own = exposure.own_epochs(connection)
    mine = [(row, epochs.content(row.data)) for row in own if row.data[4:20] == identity.kid]
    rows = exposure.published(connection, [row.epoch_id for row, _ in mine])
    older = exposure.published_before_outbox(connection, core.member, identity.created)
    live = [
        {
            "epoch": row.epoch_id.hex(), "realm": row.realm, "channel": row.channel,
            "not_after": rfc3339(epoch.not_after),
        }
        for row, epoch in mine
        if epoch.not_after > now
    ]  # fmt: skip
    since = key.not_before if key else identity.created
    return {
        "kid": identity.kid.hex(), "key": "identity", "forgeable_since": rfc3339(since),
        "messages": _lines([*older, *rows]), "live_epochs": live,
    }  # fmt: skip


def _queue_again(connection: Connection, messages: Iterable[dict[str, Any]]) -> int:
    """What the others have not confirmed they may now refuse: it is sealed again once a key of ours speaks."""
    rows = delivery_rows.take_back(connection, [(line["id"], line["rev"]) for line in messages])
    return queue_again(connection, rows)


def _sealing(core: Core) -> dict[str, Any]:
    """Whether this gateway may speak now."""
    try:
        core.sender.check(core.world, core.clock())
    except (Refused, Wait) as stop:
        entry = CODES[stop.code]
        return {"goes_on": False, "code": stop.code, "text": entry.meaning, "next": entry.advice}
    return {"goes_on": True, "code": None, "text": f"the key {core.sender.identity.kid.hex()} speaks", "next": ""}


# -- a bundle key


def _bundle(core: Core, seed: Row[Any], who: str) -> dict[str, Any]:
    """Replaced, listed, erased, in one transaction."""
    with core.transaction() as connection:
        now = core.clock()
        shown = _opened_by(core, connection, seed)
        own = trust_sync.own_bundle(core)
        is_current = own is not None and own.kid == seed.kid
        rotated = trust_sync.rotate(core, connection, now) if is_current else False
        asked = _ask_again(core, connection, seed.kid, now)
        exposure.erase_seed(connection, seed.kid)
        core.world.kem_keys.pop(seed.kid, None)
        access.note(connection, who, "compromised", f"bundle {seed.kid.hex()}", now)
        core.event("seed_erased", "error", kid=seed.kid.hex(), rotated=rotated)
    core.load()  # no secret that the seed opened stays in memory
    fresh = trust_sync.own_bundle(core)
    return shown | {
        "rotated": rotated, "new_kid": fresh.kid.hex() if fresh else None, "asked_again": asked, "warning": UNREAD,
    }  # fmt: skip


def _opened_by(core: Core, connection: Connection, seed: Row[Any]) -> dict[str, Any]:
    """Exactly what the seed opens: frames of epochs whose wrap for us is under it, others' and our own."""
    theirs = [row.id for row in exposure.epochs_of_others(connection) if _kid_of(core, row.data) == seed.kid]
    ours = [row.epoch_id for row in exposure.own_epochs(connection) if _kid_of(core, row.data) == seed.kid]
    rows = [*exposure.received(connection, theirs), *exposure.published(connection, ours)]
    return {
        "kid": seed.kid.hex(), "key": "bundle", "sealed_from": rfc3339(seed.not_before),
        "sealed_until": rfc3339(seed.not_after), "messages": _lines(rows),
        "refused_messages": exposure.quarantined(connection, theirs), "epochs": len(theirs) + len(ours),
    }  # fmt: skip


def _ask_again(core: Core, connection: Connection, kid: bytes, now: int) -> int:
    """[E9] Whoever may still send under the old key is asked to seal for us anew what we have not read."""
    statements, asked = Statements(), 0
    for row in exposure.epochs_of_others(connection):
        if _kid_of(core, row.data) != kid or row.kind != "open":
            continue
        epoch = epochs.content(row.data)
        if epoch.not_after < now - limits.DAY or not core.world.trust.is_active(epoch.sender):
            continue  # long over: what it had is here, or was asked for
        entry = Entry(epoch=row.id.hex(), first=row.next, last=EVERY_FRAME)
        statements.missing(epoch.sender, epoch.realm, entry, "E-LEFT-OUT")
        asked += 1
    statements.queue(connection, core)
    return asked


# -- both


def _kid_of(core: Core, data: bytes) -> bytes | None:
    """The name of the bundle of ours that an epoch was sealed to."""
    return next((each.kid for each in epochs.content(data).recipients if each.member == core.member), None)


def _lines(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """One line a message, with every epoch that carried it."""
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
