"""A real gateway of TH without a bus on a socket in a thread of its own, to be thrown away; a token for each scope."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from suar.service.access.agencies import register
from suar.service.access.tokens import check, new_token
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.settings.scopes import AGENCY, PROPOSE, ROLES, SCOPES
from suar.service.status.snapshot import BusState
from support.corekit import CoreKit, epoch_of, frame_of
from support.fake_gateway import served
from support.healthy import NOW
from support.hostile_drafts import draft, written
from support.kit import actor, alert, open_sending

LOCAL = new_token()
SECONDS = 60


class Desk(NamedTuple):
    """Where it is, and the token of each scope; `agency` is that of an agency, `local` this machine's."""

    url: str
    tokens: dict[str, str]


@contextlib.contextmanager
def contract_desk(folder: Path) -> Iterator[Desk]:
    """It has published a message, received three, and waits for nobody."""
    kit = CoreKit(folder, "TH")
    kit.receive_bundles()
    sending = open_sending(actor("VN"), kit.lists)
    kit.receive(epoch_of(sending), frame_of(sending, *(alert(f"VN-ALERT-2027-{number:06}") for number in (1, 2, 3))))
    http = msgspec.structs.replace(kit.core.config.http, calls_a_second=100_000)
    msgspec.structs.force_setattr(kit.core.config, "http", http)
    started, ended, found = threading.Event(), asyncio.Event(), list[Desk]()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        gateway = Gateway(kit.unlent, Wake())
        await gateway.open(LOCAL)
        gateway.ready.settled.set()
        gateway.ready.has_started, gateway.ready.bus = True, BusState(is_connected=True)
        held = {scope: await _token(gateway, scope) for scope in SCOPES}
        registration = register("reader", "health", ["alert", "trend"], "AMBER")
        made = await gateway.agencies.add(registration, None, "test")
        registration = register("proposer", "health", ["alert"], "AMBER", may_propose=True)
        proposing = await gateway.agencies.add(registration, None, "test")
        verdict = await gateway.publish(
            written(draft("alert-new-route", "TH", NOW)), realm="actual", key=None, token="test"
        )  # fmt: skip
        assert verdict.verdict == "published", verdict
        async with served(gateway) as url:  # type: ignore[arg-type]  # a real gateway where the fake one is named
            found.append(
                Desk(url, {**held, AGENCY: str(made["token"]), PROPOSE: str(proposing["token"]), "local": LOCAL})
            )
            started.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert started.wait(SECONDS)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(SECONDS)
        loop.close()
        kit.close()


async def _token(gateway: Gateway, scope: str) -> str:
    roles = ROLES if scope == "acknowledge" else ()
    made = await gateway.tokens_add(check(f"only-{scope}", [scope], roles))
    return str(made["token"])
