"""Store, world and sender belong to the core's thread: an access from any other one is refused.

The check is for tests, which switch it on (SUAR_CHECK_THREADS, see seams.py); in production it costs one comparison.
Other threads read the status that the core publishes (status.py) and the store's reading connection (database.py).
"""

import asyncio
from threading import get_ident
from typing import Generic, TypeVar, cast, overload

T = TypeVar("T")


class WrongThreadError(AssertionError):
    """A thread used what belongs to another one."""


class Owner:
    """Which thread the objects of one core belong to: who made them, until the core's own thread has begun."""

    def __init__(self, *, is_checked: bool) -> None:
        self.is_checked = is_checked
        self._thread = get_ident()
        self._lent: int | None = None
        self._has_begun = False

    def begin(self) -> None:
        """The calling thread is the core's own one, from now on."""
        self._thread, self._lent, self._has_begun = get_ident(), None, True

    def end(self) -> None:
        """The core's own thread has ended: the calling one may close what it left."""
        self._thread, self._has_begun = get_ident(), False

    def lend(self) -> None:
        """The calling thread may use them too while it runs no event loop: a test, between two steps of a gateway."""
        self._lent = get_ident()

    def check(self, what: str) -> None:
        """Raise WrongThreadError unless the calling thread may use `what`."""
        if not self.is_checked:
            return
        here = get_ident()
        if here == self._thread or (here == self._lent and not _runs_loop()):
            return
        raise WrongThreadError(f"{what} belongs to the core's thread")

    def check_reading(self) -> None:
        """Raise WrongThreadError on the thread of an event loop, which waits for no store."""
        if self.is_checked and self._has_begun and _runs_loop():
            raise WrongThreadError("the store is not read on an event loop")


def _runs_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Owned(Generic[T]):
    """An attribute of a core that belongs to its thread; the core has its `owner`."""

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, core: None, of: type) -> "Owned[T]": ...
    @overload
    def __get__(self, core: object, of: type) -> T: ...
    def __get__(self, core: object | None, of: type) -> "T | Owned[T]":
        if core is None:
            return self
        values = core.__dict__
        if values["owner"].is_checked:
            values["owner"].check(self._name)
        try:
            return cast(T, values[self._name])
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, core: object, value: T) -> None:
        values = core.__dict__
        values["owner"].check(self._name)
        values[self._name] = value
