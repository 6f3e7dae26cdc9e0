"""Streams, consumers and sources of the federation, as code; they are created or corrected, never deleted.

Every border is crossed by a durable `flow_control` consumer (ADR-60) that the owner of the data creates in advance. The
order of founding matters: each member its OUTBOX and `up`; the hub every IN (ingest.py), REGION with all its sources in
one create, then every `down_<cc>`; each member its INBOX and `gw`.
"""

from collections import defaultdict
from collections.abc import Sequence

from suar.bus.errors import (
    CONSUMER_NOT_FOUND,
    STREAM_NAME_IN_USE,
    STREAM_NOT_FOUND,
    ApiError,
)
from suar.bus.jsapi import JetStream, Json, call
from suar.protocol.base import subjects
from suar.protocol.base.link_names import ONLY_HUB, HubLink
from suar.protocol.base.subjects import PREFIX

SECOND = 1_000_000_000  # JetStream counts in nanoseconds
DAY = 24 * 3600 * SECOND
RETENTION = 30 * DAY  # protocol.md K8 and E5 depend on it
OUTBOX_BYTES = 512 * 1024 * 1024
FEED_BYTES = 1536 * 1024 * 1024
"""What FEED holds: 500 agencies of which none reads (service/nats_feed/held.py: 2.5 MiB each), and a reserve."""
FEED_LISTING = "HELD"
"""The gateway's own consumer of FEED; names of agencies have no capitals."""
AGENCY_DOMAIN = "feed"
"""The domain of JetStream that an agency's program names: FEED is in another account than its user."""
ANCHOR_SUBJECT = "anchor"
ANCHORS = 64
ANCHOR_BYTES = 1024 * 1024
MAX_MESSAGE = 800 * 1024
"""Bytes of an object with its headers that OUTBOX accepts: the largest frame [F1] and space for headers.

Every hop adds a header of about a hundred bytes, and a server that gets more than its `max_payload` (1 MB) disconnects
the link, repeatedly. So the first stream at the hub enforces the bound whatever a member's own server accepts.
"""
MAX_EVENT = 900 * 1024  # bytes of an event of FEED with its headers
MAX_TAKEN = MAX_MESSAGE + 16 * 1024  # bytes of the same object at the hub, with headers added on the way


def outbox(cc: str, replicas: int = 1, max_bytes: int = OUTBOX_BYTES) -> Json:
    """Return the configuration of a member's OUTBOX, what it publishes.

    `discard: new` refuses with an error when it is full; an id repeated within 2 min is dropped.
    """
    return {
        "name": f"OUTBOX_{cc.upper()}",
        "subjects": list(subjects.AT_HOME),
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "max_age": RETENTION,
        "max_bytes": max_bytes,
        "max_msg_size": MAX_MESSAGE,
        "num_replicas": replicas,
        "duplicate_window": 120 * SECOND,
        "deny_delete": True,
        "deny_purge": True,
        "allow_direct": True,
    }


def inbox(cc: str, replicas: int = 1, max_bytes: int = -1, link: HubLink = ONLY_HUB) -> Json:
    """Return the configuration of a member's INBOX, what it receives from one hub.

    No duplicate_window, as ids are unique per member only. The gateway deletes frames of recalled messages in it.
    """
    config = sourced(link.inbox(cc), replicas, max_bytes)
    return {**config, "deny_delete": False, "allow_direct": True, "sources": [inbox_source(cc, link)]}


def feed(cc: str, replicas: int = 1) -> Json:
    """Return the configuration of the stream that a member's own agencies read.

    The gateway limits what it holds of each agency, and erases what is older than seven days; the limits here apply to
    the rest.
    """
    return {
        "name": f"FEED_{cc.upper()}",
        "subjects": ["feed.>"],
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_age": 8 * DAY,
        "max_bytes": FEED_BYTES,
        "max_msg_size": MAX_EVENT,
        "num_replicas": replicas,
        "duplicate_window": 120 * SECOND,
    }


def anchor(cc: str, replicas: int = 1) -> Json:
    """Return the stream that keeps the newest anchors of a member's store, outside the machine of its gateway."""
    return {
        "name": f"ANCHOR_{cc.upper()}",
        "subjects": [ANCHOR_SUBJECT],
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_msgs": ANCHORS,
        "max_bytes": ANCHOR_BYTES,
        "max_msg_size": ANCHOR_BYTES // ANCHORS,
        "num_replicas": replicas,
        "duplicate_window": 120 * SECOND,
        "deny_delete": True,
        "deny_purge": True,
        "allow_direct": True,
    }


