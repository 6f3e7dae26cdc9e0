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
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
    r'(?::(?P<port>[0-9]{1,5}))?(?P<target>/[!-"$-~]*)?'
)
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
    """A webhook's address that is not called."""


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
    found = _URL.fullmatch(url) if len(url) <= URL_MAX else None
    if found is None:
        raise RefusedAddress("the webhook's address cannot be used", _WRITE)
    scheme, port = found["scheme"], int(found["port"] or _PORTS[found["scheme"]])
    if not 0 < port <= 65_535:
        raise RefusedAddress("the webhook's address has no port from 1 to 65535", _WRITE)
    made = Endpoint(scheme, found["host"].strip("[]"), port, found["target"] or "/")
    if not made.is_tls and not allow:
        raise RefusedAddress("the webhook's address is not https", f"{_WRITE}; of http, {_ALLOW}")
    literal = _literal(made.host)
    if found["host"].startswith("[") and not isinstance(literal, IPv6Address):
        raise RefusedAddress("the webhook's address has a host that is no IPv6 address", _WRITE)
    why = refusal(literal, allow, is_tls=made.is_tls) if literal is not None else None
    if why is not None:
        raise RefusedAddress(f"the webhook's address is refused: {why}", _ALLOW)
    return made


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
