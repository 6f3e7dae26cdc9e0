"""Trust lists and Revokes in one file, which a verifier uses together with an evidence file (docs/evidence.md).

Pure. The parts are those of an evidence file: `1* 2* 11* 9`. A single signed trust list or Revoke is read too. Nothing
is verified here; `standing.py` judges all of it against the pin.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from suar.protocol.files.evidence import LIST, REVOKE, STAMP, Unproved, assemble, read_parts
from suar.protocol.trust import revoke, trustlist

MAGIC: Final = b"SUVT"
_ORDER: Final = re.compile(rb"\x01*\x02*\x0b*\x09")


class TrustFile(NamedTuple):
    """Lists by version, Revokes, and time stamps of both."""

    lists: tuple[bytes, ...]
    revokes: tuple[bytes, ...]
    stamps: tuple[bytes, ...]


def write(content: TrustFile) -> bytes:
    """Return the file: lists in the order passed, the rest sorted and deduplicated."""
    parts = [(LIST, data) for data in content.lists]
    parts += [(REVOKE, data) for data in sorted(set(content.revokes))]
    parts += [(STAMP, data) for data in sorted(set(content.stamps))]
    return assemble(parts, MAGIC)


def read(data: bytes) -> TrustFile:
    """[V1] Read such a file, or a single list or Revoke. Raises Unproved for any other bytes."""
    if data[:4] == trustlist.MAGIC:
        return TrustFile((data,), (), ())
    if data[:4] == revoke.MAGIC:
        return TrustFile((), (data,), ())
    parts = list(read_parts(data, MAGIC))
    if _ORDER.fullmatch(bytes(kind for kind, _ in parts)) is None:
        raise Unproved("V1", "the file", "a part is missing or out of order")
    return TrustFile(_of(parts, LIST), _of(parts, REVOKE), _of(parts, STAMP))


def _of(parts: Sequence[tuple[int, bytes]], wanted: int) -> tuple[bytes, ...]:
    return tuple(content for kind, content in parts if kind == wanted)
