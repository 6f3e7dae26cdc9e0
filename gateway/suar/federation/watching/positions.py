"""What the hub's watchdog knows of the position of every IN in its member's OUTBOX: after its end, or begun too late.

A source whose IN is empty has no position: it continues after what the member's consumer counts as acknowledged. While
a source starts it drops what arrives, and acknowledges it all the same. So where a server is restarted before IN stored
anything, IN may begin after the first objects of OUTBOX, without any report. Among them is the member's key bundle,
without which nobody accepts what follows. The watchdog has such an IN begin again.

Not above a size, or more often than a few times: a holder of the key of the member's link can cause it, and what comes
again uses space in every INBOX. The member's server answers what is asked here and may say anything: an attempt has a
time limit, and after a few there is one an hour, because the other members are not watched meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from suar.bus import ingest
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import Json
from suar.federation import positions
from suar.federation.plan import Member
from suar.federation.watching.rounds import now
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import HubLink

TIMES: Final = 5
PART: Final = 16  # of the bytes that an IN may hold
WITHIN: Final = 20.0  # seconds of one attempt before anything is deleted
PAUSE: Final = 3600.0  # seconds between two attempts after the first TIMES
DETAILS: Final = {
    "begun-again": "IN_{0} lacked objects of OUTBOX_{0} at its beginning, from number {1} on; it begins with them now",
    "skipped": "IN_{0} lacks objects of OUTBOX_{0} at its beginning, from number {1} on: run "
    "`suar federation streams --hub --plan PLAN.toml found`; see deploy/nats/README.md",
}


@dataclass(slots=True)
class Positions:
    """The position of every IN at the previous check.

    The member's server is queried only about an IN that stored nothing since then, and whose numbers have a jump that
    was not found to be right before.
    """

    _ends: dict[str, int] = field(default_factory=dict, init=False)
    """By member, IN's last number at the previous check."""
    _right: dict[str, int] = field(default_factory=dict, init=False)
    """By member, how far OUTBOX's numbers were ahead of IN's when nothing was wrong."""

    async def note_position(self, admin: Bus, member: Member, link: HubLink, info: Json) -> bool:
        """Note IN's position; returns True if it is after OUTBOX's end. False as well if the member's server does not
        answer.
        """
        end = int(info["state"]["last_seq"])
        before, self._ends[member.code] = self._ends.get(member.code), end
        ahead = positions.position(info, member) - end
        if before != end:
            return False
        if self._right.get(member.code, ahead - 1) < ahead:
            try:
                if await positions.is_past_end(admin, member, link, info):
                    return True
            except BusError:  # the member's server is unreachable: queried at the next check
                return False
        self._right[member.code] = ahead
        return False


Result = Literal["healthy", "suspect", "skipped", "begun-again"]
_Mark = tuple[str, str, ingest.Begin]
"""When IN was created, when its first object was stored, and what it is to begin with."""


@dataclass(slots=True)
class _Attempts:
    """How often an IN had to begin again with the same mark, when it was tried last, and what came of it."""

    mark: _Mark
    count: int = 0
    last: float = 0.0
    result: Result = "suspect"

    def is_another_allowed(self) -> bool:
        return self.count < TIMES or now() - self.last >= PAUSE


@dataclass(slots=True)
class Beginnings:
    """The result of each IN that began later; it is not checked again while its first object is the same."""

    _results: dict[str, tuple[_Mark, Result]] = field(default_factory=dict, init=False)
    _attempts: dict[str, _Attempts] = field(default_factory=dict, init=False)

    async def result(
        self, admin: Bus, member: Member, link: HubLink, info: Json, is_due: Callable[[bool], bool]
    ) -> tuple[Result, int]:
        """Return what was found, or done, and the number in OUTBOX that IN is to begin with; `info` is that of IN.

        `is_due` is called with whether something may be missing, and returns whether it is time to act.
        """
        mark = info["created"], info["state"]["first_ts"], ingest.begin(info)
        before = self._results.get(member.code)
        if before is not None and before[0] == mark and info["state"]["messages"]:
            return before[1], mark[2].number
        try:
            number = await positions.skipped(admin, member, link, info)
        except BusError:  # the member's server is unreachable: queried at the next check
            return "healthy", 0
        result: Result = "suspect" if number else "healthy"
        if is_due(bool(number)):
            result = await self._begin_again(admin, member, link, mark) if is_repaired(info) else "skipped"
        if result in ("healthy", "skipped"):
            self._results[member.code] = mark, result
        return result, number

    async def _begin_again(self, admin: Bus, member: Member, link: HubLink, mark: _Mark) -> Result:
        """Have IN begin again, if it was not tried too often; an attempt that fails leaves it suspect."""
        attempts = self._attempts.get(member.code)
        if attempts is None or attempts.mark != mark:
            attempts = self._attempts[member.code] = _Attempts(mark)
        if not attempts.is_another_allowed():
            return "healthy" if attempts.result == "healthy" else "skipped"
        attempts.count += 1
        try:
            attempts.result = await positions.begin_again(admin, member, link, WITHIN)
        except (BusError, Fault, TimeoutError):
            attempts.result = "suspect"
        attempts.last = now()
        return attempts.result


def is_repaired(info: Json) -> bool:
    """Whether the watchdog has an IN begin again by itself, from the stream's info."""
    return ingest.begin(info).times < TIMES and info["state"]["bytes"] * PART < info["config"]["max_bytes"]
