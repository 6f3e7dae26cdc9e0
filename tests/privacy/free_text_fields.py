"""Which fields of a type take any text, by msgspec's own description of it: the second way beside the gate's."""

from typing import Any

import msgspec

ADDRESSES = frozenset({"url", "email"})
"""Fields with a form that are looked through all the same."""


def free_texts(shape: Any, name: str = "") -> set[str]:
    """The names of fields that take any text: strings without a pattern, a list of codes or a format."""
    found: set[str] = set()
    info = msgspec.inspect.type_info(shape)
    stack: list[tuple[Any, str]] = [(info, name)]
    while stack:
        at, field = stack.pop()
        extra = getattr(at, "extra_json_schema", None)
        if isinstance(at, msgspec.inspect.StrType) and at.pattern is None and not extra:
            found.add(field)
        elif isinstance(at, msgspec.inspect.StructType):
            stack += [(inner.type, inner.encode_name) for inner in at.fields]
        elif isinstance(at, msgspec.inspect.UnionType):
            stack += [(inner, field) for inner in at.types]
        elif isinstance(at, msgspec.inspect.VarTupleType):
            stack.append((at.item_type, field))
        elif isinstance(at, msgspec.inspect.Metadata):
            stack.append((at.type, field))
    return found
