"""How an exercise is marked wherever a person or another program reads of it, in one place.

That it is one is bound by its signature: the realm is in every label ([F4], primitives.py). These marks are for eyes,
and for programs outside that know nothing of realms.
"""

from typing import Final

REALM: Final = "exercise"  # primitives.EXERCISE, without the cryptography that comes with it: commands start in 0.3 s
BANNER: Final = "EXERCISE - NOT A REAL EVENT"
PREFIX: Final = "EXERCISE: "
IN_A_NAME: Final = "EXERCISE-"
"""Before the name of a file."""


def is_exercise(status: object) -> bool:
    """Whether a message of this status (realm) is one."""
    return status == REALM


def marked(text: str, status: object) -> str:
    """`text` with the prefix when it is of an exercise; what carries it already stays as it is."""
    return f"{PREFIX}{text}" if is_exercise(status) and not text.startswith(PREFIX) else text


def unmarked(text: str) -> str:
    """`text` without the prefix: what comes back out of a marked form."""
    return text.removeprefix(PREFIX)


def file_name(name: str, status: object) -> str:
    """The name of a file with the mark in it when it holds an exercise."""
    return f"{IN_A_NAME}{name}" if is_exercise(status) else name
