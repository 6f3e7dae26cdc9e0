"""The metrics page of a standby: the state of the lease only; the leading gateway has all other metrics."""

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest

from suar.observe.metrics import LEASE_HELD, LEASE_TERM


class StandbyMetrics:
    """A separate registry of metrics; `render` returns the page."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._gauge(LEASE_HELD, "1 at the gateway that leads a pair, 0 at its standby.").set(0)
        self._term = self._gauge(LEASE_TERM, "How often a gateway of the pair began to lead.")
        self._ready = self._gauge("standby_ready", "Whether this standby could lead (1: yes).")
        Gauge("suar_build_info", "The version that runs; always 1.", ["version"], registry=self.registry).labels(
            version
        ).set(1)
        ProcessCollector(registry=self.registry)

    def render(self, term: int, *, is_ready: bool) -> bytes:
        """Return the page with the current state."""
        self._term.set(term)
        self._ready.set(is_ready)
        return generate_latest(self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"suar_{name}", text, registry=self.registry)
