"""The keys of persons: what their files hold, which stays as it is, and that one kind never opens as another."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from suar.federation.root import RootPublic, read_root
from suar.protocol.base import primitives, sealing
from suar.protocol.base.errors import Fault
from suar.service.settings import evidence_key, root_key, sealed

WORDS, NOW = b"correct horse", 1_800_000_000_000


def plain(purpose: str, path: Path) -> list[object]:
    """What is in the file: the format is MessagePack of a list."""
    found: list[object] = msgspec.msgpack.decode(sealed.open_sealed(purpose, WORDS, path.read_bytes(), "it")[1])
    return found


def test_the_files_of_a_root_key(tmp_path: Path) -> None:
    made = root_key.create(tmp_path / "a", WORDS, holder="A", now=NOW, cost=sealed.FLOOR)
    holder, seed = root_key.open_root(tmp_path / "a", WORDS)
    assert holder == "A"
    assert plain("root", tmp_path / "a") == ["suar-root/1", "A", NOW, bytes(seed)]
    assert read_root((tmp_path / "a.pub").read_bytes(), "it") == made
    assert made == RootPublic.of("A", primitives.public_of(seed))
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a.pub")] == [0o600, 0o644]


def test_the_files_of_an_evidence_key(tmp_path: Path) -> None:
    made = evidence_key.create(tmp_path / "e", WORDS, holder="E", now=NOW, cost=sealed.FLOOR)
    holder, seed = evidence_key.open_key(tmp_path / "e", WORDS)
    assert holder == "E"
    assert plain("evidence", tmp_path / "e") == ["suar-evidence-key/1", "E", NOW, bytes(seed)]
    assert made == sealing.public_of(seed)
    assert (tmp_path / "e.pub").read_bytes() == made.hex().encode() + b"\n"
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("e", "e.pub")] == [0o600, 0o644]


@pytest.mark.parametrize("create", [root_key.create, evidence_key.create], ids=["root", "evidence"])
@pytest.mark.parametrize("taken", ["k", "k.pub"])
def test_no_file_is_overwritten(tmp_path: Path, create: Callable[..., object], taken: str) -> None:
    (tmp_path / taken).write_bytes(b"mine")
    with pytest.raises(Fault, match="exists"):
        create(tmp_path / "k", WORDS, holder="A", now=NOW, cost=sealed.FLOOR)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {taken: b"mine"}


def test_one_kind_never_opens_as_another(tmp_path: Path) -> None:
    root_key.create(tmp_path / "a", WORDS, holder="A", now=NOW, cost=sealed.FLOOR)
    evidence_key.create(tmp_path / "e", WORDS, holder="E", now=NOW, cost=sealed.FLOOR)
    with pytest.raises(Fault, match="another purpose"):
        evidence_key.open_key(tmp_path / "a", WORDS)
    with pytest.raises(Fault, match="another purpose"):
        root_key.open_root(tmp_path / "e", WORDS)
    foreign = msgspec.msgpack.encode(["suar-evidence-key/1", "E", NOW, bytes(32)])  # under the seal of a root key
    (tmp_path / "x").write_bytes(sealed.Seal.new("root", WORDS, sealed.FLOOR).close(foreign))
    with pytest.raises(Fault, match="of another version"):
        root_key.open_root(tmp_path / "x", WORDS)
