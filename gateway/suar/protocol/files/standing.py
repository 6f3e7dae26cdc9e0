"""Judges times and keys of an evidence file with the verifier's own sources: trust lists, Revokes, an authority.

Pure. A file cannot prove that no key in it was revoked since, nor when it was made, because its author may have omitted
parts. A time is proved by a token of an authority that the verifier trusts. A revocation counts from the time that a
threshold of roots states, or at which a token proves that the Revoke existed. A Revoke that nothing dates leaves open
since when the key was bad, so nothing is proved to be older than it.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import hash_
from suar.protocol.files import stamps
from suar.protocol.files.evidence import Unproved, describe_refusal
from suar.protocol.files.stamps import Authority, Judgement, Moment, Stamp
from suar.protocol.trust import revoke
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import SignedList, TrustList, parse, read_list


class Supplied(NamedTuple):
    """The verifier's own sources; None for a source that was not passed."""

    lists: tuple[bytes, ...] | None = None
    revokes: tuple[bytes, ...] | None = None
    stamps: tuple[bytes, ...] = ()  # stamps of these Revokes, as in an evidence file
    authority: Authority | None = None
    file: Moment | None = None  # time of a token over the whole evidence file
    further: tuple[bytes, ...] = ()  # Revokes of files that were passed for something else: they are no check
    own: frozenset[bytes] | None = None  # `names_of` the history that stands in the container of the file


class Revocation(NamedTuple):
    """A key was revoked; `at` is the earliest time by which that is proved, in ms, or None if a Revoke is undated."""

    at: int | None


