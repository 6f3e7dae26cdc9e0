"""Questions before an act: a person at a terminal confirms it; the input of a program must be a yes."""

import select
import sys
from typing import Final

import rich_click as click

from suar.protocol.base.errors import Fault

YES: Final = frozenset({"y", "yes"})
LINE: Final = 1_024
"""Characters of an answer that are read."""

yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def ask(question: str, *, yes: bool = False) -> None:
    """Continue after a yes. A program without input needs no answer. Raises Fault for any other input."""
    if yes:
        return
    if sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)
    elif (answer := _line_of_input()) and answer.strip().casefold() not in YES:
        raise Fault("nothing was done: what was handed in is no yes", "give --yes, or y, or no input")


def ask_person(question: str, *, yes: bool) -> None:
    """Continue after a yes at a terminal, or with `yes`. Raises Fault without a terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Fault("this cannot be undone, and nobody is there to be asked", "give --yes")
    click.confirm(question, abort=True, err=True)


def _line_of_input() -> str:
    """Return the first line of standard input, empty if there is none: a silent pipe is not waited for."""
    try:
        is_there = bool(select.select([sys.stdin], [], [], 0)[0])
    except (OSError, ValueError):  # it is not a file of the system
        is_there = False
    return sys.stdin.readline(LINE) if is_there else ""
