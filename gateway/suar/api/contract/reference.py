"""The OpenAPI document as one page of HTML: no script, no picture, no address but its own."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from typing import Any, Final

Json = dict[str, Any]
STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}"
    "h2{border-bottom:1px solid #767676;margin-top:2.5rem}h3 code{font-size:1.1rem}"
    "pre{background:#f2f2f2;padding:.75rem;overflow:auto;max-height:24rem}code{overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #d0d0d0}a{color:#0b4f8a}nav li{display:inline;margin-right:1rem}nav ul{padding:0}"
)
STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
"""As a content security policy names the style."""
_COMPONENT: Final = "#/components/"


def page(document: Json) -> str:
    """The page of a document; headings have the addresses `#get-/v1/feed`, components `#schema-Alert`."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    tags = [each["name"] for each in document["tags"]]
    links = "".join(f'<li><a href="#tag-{escape(tag)}">{escape(tag)}</a></li>' for tag in tags)
    parts = "".join(part for tag in tags for part in _tag(document, tag))
    called = "".join(
        part for name, each in document["webhooks"].items() for part in _call(document, name, "post", each["post"])
    )
    shapes = "".join(part for name, shape in document["components"]["schemas"].items() for part in _shape(name, shape))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><header><h1>{title}</h1>"
        f"<p>{escape(document['info']['description'])} "
        '<a href="/openapi.json">This document for programs</a>.</p></header>'
        f'<nav aria-label="Calls"><ul>{links}<li><a href="#webhooks">webhooks</a></li>'
        '<li><a href="#shapes">shapes</a></li></ul></nav>'
        f'<main>{parts}<section><h2 id="webhooks">Webhooks</h2>{called}</section>'
        f'<h2 id="shapes">Shapes</h2>{shapes}</main></body></html>\n'
    )


def _tag(document: Json, tag: str) -> Iterator[str]:
    yield f'<section><h2 id="tag-{escape(tag)}">{escape(tag)}</h2>'
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if tag in call["tags"]:
                yield from _call(document, path, method, call)
    yield "</section>"


def _call(document: Json, path: str, method: str, call: Json) -> Iterator[str]:
    name = escape(f"{method}-{path}")
    yield f'<h3 id="{name}"><code>{method.upper()} {escape(path)}</code></h3><p>{escape(call["description"])}</p>'
    if call.get("parameters"):
        rows = ((each["name"], each["in"], _about(each)) for each in call["parameters"])
        yield _table(("parameter", "in", "meaning"), rows)
    for media, content in call.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body: <code>{escape(media)}</code>, {_named(content['schema'])}</p>"
        for each in list(content.get("examples", {}).values())[:1]:
            value = _found(document, each)["value"]
            written = escape(json.dumps(value, indent=1, ensure_ascii=False))
            yield f'<pre tabindex="0" role="region" aria-label="An example of the body of {name}">{written}</pre>'
    yield _table(("answer", "meaning", "shape"), _answers(document, call))


def _about(parameter: Json) -> str:
    schema = parameter["schema"]
    allowed = " | ".join(map(str, schema.get("enum", ()))) or schema.get("pattern", schema.get("type", ""))
    return f"{parameter.get('description', '')} ({allowed})".strip()


def _answers(document: Json, call: Json) -> Iterator[tuple[str, str, str]]:
    for status, response in call["responses"].items():
        found = _found(document, response)
        yield status, found["description"], ", ".join(found.get("content", {}))


def _shape(name: str, shape: Json) -> Iterator[str]:
    yield f'<h3 id="schema-{escape(name)}">{escape(name)}</h3><p>{escape(shape.get("description", ""))}</p>'
    required = set(shape.get("required", ()))
    fields = shape.get("properties", {})
    if fields:
        rows = ((each, "required" if each in required else "", field) for each, field in fields.items())
        head = "".join(f'<th scope="col">{text}</th>' for text in ("field", "required", "type", "meaning"))
        body = "".join(
            f"<tr><td><code>{escape(field)}</code></td><td>{need}</td><td>{_named(its)}</td>"
            f"<td>{escape(its.get('description', ''))}</td></tr>"
            for field, need, its in rows
        )
        yield f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    for one in shape.get("oneOf") or shape.get("allOf") or ():
        if "$ref" in one:
            yield f"<p>{_named(one)}</p>"


def _named(schema: Json) -> str:
    """A type in a few words; a component as a link."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f'<a href="#schema-{name}">{name}</a>'
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return " or ".join(_named(each) for each in schema[key])
    if "items" in schema:
        return f"list of {_named(schema['items'])}"
    if "enum" in schema:
        return escape(" | ".join(map(str, schema["enum"])))
    return escape(str(schema.get("type", "any")))


def _found(document: Json, value: Json) -> Json:
    if "$ref" not in value:
        return value
    found: Any = document["components"]
    for part in value["$ref"].removeprefix(_COMPONENT).split("/"):
        found = found[part]
    made: Json = found
    return made


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    named = "".join(f'<th scope="col">{text}</th>' for text in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{named}</tr></thead><tbody>{body}</tbody></table>"
