"""Trend tables to protect: made from true values, as a publisher hands them in and as readers get them."""

import itertools
import random
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.tables.protecting import Protected

_MORE = [one + other for one in "XYZ" for other in "ABCDEFGHIJKLMN"]
CODES: dict[str, list[str]] = {
    "sex": ["female", "male", "other", "unknown"],
    "age": ["0-17", "18+", "unknown"],
    "citizenship": ["TH", "MM", "LA", "KH", "VN", "ID", "PH", "MY", "CN", "BD", "NP", "other", *_MORE],
    "exploitation": ["sexual-exploitation", "forced-labour", "forced-criminality", "forced-begging", "other"],
    "recruiter": ["friend", "family", "neighbour", "official", "other", "unknown"],
    "transport": ["foot", "road-bus", "rail", "river", "sea-ferry", "unknown"],
}
Values = dict[tuple[str, ...], int]
C = TypeVar("C", bound=tuple[str, ...])
"""The codes of a cell, one a dimension."""


def trend(
    values: Mapping[C, int | None],
    dims: list[str],
    *,
    period: str = "2026",
    tlp: str = "GREEN",
    margins: bool = True,
    admin1: str = "",
    indicator: str = "detected-victims",
    **more: Any,
) -> Trend:
    """A trend of these values by codes of `dims` (`total` for margins); None is missing."""
    location = {"role": "detection", "country": "TH", **({"admin1": admin1} if admin1 else {})}
    obs = [
        {
            "period": period, "place": location, "dims": dict(zip(dims, codes, strict=True)), "value": value,
            "status": "M" if value is None else "A",
        }
        for codes, value in values.items()
    ]  # fmt: skip
    return of(obs, dims, tlp=tlp, margins=margins, indicator=indicator, **more)


def of(obs: list[dict[str, Any]], dims: list[str], **more: Any) -> Trend:
    """A trend of these observations."""
    tree = {
        "kind": "trend", "schema": "trend/1.0", "id": "TH-TREND-2027-000001", "rev": 1, "action": "new",
        "status": "actual", "issuer": {"member": "TH", "body": "Statistics unit", "sector": "statistics"},
        "sent": "2027-01-15T08:00:00Z", "expires": "2028-01-15T08:00:00Z", "tlp": "GREEN",
        "audience": {"members": "all"}, "text": [{"lang": "en", "title": "Victims", "summary": "By breakdown."}],
        "source": {"type": "administrative-record", "reliability": "B", "credibility": 2},
        "indicator": "detected-victims", "unit": "persons", "date_basis": "detection",
        "coverage": {"scope": "national"}, "method": "full-count", "direction": "stable",
        **({"dims": dims} if dims else {}), "margins": True, "obs": obs, **more,
    }  # fmt: skip
    return msgspec.convert(tree, Trend)


def with_margins(inner: Mapping[C, int]) -> Values:
    """The same with every total."""
    full: Values = {}
    for codes, value in inner.items():
        for ways in itertools.product(*[(code, "total") for code in codes]):
            full[ways] = full.get(ways, 0) + value
    return full


def some_values(rng: random.Random, dims: list[str], sizes: list[int], mean: float, zeros: float = 0.2) -> Values:
    """Random counts, most of them small, for the first codes of each dimension."""
    codes = [CODES[name][:size] for name, size in zip(dims, sizes, strict=True)]
    return {key: 0 if rng.random() < zeros else int(rng.expovariate(1 / mean)) for key in itertools.product(*codes)}


def read(table: Trend, protected: Protected | None = None) -> dict[str, Any]:
    """The message as a reader gets it."""
    tree: dict[str, Any] = msgspec.to_builtins(table)
    tree["obs"] = list(msgspec.to_builtins(table.obs if protected is None else protected.obs))
    return tree


def truth(table: Trend) -> list[int | None]:
    """The true values, in the order of the observations."""
    return [item.value for item in table.obs]
