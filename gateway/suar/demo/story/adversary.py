"""Adversaries with real credentials: a malicious hub, and a thief of a member's state folder.

They use NATS as the users whose seeds they hold and make objects with the keys that they have; no gateway helps them.
The limits are real: the hub has no member's identity key, the thief has no root key.
"""

import asyncio
import base64
import contextlib
import secrets
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import call, call_subject
from suar.bus.publish import Publisher
from suar.protocol.base import subjects
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import ONLY_HUB, HubLink
from suar.protocol.base.primitives import ACTUAL, Secret, public_of, random_seed, signing_key
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.epoch import Link, Terms
from suar.protocol.transport.frame import Position
from suar.protocol.transport.sending import Outgoing, SendingChain
from suar.protocol.transport.world import EpochState
from suar.service.core.core import Core

REGION: Final = "REGION"
_SEARCHED: Final = 2_000  # messages of REGION that are searched
_COUNT: Final = struct.Struct(">52xH")  # a frame's number of messages
_SEQ: Final = struct.Struct(">36xQ")  # a frame's number


class Captured(NamedTuple):
    """An object as the hub stores it: its `sequence` in REGION, subject and bytes."""

    sequence: int
    subject: str
    data: bytes

    @property
    def seq(self) -> int:
        """The frame's number in its epoch."""
        return int(_SEQ.unpack_from(self.data)[0])

    @property
    def messages(self) -> int:
        """The number of messages in the frame; 0 for a heartbeat."""
        return int(_COUNT.unpack_from(self.data)[0])


async def captured(admin: Bus, stream: str, prefix: str) -> list[Captured]:
    """Return what a stream holds under subjects that begin with `prefix`, oldest first."""
    last = int((await call(admin, f"STREAM.INFO.{stream}"))["state"]["last_seq"])
    sequences = range(max(0, last - _SEARCHED) + 1, last + 1)
    found = await asyncio.gather(*(_read_object(admin, stream, sequence) for sequence in sequences))
    return [each for each in found if each and each.subject.startswith(prefix)]


async def _read_object(admin: Bus, stream: str, sequence: int) -> Captured | None:
    try:
        answer = await call_subject(admin, f"$JS.API.STREAM.MSG.GET.{stream}", {"seq": sequence})
    except BusError:
        return None
    message = answer["message"]
    return Captured(sequence, message["subject"], base64.b64decode(message.get("data", "")))


class LyingHub:
    """The hub's operator, with the administrator's user of account REGION."""

    def __init__(self, admin: Bus, link: HubLink = ONLY_HUB) -> None:
        self._admin, self._link = admin, link

    @contextlib.asynccontextmanager
    async def taking_subjects(self) -> AsyncIterator[None]:
        """Let REGION also accept what its operator publishes under any sender's name, which the hub's operator really
        can do.
        """
        config = await streams.stream_config(self._admin, REGION) or {}
        await call(self._admin, f"STREAM.UPDATE.{REGION}", {**config, "subjects": [f"{subjects.PREFIX}>"]})
        try:
            yield
        finally:
            await call(self._admin, f"STREAM.UPDATE.{REGION}", {**config, "subjects": [], "duplicate_window": 0})

    async def inject(self, subject: str, data: bytes) -> None:
        """Insert an object among what the members sent."""
        answer = await self._admin.request(subject, data)
        if b'"error"' in answer.data:
            raise Fault("the hub could not inject an object", "see the hub's log")

    async def captured(self, prefix: str) -> list[Captured]:
        """Return what REGION holds under subjects that begin with `prefix`, oldest first."""
        return await captured(self._admin, REGION, prefix)

    @contextlib.asynccontextmanager
    async def withholding(self, target: str, sender: str, codes: Sequence[str]) -> AsyncIterator[None]:
        """Withhold everything that `sender` sends to all from `target`, by the filter of the target's consumer."""
        honest = streams.down(target, self._link)
        others = [f"{subjects.PREFIX}{code.lower()}.*.*.all.>" for code in codes if code != sender]
        lying = {**honest, "filter_subjects": [*others, f"{subjects.PREFIX}*.*.*.{target.lower()}.>"]}
        await streams.ensure_consumer(self._admin, REGION, lying)
        try:
            yield
        finally:
            await streams.ensure_consumer(self._admin, REGION, honest)


