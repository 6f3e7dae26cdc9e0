"""`suar upgrade`: switch to another installed version, with a way back."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from suar.cli.base.common import PathType, command, now_ms, print_notice, second_option, second_token
from suar.cli.base.reader import catalogue_of, faults_shown_in, own_lang_option

if TYPE_CHECKING:
    from suar.languages.tags import Language


@command("upgrade", example="suar upgrade 0.3.0")
@click.argument("version")
@click.option(
    "--prefix", type=PathType, default=Path("/opt/suar"), show_default=True, help="Where versions are installed."
)
@click.option("--backups", type=PathType, help="The folder of the backup. Default: that of the daily backups.")
@click.option("--within", type=click.FloatRange(min=1), default=60.0, show_default=True, help="Seconds to get ready.")
@second_option
@own_lang_option
def upgrade(
    version: str,
    prefix: Path,
    backups: Path | None,
    within: float,
    second_token_file: Path | None,
    lang: "Language | None",
) -> None:
    """Take an installed VERSION into use: stop, back up, change the link, start, and wait until the gateway is ready.

    Install it first, by its own install.sh with --no-link. Where it is not ready in time, the version before is in use
    again; if the new one has changed the store, the backup is restored, for which a store with a second person needs
    that person's token. The name of an earlier version is a way back too, as long as no migration was between.
    """
    from suar.protocol.base.sentences import sentence
    from suar.service.setup import upgrade as upgrading
    from suar.service.setup.finish import passphrase
    from suar.service.setup.machine_paths import MachinePaths

    catalogue, paths = catalogue_of(lang), MachinePaths()
    with faults_shown_in(catalogue):
        new = upgrading.installed(prefix, version)
        job = upgrading.Upgrade(
            paths, passphrase(paths), lambda: _is_ready(paths.state),
            lambda step: print_notice(catalogue.shown(step)), now_ms(),
        )  # fmt: skip
        job.run(new, backups or paths.backups(), within, second_token(second_token_file))
    click.echo(catalogue.shown(sentence("{version} is in use", version=version)))


def _is_ready(state: Path) -> bool:
    """Whether the gateway on that folder reports itself ready; a standby of a pair is never more ready than that."""
    import httpx

    from suar.cli.base.client import running
    from suar.protocol.base.errors import Fault

    try:
        address = running(state)
        if address is None:
            return False
        answer = httpx.get(f"{address.url}/readyz", timeout=5, trust_env=False)
        return answer.status_code == 200 or answer.json()["reasons"] == ["standby"]
    except (Fault, httpx.HTTPError, ValueError, LookupError):
        return False
