"""The log: one line of JSON for each event, with snake_case names, ids and codes, without message texts and secrets.

Forbidden content is removed here for every logger: by the name of the key, the type of the value, and the form of a
text. Of an exception, only its type and location are logged, because its text may quote the data that was read.
"""

import io
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec
import structlog

from suar.observe import hooks
from suar.protocol.base.primitives import Secret

REDACTED: Final = "[redacted]"
TEXT_MAX: Final = 300  # characters of one value
DEPTH_MAX: Final = 6
QUIET: Final = 30_000  # ms between two equal lines; an unreachable server is retried four times a second
JUDGED_MAX: Final = 50  # lines about judged objects in that time; anybody can choose their origins and codes
LINES_MAX: Final = 1_000  # lines remembered
FORBIDDEN: Final = frozenset({
    "args", "authorization", "body", "cause", "content", "cookie", "data", "headers", "key", "kwargs", "message",
    "note", "payload", "plaintext", "raw", "reason", "seed", "summary", "text", "title", "token", "words",
})  # fmt: skip
"""Keys that carry content or secrets in someone's call: a code or an id has a better name."""
_FORBIDDEN_PARTS: Final = ("secret", "passphrase", "password", "private", "credential")
_FORBIDDEN_ENDS: Final = ("_seed", "_token", "_key")
_SECRET_LIKE: Final = re.compile(
    r"suar_(?:claim_)?[A-Za-z0-9_-]{43}|whsec_[A-Za-z0-9+/=]{24,}|S[UAONCX][A-Z2-7]{56}|://[^/\s]*@"
)
_NOT_SNAKE: Final = re.compile(r"(?<!^)(?=[A-Z])")
_EVENT: Final = re.compile(r"[^a-z0-9_]+")

Event = MutableMapping[str, Any]


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Log to `stream` (stderr) from `level` on, including the warnings of libraries."""
    least = logging.getLevelNamesMapping()[level.upper()]
    sink = _Lines(stream or sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Library()], level=max(least, logging.WARNING), force=True)


def redact(_logger: object, _method: str, event: Event) -> Event:
    """Remove forbidden content from an event (structlog processor)."""
    name = _EVENT.sub("_", str(event.pop("event", "unnamed")).lower()).strip("_")[:80]
    failed = event.pop("exc_info", None)
    clean = {key: _redacted(key, value, DEPTH_MAX) for key, value in event.items()}
    if failed:
        clean["exception"] = _place(failed if isinstance(failed, BaseException) else sys.exc_info()[1])
    return {"at": clean.pop("timestamp", None), "level": clean.pop("level", None), "event": name, **clean}


class _Repeats:
    """Counts repetitions of a line since it was last written."""

    def __init__(self) -> None:
        self._written: dict[str, tuple[int, int]] = {}  # line -> when it was written (ms), repetitions since

    def since(self, line: str, now: int) -> int | None:
        """Return how often `line` was omitted since it was last written; None if it is omitted again. `now` in ms."""
        written, count = self._written.get(line, (0, 0))
        if 0 <= now - written < QUIET:
            self._written[line] = (written, count + 1)
            return None
        if len(self._written) >= LINES_MAX:
            self._written.clear()
        self._written[line] = (now, 0)
        return count


class _Window:
    """Limits the number of lines written in `QUIET`; further lines are counted."""

    def __init__(self, most: int) -> None:
        self._most, self._since, self._written, self._left_out = most, 0, 0, 0

    def left_out(self, now: int) -> int | None:
        """Return how many lines were omitted since the last one; None if this one is omitted too. `now` in ms."""
        if not 0 <= now - self._since < QUIET:
            self._since, self._written = now, 0
        if self._written >= self._most:
            self._left_out += 1
            return None
        left_out, self._left_out = self._left_out, 0
        self._written += 1
        return left_out


class LogListener:
    """Writes hook records as log lines; a repeated record is written once in `QUIET` and then counted."""

    def __init__(self) -> None:
        self._logger = structlog.get_logger().bind()
        self._repeats = _Repeats()
        self._judged = _Window(JUDGED_MAX)
        self._writes_each = self._logger.is_enabled_for(logging.DEBUG)

    def __call__(self, records: Sequence[hooks.Record]) -> None:
        """Write each record as one line, unless its level is disabled or it repeats an earlier one."""
        for record in records:
            if self._writes_each or not _is_everyday(record):
                self._write(record)

    def _write(self, record: hooks.Record) -> None:
        event, level = _named(record)
        if not self._logger.is_enabled_for(_NUMBERS[level]):
            return
        facts: Mapping[str, Any] = (
            record.facts if isinstance(record, hooks.Happened) else msgspec.structs.asdict(record)
        )
        kept = {name: value for name, value in facts.items() if value not in (None, "", ()) and name != "at"}
        if isinstance(record, _REPEATED):
            repeated = self._repeats.since(f"{event} {kept}", record.at)
            if repeated is None:
                return
            kept |= {"repeated": repeated} if repeated else {}
        if isinstance(record, hooks.ObjectJudged):
            left_out = self._judged.left_out(record.at)
            if left_out is None:
                return
            kept |= {"left_out": left_out} if left_out else {}
        getattr(self._logger, level)(event, **_renamed(kept))


_EACH: Final = frozenset(
    {
        hooks.MessageReceived,
        hooks.MessagePublished,
        hooks.ReceiptReceived,
        hooks.FrameSent,
        hooks.Notified,
        hooks.NoticesWaiting,
        hooks.ToCome,
    }
)
"""What happens for every message or frame: counted by metrics, written only at debug."""
_PLAIN: Final = frozenset({"ok", "late", "noop", "skip", "wait"})
"""Results of a judgement that nobody needs to check."""
_REPEATED: Final = (hooks.Happened, hooks.LineLost, hooks.MessageRefused, hooks.ObjectJudged)
"""Events that may occur hundreds of times: a frame of a kilobyte can have 256 messages that are refused, and whoever
may publish at the hub can send such objects at the speed of its line.
"""
_LEVELS: Final = {
    "AlarmRaised": "error",
    "Overdue": "warning",
    "MessageRefused": "warning",
    "LineLost": "warning",
    "HeartbeatSeen": "debug",
}
_NUMBERS: Final = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}


def _is_everyday(record: hooks.Record) -> bool:
    """Return whether the record is logged at debug only; it runs for every message, so it must be cheap."""
    if type(record) is hooks.ObjectJudged:
        return record.result in _PLAIN
    return type(record) in _EACH


def _named(record: hooks.Record) -> tuple[str, str]:
    """Return the event's name and level."""
    match record:
        case hooks.Happened():
            return record.event, record.level if record.level in ("debug", "info", "warning", "error") else "info"
        case hooks.BusChanged():
            return ("bus_connected", "info") if record.is_connected else ("bus_disconnected", "warning")
        case hooks.ObjectJudged():
            is_notable = record.result == "refused" or (record.result == "duplicate" and record.code)  # a replay
            return "object_judged", "warning" if is_notable else "debug"
    level = "debug" if type(record) in _EACH else _LEVELS.get(type(record).__name__, "info")
    return _snake(record), level


