"""STATE/keyring.suar: every long-lived secret of a gateway in one sealed file, and three values that are no secrets.

The secrets: identity keys, the store key, the key of the gate's draws, the seeds of the NATS users. The other values
stand here because whoever writes the database cannot change them: the last signed line of the audit (written with each
signature), the hash of the first trust list (written once), and that the store has an account of its rows (written
once). They may be older than the store, after a crash or in a backup, and are never ahead of it.

Daily KEM seeds are not here: they live in the database, sealed under `store_key`, so that erasing one is an update of
a row and never a rewrite of this file.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec
import nkeys

from suar.files import atomic_write, read, read_keyring
from suar.profiles import Cost
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, Signer, kid, public_of, random_seed
from suar.service.settings.hardware_key import HardwareKey, Module
from suar.service.settings.sealed import Seal, cost_of, open_again, open_data

PURPOSE: Final = "keyring"
NKEYS: Final = ("gateway", "admin", "watch", "link", "sys", "feed_admin", "feed")  # users of deploy/nats, by role


_PERSON_GATE: Final = b"suar/gate/key"
_PERSON_PAIR: Final = b"suar/pair/keys"


class Identity(NamedTuple):
    """An identity key: its name, its seed or where it is in a hardware module, when it was made (ms)."""

    kid: bytes
    key: Secret | HardwareKey
    created: int

    @property
    def public(self) -> bytes:
        """The Ed25519 public key."""
        return self.key.public if isinstance(self.key, HardwareKey) else public_of(self.key)

    def signer(self, module: Module | None) -> Secret | Signer:
        """Return what signs: the seed, or the key in `module`. Raises Fault without the module that has it."""
        if not isinstance(self.key, HardwareKey):
            return self.key
        if module is None:
            raise Fault("the identity key is in a hardware module, and none is named", "name it: [hsm] of suar.toml")
        return module.signer(self.key)

    @classmethod
    def of(cls, stored: bytes, created: int) -> "Identity":
        """Return the key that a keyring has as `stored`."""
        key = HardwareKey.of(stored) or Secret(stored)
        return cls(kid(key.public if isinstance(key, HardwareKey) else public_of(key)), key, created)

    @property
    def seed(self) -> Secret:
        """The seed. Raises Fault for a key in a hardware module, which gives it to nobody."""
        if isinstance(self.key, HardwareKey):
            raise Fault("the identity key is in a hardware module, which never discloses it")
        return self.key

    @property
    def stored(self) -> bytes:
        """What a keyring has of it: the seed, or which key of the module it is."""
        return self.key.stored if isinstance(self.key, HardwareKey) else bytes(self.key)


class KeyringContent(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The sealed content; only ever between two functions of this file."""

    magic: Literal["suar-keyring/1"]
    member: str
    federation: str
    identities: list[tuple[bytes, int]]  # seed, or which key of a hardware module; created; the newest last
    store_key: bytes
    nkeys: dict[str, bytes]
    audit: tuple[int, bytes] | None = None  # number and hash of the last line of the audit that was signed
    gate_key: bytes | None = None  # None in an older file
    pin: bytes | None = None  # hash of the first trust list that was accepted; None before it, and in an older file
    has_account: bool = False  # whether the store has an account of its rows (store/engine/account.py), and an anchor

    def __repr__(self) -> str:
        return "KeyringContent(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("member", self.member)]


_decode: Final = msgspec.msgpack.Decoder(KeyringContent).decode


def _gate_key(content: KeyringContent) -> Secret:
    """Return the key of the gate's draws.

    It never changes. For an older file it is derived from the store key: an older backup that is restored later hides
    by the same key as the state that it replaces.
    """
    if content.gate_key is not None:
        return Secret(content.gate_key)
    return Secret(hashlib.blake2b(digest_size=32, key=content.store_key, person=_PERSON_GATE).digest())


