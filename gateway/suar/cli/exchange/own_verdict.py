"""The running gateway's verdict on tables that are about to be imported; it also knows what was released before."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from suar.cli.base.client import CHECK_TIMEOUT, call, running
from suar.cli.base.common import print_notice
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.exchange.tables.preview import Preview

CHECKED_MAX: Final = 50
"""Most tables of one import that are sent to the gateway for a check; publishing checks each."""
OF_ANOTHER: Final = ("E-MESSAGE-SENDER", "$.issuer.member")
"""Code and path of the reason against a table of another member."""
LEAVES: Final = ("pass", "hold")
_STAYS: Final = {"refused": "refuse", "held": "hold"}
"""The verdict of a preview by the gateway's on publishing, where the table does not leave."""
NOTHING_PUBLISHED: Final = "nothing was published"


def by_gateway(state: Path, done: "Sequence[Preview]", realm: str, lang: str) -> "tuple[list[Preview], set[str]]":
    """Return the previews, those of the gateway's own member with its verdict, and the names of these.

    Nothing is sent where no gateway runs. What the preview refuses the gateway refuses too, so it is not sent.
    `lang`: the language of the labels in the gateway's tables.
    """
    if not running(state):
        return list(done), set()
    judged: list[Preview] = []
    queried: set[str] = set()
    others: set[str] = set()
    try:
        for preview in done:
            may_query = preview.verdict in LEAVES and preview.draft.member not in others and len(queried) < CHECKED_MAX
            verdict = _verdict(state, preview.draft.data, realm, lang) if may_query else None
            if verdict is not None and any(
                (reason["code"], reason["path"]) == OF_ANOTHER for reason in verdict["reasons"]
            ):
                others.add(preview.draft.member)
                verdict = None
            if verdict is not None:
                queried.add(preview.draft.name)
            judged.append(preview if verdict is None else _judged(preview, verdict))
    except Fault as fault:
        print_notice(f"the gateway is asked no further: {fault.text}")
        judged += done[len(judged) :]
    return judged, queried


def after_publication(done: "Sequence[Preview]", answers: Sequence[dict[str, Any]]) -> "list[Preview]":
    """Return the previews; those that the gateway refused or holds have its verdict and its table."""
    from msgspec.structs import replace

    found = {each["name"]: each for each in answers if each["verdict"] in _STAYS}
    return [
        replace(each, verdict=_STAYS[answer["verdict"]], table=answer.get("table")) if answer else each
        for each in done
        for answer in [found.get(each.draft.name)]
    ]


def source_of_verdicts(queried: int, count: int) -> str:
    """Return whose verdicts these are; the gateway's take precedence over those of the preview."""
    if queried == count:
        return f"these are the verdicts of the gateway, which knows what was released before; {NOTHING_PUBLISHED}"
    which = f"but {queried} of {count} verdicts of the gateway" if queried else "without the gateway"
    return (
        f"a preview, {which}: its own verdict, on publishing, also knows what was released before, and takes "
        f"precedence; {NOTHING_PUBLISHED}"
    )


def _verdict(state: Path, data: bytes, realm: str, lang: str) -> dict[str, Any]:
    params = {"lang": lang, "sentences": "true", **({"exercise": "true"} if realm == "exercise" else {})}
    headers = {"Content-Type": "application/json"}
    found: dict[str, Any] = call(
        state, "POST", "/v1/messages/check", data, params=params, headers=headers, timeout=CHECK_TIMEOUT
    )
    return found


def _judged(preview: "Preview", verdict: dict[str, Any]) -> "Preview":
    import msgspec
    from msgspec.structs import replace

    from suar.protocol.base.reasons import Reason

    reasons = msgspec.convert(verdict["reasons"], tuple[Reason, ...])
    table = preview.table if verdict["verdict"] == "pass" else verdict.get("table")  # with coarser ones
    return replace(preview, verdict=verdict["verdict"], reasons=reasons, table=table)
