"""The Grafana dashboard, generated from the metrics and written by `suar metrics dashboard`."""

import json
from typing import Any, Final

_IN: Final = '{instance=~"$instance"}'
PANELS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("Health checks that are not ok", "table", f"suar_check_status{_IN} > 0", "{{check}}"),
    ("Open alarms", "stat", f"sum(suar_alarms_open{_IN}) or vector(0)", "alarms"),
    ("Members heard", "timeseries", f"suar_peer_up{_IN}", "{{member}}"),
    ("Time since a heartbeat", "timeseries", f"suar_peer_heartbeat_age_seconds{_IN}", "{{member}}"),
    ("Messages published", "timeseries", f"sum by (kind) (rate(suar_messages_published_total{_IN}[5m]))", "{{kind}}"),
    ("Messages received", "timeseries", f"sum by (origin) (rate(suar_messages_received_total{_IN}[5m]))", "{{origin}}"),
    ("Time to storage here, 95 %", "timeseries",
     f"histogram_quantile(0.95, sum by (le) (rate(suar_delivery_seconds_bucket{_IN}[15m])))", "seconds"),
    ("Messages that a member has not confirmed", "timeseries", f"suar_deliveries_pending{_IN}", "{{member}}"),
    ("Frames missing", "timeseries", f"suar_frames_missing{_IN}", "{{origin}}"),
    ("Objects still to be judged", "timeseries", f"suar_inbox_to_come{_IN}", "objects"),
    ("OUTBOX, bytes", "timeseries", f"suar_outbox_stream_bytes{_IN}", "held"),
    ("Disk, bytes free", "timeseries", f"suar_disk_free_bytes{_IN}", "free"),
    ("Trust list, days left", "stat", f"(suar_trust_expires_timestamp_seconds{_IN} - time()) / 86400", "days"),
    ("Keys, days left", "stat", f"(suar_key_expires_timestamp_seconds{_IN} - time()) / 86400", "{{key}}"),
    ("HTTP answers", "timeseries", f"sum by (status) (rate(suar_http_requests_total{_IN}[5m]))", "{{status}}"),
    ("CPU", "timeseries", f"rate(process_cpu_seconds_total{_IN}[5m])", "cores"),
)  # fmt: skip
"""Title, kind of panel, expression, legend."""
HUB_PANELS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("Hub: links of the members", "timeseries", "suar_hub_leaf_up", "{{member}}"),
    ("Hub: objects not acknowledged", "timeseries", "suar_hub_unacknowledged_objects", "{{member}}"),
    (
        "Hub: streams, part of their limit",
        "timeseries",
        "suar_hub_stream_bytes / suar_hub_stream_limit_bytes",
        "{{stream}}",
    ),
    (
        "Hub: certificate, days left",
        "stat",
        "(suar_hub_tls_expires_timestamp_seconds - time()) / 86400",
        "days",
    ),
    (
        "Hub: certificates signed for members, days left",
        "timeseries",
        "(suar_hub_leaf_tls_expires_timestamp_seconds - time()) / 86400",
        "{{member}}",
    ),
)
COLUMNS: Final = 2
WIDTH: Final = 24  # of a dashboard, in Grafana's units
HEIGHT: Final = 8


def dashboard() -> dict[str, Any]:
    """Return the dashboard in Grafana's import format; data source and gateways are chosen on the page."""
    panels = [_panel(number, *each) for number, each in enumerate((*PANELS, *HUB_PANELS))]
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    instance = {
        "name": "instance", "type": "query", "datasource": _SOURCE, "query": "label_values(suar_build_info, instance)",
        "refresh": 2, "multi": True, "includeAll": True, "label": "Gateway",
    }  # fmt: skip
    return {
        "title": "suar", "uid": "suar", "schemaVersion": 39, "version": 1, "editable": True, "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"}, "templating": {"list": [source, instance]}, "panels": panels,
    }  # fmt: skip


def written() -> str:
    """Return the dashboard as the text of a file."""
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


_SOURCE: Final = {"type": "prometheus", "uid": "$source"}


def _panel(number: int, title: str, kind: str, expr: str, legend: str) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    width = WIDTH // COLUMNS
    target: dict[str, object] = {"refId": "A", "datasource": _SOURCE, "expr": expr, "legendFormat": legend}
    if kind == "table":
        target |= {"format": "table", "instant": True}
    position = {"x": column * width, "y": row * HEIGHT, "w": width, "h": HEIGHT}
    return {
        "id": number + 1,
        "title": title,
        "type": kind,
        "datasource": _SOURCE,
        "gridPos": position,
        "targets": [target],
    }