def sourced(name: str, replicas: int, max_bytes: int = -1) -> Json:
    """Return a stream that is filled only from other streams."""
    return {
        "name": name,
        "subjects": [],
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_age": RETENTION,
        "max_bytes": max_bytes,
        "num_replicas": replicas,
        "duplicate_window": 0,  # a stream without a source gets a default of two minutes, also between two updates
        "deny_delete": True,
        "deny_purge": True,
    }


def inbox_source(cc: str, link: HubLink = ONLY_HUB) -> Json:
    """Return the source from REGION to a member's INBOX."""
    return {
        "name": "REGION",
        "external": {"api": link.hub_api, "deliver": ""},
        "consumer": {"name": link.down(cc), "deliver_subject": link.down_subject(cc)},
    }


def region_source(cc: str, link: HubLink = ONLY_HUB) -> Json:
    """Return the source from a member's OUTBOX.

    Its transform states the sender, so no member can write another's prefix. Each hop replaces the last hop's header by
    one with its transform and the number at the hop before, of 1 to 20 digits. With `wildcard` it is 30 bytes longer
    here than at REGION and 39 than at INBOX, without the numbers. So IN is the first to refuse an object whose headers
    have the most bytes that a server accepts.
    """
    low = cc.lower()
    dest = f"tip.v1.{low}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}.>"
    return {
        "name": f"OUTBOX_{cc.upper()}",
        "external": {"api": f"fed.ctl.{low}", "deliver": ""},
        "consumer": {"name": link.up, "deliver_subject": link.up_subject(cc)},
        "subject_transforms": [{"src": "*.*.>", "dest": dest}],
    }


def up(cc: str, link: HubLink = ONLY_HUB) -> Json:
    """Return the consumer from a member's OUTBOX to one hub."""
    return _border(link.up, link.up_subject(cc))


def down(cc: str, link: HubLink = ONLY_HUB) -> Json:
    """Return the consumer from REGION to one member: the common channel and its own, nothing addressed to others."""
    return {
        **_border(link.down(cc), link.down_subject(cc)),
        "filter_subjects": subjects.for_member(cc),
    }


def _border(name: str, deliver: str) -> Json:
    return {
        "durable_name": name,
        "name": name,
        "deliver_subject": deliver,
        "deliver_policy": "all",
        "ack_policy": "flow_control",
        "flow_control": True,
        "idle_heartbeat": SECOND,  # must be 1 s
        "max_ack_pending": 1000,  # must be positive
        "max_deliver": -1,
        "replay_policy": "instant",
    }


def gw() -> Json:
    """Return the gateway's own consumer on its INBOX."""
    return {
        "durable_name": "gw",
        "name": "gw",
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": 30 * SECOND,
        "max_ack_pending": 2000,
        "max_deliver": -1,
        "replay_policy": "instant",
    }


# -- creating and correcting them --------------------------------------------------------------------------------


