"""A second reader in JavaScript (tests/evidence_reader.mjs), from docs/evidence.md alone, judges as the gateway."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from protocol import fuzz_files
from protocol.files.evidence_case import MINE, Case, carried, forged
from protocol.fuzz_values import Random
from suar.protocol.base.primitives import hash_, signing_key
from suar.protocol.files import evidence as files
from suar.protocol.files import proof_stamps, stamps
from suar.protocol.files.auditlog import line_hash
from suar.protocol.files.merkle import Tree, leaf_hash
from suar.protocol.files.proof import verify
from suar.protocol.files.stamps import FRAME, LINE, LIST, REVOKE, Stamp
from suar.protocol.transport.content import digest
from support.evidence_file import split
from support.executables import NODE, require
from support.kit import NOW, actor

READER = Path(__file__).parents[2] / "evidence_reader.mjs"
FORM = ("V1", "V8", "V9")  # where the gateway asks more: fields of messages and receipts, which the schemas describe


@pytest.fixture(autouse=True)
def node() -> None:
    require(NODE, "nodejs")


def judged(tmp_path: Path, made: list[bytes], pin: bytes) -> list[dict[str, Any]]:
    """What the reader says of each file."""
    names = []
    for n, data in enumerate(made):
        names.append(tmp_path / f"{n}.evidence")
        names[-1].write_bytes(data)
    done = subprocess.run(
        [NODE, str(READER), pin.hex(), *map(str, names)], check=False, capture_output=True, text=True, timeout=240
    )
    assert done.stderr == "", done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(made)
    return results


ID = json.loads(MINE)["id"]


def whole() -> Case:
    """With all that a file may have: a later revision, a line of the audit, time stamps under SHA-256 and SHA-512."""
    case = Case()
    cancel = json.loads(MINE) | {"rev": 2, "action": "update"}
    text = json.dumps(cancel).encode()
    later = carried(case.sending, case.sending.frame(text), 0)
    act = proof_stamps.ProvedLine(2**33, NOW, "desk", "publish", f"{ID} 1 {digest(MINE).hex()}")
    line = proof_stamps.line_content(bytes(32), act)
    values = [
        (FRAME, case.name), (FRAME, bytes(32)), (LIST, case.lists.hash()), (LINE, line_hash(bytes(32), *act)),
        (REVOKE, hash_("revoke", case.evidence.revokes[0][84:])),
    ]  # fmt: skip
    made = [each for algorithm in (1, 2) for each in _stamps(algorithm, values)]
    evidence = case.evidence._replace(later=((text, later),), lines=(line,), stamps=tuple(made))
    case.file = files.write(evidence)
    return case


def _stamps(algorithm: int, values: list[tuple[int, bytes]]) -> list[bytes]:
    leaves = [leaf_hash(algorithm, what, bytes([n]) * 16, value) for n, (what, value) in enumerate(values)]
    tree = Tree(algorithm, leaves)
    who, statement = actor("TH"), stamps.statement(algorithm, len(values), tree.root)
    signature = stamps.sign_statement(signing_key(who.identity), statement)
    return [
        stamps.encode(
            Stamp(what, value, bytes([n]) * 16, algorithm, n, len(values), who.kid, signature, tree.path(n), b"token")
        )
        for n, (what, value) in enumerate(values)
        if value != bytes(32)
    ]


def test_it_reads_what_the_gateway_writes(tmp_path: Path) -> None:
    case = whole()
    found = case.verify()
    assert ([one.message.rev for one in found.later], len(found.lines)) == ([2], 1)
    (judgement,) = judged(tmp_path, [case.file], case.first.hash())
    assert sorted(map(tuple, judgement["proved"])) == [("SG", "acting"), ("SG", "stored")]
    assert judgement["later"] == [2]
    assert judgement["contradictions"] == "not looked for"
    assert judged(tmp_path, [case.file], bytes(32)) == [{"refused": "V2"}]


def test_both_judge_every_forgery_alike(tmp_path: Path) -> None:
    case, rng = whole(), random.Random(41)
    made = [files.assemble(forged(rng, split(case.file))) for _ in range(150)]
    made += [case.file[:at] + bytes([case.file[at] ^ 4]) + case.file[at + 1 :] for at in range(0, len(case.file), 997)]
    for n, (judgement, data) in enumerate(zip(judged(tmp_path, made, case.first.hash()), made, strict=True)):
        found = _step(data, case.first.hash())
        assert ("refused" in judgement) == (found != "proved"), (n, judgement, found)


@pytest.mark.parametrize("seeds", [range(200_000, 200_150), range(300_000, 300_150)], ids=str)
def test_both_judge_what_is_signed_again_alike(tmp_path: Path, seeds: range) -> None:
    """But for the form of messages and receipts, what the reader takes the gateway takes, and the reverse."""
    made = [fuzz_files.make("evidence", Random(n)) for n in seeds]
    judgements = judged(tmp_path, made, fuzz_files.case().first.hash())
    proved = 0
    for n, answer, data in zip(seeds, judgements, made, strict=True):
        found = fuzz_files.judge_evidence(data)
        proved += found == "proved"
        if found == "proved":
            assert "proved" in answer, (n, answer)
        elif found not in FORM:
            assert "refused" in answer, (n, found)
    assert proved


def _step(data: bytes, pin: bytes) -> str:
    try:
        verify(data, pin)
    except files.Unproved as found:
        return found.step
    return "proved"
