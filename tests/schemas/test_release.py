"""A release keeps what stands today, once and whole; what the gate finds is planted here."""

import json
import os
import shutil
from pathlib import Path

import pytest

from schemas import archive, released
from schemas.archive import ARCHIVE
from schemas.make_release import NotReleased, main, release
from suar.protocol.message.kinds import KINDS
from suar.published import schemas_dir

NEXT = "9999.0.1"
"""A version above all that will be released."""


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the standard of today, with a version released above all others."""
    folder = tmp_path_factory.mktemp("standard") / "schemas"
    for name in ("v1", "codelists", "vectors", "files", "released", "corpus"):
        shutil.copytree(schemas_dir() / name, folder / name)
    for name in released.TABLES:
        shutil.copyfile(schemas_dir() / name, folder / name)
    (folder / "vectors" / "VERSION").write_text(f"{NEXT}\n")
    release(NEXT, folder)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_keeps_what_is_there_today(standard: Path) -> None:
    made, now = tree(standard / "released" / NEXT), tree(standard)
    assert {name: made.pop(name) for name in released.TABLES} == {name: now[name] for name in released.TABLES}
    frozen = archive.unpack(made.pop(ARCHIVE))
    assert frozen == {name: content for name, content in now.items() if name.startswith(("vectors/", "files/"))}
    lines = made.pop("SHA256SUMS").decode().splitlines()
    assert dict(line.split("  ")[::-1] for line in lines) == released.sums(NEXT, standard)
    assert made == {name: content for name, content in now.items() if name.startswith(("v1/", "codelists/"))}
    assert {f"corpus/{NEXT}/{kind}.ndjson" for kind in KINDS} <= now.keys()
    assert tree(standard / "released" / "1.0") == tree(released.FOLDER / "1.0")
    assert not list(standard.glob(".release-*"))


def test_an_archive_has_the_same_bytes_whenever_it_is_made(standard: Path) -> None:
    kept = (standard / "released" / NEXT / ARCHIVE).read_bytes()
    for path in sorted((standard / "vectors").iterdir(), reverse=True):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert archive.pack(standard, archive.FOLDERS) == kept


@pytest.mark.parametrize(
    ("version", "why"),
    [(NEXT, "is never written again"), ("1.0", "is never written again"), ("0.9", "is not above"),
     ("9999.0.2", "VERSION says"), ("1.x", "is not a version"), ("../1.1", "is not a version"),
     ("1.01", "is not a version"), ("", "is not a version")],
)  # fmt: skip
def test_what_is_no_next_version_is_not_released_and_nothing_is_written(standard: Path, version: str, why: str) -> None:
    before = tree(standard)
    with pytest.raises(NotReleased, match=why):
        release(version, standard)
    assert tree(standard) == before


def test_a_release_that_fails_leaves_nothing_behind(standard: Path, tmp_path: Path) -> None:
    half = tmp_path / "schemas"
    shutil.copytree(standard, half, ignore=lambda _folder, names: [NEXT] if NEXT in names else [])
    (half / "fields.csv").unlink()
    before = tree(half)
    with pytest.raises(FileNotFoundError):
        release(NEXT, half)
    assert tree(half) == before
    assert not list(half.glob(".release-*"))


def test_the_gate_finds_a_released_vector_whose_result_is_another_one_today(standard: Path) -> None:
    frozen = archive.unpack((standard / "released" / NEXT / ARCHIVE).read_bytes())
    kept = {name: frozen[name] for name in ("vectors/frame-forks.json", "files/audit-log-of-three-acts.json")}
    assert list(archive.breaks(kept)) == []
    forks, log = (json.loads(content) for content in kept.values())
    forks["steps"][-1]["results"][-1]["result"] = "late"
    log["result"]["lines"] = 4
    changed = dict(zip(kept, (json.dumps(forks).encode(), json.dumps(log).encode()), strict=True))
    assert list(archive.breaks(changed)) == list(kept)


def test_the_gate_finds_another_set_under_a_released_number(standard: Path, tmp_path: Path) -> None:
    frozen = archive.unpack((standard / "released" / NEXT / ARCHIVE).read_bytes())
    shutil.copytree(standard / "vectors", tmp_path / "vectors")
    assert archive.renumbered(frozen, tmp_path) == []
    (tmp_path / "vectors" / "frame-forks.json").unlink()
    (tmp_path / "vectors" / "new.json").write_bytes(b"{}")
    with (tmp_path / "vectors" / "heartbeat.json").open("ab") as file:
        file.write(b"\n")
    found = ["vectors/frame-forks.json", "vectors/heartbeat.json", "vectors/new.json"]
    assert archive.renumbered(frozen, tmp_path) == found
    (tmp_path / "vectors" / "VERSION").write_text("9999.1.0\n")
    assert archive.renumbered(frozen, tmp_path) == []


def test_the_gate_finds_a_rule_and_a_field_that_are_gone(tmp_path: Path) -> None:
    for name, row in (("rules.csv", "M-GONE,head,said once"), ("fields.csv", "Head,gone,said once")):
        (tmp_path / name).write_bytes((schemas_dir() / name).read_bytes() + row.encode() + b"\n")
    assert released.tables_gone(tmp_path) == [("Head", "gone"), ("M-GONE", "head")]


def test_the_command_says_why_it_does_not_release(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["make_release", "1.0"])
    assert main() == 1
    assert capsys.readouterr().err.splitlines() == [
        "error: 1.0 was released and is never written again", "hint: schemas/README.md, Release a version",
    ]  # fmt: skip
