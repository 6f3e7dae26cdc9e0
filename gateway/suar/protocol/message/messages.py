"""Reading messages: the JSON form, then the types, then each field's own rule (rule F8 of protocol.md).

`read` is the hot path of the bus: msgspec decodes the bytes into their type and encodes them again. If that reproduces
the bytes, they are in the JSON form (jsonform.py explains why); every gateway of this version writes such bytes.
Otherwise the form is checked separately. Then the few rules that types cannot express are checked. Only if one of these
checks fails is the message read as a tree and inspected value by value, to name the fault.

Section 5 of messages.md: this version's minor or a lower one is read strictly, a higher minor leniently, another major
is refused.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from suar.protocol.base.errors import Fault
from suar.protocol.base.limits import MESSAGE_BYTES_MAX
from suar.protocol.base.reasons import CODES, Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.inspection import MAX_REASONS, Inspection
from suar.protocol.message.jsonform import compact, is_in_form, parse
from suar.protocol.message.kinds import (
    KINDS,
    PUBLISHED,
    Alert,
    Contact,
    Legislation,
    Message,
    Pattern,
    Practice,
    Publication,
    Receipt,
    Trend,
)
from suar.protocol.message.minors import may_be_newer, newer
from suar.protocol.message.soundness import has_valid_values
from suar.protocol.message.spec import schemas_of

__all__ = [
    "CODES",
    "KINDS",
    "Alert",
    "Contact",
    "Invalid",
    "Legislation",
    "Message",
    "Pattern",
    "Practice",
    "Publication",
    "Reason",
    "Receipt",
    "Trend",
    "Unreadable",
    "all_reasons",
    "decode",
    "encode",
    "is_higher_minor",
    "kind_of",
    "read",
    "read_stored",
    "readable",
    "schema_of",
    "sender_of",
    "shape_of",
    "with_clear",
]

_NAMES = {shape: kind for kind, shape in KINDS.items()}
READ_SCHEMAS: dict[str, tuple[str, ...]] = {kind: schemas_of(shape) for kind, shape in KINDS.items()}
"""The schemas of each kind that are read strictly, the oldest first."""
WRITTEN_SCHEMA = {kind: schemas[-1] for kind, schemas in READ_SCHEMAS.items()}
"""The schema of each kind that this version writes: the highest that it reads strictly."""
_STRICT = frozenset(schema for schemas in READ_SCHEMAS.values() for schema in schemas)
OLDER_SCHEMAS = _STRICT - frozenset(WRITTEN_SCHEMA.values())
"""Schemas of lower minors than the one that this version writes."""

_MINOR_DIGITS: Final = 5

encode = msgspec.json.Encoder().encode
"""Encodes a message as compact UTF-8 JSON in field order. Not for a message that was read: forward its bytes."""


def read(data: bytes) -> Message:
    """Return the message in `data`, with every single field checked by F8. Raises only Invalid F8, for any bytes."""
    return decode_fast(data) or decode_slow(data)


class Unreadable(Fault):
    """A stored message is not one that this version reads, though it was accepted once.

    What shows many messages leaves such a one out; the walk of the store counts and logs it (store_checks.py).
    """

    def __init__(self, invalid: Invalid) -> None:
        super().__init__(
            f"the stored message cannot be read by this version: {invalid}",
            "its bytes are kept as they were signed; its publisher can send it again as an update",
        )


def read_stored(data: bytes) -> Message:
    """Return the message in bytes that were accepted before. Raises Unreadable where this version does not read it."""
    try:
        return read(data)
    except Invalid as invalid:
        raise Unreadable(invalid) from None


def readable(data: bytes) -> Message | None:
    """Return the message in bytes that were accepted before; None where this version does not read it."""
    try:
        return read(data)
    except Invalid:
        return None


decode_bytes = msgspec.json.Decoder(Message).decode


def decode_fast(data: bytes) -> Message | None:
    """Return the message if its bytes decode directly into the type of its kind without a fault.

    None is not a verdict.
    """
    if len(data) > MESSAGE_BYTES_MAX:
        return None
    try:
        message: Message = decode_bytes(data)  # the types check numbers and depth
        is_ours = encode(message) == data and (data.isascii() or is_in_form(data.decode()))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return None
    if not isinstance(message, Receipt) and message.tlp == "WHITE":
        return None  # the slow path reads WHITE as CLEAR
    if message.schema in OLDER_SCHEMAS and may_be_newer(message):
        return None  # the slow path searches the tree for what the minor does not have
    return message if (is_ours or compact(data) is not None) and has_valid_values(message) else None


def decode_slow(data: bytes) -> Message:
    """Return the message in bytes of which `decode_fast` has no verdict. Raises Invalid F8."""
    return decode(parse(data))


def decode(value: dict[str, Any]) -> Message:
    """Return the message in a tree that `jsonform.parse` made. Raises Invalid F8."""
    message = _strict(value)
    if message is not None:
        return _of_its_minor(message, value)
    kind = _kind(value)
    if value.get("schema") not in READ_SCHEMAS[kind]:
        return _lenient(kind, with_clear(value))
    raise Invalid("F8", all_reasons(value, limit=1))


def _of_its_minor(message: Message, value: dict[str, Any]) -> Message:
    if message.schema in OLDER_SCHEMAS:
        reasons = newer(type(message), value)
        if reasons:
            raise Invalid("F8", reasons)
    return message


def _strict(value: dict[str, Any]) -> Message | None:
    shape = KINDS.get(value["kind"]) if isinstance(value.get("kind"), str) else None
    if shape is None:
        return None
    try:
        message = msgspec.convert(with_clear(value), shape)
    except msgspec.ValidationError:
        return None
    return message if has_valid_values(message) else None


def all_reasons(value: dict[str, Any], *, limit: int = MAX_REASONS) -> tuple[Reason, ...]:
    """Return every F8 reason against a tree of our own minor, at most `limit`."""
    inspection = Inspection(limit=limit)
    inspection.message(KINDS[_kind(value)], with_clear(value))
    return tuple(inspection.reasons)


def shape_of(value: dict[str, Any]) -> tuple[type[Message], str]:
    """Return the Struct and the name of a tree's kind. Raises Invalid F8."""
    kind = _kind(value)
    return KINDS[kind], kind


