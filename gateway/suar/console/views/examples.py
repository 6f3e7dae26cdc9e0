"""A shipped example as the beginning of a draft: its codes and its words, which the author replaces.

What an author decides anew is not taken over: readers, source, times, places, numbers, addresses, ids of messages.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final
from unicodedata import category

from msgspec import Struct

from suar.console.forms import hints, names
from suar.console.forms.decode import is_blank
from suar.console.views.texts import Text, text_of
from suar.protocol.authoring.blank import is_unseen
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import BODY, CITATION, PROSE, Spec, fields_of
from suar.protocol.normal_forms import normal
from suar.standard import shipped

_DECIDED: Final = frozenset({"issuer", "source", "tlp", "handling", "audience", "related", "text"})
"""Fields of a message that no example fills; of its texts, the draft has one."""
_WORDS: Final = frozenset({PROSE, BODY, CITATION})
WITHOUT_WORDS: Final = "$.text"
"""The JSON path that stands for a draft whose codes are those of an example, without a text of a person's own."""
_ISSUER: Final = "issuer"  # the author's own, with the same name as in an example or not


class Example(Struct, frozen=True):
    """An example that is a new message: what the page lists."""

    name: str
    kind: str
    text: Text


def offered(realm: str, tag: str) -> tuple[Example, ...]:
    """Return the examples for a realm, with their texts in a language as far as they have it: those of actual messages,
    and for an exercise also those of exercises.
    """
    found = [
        (name, each, text_of(each, tag)) for name, each in _messages().items() if each["status"] in ("actual", realm)
    ]
    return tuple(Example(name, each["kind"], text) for name, each, text in found if text is not None)


def find(name: str, realm: str, tag: str) -> Example | None:
    """Return an example for a realm by its name; None if there is none."""
    return next((each for each in offered(realm, tag) if each.name == name), None)


def tree(example: Example) -> dict[str, Any]:
    """Return the fields of a draft that begins from an example."""
    message = _messages()[example.name]
    texts = [dict(each) for each in message["text"] if each["lang"] == example.text.lang]
    return {**_kept(KINDS[example.kind], message, ""), "text": texts}


def unchanged(kind: str, name: str, content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the JSON paths of a draft at which it still has words of the example from which it was begun.

    WITHOUT_WORDS is among them if the draft has codes of the example, and no text of a person's own.
    """
    example = _messages().get(name)
    if example is None:
        return ()
    shape = KINDS[kind]
    known = {_letters(words) for _, words in _words_of(shape, example, "$")} | {""}
    own = list(_words_of(shape, content, "$"))
    found = tuple(path for path, words in own if _letters(words) in known and _letters(words))
    is_own = any(path.startswith(f"{WITHOUT_WORDS}[") and _letters(words) not in known for path, words in own)
    return found if is_own or not _is_sharing_a_code(shape, example, content) else (*found, WITHOUT_WORDS)


def _is_sharing_a_code(shape: type[Struct], example: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    """Whether a draft has a code that its example has in the same field."""
    return not set(_codes_of(_kept(shape, example, ""))).isdisjoint(_codes_of(content))


def _codes_of(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path without numbers, code or word) of every field but the texts."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _DECIDED:
                yield from _codes_of(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _codes_of(each, path)
    elif isinstance(value, str) and value:
        yield path, value


def _letters(words: str) -> str:
    """Return the letters and digits of words: spaces, signs, case, and what is not displayed change nothing.

    Nor do marks and modifier letters, of which a reader notices few: both sides of a comparison are without them.
    """
    shown = (each for each in words if not is_unseen(each))  # a normal form makes other letters of some fillers
    return "".join(each for each in normal("NFKD", "".join(shown)).casefold() if _is_letter(each))


def _is_letter(character: str) -> bool:
    kind = category(character)
    return kind[0] in "LN" and kind != "Lm" and not is_unseen(character)


@cache
def _messages() -> dict[str, dict[str, Any]]:
    """Return name -> message of the shipped examples that are new ones, without texts that a gateway wrote."""
    found = {name: shipped.example(name) for name in shipped.names()}
    for each in found.values():
        each["text"] = [text for text in each["text"] if not text.get("generated")]
    return {name: each for name, each in found.items() if each["action"] == "new"}


def _kept(shape: type[Struct], message: Mapping[str, Any], inside: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, (_, spec, _) in fields_of(shape).items():
        name = names.below(inside, key)
        if key in message and name not in _DECIDED and hints.is_shown(names.plain(name), "new"):
            value = _value(spec, message[key], name)
            if not is_blank(value):
                made[key] = value
    return made


def _value(spec: Spec, value: Any, name: str) -> Any:
    """Return what a draft takes over: codes, words, and whether something is so; else None."""
    if spec.struct is not None:
        return _kept(spec.struct, value, name)
    if isinstance(value, list):
        parts = [_value(spec.item or spec, each, name) for each in value]
        return [each for each in parts if not is_blank(each)]
    return value if value in spec.codes or isinstance(value, bool) or spec.text in _WORDS else None


def _words_of(shape: type[Struct], content: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Yield (JSON path, words) of every field with words that a person filled in; what has another shape has none."""
    for key, (_, spec, _) in fields_of(shape).items():
        if key != _ISSUER:
            yield from _words_at(spec, content.get(key), f"{path}.{key}")


def _words_at(spec: Spec, value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list) and spec.item is not None:
        for number, each in enumerate(value):
            yield from _words_at(spec.item, each, f"{path}[{number}]")
    elif spec.struct is not None and isinstance(value, Mapping):
        yield from _words_of(spec.struct, value, path)
    elif spec.text in _WORDS and isinstance(value, str) and value:
        yield path, value
