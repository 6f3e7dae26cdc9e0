"""What the rules for identifiers find."""

from typing import NamedTuple


class Found(NamedTuple):
    """What kind of identifier, and the words as they stand in plain text. `sure`: by its form nothing else."""

    kind: str
    words: str
    sure: bool = True
