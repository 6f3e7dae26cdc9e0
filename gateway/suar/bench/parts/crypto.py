"""`suar bench seal` and `suar bench open`: one process without disk, compared with bare calls and other formats.

Sealing is `sender.Sender.prepare`, the whole sending path in memory: may it be sealed, is the epoch still right,
split, seal. Opening is the receiving path up to [F7]: subject, form, epoch, signature, position in the chain, content.
`admit` adds the rest: each message is checked ([F8], [F9]).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from suar.bench.founding import RECEIVER, Founding, alerts
from suar.bench.measure import Case, Report, Reporter, cpu_us, interleave, print_progress, ratio
from suar.bench.parts import bare
from suar.bench.parts.peers import HOW_TO_INSTALL, RECIPIENTS, peers
from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import frame as frames
from suar.protocol.transport.admission import admit, check_epoch, check_frame_subject
from suar.protocol.transport.sender import Sender
from suar.protocol.transport.sending import Outgoing
from suar.protocol.transport.world import World

BATCHES: Final = (1, 16, 64)
FEW, MANY = 10, 200  # recipients
_KEPT: Final = 64  # different frames for the bare calls, so that neither side runs from the CPU cache alone
_PEER_SEALS: Final = 50


class Sealing:
    """A sender with its world, and messages to seal."""

    def __init__(self, founding: Founding, batch: int) -> None:
        self.founding, self.world = founding, founding.world("TH")
        self.batch = batch
        self.parts = [alerts(1 + batch * i, batch) for i in range(_KEPT)]
        self.sender: Sender = founding.sender()

    def fresh(self) -> None:
        """Start a new sender with an open epoch, so that only frames follow."""
        self.sender = self.founding.sender()
        self.frames(1)

    def frames(self, count: int) -> None:
        """Seal `count` frames, with an epoch if one is due."""
        prepare, world, now, parts = self.sender.prepare, self.world, self.founding.now, self.parts
        for number in range(count):
            prepare(world, ACTUAL, ALL, parts[number % _KEPT], now)

    def with_epoch(self, count: int) -> None:
        """Start a new sender, and seal its epoch and `count` frames."""
        self.sender = self.founding.sender()
        self.frames(count)


def seal(repeats: int, messages: int, frames_many: int, progress: Reporter = print_progress) -> Report:
    """Measure sealing: `messages` in each repeat, and `frames_many` one-message frames to compare 200 with 10
    recipients.
    """
    report = Report("seal", {"repeats": repeats, "messages": messages, "frames_many": frames_many})
    few, many = Founding(FEW), Founding(MANY)
    cases: dict[str, Case] = {}
    for recipients, founding in ((FEW, few), (MANY, many)):
        for batch in BATCHES:
            cases[f"seal {batch} to {recipients}"] = _seal_case(Sealing(founding, batch), batch, messages)
    for batch in BATCHES:
        cases[f"bare seal {batch}"] = bare_case(bare.seal, batch, messages)
    for recipients, founding in ((FEW, few), (MANY, many)):
        run = partial(Sealing(founding, 1).with_epoch, frames_many)
        note = f"a new epoch and {frames_many} frames of one message"
        cases[f"epoch and frames to {recipients}"] = Case("", frames_many, run, note=note)
    missing = _add_peers(cases)
    for name, case in cases.items():
        case.name = name
    interleave(list(cases.values()), repeats, progress)
    report.rows = [case.row() for case in cases.values()] + missing
    report.ratios = _seal_ratios(cases)
    return report


def _seal_case(sealing: Sealing, batch: int, messages: int) -> Case:
    count = max(messages // batch, 20)
    return Case("", count, partial(sealing.frames, count), sealing.fresh, messages=batch)


def bare_case(call: Callable[[bare.Buffers], None], batch: int, messages: int) -> Case:
    """Return the case of bare calls for frames of `batch` messages."""
    count = max(messages // batch, 20)
    ready = [bare.buffers(alerts(1 + batch * i, batch)) for i in range(_KEPT)]

    def run() -> None:
        for number in range(count):
            call(ready[number % _KEPT])

    return Case("", count, run, messages=batch)


def _add_peers(cases: dict[str, Case]) -> list[dict[str, Any]]:
    message = alerts(1, 1)[0]
    missing: list[dict[str, Any]] = []
    for name, seal_ in peers().items():
        if seal_ is None:
            missing.append({"name": f"{name} to {RECIPIENTS}", "note": f"not installed: {HOW_TO_INSTALL}"})
            continue
        run = partial(_peer_seals, seal_, message)
        cases[f"{name} to {RECIPIENTS}"] = Case(
            "", _PEER_SEALS, run, note="encrypts only: no signature, no order, no replay"
        )
    return missing


def _peer_seals(seal_: Callable[[bytes], object], message: bytes) -> None:
    for _ in range(_PEER_SEALS):
        seal_(message)


def _seal_ratios(cases: dict[str, Case]) -> dict[str, float]:
    one, many = cpu_us(cases["seal 1 to 10"]), cpu_us(cases["seal 64 to 10"])
    ratios = {f"seal_vs_bare_batch{b}": _vs(cases, f"bare seal {b}", f"seal {b} to 10") for b in BATCHES}
    ratios["seal_batch64_vs_batch1"] = ratio([64 * each for each in one], many)
    ratios["seal_200_vs_10_recipients"] = _vs(cases, "epoch and frames to 200", "epoch and frames to 10")
    for name in peers():
        if (row := f"{name} to {RECIPIENTS}") in cases:
            ratios[f"{name.split(',')[0].lower()}_vs_seal_batch1"] = _vs(cases, row, "seal 1 to 10")
    return ratios


def _vs(cases: dict[str, Case], above: str, below: str) -> float:
    return ratio(cpu_us(cases[above]), cpu_us(cases[below]))


# -- opening


class Opening:
    """A receiver's world, made anew for each repeat, and frames that it has not seen."""

    def __init__(self, founding: Founding, batch: int, count: int) -> None:
        sealing = Sealing(founding, batch)
        self.founding, self.batch = founding, batch
        self.epoch, *self.frames = [(subjects.hub("TH", o.subject), o.data) for o in _sealed(sealing, batch, count)]
        self.world: World

    def fresh(self) -> None:
        """Reset: the epoch is held, but no frame."""
        self.world = self.founding.world(RECEIVER)
        out = admit(self.world, *self.epoch, self.founding.now)
        if out.result != "ok":
            raise AssertionError(f"epoch: {out.result} {out.code}")

    def open_all(self) -> None:
        """Run [F1] to [F7] on every frame."""
        world, now, batch = self.world, self.founding.now, self.batch
        for subject, data in self.frames:
            if len(open_frame(world, subject, data, now)) != batch:
                raise AssertionError("a frame did not open")

    def admit_all(self) -> None:
        """Run [F1] to [F9] on every frame."""
        world, now, batch = self.world, self.founding.now, self.batch
        for subject, data in self.frames:
            if len(admit(world, subject, data, now).messages) != batch:
                raise AssertionError("a frame was not accepted")


