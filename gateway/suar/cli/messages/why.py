"""`suar why`: the state of a message at a member, the cause, and the next step."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import call
from suar.cli.base.common import MemberCode, command, emit, id_argument, json_option, state_option
from suar.cli.base.reader import lang_option
from suar.protocol.base.exercise import marked

if TYPE_CHECKING:
    from suar.languages.tags import Language


@command("why", example="suar why TH-ALERT-2027-000042 SG --lang th --state th")
@id_argument
@click.argument("member", metavar="CC", type=MemberCode())
@lang_option
@state_option
@json_option
def why(id_: str, member: str, lang: "Language", state: Path, as_json: bool) -> None:
    """Explain the state of a message at the member CC: one cause and the next step.

    For a message of another member, CC is that member or your own, and the answer describes what happened to the
    message at this gateway.
    """
    path = f"/v1/messages/{quote(id_, safe='')}/why/{member}"
    found = call(state, "GET", path, params={"lang": lang.tag})
    emit(found, as_json, lambda: marked(f"{found['cause']}: {found['text']}\n{found['next']}", found.get("status")))
