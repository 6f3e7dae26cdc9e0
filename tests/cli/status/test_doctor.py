"""doctor and check while no gateway runs: what can be seen without one, the rest unknown."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from suar.cli.status import health
from suar.observe.checks import every as checks
from suar.observe.numbers import OpenAlarm
from support import healthy
from support.commands import Suar
from support.postgresql import Cluster


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "suar-state"
    folder.mkdir()
    (folder / "suar.toml").write_text('[member]\ncode = "TH"\nname = "Thailand"\n')
    (folder / "keyring.suar").touch(mode=0o600)
    return folder


def by_id(text: str) -> dict[str, Any]:
    return {check["id"]: check for check in json.loads(text)["checks"]}


def test_no_gateway_is_critical_and_the_rest_unknown(suar: Suar, state: Path) -> None:
    ended = suar("doctor", "--json")
    found = by_id(ended.out)
    assert ended.code == 2
    assert found["gateway-running"]["status"] == "critical"
    assert "suar serve" in found["gateway-running"]["next"]
    assert {found[name]["status"] for name in ("settings", "files", "disk")} == {"ok"}
    assert {found[name]["status"] for name in checks.IDS if name != "disk"} == {"unknown"}


def test_settings_that_are_wrong_are_named(suar: Suar, state: Path) -> None:
    (state / "suar.toml").write_text('[member]\ncode = "th"\nname = "Thailand"\n')
    settings = by_id(suar("check", "--json").out)["settings"]
    assert settings["status"] == "critical"
    assert "member.code" in settings["text"]


def test_a_private_file_that_others_may_read(suar: Suar, state: Path) -> None:
    (state / "keyring.suar").chmod(0o644)
    files = by_id(suar("check", "--format", "json").out)["files"]
    assert files["status"] == "warning"
    assert files["next"] == "chmod 600 suar-state/keyring.suar"


def test_no_folder_at_all(suar: Suar) -> None:
    ended = suar("check", "--format", "nagios")
    assert ended.code == 2
    assert ended.out.startswith("SUAR CRITICAL - gateway-running: there is no folder suar-state")
    output = suar("doctor").out
    assert "there is no folder suar-state" in output
    assert "SUAR_STATE" in output
    assert "suar init" not in output
    assert "suar serve" not in output


def test_an_address_that_is_damaged(suar: Suar, state: Path) -> None:
    (state / "gateway.json").write_text("{")
    assert "damaged" in by_id(suar("check", "--json").out)["gateway-running"]["text"]


def test_text_is_a_line_a_check(suar: Suar, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a gateway that answers; without one see below."""
    folder = [checks.Check(name, "ok", checks.SELF, "is well") for name in checks.FOLDER]
    monkeypatch.setattr(health, "checks_of", lambda *_: [*folder, *checks.run(healthy.numbers(), 30_000)])
    lines = suar("check").out.splitlines()
    assert [line.split()[1] for line in lines[: len(checks.FOLDER)]] == list(checks.FOLDER)
    assert {line.split()[1] for line in lines} == {*checks.IDS, *checks.FOLDER}


def test_with_the_gateway_down_doctor_says_that_once(suar: Suar, state: Path) -> None:
    ended = suar("doctor")
    assert ended.code == 2
    assert ended.out.splitlines() == [
        "critical  gateway-running: no gateway runs on suar-state",
        "          next: start it with `suar serve --state suar-state`",
        f"          until then not known: {len(checks.IDS) - 1} other checks",
        f"ok        3 checks of {len(checks.IDS) + 3} ({len(checks.IDS)} of the gateway, 3 of its folder)",
    ]


def test_a_closed_store_is_named_without_a_passphrase(suar: Suar, state: Path) -> None:
    (state / "closed.suar").touch(mode=0o600)
    found = by_id(suar("doctor", "--json").out)["store-integrity"]
    assert found["status"] == "critical"
    assert found["text"].startswith("the store was found altered from outside, and stays closed")
    assert "suar audit verify --store" in found["next"]


def test_settings_that_are_wrong_are_why_no_gateway_runs(suar: Suar, state: Path) -> None:
    (state / "suar.toml").write_text('[member]\ncode = "th"\nname = "Thailand"\n')
    lines = suar("doctor").out.splitlines()
    assert lines[0].startswith("critical  settings: ")
    assert "          so also gateway-running: no gateway runs on suar-state" in lines
    assert sum(line.startswith("critical") for line in lines) == 1
    assert {
        each["because"] for each in by_id(suar("doctor", "--json").out).values() if each["status"] == "unknown"
    } == {"settings"}


def test_nagios_shows_the_cause_alone(suar: Suar, state: Path) -> None:
    line = suar("check", "--format", "nagios").out
    assert line.startswith("SUAR CRITICAL - gateway-running: no gateway runs on suar-state | ok=3")
    assert "no gateway answers" not in line


