"""Acts about webhooks: set, rotate, remove, test, replay, and what operators see. Each act is in the audit."""

import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant, rfc3339
from suar.service.access import as_shown
from suar.service.access.agencies import Registration
from suar.service.access.registry import AgencyRegistry
from suar.service.core.core import Core
from suar.service.feed.events import test_event
from suar.service.feed.positions import decode_position
from suar.service.notify import standard_webhooks
from suar.service.webhooks import pending, webhook
from suar.service.webhooks.addresses import Endpoint, endpoint
from suar.service.webhooks.delivering import Deliverer
from suar.service.webhooks.pending import Document
from suar.store.faults import AlteredError
from suar.store.people import access
from suar.store.people import webhooks as rows
from suar.store.people.webhooks import Stored

DEAD_SHOWN: Final = 100
"""Dead letters that are listed, the newest; all are counted."""
TESTS_MAX: Final = 2
"""Test events of one agency at a time: one is under way, and one waits for it."""
BEGINNING: Final = "beginning"
"""In place of a position: everything that is stored."""
Change = Callable[[Stored], Stored]


class TestsFull(Fault):
    """The agency has the most test events under way that it can have."""

    __test__ = False  # pytest would collect it


class WebhookRegistry:
    """The webhooks of a running gateway, and what delivers to them."""

    def __init__(self, core: Core, agencies: AgencyRegistry) -> None:
        self._core, self._agencies = core, agencies
        self._allow = core.config.webhooks.networks
        self._tests = Counter[str]()
        self.deliverer = Deliverer(core, agencies.book)

    async def load(self) -> None:
        """Read the webhooks of the store. Raises AlteredError where they were altered: then none is called."""
        try:
            found = await self._core.run_read_only(_all, self._core)
        except AlteredError:
            self.deliverer.set_webhooks(())
            raise
        self.deliverer.set_webhooks([webhook.loaded(each, self._allow) for each in found])

    # -- acts

    async def register(
        self, registration: Registration, expires: int | None, who: str, url: str | None, nkey: str | None = None
    ) -> dict[str, object]:
        """Register an agency, with a webhook if there is a `url`, as a reader at the own NATS server by `nkey`.

        Its token and the secret are returned this once. Raises Fault when the name is in use, and for an address that
        may not be called.
        """
        if url is None:
            return await self._agencies.add(registration, expires, who, nkey=nkey) | {"webhook_secret": None}
        name, to = registration.name, endpoint(url, self._allow)
        hook = Stored(name, url, standard_webhooks.new_secret(), None, None)
        position = pending.beginning(self._core, registration.realm, name)

        def also(connection: Connection) -> None:
            self._keep(connection, hook, to, who)
            rows.begin(connection, name, position)

        made = await self._agencies.add(registration, expires, who, also, nkey)
        await self.load()
        return made | {"webhook_secret": hook.secret.decode()}

    async def set_url(self, name: str, url: str, who: str, read: str | None = None) -> dict[str, object]:
        """Set the address of an agency's webhook; a new webhook has a secret, returned this once.

        Raises Fault when there is no such agency, and for an address that may not be called. `read`: the digest of the
        webhook that was shown, here and below; Refused E-CHANGED for another one.
        """
        to, found = endpoint(url, self._allow), self._agencies.book.find(name)
        if found is None:
            raise _not_active()
        position = pending.beginning(self._core, found.registration.realm, name)

        def change() -> str | None:
            with self._core.transaction() as connection:
                known = _one(self._core, connection, name, read)
                hook = Stored(name, url, standard_webhooks.new_secret(), None, None)
                self._keep(connection, hook if known is None else known._replace(url=url), to, who)
                if known is None:
                    rows.begin(connection, name, position)
                rows.change(connection, name, {"stopped_at": None, "failing_since": None})
            return hook.secret.decode() if known is None else None

        secret = await self._core.run(change)
        await self.load()
        self.deliverer.deliver_now(name)
        return {"name": name, "url": url, "webhook_secret": secret}

    def _keep(self, connection: Connection, hook: Stored, to: Endpoint, who: str) -> None:
        rows.keep(connection, self._core.vault, hook)
        line = f"{hook.agency}: {to.scheme}://{to.authority}"  # a path may hold a secret of the receiver
        access.note(connection, who, "webhook-set", line, self._core.clock())

    async def rotate(self, name: str, who: str, read: str | None = None) -> dict[str, object]:
        """Another secret, returned this once; the one before signs too for a day.

        Fault without a webhook, and while two secrets sign already.
        """
        now = self._core.clock()

        def change() -> Stored:
            with self._core.transaction() as connection:
                known = _one(self._core, connection, name, read)
                if known is None:
                    raise _no_webhook()
                made = webhook.rotated(known, now)
                rows.keep(connection, self._core.vault, made)
                access.note(connection, who, "webhook-rotate", name, now)
            return made

        made = await self._core.run(change)
        await self.load()
        until = instant(now + webhook.ROTATION_MS)
        return {"name": name, "webhook_secret": made.secret.decode(), "old_secret_until": until}

    async def remove(self, name: str, who: str, read: str | None = None) -> None:
        """End an agency's webhook with all that waits for it. Fault without a webhook."""

        def change() -> bool:
            """Remove it, in one transaction; returns False if there is none."""
            with self._core.transaction() as connection:
                _one(self._core, connection, name, read)
                is_done = rows.remove(connection, name)
                if is_done:
                    access.note(connection, who, "webhook-remove", name, self._core.clock())
            return is_done

        if not await self._core.run(change):
            raise _no_webhook()
        await self.load()

    async def test(self, name: str, who: str, read: str | None = None) -> dict[str, object]:
        """Send a test event; if the receiver accepts it, a stopped webhook starts again. Raises Fault without a
        webhook.

        Raises TestsFull while TESTS_MAX of them wait for the receiver.
        """
        await self._require(name)
        if self._tests[name] >= TESTS_MAX:
            raise TestsFull(f"{TESTS_MAX} test events of this agency are under way", "wait for their outcome")
        self._tests[name] += 1
        try:
            return await self._test(name, who, read)
        finally:
            self._tests[name] -= 1

    async def _test(self, name: str, who: str, read: str | None) -> dict[str, object]:
        await self._core.run(self._note_test, name, who, read)
        core, id_ = self._core, f"test/{secrets.token_hex(8)}"
        try:
            why = await self.deliverer.send_once(name, Document(id_, test_event(core, id_, core.clock())))
        except pending.NotActive:
            raise _not_active() from None
        if why is None:
            await core.run(pending.started_again, core, name)
            self.deliverer.deliver_now(name)
        return {"name": name, "delivered": why is None, "outcome": why or pending.DELIVERED}

    async def replay(self, name: str, position: str | None, who: str, read: str | None = None) -> dict[str, object]:
        """Send again: what follows `position`, or all dead letters for None. Raises Fault without a webhook.

        Raises UnknownPosition for an invalid position of the agency's feed.
        """
        await self._require(name)
        number = await self._core.run(self._replay, name, position, who, read)
        self.deliverer.deliver_now(name)
        return {"name": name, "from": position, "dead_letters": number}

    def _replay(self, name: str, position: str | None, who: str, read: str | None) -> int:
        core, number = self._core, 0
        asking = pending.selection(core, self._agencies.book, name)
        if asking is None:
            raise _not_active()
        if position == BEGINNING:
            position = pending.beginning(core, asking[0].realm, name)
        elif position is not None:
            decode_position(core, asking[0], position)
        with core.transaction() as connection:
            _one(core, connection, name, read)
            if position is None:
                number = rows.revive(connection, name, core.clock())
            else:
                rows.change(connection, name, {"position": position})
            what = f"{name}: {number} dead letters" if position is None else f"{name}: from a position"
            access.note(connection, who, "webhook-replay", what, core.clock())
        return number

    def _note_test(self, name: str, who: str, read: str | None) -> None:
        with self._core.transaction() as connection:
            _one(self._core, connection, name, read)
            access.note(connection, who, "webhook-test", name, self._core.clock())

    async def _require(self, name: str) -> None:
        """Fault unless the agency may read now and has a webhook."""
        if self._agencies.book.find(name) is None:
            raise _not_active()
        if name not in await self._core.run_read_only(_urls, self._core):
            raise _no_webhook()

    # -- what operators see

    async def agencies(self) -> list[dict[str, object]]:
        """All agencies, each with its webhook or None."""
        found = await self._core.run_read_only(_summaries, self._core)
        return [each | {"webhook": found.get(str(each["name"]))} for each in await self._agencies.list()]

    async def agency(self, name: str) -> dict[str, object] | None:
        """One agency with its webhook; None when there is none of that name."""
        return next((each for each in await self.agencies() if each["name"] == name), None)

    async def dead(self, name: str) -> list[dict[str, object]]:
        """The newest dead letters of an agency."""
        return await self._core.run_read_only(_dead, self._core, name)


