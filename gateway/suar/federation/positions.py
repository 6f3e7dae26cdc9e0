"""The position of IN_<CC> in the member's OUTBOX; detects one after its end, and sets it back, or forward by one.

The position is that of IN's last object. A holder of the key of the member's link can send one object with a number far
ahead, and IN then drops everything that the member sends. Only the member's server knows where OUTBOX ends; its answer
states it when its consumer is requested to start at a number. That is done only for a source that looks wrong.
"""

import asyncio
from typing import Literal

from suar.bus import ingest, streams
from suar.bus.connect import Bus
from suar.bus.errors import BusError, NoAnswer, NoResponders
from suar.bus.jsapi import JetStream, Json, call_subject, stream_info
from suar.federation.patience import is_true_within
from suar.federation.plan import Member
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import HubLink

NUMBERS_END = 2**63  # of what nats-server counts
ANSWER_WITHIN = 2.0  # seconds
STARTS_WITHIN = 30.0  # seconds in which the last request of a source that was removed is answered
PASSED_ON_WITHIN = 30.0  # seconds in which REGION takes what IN holds
ACCEPTS_WITHIN = 15.0  # seconds in which an IN that refuses nothing takes what OUTBOX has


def position(info: Json, member: Member) -> int:
    """Return the position in OUTBOX of the source of an IN, from the stream's info; 0 if none."""
    named = [each for each in info.get("sources") or [] if each["name"] == f"OUTBOX_{member.code}"]
    return int(named[0].get("seq", 0)) if named else 0


async def has_a_jump(admin: Bus, info: Json, member: Member) -> bool:
    """Whether numbers of OUTBOX are missing before IN's last object: none is if both numbers are equal."""
    state, at = info["state"], position(info, member)
    if at == state["last_seq"]:
        return False
    first = await ingest.number_in_outbox(ingest.of(admin, member.code), member.code, state["first_seq"])
    return bool(state["messages"] == 1 or at - first != state["last_seq"] - state["first_seq"])


async def outbox_end(admin: Bus, member: Member, link: HubLink, start: int) -> int:
    """Have the member's consumer start at a number; returns OUTBOX's end, or less than `start` if it ends before.

    Raises BusError, also for an answer without that number.
    """
    return sum(await _started(admin, member, link, start))


async def has_more(admin: Bus, member: Member, link: HubLink, info: Json) -> bool:
    """Whether OUTBOX has objects after IN's position; starts the consumer over. Raises BusError like `outbox_end`."""
    behind, ahead = await _started(admin, member, link)
    return ahead > 0 and behind + ahead > position(info, member)


async def _started(admin: Bus, member: Member, link: HubLink, start: int | None = None) -> tuple[int, int]:
    """Have the member's consumer start at a number, or after what was acknowledged last.

    Returns the last number before its position, and how many objects are ahead.
    """
    behind, ahead, _ = await _reset(admin, member, link, start)
    return behind, ahead


async def _reset(admin: Bus, member: Member, link: HubLink, start: int | None = None) -> tuple[int, int, int]:
    """Do the same; returns also the last number that counts as acknowledged."""
    reset = f"fed.ctl.{member.low}.CONSUMER.RESET.OUTBOX_{member.code}.{link.up}"
    answer = await call_subject(admin, reset, None if start is None else {"seq": start}, ANSWER_WITHIN)
    try:
        behind, acknowledged = (_number(answer[each]["stream_seq"]) for each in ("delivered", "ack_floor"))
        return behind, _number(answer["num_pending"]), acknowledged
    except (KeyError, TypeError, ValueError) as wrong:
        raise NoAnswer(f"an answer on {reset} that does not say where OUTBOX ends") from wrong


def _number(answered: object) -> int:
    """Return a number of a stream that a member's server answered. Raises ValueError for what is none."""
    if not isinstance(answered, int) or not 0 <= answered < NUMBERS_END:
        raise ValueError("no number of a stream")
    return answered


async def _end_without_source(admin: Bus, member: Member, link: HubLink, start: int) -> int:
    """Return OUTBOX's end while IN has no source, so that the consumer starts at the requested number.

    The request is repeated if the last one of the removed source, which has the consumer start far after the end, is
    answered in between, and if nobody answers: the exports of the member's server arrive a moment after its link.
    Raises Fault, BusError.
    """
    end = 0
    unanswered: BusError | None = None

    async def start_there() -> bool:
        """Have the consumer start at `start`; returns False if it does not answer, or starts elsewhere."""
        nonlocal end, unanswered
        try:
            behind, ahead = await _started(admin, member, link, start)
        except (NoAnswer, NoResponders) as error:
            unanswered = error
            return False
        end, unanswered = behind + ahead, None
        return behind == start - 1 or not start

    if not await is_true_within(start_there, STARTS_WITHIN, 0.1):
        raise unanswered or Fault(
            f"the consumer of OUTBOX_{member.code} does not start at its number", "run this again"
        )
    return end


