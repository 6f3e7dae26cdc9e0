"""A person's own passkeys: created and removed in a session that confirmed a factor within the last ten minutes."""

from collections.abc import Awaitable, Callable
from typing import Any

from suar.service.core.core import Core
from suar.service.people import own_changes, passkeys, sign_in
from suar.service.people.passkeys import Offered
from suar.service.people.records import Passkey
from suar.service.people.sessions import SessionBook, SessionInfo
from suar.service.people.sign_in import SignIn


class OwnPasskeys:
    """A part of the facade; `changed` makes a change and loads what the store has then."""

    def __init__(
        self, core: Core, book: SessionBook, signing: SignIn, changed: Callable[..., Awaitable[Any]]
    ) -> None:  # fmt: skip
        self._core, self._book, self._sign_in, self._changed = core, book, signing, changed

    def note(self, purpose: str, session: bytes) -> str:
        """A note for a ceremony of this session; `purpose`: again or add."""
        return self._sign_in.seal_note(sign_in.Ceremony(session, self._core.clock()), f"passkey-{purpose}")

    def of(self, who: str) -> tuple[Passkey, ...]:
        """The passkeys of a person, for their own page and their own browser."""
        found = self._book.people.get(who)
        return () if found is None else found.sealed.passkeys

    def passkey_of_note(self, info: SessionInfo, note: str, offered: Offered) -> Passkey | None:
        """The passkey of this person that signed the note of this session, as it is kept from now on."""
        ceremony = self._sign_in.ceremony(note, "passkey-again", info.hash)
        if ceremony is None:
            return None
        return passkeys.used(offered, "again", note, ceremony.at, info.person.sealed.passkeys)

    async def add(self, info: SessionInfo, note: str, offered: Offered, label: str) -> bool:
        """Keep a passkey that the browser of this session made; False for anything else. Fault when there are many."""
        if self._sign_in.ceremony(note, "passkey-add", info.hash) is None:
            return False
        new = passkeys.added(offered, "add", note, label, self._core.clock())
        if new is None:
            return False
        await self._changed(own_changes.add_passkey, info.person.id, info.hash, new)
        return True

    async def remove(self, info: SessionInfo, which: str) -> None:
        """Forget a passkey. Fault for the only factor."""
        await self._changed(own_changes.remove_passkey, info.person.id, info.hash, which)
