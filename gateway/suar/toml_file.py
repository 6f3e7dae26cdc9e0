"""Reads a TOML file into a Struct; an error names the file, the key, the value found and the values allowed.

Every layer that has such a file reads it here: the settings, the NATS plan, the maps of tables, the defaults of alerts.
"""

import re
import tomllib
from difflib import get_close_matches
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from suar.protocol.base.errors import Fault

_DOTS_MAX: Final = 1_000  # in a line: a dotted key costs the square of its parts
_FOUND_MAX: Final = 80  # characters of a value that was found
_UNKNOWN: Final = re.compile("unknown field `(.{1,80})`")
_STEP: Final = re.compile(r"\.([A-Za-z_0-9-]+)|\[(\d+|\.\.\.)\]")

S = TypeVar("S", bound=Struct)


def parse(data: bytes, what: str, hint: str) -> dict[str, Any]:
    """The tables of a file, called `what` in a Fault. Fault where it is not UTF-8 or not valid TOML."""
    try:
        return _tables(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Fault(f"{what} is not UTF-8", "save it as UTF-8 text") from None
    except ValueError as error:
        raise Fault(f"{what} is not valid TOML: {_lowered(str(error))}", hint) from None


def fill(shape: type[S], tables: dict[str, Any], what: str, hint: str) -> S:
    """The tables as a value of `shape`, built by `wire.built`. Fault for the first wrong key."""
    try:
        return msgspec.convert(tables, shape)
    except msgspec.ValidationError as error:
        raise _fault(shape, what, tables, str(error), hint) from None


def _tables(text: str) -> dict[str, Any]:
    """Raises ValueError, also for what nests too deep or would take minutes to read."""
    if any(line.count(".") > _DOTS_MAX for line in text.splitlines()):
        raise ValueError("a key has more parts than any setting")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _fault(shape: type[Struct], what: str, tables: dict[str, Any], text: str, hint: str) -> Fault:
    """msgspec's text and its `$.path` as the file, the key, what is allowed, what was found."""
    allowed, _, where = text.partition(" - at `$")
    where = where.rstrip("`")
    found = _found(tables, where)
    shown = "" if found is None or isinstance(found, dict) else f"; found {_shortened(repr(found))}"
    if not where and (unknown := _UNKNOWN.search(allowed)):
        shown = _meant(shape, unknown[1])
    return Fault(f"{what}: {where.lstrip('.') or 'top level'}: {_lowered(allowed)}{shown}", hint)


def _meant(shape: type[Struct], key: str) -> str:
    """The key of the top level that an unknown one is probably meant to be."""
    known = [each.encode_name for each in msgspec.structs.fields(shape)]
    near = get_close_matches(key, known, 1)
    return f"; is `{near[0]}` meant?" if near else f"; known are {', '.join(known)}"


def _found(tables: dict[str, Any], where: str) -> Any:
    """The value at msgspec's path; None where the path has no single value, as `[...]` of a table's values."""
    found: Any = tables
    for key, index in _STEP.findall(where):
        try:
            found = found[key] if key else found[int(index)]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return found


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shortened(text: str) -> str:
    return text if len(text) <= _FOUND_MAX else text[: _FOUND_MAX - 1] + "…"
