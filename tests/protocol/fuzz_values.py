"""Values that are wrong in one place: what fuzz.py and fuzz_files.py change, sign again and give to a reader."""

import random
from typing import Any

from suar.protocol.base import limits
from suar.protocol.base.wire import encode
from support.kit import NOW

Random = random.Random
_INTEGERS = (0, 1, -1, 2**16, 2**31, 2**53 - 1, 2**53, 2**63, 2**64 - 1, NOW, NOW + limits.DAY, NOW - 40 * limits.DAY)
_TEXTS = (
    "",
    "all",
    "TH",
    "th",
    "SG",
    "SG\n",
    "*",
    "actual",
    "exercise",
    "\x00",
    "\u202e",
    "x" * 300,
    "2027-01-15T08:00:00Z",
)


def any_value(rng: Random, depth: int = 0) -> Any:
    """Something that msgpack and, but for bytes, JSON can say."""
    pick = rng.randrange(9 if depth < 3 else 6)
    if pick == 0:
        return rng.choice(_INTEGERS)
    if pick == 1:
        return rng.choice(_TEXTS)
    if pick == 2:
        return rng.randbytes(rng.choice((0, 1, 15, 16, 31, 32, 33, 64, 1216)))
    if pick in (3, 4):
        return rng.choice((None, True, False, 0.5, -1.0, 1e300))
    if pick == 5:
        return rng.randrange(2**53)
    if pick == 6:
        return {rng.choice(_TEXTS): any_value(rng, depth + 1) for _ in range(rng.randrange(3))}
    return [any_value(rng, depth + 1) for _ in range(rng.randrange(4))]


def changed(rng: Random, value: Any) -> Any:
    """`value` with one change somewhere inside it."""
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return rng.choice((_replaced, _replaced, _replaced, _removed, _repeated, _swapped))(rng, value, at)
    if isinstance(value, dict) and value and rng.random() < 0.9:
        return _changed_map(rng, value)
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 0.6:
        return value + rng.choice((-1, 1, -limits.HOUR, limits.HOUR, -limits.DAY, limits.DAY, limits.CLOCK_TOLERANCE))
    if isinstance(value, bytes) and value and rng.random() < 0.6:
        return flipped(rng, value)
    if isinstance(value, str) and value and rng.random() < 0.4:
        at = rng.randrange(len(value))
        return value[:at] + rng.choice(("", "\n", "\u0301", "\ud800", "é", "0", '"')) + value[at + rng.randrange(2) :]
    return any_value(rng)


def _replaced(rng: Random, value: list[Any], at: int) -> list[Any]:
    return [*value[:at], changed(rng, value[at]), *value[at + 1 :]]


def _removed(_: Random, value: list[Any], at: int) -> list[Any]:
    return [*value[:at], *value[at + 1 :]]


def _repeated(_: Random, value: list[Any], at: int) -> list[Any]:
    return [*value[:at], value[at], *value[at:]]


def _swapped(rng: Random, value: list[Any], at: int) -> list[Any]:
    other, copy = rng.randrange(len(value)), list(value)
    copy[at], copy[other] = copy[other], copy[at]
    return copy


def _changed_map(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    key, copy = rng.choice(list(value)), dict(value)
    pick = rng.randrange(6)
    if pick == 0:
        del copy[key]
    elif pick == 1:
        copy[rng.choice(_TEXTS) or "field"] = any_value(rng)
    else:
        copy[key] = changed(rng, value[key])
    return copy


def flipped(rng: Random, data: bytes) -> bytes:
    """`data` with one to four bytes changed, cut or doubled."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out) + 1)
        pick = rng.randrange(4)
        if pick == 0:
            del out[at : at + rng.randrange(1, 40)]
        elif pick == 1:
            out[at:at] = rng.randbytes(rng.randrange(1, 40))
        elif at < len(out):
            out[at] ^= rng.randrange(1, 256)
    return bytes(out)


def packed(rng: Random, value: Any) -> bytes:
    """msgpack of `value`, now and then with bytes changed."""
    try:
        data = encode(value)
    except (OverflowError, UnicodeEncodeError, ValueError):
        data = rng.randbytes(40)
    return flipped(rng, data) if rng.random() < 0.1 else data
