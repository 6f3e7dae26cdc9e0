"""The marks of an exercise, wherever a person or another program reads about it.

That a message is an exercise is part of its signature: the realm is in every label ([F4], primitives.py). These marks
are for people, and for programs that do not know realms.
"""

from typing import Final

REALM: Final = "exercise"  # primitives.EXERCISE, without the cryptography that comes with it: commands start in 0.3 s
BANNER: Final = "EXERCISE - NOT A REAL EVENT"
PREFIX: Final = "EXERCISE: "
IN_A_NAME: Final = "EXERCISE-"
"""The prefix of a file name."""


def is_exercise(status: object) -> bool:
    """Whether a message of this status (realm) is an exercise."""
    return status == REALM


def marked(text: str, status: object) -> str:
    """Return `text` with the prefix if it is of an exercise; a text that has the prefix stays as it is."""
    return f"{PREFIX}{text}" if is_exercise(status) and not text.startswith(PREFIX) else text


def unmarked(text: str) -> str:
    """Return `text` without the prefix."""
    return text.removeprefix(PREFIX)


def file_name(name: str, status: object) -> str:
    """Return the name of a file, with the prefix if it contains an exercise."""
    return f"{IN_A_NAME}{name}" if is_exercise(status) else name
