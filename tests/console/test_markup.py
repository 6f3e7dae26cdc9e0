"""What a publisher wrote stands in the pages as text: every free text of every kind, with markup and hidden letters."""

import json
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from suar.console.forms.plan import Setting, form
from suar.console.rendering import environment
from suar.console.views.texts import shown
from suar.languages.names import names
from suar.protocol.message.kinds import KINDS, PUBLISHED
from suar.protocol.message.spec import Spec, fields_of
from suar.published import schemas_dir

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\u202egnorw\u2066\u200f\u2800\u3164\x1b[2J"
HIDDEN = set("\u202e\u2066\u200f\u2800\u3164\x1b")


def examples(kind: str) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text("utf-8")) for path in sorted((schemas_dir() / "examples/valid").glob("*.json"))]
    return [each for each in found if each["kind"] == kind]


def free_texts(spec: Spec, value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of a message that hold words of its publisher."""
    if spec.struct and isinstance(value, dict):
        for key, (_, inner, _) in fields_of(spec.struct).items():
            if key in value:
                yield from free_texts(inner, value[key], (*path, key))
    elif spec.item and isinstance(value, list):
        for at, each in enumerate(value):
            yield from free_texts(spec.item, each, (*path, at))
    elif spec.text:
        yield path


def text_fields(kind: str) -> list[tuple[dict[str, Any], tuple[Any, ...]]]:
    found: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {}
    for tree in examples(kind):
        for key, (_, inner, _) in fields_of(KINDS[kind]).items():
            if key in tree:
                for path in free_texts(inner, tree[key], (key,)):
                    found.setdefault(re.sub("[0-9]+", "N", str(path)), (tree, path))
    return list(found.values())


def put(tree: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(tree))
    at: Any = made
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = HOSTILE
    return made


@pytest.mark.parametrize("tag", ["en", "my"])
@pytest.mark.parametrize("kind", PUBLISHED)
def test_markup_in_every_free_text_of_every_kind_stays_text(kind: str, tag: str) -> None:
    known = names(tag)
    assert text_fields(kind)
    for tree, path in text_fields(kind):
        hostile = put(tree, path)
        page = shown({"message": hostile, "id": tree["id"], "origin": tree["id"][:2], "state": "current"}, known)
        assert HOSTILE[:7] in str(page), path  # it is shown, so something was tested
        reading: Any = environment().get_template("message-parts.html").module
        whole = reading.whole(page)
        check(str(whole), path)
        parts = form(kind, hostile, Setting(names=known, zone=ZoneInfo("Asia/Manila"), action="update"))
        module: Any = environment().get_template("form-fields.html").module  # its macros
        written = "".join(str(module.one(field, {}, lambda key, **_: key)) for part in parts for field in part.fields)
        check(written, path, typed=True)


def check(page: str, path: tuple[Any, ...], *, typed: bool = False) -> None:
    """No markup of the publisher; hidden letters stay only where an author types, for the gate to see them."""
    assert "<script" not in page, path
    assert "<img" not in page, path
    assert "&lt;script&gt;" in page, path
    assert ">49" not in page, path
    assert typed or not HIDDEN & set(page), path
