"""The evidence of what was published, written to a folder where the settings say so: bounded, and before a recall."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.protocol.base import limits
from suar.protocol.files.proof import verify
from suar.service.custody import evidence_files
from suar.service.custody.evidence_files import EvidenceFiles
from suar.service.publish import accepting, cancelling, sealing
from suar.service.reading import evidence
from suar.service.settings.sections.evidence_config import EvidenceSettings
from support.corekit import CoreKit, rows
from support.gateways import draft
from support.proving import carry, publish


@pytest.fixture
def th(pair: tuple[CoreKit, CoreKit]) -> CoreKit:
    choose(pair[0])
    return pair[0]


def choose(kit: CoreKit, **settings: Any) -> None:
    chosen = EvidenceSettings(**({"export_folder": "evidence"} | settings))
    kit.core.config = msgspec.structs.replace(kit.core.config, evidence=chosen)


def left(kit: CoreKit) -> None:
    """What waits has left."""
    sealing.seal_queued(kit.core)
    sealing.mark_published(kit.core, sealing.next_to_publish(kit.core, 100))


def files(kit: CoreKit) -> list[str]:
    return sorted(path.name for path in (kit.folder / "evidence").glob("*"))


def step(made: EvidenceFiles) -> int:
    return asyncio.run(made.run_due())


def test_it_is_off_by_default(pair: tuple[CoreKit, CoreKit]) -> None:
    publish(pair[0], "one")
    left(pair[0])
    assert step(EvidenceFiles(pair[0].core)) == 0
    assert not (pair[0].folder / "evidence").exists()


def test_each_message_of_ours_is_written_once_it_has_left(th: CoreKit, pair: tuple[CoreKit, CoreKit]) -> None:
    made, sg = EvidenceFiles(th.core), pair[1]
    publish(sg, "not ours")
    carry(sg, th)
    (id_,) = publish(th, "ours")
    assert step(made) == 0, "it has not left"
    left(th)
    assert (step(made), step(made)) == (1, 0)
    assert files(th) == [f"{id_}.1.evidence"]
    path = th.folder / "evidence" / f"{id_}.1.evidence"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert verify(path.read_bytes(), th.lists.hash()).message.text[0].title == "ours"
    assert rows(th, "select who, about from audit where what = 'evidence'") == [("gateway", f"{id_} 1")]


def test_a_file_outlasts_the_recall_and_the_cancel_has_one_too(th: CoreKit) -> None:
    made = EvidenceFiles(th.core)
    (id_,) = publish(th, "ours")
    left(th)
    step(made)
    assert cancelling.cancel(th.core, id_, "desk", "wrong") is not None
    left(th)
    assert step(made) == 1
    assert files(th) == [f"{id_}.1.evidence", f"{id_}.2.evidence"]


def test_an_exercise_is_not_written(th: CoreKit) -> None:

    body = json.dumps(draft("a drill", expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(th.core, [(body, None)], realm="exercise", token="desk")
    left(th)
    assert step(EvidenceFiles(th.core)) == 0


def test_after_a_restart_what_is_missing_of_two_days_is_written(th: CoreKit) -> None:
    first, *others = publish(th, *"abc")
    left(th)
    th.now += 2 * limits.DAY - 1
    assert step(EvidenceFiles(th.core)) == 3
    (th.folder / "evidence" / f"{first}.1.evidence").unlink()
    assert step(EvidenceFiles(th.core)) == 1
    th.now += 1
    (th.folder / "evidence" / f"{first}.1.evidence").unlink()
    assert step(EvidenceFiles(th.core)) == 0
    assert len(files(th)) == len(others)


def test_a_full_folder_takes_no_more_and_that_is_reported_once_an_hour(
    th: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, reports = EvidenceFiles(th.core), list[Any]()
    th.core.hooks.listen(reports.extend)
    first, second = publish(th, "one", "two")
    left(th)
    monkeypatch.setattr(evidence_files, "MIB", 1)
    most = len(export(th, first)) + len(export(th, second)) - 1
    for allowed, written in ((most, 1), (most + 1, 2)):
        choose(th, export_mebibytes=allowed)
        step(made)
        step(made)
        assert len(files(th)) == written
        assert th.core.is_evidence_full is (written == 1), "the check evidence-folder warns as long as there is no room"
    full = [each.facts["why"] for each in reports if getattr(each, "event", "") == "evidence_not_exported"]
    assert full == ["full"]


def export(kit: CoreKit, id_: str) -> bytes:
    found = evidence.export(kit.core, id_, None)
    assert found is not None
    return found.data


def test_a_step_is_bounded_and_so_is_what_waits(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_files, "BATCH", 2)
    monkeypatch.setattr(evidence_files, "WAITING_MAX", 3)
    made, reports = EvidenceFiles(th.core), list[Any]()
    th.core.hooks.listen(reports.extend)
    ids = publish(th, *"abcde")
    for _ in range(4):
        assert step(made) == 0
    left(th)
    assert [step(made) for _ in range(3)] == [2, 1, 0]
    left_out = [each.facts["id"] for each in reports if getattr(each, "event", "") == "evidence_not_exported"]
    assert len(left_out) == 2
    assert sorted(files(th)) == sorted(f"{id_}.1.evidence" for id_ in ids if id_ not in left_out)


def test_a_folder_that_cannot_be_written_is_reported_and_tried_again(th: CoreKit) -> None:
    made, reports = EvidenceFiles(th.core), list[Any]()
    th.core.hooks.listen(reports.extend)
    publish(th, "one")
    left(th)
    blocked = Path(th.folder / "evidence")
    blocked.write_text("a file")
    assert step(made) == 0
    assert [each.facts["why"] for each in reports if getattr(each, "event", "") == "evidence_not_exported"]
    blocked.unlink()
    assert step(made) == 1
