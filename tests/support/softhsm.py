"""A hardware module in software (SoftHSM) with one token of the test's own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from suar.service.settings.hardware_key import Hsm, Module
from support.executables import SOFTHSM, require

_LIBRARIES: Final = [
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
    *Path("/usr/lib").glob("softhsm/libsofthsm2.so"),
    *Path("/usr/lib").glob("pkcs11/libsofthsm2.so"),
]
PIN: Final = "test-1234"
TOKEN: Final = "suar"


class SoftHsm:
    """One token below a folder, for the processes that have its `environment`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._tokens = folder, folder / "tokens"
        self._tokens.mkdir(parents=True)
        self._configuration, self.pin_file = folder / "softhsm2.conf", folder / "pin"
        self._configuration.write_text(f"directories.tokendir = {self._tokens}\nlog.level = ERROR\n")
        self.pin_file.write_text(PIN + "\n")
        command = [SOFTHSM, "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "so-" + PIN]
        subprocess.run(command, env={**os.environ, **self.environment}, check=True, capture_output=True)

    @property
    def environment(self) -> dict[str, str]:
        """How a process finds the token."""
        return {"SOFTHSM2_CONF": str(self._configuration)}

    @property
    def settings(self) -> Hsm:
        """[hsm] of suar.toml."""
        return Hsm(module=str(_LIBRARIES[0]), token=TOKEN, pin_file=str(self.pin_file))

    @property
    def lines(self) -> str:
        """The same as text."""
        chosen = self.settings
        return f'\n[hsm]\nmodule = "{chosen.module}"\ntoken = "{chosen.token}"\npin_file = "{chosen.pin_file}"\n'

    def module(self) -> Module:
        """The token as a gateway uses it."""
        return Module(self.settings, self.folder)

    def forget(self) -> None:
        """End every session and login of this process."""
        import pkcs11

        pkcs11.lib(self.settings.module).reinitialize()

    def remove_token(self) -> None:
        """Remove the token; what a process knows of it is of no use any more."""
        self._tokens.rename(self.folder / "elsewhere")
        self._tokens.mkdir()

    def restore_token(self) -> None:
        """Put the token back."""
        self._tokens.rmdir()
        (self.folder / "elsewhere").rename(self._tokens)


@contextmanager
def made(folder: Path) -> Iterator[SoftHsm]:
    """A token, also for this process; skips where SoftHSM is missing."""
    require(SOFTHSM, "softhsm2", "hsm")
    pytest.importorskip("pkcs11", reason="the extra hsm is missing")
    with pytest.MonkeyPatch.context() as patch:
        token = SoftHsm(folder)
        patch.setenv("SOFTHSM2_CONF", token.environment["SOFTHSM2_CONF"])
        token.forget()
        yield token
