"""[console] of suar.toml: whether people sign in here, at which address, and what waits for a second person."""

from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct, field

from suar.service.settings.sections.addresses import require_address
from suar.service.settings.sources import RawSettings, shown

Origin = Annotated[
    str,
    Meta(
        pattern=r"^(|https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?)\Z",
        description="https://HOST or https://HOST:PORT in small letters, as browsers call it, or nothing",
    ),
]
Proxy = Annotated[str, Meta(pattern=r"^[0-9a-fA-F.:]{2,45}\Z", description="addresses of proxies, such as 127.0.0.1")]
Minutes = Annotated[int, Meta(ge=5, le=60, description="a number of minutes from 5 to 60")]
Held = Annotated[str, Meta(pattern=r"^(immediate|red)\Z", description="of immediate and red")]
Zone = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}\Z", description="a time zone, such as Asia/Manila")]
SECOND_PERSON: Final = ["immediate", "red"]


class Console(Struct, frozen=True):
    """The pages for people, below /console at the API's port.

    `origin`: the address that browsers use, through TLS; without it only this machine is served. `proxies`: which
    proxies may state for whom they call (X-Forwarded-For). `second_person`: what waits when a session publishes it.
    `timezone`: of people who chose none.
    """

    enabled: bool = True
    origin: Origin = ""
    proxies: list[Proxy] = []
    idle_minutes: Minutes = 30
    second_person: list[Held] = field(default_factory=lambda: [*SECOND_PERSON])
    timezone: Zone = "UTC"

    @property
    def host(self) -> str:
        """The Host header of `origin`; empty without one."""
        return urlsplit(self.origin).netloc


def check(chosen: Console, raw: RawSettings) -> None:
    """Fault for an address that cannot be read, and for a time zone that this machine does not know."""
    require_address(raw, "console", "origin", chosen.origin)
    for each in chosen.proxies:
        try:
            ip_address(each)
        except ValueError:
            raise raw.fault("console", "proxies", shown(each), "addresses of proxies, such as 127.0.0.1") from None
    try:
        ZoneInfo(chosen.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise raw.fault("console", "timezone", shown(chosen.timezone), "a time zone, such as Asia/Manila") from None
