"""PLAN.toml: where the federation's NATS servers are, and which public nkeys they know.

It contains no secret. The hub's operator keeps the whole file; a member needs `[hub]` and its own `[[members]]` entry.
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from suar import toml_file
from suar.bus import streams
from suar.bus.ingest import MIB, region_bytes
from suar.files import PUBLIC, atomic_write, read_bounded
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import LETTERS, ONLY_HUB, HubLink
from suar.protocol.base.wire import built

Nkey = Annotated[str, Meta(pattern="^U[A-Z2-7]{55}$")]
Code = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")]
Address = Annotated[str, Meta(pattern=r"^\S+:(-1|[0-9]{1,5})$")]
"""`host:port`; port -1 lets the system choose (with `ports_dir`, to learn which)."""
Host = Annotated[str, Meta(pattern=r"^([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])?$")]
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


class Cluster(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How one server of a hub and the hub's others reach each other.

    Each machine's plan has its own `[hub]`. `tls`: of an authority that signs no link, else a member could be one of
    them; each certificate is for servers and clients.
    """

    listen: Address
    routes: Annotated[tuple[Address, ...], Meta(min_length=1)]
    tls: Tls


class Hub(Server, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The hub. `leaf` is where it listens for members, `leaf_urls` the addresses for members (the same if empty)."""

    name: Name = "hub"
    line: Literal["", "a", "b"] = ""
    """Of two hubs: which one this is. Names at the members end with it."""

    state: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""
    """Of two hubs: the state in which this one is located; the two are in different states."""

    leaf: Address
    leaf_urls: tuple[Address, ...] = ()
    ingest_mb: Annotated[int, Meta(ge=1, le=65536)] = 640
    """The most that the hub accepts from one member in 30 days, in MiB; more waits in the member's OUTBOX."""
    members_max: Annotated[int, Meta(ge=1, le=200)] = 16
    """The number of members for which REGION and every INBOX have space: `ingest_mb` of each, and an eighth."""

    outbox_mb: Annotated[int, Meta(ge=1, le=65536)] = streams.OUTBOX_BYTES // MIB
    """What the OUTBOX of each member holds, in MiB; `ingest_mb` is a quarter more, for what the hub adds."""

    cluster: Cluster | None = None
    """Of a hub of several servers: how this one reaches the others."""

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
    """One national server. A `suspended` member keeps its account at the hub, without users.

    `client_tls`: a server on a machine of its own; its users connect by TLS. The authority is at the same path on each
    machine that connects. `monitor_host`: where its monitor listens then, loopback if empty.
    """

    code: Code
    link: Nkey
    gateway: Nkey
    watch: Nkey
    status: Literal["active", "suspended"] = "active"
    feed_admin: Nkey | None = None
    feed: Nkey | None = None
    agencies: tuple[Agency, ...] = ()
    monitor_host: Host = ""
    client_tls: Tls | None = None

    @property
    def url(self) -> str:
        """The address to which clients connect."""
        return self.client_url or f"{'tls' if self.client_tls else 'nats'}://{self.client}"

    @property
    def monitor_url(self) -> str:
        """Where readers on other machines find the monitor, by the name that clients dial; empty on loopback."""
        host = (urlsplit(self.url).netloc.rpartition(":")[0]) if self.monitor_host else ""
        return f"https://{host}:{self.monitor_port}" if host else ""

    @property
    def low(self) -> str:
        """The member code in lower case."""
        return self.code.lower()


class Plan(Struct, frozen=True, kw_only=True):
    """The federation as its hub's operator plans it: from the side of `hub`.

    `hubs` has both where there are two, and is empty where there is one.
    """

    hub: Hub
    hubs: tuple[Hub, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def every_hub(self) -> tuple[Hub, ...]:
        """The one hub, or both."""
        return self.hubs or (self.hub,)

    @property
    def link(self) -> HubLink:
        """The names of the link to `hub`."""
        return HubLink(self.hub.line)

    @property
    def links(self) -> tuple[HubLink, ...]:
        """The names of every link of a member."""
        return tuple(HubLink(hub.line) for hub in self.every_hub)

    def at(self, link: HubLink) -> "Plan":
        """Return the plan from the side of the hub of this link. Raises Fault if it has none."""
        for hub in self.every_hub:
            if hub.line == link.name:
                return msgspec.structs.replace(self, hub=hub)
        if link == ONLY_HUB:
            raise Fault("the plan has two hubs", "name one: --line a or --line b")
        raise Fault(f"the plan has no hub {link.name}", "it has one [hub]: leave --line out")

    def with_hub(self, changed: Hub) -> "Plan":
        """Return the plan with this hub instead of the one of the same link."""
        hubs = tuple(changed if hub.line == changed.line else hub for hub in self.hubs)
        return msgspec.structs.replace(self, hub=changed if self.hub.line == changed.line else self.hub, hubs=hubs)

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


class _File(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The tables of PLAN.toml."""

    hub: Hub | None = None
    hubs: tuple[Hub, ...] = ()
    members: tuple[Member, ...] = ()


built(_File)


def load(path: Path) -> Plan:
    """Read a plan. Raises Fault that names file, key, what was found and what is allowed."""
    try:
        data = read_bounded(path)
    except OSError as error:
        raise Fault(
            f"{path}: {(error.strerror or str(error)).lower()}", "name the plan with --plan PLAN.toml"
        ) from error
    tables = toml_file.parse(data, str(path), "correct the file at that line")
    file = toml_file.fill(_File, tables, str(path), "correct that key; deploy/nats/PLAN.toml is an example")
    plan = Plan(hub=_check_hubs(path, file), hubs=file.hubs, members=file.members)
    _check_unique(path, plan)
    _check_servers(path, plan)
    _check_clusters(path, plan)
    return plan


def _check_clusters(path: Path, plan: Plan) -> None:
    """Refuse a cluster whose routes a member's certificate opens."""
    for hub in plan.every_hub:
        if hub.cluster is not None and hub.cluster.tls.ca_file == hub.tls.ca_file:
            raise Fault(
                f"{path}: [hub.cluster.tls] names the authority of the links, so a member could join the cluster",
                "use an authority of the hub's own for the servers of its cluster",
            )


def _check_servers(path: Path, plan: Plan) -> None:
    """Refuse a monitor that other machines reach without TLS (it has no login), and a member of several servers."""
    for member in plan.members:
        if member.replicas != 1:
            raise Fault(
                f"{path}: members {member.code}: replicas = {member.replicas}, but a national server is one server",
                "set replicas = 1; only a hub may be three servers (docs/adr/0082)",
            )
        if member.monitor_host and member.client_tls is None:
            raise Fault(
                f"{path}: members {member.code}: monitor_host without [members.client_tls]",
                "leave monitor_host out (loopback), or name the files of [members.client_tls]",
            )


def dump(plan: Plan) -> str:
    """Return the plan as TOML; `load` reads it back to an equal plan."""
    built = msgspec.to_builtins(plan)
    lines = ["# The NATS plan of the federation: addresses, files, public nkeys; no secrets"]
    if plan.hubs:
        lines += [line for hub in built["hubs"] for line in ("[[hubs]]", *_table(hub, "hubs"), "")][:-1]
    else:
        lines += ["[hub]", *_table(built["hub"], "hub")]
    for member in built["members"]:
        lines += ["", "[[members]]", *_table(member, "members")]
    return "\n".join(lines) + "\n"


def entry_text(member: Member) -> str:
    """Return the member's `[[members]]` entry as TOML."""
    return "\n".join(["[[members]]", *_table(msgspec.to_builtins(member), "members")]) + "\n"


AGENCY_RELOAD: Final = (
    "suar federation nats --member CC --plan PLAN.toml -o /etc/nats",
    "nats-server --signal reload && sleep 1 && nats-server --signal reload",
)
"""What the operator of a member's server runs once an agency's element is in the plan; the first reload makes no
imports."""


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
    plain = [
        f"{key} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict) and _is_set(value)
    ]
    inner = [(key, value) for key, value in table.items() if isinstance(value, dict)]
    return plain + [line for key, value in inner for line in (f"[{name}.{key}]", *_table(value, f"{name}.{key}"))]


def _is_set(value: object) -> bool:
    return value is not None and value not in ("", [], ())


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    # JSON's strings and integers are TOML's too
    return msgspec.json.encode(value).decode()


def _check_hubs(path: Path, file: _File) -> Hub:
    """Return the one hub or the first of two, which are distinguished by line, and are in different states."""
    if file.hub is not None and not file.hubs and not file.hub.line:
        return file.hub
    hint = "one [hub] without line, or two [[hubs]] with line and state; deploy/nats/PLAN.toml is an example of one"
    if file.hub is not None or tuple(hub.line for hub in file.hubs) != LETTERS:
        raise Fault(f"{path}: a plan has one [hub], or two [[hubs]] with line a and b", hint)
    first, second = file.hubs
    if "" in (first.state, second.state) or first.state == second.state:
        raise Fault(f"{path}: the two hubs must stand in different states", hint)
    sizes = [(hub.ingest_mb, hub.members_max, hub.outbox_mb) for hub in file.hubs]
    if first.name == second.name or sizes[0] != sizes[1]:
        raise Fault(
            f"{path}: the two hubs need different names, and the same ingest_mb, members_max and outbox_mb", hint
        )
    return first


def _check_unique(path: Path, plan: Plan) -> None:
    """Check that no code, nkey or agency of a member occurs twice: a key in two accounts could log into either."""
    codes = [member.code for member in plan.members]
    keys = [key for hub in plan.every_hub for key in (hub.sys, hub.admin)]
    for each in plan.members:
        home = [each.sys, each.admin, each.gateway, each.watch, each.feed_admin, each.feed]
        keys += [each.link, *filter(None, home), *(agency.nkey for agency in each.agencies)]
    agencies = [(f"agency of {each.code}", [agency.name for agency in each.agencies]) for each in plan.members]
    for what, values in (("member", codes), ("nkey", keys), *agencies):
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise Fault(f"{path}: {what} {min(twice)} stands twice", f"each {what} may stand in one place only")
