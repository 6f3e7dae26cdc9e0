"""The state folder of a gateway: its contents, and its creation by `suar init`."""

import contextlib
import json
import secrets
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from suar.federation.nats_users import new_nkey, public_nkey
from suar.federation.request import Body, IdentityWindow, Nats, Request, make_request, read_request, write_request
from suar.files import PUBLIC, atomic_write, private_folder, read
from suar.profiles import Cost, profiles
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, Signer
from suar.service.settings.config import CONFIG
from suar.service.settings.hardware_key import Module
from suar.service.settings.keyring import NKEYS, Identity, Keyring

KEYRING: Final = "keyring.suar"
NATS_ENVIRONMENT: Final = "nats.env"
_LINK: Final = "LINK_SEED="
LOCK: Final = "lock"
LOCKS: Final = Path("/proc/locks")
BACKUP: Final = "backup.json"  # when backups were made
BACKUPS_KNOWN: Final = 400  # a year of daily ones

CONFIG_TEXT: Final = """\
# The gateway's settings. SUAR_SECTION__KEY in the environment overrides one, for example SUAR_BUS__URL.

[member]
code = {code}
name = {name}

[federation]
name = {federation}  # as in its trust list; empty until the first one is imported

[bus]
url = "nats://127.0.0.1:4222"  # this member's own NATS server
heartbeat_seconds = 30
# monitor_port = 8222  # that server's monitor on this machine, which tells how the link to the hub stands; 0: none
# two_hubs = false  # whether that server links to two hubs, as the plan has them
# leaf_cert_file = "leaf.crt"  # the certificate of that server's link to the hub: a check tells in time when it ends

[http]
listen = "127.0.0.1:8440"

[store]
# url = "sqlite:///suar.db"  # the default: suar.db in this folder

[trust]
# pin = ""  # hash of the first trust list, compared with two key holders by telephone

[gate]
k_clear = 10  # the smallest count that a CLEAR or GREEN table shows
k_amber = 5  # the same for AMBER and stricter
"""


