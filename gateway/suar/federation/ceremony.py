"""The trust list ceremony, offline and pure: draft the next list, sign it, merge the signatures.

Draft, signature and list have one format, the object of protocol.md section 3 with none, one or enough signatures; so
no signature is about a text in another file. A draft may be changed until someone signs it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from suar.federation.request import Request
from suar.federation.summary import fingerprint
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ZERO32, is_signed, kid, public_of
from suar.protocol.base.wire import encode
from suar.protocol.message.kinds import PUBLISHED
from suar.protocol.trust import trustlist
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import ANY, Key, Member, Root, Signature, SignedList, TrustList

_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


class Rights(NamedTuple):
    """The kinds that a member may publish and read; None leaves an existing member's rights unchanged."""

    publish: Sequence[str] | None = None
    read: Sequence[str] | None = None


def parse(data: bytes, what: str) -> SignedList:
    """Split a draft, signature or list into its parts, without verifying it. Raises Fault naming `what`."""
    if data[:5] == trustlist.MAGIC + b"\0" and len(data) <= limits.TRUST_BYTES:
        return SignedList.of((), data[5:])
    try:
        return trustlist.parse(data)
    except Refused:
        raise Fault(
            f"{what} is no draft, signature or trust list", "give a file that `suar federation` wrote"
        ) from None


def content_of(signed: SignedList, what: str) -> TrustList:
    """Return the content of a signed list. Raises Fault naming `what`."""
    try:
        return trustlist.read_list(signed.raw)
    except Refused:
        raise Fault(f"{what} holds no readable trust list", "ask whoever drafted it for the file again") from None


def draft(content: TrustList) -> bytes:
    """Return the file of a draft: the list's object without signatures.

    Raises Fault for what no gateway would accept.
    """
    _check_content(content)
    return trustlist.MAGIC + b"\0" + encode(content)


def found_federation(
    name: str, roots: Sequence[Root], threshold: int, members: Sequence[Member], now: int, days: int
) -> TrustList:
    """Return version 1 of a federation's list. `now` in ms."""
    if not _NAME.fullmatch(name):
        raise Fault("a federation's name has 1 to 64 characters and no control characters", "choose another --name")
    expires = now + days * limits.DAY
    ordered = sorted(members, key=lambda member: member.code)
    return TrustList("suar-trust/1", name, 1, now, expires, ZERO32, threshold, list(roots), ordered)


def next_list(before: SignedList, content: TrustList, now: int, days: int) -> TrustList:
    """Return the list after `before`, still unchanged; a draft that nobody signed keeps its version."""
    version, prev = content.version, content.prev
    if before.signatures:
        version, prev = version + 1, before.hash
    issued = max(now, content.issued)  # [T7] the lists may be made on two clocks
    return msgspec.structs.replace(
        content, version=version, prev=prev, issued=issued, expires=issued + days * limits.DAY
    )


def member_of(request: Request, rights: Rights) -> Member:
    """Return a new member from its request, with all rights if none are named."""
    body = request.request
    window = body.identity
    key = Key(body.kid, body.public, window.not_before, window.not_after, None)
    return Member(body.member, body.name, "active", [key], _rights(rights.publish), _rights(rights.read))


def add(content: TrustList, request: Request, rights: Rights, *, compared: bool) -> TrustList:
    """Add a member, or another key of a member.

    Another key must be endorsed by a key in the list. Raises Fault otherwise, unless somebody `compared` its
    fingerprint with the member over another channel.
    """
    wanted = request.request
    if wanted.federation not in ("", content.federation):
        raise Fault(
            f"{wanted.member}'s request is for {wanted.federation}, not {content.federation}", "check both files"
        )
    known = content.member(wanted.member)
    new = member_of(request, rights)
    if known is None:
        return _with_members(content, [*content.members, new])
    if any(key.kid == wanted.kid for key in known.keys):
        raise Fault(f"{known.code} has this key already", "give a request with a new key: `suar federation request`")
    if not compared and not any(request.is_endorsed_by(key.public) for key in known.keys if key.revoked_at is None):
        hint = f"compare {fingerprint(wanted.kid)} with {known.code} by telephone, then repeat with --compared"
        raise Fault(f"no key of {known.code} endorses the new one", hint)
    changed = msgspec.structs.replace(
        known,
        name=new.name,
        keys=[*known.keys, *new.keys],
        publish=known.publish if rights.publish is None else new.publish,
        read=known.read if rights.read is None else new.read,
    )
    return _with_member(content, changed)


def accepted_content(signed: SignedList, content: TrustList, what: str) -> None:
    """Check that a next list may follow: after an unsigned draft, or a list with enough signatures.

    Raises Fault otherwise.
    """
    if not signed.signatures:
        return
    roots = {root.kid: root.public for root in content.roots}
    valid = sum(s.kid in roots and is_signed("trust", roots[s.kid], signed.raw, s.signature) for s in signed.signatures)
    if valid < content.threshold:
        hint = "give the list that `suar federation merge` wrote, or the draft"
        raise Fault(f"{what} has {valid} of {content.threshold} signatures", hint)


def set_status(content: TrustList, code: str, status: Literal["active", "suspended"]) -> TrustList:
    """Suspend a member, or make it active again."""
    known = content.member(code)
    if known is None:
        codes = " ".join(member.code for member in content.members)
        raise Fault(f"no member {code}", f"one of: {codes}")
    if known.status == status:
        raise Fault(f"{code} is {status} already", "see `suar federation show`")
    return _with_member(content, msgspec.structs.replace(known, status=status))


