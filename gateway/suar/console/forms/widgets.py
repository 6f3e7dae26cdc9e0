"""Which widget a field's type needs, and the values that widgets show."""

from datetime import datetime
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from suar.protocol.message.fields import Admin1
from suar.protocol.message.spec import PROSE, Spec

RADIOS_MAX: Final = 8
AREA_FROM: Final = 200
SUBDIVISION: Final = get_args(Admin1)[1:]
LOCAL: Final = "%Y-%m-%dT%H:%M:%S"


class Option(Struct, frozen=True):
    """One of the values that may be chosen."""

    value: str
    label: str
    is_chosen: bool = False


class Field(Struct, frozen=True, kw_only=True):
    """One field of a form, with its value.

    `widget`: text, subdivision, area, number, instant, day, month, check, radios, select, checks, either, lines, group,
    rows, row. `name` is what a browser sends; `more` are values for one more choice of `checks`. `parts`: the fields
    inside. `kept`: rows of a list that is too long to be edited here. `is_new`: a row that was just added, which gets
    the focus. `is_without`: the status of a figure that has no count here.
    """

    widget: str
    name: str
    id: str
    label: str
    hint: str = ""
    is_required: bool = False
    value: str = ""
    values: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    more: tuple[Option, ...] = ()
    parts: tuple["Field", ...] = ()
    least: int | None = None
    most: int | None = None
    longest: int | None = None
    has_room: bool = False
    kept: int = 0
    is_new: bool = False
    is_without: bool = False


def widget_of(spec: Spec) -> str:
    """Return the widget of a type."""
    if spec.struct:
        return "group"
    if spec.item:
        return _of_list(spec)
    if spec.codes:
        return "radios" if len(spec.codes) <= RADIOS_MAX else "select"
    return "subdivision" if spec.metas == SUBDIVISION else _of_scalar(spec)


def _of_list(spec: Spec) -> str:
    item = spec.item
    if spec.codes:
        return "either"
    if item is not None and item.struct:
        return "rows"
    return "checks" if item is not None and (item.codes or item.iso) else "lines"


def _of_scalar(spec: Spec) -> str:
    base = base_of(spec)
    if base is bool:
        return "check"
    if base is int:
        return "number"
    if spec.iso:
        return "select"
    extra = [meta.extra_json_schema or {} for meta in spec.metas]
    formats = {each.get("format") for each in extra}
    if formats & {"date-time", "date"}:
        return "instant" if "date-time" in formats else "day"
    if spec.text == PROSE and (bound(spec, "max_length") or 0) >= AREA_FROM:
        return "area"
    return "text"


def base_of(spec: Spec) -> Any:
    """Return the Python type of a scalar."""
    base = spec.type
    while hasattr(base, "__metadata__"):
        base = base.__origin__
    return base


def bound(spec: Spec, name: str) -> int | None:
    """Return a bound of the type: ge, le, max_length."""
    found = (getattr(meta, name) for meta in spec.metas if isinstance(meta, Meta))
    return next((int(each) for each in found if each is not None), None)


def shown(value: object) -> str:
    """Return a scalar of a draft as a text field shows it; empty for other values."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def in_zone(text: str, zone: ZoneInfo) -> str:
    """Return an instant in UTC as a local time for `datetime-local`; other texts unchanged."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(zone).strftime(LOCAL) if at.tzinfo else text
    except (ValueError, OverflowError):
        return text


def from_zone(text: str, zone: ZoneInfo) -> str:
    """Return a local time as an instant in UTC; other texts unchanged."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return at.astimezone(ZoneInfo("UTC")).strftime(f"{LOCAL}Z").rjust(20, "0")
    except (ValueError, OverflowError):
        return text
