"""`suar upgrade`: switches to another installed version, and back if it does not become ready.

The gateway is stopped first, so nothing is accepted between the backup and the way back. The earlier version cannot
open a store that the new version has migrated: the backup is restored then, and what was sent or received meanwhile is
read back from the own streams, as after every restore ([E12]).
"""

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.protocol.base.sentences import Sentence, SentenceFault, sentence
from suar.service.recovery import backup, restore
from suar.service.settings import config as settings
from suar.service.setup import units
from suar.service.setup.machine_paths import GATEWAY_USER, INSTALL, UNITS, MachinePaths, change_owner
from suar.store.recovery import copies

CURRENT: Final = "current"
STOPPED: Final = ("suar-watch.service", "suar.service")
RESTARTED: Final = ("suar-nats.service", *STOPPED[::-1])
POLL: Final = 0.5  # seconds


class Version(NamedTuple):
    """One installed version below the prefix."""

    prefix: Path
    name: str

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return self.prefix / self.name


def installed(prefix: Path, name: str) -> Version:
    """Return the version to switch to. Raises Fault where it is not installed completely, or in use already."""
    found = Version(prefix, name)
    if "/" in name or name in ("", ".", "..", CURRENT):
        raise SentenceFault(
            sentence("'{name}' is no version", name=name),
            sentence("name a folder in {folder}, such as 0.3.0", folder=str(prefix)),
        )
    if not all((found.folder / part).exists() for part in ("bin/suar", "bin/python", "share/systemd/suar.service")):
        raise SentenceFault(
            sentence("{folder} has no installation of suar", folder=str(found.folder)),
            sentence("first run {command} of that version", command="`install.sh --no-link`"),
        )
    if in_use(prefix).name == name:
        raise SentenceFault(
            sentence("{version} is in use already", version=name), sentence("see {where}", where=str(prefix / CURRENT))
        )
    return found


def in_use(prefix: Path) -> Version:
    """The version that `current` names. Fault where there is no such link."""
    link = prefix / CURRENT
    if not link.is_symlink():
        raise SentenceFault(sentence("{link} is no link to a version", link=str(link)), INSTALL)
    return Version(prefix, link.readlink().name)


def link(version: Version) -> None:
    """Let `current` name that version, in one step."""
    temporary = version.prefix / f".{CURRENT}.{secrets.token_hex(6)}"
    temporary.symlink_to(version.name)
    try:
        temporary.replace(version.prefix / CURRENT)
    finally:
        temporary.unlink(missing_ok=True)


class Upgrade:
    """One change of version. `is_ready` returns whether the gateway is ready; `report` is called with each step."""

    def __init__(
        self,
        paths: MachinePaths,
        passphrase: Secret,
        is_ready: Callable[[], bool],
        report: Callable[[Sentence], None],
        now: int,
    ) -> None:
        self._paths, self._passphrase, self._now = paths, passphrase, now
        self._is_ready, self._report = is_ready, report

    def run(self, new: Version, backups: Path, within: float, second: str | None) -> None:
        """Switch to `new`. Raises Fault after switching back if the gateway is not ready within `within` seconds."""
        old = in_use(new.prefix)
        target = self._backed_up(backups)
        revision = self._revision()
        self._activate(new)
        self._start_units()
        if self._wait_until_ready(within):
            self._report(sentence("{version} is in use", version=new.name))
            return
        self._stop_units()
        self._activate(old)
        if self._revision() != revision:
            self._put_back(target, second)
        self._start_units()
        after = sentence("see {where}; the state before is in {file}", where="`journalctl -u suar`", file=str(target))
        seconds = f"{within:g}"
        if not self._wait_until_ready(within):
            text = sentence(
                "{new} was not ready in {seconds} s, and {old} is not ready either",
                new=new.name, seconds=seconds, old=old.name,
            )  # fmt: skip
            raise SentenceFault(text, after)
        text = sentence(
            "{new} was not ready in {seconds} s: {old} is in use again", new=new.name, seconds=seconds, old=old.name
        )
        raise SentenceFault(text, after)

    def _backed_up(self, backups: Path) -> Path:
        """Stop, and make the backup; where that fails, start again what was in use."""
        target = backup.named(backups, self._paths.state, self._now)
        self._stop_units()
        try:
            backup.make(self._paths.state, self._passphrase, target, now=self._now)
        except BaseException:
            change_owner(self._paths.data, GATEWAY_USER)
            self._start_units()
            raise
        change_owner(self._paths.data, GATEWAY_USER)
        change_owner(target, GATEWAY_USER)
        self._report(sentence("backup: {file}", file=str(target)))
        return target

    def _activate(self, version: Version) -> None:
        """Link the version, and put its units in place."""
        link(version)
        for name in UNITS:
            units.replace(self._paths, version.folder, name)
        units.systemctl("daemon-reload")

    def _start_units(self) -> None:
        for unit in RESTARTED:
            units.systemctl("restart", "--no-block", unit)

    def _stop_units(self) -> None:
        for unit in STOPPED:
            units.systemctl("stop", unit)

    def _wait_until_ready(self, within: float) -> bool:
        """Wait until the gateway is ready; returns False if it is not after `within` seconds."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self._is_ready():
                return True
            time.sleep(POLL)
        return False

    def _revision(self) -> str:
        url = settings.load(self._paths.state, os.environ).store_url
        if copies.is_on_server(url):
            from suar.store.recovery import server_copies

            return server_copies.revision(self._paths.state, url)
        return copies.revision(self._paths.state / copies.STORE)

    def _put_back(self, target: Path, second: str | None) -> None:
        try:
            restore.restore(target, self._passphrase, self._paths.state, now=self._now, replace=True, second=second)
        except Fault as fault:
            restored = f"suar restore {target} --replace --state {self._paths.state}"
            raise SentenceFault(
                sentence(
                    "the new version changed the store, and the backup is not put back: {reason}", reason=fault.text
                ),
                sentence("{hint}; then: {command}", hint=fault.hint, command=restored),
            ) from None
        change_owner(self._paths.data, GATEWAY_USER)
        self._report(sentence("the new version had changed the store: the backup is put back"))
