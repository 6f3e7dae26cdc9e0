"""Daily time stamps: one Merkle tree of frame hashes, Revokes, trust lists, audit lines and the audit's head.

The tree is collected outside the core's thread, stamped over the network, and stored by the core in short transactions:
no message waits for it. The authority learns only the root of each tree, whose leaves are salted.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import hash_
from suar.protocol.files import stamps as files
from suar.protocol.files.merkle import Tree, leaf_hash
from suar.protocol.files.stamps import FRAME, HEAD, LINE, LIST, REVOKE, SALT, VALUE, Stamp
from suar.service.core.core import Core
from suar.service.reading.authority import Token
from suar.store.messages import stamps
from suar.store.messages.stamps import Stamped
from suar.store.people.audit import raw_of
from suar.store.tables.columns import blob

TREE_MAX: Final = 8_192  # leaves; each is stored as a row with a hash
POSITIONS_BATCH: Final = 512  # such rows that one transaction of the core stores
_ALGORITHM: Final = 1
_LEAF: Final = 1 + SALT + VALUE


class Leaf(NamedTuple):
    """One leaf of the tree: the type of its value, its salt, and the value."""

    what: int
    salt: bytes
    value: bytes

    @property
    def hash(self) -> bytes:
        """The leaf's hash in the tree."""
        return leaf_hash(_ALGORITHM, self.what, self.salt, self.value)


class Unstamped(NamedTuple):
    """A tree that has no time stamp yet: its leaves, the last audit line in it, its root, and the statement to be
    stamped.
    """

    leaves: list[Leaf]
    line: int
    root: bytes
    statement: bytes

    @property
    def is_placed(self) -> bool:
        """Whether `keep` stores the positions of all values."""
        return len(self.leaves) <= POSITIONS_BATCH

    @property
    def is_full(self) -> bool:
        """Whether more values may be waiting than fit in this tree."""
        return len(self.leaves) >= TREE_MAX // 2


def is_due(core: Core) -> bool:
    """Whether a new day (UTC) has begun since the newest tree. May be called from any thread."""
    with core.database.reading() as connection:
        newest = stamps.last(connection)
    return newest is None or core.clock() // limits.DAY > newest.at // limits.DAY


def collect(core: Core) -> Unstamped | None:
    """Return the values that are in no tree yet as one tree, or None if there are none.

    May be called from any thread.
    """
    if not core.status.trust.version:
        return None
    with core.database.reading() as connection:
        found, line = _values(core, connection)
    if not found:
        return None
    leaves = [Leaf(what, os.urandom(SALT), value) for what, value in found]
    root = Tree(_ALGORITHM, [leaf.hash for leaf in leaves]).root
    return Unstamped(leaves, line, root, files.statement(_ALGORITHM, len(leaves), root))


def _values(core: Core, connection: Connection) -> tuple[list[tuple[int, bytes]], int]:
    newest, trust = stamps.last(connection), core.status.trust
    lines = stamps.lines_after(connection, newest.line if newest else 0, TREE_MAX // 2)
    named = {hash_("revoke", data[84:]): REVOKE for data in trust.revokes.values()}
    named |= {held.hash: LIST for held in trust.history.values()}
    head = stamps.newest_head(connection)
    if head is not None:
        with contextlib.suppress(ValueError):  # peaks that others wrote
            named[hash_("head", raw_of(head, core.federation, core.member))] = HEAD
    found = [(named[value], value) for value in stamps.not_stamped(connection, named)]
    found += [(LINE, value) for _, value in lines]
    frames = stamps.unstamped_frames(connection, TREE_MAX)
    found += [(FRAME, value) for value in frames]
    return found[:TREE_MAX], lines[-1][0] if lines else (newest.line if newest else 0)


def keep(core: Core, tree: Unstamped, token: Token) -> None:
    """Sign a stamped tree and store it, with the positions of the first values; its leaves are sealed."""
    identity = core.sender.identity
    signature = files.sign_statement(identity.signing, tree.statement)
    blob = b"".join(bytes([leaf.what]) + leaf.salt + leaf.value for leaf in tree.leaves)
    sealed, key = core.vault.seal(blob, _about(tree.root))
    row = stamps.Tree(core.clock(), tree.line, identity.kid, signature, tree.root, token.data, sealed, key)
    with core.transaction() as connection:
        stamps.keep(connection, row, [leaf.value for leaf in tree.leaves[:POSITIONS_BATCH]])


def unstored(core: Core) -> list[list[Stamped]]:
    """Return the positions of values of the newest tree that are not stored yet, in parts for `add_positions`.

    Read from the tree's sealed leaves, so a stop between two parts loses none. May be called from any thread.
    """
    with core.database.reading() as connection:
        newest = stamps.last(connection)
        row = None if newest is None else stamps.tree(connection, newest.n)
        values = [] if row is None else [leaf.value for leaf in _leaves_of(core, row)]
        missing = set(stamps.not_stamped(connection, values))
    rows = [Stamped(value, row.n, at) for at, value in enumerate(values) if value in missing] if row else []
    return [rows[at : at + POSITIONS_BATCH] for at in range(0, len(rows), POSITIONS_BATCH)]


def add_positions(core: Core, rows: list[Stamped]) -> None:
    """Store one part of `unstored`."""
    with core.transaction() as connection:
        stamps.add_positions(connection, rows)


def _about(root: bytes) -> str:
    return f"stamp {root.hex()}"


def stamps_of(core: Core, connection: Connection, values: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the time stamps of these values, each with its path in the tree, as parts of an evidence file.

    The tree's sealed leaves decide where a value stands in it; a row that says something else is left out, and so is
    a tree that is not as this gateway wrote it.
    """
    of_tree: dict[int, list[tuple[int, bytes]]] = {}
    for value, (n, position) in stamps.positions(connection, set(values)).items():
        if isinstance(n, int) and isinstance(position, int):
            of_tree.setdefault(n, []).append((position, value))
    for n, positions in sorted(of_tree.items()):
        row = stamps.tree(connection, n)
        leaves = [] if row is None else _leaves_of(core, row)
        if row is None or not leaves:
            continue
        tree = Tree(_ALGORITHM, [leaf.hash for leaf in leaves])
        for at, wanted in positions:
            if not 0 <= at < len(leaves) or leaves[at].value != wanted:
                continue
            what, salt, value = leaves[at]
            yield files.encode(
                Stamp(
                    what, value, salt, _ALGORITHM, at, len(leaves), bytes(row.kid), bytes(row.signature),
                    tree.path(at), bytes(row.token),
                )
            )  # fmt: skip


def _leaves_of(core: Core, row: Row[Any]) -> list[Leaf]:
    """Return the leaves of a stored tree; empty if they cannot be opened."""
    try:
        return _leaves(core.vault.open(blob(row.leaves), blob(row.leaves_key), _about(blob(row.root))))
    except (Fault, TypeError, ValueError):
        return []


def _leaves(blob: bytes) -> list[Leaf]:
    split = 1 + SALT
    parts = (blob[at : at + _LEAF] for at in range(0, len(blob), _LEAF))
    return [Leaf(part[0], part[1:split], part[split:]) for part in parts]
