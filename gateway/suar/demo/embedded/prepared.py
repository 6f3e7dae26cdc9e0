"""Prepares a federation of NATS servers on 127.0.0.1 before the first is started: keys, certificates, its plan.

Ports are not chosen here; the system chooses them at the first start (servers.py).
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import nkeys

from suar.federation.nats_users import new_js_key, new_nkey
from suar.federation.plan import Agency, Hub, Member, Plan, Tls
from suar.protocol.base.link_names import LETTERS, ONE_HUB, ONLY_HUB, TWO_HUBS, HubLink

HUB = "hub"
STATES = ("SG", "TH")
"""The states in which the two hubs of a demo are located."""

ROLES = ("link", "sys", "admin", "gateway", "watch", "feed_admin", "feed")

Seeds = dict[tuple[str, str], bytes]
"""(member code or "hub", role) -> seed of the NATS user."""


class Authority:
    """One certificate authority for the leaf links (`trustme`, of the extra `embedded`)."""

    def __init__(self, folder: Path) -> None:
        import trustme

        self._folder = folder
        self._authority = trustme.CA()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "leaf-ca.pem"
        self._authority.cert_pem.write_to_path(self._file)

    def issue(self, name: str) -> Tls:
        """Return a certificate for 127.0.0.1; its key is in a file of mode 0600."""
        leaf = self._authority.issue_cert("127.0.0.1", "localhost", common_name=name)
        cert, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(leaf.private_key_pem.bytes())
        cert.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        return Tls(cert_file=str(cert), key_file=str(key), ca_file=str(self._file))


def embedded_hub(
    folder: Path, tls: Tls, *, sys: str, admin: str, sync_interval: str = "always", link: HubLink = ONLY_HUB
) -> Hub:
    """Return a hub in `folder`, on ports that the system chooses; of two, that of `link`."""
    state = STATES[LETTERS.index(link.name)] if link.name else ""
    return Hub(
        name=link.entity, line=cast('Literal["", "a", "b"]', link.name), state=state, leaf="127.0.0.1:-1", tls=tls,
        sys=sys, admin=admin, sync_interval=sync_interval, **_places(folder, link.entity),
    )  # fmt: skip


def embedded_member(
    folder: Path,
    code: str,
    tls: Tls,
    public: Mapping[str, str],
    *,
    agencies: tuple[Agency, ...] = (),
    sync_interval: str = "always",
) -> Member:
    """Return a national server in `folder`; `public` maps each of `ROLES` (the feed's two are optional) to a public
    nkey.
    """
    return Member(
        code=code,
        tls=tls,
        agencies=agencies,
        sync_interval=sync_interval,
        **_places(folder, code.lower()),
        **_known(public),
    )


def _known(public: Mapping[str, str]) -> dict[str, Any]:
    return {role: public[role] for role in ROLES if role in public}


def _places(folder: Path, name: str) -> dict[str, Any]:
    return {
        "client": "127.0.0.1:-1",
        "monitor_port": -1,
        "store_dir": str(folder / name / "jetstream"),
        "config_file": str(folder / f"{name}.conf"),
        "pid_file": str(folder / name / "pid"),
        "ports_dir": str(folder / name),
        "log_file": str(folder / name / "log"),
    }


@dataclass(frozen=True)
class MemberKeys:
    """The NATS users of one member: `seeds` by role, and the key of its server's storage."""

    seeds: Mapping[str, bytes] = field(repr=False)
    js_key: str = field(repr=False)

    @classmethod
    def new(cls) -> "MemberKeys":
        """Return new keys, for servers without gateways."""
        return cls({role: new_nkey()[0] for role in ROLES}, new_js_key())

    @property
    def public(self) -> dict[str, str]:
        """Return the public nkey of each role."""
        return {role: nkeys.from_seed(bytearray(seed)).public_key.decode() for role, seed in self.seeds.items()}

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of the member's server, as in STATE/nats.env."""
        return {"JS_KEY": self.js_key, "LINK_SEED": self.seeds["link"].decode()}


@dataclass(frozen=True)
class Prepared:
    """Everything that a federation of servers needs, before the first is started."""

    folder: Path
    plan: Plan
    seeds: Seeds = field(repr=False)
    environs: dict[str, dict[str, str]] = field(repr=False)
    authority: Authority

    def newcomer(self, code: str, keys: MemberKeys | None = None) -> Member:
        """Return the plan entry of one more member, with new keys and certificate, which are added here."""
        member, seeds, environ = _new_member(self.folder, code, self.authority, self.plan.hub.sync_interval, keys)
        self.seeds.update(seeds)
        self.environs[member.low] = environ
        return member


def prepare(
    folder: Path, codes: Iterable[str], *, sync_interval: str = "always",
    keys: Mapping[str, MemberKeys] | None = None, hubs: int = 1,
) -> Prepared:  # fmt: skip
    """Return certificates for one or two hubs and these members, and new keys for hubs and members without `keys`."""
    authority = Authority(folder / "tls")
    seeds: Seeds = {}
    environs: dict[str, dict[str, str]] = {}
    made, members = [], []
    for link in TWO_HUBS if hubs == len(TWO_HUBS) else ONE_HUB:
        (sys_seed, sys_), (admin_seed, admin) = new_nkey(), new_nkey()
        tls = authority.issue(link.entity)
        made.append(embedded_hub(folder, tls, sys=sys_, admin=admin, sync_interval=sync_interval, link=link))
        seeds |= {(link.entity, "sys"): sys_seed, (link.entity, "admin"): admin_seed}
        environs[link.entity] = {"JS_KEY": new_js_key()}
    for code in codes:
        member, own, environ = _new_member(folder, code, authority, sync_interval, (keys or {}).get(code))
        members.append(member)
        seeds.update(own)
        environs[member.low] = environ
    both = tuple(made) if len(made) > 1 else ()
    return Prepared(folder, Plan(hub=made[0], hubs=both, members=tuple(members)), seeds, environs, authority)


def _new_member(
    folder: Path, code: str, authority: Authority, sync_interval: str, keys: MemberKeys | None = None
) -> tuple[Member, Seeds, dict[str, str]]:
    own = keys or MemberKeys.new()
    member = embedded_member(folder, code, authority.issue(code.lower()), own.public, sync_interval=sync_interval)
    return member, {(code, role): seed for role, seed in own.seeds.items()}, own.environ
