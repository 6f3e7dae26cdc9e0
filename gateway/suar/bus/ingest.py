"""IN_<CC>, the hub's stream of what one member sent: bounded, so that no member can use the space of others.

OUTBOX_<CC> -> IN_<CC> -> REGION -> INBOX. IN refuses what exceeds its limit (`discard: new`); its source waits, and
continues where it stopped when there is space again, by age or by `free`. REGION sources all IN and is large enough for
all of them together, so it never drops one member's messages because of another's.

IN is in an account of its own, which contains nothing else: a server answers on the reply subject that a message names,
with its own rights in the account where the message arrives. The hub's administrator, a user of REGION's account, sends
requests to it through an import of its API (`of`).

A source's position is stored in the messages that it stored, bound to its name, filter and transforms: after a change
of one of them it begins at the first message again. So no transform lists channels or members; the consumers
`down_<cc>` do.
"""

import base64
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.errors import NO_MESSAGE, ApiError, NoAnswer, NoResponders
from suar.bus.jsapi import Imported, JetStream, Json, call, stream_info
from suar.protocol.base.link_names import ONLY_HUB, HubLink

MIB: Final = 1024 * 1024
INGEST_BYTES: Final = 640 * MIB  # for one member and 30 days: its OUTBOX, and a quarter for headers of the hub
MEMBERS: Final = 16  # number of members for which REGION and INBOX have space
FULL: Final = 0.98  # part of an IN's bytes above which the next object may not fit
_SOURCE: Final = re.compile(rb"\r\nNats-Stream-Source: *([A-Z_]+)\S* ([0-9]+)\b")
_BOUNDED: Final = {"discard": "new", "max_msgs": -1}
_NOTHING: Final = "UPGRADE"  # a source that does not exist, because REGION must have one
_BEGIN: Final = "suar-begin"  # metadata of IN


class Begin(NamedTuple):
    """The object that an IN begins with, or began with since it was last emptied: its number in IN and in OUTBOX.

    `times`: how often the watchdog had it begin again.
    """

    at: int = 1
    number: int = 1
    times: int = 0

    def metadata(self) -> dict[str, str]:
        """Return the entry of IN's metadata that states it."""
        return {_BEGIN: " ".join(map(str, self))}


def begin(info: Json) -> Begin:
    """Return the object that an IN is to begin with, from the stream's info: the first of both, if it does not say."""
    return Begin(*map(int, (info["config"].get("metadata") or {}).get(_BEGIN, "").split()))


def region_bytes(members: int = MEMBERS, each: int = INGEST_BYTES) -> int:
    """Return the bytes of REGION, and of an INBOX: all IN together, plus an eighth for longer headers."""
    return members * each * 9 // 8


def account(cc: str) -> str:
    """Return the account of a member's IN, which has the stream's name."""
    return f"IN_{cc.upper()}"


def api(cc: str) -> str:
    """Return the subject below which REGION's account sends requests to JetStream in the account of a member's IN."""
    return f"$JS.{account(cc)}.API"


def deliver(cc: str) -> str:
    """Return the subject below which a member's IN delivers to REGION."""
    return f"fed.in.{cc.lower()}"


def of(admin: Bus, cc: str) -> Imported:
    """Return JetStream in the account of a member's IN; `admin` is a user of REGION's account."""
    return Imported(admin, api(cc))


async def is_reached(admin: Bus, cc: str) -> bool:
    """Whether the hub's server has the account of a member's IN, with its imports."""
    try:
        await call(of(admin, cc), "INFO")
    except (NoAnswer, NoResponders):
        return False
    return True


def ingest(cc: str, replicas: int = 1, max_bytes: int = INGEST_BYTES, link: HubLink = ONLY_HUB) -> Json:
    """Return the configuration of IN, which stores what the hub received from a member.

    Nobody may purge it: a member could do so by a reply subject, and nothing would limit what it sends through the hub
    (`free`).
    """
    config = streams.sourced(f"IN_{cc.upper()}", replicas, max_bytes)
    return {**config, **_BOUNDED, "max_msg_size": streams.MAX_TAKEN, "sources": [streams.region_source(cc, link)]}


def region(codes: Iterable[str], replicas: int = 1, max_bytes: int = region_bytes()) -> Json:
    """Return the configuration of REGION. It always has a source: a stream without one gets its own name as subject."""
    config = streams.sourced("REGION", replicas, max_bytes)
    return {**config, "deny_purge": False, "sources": [source(cc) for cc in codes]}


