"""A file of evidence taken apart without the code under test: what its parts are, wrong sums and all."""

from suar.protocol.files.evidence import END


def split(data: bytes) -> list[tuple[int, bytes]]:
    """The (kind, content) parts of a whole file, without its end."""
    parts, at = [], 4
    while data[at] != END:
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        parts.append((data[at], data[at + 5 : at + 5 + size]))
        at += 5 + size + 8
    return parts
