"""The log: one line of JSON an event, and nothing secret in it, whoever logs it and however."""

import io
import json
import logging
import string
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from suar.observe import hooks
from suar.observe.log import JUDGED_MAX, QUIET, REDACTED, LogListener, configure
from suar.protocol.base.primitives import Secret

TOKEN = "suar_" + "a" * 43
SEED = "SU" + "A" * 56
WEBHOOK = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # the example of the Standard Webhooks libraries
AT = 1_800_000_000_000


class Lines(io.StringIO):
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Lines]:
    stream, handlers, level = Lines(), logging.root.handlers[:], logging.root.level
    configure("info", stream)
    yield stream
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = handlers, level


def test_a_line_is_json_with_a_snake_case_event(log: Lines) -> None:
    structlog.get_logger().info("Frame Sent!", frames=3, member="SG")
    [event] = log.events()
    assert (event["event"], event["level"], event["frames"], event["member"]) == ("frame_sent", "info", 3, "SG")
    assert event["at"].endswith("Z")


def test_a_lower_level_is_not_written(log: Lines) -> None:
    structlog.get_logger().debug("quiet")
    assert not log.getvalue()


@pytest.mark.parametrize(
    "facts",
    [
        {"passphrase": "hunter2"},
        {"store_key": "hunter2"},
        {"nkey_seed": "hunter2"},
        {"body": "hunter2"},
        {"title": "hunter2"},
        {"args": ("hunter2",)},
        {"nested": {"deep": [{"client_secret": "hunter2"}]}},
        {"value": Secret(b"hunter2")},
        {"raw_bytes": b"hunter2"},
        {"listed": [Secret(b"hunter2"), b"hunter2"]},
        {"error": ValueError("hunter2")},
        {"url": "postgresql://user:hunter2@host/db"},
        {"url": "postgresql://user:p@hunter2@host/db"},
        {"object": type("Holder", (), {"__repr__": lambda _: "hunter2"})()},
    ],
    ids=str,
)
def test_what_must_not_be_written_is_not(log: Lines, facts: dict[str, Any]) -> None:
    structlog.get_logger().info("planted", **facts)
    assert len(log.events()) == 1
    assert "hunter2" not in log.getvalue()


def test_tokens_and_seeds_are_known_by_their_look(log: Lines) -> None:
    structlog.get_logger().info("planted", where=f"a {TOKEN} b {SEED} c {WEBHOOK} d")
    assert log.events()[0]["where"] == f"a {REDACTED} b {REDACTED} c {REDACTED} d"


def test_the_search_finds_a_planted_one(log: Lines) -> None:
    structlog.get_logger().info("planted", word="hunter2")
    assert "hunter2" in log.getvalue()


def test_bytes_show_their_length(log: Lines) -> None:
    structlog.get_logger().info("planted", frame=bytes(77))
    assert log.events()[0]["frame"] == "[77 bytes]"


def test_an_exception_is_logged_as_its_type_and_location(log: Lines) -> None:
    try:
        raise KeyError("hunter2")
    except KeyError:
        structlog.get_logger().exception("failed")
    [event] = log.events()
    assert event["exception"].startswith("KeyError at test_log.py:")
    assert "hunter2" not in log.getvalue()


def test_a_librarys_warning_comes_without_its_arguments(log: Lines) -> None:
    logging.getLogger("nats.aio").warning("refused %s", "hunter2")
    logging.getLogger("nats.aio").error("refused hunter2")
    logging.getLogger("nats.aio").info("fine %s", 1)
    first, second = log.events()
    assert (first["event"], first["logger"], first["template"]) == ("library_log", "nats.aio", "refused %s")
    assert second["template"] == REDACTED
    assert "hunter2" not in log.getvalue()


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    stream = io.StringIO()
    configure("info", stream)
    stream.close()
    structlog.get_logger().info("lost")
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("record", "event", "level"),
    [
        (hooks.BusChanged(at=AT, is_connected=True), "bus_connected", "info"),
        (hooks.BusChanged(at=AT, is_connected=False), "bus_disconnected", "warning"),
        (hooks.AlarmRaised(at=AT, name="fork", member="SG"), "alarm_raised", "error"),
        (hooks.MessageRefused(at=AT, origin="SG", code="E-MESSAGE-RULE", rule="F9"), "message_refused", "warning"),
        (
            hooks.ObjectJudged(at=AT, origin="SG", type="frame", realm="actual", result="refused", rule="F4"),
            "object_judged",
            "warning",
        ),
        (hooks.LineLost(at=AT, hub="hub-b", is_renewed=True), "line_lost", "warning"),
        (hooks.Happened(at=AT, event="started", facts={"level": "x", "member": "TH"}), "started", "info"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_records_become_events(log: Lines, record: hooks.Record, event: str, level: str) -> None:
    LogListener()([record])
    [written] = log.events()
    assert (written["event"], written["level"]) == (event, level)


def test_every_day_records_are_for_debugging(log: Lines) -> None:
    listener = LogListener()
    listener([hooks.ObjectJudged(at=AT, origin="SG", type="frame", realm="actual", result="ok")])
    listener([hooks.HeartbeatSeen(at=AT, member="SG", trust_version=1)])
    assert not log.getvalue()


def test_a_flood_of_refusals_is_a_line_a_kind_in_30_s(log: Lines) -> None:
    """A frame of a kilobyte with 256 messages that are refused wrote 256 lines."""
    listener = LogListener()
    for after in (0, 1, 2, QUIET):
        for code in ("E-MESSAGE-FORM", "E-MESSAGE-KIND"):
            listener([hooks.MessageRefused(at=AT + after, origin="TH", code=code, rule="F8")])
    assert [(event["event"], event.get("repeated")) for event in log.events()] == [
        ("message_refused", times) for times in (None, None, 2, 2)
    ]


def judged(after: int, origin: str = "SG") -> hooks.ObjectJudged:
    return hooks.ObjectJudged(at=AT + after, origin=origin, type="frame", realm="actual", result="refused", rule="F4")


def test_a_flood_of_refused_objects_is_a_line_in_30_s(log: Lines) -> None:
    """Whoever may publish at the hub wrote a line an object."""
    listener = LogListener()
    for after in range(1_000):
        listener([judged(after)])
    listener([judged(QUIET)])
    assert [(event["event"], event.get("repeated")) for event in log.events()] == [
        ("object_judged", None),
        ("object_judged", 999),
    ]


def test_a_flood_under_many_names_has_a_bound_and_its_count(log: Lines) -> None:
    listener = LogListener()
    names = [first + second for first in string.ascii_uppercase for second in string.ascii_uppercase]
    for after in range(3):
        for name in names:
            listener([judged(after, name)])
    assert len(log.events()) == JUDGED_MAX
    listener([judged(QUIET, "ZZ")])
    last = log.events()[-1]
    assert (last["origin"], last["left_out"]) == ("ZZ", len(names) - JUDGED_MAX)


def test_what_repeats_itself_is_counted(log: Lines) -> None:
    listener = LogListener()
    for after in (0, 250, 500, QUIET):
        listener([hooks.Happened(at=AT + after, event="bus_error", level="warning", facts={"error": "refused"})])
    assert [event.get("repeated") for event in log.events()] == [None, 2]


def test_what_a_library_repeats_is_written_once_and_counted(log: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def warn() -> None:
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    for _ in range(1_000):
        warn()
    assert len(log.events()) == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + QUIET / 1000)
    monkeypatch.setattr(time, "time_ns", lambda: int((now + QUIET / 1000) * 1e9))
    warn()
    assert log.events()[1]["repeated"] == 999
