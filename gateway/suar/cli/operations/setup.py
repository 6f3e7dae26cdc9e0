"""`suar setup member|finish`: a member's machine, from an installation to a first exercise."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base.common import Hash, PathType, command, group, now_ms, profile_option
from suar.cli.base.lazy import Table
from suar.cli.base.reader import catalogue_of, faults_shown_in, own_lang_option
from suar.cli.base.terminal import visible

if TYPE_CHECKING:
    from suar.languages.catalogue import Catalogue
    from suar.languages.tags import Language
    from suar.observe.checks.every import Check
    from suar.protocol.base.sentences import Sentence
    from suar.service.setup.machine_paths import MachinePaths

COMMANDS: Final[Table] = {
    "member": ("suar.cli.operations.setup:member", "ask eight things; make keys, requests, settings and units"),
    "finish": ("suar.cli.operations.setup:finish", "take what the federation sent, start everything, send an exercise"),
}
WELL_WITHIN: Final = 60.0  # seconds


@group("setup", COMMANDS, example="suar setup member")
def setup() -> None:
    """Set up the machine of a member, where suar was installed from a bundle (docs/install.md)."""


@command("member", example="suar setup member --answers th.toml")
@click.option("--answers", "answers_file", type=PathType, help="A TOML file with the eight answers, instead of asking.")
@own_lang_option
@profile_option
def member(answers_file: Path | None, lang: "Language | None", profile: str) -> None:
    """Make the state folder, the requests to the federation, the settings, and units that are not enabled yet."""
    from suar.federation.summary import fingerprint
    from suar.service.settings.sealed import cost
    from suar.service.setup import answers
    from suar.service.setup import member as making
    from suar.service.setup.machine_paths import MachinePaths

    catalogue, paths = catalogue_of(lang), MachinePaths()
    with faults_shown_in(catalogue):
        filled = answers.load(answers_file) if answers_file else answers.ask(_question(catalogue), _again(catalogue))
        made = making.prepare(filled, paths, now=now_ms(), cost=cost(profile))
    if made.has_new_passphrase:
        _print(catalogue.setup("passphrase", file=paths.passphrase))
    _print(catalogue.setup("send"))
    for file in made.files:
        _print(f"  {file}")
    _print(catalogue.setup("compare"))
    _print(f"  {catalogue.setup('identity')}: {fingerprint(made.identity)}")
    _print(f"  {catalogue.setup('link')}: {fingerprint(made.link)}")
    _print(catalogue.setup("next"))
    _print("  suar setup finish LIST PIN PLAN CERT")


@command("finish", example="suar setup finish 1.list 9c1f... PLAN.toml th.crt")
@click.argument("list_file", metavar="LIST", type=PathType)
@click.argument("pin", type=Hash())
@click.argument("plan_file", metavar="PLAN", type=PathType)
@click.argument("cert", type=PathType)
@click.option("--wait", type=float, default=600.0, show_default=True, help="Seconds to wait for the hub.")
@click.option("--no-start", is_flag=True, help="Configure everything, and start nothing.")
@own_lang_option
def finish(
    list_file: Path, pin: bytes, plan_file: Path, cert: Path, wait: float, no_start: bool, lang: "Language | None"
) -> int:
    """Import the trust LIST with its PIN, the hub's PLAN and the CERTificate of the link; configure and start all.

    CERT has two certificates in one file: this member's, and the authority's. At the end an exercise is sent to all
    members. The exit code is 2 if a health check is still critical. The command can be run again.
    """
    from suar.files import read
    from suar.service.setup import finish as finishing
    from suar.service.setup.machine_paths import MachinePaths

    catalogue, paths = catalogue_of(lang), MachinePaths()
    with faults_shown_in(catalogue):
        plan, own, authority = finishing.checked(paths, plan_file, cert, now_ms())
        _print(catalogue.setup("fits"))
        _import(paths, read(list_file, "the trust list"), pin)
        _print(catalogue.setup("trusted"))
        finishing.configure(paths, plan, own, authority)
        _print(catalogue.setup("configured"))
        if no_start:
            _print(catalogue.setup("not-started"))
            return 0
        return _start(catalogue, paths, plan, wait)


def _import(paths: "MachinePaths", data: bytes, pin: bytes) -> None:
    from suar.cli.base.client import call, running
    from suar.service.process.offline import import_lists
    from suar.service.setup.finish import passphrase
    from suar.service.setup.machine_paths import GATEWAY_USER, change_owner

    if running(paths.state):
        call(paths.state, "POST", "/v1/trust", data, params={"pin": pin.hex()})
        return
    try:
        import_lists(paths.state, passphrase(paths), [data], pin)
    finally:
        change_owner(paths.data, GATEWAY_USER)


def _start(catalogue: "Catalogue", paths: "MachinePaths", plan: Any, wait: float) -> int:
    from suar.cli.base.client import call
    from suar.cli.federation.bus import create_streams
    from suar.cli.status import health
    from suar.observe.checks import every as checks
    from suar.service.settings.keyring import Keyring
    from suar.service.settings.state import KEYRING
    from suar.service.setup import units
    from suar.service.setup.finish import passphrase
    from suar.service.setup.machine_paths import STARTED

    keyring = Keyring.open(paths.state / KEYRING, passphrase(paths))
    units.start(("suar-nats.service",))
    _print(catalogue.setup("server"))
    admin, feed_admin = (bytes(keyring.nkey_seed(role)) for role in ("admin", "feed_admin"))
    create_streams(plan, keyring.member, admin, feed_admin, wait)
    _print(catalogue.setup("streams"))
    units.start(STARTED)
    _print(catalogue.setup("gateway"))
    found = _settled(paths)
    _print(catalogue.setup("health", status=checks.worst(found)))
    done = call(paths.state, "POST", "/v1/drills", {"template": "call-out", "to": "all"})
    _print(catalogue.setup("exercise", id=done["messages"][0]["id"]))
    _print(f"  suar deliveries {done['messages'][0]['id']} --state {paths.state}")
    return health.EXIT["critical"] if checks.worst(found) == "critical" else 0


def _settled(paths: "MachinePaths") -> "list[Check]":
    """Return the health checks, once none is critical or the time for that is over."""
    import time

    from suar.cli.status import health
    from suar.observe.checks import every as checks

    until = time.monotonic() + WELL_WITHIN
    while checks.worst(found := health.checks_of(paths.state)) == "critical" and time.monotonic() < until:
        time.sleep(0.5)
    return found


def _question(catalogue: "Catalogue") -> Callable[[str, str], str]:
    def question(key: str, default: str) -> str:
        return str(click.prompt(catalogue.setup(f"ask-{key}"), default=default, show_default=bool(default)))

    return question


def _again(catalogue: "Catalogue") -> "Callable[[Sentence], None]":
    return lambda allowed: _print(catalogue.setup("again", allowed=catalogue.shown(allowed)))


def _print(line: str) -> None:
    click.echo(visible(line))
