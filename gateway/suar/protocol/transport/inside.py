"""The messages that a stored object contains, so that a recall finds every copy of a text, also in what was refused."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import CryptoError, Secret, frame_key, unseal
from suar.protocol.transport import frame as frames
from suar.protocol.transport.world import World

_ID: Final = re.compile(rb"[A-Z]{2}-[A-Z]{2,20}-[0-9]{4}-[0-9]{6}")


class _Head(msgspec.Struct):
    """What names a message, in its own text and in a copy of its row."""

    id: str
    rev: int


_head: Final = msgspec.json.Decoder(_Head).decode


def messages_in(world: World, data: bytes) -> Iterator[tuple[str, int]]:
    """Yield (id, rev) of each message in an object: a frame that this member can open, or one message.

    What cannot be read as JSON yields every id that it mentions, with revision 0.
    """
    for each in _contents(world, data) if data[:4] == frames.MAGIC else [data]:
        try:
            head = _head(each)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            yield from ((found.decode(), 0) for found in set(_ID.findall(each)))
        else:
            yield head.id, head.rev


def _contents(world: World, data: bytes) -> list[bytes]:
    """The messages of a frame; all its plain bytes when these are not as its root says; nothing without the secret."""
    try:
        parsed = frames.parse(data)
        state = world.epochs[parsed.epoch_id]
        secret = world.secret(state)
    except (Refused, CryptoError, LookupError):
        return []
    try:
        return frames.open_content(parsed, secret, state.chain.realm)
    except Refused:
        return _plain(data, secret, state.chain.realm)


def _plain(data: bytes, secret: Secret, realm: str) -> list[bytes]:
    header = data[: limits.FRAME_HEADER]
    try:
        sealed = data[limits.FRAME_HEADER : -limits.FRAME_SIGNATURE]
        return [unseal(frame_key(realm, secret, header), sealed, header)]
    except CryptoError:
        return []
