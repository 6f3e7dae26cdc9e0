"""Lines of the audit with their paths to the newest signed head, made from whole blocks of lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.files import auditline
from suar.service.status import audit_paths, auditing
from suar.store.people import access
from suar.store.people.access import Act
from support import stores
from support.audit_log import act, exported
from support.corekit import CoreKit

ID = "TH-ALERT-2027-000001"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_paths, "BLOCK", 4)
    monkeypatch.setattr(audit_paths, "BATCH", 2)


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


def note(th: CoreKit, what: Act, about: str) -> int:
    """A line of the desk; its number."""
    with th.core.transaction() as connection:
        access.note(connection, "desk", what, about, th.now)
        return access.last_note(connection)[0]


def reported(th: CoreKit, rev: int = 1) -> auditline.Report | None:
    auditing.sign(th.core)
    while audit_paths.make_blocks(th.core):
        pass
    data = audit_paths.report_author(th.core, ID, rev)
    return None if data is None else auditline.verify_report(data, [th.core.sender.identity.kid.hex()])


def test_each_line_is_proved_in_a_log_of_every_length(th: CoreKit) -> None:
    numbers = []
    for n in range(40):
        if n % 5 == 0:
            numbers.append(note(th, "publish", f"{ID} 1"))
        else:
            act(th, f"act {n}")
        found = reported(th)
        assert found is not None
        assert [line.n for line in found.lines] == numbers
    assert len(th.core.audit.blocks) == auditing.length(th.core) // 4


def test_it_has_the_lines_about_who_published_that_revision_alone(th: CoreKit) -> None:
    expected = [note(th, "hold", f"{ID} 1"), note(th, "release", f"{ID} 1"), note(th, "publish", f"{ID} 1 {'ab' * 32}")]
    others: tuple[tuple[Act, str], ...] = (
        ("publish", f"{ID} 2"), ("publish", f"{ID} 11"), ("publish", f"{ID}1 1"), ("open", f"{ID} 1"),
        ("export", f"{ID} 1"), ("list", f"{ID} 1 {ID} 2"), ("publish", "TH-ALERT-2027-000002 1"),
    )  # fmt: skip
    for what, about in others:
        note(th, what, about)
    found = reported(th)
    assert found is not None
    assert [line.n for line in found.lines] == expected
    assert reported(th, rev=3) is None


def test_blocks_are_made_a_few_at_a_time_and_again_after_a_restart(th: CoreKit) -> None:
    note(th, "publish", f"{ID} 1")
    act(th, *(f"act {n}" for n in range(40)))
    auditing.sign(th.core)
    assert audit_paths.make_blocks(th.core)
    assert len(th.core.audit.blocks) == 2
    assert reported(th) is not None
    th.restart()
    assert th.core.audit.blocks == []
    assert reported(th) is not None


@pytest.mark.parametrize("is_other", [False, True])
def test_a_log_that_somebody_wrote_into_proves_no_line(th: CoreKit, is_other: bool) -> None:
    number = note(th, "publish", f"{ID} 1")
    act(th, *(f"act {n}" for n in range(20)))
    auditing.sign(th.core)
    with stores.outsider(th.folder) as store:
        assert store.execute("update audit set who = 'nobody' where n = ?", (number + 7 * is_other,)).rowcount == 1
    while audit_paths.make_blocks(th.core):
        pass
    assert audit_paths.report_author(th.core, ID, 1) is None
    assert th.core.audit.blocks == [], "what was made of it is not kept"


def test_a_log_without_a_tree_proves_no_line(th: CoreKit) -> None:
    note(th, "publish", f"{ID} 1")
    th.core.audit.has_tree = False
    assert reported(th) is None
    assert len(exported(th)) > 2
