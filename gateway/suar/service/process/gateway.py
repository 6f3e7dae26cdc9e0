"""The gateway as its callers see it: one asyncio object in front of the core, which answers in the `--json` shapes.

Its methods are called on HTTP's event loop; the loops of the bus run on another one. The two share the core, `Wake`,
which may be set from any thread, and values that each only reads from the other (readiness, progress).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from suar.observe.hooks import Hooks
from suar.observe.numbers import Numbers
from suar.protocol.base.errors import Fault
from suar.protocol.message.urgency import Order
from suar.protocol.policy.restrictions import Reader
from suar.protocol.privacy.memo import Unprepared
from suar.service.access import audit_commitments
from suar.service.access.act_notes import CheckCounts, has_titles, note_checks, note_reading, note_titles
from suar.service.access.agencies import PREFIX
from suar.service.access.agency_texts import AgencyTexts
from suar.service.access.authentication import Authentication
from suar.service.access.last_uses import LastUses
from suar.service.access.passphrase_check import PassphraseCheck
from suar.service.access.registry import AgencyRegistry
from suar.service.access.tokens import TokenInfo, TokenRequest
from suar.service.contributing.facade import Contributions
from suar.service.core.core import Core
from suar.service.custody.facade import Custody
from suar.service.exercises import drill
from suar.service.feed.collections import StixPage, StixPosition, Wanted, stix_page
from suar.service.feed.current import Current, CurrentPage, CurrentSelection, current_one, current_page, reader_now
from suar.service.feed.exporting import Content, content
from suar.service.feed.positions import FeedSelection
from suar.service.feed.subscriptions import SENT, Feeds, Subscription
from suar.service.gaps import alarms, requesting
from suar.service.nats_feed import replaying
from suar.service.pacing.readiness import Readiness
from suar.service.pacing.wake import Wake
from suar.service.people.facade import People
from suar.service.process.desk import Desk
from suar.service.process.loop_lease import LeaseKeeping
from suar.service.publish import accepting, cancelling, checking, held, sealing
from suar.service.publish.draft_check_pool import DraftCheckPool, has_table, is_id_of_table
from suar.service.publish.drafts import Handed
from suar.service.reading import containing, evidence, human_receipts, views
from suar.service.reading.evidence import Exported
from suar.service.reading.verdict import Verdict
from suar.service.receive import carry, inbound, poison
from suar.service.status import audit_paths, auditing, own_keys, peers, snapshot, trust_list, waiting_for
from suar.service.status.catching_up import CatchingUp, Progress
from suar.service.status.news import News
from suar.service.status.snapshot import ProcessState
from suar.service.status.why import why
from suar.service.trust import compromise, trust_sync
from suar.service.trust.clock_reset import reset_clock
from suar.service.webhooks.registry import WebhookRegistry
from suar.store.people.access import OPERATOR, Act

T = TypeVar("T")
TRIES: Final = 5
"""Most checks of one draft; it is checked again if stored data about it changed in the meantime."""


class Gateway:
    """One gateway process, as HTTP and commands call it."""

    def __init__(self, core: Core, wake: Wake) -> None:
        self._core, self._wake = core, wake
        self.config, self.member = core.config, core.member
        self.hooks: Hooks = core.hooks
        self.ready = Readiness(core)
        self.uses = LastUses(core)
        self._tokens = Authentication(core, self.uses)
        self.people = People(core, self._tokens.reload)
        self._passphrase = PassphraseCheck(core)
        self.agencies = AgencyRegistry(core, self.uses, self._end_agency)
        self.agency_texts = AgencyTexts(core)
        self._feeds = Feeds(core, self.agencies.book, self.agency_texts)
        self.webhooks = WebhookRegistry(core, self.agencies)
        self._checks = CheckCounts()
        self._draft_checks = DraftCheckPool(core.checkers, self._tokens.holder)
        core.enable_draft_checks()
        self._queued = 0  # `Status.queued` when it was last read
        self.catching_up = CatchingUp(core)
        self._news = News()
        core.hooks.listen(self._news)
        self.desk = Desk(self, core, self._news)
        self.custody = Custody(core)
        self.lease = LeaseKeeping(core, wake)
        self.contributions = Contributions(core, self.agencies.book, self._draft_checks)
        self._snapshots = snapshot.Snapshots(core)

    @property
    def core(self) -> Core:
        """The core behind every call."""
        return self._core

    async def open(self, local_token: str) -> None:
        """Load the tokens. `local_token` (in STATE/gateway.json, for commands on this machine) has every scope."""
        await self._tokens.load(local_token)
        await self.agencies.load()
        await self.webhooks.load()
        await self.people.load()
        await self.snapshot()  # there is one from here on, whatever becomes of the store

    def _end_agency(self, name: str) -> None:
        """End what is sent to an agency that may read no more, and its consumer at the own NATS server."""
        self._feeds.end(PREFIX + name)
        self.webhooks.deliverer.end(name)
        self._wake.agencies.set()

    async def replay_nats(self, name: str, position: str, who: str) -> None:
        """Publish an agency's events behind a position at the NATS server again. Raises Fault, UnknownPosition."""
        await self._core.run(replaying.replay, self._core, self.agencies.book, name, position, who)
        self._wake.agencies.set()

    # -- messages

    async def publish(
        self, data: bytes, *, realm: str, key: str | None, token: str, editors: Sequence[str] = (),
        handed: Handed | None = None,
    ) -> Verdict:  # fmt: skip
        """Validate and commit one message as queued. `editors`: the people who wrote it, where a session publishes.

        `handed`: the draft that it is. Raises UnknownDraft, Locked, Conflict. A table that does not leave is answered
        with what coarser ones would suppress, but not to a session, whose draft shows that beforehand.
        """
        named = key.encode() if key is not None else None
        verdicts = await self._accept([(data, named)], realm, token, editors=editors, handed=handed)
        return verdicts[0] if editors else (await self._with_alternatives([data], realm, token, verdicts))[0]

    async def publish_batch(self, items: list[bytes], *, realm: str, token: str) -> list[Verdict]:
        """Publish several messages in one transaction. Tables that do not leave are answered as by `publish`."""
        verdicts = await self._accept([(data, None) for data in items], realm, token)
        verdicts = await self._with_alternatives(items, realm, token, verdicts)
        self.spent(token)  # resets the counter: the work for a batch is not charged
        return verdicts

    async def _with_alternatives(
        self, drafts: Sequence[bytes], realm: str, token: str, verdicts: list[Verdict]
    ) -> list[Verdict]:
        """Return the verdicts on drafts with what coarser tables would suppress, whatever happens to that."""
        if not any(map(checking.has_alternatives, verdicts)):
            return verdicts
        judged = list(zip(drafts, verdicts, strict=True))
        with contextlib.suppress(Fault):
            find = partial(checking.with_alternatives, self._core, judged, realm)
            return await self._draft_checks.run(token, find, is_long=True)
        return verdicts

    def spent(self, token: str) -> float:
        """Return the seconds of draft checks for this token since the last call."""
        return self._draft_checks.spent(token)

    async def _accept(
        self,
        items: list[tuple[bytes, bytes | None]],
        realm: str,
        token: str,
        editors: Sequence[str] = (),
        handed: Handed | None = None,
    ) -> list[Verdict]:
        await self.ready.wait_until_accepting()
        seen = self.ready.process_state
        verdicts: list[Verdict] = []
        is_long = has_table(data for data, _ in items)
        tries, page = 0, len(items)
        while len(verdicts) < len(items):
            rest = items[len(verdicts) :][:page]
            try:
                verdicts += await self._check_and_accept(seen, rest, realm, token, editors, handed, is_long)
            except Unprepared:
                tries, page = tries + 1, 1  # the stored data that it was checked against has changed
                if tries == TRIES:
                    raise
            else:
                tries, page = 0, len(items)
        for each in verdicts:
            if each.verdict == "held" and each.id is not None:
                self._news.note(each.id)
        queued = self._core.status.queued
        if queued != self._queued:  # messages that were sealed at once need no other run
            self._queued = queued
            self._wake.seal.set()
        return verdicts

    async def _check_and_accept(
        self, seen: ProcessState, items: list[tuple[bytes, bytes | None]], realm: str, token: str,
        editors: Sequence[str], handed: Handed | None, is_long: bool,
    ) -> list[Verdict]:  # fmt: skip
        """Check these drafts and accept the first of them, as many as were checked.

        The thread that checked them hands them to the core; this loop waits for the commit alone (docs/adr/0075).
        """
        accepted: asyncio.Future[list[Verdict]] = asyncio.get_running_loop().create_future()
        core = self._core

        def check_and_submit() -> None:
            ready = checking.prepare_first(core, [data for data, _ in items], realm, token, editors)
            checked = items[: len(ready.refused)]
            core.submit(accepted, self._accepted, seen, checked, realm, token, ready, editors, handed)

        await self._draft_checks.run(token, check_and_submit, is_long=is_long)
        return await accepted

    async def _with_draft_checks(
        self, who: str, check: Callable[[], object], call: Callable[[], Awaitable[T]], *, is_long: bool
    ) -> T:
        """Return the result of `call` after `check` has checked the draft.

        If stored data has changed in between, both are repeated, at most `TRIES` times.
        """
        for _ in range(TRIES - 1):
            await self._draft_checks.run(who, check, is_long=is_long)
            with contextlib.suppress(Unprepared):
                return await call()
        await self._draft_checks.run(who, check, is_long=is_long)
        return await call()

    def _accepted(
        self,
        seen: ProcessState,
        items: list[tuple[bytes, bytes | None]],
        realm: str,
        token: str,
        ready: accepting.Ready,
        editors: Sequence[str] = (),
        handed: Handed | None = None,
    ) -> list[Verdict]:
        verdicts = accepting.accept(
            self._core, items, realm=realm, token=token, ready=ready, editors=editors, handed=handed
        )
        with self._core.transaction() as connection:
            return waiting_for.with_causes_within(self._core, connection, seen, verdicts)

    async def check(
        self, data: bytes, *, realm: str, token: str = OPERATOR, with_sentences: bool = False,
        editors: Sequence[str] = (),
    ) -> dict[str, Any]:  # fmt: skip
        """The verdict without publishing; `with_sentences`: each reason also by its text ids."""
        check = partial(checking.check, with_sentences=with_sentences)
        verdict = await self._draft_checks.run(
            token, lambda: check(self._core, data, realm, token, editors), is_long=has_table([data])
        )
        count = self._checks.due(token, self._core.clock())
        if count is not None:
            await self._core.run_in_group(note_checks, self._core, token, count)
        return verdict

    async def messages(
        self, *, kind: str | None = None, origin: str | None = None, status: str | None = None,
        after: int | None = None, limit: int = 100, order: Order = "received", state: str | None = None,
        reader: Reader | None = None, lang: str | None = None, shown_to: str | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Lines of the inbox that `reader`, else our focal point, may read; titles in `lang` where there is one.

        `shown_to`: who sees their titles, which the audit names first. Raises views.UnknownPosition for an `after` that
        by urgency is no place.
        """
        rows = await self._core.run_read_only(
            views.inbox, self._core, kind=kind, origin=origin, status=status, after=after, limit=limit,
            order=order, state=state, reader=reader, lang=lang,
        )  # fmt: skip
        if shown_to is not None:
            await self.note_shown(shown_to, "list", [(row["id"], row["rev"]) for row in rows])
        return rows

    async def note_shown(self, who: str, what: Act, shown: Sequence[tuple[str, int]]) -> None:
        """Record in the audit whose titles (id, revision) somebody is shown; before they are."""
        if not has_titles(self._core, who, what, shown):
            await self._core.run_in_group(note_titles, self._core, who, what, shown)

    def reader_of(self, agency: str) -> Reader | None:
        """An agency as a reader at this moment; None when it may read nothing now."""
        return reader_now(self._core, self.agencies.book, agency)

    async def message(
        self, id_: str, *, rev: int | None = None, opened_by: str | None = None, is_person: bool = False,
        reader: Reader | None = None,
    ) -> dict[str, Any] | None:  # fmt: skip
        """One message that `reader`, else our focal point, may read; None for any other.

        Its publisher is told when it is a person who gets its text.
        """
        found = await self._core.run_read_only(views.message, self._core, id_, rev, reader)
        if found is not None and opened_by:
            is_noted = is_person and human_receipts.is_shown_noted(self._core, found, opened_by)
            if not is_noted:
                await self._core.run(human_receipts.note_shown, self._core, found, opened_by, is_person=is_person)
        return found

    async def content(
        self, id_: str, *, rev: int | None = None, opened_by: str | None = None, is_person: bool = False
    ) -> Content | None:
        """Return the signed bytes of a message for export, or None as `message` does or if its text is destroyed."""
        found = await self._core.run_read_only(content, self._core, id_, rev)
        if found is not None and opened_by:
            await self._core.run(
                human_receipts.note_received, self._core, found.id, found.rev, opened_by, "export", is_person=is_person
            )
        return found

    async def evidence(
        self, id_: str, *, rev: int | None, exported_by: str, is_person: bool = False, is_sealed: bool = False
    ) -> Exported | None:  # fmt: skip
        """Return the evidence file of a message, or None as `message` does. Raises Fault if it cannot be proved."""
        found = await self._core.run_read_only(evidence.export, self._core, id_, rev, is_sealed=is_sealed)
        if found is not None:
            await self._core.run(evidence.note_export, self._core, found, exported_by, is_person=is_person)
        return found

    async def container(
        self, id_: str, *, rev: int | None, exported_by: str, is_person: bool = False
    ) -> Exported | None:  # fmt: skip
        """Return the evidence in a container stamped by the operator's authority. Raises Fault if it gives no token."""
        found = await self._core.run_read_only(evidence.export, self._core, id_, rev)
        if found is None:
            return None
        report = await audit_paths.prove_author(self._core, found.id, found.rev)
        objects = await self._core.run_read_only(containing.objects_of, self._core, found, report)
        data = await containing.stamped(self._core.config, objects)
        await self._core.run(evidence.note_export, self._core, found, exported_by, is_person=is_person)
        return Exported(found.id, found.rev, data, found.status)

    async def trust_file(self) -> bytes:
        """Return every trust list and Revoke, for those who verify evidence elsewhere."""
        return await self._core.run_read_only(containing.export_trust, self._core)

    async def deliveries(self, id_: str, rev: int | None = None) -> dict[str, Any] | None:
        """Return the delivery of our message for each member, by default of its latest revision; None if not ours."""
        return await self._core.run_read_only(held.deliveries, self._core, id_, views.deliveries, rev)

    async def why(self, id_: str, member: str) -> dict[str, Any] | None:
        """Return the cause of a message's state at a member, or None if we never published a message of that id."""
        return await self._core.run_read_only(why, self._core, id_, member, self.ready.process_state)

    async def record_receipt(
        self, id_: str, who: str, stage: str, role: str, *, sector: str | None = None, note: str | None = None,
        rev: int | None = None,
    ) -> dict[str, Any] | None:  # fmt: skip
        """Record a person's receipt; returns None if there is no such message.

        Raises Refused for a message of our own, for a cancelled one, and where `rev`, the revision that was read, is
        not the current one.
        """
        return await self._core.run(
            human_receipts.publish_statement, self._core, id_, who, stage, role, sector=sector, note=note, rev=rev
        )

    async def cancel(
        self, id_: str, who: str, reason: str, replacement: bytes | None, *, editors: Sequence[str] = (),
        handed: Handed | None = None, rev: int | None = None, with_sentences: bool = False,
    ) -> dict[str, Any] | None:  # fmt: skip
        """Take a message of ours back; None when there is none of that id, Refused for another member's.

        `handed`: the draft that the replacement is. `rev`: the revision that was shown; Refused for another one.
        Raises UnknownDraft, Locked, Conflict. A replacement whose table does not leave is answered as by `publish`.
        """
        await self.ready.wait_for_own_ids()
        if replacement is not None:
            await self.ready.wait_for_return()
        is_long = has_table([replacement])
        done = await self._with_draft_checks(
            who,
            lambda: cancelling.prepare_cancel(self._core, id_, who, reason, replacement, editors),
            lambda: self._core.run(cancelling.cancel, self._core, id_, who, reason, replacement, editors, handed, rev),
            is_long=is_long,
        )
        self._wake.wake_outbound()
        if done is None:
            return None
        if replacement is not None and not editors:
            with contextlib.suppress(Fault):
                done = await self._draft_checks.run(
                    who, partial(cancelling.with_alternatives, self._core, done, replacement), is_long=is_long
                )
        verdict, *other = await self._core.run_read_only(
            waiting_for.with_causes, self._core, self.ready.process_state, done.verdicts()
        )
        return done._replace(verdict=verdict, replacement=other[0] if other else None).shape(
            with_sentences=with_sentences
        )

    # -- exercises that are measured

    async def drill_start(self, plan: drill.Plan, who: str, *, with_sentences: bool = False) -> dict[str, Any]:
        """Publish all messages of a drill, or none. Raises Fault for an unknown template."""
        await self.ready.wait_until_accepting()
        started = await self._with_draft_checks(
            who,
            lambda: drill.prepare_drill(self._core, plan, who),
            lambda: self._core.run(drill.start, self._core, plan, who),
            is_long=True,  # many drafts in one job
        )
        self._wake.wake_outbound()
        verdicts = await self._core.run_read_only(
            waiting_for.with_causes, self._core, self.ready.process_state, started.verdicts
        )
        return started._replace(verdicts=verdicts).shape(with_sentences=with_sentences)

    async def drills(self) -> list[dict[str, Any]]:
        """Return the drills that were started here."""
        return await self._core.run_read_only(drill.listed, self._core)

    async def drill_report(self, which: str, lang: str = "en") -> dict[str, Any] | None:
        """Return who answered a drill and when, or None if there is no such drill.

        Raises Fault for an actual message.
        """
        return await self._core.run_read_only(drill.report, self._core, which, lang)

    async def open_feed(
        self, selection: FeedSelection, who: str, after: str | None, *, from_now: bool = False
    ) -> Subscription:
        """Open a feed after the position `after`; the caller closes it. Raises UnknownPosition and TooManyFeeds."""
        return await self._feeds.open(selection, who, after, from_now=from_now)

    async def current(
        self, selection: CurrentSelection, after: int, *, shown_to: str | None
    ) -> CurrentPage | None:  # fmt: skip
        """Return a page of what is in force for a reader now, or None if it may read nothing.

        `shown_to`: who gets the texts, which the audit names first where it is no agency.
        """
        found = await self._core.run_read_only(current_page, self._core, self.agencies.book, selection, after)
        if found is not None:
            await self._note_handed_over(shown_to, selection.agency, [(each.id, each.rev) for each in found.messages])
        return found

    async def current_one(
        self, selection: CurrentSelection, id_: str, *, shown_to: str | None, is_person: bool = False
    ) -> Current | None:  # fmt: skip
        """Return one message in force for a reader, or None as if it did not exist."""
        found = await self._core.run_read_only(current_one, self._core, self.agencies.book, selection, id_)
        if found is not None:
            await self._note_handed_over(shown_to, selection.agency, [(found.id, found.rev)], is_person=is_person)
        return found

    async def stix_page(
        self, selection: CurrentSelection, wanted: Wanted, position: StixPosition, limit: int, *,
        shown_to: str | None, is_person: bool = False,
    ) -> StixPage | None:  # fmt: skip
        """Return a page of a TAXII collection for a reader, or None if it may read nothing.

        `is_person`: a person gets the texts by their ids.
        """
        found = await self._core.run_read_only(
            stix_page, self._core, self.agencies.book, selection, wanted, position, limit
        )
        if found is not None:
            about = [each.about for each in found.objects if each.about is not None]
            await self._note_handed_over(shown_to, selection.agency, about, is_person=is_person)
        return found

    async def _note_handed_over(
        self, who: str | None, agency: str, about: Sequence[tuple[str, int]], *, is_person: bool = False
    ) -> None:
        """Record whose texts (id, revision) are handed over; of our own readers the audit names them first."""
        if agency:
            await self.agency_texts.note(agency, about)
        elif who is not None:
            await self.note_shown(who, SENT, about)
            if is_person:
                await self._core.run(human_receipts.note_opened, self._core, about, who)

    async def agencies_with_text(self, id_: str) -> dict[str, Any] | None:
        """Return which of our agencies were given a text of the message, and when first; None for one not here."""
        found = await self._core.run_read_only(views.message, self._core, id_, None)
        if found is None:
            return None
        readings = await self._core.run_read_only(self.agency_texts.of, id_)
        return {"id": id_, "rev": found["rev"], "status": found["status"], "given": readings}

    async def note_current(self, who: str, selection: CurrentSelection, door: str) -> None:
        """Record in the audit that `who` reads a door: one line an hour."""
        await self._feeds.note_door(who, f"{door} {selection.realm}")

    # -- messages that are held for a second person

    async def held(
        self, who: str, after: str | None = None, limit: int = held.PAGE, *, with_sentences: bool = False
    ) -> list[dict[str, Any]]:
        """Return a page of held messages, oldest first, and record that `who` saw it. Raises views.UnknownPosition."""
        list_page = partial(held.list_held, with_sentences=with_sentences)
        rows = await self._core.run_read_only(list_page, self._core, after, limit)
        if rows:
            await self._core.run(held.record_seen, self._core, who, rows)
        return rows

    async def release(self, id_: str, who: str, *, is_session: bool = False, read: str | None = None) -> Verdict:
        """Let a held message leave; Refused when it does not wait, or for who published or edited it.

        `read`: the digest of what was shown; Refused when that is not what waits.
        """
        release = partial(held.release, is_session=is_session, read=read)
        return await self._released(id_, who, lambda: self._core.run(release, self._core, id_, who))

    async def release_alone(self, id_: str, who: str, reason: str, *, read: str) -> Verdict:
        """Let it leave as one of those who wrote it.

        Raises Refused where more than `[console] second_person` holds it, Invalid for a reason that identifies anybody.
        """
        release = partial(held.release_alone, read=read)
        return await self._released(id_, who, lambda: self._core.run(release, self._core, id_, who, reason))

    async def _released(self, id_: str, who: str, release: Callable[[], Awaitable[Verdict]]) -> Verdict:
        find_held = partial(held.prepare_release, self._core, id_)
        verdict = await self._with_draft_checks(who, find_held, release, is_long=is_id_of_table(id_))
        self._wake.wake_outbound()
        return (
            await self._core.run_read_only(waiting_for.with_causes, self._core, self.ready.process_state, [verdict])
        )[0]

    async def reject(
        self, id_: str, who: str, reason: str, *, is_session: bool = False, to_mend: bool = False,
        read: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Never let it leave; Refused when it does not wait, or for who published or edited it; Invalid for a reason
        that can identify a person.

        `to_mend`: its draft is kept for a day. `read`: as of `release`.
        """
        decide = partial(held.reject, is_session=is_session, to_mend=to_mend, read=read)
        done = await self._core.run(decide, self._core, id_, who, reason)
        self._news.note(id_)
        return done

    # -- trust and keys

    async def import_list(self, data: bytes, pin: bytes | None, who: str = OPERATOR) -> dict[str, Any]:
        """Import a trust list; `pin` is the expected hash of the first one. Raises Refused if it is not accepted."""
        answer = await self._core.run(trust_sync.judge_list, self._core, data, pin, who=who)
        await self._core.run(poison.guarded, inbound.judge_everything, self._core)
        self._wake.wake_all()
        return answer

    async def trust(self) -> dict[str, Any]:
        """Return the trust list in force."""
        return await self._core.run_read_only(trust_list.shown_list, self._core)

    async def keys(self) -> list[dict[str, Any]]:
        """Return our keys with their validity periods."""
        return await self._core.run_read_only(own_keys.list_keys, self._core)

    async def rotate_keys(self, who: str = OPERATOR) -> dict[str, Any]:
        """Make a new bundle now. Raises Fault if none can be made."""
        answer = await self._core.run(trust_sync.rotate_bundle, self._core, who)
        self._wake.wake_all()
        return answer

    def is_identity(self, kid: bytes) -> bool:
        """Whether `kid` names an identity key of ours; revoking one cannot be undone."""
        return self._core.keyring.find(kid) is not None

    async def compromised(self, kid: bytes, who: str, passphrase: bytes | None) -> dict[str, Any]:
        """Stop and replace a compromised key of ours, and list what was exposed.

        An identity key requires the keyring's passphrase. Raises NotConfirmed and TooManyAttempts.
        """
        if self.is_identity(kid):
            await self._passphrase.confirm(passphrase, who)
        answer: dict[str, Any] = {}
        for step in compromise.steps(self._core, kid, who, answer):
            await (self._core.run_read_only if step.is_read else self._core.run)(step.do)
            self._wake.wake_all()
        return answer

    # -- health

    async def snapshot(self) -> Numbers:
        """Return the gateway's numbers of this moment; while the store cannot be read, with what it returned last."""
        return await self._core.run_read_only(self._snapshots.read, self.ready.process_state)

    async def alarms(self, since: int = 0, *, is_open: bool = False) -> list[dict[str, Any]]:
        """Return the alarms raised since `since` (ms), oldest first; only open ones if `is_open`."""
        return await self._core.run_read_only(alarms.list_alarms, self._core, since, is_open=is_open)

    async def acknowledge_alarm(self, number: int, who: str, note: str) -> dict[str, Any] | None:
        """Acknowledge an alarm, recorded in the audit; returns the alarm, or None. Raises Fault for an invalid note."""
        return await self._core.run(alarms.acknowledge_alarm, self._core, number, who, note)

    async def audit(self, after: int, limit: int, who: str) -> dict[str, Any]:
        """Return a page of audit lines after number `after`, with the heads that sign them.

        The first page is recorded.
        """
        if not after:
            await self._core.run(auditing.begin_reading, self._core, who)
        return await self._core.run_read_only(auditing.page, self._core, after, limit)

    async def commitments(self, member: str, after: int, limit: int, who: str) -> dict[str, Any]:
        """Return what is kept of a member's commitments to its audit log behind hour `after`.

        The first page is recorded.
        """
        if not after:
            await self._core.run(note_reading, self._core, who, "commitments", member)
        return await self._core.run_read_only(audit_commitments.page, self._core, member, after, limit)

    async def audit_length(self) -> int:
        """How many lines the audit has."""
        return await self._core.run_read_only(auditing.length, self._core)

    async def reset_clock(self, who: str) -> dict[str, Any]:
        """[T14] Set the highest time seen to the current time, after a clock that ran ahead; recorded in the audit."""
        answer = await self._core.run(reset_clock, self._core, who)
        self._wake.wake_all()
        return answer

    async def peers(self) -> list[dict[str, Any]]:
        """Return every other member: heads, heartbeat, and the exact ranges of missing frames."""
        lines = await self._core.run_read_only(peers.list_peers, self._core, await self.snapshot())
        return [line | {"to_come": self.progress.origins.get(line["member"], 0)} for line in lines]

    async def resend(self, member: str, who: str) -> dict[str, Any] | None:
        """Request everything missing from a member; returns what was requested, or None if it is no other member."""
        answer = await self._core.run(requesting.request_all_missing, self._core, member, who)
        self._wake.seal.set()
        return answer

    # -- carried files, for use when the link is down

    async def carry_out(self, to: str | None, who: str, *, everything: bool) -> AsyncIterator[bytes]:
        """Return a carried file, segment by segment.

        Raises Fault if there is no such member, or while the lease of the store is stale.
        """
        self.ready.require_lease()
        while self.ready.may_send and await self._core.run_in_group(sealing.seal_queued, self._core) > 0:
            pass  # queued messages are sealed first, so that the file contains them
        export = await self._core.run(carry.begin_export, self._core, to, who, everything=everything)
        return self._segments(export)

    async def _segments(self, export: carry.Export) -> AsyncIterator[bytes]:
        while (segment := await self._core.run_read_only(export.next)) is not None:
            self.ready.require_lease()
            yield segment

    async def carry_in(self, segment: bytes, who: str) -> dict[str, Any]:
        """Process a segment of a carried file as if the hub had delivered it. Raises Refused for a foreign segment."""
        await self.ready.wait_for_own_ids()
        answer, is_trust_new = await self._core.run(carry.import_segment, self._core, segment, who)
        if is_trust_new:
            self._wake.wake_all()
        self._wake.seal.set()
        return answer

    @property
    def feed_readers(self) -> int:
        """The number of open feeds."""
        return len(self._feeds)

    @property
    def progress(self) -> Progress:
        """The progress of a catch-up, as of the last update."""
        return self.catching_up.now

    def readiness(self) -> tuple[bool, list[str]]:
        """Return whether the gateway may receive, and the reasons if it may not."""
        reasons = self.ready.blocking_reasons()
        return not reasons, reasons

    # -- tokens

    def authenticate(self, token: str, *, is_here: bool = False) -> TokenInfo | None:
        """Return the holder of a token, which is a program or person of this member or an agency; None if not valid.

        `is_here`: whether it came from this machine, where alone the token in STATE/gateway.json is valid.
        """
        found = self._tokens.identify(token, is_here=is_here) or self.agencies.book.authenticate(token)
        if found is not None:
            self.uses.note(found.name)
        return found

    def code_rejection(self, token: str) -> Fault | None:
        """Return why a one-time code made here, or an agency's token, is no longer accepted; None for other texts."""
        return self._tokens.code_rejection(token) or self.agencies.book.rejection(token)

    async def tokens_add(self, request: TokenRequest, who: str = OPERATOR) -> dict[str, object]:
        """Create a token; its secret and its one-time code are returned only this once."""
        return await self._tokens.add(request, who)

    async def tokens_claim(self, name: str, code: str) -> str:
        """Exchange a one-time code for a secret that the person who created the token never saw."""
        return await self._tokens.claim(name, code)

    async def tokens_list(self) -> list[dict[str, object]]:
        """Return all tokens, without their secrets."""
        return await self._tokens.list()

    async def tokens_revoke(self, name: str, who: str = OPERATOR) -> bool:
        """Revoke a token and end its feeds; returns False if no valid token has that name."""
        is_done = await self._tokens.revoke(name, who)
        if is_done:
            self._feeds.end(name)
        return is_done
