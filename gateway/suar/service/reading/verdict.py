"""The verdict returned to a publisher."""

from typing import Any, Literal

import msgspec

from suar.protocol.base.reasons import Reason
from suar.protocol.privacy.tables.shown import Table


class Verdict(msgspec.Struct, frozen=True):
    """`published` with the id, `held` for a second person, or `refused` with every reason.

    `withdrawn`: a message that waited was cancelled; it never leaves.
    `key-reused`: the request's Idempotency-Key named another message before; nothing was done.
    `table`: of a trend, before and after the gate, for its author; not of an answer that is given again.
    `waiting`: the cause of docs/why.md for which a published message has not left; None: it leaves now.
    """

    id: str | None
    rev: int | None
    verdict: Literal["published", "held", "refused", "key-reused", "withdrawn"]
    reasons: tuple[Reason, ...] = ()
    replayed: bool = False
    waiting: str | None = None
    table: Table | None = None

    def kept(self, body: bytes | None) -> bytes:
        """The answer as it is remembered for a repeated request; `body`: the digest of what its key names."""
        named = [] if body is None else [body]
        return msgspec.msgpack.encode([self.id, self.rev, self.verdict, *named])

    @classmethod
    def from_kept(cls, kept: bytes, body: bytes | None) -> "Verdict":
        """The answer that the same request got before; `key-reused` when its key named another body."""
        id_, rev, verdict, *named = msgspec.msgpack.decode(kept)
        if named and named != [body]:
            return cls(None, None, "key-reused")
        return cls(id_, rev, verdict, (), replayed=True)

    def shape(self, *, with_sentences: bool = False) -> dict[str, Any]:
        """As `--json` and HTTP show it; `with_sentences`: each reason also by its text ids and values."""
        reasons = [reason.shape(with_sentences=with_sentences) for reason in self.reasons]
        head = {"id": self.id, "rev": self.rev, "verdict": self.verdict, "reasons": reasons}
        return {**head, "waiting": self.waiting}
