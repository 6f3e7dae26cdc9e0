"""Installs the units of a member and starts them with `systemctl`."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from suar.files import PUBLIC, atomic_write
from suar.protocol.base.sentences import Sentence, SentenceFault, sentence
from suar.service.setup.machine_paths import UNITS, MachinePaths, installed

CURRENT: Final = "/opt/suar/current"
START_WITHIN: Final = 660  # seconds; suar.service notifies within 600
BACKUPS: Final = "/var/lib/suar/"
SEE_JOURNAL: Final = sentence("see {where}", where="`journalctl -u suar`")


def install(paths: MachinePaths, backups: str) -> None:
    """Write every unit, for the installation that runs this; a folder of backups elsewhere becomes writable."""
    folder = installed()
    paths.units.mkdir(parents=True, exist_ok=True)
    for name in UNITS:
        replace(paths, folder, name)
    if not backups.startswith(BACKUPS):
        drop_in = paths.units / "suar-backup.service.d"
        drop_in.mkdir(exist_ok=True)
        atomic_write(drop_in / "backups.conf", f"[Service]\nReadWritePaths={backups}\n".encode(), PUBLIC)


def replace(paths: MachinePaths, folder: Path, name: str) -> None:
    """Write one unit as the installation in `folder` has it."""
    text = (folder / "share/systemd" / name).read_text().replace(CURRENT, str(folder.parent / "current"))
    atomic_write(paths.units / name, text.encode(), PUBLIC)


def systemctl(*arguments: str) -> None:
    """Run it. Fault with its last line where it fails, or where there is none."""
    program, command = shutil.which("systemctl"), f"systemctl {' '.join(arguments)}"
    if program is None:
        text = sentence("this machine has no {program}", program="systemctl")
        raise SentenceFault(text, sentence("start the units of {page} by other means", page="docs/install.md"))
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and names of our own
            [program, *arguments], capture_output=True, text=True, timeout=START_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        raise SentenceFault(sentence("{command} did not end", command=command), SEE_JOURNAL) from None
    if done.returncode != 0:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        last = lines[-1] if lines else str(done.returncode)
        raise SentenceFault(Sentence("{command}: {last}", {"command": command, "last": last}), SEE_JOURNAL)


def start(units: Sequence[str]) -> None:
    """Enable the units and start them; returns when they are ready."""
    systemctl("daemon-reload")
    for unit in units:
        systemctl("enable", "--now", unit)
