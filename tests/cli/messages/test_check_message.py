"""`suar check-message` with no gateway and no state, and `suar schemas export`."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base.instants import instant_of
from suar.protocol.privacy import verdict
from suar.published import schemas_dir
from support.commands import Suar
from support.executables import PYTHON
from support.reported_work import ReportedWork

EXAMPLE: dict[str, Any] = json.loads((schemas_dir() / "examples/valid/alert-new-route.json").read_text())
WRITTEN_BY_GATEWAY = ("schema", "id", "rev", "sent", "status", "valid_from", "onset")
Write = Callable[[object], str]


def draft(**changes: Any) -> dict[str, Any]:
    """A shipped example as its publisher would have handed it in; None takes a field out."""
    expires = instant_of(datetime.now(UTC) + timedelta(days=30))
    made = {name: value for name, value in EXAMPLE.items() if name not in WRITTEN_BY_GATEWAY}
    changed = {**made, "action": "new", "expires": expires, **changes}
    return {name: value for name, value in changed.items() if value is not None}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(value: object) -> str:
        path = tmp_path / "message.json"
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        return str(path)

    return to_file


def test_a_good_message_passes_and_is_shown_as_it_would_leave(suar: Suar, write: Write) -> None:
    ended = suar("check-message", write(draft()), "--json")
    verdict = json.loads(ended.out)
    assert (ended.code, verdict["verdict"], verdict["reasons"]) == (0, "pass", []), ended.out
    assert verdict["not_checked"] == ["permissions", "ledger", "chain", "draw"]
    assert (verdict["message"]["status"], verdict["message"]["rev"]) == ("actual", 1)
    assert verdict["message"]["sent"]


def test_in_the_publishers_language(suar: Suar, write: Write) -> None:
    passed = suar("check-message", write(draft()), "--lang", "vi")
    assert passed.code == 0
    assert passed.out.splitlines()[:2] == ["Sẽ được chấp nhận", "Chỉ kiểm tra: chưa công bố gì."]
    bad = draft(tlp="RED", audience={"members": "all"})
    refused = suar("check-message", write(bad), "--lang", "vi")
    assert refused.code == 1
    assert "TLP RED cần nêu tên thành viên (M-RED-NAMED)" in refused.out
    assert "TLP RED needs" not in refused.out
    (reason,) = json.loads(suar("check-message", "--json", write(bad), "--lang", "vi").out)["reasons"]
    assert "sentences" not in reason


def test_as_text(suar: Suar, write: Write) -> None:
    assert suar("check-message", write(draft())).out.splitlines() == [
        "pass",
        "not checked, as no gateway was asked (--state names its folder):",
        "  Rights of the members",
        "  Figures released before",
        "  Earlier revisions",
        "  Which cells this gateway hides, by its own key",
        "Would be accepted. Only checked: nothing was published.",
    ]


def test_a_check_states_that_nothing_was_published(suar: Suar, write: Write) -> None:
    held = suar("check-message", write(draft(severity="extreme"))).out.splitlines()
    refused = suar("check-message", write(draft(tlp="PURPLE"))).out.splitlines()
    assert (held[0], held[-1]) == (
        "hold",
        "Would be held until a second person releases it. Only checked: nothing was published.",
    )
    assert (refused[0], refused[-1]) == ("refuse", "Would be refused. Only checked: nothing was published.")


def test_every_reason_is_printed_with_its_path(suar: Suar, write: Write) -> None:
    ended = suar("check-message", write(draft(tlp="PURPLE", urgency="soon", victim_name="x")))
    assert ended.code == 1
    assert ended.out.startswith("refuse\n")
    for path in ("$.tlp: ", "$.urgency: ", "$.victim_name: "):
        assert f"\n{path}" in ended.out
    assert "E-MESSAGE-UNKNOWN-FIELD, rule F8" in ended.out


def test_an_exercise_is_checked_as_one(suar: Suar, write: Write) -> None:
    verdict = json.loads(suar("check-message", write(draft()), "--exercise", "--json").out)
    assert verdict["message"]["status"] == "exercise"
    assert suar("check-message", write(draft(status="exercise"))).code == 1


def test_a_message_that_names_no_member_says_so(suar: Suar, write: Write) -> None:
    issuer = {name: value for name, value in EXAMPLE["issuer"].items() if name != "member"}
    verdict = json.loads(suar("check-message", write(draft(issuer=issuer)), "--json").out)
    assert verdict["verdict"] == "pass"
    assert "issuer" in verdict["not_checked"]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"\xff", b'{"a":1,"a":2}', b'{"kind":"alert"}', b'{"issuer":3,"id":4}', b'{"issuer":{"member":[]}}'],
    ids=["nothing", "a list", "no text", "a repeated key", "no fields", "odd types", "an odd member"],
)
def test_bytes_that_are_no_message_are_a_verdict(suar: Suar, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "message.json").write_bytes(data)
    ended = suar("check-message", "message.json", "--json")
    verdict = json.loads(ended.out)
    assert (ended.code, verdict["verdict"], verdict["message"]) == (1, "refuse", None)
    assert all(reason["path"].startswith("$") for reason in verdict["reasons"])


@pytest.mark.parametrize("content", [b"", b" \n"])
@pytest.mark.parametrize("command", ["check-message", "publish"])
def test_nothing_from_a_pipe_is_the_failure_of_the_command_before_it(
    suar: Suar, monkeypatch: pytest.MonkeyPatch, command: str, content: bytes
) -> None:
    """`suar schemas draft alert | suar publish -` said that nothing is no JSON."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    ended = suar(command, "-")
    assert ended.code == 1
    assert "error: the message is empty\nhint: `suar schemas draft NAME`" in ended.err


