"""Common parts of the commands: examples, the state folder, JSON output, the passphrase."""

import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rich_click as click

from suar.cli.base.lazy import Command, LazyGroup, Table
from suar.cli.base.terminal import in_words, json_document, visible
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant_of, moment

if TYPE_CHECKING:
    from suar.protocol.base.primitives import Secret

F = TypeVar("F", bound=Callable[..., Any])
PASSPHRASE_VARIABLE: Final = "SUAR_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
PASSPHRASE_BYTES_MAX: Final = 4096  # more is the wrong file
MESSAGE_ID: Final = re.compile(r"[A-Z]{2}-[A-Z]{1,16}-[0-9]{4}-[0-9]{6}")
NAME_MAX: Final = 60  # characters of a name that is searched for


def command(name: str, *, example: str, **settings: Any) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command; every one has an example in its help."""
    return click.command(name, cls=Command, epilog=f"\b\nExample:\n  {example}", **settings)


def group(name: str, table: Table, *, example: str) -> Callable[[Callable[..., Any]], LazyGroup]:
    """Declare a group over a table of commands that are imported when they are run."""
    return click.group(name, cls=LazyGroup, table=table, epilog=f"\b\nExample:\n  {example}")


PathType: Final = click.Path(path_type=Path)

state_option = click.option(
    "--state",
    type=PathType,
    envvar="SUAR_STATE",
    default=Path("suar-state"),
    help="The gateway's state folder. Default: SUAR_STATE, or ./suar-state.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
passphrase_option = click.option(
    "--passphrase-file",
    type=PathType,
    help="A file with the passphrase, such as a systemd credential. Default: SUAR_PASSPHRASE_FILE, or a prompt.",
)


second_option = click.option(
    "--second-token-file",
    type=PathType,
    help="A file with the second person's token. Default: SUAR_SECOND_TOKEN_FILE.",
)


def second_token(file: Path | None) -> str | None:
    """Return the token by which a second person agrees; None if none was shown."""
    named = file or (Path(os.environ["SUAR_SECOND_TOKEN_FILE"]) if os.environ.get("SUAR_SECOND_TOKEN_FILE") else None)
    if named is None:
        return None
    return read(named, "the second person's token").decode(errors="replace").strip()


def read_passphrase(file: Path | None, *, of: str, confirm: bool = False) -> "Secret":
    """Return the passphrase `of` something: from `file`, else from SUAR_PASSPHRASE_FILE, else from a prompt on a
    terminal.

    `confirm` prompts twice, where it will encrypt something new. One line end at its end is not part of it.
    """
    from suar.protocol.base.primitives import Secret

    named = file or _path(os.environ.get(PASSPHRASE_VARIABLE))
    if named:
        passphrase = read(named, "the passphrase file").removesuffix(b"\n").removesuffix(b"\r")
        if len(passphrase) > PASSPHRASE_BYTES_MAX:
            raise Fault(f"the passphrase file {named} is larger than {PASSPHRASE_BYTES_MAX} bytes", "name another file")
    elif sys.stdin.isatty():
        passphrase = click.prompt(
            f"passphrase of {of}", hide_input=True, confirmation_prompt=confirm, err=True
        ).encode()
    else:
        raise Fault(f"no passphrase for {of}", f"give --passphrase-file FILE, or set {PASSPHRASE_VARIABLE}")
    if not passphrase:
        raise Fault(f"the passphrase of {of} is empty", "write a passphrase of several words into the file")
    return Secret(passphrase)


def keyring_passphrase(state: Path, file: Path | None) -> "Secret":
    """Return the passphrase of the keyring in the state folder, as `read_passphrase` does."""
    return read_passphrase(file, of=f"the keyring in {state}")


def emit(value: object, as_json: bool, text: Callable[[], str] | None = None) -> None:
    """Print `value` as one JSON document, or as the text of `text()` (without `text`: one line for each field)."""
    if as_json:
        click.echo(json_document(value))
    elif text:
        click.echo(visible(text()))
    elif isinstance(value, dict):
        width = max(map(len, value), default=0)
        for name, field in value.items():
            click.echo(visible(f"{name:{width}}  {in_words(field)}"))
    else:
        click.echo(visible(in_words(value)))


def print_notice(line: str) -> None:
    """Print a line for the person at the terminal on stderr, separate from piped output."""
    click.echo(visible(line), err=True)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def now_ms() -> int:
    """Return the clock of this machine, in ms."""
    return time.time_ns() // 1_000_000


class Moment(click.ParamType[int]):
    """A time in RFC 3339, UTC, as ms."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """`value` as typed, or the default, which is a number already."""
        if isinstance(value, int):
            return value
        try:
            return round(moment(value).timestamp() * 1000)
        except ValueError:
            self.fail(f"'{value}' is no time like 2027-01-15T08:00:00Z", param, ctx)


class Day(click.ParamType[str]):
    """A day, at its end in UTC, or a time in RFC 3339, UTC; converted to such a time."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the time."""
        text = self.of_the_common_calendar(str(value))
        try:
            if len(text) == len("2027-01-15"):
                day = datetime.fromisoformat(text).date()
                return instant_of(datetime.combine(day, time_of_day(23, 59, 59), UTC))
            moment(text)
        except (ValueError, OverflowError):
            self.fail(f"'{text}' is no date like 2027-12-31 and no time like 2027-12-31T12:00:00Z", param, ctx)
        return text

    @staticmethod
    def of_the_common_calendar(text: str) -> str:
        """Return a date or time unchanged. Raises Fault for a year of another calendar, with the intended one."""
        from suar.protocol.message.valuehints import common_year

        era, year = common_year(text.partition("-")[0])
        if era:
            rest = text[text.index("-") :]
            hint = f"the {era} year {text.partition('-')[0]} is {year}: write {year}{rest}"
            raise Fault(f"'{text}' is not of the common calendar", hint)
        return text


