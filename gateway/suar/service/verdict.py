"""The answer that a publisher gets."""

from typing import Any, Literal

import msgspec

from suar.protocol.reasons import Reason


class Verdict(msgspec.Struct, frozen=True):
    """`published` with the id, `held` for a second person, or `refused` with every reason.

    `waiting`: the cause of docs/why.md for which a published message has not left; None: it leaves now.
    """

    id: str | None
    rev: int | None
    verdict: Literal["published", "held", "refused"]
    reasons: tuple[Reason, ...] = ()
    replayed: bool = False
    waiting: str | None = None

    def kept(self) -> bytes:
        """The answer as it is remembered for a repeated request."""
        return msgspec.msgpack.encode([self.id, self.rev, self.verdict])

    @classmethod
    def again(cls, kept: bytes) -> "Verdict":
        """The answer that the same request got before."""
        id_, rev, verdict = msgspec.msgpack.decode(kept)
        return cls(id_, rev, verdict, (), replayed=True)

    def shape(self) -> dict[str, Any]:
        """As `--json` and HTTP show it."""
        reasons = [msgspec.to_builtins(reason) for reason in self.reasons]
        head = {"id": self.id, "rev": self.rev, "verdict": self.verdict, "reasons": reasons}
        return {**head, "waiting": self.waiting}
