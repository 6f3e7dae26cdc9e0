"""Whose keys signed an audit log, by the verifier's trust lists: whose heads count, and what the lists say of the keys.

Pure. The lists are judged as those of a file of evidence are ([V2]), and the Revokes as [R1] judges them; one that is
not valid has no effect. A head counts if the lists have its key for the member, and neither a list nor a Revoke revokes
it. It signs the whole log up to its line, whoever signed the heads before it. Only what counts can contradict itself:
anybody may have written the other lines and heads, so that their times say nothing against the member.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from suar.protocol.base.errors import Refused, Wait
from suar.protocol.files.auditlog import SignedHead, dated_after, dated_before
from suar.protocol.files.evidence import Unproved, describe_refusal
from suar.protocol.files.findings.key_status import KeyStatus, KeyUse, first_key, status_of
from suar.protocol.files.proof_keys import follow_lists
from suar.protocol.files.trust_file import TrustFile
from suar.protocol.trust.trustlist import TrustList, parse, read_list


class LogTrust(NamedTuple):
    """The verifier's verified trust lists, by version, and the kids that a valid Revoke revokes."""

    federation: str
    lists: Sequence[TrustList]
    by_owner: frozenset[bytes]
    newest: bytes  # the hash of the newest list

    def status(self, use: KeyUse) -> KeyStatus | None:
        """Return what lists and Revokes say of the key; None if no list has it for that member."""
        return status_of(use, self.lists, self.by_owner)

    def first_key(self, member: str) -> int | None:
        """Return from when on (ms) the member has a key; None where the lists do not begin with the first one."""
        return first_key(self.lists, member)


def read_trust(content: TrustFile) -> LogTrust:
    """[V2] Return the verified lists of a trust file and its valid Revokes. Raises Unproved with the list at fault."""
    trust = follow_lists(_ordered(content.lists))
    revoked = set[bytes]()
    for data in content.revokes:
        with suppress(Refused, Wait):
            revoked.add(trust.check_revoke(data))
    lists = [accepted.list for _, accepted in sorted(trust.history.items())]
    return LogTrust(trust.federation, lists, frozenset(revoked), trust.hash)


def _ordered(lists: Iterable[bytes]) -> list[bytes]:
    """Return the lists by version, each once."""
    found: dict[bytes, tuple[int, bytes]] = {}
    for number, data in enumerate(lists, 1):
        try:
            signed = parse(data)
            found.setdefault(signed.hash, (read_list(signed.raw).version, data))
        except Refused as refused:
            raise Unproved("V2", f"trust list {number}", describe_refusal(refused)) from None
    return [data for _, data in sorted(found.values())]


class Signer(NamedTuple):
    """A key (kid in hex) with the number of its last head's line, and the first and last time of its heads (ms)."""

    kid: str
    signed: int
    first: int
    last: int

    def use(self, member: str) -> KeyUse:
        """Return the same as what a member's key signed."""
        return KeyUse(bytes.fromhex(self.kid), member, self.first, self.last)


def signers_of(heads: Iterable[SignedHead]) -> list[Signer]:
    """Return the keys of verified heads, in the order of their first one."""
    found: dict[str, Signer] = {}
    for head in heads:
        known = found.get(head.kid, Signer(head.kid, 0, head.at, head.at))
        found[head.kid] = Signer(
            head.kid, max(known.signed, head.head), min(known.first, head.at), max(known.last, head.at)
        )
    return list(found.values())


class CountedLog(NamedTuple):
    """What counts of a verified log: the times (ms) of its lines up to the last head that counts, and these heads."""

    dates: Sequence[int]
    heads: Sequence[SignedHead]

    @property
    def times(self) -> list[str]:
        """Contradictions between the times in the log, as text, in the order of its lines."""
        found, heads = list[str](), dict[int, list[SignedHead]]()
        for head in self.heads:
            heads.setdefault(head.head, []).append(head)
        for n, at in enumerate(self.dates, 1):
            if n > 1:
                found += dated_before(f"line {n}", at, f"line {n - 1}", self.dates[n - 2])
            for head in heads.get(n, ()):
                found += dated_before(f"the head at line {n}", head.at, f"line {n}", at)
        return found

    def times_after(self, proved: int) -> list[str]:
        """Return what is dated after `proved` (ms), by when a time stamp proves the log to exist, as text."""
        found = [text for n, at in enumerate(self.dates, 1) for text in dated_after(f"line {n}", at, proved)]
        return found + [
            text for head in self.heads for text in dated_after(f"the head at line {head.head}", head.at, proved)
        ]
