"""The tables of docs/why.md, made from the code."""

import inspect
from typing import Final

from suar.observe.alarms import ALARMS, code_of
from suar.observe.alert_rules import OF_FOLDER
from suar.observe.causes import CAUSES, COMMANDS, NEXT
from suar.observe.checks import every as checks
from suar.observe.checks.every import CHECKS
from suar.observe.checks.finding import DECLARED

_NAMES: Final = {
    "member": "CC", "origin": "the publisher", "kind": "this kind", "code": "CODE", "at": "TIME", "expires": "TIME",
    "bundle": "TIME", "heard": "TIME", "version": "N", "theirs": "M", "missing": "N", "claimed": "DD", "id": "ID",
    "stream": "STREAM", "alarm": "ALARM", "witnesses": "DD", "unseen": "TIME", "until": "TIME", "due": "TIME",
}  # fmt: skip


def cause_table() -> str:
    """Number, code, what it says, the next step."""
    commands = {
        name: command.format(id="ID", code="CODE", ours="CC", folder="STATE") for name, command in COMMANDS.items()
    }
    values = commands | _NAMES
    lines = ["| | cause | what it says | next |", "|---|---|---|---|"]
    for number, cause in enumerate(CAUSES, 1):
        text, step = cause.text.format(**values), NEXT[cause.next].format(**values)
        lines.append(f"| {number} | `{cause.code}` | {text} | {step} |")
    return "\n".join(lines)


def alarm_table() -> str:
    """Name, code, what it says, when it ends, the cause that stands for it."""
    lines = ["| alarm | code | what it says | ends by itself when | cause |", "|---|---|---|---|---|"]
    for name, kind in ALARMS.items():
        ends = kind.ends or "never: an operator acknowledges it"
        lines.append(f"| `{name}` | `{code_of(name)}` | {kind.meaning} | {ends} | `{kind.cause}` |")
    return "\n".join(lines)


def check_table() -> str:
    """Name, what is looked at, and the next step; each row can be linked to."""
    lines = ["| check | looks at | next step |", "|---|---|---|"]
    rows = [(name, *OF_FOLDER[name]) for name in checks.FOLDER]
    rows += [(name, inspect.getdoc(check) or "", DECLARED[name].step) for name, check in CHECKS.items()]
    lines += [f'| <a id="{name}"></a>`{name}` | {about} | {step} |' for name, about, step in rows]
    return "\n".join(lines)
