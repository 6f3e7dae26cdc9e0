"""Converts text that a peer chose to text that a store accepts: PostgreSQL refuses NUL, and no encoding accepts lone
surrogates.
"""

import re
from typing import Final

_UNSTORABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> str:
    """Return the text with control characters, line separators and lone surrogates escaped as in JSON."""
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
