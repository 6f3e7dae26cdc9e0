"""The verdict that a publisher receives for a message."""

from typing import Any, Literal

import msgspec

from suar.protocol.base.reasons import Reason
from suar.protocol.privacy.tables.shown import Table


class Verdict(msgspec.Struct, frozen=True):
    """The result of publishing: `published`, `held` for a second person, or `refused` with every reason.

    `withdrawn`: a held message was cancelled and is never sent. `key-reused`: the request's Idempotency-Key belongs to
    another message, and nothing was done. `table`: a trend's table before and after the gate, for its author; None in a
    replayed answer. `waiting`: the cause (docs/why.md) that delays a published message; None if it is sent now.
    """

    id: str | None
    rev: int | None
    verdict: Literal["published", "held", "refused", "key-reused", "withdrawn"]
    reasons: tuple[Reason, ...] = ()
    is_replayed: bool = False
    waiting: str | None = None
    table: Table | None = None

    def kept(self, body: bytes | None) -> bytes:
        """Return the bytes stored for repeated requests. `body` is the digest of the request's body."""
        named = [] if body is None else [body]
        return msgspec.msgpack.encode([self.id, self.rev, self.verdict, *named])

    @classmethod
    def from_kept(cls, kept: bytes, body: bytes | None, *, may_lack_body: bool = False) -> "Verdict":
        """Return the answer to a repeated request; `key-reused` if its key was used with another body, or with none.

        The hash of the body is keyed, so nobody who writes the store makes an answer to a key. `may_lack_body`: the
        answer was found by a keyed hash of the bytes. Without bytes the answer is not the one to this request.
        """
        if not kept:
            return cls(None, None, "key-reused")
        id_, rev, verdict, *named = msgspec.msgpack.decode(kept)
        if named != ([] if body is None else [body]) and (named or not may_lack_body):
            return cls(None, None, "key-reused")
        return cls(id_, rev, verdict, (), is_replayed=True)

    def shape(self, *, with_sentences: bool = False) -> dict[str, Any]:
        """Return the shape of `--json` and HTTP. With `with_sentences` each reason also has its text ids and values."""
        reasons = [reason.shape(with_sentences=with_sentences) for reason in self.reasons]
        head = {"id": self.id, "rev": self.rev, "verdict": self.verdict, "reasons": reasons}
        return {**head, "waiting": self.waiting}
