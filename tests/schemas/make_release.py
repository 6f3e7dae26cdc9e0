"""Releases a version of the standard: `make release VERSION=1.1` keeps its schemas, code lists and corpus for ever.

From then on the gate (test_released.py) compares what the code makes with it. A version that was released is never
written again; SHA256SUMS beside it holds it to that.
"""

import shutil
import sys

from schemas.make_corpus import lines
from schemas.released import CORPUS, FOLDER, sums
from suar.protocol.kinds import KINDS
from suar.published import schemas_dir


def release(version: str) -> None:
    """Write schemas/released/<version> and schemas/corpus/<version>. Raises FileExistsError for a released version."""
    target, corpus = FOLDER / version, CORPUS / version
    for name in ("v1", "codelists"):
        shutil.copytree(schemas_dir() / name, target / name)
    corpus.mkdir(parents=True)
    for kind in KINDS:
        (corpus / f"{kind}.ndjson").write_bytes(b"\n".join(lines(kind)) + b"\n")
    written = "".join(f"{digest}  {name}\n" for name, digest in sums(version).items())
    (target / "SHA256SUMS").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    release(sys.argv[1])
