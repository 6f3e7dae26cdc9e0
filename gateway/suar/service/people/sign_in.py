"""Sign-in in two steps: user and password, then a code.

No answer discloses which was wrong, or whether the user exists. Between the steps the browser holds a sealed note of
the result of the first one. Each step costs the same for an unknown user. Two passwords are hashed at once; more wait,
and beyond that the caller is refused.
"""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct, structs

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import is_equal
from suar.service.core.core import Core
from suar.service.notify import notices
from suar.service.people import credentials, passkeys, records
from suar.service.people.attempts import SignInAttempts
from suar.service.people.passkeys import Offered
from suar.service.people.records import Passkey, Person
from suar.service.people.sessions import SessionBook, spend_passkey
from suar.store.people import access, persons

STEP_TIME: Final = 5 * limits.MINUTE
HASHES: Final = 2  # passwords that are hashed at once
WAITING_MAX: Final = 16
WAITING_OF_NETWORK: Final = 4
SEALED_MAX: Final = 4_096  # characters of a returned note
_NOTED_MAX: Final = 4_096
NOTED: Final = (1, 5)  # failures of which the audit has a line: a burst begins, and the account waits
T = TypeVar("T")


class MustWait(Fault):
    """Too many failures, or too many at once; `seconds` until the next attempt."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many attempts", f"wait {seconds} s")
        self.seconds = seconds


class Step(Struct, frozen=True, array_like=True):
    """What the first step found; sealed."""

    user: str
    is_right: bool
    at: int

    def __repr__(self) -> str:
        return "Step(...)"


class Factor(NamedTuple):
    """A factor that was right, and its person: a TOTP step, the hash of a recovery code, or a passkey."""

    person: Person
    step: int | None
    recovery: bytes | None
    passkey: Passkey | None = None


class Ceremony(Struct, frozen=True, array_like=True):
    """The note of a passkey's ceremony inside a session; sealed."""

    session: bytes
    at: int

    def __repr__(self) -> str:
        return "Ceremony(...)"


class Joining(Struct, frozen=True, array_like=True):
    """Between the steps of joining: the link, the password's hash, the new TOTP secret; sealed."""

    link: bytes
    password: bytes
    totp: str
    at: int

    def __repr__(self) -> str:
        return "Joining(...)"


_STEP: Final = msgspec.msgpack.Decoder(Step)
CEREMONY: Final = msgspec.msgpack.Decoder(Ceremony)
JOINING: Final = msgspec.msgpack.Decoder(Joining)