@contextlib.contextmanager
def locked(state: Path) -> Any:
    """Lock a state folder for one process. Raises Fault if another process holds the lock."""
    lock = FileLock(state / LOCK, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Fault(f"another gateway runs on {state}", "stop it first, or use its HTTP API") from None
    try:
        yield
    finally:
        lock.release()


def is_held(state: Path) -> bool:
    """Whether a process holds the lock of a state folder; False where the system has no list of locks."""
    return bool(holders(state))


def holders(state: Path) -> frozenset[int] | None:
    """Return the processes that hold the lock of a state folder, by the system's list, which a look never gets in the
    way of; None where there is no such list.
    """
    try:
        text = LOCKS.read_text(encoding="ascii")
    except OSError:
        return None
    with contextlib.suppress(OSError, IndexError, ValueError):
        number = str((state / LOCK).stat().st_ino)
        rows = [fields for fields in map(str.split, text.splitlines()) if fields[1] == "FLOCK"]
        return frozenset(int(fields[4]) for fields in rows if fields[5].split(":")[-1] == number)
    return frozenset()


def create_state(
    folder: Path, passphrase: bytes, *, member: str, name: str, federation: str, now: int, cost: Cost
) -> Request:
    """Create a member's state folder (0700) and return its request, also written to MEMBER.request.json.

    The keyring is written last: it makes a folder a member's. Files of an interrupted creation are removed again.
    Raises Fault when the folder has a keyring or settings already; `now` in ms.
    """
    for taken in (folder / KEYRING, folder / CONFIG):
        if taken.exists():
            raise Fault(f"{taken} exists already", "a member is made once: choose another --state, or move it away")
    private_folder(folder)
    made = [folder / file for file in (f"{member}.request.json", NATS_ENVIRONMENT, CONFIG, KEYRING)]
    try:
        keyring = Keyring.fresh(folder / KEYRING, passphrase, member=member, federation=federation, now=now, cost=cost)
        atomic_write(made[1], _environment(keyring))
        request = request_of(keyring, name)  # names the key that nats.env has
        atomic_write(made[0], write_request(request), PUBLIC)
        atomic_write(made[2], _config(member, name, federation))
        keyring.save(replace=False)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return request


def request_of(keyring: Keyring, name: str, module: Module | None = None, *, endorsed: bool = True) -> Request:
    """The member's request for its newest identity key, endorsed by the one before where there is one.

    Not `endorsed` where that one is compromised: its endorsement is worth nothing.
    """
    identity = keyring.identity
    not_after = identity.created + profiles().lifetimes.identity_days * limits.DAY
    window = IdentityWindow(identity.public.hex(), identity.created, not_after)
    users = {user: keyring.nkey_public(user) for user in NKEYS} | _own_link(keyring.path.parent)
    nats = Nats(keyring.member.lower(), users)
    body = Body(keyring.member, name, keyring.federation, window, nats)
    endorser = _endorser(keyring.identities, module) if endorsed else None
    return make_request(body, identity.signer(module), endorser)


def _endorser(identities: list[Identity], module: Module | None) -> tuple[bytes, Secret | Signer] | None:
    return (identities[-2].public, identities[-2].signer(module)) if len(identities) > 1 else None


def _environment(keyring: Keyring) -> bytes:
    """What the national NATS server reads: the key of its store, and the seed of its leaf user."""
    link = bytes(keyring.nkey_seed("link")).decode()
    # a letter first: nats-server reads a variable as a config value, and one that starts with a digit as a number
    return f"JS_KEY=k{secrets.token_hex(32)}\n{_LINK}{link}\n".encode()


def renew_link(folder: Path) -> None:
    """Put a new key of the link to the hub into nats.env, which the own NATS server reads when it starts.

    The keyring keeps the first one, which nothing uses then: the request names the key that nats.env has.
    """
    path = folder / NATS_ENVIRONMENT
    kept = [line for line in _environment_lines(path) if not line.startswith(_LINK)]
    atomic_write(path, "".join(f"{line}\n" for line in (*kept, f"{_LINK}{new_nkey()[0].decode()}")).encode())


def _own_link(folder: Path) -> dict[str, str]:
    """The public key of the link's user by nats.env; empty before that is written."""
    path = folder / NATS_ENVIRONMENT
    seed = next((line.removeprefix(_LINK) for line in _environment_lines(path) if line.startswith(_LINK)), None)
    if seed is None:
        return {}
    try:
        return {"link": public_nkey(seed.encode())}
    except ValueError:
        raise Fault(f"LINK_SEED in {path} is no seed of a NATS user", "put nats.env back from a backup") from None


def _environment_lines(path: Path) -> list[str]:
    return read(path, "the server's secrets").decode(errors="replace").splitlines() if path.exists() else []


def _config(member: str, name: str, federation: str) -> bytes:
    return CONFIG_TEXT.format(code=_toml(member), name=_toml(name), federation=_toml(federation)).encode()


def _toml(text: str) -> str:
    """A basic string of TOML: JSON's escapes are a subset of its."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def rewrite_request(
    folder: Path, passphrase: bytes, *, name: str | None, rotate_at: int | None, module: Module | None = None,
    new_link: bool = False,
) -> Request:  # fmt: skip
    """Write the request of an existing state folder again; with `rotate_at` (ms) for a fresh identity key, made in
    `module` if there is one; with `new_link` for a new key of the link to the hub.

    The name is the last request's where none is stated. The keyring and nats.env are saved before the request that
    names their keys.
    """
    keyring = Keyring.open(folder / KEYRING, passphrase)
    path = folder / f"{keyring.member}.request.json"
    known = name or read_request(read(path, "the request"), str(path)).request.name
    if rotate_at is not None:
        keyring.rotate_identity(rotate_at, module)
        keyring.save()
    if new_link:
        renew_link(folder)
    request = request_of(keyring, known, module)
    atomic_write(path, write_request(request), PUBLIC)
    return request


def note_backup(folder: Path, at: int) -> None:
    """A backup of the state folder was made at `at` (ms)."""
    made = [*backups(folder), at][-BACKUPS_KNOWN:]
    atomic_write(folder / BACKUP, json.dumps({"at": at, "made": made}).encode())


def backups(folder: Path) -> list[int]:
    """When backups of the state folder were made (ms), the oldest first; at most the last BACKUPS_KNOWN."""
    last = last_backup(folder)
    if last is None:
        return []
    made = json.loads((folder / BACKUP).read_bytes()).get("made")
    known = [at for at in made if isinstance(at, int) and 0 <= at < last] if isinstance(made, list) else []
    return [*known[-BACKUPS_KNOWN:], last]


def last_backup(folder: Path) -> int | None:
    """When the last backup of the state folder was made (ms); None when that is not known."""
    try:
        at = json.loads((folder / BACKUP).read_bytes())["at"]
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return at if isinstance(at, int) and 0 <= at <= limits.INTEGER_MAX else None
