"""Why a message is refused: the reasons of F8 and F9, each with the place in the message that it is about."""

from msgspec import Struct

from suar.protocol import errors

CODES: dict[str, str] = {
    code: entry.meaning
    for code, entry in errors.CODES.items()
    if code.startswith("E-MESSAGE-") and entry.fault == "publisher"
}
"""The codes of F8 and F9 that a Reason can carry, with their meaning. Closed: a test keeps the code base to it."""


class Reason(Struct, frozen=True):
    """One thing that is wrong with a message.

    `rule` is F8 or F9 of protocol.md, or None for what only the publisher's own gateway asks. `path` is a JSON path
    such as `$.audience.members[0]`; `marked` lists words of the message that a person should look at.
    """

    code: str
    rule: str | None
    path: str
    message: str
    hint: str
    marked: tuple[str, ...] = ()


class Invalid(Exception):  # noqa: N818  the word of the standard: a message is valid or invalid
    """A message is refused. `rule` is the rule of the first reason; there is always at least one reason."""

    def __init__(self, rule: str, reasons: tuple[Reason, ...]) -> None:
        self.rule = rule
        self.reasons = reasons
        first = reasons[0]
        super().__init__(f"{first.path}: {first.message}")


MAX_KEY = 40
"""Characters of a key that a path shows; the standard's own keys are shorter."""


def step(path: str, key: str | int) -> str:
    """The JSON path one step below `path`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key.isidentifier() and key.isascii() and len(key) <= MAX_KEY:
        return f"{path}.{key}"
    quoted = key[:MAX_KEY].encode("ascii", "backslashreplace").decode().replace("'", "\\'")
    return f"{path}['{quoted}']"