async def is_past_end(admin: Bus, member: Member, link: HubLink, info: Json) -> bool:
    """Whether IN's position is after OUTBOX's end; queries the member's server only if IN's numbers have a jump.

    Raises BusError if that server is unreachable.
    """
    if not info["state"]["messages"] or not await has_a_jump(admin, info, member):
        return False
    at = position(info, member)
    return await outbox_end(admin, member, link, at) < at


async def set_back(admin: Bus, member: Member, link: HubLink) -> int:
    """Have IN continue after its last object that is in OUTBOX; returns the number there. Can be repeated.

    IN is emptied, because its last object states where to continue; REGION has what it held, and continues in IN where
    it was. If IN holds no object of OUTBOX (after a suspension), it begins with OUTBOX's first. Without its source, the
    member's consumer delivers nothing meanwhile. Raises Fault, BusError.
    """
    name, there = f"IN_{member.code}", ingest.of(admin, member.code)
    await streams.set_sources(there, name, [])
    try:
        number = await _last_passed_on(admin, there, member, link)
        await ingest.free(there, member.code, keep_last=False, number=number + 1)
        # a source without a position begins where its consumer is
        await _end_without_source(admin, member, link, number + 1)
    finally:
        await streams.set_sources(there, name, [streams.region_source(member.code, link)])
    return number + 1


async def pass_over(admin: Bus, member: Member, link: HubLink) -> int:
    """Have IN continue after the one object of OUTBOX that it refuses; returns its number there. Can be repeated.

    IN is emptied, as by `set_back`, once REGION has what it held; no other object is lost or delivered twice. Refuses
    if IN accepts what is sent, or has no space. Raises Fault, BusError.
    """
    name, there = f"IN_{member.code}", ingest.of(admin, member.code)
    await _refuses(admin, there, member, link)
    await streams.set_sources(there, name, [])
    try:
        number = await _last_passed_on(admin, there, member, link) or (await _started(admin, member, link))[0]
        await _end_without_source(admin, member, link, number + 1)  # to be repeated from here, with an empty IN
        await ingest.free(there, member.code, keep_last=False, number=number + 2)
        await _end_without_source(admin, member, link, number + 2)
    finally:
        await streams.set_sources(there, name, [streams.region_source(member.code, link)])
    return number + 1


async def skipped(admin: Bus, member: Member, link: HubLink, info: Json) -> int:
    """Return the number in OUTBOX that IN is to begin with, if it began later, or is empty and its source will; else 0.

    `info` is that of IN. Unless IN began with that number, the member's consumer starts over, after what was
    acknowledged last. Raises BusError, also if the member's server is unreachable.
    """
    state, begin = info["state"], ingest.begin(info)
    if not state["messages"]:
        is_first = state["last_seq"] + 1 == begin.at
        return begin.number if is_first and (await _reset(admin, member, link))[2] >= begin.number else 0
    if state["first_seq"] != begin.at:
        return 0
    number = await ingest.number_in_outbox(ingest.of(admin, member.code), member.code, begin.at)
    if number <= begin.number:
        return 0
    await _started(admin, member, link)
    return begin.number


async def begin_again(
    admin: Bus, member: Member, link: HubLink, within: float | None = None
) -> Literal["begun-again", "skipped", "healthy"]:
    """Have IN begin with the object that it is to begin with; "healthy" if OUTBOX has none before IN's first.

    What IN holds is deleted there and in REGION, because it comes again, after what was skipped. "skipped" if REGION
    holds more of the member, some of which it would then hold twice. Can be repeated. `within`: seconds for what is
    asked before anything is deleted, since the member's server may answer anything; else it raises TimeoutError.
    Raises Fault, BusError.
    """
    name, there = f"IN_{member.code}", ingest.of(admin, member.code)
    await streams.set_sources(there, name, [])
    try:
        async with asyncio.timeout(within):
            info = await stream_info(there, name)
            begin = ingest.begin(info)
            if not await _has_skipped(admin, member, link, info):
                return "healthy"
            if (await ingest.last_taken(admin, member.code))[0]:  # else an earlier attempt purged REGION
                await _until_passed_on(admin, there, member, int(info["state"]["last_seq"]))
            if not await ingest.is_repeatable(admin, there, member.code):
                return "skipped"
        if is_held := bool(info["state"]["messages"]):
            await ingest.purge_region(admin, member.code)
        await ingest.free(there, member.code, keep_last=False, number=begin.number, times=begin.times + is_held)
        await _end_without_source(admin, member, link, begin.number)
    finally:
        await streams.set_sources(there, name, [streams.region_source(member.code, link)])
    return "begun-again"


