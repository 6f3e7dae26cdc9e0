"""What a file of evidence or a container may hold at most: docs/bounds.md names it, and more is refused."""

import re
from pathlib import Path

import pytest

from suar.cli.gateway.audits import counted
from suar.protocol.files import auditline, commitments, container, stamps
from suar.protocol.files.container import Container, Layer
from suar.protocol.files.evidence import Unproved
from suar.service.reading import authority, evidence, stamping

DOCUMENT = Path(__file__).parents[3] / "docs/bounds.md"
OBJECTS = {container.EVIDENCE: b"SUV1 and so on", container.MESSAGE: b'{"kind": "alert"}', container.TRUST: b"SUVT"}
STAMP = stamps.Stamp(stamps.FRAME, bytes(32), bytes(16), 1, 0, 1, bytes(16), bytes(64), (), b"token")


def test_the_document_has_the_bounds_of_the_code() -> None:
    body = DOCUMENT.read_text().split("| of evidence | value | of what | more |", 1)[1].split("\n\n", 1)[0]
    documented = {line.split("|")[1].strip(): int(line.split("|")[2].replace(",", "")) for line in body.split("\n")[2:]}
    assert documented == {
        "container": container.BYTES_MAX, "layers": container.LAYERS_MAX, "token": stamps.TOKEN_MAX,
        "path": stamps.PATH_MAX, "answer": authority.ANSWER_MAX, "tree": stamping.TREE_MAX,
        "placed": stamping.POSITIONS_BATCH, "commitments": commitments.ROWS_MAX,
        "heads": counted.HEADS_MAX,
        "later": evidence.LATER_MAX, "report": auditline.REPORT_BYTES, "lines": auditline.REPORT_LINES,
    }  # fmt: skip


def test_a_container_of_more_bytes_is_refused_unread() -> None:
    with pytest.raises(Unproved) as refused:
        container.read(bytes(container.BYTES_MAX + 1))
    assert re.search(r"more than \d+ bytes", str(refused.value))


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_container_is_renewed_so_often(more: int, is_read: bool) -> None:
    """In no time: each manifest is made once, where each used to make all before it again."""
    data = container.write(Container(OBJECTS, (Layer(1, b"token"),) * (container.LAYERS_MAX + more)))
    assert _is_read(data) is is_read


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_token_has_so_many_bytes(more: int, is_read: bool) -> None:
    token = bytes(stamps.TOKEN_MAX + more)
    assert _is_read(container.write(Container(OBJECTS, (Layer(1, token),)))) is is_read
    assert (stamps.decode(stamps.encode(STAMP._replace(token=token))) is not None) is is_read


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_path_has_so_many_steps(more: int, is_read: bool) -> None:
    path = (bytes(32),) * (stamps.PATH_MAX + more)
    assert (stamps.decode(stamps.encode(STAMP._replace(path=path))) is not None) is is_read


def _is_read(data: bytes) -> bool:
    try:
        container.read(data)
    except Unproved:
        return False
    return True
