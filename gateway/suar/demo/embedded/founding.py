"""The founding of the demo's federation: temporary keys, and the same ceremony as for a real one.

Three key holders, each with a sealed root key; a state folder and a request for each member; a draft, two separate
signatures, merged and verified. All files stay in the folder and can be shown with `suar federation show`.
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
from suar.protocol.base.codelists import labels
from suar.protocol.base.primitives import Secret
from suar.protocol.trust import trustlist
from suar.service.settings import root_key, sealed, state
from suar.service.settings.keyring import NKEYS, Keyring

NAMES: Final = {
    code: labels("member")[code] for code in ("TH", "SG", "VN", "MM", "KH", "LA", "ID", "MY", "PH", "BN", "TL")
}
"""The members, in the order in which a smaller demo uses them."""
FEDERATION: Final = "asean-demo"
HOLDERS: Final = ("first", "second", "third")
SIGNERS: Final = 2
DAYS: Final = 180
COST: Final = sealed.FLOOR  # for temporary keys: eleven members take a second


@dataclass(frozen=True)
class Founded:
    """The ceremony's results: list 1, its pin (the hash that members compare), and each member's keys of NATS users."""

    folder: Path
    list_file: Path
    pin: bytes
    keys: dict[str, MemberKeys]

    def state(self, code: str) -> Path:
        """Return the member's state folder."""
        return self.folder / code.lower()

    def root(self, holder: str) -> Path:
        """Return the sealed root key of one of `HOLDERS`."""
        return self.folder / "roots" / f"{holder}.root"


async def found(folder: Path, codes: Sequence[str], passphrase: Secret, now: int) -> Founded:
    """Make all keys (sealed with `passphrase`) and the list, signed by two of three root keys. `now` in ms."""
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
    """Return a member's keys of NATS users from its keyring, and its server's from nats.env."""
    keyring = Keyring.open(folder / state.KEYRING, passphrase)
    environ = dict(line.split("=", 1) for line in (folder / state.NATS_ENVIRONMENT).read_text().splitlines())
    return MemberKeys({role: bytes(keyring.nkey_seed(role)) for role in NKEYS}, environ["JS_KEY"])


def _ceremony(
    made: Founded, roots: Sequence[trustlist.Root], requests: Sequence[Request], passphrase: Secret, now: int
) -> bytes:
    """Run found, sign (each separately), merge and verify; returns the pin."""
    members = [ceremony.member_of(request, Rights()) for request in requests]
    content = ceremony.found_federation(FEDERATION, roots, SIGNERS, members, now, DAYS)
    signed = sign_with(made, ceremony.draft(content), HOLDERS[:SIGNERS], passphrase, "1")
    ceremony.verify([signed], now, pin=trustlist.parse(signed).hash)
    atomic_write(made.list_file, signed, PUBLIC)
    return trustlist.parse(signed).hash


def sign_with(made: Founded, draft: bytes, holders: Sequence[str], passphrase: Secret, name: str) -> bytes:
    """Return the draft signed by each of `holders` separately, and merged; the files are kept under `name`."""
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
