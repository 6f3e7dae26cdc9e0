"""Strict msgpack: arrays in field order, bytes as bin, text as str, integers 0 to 2^53-1, nothing else.

Typed decoding refuses maps, floats and extensions, because no type of the protocol has them. The three exceptions that
msgspec may raise become `Malformed`.
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
"""The exceptions that decoding of arbitrary bytes may raise, for msgpack and JSON."""


class Malformed(Exception):  # noqa: N818 - describes the bytes; the caller knows which rule refuses them
    """The bytes do not have the form of their type."""


class Array(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """Base of the protocol's msgpack objects: an array in the order of its fields."""


def decode(decoder: "msgspec.msgpack.Decoder[T]", data: bytes) -> T:
    """Return the decoded value. Raises Malformed, and no other exception, for any bytes."""
    try:
        return decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(type(error).__name__) from error


def built(shape: Any) -> None:
    """Make msgspec build a type completely at import. Two threads that use a type for the first time at once could
    otherwise read it half-built.
    """
    msgspec.json.Decoder(shape)


_encoder = msgspec.msgpack.Encoder()


def encode(value: Any) -> bytes:
    """Return msgpack of arrays, bytes, text, integers and nil."""
    return _encoder.encode(value)
