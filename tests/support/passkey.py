"""An authenticator in software: makes and uses passkeys as a device does, honestly or not."""

import base64
import hashlib
import html
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_FORM: Final = re.compile(
    r'<form method="post" action="([^"]*)"[^>]*data-passkey="(get|create)" data-options="([^"]*)".*?</form>', re.DOTALL
)
_NOTE: Final = re.compile(r'name="note" value="([^"]+)"')
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data_of(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclass
class PasskeyRequest:
    """What a page asks the browser for."""

    action: str
    act: str
    options: dict[str, Any]
    note: str


def form_in(page: str) -> PasskeyRequest | None:
    """The form of a page that asks for a passkey."""
    found = _FORM.search(page)
    if found is None:
        return None
    note = _NOTE.search(found[0])
    assert note is not None
    return PasskeyRequest(found[1], found[2], json.loads(html.unescape(found[3])), note[1])


@dataclass
class Device:
    """One passkey. `origin`: of the page that the browser shows; `host` None: the one that was asked for."""

    origin: str
    host: str | None = None
    counts: bool = False
    verifies: bool = True
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def answer(self, wanted: PasskeyRequest) -> dict[str, str]:
        """The fields of the form."""
        made = self._made(wanted.options) if wanted.act == "create" else self._used(wanted.options)
        fields = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "clientExtensionResults": {}}
        return {"note": wanted.note, "credential": json.dumps({**fields, "response": made})}

    def _made(self, options: dict[str, Any]) -> dict[str, str]:
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        data = self._data(options["rp"]["id"], ATTESTED)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {"clientDataJSON": self._client(options, "create"), "attestationObject": text(attested)}

    def _used(self, options: dict[str, Any]) -> dict[str, str]:
        self.count += self.counts
        data, client = self._data(options["rpId"]), self._client(options, "get")
        signed = self.key.sign(data + hashlib.sha256(data_of(client)).digest(), ec.ECDSA(hashes.SHA256()))
        return {"clientDataJSON": client, "authenticatorData": text(data), "signature": text(signed)}

    def _data(self, host: str, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256((self.host or host).encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, options: dict[str, Any], act: str) -> str:
        fields = {"type": f"webauthn.{act}", "challenge": options["challenge"], "origin": self.origin}
        return text(json.dumps({**fields, "crossOrigin": False}).encode())