async def _has_skipped(admin: Bus, member: Member, link: HubLink, info: Json) -> bool:
    """Whether OUTBOX has objects that IN, which has no source, is to begin with, and all that IN holds after them."""
    begin, there, state = ingest.begin(info), ingest.of(admin, member.code), info["state"]
    later = 0
    if state["messages"]:
        first, last = [await ingest.number_in_outbox(there, member.code, state[n]) for n in ("first_seq", "last_seq")]
        end = await _end_without_source(admin, member, link, first)
        if state["first_seq"] != begin.at or first <= begin.number or end < last:
            return False
        later = end - first + 1
    return await _end_without_source(admin, member, link, begin.number) - begin.number + 1 > later


async def _refuses(admin: Bus, there: JetStream, member: Member, link: HubLink) -> None:
    """Raise Fault unless OUTBOX has more, and IN, which has space, accepts nothing of it."""
    name = f"IN_{member.code}"
    info = await stream_info(there, name)

    async def is_moving() -> bool:
        return bool((await stream_info(there, name))["state"]["last_seq"] != info["state"]["last_seq"])

    if ingest.is_full(info):
        raise Fault(f"{name} is full, and refuses no single object", "see `full` in deploy/nats/README.md")
    if not await has_more(admin, member, link, info) or await is_true_within(is_moving, ACCEPTS_WITHIN, 0.1):
        raise Fault(f"{name} refuses nothing: nothing is passed over", "see what the hub's watchdog says")


async def beginning(admin: Bus, member: Member, link: HubLink) -> Json:
    """Have a new IN begin after what REGION has of the member; returns its first number, so that numbers continue.

    A hub of an older version has the member's IN in REGION's account, or none. While both exist the new one uses little
    space, so that the server has the disk for both. Can be repeated. Raises Fault, BusError.
    """
    old = await ingest.stop_old(admin, member.code)
    await ingest.stop_direct_source(admin, member.code)
    stream, number = await ingest.last_taken(admin, member.code)
    room: Json = {} if old is None else {"max_bytes": ingest.MIB}
    if stream == f"OUTBOX_{member.code}":
        await _end_without_source(admin, member, link, number + 1)
        return {**room, "metadata": ingest.Begin(1, number + 1).metadata()}
    if old is None:  # a new member, or an IN that was lost
        return await _after_lost(admin, member, link, number) if stream else {}
    known: Json = {}
    if old["messages"]:
        last = await _last_passed_on(admin, admin, member, link)
        await _end_without_source(admin, member, link, last + 1)
        known = {"metadata": ingest.Begin(old["last_seq"] + 1, last + 1).metadata()}
    return {**room, **known, "first_seq": old["last_seq"] + 1}


async def _after_lost(admin: Bus, member: Member, link: HubLink, number: int) -> Json:
    """Return the beginning of an IN of which only REGION has something, up to that number: where the consumer is."""
    try:
        behind, _ = await _started(admin, member, link)
    except (NoAnswer, NoResponders):  # the member's server is unreachable: not known
        return {"first_seq": number + 1}
    return {"first_seq": number + 1, "metadata": ingest.Begin(number + 1, behind + 1).metadata()}


async def _last_passed_on(admin: Bus, there: JetStream, member: Member, link: HubLink) -> int:
    """Return the number in OUTBOX of IN's last object, once REGION has it; 0 if there is none."""
    state = (await stream_info(there, f"IN_{member.code}"))["state"]
    last, number = await _last_of_outbox(admin, there, member, link, state)
    await _until_passed_on(admin, there, member, last)
    return number


async def _until_passed_on(admin: Bus, there: JetStream, member: Member, last: int) -> None:
    if not await is_true_within(lambda: ingest.has_passed_on(admin, there, member.code, last), PASSED_ON_WITHIN, 0.1):
        raise Fault(f"REGION has not all that IN_{member.code} holds", "run this again")


async def _last_of_outbox(admin: Bus, there: JetStream, member: Member, link: HubLink, state: Json) -> tuple[int, int]:
    """Return the last object of IN that is in OUTBOX: its number in IN and in OUTBOX; (0, 0) if there is none.

    The numbers in OUTBOX increase from object to object, so it is found by bisection.
    """
    low, high = int(state["first_seq"]), int(state["last_seq"])
    found = 0, 0
    end = await _end_without_source(admin, member, link, await ingest.number_in_outbox(there, member.code, low))
    while low <= high:
        middle = (low + high) // 2
        number = await ingest.number_in_outbox(there, member.code, middle)
        if number <= end:
            found, low = (middle, number), middle + 1
        else:
            high = middle - 1
    return found
