"""Findings of the rules for identifiers."""

from typing import Final, Literal, NamedTuple, get_args

Kind = Literal[
    "bank account", "document number", "full date", "handle", "identity number", "licence plate",
    "machine-readable zone", "mail address", "passport", "position", "telephone", "web address",
]  # fmt: skip
KINDS: Final[tuple[str, ...]] = get_args(Kind)
"""The names of identifiers in reasons; each is translated in the catalogues."""


class Found(NamedTuple):
    """The kind of identifier, and the words in plain text. `is_sure`: whether the form can be nothing else."""

    kind: Kind
    words: str
    is_sure: bool = True
