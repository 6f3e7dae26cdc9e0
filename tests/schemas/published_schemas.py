"""The published JSON Schemas under two validators that share no code: jsonschema-rs (Rust) and jsonschema (Python)."""

import json
from functools import cache
from typing import Any

import jsonschema
import jsonschema_rs

from suar.published import schemas_dir


@cache
def published(kind: str) -> Any:
    """The schema of a kind as it is published."""
    path = schemas_dir() / "v1" / f"{kind}.schema.json"
    assert path.exists(), f"schemas/v1/{path.name} is made by `make standard`"
    return json.loads(path.read_bytes())


@cache
def validator(kind: str) -> Any:
    """The first validator of a kind."""
    return jsonschema_rs.validator_for(published(kind))


@cache
def second_validator(kind: str) -> Any:
    """The second one; it checks the schema itself too."""
    jsonschema.Draft202012Validator.check_schema(published(kind))
    return jsonschema.Draft202012Validator(published(kind))


VALIDATORS = (validator, second_validator)


def json_path(error: Any) -> str:
    """The place of a validator's error, written as in a Reason."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
    return "$" + "".join(steps)
