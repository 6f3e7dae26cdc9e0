"""The metrics page: the names and labels that programs rely on, fed by records and a snapshot."""

import math
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from suar.observe import hooks
from suar.observe.checks import every as checks
from suar.observe.durations import Durations
from suar.observe.metrics import DELIVERY_BUCKETS, Metrics
from suar.observe.numbers import Numbers, OpenAlarm
from suar.protocol.base import limits
from support import healthy
from support.healthy import NOW, peer

AT = NOW
HEARTBEAT = 30_000
CONTRACT = {
    "suar_messages_published_total": "kind,realm",
    "suar_messages_received_total": "origin,kind,realm",
    "suar_messages_refused_total": "origin,code",
    "suar_frames_sent_total": "",
    "suar_frames_received_total": "origin",
    "suar_replays_refused_total": "origin",
    "suar_duplicates_total": "origin",
    "suar_hub_objects_refused_total": "hub,result",
    "suar_hub_line_losses_total": "hub",
    "suar_frame_gaps_total": "origin",
    "suar_frames_missing": "origin",
    "suar_delivery_seconds_bucket": "origin,kind,le",
    "suar_receipt_seconds_bucket": "member,stage,le",
    "suar_deliveries_pending": "member",
    "suar_oldest_pending_seconds": "member",
    "suar_peer_up": "member",
    "suar_peer_heartbeat_age_seconds": "member",
    "suar_trust_version": "",
    "suar_trust_expires_seconds": "",
    "suar_key_expires_seconds": "key",
    "suar_quarantine_messages": "",
    "suar_outbox_bytes": "",
    "suar_outbox_stream_bytes": "",
    "suar_outbox_limit_bytes": "",
    "suar_inbox_to_come": "",
    "suar_inbox_objects_per_second": "",
    "suar_frames_to_come": "origin",
    "suar_disk_free_bytes": "",
    "suar_check_status": "check",
    "suar_trust_expires_timestamp_seconds": "",
    "suar_store_up": "",
    "suar_lease_held": "",
    "suar_lease_term": "",
    "suar_lease_standbys": "",
    "suar_store_replicas": "",
    "suar_store_replicas_synchronous": "",
    "suar_key_expires_timestamp_seconds": "key",
    "suar_backup_timestamp_seconds": "",
    "suar_backup_age_seconds": "",
    "suar_alarms_open": "name",
    "suar_feed_readers": "",
    "suar_webhook_calls_total": "outcome",
    "suar_webhook_events_waiting": "",
    "suar_webhook_dead_letters": "",
    "suar_http_requests_total": "route,status",
    "suar_http_connections": "authenticated",
    "suar_http_connections_refused_total": "reason",
    "suar_build_info": "version",
}
EVERYTHING: tuple[hooks.Record, ...] = (
    hooks.WebhookCalled(at=NOW, agency="health", outcome="delivered"),
    hooks.WebhooksWaiting(at=NOW, waiting=2, dead=1),
    hooks.MessagePublished(at=AT, kind="alert", realm="actual", id="x", rev=1),
    hooks.MessageReceived(at=AT, origin="SG", kind="alert", realm="actual", id="x", rev=1, seconds=0.3),
    hooks.MessageRefused(at=AT, origin="SG", code="E-MESSAGE-RULE", rule="F9"),
    hooks.ObjectJudged(at=AT, origin="SG", type="frame", realm="actual", result="ok"),
    hooks.ObjectJudged(at=AT, origin="SG", type="frame", realm="actual", result="duplicate"),
    hooks.ObjectJudged(
        at=AT, origin="SG", type="frame", realm="actual", result="refused", rule="F6", code="E-FRAME-REPLAY"
    ),
    hooks.ObjectJudged(
        at=AT,
        origin="SG",
        type="frame",
        realm="actual",
        result="refused",
        rule="F4",
        code="E-FRAME-SIGNATURE",
        hub="hub-b",
    ),
    hooks.LineLost(at=AT, hub="hub-b"),
    hooks.FrameSent(at=AT, realm="actual", channel="all", messages=1, bytes=900),
    hooks.ReceiptReceived(at=AT, member="SG", stage="stored", seconds=(1.5,)),
    hooks.AlarmRaised(at=AT, name="gap", member="SG", first=3, last=4),
    hooks.ToCome(at=AT, to_come=900, origins={"VN": 40}, a_second=0.0),
    hooks.ToCome(at=AT, to_come=700, origins={"SG": 600}, a_second=12.5),
)


def page(metrics: Metrics, snapshot: Numbers | None = None) -> str:
    numbers = snapshot or healthy.numbers()
    return metrics.render(numbers, checks.run(numbers, HEARTBEAT), HEARTBEAT).decode()


def sample(text: str, name: str, /, **labels: str) -> float:
    [value] = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return value


@pytest.fixture
def metrics() -> Metrics:
    made = Metrics("1.2.3")
    made(EVERYTHING)
    made.request("/v1/messages", 201)
    made.request("/v1/messages", 200)
    made.request("/v1/messages", 401)
    made.connection_refused("strangers")
    made.watch_connections(Connections())
    made.watch_feeds(lambda: 2)
    return made


