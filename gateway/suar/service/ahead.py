"""What programs publish by the hundred is composed in a process beside, while the core commits what came before.

Composing and screening are two fifths of what a message costs the core, and need nothing that is stored. The process is
given drafts and what the gate asks of the settings; no key, no passphrase, no store. Whatever it does not pass, and all
when it is late, busy or dead, the core composes itself as it does a single message. It starts with the first large
batch and is kept.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from suar.observe.hooks import Happened
from suar.service.composer import LENGTH, Settings, Work, framed
from suar.service.core import Core

FEWEST: Final = 64  # drafts: fewer are composed before the process would have answered
WITHIN: Final = 2.0  # seconds for an answer; a hundred times what it takes
PAUSE: Final = 60.0  # seconds before one that failed is started again
_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
"""Nothing of ours, which may hold secrets."""
_CORES: Final = len(os.sched_getaffinity(0))  # on one core nothing is done beside another
_answer: Final = msgspec.msgpack.Decoder(list[bytes | None]).decode


class Ahead(NamedTuple):
    """Messages without number, or None, in the order of their drafts; `at`: the time in them, ms."""

    at: int
    messages: Sequence[bytes | None]


class Composer:
    """The process, as the event loop sees it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._settings = msgspec.json.encode(Settings(core.member, core.config.gate)).decode()
        self._process: Process | None = None
        self._starting: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._not_before = 0.0
        self._is_busy = False

    async def compose(self, drafts: Sequence[bytes], realm: str) -> Ahead | None:
        """These, composed ahead; None when the core should do it."""
        if len(drafts) < FEWEST or self._is_busy or _CORES < 2:
            return None
        if self._process is None:
            self._start()
            return None
        self._is_busy = True
        work = Work(realm, self._core.clock(), list(drafts))
        try:
            async with asyncio.timeout(WITHIN):
                messages = await _ask(self._process, work)
            if len(messages) != len(drafts):
                raise msgspec.ValidationError
        except asyncio.CancelledError:
            self._drop()  # its answer would be taken for the next one's
            raise
        except Exception as error:  # whatever it is, the core can do without
            self._failed(type(error).__name__)
            return None
        finally:
            self._is_busy = False
        return Ahead(work.now, messages)

    async def close(self) -> None:
        """End the process."""
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        self._drop()
        await asyncio.gather(*self._ending)

    def _start(self) -> None:
        if self._starting is None and asyncio.get_running_loop().time() >= self._not_before:
            self._starting = asyncio.create_task(self._started())

    async def _started(self) -> None:
        """It answers once before it is used: until then nobody waits for it."""
        process = None
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "suar.service.composer", self._settings, stdin=PIPE, stdout=PIPE,
                stderr=DEVNULL, env=_ENVIRONMENT, cwd="/", start_new_session=True,
            )  # fmt: skip
            await _ask(process, Work("actual", 0, []))
            self._process, process = process, None
        except Exception as error:
            self._failed(type(error).__name__)
        finally:
            self._starting = None
            if process is not None:
                await _end(process)

    def _failed(self, error_type: str) -> None:
        self._drop()
        self._not_before = asyncio.get_running_loop().time() + PAUSE
        facts = {"error_type": error_type}
        self._core.hooks(Happened(at=self._core.clock(), event="composer_failed", level="warning", facts=facts))

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            ending = asyncio.create_task(_end(process))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)


async def _ask(process: Process, work: Work) -> list[bytes | None]:
    if process.stdin is None or process.stdout is None or process.stdin.is_closing():
        raise EOFError
    process.stdin.write(framed(work))
    length = await process.stdout.readexactly(LENGTH)  # it reads everything before it answers
    return _answer(await process.stdout.readexactly(int.from_bytes(length, "big")))


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
