"""Checks of a store in PostgreSQL and of the pair of gateways that share it; ok if the store is a file."""

from typing import Final

from suar.observe.checks.finding import SELF, Check, Found, check, span
from suar.observe.checks.here import RECALL_LATE
from suar.observe.numbers import Numbers

A_FILE: Final = "the store is a file of this machine"
_ROLES_STEP: Final = "have the administrators of the database grant it the roles that are named: `GRANT ROLE TO NAME`"
WITHOUT_TLS: Final = "the connection to the database on another machine is without TLS"
TLS_STEP: Final = "name sslmode=verify-full and sslrootcert in store.url; docs/operators.md"
_REPLICAS_STEP: Final = (
    "have the administrators of the database set synchronous_standby_names, or take it that a lost machine loses some"
)
_STANDBY_STEP: Final = "`suar doctor` at the standby shows why; until it is corrected no gateway takes over"
_RECALL_STEP: Final = (
    "start the replica, name it in store.url, or have its slot dropped where it is away for good; end long readers"
)


@check("store-roles", order=32, step=_ROLES_STEP)
def store_roles(numbers: Numbers, _: int) -> Found:
    """Whether the database role of the gateway has the rights that recalls and a pair need, and its connection TLS."""
    shared = numbers.shared_store
    if shared is None:
        yield "ok", SELF, A_FILE, ""
    elif shared.missing_roles:
        yield (
            "critical",
            SELF,
            f"the role of the gateway in the database does not have {_named(shared.missing_roles)}",
            _ROLES_STEP,
        )
    elif shared.is_plain:
        yield "warning", SELF, WITHOUT_TLS, TLS_STEP
    else:
        yield "ok", SELF, "the role of the gateway in the database has what recalls and a pair need", ""


@check("store-replicas", order=34, step=_REPLICAS_STEP)
def store_replicas(numbers: Numbers, _: int) -> Found:
    """Whether an accepted message survives the loss of the database machine."""
    shared = numbers.shared_store
    if shared is None:
        yield "ok", SELF, A_FILE, ""
    elif shared.synchronous == 0:
        text = f"no synchronous replica of {shared.replicas}: if the database is lost, accepted messages may be lost"
        yield "warning", SELF, text, _REPLICAS_STEP
    else:
        yield (
            "ok",
            SELF,
            f"{shared.synchronous} of {shared.replicas} replicas have each commit before it is answered",
            "",
        )


@check("pair", order=62, step=_STANDBY_STEP)
def pair(numbers: Numbers, _: int) -> Found:
    """Whether the gateways that wait for the lease of the store can lead."""
    shared = numbers.shared_store
    if shared is None:
        yield "ok", SELF, A_FILE, ""
    elif shared.unready:
        yield "warning", SELF, f"the gateway on {_named(shared.unready)} waits and could not lead", _STANDBY_STEP
    elif shared.standbys:
        yield "ok", SELF, f"this gateway leads; on {_named(shared.standbys)} one waits", ""
    else:
        yield "ok", SELF, "this gateway leads; no other one waits", ""


@check("recall-waits", order=292, step=_RECALL_STEP)
def recall_waits(numbers: Numbers, _: int) -> Found:
    """Whether recalled texts are erased from the files of the database and of its replicas."""
    shared, since = numbers.shared_store, numbers.unproved_since
    if shared is None:
        yield "ok", SELF, A_FILE, ""
    elif since is not None and numbers.now - since > RECALL_LATE:
        whom = shared.recall_waits_for or "the database"
        yield "warning", SELF, f"recalls wait since {span(numbers.now - since)} for {whom}", _RECALL_STEP
    else:
        yield "ok", SELF, "no recall waits for the database or a replica", ""


def of_standby(leader: str, reason: str, hint: str) -> Check:
    """Return the only check of a standby gateway. `leader`: the host that leads, "" if it is not known."""
    if reason:
        return Check("pair", "critical", SELF, f"this gateway could not lead: {reason}", hint)
    return Check("pair", "ok", SELF, f"this gateway is the standby of {leader or 'a gateway that has not led yet'}")


def _named(names: list[str]) -> str:
    return ", ".join(names)
