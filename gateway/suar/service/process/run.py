"""`suar serve`: one process and one state folder; everything is started and stopped in order."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from suar.bus.connect import Bus, BusEvent
from suar.files import atomic_write
from suar.observe.hooks import BusChanged, Happened, Hooks, Listener
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import new_token
from suar.service.core import seams
from suar.service.core.core import Core
from suar.service.custody import key_changes
from suar.service.notify.notify import Notifier
from suar.service.pacing.wake import Signal, Wake
from suar.service.process import runtime_tuning, standby
from suar.service.process.gateway import Gateway
from suar.service.process.loops import Loops
from suar.service.process.supervisor import Supervisor
from suar.service.recovery import whole_store
from suar.service.settings import config as settings
from suar.service.settings.integrity import Integrity
from suar.service.settings.keyring import Keyring
from suar.service.settings.state import KEYRING, locked
from suar.store.engine.database import Database, StoreFault
from suar.store.messages import ledger_adopt

ADDRESS: Final = "gateway.json"
STOP_WITHIN: Final = 8.0  # seconds to finish work in progress; supervisors commonly wait 10


class HttpServer(Protocol):
    """A running HTTP server."""

    @property
    def url(self) -> str:
        """The URL at which it listens."""

    async def stop(self) -> None:
        """Answer the open requests, then stop."""


StartHttp = Callable[[Gateway], Awaitable[HttpServer]]
StartStandby = Callable[[standby.Standby, settings.Config, str], Awaitable[HttpServer]]
"""Serves the state of a standby; the text is the token of commands on this machine."""


class Opened(NamedTuple):
    """Settings, keyring and store of a state folder, before anything is read from the store."""

    config: settings.Config
    keyring: Keyring
    database: Database
    clock: seams.Clock
    faults: seams.FaultPoints

    @classmethod
    def of(cls, state: Path, passphrase: bytes, environ: Mapping[str, str]) -> "Opened":
        """Open settings, keyring and store of a folder whose lock the caller holds. Raises Fault on a mismatch."""
        config = settings.load(state, environ)
        keyring = Keyring.open(state / KEYRING, passphrase)
        if keyring.member != config.member.code:
            raise Fault(
                f"the keyring is {keyring.member}'s, suar.toml says {config.member.code}",
                f"mend [member] code in {state / settings.CONFIG}",
            )
        keyring.keep_gate_key()
        return cls(config, keyring, Database(state, config.store_url), *seams.from_environment(environ))

    def load(self, hooks: Hooks) -> Core:
        """Return the core of a store that only this process writes from now on. Raises LeaseFault while another gateway
        does.
        """
        self.database.acquire()
        Integrity(self.config.folder, self.keyring, self.database).migrate()
        self.database.claim(self.keyring.pair_hashes(), standby.host_name())
        core = Core(self.config, self.keyring, self.database, hooks, self.clock, self.faults)
        core.load()
        core.check_key()  # else the first signature finds out that it is away
        ledger_adopt.adopt(self.database, core.vault)
        ledger_adopt.name_bodies(self.database, core.vault)
        key_changes.note_change(core)
        return core


def open_core(state: Path, passphrase: bytes, environ: Mapping[str, str], hooks: Hooks) -> Core:
    """Open settings, keyring and store of a state folder; the caller holds its lock. Raises Fault on a mismatch."""
    return Opened.of(state, passphrase, environ).load(hooks)


def verified(state: Path, passphrase: bytes, environ: Mapping[str, str]) -> list[tuple[str, int, str | None]]:
    """Return (table, rows, what is wrong) of every protected table of a state folder whose lock the caller holds, and
    of stored messages and frames.
    """
    opened = Opened.of(state, passphrase, environ)
    core = Core(opened.config, opened.keyring, opened.database, Hooks(), opened.clock, opened.faults)
    try:
        opened.database.acquire()
        core.integrity.migrate()
        found = core.integrity.verified()
        altered = {table for table, _, finding in found if finding is not None}
        return [*found, *whole_store.examine(core, altered)] if found else []  # none: rows of an earlier version
    finally:
        core.close()


async def serve(
    state: Path, passphrase: bytes, *, start_http: StartHttp, start_standby: StartStandby | None = None,
    listeners: tuple[Listener, ...] = (), environ: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Run the gateway until SIGTERM or SIGINT, first as the standby while another one leads on the same store.

    Raises Fault if it cannot start, LeaseFault once another one leads.
    """
    runtime_tuning.schedule_as_batch()
    runtime_tuning.raise_open_files()
    with locked(state):
        variables = environ if environ is not None else os.environ
        opened, hooks, supervisor = Opened.of(state, passphrase, variables), Hooks(*listeners), Supervisor(variables)
        if not await _wait_until_leading(opened, state, hooks, supervisor, start_standby):
            opened.database.close()
            return
        core = opened.load(hooks)
        runtime_tuning.freeze_heap()
        try:
            await _Process(core, state, start_http, supervisor).run()
        finally:
            core.close()


