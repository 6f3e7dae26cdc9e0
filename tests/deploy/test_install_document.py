"""docs/install.md as it stands, from bare machines to a receipt of another member.

The machines are namespaces. systemd does not run in them: support/machine_systemctl.py starts what the units name.
"""

import json
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

import suar
from support.bundles import ROOT, Bundle
from support.machines import Machine, booted, cable
from support.playbooks import FENCE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
DOCUMENT = ROOT / "docs/install.md"
MEMBERS = {"TH": "Thailand", "SG": "Singapore"}
STATE = "--state /var/lib/suar/state"
MIGRATES = """/usr/bin/python3 -c '
import sqlite3
store = sqlite3.connect("/var/lib/suar/state/suar.db")
store.execute("update alembic_version set version_num = 9999")
store.commit()'; exec sleep 600"""
"""A later version, which has migrated the store before it hangs and is never ready."""


def blocks(name: str) -> list[str]:
    """The blocks of one role, in order, as a test may run them."""
    found = [match["text"] for match in FENCE.finditer(DOCUMENT.read_text()) if match["needs"] == name]
    return [block.replace("--offline", "--offline --test-only") for block in found]


def run(machine: Machine, block: str, **environment: str) -> str:
    done = machine.run(block, SUAR_ARGON2ID="interactive", **environment)
    assert done.returncode == 0, f"{machine.name}: {block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def carry(files: list[Path], *machines: Machine) -> None:
    for machine in machines:
        for file in files:
            shutil.copy(file, machine.media)


def answers(code: str) -> str:
    text = DOCUMENT.read_text().partition("```toml\n")[2].partition("```")[0]
    return text.replace('"TH"', f'"{code}"').replace('"Thailand"', f'"{MEMBERS[code]}"')


def test_the_document_names_this_version() -> None:
    assert set(re.findall(r"suar-(\d+\.\d+\.\d+)", DOCUMENT.read_text())) == {suar.__version__}


def test_a_member_needs_four_commands() -> None:
    [first], [last] = blocks("member"), blocks("finish")
    assert len([line for line in (first + last).splitlines() if line.strip()]) == 4


class Founded:
    """The machines after every command of the document, and what `setup finish` said at each member."""

    def __init__(self, hub: Machine, members: list[Machine]) -> None:
        self.hub, self.members = hub, members
        self.outputs: dict[str, str] = {}

    def found(self, bundle: Bundle) -> None:
        for number, member in enumerate(self.members):
            cable(self.hub, f"10.77.{number}.1", member, f"10.77.{number}.2", f"v{number}")
            member.add_host(f"10.77.{number}.1", "hub.federation.example")
        carry([bundle.archive, bundle.signature, bundle.signers], self.hub, *self.members)
        before, after = blocks("hub")
        run(self.hub, before)
        for member in self.members:
            set_up(member)
            carry(list((member.folder / "lib/suar/outgoing").iterdir()), self.hub)
        ceremony(self.hub)
        run(self.hub, after)
        for member in self.members:
            carry([self.hub.media / name for name in ("1.list", "1.pin", "PLAN.toml")], member)
            shutil.copy(self.hub.media / f"{member.name.lower()}.crt", member.media / "CC.crt")
        self.outputs = finished(self.hub, self.members)
        for member, other in (self.members, self.members[::-1]):  # before a test stops a server of one of them
            assert_received(member, self.outputs[member.name], other.name)


