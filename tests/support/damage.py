"""Bytes that went wrong on the way."""

import random


def damaged(rng: random.Random, data: bytes) -> bytes:
    """One of the ways in which bytes go wrong; never the same bytes."""
    at, to = sorted(rng.sample(range(len(data)), 2))
    kind = rng.randrange(6)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[to:]
    if kind == 2:
        return data[:at] + rng.randbytes(rng.randint(1, 40)) + data[at:]
    if kind == 3:
        return data[:at]
    if kind == 4:
        return data[:to] + data[at:to] + data[to:]
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at:to]) + data[to:]
