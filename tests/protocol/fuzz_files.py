"""Files of evidence, carried files and exported logs for fuzz.py: damaged, put together anew, and signed again.

Signed again by whoever may sign that part, so that the checks behind the signatures see it: a trust list by its roots,
an epoch by its member, a message inside a frame that its sender seals, a line of the log by its hash and head.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from protocol.files.evidence_case import BEFORE, LATER, MINE, Case, carried, forged, receipt
from protocol.fuzz_values import Random, any_value, changed, packed
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ZERO32, hash_, sign, signing_key
from suar.protocol.base.wire import encode
from suar.protocol.files import auditlog, proof_stamps, stamps
from suar.protocol.files import carried as carried_files
from suar.protocol.files import evidence as files
from suar.protocol.files.auditlog import BrokenLog
from suar.protocol.files.carried import Damaged
from suar.protocol.files.evidence import Evidence, Unproved
from suar.protocol.files.merkle import Tree, leaf_hash
from suar.protocol.files.proof import verify
from suar.protocol.files.stamps import FRAME, LINE, Stamp
from suar.protocol.transport.content import digest
from suar.protocol.trust import revoke
from suar.published import schemas_dir
from support.crafted import EPOCH_FIELDS
from support.damage import damaged
from support.evidence_file import split
from support.kit import FEDERATION, NOW, Actor, actor, craft_epoch, make_revoke, sign_raw

TH, SG, KH = actor("TH"), actor("SG"), actor("KH")
EXAMPLES = [path.read_bytes() for path in sorted((schemas_dir() / "examples" / "valid").glob("*.json"))]
STEPS = frozenset(f"V{n}" for n in range(1, 11))

ID = json.loads(MINE)["id"]


@cache
def case() -> Case:
    return Case()


def make(kind: str, rng: Random) -> bytes:
    return rng.choice(_MAKERS[kind])(rng)


# -- evidence


def of_bytes(rng: Random) -> bytes:
    return damaged(rng, case().file)


def of_parts(rng: Random) -> bytes:
    """By somebody who knows the layout: the sums are right."""
    made = split(case().file)
    for _ in range(rng.randint(1, 3)):
        made = forged(rng, made) or [(files.MESSAGE, b"x")]
    return files.assemble(made)


def of_any_parts(rng: Random) -> bytes:
    kinds = [rng.randint(0, 13) for _ in range(rng.randrange(12))]
    return files.assemble([(kind, rng.randbytes(rng.choice((0, 18, 32, 64, 300)))) for kind in kinds])


def of_list(rng: Random) -> bytes:
    """A later list whose fields are changed; the first, which is pinned, hangs on nothing."""
    at = rng.randrange(2)
    lists = list(case().evidence.lists)
    fields = (case().first, case().lists)[at].fields()
    lists[at] = sign_raw(packed(rng, changed(rng, fields)), *rng.choice((("A", "B"), ("A", "B", "C"), ("A",))))
    return files.write(case().evidence._replace(lists=tuple(lists)))


def of_revoke(rng: Random) -> bytes:
    who = rng.choice((KH, KH, TH, SG, actor("MY")))
    data = make_revoke(who)
    raw = packed(rng, changed(rng, msgspec.msgpack.decode(data[84:]))) if rng.random() < 0.7 else data[84:]
    signed = revoke.MAGIC + data[4:20] + sign("revoke", signing_key(who.identity), raw) + raw
    return files.write(case().evidence._replace(revokes=(signed, *case().evidence.revokes[: rng.randrange(2)])))


def of_epoch(rng: Random) -> bytes:
    """The message's own epoch, with a field changed, and its frame sealed in it."""
    base = case().sending.opened.data
    raw = base[88 : 88 + int.from_bytes(base[84:88], "big")]
    fields = dict(zip(EPOCH_FIELDS, msgspec.msgpack.decode(raw), strict=True))
    name = rng.choice(EPOCH_FIELDS)
    wraps: Callable[[list[bytes]], list[bytes]] = rng.choice((list, list, lambda w: w[::-1], lambda w: w[1:]))
    try:
        made = craft_epoch(TH, case().lists, wraps=wraps, fields_replaced={name: changed(rng, fields[name])})
        each = carried(made, made.frame(BEFORE, case().evidence.message, LATER), 1)
    except (OverflowError, UnicodeEncodeError, ValueError):
        return of_parts(rng)
    answer = case().answer.opened.data
    return _file(epochs=(made.opened.data, answer), carriers=(each,), receipts=())


