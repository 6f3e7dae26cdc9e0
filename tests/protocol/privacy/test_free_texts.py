"""The texts that the gate looks through are all that a person wrote, found a second way: over the JSON tree."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from protocol.privacy.free_text_fields import addresses, free_texts
from suar.protocol.message import messages
from suar.protocol.privacy.verdict import texts
from suar.published import schemas_dir

VALID = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))


def written(value: Any, fields: set[str], path: str = "$", field: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, field, text) in a tree, of these fields, but for what a gateway generated."""
    if isinstance(value, str) and field in fields:
        yield path, field, value
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from written(item, fields, f"{path}[{at}]", field)
    elif isinstance(value, dict) and value.get("generated") is not True:
        for key, item in value.items():
            yield from written(item, fields, f"{path}.{key}", key)


@pytest.mark.parametrize("path", VALID, ids=[path.stem for path in VALID])
def test_every_text_of_every_kind_is_looked_through(path: Any) -> None:
    tree = json.loads(path.read_bytes())
    shape = messages.KINDS[tree["kind"]]
    expected = sorted(written(tree, free_texts(shape) | addresses(shape)))
    assert sorted(texts(messages.decode(tree))) == expected
    assert tree["kind"] == "receipt" or expected
