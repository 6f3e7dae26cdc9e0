"""The marks of an exercise in everything that people or other programs read.

Signatures already cover the realm: it is part of every label ([F4], primitives.py). These marks are for people, and for
programs that do not know realms.
"""

from typing import Final

REALM: Final = "exercise"  # primitives.EXERCISE, whose import loads cryptography and slows the start of commands
BANNER: Final = "EXERCISE - NOT A REAL EVENT"
PREFIX: Final = "EXERCISE: "
IN_A_NAME: Final = "EXERCISE-"
"""The prefix of a file name."""


def is_exercise(status: object) -> bool:
    """Whether a message of this status (realm) is an exercise."""
    return status == REALM


def marked(text: str, status: object) -> str:
    """Return `text` with the prefix if it is of an exercise; an existing prefix is not repeated."""
    return f"{PREFIX}{text}" if is_exercise(status) and not text.startswith(PREFIX) else text


def unmarked(text: str) -> str:
    """Return `text` without the prefix."""
    return text.removeprefix(PREFIX)


def file_name(name: str, status: object) -> str:
    """Return the name of a file, with the prefix if the file is of an exercise."""
    return f"{IN_A_NAME}{name}" if is_exercise(status) else name
