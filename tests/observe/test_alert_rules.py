"""The alert rules and the dashboard: what is committed, what Prometheus makes of it, and that texts are the checks'."""

import functools
import json
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from suar import __version__
from suar.observe import alert_rules, dashboard
from suar.observe.checks import every as checks
from suar.observe.checks.every import CHECKS, FOLDER
from suar.observe.checks.finding import DECLARED
from suar.observe.hub_metrics import HubMetrics, HubNumbers
from suar.observe.metrics import Metrics
from suar.observe.standby_metrics import StandbyMetrics
from support import healthy
from support.bundles import ROOT
from support.executables import PROMTOOL, require

FILE = ROOT / "deploy/prometheus/suar.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/suar.json"


@functools.cache
def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load(FILE.read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


def test_files_are_what_the_commands_write() -> None:
    assert FILE.read_text() == alert_rules.written(), "suar metrics rules -o deploy/prometheus/suar.rules.yml"
    assert DASHBOARD.read_text() == dashboard.written(), "suar metrics dashboard -o deploy/grafana/suar.json"


def test_every_check_has_a_rule_of_each_severity_with_its_own_texts() -> None:
    for name in (*FOLDER, *CHECKS):
        mine = [rule for rule in rules() if f'check="{name}"' in rule["expr"]]
        assert {rule["labels"]["severity"] for rule in mine} == {"critical", "warning"}, name
        step = alert_rules.OF_FOLDER[name][1] if name in FOLDER else DECLARED[name].step
        assert {rule["annotations"]["next"] for rule in mine} == {step}
        assert {rule["annotations"]["link"] for rule in mine} == {f"docs/why.md#{name}"}


def test_links_lead_to_a_row_of_the_document() -> None:
    document = (ROOT / "docs/why.md").read_text()
    for rule in rules():
        file, _, anchor = rule["annotations"]["link"].partition("#")
        assert (ROOT / file).is_file()
        if file == "docs/why.md" and anchor:
            assert f'<a id="{anchor}"></a>`{anchor}`' in document


def test_metrics_that_rules_and_panels_use_exist() -> None:
    metrics, hub, standby = Metrics(__version__), HubMetrics(), StandbyMetrics(__version__)
    page = metrics.render(healthy.numbers(), checks.run(healthy.numbers(), 30_000), 30_000).decode()
    hub.update(
        HubNumbers(
            leaf_up={"TH": True},
            unacknowledged={"TH": 0},
            streams={"REGION": (1, 2)},
            certificate_end=1,
            member_certificates={"TH": 1},
        )
    )
    named = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)) | {each.name for each in hub.registry.collect()}
    named |= {each.name for each in standby.registry.collect()}
    expressions = [rule["expr"] for rule in rules()]
    expressions += [panel["targets"][0]["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
    for expression in expressions:
        for used in re.findall(r"\b(?:suar|process)_\w+", expression):
            assert {used, used.removesuffix("_bucket"), used.removesuffix("_total")} & named, used


def promtool(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    require(PROMTOOL, "promtool")
    return subprocess.run([PROMTOOL, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_prometheus_reads_the_rules() -> None:
    done = promtool("check", "rules", str(FILE), folder=ROOT)
    assert done.returncode == 0, done.stderr
    assert f"{len(rules())} rules found" in done.stdout


SERIES: dict[str, list[tuple[str, str]]] = {
    "SuarGatewayDown": [('up{job="suar"}', "0x60")],
    "SuarStoreDown": [("suar_store_up", "0x60")],
    "SuarBackupOld": [("suar_backup_age_seconds", "93601x60")],
    "SuarStandbyAbsent": [
        ('suar_lease_standbys{instance="a"}', "0x60"), ('suar_lease_standbys{instance="b"}', "1 stale"),
    ],
    "SuarStandbyUnready": [("suar_standby_ready", "0x60")],
    "SuarLeaseChanged": [("suar_lease_term", "3x20 4x40")],
    "SuarMemberUnheardByOne": [('suar_peer_heartbeat_age_seconds{member="SG"}', "601x60")],
    "SuarMemberUnheardBySeveral": [
        ('suar_peer_heartbeat_age_seconds{member="SG",instance="a"}', "1201x60"),
        ('suar_peer_heartbeat_age_seconds{member="SG",instance="b"}', "1201x60"),
        ('suar_peer_heartbeat_age_seconds{member="SG",instance="c"}', "1x60"),
    ],
    "SuarMemberUnheardByAll": [
        ('suar_peer_heartbeat_age_seconds{member="SG",instance="a"}', "3601x60"),
        ('suar_peer_heartbeat_age_seconds{member="SG",instance="b"}', "3700x60"),
    ],
    "SuarHubWatchdogDown": [('up{job="suar-hub"}', "0x60")],
    "SuarHubLeafDown": [('suar_hub_leaf_up{member="SG"}', "0x60")],
    "SuarHubSecondLink": [('suar_hub_watch_records_total{name="links of SG",kind="second-link"}', "0+12x60")],
    "SuarHubPastEnd": [('suar_hub_watch_records_total{name="OUTBOX_SG",kind="past-end"}', "0+12x60")],
    "SuarHubPutBack": [('suar_hub_watch_records_total{name="store of REGION",kind="put-back"}', "0+12x60")],
    "SuarHubRefuses": [('suar_hub_watch_records_total{name="OUTBOX_SG",kind="refused"}', "0+12x60")],
    "SuarHubSkipped": [('suar_hub_watch_records_total{name="OUTBOX_SG",kind="skipped"}', "0+12x60")],
    "SuarHubBehind": [('suar_hub_unacknowledged_objects{member="SG"}', "10001x60")],
    "SuarHubStreamRoom": [
        ('suar_hub_stream_bytes{stream="REGION"}', "71x60"), ('suar_hub_stream_limit_bytes{stream="REGION"}', "100x60"),
    ],
    "SuarHubCertificate": [("suar_hub_tls_expires_timestamp_seconds", "1x90")],
    "SuarHubCertificateEnds": [("suar_hub_tls_expires_timestamp_seconds", "1x90")],
    "SuarHubMemberCertificate": [('suar_hub_leaf_tls_expires_timestamp_seconds{member="SG"}', "1x90")],
    "SuarHubMemberCertificateEnds": [('suar_hub_leaf_tls_expires_timestamp_seconds{member="SG"}', "1x90")],
}  # fmt: skip
"""What makes each rule fire that is not about a check."""
SEVERITIES = ("critical", "warning")
NEVER = {"SuarBackupMissing"}  # NaN cannot be written in a series of promtool; its expression is true of nothing else


def of_series(rule: dict[str, Any]) -> list[tuple[str, str]]:
    check = re.match(r'suar_check_status\{check="[\w-]+"\}', rule["expr"])
    if check:
        return [(check[0], "2x60" if rule["labels"]["severity"] == "critical" else "1x60")]
    return SERIES[rule["alert"]]


def labels_of(rule: dict[str, Any], series: str) -> dict[str, str]:
    found = dict(re.findall(r'(\w+)="([^"]*)"', series))
    if " by (" in rule["expr"]:
        found = {"member": found["member"]}
    return {**found, "severity": rule["labels"]["severity"]}


def fired_by(*fired: dict[str, Any], at: str = "30m") -> dict[str, Any]:
    """The series of these rules, one for each of them, and what they have to raise."""
    series = {rule["alert"]: of_series(rule) for rule in fired}
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for each in series.values() for name, values in each],
        "alert_rule_test": [
            {"eval_time": at, "alertname": rule["alert"], "exp_alerts": [
                {"exp_labels": labels_of(rule, series[rule["alert"]][0][0]), "exp_annotations": rule["annotations"]}
            ]}
            for rule in fired
        ],
    }  # fmt: skip


def test_every_rule_fires_with_its_texts_and_is_quiet_at_a_healthy_gateway(tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_text(FILE.read_text())
    firing = [rule for rule in rules() if rule["alert"] not in NEVER]
    assert {rule["labels"]["severity"] for rule in firing} == set(SEVERITIES)
    of_checks = [rule for rule in firing if rule["alert"] not in SERIES]
    tests = [fired_by(*(rule for rule in of_checks if rule["labels"]["severity"] == name)) for name in SEVERITIES]
    tests += [fired_by(rule, at="70m" if "1h" in rule["for"] else "30m") for rule in firing if rule["alert"] in SERIES]
    quiet = [{"eval_time": "1h", "alertname": rule["alert"], "exp_alerts": []} for rule in rules()]
    well = [(f'suar_check_status{{check="{name}"}}', "0x70") for name in (*FOLDER, *CHECKS)]
    well += [('up{job="suar"}', "1x70"), ('up{job="suar-hub"}', "1x70"), ("suar_store_up", "1x70")]
    well += [("suar_lease_standbys", "1x70"), ("suar_standby_ready", "1x70"), ("suar_lease_term", "3x70")]
    well += [("suar_backup_age_seconds", "100x70"), ('suar_peer_heartbeat_age_seconds{member="SG"}', "30x70")]
    tests.append({
        "interval": "1m", "input_series": [{"series": name, "values": values} for name, values in well],
        "alert_rule_test": quiet,
    })  # fmt: skip
    tests.append({
        "interval": "1m", "input_series": [{"series": "suar_lease_standbys", "values": "0x70"}],
        "alert_rule_test": [{"eval_time": "1h", "alertname": "SuarStandbyAbsent", "exp_alerts": []}],
    })  # fmt: skip
    document = {"rule_files": [FILE.name], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(document))
    done = promtool("test", "rules", "tests.yml", folder=tmp_path)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def test_the_hub_s_metrics_are_served_on_loopback_alone() -> None:
    metrics = HubMetrics()
    port = metrics.open(0)
    try:
        metrics.seen("OUTBOX_TH", "re-added")
        metrics.update(
            HubNumbers(
                leaf_up={"TH": True, "SG": False},
                unacknowledged={"TH": 7},
                streams={"REGION": (5, 9)},
                member_certificates={"TH": 3000, "SG": None},
                certificate_end=2000,
            )
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            page = answer.read().decode()
    finally:
        metrics.close()
    for line in (
        'suar_hub_leaf_up{member="SG"} 0.0', 'suar_hub_unacknowledged_objects{member="TH"} 7.0',
        'suar_hub_stream_limit_bytes{stream="REGION"} 9.0', "suar_hub_tls_expires_timestamp_seconds 2.0",
        'suar_hub_leaf_tls_expires_timestamp_seconds{member="TH"} 3.0',
        'suar_hub_leaf_tls_expires_timestamp_seconds{member="SG"} NaN',
        'suar_hub_watch_records_total{kind="re-added",name="OUTBOX_TH"} 1.0',
    ):  # fmt: skip
        assert line in page
    metrics.update(
        HubNumbers(leaf_up={"TH": True}, unacknowledged={}, streams={}, certificate_end=None, member_certificates={})
    )
    assert {
        sample.labels["member"]
        for each in metrics.registry.collect()
        if each.name == "suar_hub_leaf_up"
        for sample in each.samples
    } == {"TH"}