class Checked(NamedTuple):
    """The verifier's sources: the newest trust list that was passed, and the number of Revokes.

    `is_older`: the file has a newer list than the verifier. `is_own`: the container's own history has all of it, so it
    may have been taken from there.
    """

    list_version: int | None
    issued: int | None
    revokes: int | None
    is_older: bool = False
    is_own: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the revocation status was checked against both lists and Revokes, from elsewhere than the file."""
        return self.list_version is not None and self.revokes is not None and not (self.is_older or self.is_own)


class Standing:
    """The proved times and the revoked keys, from the file and from the verifier's sources."""

    def __init__(
        self, trust: TrustStore, revokes: Iterable[bytes], stamps_: Iterable[Stamp], supplied: Supplied
    ) -> None:
        self._trust, self._authority, self._file = trust, supplied.authority, supplied.file
        self._known: dict[tuple[bytes, bytes], Judgement] = {}
        self._without_time: dict[tuple[int, bytes], set[Judgement]] = {}
        self._moments: dict[tuple[int, bytes], Moment] = {}
        self.checked = self._check(supplied)
        for each in [*stamps_, *_decoded(supplied.stamps)]:
            self._add(each)
        further = filter(self._is_listed_revoke, supplied.further)
        known = [*revokes, *(supplied.revokes or ()), *further]
        self._revoked = self._revocations(known)
        self.revoked_by_owner = frozenset(kid for data in known if (kid := self._kid_of(data)) is not None)

    @property
    def lists(self) -> list[TrustList]:
        """The trust lists of the file and of the verifier, by version."""
        return [accepted.list for _, accepted in sorted(self._trust.history.items())]

    @property
    def has_authority(self) -> bool:
        """Whether the verifier named an authority."""
        return self._authority is not None

    def moment(self, what: int, value: bytes) -> Moment | None:
        """Return the time at which the value is proved to have existed, or None."""
        known = [self._moments.get((what, value)), self._file if what != stamps.REVOKE else None]
        return stamps.first([each for each in known if each is not None])

    def tokens_without_time(self, what: int, value: bytes) -> list[Judgement]:
        """Return why tokens over the value give no time, each reason once, in order; none without an authority."""
        return sorted(self._without_time.get((what, value), ()), key=lambda each: (each.why, each.weak))

    def time_of(self, stamp: Stamp) -> Moment | None:
        """Return when the token of this one stamp proves its tree to exist, or None."""
        judgement = self._judged(stamp)
        return None if judgement is None else judgement.moment

    def revocation(self, kid: bytes) -> Revocation | None:
        """Return what is known of the key's revocation, or None if it is not revoked."""
        return self._revoked.get(kid)

    def is_only_replaced(self, kid: bytes) -> bool:
        """Whether the key counts as revoked because a later list has it no longer, and nothing revokes it."""
        keys = [key for each in self.lists for member in each.members for key in member.keys if key.kid == kid]
        is_revoked = kid in self.revoked_by_owner or any(key.revoked_at is not None for key in keys)
        return kid in self._revoked and not is_revoked

    def is_valid(self, kid: bytes, value: bytes, what: int = stamps.FRAME) -> bool:
        """Whether a signature of that key is valid: the key is not revoked, or the signature is proved to be older."""
        revoked = self._revoked.get(kid)
        if revoked is None:
            return True
        moment = self.moment(what, value)
        return moment is not None and revoked.at is not None and moment.latest < revoked.at

    def is_suspended(self, code: str) -> bool:
        """Whether the newest known list has the member as suspended, or no longer has it."""
        return not self._trust.is_active(code)

    # -- the verifier's sources

    def _check(self, supplied: Supplied) -> Checked:
        count = None if supplied.revokes is None else len(supplied.revokes)
        lists = [content for _, content, _ in map(_read_list, supplied.lists or ())]
        newest = max(lists, key=lambda each: each.version, default=None)
        known = [data for data in supplied.revokes or () if self._trust.owner(data[4:20]) is not None]
        names = names_of(supplied.lists or (), known)
        is_own = supplied.own is not None and bool(names) and names <= supplied.own
        if newest is None:
            return Checked(None, None, count, is_own=is_own)
        return Checked(newest.version, newest.issued, count, newest.version < max(self._trust.history), is_own)

    # -- times

    def _add(self, stamp: Stamp) -> None:
        judgement, key = self._judged(stamp), (stamp.what, stamp.value)
        if judgement is None:
            return
        if judgement.moment is None:
            self._without_time.setdefault(key, set()).add(judgement)
        found = stamps.first([each for each in (judgement.moment, self._moments.get(key)) if each is not None])
        if found is not None:
            self._moments[key] = found

    def _judged(self, stamp: Stamp) -> Judgement | None:
        """Return what the stamp's token gives under the verifier's authority; None if there is no authority."""
        statement = stamp.statement
        if self._authority is None or statement is None:
            return None
        key = (statement, stamp.token)
        if key not in self._known:
            self._known[key] = self._authority.judge(stamp.token, statement)
        return self._known[key]

    # -- revocations

    def _revocations(self, revokes: Iterable[bytes]) -> dict[bytes, Revocation]:
        """Return by kid the earliest dated revocation, or an undated one if a Revoke of that key is undated.

        A Revoke without a token is dated where lists or another Revoke's token prove the key revoked by a time that is
        not after the one in the Revoke: it then states nothing earlier.
        """
        dated = self._listed()
        without: dict[bytes, int] = {}  # kid -> the earliest time that a Revoke without a token states
        for data in revokes:
            kid = self._kid_of(data)
            if kid is None:
                continue
            moment = self.moment(stamps.REVOKE, hash_("revoke", data[84:]))
            if moment is None:
                stated = revoke.parse(data)[1].at
                without[kid] = min(stated, without.get(kid, stated))
            else:
                dated[kid] = min(moment.earliest, dated.get(kid, moment.earliest))
        undated = {kid for kid, stated in without.items() if kid not in dated or stated < dated[kid]}
        return {kid: Revocation(None if kid in undated else dated[kid]) for kid in undated | set(dated)}

    def _listed(self) -> dict[bytes, int]:
        """Return by kid the earliest time at which a list states the key as revoked, or no longer has it.

        A list that states a key as revoked was issued with that statement: a later `revoked_at` in it puts nothing off.
        A key that a later list contains again was not removed permanently, and does not count.
        """
        found: dict[bytes, int] = {}
        gone: dict[bytes, int] = {}
        seen: set[bytes] = set()
        for _, accepted in sorted(self._trust.history.items()):
            keys = [key for member in accepted.list.members for key in member.keys]
            present = {key.kid for key in keys}
            gone = {kid: at for kid, at in gone.items() if kid not in present}
            gone = dict.fromkeys(seen - present, accepted.list.issued) | gone
            seen |= present
            for key in keys:
                if key.revoked_at is not None:
                    at = min(key.revoked_at, accepted.list.issued)
                    found[key.kid] = min(at, found.get(key.kid, at))
        return {kid: min(each[kid] for each in (found, gone) if kid in each) for kid in found.keys() | gone.keys()}

    def _is_listed_revoke(self, data: bytes) -> bool:
        """[R1] Whether it is a Revoke of a key that a list has."""
        try:
            self._trust.check_revoke(data)
        except (Refused, Wait):
            return False
        return True

    def _kid_of(self, data: bytes) -> bytes | None:
        """[V3] [R1] Return the kid that a Revoke revokes, also for a second one; None if no list has the key."""
        try:
            return self._trust.check_revoke(data)
        except Wait:
            return None
        except Refused as refused:
            raise Unproved("V3", "a Revoke of yours", describe_refusal(refused)) from None


def names_of(lists: Iterable[bytes], revokes: Iterable[bytes]) -> frozenset[bytes]:
    """Return the hashes of trust lists and Revokes, without what is not in the form of a list."""
    found = {hash_("revoke", data[84:]) for data in revokes}
    for data in lists:
        with suppress(Refused):
            found.add(parse(data).hash)
    return frozenset(found)


def add_lists(trust: TrustStore, lists: Iterable[bytes]) -> None:
    """[V2] Add the verifier's lists: one after the file's must follow its predecessor, one in the file is identical."""
    for signed, content, data in sorted(map(_read_list, lists), key=lambda each: each[1].version):
        version = content.version
        held = trust.history.get(version)
        if held is not None and held.hash != signed.hash:
            raise Unproved("V2", f"trust list {version}", "the file has another list of this version than yours")
        if held is not None or version < min(trust.history):
            continue
        try:
            trust.admit(data, content.issued)
        except Refused as refused:
            raise Unproved(
                "V2", f"your trust list {version}", f"after those of the file: {describe_refusal(refused)}"
            ) from None
        trust.apply(content, data)


def _read_list(data: bytes) -> tuple[SignedList, TrustList, bytes]:
    try:
        signed = parse(data)
        return signed, read_list(signed.raw), data
    except Refused as refused:
        raise Unproved("V2", "a trust list of yours", describe_refusal(refused)) from None


def _decoded(contents: Iterable[bytes]) -> Iterable[Stamp]:
    return filter(None, map(stamps.decode, contents))
