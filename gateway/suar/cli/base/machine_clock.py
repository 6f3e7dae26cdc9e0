"""Whether the kernel says that the clock of this machine is synchronised: adjtimex(2), which the gateway's unit may not
call (ProtectClock), so `suar check --machine` does.
"""

import ctypes
import os
from typing import Final

from suar.observe.checks.every import SELF, Check
from suar.protocol.base import limits

NAME: Final = "clock-synchronised"
_STEP: Final = "install and start chrony; `chronyc tracking` shows its sources"
_UNSYNCHRONISED: Final = 0x40  # STA_UNSYNC in `status`
_TIME_ERROR: Final = 5  # what the call returns for a clock that is not synchronised
_ERROR_MAX: Final = 1_000_000  # microseconds: far below what the protocol tolerates, far above what NTP leaves


class _Timex(ctypes.Structure):
    """The begin of `struct timex`; the rest of it is not read."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256),
    )  # fmt: skip


def clock_synchronised() -> Check:
    """Return the finding about the clock of this machine; nothing is changed."""
    read = _Timex(modes=0)
    try:
        result = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(read))
    except (AttributeError, OSError):
        return Check(NAME, "unknown", SELF, "this system has no adjtimex", _STEP)
    if result < 0:
        reason = os.strerror(ctypes.get_errno())
        return Check(NAME, "unknown", SELF, f"the kernel does not say: {reason}", "allow adjtimex in the unit")
    return found(result, read.status, read.maxerror)


def found(result: int, status: int, maximum_error: int) -> Check:
    """Return the finding for what adjtimex returned; `maximum_error` is in microseconds."""
    if result == _TIME_ERROR or status & _UNSYNCHRONISED:
        return Check(NAME, "warning", SELF, "the clock of this machine is not synchronised", _STEP)
    if maximum_error > _ERROR_MAX:
        text = f"the clock of this machine may be wrong by {maximum_error / 1_000_000:.1f} s"
        return Check(
            NAME, "warning", SELF, f"{text}; others tolerate {limits.CLOCK_TOLERANCE // limits.SECOND} s", _STEP
        )
    return Check(NAME, "ok", SELF, f"the clock of this machine is synchronised, within {maximum_error / 1_000:.0f} ms")
