"""Raw settings from a file and from the environment, and errors about invalid values.

An invalid value is a Fault that names the source, the key, the value found and the values allowed; the latter is the
description of the key's type (`msgspec.Meta`).
"""

import contextlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import Struct

from suar import toml_file
from suar.files import read
from suar.protocol.base.errors import Fault

PREFIX: Final = "SUAR_"
LIST_SEPARATOR: Final = ","  # of lists in the environment
_SEPARATED: Final = f", separated by {LIST_SEPARATOR}"
SEE: Final = "see docs/operators.md"
_PASSWORD: Final = re.compile(r"://.*@")  # to the last @: one in a password should be written %40, and is not always
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHOWN_MAX: Final = 80  # characters of a value

Sections = Mapping[str, type[Struct]]


def parse(file: Path) -> dict[str, Any]:
    """The tables of `file`. Fault where it is not TOML."""
    return toml_file.parse(read(file, "the settings"), str(file), "correct that line")


class RawSettings:
    """The settings of the file and the environment, each value with its source."""

    def __init__(self, file: str, content: dict[str, Any], sections: Sections) -> None:
        self.file, self._sections = file, sections
        self.values: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, str] = {}
        for name, section in content.items():
            if name not in self._sections:
                raise _refused(file, f"section [{name}]", "unknown", f"the sections {', '.join(self._sections)}")
            if not isinstance(section, dict):
                raise _refused(file, name, shown(section), f"a section [{name}]")
            self.values[name] = dict(section)

    def override(self, environ: Mapping[str, str]) -> None:
        """Apply SUAR_SECTION__KEY over the values of the file."""
        for variable, text in sorted(environ.items()):
            name, separator, key = variable.removeprefix(PREFIX).partition("__")
            if not (variable.startswith(PREFIX) and separator):
                continue
            section, key = name.lower(), key.lower()
            if section not in self._sections:
                raise _refused("the environment", variable, "a section", f"the sections {', '.join(self._sections)}")
            self.values.setdefault(section, {})[key] = _typed(text, self._sections[section], key)
            self.sources[f"{section}.{key}"] = f"the environment ({variable})"

    def section(self, name: str, shape: type[Struct]) -> Struct:
        """The section as its Struct. Fault for an unknown, missing or wrong key."""
        return self._struct(name, self.values.get(name, {}), shape)

    def _struct(self, name: str, values: dict[str, Any], shape: type[Struct]) -> Struct:
        hints = _types_of(shape)
        for key in values:
            if key not in hints:
                raise self.fault(name, key, "an unknown key", f"the keys {', '.join(hints)}")
        for field in msgspec.structs.fields(shape):
            if field.required and field.name not in values:
                raise self.fault(name, field.name, "nothing", _allowed(hints[field.name]))
        return shape(**{key: self._value(name, key, value, hints[key]) for key, value in values.items()})

    def fault(self, section: str, key: str, found: str, allowed: str) -> Fault:
        """The Fault about one key."""
        return _refused(self.source(section, key), f"{section}.{key}", found, allowed)

    def source(self, section: str, key: str) -> str:
        """Return where the value of a key is set: the file, or the environment."""
        return self.sources.get(f"{section}.{key}", self.file)

    def _value(self, section: str, key: str, value: Any, kind: Any) -> Any:
        inner = _tables_of(kind)
        if inner is not None:
            return self._tables(f"{section}.{key}", value, inner)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            is_listed = isinstance(value, list) and f"{section}.{key}" in self.sources
            raise self.fault(section, key, shown(value), _allowed(kind) + (_SEPARATED if is_listed else "")) from None

    def _tables(self, path: str, value: Any, shape: type[Struct]) -> dict[str, Struct]:
        """Tables under names of the file's own: [notify.person.duty]."""
        section, _, key = path.rpartition(".")
        if not isinstance(value, dict):
            raise self.fault(section, key, shown(value), f"tables [{path}.NAME]")
        for name, inside in value.items():
            if not _NAME.fullmatch(name):
                raise self.fault(path, shown(name), "a name", "letters, digits, ., _ and -, at most 64")
            if not isinstance(inside, dict):
                raise self.fault(path, name, shown(inside), f"a table [{path}.{name}]")
        return {name: self._struct(f"{path}.{name}", inside, shape) for name, inside in value.items()}


@cache
def _types_of(shape: type[Struct]) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)


def _tables_of(kind: Any) -> type[Struct] | None:
    """The Struct of each table where the type is of such tables."""
    info = msgspec.inspect.type_info(kind)
    inner = info.value_type if isinstance(info, msgspec.inspect.DictType) else None
    return inner.cls if isinstance(inner, msgspec.inspect.StructType) else None


_list: Final = msgspec.json.Decoder(list[Any]).decode


def _typed(text: str, shape: type[Struct], key: str) -> Any:
    """A variable's text as the type of its key; as text where it does not fit, and then `_value` refuses it."""
    kind = _types_of(shape).get(key, str)
    if isinstance(msgspec.inspect.type_info(kind), msgspec.inspect.ListType):
        return _listed(text)
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        return text


def _listed(text: str) -> list[Any]:
    """The values of a list in the environment: separated by commas, or written as in suar.toml."""
    if text.startswith("["):
        with contextlib.suppress(msgspec.DecodeError):
            return _list(text)
    return text.split(LIST_SEPARATOR) if text else []


def _allowed(kind: Any) -> str:
    """Return what the type's own description states."""
    info = msgspec.inspect.type_info(kind)
    if isinstance(info, msgspec.inspect.ListType):
        return "a list of " + _allowed_by(info.item_type)
    return "true or false" if kind is bool else _allowed_by(info)


def _allowed_by(info: msgspec.inspect.Type) -> str:
    extra = info.extra_json_schema or {} if isinstance(info, msgspec.inspect.Metadata) else {}
    return str(extra.get("description", "another value"))


def shown(value: Any) -> str:
    """Return the value, shortened, and without the password that a URL may contain."""
    text = str(value) if isinstance(value, float) else msgspec.json.encode(value, enc_hook=str).decode()
    text = _PASSWORD.sub("://...@", text)
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"


def _refused(source: str, key: str, found: str, allowed: str) -> Fault:
    return Fault(f"{source}: {key}: found {found}, allowed is {allowed}", f"mend {key}; {SEE}")
