"""The paths and owners of an installed member's files: the paths that the units of deploy/systemd name."""

import os
import pwd
import sys
from pathlib import Path
from typing import Final

from suar.files import read
from suar.protocol.base.sentences import SentenceFault, sentence

GATEWAY_USER: Final = "suar"
NATS_USER: Final = "suar-nats"
UNITS: Final = (
    "suar.service", "suar-nats.service", "suar-watch.service", "suar-backup.service", "suar-backup.timer",
    "suar-check.service", "suar-check.timer",
)  # fmt: skip
STARTED: Final = ("suar.service", "suar-watch.service", "suar-backup.timer", "suar-check.timer")
"""What runs once the streams are there; the NATS server runs before."""


INSTALL: Final = sentence("install {program} by {page}", program="suar", page="docs/install.md")


class MachinePaths:
    """The paths of one machine. `root` is `/`, or a folder in its place."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.settings = root / "etc/suar"
        self.passphrase = self.settings / "passphrase"
        self.environment = self.settings / "suar.env"
        self.nats_environment = self.settings / "nats.env"
        self.plan = self.settings / "PLAN.toml"
        self.nats = self.settings / "nats"
        self.nats_config = self.nats / "server.conf"
        self.leaf_key, self.leaf_request = self.nats / "leaf.key", self.nats / "leaf.csr"
        self.leaf_certificate, self.leaf_authority = self.nats / "leaf.crt", self.nats / "leaf-ca.crt"
        self.data = root / "var/lib/suar"
        self.state = self.data / "state"
        self.outgoing = self.data / "outgoing"
        self.nats_data = root / "var/lib/suar-nats"
        self.units = root / "etc/systemd/system"

    def backups(self) -> Path:
        """The folder of the daily backups, as the units read it."""
        lines = read(self.environment, "what the units read").decode().splitlines()
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        return Path(found.get("SUAR_BACKUPS") or self.data / "backups")


def installed() -> Path:
    """The folder of this installation, with bin/ and share/. Fault where suar was not installed from a bundle."""
    folder = Path(sys.prefix)
    if not (folder / "share/systemd").is_dir():
        raise SentenceFault(sentence("{folder} was not installed from a bundle", folder=str(folder)), INSTALL)
    return folder


def change_owner(path: Path, user: str) -> None:
    """Make `user` the owner of the file or folder and its contents. Does nothing unless it runs as root."""
    if os.geteuid() != 0:
        return
    try:
        who = pwd.getpwnam(user)
    except KeyError:
        raise SentenceFault(sentence("this machine has no user {user}", user=user), INSTALL) from None
    for each in (path, *(path.rglob("*") if path.is_dir() else ())):
        os.chown(each, who.pw_uid, who.pw_gid, follow_symlinks=False)
