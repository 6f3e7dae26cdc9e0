"""The alert rules for Prometheus, generated from the health checks and written by `suar metrics rules`.

A check has a rule for each severity; the annotation is the step of the check, as in `suar doctor`. Further rules are
about the gateway itself, a pair, a member as observed by several gateways, and a hub.
"""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from suar.observe.checks.every import CHECKS, FOLDER
from suar.observe.checks.finding import DECLARED

SOURCE: Final = "docs/why.md"
PAIR: Final = "docs/operators.md#a-pair-of-gateways"
HEAD: Final = """\
# Made by `suar metrics rules`; do not edit. In prometheus.yml the job of the gateways is named suar, that of a hub's
# watchdog suar-hub.
"""
OF_FOLDER: Final = {
    "gateway-running": ("Whether a gateway runs on the state folder and answers.", "start the gateway: `suar serve`"),
    "settings": ("Whether suar.toml is valid.", "`suar doctor` names the key and what is allowed"),
    "files": ("Whether others may read the private files.", "`suar doctor` prints the command that closes them"),
}
"""Checks of the state folder, which `suar check --format prometheus` prints: what each checks, and its step."""
SEVERITIES: Final = (("critical", "== 2", "2m"), ("warning", "!= 2 and {expr} > 0", "15m"))
"""Severity, the value of `suar_check_status`, and for how long; unknown (3) counts as a warning."""


class Rule(NamedTuple):
    """One alert rule."""

    alert: str
    expr: str
    lasts: str
    severity: str
    summary: str
    step: str
    link: str


_GATEWAY: Final = (
    Rule("SuarGatewayDown", 'up{job="suar"} == 0', "2m", "critical", "The gateway does not answer.",
         "see `systemctl status suar` and its journal", "docs/operators.md#start-and-stop"),
    Rule("SuarStoreDown", "suar_store_up == 0", "1m", "critical", "The store of the gateway cannot be read.",
         DECLARED["store"].step, f"{SOURCE}#store"),
    Rule("SuarBackupOld", "suar_backup_age_seconds > 93600", "5m", "warning", "The last backup is older than 26 hours.",
         "see `systemctl status suar-backup.timer`", "docs/operators.md#the-state-folder"),
    Rule("SuarBackupMissing", "suar_backup_age_seconds != suar_backup_age_seconds", "26h", "warning",
         "No backup was ever made.", "`suar backup -o FILE`", "docs/operators.md#the-state-folder"),
)  # fmt: skip
_PAIR: Final = (
    Rule("SuarStandbyAbsent",  # only if a gateway of the pair had a standby within 30 days
         "suar_lease_standbys == 0 and on () max(max_over_time(suar_lease_standbys[30d])) > 0",
         "10m", "warning", "No standby would take over.",
         "see `systemctl status suar` on the other machine of the pair", PAIR),
    Rule("SuarStandbyUnready", "suar_standby_ready == 0", "2m", "critical", "The standby could not lead.",
         DECLARED["pair"].step, PAIR),
    Rule("SuarLeaseChanged", "changes(suar_lease_term[15m]) > 0", "0m", "warning",
         "Another gateway of the pair began to lead.",
         "see the journal of the one that led before: `lease_lost`, `lease_yielded`, or how it ended", PAIR),
)  # fmt: skip
_FEDERATION: Final = (
    Rule("SuarMemberUnheardByOne", "suar_peer_heartbeat_age_seconds > 600", "0m", "warning",
         "One gateway has not heard a member for 10 minutes.",
         "compare the other gateways: where they hear it, the link to this one is the cause", SOURCE),
    Rule("SuarMemberUnheardBySeveral", "count by (member) (suar_peer_heartbeat_age_seconds > 1200) > 1",
         "0m", "warning",
         "Several gateways have not heard a member for 20 minutes.", "call the member's operator", SOURCE),
    Rule("SuarMemberUnheardByAll", "min by (member) (suar_peer_heartbeat_age_seconds) > 3600", "0m", "critical",
         "No gateway has heard a member for an hour.", "call the member's operator, then the hub's", SOURCE),
)  # fmt: skip
_HUB: Final = (
    Rule("SuarHubWatchdogDown", 'up{job="suar-hub"} == 0', "2m", "critical", "The hub's watchdog does not answer.",
         "see `systemctl status suar-hub-watch`", "docs/operators.md#check-the-health"),
    Rule("SuarHubLeafDown", "suar_hub_leaf_up == 0", "10m", "warning", "The link of a member to the hub is down.",
         "call the member's operator", "docs/operators.md#check-the-health"),
    Rule("SuarHubSecondLink", 'increase(suar_hub_watch_records_total{kind="second-link"}[5m]) > 0', "0m", "critical",
         "A second server links to the hub with a member's key.", "call the member's operator; suspend its link",
         "keys/playbooks/COMPROMISE.md"),
    Rule("SuarHubPastEnd", 'increase(suar_hub_watch_records_total{kind="past-end"}[5m]) > 0', "0m", "critical",
         "The hub drops what a member sends: an object with a forged number was sent with its key.",
         "`suar federation streams --hub found`; call the member's operator", "keys/playbooks/COMPROMISE.md"),
    Rule("SuarHubPutBack", 'increase(suar_hub_watch_records_total{kind="put-back"}[5m]) > 0', "0m", "warning",
         "A store of the hub was put back to an older copy, or lost its end.",
         "tell the members' operators: what is missing at their gateways is not their members' fault",
         "docs/operators.md#check-the-health"),
    Rule("SuarHubRefuses", 'increase(suar_hub_watch_records_total{kind="refused"}[5m]) > 0', "0m", "critical",
         "The hub takes nothing of a member: it refuses one object, and what comes behind it waits.",
         "call the member's operator; `suar federation streams --hub pass-over MEMBER`",
         "keys/playbooks/COMPROMISE.md"),
    Rule("SuarHubSkipped", 'increase(suar_hub_watch_records_total{kind="skipped"}[5m]) > 0', "0m", "warning",
         "The hub lacks the first objects of a member that its server has.",
         "`suar federation streams --hub found`; deploy/nats/README.md", "docs/gaps.md#causes-of-gaps"),
    Rule("SuarHubBehind", "suar_hub_unacknowledged_objects > 10000", "10m", "warning",
         "A member does not keep up with what the hub sends.", "call the member's operator; see its disk",
         "docs/operators.md#check-the-health"),
    Rule("SuarHubStreamRoom", "suar_hub_stream_bytes > 0.7 * suar_hub_stream_limit_bytes", "15m", "warning",
         "A stream of the hub is more than 70 % full.",
         "raise members_max or ingest_mb in every plan; deploy/nats/README.md",
         "docs/operators.md#check-the-health"),
    Rule("SuarHubCertificate", "suar_hub_tls_expires_timestamp_seconds - time() < 21 * 86400", "1h", "warning",
         "The certificate of the hub ends within 21 days.", "`suar federation tls request --hub`, then `sign`",
         "docs/operators.md#check-the-health"),
    Rule("SuarHubCertificateEnds", "suar_hub_tls_expires_timestamp_seconds - time() < 7 * 86400", "1h", "critical",
         "The certificate of the hub ends within 7 days; with it every link to the hub ends.",
         "`suar federation tls request --hub`, then `sign`", "docs/operators.md#check-the-health"),
    Rule("SuarHubMemberCertificate", "suar_hub_leaf_tls_expires_timestamp_seconds - time() < 21 * 86400", "1h",
         "warning", "The certificate that was last signed for a member's link ends within 21 days.",
         "call the member's operator: `suar federation tls request --member CC`, then `sign` here",
         "docs/operators.md#check-the-health"),
    Rule("SuarHubMemberCertificateEnds", "suar_hub_leaf_tls_expires_timestamp_seconds - time() < 7 * 86400", "1h",
         "critical",
         "The certificate that was last signed for a member's link ends within 7 days; with it the link ends.",
         "call the member's operator: `suar federation tls request --member CC`, then `sign` here",
         "docs/operators.md#check-the-health"),
)  # fmt: skip


