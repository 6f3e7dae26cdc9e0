"""[hsm] of suar.toml: identity keys in a hardware module (PKCS #11), made there and never exported.

The library is in the extra `hsm`, and is imported when a module is named. A module that does not answer is tried again
by `Module.check`; until it answers nothing is signed, and epochs that are open continue.
"""

import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from msgspec import Meta, Struct

from suar.files import read
from suar.protocol.base.errors import CODES, Fault
from suar.protocol.base.primitives import Secret
from suar.service.settings.sources import RawSettings

if TYPE_CHECKING:
    from pkcs11 import Session

OptionalFile = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", description="a file name, relative to the state folder")]
TokenLabel = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=32, description="the label of a token")]
_MARK: Final = b"pkcs11:"
_ID: Final = 16
_PUBLIC: Final = 32
_ED25519: Final = bytes.fromhex("06032b6570")  # EC_PARAMS: the DER form of 1.3.101.112 (RFC 8410)
AWAY: Final = "E-KEY-AWAY"


class Hsm(Struct, frozen=True):
    """The hardware module in which identity keys are made from now on; empty: they are seeds in the keyring.

    `module`: its PKCS #11 library. `token`: the label of the token. `pin_file`: the file with the PIN of its user.
    """

    module: OptionalFile = ""
    token: TokenLabel = ""
    pin_file: OptionalFile = ""


def check(chosen: Hsm, raw: RawSettings) -> None:
    """Raise Fault if a module is named without its token or the file of its PIN, or one of these without it."""
    named = {"module": chosen.module, "token": chosen.token, "pin_file": chosen.pin_file}
    missing = [key for key, value in named.items() if not value]
    if missing and len(missing) < len(named):
        raise raw.fault("hsm", missing[0], "nothing", "a value: module, token and pin_file go together")


class KeyAway(Fault):
    """The hardware module does not answer; nothing can be signed now."""

    code = AWAY

    def __init__(self, reason: str) -> None:
        super().__init__(f"{CODES[AWAY].meaning} ({reason})", CODES[AWAY].advice)


class HardwareKey(NamedTuple):
    """Which key of the module it is, and its public half."""

    id: bytes
    public: bytes

    @classmethod
    def of(cls, stored: bytes) -> "HardwareKey | None":
        """Return the key that a keyring has as `stored`; None for a seed."""
        if len(stored) != len(_MARK) + _ID + _PUBLIC or not stored.startswith(_MARK):
            return None
        return cls(stored[len(_MARK) : -_PUBLIC], stored[-_PUBLIC:])

    @property
    def stored(self) -> bytes:
        """What a keyring has of it."""
        return _MARK + self.id + self.public


class Module:
    """One token of a hardware module: opened when it is needed, and again after it was away. For any thread."""

    def __init__(self, chosen: Hsm, folder: Path) -> None:
        self._chosen, self._folder = chosen, folder
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._keys: dict[bytes, Any] = {}  # its types do not say that a private key signs
        self.away: str | None = None
        """Why it does not answer; None while it does, and before it is needed."""

    @classmethod
    def of(cls, chosen: Hsm, folder: Path) -> "Module | None":
        """Return the module of the settings, not yet opened; None if they name none."""
        return cls(chosen, folder) if chosen.module else None

    def signer(self, key: HardwareKey) -> "ModuleSigner":
        """Return what signs with a key of this module."""
        return ModuleSigner(self, key)

    def check(self, key: HardwareKey) -> bool:
        """Open the token, if it is not open, and find the key; returns whether it answers."""
        try:
            with self._lock:
                self._keys.pop(key.id, None)
                self._find(key.id)
        except KeyAway:
            return False
        return True

    def create(self, label: str) -> HardwareKey:
        """Make an identity key in the token, which does not export it. Raises KeyAway."""
        import pkcs11

        with self._lock, _Answers(self):
            id_ = secrets.token_bytes(_ID)
            curve = self._open().create_domain_parameters(
                pkcs11.KeyType.EC_EDWARDS, {pkcs11.Attribute.EC_PARAMS: _ED25519}, local=True
            )
            way = pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN
            public, _ = curve.generate_keypair(mechanism=way, store=True, id=id_, label=label)
            return HardwareKey(id_, bytes(public[pkcs11.Attribute.EC_POINT])[-_PUBLIC:])  # an OCTET STRING around it

    def sign(self, id_: bytes, message: bytes) -> bytes:
        """Return the Ed25519 signature of a key. Raises KeyAway."""
        import pkcs11

        with self._lock, _Answers(self):
            return bytes(self._find(id_).sign(message, mechanism=pkcs11.Mechanism.EDDSA))

    def _find(self, id_: bytes) -> Any:
        import pkcs11

        with _Answers(self):
            if id_ not in self._keys:
                self._keys[id_] = self._open().get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=id_)
            return self._keys[id_]

    def _open(self) -> "Session":
        import pkcs11

        if self._session is None:
            library = pkcs11.lib(str(self._folder / self._chosen.module))
            if self.away is not None:
                library.reinitialize()  # it knows the tokens of the time when it was initialised
            pin, token = Secret(read(self._folder / self._chosen.pin_file, "the PIN").strip()), self._token(library)
            try:
                self._session = token.open(rw=True, user_pin=bytes(pin).decode())
            except pkcs11.UserAlreadyLoggedIn:  # by another session of this process, for which a login counts
                self._session = token.open(rw=True)
        return self._session

    def _token(self, library: Any) -> Any:
        import pkcs11

        label = self._chosen.token
        try:
            return library.get_token(token_label=label)
        except pkcs11.NoSuchToken:
            library.reinitialize()  # it may have been added meanwhile
            return library.get_token(token_label=label)

    def close(self, reason: str | None) -> None:
        """Forget session and keys: the next use opens them again. `reason`: why it does not answer."""
        self._session, self.away = None, reason
        self._keys.clear()


class _Answers:
    """What is done with the token in this block: an error closes its session, and is raised as KeyAway."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            self._module.away = None
        elif isinstance(error, KeyAway):
            raise error
        elif isinstance(error, Exception):  # the library's own, of the loader, or of the file of the PIN
            reason = error.text if isinstance(error, Fault) else str(error) or type(error).__name__
            self._module.close(reason)
            raise KeyAway(reason) from error


class ModuleSigner:
    """An identity key in a hardware module, as the protocol uses it (`primitives.Signer`)."""

    def __init__(self, module: Module, key: HardwareKey) -> None:
        self._module, self.key, self.public = module, key, key.public

    @property
    def is_ready(self) -> bool:
        """Whether the module answered when it was last used."""
        return self._module.away is None

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes. Raises KeyAway."""
        return self._module.sign(self.key.id, message)