class Keyring:
    """An opened keyring. Changing it changes memory; `save` writes the file."""

    __slots__ = (
        "_has_gate_key", "_nkeys", "_seal", "audit", "federation", "gate_key", "has_account", "identities", "member",
        "path", "pin", "store_key",
    )  # fmt: skip

    def __init__(self, path: Path, seal: Seal, content: KeyringContent) -> None:
        self.path, self._seal = path, seal
        self.member, self.federation = content.member, content.federation
        self.identities = [Identity.of(*each) for each in content.identities]
        self.store_key = Secret(content.store_key)
        self._nkeys = {name: Secret(seed) for name, seed in content.nkeys.items()}
        self.audit = content.audit
        self._has_gate_key = content.gate_key is not None
        self.gate_key = _gate_key(content)
        self.pin = content.pin
        self.has_account = content.has_account

    def __repr__(self) -> str:
        return f"Keyring({self.path}, member {self.member})"

    @classmethod
    def fresh(cls, path: Path, passphrase: bytes, *, member: str, federation: str, now: int, cost: Cost) -> "Keyring":
        """A keyring with new keys, not written yet. `now` in ms."""
        identities = [(bytes(random_seed()), now)]
        seeds = {name: nkeys.encode_seed(bytes(random_seed()), nkeys.PREFIX_BYTE_USER) for name in NKEYS}
        content = KeyringContent(
            "suar-keyring/1", member, federation, identities, random_seed(), seeds, gate_key=random_seed()
        )
        return cls(path, Seal.new(PURPOSE, passphrase, cost), content)

    @classmethod
    def create(cls, path: Path, passphrase: bytes, *, member: str, federation: str, now: int, cost: Cost) -> "Keyring":
        """Write a keyring with new keys to `path`. Raises Fault when the file exists."""
        keyring = cls.fresh(path, passphrase, member=member, federation=federation, now=now, cost=cost)
        keyring.save(replace=False)
        return keyring

    @classmethod
    def open(cls, path: Path, passphrase: bytes) -> "Keyring":
        """The keyring of `path`; Fault for a wrong passphrase, an altered file, a missing one."""
        return cls.of(read_keyring(path), path, passphrase)

    @classmethod
    def of(cls, data: bytes, path: Path, passphrase: bytes) -> "Keyring":
        """The keyring whose file has the bytes `data`, at home in `path`; Fault as `open`."""
        seal, content = open_data(_decode, PURPOSE, passphrase, data, f"the keyring {path}")
        return cls(path, seal, content)

    @property
    def cost(self) -> Cost:
        """What a guess of its passphrase costs."""
        return cost_of(self._seal)

    @property
    def identity(self) -> Identity:
        """Return the newest identity key; the trust list decides which one signs (`find`)."""
        return self.identities[-1]

    def find(self, kid_: bytes) -> Identity | None:
        """The identity key of that name, if it is ours."""
        return next((identity for identity in self.identities if identity.kid == kid_), None)

    def reload_identities(self) -> bool:
        """Load identity keys that a command wrote into the file meanwhile; returns whether there were any.

        The key of the file's encryption is in memory, so no passphrase is needed; a file under another one is not read.
        """
        try:
            plain = open_again(self._seal, read(self.path, "the keyring"))
            content = _decode(plain) if plain is not None else None
        except (Fault, OSError, msgspec.DecodeError):
            return False
        if content is None or content.member != self.member:
            return False
        found = [Identity.of(*each) for each in content.identities]
        fresh = [each for each in found if self.find(each.kid) is None]
        self.identities += fresh
        return bool(fresh)

    def rotate_identity(self, now: int, module: Module | None = None) -> Identity:
        """Add a fresh identity key to the others, which continue to sign until a list revokes or drops them.

        It is made in `module`, if there is one. Raises KeyAway if that does not answer.
        """
        fresh = random_seed() if module is None else module.create(f"suar {self.member}").stored
        self.identities.append(Identity.of(fresh, now))
        return self.identity

    def nkey_seed(self, name: str) -> Secret:
        """The nkey seed ("SU...", ASCII) of one of `NKEYS`."""
        return self._nkeys[name]

    def nkey_public(self, name: str) -> str:
        """The public nkey ("U...") of one of `NKEYS`."""
        public: bytes = nkeys.from_seed(bytearray(self._nkeys[name])).public_key
        return public.decode()

    def pair_hashes(self) -> tuple[str, ...]:
        """Return the digests by which two gateways of a pair compare their keyrings, in hex; they disclose nothing of
        the keys.

        The last one is of the present keyring, the others of its states before each further identity key.
        """
        link = hashlib.blake2b(digest_size=32, key=bytes(self.store_key), person=_PERSON_PAIR)
        seeds = [bytes(self._nkeys[name]) for name in sorted(self._nkeys)]
        link.update(msgspec.msgpack.encode((self.member, self.federation, bytes(self.gate_key), seeds)))
        found = []
        for identity in self.identities:
            link.update(bytes(identity.public))
            found.append(link.hexdigest())
        return tuple(found)

    def save(self, *, replace: bool = True) -> None:
        """Seal the present content over the file; without `replace` a Fault when there is one."""
        with _alone(self.path.parent):
            atomic_write(self.path, self._sealed(), replace=replace)

    def save_audit(self, n: int, digest: bytes) -> bool:
        """Keep which line of the audit was signed last, and nothing else of memory; False when the file is another.

        A command may have added an identity key to the file since it was opened here: that stays.
        """
        self.audit = (n, digest)
        with _alone(self.path.parent):
            plain = open_again(self._seal, read(self.path, "the keyring"))
            if plain is None:
                return False
            content = msgspec.structs.replace(_decode(bytes(plain)), audit=self.audit)
            atomic_write(self.path, self._seal.close(msgspec.msgpack.encode(content)))
        return True

    def keep_gate_key(self) -> None:
        """Write the gate key into an older file, which has none, and nothing else from memory."""
        if self._has_gate_key:
            return
        with self._rewritten() as content:
            if content.gate_key is None:
                content.gate_key = bytes(self.gate_key)
        self._has_gate_key = True

    def keep_pin(self, pin: bytes) -> None:
        """Write which trust list is the first, and nothing else of memory: all others follow from it."""
        with self._rewritten() as content:
            content.pin = pin
        self.pin = pin

    @contextlib.contextmanager
    def _rewritten(self) -> Iterator[KeyringContent]:
        """The content of the file, which is written with what the caller changes in it."""
        with _alone(self.path.parent):
            plain = open_again(self._seal, read(self.path, "the keyring"))
            if plain is None:
                raise Fault("the keyring was sealed anew while it was opened", "start again")
            content = _decode(bytes(plain))
            before = msgspec.structs.replace(content)
            yield content
            if content != before:
                atomic_write(self.path, self._seal.close(msgspec.msgpack.encode(content)))

    def keep_account(self) -> None:
        """Write into the file that the store has an account of its rows, and nothing else of memory."""
        if self.has_account:
            return
        with self._rewritten() as content:
            content.has_account = True
        self.has_account = True

    def _sealed(self) -> bytes:
        identities = [(identity.stored, identity.created) for identity in self.identities]
        seeds = {name: bytes(seed) for name, seed in self._nkeys.items()}
        content = KeyringContent(
            "suar-keyring/1", self.member, self.federation, identities, bytes(self.store_key), seeds, self.audit,
            bytes(self.gate_key), self.pin, self.has_account,
        )  # fmt: skip
        return self._seal.close(msgspec.msgpack.encode(content))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the folder, so that no other process writes a keyring in it meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
