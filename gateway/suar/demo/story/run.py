"""The demo from beginning to end, as run by `suar demo`."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from suar.bus.errors import BusError
from suar.demo.embedded.examples import drafts
from suar.demo.embedded.federation import Federation, fresh_folder, write_demo_json
from suar.demo.embedded.founding import NAMES
from suar.demo.embedded.nats_process import binary
from suar.demo.embedded.nursery import Nursery
from suar.demo.story import picture
from suar.demo.story.acts import hostile_acts
from suar.demo.story.publications import publish_all
from suar.demo.story.readings import readings
from suar.demo.story.report import Report
from suar.demo.story.small_counts import gate, small_counts
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.rounds import SourceState
from suar.files import atomic_write
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret

PASSPHRASE: Final = "passphrase"  # noqa: S105 - the name of a file
_CHECK_EVERY: Final = 0.5  # seconds between two checks that every process still runs

Reporter = Callable[[str], None]


@dataclass
class Options:
    """`members` 3..11; `folder` None for a temporary one; `passphrase` None for a random one."""

    members: int
    is_single_run: bool
    folder: Path | None = None
    passphrase: Secret | None = field(default=None, repr=False)
    report: Reporter = lambda _: None
    ready: Callable[[Federation, Report], None] = lambda *_: None
    hubs: int = 1


def run(options: Options) -> Report:
    """Run the demo; with `is_single_run` to its end, else until SIGINT or SIGTERM.

    Every process has ended when this returns.
    """
    started = time.monotonic()
    _installed()
    with demo_folder(options.folder, keeps_picture=options.is_single_run) as folder:
        passphrase = options.passphrase or _random_passphrase(folder)
        nursery = Nursery()
        try:
            codes = list(NAMES)[: options.members]
            federation = Federation(folder, codes, passphrase, nursery, options.report, hubs=options.hubs)
            report = asyncio.run(_interruptible(_demo(federation, options, started)))
        except (Fault, BusError) as error:
            raise _explained(error, options.folder) from None
        finally:
            nursery.close()
    return report


def _explained(error: Fault | BusError, kept: Path | None) -> Fault:
    """Return the failure with a hint that is still valid when the folder was removed."""
    fault = error if isinstance(error, Fault) else Fault(f"the NATS servers failed: {error}", f"see {kept}")
    return fault if kept else Fault(fault.text, "run it again with --dir DIR, which keeps the logs")


async def _demo(federation: Federation, options: Options, started: float) -> Report:
    async with federation:
        options.report("publishing the shipped examples, and a table with small counts")
        handed_in = [*drafts(federation.codes), small_counts(federation.codes)]
        report = Report(federation.codes, await publish_all(federation, handed_in))
        await _read(federation, report)
        report.faults += federation.ended()
        write_demo_json(federation)
        report.consoles = {
            code: federation.logins.console(code, each.desk.url) for code, each in sorted(federation.gateways.items())
        }
        if options.is_single_run:
            await _draw(federation, report)
            await _acts(federation, report)
        else:
            report.seconds = time.monotonic() - started
            options.ready(federation, report)
            await _until_stopped(federation, options.report)
        options.report("stopping")
    if options.is_single_run:
        report.seconds = time.monotonic() - started
    return report


async def _read(federation: Federation, report: Report) -> None:
    try:
        report.readings = await readings(federation, report.publications)
        report.gate = await gate(federation, report.publications)
    except Fault as fault:
        report.faults.append(f"readings: {fault.text}")


async def _draw(federation: Federation, report: Report) -> None:
    if report.missing:
        return
    federation.report("drawing who has one of the alerts")
    try:
        report.picture = await picture.draw_matrix(federation, report.publications)
    except Fault as fault:
        report.faults.append(f"picture: {fault.text}")


async def _acts(federation: Federation, report: Report) -> None:
    if report.missing:
        report.faults.append("hostile acts: not tried, since the deliveries failed")
        return
    try:
        report.acts = await hostile_acts(federation)
    except (Fault, BusError) as error:
        report.faults.append(f"hostile acts: {error}")
    report.faults += federation.ended()


async def _until_stopped(federation: Federation, report: Reporter) -> None:
    """Continue with the hub's watchdog until the signal; report what ends by itself."""

    def seen(each: SourceState) -> None:
        if each.kind not in ("healthy", "suspect"):
            report(f"watchdog: {each.name} {each.kind} {each.detail}".rstrip())

    watches = [asyncio.create_task(HubWatch(hub, on_seen=seen).run()) for hub in federation.nats.hubs]
    reported: set[str] = set()
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            for line in federation.ended():
                if line not in reported:
                    report(line)
                reported.add(line)
            await asyncio.sleep(_CHECK_EVERY)
    for watch in watches:
        watch.cancel()
    await asyncio.gather(*watches, return_exceptions=True)


async def _interruptible(demo: Coroutine[Any, Any, Report]) -> Report:
    """Let the first SIGINT or SIGTERM cancel the demo, which then stops everything in order; a second has no effect."""
    task = asyncio.create_task(demo)

    def stop() -> None:
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _installed() -> None:
    """Raise Fault if packages that only the demo needs are missing."""
    binary()
    if find_spec("trustme") is None:
        raise Fault("trustme is not installed: it makes the demo's certificates", "pip install 'suar[embedded]'")


@contextlib.contextmanager
def demo_folder(folder: Path | None, *, keeps_picture: bool) -> Iterator[Path]:
    """Yield the demo's folder; a temporary one is removed at the end, except for the picture."""
    if folder is not None:
        fresh_folder(folder)
        yield folder.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="suar-demo-"))
    try:
        yield made
    finally:
        for path in made.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif not (keeps_picture and path.stem == picture.NAME):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the folder contains the picture
            made.rmdir()


def _random_passphrase(folder: Path) -> Secret:
    """Write a random passphrase beside what it opens: the keys protect nothing, and someone may want to start a
    gateway.
    """
    passphrase = secrets.token_urlsafe(24).encode()
    atomic_write(folder / PASSPHRASE, passphrase + b"\n")
    return Secret(passphrase)


def addresses(federation: Federation) -> Sequence[str]:
    """Return where everything is, and who may sign in, for a person; tokens are only in demo.json."""
    folder = federation.folder
    lines = [f"{code}  {gateway.desk.url}  {gateway.state}" for code, gateway in sorted(federation.gateways.items())]
    lines += ["", "consoles: user, password, key for an authenticator"]
    for code, gateway in sorted(federation.gateways.items()):
        console = federation.logins.console(code, gateway.desk.url)
        lines.append(f"{code}  {console['url']}")
        lines += [f"    {each['user']:8}  {each['password']}  {each['totp']}" for each in console["logins"].values()]
    lines.append("")
    return [
        *lines,
        f"tokens: {folder / 'demo.json'}",
        f"ask a gateway: suar inbox --state {federation.founded.state(federation.codes[0])}",
        "stop all of it with Ctrl-C",
    ]
