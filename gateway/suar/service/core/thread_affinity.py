"""Store, world and sender belong to the core's thread; access from any other thread is refused.

The check is for tests, which enable it (SUAR_CHECK_THREADS, see seams.py); in production it costs one comparison. Other
threads read the status that the core publishes (status.py) and the store's reading connection (database.py).
"""

import asyncio
from threading import get_ident
from typing import Generic, TypeVar, cast, overload

T = TypeVar("T")


class WrongThreadError(AssertionError):
    """A thread accessed an object that belongs to another thread."""


class Owner:
    """The thread that owns the objects of one core: their creator, until the core's own thread has started."""

    def __init__(self, *, is_checked: bool) -> None:
        self.is_checked = is_checked
        self._thread = get_ident()
        self._lent: int | None = None
        self._has_begun = False

    def begin(self) -> None:
        """Make the calling thread the owner."""
        self._thread, self._lent, self._has_begun = get_ident(), None, True

    def end(self) -> None:
        """Make the calling thread the owner after the core's thread has ended, so that it can close the store."""
        self._thread, self._has_begun = get_ident(), False

    def lend(self) -> None:
        """Allow the calling thread too, while it runs no event loop: for tests between two steps of a gateway."""
        self._lent = get_ident()

    def check(self, what: str) -> None:
        """Raise WrongThreadError unless the calling thread may use `what`."""
        if not self.is_checked:
            return
        here = get_ident()
        if here == self._thread or (here == self._lent and not _has_running_loop()):
            return
        raise WrongThreadError(f"{what} belongs to the core's thread")

    def check_reading(self) -> None:
        """Raise WrongThreadError on the thread of an event loop, which must not wait for the store."""
        if self.is_checked and self._has_begun and _has_running_loop():
            raise WrongThreadError("the store is not read on an event loop")


def _has_running_loop() -> bool:
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
