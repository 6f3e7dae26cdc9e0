"""`suar` whose console takes the pace of a test: `python -m support.quick_people serve`.

A session has ten calls a second and twenty at once; a test that opens page after page is faster than a person, and what
it presses next would be refused. tests/console tests the limit as it is.
"""

from typing import Final

from suar.cli.main import main
from suar.console import guard

CALLS: Final = 10_000  # calls


def hurry() -> None:
    """In this process, from now on."""
    assert hasattr(guard, "BURST")
    guard.BURST = CALLS  # type: ignore[misc]  # of this process alone


if __name__ == "__main__":
    hurry()
    main()
