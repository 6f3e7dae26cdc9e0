"""Which fields of a type take any text, by msgspec's own description of it: the second way beside the gate's."""

from typing import Any

import msgspec


def free_texts(shape: Any, name: str = "") -> set[str]:
    """The names of fields that take any text: strings without a pattern, a list of codes or a format."""
    return {field for field, _ in _texts(shape, name)}


def addresses(shape: Any) -> set[str]:
    """The names of fields with a form that are looked through all the same: of the web and of mail."""
    forms = ("an address that starts with https://", "a mail address")
    return {field for field, description in _texts(shape, "", forms) if description}


def _texts(shape: Any, name: str, forms: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """(field, what its type says of itself) of what takes any text, or is of one of these forms."""
    found: set[tuple[str, str]] = set()
    info = msgspec.inspect.type_info(shape)
    stack: list[tuple[Any, str]] = [(info, name)]
    while stack:
        at, field = stack.pop()
        extra = getattr(at, "extra_json_schema", None)
        if isinstance(at, msgspec.inspect.StrType) and at.pattern is None and not extra:
            found.add((field, ""))
        elif isinstance(at, msgspec.inspect.StructType):
            stack += [(inner.type, inner.encode_name) for inner in at.fields]
        elif isinstance(at, msgspec.inspect.UnionType):
            stack += [(inner, field) for inner in at.types]
        elif isinstance(at, msgspec.inspect.VarTupleType):
            stack.append((at.item_type, field))
        elif isinstance(at, msgspec.inspect.Metadata):
            description = (at.extra_json_schema or {}).get("description", "")
            found |= {(field, description) for form in forms if description.startswith(form)}
            stack.append((at.type, field))
    return found
