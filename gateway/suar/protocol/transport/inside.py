"""The messages in a stored object, so that a recall finds every copy of a text, also in refused objects."""

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
    """The fields that identify a message, in its own text and in a copy of its row."""

    id: str
    rev: int


_head: Final = msgspec.json.Decoder(_Head).decode


def messages_in(world: World, data: bytes) -> Iterator[tuple[str, int]]:
    """Yield (id, rev) of each message in an object: a frame that this member can open, or one message.

    Bytes that are not JSON yield every id that they contain, with revision 0.
    """
    for each in _contents(world, data) if data[:4] == frames.MAGIC else [data]:
        try:
            head = _head(each)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            yield from ((found.decode(), 0) for found in set(_ID.findall(each)))
        else:
            yield head.id, head.rev


def _contents(world: World, data: bytes) -> list[bytes]:
    """Return the messages of a frame; all its plain bytes if they do not match its root; nothing without the secret."""
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
