"""Checks of trust and keys: the trust list, the own entry in it, the own keys, the keys of other members."""

from typing import Final

from suar.observe.checks.finding import REVOKED, SELF, Found, check, days, span
from suar.observe.numbers import Numbers
from suar.protocol.base import limits

BUNDLE_LATE: Final = limits.BUNDLE_LIFETIME - limits.BUNDLE_ROTATION - limits.HOUR  # left; the daily rotation is late
IDENTITY_WARNING: Final = 40 * limits.DAY  # a ceremony takes weeks to arrange
_KEY_STEP: Final = "start the module, and see that module, token and PIN in [hsm] of suar.toml are right"
LIST_LATE: Final = 15 * limits.MINUTE  # a new list reaches every member within seconds


@check("trust-days-left", order=150, step="ask the key holders for the next list, then `suar trust import FILE`")
def trust(numbers: Numbers, _: int) -> Found:
    """Whether there is a trust list, and how long it is valid."""
    if not numbers.trust_version:
        hint = "import the federation's first list: `suar trust import FILE --pin HASH`"
        yield "critical", SELF, "no trust list yet: nothing is sealed or accepted", hint
    else:
        yield from trust_left(numbers.now, numbers.trust_issued, numbers.trust_expires)


def trust_left(now: int, issued: int | None, expires: int | None) -> Found:
    """Return the finding for a trust list with these times (ms), including its grace period."""
    if issued is None or expires is None:
        yield "unknown", SELF, "no trust list is known", "`suar trust show`"
        return
    left, renew = expires - now, "ask the key holders for the next list, then `suar trust import FILE`"
    if left <= 0:
        grace = limits.TRUST_GRACE + left
        then = f"sealing stops in {span(grace)}" if grace > 0 else "nothing is sealed"
        yield "critical", SELF, f"the trust list expired {span(-left)} ago; {then}", renew
        return
    passed = [mark for mark in limits.TRUST_WARNINGS if left <= mark * (expires - issued)]
    text = f"{days(left)} left"
    if passed:
        yield "warning", SELF, f"{text}, under {min(passed):.0%} of the list's lifetime", renew
    else:
        yield "ok", SELF, text, ""


@check("identity-key", order=178, step=_KEY_STEP)
def identity_key(numbers: Numbers, _: int) -> Found:
    """Whether the identity key signs, where it is in a hardware module."""
    if numbers.key_away is not None:
        text = f"the hardware module with the identity key does not answer ({numbers.key_away}): no epoch is opened"
        yield "critical", SELF, text, _KEY_STEP
    else:
        yield "ok", SELF, "the identity key signs", ""


@check("identity-days-left", order=180, step="rotate it: keys/playbooks/ROTATION.md")
def identity(numbers: Numbers, _: int) -> Found:
    """How long the own identity key is valid."""
    if numbers.identity_expires is None:
        yield "unknown", SELF, "the identity key is in no trust list yet", "`suar trust show`"
        return
    if numbers.is_key_missing:
        hint = "start the gateway again, on the state folder whose keyring has it"
        yield "warning", SELF, "the trust list has a newer identity key of ours that this gateway does not have", hint
    left, renew = numbers.identity_expires - numbers.now, "rotate it: keys/playbooks/ROTATION.md"
    if left <= 0:
        yield "critical", SELF, "the identity key expired", renew
    elif left < IDENTITY_WARNING:
        yield "warning", SELF, f"the identity key has {days(left)} left", renew
    else:
        yield "ok", SELF, f"the identity key has {days(left)} left", ""


@check("bundle-age", order=190, step="rotate now: `suar keys rotate`")
def bundles(numbers: Numbers, _: int) -> Found:
    """The own key bundle, and those of other members."""
    own = numbers.bundle_expires
    rotate = "rotate now: `suar keys rotate`"
    if own is None:
        yield "unknown", SELF, "no key bundle was published yet", "it follows the first trust list"
    elif own <= numbers.now:
        yield "critical", SELF, "our key bundle expired: nobody can seal to us", rotate
    elif own - numbers.now < BUNDLE_LATE:
        yield "warning", SELF, f"the daily rotation is late, {span(own - numbers.now)} left", rotate
    else:
        yield "ok", SELF, f"our key bundle has {span(own - numbers.now)} left", ""
    for member, expires in sorted(numbers.bundles.items()):
        if expires <= numbers.now:
            hint = "their gateway does not reach us; call their operator. What is for them waits"
            yield "warning", member, f"{member}'s key bundle expired {span(numbers.now - expires)} ago", hint


@check("trust-behind", order=160, step="it is requested automatically; if it lasts: `suar trust import FILE`")
def list_behind(numbers: Numbers, _: int) -> Found:
    """Whether another member has a newer trust list, or has had an older one for long."""
    ours = numbers.trust_version or 0
    known = {member: peer.trust_version for member, peer in sorted(numbers.peers.items()) if peer.trust_version}
    newest = max(known.values(), default=0)
    if newest > ours:
        hint = "it is requested automatically; if it lasts: `suar trust import FILE`"
        having = [member for member, version in known.items() if version == newest]
        claim = f"{having[0]} alone says that there is" if len(having) == 1 else f"{', '.join(having)} have"
        yield "warning", SELF, f"{claim} trust list {newest}, we have {ours}", hint
        return
    issued = numbers.trust_issued
    is_settled = issued is not None and numbers.now - issued > LIST_LATE
    late = [member for member, version in known.items() if version < ours] if is_settled else []
    for member in late:
        hint = f"ask their operator to import list {ours}: `suar trust import FILE`"
        yield "warning", member, f"{member} has trust list {known[member]}, we have {ours}", hint
    if not late:
        yield "ok", SELF, "nobody has another trust list", ""


@check("own-standing", order=170, step="call the federation's key holders")
def own_standing(numbers: Numbers, _: int) -> Found:
    """The state of this member in the trust list."""
    call = "call the federation's key holders"
    if not numbers.trust_version:
        yield "unknown", SELF, "no trust list yet", "`suar trust import FILE --pin HASH`"
    elif numbers.own_status == "none":
        yield "critical", SELF, "the trust list does not have us: nothing is sealed", call
    elif numbers.own_status == "suspended":
        yield "critical", SELF, "we are suspended: nothing is sealed", call
    elif numbers.is_own_key_revoked:
        yield "critical", SELF, "our identity key is revoked: nothing is sealed", call
    else:
        yield "ok", SELF, "we are an active member", ""


@check(
    "members-keyless", order=200, step="ask their operator to start the gateway; what is for them follows automatically"
)
def keyless(numbers: Numbers, _: int) -> Found:
    """Members for which nothing can be sealed."""
    for member in numbers.keyless:
        if member in numbers.revoked:
            hint = "call the federation's key holders: a trust list with its new key is needed"
            yield "warning", member, f"the key of {member} is {REVOKED}: what is for them waits here", hint
            continue
        hint = "ask their operator to start the gateway; what is for them follows automatically"
        yield "warning", member, f"{member} has no valid key: what is for them waits here", hint
    if not numbers.keyless:
        yield "ok", SELF, "every member has a valid key", ""
