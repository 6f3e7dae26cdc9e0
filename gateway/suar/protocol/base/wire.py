"""Strict msgpack: arrays in the order given, bytes as bin, text as str, integers 0 to 2^53-1, nothing else.

Typed decoding refuses maps, floats and extensions because no type of ours has them; what is missing here is only that
msgspec lets three exceptions out.
"""

from typing import Annotated, Any, Final, TypeVar

import msgspec

from suar.protocol.base.limits import INTEGER_MAX

UInt = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]
Bytes16 = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Bytes64 = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$", min_length=2, max_length=2)]  # a bare $ lets a newline pass

T = TypeVar("T")


UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding any bytes may raise, JSON too."""


class Malformed(Exception):  # noqa: N818 - said of the bytes; the caller knows which rule refuses them
    """The bytes are not what their type says."""


class Array(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A msgpack object of the protocol: an array in the order of its fields."""


def decode(decoder: "msgspec.msgpack.Decoder[T]", data: bytes) -> T:
    """The value, or Malformed; no other exception from any bytes."""
    try:
        return decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(type(error).__name__) from error


def built(shape: Any) -> None:
    """Have msgspec know a type whole at import: one that two threads meet first at once is read half-built."""
    msgspec.json.Decoder(shape)


_encoder = msgspec.msgpack.Encoder()


def encode(value: Any) -> bytes:
    """msgpack of arrays, bytes, text, integers and nil."""
    return _encoder.encode(value)
