"""What the rules for identifiers find."""

from typing import Final, Literal, NamedTuple, get_args

Kind = Literal[
    "bank account", "document number", "full date", "handle", "identity number", "licence plate",
    "machine-readable zone", "mail address", "passport", "position", "telephone", "web address",
]  # fmt: skip
KINDS: Final[tuple[str, ...]] = get_args(Kind)
"""What a reason can call an identifier: the catalogues translate each."""


class Found(NamedTuple):
    """What kind of identifier, and the words as they stand in plain text. `sure`: by its form nothing else."""

    kind: Kind
    words: str
    sure: bool = True
