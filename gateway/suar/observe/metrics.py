"""The metrics of interfaces.md, with exactly its names: counters fed by hook records, gauges by a snapshot.

Labels are member codes, kinds, realms, closed codes and names of checks, so nothing of a message can stand in one.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from suar.observe import hooks
from suar.observe.checks import STATUSES, Check, worst_by_id
from suar.observe.numbers import Numbers
from suar.protocol import limits, outcome

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
DELIVERY_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400)
"""Seconds: from one machine to a member that was cut off for a day."""
NO_FRAME_GAP: Final = frozenset({outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING})


class Connections(Protocol):
    """The open connections of HTTP."""

    @property
    def strangers(self) -> int: ...
    @property
    def known(self) -> int: ...


class Metrics:
    """One registry. Call it with hook records; `render` gives the page of a scrape."""

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the series for a time that nobody asks for
        self.registry = CollectorRegistry()
        self._counters()
        self._gauges()
        self._children: dict[Any, Any] = {}
        self._takes = self._takers()
        self._gauge("build_info", "The version that runs; always 1.", "version").labels(version).set(1)
        ProcessCollector(registry=self.registry)

    def __call__(self, record: hooks.Record) -> None:
        """Count what happened."""
        take = self._takes.get(type(record))
        if take is not None:
            take(record)

    def _takers(self) -> dict[type[hooks.Record], Callable[[Any], None]]:
        return {
            hooks.MessagePublished: self._message_published,
            hooks.MessageReceived: self._message_received,
            hooks.MessageRefused: lambda record: self.refused.labels(record.origin, record.code).inc(),
            hooks.ObjectJudged: self._judged,
            hooks.FrameSent: lambda _: self.frames_sent.inc(),
            hooks.ReceiptReceived: self._receipt_received,
            hooks.AlarmRaised: self._alarm_raised,
            hooks.Notified: lambda record: self.notified.labels(record.channel, record.about, record.result).inc(),
            hooks.NoticesWaiting: self._notices_waiting,
            hooks.ToCome: self._to_come,
            hooks.Overdue: lambda record: self.overdue.labels(record.member, record.role).inc(),
        }

    def _to_come(self, record: hooks.ToCome) -> None:
        self.inbox.set(record.to_come)
        self.inbox_rate.set(record.a_second)
        self.to_come.clear()  # who has nothing more to come leaves the page
        for origin, number in record.origins.items():
            self.to_come.labels(origin).set(number)

    def _message_published(self, record: hooks.MessagePublished) -> None:
        self._child(self.published, record.kind, record.realm).inc()

    def _message_received(self, record: hooks.MessageReceived) -> None:
        self._child(self.received, record.origin, record.kind, record.realm).inc()
        self._child(self.delivery, record.origin, record.kind).observe(max(record.seconds, 0))

    def _receipt_received(self, record: hooks.ReceiptReceived) -> None:
        child = self._child(self.receipt, record.member, record.stage)
        for seconds in record.seconds:
            child.observe(max(seconds, 0))

    def _alarm_raised(self, record: hooks.AlarmRaised) -> None:
        if record.name in NO_FRAME_GAP:
            self.gaps.labels(record.member).inc()

    def _notices_waiting(self, record: hooks.NoticesWaiting) -> None:
        for channel, number in record.channels.items():
            self.unnotified.labels(channel).set(number)

    def _child(self, metric: Any, *values: str) -> Any:
        """The metric's child of these labels, found once."""
        key = (metric, values)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*values)
        return child

    def connection_refused(self, reason: str) -> None:
        """HTTP let a connection go: too many of strangers, of all, of one token, or an answer that is not read."""
        self.http_refused.labels(reason).inc()

    def watch_connections(self, connections: Connections) -> None:
        """Whose connections the page shows."""
        for who in ("stranger", "token"):
            self.http_connections.labels(who).set_function(partial(_number, connections, who))

    def request(self, route: str, status: int) -> None:
        """HTTP answered a request of a route's template."""
        self._child(self.http_requests, route, f"{status // 100}xx").inc()

    def render(self, numbers: Numbers, checks: Iterable[Check], heartbeat_ms: int) -> bytes:
        """The page, with gauges as of `numbers` and the status of `checks`."""
        self._set_peers(numbers, heartbeat_ms)
        self._set_own(numbers)
        self.check.clear()
        for name, status in worst_by_id(checks).items():
            self.check.labels(name).set(STATUSES.index(status))
        return generate_latest(self.registry)

    def _judged(self, record: hooks.ObjectJudged) -> None:
        if record.type == "frame" and record.result in ("ok", "late"):
            self._child(self.frames_received, record.origin).inc()
        if record.result == "duplicate" or record.is_redelivered:
            self.duplicates.labels(record.origin).inc()
        if record.result == "refused":
            self.refused.labels(record.origin, record.code or "").inc()
        if record.code == "E-FRAME-REPLAY":  # its result is `duplicate`: nothing was refused that had an effect
            self.replays.labels(record.origin).inc()

    def _set_peers(self, numbers: Numbers, heartbeat_ms: int) -> None:
        for gauge in (self.missing, self.up, self.heartbeat_age, self.pending, self.oldest):
            gauge.clear()  # a member that left the federation leaves the page
        for member, peer in numbers.peers.items():
            self.missing.labels(member).set(peer.missing)
            age = None if peer.last_heartbeat is None else max(numbers.now - peer.last_heartbeat, 0)
            self.up.labels(member).set(age is not None and age <= 2 * heartbeat_ms)
            if age is not None:
                self.heartbeat_age.labels(member).set(age / limits.SECOND)
        for member, (count, oldest) in numbers.pending.items():
            self.pending.labels(member).set(count)
            self.oldest.labels(member).set(_seconds(numbers.now - oldest) if count else 0)

    def _set_own(self, numbers: Numbers) -> None:
        self.trust_version.set(numbers.trust_version or 0)
        self.trust_expires.set(_left(numbers.trust_expires, numbers.now))
        self._set_keys({"identity": numbers.identity_expires, "bundle": numbers.bundle_expires}, numbers.now)
        self.quarantine.set(numbers.quarantine_rows)
        self.outbox.set(numbers.outbox_bytes)
        self.disk.set(numbers.disk_free_bytes)

    def _set_keys(self, keys: Mapping[str, int | None], now: int) -> None:
        self.key_expires.clear()
        for name, expires in keys.items():
            if expires is not None:
                self.key_expires.labels(name).set(_left(expires, now))

    def _counters(self) -> None:
        self.published = self._counter("messages_published", "Messages accepted from users.", "kind", "realm")
        self.received = self._counter("messages_received", "Messages stored.", "origin", "kind", "realm")
        self.refused = self._counter("messages_refused", "Messages and objects refused.", "origin", "code")
        self.frames_sent = self._counter("frames_sent", "Frames that the own server acknowledged.")
        self.frames_received = self._counter("frames_received", "Frames admitted.", "origin")
        self.replays = self._counter("replays_refused", "Frames that were sent again.", "origin")
        self.duplicates = self._counter("duplicates", "Objects delivered again, without effect.", "origin")
        self.gaps = self._counter("frame_gaps", "Ranges of frames found missing.", "origin")
        self.overdue = self._counter("acknowledge_overdue", "Alerts not acknowledged in time.", "member", "role")
        self.notified = self._counter("notifications", "Attempts to tell people.", "channel", "about", "result")
        self.http_requests = self._counter(
            "http_requests", "HTTP requests answered, by route template and class of status.", "route", "status"
        )
        self.http_refused = self._counter(
            "http_connections_refused",
            "HTTP connections that the gateway closed: too many without a token (strangers), at all (connections) or of"
            " one token (token), or an answer that was not read (unread).",
            "reason",
        )
        self.delivery = self._histogram("delivery_seconds", "Publish to stored here.", "origin", "kind")
        self.receipt = self._histogram("receipt_seconds", "Publish to a signed receipt back.", "member", "stage")

    def _gauges(self) -> None:
        self.missing = self._gauge("frames_missing", "Frames known to be missing now.", "origin")
        self.pending = self._gauge("deliveries_pending", "Messages without a stored receipt.", "member")
        self.oldest = self._gauge("oldest_pending_seconds", "Age of the oldest of them.", "member")
        self.up = self._gauge("peer_up", "Heard within two heartbeat intervals.", "member")
        self.heartbeat_age = self._gauge("peer_heartbeat_age_seconds", "Since the last heartbeat.", "member")
        self.trust_version = self._gauge("trust_version", "Version of the trust list in force; 0: none.")
        self.trust_expires = self._gauge("trust_expires_seconds", "Until the trust list expires.")
        self.key_expires = self._gauge("key_expires_seconds", "Until an own key expires.", "key")
        self.quarantine = self._gauge("quarantine_messages", "Refused messages that are kept.")
        self.inbox = self._gauge("inbox_to_come", "Objects in INBOX that were not judged yet.")
        self.inbox_rate = self._gauge("inbox_objects_per_second", "Objects judged lately, while something is to come.")
        self.to_come = self._gauge("frames_to_come", "About so many of them are frames of that origin.", "origin")
        self.outbox = self._gauge("outbox_bytes", "Sealed or queued, not yet acknowledged by the own server.")
        self.disk = self._gauge("disk_free_bytes", "Free on the disk of the state folder.")
        self.unnotified = self._gauge("notifications_waiting", "What people are not told yet.", "channel")
        self.http_connections = self._gauge(
            "http_connections", "Open HTTP connections, by whether a valid token was used on them.", "authenticated"
        )
        self.check = self._gauge("check_status", "0 ok, 1 warning, 2 critical, 3 unknown.", "check")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"suar_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"suar_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"suar_{name}", text, labels, registry=self.registry, buckets=DELIVERY_BUCKETS)


def _number(connections: Connections, who: str) -> float:
    return connections.strangers if who == "stranger" else connections.known


def _seconds(milliseconds: int) -> float:
    return max(milliseconds, 0) / limits.SECOND


def _left(expires: int | None, now: int) -> float:
    """Seconds until `expires`, negative after it; not a number when there is none."""
    return float("nan") if expires is None else (expires - now) / limits.SECOND
