"""Crash-safe files: written to a temporary file in the same folder, flushed, then renamed to their name.

Imports only the standard library and the errors of the protocol, so every layer may use it.
"""

import errno
import os
import secrets
from pathlib import Path
from typing import Final

from suar.protocol.base.errors import Fault

PRIVATE: Final = 0o600  # for secrets
PUBLIC: Final = 0o644  # the umask may restrict it further
READ_BYTES_MAX: Final = 256 * 1024 * 1024  # of a file that is read as a whole; larger ones are read in parts
PART_BYTES: Final = 64 * 1024
_OPENED: Final = Path("/dev")  # descriptors of this process, such as that of a shell's <(command): they have a writer

NO_KEYRING: Final = "put the keyring back from a backup: `suar restore`; `suar init` makes that of a new member"
"""The next step for a state folder without a keyring."""


def atomic_write(path: Path, data: bytes, mode: int = PRIVATE, *, replace: bool = True) -> None:
    """Write `data` so that at any moment, also after a crash, the file has either the old or the new content.

    Without `replace`, raises Fault if the file exists. Raises OSError as the system does (disk full, no permission); if
    the folder does not exist, the error names the folder and no temporary file.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no folder", str(path.parent))
    try:
        _write_flushed(temporary, data, mode)
        if replace:
            temporary.replace(path)
        else:
            _link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(path.parent)


def private_folder(path: Path) -> None:
    """Create `path` with mode 0700. An existing empty folder gets that mode; one with content keeps its mode."""
    if path.is_dir() and any(path.iterdir()):
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def require_folder(state: Path) -> None:
    """Raise Fault if the state folder does not exist, so that a mistyped name creates no new member."""
    if not state.is_dir():
        raise Fault(f"there is no folder {state}", "--state names the gateway's folder, or set SUAR_STATE")


def read_keyring(path: Path) -> bytes:
    """Return the bytes of a keyring. Raises Fault as `read`, and for a state folder without one."""
    if not path.exists() and path.parent.is_dir():
        raise Fault(f"{path.parent} has no keyring", NO_KEYRING)
    return read(path, "the keyring")


def read(path: Path, what: str) -> bytes:
    """Return the bytes of a file. Raises Fault, which names `what`, if it cannot be read or is too large."""
    try:
        return read_bounded(path)
    except FileNotFoundError:
        raise Fault(f"{what} {path} does not exist", "check the path") from None
    except PermissionError:
        raise Fault(f"no permission to read {what} {path}", "run as the user who owns it") from None
    except IsADirectoryError:
        raise Fault(f"{what} {path} is a folder", "name a file") from None


def read_bounded(path: Path) -> bytes:
    """Return the bytes of a file. Raises Fault above READ_BYTES_MAX (such as a device); OSError as the system raises
    it.

    Reads in parts, because one read of so many bytes would allocate all of them first.
    """
    data = bytearray()
    if _OPENED not in path.parents and path.is_fifo():
        raise Fault(f"{path} is a pipe, which may never end", "name a file")
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            data += part
            if len(data) > READ_BYTES_MAX:
                raise Fault(f"{path} is larger than {READ_BYTES_MAX} bytes", "name another file")
    return bytes(data)


def explain(error: OSError) -> Fault:
    """Return the error of the system as a Fault: one line, and the next step."""
    where = f": {error.filename}" if error.filename else ""
    hints = {
        errno.ENOSPC: "free space on that disk; nothing was half written",
        errno.EDQUOT: "raise the quota; nothing was half written",
        errno.EACCES: "run as the user who owns it, or mend its mode",
        errno.EPERM: "run as the user who owns it, or mend its mode",
        errno.ENOENT: "check the path",
        errno.ENOTDIR: "check the path",
        errno.EROFS: "mount it writable or choose another folder",
        errno.EADDRINUSE: "stop what listens there, or choose another address in suar.toml",
    }
    text = (error.strerror or str(error) or type(error).__name__).lower()
    return Fault(text + where, hints.get(error.errno or 0, "see `suar doctor`"))


def _write_flushed(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _link(temporary: Path, path: Path) -> None:
    """Link the file instead of renaming it: a hard link fails if the name exists, a rename would overwrite."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise Fault(f"{path} exists already", "choose another name, or move it away first") from None


def flush_folder(folder: Path) -> None:
    """Flush a folder; otherwise a rename in it may be lost after a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
