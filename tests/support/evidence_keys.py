"""Two offline evidence keys, and the setting that names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from suar.protocol.base.primitives import Secret
from suar.protocol.base.sealing import public_of

FIRST: Final = Secret(b"1" * 32)
SECOND: Final = Secret(b"2" * 32)
KEYS: Final = [public_of(FIRST).hex(), public_of(SECOND).hex()]


def configure(folder: Path, keys: Sequence[str]) -> None:
    """Have a state folder seal to these keys."""
    settings = folder / "suar.toml"
    text = settings.read_text()
    assert "[evidence]" not in text
    listed = ", ".join(f'"{each}"' for each in keys)
    settings.write_text(f"{text}\n[evidence]\nsealed_to = [{listed}]\n")