def test_what_a_hub_delivered_without_effect_is_counted_by_hub() -> None:
    """Whatever member its subject names; what came from the only hub of a federation is not."""
    metrics = Metrics("1.2.3")
    for origin in ("SG", "TH", "QQ"):
        judged = hooks.ObjectJudged(at=AT, origin=origin, type="frame", realm="actual", result="refused", code="E-X")
        metrics([judged])
        metrics([msgspec.structs.replace(judged, hub="hub-b")])
    replay = msgspec.structs.replace(judged, result="duplicate", code="E-FRAME-REPLAY", hub="hub-a")
    metrics([replay])
    metrics([msgspec.structs.replace(replay, code=None)])  # the second copy, as the other hub brought it
    text = page(metrics)
    assert sample(text, "suar_hub_objects_refused_total", hub="hub-b", result="refused") == 3
    assert sample(text, "suar_hub_objects_refused_total", hub="hub-a", result="again") == 1


class Connections:
    strangers, known = 3, 5


def test_http_is_counted(metrics: Metrics) -> None:
    text = page(metrics)
    assert sample(text, "suar_http_requests_total", route="/v1/messages", status="2xx") == 2
    assert sample(text, "suar_http_requests_total", route="/v1/messages", status="4xx") == 1
    assert sample(text, "suar_http_connections", authenticated="no") == 3
    assert sample(text, "suar_http_connections", authenticated="yes") == 5
    assert sample(text, "suar_http_connections_refused_total", reason="strangers") == 1
    assert sample(text, "suar_feed_readers") == 2


def test_times_are_times_and_alarms_are_counted_by_name(metrics: Metrics) -> None:
    alarms = [OpenAlarm("gap", "SG", NOW), OpenAlarm("gap", "VN", NOW), OpenAlarm("silence", "VN", NOW)]
    text = page(metrics, healthy.numbers(alarms_open=alarms, backup_at=NOW - 90_000))
    assert sample(text, "suar_trust_expires_timestamp_seconds") == (NOW + 179 * limits.DAY) / 1000
    assert sample(text, "suar_key_expires_timestamp_seconds", key="identity") == (NOW + 300 * limits.DAY) / 1000
    assert sample(text, "suar_backup_timestamp_seconds") == (NOW - 90_000) / 1000
    assert sample(text, "suar_backup_age_seconds") == 90
    assert (sample(text, "suar_alarms_open", name="gap"), sample(text, "suar_alarms_open", name="silence")) == (2, 1)
    without = page(metrics, healthy.numbers(backup_at=None))
    assert math.isnan(sample(without, "suar_backup_timestamp_seconds"))
    assert math.isnan(sample(without, "suar_backup_age_seconds"))
    assert "suar_alarms_open{" not in without


def test_each_help_text_is_self_contained(metrics: Metrics) -> None:
    """Whoever meets one metric in a list of thousands knows what it counts: no word points to another line."""
    matches = re.findall(r"# HELP (suar_\S+) (.+)", page(metrics))
    assert len(matches) > 30
    assert [
        name for name, text in matches if len(text) < 25 or re.search(r"\b(them|those|same|these|it)\b", text)
    ] == []
    assert len({text for _, text in matches}) == len(matches)


def test_names_and_labels_are_the_contract(metrics: Metrics) -> None:
    text = page(metrics, healthy.numbers(alarms_open=[OpenAlarm("gap", "SG", NOW)]))
    found = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("suar_")
    }
    wanted = {name: set(filter(None, labels.split(","))) for name, labels in CONTRACT.items()}
    assert {name: found.get(name) for name in CONTRACT} == wanted
    rest = {re.sub("_(sum|count|bucket)$", "", name) for name in found if name not in CONTRACT}
    assert rest == {"suar_delivery_seconds", "suar_receipt_seconds"}


def test_what_is_to_come_is_that_of_the_last_look(metrics: Metrics) -> None:
    text = page(metrics)
    assert sample(text, "suar_inbox_to_come") == 700
    assert sample(text, "suar_inbox_objects_per_second") == 12.5
    assert sample(text, "suar_frames_to_come", origin="SG") == 600
    assert 'suar_frames_to_come{origin="VN"}' not in text


def test_records_are_counted(metrics: Metrics) -> None:
    text = page(metrics)
    assert sample(text, "suar_messages_published_total", kind="alert", realm="actual") == 1
    assert sample(text, "suar_frames_received_total", origin="SG") == 1
    assert sample(text, "suar_duplicates_total", origin="SG") == 1
    assert sample(text, "suar_replays_refused_total", origin="SG") == 1
    assert sample(text, "suar_messages_refused_total", origin="SG", code="E-FRAME-REPLAY") == 1
    assert sample(text, "suar_messages_refused_total", origin="SG", code="E-MESSAGE-RULE") == 1
    assert sample(text, "suar_frame_gaps_total", origin="SG") == 1
    assert sample(text, "suar_delivery_seconds_sum", origin="SG", kind="alert") == 0.3
    assert sample(text, "suar_build_info", version="1.2.3") == 1