def of_message(rng: Random) -> bytes:
    value = json.loads(rng.choice(EXAMPLES) if rng.random() < 0.5 else case().evidence.message)
    if "id" in value and rng.random() < 0.8:
        value |= {"id": "TH" + value["id"][2:], "status": "actual"}
    for _ in range(rng.randint(0, 2)):
        value = changed(rng, value)
    text = _json(rng, value)
    sending = case().sending
    index = rng.randrange(3)
    contents = [BEFORE, LATER]
    contents.insert(index, text)
    return _file(
        message=text, carriers=(carried(sending, sending.craft(*contents, moves_on=False), index),), receipts=()
    )


def of_receipt(rng: Random) -> bytes:
    value = json.loads(receipt(case().name, 1))
    for _ in range(rng.randint(0, 2)):
        value = changed(rng, value)
    mutated, answer = _json(rng, value), case().answer
    return _file(receipts=((mutated, carried(answer, answer.craft(mutated, moves_on=False), 0)),))


def of_frame(rng: Random) -> bytes:
    """A frame of the sender with a header that no gateway writes."""
    sending, text = case().sending, case().evidence.message
    parts: dict[str, Any] = rng.choice(
        ({"ts": rng.choice((0, NOW + 10**9, 2**64 - 1))}, {"count": rng.choice((0, 2, 257))}, {"flags": 2},
         {"committed": (rng.randbytes(9),)}, {"seq": 2**64 - 1}, {"label": "epoch"}, {"labels": "exercise"})
    )  # fmt: skip
    data = sending.craft(text, **parts, moves_on=False)
    each = case().evidence.carriers[0]._replace(content_index=0, leaves=(), frame=data)
    return _file(carriers=(each,), receipts=())


def of_stamp(rng: Random) -> bytes:
    """A time stamp of the message's frame, or a line of the audit that it carries, with one thing wrong or none."""
    about = rng.choice(("x", f"{ID} 1", f"{ID} 1 {digest(MINE).hex()}"))
    line = proof_stamps.line_content(rng.randbytes(32), proof_stamps.ProvedLine(3, NOW, "desk", "publish", about))
    content = damaged(rng, line) if rng.random() < 0.3 else line
    values = {FRAME: case().name, LINE: auditlog.line_hash(line[:32], 3, NOW, "desk", "publish", about)}
    what = rng.choice((FRAME, LINE))
    salted = [(what, rng.randbytes(16), values[what]), (FRAME, rng.randbytes(16), rng.randbytes(32))]
    tree = Tree(1, [leaf_hash(1, *each) for each in salted])
    who, at = rng.choice((TH, TH, SG, actor("MY"))), rng.choice((0, 0, 0, 1))
    signature = stamps.sign_statement(signing_key(who.identity), stamps.statement(1, 2, tree.root))
    kind, salt, value = salted[at]
    made = Stamp(kind, value, salt, 1, at, 2, who.kid, signature, tree.path(at), rng.randbytes(9))
    data = stamps.encode(made._replace(**rng.choice(({}, {}, {"position": 5}, {"salt": bytes(16)}, {"path": ()}))))
    lines = (content,) if what == LINE else ()
    return _file(stamps=(damaged(rng, data) if rng.random() < 0.2 else data,), lines=lines)


def of_later(rng: Random) -> bytes:
    """A later revision of the message, or of another."""
    value = json.loads(case().evidence.message) | {"rev": rng.choice((1, 2, 7)), "action": "update"}
    text = _json(rng, changed(rng, value) if rng.random() < 0.5 else value)
    sending = case().sending
    return _file(later=((text, carried(sending, sending.craft(text, moves_on=False), 0)),))


def _file(**changes: Any) -> bytes:
    evidence: Evidence = case().evidence._replace(**changes)
    return files.write(evidence)


def _json(rng: Random, value: Any) -> bytes:
    data = json.dumps(value, default=lambda other: other.hex(), ensure_ascii=rng.random() < 0.5)
    return data.encode("utf-8", "surrogatepass")


def judge_evidence(data: bytes) -> str:
    """`proved` or the step that refuses; what is read is written as it was, so that one content has one file."""
    step = _step(data)
    if step != "V1":
        assert files.write(files.read(data)) == data
    return step


def _step(data: bytes) -> str:
    found = _finding(lambda: verify(data, case().first.hash()))
    if found is None:
        return "proved"
    assert isinstance(found, Unproved)
    assert found.step in STEPS, found
    assert found.part, found
    assert found.text, found
    return found.step


def _finding(judge: Callable[[], object]) -> Unproved | BrokenLog | Damaged | None:
    try:
        judge()
    except (Unproved, BrokenLog, Damaged) as found:
        return found
    return None


# -- files carried by hand


def of_carried(rng: Random) -> bytes:
    return damaged(rng, _carried(rng, 0.0))


def of_segments(rng: Random) -> bytes:
    """Segments whose fields are changed, signed and summed again by their carrier."""
    return _carried(rng, 0.5)


