"""The scheme of Standard Webhooks (www.standardwebhooks.com): secrets as text, and the three headers of a request."""

import base64
import hmac
import os
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

SECRET_PREFIX: Final = b"whsec_"
SECRET_BYTES: Final = (24, 64)
"""Length of a secret, as the scheme requires."""
NEW_BYTES: Final = 32


def new_secret() -> bytes:
    """Return a new random secret as text: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(NEW_BYTES))


def key_of(secret: bytes) -> bytes | None:
    """Return the key of a secret, or None for a text that is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        return None
    least, most = SECRET_BYTES
    return key if secret.startswith(SECRET_PREFIX) and least <= len(key) <= most else None


def signature_headers(keys: Sequence[bytes], id_: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the three headers; with several keys, during a rotation, a signature by each of them.

    The id is the same for every repetition; `seconds` is the attempt's time.
    """
    signed = f"{id_}.{seconds}.".encode() + body
    tags = (hmac.new(key, signed, sha256).digest() for key in keys)
    signatures = " ".join(f"v1,{base64.b64encode(tag).decode()}" for tag in tags)
    return {"webhook-id": id_, "webhook-timestamp": str(seconds), "webhook-signature": signatures}
