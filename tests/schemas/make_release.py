"""Releases a version of the standard: `make release VERSION=1.1` keeps its schemas, code lists, rules, fields, vectors
and corpus for ever.

From then on the gate (test_released.py) compares what the code makes with it and runs its vectors. A version that was
released is never written again; SHA256SUMS beside it holds it to that.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from schemas.archive import ARCHIVE, FOLDERS, pack
from schemas.make_corpus import lines
from schemas.released import TABLES, number, sums, versions
from suar.protocol.message.kinds import KINDS
from suar.published import schemas_dir

FORM = re.compile(r"(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){1,2}")


class NotReleased(Exception):  # noqa: N818 - as Refused and Fault: what it is, not that it is an error
    """Why a version is not released; nothing was written."""


def release(version: str, standard: Path) -> None:
    """Write released/<version> and corpus/<version> of the folder of a standard, whole or not at all.

    Raises NotReleased for a version that was released, is below the last one, or is not that of the vectors.
    """
    _check(version, standard)
    with tempfile.TemporaryDirectory(dir=standard, prefix=".release-") as name:
        made = Path(name)
        _keep(made / "released" / version, standard)
        _write_corpus(made / "corpus" / version)
        written = "".join(f"{digest}  {name}\n" for name, digest in sums(version, made).items())
        (made / "released" / version / "SHA256SUMS").write_text(written, encoding="utf-8")
        for part in ("corpus", "released"):  # the released folder is what makes it a version: it comes last
            (standard / part).mkdir(exist_ok=True)
            (made / part / version).rename(standard / part / version)


def _check(version: str, standard: Path) -> None:
    if not FORM.fullmatch(version):
        raise NotReleased(f"{version!r} is not a version")
    if (standard / "released" / version).exists() or (standard / "corpus" / version).exists():
        raise NotReleased(f"{version} was released and is never written again")
    above = [one for one in versions(standard) if number(one) >= number(version)]
    if above:
        raise NotReleased(f"{version} is not above {above[-1]}, which was released")
    version_text = (standard / "vectors" / "VERSION").read_text(encoding="utf-8").strip()
    if version_text != version:
        raise NotReleased(f"schemas/vectors/VERSION says {version_text}, not {version}")


def _keep(target: Path, standard: Path) -> None:
    for name in ("v1", "codelists"):
        shutil.copytree(standard / name, target / name)
    for name in TABLES:
        shutil.copyfile(standard / name, target / name)
    (target / ARCHIVE).write_bytes(pack(standard, FOLDERS))


def _write_corpus(corpus: Path) -> None:
    corpus.mkdir(parents=True)
    for kind in KINDS:
        (corpus / f"{kind}.ndjson").write_bytes(b"\n".join(lines(kind)) + b"\n")


def main() -> int:
    """Release the version that is named on the command line; 1 with an error and a hint when it is not released."""
    try:
        release(sys.argv[1], schemas_dir())
    except NotReleased as error:
        print(f"error: {error}\nhint: schemas/README.md, Release a version", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
