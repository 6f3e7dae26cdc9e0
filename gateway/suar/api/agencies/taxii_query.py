"""What a call of TAXII asks for: the media type, the filters and the size of a page (sections 1.6.8 and 3.4).

Everything that is no value of the specification is refused, so that no filter opens more than its caller asked for.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from litestar import Request

from suar.api.contract.taxii import REALMS, TIME
from suar.api.http.problems import Problem
from suar.exchange.outgoing import taxii
from suar.service.access.tokens import TokenInfo
from suar.service.feed.collections import Wanted

Call = Request[TokenInfo, None, Any]
OBJECTS_MAX: Final = 1000
"""Objects of a page, and the default."""
IDS_MAX: Final = 100
"""Values of one match."""
_RANGES: Final = ("*/*", "application/*", "application/taxii+json")
"""What includes the media type, the most specific last: that one decides (RFC 9110, 12.5.1)."""
_TIME: Final = re.compile(TIME)
_WEIGHT: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_accepted(request: Call) -> None:
    """Raise Problem where the caller does not accept TAXII 2.1."""
    if not is_accepted(",".join(request.headers.getall("accept", ["*/*"]))):
        raise Problem("E-HTTP-ACCEPT", f"this server answers with {taxii.MEDIA_TYPE}")


def is_accepted(accept: str) -> bool:
    """Whether a value of Accept includes TAXII 2.1: its most specific range that does has another weight than 0."""
    weights: dict[int, bool] = {}
    for part in accept.split(","):
        media, *rest = (each.strip().lower() for each in part.split(";"))
        parameters = {
            name.strip(): value.strip().strip('"') for name, _, value in (each.partition("=") for each in rest)
        }
        if media not in _RANGES or parameters.get("version", "2.1") != "2.1":
            continue
        rank = 2 * _RANGES.index(media) + ("version" in parameters)
        weights[rank] = weights.get(rank, False) or _has_weight(parameters.get("q", "1"))
    return bool(weights) and weights[max(weights)]


def _has_weight(text: str) -> bool:
    """Whether a weight is one above 0; what is no weight is none."""
    return _WEIGHT.fullmatch(text) is not None and float(text) > 0


def realm_of(request: Call) -> Literal["actual", "exercise"] | None:
    """The realm that the query names; None if it names none."""
    named = request.query_params.get("status")
    found = next((each for each in REALMS if each == named), None)
    if found is None and named is not None:
        raise Problem("E-HTTP-VALUE", f"status is {' or '.join(REALMS)}")
    return found


def wanted_of(request: Call, ids: frozenset[str]) -> tuple[Wanted, bool]:
    """The filters of a query, and whether any object can match them; `ids`: those of the address."""
    specs = _values(request, "match[spec_version]")
    named = _values(request, "match[id]")
    wanted = Wanted(
        ids or named, _values(request, "match[type]"), frozenset(map(_version, _values(request, "match[version]"))),
        _moment(request.query_params.get("added_after")),
    )  # fmt: skip
    return wanted, (not specs or "2.1" in specs) and not (ids and named and not ids & named)


def _values(request: Call, name: str) -> frozenset[str]:
    """The values of a match; none if the query does not have it. Problem for an empty value, which selects nothing."""
    text = request.query_params.get(name)
    values = [] if text is None else text.split(",")
    if len(values) > IDS_MAX or "" in values:
        raise Problem("E-HTTP-VALUE", f"{name} has 1 to {IDS_MAX} values, separated by commas; none of them is empty")
    return frozenset(values)


def _version(text: str) -> str:
    """A version in the form that objects have: to the millisecond, and finer where no object is of that moment."""
    return text if text in ("all", "first", "last") else taxii.version_at(_moment(text))


def _moment(text: str | None) -> int:
    """A timestamp in microseconds; -1 for none. Problem for what is no timestamp in UTC."""
    if text is None:
        return -1
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        found = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        raise Problem("E-HTTP-VALUE", "added_after and match[version] take a time in RFC 3339, UTC") from None
    return (found - _EPOCH) // timedelta(microseconds=1)


def limit_of(request: Call) -> int:
    """The most objects of the page."""
    text = request.query_params.get("limit", str(OBJECTS_MAX))
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and digits):
        raise Problem("E-HTTP-VALUE", f"limit is a number from 1; more than {OBJECTS_MAX} are {OBJECTS_MAX}")
    return OBJECTS_MAX if len(digits) > len(str(OBJECTS_MAX)) else min(int(digits), OBJECTS_MAX)
