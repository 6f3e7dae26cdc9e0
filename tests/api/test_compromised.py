"""A compromised key is handled beside everything else: while its pages are read, the gateway answers and publishes."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import bundle_kid
from suar.service.core.core import Core
from suar.service.gaps import exposed
from suar.service.gaps.exposed import ExposedPage
from support.agency_desk import Desk
from support.gateways import draft
from support.kit import NOW, actor

KID = bundle_kid("VN", actor("VN").kem_public)
WITHIN = 120.0  # seconds


async def test_while_its_pages_are_read_the_gateway_answers_and_publishes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reading of the first page ends only when the other calls have their answers."""
    reads, answered, by_bundle = threading.Event(), threading.Event(), exposed.by_bundle

    def held_up(core: Core, kid: bytes) -> Iterator[ExposedPage]:
        reads.set()
        assert answered.wait(WITHIN), "nothing else was answered meanwhile"
        yield from by_bundle(core, kid)

    monkeypatch.setattr(exposed, "by_bundle", held_up)
    handled = asyncio.create_task(desk.call("POST", "/v1/keys/compromised", json={"kid": KID.hex()}))
    assert await asyncio.to_thread(reads.wait, WITHIN)
    alive = await desk.call("GET", "/healthz")
    published = await desk.call("POST", "/v1/messages", json=draft("meanwhile", expires=instant(NOW + limits.DAY)))
    assert not handled.done()
    answered.set()
    assert (alive.status_code, published.status_code) == (200, 201), published.text
    assert (await handled).status_code == 200
    assert (await handled).json()["kid"] == KID.hex()
