"""The JSON form of messages.md section 2, checked only here, so that two readers never read different texts.

RFC 8259 in UTF-8 without BOM, an object at the top, no repeated key, no lone surrogate, integers without point or
exponent and of magnitude at most 2^53-1 (and no -0), depth at most 16, nothing after the document, text in NFC, of
characters that are assigned in Unicode 14.0: those have the same normal form in every later version of Unicode, so that
the verdict does not depend on the tables of the reader's Python.

Two paths give the same verdict. The fast path decodes with msgspec, encodes again and compares: JSON that is reproduced
byte for byte, apart from white space, cannot contain a repeated key, -0 or a lone surrogate, because the encoder writes
none. Any other document (escapes, faults) takes the precise path, which also names the fault with its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final
from unicodedata import is_normalized

import msgspec

from suar.protocol.base.codelists import assigned_ranges
from suar.protocol.base.limits import INTEGER_MAX as MAX_INTEGER
from suar.protocol.base.limits import MESSAGE_BYTES_MAX as MAX_BYTES
from suar.protocol.base.reasons import Invalid, Reason, step
from suar.protocol.base.sentences import Sentence
from suar.protocol.message.jsonhints import hint as hint_of
from suar.protocol.normal_forms import normal

MAX_DEPTH = 16
"""Most levels of nested objects and arrays, including the document itself."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
"""The first bytes of a document in UTF-16, with or without a byte order mark."""
_CODE_POINTS: Final = 0x110000
_PLANE: Final = 0xFFFF
"""The last code point of the Basic Multilingual Plane."""
_PICTURES: Final = 0x1F000
"""The code point from which on are emoji, and Chinese characters of names."""
SAVE = "open it in its editor and save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"
SAVE_WITHOUT_MARK = f"{SAVE}, without BOM"


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def is_in_form(text: str) -> bool:
    """Return whether a text has the form of the standard: assigned characters, and normal form C."""
    return is_assigned(text) and is_normalized("NFC", text)


def is_assigned(text: str) -> bool:
    """Return whether every character of a text is assigned in Unicode 14.0."""
    if text.isascii() or _other()(text) is None:
        return True
    codes = memoryview(text.encode("utf-32", "surrogatepass")).cast("I")
    return all(map(_assigned().__getitem__, codes))


@cache
def _other() -> Callable[[str], re.Match[str] | None]:
    """Return what finds a character that is not one of the usual ones: all assigned ones but those of rare scripts."""
    usual = (each for each in assigned_ranges() if each[1] <= _PLANE or each[0] >= _PICTURES)
    inside = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in usual)
    return re.compile(f"[^{inside}]").search


@cache
def _assigned() -> bytes:
    """Return a byte for each code point, 1 if it is assigned: a search in the ranges takes twenty times as long."""
    table = bytearray(_CODE_POINTS)
    for first, last in assigned_ranges():
        table[first : last + 1] = b"\1" * (last + 1 - first)
    return bytes(table)


def check_characters(text: str, path: str) -> None:
    """Raise Invalid F8 with E-MESSAGE-FORM if a character of a text is not assigned in Unicode 14.0."""
    if not is_assigned(text):
        raise _broken(path, "a character that is not assigned in Unicode 14.0", "leave the character out")


def compact(data: bytes) -> dict[str, Any] | None:
    """Return the object in `data` if encoding reproduces it byte for byte, apart from white space; None is not a
    verdict.

    Numbers and depth are not checked here: the message types do that for a message, `parse` for anything else.
    """
    if len(data) > MAX_BYTES:
        return None
    try:
        tree = _decode(data)
        again = _encode(tree)
        if again != data and again != msgspec.json.format(data, indent=-1):
            return None
        if not (data.isascii() or is_in_form(data.decode())):
            return None
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return None
    return tree if isinstance(tree, dict) else None


def parse(data: bytes, *, normalise: bool = False) -> dict[str, Any]:
    """Return the object in `data`. Raises Invalid F8 with E-MESSAGE-FORM, and nothing else, for any bytes.

    With `normalise`, text that is not NFC is normalised (the publisher's side) instead of refused (the reader's).
    """
    tree = compact(data)
    if tree is not None and _is_plain(tree, 1):
        return tree
    return parse_precisely(data, normalise=normalise)


def _is_plain(value: Any, depth: int) -> bool:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -MAX_INTEGER <= value <= MAX_INTEGER
    if isinstance(value, float) or depth > MAX_DEPTH:
        return False
    items = value.values() if isinstance(value, dict) else value
    return all(_is_plain(item, depth + 1) for item in items)


