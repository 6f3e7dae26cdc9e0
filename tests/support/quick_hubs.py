"""`suar` that judges two hubs after seconds: `python -m support.quick_hubs serve`.

A gateway gives a hub a minute to bring what the other one brought, and half a minute after an outage in which it owes
nothing. test_hub_comparison.py tests both as they are.
"""

from typing import Final

from suar.cli.main import main
from suar.service.pacing import hub_comparison

SETTLING: Final = 5.0  # seconds
PATIENCE: Final = 15.0  # a busy machine may take some for what is honest


def shorten() -> None:
    """In this process, from now on."""
    for name, value in (("SETTLING", SETTLING), ("PATIENCE", PATIENCE)):
        assert hasattr(hub_comparison, name)
        setattr(hub_comparison, name, value)


if __name__ == "__main__":
    shorten()
    main()
