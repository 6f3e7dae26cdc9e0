"""Whether STATE/gateway.json names the gateway that holds the folder: anybody who can write the folder can write it."""

import os
import socket
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from suar.protocol.base.errors import Fault

PROCESSES: Final = Path("/proc")
_LISTENING: Final = "0A"  # the state of a listening socket in /proc/net/tcp
_AGAIN: Final = "stop the gateway, delete the file and start the gateway again, which writes it anew"


def is_holder(state: Path, pid: int) -> bool:
    """Whether the process lives and holds the lock of the folder; where the system lists no locks, whether it lives."""
    from suar.service.settings.state import holders

    found = holders(state)
    return _is_alive(pid) if found is None else pid in found


def require_own(file: Path, url: str, pid: int) -> None:
    """Raise Fault unless only the folder's owner can read and write the address, and the process listens there, on
    this machine.
    """
    found, folder = file.lstat(), file.parent.stat()
    if not stat.S_ISREG(found.st_mode) or found.st_uid not in (folder.st_uid, os.geteuid()):
        raise Fault(f"{file} was not written by the owner of the folder: no token is sent to {url}", _AGAIN)
    port = _own_port(url)
    if port is None:
        text = f"{file} names {url}, which is no http address of a gateway on this machine"
        raise Fault(f"{text}: no token is sent there", _AGAIN)
    if _listens(pid, port) is False:
        text = f"{file} names {url}, where another process listens than {pid}, which holds the folder"
        raise Fault(f"{text}: no token is sent there", _AGAIN)


def _own_port(url: str) -> int | None:
    """Return the port of an http address of this machine; None for another address."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "http" and not (parts.username or parts.path or parts.query)
        return parts.port if is_plain and _is_of_this_machine(parts.hostname or "") else None
    except ValueError:
        return None


def _is_of_this_machine(host: str) -> bool:
    """Whether an IP address is one of this machine's. Raises ValueError for a name."""
    address = ip_address(host)
    if address.is_loopback or address.is_unspecified:
        return address.is_loopback
    try:
        with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def _listens(pid: int, port: int) -> bool | None:
    """Whether the process listens at the port; None where the system does not tell, or nothing listens there."""
    folder = PROCESSES / str(pid)
    try:
        sockets = {number for name in ("tcp", "tcp6") for number in _listening(folder / "net" / name, port)}
        if not sockets:
            return None
        held = {_target(each) for each in (folder / "fd").iterdir()}
    except OSError:
        return None
    return any(f"socket:[{number}]" in held for number in sockets)


def _listening(table: Path, port: int) -> list[str]:
    """Return the inodes of the sockets that listen at the port, of a table of the system."""
    if not table.exists():
        return []
    rows = map(str.split, table.read_text(encoding="ascii").splitlines()[1:])
    return [row[9] for row in rows if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile
        return ""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