class MemberCode(click.ParamType[str]):
    """A member's two letters, in either case."""

    name = "member"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the code in upper case."""
        code = str(value).upper()
        if len(code) != 2 or not code.isascii() or not code.isalpha():
            near = _code_of(str(value))
            meant = f"; did you mean {near}?" if near else ""
            self.fail(f"'{value}' is no member code of two letters{meant}", param, ctx)
        return code


def _code_of(name: str) -> str | None:
    """Return the code of a member or country by its English name, or by one of similar spelling."""
    from difflib import get_close_matches

    from suar.protocol.base.codelists import labels

    codes = {label.lower(): code for list_ in ("country", "member") for code, label in labels(list_).items()}
    near = get_close_matches(name[:NAME_MAX].lower(), codes, 1, cutoff=0.75)
    return codes[near[0]] if near else None


class Kind(click.ParamType[str]):
    """A kind of the standard."""

    name = "kind"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the kind. Raises Fault, and no usage error, like the gateway."""
        from suar.protocol.message.kinds import KINDS

        if value not in KINDS:
            raise Fault(f"'{value}' is no kind of message", f"it is one of {', '.join(KINDS)}")
        return str(value)


kind_option = click.option("--kind", type=Kind(), help="Only messages of this kind, such as alert or trend.")


def status_option(done: str) -> Callable[[F], F]:
    """The realm to select; `done` is what happens to exercises only on request."""
    return click.option(
        "--status",
        type=click.Choice(["actual", "exercise", "all"]),
        default="actual",
        show_default=True,
        help=f"The realm. Exercises are {done} only on request.",
    )


class MessageId(click.ParamType[str]):
    """The id of a message, in either case, because people write it down from a telephone."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it in upper case. Raises Fault, and no usage error: the gateway decides which messages there are."""
        id_ = str(value).strip().upper()
        if not MESSAGE_ID.fullmatch(id_):
            raise Fault(
                f"'{value}' is no id of a message", "one looks like TH-ALERT-2027-000042; `suar inbox` lists them"
            )
        return id_


id_argument = click.argument("id_", metavar="ID", type=MessageId())


class Kid(click.ParamType[str]):
    """The name of a key: 16 bytes in hex; blanks are allowed, as people copy them."""

    name = "kid"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return 32 digits in lower case."""
        text = "".join(str(value).split()).lower()
        if len(text) != 32 or not set(text) <= set("0123456789abcdef"):
            self.fail(f"'{value}' is no kid of 32 hexadecimal digits; `suar keys show` lists them", param, ctx)
        return text


class Hash(click.ParamType[bytes]):
    """32 bytes in hex; blanks are allowed, as people copy them."""

    name = "hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Return the bytes."""
        try:
            digest = bytes.fromhex(value)
        except ValueError:
            digest = b""
        if len(digest) != 32:
            self.fail(f"'{value}' is no hash of 64 hexadecimal digits", param, ctx)
        return digest


now_option = click.option(
    "--now",
    type=Moment(),
    default=now_ms,
    show_default="the clock",
    help="Use this time as the current time (RFC 3339, UTC).",
)
profile_option = click.option(
    "--argon2id",
    "profile",
    envvar="SUAR_ARGON2ID",
    default="standard",
    show_default=True,
    help="The Argon2id profile of the passphrase (keys/profiles.toml); use interactive for temporary keys only.",
)