def _carried(rng: Random, share: float) -> bytes:
    file, prev, count = bytearray(), ZERO32, rng.randint(1, 3)
    for index in range(count):
        objects = [["a.frame.all.0123456789abcdef", case().frame], ["a.epoch.all.x", rng.randbytes(30)]]
        fields: Any = [
            "suar-carried/1", FEDERATION, "TH", rng.choice(("all", "SG")) if share else "all", index, prev,
            int(index == count - 1), objects[: rng.randrange(3)],
        ]  # fmt: skip
        raw = packed(rng, changed(rng, fields)) if rng.random() < share else encode(fields)
        data = carried_files.MAGIC + TH.kid + sign("carried", signing_key(TH.identity), raw) + raw
        sums = hash_("segment", index.to_bytes(4, "big") + data)[:8]
        file += len(data).to_bytes(4, "big") + data + sums
        prev = hash_("carried", raw)
    return bytes(file)


def judge_carried(data: bytes) -> str:
    """`read`, or `damaged` with a part and a text; each segment by itself is taken or Refused by C1 to C3."""
    found = _finding(lambda: _segments(data))
    assert found is None or isinstance(found, Damaged)
    assert found is None or (found.part and found.text), found
    for at in range(0, min(len(data), 3_000), 997):
        _segment(data[at:])
    return "damaged" if found else "read"


def _segments(data: bytes) -> None:
    reading, at = carried_files.SegmentReader(), 0
    while size := reading.size(data[at : at + carried_files.LENGTH]):
        at += carried_files.LENGTH
        _segment(reading.read(size, data[at : at + size]))
        at += size


def _segment(data: bytes) -> None:
    try:
        parsed = carried_files.parse(data)
        carried_files.verify_signature(parsed, TH.public)
        carried_files.read(parsed.raw)
    except Refused as refused:
        assert refused.rule in ("C1", "C2", "C3")  # noqa: PT017 - the rule is what is checked


# -- the log


def of_log(rng: Random) -> bytes:
    return damaged(rng, _log(rng))


def of_lines(rng: Random) -> bytes:
    """Lines taken out, doubled or moved, one of them changed in a field, perhaps with its hash made anew."""
    lines = _log(rng, rewritten=rng.random() < 0.5).splitlines()
    at = rng.randrange(len(lines))
    pick = rng.randrange(4)
    if pick == 0:
        del lines[at]
    elif pick == 1:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif pick == 2:
        lines[at] = _json(rng, changed(rng, json.loads(lines[at])))
    return b"\n".join(lines)


def _log(rng: Random, *, rewritten: bool = False) -> bytes:
    """A sound log; with `anew` one act is of any values, hashed and signed as a gateway would."""
    before, odd = ZERO32, rng.randrange(1, 9)
    lines: list[Any] = [{"audit": auditlog.MAGIC, "federation": FEDERATION, "member": "TH"}]
    for n in range(1, 9):
        act: list[Any] = [n, NOW + n, "desk", "publish", f"TH-ALERT-2027-{n:06d} 1"]
        if rewritten and n == odd:
            act[rng.randrange(5)] = any_value(rng)
        try:
            before = auditlog.line_hash(before, *act)
        except (OverflowError, TypeError, ValueError):
            act = [n, NOW + n, "desk", "publish", "x"]
            before = auditlog.line_hash(before, *act)
        lines.append(dict(zip(("n", "at", "who", "what", "about"), act, strict=True)) | {"hash": before.hex()})
        if n in (4, 8):
            lines.append(_head(TH, n, before))
    return b"\n".join(_json(rng, line) for line in lines)


def _head(who: Actor, n: int, digest: bytes) -> dict[str, Any]:
    raw = auditlog.head_raw(FEDERATION, "TH", n, NOW + n, digest)
    signature = auditlog.sign_head(signing_key(who.identity), raw)
    return {"head": n, "at": NOW + n, "hash": digest.hex(), "key": who.public.hex(), "signature": signature.hex()}


def judge_audit(data: bytes) -> str:
    """`sound`, or `broken` with a text."""
    found = _finding(lambda: auditlog.verify(auditlog.records(data.splitlines()), kids=[TH.kid.hex()]))
    assert found is None or found.text, found
    return "broken" if found else "sound"


JUDGES: dict[str, Callable[[bytes], str]] = {
    "evidence": judge_evidence, "audit": judge_audit, "carried": judge_carried,
}  # fmt: skip
_MAKERS: dict[str, tuple[Callable[[Random], bytes], ...]] = {
    "evidence": (
        of_bytes, of_parts, of_any_parts, of_list, of_revoke, of_epoch, of_message, of_message, of_receipt, of_receipt,
        of_frame, of_stamp, of_later,
    ),
    "audit": (of_log, of_lines, of_lines),
    "carried": (of_carried, of_segments, of_segments),
}  # fmt: skip
