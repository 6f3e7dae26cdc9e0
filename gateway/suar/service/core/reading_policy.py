"""The access policy at this gateway: readers here, readers of our messages, and received messages that we may read.

Every decision is that of `protocol.policy`; results that depend only on the trust list are cached while it is current.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from suar.protocol.authoring.withdrawal import is_bare
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import Sentence, advice, sentence
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import KINDS, Publication
from suar.protocol.message.marking import TLPS, head, marking_of_tree
from suar.protocol.message.messages import kind_of
from suar.protocol.policy.decision import RULES, Decision, decide, may_publish, may_read_tree
from suar.protocol.policy.readers import AudienceCache, DecisionCache, agencies, channels_for, focal_point
from suar.protocol.policy.restrictions import Reader
from suar.protocol.trust.bundle import Bundles
from suar.protocol.trust.members import Trust
from suar.protocol.trust.trustlist import Member, TrustList
from suar.service.core.status import Status

HINT: Final = sentence("name active members that may read it: `suar trust show`")
Routes = Callable[[str, str | tuple[str, ...]], list[str]]
_ROUTES_MAX: Final = 4096
_UNTIL_RETURN: Final = ("P3", "P6")
_NEVER: Final = "9999-12-31T23:59:59Z"  # for a draft without a date; no focal point is checked for it


class Readers:
    """Cached decisions for the hot paths of one gateway; for any thread."""

    def __init__(self, member: str) -> None:
        self.member = member
        self._audience_cache: AudienceCache | None = None
        self._routes: tuple[TrustList, Routes] | None = None
        self._own: tuple[TrustList | None, DecisionCache] | None = None

    def audience_cache(self, trust: TrustList) -> AudienceCache:
        """Return the audience decisions by `trust`."""
        cache = self._audience_cache
        if cache is None or cache.trust is not trust:
            cache = self._audience_cache = AudienceCache(trust, self.member)
        return cache

    def routes(self, trust: TrustList) -> Routes:
        """[E14] The channels of a kind and an audience by `trust`."""
        routes = self._routes
        if routes is None or routes[0] is not trust:
            routes = self._routes = trust, lru_cache(_ROUTES_MAX)(partial(channels_for, trust, self.member))
        return routes[1]

    def may_read(self, trust: Trust, message: Publication) -> Decision:
        """Whether our own focal point may read a received publication."""
        if self._own is None or self._own[0] is not trust.current:
            self._own = trust.current, DecisionCache(own_reader(self.member, trust))
        return self._own[1].may_read(message)


def resolve_audience(audience_cache: AudienceCache, message: Publication) -> list[str]:
    """Return the members that `message` of ours is for. Raises Invalid when there is none, or one may not read it.

    A cancel is also for members that are suspended or may not read the kind now: they may have the text, so it waits
    for their return ([E14], [K7]) and does not delay the recall at others. A cancel without a replacement, whose
    audience the gateway takes from the earlier revisions, is also for members that the list no longer has.
    """
    kind, audience, sender = kind_of(message), message.audience.members, audience_cache.sender
    if not may_publish(kind, audience_cache.trust.member(sender)).is_allowed:
        text = sentence("{sender} may not publish {kind}", sender=sender, kind=kind)
        raise refusal("E-KIND-NOT-PERMITTED", "$.kind", text)
    decisions = audience_cache.for_message(message)
    readers = [member.code for member, decision in decisions if decision.is_allowed]
    if message.action == "cancel" and audience != ALL:
        readers += _waited_for(audience_cache, message, audience)
    if audience != ALL:
        strangers = [at for at, code in enumerate(audience) if code not in readers]
        if strangers:
            raise Invalid("F8", tuple(_stranger(audience_cache, at, audience[at], message) for at in strangers))
    if not readers:
        raise refusal("E-AUDIENCE-EMPTY", "$.audience", sentence("nobody may read {kind}", kind=kind))
    return readers


def _waited_for(cache: AudienceCache, message: Publication, audience: Sequence[str]) -> list[str]:
    """Return the members named by a cancel that it waits for until they return."""
    decisions = cache.for_message(message)
    found = [m.code for m, decision in decisions if m.code in audience and decision.rule in _UNTIL_RETURN]
    listed = {cache.sender, *(m.code for m, _ in decisions)}
    return found + [code for code in audience if code not in listed and is_bare(message)]


def _stranger(cache: AudienceCache, at: int, code: str, message: Publication) -> Reason:
    rule = next((decision.rule for member, decision in cache.for_message(message) if member.code == code), None)
    hint = HINT
    if code == cache.sender:
        why = sentence("{code} publishes this message itself", code=code)
        hint = sentence("leave {code} out, and name the other members that it is for", code=code)
    elif rule is None:
        why = sentence("{code} is not a member of the federation", code=code)
    elif rule == "P3":
        why = sentence("{code} is suspended", code=code)
    else:
        why = sentence("{code} may not read {message}", code=code, message=kind_of(message))
    return Reason.of("E-AUDIENCE-EMPTY", None, f"$.audience.members[{at}]", why, hint)


def kind_of_id(id_: str) -> str:
    """Return the kind from the id of a message of ours."""
    return id_[3:].partition("-")[0].lower()


def refusal(code: str, path: str, text: Sentence) -> Invalid:
    """Return a refusal by our own gateway, with the advice of its code."""
    return Invalid("F8", (Reason.of(code, None, path, text, advice(code)),))


def own_reader(member: str, trust: Trust, now: int = 0) -> Reader:
    """Return our focal point as a reader: any holder of a token of scope read."""
    return focal_point(member, trust.member(member), given_by=member, now=now)


def may_see(reader: Reader, kind: str, origin: str, realm: str, body: dict[str, Any] | None) -> Decision:
    """Whether `reader` may see a stored message; `body` is None when it was destroyed and only its head is left."""
    return may_read_tree(body, reader) if body is not None else decide(head(kind, origin, realm), reader)


def preview_head(
    readers: Readers, status: Status, tree: Mapping[str, Any], realm: str, now: int
) -> list[dict[str, Any]] | None:
    """Return the same as `preview_audience` for an incomplete draft: its kind, TLP, audience and handling decide.

    None while they do not, or there is no trust list.
    """
    current = status.trust.current
    whole = {**tree, "id": f"{readers.member}-", "status": realm, "expires": _NEVER}
    marking = marking_of_tree(whole)
    if current is None or marking is None or not isinstance(marking.tlp, str):
        return None
    if marking.tlp not in TLPS or marking.kind not in KINDS:
        return None
    found = []
    for member in current.members:
        if member.code != readers.member:
            decision = decide(marking, focal_point(member.code, member, given_by=readers.member))
            found.append(_opener(status.trust, status.bundles, member, decision, now))
    return found


def _opener(trust: Trust, bundles: Bundles, member: Member, decision: Decision, now: int) -> dict[str, Any]:
    return {
        "member": member.code, "name": member.name, "may_open": decision.is_allowed, "rule": decision.rule,
        "why": RULES[decision.rule].text, "has_key": bundles.newest_valid(member.code, trust, now) is not None,
    }  # fmt: skip


def preview_audience(
    audience_cache: AudienceCache, trust: Trust, bundles: Bundles, message: Publication, now: int
) -> list[dict[str, Any]]:
    """Return for every other member whether it will be able to open `message` of ours, and by which rule.

    `has_key` is False where the member has no valid key at this moment: it gets the message when it has one ([K7]).
    `agencies` are the sectors that its focal point may hand it to.
    """
    return [
        {
            **_opener(trust, bundles, member, decision, now),
            "agencies": agencies(message, member.code, member) if decision.is_allowed else [],
        }
        for member, decision in audience_cache.for_message(message)
    ]  # fmt: skip
