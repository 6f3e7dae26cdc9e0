"""Runs test vectors against this implementation (protocol.md section 10) and reports the first difference.

The expected results of a vector are written by hand. The world starts with its pin and its own seeds only. Waiting
objects are kept, and judged again only if a later step presents them again (waiting.py).
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from suar.protocol.transport.admission import admit
from suar.protocol.transport.outcome import Outcome
from suar.protocol.transport.waiting import WaitingTable
from suar.protocol.transport.world import Memory, World

_ZEROS_MAX: Final = 1024 * 1024  # more bytes than any object may have
_DEFAULTS: Final[dict[str, Any]] = {"result": "", "rule": None, "messages": [], "refused": [], "alarms": []}


class Scenario(NamedTuple):
    """The result of one vector; `want` and `got` are the first results that differ, or None if all agree."""

    name: str
    rule: str
    ok: bool
    want: dict[str, Any] | None
    got: dict[str, Any] | None


def run(vector: dict[str, Any]) -> Scenario:
    """Run every step of a vector. Raises KeyError, ValueError or TypeError if it is not a vector."""
    own = vector["self"]
    memory = Memory()
    state = _State(World(vector["federation"], own["member"], memory, bytes.fromhex(vector["pin"])), memory)
    for seed in own["kem_seeds"]:
        state.world.add_kem_seed(bytes.fromhex(seed))
    for step in vector["steps"]:
        if len(step["objects"]) != len(step["results"]):
            raise ValueError(
                f"{vector['name']}: a step has {len(step['objects'])} objects, {len(step['results'])} results"
            )
        for want, got in _step(state, step):
            if got != want:
                return Scenario(vector["name"], vector["rule"], False, want, got)
    return Scenario(vector["name"], vector["rule"], True, None, None)


@dataclass
class _State:
    world: World
    memory: Memory
    waiting: WaitingTable = field(default_factory=WaitingTable)


def _step(state: _State, step: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the expected and the actual result of each object.

    If the step requests it, expired waiting objects come first.
    """
    now = step["now"]
    if step.get("expired") is not None:
        presented = {(item["subject"], object_bytes(item)) for item in step["objects"]}
        yield {"expired": step["expired"]}, {"expired": state.waiting.expire(state.world, now, presented)}
    named = dict(step.get("named", []))
    for at, (item, result) in enumerate(zip(step["objects"], step["results"], strict=True)):
        want = {key: result.get(key, default) for key, default in _DEFAULTS.items()}
        got = _present(state, item, now)
        members = got.pop("named")
        if at in named:  # the vector also states the member of each alarm
            want["named"], got["named"] = named[at], members
        yield want, got


def object_bytes(item: dict[str, Any]) -> bytes:
    """Return the bytes of a vector's object: `bytes`, followed by as many zeros as `zeros` says."""
    zeros = item.get("zeros", 0)
    if not 0 <= zeros <= _ZEROS_MAX:
        raise ValueError(f"zeros is {zeros}, allowed are 0 to {_ZEROS_MAX}")
    return base64.b64decode(item["bytes"], validate=True) + bytes(zeros)


def _present(state: _State, item: dict[str, Any], now: int) -> dict[str, Any]:
    data = object_bytes(item)
    if item.get("each"):
        return _present_each(state, item, data, now)
    out = _judge(state, item["subject"], data, now)
    state.waiting.update(state.world, item["subject"], data, out, now)
    return as_result(out)


def _present_each(state: _State, item: dict[str, Any], data: bytes, now: int) -> dict[str, Any]:
    """Present every mutation to the same state; each must be refused or wait. Returns the first that is neither."""
    for mutation in _MUTATIONS[item["each"]](data):
        got = as_result(_judge(state, item["subject"], mutation, now))
        if got["result"] not in ("refused", "wait"):
            return got
    return {"result": "refused", "rule": None, "messages": [], "refused": [], "alarms": [], "named": []}


def _judge(state: _State, subject: str, data: bytes, now: int) -> Outcome:
    out = admit(state.world, subject, data, now)
    state.memory.commit(state.world.pop_changes())
    return out


def as_result(out: Outcome) -> dict[str, Any]:
    """Return an outcome as vectors write it; `named` has the member of each alarm."""
    return {
        "result": out.result,
        "rule": out.rule,
        "messages": [json.loads(accepted.data) for accepted in out.messages],
        "refused": [[refused.index, refused.rule] for refused in out.refused],
        "alarms": [alarm.as_vector() for alarm in out.alarms],
        "named": [alarm.member for alarm in out.alarms],
    }


def _bit_flips(data: bytes) -> Iterator[bytes]:
    mutable = bytearray(data)
    for at in range(len(data) * 8):
        mutable[at // 8] ^= 1 << at % 8
        yield bytes(mutable)
        mutable[at // 8] ^= 1 << at % 8


def _truncations(data: bytes) -> Iterator[bytes]:
    return (data[:length] for length in range(len(data)))


_MUTATIONS: Final = {"bit-flip": _bit_flips, "truncation": _truncations}