async def _wait_until_leading(
    opened: Opened, state: Path, hooks: Hooks, supervisor: Supervisor, start_http: StartStandby | None
) -> bool:  # fmt: skip
    """Wait until this gateway leads, serving the state of the standby; returns False after SIGTERM or SIGINT."""
    waiting = standby.Standby(opened.database, opened.keyring, hooks, opened.clock)
    if await waiting.try_once():
        return True
    stop, token = Signal(), new_token()
    _on_signals(stop)
    http = await start_http(waiting, opened.config, token) if start_http else None
    try:
        if http is not None:
            _write_address(state, http.url, token)
        runtime_tuning.freeze_heap()  # what is imported by now is not scanned when it leads
        supervisor.ready()
        hooks(Happened(at=opened.clock(), event="standby", facts={"leader": waiting.leader}))
        async with asyncio.TaskGroup() as group:
            alive = group.create_task(supervisor.stay_alive())
            is_ours = await waiting.wait_until_leading(stop)
            alive.cancel()
        return is_ours
    finally:
        (state / ADDRESS).unlink(missing_ok=True)
        if http is not None:
            await http.stop()


def _on_signals(stop: Signal) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def _write_address(state: Path, url: str, token: str) -> None:
    atomic_write(state / ADDRESS, msgspec.json.encode({"url": url, "token": token, "pid": os.getpid()}))


class _Process:
    """Starts and stops the parts of a gateway in order."""

    def __init__(self, core: Core, state: Path, start_http: StartHttp, supervisor: Supervisor) -> None:
        self.core, self.state, self._start_http, self._supervisor = core, state, start_http, supervisor
        self.wake = Wake()
        self.gateway = Gateway(core, self.wake)

    async def run(self) -> None:
        token = new_token()
        await self.gateway.open(token)
        _on_signals(self.wake.stop)
        notifier = Notifier(self.core)  # raises for a channel that cannot be set up, before anything starts
        await self.gateway.webhooks.deliverer.start()
        try:
            async with self.gateway.lease.renewing():
                await self._with_http(token, notifier)
        finally:
            await self.gateway.webhooks.deliverer.stop()
        self.core.hooks(Happened(at=self.core.clock(), event="stopped"))
        if self.gateway.lease.lost is not None:
            raise self.gateway.lease.lost

    async def _with_http(self, token: str, notifier: Notifier) -> None:
        http = await self._start_http(self.gateway)
        try:
            _write_address(self.state, http.url, token)
            self._supervisor.ready()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._with_bus())
                group.create_task(notifier.run(self.wake.stop))
                group.create_task(self._stop_http(http))
                group.create_task(self._supervisor.keep_alive(self.core, self.wake.stop))
        finally:
            (self.state / ADDRESS).unlink(missing_ok=True)
            with contextlib.suppress(StoreFault):  # reported elsewhere; the times of the last minute are lost
                await self.core.run(self.gateway.uses.keep, at_once=True)
                await self.core.run(self.gateway.agency_texts.keep, at_once=True)

    async def _stop_http(self, http: HttpServer) -> None:
        """Stop HTTP together with the loops: open requests are answered while the loops finish their work."""
        try:
            await self.wake.stop.wait()
        finally:
            await http.stop()

    async def _with_bus(self) -> None:
        config = self.core.config
        bus = Bus(
            config.bus.urls, bytes(self.core.keyring.nkey_seed("gateway")), config.bus.inbox_prefix,
            f"gateway-{self.core.member.lower()}", tls=config.tls(), on_event=self._bus_event,
        )  # fmt: skip
        await bus.start()
        try:
            self.core.hooks(Happened(at=self.core.clock(), event="started", facts={"member": self.core.member}))
            await self._until_stopped(Loops(self.core, self.gateway, bus, self.wake))
        finally:
            await bus.close()

    async def _until_stopped(self, loops: Loops) -> None:
        """Run the loops; after the signal they have 8 s to finish. Remaining work is stored for the next start."""
        running = asyncio.create_task(loops.run())
        stop = asyncio.create_task(self.wake.stop.wait())
        await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        self.gateway.ready.is_stopping = True
        self.wake.wake_all()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await running
        except TimeoutError:
            self.core.hooks(Happened(at=self.core.clock(), event="stopped_late", level="warning"))

    def _bus_event(self, event: BusEvent) -> None:
        now = self.core.clock()
        if event.kind in ("connected", "disconnected"):
            is_connected = event.kind == "connected"
            ready = self.gateway.ready
            ready.bus = msgspec.structs.replace(ready.bus, is_connected=is_connected)
            error = "" if is_connected else event.detail[:200]
            self.core.hooks(BusChanged(at=now, is_connected=is_connected, server=self.core.server, error=error))
            self.wake.wake_all()
        elif event.kind == "read_failed":  # the client is replaced; the check bus-read names the object
            error = event.detail[:200]
            self.core.hooks(
                Happened(
                    at=now, event="bus_read_failed", level="error", facts={"error": error, "server": self.core.server}
                )
            )
        else:
            error = event.detail[:200]
            self.core.hooks(
                Happened(at=now, event="bus_error", level="warning", facts={"error": error, "server": self.core.server})
            )
