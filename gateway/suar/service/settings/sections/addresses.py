"""Addresses in the settings: each is read when the settings are, as the library that uses it reads it."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from suar.service.settings.sources import RawSettings, shown

_ALLOWED: Final = "a host and a port from 1 to 65535; an address of IPv6 in brackets"


def is_address(url: str) -> bool:
    """Whether a URL with a scheme has a host, and a port from 1 to 65535 if it has one."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
        if "[" in parts.netloc or "]" in parts.netloc:
            ip_address(host or "")
    except ValueError:
        return False
    has_port = parts.netloc.rpartition("]")[2].count(":") == 1
    return bool(host) and port != 0 and (port is not None or not has_port)


def require_address(raw: RawSettings, section: str, key: str, url: str, allowed: str = _ALLOWED) -> None:
    """Raise Fault for a URL that cannot be read; nothing for an empty one."""
    if url and not is_address(url):
        raise raw.fault(section, key, shown(url), allowed)


def require_web_address(raw: RawSettings, section: str, key: str, url: str) -> None:
    """Raise Fault also for a URL that the HTTP client refuses, such as one whose host is no name of the internet."""
    require_address(raw, section, key, url)
    import httpx

    try:
        httpx.URL(url)
    except httpx.InvalidURL:
        raise raw.fault(section, key, shown(url), "an address that a browser would open") from None