@pytest.fixture(scope="module")
def founded(machines_work: None, bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    with booted(tmp_path_factory.mktemp("machines"), "hub", *MEMBERS) as [hub, *members]:
        made = Founded(hub, members)
        made.found(bundle)
        yield made


def test_from_bare_machines_to_a_receipt(founded: Founded) -> None:
    for member, other in (founded.members, founded.members[::-1]):
        assert_received(member, founded.outputs[member.name], other.name)
        assert_units_ran(member)


# -- another version


def another(machine: Machine, name: str, serve: str) -> None:
    """A version beside the one in use: the same, but for what its `suar serve` does first."""
    run(machine, f"cp -al /opt/suar/{suar.__version__} /opt/suar/{name}")
    program = machine.folder / "opt/suar" / name / "bin/suar"
    program.unlink()  # the files are those of both
    own = f"exec /opt/suar/{suar.__version__}/bin/suar"
    program.write_text(f'#!/bin/sh\nif [ "$1" = serve ]; then {serve}; fi\n{own} "$@"\n')
    program.chmod(0o755)


def current(machine: Machine) -> str:
    return run(machine, "readlink /opt/suar/current").strip()


def is_serving(machine: Machine) -> None:
    title = run(machine, f"suar drill start call-out --to all {STATE}").split()
    assert title[0].startswith("drill-")


def test_an_upgrade_is_put_into_use_after_a_backup(founded: Founded) -> None:
    member = founded.members[0]
    backups = len(list((member.folder / "lib/suar/backups").iterdir()))
    another(member, "0.2.1", ":")
    output = run(member, "suar upgrade 0.2.1")
    assert output.splitlines()[-1] == "0.2.1 is in use"
    assert current(member) == "0.2.1"
    assert len(list((member.folder / "lib/suar/backups").iterdir())) == backups + 1
    is_serving(member)
    run(member, f"suar upgrade {suar.__version__}")
    assert current(member) == suar.__version__
    is_serving(member)


@pytest.mark.parametrize(
    ("name", "serve", "words"),
    [
        ("0.2.2", "exit 1", "is in use again"),
        ("0.2.3", MIGRATES, "the backup is put back"),
    ],
    ids=["ends-at-once", "changes-the-store-and-hangs"],
)
def test_a_version_that_does_not_get_ready_is_left_again(founded: Founded, name: str, serve: str, words: str) -> None:
    member = founded.members[1]
    another(member, name, serve)
    ended = member.run(f"suar upgrade {name} --within 20")
    assert ended.returncode == 1
    assert words in ended.stderr
    assert f"{name} was not ready in 20 s: {suar.__version__} is in use again" in ended.stderr
    assert current(member) == suar.__version__
    is_serving(member)
    assert_received(member, published(member), founded.members[0].name)


def published(member: Machine) -> str:
    id_ = run(member, f"suar drill start call-out --to all {STATE}").split()[1]
    return f"suar deliveries {id_} {STATE}"


def test_what_is_no_version_is_refused(founded: Founded) -> None:
    member = founded.members[0]
    for name, words in (
        ("9.9.9", "has no installation"),
        ("../x", "is no version"),
        (current(member), "in use already"),
    ):
        ended = member.run(f"suar upgrade {name}")
        assert ended.returncode == 1
        assert words in ended.stderr


def set_up(member: Machine) -> None:
    (member.media / "answers.toml").write_text(answers(member.name))
    [block] = blocks("member")
    output = run(member, block)
    assert "/var/lib/suar/outgoing" in output
    assert len(re.findall(r": (?:[0-9a-f]{4} ){7,15}[0-9a-f]{4}$", output, re.MULTILINE)) == 2
    assert run(member, "ls /etc/systemd/system").count("suar") == 7
    for path, mode, owner in (
        ("/etc/suar/passphrase", "600", "root"), ("/etc/suar/nats.env", "600", "root"),
        ("/etc/suar/nats/leaf.key", "600", "suar-nats"), ("/var/lib/suar/state/keyring.suar", "600", "suar"),
    ):  # fmt: skip
        assert run(member, f"stat -c '%a %U' {path}").split() == [mode, owner], path
    again = member.run(block.splitlines()[-1])
    assert again.returncode == 1
    assert "go on with `suar setup finish`" in again.stderr


def ceremony(machine: Machine) -> None:
    (machine.media / "passphrase").write_text("correct horse battery staple\n")
    [block] = blocks("ceremony")
    run(machine, block, SUAR_PASSPHRASE_FILE="/media/passphrase")


def finished(hub: Machine, members: list[Machine]) -> dict[str, str]:
    """What `setup finish` said at each member, while the hub made its streams."""
    [block], [streams] = blocks("finish"), blocks("streams")
    with ThreadPoolExecutor(len(members)) as executor:
        ended: list[Future[str]] = [executor.submit(run, member, block) for member in members]
        run(hub, streams)
        return {member.name: each.result() for member, each in zip(members, ended, strict=True)}


def assert_received(member: Machine, expected: str, other: str) -> None:
    """The last line that was said, run until the other member's receipt is there."""
    command = expected.splitlines()[-1].strip()
    assert command.startswith("suar deliveries ")
    until = time.monotonic() + 120
    states: dict[str, str] = {}
    while states.get(other) not in ("stored", "opened") and time.monotonic() < until:
        found = json.loads(run(member, f"{command} --json"))
        states = {code: row["state"] for code, row in found["members"].items()}
        time.sleep(0.5)
    assert states[other] == "stored"


def assert_units_ran(member: Machine) -> None:
    """Those of the timers too; a second run of `finish` does no harm."""
    before = len(list((member.folder / "lib/suar/backups").iterdir()))
    run(member, "systemctl start suar-backup.service suar-check.service")
    backups = run(member, "ls -l /var/lib/suar/backups").splitlines()[1:]
    assert len(backups) == before + 1
    assert all(each.startswith("-rw------- 1 suar suar") for each in backups)
    log = run(member, "cat /var/log/suar-check.service")
    assert log.startswith("SUAR ")
    assert "CRITICAL" not in log
    assert run(member, f"suar check {STATE} --json || true").count('"critical"') == 0
    [block] = blocks("finish")
    run(member, f"{block.strip()} --no-start")
