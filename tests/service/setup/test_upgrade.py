"""`suar upgrade` step by step: what is stopped, linked and started, in which order, and what a failure leaves behind.

How it goes with real gateways is in tests/deploy/test_install_document.py.
"""

from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault
from suar.service.recovery import backup, restore
from suar.service.setup import units
from suar.service.setup.upgrade import in_use, installed
from support.two_versions import NOW, Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(units, "systemctl", lambda *arguments: made.calls.append(" ".join(arguments)))
    return made


STOP = ["stop suar-watch.service", "stop suar.service"]
START = [f"restart --no-block {unit}.service" for unit in ("suar-nats", "suar", "suar-watch")]


def test_a_version_that_gets_ready_is_in_use(machine: Machine) -> None:
    machine.upgrade(True)
    assert machine.version == "0.3.0"
    assert machine.calls == [*STOP, "daemon-reload", *START]
    assert len(list(machine.backups.iterdir())) == 1
    assert f"{machine.prefix}/current/bin/suar serve" in (machine.places.units / "suar.service").read_text()
    assert sorted(path.name for path in machine.prefix.iterdir()) == ["0.2.0", "0.3.0", "current"]


def test_the_version_before_is_in_use_again(machine: Machine) -> None:
    with pytest.raises(Fault, match="is in use again"):
        machine.upgrade(False, True)
    assert machine.version == "0.2.0"
    assert machine.calls == [*STOP, "daemon-reload", *START, *STOP, "daemon-reload", *START]


def test_both_that_are_not_ready_are_reported(machine: Machine) -> None:
    with pytest.raises(Fault, match=r"0\.2\.0 is not ready either"):
        machine.upgrade(False, False)
    assert machine.version == "0.2.0"


def test_without_a_backup_nothing_is_changed_and_the_gateway_starts_again(machine: Machine) -> None:
    backup.named(machine.backups, machine.places.state, NOW).touch()
    with pytest.raises(Fault, match="exists already"):
        machine.upgrade(True)
    assert machine.version == "0.2.0"
    assert machine.calls == [*STOP, *START]


def test_a_store_that_cannot_be_put_back_is_left_with_the_command(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a second person has to show a token: the old version is linked, and nothing is started on that store."""

    def refused(*_: object, **__: object) -> None:
        raise Fault("a second person has to agree", "--second-token-file")

    revisions = iter(["0024", "0025"])
    monkeypatch.setattr("suar.store.recovery.copies.revision", lambda _: next(revisions))
    monkeypatch.setattr(restore, "restore", refused)
    with pytest.raises(Fault, match="a second person has to agree") as found:
        machine.upgrade(False)
    assert "suar restore" in found.value.hint
    assert machine.version == "0.2.0"
    assert machine.calls == [*STOP, "daemon-reload", *START, *STOP, "daemon-reload"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("0.2.0", "in use already"), ("0.4.0", "has no installation"), ("../opt/0.3.0", "is no version"),
        ("current", "is no version"), ("", "is no version"),
    ],
)  # fmt: skip
def test_what_is_no_other_version_is_refused(machine: Machine, name: str, words: str) -> None:
    with pytest.raises(Fault, match=words):
        installed(machine.prefix, name)


def test_a_prefix_without_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="is no link to a version"):
        in_use(tmp_path)
