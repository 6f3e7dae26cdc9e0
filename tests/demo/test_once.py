"""`suar demo --once`: to its end, everything delivered, every hostile act refused."""

import json
import re
import stat
import struct
from pathlib import Path
from typing import Any

import pytest

from suar.demo.story import picture
from suar.protocol.message.kinds import KINDS
from support.demos import PASSPHRASE, once
from support.executables import CHROMIUM
from support.secret_search import encodings, files_in, meant, search, secrets_of

MEMBERS = ["SG", "TH", "VN"]
ACTS = {
    "frame withheld from one member": ("gap", "F6"),
    "frame sent again": ("E-FRAME-REPLAY", "F6"),
    "frame with one bit altered": ("E-FRAME-SIGNATURE", "F4"),
    "frame cut short": ("E-FRAME-FORM", "F1"),
    "frame forged with the epoch's secret": ("E-FRAME-SIGNATURE", "F4"),
    "epoch in another's name": ("E-EPOCH-SIGNATURE", "E2"),
    "frame of another state as one's own": ("E-FRAME-SUBJECT", "F3"),
    "exercise frame on an actual subject": ("E-FRAME-SUBJECT", "F3"),
    "message for one member sent to all": ("E-OVER-SHARED", "F8"),
    "message with an unknown field": ("E-MESSAGE-UNKNOWN-FIELD", "F8"),
    "message under another member's id": ("E-MESSAGE-SENDER", "F8"),
    "two texts under one id": ("E-MESSAGE-EQUIVOCATION", "F9"),
    "two frames with one number": ("E-FRAME-EQUIVOCATION", "F6"),
    "trust list with too few signatures": ("E-TRUST-SIGNATURE", "T2"),
    "second trust list 1": ("E-TRUST-FORK", "T5"),
    "epoch of a revoked key": ("E-EPOCH-SIGNER", "E4"),
}


@pytest.mark.slow
@pytest.mark.essential
def test_everything_is_delivered_and_every_hostile_act_refused(tmp_path: Path) -> None:
    """One run, because it takes seconds: its document, and that no secret stands where it should not."""
    done = once(tmp_path)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    _deliveries(document)
    _languages(document)
    _gate(document)
    refused = {row["act"]: (row["code"], row["rule"]) for row in document["refused"]}
    assert refused == ACTS
    assert {row["at"] for row in document["refused"]} == {"SG", "TH"}  # the third is the one that was robbed
    gap = next(row for row in document["refused"] if row["code"] == "gap")
    assert re.fullmatch(r"frames (\d+) to \d+ named", gap["detail"])
    assert document["seconds"] > 0
    described = json.loads((tmp_path / "demo" / "demo.json").read_bytes())
    assert document["consoles"] == {each["code"]: each["console"] for each in described["members"]}
    _picture(document, tmp_path / "demo")
    _no_secret(tmp_path, done.out, done.err)


@pytest.mark.slow
def test_with_two_hubs_everything_is_delivered_and_refused_as_with_one(tmp_path: Path) -> None:
    """The one that withholds does so at both: what one alone withholds comes by the other."""
    done = once(tmp_path, "--hubs", "2")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    _deliveries(document)
    assert {row["act"]: (row["code"], row["rule"]) for row in document["refused"]} == ACTS
    described = json.loads((tmp_path / "demo" / "demo.json").read_bytes())
    assert [each["name"] for each in described["hubs"]] == ["hub-a", "hub-b"]


def _deliveries(document: dict[str, Any]) -> None:
    assert document["members"] == MEMBERS
    published = document["published"]
    assert {(each["kind"], each["realm"]) for each in published} >= {
        ("alert", "actual"), ("trend", "actual"), ("pattern", "actual"), ("alert", "exercise"),
        ("legislation", "actual"), ("practice", "actual"), ("contact", "actual"),
    }  # fmt: skip
    assert set(document["kinds"]) == set(KINDS)
    assert all(count > 0 for count in document["kinds"].values())
    assert {each["audience"] for each in published} == {"all", "named"}
    assert [each["example"] for each in published if not each["title"].strip()] == []  # a generated one where no author
    assert len({each["from"] for each in published}) == 3
    expected = {(each["id"], code) for each in published for code in each["to"]}
    stored = {(id_, code) for id_, stages in document["deliveries"].items() for code in stages}
    assert stored == expected
    assert {stage for stages in document["deliveries"].values() for stage in stages.values()} == {"stored"}
    assert document["expected"] == document["met"] == len(expected)
    assert document["missing"] == []


