"""PLAN.toml: where the federation's NATS servers are, and which public nkeys they know.

It contains no secret. The hub's operator keeps the whole file; a member needs `[hub]` and its own `[[members]]` entry.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from suar import toml_file
from suar.bus import streams
from suar.bus.ingest import MIB, region_bytes
from suar.files import PUBLIC, atomic_write
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import built

Nkey = Annotated[str, Meta(pattern="^U[A-Z2-7]{55}$")]
Code = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")]
Address = Annotated[str, Meta(pattern=r"^\S+:(-1|[0-9]{1,5})$")]
"""`host:port`; port -1 lets the system choose (with `ports_dir`, to learn which)."""
Path_ = Annotated[str, Meta(pattern=r'^[^"\n\\]+$')]


class Tls(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Files of the leaf link: own certificate and key, and the authority of the other side's certificate."""

    cert_file: Path_
    key_file: Path_
    ca_file: Path_


class Server(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The common settings of a hub and a national server."""

    client: Address
    monitor_port: Annotated[int, Meta(ge=-1, le=65535)]
    store_dir: Path_
    tls: Tls
    sys: Nkey
    admin: Nkey
    config_file: Path_ = ""
    """Where the operator keeps the rendered file that the running server reads; needed to join and suspend."""
    pid_file: Path_ = ""
    ports_dir: Path_ = ""
    log_file: Path_ = ""
    sync_interval: Annotated[str, Meta(pattern="^(always|[0-9]+(ms|s|m))$")] = "always"
    replicas: Literal[1, 3] = 1
    client_url: str = ""
    """The address for clients if it differs from `client` (a proxy, a port chosen by the system)."""

    @property
    def url(self) -> str:
        """The address to which clients connect."""
        return self.client_url or f"nats://{self.client}"


class Hub(Server, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The hub. `leaf` is where it listens for members, `leaf_urls` the addresses for members (the same if empty)."""

    name: Name = "hub"
    leaf: Address
    leaf_urls: tuple[Address, ...] = ()
    ingest_mb: Annotated[int, Meta(ge=1, le=65536)] = 640
    """The most that the hub accepts from one member in 30 days, in MiB; more waits in the member's OUTBOX."""
    members_max: Annotated[int, Meta(ge=1, le=200)] = 16
    """The number of members for which REGION and every INBOX have space: `ingest_mb` of each, and an eighth."""

    outbox_mb: Annotated[int, Meta(ge=1, le=65536)] = streams.OUTBOX_BYTES // MIB
    """What the OUTBOX of each member holds, in MiB; `ingest_mb` is a quarter more, for what the hub adds."""

    @property
    def outbox_bytes(self) -> int:
        """The size of a member's OUTBOX in bytes."""
        return self.outbox_mb * MIB

    @property
    def ingest_bytes(self) -> int:
        """The most bytes of one member's IN."""
        return self.ingest_mb * MIB

    @property
    def stream_bytes(self) -> int:
        """The bytes of REGION, and of an INBOX."""
        return region_bytes(self.members_max, self.ingest_bytes)


class Agency(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A national agency that reads its own durable consumer of the feed."""

    name: Name
    nkey: Nkey


class Member(Server, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One national server. A `suspended` member keeps its account at the hub, without users."""

    code: Code
    link: Nkey
    gateway: Nkey
    watch: Nkey
    status: Literal["active", "suspended"] = "active"
    feed_admin: Nkey | None = None
    feed: Nkey | None = None
    agencies: tuple[Agency, ...] = ()

    @property
    def low(self) -> str:
        """The member code in lower case."""
        return self.code.lower()


class Plan(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The federation as its hub's operator plans it."""

    hub: Hub
    members: tuple[Member, ...] = ()

    def member(self, code: str) -> Member:
        """Return the member's entry. Raises Fault that names the existing ones."""
        for member in self.members:
            if member.code == code.upper():
                return member
        known = ", ".join(member.code for member in self.members) or "none"
        raise Fault(f"the plan has no member {code.upper()}: it has {known}", "add its [[members]] entry to the plan")

    def with_member(self, changed: Member) -> "Plan":
        """Return the plan with this entry added, or replacing the one of the same code."""
        if any(member.code == changed.code for member in self.members):
            members = tuple(changed if member.code == changed.code else member for member in self.members)
        else:
            members = (*self.members, changed)
        return msgspec.structs.replace(self, members=members)

    def with_status(self, code: str, status: Literal["active", "suspended"]) -> "Plan":
        """Return the plan with that status of the member."""
        return self.with_member(msgspec.structs.replace(self.member(code), status=status))


built(Plan)


def load(path: Path) -> Plan:
    """Read a plan. Raises Fault that names file, key, what was found and what is allowed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Fault(
            f"{path}: {(error.strerror or str(error)).lower()}", "name the plan with --plan PLAN.toml"
        ) from error
    tables = toml_file.parse(data, str(path), "correct the file at that line")
    plan = toml_file.fill(Plan, tables, str(path), "correct that key; deploy/nats/PLAN.toml is an example")
    _check_unique(path, plan)
    return plan


def dump(plan: Plan) -> str:
    """Return the plan as TOML; `load` reads it back to an equal plan."""
    built = msgspec.to_builtins(plan)
    lines = ["# The NATS plan of the federation: addresses, files, public nkeys; no secrets", "[hub]"]
    lines += _table(built["hub"], "hub")
    for member in built["members"]:
        lines += ["", "[[members]]", *_table(member, "members")]
    return "\n".join(lines) + "\n"


def entry_text(member: Member) -> str:
    """Return the member's `[[members]]` entry as TOML."""
    return "\n".join(["[[members]]", *_table(msgspec.to_builtins(member), "members")]) + "\n"


def agency_text(name: str, nkey: str) -> str:
    """Return an agency's element of `agencies` in its member's entry, as TOML."""
    return _value({"name": name, "nkey": nkey})


def save(plan: Plan, path: Path) -> None:
    """Write the plan in one step, so that a reader finds the old or the new file."""
    atomic_write(path, dump(plan).encode(), PUBLIC)


def set_status(path: Path, code: str, status: Literal["active", "suspended"]) -> None:
    """Change only one member's `status` in the file; an operator's comments stay."""
    import tomlkit  # only for the command that edits

    document = tomlkit.parse(path.read_text("utf-8"))
    for member in document.get("members", ()):
        if member.get("code") == code:
            member["status"] = status
            atomic_write(path, tomlkit.dumps(document).encode(), PUBLIC)
            return
    raise Fault(f"{path}: no member with the code {code}", f'set status = "{status}" in its entry by hand')


def _table(table: dict[str, Any], name: str) -> list[str]:
    plain = [f"{key} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict) and _set(value)]
    inner = [(key, value) for key, value in table.items() if isinstance(value, dict)]
    return plain + [line for key, value in inner for line in (f"[{name}.{key}]", *_table(value, f"{name}.{key}"))]


def _set(value: object) -> bool:
    return value is not None and value not in ("", [], ())


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    # JSON's strings and integers are TOML's too
    return msgspec.json.encode(value).decode()


def _check_unique(path: Path, plan: Plan) -> None:
    """Check that no code, nkey or agency of a member occurs twice: a key in two accounts could log into either."""
    codes = [member.code for member in plan.members]
    keys = [plan.hub.sys, plan.hub.admin]
    for each in plan.members:
        home = [each.sys, each.admin, each.gateway, each.watch, each.feed_admin, each.feed]
        keys += [each.link, *filter(None, home), *(agency.nkey for agency in each.agencies)]
    agencies = [(f"agency of {each.code}", [agency.name for agency in each.agencies]) for each in plan.members]
    for what, values in (("member", codes), ("nkey", keys), *agencies):
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise Fault(f"{path}: {what} {min(twice)} stands twice", f"each {what} may stand in one place only")
