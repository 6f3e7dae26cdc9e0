"""The systemd units and the firewall rules, judged by the programs that read them; no systemd is booted here."""

import re
import subprocess
from pathlib import Path

import pytest

from suar.service.setup.machine_paths import STARTED, UNITS
from support.bundles import ROOT
from support.executables import NFT, SHELL, SYSTEMD_ANALYZE, UNSHARE, require

SYSTEMD = ROOT / "deploy/systemd"
SERVICES = sorted(path.name for path in SYSTEMD.glob("*.service"))
CONFINED = {
    "AmbientCapabilities=", "CapabilityBoundingSet=", "KeyringMode=private", "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes", "NoNewPrivileges=yes", "PrivateDevices=yes", "PrivateTmp=yes", "PrivateUsers=yes",
    "ProcSubset=pid", "ProtectControlGroups=yes", "ProtectHome=yes", "ProtectHostname=yes", "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes", "ProtectKernelTunables=yes", "ProtectProc=invisible", "ProtectSystem=strict",
    "RemoveIPC=yes", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "RestrictNamespaces=yes",
    "RestrictRealtime=yes", "RestrictSUIDSGID=yes", "StateDirectoryMode=0700", "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources", "UMask=0077",
}  # fmt: skip
"""Of each service: the threshold alone leaves room to lose one or two of them."""


def settings(name: str) -> list[tuple[str, str]]:
    return re.findall(r"^(\w+)=(.*)$", (SYSTEMD / name).read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_exposure_of_each_service_is_at_most_one_and_a_half(name: str) -> None:
    require(SYSTEMD_ANALYZE, "systemd")
    done = subprocess.run(
        [SYSTEMD_ANALYZE, "security", "--offline=true", "--threshold=15", "--no-pager", str(SYSTEMD / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-300:]
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level
    assert float(level[1]) <= 1.5


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_lost_a_confinement(name: str) -> None:
    assert CONFINED - {f"{key}={value}" for key, value in settings(name)} == set()


def test_a_bare_service_is_above_the_threshold(tmp_path: Path) -> None:
    require(SYSTEMD_ANALYZE, "systemd")
    (tmp_path / "bare.service").write_text("[Service]\nExecStart=/bin/true\n")
    done = subprocess.run(
        [SYSTEMD_ANALYZE, "security", "--offline=true", "--threshold=15", "--no-pager", str(tmp_path / "bare.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0


def test_units_are_understood_whole(tmp_path: Path) -> None:
    """`verify` knows every setting; the programs themselves are given a place where they are."""
    require(SYSTEMD_ANALYZE, "systemd")
    for path in SYSTEMD.glob("suar*.[st]*e*"):
        text = path.read_text()
        (tmp_path / path.name).write_text(re.sub(r"/opt/suar/current/bin/[\w-]+", SHELL, text))
    units = sorted(str(path) for path in tmp_path.iterdir() if path.suffix in (".service", ".timer"))
    assert len(units) == len(UNITS) + 1
    done = subprocess.run([SYSTEMD_ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "suar" in line] == []
    assert done.returncode == 0


def test_setup_knows_every_unit_of_a_member() -> None:
    there = {path.name for path in SYSTEMD.iterdir() if path.suffix in (".service", ".timer")}
    assert there == {*UNITS, "suar-hub-watch.service"}
    assert set(STARTED) | {"suar-nats.service", "suar-backup.service", "suar-check.service"} == set(UNITS)


def test_the_gateway_is_watched_and_reads_its_passphrase_as_a_credential() -> None:
    found = dict(settings("suar.service"))
    assert (found["Type"], found["WatchdogSec"], found["Restart"]) == ("notify", "60", "always")
    assert found["LoadCredential"] == "passphrase:/etc/suar/passphrase"
    for name in SERVICES:
        assert "passphrase" not in dict(settings(name))["ExecStart"]


def test_only_the_unit_of_the_checks_may_ask_for_the_clock_and_none_may_set_it() -> None:
    with_clock = {name for name in SERVICES if ("ProtectClock", "yes") not in settings(name)}
    assert with_clock == {"suar-check.service"}
    found = settings("suar-check.service")
    assert dict(found)["ExecStart"] == "/opt/suar/current/bin/suar check --machine --format nagios"
    assert ("SystemCallFilter", "adjtimex clock_adjtime clock_adjtime64") in found
    assert ("CapabilityBoundingSet", "") in found


@pytest.mark.parametrize("name", ["member.nft", "hub.nft"])
def test_firewall_rules_are_valid(name: str) -> None:
    require(NFT, "nftables")
    tables = subprocess.run([UNSHARE, "-rn", NFT, "list", "tables"], capture_output=True, text=True, check=False)
    if tables.returncode != 0:  # a kernel without nf_tables cannot judge the rules; nft itself is required in CI
        pytest.skip(f"this machine has no nf_tables in a namespace: {tables.stderr.strip()}")
    rules = str(ROOT / "deploy/nftables" / name)
    done = subprocess.run([UNSHARE, "-rn", NFT, "-c", "-f", rules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_members_take_nothing_and_the_hub_takes_links_of_members_alone() -> None:
    accepted = {}
    for name in ("member", "hub"):
        text = (ROOT / "deploy/nftables" / f"{name}.nft").read_text()
        assert "hook input priority filter; policy drop;" in text
        accepted[name] = re.findall(r"^ +tcp dport (\d+) ip saddr @(\w+) accept$", text, re.MULTILINE)
        assert len(accepted[name]) == text.count("dport")
    assert accepted == {"member": [("22", "administrators")], "hub": [("22", "administrators"), ("7422", "members")]}