def schema_of(kind: str) -> str:
    """Return the schema name that this version writes, such as alert/1.0."""
    return WRITTEN_SCHEMA[kind]


def kind_of(message: Message) -> str:
    """Return the kind of a message."""
    return _NAMES[type(message)]


def sender_of(message: Publication) -> str:
    """Return the member that signed an accepted message: the id begins with its code ([F8]).

    People and programs are shown this member as the publisher, and not the issuer: a gateway older than 1.0.1 may hold
    a message whose issuer names another member.
    """
    return message.id[:2]


def is_higher_minor(schema: str) -> bool:
    """Whether the schema is of a higher minor than ours."""
    return schema not in _STRICT


def _kind(value: dict[str, Any]) -> str:
    kind = value.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        return kind
    text = sentence("the kind is missing") if kind is None else sentence("the kind is unknown")
    hint = sentence("one of: {kinds}", kinds=", ".join(PUBLISHED))
    raise Invalid("F8", (Reason.of("E-MESSAGE-KIND", "F8", "$.kind", text, hint),))


def with_clear(value: dict[str, Any]) -> dict[str, Any]:
    """Return the tree with TLP WHITE, the name in TLP 1, read as CLEAR; WHITE is never written."""
    return {**value, "tlp": "CLEAR"} if value.get("tlp") == "WHITE" else value


def _lenient(kind: str, value: dict[str, Any]) -> Message:
    schema = value.get("schema")
    if not isinstance(schema, str) or not _is_higher(kind, schema):
        text = sentence("the schema is not one that this version reads")
        text = sentence("the schema is missing") if schema is None else text
        hint = sentence("{ours}, or a higher minor of it", ours=WRITTEN_SCHEMA[kind])
        raise Invalid("F8", (Reason.of("E-MESSAGE-SCHEMA", "F8", "$.schema", text, hint),))
    inspection = Inspection(lenient=True, limit=1)
    message = inspection.message(KINDS[kind], value)
    if message is None or inspection.reasons:
        raise Invalid("F8", tuple(inspection.reasons))
    return message


def _is_higher(kind: str, schema: str) -> bool:
    major, _, ours = WRITTEN_SCHEMA[kind].partition(".")
    minor = schema.removeprefix(f"{major}.")
    plain = minor.isascii() and minor.isdigit() and len(minor) <= _MINOR_DIGITS and minor == str(int(minor))
    return plain and int(minor) > int(ours)
