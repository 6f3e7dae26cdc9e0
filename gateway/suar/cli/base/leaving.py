"""Output of the publishing commands when an accepted message is not sent yet: the cause and the next step."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from suar.cli.base.client import Problem, call
from suar.cli.base.common import print_notice


def print_waiting(state: Path, answer: dict[str, Any], tag: str = "en") -> None:
    """Lines on stderr for a verdict whose `waiting` names a cause; nothing where it leaves."""
    if answer.get("waiting"):
        for line in waiting_lines(state, answer, tag):
            print_notice(line)


def waiting_lines(state: Path, answer: dict[str, Any], tag: str) -> list[str]:
    """The cause in the reader's words, by asking why it is not at one of its readers, and the next step."""
    id_, cause = answer["id"], answer["waiting"]
    path = f"/v1/messages/{quote(id_, safe='')}"
    try:
        members = call(state, "GET", f"{path}/deliveries")["members"]
        found = [call(state, "GET", f"{path}/why/{code}", params={"lang": tag}) for code in sorted(members)[:1]]
    except Problem:
        found = []
    if not found or found[0]["cause"] != cause:
        return [f"{id_} waits here: {cause}", f"`suar why {id_} CC` says what to do"]
    return [f"{id_} waits here: {found[0]['text']}", found[0]["next"]]
