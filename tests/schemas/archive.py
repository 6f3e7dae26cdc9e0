"""The vectors of a released version: one compressed file, and what the code of today must still make of it."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from federation.test_files import OURS, before, input_of
from suar.protocol.files.conformance import run

ARCHIVE = "vectors.tar.gz"
FOLDERS = ("files", "vectors")
"""Folders of the standard that an archive holds, every file of them."""


def pack(standard: Path, folders: Sequence[str]) -> bytes:
    """The files of the folders as .tar.gz: the same bytes for the same files, whoever packs them and when."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(path for name in folders for path in (standard / name).iterdir()):
            content = path.read_bytes()
            entry = tarfile.TarInfo(path.relative_to(standard).as_posix())  # mtime 0, of nobody, mode 0644
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=9, mtime=0)


def unpack(data: bytes) -> dict[str, bytes]:
    """Name to content of every file of an archive, in memory: nothing is written where its names point."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        return {entry.name: _content(archive, entry) for entry in archive}


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    found = archive.extractfile(entry)
    assert found is not None, f"{entry.name} is no file"
    return found.read()


def breaks(files: dict[str, bytes]) -> Iterator[str]:
    """The names of vectors that today's code gives another result than the one they were released with."""
    for name, content in files.items():
        if name.endswith(".json") and not _passes(name, json.loads(content)):
            yield name


def _passes(name: str, vector: dict[str, Any]) -> bool:
    if name.startswith("vectors/"):
        return run(vector).ok
    found = OURS[vector["form"]](input_of(vector), before(vector))
    return bool(found == vector["result"])


def renumbered(files: dict[str, bytes], standard: Path) -> list[str]:
    """Vectors in which the set of today differs from a released one of the same version: there must be none."""
    today = {f"vectors/{path.name}": path.read_bytes() for path in (standard / "vectors").glob("*.json")}
    then = {name: content for name, content in files.items() if name.startswith("vectors/") and name.endswith(".json")}
    if files["vectors/VERSION"] != (standard / "vectors" / "VERSION").read_bytes():
        return []
    return sorted(name for name in today | then if today.get(name) != then.get(name))