class Thief:
    """Holds a member's state folder and its passphrase: every key of that gateway, and its user at the NATS server."""

    def __init__(self, core: Core, bus: Bus) -> None:
        self._core, self._publisher = core, Publisher(bus)
        self.member = core.member

    async def publish(self, subject: str, data: bytes) -> None:
        """Publish at home as the member's gateway does; its server accepts it under a new message id."""
        future = await self._publisher.publish(subject, data, secrets.token_hex(16))
        await future

    async def send(self, outgoing: Sequence[Outgoing], under: Mapping[str, str] | None = None) -> None:
        """Publish sealed objects; `under` gives a type of object another subject."""
        for each in outgoing:
            await self.publish((under or {}).get(each.type, each.subject), each.data)

    def seal(self, *messages: bytes, realm: str = ACTUAL) -> list[Outgoing]:
        """Seal any bytes for everybody, correctly signed and chained; the content of the messages is not checked."""
        return self._core.sender.prepare(self._core.world, realm, ALL, messages, self._core.clock())

    def chain(self) -> SendingChain:
        """Return the member's own chain to all."""
        return self._core.sender.chain(ACTUAL, ALL)

    def second_frame(self, message: bytes) -> tuple[str, bytes]:
        """Return (subject, bytes) of another frame with the number and predecessor of the last one sent."""
        chain = self.chain()
        if chain.opened is None or chain.last is None:
            raise AssertionError("something was sealed before")
        prev = chain.last.data[56:88]
        at = Position(chain.opened.id, chain.last.seq, prev)
        sealed = frames.seal_frame(ACTUAL, chain.opened.secret, chain.opened.signing, at, self._core.clock(), [message])
        return subjects.frame(ACTUAL, ALL, chain.opened.id), sealed.data

    def forget_epochs(self) -> None:
        """Open a new epoch with the next message."""
        chain = self.chain()
        chain.link, chain.opened, chain.last = chain.end, None, None

    # -- what a member can do with another's epoch

    def epoch_of(self, sender: str, realm: str = ACTUAL) -> EpochState:
        """Return the newest epoch that `sender` opened to all, from the stolen store."""
        world = self._core.world
        found = [
            state
            for state in world.epochs.values()
            if state.epoch.sender == sender and state.chain.realm == realm and state.chain.channel == ALL
        ]
        return max(found, key=lambda state: state.epoch.not_before)

    def forge_frame(self, state: EpochState, message: bytes) -> bytes:
        """Return the next frame of another's epoch, with its secret, which every recipient has, and our own signing
        key.
        """
        secret = self._core.world.secret(state)
        at = Position(state.id, state.sequence.next, state.sequence.last_hash)
        return frames.seal_frame(
            state.chain.realm, secret, signing_key(random_seed()), at, self._core.clock(), [message]
        ).data

    def forge_epoch(self, sender: str) -> tuple[str, bytes]:
        """Return a well-formed epoch in the name of `sender`, signed with our key under its kid."""
        world, now = self._core.world, self._core.clock()
        known = self.epoch_of(sender)
        terms = Terms(
            world.federation, ACTUAL, sender, ALL, now, now + 3_600_000, world.trust.version, world.trust.hash
        )
        bundles = [world.bundles.newest_valid(code, world.trust, now) for code in world.trust.active_members()]
        recipients = [(held.bundle.member, held.kid, held.key) for held in bundles if held]
        seed = random_seed()
        link = Link(known.id, known.sequence.next, known.sequence.last_hash)
        opened = epochs.open_epoch(terms, link, recipients, signing_key(seed), public_of(seed))
        data = epochs.MAGIC + known.chain.signer + opened.data[20:]
        return subjects.hub(sender, subjects.epoch(ACTUAL, ALL, opened.id)), data

    @property
    def identity(self) -> tuple[Secret, bytes]:
        """Return seed and public key of the stolen identity."""
        own = self._core.keyring.identity
        return own.seed, own.public


def altered(data: bytes, at: int) -> bytes:
    """Return the bytes with one bit of one byte flipped."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def numbered(message: Mapping[str, Any], member: str, number: int, **changes: Any) -> dict[str, Any]:
    """Return a whole message as `member`'s gateway would write it, with `changes`."""
    year = str(message["sent"])[:4]
    id_ = f"{member}-{message['kind'].upper()}-{year}-{number:06d}"
    return {**message, "id": id_, **changes}