def parse_precisely(data: bytes, *, normalise: bool = False) -> dict[str, Any]:
    """Return the same verdict as `parse`, slower, with the path of the fault. Raises Invalid F8."""
    if len(data) > MAX_BYTES:
        size = Sentence("{count} bytes", {"count": len(data)})
        raise _broken("$", size, Sentence("a message has at most {most} bytes", {"most": MAX_BYTES}))
    if data.startswith(b"\xef\xbb\xbf"):
        raise _broken("$", "a byte order mark stands before the document", SAVE_WITHOUT_MARK)
    if data.startswith(UTF_16):
        raise _broken("$", "the file is in UTF-16", SAVE)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken("$", _undecodable(data, error.start), SAVE) from None
    return _object(_load(text), normalise)


def _undecodable(data: bytes, at: int) -> Sentence:
    before = data[:at].decode("utf-8")
    text_id = "not UTF-8 at line {line} column {column}; the file may be in ANSI, the code page of its machine"
    return Sentence(text_id, {"line": before.count("\n") + 1, "column": len(before) - before.rfind("\n")})


class _Fault:
    """A placeholder in the tree for what the form forbids, so that the walk can name its path."""

    def __init__(self, message: str, hint: str | Sentence) -> None:
        self.message = message
        self.hint = hint


def _load(text: str) -> Any:
    import json

    decoder = json.JSONDecoder(
        object_pairs_hook=_pairs, parse_int=_integer, parse_float=_number, parse_constant=_number
    )
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        fault = Sentence(f"{error.msg[:1].lower()}{error.msg[1:]}")
        text_of = Sentence("not JSON at line {line} column {column}: {fault}", {**where, "fault": fault})
        raise _broken("$", text_of, hint_of(error.doc, error.pos, error.msg)) from None
    except RecursionError:
        raise _too_deep("$") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Fault("the key is repeated", "give each key once") if key in found else value
    return found


def _integer(digits: str) -> int | _Fault:
    if digits == "-0":
        return _Fault("-0 is not allowed", "write 0")
    if len(digits) > len(str(MAX_INTEGER)) + 1 or abs(int(digits)) > MAX_INTEGER:
        return _Fault(
            "the integer is beyond 2^53-1", Sentence("at most {most} and at least -{most}", {"most": MAX_INTEGER})
        )
    return int(digits)


def _number(_: str) -> _Fault:
    return _Fault("a number that is no plain integer", "write integers without point or exponent")


def _object(value: Any, normalise: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _broken("$", "the document is not an object", "a message is one JSON object")
    tree: dict[str, Any] = _clean(value, "$", 1, normalise)
    return tree


def _clean(value: Any, path: str, depth: int, normalise: bool) -> Any:
    if isinstance(value, str):
        return _text(value, path, normalise)
    if isinstance(value, _Fault):
        raise _broken(path, value.message, value.hint)
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        raise _too_deep(path)
    if isinstance(value, list):
        return [_clean(item, step(path, at), depth + 1, normalise) for at, item in enumerate(value)]
    if isinstance(value, dict):
        return _members(value, path, depth, normalise)
    return value


def _members(value: dict[str, Any], path: str, depth: int, normalise: bool) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for key, item in value.items():
        at = step(path, key)
        name = _text(key, at, normalise)
        if name in cleaned:  # two keys that are equal after normalisation
            raise _broken(at, "the key is repeated", "give each key once")
        cleaned[name] = _clean(item, at, depth + 1, normalise)
    return cleaned


def _text(value: str, path: str, normalise: bool) -> str:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _broken(path, "a lone surrogate", "write whole characters") from None
    if is_in_form(value):
        return value
    check_characters(value, path)
    if normalise:
        return normal("NFC", value)
    raise _broken(path, "the text is not in Unicode normal form C", "normalise text to NFC before it is signed")


def _too_deep(path: str) -> Invalid:
    hint = Sentence("objects and lists go at most {most} deep", {"most": MAX_DEPTH})
    return _broken(path, "nested too deeply", hint)


def _broken(path: str, message: str | Sentence, hint: str | Sentence) -> Invalid:
    """Return the refusal. A text without values is its own text id; `sentence` marks none of them for translation,
    since a program corrects the form of a message (docs/languages.md)."""
    text, advice = (Sentence(each) if isinstance(each, str) else each for each in (message, hint))
    return Invalid("F8", (Reason.of("E-MESSAGE-FORM", "F8", path, text, advice),))