def test_doctor_and_check_count_the_same_checks(suar: Suar, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, `suar check` counted a check of several members several times."""
    member = [checks.Check("peer-heard", "ok", "SG", "a text"), checks.Check("peer-heard", "critical", "VN", "a text")]
    found = [checks.Check("files", "ok", checks.SELF, "a text"), *member]
    monkeypatch.setattr(health, "checks_of", lambda *_: found)
    assert suar("check", "--format", "nagios").out.rstrip().endswith("| ok=1 warning=0 critical=1 unknown=0")
    assert suar("doctor").out.splitlines()[-1] == "ok        1 checks of 2 (1 of the gateway, 1 of its folder)"


def test_without_a_gateway_one_line_stands_for_all_checks_that_need_one(suar: Suar, state: Path) -> None:
    """Before, over forty lines said that no gateway answers; `--json` has each of them as it had."""
    lines = suar("check").out.splitlines()
    every = json.loads(suar("check", "--json").out)["checks"]
    unseen = [each for each in every if each["text"] == "no gateway answers"]
    assert len(unseen) > 40
    assert {each["id"] for each in every} == {*checks.IDS, *checks.FOLDER}
    assert [line for line in lines if "no gateway answers" in line] == [
        f"unknown   {len(unseen)} other checks  gateway  no gateway answers"
    ]
    assert len(lines) == len(every) - len(unseen) + 1


def test_a_wrong_format_is_a_usage_error(suar: Suar, state: Path) -> None:
    assert suar("check", "--format", "xml").code == 64


def test_resetting_the_clock_needs_a_state_folder(suar: Suar) -> None:
    assert suar("doctor", "--reset-clock").line_labels == ["error:", "hint:"]


def test_a_gateway_that_stands_still_is_not_waited_for_longer_than_a_monitoring_plugin_is(
    suar: Suar, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def call(*_: object, timeout: float) -> dict[str, Any]:
        waits.append(timeout)
        return checks.as_json(checks.run(healthy.numbers(), 30_000))

    monkeypatch.setattr(health, "running", lambda _: True)
    monkeypatch.setattr(health, "call", call)
    for name in ("check", "doctor"):
        assert suar(name, "--state", str(state)).code == 0
    assert max(waits) <= 8


def test_an_alarm_that_was_raised_several_times_says_so() -> None:
    found = checks.run(healthy.numbers(alarms_open=[OpenAlarm("silence", "SG", healthy.NOW, seen_again=2)]), 30_000)
    assert "raised 3 times" in next(check.text for check in found if check.id == "alarms")


@pytest.mark.parametrize("url", ["u:S3cretPw@127.0.0.1:notaport/x", "u:S3cretPw@[::1/x", "u:S3cretPw@h/x?bogus=1"])
def test_a_store_that_cannot_be_named_is_a_finding_of_the_settings(suar: Suar, state: Path, url: str) -> None:
    """It ended the commands with a traceback, or was tried without end."""
    with (state / "suar.toml").open("a") as file:
        file.write(f'[store]\nurl = "postgresql://{url}"\n')
    for command in ("doctor", "check"):
        ended = suar(command, "--json" if command == "doctor" else "--format=json")
        settings = by_id(ended.out)["settings"]
        assert (ended.code, settings["status"]) == (2, "critical")
        assert "store.url: found" in settings["text"]
        assert "S3cretPw" not in ended.out + ended.err
    served = suar("serve")
    assert (served.code, "store.url: found" in served.err, "hint:" in served.err) == (1, True, True)
    assert "S3cretPw" not in served.err
    assert "Traceback" not in served.err


@pytest.mark.sqlite  # run once: it has its own database of the cluster
def test_an_altered_schema_of_a_database_is_named_while_no_gateway_runs(
    suar: Suar, state: Path, cluster: Cluster
) -> None:
    """The function and triggers of the gateway are none of it: an opening makes them."""
    with (state / "suar.toml").open("a") as file:
        file.write(f'[store]\nurl = "{(url := cluster.new_database())}"\n')
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    found = []
    for statement in (
        "DROP FUNCTION suar_row_changed() CASCADE",
        "CREATE POLICY evil ON released USING (false)",
        "DELETE FROM alembic_version",
    ):
        with engine.connect() as connection:
            connection.execute(text(statement))
        seen = by_id(suar("doctor", "--json").out)
        found.append((seen["store-integrity"]["status"], seen["store-integrity"]["text"].rpartition(": ")[2]))
    engine.dispose()
    cluster.drop_databases()
    assert found[0][0] == "unknown"
    assert found[1:] == [
        ("critical", "policy evil of released does not belong to it"), ("critical", "alembic_version has not one row"),
    ]  # fmt: skip
    assert seen["gateway-running"]["next"].startswith("see store-integrity")
