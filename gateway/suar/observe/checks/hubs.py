"""Checks of the hubs: whether two deliver the same objects, whether one passed over objects, and whether it took ours
for old ones because this machine was put back.
"""

from typing import Final

from suar.observe.checks.finding import SELF, Found, all_passed_over, check, span
from suar.observe.numbers import Numbers
from suar.observe.passed_over import AFTER, PassedOver, is_after_ours, is_at_the_hub
from suar.protocol.base.sentences import several

LEFT_OUT: Final = (
    "nothing is lost: call the operator of that hub first, with the log line `hub_withholds`: it was put back to an "
    "older copy, lost them or withholds them; if its IN_CC never had them, call the operator of the member's own server"
)
OWN_CAUSE: Final = "this machine was put back a moment ago, which may be the cause: see `machine-put-back`"
ASK_THE_HUB: Final = (
    "call the operator of the hub, and ask what was restored there; what is missing since is requested automatically"
)
OFTEN: Final = 6
"""Outages of a link within an hour: what is withheld during an outage is not reported as withheld."""


@check("hubs-agree", order=112, step=LEFT_OUT)
def hubs_agree(numbers: Numbers, heartbeat_ms: int) -> Found:
    """Objects that one hub delivered and the other has not for a minute, and whether each hub returns own objects."""
    if not numbers.hubs:
        yield "ok", SELF, "there is one hub, and nothing to compare", ""
    is_put_back = any(_is_put_back_shown(each, numbers) for each in numbers.put_backs)
    for name, hub in sorted(numbers.hubs.items()):
        is_fine = True
        for origin, objects, skipped in hub.withheld:
            is_fine = False
            if skipped:
                text = f"{several(skipped, 'object', 'objects')} of {origin} did not arrive from it, and later ones did"
                yield "critical", name, f"{text}; {OWN_CAUSE}" if is_put_back else text, LEFT_OUT
            else:
                hint = f"it withholds them, or {origin} has no link to it: call the operators of both"
                them = "it" if objects == 1 else "them"
                of = several(objects, f"object of {origin}", f"objects of {origin}")
                text = f"{of} did not arrive from it, and nothing after {them}"
                yield "warning", name, text, hint
        since = hub.unechoed_since
        if hub.is_standing and since is not None and numbers.now - since > 2 * heartbeat_ms + 5_000:
            is_fine = False
            text = f"what we send does not return from it since {span(numbers.now - since)}"
            yield "warning", name, text, "the hub's operator runs `suar federation streams watch`"
        if hub.losses >= OFTEN:
            is_fine = False
            text = f"its line went down {hub.losses} times in an hour; what it withholds meanwhile is not reported"
            yield "warning", name, text, "call the operator of that hub, and look at our link to it"
        if is_fine:
            yield "ok", name, "it brings what the other hub brings", ""


OWN_PUT_BACK: Final = (
    "if you put it back, acknowledge `restored`; else treat it as an incident; what is missing since is requested "
    "automatically, and messages of the lost time are with the others"
)


@check("machine-put-back", order=114, step=OWN_PUT_BACK)
def machine_put_back(numbers: Numbers, _: int) -> Found:
    """Whether this machine was put back to an older copy a moment ago, or something is still missing since."""
    shown = [each for each in numbers.put_backs if _is_put_back_shown(each, numbers)]
    for each in shown:
        text = f"this machine was put back to an older copy: found {span(numbers.now - each)} ago"
        yield "warning", SELF, text, OWN_PUT_BACK
    if not shown:
        yield "ok", SELF, "no put-back of this machine was found, or all is here since", ""


def _is_put_back_shown(at: int, numbers: Numbers) -> bool:
    is_recent = 0 <= numbers.now - at < AFTER
    return is_recent or any(is_after_ours([at], alarm.name, alarm.at) for alarm in numbers.alarms_open)


@check("hub-store", order=113, step=ASK_THE_HUB)
def hub_store(numbers: Numbers, _: int) -> Found:
    """Whether a hub passed over objects, as after its store was put back to an older copy."""
    shown = [each for each in all_passed_over(numbers) if _is_shown(each, numbers)]
    for each in shown:
        yield "warning", each.hub if numbers.hubs and each.hub else SELF, _text(each, numbers.now), ASK_THE_HUB
    if not shown:
        yield "ok", SELF, "what we send to all returns in its order", ""


def _is_shown(passed: PassedOver, numbers: Numbers) -> bool:
    """Whether it happened a moment ago, or something is still missing since."""
    is_recent = passed.until is None or numbers.now - passed.until < AFTER
    return is_recent or any(is_at_the_hub([passed], alarm.name, alarm.at) for alarm in numbers.alarms_open)


def _text(passed: PassedOver, now: int) -> str:
    since = span(now - passed.since)
    if passed.members:
        text = f"frames of {', '.join(passed.members)} are missing since one moment, {since} ago"
    elif passed.until is None:
        objects = several(passed.objects, "object of ours has", "objects of ours have")
        text = f"{objects} not returned from the hub since {since}"
    else:
        ago = span(now - passed.until)
        objects = several(passed.objects, "object", "objects")
        text = f"{objects} of ours did not return from the hub, and later ones did {ago} ago"
    return f"{text}: the hub's store was put back to an older copy, or it lost objects, whoever sent them"
