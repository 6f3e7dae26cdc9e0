"""`suar show`: show one message in the reader's language."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import call
from suar.cli.base.common import command, emit, id_argument, json_option, state_option
from suar.cli.base.local_time import local_zone
from suar.cli.base.reader import lang_option, room

if TYPE_CHECKING:
    from suar.languages.tags import Language


@command("show", example="suar show TH-ALERT-2027-000042 --lang th --state vn")
@id_argument
@click.option("--rev", type=click.IntRange(1), help="The revision. Default: the latest.")
@lang_option
@state_option
@json_option
def show(id_: str, rev: int | None, lang: "Language", state: Path, as_json: bool) -> None:
    """Show one message with its revisions. The audit log records who opened it."""
    from suar.languages.rendering import reading

    found = call(state, "GET", f"/v1/messages/{quote(id_, safe='')}", params={"rev": str(rev)} if rev else None)
    emit(found, as_json, lambda: "\n".join(reading.shown(found, lang, room(), local_zone())))
