"""The metrics of a hub's watchdog, per member: served on loopback for Prometheus, without a token."""

from collections.abc import Mapping
from threading import Thread
from typing import Final
from wsgiref.simple_server import WSGIServer

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, start_http_server

HOST: Final = "127.0.0.1"


class HubNumbers(Struct, frozen=True, kw_only=True):
    """The numbers of the hub at one moment. `streams`: bytes and limit by name. Ends of certificates: in ms.

    `member_certificates`: of what was last signed for each member's link; None where that is not known.
    """

    leaf_up: Mapping[str, bool]
    unacknowledged: Mapping[str, int]
    streams: Mapping[str, tuple[int, int]]
    member_certificates: Mapping[str, int | None]
    certificate_end: int | None


class HubMetrics:
    """A registry of metrics, and the HTTP server of its page between `open` and `close`."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # these would double the number of series
        self.registry = CollectorRegistry()
        self._leaf = self._gauge("leaf_up", "Whether the link of a member to the hub is up (1: yes).", "member")
        self._behind = self._gauge(
            "unacknowledged_objects", "Objects of REGION that a member has not acknowledged yet.", "member"
        )
        self._held = self._gauge("stream_bytes", "Bytes that a stream of the hub holds.", "stream")
        self._limit = self._gauge("stream_limit_bytes", "Bytes that a stream of the hub may hold.", "stream")
        self._certificate = self._gauge(
            "tls_expires_timestamp_seconds",
            "Unix time at which the certificate with which the hub listens for links ends; NaN when it is not known.",
        )
        self._signed = self._gauge(
            "leaf_tls_expires_timestamp_seconds",
            "Unix time at which the certificate ends that was last signed for a member's link; NaN when none is kept.",
            "member",
        )
        self._acts = Counter(
            "suar_hub_watch_records",
            "What the watchdog found or did, by source, consumer or link and kind (healthy, full ...).",
            ["name", "kind"], registry=self.registry,
        )  # fmt: skip
        self._server: tuple[WSGIServer, Thread] | None = None

    def open(self, port: int) -> int:
        """Serve the page on loopback; return the port (0: the system chooses one)."""
        server, thread = start_http_server(port, HOST, self.registry)
        self._server = server, thread
        return int(server.server_port)

    def close(self) -> None:
        """Stop the server."""
        if self._server is not None:
            server, thread = self._server
            server.shutdown()
            server.server_close()
            thread.join()
            self._server = None

    def seen(self, name: str, kind: str) -> None:
        """Count one record of the watchdog."""
        self._acts.labels(name, kind).inc()

    def update(self, numbers: HubNumbers) -> None:
        """Set every gauge; a member that left the plan is removed from the page."""
        for gauge in (self._leaf, self._behind, self._held, self._limit, self._signed):
            gauge.clear()
        for member, is_up in numbers.leaf_up.items():
            self._leaf.labels(member).set(is_up)
        for member, count in numbers.unacknowledged.items():
            self._behind.labels(member).set(count)
        for stream, (held, limit) in numbers.streams.items():
            self._held.labels(stream).set(held)
            self._limit.labels(stream).set(limit)
        for member, end in numbers.member_certificates.items():
            self._signed.labels(member).set(_seconds(end))
        self._certificate.set(_seconds(numbers.certificate_end))

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"suar_hub_{name}", text, labels, registry=self.registry)


def _seconds(end: int | None) -> float:
    return float("nan") if end is None else end / 1000
