"""The tree of the audit's lines grows with them, and its root is signed with each head (suar-audit/2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.files.auditlog import BrokenLog, Line, LogSummary, leaf_of, records, verify
from suar.protocol.files.merkle import Tree
from suar.service.status import audit_tree, auditing
from suar.store.people import access
from support.audit_log import act, exported
from support.corekit import CoreKit, alter


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


def judged(th: CoreKit) -> LogSummary:
    return verify(records(exported(th)), kids=[th.core.sender.identity.kid.hex()])


def roots(th: CoreKit) -> list[str | None]:
    """Those of the heads in the store, the oldest first; None: a head of suar-audit/1."""
    page = auditing.page(th.core, 0, 1_000)
    return [head.get("root") for head in page["heads"]]


def of_before(th: CoreKit) -> None:
    """As a version signed that made no tree."""
    th.core.audit.has_tree = False
    assert auditing.sign(th.core)
    assert roots(th)[-1] is None
    th.restart()


def test_a_head_signs_the_root_over_every_line(th: CoreKit) -> None:
    act(th, "a", "b", "c")
    assert auditing.sign(th.core)
    lines = [record for record in records(exported(th)) if isinstance(record, Line)]
    found = judged(th)
    assert (found.title.audit, found.signed) == ("suar-audit/2", found.lines)
    head = found.heads[-1]
    assert head.root == Tree(1, [leaf_of(line) for line in lines[: head.head]]).root.hex()


def test_it_continues_from_the_signed_head_after_a_restart(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    act(th, "a", "b", "c")
    assert auditing.sign(th.core)
    th.restart()
    monkeypatch.setattr(audit_tree, "ADDED_MAX", 2)  # fewer than the lines of before
    act(th, "d")
    assert auditing.sign(th.core)
    assert roots(th)[-1]
    monkeypatch.undo()
    assert judged(th).signed >= 5


def test_a_log_of_before_gets_its_tree_a_part_at_a_time(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    act(th, *(f"act {n}" for n in range(40)))
    of_before(th)
    monkeypatch.setattr(audit_tree, "ADDED_MAX", 10)
    found = []
    for n in range(8):
        act(th, f"more {n}")
        th.now += 3_600_000
        assert auditing.sign(th.core)
        found.append(roots(th)[-1] is not None)
    assert found == [False] * 4 + [True] * 4
    monkeypatch.undo()
    assert judged(th).signed == judged(th).lines
    assert [root is not None for root in roots(th)][-4:] == [True] * 4


def test_the_periodic_signing_makes_it_too(th: CoreKit) -> None:
    act(th, "a", "b")
    of_before(th)
    act(th, "c")
    th.now += 3_600_000
    assert auditing.sign_due(th.core)
    assert roots(th)[-1]


def test_what_was_altered_before_the_tree_was_made_is_reported_and_no_tree_is_signed(th: CoreKit) -> None:
    act(th, "a", "b", "c")
    of_before(th)
    alter(th, "update audit set about = 'x' where n = 2")
    act(th, "d")
    assert auditing.sign(th.core)
    assert roots(th)[-1] is None
    events = [record for record in th.records if getattr(record, "event", "") == "audit_altered"]
    assert [event.facts["line"] for event in events] == [2]  # type: ignore[attr-defined]  # the record of an event
    with pytest.raises(BrokenLog, match="line 2 was altered"):
        judged(th)


def test_a_line_before_the_head_that_is_gone_is_reported_too(th: CoreKit) -> None:
    act(th, "a", "b", "c")
    of_before(th)
    alter(th, "delete from audit where n = 1")
    act(th, "d")
    assert auditing.sign(th.core)
    assert roots(th)[-1] is None


@pytest.mark.parametrize("peaks", [b"", b"x", b"p" * 32, b"p" * 64, b"p" * 96, b"p" * 32 * 50])
def test_peaks_that_others_wrote_are_not_gone_on_from(th: CoreKit, peaks: bytes) -> None:
    act(th, "a", "b", "c")
    assert auditing.sign(th.core)
    alter(th, "update audit_head set peaks = ?", values=(peaks,))
    th.core.audit.restart(th.core.audit.at or auditing.START)
    act(th, "d")
    th.now += 3_600_000
    assert auditing.sign(th.core)
    page = auditing.page(th.core, 0, 1_000)
    lines = [record for record in records(exported(th)) if isinstance(record, Line)]
    (newest,) = page["heads"]
    assert newest["root"] == Tree(1, [leaf_of(line) for line in lines[: newest["head"]]]).root.hex()
    assert page["altered"] == "the head at line 4 is not signed by a key of this gateway"
    judged(th)


def test_a_transaction_that_failed_leaves_the_tree_as_it_was(th: CoreKit) -> None:
    act(th, "a")
    assert auditing.sign(th.core)
    before = th.core.audit.tree

    def failing() -> None:
        with th.core.transaction() as connection:
            access.note(connection, "desk", "publish", "b", th.now)
            auditing.sign(th.core)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        failing()
    assert th.core.audit.tree == before
    act(th, "c")
    assert auditing.sign(th.core)
    assert judged(th).lines
