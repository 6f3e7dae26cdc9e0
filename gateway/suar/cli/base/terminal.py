"""Safe output to a terminal: nothing that moves the cursor or changes the direction of the text.

A message, a name in a trust list, a sheet of a workbook or the text of a fault may be written by anyone. Joiners and
the no-break space are kept, because scripts of the region need them and they are harmless.
"""

import re
from typing import Any, Final

from suar.cli.base.local_time import in_local_time
from suar.languages.rendering.unseen import BLANK, IGNORED, KEPT, inside_quotes, visible_text

__all__ = [
    "KEPT",
    "attached",
    "code_or_quoted",
    "escaped",
    "in_words",
    "json_document",
    "json_line",
    "one_line",
    "quoted",
    "visible",
]

_UNSEEN: Final = re.compile(
    f"[{BLANK}{IGNORED}\x7f-\x9f\u00ad\u061c\u180e\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CODE: Final = re.compile("[A-Z]{2}")
_LINE_OF_ITS_OWN: Final = re.compile(r"\n(?!  )")


def visible(text: str) -> str:
    """Return lines for a person; an invisible character becomes a blank, or is omitted if it has no width."""
    return visible_text(text)


def attached(text: str) -> str:
    """Return a line with those below it, which are indented; other line separators, as in a file name,
    become blanks.
    """
    return _LINE_OF_ITS_OWN.sub(" ", text)


def one_line(text: str) -> str:
    """Return a text of somebody else for a place within a line of ours: line ends and runs of blanks are one blank."""
    return " ".join(visible(text).split())


def quoted(text: str) -> str:
    """Return a text of somebody else in quotation marks, on one line: none of it can be taken for words of ours."""
    return f"“{one_line(inside_quotes(text))}”"


def code_or_quoted(text: str) -> str:
    """Return what a file names as a member: a code of two letters as it is, any other text in quotation marks."""
    return text if _CODE.fullmatch(text) else quoted(text)


def in_words(value: object, *, is_exact: bool = False) -> str:
    """Return a value of JSON as a person reads it: its parts, local time for an instant, a dash for nothing.

    `is_exact`: an instant stays as it is.
    """
    if value is None or value in ([], {}, ""):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {in_words(part, is_exact=is_exact)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        separator = "; " if any(isinstance(part, dict) for part in value) else " "
        return separator.join(in_words(part, is_exact=is_exact) for part in value)
    return str(value) if is_exact else in_local_time(str(value), with_seconds=True)


def json_document(value: object) -> bytes:
    """Return `value` as JSON of several lines, for programs and people."""
    import msgspec

    return escaped(msgspec.json.format(msgspec.json.encode(value), indent=1))


def json_line(value: object) -> bytes:
    """Return `value` as JSON on one line."""
    import msgspec

    return escaped(msgspec.json.encode(value))


def escaped(data: bytes) -> bytes:
    """Return the same JSON with invisible characters as escapes; the encoder itself does that below U+0020."""
    return data if data.isascii() and b"\x7f" not in data else _UNSEEN.sub(_number, data.decode()).encode()


def _number(found: "re.Match[str]") -> str:
    units: Any = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
