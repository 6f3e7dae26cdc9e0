"""`suar` whose periods around an outage are short, for tests that wait for them: `python -m support.quick_links serve`.

A gateway waits ten seconds after an outage of the hub before it calls another member silent, and takes five seconds
without a check of its own for a time in which it was suspended. test_observations.py tests both as they are.
"""

from typing import Final

from suar.cli.main import main
from suar.service.core import observations
from suar.service.process.background import silence

LINK_RECOVERY_MS: Final = 2_000
MAX_CHECK_GAP_MS: Final = 1_000  # two intervals of heartbeats where those are longer


def shorten() -> None:
    """In this process, from now on."""
    for module, name, value in (
        (observations, "LINK_RECOVERY_MS", LINK_RECOVERY_MS),
        (silence, "MAX_CHECK_GAP_MS", MAX_CHECK_GAP_MS),
    ):
        assert hasattr(module, name)
        setattr(module, name, value)


if __name__ == "__main__":
    shorten()
    main()
