"""Reading messages: JSON form, then types, then every field's own rule (rule F8 of protocol.md).

`read` is the hot path of the bus: msgspec decodes the bytes straight into their type and writes them again. What comes
back byte for byte is in the JSON form (jsonform.py says why), and every gateway of ours writes so; of other bytes the
form is judged on its own. Then the few rules that types cannot say are checked. Only when one of these fails is the
message read over a tree and inspected value by value, to name the fault.
Section 5 of messages.md: our minor or a lower one is read strictly, a higher minor leniently, another major not at all.
"""

from __future__ import annotations

from typing import Any, Final
from unicodedata import is_normalized

import msgspec

from suar.protocol.base.limits import MESSAGE_BYTES_MAX
from suar.protocol.base.reasons import CODES, Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.inspection import MAX_REASONS, Inspection
from suar.protocol.message.jsonform import compact, parse
from suar.protocol.message.kinds import (
    KINDS,
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
    "all_reasons",
    "decode",
    "encode",
    "is_higher_minor",
    "kind_of",
    "read",
    "schema_of",
    "sender_of",
    "shape_of",
    "with_clear",
]

_NAMES = {shape: kind for kind, shape in KINDS.items()}
READ_SCHEMAS: dict[str, tuple[str, ...]] = {kind: schemas_of(shape) for kind, shape in KINDS.items()}
"""The schemas of a kind that are read strictly, by its type, the oldest first."""
WRITTEN_SCHEMA = {kind: schemas[-1] for kind, schemas in READ_SCHEMAS.items()}
"""The schema of a kind that this version writes: the highest that it reads strictly."""
_STRICT = frozenset(schema for schemas in READ_SCHEMAS.values() for schema in schemas)
OLDER_SCHEMAS = _STRICT - frozenset(WRITTEN_SCHEMA.values())
"""The schemas below ours: none while every kind has one minor."""

_MINOR_DIGITS: Final = 5

encode = msgspec.json.Encoder().encode
"""A message as compact UTF-8 JSON in the order of its fields. Never of a message that was read: forward its bytes."""


def read(data: bytes) -> Message:
    """The message in `data`, checked by F8 as far as one field goes. Raises Invalid F8; from any bytes nothing else."""
    message = decode_fast(data)
    return decode(parse(data)) if message is None else message


decode_bytes = msgspec.json.Decoder(Message).decode


def decode_fast(data: bytes) -> Message | None:
    """The message, if its bytes go straight into the type of their kind and nothing is wrong; None is no verdict."""
    if len(data) > MESSAGE_BYTES_MAX:
        return None
    try:
        message: Message = decode_bytes(data)  # the types judge numbers and depth
        is_ours = encode(message) == data and (data.isascii() or is_normalized("NFC", data.decode()))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return None
    if not isinstance(message, Receipt) and message.tlp == "WHITE":
        return None  # which is read as CLEAR, over the tree
    if OLDER_SCHEMAS and message.schema in OLDER_SCHEMAS:
        return None  # what it may not carry yet is looked for in the tree
    return message if (is_ours or compact(data) is not None) and has_valid_values(message) else None


def decode(value: dict[str, Any]) -> Message:
    """The message in a tree that `jsonform.parse` made. Raises Invalid F8."""
    message = _strict(value)
    if message is not None:
        return _of_its_minor(message, value)
    kind = _kind(value)
    if value.get("schema") not in READ_SCHEMAS[kind]:
        return _lenient(kind, with_clear(value))
    raise Invalid("F8", all_reasons(value, limit=1))


def _of_its_minor(message: Message, value: dict[str, Any]) -> Message:
    if message.schema in OLDER_SCHEMAS:
        from suar.protocol.message.minors import newer

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
    """Every F8 reason against a tree of our own minor, at most `limit`; empty if there is none."""
    inspection = Inspection(limit=limit)
    inspection.message(KINDS[_kind(value)], with_clear(value))
    return tuple(inspection.reasons)


def shape_of(value: dict[str, Any]) -> tuple[type[Message], str]:
    """The Struct and the name of a tree's kind. Raises Invalid F8."""
    kind = _kind(value)
    return KINDS[kind], kind


def schema_of(kind: str) -> str:
    """The schema name that this version writes, such as alert/1.0."""
    return WRITTEN_SCHEMA[kind]


def kind_of(message: Message) -> str:
    """The kind of a message, its tag."""
    return _NAMES[type(message)]


def sender_of(message: Publication) -> str:
    """The member that signed a message which a gateway accepted: the id begins with its code ([F8]).

    What names the publisher to people and programs goes by this and by no other field: a gateway of before 1.0.1 may
    hold a message whose issuer names another member.
    """
    return message.id[:2]


def is_higher_minor(schema: str) -> bool:
    """Whether a schema name that was read is of a minor above ours."""
    return schema not in _STRICT


def _kind(value: dict[str, Any]) -> str:
    kind = value.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        return kind
    text = sentence("the kind is missing") if kind is None else sentence("the kind is unknown")
    hint = sentence("one of: {kinds}", kinds=", ".join(KINDS))
    raise Invalid("F8", (Reason.of("E-MESSAGE-KIND", "F8", "$.kind", text, hint),))


def with_clear(value: dict[str, Any]) -> dict[str, Any]:
    """The tree with TLP WHITE, as TLP 1 called it, read as CLEAR; it is never written."""
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
