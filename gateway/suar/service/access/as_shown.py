"""A decision names the state that its person was shown; about any other state nothing is decided (ADR 0043).

The state is named by a digest, or by the revision of a message. Both are compared in the transaction that decides.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from suar.protocol.base.errors import Refused
from suar.protocol.transport.content import digest
from suar.service.core.core import Core

CHANGED: Final = "E-CHANGED"
DIGEST: Final = 32  # hexadecimal digits: 128 bits, because an author may search for a second text with the same digest


def digest_of(shown: Mapping[str, Any]) -> str:
    """The short digest of what is shown."""
    return digest(msgspec.json.encode(shown, order="sorted")).hex()[:DIGEST]


def check(named: str | int | None, kept: str | int, *, may_be_unnamed: bool = False) -> None:
    """Raise Refused E-CHANGED unless the decision names what is kept, or names nothing and may do so."""
    if not (may_be_unnamed if named is None else named == kept):
        raise Refused(CHANGED, "")


def note_seen(core: Core, who: str, act: str, about: str) -> None:
    """Remember for this clock hour, after the commit, that `who` received it."""
    entry = (who, act, about)
    if not core.recent_acts.is_noted(entry, core.clock()):
        core.run_after_commit(lambda: core.recent_acts.note(entry))


def has_been_seen(core: Core, who: str, acts: tuple[str, ...], about: str) -> bool:
    """Whether this process has handed it to `who` by one of these acts in this clock hour."""
    return any(core.recent_acts.is_noted((who, act, about), core.clock()) for act in acts)
