"""The specification of a message field, derived from its type; every reader of fields uses it."""

from __future__ import annotations

import types
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, Union, cast, get_args, get_origin

from msgspec import Meta, Struct, UnsetType
from msgspec.structs import fields as struct_fields

if TYPE_CHECKING:
    from collections.abc import Callable


PROSE: Final = "prose"
BODY: Final = "body"
CITATION: Final = "citation"
LINK: Final = "link"
MAIL: Final = "mail"


class Spec(Struct, frozen=True):
    """What a value must be: a struct, a list of items, a code, or a scalar that msgspec converts.

    `text`: how the privacy gate checks it. Text without a pattern is prose unless its type declares it as the name of
    an institution (BODY) or the title of a law (CITATION); text with a pattern is not checked, except LINK and MAIL.
    `is_id`: whether it is the id of a message.
    """

    type: Any
    is_nullable: bool
    struct: type[Struct] | None
    item: Spec | None
    codes: tuple[str, ...]
    metas: tuple[Meta, ...]
    own: Callable[[Any], bool] | None
    iso: str | None
    text: str | None
    is_id: bool


@cache
def spec(kind: Any) -> Spec:
    """Return the Spec of a type as used in a message Struct."""
    options = [kind]
    if get_origin(kind) in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not UnsetType]
    nullable = types.NoneType in options
    options = [option for option in options if option is not types.NoneType]
    base: Any = options[-1]
    metas: tuple[Meta, ...] = ()
    if hasattr(base, "__metadata__"):
        base, metas = base.__origin__, base.__metadata__
    is_list = get_origin(base) is tuple
    codes = tuple(code for option in options if get_origin(option) is Literal for code in get_args(option))
    return Spec(
        type=Union[tuple(options)],  # noqa: UP007  built at run time
        is_nullable=nullable,
        struct=base if isinstance(base, type) and issubclass(base, Struct) else None,
        item=spec(get_args(base)[0]) if is_list else None,
        codes=codes,
        metas=metas,
        own=_extra(metas, "own"),
        iso=_extra(metas, "iso"),
        text=_extra(metas, "text") or (PROSE if base is str and not any(meta.pattern for meta in metas) else None),
        is_id=bool(_extra(metas, "is_id")),
    )


def _extra(metas: tuple[Meta, ...], name: str) -> Any:
    return next((meta.extra[name] for meta in metas if meta.extra and name in meta.extra), None)


@cache
def fields_of(shape: type[Struct]) -> dict[str, tuple[str, Spec, bool]]:
    """Return, by JSON key, (attribute, Spec, required) of a message Struct."""
    return {info.encode_name: (info.name, spec(cast("Any", info.type)), info.required) for info in struct_fields(shape)}


def schemas_of(shape: type[Struct]) -> tuple[str, ...]:
    """Return the schemas that a kind's type reads strictly, the oldest first."""
    return fields_of(shape)["schema"][1].codes
