"""A shipped example is a complete message, and its draft is what a person hands in: the gateway makes the one of it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from suar.protocol.base.instants import instant_of
from suar.protocol.compose import Published, complete
from suar.protocol.message.messages import Invalid
from suar.standard import shipped

NOW = 1_800_000_000_000
AT = datetime.fromtimestamp(NOW // 1000, UTC)
every_example = pytest.mark.parametrize("name", shipped.names())


class Chain:
    """A member that has published every revision before the given one."""

    def __init__(self, rev: int) -> None:
        self.rev = rev

    def next_number(self, _kind: str, _year: int, /) -> int:
        return 42

    def published(self, _message_id: str, /) -> Published | None:
        return Published(self.rev - 1) if self.rev > 1 else None


def handed_in(name: str, tree: dict[str, Any]) -> dict[str, Any]:
    example = shipped.example(name)
    member, realm = example["issuer"]["member"], example["status"]
    made = complete(json.dumps(tree).encode(), member=member, realm=realm, now=NOW, ledger=Chain(example["rev"]))
    composed: dict[str, Any] = json.loads(made.data)
    return composed


@every_example
def test_an_unchanged_example_is_refused_for_what_only_a_gateway_writes(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        handed_in(name, shipped.example(name))
    example = shipped.example(name)
    written = {"$.sent", "$.privacy"} & {f"$.{key}" for key in example}
    written |= {f"$.text[{at}].generated" for at, text in enumerate(example["text"]) if "generated" in text}
    found = {reason.path for reason in refused.value.reasons if reason.code == "E-MESSAGE-GATEWAY-FIELD"}
    assert found == written


@every_example
def test_the_draft_of_an_example_leaves_as_that_example_of_today(name: str) -> None:
    example = shipped.example(name)
    made = handed_in(name, shipped.draft(example, example["issuer"]["member"], AT))
    moved = {
        "id", "sent", "valid_from", "expires", "privacy", "checked_on", "first_seen", "last_seen", "onset",
    }  # fmt: skip
    for text in (each for one in (made, example) for each in one["text"] if "generated" in each):
        text["summary"] = re.sub(r"Valid until \S+", "", text["summary"])  # which moved with the dates
    for cell in (each for one in (made, example) for each in one.get("obs", ())):
        cell["period"] = cell["period"][4:]  # by whole years, until it is over
    assert {key: value for key, value in made.items() if key not in moved} == {
        key: value for key, value in example.items() if key not in moved
    }
    assert set(made) == set(example) - {"privacy"}


@every_example
def test_what_must_have_passed_has_passed(name: str) -> None:
    example = shipped.example(name)
    body = shipped.draft(example, example["issuer"]["member"], AT)
    for key in ("checked_on", "first_seen", "last_seen", "onset"):
        assert (key in body) == (key in example)
        if key in body:
            today, sent = instant_of(AT), example["sent"]
            assert (body[key] <= today[: len(body[key])]) == (example[key] <= sent[: len(example[key])])


def test_the_draft_of_another_member_names_its_own_desk() -> None:
    body = shipped.draft(shipped.example("alert-new-route"), "TH", AT)
    assert body["desk"] == "TH-CONTACT-2027-000001"
    assert "member" not in body["issuer"]
    assert {"schema", "id", "rev", "status", "sent"}.isdisjoint(body)


@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_no_period_of_a_draft_is_to_come(year: int) -> None:
    """The example of monthly contacts has months of 2027."""
    message = shipped.example("trend-hotline-monthly")
    made = shipped.draft(message, "MY", datetime(year, 2, 10, tzinfo=UTC))
    periods = [each["period"] for each in made["obs"]]
    assert max(periods) < f"{year}-02"
    assert [each[4:] for each in periods] == [each["period"][4:] for each in message["obs"]]
