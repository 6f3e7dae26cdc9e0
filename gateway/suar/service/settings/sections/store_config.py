"""[store] of suar.toml: whether the driver and libpq accept the URL of a store in PostgreSQL.

What they refuse can never become right while the gateway runs, so it is an error of the settings: a gateway that met it
later would wait for a database that it cannot name. No text here has a part of the URL but the name of an option.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from suar.service.settings.sources import RawSettings

ALLOWED: Final = "postgresql://USER@HOST:PORT/DATABASE?OPTION=VALUE, a reserved character of a part as % and two digits"
_BAD_ESCAPE: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_PORTS: Final = range(1, 65_536)
_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
_NO_FILE: Final = "system"
"""The word that `sslrootcert` may have in place of a file: the certificates of this machine."""
_NOWHERE: Final = "/nonexistent"
"""A folder of sockets that no server has: libpq reads every option, and connects to nothing."""


def check(url: str, raw: RawSettings) -> None:
    """Raise Fault for a URL of PostgreSQL that the driver or libpq refuses, whatever the database is."""
    if not url.startswith("postgresql"):
        return
    found = _finding(url)
    if found is not None:
        raise raw.fault("store", "url", found, ALLOWED)


def _finding(url: str) -> str | None:
    """Return what is wrong with a URL, in words that have none of its values."""
    if _BAD_ESCAPE.search(url):
        return "a % that begins no escape"
    try:
        options = _options(url)
    except (ValueError, TypeError):  # SQLAlchemy's, whose text may have a part of a password
        return "an address that cannot be read, a port that is no number, or not one port for each host"
    return _bad_part(options) or _refused_by_libpq(options) or _missing_file(options)


def _bad_part(options: Mapping[str, str]) -> str | None:
    hosts = _listed(options, "host")
    numeric = [*(host for host in hosts if ":" in host and not host.startswith("/")), *_listed(options, "hostaddr")]
    if any("\0" in value for value in options.values()):
        return "a zero byte"
    if any("@" in host for host in hosts):
        return "two @: one in a password is written %40"
    if not all(map(_is_numeric, filter(None, numeric))):
        return "an address with a colon, or of hostaddr, that is no address of IPv4 or IPv6"
    if not all(port.isdecimal() and int(port) in _PORTS for port in _listed(options, "port") if port):
        return "a port that is none from 1 to 65535"
    return None


def _is_numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _options(url: str) -> dict[str, str]:
    """Return the options of libpq that the driver makes of a URL. ValueError if it makes none."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        made = make_url(url).set(drivername="postgresql+psycopg")
        _, options = made.get_dialect()().create_connect_args(made)
    except ArgumentError:
        raise ValueError from None
    if made.port is not None and made.port not in _PORTS:  # 0 is left out of the options
        options["port"] = made.port
    return {name: str(value) for name, value in options.items() if name != "context"}


def _listed(options: Mapping[str, str], name: str) -> list[str]:
    return options[name].split(",") if name in options else []


def _refused_by_libpq(options: Mapping[str, str]) -> str | None:
    """Return what libpq says of the options before it connects to anything; None if nothing."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    hosts = max(1, len(_listed(options, "host")), len(_listed(options, "hostaddr")))
    tried: dict[str, Any] = {**options, "host": ",".join([_NOWHERE] * hosts)}
    tried.pop("hostaddr", None)
    try:
        made = psycopg.pq.PGconn.connect_start(make_conninfo(**tried).encode())
    except psycopg.Error as error:
        return _first_line(str(error))
    answer = _first_line(made.get_error_message())
    made.finish()
    return None if _NOWHERE in answer else answer


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _missing_file(options: Mapping[str, str]) -> str | None:
    for name in _FILES:
        file = options.get(name)
        if file and file != _NO_FILE and not _is_there(Path(file)):
            return f"a file of {name} that does not exist"
    return None


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # in a folder that this user may not read
        return True
