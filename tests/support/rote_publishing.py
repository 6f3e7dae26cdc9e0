"""Publishing and cancelling by rote, for commands: `{"bad": 1}` is refused, `{"hold": 1}` held, others taken."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from protocol.privacy.trends import trend
from suar.protocol.base.errors import Refused
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, name_cell
from suar.protocol.privacy.tables.shown import Coarser, Table
from suar.protocol.privacy.verdict import judge
from suar.service.publish.drafts import Handed
from suar.service.reading.verdict import Verdict
from suar.service.status.snapshot import BusState
from support.fake_state import FakeState
from support.gateway_state import ID

REASON = Reason("E-MESSAGE-MISSING-FIELD", "F8", "$.tlp", "tlp is missing", "give a TLP")


_OF_A_CELL = Sentence("a count: {cell}", {"cell": name_cell("2026", {}, {"sex": "female"})})
BARE = Reason.of("E-PRIVACY-TABLE", None, "$.obs[0]", _OF_A_CELL, Sentence("leave the dimension sex out"))
COARSER = Coarser("without", "sex", 1, 0)
WARNED = [Reason("E-PRIVACY-SUM", None, "$.obs[3].value", "the total differs from its parts by 9", "correct it", ())]


def a_table() -> Table:
    """Four figures, of which two are hidden, one for the other's sake."""
    values: dict[tuple[str, ...], int | None] = {("female",): 4, ("male",): 55, ("unknown",): 31, ("total",): 90}
    table = judge(trend(values, ["sex"])).table
    assert table is not None
    return table


def a_refusal() -> Verdict:
    """Of the same table, of which a coarser one can leave."""
    table = msgspec.structs.replace(a_table(), after=None, hidden=(), coarser=(COARSER,))
    return Verdict(None, None, "refused", (BARE,), table=table)


class RotePublishing(FakeState):
    """Calls of authors; drafts are checked by the core, which takes its bus as away."""

    def _begin(self) -> None:
        super()._begin()
        self.ready.bus = BusState()

    async def publish(
        self, data: bytes, *, realm: str, key: str | None, token: str, editors: Sequence[str] = (),
        handed: Handed | None = None,
    ) -> Verdict:  # fmt: skip
        self.fail()
        key = key or (repr(data) if self.remembers_bytes else None)
        if key is not None and self.bodies.setdefault(key, data) != data:
            return Verdict(None, None, "key-reused")
        if key in self.answers:
            return msgspec.structs.replace(self.answers[key], is_replayed=True)
        verdict = self._judge(data, realm, token)
        if key:
            self.answers[key] = verdict
        return verdict

    async def publish_batch(self, items: list[bytes], *, realm: str, token: str) -> list[Verdict]:
        self.fail()
        self.batches.append(len(items))
        return [self._judge(data, realm, token) for data in items]

    def _judge(self, data: bytes, realm: str, token: str) -> Verdict:
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            value = {"bad": 1}
        if "bad" in value:
            return Verdict(None, None, "refused", (REASON,))
        if "bare" in value:
            return a_refusal()
        self.published.append((data, realm, token))
        id_ = f"TH-ALERT-2027-{len(self.published):06d}"
        table = a_table() if "table" in value else None
        reasons = tuple(WARNED) if "table" in value else ()
        what: Literal["held", "published"] = "held" if "hold" in value else "published"
        return Verdict(id_, 1, what, reasons, waiting=value.get("wait"), table=table)

    async def cancel(
        self, id_: str, who: str, reason: str, replacement: bytes | None, *, editors: Sequence[str] = (),
        handed: Handed | None = None, rev: int | None = None, with_sentences: bool = False,
    ) -> dict[str, Any] | None:  # fmt: skip
        if reason == "not ours":
            raise Refused("E-MESSAGE-SENDER", "F8")
        verdict = self._judge(replacement or b"{}", "actual", who)
        shape = {name: getattr(verdict, name) for name in ("id", "rev", "verdict", "waiting")}
        reasons = [reason.shape(with_sentences=with_sentences) for reason in verdict.reasons]
        shape |= {
            "reasons": reasons,
            "verdict": "withdrawn" if reason == "withdraw" else verdict.verdict,
            "realm": "actual",
            "before": reason == "again",
        }
        shape["replacement"] = {"id": ID, "verdict": "held", "reasons": []} if replacement else None
        if verdict.table is not None:
            (shape if verdict.verdict == "refused" else shape["replacement"])["table"] = verdict.table
        return shape if id_ == ID else None
