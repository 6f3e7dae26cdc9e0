"""The command `suar`: a table of names, and the one function that turns an exception into two lines and an exit code.

Nothing heavy is imported here: rich, httpx, sqlalchemy and nacl load with the command that needs them.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

import rich_click as click

from suar import __version__
from suar.cli.base.lazy import EXIT_USAGE, LazyGroup, Table
from suar.cli.base.terminal import attached, visible
from suar.protocol.base.errors import Fault, Refused

EXIT_REFUSED: Final = 1
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it

COMMANDS: Final[Table] = {
    "demo": (
        "suar.cli.tools.demo:demo",
        "run a whole federation on this machine, with simulated attacks",
    ),
    "root": ("suar.cli.federation.root:root", "create the root keys of the key holders"),
    "init": ("suar.cli.gateway.init:init", "create a member's state folder, with its keys and its request"),
    "upgrade": ("suar.cli.operations.upgrade:upgrade", "take another installed version into use, with a way back"),
    "setup": ("suar.cli.operations.setup:setup", "set up a member's machine, from an installation to a first exercise"),
    "federation": ("suar.cli.federation.group:federation", "found and change a federation; configure its NATS servers"),
    "trust": ("suar.cli.federation.trust:trust", "import, export and show the trust lists of a gateway"),
    "token": ("suar.cli.gateway.token:token", "manage the tokens of the HTTP API"),
    "agency": ("suar.cli.agencies.agency:agency", "register and manage agencies that read this member's feed"),
    "proposals": ("suar.cli.agencies.proposals:proposals", "drafts that agencies propose to the focal point"),
    "serve": ("suar.cli.gateway.serve:serve", "run the gateway"),
    "publish": ("suar.cli.messages.publish:publish", "publish a message"),
    "check-message": (
        "suar.cli.messages.check_message:check_message",
        "check a message without publishing it",
    ),
    "held": ("suar.cli.messages.held:held", "list messages that wait for a second person"),
    "release": ("suar.cli.messages.held:release", "release a held message"),
    "reject": ("suar.cli.messages.held:reject", "reject a held message"),
    "import": ("suar.cli.exchange.import_:import_", "convert tables and alerts of other standards to messages"),
    "export": ("suar.cli.messages.export:export", "export a message to another standard: CAP, STIX, CSV, SDMX-CSV"),
    "inbox": ("suar.cli.messages.inbox:inbox", "list received messages"),
    "feed": ("suar.cli.messages.feed:feed", "stream received messages to programs"),
    "show": ("suar.cli.messages.show:show", "show one message"),
    "deliveries": ("suar.cli.messages.deliveries:deliveries", "show the delivery state of a message at each member"),
    "why": ("suar.cli.messages.why:why", "explain the state of a message at a member, with the next step"),
    "ack": ("suar.cli.messages.ack:ack", "acknowledge a message, or state that you act on it"),
    "cancel": ("suar.cli.messages.cancel:cancel", "cancel a message: every receiver is asked to destroy its text"),
    "erase": ("suar.cli.messages.custody.erase:erase", "erase the text of a message of ours, by two persons"),
    "hold": ("suar.cli.messages.custody.hold:hold", "keep the text of a message for an authority, by two persons"),
    "retention": (
        "suar.cli.messages.custody.retention:retention",
        "purge texts some days after their message ended",
    ),
    "drill": ("suar.cli.messages.drill:drill", "run exercises, and report who answered when"),
    "notify": ("suar.cli.gateway.notify:notify", "show and test notifications of alerts and deadlines"),
    "evidence": ("suar.cli.messages.evidence:evidence", "prove a message to a third party, offline"),
    "audit": ("suar.cli.gateway.audit:audit", "show, verify and export the audit log, a signed hash chain"),
    "peers": ("suar.cli.status.peers:peers", "show the other members: heads, silence, clocks, keys, missing frames"),
    "resend": ("suar.cli.status.peers:resend", "request missing frames from a member"),
    "carry": ("suar.cli.federation.carry:carry", "carry encrypted frames on removable media while the link is down"),
    "keys": ("suar.cli.gateway.keys:keys", "show and rotate the keys of this gateway"),
    "compromised": (
        "suar.cli.gateway.compromised:compromised",
        "revoke a compromised key, and list what it exposed",
    ),
    "backup": ("suar.cli.gateway.backup:backup", "back up the state folder to one encrypted file"),
    "archive": ("suar.cli.operations.archive:archive", "archive messages with their evidence, and judge archives"),
    "restore": ("suar.cli.gateway.backup:restore", "restore a backup"),
    "store": ("suar.cli.gateway.store:store", "accept a store that was restored by hand"),
    "pair": ("suar.cli.operations.pair:pair", "set up the second gateway of a pair on one store"),
    "lease": ("suar.cli.operations.lease:lease", "hand the lease of a pair's store to the standby"),
    "doctor": ("suar.cli.status.doctor:doctor", "show the problems of this gateway, and the next step for each"),
    "alarm": ("suar.cli.status.alarm:alarm", "list and acknowledge alarms"),
    "console": (
        "suar.cli.gateway.people.console:console",
        "people who sign in at the console: invite, confirm, recover",
    ),
    "metrics": ("suar.cli.operations.metrics:metrics", "write alert rules and a dashboard for monitoring systems"),
    "check": ("suar.cli.status.check:check", "run the health checks for a monitoring system"),
    "errors": ("suar.cli.tools.errors:errors", "explain an error code: meaning, who is at fault, next step"),
    "conformance": ("suar.cli.tools.conformance:conformance", "run conformance vectors"),
    "bench": ("suar.cli.tools.bench:bench", "run the benchmarks of the main path"),
    "schemas": ("suar.cli.tools.schemas:schemas", "export the message standard, and prepare drafts"),
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
    """A secure message bus with which states exchange information about trafficking in persons."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Entry point of `suar`. Exit codes: 0 done, 1 refused or failed, 64 usage, 130 interrupted."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run one command; every expected failure becomes `error:` and `hint:` lines and an exit code."""
    try:
        code = cli.main(args, prog_name="suar", standalone_mode=False)
        sys.stdout.flush()  # a full disk behind a redirect is detected here, not after exit code 0
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "suar"
        return _print_error(_lower(error.format_message()), f"see `{where} --help`", EXIT_USAGE)
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
        return _print_error(error.text, error.hint)
    if isinstance(error, Refused):
        facts = "".join(f", {name} {value}" for name, value in error.facts.items())
        return _print_error(f"{error.meaning()} ({error.code}, rule {error.rule}{facts})", error.advice())
    return _print_error(_lower(str(error)), "see `suar --help`")


def _drop_unwritten() -> None:
    """Discard what stdout does not accept: otherwise the interpreter tries again at its end, and exits with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(text: str, hint: str, code: int = EXIT_REFUSED) -> int:
    """Print on stderr what is wrong and what to do: one line each, and one for each reason, below what is wrong."""
    click.echo(visible(attached(f"error: {text}")), err=True)
    if hint:
        click.echo(visible(attached(f"hint: {hint}")), err=True)
    return code


def _lower(text: str) -> str:
    """Return click's sentences in our style: lower case, no full stop, one line."""
    line = " ".join(text.split())
    return (line[:1].lower() + line[1:]).rstrip(".")
