"""`suar why`: the state of a message at a member, the cause, and the next step."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import call
from suar.cli.base.common import MemberCode, command, emit, id_argument, json_option, print_notice, state_option
from suar.cli.base.local_time import local_zone
from suar.cli.base.reader import lang_option, of_others, who_did
from suar.cli.base.terminal import visible
from suar.protocol.base.exercise import marked

if TYPE_CHECKING:
    from suar.languages.tags import Language

REJECTED: Final = "rejected-here"


@command("why", example="suar why TH-ALERT-2027-000042 SG --lang th --state th")
@id_argument
@click.argument("member", metavar="CC", type=MemberCode())
@lang_option
@state_option
@json_option
def why(id_: str, member: str, lang: "Language", state: Path, as_json: bool) -> None:
    """Explain the state of a message at the member CC: one cause and the next step.

    For a message of another member, CC is that member or your own, and the answer describes what happened to the
    message at this gateway. Times are in the zone of this machine, followed by UTC; with --json in UTC alone.
    """
    path = f"/v1/messages/{quote(id_, safe='')}"
    found = call(state, "GET", f"{path}/why/{member}", params={"lang": lang.tag})
    emit(found, as_json, lambda: _shown(found, lang))
    if found.get("authority") and not as_json:
        click.echo(visible(of_others(found["authority"])))
    is_rejected = found["cause"] == REJECTED and not as_json
    if is_rejected and (rejected := call(state, "GET", f"{path}/deliveries").get("rejected")):
        print_notice(of_others(f"{who_did(rejected['by'])}: {rejected['reason']}"))


def _shown(found: dict[str, Any], lang: "Language") -> str:
    from suar.languages.causes import render_cause

    text, step = render_cause(found["number"], found["values"], lang, local_zone())
    return marked(f"{found['cause']}: {text}\n{step}", found.get("status"))
