"""The metrics page: counters from hook records, gauges from a snapshot. Its names and labels are a stable interface.

Labels are member codes, kinds, realms, closed codes and names of checks, so they cannot contain message content.
"""

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from suar.observe.checks.every import STATUSES, Check, worst_by_id
from suar.observe.durations import Durations
from suar.observe.numbers import Numbers, SharedStore
from suar.protocol.base import limits
from suar.protocol.transport import outcome

CONTENT_TYPE: Final = "text/plain; version=0.0.4"
"""Of the page; the server adds the charset."""
LEASE_HELD: Final = "lease_held"
LEASE_TERM: Final = "lease_term"
"""Gauges that a standby also has: standby_metrics.py."""
DELIVERY_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400)
"""Seconds: from one machine to a member that was cut off for a day."""
NO_FRAME_GAP: Final = frozenset({outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING})


class Connections(Protocol):
    """The open HTTP connections."""

    @property
    def strangers(self) -> int:
        """The number of connections without a valid token."""

    @property
    def known(self) -> int:
        """The number of connections with a valid token."""


class Metrics:
    """A registry of metrics. Call it with hook records; `render` returns the page."""

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # these would double the number of series
        self.registry = CollectorRegistry()
        self._counters()
        self._gauges()
        self._children: dict[Any, Any] = {}
        self._handlers = self._handlers_by_type()
        self._gauge("build_info", "The version that runs; always 1.", "version").labels(version).set(1)
        ProcessCollector(registry=self.registry)

    def __call__(self, records: Sequence[hooks.Record]) -> None:
        """Count the events of a commit; what happens for every message is added up first."""
        published, received = list[hooks.MessagePublished](), list[hooks.MessageReceived]()
        for record in records:
            if isinstance(record, hooks.MessageReceived):
                received.append(record)
            elif isinstance(record, hooks.MessagePublished):
                published.append(record)
            elif (handle := self._handlers.get(type(record))) is not None:
                handle(record)
        if published:
            for (kind, realm), number in Counts((each.kind, each.realm) for each in published).items():
                self._child(self.published, kind, realm).inc(number)
        if received:
            for labels, number in Counts((each.origin, each.kind, each.realm) for each in received).items():
                self._child(self.received, *labels).inc(number)
            self.delivery.add(((each.origin, each.kind), each.seconds) for each in received)

    def _handlers_by_type(self) -> dict[type[hooks.Record], Callable[[Any], None]]:
        return {
            hooks.MessageRefused: lambda record: self.refused.labels(record.origin, record.code).inc(),
            hooks.ObjectJudged: self._judged,
            hooks.LineLost: lambda record: self._child(self.losses, record.hub).inc(),
            hooks.FrameSent: lambda _: self.frames_sent.inc(),
            hooks.ReceiptReceived: self._receipt_received,
            hooks.AlarmRaised: self._alarm_raised,
            hooks.Notified: lambda record: self.notified.labels(record.channel, record.about, record.result).inc(),
            hooks.NoticesWaiting: self._notices_waiting,
            hooks.WebhookCalled: lambda record: self.webhook_calls.labels(record.outcome).inc(),
            hooks.WebhooksWaiting: self._webhooks_waiting,
            hooks.ToCome: self._update_catch_up,
            hooks.Overdue: lambda record: self.overdue.labels(record.member, record.role).inc(),
        }

    def _update_catch_up(self, record: hooks.ToCome) -> None:
        self.inbox.set(record.to_come)
        self.inbox_rate.set(record.a_second)
        self.to_come.clear()  # members without pending objects are removed from the page
        for origin, number in record.origins.items():
            self.to_come.labels(origin).set(number)

    def _receipt_received(self, record: hooks.ReceiptReceived) -> None:
        child = self._child(self.receipt, record.member, record.stage)
        for seconds in record.seconds:
            child.observe(max(seconds, 0))

    def _alarm_raised(self, record: hooks.AlarmRaised) -> None:
        if record.name in NO_FRAME_GAP and not record.claimed_of:  # not claimed by a third member only
            self.gaps.labels(record.member).inc()

    def _notices_waiting(self, record: hooks.NoticesWaiting) -> None:
        for channel, number in record.channels.items():
            self.unnotified.labels(channel).set(number)

    def _webhooks_waiting(self, record: hooks.WebhooksWaiting) -> None:
        self.webhook_waiting.set(record.waiting)
        self.webhook_dead.set(record.dead)

    def _child(self, metric: Any, *values: str) -> Any:
        """Return the cached child of the metric with these labels."""
        key = (metric, values)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*values)
        return child

    def connection_refused(self, reason: str) -> None:
        """Count a closed connection by reason: too many (anonymous, total, of one token), or an unread response."""
        self.http_refused.labels(reason).inc()

    def watch_connections(self, connections: Connections) -> None:
        """Set the source of the number of connections."""
        self.http_connections.labels("no").set_function(lambda: connections.strangers)
        self.http_connections.labels("yes").set_function(lambda: connections.known)

    def watch_feeds(self, count: Callable[[], int]) -> None:
        """Set the source of the number of open feeds."""
        self.feed_readers.set_function(count)

    def request(self, route: str, status: int) -> None:
        """Count an HTTP response by the template of its route."""
        self._child(self.http_requests, route, f"{status // 100}xx").inc()

    def render(self, numbers: Numbers, checks: Iterable[Check], heartbeat_ms: int) -> bytes:
        """Return the page, with gauges from `numbers` and the status of `checks`."""
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
        if record.hub and (record.result == "refused" or record.code):
            self._child(self.by_hub, record.hub, "refused" if record.result == "refused" else "again").inc()
        if record.code == "E-FRAME-REPLAY":  # its result is `duplicate`: the replay had no effect
            self.replays.labels(record.origin).inc()

    def _set_peers(self, numbers: Numbers, heartbeat_ms: int) -> None:
        for gauge in (self.missing, self.up, self.heartbeat_age, self.pending, self.oldest):
            gauge.clear()  # members that left the federation are removed from the page
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
        self.trust_expires_at.set(_at(numbers.trust_expires))
        self.backup_at.set(_at(numbers.backup_at))
        self.backup_age.set(-_left(numbers.backup_at, numbers.now))
        self.alarms.clear()
        for name, count in Counts(alarm.name for alarm in numbers.alarms_open).items():
            self.alarms.labels(name).set(count)
        ends = {"identity": numbers.identity_expires, "bundle": numbers.bundle_expires, "link": numbers.link_expires}
        self._set_keys(ends, numbers.now)
        self.store_up.set(numbers.is_store_up)
        self._set_shared(numbers.shared_store)
        self.quarantine.set(numbers.quarantine_rows)
        self.outbox.set(numbers.outbox_bytes)
        self.outbox_held.set(float("nan") if numbers.outbox_held is None else numbers.outbox_held)
        self.outbox_limit.set(float("nan") if numbers.outbox_limit is None else numbers.outbox_limit)
        self.disk.set(numbers.disk_free_bytes)

    def _set_shared(self, shared: SharedStore | None) -> None:
        none = float("nan")
        self.lease_held.set(1 if shared else none)
        self.lease_term.set(shared.term if shared else none)
        self.lease_standbys.set(len(shared.standbys) if shared else none)
        self.replicas.set(shared.replicas if shared else none)
        self.replicas_synchronous.set(shared.synchronous if shared else none)

    def _set_keys(self, keys: Mapping[str, int | None], now: int) -> None:
        self.key_expires.clear()
        self.key_expires_at.clear()
        for name, expires in keys.items():
            if expires is not None:
                self.key_expires.labels(name).set(_left(expires, now))
                self.key_expires_at.labels(name).set(_at(expires))

    def _counters(self) -> None:
        make = self._counter
        self.published = make(
            "messages_published", "Messages accepted from this member's users, by kind and realm.", "kind", "realm"
        )
        self.received = make(
            "messages_received",
            "Messages of other members that were stored, by publishing member, kind and realm.",
            "origin", "kind", "realm",
        )  # fmt: skip
        self.refused = make(
            "messages_refused",
            "Messages and other objects of a member that a rule refused, by error code (`suar errors CODE`).",
            "origin", "code",
        )  # fmt: skip
        self.frames_sent = make("frames_sent", "Frames of this member that its own NATS server stored.")
        self.frames_received = make("frames_received", "Frames of other members that were accepted.", "origin")
        self.replays = make(
            "replays_refused",
            "Frames of a member that arrived a second time as new: requested by another member, or replayed.",
            "origin",
        )
        self.duplicates = make(
            "duplicates", "Objects of a member that were delivered again, which had no effect.", "origin"
        )
        self.by_hub = make(
            "hub_objects_refused",
            "Objects that one of two hubs brought and a rule refused (refused), or that this hub had brought before"
            " (again), whichever member their subject names.",
            "hub", "result",
        )  # fmt: skip
        self.losses = make(
            "hub_line_losses", "Times that the link to one of two hubs went down or was replaced.", "hub"
        )
        self.gaps = make("frame_gaps", "Ranges of frames of a member that were found missing.", "origin")
        self.overdue = make(
            "acknowledge_overdue",
            "Alerts that a member did not acknowledge in time, by the role to be notified.",
            "member", "role",
        )  # fmt: skip
        self.notified = make(
            "notifications",
            "Attempts to tell people of something, by channel, cause and result (sent, failed, given-up).",
            "channel", "about", "result",
        )  # fmt: skip
        self.webhook_calls = make(
            "webhook_calls",
            "Calls of webhooks of agencies, by outcome (delivered, gone, status, redirect, timeout, not-resolved,"
            " not-public, public-without-tls, address, connection, tls, answer).",
            "outcome",
        )
        self.http_requests = make(
            "http_requests", "HTTP requests answered, by route template and class of status.", "route", "status"
        )
        self.http_refused = make(
            "http_connections_refused",
            "HTTP connections that the gateway closed: too many without a token (strangers), at all (connections) or of"
            " one token (token), or an answer that was not read (unread).",
            "reason",
        )
        self.delivery = Durations(
            "suar_delivery_seconds",
            "Time from the publication of a message by another member to its storage here.",
            ("origin", "kind"), DELIVERY_BUCKETS,
        )  # fmt: skip
        self.registry.register(self.delivery)
        self.receipt = self._histogram(
            "receipt_seconds",
            "Time from the publication of a message of this member to a member's signed receipt of a stage.",
            "member", "stage",
        )  # fmt: skip

    def _gauges(self) -> None:
        make = self._gauge
        self.missing = make("frames_missing", "Frames of a member that are known to be missing now.", "origin")
        self.pending = make(
            "deliveries_pending", "Messages of this member that a member has not confirmed as stored.", "member"
        )
        self.oldest = make(
            "oldest_pending_seconds",
            "Age of the oldest message of this member that a member has not confirmed as stored; 0 when there is none.",
            "member",
        )
        self.up = make(
            "peer_up", "Whether a heartbeat of a member arrived within two heartbeat intervals (1: yes).", "member"
        )
        self.heartbeat_age = make("peer_heartbeat_age_seconds", "Time since the last heartbeat of a member.", "member")
        self.trust_version = make("trust_version", "Version of the trust list in force; 0 when there is none.")
        self.trust_expires = make(
            "trust_expires_seconds",
            "Time left until the trust list expires, negative afterwards. Deprecated: use"
            " suar_trust_expires_timestamp_seconds.",
        )
        self.trust_expires_at = make(
            "trust_expires_timestamp_seconds",
            "Unix time at which the trust list in force expires; NaN when there is none.",
        )
        self.key_expires = make(
            "key_expires_seconds",
            "Time left until a key of this member expires, negative afterwards. Deprecated: use"
            " suar_key_expires_timestamp_seconds.",
            "key",
        )
        self.key_expires_at = make(
            "key_expires_timestamp_seconds",
            "Unix time at which the identity or bundle key of this member, or the certificate of its link, expires.",
            "key",
        )
        self.store_up = make(
            "store_up",
            "1 while the store of this gateway can be read; 0 else, when most gauges show the last known values.",
        )
        self.lease_held = make(
            LEASE_HELD, "1 at the gateway that leads a pair, 0 at its standby; NaN where the store is a file."
        )
        self.lease_term = make(
            LEASE_TERM, "How often a gateway of the pair began to lead; NaN where the store is a file."
        )
        self.lease_standbys = make(
            "lease_standbys", "Gateways that wait and would lead; NaN where the store is a file."
        )
        self.replicas = make("store_replicas", "Servers that follow that of the store; NaN where the store is a file.")
        self.replicas_synchronous = make(
            "store_replicas_synchronous",
            "Replicas of the store for which a commit waits; NaN where the store is a file.",
        )
        self.backup_at = make(
            "backup_timestamp_seconds", "Unix time of the last backup of the state folder; NaN when there was none."
        )
        self.backup_age = make(
            "backup_age_seconds", "Time since the last backup of the state folder; NaN when there was none."
        )
        self.alarms = make("alarms_open", "Alarms that are open now, by name (`suar errors`).", "name")
        self.quarantine = make("quarantine_messages", "Refused messages of other members that are kept as evidence.")
        self.inbox = make("inbox_to_come", "Objects in this member's INBOX stream that were not judged yet.")
        self.inbox_rate = make(
            "inbox_objects_per_second",
            "Objects of the INBOX stream that were judged in a second lately, during a catch-up.",
        )
        self.to_come = make(
            "frames_to_come",
            "Frames of a member in the INBOX stream that were not judged yet, approximately.",
            "origin",
        )
        self.outbox = make(
            "outbox_bytes", "Bytes of objects of this member that its own NATS server has not acknowledged yet."
        )
        self.outbox_held = make("outbox_stream_bytes", "Bytes that this member's OUTBOX stream holds.")
        self.outbox_limit = make(
            "outbox_limit_bytes", "Bytes that this member's OUTBOX stream may hold; NaN while no limit is known."
        )
        self.disk = make("disk_free_bytes", "Free bytes on the disk of the state folder.")
        self.unnotified = make(
            "notifications_waiting", "Notices that are not delivered to people yet, by channel.", "channel"
        )
        self.webhook_waiting = make(
            "webhook_events_waiting", "Events that webhooks of agencies did not take and that are sent again."
        )
        self.webhook_dead = make(
            "webhook_dead_letters", "Events that webhooks of agencies did not take for 72 hours (`suar agency replay`)."
        )
        self.http_connections = make(
            "http_connections",
            "Open HTTP connections, by whether a valid token was used (yes) or not (no).",
            "authenticated",
        )
        self.feed_readers = make("feed_readers", "Open feeds (GET /v1/feed) of programs.")
        self.check = make(
            "check_status", "Worst status of a health check: 0 ok, 1 warning, 2 critical, 3 unknown.", "check"
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"suar_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"suar_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"suar_{name}", text, labels, registry=self.registry, buckets=DELIVERY_BUCKETS)


def _seconds(milliseconds: int) -> float:
    return max(milliseconds, 0) / limits.SECOND


def _left(expires: int | None, now: int) -> float:
    """Return the seconds until `expires`, negative after it; NaN if there is none."""
    return float("nan") if expires is None else (expires - now) / limits.SECOND


def _at(time: int | None) -> float:
    """Return the Unix time in seconds; NaN if there is none."""
    return float("nan") if time is None else time / limits.SECOND
