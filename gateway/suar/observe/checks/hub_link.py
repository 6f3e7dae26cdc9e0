"""Checks of the path: the own NATS server, its streams, the link to the hub, receiving and sending."""

from typing import Final

from suar.observe.checks.finding import MIB, SELF, Found, Status, check, days, span
from suar.observe.numbers import Numbers
from suar.protocol.base import limits

SOURCE_DEAD: Final = 15.0  # seconds without activity; the idle heartbeat is 1 s
READ_FAILED_FOR: Final = 60_000  # ms for which a restored connection is a warning
SILENT: Final = "the source is active and brings nothing, while the other hub's does, since"
NOTHING_ARRIVES: Final = (
    "call the hub's operator: it keeps everything from us, or its REGION or our consumer there was made anew and "
    "is not as the plan has it; `suar federation streams --hub --line LINE` there corrects both"
)
ROOM_WARNING: Final = 70  # percent of a stream
ROOM_CRITICAL: Final = 90
MANY_DAYS: Final = 3_650  # remaining days above which years are shown
CERTIFICATE_DAYS: Final = (60, 21, 7)  # remaining days below which a warning is shown; with none left it is critical
_MEANS: Final = {
    "refuses": "nothing listens at the hub's address",
    "silent": "the hub's address accepts a connection and sends nothing",
    "cut": "something between us and the hub cuts every connection",
    "unreachable": "there is no way to the hub's address",
}


@check(
    "bus-connected",
    order=70,
    step="start the NATS server, or mend bus.url in suar.toml; what is published meanwhile is kept",
)
def bus(numbers: Numbers, _: int) -> Found:
    """The connection to the own server."""
    if numbers.is_bus_connected:
        yield "ok", SELF, "connected to the own NATS server", ""
    else:
        hint = "start the NATS server, or mend bus.url in suar.toml; what is published meanwhile is kept"
        yield "critical", SELF, "no connection to the own NATS server", hint


@check(
    "bus-read",
    order=80,
    step="the reply of the message names stream and number; keep it, and tell the hub's operator whose subject it has",
)
def bus_read(numbers: Numbers, _: int) -> Found:
    """Whether the objects of the own server can be read; otherwise the object at which reading ended."""
    if not numbers.bus_read_failed_at:
        yield "ok", SELF, "what the own NATS server sends can be read", ""
        return
    ago = numbers.now - numbers.bus_read_failed_at
    text = f"the connection was ended {span(max(ago, 0))} ago: {numbers.bus_read_failed}"
    hint = "the reply of the message names stream and number; keep it, and tell the hub's operator whose subject it has"
    yield "critical" if ago < READ_FAILED_FOR else "warning", SELF, text, hint


@check(
    "streams-present", order=90, step="make it: `suar federation streams --member CC --plan PLAN.toml --state STATE`"
)
def streams(numbers: Numbers, _: int) -> Found:
    """Whether both own streams exist."""
    if not (numbers.streams and numbers.is_bus_connected):
        yield "unknown", SELF, "the streams cannot be seen without the bus", "see check bus-connected"
        return
    for name, is_present in sorted(numbers.streams.items()):
        hint = f"make it: `suar federation streams --member {numbers.member} --plan PLAN.toml --state {numbers.folder}`"
        yield ("ok", name, "present", "") if is_present else ("critical", name, "the stream is missing", hint)


@check(
    "stream-room",
    order=145,
    step="it frees what is older than 30 days; before it is full, raise outbox_mb under [hub] in every plan, "
    "then render, reload, and run `suar federation streams --member CC --plan PLAN.toml` again",
)
def stream_room(numbers: Numbers, _: int) -> Found:
    """How full the streams of the own server are: a full OUTBOX refuses objects, a full INBOX deletes the oldest."""
    if not (numbers.stream_room and numbers.is_bus_connected):
        yield "unknown", SELF, "how full the streams are cannot be seen, or they have no limit", "see streams-present"
        return
    for name, (held, limit) in sorted(numbers.stream_room.items()):
        text = f"{held // MIB} of {limit // MIB} MiB, {100 * held // limit} %"
        key = "outbox_mb" if name.startswith("OUTBOX") else "members_max or ingest_mb"
        hint = (
            f"it frees what is older than 30 days; before it is full, raise {key} under [hub] in every plan, then "
            f"render, reload, and run `suar federation streams --member {numbers.member} --plan PLAN.toml` again"
        )
        if held * 100 >= ROOM_CRITICAL * limit:
            yield "critical", name, text, hint
        elif held * 100 >= ROOM_WARNING * limit:
            yield "warning", name, text, hint
        else:
            yield "ok", name, text, ""


@check(
    "sources-running",
    order=100,
    step="look at the link to the hub; `suar federation streams watch` restarts a dead source",
)
def sources(numbers: Numbers, _: int) -> Found:
    """The stream from the hub, or from each of two hubs."""
    if not numbers.is_bus_connected:
        yield "unknown", SELF, "the source cannot be seen without the bus", "see check bus-connected"
    elif not numbers.hubs:
        status, text, hint = _source(numbers.source_active_seconds)
        yield status, SELF, text, hint
    for name, hub in sorted(numbers.hubs.items()) if numbers.is_bus_connected else ():
        status, text, hint = _source(hub.source_active_seconds)
        if status == "ok" and hub.silent_for is not None:
            status, text, hint = "warning", f"{SILENT} {span(round(hub.silent_for * 1000))}", NOTHING_ARRIVES
        yield _of_two(status, numbers), name, text, hint


