"""The tables of docs/why.md, made from the code."""

import inspect
from typing import Final

from suar.observe.alarms import ALARMS, code_of
from suar.observe.causes import CAUSES, COMMANDS, NEXT
from suar.observe.checks import every as checks
from suar.observe.checks.every import CHECKS

_NAMES: Final = {
    "member": "CC", "origin": "the publisher", "kind": "this kind", "code": "CODE", "at": "TIME", "expires": "TIME",
    "bundle": "TIME", "heard": "TIME", "version": "N", "theirs": "M", "missing": "N", "claimed": "DD", "id": "ID",
    "stream": "STREAM", "alarm": "ALARM",
}  # fmt: skip
_FOLDER: Final = {
    "gateway-running": "Whether a gateway runs on the state folder and answers.",
    "settings": "Whether suar.toml is valid.",
    "files": "Whether others may read the private files.",
}


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
    """Name and what is looked at."""
    lines = ["| check | looks at |", "|---|---|"]
    lines += [f"| `{name}` | {_FOLDER[name]} |" for name in checks.FOLDER]
    lines += [f"| `{name}` | {inspect.getdoc(check)} |" for name, check in CHECKS.items()]
    return "\n".join(lines)