def is_different(wanted: object, found: object) -> bool:
    """Whether `found` differs from what `wanted` states; fields that we do not set are left to the server."""
    if isinstance(wanted, dict):
        return not isinstance(found, dict) or any(is_different(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(found, list):
            return bool(wanted)
        return len(wanted) != len(found) or any(is_different(a, b) for a, b in zip(wanted, found, strict=True))
    return (wanted or None) != (found or None)


async def stream_config(bus: JetStream, name: str) -> Json | None:
    """Return the stream's configuration at the server, or None."""
    try:
        config: Json = (await call(bus, f"STREAM.INFO.{name}"))["config"]
    except ApiError as error:
        if error.err_code != STREAM_NOT_FOUND:
            raise
        return None
    return config


async def ensure_stream(bus: JetStream, config: Json) -> str:
    """Create the stream, or update it if it differs; returns "created", "updated" or "unchanged"."""
    name = config["name"]
    found = await stream_config(bus, name)
    if found is None:
        try:
            await call(bus, f"STREAM.CREATE.{name}", config)
        except ApiError as error:
            if error.err_code != STREAM_NAME_IN_USE:  # created by someone else in the meantime: correct it
                raise
            found = await stream_config(bus, name) or {}
        else:
            return "created"
    wanted = _in_order(config, found)
    if not is_different(wanted, found):
        return "unchanged"
    await call(bus, f"STREAM.UPDATE.{name}", {**found, **wanted})
    return "updated"


def _in_order(config: Json, found: Json) -> Json:
    """Return our configuration with its sources in the server's order, so that order alone is no difference.

    Fields of a source that we do not set stay (where it began); `deny_purge` and `deny_delete` stay if they are set, as
    they cannot be reset.
    """
    if "sources" not in config:
        return config
    known = {source["name"]: source for source in found.get("sources") or []}
    order = {name: position for position, name in enumerate(known)}
    sources = sorted(config["sources"], key=lambda source: order.get(source["name"], len(order)))
    whole = [{**known.get(source["name"], {}), **source} for source in sources]
    denied = {name: bool(config.get(name) or found.get(name)) for name in ("deny_purge", "deny_delete")}
    return {**config, "sources": whole, **denied}


async def set_sources(bus: JetStream, stream: str, sources: Sequence[Json]) -> None:
    """Update a stream to have exactly these sources."""
    found = await stream_config(bus, stream) or {}
    changed = {"name": stream, "subjects": [], "duplicate_window": 0, "sources": list(sources)}
    await call(bus, f"STREAM.UPDATE.{stream}", {**found, **changed})


def source_active(info: Json, name: str) -> float:
    """Return the seconds since a source's last activity, from a stream's info; -1 if it never started or does not
    exist.
    """
    for source in info.get("sources") or []:
        if source["name"] == name:
            nanoseconds = int(source.get("active", -1))
            return -1.0 if nanoseconds < 0 else nanoseconds / SECOND
    return -1.0


async def re_add_source(bus: JetStream, config: Json, source: Json) -> None:
    """Restart a dead source: update the stream without it, then with it. Nothing is lost, duplicated or reordered.

    The other sources stay, so REGION keeps at least one. `config` is what the caller read, because a member's watchdog
    may only use INFO and UPDATE.
    """
    name = config["name"]
    found = config.get("sources") or []
    others = [each for each in found if each["name"] != source["name"]]
    source = {**next((each for each in found if each["name"] == source["name"]), {}), **source}
    await call(bus, f"STREAM.UPDATE.{name}", {**config, "subjects": [], "sources": others})
    position = next((n for n, each in enumerate(found) if each["name"] == source["name"]), len(found))
    whole = [*others[:position], source, *others[position:]]
    clean = {"subjects": [], "duplicate_window": 0}  # the server sets both while a stream has no source
    await call(bus, f"STREAM.UPDATE.{name}", {**config, **clean, "sources": whole})


async def misnamed_up(bus: JetStream) -> dict[str, int]:
    """Return by member code how many objects of its OUTBOX REGION holds under a subject outside this federation's."""
    found = await _subjects(bus, "REGION", f"{PREFIX}*.fed.>")
    counts: dict[str, int] = defaultdict(int)
    for subject, count in found.items():
        counts[subject.removeprefix(PREFIX).split(".")[0].upper()] += count
    return dict(counts)


async def misnamed_down(bus: JetStream, code: str, link: HubLink = ONLY_HUB) -> int:
    """Return the same for a member's INBOX, where subjects are not changed."""
    return sum((await _subjects(bus, link.inbox(code), "fed.>")).values())


async def _subjects(bus: JetStream, stream: str, pattern: str) -> dict[str, int]:
    info = await call(bus, f"STREAM.INFO.{stream}", {"subjects_filter": pattern})
    return info["state"].get("subjects") or {}


async def ensure_consumer(bus: JetStream, stream: str, config: Json) -> str:
    """Create the durable consumer, or update it if it differs; returns "created", "updated" or "unchanged"."""
    name = config["durable_name"]
    try:
        found = (await call(bus, f"CONSUMER.INFO.{stream}.{name}"))["config"]
    except ApiError as error:
        if error.err_code != CONSUMER_NOT_FOUND:
            raise
        await call(bus, f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": config})
        return "created"
    if not is_different(config, found):
        return "unchanged"
    await call(bus, f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": {**found, **config}})
    return "updated"


async def delete_consumer(bus: JetStream, stream: str, name: str) -> bool:
    """Delete a consumer; returns False if there was none."""
    try:
        await call(bus, f"CONSUMER.DELETE.{stream}.{name}")
    except ApiError as error:
        if error.err_code not in {CONSUMER_NOT_FOUND, STREAM_NOT_FOUND}:
            raise
        return False
    return True
