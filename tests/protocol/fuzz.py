"""Hostile bytes without end: `python tests/protocol/fuzz.py 1000000` (`make fuzz`), and 10,000 of them in the suite.

Four ways to make an input: bytes at random; a valid object with bytes changed; a valid object whose msgpack fields are
changed one by one and which is **signed again with the right keys**, so that it reaches the rules behind the signature;
a message of any kind whose JSON is changed, inside a correctly sealed frame. Each is given to a receiver in the middle
of its work and must end as an Outcome. Files of evidence, carried files and logs (fuzz_files.py) are taken or refused.
A failure names its seed: `python tests/protocol/fuzz.py 1 --seed N` gives it again. Slices of the seeds are shared out
among processes, one a core; each slice that is done is told on stderr.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, get_args

sys.path.insert(0, str(Path(__file__).parent.parent))

import msgspec

from protocol import fuzz_files
from protocol.fuzz_values import Random, any_value, changed, flipped, packed
from suar.protocol.base import limits, subjects
from suar.protocol.base.codelists import codes
from suar.protocol.base.errors import CODES
from suar.protocol.base.primitives import sign, signing_key
from suar.protocol.base.reasons import CODES as REASONS
from suar.protocol.transport.outcome import Outcome, Result
from suar.protocol.transport.world import ChainKey
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust import revoke
from suar.published import schemas_dir
from support.crafted import EPOCH_FIELDS
from support.kit import (
    NOW,
    ListMaker,
    Receiver,
    Sending,
    actor,
    alert,
    beat,
    craft_epoch,
    head,
    make_bundle,
    make_revoke,
    member_row,
    sign_raw,
)

SG, TH = actor("SG"), actor("TH")
WORLD_LIVES = 50  # inputs that one receiver is given before a new one takes over
SLICE = 200 * WORLD_LIVES  # inputs that one process takes at a time
RESULTS = frozenset(get_args(Result))
KINDS = tuple(sorted(codes("kind")))
EXAMPLES = {
    kind: [json.loads(path.read_bytes()) for path in sorted((schemas_dir() / "examples" / "valid").glob(f"{kind}-*"))]
    for kind in KINDS
}


class Input(NamedTuple):
    kind: str
    subject: str
    data: bytes
    now: int


class Scene:
    """A receiver with a list, a bundle, open epochs in four channels and some frames; and the other side of each.

    The last channel has had as many epochs in this hour as a chain may have.
    """

    def __init__(self) -> None:
        rows = [member_row(actor(code)) for code in ("SG", "TH", "VN")]
        self.lists = ListMaker(members=rows)
        self.receiver = Receiver("SG", self.lists).trust()
        self.receiver.receive_bundle(TH, make_bundle(TH))
        terms: tuple[dict[str, Any], ...] = (
            {},
            {"channel": "SG"},
            {"realm": "exercise"},
            {"realm": "exercise", "channel": "SG"},
        )
        self.sendings = [craft_epoch(TH, self.lists, **term) for term in terms]
        for sending in self.sendings:
            self.receiver.receive_epoch(sending)
            self.receiver.receive_frame(sending, sending.frame(alert(status=sending.realm)))
        flooded = self.receiver.world.chain(ChainKey(TH.kid, "exercise", "SG"))
        flooded.hours = dict.fromkeys(flooded.hours, limits.EPOCHS_AN_HOUR)

    def in_step(self, rng: Random) -> Sending:
        """A sending whose next frame is the one that the receiver expects."""
        sending = rng.choice(self.sendings)
        sequence = self.receiver.world.epochs[sending.opened.id].sequence
        sending.seq, sending.prev = sequence.next, sequence.last_hash
        return sending


# -- inputs


def at_random(rng: Random, scene: Scene) -> Input:
    magic = rng.choice((b"", b"SUT1", b"SUR1", b"SUK1", b"SUE1", b"SUF1"))
    size = rng.choice((0, 3, 80, 84, 90, 456 - len(magic), 712 - len(magic), 1500))
    return Input("random", _any_subject(rng, scene), magic + rng.randbytes(size), NOW)


def _any_subject(rng: Random, scene: Scene) -> str:
    sending = rng.choice(scene.sendings)
    known = [
        "tip.v1.xa.a.trust.all.2",
        subjects.hub("TH", subjects.keys(TH.kid)),
        subjects.hub("XA", subjects.revoke(TH.kid)),
        sending.epoch_subject,
        sending.subject,
    ]
    subject = rng.choice(known)
    return subject if rng.random() < 0.9 else flipped(rng, subject.encode()).decode("latin-1")


def of_list(rng: Random, scene: Scene) -> Input:
    fields = scene.lists.after().fields()
    for _ in range(rng.randint(0, 2)):
        fields = changed(rng, fields)
    signers = rng.choice((("A", "B"), ("A", "B", "C"), ("A",), ("A", "B", "D")))
    return Input("list", "tip.v1.xa.a.trust.all.2", sign_raw(packed(rng, fields), *signers), NOW)


def of_revoke(rng: Random, scene: Scene) -> Input:
    who = rng.choice((actor("VN"), actor("VN"), actor("VN"), actor("MY"), TH))
    data = make_revoke(who)
    raw = packed(rng, changed(rng, msgspec.msgpack.decode(data[84:])))
    signed = revoke.MAGIC + data[4:20] + sign("revoke", signing_key(who.identity), raw) + raw
    return Input("revoke", subjects.hub("XA", subjects.revoke(TH.kid)), signed, NOW)


def of_bundle(rng: Random, scene: Scene) -> Input:
    fields = msgspec.msgpack.decode(make_bundle(TH, not_before=NOW - rng.randrange(limits.HOUR))[84:])
    raw = packed(rng, changed(rng, fields))
    signed = bundles.MAGIC + TH.kid + sign("keys", signing_key(TH.identity), raw) + raw
    return Input("bundle", subjects.hub("TH", subjects.keys(TH.kid)), signed, NOW)


def of_epoch(rng: Random, scene: Scene) -> Input:
    before = rng.choice(scene.sendings)
    terms: dict[str, Any] = {"not_before": NOW - rng.randrange(limits.MINUTE), "link": before.link}
    if rng.random() < 0.2:  # as it should be: only of such does one come too many
        good = craft_epoch(TH, scene.lists, channel=before.channel, realm=before.realm, **terms)
        return Input("epoch", before.epoch_subject, good.opened.data, NOW)
    name = rng.choice(EPOCH_FIELDS)
    plain = craft_epoch(TH, scene.lists, channel=before.channel, realm=before.realm, **terms)
    fields = dict(zip(EPOCH_FIELDS, msgspec.msgpack.decode(_epoch_raw(plain)), strict=True))
    wraps: Callable[[list[bytes]], list[bytes]] = rng.choice((list, list, list, lambda w: w[::-1], lambda w: w[1:]))
    try:
        made = craft_epoch(
            TH, scene.lists, channel=before.channel, realm=before.realm, labels=before.realm, wraps=wraps,
            fields_replaced={name: changed(rng, fields[name])}, **terms,
        )  # fmt: skip
    except (OverflowError, UnicodeEncodeError, ValueError):
        made = plain
    return Input("epoch", before.epoch_subject, made.opened.data, NOW)


def _epoch_raw(sending: Sending) -> bytes:
    data = sending.opened.data
    return data[88 : 88 + int.from_bytes(data[84:88], "big")]


def of_frame(rng: Random, scene: Scene) -> Input:
    sending = rng.choice(scene.sendings)
    parts: dict[str, Any] = {}
    for _ in range(rng.randint(0, 2)):
        parts |= rng.choice(_FRAME_PARTS)(rng)
    if rng.random() < 0.2:
        parts["body"] = packed(rng, rng.choice(([alert()], any_value(rng))))
    moves_on = "seq" not in parts and rng.random() < 0.5
    subject = sending.subject if rng.random() < 0.95 else rng.choice(scene.sendings).subject
    return Input("frame", subject, sending.craft(b"{}", **parts, moves_on=moves_on), NOW)


_FRAME_PARTS: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda rng: {"seq": rng.choice((0, 1, 2, 3, 9, 65_535, 65_536, 2**64 - 1, rng.randrange(40)))},
    lambda rng: {"ts": rng.choice((0, NOW, NOW + limits.DAY, 2**64 - 1))},
    lambda rng: {"count": rng.choice((0, 1, 2, 256, 257, 65_535))},
    lambda rng: {"flags": rng.choice((1, 2, 65_535))},
    lambda rng: {"prev": rng.randbytes(32)},
    lambda rng: {"plain": rng.choice((bytes(256), rng.randbytes(256), b"\x80" + bytes(255), b""))},
    lambda rng: {"committed": (rng.randbytes(9),)},
)


def of_heartbeat(rng: Random, scene: Scene) -> Input:
    sending = scene.in_step(rng)
    heads = [head(sending, 1)] if sending.sent and sending.channel == "all" else []
    fields = msgspec.msgpack.decode(beat(scene.lists, heads_of_mine=heads))
    data = sending.craft(body=packed(rng, changed(rng, fields)))
    return Input("heartbeat", sending.subject, data, NOW)


def of_message(rng: Random, scene: Scene) -> Input:
    sending, kind = scene.in_step(rng), rng.choice(KINDS)
    contents = [_message(rng, sending, kind) for _ in range(rng.randint(1, 3))]
    return Input(kind, sending.subject, sending.craft(*contents), NOW)


def _message(rng: Random, sending: Sending, kind: str) -> bytes:
    """A valid one as this sender may send it here, changed in at most two places: the last rules see it too."""
    value = dict(rng.choice(EXAMPLES[kind])) | {"status": sending.realm}
    if kind == "receipt":
        value["member"] = sending.who.code
    else:
        value["id"] = f"{sending.who.code}{value['id'][2:-2]}{rng.randrange(100):02}"
        value["issuer"] = value["issuer"] | {"member": sending.who.code}
        named = ("all", "all", ["SG"], ["SG", "VN"]) if sending.channel != "all" else ("all",) * 9 + (["SG"],)
        value["audience"] = value["audience"] | {"members": rng.choice(named)}
    for _ in range(rng.randint(0, 2)):
        value = changed(rng, value)
    data = json.dumps(value, default=lambda other: other.hex(), ensure_ascii=rng.random() < 0.5)
    raw = data.encode("utf-8", "surrogatepass")
    return flipped(rng, raw) if rng.random() < 0.2 else raw


def of_valid(rng: Random, scene: Scene) -> Input:
    """A valid object of any type, with bytes changed and not signed again."""
    made = rng.choice((of_list, of_revoke, of_bundle, of_epoch, of_frame, of_message))(rng, scene)
    return made._replace(kind="valid", data=flipped(rng, made.data))


def of_file(rng: Random, scene: Scene) -> Input:
    """A file that a person gives to `suar evidence verify`, `suar audit verify` or `suar carry import`."""
    kind = rng.choice(("evidence", "evidence", "audit", "carried"))
    return Input(kind, "", fuzz_files.make(kind, rng), NOW)


MAKERS: tuple[Callable[[Random, Scene], Input], ...] = (
    at_random, of_valid, of_list, of_revoke, of_bundle, of_epoch, of_frame, of_frame, of_heartbeat,
    of_message, of_message, of_file,
)  # fmt: skip


# -- the run


def check(out: Outcome) -> None:
    """What every outcome keeps: closed words, and only codes of the table."""
    assert out.result in RESULTS
    assert (out.rule is not None) == (out.result == "refused")
    assert (out.waits_rule is not None) == (out.result == "wait")
    assert out.code is None or out.code in CODES
    assert all(refused.rule in ("F8", "F9") for refused in out.refused)
    assert all(refused.code in CODES or refused.code in REASONS for refused in out.refused)


def run(count: int, seed: int) -> Counter[tuple[str, str]]:
    """Give `count` inputs; how often each (kind, result or rule) came. AssertionError names the seed of a failure."""
    seen: Counter[tuple[str, str]] = Counter()
    scene = Scene()
    for n in range(seed, seed + count):
        rng = Random(n)
        if n % WORLD_LIVES == 0:
            scene = Scene()
        made = rng.choice(MAKERS)(rng, scene)
        try:
            if made.kind in fuzz_files.JUDGES:
                seen[made.kind, fuzz_files.JUDGES[made.kind](made.data)] += 1
                continue
            out = scene.receiver.receive(made.subject, made.data, made.now)
            check(out)
        except Exception as error:
            start = n - n % WORLD_LIVES if n - n % WORLD_LIVES > seed else seed
            hint = f"python tests/protocol/fuzz.py {n - start + 1} --seed {start}"
            raise AssertionError(f"input {n} ({made.kind}, {len(made.data)} bytes): {hint}") from error
        seen[made.kind, out.rule or out.result] += 1
        seen.update((made.kind, "accepted") for _ in out.messages)
        seen.update((made.kind, f"{refused.rule} alone") for refused in out.refused)
    return seen


def run_slices(count: int, seed: int, processes: int) -> Counter[tuple[str, str]]:
    """The same as `run` in several processes."""
    slices = [(min(SLICE, seed + count - first), first) for first in range(seed, seed + count, SLICE)]
    seen: Counter[tuple[str, str]] = Counter()
    begin, done = time.monotonic(), 0
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for size, first, part in pool.imap_unordered(_run_slice, slices):
            seen, done = seen + part, done + size
            rate = done / (time.monotonic() - begin)
            print(f"{done} of {count}: seeds {first} to {first + size - 1} done, {rate:.0f} a second", file=sys.stderr)
    return seen


def _run_slice(part: tuple[int, int]) -> tuple[int, int, Counter[tuple[str, str]]]:
    return *part, run(*part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    begin = time.monotonic()
    seen = run_slices(args.count, args.seed, args.processes)
    for (kind, what), times in sorted(seen.items()):
        print(f"{kind:12} {what:10} {times:8}")
    last = args.seed + args.count - 1
    print(f"{args.count} inputs, seeds {args.seed} to {last}, in {time.monotonic() - begin:.1f} s: no other exception")


if __name__ == "__main__":
    main()
