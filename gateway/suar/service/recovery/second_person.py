"""Who may be the second of two persons: by a token of their own, a person's, claimed, in force, of the scope approve or
admin, with its row as the gateway wrote it.

If there is no such token, one person is enough, unless one ended within DEMAND_DAYS because somebody revoked it, or
suspended its person, or took the role away: who can do that alone would otherwise end the rule of two persons alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import is_equal
from suar.service.access.standing import Standing, token_of
from suar.service.access.tokens import Rows, TokenRow, hash_of
from suar.store import tables as t

SECOND: Final = (
    "have a second person show a token of their own, of the scope approve or admin, claimed: --second-token-file"
)
DEMAND_DAYS: Final = 30
"""Days for which a store that had a second person still demands one."""
_MAY: Final = frozenset({"approve", "admin"})
_a: Final = t.audit


class Party(NamedTuple):
    """The tokens of a store that may agree, and those that may not any more: by name when they ended (ms), 0 for those
    that expired.
    """

    able: Rows
    ended: Mapping[str, int]

    @property
    def last_end(self) -> int:
        """When somebody last ended one (ms); 0: never."""
        return max(self.ended.values(), default=0)


def party(connection: Connection, macs: Any, now: int) -> Party:
    """The party of a store as for a call of the API, by rows that the gateway wrote; `macs` is open, `now` in ms."""
    tokens = (token_of(row) for row in connection.execute(select(t.token)) if macs.has_its_mac("token", row))
    people = [row for row in connection.execute(select(t.person)) if macs.has_its_mac(str(t.person.name), row)]
    judged = [row for row in Standing(tokens, people, now).tokens if row.is_person and row.claimed_at is not None]
    able = [row for row in judged if _is_able(row, now)]
    names = {row.name for row in able}
    ended = [row for row in judged if row.name not in names and not _MAY.isdisjoint(row.scopes)]
    changes = _changes(connection, {row.user for row in ended if row.user is not None})
    return Party(able, {row.name: _ended_at(row, changes, now) for row in ended})


def agreed(parties: Sequence[Party], token: str | None, now: int) -> str | None:
    """The name of the second person's token, which may agree by one of the stores and ended in none.

    Raises Fault when it is none, or when there is a second person, or was one within DEMAND_DAYS, and none was shown.
    """
    ended = {name for each in parties for name in each.ended}
    able = [row for each in parties for row in each.able if row.name not in ended]
    if token is not None:
        digest = hash_of(token)
        found = next((str(row.name) for row in able if is_equal(bytes(row.hash), digest)), None)
        if found is None:
            raise Fault("the second person's token is none that may agree", SECOND)
        return found
    if able:
        raise Fault("a second person has to agree", SECOND)
    last = max((each.last_end for each in parties), default=0)
    until = last + DEMAND_DAYS * limits.DAY
    if last and now < until:
        hint = f"{SECOND}; until {instant(until)} one person is not enough: keys/playbooks/RECOVERY.md says what to do"
        raise Fault(f"a second person has to agree: the last one's access was ended at {instant(last)}", hint)
    return None


def _is_able(row: TokenRow, now: int) -> bool:
    return row.is_in_force(now) and not _MAY.isdisjoint(row.info.scopes.intersection(row.scopes))


def _ended_at(row: TokenRow, changes: Mapping[str, int], now: int) -> int:
    """When somebody ended it (ms); 0 where its time was over."""
    if row.revoked_at is not None:
        return row.revoked_at if row.revoked_at < row.expires_at else 0
    return changes.get(row.user or "", 0) if now < row.expires_at else 0


def _changes(connection: Connection, people: set[str]) -> dict[str, int]:
    """When the access of each of these people was last changed (ms)."""
    acts = _a.c.what.startswith("person-")
    found = dict[str, int]()
    for id_ in people:
        is_about = (_a.c.about == id_) | _a.c.about.startswith(f"{id_} ", autoescape=True)
        at = connection.execute(select(func.max(_a.c.at)).where(acts, is_about)).scalar()
        found[id_] = int(at or 0)
    return found
