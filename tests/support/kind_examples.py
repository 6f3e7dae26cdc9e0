"""A valid published example of each kind, for tests about every kind."""

import json

from suar.published import schemas_dir

CHOSEN = {
    "alert": "alert-shelter-capacity", "trend": "trend-detected-by-sex", "pattern": "pattern-seafood-debt",
    "legislation": "legislation-expanded-act", "contact": "contact-hotline",
}  # fmt: skip
"""Where another example than the first one says more."""


def example_of(kind: str) -> str:
    """The name of an example that is no exercise."""
    files = sorted((schemas_dir() / "examples" / "valid").glob(f"{kind}-*.json"))
    actual = [path.stem for path in files if json.loads(path.read_bytes())["status"] == "actual"]
    assert actual, f"write schemas/examples/valid/{kind}-NAME.json, a message of the kind {kind} with status actual"
    return CHOSEN.get(kind, actual[0])
