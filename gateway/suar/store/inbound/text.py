"""Converts text that a peer chose to text that a store accepts: PostgreSQL refuses NUL, and no encoding has half a
surrogate pair.
"""

import re
from typing import Final

_UNSTORABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> str:
    """The text with every control character, separator of lines and lone surrogate as JSON escapes it."""
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
