"""Loads the world from the store and verifies every signature again.

Write access to the file does not include a member's key. A row that does not verify is removed from its table and
reported (service/core/altered_rows.py), so that its object is requested again like a missing one.
"""

import hashlib
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.engine import Row

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.wire import Malformed, decode
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import reverify
from suar.protocol.transport.epoch import Epoch
from suar.protocol.transport.replay import Ranges, Sequence
from suar.protocol.transport.world import ChainKey, EpochState, MissingEpoch, World
from suar.protocol.trust import bundle as bundles
from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import is_as_written
from suar.store.tables.columns import blob

_epochs: Final = msgspec.msgpack.Decoder(Epoch)
_ranges: Final = msgspec.msgpack.Decoder(list[tuple[int, int]])


class Altered(NamedTuple):
    """A row that its signer did not sign as stored: it was written by other means.

    `rule` is the rule that refuses it, `data` the stored content.
    """

    table: str
    key: str
    rule: str
    data: bytes

    @property
    def name(self) -> str:
        """The row's name in reports."""
        return f"{self.table} {self.key}"


def load_world(connection: Connection, world: World, vault: Vault, now: int, known: set[bytes]) -> list[Altered]:
    """Fill a new world from the store: lists in order, Revokes, bundles, our seeds, epochs and their chains.

    Every signature is verified again, an epoch's once in each process (`known`). Rows that do not verify are removed
    from their tables and returned.
    """
    altered = _load_seeds(connection, world, vault)
    altered += _load_trust(connection, world)
    altered += _load_epochs(connection, world, now, known)
    for row in connection.execute(select(t.missing_epoch)):
        chain = world.chain(ChainKey(row.signer, row.realm, row.channel))
        chain.missing[row.id] = MissingEpoch(row.frames, row.hash)
    highest = connection.execute(select(t.meta.c.value).where(t.meta.c.name == "highest_time")).scalar()
    world.highest_time = int(highest or 0)
    return altered


def first_list(connection: Connection) -> bytes | None:
    """Return the stored trust list that all others follow, or None."""
    first = select(t.trust_list.c.data).order_by(t.trust_list.c.version).limit(1)
    return connection.execute(first).scalar()


def _load_seeds(connection: Connection, world: World, vault: Vault) -> list[Altered]:
    """Load our seeds. A seed that cannot be opened stays in the table, because nothing else opens its frames."""
    rows = list(connection.execute(select(t.kem_seed)))
    altered: list[Altered] = []
    for row in rows:
        try:
            world.add_kem_seed(vault.unwrap(row.sealed, f"kem seed {_hex(row.kid)}"))
        except Fault:
            if len(rows) == 1 + len(altered):  # none can be opened: keyring and store are not of one gateway
                raise
            altered.append(Altered("kem_seed", _hex(row.kid), "", b""))
    return altered


def _load_trust(connection: Connection, world: World) -> list[Altered]:
    """[T1]-[T10] [R1] [K1]-[K6] Lists from the pin on, Revokes and bundles."""
    trust, altered = world.trust, []
    lists = list(connection.execute(select(t.trust_list).order_by(t.trust_list.c.version)))
    for at, rule in reverify.reapply_lists(trust, [(row.version, blob(row.data)) for row in lists]):
        connection.execute(delete(t.trust_list).where(t.trust_list.c.version == lists[at].version))
        altered.append(Altered("trust_list", str(lists[at].version), rule, blob(lists[at].data)))
    for row in list(connection.execute(select(t.revoke))):
        try:
            reverify.reapply_revoke(trust, row.kid, blob(row.data))
        except Refused as refused:
            connection.execute(delete(t.revoke).where(t.revoke.c.kid == row.kid))
            altered.append(Altered("revoke", _hex(row.kid), refused.rule, blob(row.data)))
    for row in list(connection.execute(select(t.bundle))):
        try:
            world.bundles.apply(bundles.read_held(trust, row.signer, blob(row.data)))
        except Refused as refused:
            connection.execute(delete(t.bundle).where(t.bundle.c.signer == row.signer))
            altered.append(Altered("bundle", _hex(row.signer), refused.rule, blob(row.data)))
    return altered


def _load_epochs(connection: Connection, world: World, now: int, known: set[bytes]) -> list[Altered]:
    """Load the epochs of which streams may still deliver frames, and the newest of each chain."""
    e, altered = t.epoch, []
    newest = select(func.max(e.c.n)).group_by(e.c.signer, e.c.realm, e.c.channel)
    wanted = or_(e.c.not_before >= now - limits.EPOCH_AGE_MAX, e.c.n.in_(newest))
    for row in list(connection.execute(select(e).where(wanted).order_by(e.c.n))):
        try:
            if not is_as_written(connection, e, row):  # numbers that no signature covers
                raise Refused("E-EPOCH-SIGNATURE", "E2")
            state = _state(row, world, known)
        except (Refused, Malformed, TypeError, ValueError) as error:  # SQLite keeps any type in any column
            rule = error.rule if isinstance(error, Refused) else "E2"
            altered.append(Altered("epoch", _hex(row.id)[:32], rule, blob(row.data)))
            connection.execute(delete(t.frame).where(t.frame.c.epoch_id == row.id))  # it is sent again, with its frames
            connection.execute(delete(e).where(e.c.n == row.n))
            continue
        world.epochs[state.id] = state
        chain = world.chain(state.chain)
        hour = state.epoch.not_before // limits.HOUR
        chain.hours[hour] = chain.hours.get(hour, 0) + 1
        if state.epoch.not_before > chain.newest_not_before:
            chain.newest, chain.newest_not_before = state.id, state.epoch.not_before
    return altered


def _state(row: Row[Any], world: World, known: set[bytes]) -> EpochState:
    """[E2] [E3] [E6] [E7] Return the epoch of a row. Raises Refused or Malformed if its member did not sign it so."""
    parsed = epochs.parse(row.data, limits.TRUST_BYTES)  # its size was judged when it was admitted
    epoch = decode(_epochs, parsed.raw)
    chain = ChainKey(parsed.signer, epoch.realm, epoch.channel)
    if (row.signer, row.realm, row.channel, row.not_before) != (*chain, epoch.not_before):
        raise Refused("E-EPOCH-SUBJECT", "E3")
    name = hashlib.blake2b(row.data, digest_size=32, key=row.id).digest()
    if name not in known:
        if reverify.check_epoch(world.trust, parsed, epoch) != row.id:
            raise Refused("E-EPOCH-SIGNATURE", "E2")
        known.add(name)
    sequence = Sequence(row.id)
    sequence.next, sequence.last_hash, sequence.is_frozen = row.next, row.last_hash, row.frozen
    sequence.bound, sequence.tail_hash = row.bound, row.tail_hash
    sequence.missing = Ranges(decode(_ranges, row.missing))
    state = EpochState(
        row.id, chain, epochs.without_recipients(epoch), row.kind, row.live, sequence,
        tip_frames=row.tip_frames, tip_signature=row.tip_signature,
    )  # fmt: skip
    at = next((i for i, r in enumerate(epoch.recipients) if r.member == world.member), None)
    if at is not None and row.kind == "open":
        state.raw, state.kid = parsed.raw, epoch.recipients[at].kid
        state.wrap = parsed.wraps[limits.WRAP_BYTES * at : limits.WRAP_BYTES * (at + 1)]
    return state


def _hex(value: object) -> str:
    return blob(value).hex()
