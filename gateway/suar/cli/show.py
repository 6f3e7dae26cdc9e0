"""`suar show`: one message, whole, in the reader's language."""

import shutil
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.client import call
from suar.cli.common import command, emit, json_option, state_option

ENGLISH: Final = "en"


@command("show", example="suar show TH-ALERT-2027-000042 --lang th --state vn")
@click.argument("id_", metavar="ID")
@click.option("--rev", type=click.IntRange(1), help="This revision; else the latest.")
@click.option("--lang", default=ENGLISH, show_default=True, help="The reader's language, such as th or zh-Hans.")
@state_option
@json_option
def show(id_: str, rev: int | None, lang: str, state: Path, as_json: bool) -> None:
    """One message with its chain of revisions. Opening it is noted under the name of who asks."""
    from suar.languages.tags import choose

    language = choose(lang)
    shown = call(state, "GET", f"/v1/messages/{quote(id_, safe='')}", params={"rev": str(rev)} if rev else None)
    emit(shown, as_json, lambda: _text(shown, language))


def _text(shown: dict[str, Any], language: Any) -> str:
    from suar.languages.reading import shown as lines

    return "\n".join(lines(shown, language, shutil.get_terminal_size().columns))
