"""The cookie with which a browser reads the feed: a token and an end, sealed under the store's key.

EventSource sends no Authorization header. The token is looked up again whenever the cookie is used, so a token that is
revoked ends its cookies; a restart ends none. The cookie opens the feed and no other call.
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
    """The value of a cookie that stands for `token` from now on."""
    until = core.clock() + LIFETIME
    sealed = core.vault.wrap(until.to_bytes(_TIME, "big") + token.encode(), _SEALED_AS)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def token_of_cookie(core: Core, value: str) -> str:
    """The token that a cookie stands for; empty when it is none of this store, or its time is over."""
    if not 0 < len(value) <= TEXT_MAX:
        return ""
    try:
        sealed = urlsafe_b64decode(value.encode("ascii") + b"==")
        plain = bytes(core.vault.unwrap(sealed, _SEALED_AS))
    except (ValueError, Fault):
        return ""
    is_good = core.clock() < int.from_bytes(plain[:_TIME], "big")
    return plain[_TIME:].decode() if is_good else ""
