"""`suar` with a store in PostgreSQL that logs what it imported since it began to wait as a standby.

python -m support.warm_standby serve --state th
"""

import json
import sys

from suar.cli.main import main
from suar.observe import log
from suar.observe.hooks import Happened, Record
from support.on_postgresql import serve_postgresql


class Listener(log.LogListener):
    """The gateway's log, with a line more once it has started."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] | None = None

    def __call__(self, record: Record) -> None:
        super().__call__(record)
        event = record.event if isinstance(record, Happened) else ""
        if event == "standby":
            self._known = set(sys.modules)
        elif event == "started" and self._known is not None:
            print(json.dumps({"event": "imported", "modules": sorted(set(sys.modules) - self._known)}), file=sys.stderr)


if __name__ == "__main__":
    serve_postgresql()
    log.LogListener = Listener  # type: ignore[misc]  # the command makes one by this name
    main()