def source(cc: str) -> Json:
    """Return the source from a member's IN, in its account, to REGION: only what has the member's prefix.

    A subject with a token `*` or `>` is transformed by no server, so IN stores it as the member's link sent it.
    """
    return {"name": f"IN_{cc.upper()}", "filter_subject": _own(cc),
            "external": {"api": api(cc), "deliver": deliver(cc)}}  # fmt: skip


def is_full(info: Json) -> bool:
    """Whether an IN has no room for the next object, from the stream's info."""
    return bool(info["state"]["bytes"] > FULL * info["config"]["max_bytes"])


async def free(there: JetStream, cc: str, *, keep_last: bool, number: int = 0, times: int = 0) -> int:
    """Delete what a member's IN holds, or all but the last; returns their number. The member must not send meanwhile.

    By a temporary limit, because IN denies a purge; a message that only names a reply subject cannot set one. `number`
    and `times`: what it is to begin with then (`Begin`), if that is known; the update that empties IN states it. Where
    this ends before it restored the limit, the hub's watchdog or `found` does (`is_bounded`).
    """
    name = f"IN_{cc}"
    found = await stream_info(there, name)
    config, limit = found["config"], {"max_msgs": 1} if keep_last else {"max_bytes": 1}
    begins = Begin(int(found["state"]["last_seq"]) + 1, number, times).metadata() if number else {}
    metadata = {**(config.get("metadata") or {}), **begins}
    try:
        await call(there, f"STREAM.UPDATE.{name}", {**config, "discard": "old", **limit, "metadata": metadata})
    finally:  # with what the server has by now: it may have made the update whose answer was lost
        kept = {**(await stream_info(there, name))["config"], "max_bytes": config["max_bytes"], **_BOUNDED}
        left = await call(there, f"STREAM.UPDATE.{name}", kept)
    return int(found["state"]["messages"]) - int(left["state"]["messages"])


def is_bounded(info: Json) -> bool:
    """Whether an IN has its limits, from the stream's info: not while `free` empties it, and where that was cut off."""
    config = info["config"]
    return all(config.get(name) == value for name, value in _BOUNDED.items())


async def free_member(admin: Bus, cc: str) -> int:
    """Delete what the hub holds of a member, in IN and REGION; returns the number of deleted objects.

    The last one of each stays, because it tells the source where to continue. A REGION created before its purge was
    allowed keeps its messages until they expire, because no server resets `deny_purge`.
    """
    freed = 0
    for there in (of(admin, cc), admin):  # the second: of a hub of an older version
        if await streams.stream_config(there, f"IN_{cc}") is not None:
            freed += await free(there, cc, keep_last=True)
    config = await streams.stream_config(admin, "REGION")
    if config is not None and not config.get("deny_purge"):
        ours = {"keep": 1, "filter": _own(cc)}
        freed += int((await call(admin, "STREAM.PURGE.REGION", ours)).get("purged", 0))
    return freed


async def number_in_outbox(bus: JetStream, cc: str, seq: int) -> int:
    """Return the number in OUTBOX of an object of IN; 0 if IN has no such object."""
    found = await _sourced_from(bus, f"IN_{cc}", {"seq": seq})
    return found[1] if found else 0


async def last_taken(admin: Bus, cc: str) -> tuple[str, int]:
    """Return stream and sequence of the last object of a member that REGION stored; ("", 0) if it has none."""
    return await _sourced_from(admin, "REGION", {"last_by_subj": _own(cc)}) or ("", 0)


async def is_repeatable(admin: Bus, there: JetStream, cc: str) -> bool:
    """Whether what IN holds can come again: it is empty, or all of it is deletable and REGION holds nothing else."""
    state = (await stream_info(there, f"IN_{cc}"))["state"]
    if not state["messages"]:
        return True
    config = await streams.stream_config(admin, "REGION") or {}
    ours = await _message(there, f"IN_{cc}", {"seq": state["first_seq"], "next_by_subj": _own(cc)})
    passed_on = await _message(admin, "REGION", {"seq": 1, "next_by_subj": _own(cc)})
    if passed_on is None or config.get("deny_purge"):
        return not config.get("deny_purge")
    return ours is not None and _is_from(passed_on, ours, cc)