def _languages(document: dict[str, Any]) -> None:
    """One message in three languages: its codes in each, and no reading like another."""
    readings = document["readings"]
    assert len({reading["id"] for reading in readings}) == 1
    assert len({reading["lang"] for reading in readings}) == len({reading["at"] for reading in readings}) == 3
    assert len({tuple(reading["lines"]) for reading in readings}) == 3
    english = {tuple(line for line in reading["english"] if "received" not in line) for reading in readings}
    assert len(english) == 1  # the same text beside each, but for when it was received
    assert all(reading["id"] in "".join(reading["lines"]) for reading in readings)


def _gate(document: dict[str, Any]) -> None:
    """The small count is gone, and enough others that it cannot be computed from its row or column."""
    before, after = document["gate"]["before"], document["gate"]["after"]
    assert before[0][0] == "4"
    assert after[0][0] == "S"
    hidden = [(row, column) for row in range(3) for column in range(3) if after[row][column] == "S"]
    assert len(hidden) == document["gate"]["suppressed"] >= 4
    for row, column in hidden:
        assert sum(each[0] == row for each in hidden) >= 2
        assert sum(each[1] == column for each in hidden) >= 2
    assert all(after[row][at] in ("S", before[row][at]) for row in range(3) for at in range(3))


def _picture(document: dict[str, Any], folder: Path) -> None:
    """The matrix as its publisher sees it, drawn by the browser where there is one, and nothing left of the drawing."""
    file = Path(document["picture"])
    assert file == folder / ("picture.png" if CHROMIUM else "picture.svg")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(folder.glob("browser-*"))
    if CHROMIUM:
        data = file.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", data[16:24])
        assert (width, height > 600) == (picture.WIDTH, True)
        assert len(data) > 20_000  # letters and rows, not an empty page


# -- no secret in any output or file


def _no_secret(folder: Path, *outputs: str) -> None:
    demo = folder / "demo"
    document = json.loads((demo / "demo.json").read_text())
    for number, output in enumerate(outputs):
        (demo / f"output-{number}").write_text(output)
    secrets = secrets_of(demo, PASSPHRASE.encode(), document)
    assert len(secrets) > 60
    files = list(files_in(demo))
    assert len([file for file in files if file.name == "gateway.log"]) == 3
    found = search(iter(files), secrets)
    assert {(str(find.file.relative_to(demo)), find.secret) for find in found} == meant(document)
    for file in {find.file for find in found}:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_search_finds_a_planted_secret(tmp_path: Path) -> None:
    secret = bytes(range(200, 232))
    for number, (_, text) in enumerate(encodings(secret).items()):
        (tmp_path / f"{number}.log").write_bytes(b'{"event":"x","value":"' + text + b'"}\n')
    (tmp_path / "clean.log").write_bytes(b'{"event":"x"}\n' * 100)
    found = search(files_in(tmp_path), {"planted": secret})
    assert {find.encoding for find in found} == set(encodings(secret))
    assert {find.file.name for find in found} == {f"{n}.log" for n in range(len(encodings(secret)))}


@pytest.mark.parametrize("before", range(5))
def test_the_search_finds_a_secret_inside_a_longer_text(tmp_path: Path, before: int) -> None:
    import base64

    secret = bytes(range(100, 132))
    blob = b"x" * before + secret + b"tail of a longer thing"
    (tmp_path / "64").write_bytes(base64.b64encode(blob))
    (tmp_path / "32").write_bytes(base64.b32encode(blob))
    assert {find.file.name for find in search(files_in(tmp_path), {"planted": secret})} == {"64", "32"}


# -- what fails is named


@pytest.mark.slow
def test_a_delivery_that_cannot_happen_is_named(tmp_path: Path) -> None:
    """Every gateway dies at the first message that a person hands in, before it is committed."""
    done = once(tmp_path, SUAR_FAULT_POINT="outbound.accepted:1:kill")
    assert done.code == 1
    document = json.loads(done.out)
    assert document["met"] < document["expected"]
    assert "the gateway of TH ended (-9)" in document["missing"]
    assert "error: alert-exercise: not stored by" in done.err or "error: alert-exercise: the gateway" in done.err
    assert document["refused"] == []
    assert document["picture"] is None
