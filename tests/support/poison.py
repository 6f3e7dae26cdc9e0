"""Objects of which the store refuses a value, and text that some store refuses."""

from suar.service.receive import inbound, poison
from suar.service.receive.batch import Arrival, Effect
from suar.store.faults import may_be_of_object
from support import stores
from support.corekit import CoreKit, rows

HOSTILE = ("\x00", "a\x00b", "\x1b[2J", "\x7f", "\x85", "\u2028", "\ud800", "\udfff", "\ufffe")
_SQLITE = (
    "create temp trigger no_{table} before insert on main.{table} when {when} begin select raise(abort, 'no'); end",
)
_POSTGRESQL = (
    "create function no_{table}() returns trigger language plpgsql as "
    "$$ begin raise exception using errcode = 'integrity_constraint_violation'; end $$",
    "create trigger no_{table} before insert on {table} for each row when ({when}) execute function no_{table}()",
)


def refuse(kit: CoreKit, table: str, when: str) -> None:
    """The store takes no such row from now on."""
    with kit.core.transaction() as connection:
        for statement in _SQLITE if stores.is_sqlite() else _POSTGRESQL:
            connection.exec_driver_sql(statement.format(table=table, when=when))


def arrivals(*objects: tuple[str, bytes]) -> list[Arrival]:
    return [Arrival(subject, data) for subject, data in objects]


def receive(kit: CoreKit, *objects: tuple[str, bytes]) -> Effect:
    """As the receive loop does."""
    try:
        return kit.aside(inbound.receive_batch, kit.core, arrivals(*objects), 7)
    except Exception as error:
        if not may_be_of_object(error):
            raise
    return kit.aside(poison.receive_separately, kit.core, arrivals(*objects), 7)


def poisoned(kit: CoreKit) -> list[tuple[str, int]]:
    """(member, how often again) of the alarms."""
    return [
        (row.member, row.seen_again) for row in rows(kit, "select member, seen_again from alarm where name = 'poison'")
    ]
