"""The published JSON Schemas under an independent validator (jsonschema-rs), formats checked."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from suar.published import schemas_dir


@cache
def validator(kind: str) -> Any:
    """The validator of a kind."""
    schema = json.loads((schemas_dir() / "v1" / f"{kind}.schema.json").read_bytes())
    return jsonschema_rs.validator_for(schema)


def json_path(error: Any) -> str:
    """The place of a validator's error, written as in a Reason."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
    return "$" + "".join(steps)
