"""What trust lists and Revokes say of a key that signed: revoked, replaced, or past its time (docs/evidence.md).

Pure. A key that a later list has no longer was replaced or removed: that alone says nothing of a compromise. Whether
what the key signed is proved is judged in `standing.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from suar.protocol.files.proof import Proved
from suar.protocol.trust.trustlist import Key, TrustList


class KeyStatus(NamedTuple):
    """A key that signed something at `at` (ms, as the signer wrote), as lists and Revokes have it.

    `revoked_in`: version of the first list that has it as revoked. `gone_from`: version of the first list that has it
    no longer, if no later one has it again. `valid_until` (ms): the end of its validity, if `at` is after it, by the
    list `valid_in`. `is_revoked_by_owner`: a Revoke revokes it. `listed_in`: version of the newest list that has it.
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

    @property
    def is_revoked(self) -> bool:
        """Whether a list or a Revoke revokes the key; a key that was only replaced is not."""
        return self.revoked_in is not None or self.is_revoked_by_owner

    @property
    def has_finding(self) -> bool:
        """Whether there is anything to name."""
        return self.is_revoked or self.gone_from is not None or self.valid_until is not None


def key_findings(proved: Proved) -> list[KeyStatus]:
    """Return what there is to name of each key that signed a part of a proved file, in the order of the parts."""
    later, receipts = (one.frame for one in proved.later), (one.frame for one in proved.receipts)
    latest: dict[bytes, tuple[str, int]] = {}
    for frame in (*proved.frames, *later, *receipts, *(one.frame for one in proved.witnesses)):
        code, at = latest.get(frame.epoch.kid, (frame.epoch.epoch.sender, 0))
        latest[frame.epoch.kid] = code, max(at, frame.parsed.ts)
    standing = proved.standing
    found = [status_of(kid, code, at, standing.lists, standing.revoked_by_owner) for kid, (code, at) in latest.items()]
    return [each for each in found if each is not None and each.has_finding]


def status_of(
    kid: bytes, member: str, at: int, lists: Sequence[TrustList], by_owner: Iterable[bytes]
) -> KeyStatus | None:  # fmt: skip
    """Return what the lists (by version) and the kids of Revokes say of a member's key; None if no list has it."""
    holding = [(each.version, key) for each in lists for key in _keys(each, member) if key.kid == kid]
    if not holding:
        return None
    version, key = holding[-1]
    gone = [each.version for each in lists if each.version > version]
    revoked = [held for held, one in holding if one.revoked_at is not None]
    is_past = at > key.not_after
    return KeyStatus(
        kid, member, at, version, revoked[0] if revoked else None, gone[0] if gone else None,
        key.not_after if is_past else None, version if is_past else None, kid in by_owner,
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
