"""`python -m suar.service.composer SETTINGS`: composes drafts ahead, for `ahead.Ahead`.

Frames of four bytes of length (big endian) and msgpack: a Work comes in, a list with the message or null of each draft
goes out, in their order. It ends when its input does. It has no key, opens no file and writes no log.
"""

import sys
from typing import BinaryIO, Final

import msgspec

from suar.protocol.ahead import compose_ahead
from suar.service import interpreter
from suar.service.config import Gate

LENGTH: Final = 4


class Work(msgspec.Struct, frozen=True, array_like=True):
    """Drafts of one realm and the time that they are composed at, ms."""

    realm: str
    now: int
    drafts: list[bytes]


class Settings(msgspec.Struct, frozen=True):
    """What a composer is started with."""

    member: str
    gate: Gate


encode: Final = msgspec.msgpack.Encoder().encode
_work: Final = msgspec.msgpack.Decoder(Work).decode
_settings: Final = msgspec.json.Decoder(Settings).decode


def framed(value: object) -> bytes:
    """A frame with this in it."""
    data = encode(value)
    return len(data).to_bytes(LENGTH, "big") + data


def main(settings: Settings, given: BinaryIO, taken: BinaryIO) -> None:
    """Compose what comes until nothing more does."""
    while length := given.read(LENGTH):
        work = _work(given.read(int.from_bytes(length, "big")))
        made = [
            compose_ahead(draft, member=settings.member, realm=work.realm, now=work.now, gate=settings.gate)
            for draft in work.drafts
        ]
        taken.write(framed(made))
        taken.flush()


if __name__ == "__main__":
    interpreter.settle()
    main(_settings(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
