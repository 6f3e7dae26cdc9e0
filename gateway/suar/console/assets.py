"""Style sheet, script and picture: served under a name with their hash, so that browsers can cache them permanently."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Static(NamedTuple):
    """A file as it is served."""

    data: bytes
    media_type: str


@cache
def _by_name() -> dict[str, tuple[str, Static]]:
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in TYPES:
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()[:16]
            found[path.name] = (f"{path.stem}.{digest}{path.suffix}", Static(data, TYPES[path.suffix]))
    return found


def address(name: str) -> str:
    """Return the address of a file by its name in the folder."""
    return f"/console/static/{_by_name()[name][0]}"


def found(served: str) -> Static | None:
    """Return the file that is served under a name with its hash."""
    return dict(_by_name().values()).get(served)
