"""Counts what one object costs a gateway: calls into libraries, bytes parsed before a signature, statements, rows."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import nacl.bindings
import pytest

from suar.protocol.base import primitives
from suar.protocol.message import messages
from suar.protocol.transport import epoch, frame, heartbeat
from suar.protocol.trust import bundle, revoke, trustlist
from suar.store.tables import metadata
from support.corekit import CoreKit
from support.processor_time import milliseconds


class Cost(NamedTuple):
    parsed_before: int  # bytes given to a parser before the first signature was checked
    signatures: int
    kem: int  # encapsulations and decapsulations
    aead: int
    points: int  # Ed25519 points checked
    statements: int
    rows: dict[str, int]  # table -> rows more
    ms: float  # of processor time, the counting included


class Meter:
    """Wraps what `primitives` and the parsers call."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.counts: Counter[str] = Counter()
        self._wrap(patch, nacl.bindings, "crypto_sign_open", "signatures")
        self._wrap(patch, nacl.bindings, "crypto_core_ed25519_is_valid_point", "points")
        patch.setattr(primitives, "SUITE", _Suite(primitives.SUITE, self.counts))
        for module in (trustlist, revoke, bundle, epoch, frame, heartbeat):
            patch.setattr(module, "decode", self._parser(module.decode))
        patch.setattr(messages, "read", self._reader(messages.read))
        patch.setattr(frame, "unseal", self._unseal(primitives.unseal))

    def _wrap(self, patch: pytest.MonkeyPatch, owner: Any, name: str, what: str) -> None:
        inner = getattr(owner, name)

        def counted(*args: Any) -> Any:
            self.counts[what] += 1
            return inner(*args)

        patch.setattr(owner, name, counted)

    def _parser(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def counted(decoder: Any, data: bytes) -> Any:
            self._parse(data)
            return inner(decoder, data)

        return counted

    def _reader(self, inner: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        def counted(data: bytes) -> Any:
            self._parse(data)
            return inner(data)

        return counted

    def _parse(self, data: bytes) -> None:
        if not self.counts["signatures"]:
            self.counts["parsed_before"] += len(data)

    def _unseal(self, inner: Callable[..., bytes]) -> Callable[..., bytes]:
        def counted(*args: Any) -> bytes:
            self.counts["aead"] += 1
            return inner(*args)

        return counted


class _Suite:
    """HPKE, counted."""

    def __init__(self, inner: Any, counts: Counter[str]) -> None:
        self._inner, self._counts = inner, counts

    def encrypt(self, *args: Any) -> Any:
        self._counts["kem"] += 1
        return self._inner.encrypt(*args)

    def decrypt(self, *args: Any) -> Any:
        self._counts["kem"] += 1
        return self._inner.decrypt(*args)


@contextmanager
def traced(kit: CoreKit, counts: Counter[str]) -> Iterator[None]:
    """Counts the statements of the store's one writing connection."""

    def count(_: str) -> None:
        counts["statements"] += 1

    def listen(listener: Callable[[str], None] | None) -> None:
        with kit.core.transaction() as connection:
            connection.connection.driver_connection.set_trace_callback(listener)  # type: ignore[union-attr]  # a connection that is open has a driver

    listen(count)
    counts.clear()
    yield
    counts["statements"] -= 2  # those that begin the transaction in which counting ends
    listen(None)


def rows(kit: CoreKit) -> Counter[str]:
    with kit.core.transaction() as connection:
        return Counter(
            {name: connection.exec_driver_sql(f"select count(*) from {name}").scalar_one() for name in metadata.tables}
        )


def cost(kit: CoreKit, meter: Meter, subject: str, data: bytes) -> Cost:
    """What giving this object costs."""
    before = rows(kit)
    with traced(kit, meter.counts):
        ms = milliseconds(lambda: kit.receive((subject, data)))
    counts, more = meter.counts, rows(kit)
    more.subtract(before)
    numbers = {name: counts[name] for name in ("parsed_before", "signatures", "kem", "aead", "points", "statements")}
    return Cost(**numbers, rows={name: count for name, count in sorted(more.items()) if count}, ms=ms)
