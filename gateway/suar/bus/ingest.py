"""IN_<CC>, the hub's stream of what one member sent: bounded, so that no member can take the space of others.

OUTBOX_<CC> -> IN_<CC> -> REGION -> INBOX. IN refuses what exceeds its limit (`discard: new`); its source waits, and
continues where it stopped when there is space again, by age or by a purge. REGION sources all IN and is large enough
for all of them together, so it never drops one member's messages because of another's.

A source's position is stored in the messages that it stored, bound to its name, filter and transforms: after a change
of one of them it begins at the first message again. So no transform lists channels or members; the consumers
`down_<cc>` do.
"""

import asyncio
import base64
import re
from collections.abc import Iterable
from typing import Final

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.errors import NO_MESSAGE, ApiError
from suar.bus.jsapi import Json, call, stream_info
from suar.protocol.base.errors import Fault
from suar.protocol.base.hub_lines import ONLY_HUB, HubLine

MIB: Final = 1024 * 1024
INGEST_BYTES: Final = 640 * MIB  # for one member and 30 days: its OUTBOX, and a quarter for headers of the hub
MEMBERS: Final = 16  # number of members for which REGION and INBOX have space
EMPTY_AFTER: Final = 5.0  # seconds in which a source is active without delivering anything
FIRST_WITHIN: Final = 60.0
POLL: Final = 0.1
_SOURCE: Final = re.compile(rb"^Nats-Stream-Source: *([A-Z_]+)\S* ([0-9]+)\b", re.MULTILINE)
_NOTHING: Final = "UPGRADE"  # a source that does not exist, because REGION must have one


def region_bytes(members: int = MEMBERS, each: int = INGEST_BYTES) -> int:
    """Return the bytes of REGION, and of an INBOX: all IN together, plus an eighth for longer headers."""
    return members * each * 9 // 8


def ingest(cc: str, replicas: int = 1, max_bytes: int = INGEST_BYTES, line: HubLine = ONLY_HUB) -> Json:
    """Return the configuration of IN, what the hub holds of a member. Only the hub's administrator may purge it."""
    config = streams.sourced(f"IN_{cc.upper()}", replicas, max_bytes)
    return {**config, "discard": "new", "deny_purge": False, "max_msg_size": streams.MAX_TAKEN,
            "sources": [streams.region_source(cc, line)]}  # fmt: skip


def region(codes: Iterable[str], replicas: int = 1, max_bytes: int = region_bytes()) -> Json:
    """Return the configuration of REGION. It always has a source: a stream without one gets its own name as subject."""
    config = streams.sourced("REGION", replicas, max_bytes)
    return {**config, "deny_purge": False, "sources": [source(cc) for cc in codes]}


def source(cc: str) -> Json:
    """Return the source from a member's IN to REGION, in the same account."""
    return {"name": f"IN_{cc.upper()}"}


async def purge_member(admin: Bus, cc: str) -> int:
    """Purge what the hub holds of a member, in REGION and IN; returns how many objects were purged.

    The last one of each stays, because it tells the source where to continue. A REGION created before its purge was
    allowed keeps its messages until they expire, because no server resets `deny_purge`.
    """
    purged = 0
    for stream, body in ((f"IN_{cc}", {"keep": 1}), ("REGION", {"keep": 1, "filter": f"tip.v1.{cc.lower()}.>"})):
        config = await streams.stream_config(admin, stream)
        if config is not None and not config.get("deny_purge"):
            purged += int((await call(admin, f"STREAM.PURGE.{stream}", body)).get("purged", 0))
    return purged


# -- an older REGION, which sources every OUTBOX itself ----------------------------------------------------------


def has_direct_source(region_config: Json, cc: str) -> bool:
    """Whether REGION still has the member's OUTBOX as a source."""
    return any(each["name"] == f"OUTBOX_{cc}" for each in region_config.get("sources") or [])


async def remove_direct_source(admin: Bus, cc: str) -> None:
    """Remove the member's OUTBOX from REGION's sources; only one stream may read from its consumer `up`."""
    config = await streams.stream_config(admin, "REGION") or {}
    kept = [each for each in config["sources"] if each["name"] != f"OUTBOX_{cc}"]
    await streams.set_sources(admin, "REGION", kept or [{"name": _NOTHING}])


async def add_ingest_source(admin: Bus, cc: str) -> None:
    """Add the member's IN to REGION's sources, beginning where REGION has nothing of that OUTBOX yet. Can be repeated.

    IN begins with the first message of OUTBOX; REGION's last message shows how far it got.
    """
    last = await _sourced_from(admin, "REGION", {"last_by_subj": f"tip.v1.{cc.lower()}.>"})
    start = 1
    if last is not None and last[0] == f"OUTBOX_{cc}":
        first = await _first(admin, cc)
        start = max(1, last[1] - first + 2) if first else 1
    config = await streams.stream_config(admin, "REGION") or {}
    others = [each for each in config["sources"] if each["name"] not in (f"IN_{cc}", _NOTHING)]
    await streams.set_sources(admin, "REGION", [*others, source(cc) | ({"opt_start_seq": start} if start > 1 else {})])


async def next_sequence(admin: Bus, cc: str) -> Json:
    """Return the first sequence for an IN that is recreated: it continues after what REGION received from the
    lost one.
    """
    last = await _sourced_from(admin, "REGION", {"last_by_subj": f"tip.v1.{cc.lower()}.>"})
    return {"first_seq": last[1] + 1} if last is not None and last[0] == f"IN_{cc}" else {}


async def number_in_outbox(admin: Bus, cc: str, seq: int) -> int:
    """Return the number in OUTBOX of an object of IN; 0 if IN has no such object."""
    found = await _sourced_from(admin, f"IN_{cc}", {"seq": seq})
    return found[1] if found else 0


async def has_passed_on(admin: Bus, cc: str, seq: int) -> bool:
    """Whether REGION took the object of IN with that number; nothing precedes the first."""
    if seq < 1:
        return True
    last = await _sourced_from(admin, "REGION", {"last_by_subj": f"tip.v1.{cc.lower()}.>"})
    return last is not None and last[0] == f"IN_{cc}" and last[1] >= seq


async def _first(admin: Bus, cc: str) -> int:
    """Return the sequence in OUTBOX of IN's first message; 0 if the source is active and delivered nothing."""
    loop = asyncio.get_running_loop()
    begin, signs_since = loop.time(), None
    while loop.time() < begin + FIRST_WITHIN:
        info = await stream_info(admin, f"IN_{cc}")
        if info["state"]["messages"]:
            found = await _sourced_from(admin, f"IN_{cc}", {"seq": info["state"]["first_seq"]})
            return found[1] if found else 0
        active = 0 <= streams.source_active(info, f"OUTBOX_{cc}") < EMPTY_AFTER
        signs_since = (signs_since or loop.time()) if active else None
        if signs_since is not None and loop.time() > signs_since + EMPTY_AFTER:
            return 0
        await asyncio.sleep(POLL)
    raise Fault(f"IN_{cc} got nothing from OUTBOX_{cc}", "is the member's link up? then run this again")


async def _sourced_from(admin: Bus, stream: str, which: Json) -> tuple[str, int] | None:
    """Return (stream, sequence) that a stored message was sourced from, or None if there is no such message."""
    try:
        found = await call(admin, f"STREAM.MSG.GET.{stream}", which)
    except ApiError as error:
        if error.err_code != NO_MESSAGE:
            raise
        return None
    match = _SOURCE.search(base64.b64decode(found["message"].get("hdrs", "")))
    return (match[1].decode(), int(match[2])) if match else None