async def purge_region(admin: Bus, cc: str) -> None:
    """Delete all that REGION holds of a member."""
    await call(admin, "STREAM.PURGE.REGION", {"filter": _own(cc)})


async def has_passed_on(admin: Bus, there: JetStream, cc: str, seq: int) -> bool:
    """Whether REGION stored everything that it sources from IN up to that number; `there` is the account of IN."""
    stream, number = await last_taken(admin, cc)
    wanted = {"seq": (number if stream == f"IN_{cc}" else 0) + 1, "next_by_subj": _own(cc)}
    following = await _message(there, f"IN_{cc}", wanted)
    return following is None or int(following["seq"]) > seq


def has_source(region_config: Json, cc: str) -> bool:
    """Whether REGION sources a member's IN from its own account, and nothing else of the member."""
    found = [each for each in region_config.get("sources") or [] if each["name"] in _names(cc)]
    return len(found) == 1 and not streams.is_different(source(cc), found[0])


async def add_region_source(admin: Bus, cc: str) -> None:
    """Make the member's IN a source of REGION, instead of what an older hub has of the member. Can be repeated."""
    config = await streams.stream_config(admin, "REGION") or {}
    if not has_source(config, cc):
        others = [each for each in config.get("sources") or [] if each["name"] not in (*_names(cc), _NOTHING)]
        await streams.set_sources(admin, "REGION", [*others, source(cc)])


def _own(cc: str) -> str:
    """Return the subject at the hub of what a member sends."""
    return f"tip.v1.{cc.lower()}.>"


def _names(cc: str) -> tuple[str, str]:
    return f"IN_{cc.upper()}", f"OUTBOX_{cc.upper()}"


# -- hubs of earlier versions: REGION sources every OUTBOX itself, or an IN in its own account ----------------------


async def is_of_before(admin: Bus, region_config: Json, cc: str) -> bool:
    """Whether REGION sources the member's OUTBOX itself, or an IN that is in its own account."""
    found = {each["name"] for each in region_config.get("sources") or []}
    return f"OUTBOX_{cc}" in found or await streams.stream_config(admin, f"IN_{cc}") is not None


async def stop_direct_source(admin: Bus, cc: str) -> None:
    """Remove the member's OUTBOX from REGION's sources."""
    found = (await streams.stream_config(admin, "REGION") or {}).get("sources") or []
    kept = [each for each in found if each["name"] != f"OUTBOX_{cc}"]
    if len(kept) < len(found):
        await streams.set_sources(admin, "REGION", kept or [{"name": _NOTHING}])


async def stop_old(admin: Bus, cc: str) -> Json | None:
    """Stop sourcing the IN in REGION's account; returns its state, or None if there is none."""
    name = f"IN_{cc}"
    if await streams.stream_config(admin, name) is None:
        return None
    await streams.set_sources(admin, name, [{"name": _NOTHING}])
    state: Json = (await stream_info(admin, name))["state"]
    return state


async def delete(there: JetStream, cc: str) -> None:
    """Delete a member's IN in one account, if it is there."""
    if await streams.stream_config(there, f"IN_{cc}") is not None:
        await call(there, f"STREAM.DELETE.IN_{cc}")


async def _sourced_from(bus: JetStream, stream: str, which: Json) -> tuple[str, int] | None:
    """Return (stream, sequence) that a stored message was sourced from, or None if there is no such message."""
    return _sourced_as(await _message(bus, stream, which) or {})


def _sourced_as(message: Json) -> tuple[str, int] | None:
    """Return what the server wrote, which is the last header of its name: a sender may have written others before."""
    found = _SOURCE.findall(base64.b64decode(message.get("hdrs", "")))
    return (found[-1][0].decode(), int(found[-1][1])) if found else None


def _is_from(passed_on: Json, ours: Json, cc: str) -> bool:
    """Whether an object of REGION is that object of IN, and not one under the same number before IN lost its end."""
    return _sourced_as(passed_on) == (f"IN_{cc}", ours["seq"]) and passed_on.get("data") == ours.get("data")


async def _message(bus: JetStream, stream: str, which: Json) -> Json | None:
    try:
        found: Json = (await call(bus, f"STREAM.MSG.GET.{stream}", which))["message"]
    except ApiError as error:
        if error.err_code != NO_MESSAGE:
            raise
        return None
    return found
