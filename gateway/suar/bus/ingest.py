"""IN_<CC>, what the hub took from one member: bounded, so that nobody's junk takes what belongs to others.

OUTBOX_<CC> -> IN_<CC> -> REGION -> INBOX. IN refuses what is too much (`discard: new`), its source waits, and goes on
where it stopped when there is room again, by age or by a purge. REGION sources all IN and is large enough for all of
them together, so it never drops what one member sent for what another sent.

A source's place is in the messages that it stored, by the name, filter and transforms of the source: who changes one of
them begins at the first message again. So no transform lists channels or members; the consumers `down_<cc>` do.
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

MIB: Final = 1024 * 1024
INGEST_BYTES: Final = 640 * MIB  # of one member in 30 days: its OUTBOX, and a quarter for what the hub adds to each
MEMBERS: Final = 16  # for which REGION and INBOX have room
EMPTY_AFTER: Final = 5.0  # seconds in which a source gives signs of life and nothing else
FIRST_WITHIN: Final = 60.0
POLL: Final = 0.1
_SOURCE: Final = re.compile(rb"^Nats-Stream-Source: *([A-Z_]+)\S* ([0-9]+)\b", re.MULTILINE)
_NOTHING: Final = "UPGRADE"  # a source of no stream: REGION must have one


def region_bytes(members: int = MEMBERS, each: int = INGEST_BYTES) -> int:
    """Bytes of REGION, and of an INBOX: all IN together, and an eighth for longer headers."""
    return members * each * 9 // 8


def ingest(cc: str, replicas: int = 1, max_bytes: int = INGEST_BYTES) -> Json:
    """What the hub took from a member in 30 days. Only the hub's administrator may purge it."""
    config = streams.sourced(f"IN_{cc.upper()}", replicas, max_bytes)
    return {**config, "discard": "new", "deny_purge": False, "max_msg_size": streams.MAX_TAKEN,
            "sources": [streams.region_source(cc)]}  # fmt: skip


def region(codes: Iterable[str], replicas: int = 1, max_bytes: int = region_bytes()) -> Json:
    """What the hub holds of all. Never without a source: a stream with neither gets its own name as subject."""
    config = streams.sourced("REGION", replicas, max_bytes)
    return {**config, "deny_purge": False, "sources": [source(cc) for cc in codes]}


def source(cc: str) -> Json:
    """From a member's IN to REGION, in the same account."""
    return {"name": f"IN_{cc.upper()}"}


async def purge_member(admin: Bus, cc: str) -> int:
    """Purge what the hub holds of a member, in REGION and IN; how many objects went.

    The last one of each stays: it tells the source where to go on. A REGION that was founded before its purge was
    allowed keeps what it has until its age: no server takes `deny_purge` back.
    """
    purged = 0
    for stream, body in ((f"IN_{cc}", {"keep": 1}), ("REGION", {"keep": 1, "filter": f"tip.v1.{cc.lower()}.>"})):
        config = await streams.stream_config(admin, stream)
        if config is not None and not config.get("deny_purge"):
            purged += int((await call(admin, f"STREAM.PURGE.{stream}", body)).get("purged", 0))
    return purged


# -- a REGION of before, which sources every OUTBOX itself ------------------------------------------------------


def has_direct_source(region_config: Json, cc: str) -> bool:
    """Whether REGION still has the member's OUTBOX as its source."""
    return any(each["name"] == f"OUTBOX_{cc}" for each in region_config.get("sources") or [])


async def remove_direct_source(admin: Bus, cc: str) -> None:
    """Take the member's OUTBOX out of REGION's sources; only one stream may draw from its consumer `up`."""
    config = await streams.stream_config(admin, "REGION") or {}
    kept = [each for each in config["sources"] if each["name"] != f"OUTBOX_{cc}"]
    await streams.set_sources(admin, "REGION", kept or [{"name": _NOTHING}])


async def add_ingest_source(admin: Bus, cc: str) -> None:
    """Add the member's IN to REGION's sources, from where REGION has nothing of that OUTBOX yet.

    IN begins with the first message of OUTBOX; REGION's last message says how far it came. May be run again.
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
    """For an IN that is made again: its numbers go on behind what REGION took from the one that was lost."""
    last = await _sourced_from(admin, "REGION", {"last_by_subj": f"tip.v1.{cc.lower()}.>"})
    return {"first_seq": last[1] + 1} if last is not None and last[0] == f"IN_{cc}" else {}


async def _first(admin: Bus, cc: str) -> int:
    """The number in OUTBOX of the first message of IN; 0 when the source works and brought nothing."""
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
    """(stream, number) that a stored message was sourced from; None: there is no such message."""
    try:
        found = await call(admin, f"STREAM.MSG.GET.{stream}", which)
    except ApiError as error:
        if error.err_code != NO_MESSAGE:
            raise
        return None
    match = _SOURCE.search(base64.b64decode(found["message"].get("hdrs", "")))
    return (match[1].decode(), int(match[2])) if match else None
