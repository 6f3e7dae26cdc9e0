"""The command `suar`: a table of names, and the one place where an exception becomes two lines and an exit code.

Nothing heavy is imported here: rich, httpx, sqlalchemy and nacl load with the command that needs them.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

import rich_click as click

from suar import __version__
from suar.cli.base.lazy import EXIT_USAGE, LazyGroup, Table
from suar.cli.base.terminal import visible
from suar.protocol.base.errors import CODES, Fault, Refused

EXIT_REFUSED: Final = 1
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it

COMMANDS: Final[Table] = {
    "demo": (
        "suar.cli.tools.demo:demo",
        "a whole federation on this machine, from its founding to hostile acts refused",
    ),
    "root": ("suar.cli.federation.root:root", "keys of the federation's key holders"),
    "init": ("suar.cli.gateway.init:init", "a member's state folder, with its keys and its request"),
    "federation": ("suar.cli.federation.group:federation", "found and change a federation; its NATS servers"),
    "trust": ("suar.cli.federation.trust:trust", "the trust lists that a gateway goes by"),
    "token": ("suar.cli.gateway.token:token", "tokens of the HTTP API"),
    "serve": ("suar.cli.gateway.serve:serve", "run the gateway"),
    "publish": ("suar.cli.messages.publish:publish", "publish a message"),
    "check-message": (
        "suar.cli.messages.check_message:check_message",
        "the verdict on a message, without publishing it",
    ),
    "held": ("suar.cli.messages.held:held", "messages that wait for a second person"),
    "release": ("suar.cli.messages.held:release", "let a held message leave"),
    "reject": ("suar.cli.messages.held:reject", "never let a held message leave"),
    "import": ("suar.cli.exchange.import_:import_", "tables and alerts of other standards become messages"),
    "export": ("suar.cli.messages.export:export", "a message in another standard: CAP, STIX, CSV, SDMX-CSV"),
    "inbox": ("suar.cli.messages.inbox:inbox", "what came in"),
    "feed": ("suar.cli.messages.feed:feed", "what came in as a stream, for programs"),
    "show": ("suar.cli.messages.show:show", "one message, whole"),
    "deliveries": ("suar.cli.messages.deliveries:deliveries", "who received a message, and what they did with it"),
    "why": ("suar.cli.messages.why:why", "why a message is where it is at a member, and the next step"),
    "ack": ("suar.cli.messages.ack:ack", "acknowledge a message, or say that you act on it"),
    "cancel": ("suar.cli.messages.cancel:cancel", "take a message of ours back: every receiver destroys its text"),
    "drill": ("suar.cli.messages.drill:drill", "exercises: start one, and who answered when"),
    "notify": ("suar.cli.gateway.notify:notify", "who is told of alerts and deadlines; try a channel"),
    "evidence": ("suar.cli.messages.evidence:evidence", "prove a message to an outsider, offline"),
    "audit": ("suar.cli.gateway.audit:audit", "what people did with this gateway, as a signed chain"),
    "peers": ("suar.cli.gateway.peers:peers", "heads, silence, clocks and keys of the others, and what lacks of each"),
    "resend": ("suar.cli.gateway.peers:resend", "ask a member for what is known to be missing"),
    "carry": ("suar.cli.federation.carry:carry", "sealed frames on a stick, when the line is cut"),
    "keys": ("suar.cli.gateway.keys:keys", "this gateway's keys"),
    "compromised": (
        "suar.cli.gateway.compromised:compromised",
        "a key is in wrong hands: revoke it, list what was exposed",
    ),
    "backup": ("suar.cli.gateway.backup:backup", "the state folder in one sealed file"),
    "restore": ("suar.cli.gateway.backup:restore", "a backup back in its place"),
    "store": ("suar.cli.gateway.store:store", "the store after it was put back by hand"),
    "doctor": ("suar.cli.gateway.doctor:doctor", "what is wrong here, and the next step"),
    "alarm": ("suar.cli.gateway.alarm:alarm", "alarms about others and ourselves, and that somebody knows of one"),
    "check": ("suar.cli.gateway.check:check", "the same checks, for monitoring"),
    "errors": ("suar.cli.tools.errors:errors", "what a code means, whose fault it is, the next step"),
    "conformance": ("suar.cli.tools.conformance:conformance", "run conformance vectors"),
    "bench": ("suar.cli.tools.bench:bench", "what the main path costs on this machine"),
    "schemas": ("suar.cli.tools.schemas:schemas", "the message standard"),
}


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"suar {__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample:\n  suar check-message alert.json",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """The secure message bus with which states exchange what they learn about trafficking in persons."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Entry point of `suar`. Exit codes: 0 done, 1 refused or failed, 64 usage, 130 interrupted."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run one command; every expected failure becomes `error:` and `hint:` lines and an exit code."""
    try:
        code = cli.main(args, prog_name="suar", standalone_mode=False)
        sys.stdout.flush()  # a full disk behind a redirect shows here, not after we said 0
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "suar"
        return _tell(_lower(error.format_message()), f"see `{where} --help`", EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except (Fault, Refused, click.ClickException, OSError) as error:
        return _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: Exception) -> int:
    if isinstance(error, OSError):
        from suar.files import explain

        _drop_unwritten()
        error = explain(error)
    if isinstance(error, Fault):
        return _tell(error.text, error.hint)
    if isinstance(error, Refused):
        facts = "".join(f", {name} {value}" for name, value in error.facts.items())
        return _tell(f"{CODES[error.code].meaning} ({error.code}, rule {error.rule}{facts})", error.advice())
    return _tell(_lower(str(error)), "see `suar --help`")


def _drop_unwritten() -> None:
    """What stdout cannot take is lost: without this the interpreter tries once more at its end, and exits with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(text: str, hint: str, code: int = EXIT_REFUSED) -> int:
    """Two lines on stderr: what is wrong, what to do."""
    click.echo(visible(f"error: {text}"), err=True)
    if hint:
        click.echo(visible(f"hint: {hint}"), err=True)
    return code


def _lower(text: str) -> str:
    """click's sentences in our style: lower case, no full stop, one line."""
    line = " ".join(text.split())
    return (line[:1].lower() + line[1:]).rstrip(".")