def _sealed(sealing: Sealing, batch: int, count: int) -> list[Outgoing]:
    """Return frames of messages that are all different, so that each is new at the receiver."""
    sealing.parts = [alerts(1 + batch * i, batch) for i in range(count)]
    out: list[Outgoing] = []
    for part in sealing.parts:
        out += sealing.sender.prepare(sealing.world, ACTUAL, ALL, part, sealing.founding.now)
    return out


def open_frame(world: World, subject: str, data: bytes, now: int) -> Sequence[bytes]:
    """Return the messages of a frame, after every check that admission makes before the messages."""
    where = subjects.parse(subject)  # [S1]
    parsed = frames.parse(data)  # [F1]
    state = check_epoch(world, parsed, now)  # [F2]
    check_frame_subject(state, where)  # [F3]
    checked = frames.verify_signature(parsed, state.epoch.public, where.realm)  # [F4]
    begin, end = state.epoch.not_before, state.epoch.not_after
    if not begin - limits.CLOCK_TOLERANCE <= parsed.ts <= end + limits.CLOCK_TOLERANCE:  # [F5]
        raise AssertionError("a frame of another time")
    verdict = state.sequence.judge(parsed.seq, checked.hash, parsed.prev, lambda seq: world.frame(parsed.epoch_id, seq))
    state.sequence.consume(parsed.seq, checked.hash, verdict, is_last=parsed.is_last)  # [F6]
    return frames.open_content(parsed, world.secret(state), where.realm)  # [F7]


def opening(repeats: int, messages: int, progress: Reporter = print_progress) -> Report:
    """Measure opening: `messages` in each repeat."""
    report = Report("open", {"repeats": repeats, "messages": messages})
    founding = Founding(FEW)
    cases: dict[str, Case] = {}
    for batch in BATCHES:
        count = max(messages // batch, 20)
        one, other = Opening(founding, batch, count), Opening(founding, batch, count)
        cases[f"open {batch}"] = Case("", count, one.open_all, one.fresh, messages=batch)
        cases[f"admit {batch}"] = Case("", count, other.admit_all, other.fresh, "with each message checked", batch)
        cases[f"bare open {batch}"] = bare_case(bare.open_, batch, messages)
    for name, case in cases.items():
        case.name = name
    interleave(list(cases.values()), repeats, progress)
    report.rows = [case.row() for case in cases.values()]
    report.ratios = {f"open_vs_bare_batch{b}": _vs(cases, f"bare open {b}", f"open {b}") for b in BATCHES}
    report.ratios |= {f"admit_vs_bare_batch{b}": _vs(cases, f"bare open {b}", f"admit {b}") for b in BATCHES}
    return report