def test_a_frame_sent_again_is_a_replay_and_a_duplicate(metrics: Metrics) -> None:
    replay = hooks.ObjectJudged(
        at=AT, origin="VN", type="frame", realm="actual", result="duplicate", rule="F6", code="E-FRAME-REPLAY"
    )
    metrics([replay])
    text = page(metrics)
    assert sample(text, "suar_replays_refused_total", origin="VN") == 1
    assert sample(text, "suar_duplicates_total", origin="VN") == 1
    assert 'suar_messages_refused_total{code="E-FRAME-REPLAY",origin="VN"}' not in text


def test_an_alarm_without_a_gap_is_no_gap(metrics: Metrics) -> None:
    metrics([hooks.AlarmRaised(at=AT, name="clock", member="SG")])
    metrics([hooks.AlarmRaised(at=AT, name="gap", member="SG", first=3, last=4, claimed_of="TH")])  # SG alone says so
    assert sample(page(metrics), "suar_frame_gaps_total", origin="SG") == 1


def test_gauges_follow_the_snapshot(metrics: Metrics) -> None:
    snapshot = healthy.numbers(peers={"SG": peer(NOW - 61_000, 4), "VN": peer(None)}, pending={"SG": (7, NOW - 9000)})
    text = page(metrics, snapshot)
    assert sample(text, "suar_peer_up", member="SG") == 0
    assert sample(text, "suar_peer_heartbeat_age_seconds", member="SG") == 61
    assert sample(text, "suar_frames_missing", origin="SG") == 4
    assert sample(text, "suar_deliveries_pending", member="SG") == 7
    assert sample(text, "suar_oldest_pending_seconds", member="SG") == 9
    assert sample(text, "suar_check_status", check="peers-silent") == 2
    assert sample(text, "suar_outbox_stream_bytes") == 90 * 1024**2
    assert sample(text, "suar_outbox_limit_bytes") == 512 * 1024**2
    assert sample(text, "suar_trust_expires_seconds") == 179 * 86_400
    assert 'heartbeat_age_seconds{member="VN"}' not in text


def test_a_member_that_left_leaves_the_page(metrics: Metrics) -> None:
    page(metrics)
    text = page(metrics, msgspec.structs.replace(healthy.numbers(), peers={"SG": peer()}))
    assert '"VN"' not in text


def test_what_is_not_known_is_no_number(metrics: Metrics) -> None:
    text = page(metrics, healthy.numbers(trust_version=None, trust_expires=None, bundle_expires=None))
    assert "suar_trust_expires_seconds NaN" in text
    assert 'suar_key_expires_seconds{key="bundle"}' not in text
    assert sample(text, "suar_trust_version") == 0


def test_the_messages_of_a_commit_are_counted_by_their_labels(metrics: Metrics) -> None:
    received = [
        hooks.MessageReceived(at=AT, origin=origin, kind="trend", realm="actual", id="x", rev=1, seconds=seconds)
        for origin, seconds in (("SG", 0.3), ("VN", -1.0), ("SG", 90_000.0), ("SG", 0.01))
    ]
    metrics([*received, hooks.MessagePublished(at=AT, kind="trend", realm="exercise", id="x", rev=1)] * 2)
    text = page(metrics)
    assert sample(text, "suar_messages_received_total", origin="SG", kind="trend", realm="actual") == 6
    assert sample(text, "suar_messages_received_total", origin="VN", kind="trend", realm="actual") == 2
    assert sample(text, "suar_messages_published_total", kind="trend", realm="exercise") == 2
    counted = [
        sample(text, "suar_delivery_seconds_bucket", origin="SG", kind="trend", le=le)
        for le in ("0.01", "0.25", "0.5", "86400.0", "+Inf")
    ]
    assert counted == [2, 2, 4, 4, 6]
    assert sample(text, "suar_delivery_seconds_bucket", origin="VN", kind="trend", le="0.01") == 2
    assert sample(text, "suar_delivery_seconds_sum", origin="VN", kind="trend") == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(-1, 100_000) | st.sampled_from(DELIVERY_BUCKETS))))
def test_durations_have_the_page_of_the_library(observed: list[tuple[str, float]]) -> None:
    """With the library's own histogram as the reference: the same lines in the same order."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # as every gateway does
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    made = Durations("x_seconds", "Text.", ("origin",), DELIVERY_BUCKETS)
    ours.register(made)
    reference = Histogram("x_seconds", "Text.", ["origin"], registry=theirs, buckets=DELIVERY_BUCKETS)
    made.add(((label,), seconds) for label, seconds in observed)
    for label, seconds in observed:
        reference.labels(label).observe(max(seconds, 0))
    assert generate_latest(ours) == generate_latest(theirs)


def test_two_metrics_of_one_name_are_refused() -> None:
    registry = CollectorRegistry()
    registry.register(Durations("x_seconds", "Text.", (), DELIVERY_BUCKETS))
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(Durations("x_seconds", "Text.", (), DELIVERY_BUCKETS))
