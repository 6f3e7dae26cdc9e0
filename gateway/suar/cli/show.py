"""`suar show`: one message, whole."""

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli import tables
from suar.cli.client import call
from suar.cli.common import command, emit, json_option, state_option

ENGLISH: Final = "en"
_HEAD: Final = ("id", "rev", "kind", "action", "status", "tlp", "handling", "sent", "expires")


@command("show", example="suar show TH-ALERT-2027-000042 --state th")
@click.argument("id_", metavar="ID")
@click.option("--rev", type=click.IntRange(1), help="This revision; else the latest.")
@click.option("--lang", default=ENGLISH, show_default=True, help="Language of the text, where the message has it.")
@state_option
@json_option
def show(id_: str, rev: int | None, lang: str, state: Path, as_json: bool) -> None:
    """One message with its chain of revisions. Opening it is noted under the name of who asks."""
    shown = call(state, "GET", f"/v1/messages/{quote(id_, safe='')}", params={"rev": str(rev)} if rev else None)
    emit(shown, as_json, lambda: "\n".join(_lines(shown, lang)))


def _lines(shown: dict[str, Any], lang: str) -> list[str]:
    message = shown.get("message")
    if message is None:
        return [f"{shown.get('id')}  the text was recalled and is destroyed here"]
    lines = [f"{name:10}{tables.plain(message[name])}" for name in _HEAD if message.get(name) not in (None, [])]
    lines.append(f"{'from':10}{tables.plain(shown['origin'])}, {tables.plain(message['issuer'].get('body', ''))}")
    lines += ["", *_text(message, lang), "", "chain"]
    lines += [f"  rev {link['rev']}  {link['action']}  {link['received'] or ''}" for link in shown["chain"]]
    rest = {name: value for name, value in message.items() if name not in (*_HEAD, "text", "issuer", "schema")}
    return [*lines, "", json.dumps(rest, ensure_ascii=True, indent=1)]


def _text(message: dict[str, Any], lang: str) -> list[str]:
    texts = {entry["lang"]: entry for entry in message["text"]}
    entry = texts.get(lang) or texts[ENGLISH]
    return [tables.plain(entry["title"]), *(tables.plain(line) for line in entry.get("summary", "").splitlines())]