def _snake(record: hooks.Record) -> str:
    return _NOT_SNAKE.sub("_", type(record).__name__).lower()


def _renamed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the facts `event` and `level`, which are names of the line itself."""
    return {f"{name}_" if name in ("event", "level") else name: value for name, value in facts.items()}


def _redacted(key: str, value: Any, depth: int) -> Any:
    if is_forbidden(key.lower()):
        return f"[{len(value)} bytes]" if isinstance(value, bytes) and not isinstance(value, Secret) else REDACTED
    return _clean(value, depth)


def is_forbidden(key: str) -> bool:
    """Return whether a field with this name (lower case) may contain a secret or a text, and is never logged."""
    return key in FORBIDDEN or key.endswith(_FORBIDDEN_ENDS) or any(part in key for part in _FORBIDDEN_PARTS)


def _clean(value: Any, depth: int) -> Any:  # noqa: PLR0911 - one line a type
    if isinstance(value, Secret):
        return REDACTED
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _SECRET_LIKE.sub(REDACTED, value)[:TEXT_MAX]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, BaseException):
        return type(value).__name__
    if depth and isinstance(value, Mapping):
        return {str(key)[:TEXT_MAX]: _redacted(str(key), item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_clean(item, depth - 1) for item in value]
    return f"[{type(value).__name__}]"


def _place(error: BaseException | None) -> str:
    """Return the type and location of an exception, innermost frame first."""
    if error is None:
        return "none"
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__} at {where}" if where else type(error).__name__


def _render(_logger: object, _method: str, event: Event) -> str:
    return msgspec.json.encode(event).decode()


class _Lines:
    """Writes complete lines. A failure to write (full disk, closed pipe) must not stop the gateway."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def write(self, line: str) -> None:
        try:
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()
        except (OSError, ValueError, io.UnsupportedOperation):
            return

    msg = debug = info = warning = warn = error = critical = exception = log = fatal = failure = err = write


class _Library(logging.Handler):
    """Logs warnings of libraries: the logger and the template of the text, without its arguments.

    Every malformed request of a caller causes a warning of the HTTP server, so repetitions are counted here too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._repeats = _Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        failed = record.exc_info[1] if record.exc_info else None
        source = f"{record.name} {record.lineno} {_place(failed)}"
        repeated = self._repeats.since(source, int(record.created * 1000))
        if repeated is None:
            return
        template = record.msg if isinstance(record.msg, str) and record.args else REDACTED
        more = {"repeated": repeated} if repeated else {}
        structlog.get_logger().log(
            record.levelno, "library_log", logger=record.name, template=template, at_line=record.lineno,
            exc_info=failed, **more,
        )  # fmt: skip