def _no_webhook() -> Fault:
    return Fault("the agency has no webhook", "`suar agency webhook NAME --url URL` sets one")


def _not_active() -> Fault:
    return Fault(
        "the agency is not registered, or may read nothing now", "`suar agency list` shows all with their state"
    )


def _all(core: Core) -> list[Stored]:
    with core.database.reading() as connection:
        return rows.webhooks(connection, core.vault)


def _one(core: Core, connection: Connection, name: str, read: str | None) -> Stored | None:
    """The webhook of an agency, if any. Refused E-CHANGED where it is not the one that was read."""
    found = next((each for each in rows.webhooks(connection, core.vault) if each.agency == name), None)
    as_shown.check(read, webhook.digest_of(name, found), may_be_unnamed=True)
    return found


def _urls(core: Core) -> dict[str, str]:
    return {each.agency: each.url for each in _all(core)}


def _summaries(core: Core) -> dict[str, dict[str, Any]]:
    hooks = _all(core)
    with core.database.reading() as connection:
        progress, counts = rows.all_progress(connection), rows.counts(connection)
    return {each.agency: _summary(each, progress.get(each.agency), *counts.get(each.agency, (0, 0))) for each in hooks}


def _summary(hook: Stored, row: Any, waiting: int, dead: int) -> dict[str, Any]:
    stopped, failing = (row.stopped_at, row.failing_since) if row is not None else (None, None)
    state = "stopped" if stopped is not None else "active" if failing is None else "failing"
    return {
        "url": hook.url, "state": state, "waiting": waiting, "dead_letters": dead,
        "last_outcome": row.outcome if row is not None else None,
        "delivered": rfc3339(row.delivered_at if row is not None else None),
        "failing_since": rfc3339(failing), "stopped": rfc3339(stopped), "digest": webhook.digest_of(hook.agency, hook),
    }  # fmt: skip


def _dead(core: Core, name: str) -> list[dict[str, object]]:
    with core.database.reading() as connection:
        found = rows.dead(connection, name, DEAD_SHOWN)
    return [
        {
            "id": row.id, "rev": row.rev, "expiry": row.is_expiry, "first": instant(row.first_at), "tries": row.tries,
            "outcome": row.outcome, "dead": instant(row.dead_at),
        }
        for row in found
    ]  # fmt: skip
