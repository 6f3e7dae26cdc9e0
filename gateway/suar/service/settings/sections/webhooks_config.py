"""[webhooks] of suar.toml: the networks, in addition to public addresses, that webhooks of agencies may reach."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from suar.service.settings.sources import RawSettings, shown

NETWORKS_MAX: Final = 64
Network: TypeAlias = IPv4Network | IPv6Network

NetworkText = Annotated[
    str, Meta(pattern=r"^[0-9a-fA-F.:]{2,45}/[0-9]{1,3}\Z", description='networks such as "10.0.0.0/8"')
]
OptionalFile = Annotated[
    str, Meta(pattern=r"^[^\x00]*\Z", description="a file, relative to the state folder, or nothing")
]


class WebhookSettings(Struct, frozen=True):
    """`allow`: networks that are not public and may be called. `ca_file`: the certificates (PEM) that receivers are
    judged by, instead of this machine's.
    """

    allow: list[NetworkText] = []
    ca_file: OptionalFile = ""

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks of `allow`."""
        return tuple(map(ip_network, self.allow))


def check(chosen: WebhookSettings, raw: RawSettings) -> None:
    """Fault for what is no network, and for too many of them."""
    if len(chosen.allow) > NETWORKS_MAX:
        raise raw.fault("webhooks", "allow", f"{len(chosen.allow)} networks", f"at most {NETWORKS_MAX}")
    for text in chosen.allow:
        try:
            ip_network(text)
        except ValueError:
            allowed = "the first address of a network and its length, such as 10.0.0.0/8"
            raise raw.fault("webhooks", "allow", shown(text), allowed) from None