@pytest.mark.parametrize(
    ("codec", "expected"),
    [("utf-16", "in UTF-16"), ("utf-16-be", "in UTF-16"), ("utf-16-le", "in UTF-16"), ("cp874", "line 1 column "),
     ("utf-8-sig", "byte order mark")],
)  # fmt: skip
def test_a_file_in_another_encoding_is_named_as_such(suar: Suar, tmp_path: Path, codec: str, expected: str) -> None:
    text = json.dumps(draft(text=[{"lang": "th", "title": "ข่าว", "summary": "ข่าว"}]), ensure_ascii=False)
    (tmp_path / "message.json").write_bytes(text.encode(codec))
    (reason,) = json.loads(suar("check-message", "message.json", "--json").out)["reasons"]
    assert expected in reason["message"]
    assert "save it as UTF-8" in reason["hint"]


def test_an_unknown_kind_is_offered_those_that_a_person_publishes(suar: Suar, write: Write) -> None:
    ended = suar("check-message", write(draft(kind="rumour")))
    assert "alert, trend" in ended.out
    assert "receipt" not in ended.out


def test_from_standard_input(suar: Suar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(draft()).encode())))
    assert suar("check-message", "-").code == 0


def test_a_file_that_is_none(suar: Suar) -> None:
    ended = suar("check-message", "nowhere.json")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])


