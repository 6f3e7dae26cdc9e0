"""Carried files: export of sealed objects to removable media, and import through the same path as objects from the bus.

A file contains what its reader may be missing: trust lists and Revokes, our bundle, and what we sealed for it since the
newest frame of ours that it is known to have. Imported objects pass `inbound.receive_batch`, and so the numbered checks
of `admission.py`; this module only replaces the hub: it sets the sender and selects the objects that are for us.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.protocol.base.subjects import ALL
from suar.protocol.files import carried
from suar.protocol.files.carried import Parsed, Segment, SegmentWriter
from suar.protocol.message.kinds import Receipt
from suar.protocol.transport.outcome import Outcome
from suar.service.core.core import Core
from suar.service.gaps import heads
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival
from suar.service.trust import trust_sync
from suar.store.inbound import gaps, incidents
from suar.store.outbound import sent_before
from suar.store.outbound.sent_before import Start
from suar.store.people import access

PAGE: Final = 32  # objects in memory at once with a segment: each may have 768 KiB
MARGIN: Final = 10 * limits.MINUTE  # before the newest frame that a member is known to have
_OVERHEAD: Final = 16  # bytes that an object costs in addition to its own
_FIRST: Final = frozenset({"trust", "revoke"})  # valid by its own signatures, whoever carries it
Object = tuple[str, bytes]
"""A subject without the hub's prefix, and the bytes."""


# -- export


class Export:
    """A carried file, made segment by segment from the store as at the start; the same state gives the same file."""

    def __init__(self, core: Core, connection: Connection, to: str | None, *, everything: bool) -> None:
        self._core, identity = core, core.sender.identity
        self._writing = SegmentWriter(core.federation, core.member, to or ALL, identity.kid, identity.signing)
        members = [to] if to else [code for code in core.world.trust.active_members() if code != core.member]
        self._starts = list(_start_positions(core, connection, members, everything=everything))
        self._after, self._last = 0, sent_before.newest(connection)
        self._ahead = deque[Object](_prerequisites(core, connection, members, everything=everything))
        self._is_over = False

    def next(self) -> bytes | None:
        """Return the next segment; None after the last one. For any thread, one at a time."""
        if self._is_over:
            return None
        taken, size = list[Object](), 0
        while self._fill():
            cost = len(self._ahead[0][0]) + len(self._ahead[0][1]) + _OVERHEAD
            if taken and size + cost > limits.CARRIED_BYTES - limits.REVOKE_BYTES:
                break
            taken.append(self._ahead.popleft())
            size += cost
        self._is_over = not self._fill()
        return self._writing.segment(taken, is_last=self._is_over)

    def _fill(self) -> bool:
        """Read the next page, if nothing is left of the last one; returns False after the last object."""
        if not self._ahead:
            with self._core.database.reading() as connection:
                page = sent_before.objects(connection, self._starts, self._after, self._last, PAGE)
            self._ahead.extend((subject, data) for _, subject, data in page)
            self._after = page[-1][0] if page else self._last
        return bool(self._ahead)


def begin_export(core: Core, to: str | None, who: str, *, everything: bool) -> Export:
    """Begin a file for one member, or for all, and note it in the audit. Raises Fault for an unknown or inactive
    member.
    """
    if to is not None and (to == core.member or not core.world.trust.is_active(to)):
        raise Fault(f"{to} is no other active member", "`suar trust show` lists the members")
    if core.world.trust.current is None:
        raise Fault("this gateway has no trust list yet", "import the first one: `suar trust import FILE --pin HASH`")
    with core.transaction() as connection:
        access.note(connection, who, "carry-export", to or ALL, core.clock())
        return Export(core, connection, to, everything=everything)


def _prerequisites(core: Core, connection: Connection, members: Sequence[str], *, everything: bool) -> Iterable[Object]:
    """Return the lists that a member may be missing, Revokes, and our bundle, which the later objects depend on."""
    trust = core.world.trust
    known = {row.member: row.trust_version for row in incidents.heartbeats(connection)}
    held = 0 if everything else min((known.get(member, 0) for member in members), default=0)
    for version in sorted(trust.history):
        if version > held or version == trust.version:
            yield subjects.trust(version), trust.history[version].data
    for kid in sorted(trust.revokes):
        yield subjects.revoke(kid), trust.revokes[kid]
    bundle = trust_sync.own_bundle(core)
    if bundle is not None:
        yield subjects.keys(bundle.signer), bundle.data


def _start_positions(
    core: Core, connection: Connection, members: Sequence[str], *, everything: bool
) -> Iterable[Start]:
    peer_heads = gaps.load_peer_heads(connection)
    seen = {member: heads.seen_until(connection, peer_heads.get(member)) for member in members}
    for channel in (ALL, *members):
        readers = members if channel == ALL else [channel]
        since = None if everything else _since(connection, channel, readers, [seen[member] for member in readers])
        for realm in (ACTUAL, EXERCISE):
            start = sent_before.start(connection, realm, channel, since)
            if start is not None:
                yield start


def _since(connection: Connection, channel: str, readers: Sequence[str], seen: Sequence[int | None]) -> int | None:
    """Return the time (ms) up to which all of them have everything; None when one of them never stated it."""
    times = [at - MARGIN for at in seen if at is not None]
    if len(times) < len(seen) or not times:
        return None
    unanswered = sent_before.unanswered_since(connection, channel, readers)
    return min(times) if unanswered is None else min(*times, unanswered)


