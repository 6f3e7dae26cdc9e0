"""[console] of suar.toml."""

from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault
from suar.service.settings.config import load
from suar.service.settings.sections.console_config import Console

MEMBER = '[member]\ncode = "TH"\nname = "Thailand"\n[console]\n'


def loaded(folder: Path, text: str) -> Console:
    (folder / "suar.toml").write_text(MEMBER + text, encoding="utf-8")
    return load(folder, {}).console


def test_it_is_for_this_machine_until_an_origin_is_named(tmp_path: Path) -> None:
    made = loaded(tmp_path, "")
    assert (made.enabled, made.origin, made.host, made.idle_minutes, made.timezone) == (True, "", "", 30, "UTC")
    assert made.second_person == ["immediate", "red"]
    assert loaded(tmp_path, 'origin = "https://c.example:8443"').host == "c.example:8443"


@pytest.mark.parametrize(
    "text",
    [
        'origin = "http://console.example"', 'origin = "https://console.example/"', 'origin = "https://a@b.example"',
        'origin = "https://Console.Example"', "idle_minutes = 4", "idle_minutes = 61", 'second_person = ["all"]',
        'timezone = "Mars/Olympus"', 'timezone = "../../etc/passwd"', 'proxies = ["proxy.example"]', "unknown = 1",
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Fault, match=f"console.{text.partition(' ')[0]}"):
        loaded(tmp_path, text)