def revoke(content: TrustList, prefix: str, now: int) -> TrustList:
    """Revoke permanently the identity key whose kid (hex) starts with `prefix`."""
    prefix = prefix.replace(" ", "")
    found_ = [(m, key) for m in content.members for key in m.keys if key.kid.hex().startswith(prefix.lower())]
    if len(prefix) < 8 or len(found_) != 1:
        text = f"{len(found_)} keys start with {prefix}" if len(prefix) >= 8 else "a key is named by 8 digits or more"
        raise Fault(text, "give the kid as `suar federation show` prints it")
    member, key = found_[0]
    if key.revoked_at is not None:
        raise Fault(f"{prefix} is revoked already", "see `suar federation show`")
    revoked = msgspec.structs.replace(key, revoked_at=now)
    keys = [revoked if listed == key else listed for listed in member.keys]
    return _with_member(content, msgspec.structs.replace(member, keys=keys))


def renew(content: TrustList, roots: Sequence[Root] | None, threshold: int | None) -> TrustList:
    """Return the content with other roots and threshold, if stated; `next_list` sets the dates."""
    return msgspec.structs.replace(
        content,
        roots=content.roots if roots is None else list(roots),
        threshold=content.threshold if threshold is None else threshold,
    )


def sign(signed: SignedList, content: TrustList, seed: bytes, before: TrustList | None) -> bytes:
    """Return one root's signature as a file. Raises Fault if the key is a root neither of this list nor of `before`."""
    public = public_of(seed)
    roots = [*content.roots, *(before.roots if before else ())]
    if not any(root.public == public for root in roots):
        hint = "give --from LIST if it is a root of the list before; else this is another federation's key"
        raise Fault("this key is no root of the draft", hint)
    return trustlist.assemble(signed.raw, [trustlist.sign_list(signed.raw, seed, public)])


class MissingSignatures(NamedTuple):
    """How many signatures a list still needs: by its own roots, and by those of the list before."""

    own: int
    before: int


def merge(first: SignedList, others: Iterable[tuple[str, SignedList]], before: TrustList | None) -> SignedList:
    """Return the draft with every signature of `others` (name and content).

    Raises Fault naming a file that does not match.
    """
    content = content_of(first, "the draft")
    roots = {root.kid: root.public for root in [*content.roots, *(before.roots if before else ())]}
    signatures: dict[bytes, Signature] = {}
    for what, signed in [("the draft", first), *others]:
        if signed.raw != first.raw:
            raise Fault(f"{what} signs another list than the draft", "every key holder signs the same draft file")
        for signature in signed.signatures:
            public = roots.get(signature.kid)
            if public is None:
                raise Fault(
                    f"{what} is signed by no root of the draft", "for a root of the list before give --from LIST"
                )
            if not is_signed("trust", public, first.raw, signature.signature):
                raise Fault(f"{what} has a signature that is not valid", "let that key holder sign the draft again")
            signatures[signature.kid] = signature  # two signatures of one root count once
    return SignedList.of(tuple(signatures[name] for name in sorted(signatures)), first.raw)


def missing_signatures(signed: SignedList, content: TrustList, before: TrustList | None) -> MissingSignatures:
    """Return what `merge` still needs; the signatures of `signed` are valid."""
    names = {signature.kid for signature in signed.signatures}
    own = content.threshold - len(names & {root.kid for root in content.roots})
    earlier = before.threshold - len(names & {root.kid for root in before.roots}) if before else 0
    return MissingSignatures(max(own, 0), max(earlier, 0))


def verify(lists: Sequence[bytes], now: int, *, pin: bytes | None = None, before: bytes | None = None) -> TrustStore:
    """[T1]-[T10] Judge lists as a gateway does: the first by `pin`, or after `before`, or as it is; the rest in order.

    Returns the store with all of them. Raises Refused with the rule that a list breaks.
    """
    chain = [*([before] if before else []), *lists]
    first = trustlist.parse(chain[0])
    store = TrustStore(trustlist.read_list(first.raw).federation, pin=pin or first.hash)
    for data in chain:
        content = store.admit(data, now)
        if content is not None:
            store.apply(content, data)
    return store


def root_of(holder: str, public: bytes) -> Root:
    """Return a key holder's entry."""
    return Root(kid(public), public, holder)


def _rights(kinds: Sequence[str] | None) -> list[str]:
    wanted = sorted(set(kinds)) if kinds is not None else [ANY]
    unknown = [kind for kind in wanted if kind not in (*PUBLISHED, ANY)]
    if unknown or (ANY in wanted and wanted != [ANY]):
        raise Fault(
            f"no kind of message is called {' '.join(unknown) or '* beside others'}", f"of: {' '.join(PUBLISHED)}, or *"
        )
    return wanted


def _with_member(content: TrustList, changed: Member) -> TrustList:
    return _with_members(content, [changed if member.code == changed.code else member for member in content.members])


def _with_members(content: TrustList, members: list[Member]) -> TrustList:
    return msgspec.structs.replace(content, members=sorted(members, key=lambda member: member.code))


def _check_content(content: TrustList) -> None:
    """Raise Fault for what T4, T8 and T9 would refuse, before anyone signs."""
    count, threshold = len(content.roots), content.threshold
    if not (count < 2 * threshold <= 2 * count and threshold >= 2):
        raise Fault(f"{threshold} of {count} roots is no threshold", "a majority of the roots, and at least two")
    if content.expires - content.issued > limits.TRUST_LIFETIME_MAX or content.expires <= content.issued:
        raise Fault("a list lives for 1 to 400 days", "choose another --days")
    codes = [member.code for member in content.members]
    publics = [root.public for root in content.roots] + [key.public for m in content.members for key in m.keys]
    for what, values in (("member", codes), ("key", publics)):
        if len(set(values)) != len(values):
            raise Fault(
                f"one {what} stands in the list twice", "each member and each key, of roots too, stands there once"
            )
