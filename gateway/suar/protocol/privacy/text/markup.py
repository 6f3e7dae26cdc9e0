"""Characters and tags of HTML, read as a browser shows them: `&#48;` is 0, `&nbsp;` and `<br>` are blanks, `<b>` is nothing."""

import re
from typing import Final

_NAMED: Final = {
    "nbsp": " ", "ensp": " ", "emsp": " ", "thinsp": " ", "zwj": "", "zwnj": "", "shy": "", "amp": "&", "lt": "<",
    "gt": ">", "quot": '"', "apos": "'", "ndash": "-", "mdash": "-", "hyphen": "-", "dash": "-", "period": ".",
    "sol": "/", "colon": ":", "commat": "@", "plus": "+", "lpar": "(", "rpar": ")", "lowbar": "_", "num": "#",
}  # fmt: skip
ENTITY: Final = re.compile(rf"&(?:#(\d{{1,7}})|#[xX]([0-9A-Fa-f]{{1,6}})|({'|'.join(_NAMED)}));")
"""A character by its number or its name."""
_STYLE: Final = r"(?: (?:class|style|dir|lang)=[\"'][a-z :;-]{0,40}[\"']){0,3}"
BLANK_TAG: Final = re.compile(rf"</?(?:br|p|div|td|tr|th|li|ul|ol|hr|table){_STYLE} ?/?>", re.IGNORECASE)
"""A tag that begins a line or a cell."""
TAG: Final = re.compile(
    rf"</?(?:b|i|u|s|em|strong|span|font|small|big|sub|sup|mark|wbr|tt|code){_STYLE} ?/?>", re.IGNORECASE
)
"""A tag within a line."""
_GREATEST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def has_markup(text: str) -> bool:
    """Whether the text may have such a character or tag."""
    return ("&" in text and ";" in text) or ("<" in text and ">" in text)


def character(found: re.Match[str]) -> str:
    """Return the character for a match of ENTITY; unchanged where there is none of that number."""
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1]) if found[1] else int(found[2], 16)
    return chr(code) if 0 < code <= _GREATEST and code not in _SURROGATES else found[0]