def groups() -> dict[str, list[Rule]]:
    """Return every rule by the name of its group."""
    return {
        "suar-checks": [rule for check in (*FOLDER, *CHECKS) for rule in of_check(check)],
        "suar-gateway": list(_GATEWAY),
        "suar-pair": list(_PAIR),
        "suar-federation": list(_FEDERATION),
        "suar-hub": list(_HUB),
    }


def of_check(name: str) -> Iterator[Rule]:
    """Yield the rules of one check."""
    about, step = OF_FOLDER.get(name) or (inspect.getdoc(CHECKS[name]) or "", DECLARED[name].step)
    expr = f'suar_check_status{{check="{name}"}}'
    for severity, value, lasts in SEVERITIES:
        condition = f"{expr} {value.format(expr=expr)}"
        yield Rule(alert_name(name), condition, lasts, severity, about, step, f"{SOURCE}#{name}")


def alert_name(check: str) -> str:
    """Return the name of the alert of a check: `SuarLinkCertificate` for `link-certificate`."""
    return "Suar" + "".join(part.capitalize() for part in check.split("-"))


def written() -> str:
    """Return the rules as the text of a file."""
    lines = [HEAD + "groups:"]
    for name, rules in groups().items():
        lines += [f"- name: {name}", "  rules:"]
        for rule in rules:
            lines += [
                f"  - alert: {rule.alert}",
                f"    expr: {_quoted(rule.expr)}",
                f"    for: {rule.lasts}",
                "    labels:",
                f"      severity: {rule.severity}",
                "    annotations:",
                f"      summary: {_quoted(rule.summary)}",
                f"      next: {_quoted(rule.step)}",
                f"      link: {_quoted(rule.link)}",
            ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a text as a YAML string, which JSON strings are; {{ is escaped because it begins a Prometheus template."""
    return json.dumps(re.sub(r"\{\{", "{{ `{{` }}", text), ensure_ascii=False)
