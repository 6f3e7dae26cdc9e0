"""A valid published example of each kind, for tests about every kind."""

from suar.published import schemas_dir

CHOSEN = {
    "alert": "alert-shelter-capacity", "trend": "trend-detected-by-sex", "pattern": "pattern-seafood-debt",
    "legislation": "legislation-expanded-act", "contact": "contact-hotline",
}  # fmt: skip
"""Where another example than the first one says more."""


def example_of(kind: str) -> str:
    """The name of an example."""
    names = sorted(path.stem for path in (schemas_dir() / "examples" / "valid").glob(f"{kind}-*.json"))
    return CHOSEN.get(kind, names[0])
