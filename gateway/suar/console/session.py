"""The session's cookie, and the network of the caller.

Through TLS the cookie is `__Host-suar-cc`: Secure, for this host alone, so that no other host of the domain can set it.
On loopback without TLS it is `suar-cc`, neither with the prefix nor Secure. Each member has its own name, because
browsers keep cookies by host and not by port.
"""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from suar.service.people.attempts import network_of
from suar.service.settings.config import Config

SECRET_MAX: Final = 64  # characters of a session's secret; a longer text is not one

Connection = ASGIConnection[Any, Any, Any, Any]


def cookie_name(config: Config) -> str:
    """Return the name of the session's cookie at this gateway."""
    plain = f"suar-{config.member.code.lower()}"
    return f"__Host-{plain}" if config.console.origin else plain


def cookie(config: Config, secret: str) -> Cookie:
    """Return the cookie that keeps a session until the browser ends; an empty secret deletes it."""
    return Cookie(
        key=cookie_name(config), value=secret, path="/", httponly=True, samesite="lax",
        secure=bool(config.console.origin), max_age=None if secret else 0,
    )  # fmt: skip


def secret_of(connection: Connection, config: Config) -> str | None:
    """Return the secret that the browser sent; None without one, and for two of the same name, one of which was
    planted.
    """
    wanted, found = cookie_name(config), []
    for header in connection.headers.getall("cookie", []):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == wanted:
                found.append(value)
    return found[0] if len(found) == 1 and 0 < len(found[0]) <= SECRET_MAX else None


def network(connection: Connection, config: Config) -> str:
    """Return the network of the caller, for counting failures; X-Forwarded-For only of a proxy in the settings.

    Its last entry is the one that the proxy itself saw.
    """
    peer = connection.client.host if connection.client is not None else ""
    if peer in config.console.proxies:
        forwarded = ",".join(connection.headers.getall("x-forwarded-for", [])).rpartition(",")[2].strip()
        peer = forwarded or peer
    return network_of(peer)


def is_by_itself(connection: Connection) -> bool:
    """Whether the script of an open page fetches a part of it again, which shows no presence of a person."""
    return connection.scope.get("method") == "GET" and connection.headers.get("x-fragment") is not None
