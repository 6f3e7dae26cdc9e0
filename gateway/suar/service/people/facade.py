"""People, sign-in and sessions as the console and the commands see them; used on HTTP's event loop."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from suar.languages import tags
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import is_equal
from suar.service.core.core import Core
from suar.service.people import changes, credentials, own_changes, passkeys, records, sessions, sign_in
from suar.service.people.attempts import SignInAttempts
from suar.service.people.own_passkeys import OwnPasskeys
from suar.service.people.passkeys import Offered
from suar.service.people.records import Person
from suar.service.people.sessions import SessionBook, SessionInfo
from suar.service.people.sign_in import Hashing, Joining, SignIn
from suar.store.engine.database import StoreFault
from suar.store.faults import AlteredError

T = TypeVar("T")
__all__ = ["JoinStep", "People", "SessionInfo", "StoreFault"]
JOIN_TIME: Final = 30 * limits.MINUTE


class JoinStep(NamedTuple):
    """The second step of joining: the note that the browser carries, and what the authenticator reads."""

    note: str
    secret: str
    uri: str


class People:
    """The people of a running gateway. `reload_tokens` is called when others are let in, or with other roles."""

    def __init__(self, core: Core, reload_tokens: Callable[[], Awaitable[None]]) -> None:
        self._core, self._reload_tokens = core, reload_tokens
        self._let_in = frozenset[tuple[str, ...]]()
        self._hashing = Hashing()
        self._book = SessionBook(core.clock, core.config.console.idle_minutes * limits.MINUTE)
        self._sign_in = SignIn(core, self._book, self._hashing)
        self.passkeys = OwnPasskeys(core, self._book, self._sign_in, self._changed)

    @property
    def attempts(self) -> SignInAttempts:
        """Failures of signing in, counted by user and by network."""
        return self._sign_in.attempts

    async def load(self) -> None:
        """Load people and sessions from the store. Raises AlteredError, and then nobody has a session."""
        try:
            people, kept = await self._core.run_read_only(self._stored)
        except AlteredError:
            self._book.reload((), ())
            raise
        self._book.reload(people, kept)
        let_in = frozenset((person.id, *person.roles) for person in people if person.state == "active")
        if let_in != self._let_in:
            self._let_in = let_in
            await self._reload_tokens()

    def _stored(self) -> tuple[list[Person], list[sessions.Open]]:
        return records.everybody(self._core), sessions.load(self._core)

    # -- requests

    def identify(self, secret: str) -> SessionInfo | None:
        """Whose session it is; None when it is none, or over."""
        return self._book.find(secret)

    def is_open(self, hash_: bytes) -> bool:
        """Whether a session is in force still."""
        return self._book.is_open(hash_)

    async def use(self, info: SessionInfo) -> None:
        """The session was used just now."""
        if self._book.use(info.hash):
            await self._core.run_in_group(sessions.save, self._core, info.hash, self._core.clock())

    # -- sign-in

    async def sign_in_first(self, user: str, password: str, network: str) -> str:
        """User and password; the note for the second step, whatever was found. Raises MustWait."""
        return await self._sign_in.check_password(user, password, network)

    async def sign_in_second(
        self, note: str, code: str, network: str, before: str | None, offered: Offered | None = None
    ) -> str | None:  # fmt: skip
        """The code or a passkey; the secret of a new session, or None for any failure. `before`: the browser's session.

        Raises MustWait.
        """
        factor, user = self._sign_in.check_factor(note, code, network, offered)
        if factor is None or not await self._core.run(sign_in.use_up_factor, self._core, factor):
            line = self._sign_in.count_failure(user, network)
            if line is not None:
                await self._core.run(sign_in.note_failure, self._core, line)
            return None
        self._sign_in.attempts.clear(user)
        self._sign_in.attempts.clear_sign_ins(network)
        old = None if before is None else credentials.session_hash(before)
        secret = await self._core.run(sessions.begin, self._core, factor.person.id, old)
        await self.load()
        return secret

    async def confirm_again(
        self, info: SessionInfo, code: str, note: str = "", offered: Offered | None = None
    ) -> bool:  # fmt: skip
        """Check a factor again, for what requires it; False for a wrong or used one. Raises MustWait.

        Failures are counted by session and account here, so those of strangers never make a person with a session wait.
        """
        person, attempts = info.person, self._sign_in.attempts
        wait = attempts.wait_in_session(person.id, info.hash)
        if wait:
            raise sign_in.MustWait(-(-wait // limits.SECOND))
        if not await self._spend_factor(info, code, note, offered):
            count = attempts.fail_in_session(person.id, info.hash)
            if count in sign_in.NOTED:
                await self._core.run(sign_in.note_failure, self._core, f"{person.id} {count}")
        else:
            attempts.clear_session(person.id, info.hash)
            await self.load()
            return True
        return False

    async def _spend_factor(self, info: SessionInfo, code: str, note: str, offered: Offered | None) -> bool:
        """Use up the factor that was offered; returns False for a wrong or used one."""
        person = info.person
        if offered is None:
            step = credentials.totp_step(person.sealed.totp, code.strip(), self._core.clock(), person.totp_step)
            return step is not None and await self._core.run(sessions.refresh, self._core, info.hash, person.id, step)
        key = self.passkeys.passkey_of_note(info, note, offered)
        return key is not None and await self._core.run(
            sessions.refresh_by_passkey, self._core, info.hash, person.id, key
        )

    async def sign_out(self, info: SessionInfo) -> None:
        """End the session."""
        await self._changed(sessions.end, info.hash, info.person.id)

    async def sign_out_others(self, hash_: bytes, who: str) -> None:
        """End the other sessions of a person."""
        await self._changed(sessions.end_others, hash_, who)

    def sessions_of(self, who: str) -> list[dict[str, Any]]:
        """Return the open sessions of a person, the newest first; `hash` identifies the session of a request."""
        return [
            {"hash": each.hash, "created_at": each.created_at, "seen_at": each.seen_at} for each in self._book.of(who)
        ]

    # -- joining by a link

    def joining(self, link: str) -> Person | None:
        """Whose link it is, while it is in force. Nothing is used up by asking."""
        digest = credentials.link_hash(link)
        for person in self._book.people.values():
            if person.link_hash is not None and is_equal(person.link_hash, digest):
                in_time = self._core.clock() < (person.link_until or 0)
                is_void = records.is_link_void(person, self._book.people.get(person.link_maker))
                return person if in_time and not is_void and person.state != "suspended" else None
        return None

    async def join_first(self, link: str, password: str) -> JoinStep | None:
        """Choose a password; None when the link is not in force. Fault for one that is too short, MustWait."""
        person = self.joining(link)
        if person is None:
            return None
        hashed = await self._hashing.run(lambda: credentials.hash_password(password, person.id))
        secret = credentials.new_totp()
        step = Joining(credentials.link_hash(link), hashed, secret, self._core.clock())
        return self._join_step(person, self._sign_in.seal_note(step, "join"), secret)

    def join_again(self, link: str, note: str) -> JoinStep | None:
        """The second step once more, after a wrong code."""
        person, step = self.joining(link), self._join_note(link, note)
        return None if person is None or step is None else self._join_step(person, note, step.totp)

    async def join_second(
        self, link: str, note: str, code: str, offered: Offered | None = None
    ) -> list[str] | None:  # fmt: skip
        """The first code, or a passkey: the link is used up. The recovery codes; None for a wrong one.

        Fault when the link is not in force.
        """
        step = self._join_note(link, note)
        if step is None or self.joining(link) is None:
            raise Fault("the link was used, replaced, or has expired", "ask a coordinator for another one")
        now, totp, found, key = self._core.clock(), step.totp, None, None
        if offered is not None:
            totp, key = "", passkeys.added(offered, "join", note, "", now)
        else:
            found = credentials.totp_step(totp, code.strip(), now, 0)
        if found is None and key is None:
            return None
        done = await self._core.run(changes.join, self._core, step.link, step.password, totp, found or 0, key)
        await self.load()
        if done is None:
            raise Fault("the link was used, replaced, or has expired", "ask a coordinator for another one")
        self._sign_in.attempts.clear(done[0])
        return done[1]

    def _join_note(self, link: str, note: str) -> Joining | None:
        step = self._sign_in.open_note(note, "join", sign_in.JOINING)
        is_it = step is not None and is_equal(step.link, credentials.link_hash(link))
        return step if step is not None and is_it and 0 <= self._core.clock() - step.at < JOIN_TIME else None

    def _join_step(self, person: Person, note: str, secret: str) -> JoinStep:
        return JoinStep(note, secret, credentials.totp_uri(secret, person.id, self._core.member))

    # -- people

    def person(self, id_: str) -> dict[str, Any] | None:
        """One person, without what is checked at sign-in."""
        found, people = self._book.people.get(id_), self._book.people
        return None if found is None else records.shape_of(found, people.get(found.link_maker))

    def everybody(self) -> list[dict[str, Any]]:
        """Everybody, by user name."""
        return records.person_shapes(self._book.people.values())

    def with_role(self, role: str, but: str = "") -> list[dict[str, Any]]:
        """Who has a role and may sign in, without `but`."""
        return [
            each
            for each in self.everybody()
            if role in each["roles"] and each["state"] == "active" and each["id"] != but
        ]

    async def invite(
        self, id_: str, name: str, roles: tuple[str, ...], lang: str, who: str, agency: str = ""
    ) -> str | None:  # fmt: skip
        """A new person, of an agency where it is named: the link, or None while it has to be confirmed. Fault."""
        return await self._changed(changes.invite, id_, name, roles, lang, who, agency)

    def of_agency(self, agency: str) -> list[dict[str, Any]]:
        """Who reads for an agency."""
        return [each for each in self.everybody() if each["agency"] == agency]

    async def confirm(self, id_: str, who: str, read: str) -> str | None:
        """Confirm as the second person what was requested and read; returns the link if there is one.

        Raises Fault, E-CHANGED.
        """
        return await self._changed(changes.confirm, id_, who, read)

    async def set_roles(self, id_: str, roles: tuple[str, ...], who: str, read: str | None = None) -> bool:
        """Other roles; False while they have to be confirmed. Fault."""
        return await self._changed(changes.set_roles, id_, roles, who, read)

    async def suspend(self, id_: str, who: str, read: str | None = None) -> None:
        """Close the console to a person. Fault."""
        await self._changed(changes.suspend, id_, who, read)

    async def resume(self, id_: str, who: str, read: str | None = None) -> str | None:
        """Let a suspended person in again: the link, or None while it has to be confirmed. Fault."""
        return await self._changed(changes.resume, id_, who, read)

    async def recover(self, id_: str, who: str, read: str | None = None) -> str | None:
        """Return a link to set password and factor again, or None while it has to be confirmed. Raises Fault."""
        return await self._changed(changes.recover, id_, who, read)

    # -- one's own

    def mutes_of(self, who: str) -> tuple[records.Mute, ...]:
        """What a person has muted, as far as it is in force."""
        found, now = self._book.people.get(who), self._core.clock()
        return () if found is None else tuple(each for each in found.sealed.mutes if each.until > now)

    async def mute(self, who: str, kind: str, origin: str, days: int) -> None:
        """Mute messages of a kind from a member for some days; 0 ends it. Fault for too many."""
        await self._changed(own_changes.mute, who, kind, origin, days)

    def maps_of(self, who: str) -> tuple[records.TableMap, ...]:
        """What a person has kept of columns of tables, by name."""
        found = self._book.people.get(who)
        return () if found is None else found.sealed.maps

    async def keep_map(self, who: str, kept: records.TableMap) -> None:
        """Keep what the columns of a table mean. Fault for too many or too much."""
        await self._changed(own_changes.keep_map, who, kept)

    async def forget_map(self, who: str, name: str) -> None:
        """Delete a map."""
        await self._changed(own_changes.forget_map, who, name)

    async def set_preferences(self, who: str, lang: str, timezone: str) -> None:
        """Language and time zone. Fault for one that does not exist."""
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Fault("there is no such time zone", "give one such as Asia/Manila") from None
        tag = tags.choose(lang).tag

        def change(core: Core) -> None:
            own_changes.set_own(core, who, lang=tag, timezone=timezone)

        await self._changed(change)

    async def set_password(self, info: SessionInfo, present: str, password: str) -> bool:
        """Set another password; the other sessions of the person end. Returns False if `present` is not the current
        one.

        Raises Fault for one that is too short or weak, MustWait: failures count like those of a factor.
        """
        person, attempts = info.person, self._sign_in.attempts
        wait = attempts.wait_in_session(person.id, info.hash)
        if wait:
            raise sign_in.MustWait(-(-wait // limits.SECOND))
        if not await self._hashing.run(lambda: credentials.is_password(person.sealed.password, present)):
            count = attempts.fail_in_session(person.id, info.hash)
            if count in sign_in.NOTED:
                await self._core.run(sign_in.note_failure, self._core, f"{person.id} {count}")
            return False
        hashed = await self._hashing.run(lambda: credentials.hash_password(password, person.id))

        def change(core: Core) -> None:
            own_changes.set_own(core, person.id, info.hash, password=hashed)

        await self._changed(change)
        return True

    async def new_recovery_codes(self, who: str) -> list[str]:
        """Ten new codes in the place of those before, shown this once."""
        codes = credentials.new_recovery_codes()
        hashes = tuple(map(credentials.recovery_hash, codes))

        def change(core: Core) -> None:
            own_changes.set_own(core, who, recovery=hashes)

        await self._changed(change)
        return codes

    async def _changed(self, change: Callable[..., T], *values: Any) -> T:
        """Make a change on the core's thread, then know what the store has."""
        try:
            return await self._core.run(change, self._core, *values)
        finally:
            await self.load()
