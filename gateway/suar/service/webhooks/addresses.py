"""Where a webhook may go: its address as written, and each network address that its host's name resolves to.

Only public addresses, unless the operator's settings name the network. An IPv4 address in an IPv6 form is judged as
the IPv4 address; forms that lead through a translator or a tunnel (NAT64, 6to4, Teredo) are not public.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple, TypeAlias

from suar.protocol.base.errors import Fault
from suar.service.settings.sections.webhooks_config import Network

Address: TypeAlias = IPv4Address | IPv6Address
URL_MAX: Final = 1_000
_PORTS: Final = {"https": 443, "http": 80}
_URL: Final = re.compile(r"(?P<scheme>[^:/?#]*)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?P<fragment>#.*)?", re.DOTALL)
_AUTHORITY: Final = re.compile(
    r"(?P<host>\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(?P<port>.*))?", re.DOTALL
)
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_TARGET: Final = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
"""Path and query (RFC 3986)."""
_WRITE: Final = "write it as https://HOST[:PORT]/PATH, without user, password or fragment"
_ALLOW: Final = "the operator may name the network in suar.toml: [webhooks] allow"

_NOT_PUBLIC_4: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
"""Of IANA's registry of special addresses (RFC 6890), with multicast."""
_PUBLIC_6: Final = ip_network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class RefusedAddress(Fault):
    """A webhook's address that is not called. `code` is the reason for programs; it is a key of WHY."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"the webhook's address cannot be used ({code}): {WHY[code]}", _ALLOW if code in _OF_NETWORKS else _WRITE
        )
        self.code = code


WHY: Final = {
    "too-long": f"it has more than {URL_MAX} characters",
    "scheme": "it does not begin with https:// in lower case",
    "user": "it has a user or a password",
    "fragment": "it has a fragment, which begins with #",
    "host": "its host is no IP address, and no name of ASCII letters, digits, hyphens and dots with no number "
    "at its end; write another name as xn--, and an IPv4 address as four decimal numbers",
    "port": "its port is no number from 1 to 65535",
    "path": "its path does not begin with /, or has a character that is to be written as %XX (RFC 3986)",
    "without-tls": "it is http, which is for networks that the operator names",
    "public-without-tls": "it is http to a public address",
    "not-public": "its address is not public",
}
"""Why an address is refused: by its form and the settings alone, for no name is resolved before it is called."""
_OF_NETWORKS: Final = frozenset({"without-tls", "not-public"})


class Endpoint(NamedTuple):
    """A webhook's address: `target` is the path with the query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_tls(self) -> bool:
        """Whether it is called by TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and port as in the header Host: the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def endpoint(url: str, allow: Sequence[Network]) -> Endpoint:
    """The parts of a webhook's address. Raises RefusedAddress; what a name resolves to is judged at each call."""
    made = _parsed(url)
    if not made.is_tls and not allow:
        raise RefusedAddress("without-tls")
    literal = _literal(made.host)
    why = refusal(literal, allow, is_tls=made.is_tls) if literal is not None else None
    if why is not None:
        raise RefusedAddress(why)
    return made


def _parsed(url: str) -> Endpoint:
    found = _URL.fullmatch(url) if len(url) <= URL_MAX else None
    if found is None or found["scheme"] not in _PORTS:
        raise RefusedAddress("scheme" if len(url) <= URL_MAX else "too-long")
    if "@" in found["authority"]:
        raise RefusedAddress("user")
    if found["fragment"] is not None:
        raise RefusedAddress("fragment")
    at = _AUTHORITY.fullmatch(found["authority"])
    if at is None or not _is_host(at["host"]):
        raise RefusedAddress("host")
    port = at["port"] if at["port"] is not None else str(_PORTS[found["scheme"]])
    if not _PORT.fullmatch(port) or not 0 < int(port) <= 65_535:
        raise RefusedAddress("port")
    target = found["target"] or "/"
    if not _TARGET.fullmatch(target):
        raise RefusedAddress("path")
    return Endpoint(found["scheme"], at["host"].strip("[]"), int(port), target)


def _is_host(host: str) -> bool:
    """Whether a host is an address in its one form, or a name. No name ends with a number (RFC 3696, RFC 6761): that
    is an IPv4 address as resolvers read it too (inet_aton), such as 2130706433, 0x7f000001, 127.1 and 0177.0.0.1.
    """
    if host.startswith("["):
        return isinstance(_literal(host.strip("[]")), IPv6Address)
    return _literal(host) is not None or _NUMBER.fullmatch(host.rpartition(".")[2]) is None


def refusal(address: Address, allow: Sequence[Network], *, is_tls: bool) -> str | None:
    """Why an address is not called; None when it may be. Without TLS only what is not public may be."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    judged = mapped or address
    if _is_public(judged):
        return None if is_tls else "public-without-tls"
    return None if any(judged in network for network in allow) else "not-public"


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
