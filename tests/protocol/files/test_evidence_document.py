"""A second reader (support/evidence_reader.py), written from docs/evidence.md alone, judges as the gateway does."""

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from protocol import fuzz_files
from protocol.files.evidence_case import Case, forged
from protocol.files.test_auditlog import lines, log
from protocol.fuzz_values import Random
from suar.protocol.files import evidence as files
from suar.protocol.files.auditlog import BrokenLog
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.proof import verify
from support import evidence_reader
from support.evidence_file import split
from support.evidence_reader import Wrong, judge, judge_log
from support.executables import PYTHON

GOLDEN = Path(__file__).parents[2] / "data/message.evidence"
READER = Path(evidence_reader.__file__)
FORM = ("V1", "V8", "V9")  # where the gateway asks more: fields of messages and receipts, which the schemas describe


def test_the_reader_shares_nothing_with_the_gateway() -> None:
    """In a process that cannot import it."""
    hidden = f"import sys; sys.modules['suar'] = None; sys.argv = {['x', str(GOLDEN), Case().first.hash().hex()]!r}"
    code = f"{hidden}; exec(compile(open({str(READER)!r}).read(), 'reader', 'exec'), {{'__name__': '__main__'}})"
    done = subprocess.run([PYTHON, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(done.stdout)) == [["SG", "acting"], ["SG", "stored"]]


def test_a_second_implementation_reads_the_same() -> None:
    case = Case()
    assert sorted(judge(case.file, case.first.hash())) == [("SG", "acting"), ("SG", "stored")]
    assert len(case.verify().receipts) == 2


def test_both_judge_every_forgery_alike() -> None:
    case, rng = Case(), random.Random(13)
    parts, pin = split(case.file), case.first.hash()
    for _ in range(500):
        file = files.assemble(forged(rng, parts))
        assert _passes(judge, file, pin) == _passes(verify, file, pin)


@pytest.mark.parametrize("seeds", [range(1_500), range(5_000, 6_500)], ids=str)
def test_both_judge_what_is_signed_again_alike(seeds: range) -> None:
    """But for the form of messages and receipts, what the second reader takes the gateway takes, and the reverse."""
    pin = fuzz_files.case().first.hash()
    for n in seeds:
        file = fuzz_files.make("evidence", Random(n))
        found = fuzz_files.judge_evidence(file)
        if found == "proved":
            judge(file, pin)
        elif found not in FORM:
            assert not _passes(judge, file, pin), (n, found)


def _passes(judgement: Callable[[bytes, bytes], object], file: bytes, pin: bytes) -> bool:
    try:
        judgement(file, pin)
    except (Wrong, Unproved, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return False
    return True


def test_a_file_of_an_earlier_version_is_read_for_ever() -> None:
    """Made once and committed; its pin is that of the test's first list."""
    file, pin = GOLDEN.read_bytes(), Case().first.hash()
    assert sorted(judge(file, pin)) == [("SG", "acting"), ("SG", "stored")]
    assert verify(file, pin).message.id == "TH-ALERT-2027-000002"
    assert files.write(files.read(file)) == file


# -- the log


def test_the_reader_judges_a_log() -> None:
    assert judge_log(b"\n".join(lines(log()))) == (10, 10)


def test_both_judge_every_log_alike() -> None:
    sound = 0
    for n in range(1_000):
        data = fuzz_files.make("audit", Random(n))
        found = fuzz_files.judge_audit(data)
        try:
            judge_log(data)
        except (Wrong, ValueError, KeyError, IndexError, TypeError, AttributeError, BrokenLog, msgspec.MsgspecError):
            assert found == "broken", n
            continue
        sound += found == "sound"
    assert sound
