"""`suar serve`: the gateway in one process, until SIGTERM or Ctrl-C."""

import os
from functools import partial
from pathlib import Path

from suar.cli.base.common import command, keyring_passphrase, passphrase_option, state_option


@command("serve", example="suar serve --state th --passphrase-file /run/credentials/suar/passphrase")
@state_option
@passphrase_option
def serve(state: Path, passphrase_file: Path | None) -> None:
    """Run the gateway with its bus connection, store, HTTP API and metrics. The log is written to stderr as JSON lines.

    The gateway stops on SIGTERM or Ctrl-C. Unfinished work is on disk and continues at the next start. A second gateway
    on the same store waits as the standby until the first one stops.
    """
    from suar.service.settings.config import load

    settings = load(state, os.environ)  # before the passphrase: a wrong setting is reported at once
    passphrase = keyring_passphrase(state, passphrase_file)

    import uvloop

    from suar.api.server import start_http, start_standby
    from suar.console.app import create_console
    from suar.console.app import routed as register_pages
    from suar.observe.log import LogListener, configure
    from suar.service.process.run import serve as run

    configure(settings.log.level)
    start, wait = partial(start_http, console=create_console), partial(start_standby, pages=register_pages)
    uvloop.run(run(state, passphrase, start_http=start, start_standby=wait, listeners=(LogListener(),)))
