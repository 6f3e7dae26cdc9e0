"""Whether two hubs bring the same."""

from suar.observe.checks.finding import SELF, Found, check, span
from suar.observe.numbers import Numbers


@check(
    "hubs-agree",
    place=112,
    step="nothing is lost; call the operator of that hub with the log line `hub_withholds`",
)
def hubs_agree(numbers: Numbers, heartbeat_ms: int) -> Found:
    """What one hub brought and the other has not for a minute, and whether each returns what we say to everybody."""
    if not numbers.hubs:
        yield "ok", SELF, "there is one hub, and nothing to compare", ""
    for name, hub in sorted(numbers.hubs.items()):
        is_fine = True
        for origin, objects, skipped in hub.withheld:
            is_fine = False
            if skipped:
                hint = "nothing is lost; call the operator of that hub with the log line `hub_withholds`"
                text = f"{skipped} objects of {origin} did not come from it, and later ones did"
                yield "critical", name, text, hint
            else:
                hint = f"it withholds them, or {origin} has no link to it: call the operators of both"
                yield (
                    "warning",
                    name,
                    f"{objects} objects of {origin} did not come from it, and nothing after them",
                    hint,
                )
        since = hub.unechoed_since
        if hub.is_standing and since is not None and numbers.now - since > 2 * heartbeat_ms + 5_000:
            is_fine = False
            text = f"what we send does not come back from it since {span(numbers.now - since)}"
            yield "warning", name, text, "the hub's operator runs `suar federation streams watch`"
        if is_fine:
            yield "ok", name, "it brings what the other hub brings", ""
