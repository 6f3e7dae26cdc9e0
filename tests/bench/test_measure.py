"""The figures' arithmetic, and that a case is what it says; never how fast anything is."""

import pytest

from suar.bench import founding, measure
from suar.bench.founding import MESSAGE_BYTES, RECEIVER, Founding, alerts, drafts
from suar.bench.measure import Case, Report, Sample, interleave, percentiles, ratio
from suar.bench.parts import bare
from suar.bench.parts.crypto import Opening, Sealing, open_frame
from suar.protocol.base import subjects
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.protocol.message import messages
from suar.protocol.transport.admission import admit


def test_every_repeat_runs_every_case_beside_the_others() -> None:
    ran: list[str] = []
    cases = [Case(name, 1, lambda name=name: ran.append(name)) for name in "abc"]  # type: ignore[misc]  # mypy does not infer a lambda with a default
    interleave(cases, 5, report=lambda _: None)
    assert len(ran) == 18  # one round that warms up
    for repeat in range(6):
        assert sorted(ran[3 * repeat : 3 * repeat + 3]) == ["a", "b", "c"]
    assert [len(case.samples) for case in cases] == [5, 5, 5]
    assert ran[3:6] != ran[6:9]  # nobody is always first


def test_what_prepares_is_not_measured() -> None:
    def prepare() -> None:
        sum(range(2_000_000))

    case = Case("slow to prepare", 1, lambda: None, prepare=prepare)
    case.run_repeat()
    assert case.samples[0].cpu < 0.005


def test_a_ratio_is_taken_within_a_repeat() -> None:
    """One repeat in which the machine was ten times slower changes both sides and not the ratio."""
    assert ratio([10, 10, 100], [20, 20, 200]) == 0.5
    assert ratio([1, 9, 2], [1, 1, 1]) == 2


def test_figures_are_of_one_operation() -> None:
    assert Sample(2.0, 1.0, 4).wall_us == 500_000
    assert Sample(2.0, 1.0, 4).cpu_us == 250_000
    assert percentiles(list(range(1, 101)))["p50"] == pytest.approx(50.5)


def test_document_says_where_and_with_what() -> None:
    document = Report("seal", {"repeats": 5}).document()
    assert set(document) >= {"machine", "versions", "settings", "rows", "ratios"}
    assert document["machine"]["cores"] >= 1
    assert {"suar", "python", "cryptography", "pynacl", "sqlite"} <= set(document["versions"])
    assert measure.REPEATS >= 5


def test_messages_are_one_kilobyte_and_valid() -> None:
    for data in alerts(1, 3):
        assert len(data) == MESSAGE_BYTES
        messages.read(data)
    assert len(set(drafts(1, 3))) == 3


def test_bare_calls_have_the_sizes_of_a_frame() -> None:
    """The baseline encrypts and hashes as many bytes as the frame that it stands for."""
    sealing = Sealing(Founding(2), 4)
    frame = sealing.sender.prepare(sealing.world, ACTUAL, ALL, sealing.parts[0], sealing.founding.now)[-1].data
    ready = bare.buffers(sealing.parts[0])
    assert len(ready.unsigned) + 64 == len(frame)
    bare.seal(ready)
    bare.open_(ready)


def test_opening_checks_what_admission_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """`open` goes through F1 to F7: any broken frame that admission refuses there is refused here too."""
    moment = founding.now_ms()
    monkeypatch.setattr(founding, "now_ms", lambda: moment)  # alerts are made twice
    opening = Opening(Founding(2), 1, 3)
    opening.fresh()
    subject, data = opening.frames[0]
    now = opening.founding.now
    other = opening.founding.world(RECEIVER)
    admit(other, *opening.epoch, now)
    for at in (3, 10, 45, 60, 130, len(data) - 1):
        broken = bytearray(data)
        broken[at] ^= 1
        assert admit(other, subject, bytes(broken), now).result != "ok"
        with pytest.raises((Refused, Wait)):
            open_frame(opening.world, subject, bytes(broken), now)
    assert open_frame(opening.world, subject, data, now) == alerts(1, 1)


def test_200_recipients_are_200() -> None:
    founding = Founding(200)
    world = founding.world("TH")
    out = founding.sender().prepare(world, ACTUAL, ALL, alerts(1, 1), founding.now)
    assert [item.type for item in out] == ["epoch", "frame"]
    assert len(world.trust.current.channel_members("TH", ALL)) == 200  # type: ignore[union-attr]  # a world that was founded has a list
    assert len(out[0].data) > 201 * 1168
    assert subjects.parse(subjects.hub("TH", out[1].subject)).type == "frame"
