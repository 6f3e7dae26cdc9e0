"""How a store in PostgreSQL stands: its lease, the gateways that wait for it, the replicas of the database."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from suar.store.engine.backends.lease import KEPT, UNREADY, leading_of, waiting
from suar.store.engine.backends.server_checks import missing_roles

_REPLICAS: Final = text(
    "SELECT count(*) AS every, count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) AS synchronous"
    " FROM pg_stat_replication WHERE state = 'streaming'"
)


class Standing(NamedTuple):
    """`standbys`, `unready`: hosts of gateways that would lead, and that could not. `synchronous`: those of the
    replicas for which a commit waits. `missing_roles`: of the database, that this gateway's role lacks."""

    term: int
    standbys: list[str]
    unready: list[str]
    replicas: int
    synchronous: int
    missing_roles: list[str]


def standing(connection: Connection) -> Standing:
    """As it is in the view of that connection."""
    leading, replicas = leading_of(connection.execute(text(KEPT)).scalar()), connection.execute(_REPLICAS).one()
    return Standing(
        term=leading.term if leading else 0,
        standbys=waiting(connection),
        unready=waiting(connection, UNREADY),
        replicas=replicas.every,
        synchronous=replicas.synchronous,
        missing_roles=missing_roles(connection),
    )
