"""The kinds in asyncapi.yaml: what a frame carries. The rest of that file is written by hand and remains unchanged."""

import json
from collections.abc import Iterator
from typing import Final

from suar.protocol.base.codelists import labels
from suar.protocol.message.kinds import DECLARED
from suar.published import schemas_dir

_CONTENT: Final = "\n  content:\n"
_FIRST: Final = "\n    messages:\n"
_AFTER: Final = "\n    tags:"
_PAYLOAD: Final = "    alert:\n      name: alert\n"
"""Where the kinds begin, the last messages of the file."""


def asyncapi() -> bytes:
    """The file with its kinds as they are declared."""
    text = (schemas_dir() / "asyncapi.yaml").read_text(encoding="utf-8")
    before, _, rest = text.partition(_CONTENT)
    head, _, rest = rest.partition(_FIRST)
    listed, after, rest = rest.partition(_AFTER)
    objects, payload, _ = rest.partition(_PAYLOAD)
    if not (listed and after and payload):
        raise ValueError("asyncapi.yaml has no channel `content` or no message `alert`")
    listed = "\n".join(f'      {kind}: {{$ref: "#/components/messages/{kind}"}}' for kind in DECLARED)
    made = "".join(line + "\n" for kind in DECLARED for line in _message(kind))
    return f"{before}{_CONTENT}{head}{_FIRST}{listed}{after}{objects}{made}".encode()


def _message(kind: str) -> Iterator[str]:
    about = DECLARED[kind].about
    yield f"    {kind}:"
    yield f"      name: {kind}"
    yield f"      title: {labels('kind')[kind]}"
    yield f"      summary: {json.dumps(about, ensure_ascii=False) if ': ' in about else about}"
    yield "      contentType: application/json"
    yield "      payload:"
    yield "        schemaFormat: application/schema+json;version=draft-2020-12"
    yield f"        schema: {{$ref: ./v1/{kind}.schema.json}}"
