"""The shipped examples, and each as a draft of today.

A file of schemas/examples/valid is a complete message: it has fields that only a gateway may write (`sent`, `privacy`),
so it is refused when handed in unchanged. Its draft is the same message without what the gateway writes, with the dates
moved to now: what a person would hand in today.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any, Final

from suar.protocol.base.codelists import RECEIPT
from suar.protocol.base.instants import instant_of, moment
from suar.protocol.message.kinds import DECLARED
from suar.published import schemas_dir

WRITTEN: Final = ("schema", "rev", "status", "sent", "privacy")
"""What the gateway writes and a draft leaves out, as texts marked `generated`, the issuer's member, a new id."""
MARGIN: Final = timedelta(hours=1)
"""The longest lifetime is counted from `sent`, which is set a moment after the draft is made."""


def names() -> tuple[str, ...]:
    """The names of the shipped messages that a person publishes (a receipt is made by a gateway)."""
    found = (path.stem for path in sorted((schemas_dir() / "examples" / "valid").glob("*.json")))
    return tuple(name for name in found if not name.startswith(f"{RECEIPT}-"))


def example(name: str) -> dict[str, Any]:
    """A shipped message as its tree. Raises FileNotFoundError for an unknown name."""
    message: dict[str, Any] = json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())
    return message


def draft(message: dict[str, Any], member: str, now: datetime) -> dict[str, Any]:
    """Return what `member` would hand in at `now` to publish `message`; texts, codes and figures are unchanged.

    The periods of a table are as many whole years earlier as it takes until all of them are over at `now`.

    An update or cancel keeps its id, which must then be one that the member has published.
    """
    moved = now - moment(message["sent"]) - MARGIN
    body = {key: value for key, value in message.items() if key not in WRITTEN}
    texts = [text for text in message["text"] if "generated" not in text]
    body = {key: value for key, value in body.items() if key != "text"} | ({"text": texts} if texts else {})
    body["issuer"] = {key: value for key, value in message["issuer"].items() if key != "member"}
    for key in ("valid_from", "expires", *_recent(body["kind"])):
        if key in body:
            body[key] = _moved(body[key], moved, now)
    for key in ("id", "desk"):
        if key in body:
            body[key] = member + body[key][2:]
    if "obs" in body:
        body["obs"] = _over(body["obs"], now)
    if body["action"] == "new":
        del body["id"]
    return body


def _over(cells: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    ends = [int(each["period"][:4]) * 12 + _last_month(each["period"][5:]) for each in cells]
    years = max(0, -((now.year * 12 + now.month - 1 - max(ends, default=0)) // 12))
    return [{**each, "period": f"{int(each['period'][:4]) - years}{each['period'][4:]}"} for each in cells]


def _last_month(part: str) -> int:
    """The last month of a part of a year: a month, a quarter or a half year; of a whole year, the twelfth."""
    months = {"Q": 3, "H": 6}.get(part[:1])
    return int(part[1:]) * months if months else int(part) if part.isdigit() else 12


def members_of(draft: dict[str, Any]) -> list[str]:
    """Return the members that a draft names as readers, or asks something of, sorted."""
    lists = [draft["audience"]["members"], *(each.get("of_members", "all") for each in draft.get("request", ()))]
    return sorted({code for named in lists if named != "all" for code in named})


def _recent(kind: str) -> tuple[str, ...]:
    """The fields whose date lies near the day of sending, where a draft has to have it too."""
    return tuple(dated.field for dated in DECLARED[kind].dates if dated.years_ahead <= 1 and not dated.listing)


def _moved(text: str, moved: timedelta, now: datetime) -> str:
    """An instant, a day or a month, as long before today as it lay before the example's day of sending."""
    if len(text) > len("2027-01-01"):
        return instant_of(moment(text) + moved)
    if len(text) == len("2027-01-01"):
        return (date.fromisoformat(text) + timedelta(days=moved.days)).isoformat()
    then = now - moved - MARGIN
    months = (now.year - then.year) * 12 + now.month - then.month
    year, month = divmod(int(text[:4]) * 12 + int(text[5:]) - 1 + months, 12)
    return f"{year:04d}-{month + 1:02d}"