def test_nothing_heavy_is_imported(suar: Suar, write: Write) -> None:
    import subprocess

    code = (
        "import sys; from suar.cli.main import run; run(['check-message', sys.argv[1]]);"
        "print([name for name in ('rich', 'httpx', 'sqlalchemy', 'litestar', 'nats', 'nacl', 'cryptography')"
        " if name in sys.modules])"
    )
    ended = subprocess.run([PYTHON, "-c", code, write(draft())], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_the_standard_is_exported_and_compared(suar: Suar, tmp_path: Path) -> None:
    first = suar("schemas", "export", "-o", "standard")
    assert first.code == 0
    assert "v1/alert.schema.json" in first.out.splitlines()
    assert suar("schemas", "export", "-o", "standard", "--check").out == ""
    (tmp_path / "standard" / "v1" / "alert.schema.json").write_text("{}")
    differs = suar("schemas", "export", "-o", "standard", "--check")
    assert (differs.code, differs.out) == (1, "v1/alert.schema.json\n")


def test_a_shipped_example_as_a_draft_passes(suar: Suar, tmp_path: Path) -> None:
    made = suar("schemas", "draft", "contact-hotline", "--member", "TH")
    assert made.code == 0
    assert json.loads(made.out)["action"] == "new"
    (tmp_path / "mine.json").write_text(made.out, encoding="utf-8")
    assert suar("check-message", "mine.json").out.splitlines()[0] == "pass"


def test_a_draft_of_an_example_says_for_which_members_it_is_written(suar: Suar) -> None:
    """Before, nothing said that a federation may not have them; publishing alone refused it."""
    made = suar("schemas", "draft", "alert-new-route", "--member", "TH")
    json.loads(made.out)
    assert made.err.strip() == (
        "the example is for LA, TH, VN: name other members of your federation instead (`suar trust show`)"
    )
    for_all = suar("schemas", "draft", "contact-hotline", "--member", "TH")
    assert json.loads(for_all.out)["audience"]["members"] == "all"
    assert for_all.err == ""


def test_the_hint_for_an_unknown_example_is_the_names(suar: Suar) -> None:
    ended = suar("schemas", "draft", "rumour")
    assert ended.code == 1
    assert "no shipped example is named 'rumour'" in ended.err
    assert "alert-new-route" in ended.err


def test_what_the_privacy_gate_says(suar: Suar, write: Write) -> None:
    """Refused with the words marked, held with the name, a table as it would leave; with no state at all."""
    texts = [{"lang": "en", "title": "News", "summary": "Call 081-234-5678."}]
    refused = suar("check-message", write(draft(text=texts)), "--json")
    verdict = json.loads(refused.out)
    assert (refused.code, verdict["verdict"], verdict["message"]) == (1, "refuse", None)
    assert [(r["code"], r["path"], r["marked"]) for r in verdict["reasons"]] == [
        ("E-PRIVACY-IDENTIFIER", "$.text[0].summary", ["081-234-5678"])
    ]
    assert "081-234-5678" in suar("check-message", write(draft(text=texts))).out
    held = suar("check-message", write(draft(severity="extreme")), "--json")
    assert (held.code, json.loads(held.out)["verdict"]) == (0, "hold")
    assert json.loads(held.out)["message"]["severity"] == "extreme"


def a_trend(counts: dict[str, int]) -> dict[str, Any]:
    """A table of these counts by sex, as its publisher would have handed it in."""
    location = {"role": "detection", "country": "KH"}
    obs = [
        {"period": "2026", "place": location, "dims": {"sex": code}, "value": value, "status": "A"}
        for code, value in counts.items()
    ]
    own = {
        "kind": "trend", "tlp": "GREEN", "indicator": "detected-victims", "unit": "persons", "date_basis": "detection",
        "coverage": {"scope": "national"}, "method": "full-count", "direction": "stable", "dims": ["sex"],
        "margins": True, "obs": obs,
    }  # fmt: skip
    shared = ("action", "issuer", "expires", "audience", "text", "source")
    return own | {key: value for key, value in draft().items() if key in shared}


def test_figures_of_a_period_to_come_are_a_warning(suar: Suar, write: Write) -> None:
    """Before, counts of next year passed without a word. They still pass: whoever publishes decides."""
    trend = a_trend({"female": 20, "male": 55, "unknown": 31, "total": 106})
    for cell in trend["obs"]:
        cell["period"] = str(datetime.now(UTC).year + 1)
    checked = suar("check-message", write(trend), "--json")
    verdict = json.loads(checked.out)
    assert (checked.code, verdict["verdict"]) == (0, "pass")
    assert [(r["code"], r["path"]) for r in verdict["reasons"]] == [("E-MESSAGE-PERIOD", "$.obs[0].period")]
    assert "still to come: 4" in suar("check-message", write(trend)).out


def test_an_onset_to_come_is_no_finding(suar: Suar, write: Write) -> None:
    """It may have been announced, so it is not refused as a `last_seen` to come is."""
    month = f"{datetime.now(UTC).year + 1}-12"
    checked = suar("check-message", write(draft(onset=month)), "--json")
    verdict = json.loads(checked.out)
    assert (checked.code, verdict["verdict"], verdict["reasons"]) == (0, "pass", [])


def test_a_long_check_reports_on_stderr_that_it_continues(
    suar: Suar, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that ends only after it was reported."""
    reporting = ReportedWork()
    monkeypatch.setattr("suar.cli.messages.check_message.progress", reporting.progress)
    monkeypatch.setattr("suar.protocol.privacy.verdict.judge", reporting.before(verdict.judge))
    ended = suar("check-message", write(draft()), "--json")
    assert ended.err.startswith("still checking (0 s)\n")
    assert json.loads(ended.out)["verdict"] == "pass"


def test_a_table_is_shown_as_it_would_leave(suar: Suar, write: Write) -> None:
    trend, location = (
        a_trend({"female": 4, "male": 55, "unknown": 31, "total": 90}),
        {"role": "detection", "country": "KH"},
    )
    verdict = json.loads(suar("check-message", write(trend), "--json").out)
    assert verdict["verdict"] == "pass", verdict["reasons"]
    assert verdict["message"]["privacy"] == {"k": 10, "cells_suppressed": 2}
    small, protecting = verdict["table"]["hidden"]
    shown = {1: "55", 2: "31"}
    of = {1: "Male", 2: "Unknown"}[protecting["at"]]
    left = [None, 55, 31, 90]
    left[protecting["at"]] = None
    assert [item["value"] for item in verdict["message"]["obs"]] == left
    label = "2026, Detection: Cambodia, Sex: Female"
    assert small["cell"] == {"period": "2026", "place": location, "dims": {"sex": "female"}, "label": label}
    assert (small["why"], small["sum"], protecting["why"]) == ("small", None, "protects")
    assert protecting["sum"]["cell"]["label"] == "2026, Detection: Cambodia, Total"
    assert verdict["table"]["coarser"] == [{"by": "without", "dimension": "sex", "cells": 1, "hidden": 0}]
    lines = suar("check-message", write(trend)).out.splitlines()
    assert [line.split() for line in lines if line.startswith(("4 ", "S "))] == [
        ["4", "55", "31", "90"],
        ["S", *(shown | {protecting["at"]: "s"}).values(), "90"],
    ]
    text = " ".join(" ".join(lines).split())
    assert "A coarser table hides less: without the dimension Sex: 0 of 1 figures hidden instead of 2 of 4" in text
    assert f"Sex: {of}: in the sum Total = Sex: Female; Sex: Male; Sex: Unknown" in text


def test_a_differing_total_is_stated_first_and_by_its_label(suar: Suar, write: Write) -> None:
    trend = a_trend({"female": 50, "male": 49, "unknown": 31, "total": 121})
    verdict = json.loads(suar("check-message", write(trend), "--json").out)
    assert [(r["code"], r["path"]) for r in verdict["reasons"]] == [("E-PRIVACY-SUM", "$.obs[3].value")]
    output = suar("check-message", write(trend)).out
    assert "$.obs" not in output
    assert output.splitlines()[1].startswith(
        "2026, Detection: Cambodia, Total: the total differs from its parts by 9: "
    )
    own = " ".join(suar("check-message", write(trend), "--lang", "vi").out.split())
    assert "$.obs" not in own
    assert "Tổng số: tổng lệch với các phần của nó 9: tổng là 121, các phần cộng lại là 130" in own
    assert "Giới tính: Nữ”" in own


def test_a_fault_of_form_names_the_figure(suar: Suar, write: Write) -> None:
    trend = a_trend({"female": 50, "male": 40})
    trend["obs"][1]["value"] = "many"
    output = suar("check-message", write(trend)).out
    assert "$.obs" not in output
    assert "2026, Detection: Cambodia, Sex: Male: " in output
    trend["obs"][1]["period"] = 7
    assert "figure 2: " in suar("check-message", write(trend)).out
    verdict = json.loads(suar("check-message", write(trend), "--json").out)
    assert {r["path"] for r in verdict["reasons"]} >= {"$.obs[1].period"}
    assert verdict["table"] is None
