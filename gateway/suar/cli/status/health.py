"""The health of a state folder for `doctor` and `check`: from the running gateway, else from the folder alone."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from suar.cli.base.client import call, not_answering, running
from suar.cli.base.common import PASSPHRASE_VARIABLE, keyring_passphrase
from suar.files import NO_KEYRING, require_folder
from suar.observe.checks import every as checks
from suar.observe.checks.every import SELF, Check
from suar.observe.checks.pair import TLS_STEP, WITHOUT_TLS
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import built
from suar.service.settings import config
from suar.service.settings.integrity import anchor_fault, closed_fault
from suar.service.settings.keyring import Keyring
from suar.service.settings.state import KEYRING, NATS_ENVIRONMENT, is_held
from suar.store.engine.account import NEXT
from suar.store.engine.anchor import CLOSED_FILE
from suar.store.engine.backends.server_checks import is_plain
from suar.store.engine.database import Database, StoreFault
from suar.store.recovery import copies

if TYPE_CHECKING:
    from sqlalchemy import Connection

EXIT: Final = {status: code for code, status in enumerate(checks.STATUSES)}
ANSWER_WITHIN: Final = 7.5  # seconds: monitoring plugins are ended after ten, and this command has to start
NO_ANSWER: Final = "no gateway answers"
"""In the findings of checks that only a running gateway can make."""
PRIVATE: Final = (KEYRING, NATS_ENVIRONMENT, "gateway.json", "suar.db", "suar.db-wal", "suar.db-shm")
"""Files of the state folder that only their owner may read."""

built(Check)


def checks_of(state: Path, passphrase_file: Path | None = None) -> list[Check]:
    """Return every check of the gateway on `state`, preceded by those of the folder itself.

    While no gateway runs, a passphrase from the file or from SUAR_PASSPHRASE_FILE compares the store with its anchor.
    """
    before = [_settings(state), _files(state)]
    try:
        require_folder(state)
        if running(state):
            answer: dict[str, Any] = call(state, "GET", "/v1/checks", timeout=ANSWER_WITHIN)
            found = msgspec.convert(answer["checks"], list[Check])
            return [Check("gateway-running", "ok", SELF, "the gateway runs and answers"), *before, *found]
        down = _without_gateway(state)
    except Fault as fault:
        down = Check("gateway-running", "critical", SELF, fault.text, fault.hint)
    seen = [checks.disk(shutil.disk_usage(state).free), *_store(state, passphrase_file)] if state.is_dir() else []
    if any(check.id == "store-integrity" for check in seen) and not is_held(state):
        down = msgspec.structs.replace(down, next="see store-integrity: until then no gateway starts on this store")
    return [down, *before, *seen, *checks.unknown(NO_ANSWER, but={check.id for check in seen})]


def _without_gateway(state: Path) -> Check:
    fault = not_answering(state)
    return Check("gateway-running", "critical", SELF, fault.text, fault.hint)


def _settings(state: Path) -> Check:
    try:
        config.load(state, os.environ)
    except Fault as fault:
        return Check("settings", "critical", SELF, fault.text, fault.hint)
    return Check("settings", "ok", SELF, "the settings are valid")


def _files(state: Path) -> Check:
    try:
        require_folder(state)
    except Fault as fault:
        return Check("files", "critical", SELF, fault.text, fault.hint)
    if not (state / KEYRING).exists():
        return Check("files", "critical", SELF, f"{state} has no keyring", NO_KEYRING)
    open_ = [name for name in PRIVATE if (state / name).exists() and _is_open(state / name)]
    if open_:
        command = " ".join(f"{state / name}" for name in open_)
        return Check("files", "warning", SELF, f"others may read {', '.join(open_)}", f"chmod 600 {command}")
    return Check("files", "ok", SELF, "only their owner may read the private files")


def _store(state: Path, passphrase_file: Path | None) -> list[Check]:
    """Check a store without a gateway: its schema, its anchor, and what a database is missing."""
    with suppress(Fault):  # of the settings, which are reported
        url = config.load(state, os.environ).store_url
        if url.startswith("postgresql"):
            return _database(state, url, passphrase_file)
    return _integrity(
        copies.schema_fault(state / copies.STORE)
        or _anchor_fault(state, passphrase_file)
        or _closed_fault(state, passphrase_file)
    )


def _integrity(fault: Fault | None) -> list[Check]:
    return [] if fault is None else [Check("store-integrity", "critical", SELF, fault.text, fault.hint)]


def _anchor_fault(state: Path, passphrase_file: Path | None, connection: "Connection | None" = None) -> Fault | None:
    """Compare a store with its anchor where the passphrase is known without a prompt and nobody works on the folder.

    `connection`: to a store in PostgreSQL.
    """
    if (connection is None and not (state / copies.STORE).exists()) or is_held(state):
        return None
    keyring = _keyring(state, passphrase_file)
    return None if keyring is None else anchor_fault(state, keyring, connection)


def _closed_fault(state: Path, passphrase_file: Path | None) -> Fault | None:
    """Return the finding by which the store is closed; without the passphrase, only that there is one."""
    file = state / CLOSED_FILE
    if not file.exists():
        return None
    keyring = _keyring(state, passphrase_file)
    if keyring is not None:
        return closed_fault(state, keyring)
    text = f"the store was found altered from outside, and stays closed: {file} has the finding, sealed"
    return Fault(text, f"`suar audit verify --store` names it; {NEXT}")


def _keyring(state: Path, passphrase_file: Path | None) -> Keyring | None:
    """Return the keyring where its passphrase is known without a prompt."""
    if passphrase_file is None and not os.environ.get(PASSPHRASE_VARIABLE):
        return None
    try:
        return Keyring.open(state / KEYRING, keyring_passphrase(state, passphrase_file))
    except Fault:  # the gateway would say the same of the passphrase; the store is not judged
        return None


def _database(state: Path, url: str, passphrase_file: Path | None) -> list[Check]:
    from suar.store.recovery import server_copies

    database, closed = Database(state, url), _closed_fault(state, passphrase_file)
    try:
        database.prepare()
        with database.reading() as connection:
            is_open = is_plain(connection.connection.driver_connection)
            altered = server_copies.schema_fault(connection) or _anchor_fault(state, passphrase_file, connection)
    except StoreFault as fault:
        return [Check("store-roles", "critical", SELF, fault.text, fault.hint), *_integrity(closed)]
    finally:
        database.close()
    roles = Check("store-roles", "ok", SELF, "the database and the gateway's role in it are as a gateway needs them")
    if is_open:
        roles = Check("store-roles", "warning", SELF, WITHOUT_TLS, TLS_STEP)
    return [roles, *_integrity(altered or closed)]


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
