"""The cookie with which a browser reads the feed: a token and an end, encrypted under the store's key.

EventSource sends no Authorization header. The token is looked up again whenever the cookie is used, so the cookies of a
revoked token end; a restart ends none. The cookie is accepted for the feed and no other call.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.core.core import Core

LIFETIME: Final = limits.HOUR
"""ms that a cookie is good."""
TEXT_MAX: Final = 512
_SEALED_AS: Final = "feed cookie"
_TIME: Final = 8  # bytes


def make_cookie(core: Core, token: str) -> str:
    """Return the value of a cookie for `token` from now on."""
    until = core.clock() + LIFETIME
    sealed = core.vault.wrap(until.to_bytes(_TIME, "big") + token.encode(), _SEALED_AS)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def token_of_cookie(core: Core, value: str) -> str:
    """Return the token of a cookie; empty when the cookie is not of this store, or has expired."""
    if not 0 < len(value) <= TEXT_MAX:
        return ""
    try:
        sealed = urlsafe_b64decode(value.encode("ascii") + b"==")
        plain = bytes(core.vault.unwrap(sealed, _SEALED_AS))
    except (ValueError, Fault):
        return ""
    is_good = core.clock() < int.from_bytes(plain[:_TIME], "big")
    return plain[_TIME:].decode() if is_good else ""
