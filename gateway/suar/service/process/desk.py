"""Calls for people with a session only: drafts, the members that could open one, sent messages, and news."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from suar.observe.causes import TIMES
from suar.protocol.base.instants import instant
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import readable
from suar.protocol.privacy.proof.cells import cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SUPPRESSED
from suar.service.core import reading_policy
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.publish import accepting, drafts, gate, held, two_persons, waits
from suar.service.publish.drafts import Conflict, Handed, Locked, UnknownDraft
from suar.service.reading import answers
from suar.service.reading.delivery_details import counts
from suar.service.reading.verdict import Verdict
from suar.service.status import sent
from suar.service.status.news import Changes, News
from suar.service.status.waiting_for import own_cause
from suar.store.messages import rows as messages

if TYPE_CHECKING:
    from suar.service.process.gateway import Gateway


__all__ = ["Conflict", "Desk", "Handed", "Locked", "UnknownDraft", "counts"]
REALMS: Final = ("actual", "exercise")
_PRESENT: Final = 60_000  # ms since somebody last read the held message


class Desk:
    """A part of the facade; `who` is always the person of a session."""

    def __init__(self, gateway: "Gateway", core: Core, news: News) -> None:
        self._gateway, self._core, self._news = gateway, core, news
        self._stalled_since: int | None = None
        self._present: dict[tuple[str, str], int] = {}

    # -- drafts

    async def draft_begin(
        self, who: str, realm: str, kind: str, content: bytes, editors: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Create a draft. `editors`: the other people who wrote it. Raises Fault for too many drafts, or a too large
        one.
        """
        return await self._core.run(drafts.begin, self._core, who, realm, kind, content, editors)

    async def draft_save(self, id_: str, who: str, version: int, content: bytes) -> dict[str, Any] | None:
        """Save on top of `version`; None when there is no such draft. Raises Conflict, Locked."""
        return await self._core.run(drafts.save, self._core, id_, who, version, content)

    async def draft(self, id_: str) -> dict[str, Any] | None:
        """Return a draft with its content; None when there is none."""
        return await self._core.run_read_only(drafts.find, self._core, id_)

    async def draft_of(self, message: str) -> dict[str, Any] | None:
        """Return the draft that waits as this message; None when there is none."""
        return await self._core.run_read_only(drafts.of_message, self._core, message)

    async def drafts(self) -> list[dict[str, Any]]:
        """Return every draft with its content, the last saved first."""
        return await self._core.run_read_only(drafts.listed, self._core)

    async def draft_delete(self, id_: str, who: str, version: int) -> bool:
        """Destroy this version of a draft; False when there is none. Raises Locked, Conflict."""
        return await self._core.run(drafts.destroy, self._core, id_, who, version)

    async def draft_publish(self, handed: Handed, who: str, data: bytes, key: str) -> Verdict | None:
        """Publish the message `data` of a draft in the name of all who edited it; None when there is no such draft.

        The same draft and version under the same `key` gets the same answer, anything else under it `key-reused`.
        Raises Conflict when another version is stored, Locked while the draft waits. The draft is settled in the
        transaction that publishes, so only one of several concurrent calls publishes.
        """
        for realm in REALMS:
            before = await self._core.run_read_only(accepting.answer_of, self._core, who, realm, key, handed)
            if before is not None:
                return before
        found = await self.draft(handed.id)
        if found is None:
            return None
        editors = tuple(dict.fromkeys([*found["editors"], who]))
        try:
            return await self._gateway.publish(
                data, realm=handed.realm, key=key, token=who, editors=editors, handed=handed
            )
        except UnknownDraft:
            return None

    async def draft_withdraw(self, id_: str, realm: str, who: str, note: str, version: int) -> bool:
        """Withdraw the held revision that a draft waits as, so that it can be changed; sent revisions are not recalled.

        Returns False when it does not wait. Raises Conflict when another version of the draft waits.
        """
        return await self._core.run(waits.withdraw_draft, self._core, id_, realm, who, note, version)

    # -- who would be able to open it, and its delivery

    async def opens(self, head: Mapping[str, Any], realm: str) -> list[dict[str, Any]] | None:
        """Return for every other member whether it will be able to open a message with this head, which may be
        incomplete.

        None while kind, TLP or audience do not determine it.
        """
        return reading_policy.preview_head(self._core.readers, self._core.status, head, realm, self._core.clock())

    async def sent(
        self, *, realm: str, before: int | None = None, limit: int = 50, lang: str | None = None
    ) -> list[dict[str, Any]]:
        """Return our messages, the newest first, with the number of members at each stage."""
        ask = partial(sent.list_sent, realm=realm, before=before, limit=limit, lang=lang)
        return await self._core.run_read_only(ask, self._core)

    async def acted_on(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of these messages that somebody here has stated to act on, also before a recall."""
        return await self._core.run_read_only(answers.acted_on, self._core, ids)

    async def true_counts(self, id_: str, rev: int) -> dict[int, int]:
        """Return the counts of a trend of ours that it shows as hidden, by their places in the list of its figures:
        those that were handed in last. Nothing of other kinds, and of what its publisher hid without a count.
        """
        return await self._core.run_read_only(_true_counts, self._core, id_, rev)

    async def released_alone(self, realm: str) -> list[dict[str, str]]:
        """Return which messages of a realm were released without a second person recently, and by whom."""
        return await self._core.run_read_only(sent.list_released_alone, self._core, realm)

    async def rejected(self, who: str, realm: str) -> list[dict[str, Any]]:
        """Return what a second person rejected recently of the messages that `who` wrote, with the reasons."""
        return await self._core.run_read_only(sent.list_rejected, self._core, who, realm)

    async def held_message(self, id_: str, who: str) -> dict[str, Any] | None:
        """Return one held message as `held` shows it, with the sentences of its reasons; None when it is not held.

        The audit notes that `who` was shown it.
        """
        found = await self._core.run_read_only(partial(held.find_held, with_sentences=True), self._core, id_)
        if found is not None:
            await self._core.run(held.record_seen, self._core, who, [found])
        return found

    async def waiting(self, id_: str) -> dict[str, Any] | None:
        """Return the action, reasons, time and publisher of what waits under an id, without its text; None if nothing
        does.
        """
        return await self._core.run_read_only(held.find_waiting, self._core, id_)

    async def replaced_by(self, id_: str) -> list[dict[str, Any]]:
        """Return the messages of ours whose place what waits under this id takes, and whether the recall of each
        `waits`, has `left`, or is `none`.
        """
        return await self._core.run_read_only(waits.replaced_by, self._core, id_)

    async def replacements(self, id_: str) -> list[str]:
        """Return the ids of the messages that wait and take the place of this one of ours."""
        return await self._core.run_read_only(waits.replacements, self._core, id_)

    async def held_digest(self, id_: str) -> str:
        """Return the digest of what waits under this id, for a form that shows its draft; empty when nothing waits."""
        found = await self._core.run_read_only(held.find_held, self._core, id_)
        return "" if found is None else str(found["digest"])

    async def held_for(self, who: str, realm: str) -> int:
        """Return how many held messages of a realm `who` may decide about; the audit does not note it."""
        return await self._core.run_read_only(held.count_for, self._core, who, realm)

    def present(self, id_: str, who: str) -> list[str]:
        """Return who else has read the held message in the last minute, and remember that `who` reads it now."""
        now = self._core.clock()
        self._present = {each: at for each, at in self._present.items() if now - at < _PRESENT}
        self._present[id_, who] = now
        return sorted(other for about, other in self._present if about == id_ and other != who)

    async def decision(self, id_: str) -> dict[str, Any] | None:
        """Return who decided about the last held revision under this id, and how; None when none was ever held."""
        return await self._core.run_read_only(held.decision, self._core, id_)

    async def may_decide(self, id_: str, who: str) -> bool:
        """Whether `who` is another person than those who published and edited the held message."""
        return await self._core.run_read_only(held.may_decide, self._core, id_, who)

    async def releasers(self, editors: Sequence[str], candidates: Sequence[str]) -> list[str]:
        """Return those of the candidates who may release what these people write."""
        return await self._core.run_read_only(two_persons.other_approvers, self._core, editors, candidates)

    async def may_release_alone(self, id_: str, who: str) -> bool:
        """Whether only `[console] second_person` holds the message, and `who` wrote it."""
        return await self._core.run_read_only(held.may_release_alone, self._core, id_, who)

    def standstill(self) -> dict[str, Any] | None:
        """Return why this gateway sends nothing now, as the number of the cause and its values; None while it can send.

        `since`: when this was first observed (ms).
        """
        ready, now = self._gateway.ready, self._core.clock()
        found = own_cause(self._core, ready.process_state) if ready.has_started and not ready.is_stopping else None
        if found is None:
            self._stalled_since = None
            return None
        self._stalled_since = now if self._stalled_since is None else self._stalled_since
        times = {name: None if found.values[name] is None else instant(found.values[name]) for name in TIMES}
        values = found.values | times | {"id": ""}
        return {"number": found.number, "values": values, "since": self._stalled_since}

    def news(self, after: int) -> Changes:
        """Return the changes after number `after`."""
        return self._news.since(after)


def _true_counts(core: Core, id_: str, rev: int) -> dict[int, int]:
    with core.database.reading() as connection:
        row = messages.find(connection, id_, rev)
        body = None if row is None or row.origin != core.member else open_row(core, row)
        trend = None if body is None else readable(body)
        if not isinstance(trend, Trend):
            return {}
        released = gate.released_figures(core, connection, trend)
    newest = {
        (sheet, fact.cell): fact.value
        for sheet, releases in released.items()
        for release in sorted(releases, key=lambda each: each.n)
        for fact in release.figures()
    }
    hidden = {at: item for at, item in enumerate(trend.obs) if item.value is None and item.status == SUPPRESSED}
    found = {at: newest.get((sheet_of(trend, item), cell_of(item))) for at, item in hidden.items()}
    return {at: value for at, value in found.items() if value is not None}
