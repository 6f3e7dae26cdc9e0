"""The eight answers that a member's machine is set up from, asked for one by one or read from a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from suar import toml_file
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import Sentence, SentenceFault, sentence
from suar.protocol.base.wire import built
from suar.service.settings.config import FEDERATION_NAME_MAX, MEMBER_NAME_MAX, Code, FederationName, Name

Local = Annotated[
    str, Meta(pattern=r"^(127\.0\.0\.1|\[::1\]):[0-9]{1,5}\Z", description="a port of this machine, 127.0.0.1:PORT")
]
MonitorPort = Annotated[int, Meta(ge=1, le=65_535, description="a port from 1 to 65535")]
Origin = Annotated[str, Meta(pattern=r"^(https://[^\s/@]+)?\Z", description="https://HOST, or nothing")]
Folder = Annotated[str, Meta(pattern=r"^/[^\x00-\x1f\x7f \"\\$%]+\Z", description="a full path without blanks")]
FILE_MAX: Final = 16 * 1024
HINT: Final = "the file has the eight keys of docs/install.md"


class Answers(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What only people know: who the member is, where its servers listen, where its backups go."""

    member: Code
    name: Name
    federation: FederationName
    nats: Local = "127.0.0.1:4222"
    monitor: MonitorPort = 8222
    api: Local = "127.0.0.1:8440"
    console: Origin = ""
    backups: Folder = "/var/lib/suar/backups"

    @property
    def low(self) -> str:
        """The member code in lower case."""
        return self.member.lower()


built(Answers)
QUESTIONS: Final = Answers.__struct_fields__
"""The keys in the order in which they are asked for."""


def default_of(key: str) -> str:
    """Return the value of an empty answer; "" where there is no default."""
    field = next(each for each in msgspec.structs.fields(Answers) if each.name == key)
    return "" if field.default is msgspec.NODEFAULT else str(field.default)


def load(path: Path) -> Answers:
    """The answers of a file. Fault that names the key, what was found and what is allowed."""
    data = read(path, "the file with the answers")
    if len(data) > FILE_MAX:
        text = sentence("{file} is larger than {bytes} bytes", file=str(path), bytes=FILE_MAX)
        raise SentenceFault(text, sentence("name the file with the answers"))
    return toml_file.fill(Answers, toml_file.parse(data, str(path), HINT), str(path), HINT)


def ask(question: Callable[[str, str], str], again: Callable[[Sentence], None]) -> Answers:
    """Ask `question(key, default)` for each key until its answer is valid; `again(allowed)` reports that one is not."""
    values: dict[str, Any] = {}
    for key in QUESTIONS:
        while True:
            answer = question(key, default_of(key)).strip()
            value: Any = int(answer) if key == "monitor" and answer.isascii() and answer.isdigit() else answer
            value = value.upper() if key == "member" else value
            try:
                toml_file.fill(Answers, {**_SAMPLE, **values, key: value}, "answer", HINT)
            except Fault:
                again(_ALLOWED[key])
                continue
            values[key] = value
            break
    return toml_file.fill(Answers, values, "answers", HINT)


_LOCAL: Final = sentence("a port of this machine, such as {example}", example="127.0.0.1:4222")
_ALLOWED: Final = {
    "member": sentence("two letters, such as TH"),
    "name": sentence("1 to {count} characters on one line", count=MEMBER_NAME_MAX),
    "federation": sentence("at most {count} characters on one line, or nothing", count=FEDERATION_NAME_MAX),
    "nats": _LOCAL,
    "monitor": sentence("a port from 1 to 65535"),
    "api": _LOCAL,
    "console": sentence("an address such as {example}, or nothing", example="https://console.example.org"),
    "backups": sentence("the full path of a folder, such as {example}; without blanks", example="/srv/backups"),
}
"""What may be answered, by question."""
_SAMPLE: Final[dict[str, Any]] = {"member": "XA", "name": "x", "federation": "x"}
"""The value of a question that was not answered yet."""
