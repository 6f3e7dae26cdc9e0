"""Encryption at rest: each body under its row's own key, derived from a salt in the row and the keyring's store key.

Destroying the salt destroys the key: after a recall nothing can be decrypted, also in a later copy of the file. A
stolen database shows who sent which kind when, but no content.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.store.engine.numbering import Numbers

_NONCE: Final = bytes(12)  # a row's key seals one text, once
_PERSON: Final = b"suar/store/row"
_PERSON_MANY: Final = b"suar/store/many"
_PERSON_MARK: Final = b"suar/store/mark"
_PERSON_CONTENT: Final = b"suar/store/text"
_PERSON_AUDIT: Final = b"suar/store/audit"
_SALT: Final = 32
FINGERPRINT: Final = 32
"""Bytes of a fingerprint."""
MARK: Final = 18
"""Bytes of a mark: a multiple of three, so base64 needs no padding."""
_WIDE: Final = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES  # random nonces of 24 bytes do not collide


class Vault:
    """Encrypts and decrypts with one store key."""

    def __init__(self, store_key: Secret) -> None:
        self._key = bytes(store_key)
        self.numbers = Numbers()
        """The numbers of rows of messages, to which their bodies are bound."""

    def __repr__(self) -> str:
        return "Vault(...)"

    def seal(self, body: bytes, about: str) -> tuple[bytes, bytes]:
        """Return (sealed body, the row's salt of 32 bytes); `about` binds both to their row."""
        salt = os.urandom(_SALT)
        return self._cipher(salt, _PERSON).encrypt(_NONCE, body, about.encode()), salt

    def _cipher(self, salt: bytes, person: bytes) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(hashlib.blake2b(salt, digest_size=32, key=self._key, person=person).digest())

    def open(self, sealed: bytes, salt: bytes, about: str) -> bytes:
        """Return the body of a row. Raises Fault if the row was changed or the key belongs to another store."""
        try:
            return self._cipher(salt, _PERSON).decrypt(_NONCE, sealed, about.encode())
        except InvalidTag as error:
            raise _damaged(about) from error

    def fingerprint(self, content: bytes) -> bytes:
        """Return a keyed hash of 32 bytes for finding equal contents; without the key a guess cannot be tested."""
        return hashlib.blake2b(content, digest_size=FINGERPRINT, key=self._key, person=_PERSON_CONTENT).digest()

    def audit_secret(self, purpose: str) -> Secret:
        """Return a secret of 32 bytes from which salts about the audit log are made; it is stored nowhere."""
        return Secret(hashlib.blake2b(purpose.encode(), digest_size=32, key=self._key, person=_PERSON_AUDIT).digest())

    def wrap(self, secret: bytes, about: str) -> bytes:
        """Encrypt a short secret with the store key."""
        nonce = os.urandom(_WIDE)
        sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(secret), about.encode(), nonce, self._key)
        return nonce + sealed

    def unwrap(self, wrapped: bytes, about: str) -> Secret:
        """Return the secret that `wrap` encrypted. Raises Fault."""
        try:
            return Secret(
                sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
                    wrapped[_WIDE:], about.encode(), wrapped[:_WIDE], self._key
                )
            )
        except CryptoError as error:
            raise _damaged(about) from error

    def wrap_all(self, secrets: Sequence[bytes], about: str) -> list[bytes]:
        """Encrypt short secrets with one key for all of them, derived from a salt at the start of each."""
        salt, bound, size = os.urandom(_SALT), about.encode(), len(_NONCE)
        cipher, nonces = self._cipher(salt, _PERSON_MANY), os.urandom(size * len(secrets))
        each_nonce = (nonces[at : at + size] for at in range(0, len(nonces), size))
        return [
            salt + nonce + cipher.encrypt(nonce, secret, bound)
            for nonce, secret in zip(each_nonce, secrets, strict=True)
        ]

    def mark(self, wrapped: bytes, about: str) -> bytes:
        """Return MARK bytes that identify the owner of the secrets that were wrapped together with `wrapped`."""
        bound = wrapped[:_SALT] + about.encode()
        return hashlib.blake2b(bound, digest_size=MARK, key=self._key, person=_PERSON_MARK).digest()

    def unwrap_one(self, wrapped: bytes, about: str) -> Secret:
        """Return one of the secrets that `wrap_all` encrypted. Raises Fault."""
        salt, nonce, sealed = wrapped[:_SALT], wrapped[_SALT:][: len(_NONCE)], wrapped[_SALT + len(_NONCE) :]
        try:
            return Secret(self._cipher(salt, _PERSON_MANY).decrypt(nonce, sealed, about.encode()))
        except (InvalidTag, ValueError) as error:  # ValueError: it is too short
            raise _damaged(about) from error


def _damaged(about: str) -> Fault:
    return Fault(
        f"the stored row of {about} does not open",
        "the store and the keyring are not of one gateway, or the file is damaged: restore both from one backup",
    )
