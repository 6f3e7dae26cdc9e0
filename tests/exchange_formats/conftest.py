"""Commands that import and export, run in a folder of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import Suar


@pytest.fixture
def suar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Suar:
    """`suar(*arguments)`, in the test's folder."""
    from support.commands import in_process

    monkeypatch.chdir(tmp_path)
    return in_process(capsys)
