"""Pages of other origins that may read the feed (`http.feed_origins`), and the CORS headers that browsers need for it.

By the Fetch standard: the answer names the page's own origin, never `*`, and lets its cookies in.
"""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from suar.api.http.head import App, Message, Receive, Send
from suar.service.settings.config import Http

FEED: Final = {"feed_origins": True}
"""`opt` of a call that these pages may make."""
_ASKS: Final = "authorization, last-event-id, accept, cache-control, if-none-match"
_SHOWN: Final = "link, ratelimit, ratelimit-policy, retry-after"
_MAX_AGE: Final = 600
Address: TypeAlias = Sequence[str | int | None] | None
"""An end of a connection, as ASGI has it: its host first; None where it is not known."""
_METHODS: Final = {"/v1/feed": "GET", "/v1/feed/cookie": "POST"}


def is_here(client: Address, server: Address) -> bool:
    """Whether a connection is of this machine: from a loopback address, or from the address at which it arrived.

    Only the connection itself counts, no header: a caller writes those.
    """
    peer = _host(client)
    return peer is not None and (ip_address(peer).is_loopback or peer == _host(server))


def _host(end: Address) -> str | None:
    """The address of an end in one form, an IPv4 address in IPv6 as itself; None if it is none."""
    try:
        found = ip_address(str(end[0]).partition("%")[0]) if end else None
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or found)
    return None if found is None else str(found)


def is_feed_origin(origins: Sequence[str], http: Http) -> bool:
    """Whether one origin is named, and it is one of those that may read the feed."""
    return len(origins) == 1 and origins[0].lower() in {each.lower() for each in http.feed_origins}


def is_foreign(fetch_site: str) -> bool:
    """Whether a browser states that another site's page, or another port's, made a call without naming its origin."""
    return fetch_site not in ("", "same-origin", "none")


def answer_headers(origin: str) -> Mapping[str, str]:
    """What lets the page of `origin` see an answer."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": _SHOWN,
        "Vary": "Origin",
    }


def preflighted(app: App, http: Http, is_ours: Callable[[str, Http], bool]) -> App:
    """Return `app` with answers to browsers that ask whether a page of a feed origin may call.

    All other such requests reach `app`, which permits no page.
    """

    async def respond(scope: Message, receive: Receive, send: Send) -> None:
        method = _METHODS.get(scope.get("path", "")) if scope.get("method") == "OPTIONS" else None
        named = {name: _values(scope, name) for name in ("origin", "host")} if method else {}
        if not (
            named
            and is_feed_origin(named["origin"], http)
            and [is_ours(each, http) for each in named["host"]] == [True]
        ):
            await app(scope, receive, send)
            return
        allowed = {
            **answer_headers(named["origin"][0]),
            "Access-Control-Allow-Methods": str(method),
            "Access-Control-Allow-Headers": _ASKS,
            "Access-Control-Max-Age": str(_MAX_AGE),
        }
        headers = [(name.lower().encode(), value.encode()) for name, value in allowed.items()]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return respond


def _values(scope: Message, name: str) -> list[str]:
    return [value.decode("latin-1") for each, value in scope["headers"] if each == name.encode()]


def is_tls_required(host: str) -> bool:
    """Whether a cookie for that Host is for TLS alone: every name but those of this machine."""
    name = (urlsplit(f"//{host}").hostname or "").lower()
    return not (name in ("localhost", "::1") or name.startswith("127.") or name.endswith(".localhost"))