class Hashing:
    """Runs argon2id on two threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(HASHES, thread_name_prefix="password")
        self._waiting = Counter[str]()

    async def run(self, call: Callable[[], T], network: str = "") -> T:
        """Return what `call` returns.

        Raises MustWait when too many wait, or too many of one network ("": people with a session).
        """
        is_full = self._waiting.total() >= WAITING_MAX + HASHES
        if is_full or self._waiting[network] >= (WAITING_OF_NETWORK + HASHES if network else WAITING_MAX):
            raise MustWait(1)
        self._waiting[network] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        finally:
            self._waiting[network] -= 1
            if not self._waiting[network]:
                del self._waiting[network]


class SignIn:
    """The two steps; used on HTTP's event loop."""

    def __init__(self, core: Core, book: SessionBook, hashing: Hashing) -> None:
        self._core, self._book, self._hashing = core, book, hashing
        self.attempts = SignInAttempts(core.clock)
        self._nobody: bytes | None = None
        self._nobody_totp = credentials.new_totp()
        self._noted: dict[str, int] = {}

    async def check_password(self, user: str, password: str, network: str) -> str:
        """Check a password; return the sealed note for the second step, right or wrong. Raises MustWait."""
        self._wait(user, network)
        wait = self.attempts.wait_before_sign_in(network)
        if wait:
            raise MustWait(-(-wait // limits.SECOND))
        self.attempts.count_sign_in(network)
        if self._nobody is None:
            self._nobody = await self._hashing.run(credentials.nobodys_password, network)
        person = self._book.people.get(user)
        hashed = person.sealed.password if person is not None and person.may_sign_in else self._nobody
        is_right = await self._hashing.run(lambda: credentials.is_password(hashed, password), network)
        is_known = person is not None and person.may_sign_in
        return self.seal_note(Step(user[:64], is_right and is_known, self._core.clock()), "sign-in")

    def check_factor(
        self, note: str, code: str, network: str, offered: Offered | None = None
    ) -> tuple[Factor | None, str]:  # fmt: skip
        """Check a code or passkey after the first step; return the factor (None: wrong) and the user name entered.

        Raises MustWait. It awaits nothing: of many concurrent attempts each is counted before the next is checked.
        """
        step = self.open_note(note, "sign-in", _STEP)
        user = step.user if step is not None else ""
        self._wait(user, network)
        person = self._book.people.get(user)
        secret = person.sealed.totp if person is not None and person.sealed.totp else self._nobody_totp
        used = person.totp_step if person is not None else 0
        found = credentials.totp_step(secret, code.strip(), self._core.clock(), used)
        recovery = credentials.recovery_hash(code)
        is_recovery = person is not None and recovery in person.sealed.recovery
        is_timely = step is not None and 0 <= self._core.clock() - step.at < STEP_TIME
        if person is None or step is None or not (step.is_right and is_timely and person.may_sign_in):
            return None, user
        if offered is not None:
            key = passkeys.used(offered, "sign-in", note, step.at, person.sealed.passkeys)
            return None if key is None else Factor(person, None, None, key), user
        if found is None and not is_recovery:
            return None, user
        return Factor(person, found, None if found is not None else recovery), user

    def ceremony(self, note: str, purpose: str, session: bytes) -> Ceremony | None:
        """Return the note of a passkey's ceremony if it is of this session and has not expired, else None."""
        step = self.open_note(note, purpose, CEREMONY)
        is_it = step is not None and is_equal(step.session, session)
        return step if step is not None and is_it and 0 <= self._core.clock() - step.at < STEP_TIME else None

    def _wait(self, user: str, network: str) -> None:
        wait = self.attempts.wait(user, network, is_known=user in self._book.people)
        if wait:
            raise MustWait(-(-wait // limits.SECOND))

    def count_failure(self, user: str, network: str) -> str | None:
        """Count a failure; return its line for the audit if the number of failures is one that is noted, else None."""
        is_known = user in self._book.people
        count = self.attempts.fail(user, network, is_known=is_known)
        if not is_known:  # what was typed there may be a password
            user = "unknown"
            count = self._noted[network] = self._noted.get(network, 0) + 1
            if len(self._noted) > _NOTED_MAX:
                self._noted.clear()
        return f"{user} {count}" if count in NOTED else None

    # -- notes that the browser carries, sealed by the store's key

    def seal_note(self, value: object, purpose: str) -> str:
        """Return a value as text that only this gateway can open, and for this purpose only."""
        data = self._core.vault.wrap(msgspec.msgpack.encode(value), f"console/{purpose}")
        return base64.urlsafe_b64encode(data).decode()

    def open_note(self, note: str, purpose: str, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
        """Return the value that `seal_note` sealed for the same purpose; None for any other text."""
        if len(note) > SEALED_MAX:
            return None
        try:
            data = bytes(self._core.vault.unwrap(base64.urlsafe_b64decode(note.encode()), f"console/{purpose}"))
            return decoder.decode(data)
        except (Fault, ValueError, msgspec.MsgspecError):
            return None


def use_up_factor(core: Core, factor: Factor) -> bool:
    """Use up the factor; return False if another sign-in has used it. On the core's thread."""
    who = factor.person.id
    with core.transaction() as connection:
        if factor.passkey is not None:
            return spend_passkey(core, connection, who, factor.passkey)
        if factor.step is not None:
            return persons.spend_step(connection, who, factor.step)
        now = records.load(core, connection, who)
        if now is None or factor.recovery not in now.sealed.recovery:
            return False
        left = tuple(each for each in now.sealed.recovery if each != factor.recovery)
        sealed = structs.replace(now.sealed, recovery=left, recovered_at=core.clock())
        persons.update_person(connection, who, records.sealed_columns(core, who, sealed))
        notices.add_recovered(core, connection, who)
        access.note(connection, who, "recovery-code", f"{who} {len(left)} left", core.clock())
    return True


def note_failure(core: Core, about: str) -> None:
    """Add a line about failed sign-ins to the audit. On the core's thread."""
    with core.transaction() as connection:
        access.note(connection, "gateway", "sign-in-failed", about, core.clock())
