"""Time stamps in an evidence file ([V10]), and the signed audit lines of the message's member ([V10] [V11])."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import hash_
from suar.protocol.base.wire import Array, Malformed, UInt, decode, encode
from suar.protocol.files import stamps as of_stamps
from suar.protocol.files.auditline import verify_report
from suar.protocol.files.auditlog import BrokenLog, bytes_of, head_raw, line_hash
from suar.protocol.files.evidence import Evidence, Unproved
from suar.protocol.files.stamps import FRAME, HEAD, LINE, LIST, REVOKE, Moment, Stamp
from suar.protocol.files.standing import Standing
from suar.protocol.message.messages import Publication
from suar.protocol.transport.content import digest as digest_of
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import parse

_BEFORE = 32


class _Act(Array, frozen=True):
    n: UInt
    at: UInt
    who: str
    what: str
    about: str


class ProvedLine(NamedTuple):
    """An audit line: the member's signed statement that somebody performed this act at `at` (ms)."""

    n: int
    at: int
    who: str
    what: str
    about: str


class LineTree(NamedTuple):
    """A key (kid) of the message's member that signed a tree over a line of the audit, whose hash is `digest`.

    `moment`: when a token of the verifier's authority proves that tree to exist; None without one.
    """

    line: ProvedLine
    digest: bytes
    kid: bytes
    moment: Moment | None


class ReportHead(NamedTuple):
    """The head of a report: at `at` (ms), by its own statement, the log had `length` lines, and these among them.

    `digest` is what its signature by the key `kid` covers. `is_proved` is False if the key is revoked, and nothing
    proves that the head is older: its lines are then not shown.
    """

    length: int
    at: int
    kid: bytes
    digest: bytes
    lines: list[ProvedLine]
    is_proved: bool


class Audit(NamedTuple):
    """Who signed the lines of the audit in a file and in its container, also those lines that are not shown."""

    trees: Sequence[LineTree] = ()
    head: ReportHead | None = None


_decoder = msgspec.msgpack.Decoder(_Act)


def line_content(before: bytes, line: ProvedLine) -> bytes:
    """Return the content of a part of kind 12: the hash of the line before, and the line."""
    return before + encode(list(line))


def read_stamps(evidence: Evidence, trust: TrustStore, frames: Sequence[bytes]) -> list[Stamp]:
    """[V10] Check that each stamp is about a part of the file, and that a listed member signed its tree."""
    named = {(FRAME, each) for each in frames}
    named |= {(REVOKE, hash_("revoke", data[84:])) for data in evidence.revokes}
    named |= {(LIST, _list_hash(data)) for data in evidence.lists}
    named |= {(LINE, _line(data, f"line {n} of the audit")[1]) for n, data in enumerate(evidence.lines, 1)}
    return [_stamp(data, named, trust, f"time stamp {n}") for n, data in enumerate(evidence.stamps, 1)]


def _list_hash(data: bytes) -> bytes:
    try:
        return parse(data).hash
    except Refused:  # checked by [V2]
        return b""


def _stamp(data: bytes, named: set[tuple[int, bytes]], trust: TrustStore, part: str) -> Stamp:
    stamp = of_stamps.decode(data)
    if stamp is None:
        raise Unproved("V10", part, "it is not in the form of a time stamp")
    if (stamp.what, stamp.value) not in named:
        raise Unproved("V10", part, "it is not about a part of the file")
    statement = stamp.statement
    if statement is None:
        raise Unproved("V10", part, "its path leads to no root")
    if trust.owner(stamp.kid) is None:
        raise Unproved("V10", part, "its tree is signed by a key that no list has")
    if not of_stamps.is_signed_statement(trust.public(stamp.kid), statement, stamp.signature):
        raise Unproved("V10", part, "the signature of its tree is not valid")
    return stamp


def read_lines(
    evidence: Evidence, trust: TrustStore, stamps: Sequence[Stamp], message: Publication, standing: Standing
) -> tuple[list[ProvedLine], list[LineTree]]:
    """[V10] Return the audit lines about the message, each in a tree that its member signed with a valid key; and all
    such trees.
    """
    member, found, trees = message.id[:2], list[ProvedLine](), list[LineTree]()
    about = [message.id, str(message.rev), digest_of(evidence.message).hex()]
    for n, data in enumerate(evidence.lines, 1):
        part = f"line {n} of the audit"
        line, digest = _line(data, part)
        if line.about.split(" ") not in (about, about[:2]):
            raise Unproved("V10", part, "it is not about this message")
        over = [each for each in stamps if (each.what, each.value) == (LINE, digest)]
        signers = [each.kid for each in over]
        if not any(trust.owner(kid) == member for kid in signers):
            raise Unproved("V10", part, f"{member} has not signed it")
        if any(trust.owner(kid) == member and standing.is_valid(kid, digest, LINE) for kid in signers):
            found.append(line)
        own = (each for each in over if trust.owner(each.kid) == member)
        trees += [LineTree(line, digest, each.kid, standing.time_of(each)) for each in own]
    return found, trees


def _line(data: bytes, part: str) -> tuple[ProvedLine, bytes]:
    before = data[:_BEFORE]
    try:
        act = decode(_decoder, data[_BEFORE:])
    except Malformed:
        raise Unproved("V10", part, "it is not in the form of a line") from None
    line = ProvedLine(act.n, act.at, act.who, act.what, act.about)
    if line_content(before, line) != data or len(before) != _BEFORE:
        raise Unproved("V10", part, "it is not in the form of a line")
    return line, line_hash(before, *line)


_REPORT = "the lines of the audit"


def read_report(data: bytes, trust: TrustStore, id_: str, standing: Standing) -> ReportHead:
    """[V11] Return the audit lines of a container; they must be about the message, under a head of its member."""
    try:
        report = verify_report(data)
    except BrokenLog as broken:
        raise Unproved("V11", _REPORT, broken.text) from None
    title, head, member = report.title, report.head, id_[:2]
    scope = (title.federation, title.member, title.about, title.person, title.since, title.until)
    if scope != (trust.federation, member, id_, None, None, None):
        raise Unproved("V11", _REPORT, f"they are not those of {member} about {id_}")
    kid = bytes_of(head.kid)
    if trust.owner(kid) != member:
        raise Unproved("V11", _REPORT, f"their head is signed by a key that no list has for {member}")
    raw = head_raw(title.federation, member, head.head, head.at, bytes_of(head.hash), bytes_of(str(head.root)))
    digest = hash_("head", raw)
    lines = [ProvedLine(each.n, each.at, each.who, each.what, each.about) for each in report.lines]
    return ReportHead(head.head, head.at, kid, digest, lines, standing.is_valid(kid, digest, HEAD))