def _source(active: float | None) -> tuple[Status, str, str]:
    watch = "look at the link to the hub; `suar federation streams watch` restarts a dead source"
    if active is None:
        return "unknown", "the source cannot be seen without the bus", "see check bus-connected"
    if active < 0:
        return "critical", "the source from the hub never started", watch
    if active > SOURCE_DEAD:
        return "critical", f"no sign of life from the hub for {active:.0f} s", watch
    return "ok", f"the source from the hub was active {active:.1f} s ago", ""


def _of_two(status: Status, numbers: Numbers) -> Status:
    """Return the status with two hubs: while one of them delivers, a fault of the other is a warning."""
    is_reached = any(hub.is_standing for hub in numbers.hubs.values())
    return "warning" if status == "critical" and is_reached else status


@check(
    "hub-link",
    order=110,
    step="look at the log of the own server: a certificate, a key, or the hub's operator shut us out",
)
def hub_link(numbers: Numbers, _: int) -> Found:
    """The link of the own server to each hub, and whether the hub answers."""
    if not numbers.hubs:
        status, text, hint = _link(numbers.has_hub_leaf, numbers.hub_answer, is_connected=numbers.is_bus_connected)
        yield status, SELF, text, hint
    for name, hub in sorted(numbers.hubs.items()):
        status, text, hint = _link(hub.has_leaf, hub.answer, is_connected=numbers.is_bus_connected)
        yield _of_two(status, numbers), name, text, hint


def _link(leaf: bool | None, hub: str | None, *, is_connected: bool) -> tuple[Status, str, str]:
    if leaf is None and hub is None and not is_connected:
        return (
            "unknown",
            "the state of the link to the hub is not known without a connection to the own NATS server",
            "see check bus-connected",
        )
    if leaf is None and hub is None:
        hint = "set bus.monitor_port to the port of the own server's monitor"
        return "unknown", "the state of the link to the hub is not known", hint
    if hub in _MEANS:
        hint = "call the operator of the hub" if hub in ("refuses", "silent") else "look at the link to the hub"
        return "critical", _MEANS[hub], hint
    if not leaf:
        hint = "look at the log of the own server: a certificate, a key, or the hub's operator shut us out"
        return "critical", "the hub answers, and our server has no link to it", hint
    return "ok", "the link to the hub is up", ""


@check(
    "link-certificate",
    order=115,
    step="`suar federation tls request --member CC -o DIR`, send DIR/leaf.csr to the hub's operator, put the "
    "certificate and DIR/leaf.key in their places, start the NATS server again",
)
def link_certificate(numbers: Numbers, _: int) -> Found:
    """How long the certificate for the link to the hub is valid."""
    file, end = numbers.link_certificate, numbers.link_expires
    renew = (
        f"`suar federation tls request --member {numbers.member} -o DIR`, send DIR/leaf.csr to the hub's operator, put "
        "the certificate and DIR/leaf.key in their places, start the NATS server again"
    )
    if not file:
        hint = "set bus.leaf_cert_file to the certificate of the own server's link (cert_file in the plan)"
        yield "unknown", SELF, "when the certificate of the link to the hub ends is not known", hint
    elif end is None:
        yield "warning", SELF, f"no certificate can be read in {file}", "mend bus.leaf_cert_file, or the file's rights"
    else:
        yield certificate_left(numbers.now, end, renew)


def certificate_left(now: int, end: int, renew: str) -> tuple[Status, str, str, str]:
    """Return the finding for a certificate that ends at `end` (ms). `renew`: the next step."""
    left = (end - now) // limits.DAY
    if end <= now:
        return "critical", SELF, f"the certificate of the link expired {span(now - end)} ago", renew
    passed = [mark for mark in CERTIFICATE_DAYS if left < mark]
    text = f"the certificate of the link has {days(end - now)} left"
    if left > MANY_DAYS:
        return "ok", SELF, f"the certificate of the link is valid for {left // 365} years", ""
    if not passed:
        return "ok", SELF, text, ""
    status: Status = "critical" if min(passed) == min(CERTIFICATE_DAYS) else "warning"
    return status, SELF, f"{text}, less than {min(passed)}", renew


@check("way-up", order=120, step="see hub-link; else the hub's operator runs `suar federation streams watch`")
def way_up(numbers: Numbers, heartbeat_ms: int) -> Found:
    """Whether own objects to all members return from the hub."""
    since = numbers.unechoed_since
    if since is not None and numbers.now - since > 2 * heartbeat_ms + 5_000:
        text = f"what we send does not return from the hub since {span(numbers.now - since)}"
        yield "critical", SELF, text, "see hub-link; else the hub's operator runs `suar federation streams watch`"
    else:
        yield "ok", SELF, "what we send returns from the hub", ""
