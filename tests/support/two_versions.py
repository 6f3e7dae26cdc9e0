"""A folder that stands for a machine on which two versions of suar are installed, for tests of `suar upgrade`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from suar.protocol.base.primitives import Secret
from suar.protocol.base.sentences import Sentence
from suar.service.settings import sealed
from suar.service.settings.state import create_state
from suar.service.setup import upgrade
from suar.service.setup.machine_paths import MachinePaths
from suar.service.setup.upgrade import Upgrade, in_use, installed
from support.bundles import ROOT

PASSPHRASE: Final = Secret(b"correct horse battery staple")
NOW: Final = 1_800_000_000_000


class Machine:
    """A folder that stands for a machine with two versions; `calls` is what was asked of systemctl."""

    def __init__(self, folder: Path) -> None:
        self.places, self.prefix = MachinePaths(folder / "root"), folder / "opt"
        self.backups = folder / "backups"
        self.backups.mkdir(parents=True)
        self.calls: list[str] = []
        self.reports: list[Sentence] = []
        self.ready: list[bool] = []
        for name in ("0.2.0", "0.3.0"):
            (self.prefix / name / "bin").mkdir(parents=True)
            (self.prefix / name / "share").mkdir()
            (self.prefix / name / "share/systemd").symlink_to(ROOT / "deploy/systemd")
            for program in ("suar", "python"):
                (self.prefix / name / "bin" / program).touch()
        (self.prefix / "current").symlink_to("0.2.0")
        self.places.units.mkdir(parents=True)
        create_state(
            self.places.state, PASSPHRASE, member="TH", name="Thailand", federation="asean", now=NOW, cost=sealed.FLOOR
        )

    def upgrade(self, *ready: bool, second: str | None = None, passphrase: Secret = PASSPHRASE) -> None:
        answers: Iterator[bool] = iter(ready)
        job = Upgrade(self.places, passphrase, lambda: next(answers), self.reports.append, NOW)
        job.run(installed(self.prefix, "0.3.0"), self.backups, upgrade.POLL / 2, second)

    @property
    def version(self) -> str:
        return in_use(self.prefix).name
