"""Dates that no author can mean are refused before anything leaves; a reader of others' messages accepts them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from suar.protocol.base.reasons import Invalid
from suar.protocol.compose import complete
from suar.protocol.message.messages import read
from suar.standard import shipped

NOW = 1_800_000_000_000  # 2027-01-15
AT = datetime.fromtimestamp(NOW // 1000, UTC)


def draft(name: str, **changes: Any) -> dict[str, Any]:
    example = shipped.example(name)
    return {**shipped.draft(example, example["issuer"]["member"], AT), **changes}


def handed_in(body: dict[str, Any], member: str) -> bytes:
    return complete(json.dumps(body).encode(), member=member, realm="actual", now=NOW, ledger=None).data


def trend(period: str) -> dict[str, Any]:
    body = draft("trend-detected-by-sex")
    return {
        **body,
        "obs": [{**cell, "period": period} for cell in body["obs"] if cell["period"] == body["obs"][0]["period"]],
    }


@pytest.mark.parametrize(
    ("body", "path", "hint"),
    [
        (trend("2569"), "$.obs[0].period", "the Buddhist year 2569 is 2026: write 2026"),
        (trend("2569-H1"), "$.obs[0].period", "write 2026-H1"),
        (trend("0113"), "$.obs[0].period", "the Minguo year 113 is 2024: write 2024"),
        (trend("2029"), "$.obs[0].period", "a year from 1900 to 2028"),
        (trend("2572"), "$.obs[0].period", "the Buddhist year 2572 is 2029: write 2029"),
        (trend("1866"), "$.obs[0].period", "a year from 1900 to 2028"),
        (draft("legislation-expanded-act", checked_on="2027-01-16"), "$.checked_on", "today is 2027-01-15, in UTC"),
        (draft("legislation-expanded-act", checked_on="2570-01-14"), "$.checked_on", "write 2027-01-14"),
        (draft("legislation-expanded-act", enacted="2560-03-01"), "$.enacted", "write 2017-03-01"),
        (draft("pattern-seafood-debt", last_seen="2027-02"), "$.last_seen", "today is 2027-01-15, in UTC"),
        (draft("alert-new-route", onset="2569-12"), "$.onset", "write 2026-12"),
        (draft("alert-new-route", expires="2570-02-01T00:00:00Z"), "$.expires", "write 2027-02-01T00:00:00Z"),
        (draft("alert-new-route", expires="0116-02-01T00:00:00Z"), "$.expires", "the Minguo year 116 is 2027"),
        (draft("alert-new-route", valid_from="2570-01-20T00:00:00Z"), "$.valid_from", "write 2027-01-20T00:00:00Z"),
        (draft("alert-new-route", valid_from="2029-01-01T00:00:00Z"), "$.valid_from", "a year from 1900 to 2028"),
        (
            draft("alert-new-route", valid_from="2027-02-02T00:00:00Z", expires="2027-02-01T00:00:00Z"),
            "$.valid_from",
            "before expires",
        ),
        (
            draft("alert-new-route", valid_from="2027-02-01T00:00:00Z", expires="2027-02-01T00:00:00Z"),
            "$.valid_from",
            "before expires",
        ),
    ],
)  # fmt: skip
def test_it_is_refused_with_what_was_meant(body: dict[str, Any], path: str, hint: str) -> None:
    member = "TH"
    body = {**body, **({"desk": f"{member}-CONTACT-2027-000001"} if "desk" in body else {})}
    with pytest.raises(Invalid) as caught:
        handed_in(body, member)
    found = {(reason.code, reason.path): reason.hint for reason in caught.value.reasons}
    assert hint in found["E-MESSAGE-DATE", path]


@pytest.mark.parametrize(
    "body",
    [
        trend("2028"),
        trend("2027-Q4"),
        draft("legislation-expanded-act", checked_on="2027-01-15"),
        draft("legislation-expanded-act", in_force="2040-01-01"),
        draft("alert-new-route", onset="2027-11"),
        draft("alert-new-route", valid_from="2027-01-20T00:00:00Z", expires="2027-02-01T00:00:00Z"),
        draft("legislation-expanded-act", valid_from="2028-12-31T00:00:00Z", expires="2031-01-01T00:00:00Z"),
    ],
)
def test_what_an_author_can_mean_leaves(body: dict[str, Any]) -> None:
    assert handed_in({**body, **({"desk": "TH-CONTACT-2027-000001"} if "desk" in body else {})}, "TH")


@pytest.mark.parametrize("expires", ["2570-02-01T00:00:00Z", "0116-02-01T00:00:00Z"])
def test_an_end_in_another_calendar_is_reported_once(expires: str) -> None:
    """Not also as too long or too short a life, which nobody gave it."""
    with pytest.raises(Invalid) as caught:
        handed_in(draft("alert-new-route", desk="TH-CONTACT-2027-000001", expires=expires), "TH")
    assert [reason.path for reason in caught.value.reasons] == ["$.expires"]


def test_a_life_too_long_is_reported_as_such() -> None:
    with pytest.raises(Invalid) as caught:
        handed_in(draft("alert-new-route", desk="TH-CONTACT-2027-000001", expires="2027-12-01T00:00:00Z"), "TH")
    assert [(reason.path, reason.rule) for reason in caught.value.reasons] == [("$.expires", "F9")]


def test_no_hint_offers_a_code_that_is_never_written() -> None:
    with pytest.raises(Invalid) as caught:
        handed_in(draft("alert-new-route", desk="TH-CONTACT-2027-000001", tlp="PINK"), "TH")
    (reason,) = caught.value.reasons
    assert reason.hint == "one of: CLEAR, GREEN, AMBER, AMBER+STRICT, RED"


def test_it_is_reported_beside_other_faults() -> None:
    with pytest.raises(Invalid) as caught:
        handed_in({**trend("2569"), "tlp": "PINK"}, "TH")
    assert {reason.code for reason in caught.value.reasons} >= {"E-MESSAGE-DATE", "E-MESSAGE-CODE"}


def test_a_reader_accepts_it() -> None:
    made = json.loads(handed_in(trend("2026"), "TH"))
    made["obs"] = [{**cell, "period": "2569"} for cell in made["obs"]]
    assert read(json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode())
