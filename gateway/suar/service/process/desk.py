"""Calls for people with a session only: drafts, the members that would be able to open one, sent messages, and news."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from suar.observe.causes import TIMES
from suar.protocol.base.instants import instant
from suar.service.core import reading_policy
from suar.service.core.core import Core
from suar.service.publish import accepting, drafts, held, two_persons, waits
from suar.service.publish.drafts import Conflict, Handed, Locked, UnknownDraft
from suar.service.reading import answers
from suar.service.reading.delivery_details import counts
from suar.service.reading.verdict import Verdict
from suar.service.status import sent
from suar.service.status.news import Changes, News
from suar.service.status.waiting_for import own_cause

if TYPE_CHECKING:
    from suar.service.process.gateway import Gateway


__all__ = ["Conflict", "Desk", "Handed", "Locked", "UnknownDraft", "counts"]
REALMS: Final = ("actual", "exercise")
_PRESENT: Final = 60_000  # ms since somebody last read what waits


class Desk:
    """A part of the facade; `who` is always the person of a session."""

    def __init__(self, gateway: "Gateway", core: Core, news: News) -> None:
        self._gateway, self._core, self._news = gateway, core, news
        self._stands_since: int | None = None
        self._present: dict[tuple[str, str], int] = {}

    # -- drafts

    async def draft_begin(
        self, who: str, realm: str, kind: str, content: bytes, editors: Sequence[str] = ()
    ) -> dict[str, Any]:
        """A new draft. `editors`: whoever else wrote it. Fault when there are too many, or it is too large."""
        return await self._core.run(drafts.begin, self._core, who, realm, kind, content, editors)

    async def draft_save(self, id_: str, who: str, version: int, content: bytes) -> dict[str, Any] | None:
        """Save on top of `version`; None when there is no such draft. Raises Conflict, Locked."""
        return await self._core.run(drafts.save, self._core, id_, who, version, content)

    async def draft(self, id_: str) -> dict[str, Any] | None:
        """A draft with its content; None when there is none."""
        return await self._core.run_read_only(drafts.find, self._core, id_)

    async def draft_of(self, message: str) -> dict[str, Any] | None:
        """The draft that waits as this message; None when there is none."""
        return await self._core.run_read_only(drafts.of_message, self._core, message)

    async def drafts(self) -> list[dict[str, Any]]:
        """Every draft with its content, what was saved last first."""
        return await self._core.run_read_only(drafts.listed, self._core)

    async def draft_delete(self, id_: str, who: str, version: int) -> bool:
        """Destroy this version of a draft; False when there is none. Raises Locked, Conflict."""
        return await self._core.run(drafts.destroy, self._core, id_, who, version)

    async def draft_publish(self, handed: Handed, who: str, data: bytes, key: str) -> Verdict | None:
        """Publish the message `data` that a draft stands for, as all who edited it; None when there is no such draft.

        The same draft and version under the same `key` gets the same answer, anything else under it `key-reused`.
        Raises Conflict when another version is kept, Locked while it waits. What is settled of the draft is in the
        transaction that publishes, so that of many calls at once one publishes.
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
        """Withdraw the held revision that a draft waits as, to change it; nothing that has left is recalled.

        False when it does not wait. Raises Conflict when another version of the draft waits.
        """
        return await self._core.run(waits.withdraw_draft, self._core, id_, realm, who, note, version)

    # -- who would open it, what became of it

    async def opens(self, head: Mapping[str, Any], realm: str) -> list[dict[str, Any]] | None:
        """For every other member whether it will be able to open a message with this head, which need not be whole.

        None while kind, TLP or audience do not say it.
        """
        return reading_policy.preview_head(self._core.readers, self._core.status, head, realm, self._core.clock())

    async def sent(
        self, *, realm: str, before: int | None = None, limit: int = 50, lang: str | None = None
    ) -> list[dict[str, Any]]:
        """Our messages, the newest first, with counts a stage."""
        ask = partial(sent.list_sent, realm=realm, before=before, limit=limit, lang=lang)
        return await self._core.run_read_only(ask, self._core)

    async def acted_on(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of these messages of which somebody here said that we act on it, before a recall too."""
        return await self._core.run_read_only(answers.acted_on, self._core, ids)

    async def rejected(self, who: str, realm: str) -> list[dict[str, Any]]:
        """What a second person rejected lately of what `who` wrote, with the reasons."""
        return await self._core.run_read_only(sent.list_rejected, self._core, who, realm)

    async def held_message(self, id_: str, who: str) -> dict[str, Any] | None:
        """One message that waits, as `held` shows it, its reasons with their sentences; None when it does not.

        That `who` was shown it is noted.
        """
        found = await self._core.run_read_only(partial(held.find_held, with_sentences=True), self._core, id_)
        if found is not None:
            await self._core.run(held.record_seen, self._core, who, [found])
        return found

    async def waiting(self, id_: str) -> dict[str, Any] | None:
        """What waits under an id: action, why, since when and by whom, without its text; None when nothing does."""
        return await self._core.run_read_only(held.find_waiting, self._core, id_)

    async def held_digest(self, id_: str) -> str:
        """The digest of what waits under this id, for a form that shows its draft; empty when nothing waits."""
        found = await self._core.run_read_only(held.find_held, self._core, id_)
        return "" if found is None else str(found["digest"])

    async def held_for(self, who: str, realm: str) -> int:
        """How many messages of a realm wait that `who` may decide about: a number, of which no reading is noted."""
        return await self._core.run_read_only(held.count_for, self._core, who, realm)

    def present(self, id_: str, who: str) -> list[str]:
        """Who else has read what waits in the last minute; that `who` does now is remembered."""
        now = self._core.clock()
        self._present = {each: at for each, at in self._present.items() if now - at < _PRESENT}
        self._present[id_, who] = now
        return sorted(other for about, other in self._present if about == id_ and other != who)

    async def decision(self, id_: str) -> dict[str, Any] | None:
        """Who decided about what waited last under this id, and what; None when nothing ever waited."""
        return await self._core.run_read_only(held.decision, self._core, id_)

    async def may_decide(self, id_: str, who: str) -> bool:
        """Whether `who` is another person than those who published and edited what waits."""
        return await self._core.run_read_only(held.may_decide, self._core, id_, who)

    async def may_release(self, editors: Sequence[str], candidates: Sequence[str]) -> list[str]:
        """Those of the candidates who may release what these people write."""
        return await self._core.run_read_only(two_persons.others, self._core, editors, candidates)

    async def may_release_alone(self, id_: str, who: str) -> bool:
        """Whether nothing but `[console] second_person` holds it, and `who` wrote it."""
        return await self._core.run_read_only(held.may_release_alone, self._core, id_, who)

    def standstill(self) -> dict[str, Any] | None:
        """Why nothing leaves this gateway now, by the number of the cause and its values; None while all is well.

        `since`: when this was first asked and found so (ms).
        """
        ready, now = self._gateway.ready, self._core.clock()
        found = own_cause(self._core, ready.process_state) if ready.started and not ready.stopping else None
        if found is None:
            self._stands_since = None
            return None
        self._stands_since = now if self._stands_since is None else self._stands_since
        times = {name: None if found.values[name] is None else instant(found.values[name]) for name in TIMES}
        values = found.values | times | {"id": ""}
        return {"number": found.number, "values": values, "since": self._stands_since}

    def news(self, after: int) -> Changes:
        """What changed behind number `after`."""
        return self._news.since(after)
