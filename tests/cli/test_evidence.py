"""`suar evidence` and `suar audit` as people use them: on a stopped state, through a gateway, and with a file alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import Suar
from corekit import PASSPHRASE, CoreKit
from gateways import draft
from kit import ListMaker, actor, alert, open_sending
from suar.protocol.base.primitives import ACTUAL
from suar.service.publish import accepting, outbound
from suar.service.trust import trust_sync

ID = "SG-ALERT-2027-000007"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TH, stopped: it published one message and received one of SG, between two others."""
    folder = tmp_path_factory.mktemp("evidence") / "th"
    kit = CoreKit(folder, "TH")
    kit.core.keyring.save()
    kit.give_bundles()
    trust_sync.rotate_bundle(kit.core)
    body = json.dumps(draft("ours", expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="desk")
    outbound.seal(kit.core)
    outbound.mark_published(kit.core, outbound.next_to_publish(kit.core, 100))
    sending = open_sending(actor("SG"), kit.lists)
    texts = [alert(f"SG-ALERT-2027-00000{n}") for n in (6, 7, 8)]
    kit.give((sending.epoch_subject, sending.opened.data), (sending.subject, sending.frame(*texts)))
    kit.close()
    return folder


@pytest.fixture
def pin() -> str:
    return ListMaker().hash().hex()


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.passphrase"
    path.write_bytes(PASSPHRASE)
    monkeypatch.setenv("SUAR_PASSPHRASE_FILE", str(path))


def test_a_message_is_proved_where_nothing_is_but_the_file(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path
) -> None:
    exported = suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    assert (exported.code, exported.out) == (0, ""), exported.err
    bare = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    command = [sys.executable, "-m", "suar", "evidence", "verify", "it.evidence", "--pin", pin, "--message", "it.json"]
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"proved: {ID} rev 1, AMBER, signed by SG\n")
    assert "message 2 of 3, sealed to KH, TH, VN" in done.stdout
    assert (tmp_path / "it.json").read_bytes() == alert(ID)


def test_what_it_proves_as_json(suar: Suar, state: Path, secret: None, pin: str) -> None:
    assert suar("evidence", "export", "TH-ALERT-2026-000001", "-o", "x", "--state", str(state)).code == 1
    listed = suar("audit", "show", "--what", "publish", "--json", "--state", str(state))
    own = json.loads(listed.out)["about"].split()[0]
    assert suar("evidence", "export", own, "-o", "own.evidence", "--state", str(state)).code == 0
    shown = json.loads(suar("evidence", "verify", "own.evidence", "--pin", pin, "--json").out)
    assert (shown["id"], shown["origin"], shown["receipts"]) == (own, "TH", [])
    assert shown["frames"][0]["channel"] == "all"


def test_an_altered_file_is_refused_and_the_part_named(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path
) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    data = bytearray((tmp_path / "it.evidence").read_bytes())
    data[-200] ^= 1
    (tmp_path / "it.evidence").write_bytes(data)
    ended = suar("evidence", "verify", "it.evidence", "--pin", pin)
    assert ended.code == 1
    assert "error: it.evidence proves nothing: part 6 (frame): it was altered [V1]" in ended.err
    assert "hint: " in ended.err


def test_another_pin_proves_nothing(suar: Suar, state: Path, secret: None) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    ended = suar("evidence", "verify", "it.evidence", "--pin", "00" * 32)
    assert (ended.code, "none of them is the one that is pinned" in ended.err) == (1, True)


def test_there_is_no_evidence_of_what_is_not_there(suar: Suar, state: Path, secret: None) -> None:
    ended = suar("evidence", "export", "VN-ALERT-2027-000001", "-o", "x", "--state", str(state))
    assert (ended.code, "there is no message VN-ALERT-2027-000001" in ended.err) == (1, True)


# -- the audit


def test_the_audit_of_a_stopped_state(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    ended = suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    assert ended.code == 0, ended.err
    kid = actor("TH").kid.hex()
    verified = suar("audit", "verify", "audit.jsonl", "--kid", kid)
    assert verified.code == 0, verified.err
    assert f"of TH, signed up to line {verified.out.split()[1]} by {kid}" in verified.out
    again = suar("audit", "verify", "--since", "audit.jsonl", "--kid", kid, "--json", "--state", str(state))
    assert json.loads(again.out)["lines"] > int(verified.out.split()[1])
    shown = suar("audit", "show", "--who", "desk", "--what", "publish", "--state", str(state))
    assert shown.out.splitlines()[0].split() == ["n", "at", "who", "what", "about"]
    assert len(shown.out.splitlines()) == 2


def test_a_line_taken_out_of_the_file_is_named(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    lines = (tmp_path / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "audit.jsonl").write_bytes(b"".join(lines[:2] + lines[3:]))
    ended = suar("audit", "verify", "audit.jsonl")
    assert (ended.code, "error: the log is not as it was written: line 2 was removed" in ended.err) == (1, True)


def test_a_cut_off_tail_is_found_by_the_earlier_export(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    lines = (tmp_path / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "short.jsonl").write_bytes(b"".join(line for line in lines[:4] if b'"head"' not in line[:8]))
    ended = suar("audit", "verify", "short.jsonl", "--since", "audit.jsonl")
    assert (ended.code, "cut off: the earlier head signs" in ended.err) == (1, True)
