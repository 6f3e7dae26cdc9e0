"""The file by which the second gateway of a pair gets the keyring and the settings of the first.

It is sealed under the passphrase of the keyring, so the passphrase goes another way. Both gateways use one store in
PostgreSQL: with a store of its own the second one would be a second gateway of one member, whatever it knows.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from suar.files import atomic_write, private_folder, read
from suar.protocol.base.errors import Fault
from suar.service.settings import config, sealed
from suar.service.settings.keyring import Keyring
from suar.service.settings.state import KEYRING, locked
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor

PURPOSE: Final = "pair"
FILE_MAX: Final = 1024 * 1024  # bytes: a keyring has some hundred, settings some thousand
_WHAT: Final = "the file of the pair"


class PairContent(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The sealed content; only ever between the functions of this file."""

    magic: Literal["suar-pair/1"]
    keyring: bytes  # STATE/keyring.suar, sealed as it is
    settings: bytes  # STATE/suar.toml
    anchor: bytes | None = None  # STATE/anchor.suar: from then on an older store shows there too

    def __repr__(self) -> str:
        return "PairContent(...)"


_decode: Final = msgspec.msgpack.Decoder(PairContent).decode


class Imported(msgspec.Struct, frozen=True):
    """What an import did."""

    member: str
    identities: int
    is_changed: bool  # whether the keyring is another than before
    has_own_settings: bool  # the settings of the folder were left as they were


def export_file(state: Path, passphrase: bytes, target: Path, environ: Mapping[str, str]) -> str:
    """Write the file for the second gateway; the member. The gateway may be running. Raises Fault for a file store."""
    if not config.load(state, environ).store.url.startswith("postgresql"):
        raise Fault(
            f"the store of {state} is a file of this machine, and a pair shares a store",
            "a gateway moves to another machine by `suar backup` and `suar restore`: never run two",
        )
    keyring = Keyring.open(state / KEYRING, passphrase)
    anchor = Anchor(state, AccountSeal(keyring.store_key))
    content = PairContent(
        "suar-pair/1", read(keyring.path, "the keyring"), read(state / config.CONFIG, "the settings"),
        anchor.path.read_bytes() if anchor.read() is not None else None,
    )  # fmt: skip
    seal = sealed.Seal.new(PURPOSE, passphrase, keyring.cost)
    atomic_write(target, seal.close(msgspec.msgpack.encode(content)), replace=False)
    return keyring.member


def import_file(file: Path, state: Path, passphrase: bytes) -> Imported:
    """Create the folder of the second gateway, or update its keyring; no gateway may run on it.

    Existing settings remain. Raises Fault for another member's keyring, and for one without keys of ours.
    """
    content = _opened(file, passphrase)
    private_folder(state)
    with locked(state):
        before = Keyring.open(state / KEYRING, passphrase) if (state / KEYRING).exists() else None
        keyring = _checked(content.keyring, state, passphrase, before)
        has_settings = (state / config.CONFIG).exists()
        if not has_settings:
            atomic_write(state / config.CONFIG, content.settings)
        is_changed = before is None or before.pair_hashes() != keyring.pair_hashes()
        if is_changed:
            atomic_write(state / KEYRING, content.keyring)
        _adopt_anchor(content.anchor, state, keyring)
    return Imported(keyring.member, len(keyring.identities), is_changed, has_settings)


def _opened(file: Path, passphrase: bytes) -> PairContent:
    with contextlib.suppress(OSError):  # reported when it is read
        if file.stat().st_size > FILE_MAX:
            raise Fault(f"{file} is larger than {FILE_MAX} bytes", "name a file of `suar pair export`")
    _, content = sealed.open_file(_decode, PURPOSE, passphrase, file, _WHAT)
    return content


def _adopt_anchor(data: bytes | None, state: Path, keyring: Keyring) -> None:
    """Have the anchor of the file, unless the folder has a newer one."""
    if data is None:
        return
    anchor = Anchor(state, AccountSeal(keyring.store_key))
    theirs, ours = anchor.opened(data), anchor.read()
    if ours is None or ours.generation < theirs.generation:
        atomic_write(anchor.path, data)


def _checked(data: bytes, state: Path, passphrase: bytes, before: Keyring | None) -> Keyring:
    """Return the keyring in `data`, which may replace the earlier one."""
    keyring = Keyring.of(data, state / KEYRING, passphrase)
    if before is not None and before.member != keyring.member:
        raise Fault(f"the keyring in {state} is {before.member}'s, the file has {keyring.member}'s", _OTHER)
    if before is not None and before.pair_hashes()[-1] not in keyring.pair_hashes():
        raise Fault(f"the keyring in {state} has keys that the file lacks", _NEWER)
    return keyring


_OTHER: Final = "name the state folder of that member with --state"
_NEWER: Final = "export from the gateway whose keyring is the newer one: `suar keys show` lists its keys"
