"""The founding of the demo's federation: throw-away keys, and the very ceremony that a real one goes through.

Three key holders each with a sealed root key, a state folder and a request for each member; a draft, two signatures
made apart, merged and verified. Everything stays in the folder as files, to be looked at with `suar federation show`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from suar.demo.embedded.prepared import MemberKeys
from suar.federation import ceremony
from suar.federation.ceremony import Rights
from suar.federation.request import Request
from suar.files import PUBLIC, atomic_write, private_folder
from suar.protocol.base.primitives import Secret
from suar.protocol.trust import trustlist
from suar.service.settings import root_key, sealed, state
from suar.service.settings.keyring import NKEYS, Keyring

NAMES: Final = {
    "TH": "Thailand", "SG": "Singapore", "VN": "Viet Nam", "MM": "Myanmar", "KH": "Cambodia", "LA": "Lao PDR",
    "ID": "Indonesia", "MY": "Malaysia", "PH": "Philippines", "BN": "Brunei Darussalam", "TL": "Timor-Leste",
}  # fmt: skip
"""The members, in the order in which a smaller demo takes them."""
FEDERATION: Final = "asean-demo"
HOLDERS: Final = ("first", "second", "third")
SIGNERS: Final = 2
DAYS: Final = 180
COST: Final = sealed.FLOOR  # throw-away keys: eleven members in a second


@dataclass(frozen=True)
class Founded:
    """What the ceremony made: list 1, its pin (the hash that members compare), the NATS users' keys of each member."""

    folder: Path
    list_file: Path
    pin: bytes
    keys: dict[str, MemberKeys]

    def state(self, code: str) -> Path:
        """The member's state folder."""
        return self.folder / code.lower()

    def root(self, holder: str) -> Path:
        """The sealed root key of one of `HOLDERS`."""
        return self.folder / "roots" / f"{holder}.root"


async def found(folder: Path, codes: Sequence[str], passphrase: Secret, now: int) -> Founded:
    """Make all keys (sealed with `passphrase`) and the list that two of three root keys signed. `now` in ms."""
    made = Founded(folder, folder / "trust" / "1.list", b"", {})
    private_folder(folder / "roots")
    private_folder(folder / "trust")
    publics = [asyncio.to_thread(_root, made, holder, passphrase, now) for holder in HOLDERS]
    members = [asyncio.to_thread(_member, made.state(code), code, passphrase, now) for code in codes]
    roots = await asyncio.gather(*publics)
    requests = await asyncio.gather(*members)
    keys = {code: own for code, (_, own) in zip(codes, requests, strict=True)}
    pin = await asyncio.to_thread(_ceremony, made, roots, [request for request, _ in requests], passphrase, now)
    return Founded(folder, made.list_file, pin, keys)


def _root(made: Founded, holder: str, passphrase: Secret, now: int) -> trustlist.Root:
    public = root_key.create(made.root(holder), passphrase, holder=f"demo: {holder} key holder", now=now, cost=COST)
    return ceremony.root_of(public.holder, bytes.fromhex(public.public))


def _member(folder: Path, code: str, passphrase: Secret, now: int) -> tuple[Request, MemberKeys]:
    request = state.create_state(
        folder, passphrase, member=code, name=NAMES[code], federation=FEDERATION, now=now, cost=COST
    )
    return request, keys_of(folder, passphrase)


def keys_of(folder: Path, passphrase: Secret) -> MemberKeys:
    """The NATS users' keys of a member, from its keyring, and its server's, from nats.env."""
    keyring = Keyring.open(folder / state.KEYRING, passphrase)
    environ = dict(line.split("=", 1) for line in (folder / state.NATS_ENVIRONMENT).read_text().splitlines())
    return MemberKeys({role: bytes(keyring.nkey_seed(role)) for role in NKEYS}, environ["JS_KEY"])


def _ceremony(
    made: Founded, roots: Sequence[trustlist.Root], requests: Sequence[Request], passphrase: Secret, now: int
) -> bytes:
    """found, sign (each alone), merge, verify; returns the pin."""
    members = [ceremony.member_of(request, Rights()) for request in requests]
    content = ceremony.found_federation(FEDERATION, roots, SIGNERS, members, now, DAYS)
    signed = sign_with(made, ceremony.draft(content), HOLDERS[:SIGNERS], passphrase, "1")
    ceremony.verify([signed], now, pin=trustlist.parse(signed).hash)
    atomic_write(made.list_file, signed, PUBLIC)
    return trustlist.parse(signed).hash


def sign_with(made: Founded, draft: bytes, holders: Sequence[str], passphrase: Secret, name: str) -> bytes:
    """The draft, signed by each of `holders` on their own, and merged; the files are kept under `name`."""
    folder = made.list_file.parent
    atomic_write(folder / f"{name}.draft", draft, PUBLIC)
    first = ceremony.parse(draft, "the draft")
    content = ceremony.content_of(first, "the draft")
    signatures = []
    for holder in holders:
        _, seed = root_key.open_root(made.root(holder), passphrase)
        data = ceremony.sign(first, content, seed, None)
        atomic_write(folder / f"{name}.{holder}.sig", data, PUBLIC)
        signatures.append((holder, ceremony.parse(data, holder)))
    merged = ceremony.merge(first, signatures, None)
    return trustlist.assemble(merged.raw, merged.signatures)
