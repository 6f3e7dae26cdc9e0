"""What trust lists and Revokes say of a key that signed: revoked, replaced, or at another time than its own
(docs/evidence.md).

Pure. A key that a later list has no longer was replaced or removed: that alone says nothing of a compromise. Whether
what the key signed is proved is judged in `standing.py`.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from suar.protocol.base.limits import CLOCK_TOLERANCE
from suar.protocol.files.proof import Proved, ProvedFrame
from suar.protocol.trust.trustlist import Key, TrustList


class KeyUse(NamedTuple):
    """A key of a member, and the first and last time (ms) of what it signed, as the signer wrote or a token proves.

    `first` is None where nothing says by when the key signed.
    """

    kid: bytes
    member: str
    first: int | None
    last: int


class KeyStatus(NamedTuple):
    """A key that signed something, the last of it at `at` (ms), as lists and Revokes have it.

    `revoked_in`: version of the first list that has it as revoked. `gone_from`: version of the first list that has it
    no longer, if no later one has it again. `valid_until` (ms): the end of its validity, if `at` is after it, by the
    list `valid_in`. `is_revoked_by_owner`: a Revoke revokes it. `listed_in`: version of the newest list that has it.
    `valid_from` (ms): the beginning of its validity by whichever list has the earliest, `valid_from_in`, if the key
    signed at `first_at` (ms), more than 5 minutes before.
    """

    kid: bytes
    member: str
    at: int
    listed_in: int
    revoked_in: int | None = None
    gone_from: int | None = None
    valid_until: int | None = None
    valid_in: int | None = None
    is_revoked_by_owner: bool = False
    valid_from: int | None = None
    valid_from_in: int | None = None
    first_at: int | None = None

    @property
    def is_revoked(self) -> bool:
        """Whether a list or a Revoke revokes the key; a key that was only replaced is not."""
        return self.revoked_in is not None or self.is_revoked_by_owner

    @property
    def has_finding(self) -> bool:
        """Whether there is anything to name."""
        times = (self.gone_from, self.valid_until, self.valid_from)
        return self.is_revoked or any(each is not None for each in times)


def key_findings(proved: Proved) -> list[KeyStatus]:
    """Return what there is to name of each key that signed a part of a proved file, in the order of the parts: frames,
    and lines of the audit, by their trees and the head of their report.
    """
    later, receipts = (one.frame for one in proved.later), (one.frame for one in proved.receipts)
    frames = (*proved.frames, *later, *receipts, *(one.frame for one in proved.witnesses))
    uses: dict[bytes, KeyUse] = {}
    for use in (*map(_of_frame, frames), *_of_audit(proved)):
        known = uses.get(use.kid, use)
        firsts = [each for each in (known.first, use.first) if each is not None]
        uses[use.kid] = KeyUse(use.kid, use.member, min(firsts, default=None), max(known.last, use.last))
    standing = proved.standing
    found = [status_of(use, standing.lists, standing.revoked_by_owner) for use in uses.values()]
    return [each for each in found if each is not None and each.has_finding]


def _of_frame(frame: ProvedFrame) -> KeyUse:
    return KeyUse(frame.epoch.kid, frame.epoch.epoch.sender, frame.parsed.ts, frame.parsed.ts)


def _of_audit(proved: Proved) -> Iterator[KeyUse]:
    """Yield the keys of the message's member that signed lines of its audit.

    A tree states no time: it was signed after its lines, at the latest when its token was made.
    """
    audit, member = proved.audit, proved.message.id[:2]
    for tree in audit.trees:
        yield KeyUse(tree.kid, member, None if tree.moment is None else tree.moment.latest, tree.line.at)
    if audit.head is not None:
        yield KeyUse(audit.head.kid, member, audit.head.at, audit.head.at)


def status_of(use: KeyUse, lists: Sequence[TrustList], by_owner: Collection[bytes]) -> KeyStatus | None:
    """Return what the lists (by version) and the kids of Revokes say of a member's key; None if no list has it."""
    kid, member, at = use.kid, use.member, use.last
    holding = [(each.version, key) for each in lists for key in _keys(each, member) if key.kid == kid]
    if not holding:
        return None
    version, key = holding[-1]
    begin, begin_in = min((one.not_before, held) for held, one in holding)
    is_early = use.first is not None and use.first < begin - CLOCK_TOLERANCE
    gone = [each.version for each in lists if each.version > version]
    revoked = [held for held, one in holding if one.revoked_at is not None]
    is_past = at > key.not_after
    return KeyStatus(
        kid, member, at, version, revoked[0] if revoked else None, gone[0] if gone else None,
        key.not_after if is_past else None, version if is_past else None, kid in by_owner,
        begin if is_early else None, begin_in if is_early else None, use.first if is_early else None,
    )  # fmt: skip


def first_key(lists: Collection[TrustList], member: str) -> int | None:
    """Return from when on (ms) a member has a key that any of the lists has as valid.

    None without a key, and without every list from the first one on: one that is not there may have an earlier key.
    """
    versions = {each.version for each in lists}
    if versions != set(range(1, len(versions) + 1)):
        return None
    return min((key.not_before for each in lists for key in _keys(each, member)), default=None)


def _keys(content: TrustList, member: str) -> Iterator[Key]:
    return (key for each in content.members if each.code == member for key in each.keys)
