"""Output of the publishing commands: whether an accepted message was sent, or what it waits for."""

import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from suar.cli.base.client import Problem, call
from suar.cli.base.common import print_notice
from suar.protocol.base.errors import Fault

LEAVES_WITHIN: Final = 2.0  # seconds in which an undelayed message is expected to be sent
CHECKS: Final = 20


def print_outcome(state: Path, answer: dict[str, Any], tag: str = "en") -> None:
    """Print the state of an accepted message: sent to N members, held, or waiting, with the next command."""
    id_ = answer["id"]
    if answer["verdict"] == "held":
        print_notice(
            f"{id_} is held for a second person, who holds another token of scope approve: "
            f"`suar release {id_} --token-file FILE`, or `suar reject`"
        )
    elif answer.get("waiting"):
        print_waiting(state, answer, tag)
    else:
        print_notice(_left(state, id_))


def print_replayed(state: Path, answer: dict[str, Any], tag: str = "en") -> None:
    """Print the present state of a message that was handed in before, with the next command.

    The answer has the verdict of then: a message that was held may have been decided on since.
    """
    if answer["verdict"] == "held" and _is_held(state, answer["id"]):
        print_notice("the message was handed in before")
        print_outcome(state, answer, tag)
        return
    print_notice("the message was handed in before: it is not sent again")
    print_notice(f"`suar deliveries {answer['id']}` shows what became of it")
    print_waiting(state, answer, tag)


def _is_held(state: Path, id_: str) -> bool:
    """Return whether a message waits for a second person now. Raises as `call`."""
    return any(member["state"] == "held" for member in _members(state, id_).values())


def _members(state: Path, id_: str) -> dict[str, dict[str, Any]]:
    """Return the stage of each member that may open a message. Raises as `call`."""
    found: dict[str, dict[str, Any]] = call(state, "GET", f"/v1/messages/{quote(id_, safe='')}/deliveries")["members"]
    return found


def _left(state: Path, id_: str) -> str:
    """Return to how many members it was sent; a message that nothing delays is sent in the meantime."""
    members: dict[str, dict[str, Any]] | None = None
    of = sent = 0
    for _ in range(CHECKS):
        try:
            members = _members(state, id_)
        except Fault:
            break
        of, sent = len(members), sum(member["sent"] is not None for member in members.values())
        if sent == of:
            break
        time.sleep(LEAVES_WITHIN / CHECKS)
    if members is None:
        return f"{id_} is published; the gateway does not say who has it: `suar deliveries {id_}` asks again"
    if not of:
        return f"{id_} is published, and no member can open it: `suar check-message FILE --state STATE` says why"
    if sent < of:
        return f"{id_} has left for {sent} of {of} members: `suar deliveries {id_} --follow` shows the others"
    return f"{id_} has left for {of} member{'s' if of > 1 else ''}: `suar deliveries {id_}` shows who has it"


def print_waiting(state: Path, answer: dict[str, Any], tag: str = "en") -> None:
    """Print lines on stderr for a verdict whose `waiting` names a cause; nothing if it is sent."""
    if answer.get("waiting"):
        for line in waiting_lines(state, answer, tag):
            print_notice(line)


def waiting_lines(state: Path, answer: dict[str, Any], tag: str) -> list[str]:
    """Return the cause in the reader's words, from `why` about one of its readers, and the next step."""
    id_, cause = answer["id"], answer["waiting"]
    path = f"/v1/messages/{quote(id_, safe='')}"
    try:
        members = call(state, "GET", f"{path}/deliveries")["members"]
        found = [call(state, "GET", f"{path}/why/{code}", params={"lang": tag}) for code in sorted(members)[:1]]
    except Problem:
        found = []
    if not found or found[0]["cause"] != cause:
        member = found[0]["member"] if found else "MEMBER"
        return [f"{id_} waits here: {cause}", f"`suar why {id_} {member}` says what to do"]
    return [f"{id_} waits here: {found[0]['text']}", found[0]["next"]]