# -- import


class ImportResult:
    """The results for the objects of one segment."""

    def __init__(self) -> None:
        self.results: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str, str]] = Counter()
        self.messages = 0
        self.not_for_us = 0
        self.frames: list[bytes] = []

    def count_outcome(self, out: Outcome) -> None:
        """Count the outcome of one object."""
        self.results[out.result] += 1
        type_ = out.subject.type if out.subject else ""
        if out.result == "refused":
            self.refused[type_, out.code or "", out.rule or ""] += 1
        self.messages += sum(not isinstance(each.message, Receipt) for each in out.messages)
        for each in out.refused:
            self.refused["message", each.code, each.rule] += 1
        if out.has_consumed and out.frame is not None:
            self.frames.append(out.frame.hash)

    def shape(self, segment: Segment) -> dict[str, Any]:
        """Return the results as HTTP shows them."""
        return {
            "carrier": segment.carrier, "to": segment.to, "index": segment.index, "last": bool(segment.is_last),
            "objects": len(segment.objects), "results": dict(self.results), "messages": self.messages,
            "not_for_us": self.not_for_us,
            "refused": [
                {"type": type_, "code": code, "rule": rule, "count": count}
                for (type_, code, rule), count in sorted(self.refused.items())
            ],
        }  # fmt: skip


def import_segment(core: Core, data: bytes, who: str) -> tuple[dict[str, Any], bool]:
    """Judge one segment ([C1] to [C5]) and each object in it; returns the results and whether the trust list changed.

    Raises Refused when the hub would not have accepted the segment: it is of another federation, of a suspended member,
    or without a valid signature. Lists and Revokes in it are judged first, because they may change who may send.
    """
    parsed = carried.parse(data)  # [C1]
    known = core.world.trust.owner(parsed.signer) is not None
    if known:
        _verify(core, parsed)  # [C2] no parser runs before it if the key is known
    segment = carried.read(parsed.raw)  # [C3]
    if segment.federation != core.world.trust.federation:  # [C4]
        raise Refused("E-CARRIED-FOREIGN", "C4")
    if segment.carrier == core.member:  # [C4]
        raise Refused("E-CARRIED-OWN", "C4")
    taken, arrivals = ImportResult(), _arrivals(core, segment)
    first = [each for kind, each in arrivals if kind in _FIRST]
    is_trust_new = _judge(core, first, taken)
    rest = [each for kind, each in arrivals if kind not in _FIRST]
    if not known and rest:
        _verify(core, parsed)  # [C2] by the lists that were just judged
    if rest:
        _check_carrier(core, parsed, segment)
    taken.not_for_us = len(segment.objects) - len(arrivals)
    is_trust_new |= _judge(core, rest, taken)
    if segment.is_last:
        _note(core, who, segment)
    return taken.shape(segment), is_trust_new


def _verify(core: Core, parsed: Parsed) -> None:
    if core.world.trust.owner(parsed.signer) is None:
        raise Refused("E-CARRIED-SIGNER", "C5")
    carried.verify_signature(parsed, core.world.trust.public(parsed.signer))


def _check_carrier(core: Core, parsed: Parsed, segment: Segment) -> None:
    """[C4] [C5] Check that the carrier is the key's member, active, and its key valid now and not revoked."""
    trust, kid = core.world.trust, parsed.signer
    if trust.owner(kid) != segment.carrier:
        raise Refused("E-CARRIED-FOREIGN", "C4")
    key = trust.key(kid)
    if not core.world.may_sign(kid, segment.carrier) or key is None or not key.is_valid(core.clock()):
        raise Refused("E-CARRIED-SIGNER", "C5")


def _arrivals(core: Core, segment: Segment) -> list[tuple[str, Arrival]]:
    """Return (type, arrival) of each object for us, under the subject that the hub would have given it."""
    found = []
    for each in segment.objects:
        subject = subjects.hub(segment.carrier, each.subject)
        try:
            parsed = subjects.parse(subject)
        except Refused:
            found.append(("", Arrival(subject, each.data, is_redelivered=True)))  # [S1] refuses it on admission
            continue
        if parsed.channel in (ALL, core.member):
            found.append((parsed.type, Arrival(subject, each.data, is_redelivered=True)))
    return found


def _judge(core: Core, arrivals: Sequence[Arrival], taken: ImportResult) -> bool:
    """Judge objects in batches, as from the bus; returns whether the trust list changed."""
    is_trust_new = False
    for first in range(0, len(arrivals), limits.BATCH_FRAMES):
        taken.frames = []
        with core.transaction() as connection:
            batch = arrivals[first : first + limits.BATCH_FRAMES]
            effect = inbound.receive_batch(core, batch, on_carried=taken.count_outcome)
            gaps.record_carried(connection, taken.frames, core.clock())
        is_trust_new |= effect.is_trust_new
    return is_trust_new


def _note(core: Core, who: str, segment: Segment) -> None:
    with core.transaction() as connection:
        access.note(connection, who, "carry-import", f"{segment.carrier} {segment.index + 1}", core.clock())
