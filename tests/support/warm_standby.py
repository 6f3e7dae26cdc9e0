"""`suar` with a store in PostgreSQL that logs what it imported since it began to wait as a standby.

python -m support.warm_standby serve --state th
"""

import json
import sys
from collections.abc import Sequence

from suar.cli.main import main
from suar.observe import log
from suar.observe.hooks import Happened, Record


class Listener(log.LogListener):
    """The gateway's log, with a line more once it has started."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] | None = None

    def __call__(self, records: Sequence[Record]) -> None:
        super().__call__(records)
        for event in (each.event for each in records if isinstance(each, Happened)):
            if event == "standby":
                self._known = set(sys.modules)
            elif event == "started" and self._known is not None:
                added = sorted(set(sys.modules) - self._known)
                print(json.dumps({"event": "imported", "modules": added}), file=sys.stderr)


if __name__ == "__main__":
    log.LogListener = Listener  # type: ignore[misc]  # the command makes one by this name
    main()
