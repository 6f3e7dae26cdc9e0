"""The gateway as its callers see it: one asyncio object in front of the core, answering in the `--json` shapes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from suar.observe.hooks import Hooks
from suar.protocol.errors import CODES, Fault, Refused
from suar.protocol.primitives import equal
from suar.protocol.reasons import Invalid
from suar.protocol.urgency import Order
from suar.service import (
    accepting,
    carry,
    compromise,
    drill,
    held,
    human_receipts,
    inbound,
    lifecycle,
    outbound,
    peers,
    readers,
    resend,
    snapshot,
    tokens,
    trust_sync,
    views,
)
from suar.service.auditing import page as audit_page
from suar.service.catching_up import CatchingUp, Progress
from suar.service.core import Core
from suar.service.evidence import Exported
from suar.service.evidence import export as export_evidence
from suar.service.exporting import Content, content
from suar.service.feed import Asked
from suar.service.resealing import seal_again
from suar.service.settle import IN_USE
from suar.service.snapshot import BusState, Seen, Snapshot
from suar.service.subscriptions import Feeds, Subscription
from suar.service.tokens import LOCAL, TokenBook, TokenInfo, TokenRow
from suar.service.verdict import Verdict
from suar.service.wake import Wake
from suar.service.why import why
from suar.store import access, meta, outbox

NOT_CHECKED_HERE: Final[list[str]] = []  # `check` with a state says all that publishing would
SETTLE_WAIT: Final = 5.0  # seconds that a publication waits at a start for the comparison with the own streams


class TokenRows:
    """The store's token table, one transaction a call."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def insert(self, name: str, hash: bytes, scopes: Sequence[str], created_at: int) -> bool:  # noqa: A002
        with self._core.transaction() as connection:
            access.note(connection, "operator", "token-add", name, created_at)
            return access.insert_token(connection, name, hash, scopes, created_at)

    def list(self) -> tokens.Rows:
        with self._core.transaction() as connection:
            return _rows(connection)

    def revoke(self, name: str, at: int) -> bool:
        with self._core.transaction() as connection:
            access.note(connection, "operator", "token-revoke", name, at)
            return access.revoke_token(connection, name, at)

    def all_active(self) -> tokens.Rows:
        return [row for row in self.list() if row.revoked_at is None]


