"""Check that two hubs deliver the same objects."""

from typing import Final

from suar.observe.checks.finding import SELF, Found, check, span
from suar.observe.numbers import Numbers
from suar.protocol.base.sentences import several

LEFT_OUT: Final = (
    "nothing is lost; that hub, or the own server of that member, left them out: call the operators of both with the "
    "log line `hub_withholds`"
)
OFTEN: Final = 6
"""Outages of a line within an hour: what is withheld during an outage is not reported as withheld."""


@check("hubs-agree", order=112, step=LEFT_OUT)
def hubs_agree(numbers: Numbers, heartbeat_ms: int) -> Found:
    """Objects that one hub delivered and the other has not for a minute, and whether each hub returns own objects."""
    if not numbers.hubs:
        yield "ok", SELF, "there is one hub, and nothing to compare", ""
    for name, hub in sorted(numbers.hubs.items()):
        is_fine = True
        for origin, objects, skipped in hub.withheld:
            is_fine = False
            if skipped:
                text = f"{several(skipped, 'object', 'objects')} of {origin} did not arrive from it, and later ones did"
                yield "critical", name, text, LEFT_OUT
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
            yield "warning", name, text, "call the operator of that hub, and look at our line to it"
        if is_fine:
            yield "ok", name, "it brings what the other hub brings", ""