def _rows(connection: Connection) -> tokens.Rows:
    return [
        TokenRow(
            name=row.name, hash=row.hash, scopes=tuple(row.scopes.split()), created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in access.tokens(connection)
    ]  # fmt: skip


class Gateway:
    """One gateway process. `local_token` is what STATE/gateway.json gives to commands on this machine."""

    def __init__(self, core: Core, wake: Wake) -> None:
        self._core, self._wake = core, wake
        self.config, self.member = core.config, core.member
        self.hooks: Hooks = core.hooks
        self.bus = BusState()
        self.started = False
        self.stopping = False
        self.settled = asyncio.Event()  # the state was compared with the own streams ([E12])
        self.in_use = False  # somebody else publishes under our identity: we stand down
        self._table = TokenRows(core)
        self._book = TokenBook(core.clock)
        self._local: bytes | None = None
        self._feeds = Feeds(core)
        self.catching_up = CatchingUp(core)

    async def open(self, local_token: str) -> None:
        """Load the tokens; `local_token` has every scope."""
        self._local = tokens.hash_of(local_token)
        await self._reload_tokens()

    # -- messages

    async def publish(self, data: bytes, *, realm: str, key: str | None, token: str) -> Verdict:
        """Validate and commit one message as queued."""
        named = key.encode() if key is not None else None
        verdicts = await self._accept([(data, named)], realm, token)
        return verdicts[0]

    async def publish_batch(self, items: list[bytes], *, realm: str, token: str) -> list[Verdict]:
        """The same for many, in one transaction."""
        return await self._accept([(data, None) for data in items], realm, token)

    async def _accept(self, items: list[tuple[bytes, bytes | None]], realm: str, token: str) -> list[Verdict]:
        await self._can_accept()
        verdicts = await self._core.join(accepting.accept, self._core, items, realm=realm, token=token)
        self._wake.publish.set()
        if self._core.has_queued:  # what was sealed at once needs no other turn
            self._core.has_queued = False
            self._wake.seal.set()
        return verdicts

    async def _can_accept(self) -> None:
        """Whether anything may be accepted now. Fault where not."""
        if self.stopping:
            raise Fault("the gateway is stopping", "send it again in a moment; nothing was accepted")
        await self._know_own_ids()
        if self._core.world.is_clock_back(self._core.clock()):  # [T14] `sent` would be a lie
            raise Fault(CODES["E-CLOCK"].meaning, CODES["E-CLOCK"].advice)

    async def _know_own_ids(self) -> None:
        """[E12] An id is given only by a state that knows which were: at a start that takes a moment.

        A state that was not put back may go on while its server is away; a restored one must not.
        """
        if self.in_use:
            raise Fault(IN_USE, "stop that one, then start this one again; nothing was accepted")
        if self.settled.is_set() or not (self._core.sender.chains or self._core.restored_at):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_WAIT):
                await self.settled.wait()
        if self._core.restored_at and not self.settled.is_set():
            raise Fault("the restored state was not yet compared with its streams", "wait for the own NATS server")

    async def check(self, data: bytes, *, realm: str) -> dict[str, Any]:
        """The verdict without publishing."""
        return await self._core.run(check, self._core, data, realm)

    async def messages(
        self, *, kind: str | None = None, origin: str | None = None, status: str | None = None,
        after: int | None = None, limit: int = 100, order: Order = "received", state: str | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Lines of the inbox. Raises views.UnknownPlace for an `after` that by urgency is no place."""
        return await self._core.run(
            views.inbox, self._core, kind=kind, origin=origin, status=status, after=after, limit=limit,
            order=order, state=state,
        )  # fmt: skip

    async def message(self, id_: str, *, rev: int | None = None, opened_by: str | None = None) -> dict[str, Any] | None:
        """One message, or None."""
        return await self._core.run(_open, self._core, id_, rev, opened_by)

    async def content(self, id_: str, *, rev: int | None = None, opened_by: str | None = None) -> Content | None:
        """Its bytes as signed, for an export; None as `message`, and when its text is destroyed."""
        return await self._core.run(content, self._core, id_, rev, opened_by)

    async def evidence(self, id_: str, *, rev: int | None, exported_by: str) -> Exported | None:
        """What proves the message to an outsider; None as `message`, Fault when it cannot be proved any more."""
        return await self._core.run(export_evidence, self._core, id_, rev, exported_by)

    async def deliveries(self, id_: str) -> dict[str, Any] | None:
        """Who has it, or None when it is not ours."""
        return await self._core.run(held.deliveries, self._core, id_, views.deliveries)

    async def why(self, id_: str, member: str) -> dict[str, Any] | None:
        """The cause why a message is where it is at a member; None when we never published one of that id."""
        return await self._core.run(why, self._core, id_, member, self._seen)

    async def say(
        self, id_: str, who: str, stage: str, role: str, *, sector: str | None = None, note: str | None = None
    ) -> dict[str, Any] | None:
        """A person's receipt; None when there is no such message, Refused for ours and for a cancelled one."""
        return await self._core.run(human_receipts.say, self._core, id_, who, stage, role, sector=sector, note=note)

    async def cancel(self, id_: str, who: str, reason: str, replacement: bytes | None) -> dict[str, Any] | None:
        """Take a message of ours back; None when there is none of that id, Refused for another member's."""
        await self._know_own_ids()
        done = await self._core.run(lifecycle.cancel, self._core, id_, who, reason, replacement)
        self._wake.publish.set()
        self._wake.seal.set()
        return done.shape() if done is not None else None

    # -- exercises that are measured

    async def drill_start(self, plan: drill.Plan, who: str) -> dict[str, Any]:
        """Publish a drill's messages, all or none. Fault for a template that is not there."""
        await self._can_accept()
        started = await self._core.run(drill.start, self._core, plan, who)
        self._wake.publish.set()
        self._wake.seal.set()
        return started.shape()

    async def drills(self) -> list[dict[str, Any]]:
        """The drills that were started here."""
        return await self._core.run(drill.listed, self._core)

    async def drill_report(self, which: str) -> dict[str, Any] | None:
        """Who answered when; None when there is no such drill or exercise, Fault for an actual message."""
        return await self._core.run(drill.report, self._core, which)

    async def feed(self, asked: Asked, who: str, after: str | None, *, from_now: bool = False) -> Subscription:
        """A feed behind the place `after`; close it. Raises UnknownPlace, TooMany."""
        return await self._feeds.open(asked, who, after, from_now=from_now)

    # -- what waits for a second person

    async def held(self) -> list[dict[str, Any]]:
        """What waits, oldest first."""
        return await self._core.run(held.listed, self._core)

    async def release(self, id_: str, who: str) -> Verdict:
        """Let a held message leave; Refused when it does not wait, or for who published it."""
        verdict = await self._core.run(held.release, self._core, id_, who)
        self._wake.publish.set()
        self._wake.seal.set()
        return verdict

    async def reject(self, id_: str, who: str, reason: str) -> dict[str, Any]:
        """Never let it leave; Refused when it does not wait, or for who published it."""
        return await self._core.run(held.reject, self._core, id_, who, reason)

    # -- trust and keys

    async def import_list(self, data: bytes, pin: bytes | None) -> dict[str, Any]:
        """Hand a trust list to the gateway."""
        answer = await self._core.run(import_list, self._core, data, pin)
        await self._core.run(inbound.judge_everything, self._core)
        self._wake.all()
        return answer

    async def trust(self) -> dict[str, Any]:
        """What it trusts now."""
        return await self._core.run(views.trust, self._core)

    async def keys(self) -> list[dict[str, Any]]:
        """Our keys and their windows."""
        return await self._core.run(views.keys, self._core)

    async def rotate_keys(self) -> dict[str, Any]:
        """A new bundle now."""
        answer = await self._core.run(trust_sync.rotate_bundle, self._core)
        self._wake.all()
        return answer

    async def compromised(self, kid: bytes, who: str) -> dict[str, Any]:
        """A key of ours is in wrong hands: stopped, replaced, and what was exposed."""
        answer = await self._core.run(compromise.compromised, self._core, kid, who)
        self._wake.all()
        return answer

    # -- health

    async def snapshot(self) -> Snapshot:
        """The numbers of this moment."""
        return await self._core.run(snapshot.take, self._core, self._seen)

    @property
    def _seen(self) -> Seen:
        return Seen(self.bus, self.settled.is_set(), self.in_use)

    async def alarms(self, since: int = 0) -> list[dict[str, Any]]:
        """Alarms raised since `since` (ms), oldest first."""
        return await self._core.run(views.alarms, self._core, since)

    async def audit(self, after: int, limit: int, who: str) -> dict[str, Any]:
        """What people did, signed: a page of lines behind number `after`, with their heads."""
        return await self._core.run(audit_page, self._core, after, limit, who)

    async def reset_clock(self, who: str) -> dict[str, Any]:
        """[T14] After a clock that ran ahead: the highest time seen is now; noted in the audit."""
        answer = await self._core.run(reset_clock, self._core, who)
        self._wake.all()
        return answer

    async def peers(self) -> list[dict[str, Any]]:
        """The others, as we see them: heads, silence, and the exact ranges of what lacks of each."""
        lines = await self._core.run(peers.shown, self._core, await self.snapshot())
        return [line | {"to_come": self.progress.origins.get(line["member"], 0)} for line in lines]

    async def resend(self, member: str, who: str) -> dict[str, Any] | None:
        """Ask a member for everything that lacks of it; what was asked for, None when it is no other member."""
        answer = await self._core.run(resend.ask, self._core, member, who)
        self._wake.seal.set()
        return answer

    # -- around a line that is cut

    async def carry_out(self, to: str | None, who: str, *, everything: bool) -> AsyncIterator[bytes]:
        """A carried file, segment by segment. Fault when there is no such member."""
        while self.settled.is_set() and not self.in_use and await self._core.join(outbound.seal, self._core) > 0:
            pass  # what waits here for the line goes along
        export = await self._core.run(carry.begin, self._core, to, who, everything=everything)
        return self._segments(export)

    async def _segments(self, export: carry.Export) -> AsyncIterator[bytes]:
        while (segment := await self._core.run(export.next)) is not None:
            yield segment

    async def carry_in(self, segment: bytes, who: str) -> dict[str, Any]:
        """Judge a segment of a carried file as if the hub had brought what is in it; Refused for a foreign one."""
        await self._know_own_ids()
        answer, is_trust_new = await self._core.run(carry.take, self._core, segment, who)
        if is_trust_new:
            self._wake.all()
        self._wake.seal.set()
        return answer

    @property
    def progress(self) -> Progress:
        """How far a catch-up is, as of the last look."""
        return self.catching_up.now

    def is_ready(self) -> tuple[bool, list[str]]:
        """Whether it may receive, and what stands against it."""
        against = []
        if not self.started or self.stopping:
            against.append("the gateway is starting or stopping")
        if not self.bus.connected:
            against.append("no connection to the own NATS server")
        if self.in_use:
            against.append(IN_USE)
        if self._core.store_fault:
            against.append(self._core.store_fault)
        with contextlib.suppress(AttributeError):
            if self._core.world.is_clock_back(self._core.clock()):
                against.append("the clock stands behind the highest time ever seen")
            if self._core.world.trust.current is None:
                against.append("no trust list yet")
        return not against, against

    # -- tokens

    def authenticate(self, token: str) -> TokenInfo | None:
        """Who holds the token."""
        if self._local is not None and equal(tokens.hash_of(token), self._local):
            return TokenInfo(LOCAL, frozenset(tokens.SCOPES))
        return self._book.authenticate(token)

    async def tokens_add(self, name: str, scopes: Sequence[str]) -> str:
        """Make a token; its text is returned this once."""
        token = await self._core.run(tokens.issue, self._table, name, scopes, self._core.clock())
        await self._reload_tokens()
        return token

    async def tokens_list(self) -> list[dict[str, object]]:
        """All tokens, without their secrets."""
        rows = await self._core.run(self._table.list)
        return [tokens.shown(row, self._core.clock()) for row in rows]

    async def tokens_revoke(self, name: str) -> bool:
        """Revoke a token; False when there is none in force."""
        done = await self._core.run(self._table.revoke, name, self._core.clock())
        await self._reload_tokens()
        return done

    async def _reload_tokens(self) -> None:
        self._book.reload(await self._core.run(self._table.all_active))


def _open(core: Core, id_: str, rev: int | None, opened_by: str | None) -> dict[str, Any] | None:
    found = views.message(core, id_, rev)
    if found and opened_by:
        with core.transaction() as connection:
            access.note(connection, opened_by, "open", f"{found['id']} {found['rev']}", core.clock())
            human_receipts.opened(core, connection, found["id"], found["rev"], opened_by)
    return found


def check(core: Core, data: bytes, realm: str) -> dict[str, Any]:
    """What `publish` would answer, changing nothing; `not_checked` names what only publishing can tell.

    `readers`: every other member by name, and whether it will be able to open the message.
    """
    try:
        with core.transaction() as connection, connection.begin_nested() as trial:
            screened, _ = accepting.compose(core, data, realm, accepting.RowLedger(connection))
            trial.rollback()
            who = readers.preview(core.readers, core.world, screened.composed.message, core.clock())
    except Invalid as invalid:
        reasons = [msgspec.to_builtins(reason) for reason in invalid.reasons]
        return {
            "verdict": "refuse", "reasons": reasons, "not_checked": NOT_CHECKED_HERE, "message": None, "readers": None
        }  # fmt: skip
    opinion, message = screened.opinion, msgspec.json.decode(screened.composed.data)
    return {
        "verdict": opinion.verdict, "reasons": [msgspec.to_builtins(reason) for reason in opinion.reasons],
        "not_checked": NOT_CHECKED_HERE, "message": message, "readers": who,
    }  # fmt: skip


def reset_clock(core: Core, who: str) -> dict[str, Any]:
    """[T14] Take this moment for the highest time ever seen."""
    with core.transaction() as connection:
        before, now = core.world.highest_time, core.clock()
        core.world.highest_time = now
        meta.put(connection, "highest_time", str(now))
        access.note(connection, who, "reset-clock", f"{before} {now}", now)
        outbox.never_later(connection, now)
        seal_again(connection, core.member, {core.member})  # what was dated ahead may be refused for it ([E6])
    return {"before": views.rfc3339(before), "now": views.rfc3339(now)}


def import_list(core: Core, data: bytes, pin: bytes | None, *, who: str = "operator") -> dict[str, Any]:
    """Judge a trust list that a person hands over; Refused with code and rule when it is not accepted."""
    out = trust_sync.import_list(core, data, pin, who=who)
    if out.result in ("refused", "wait"):
        raise Refused(out.code or "", out.rule or out.waits_rule or "")
    trust = core.world.trust
    return {"result": out.result, "version": trust.version, "hash": trust.hash.hex()}
