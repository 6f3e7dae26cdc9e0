"""The hint for a field that is missing says how it is written: its codes, its form, its length."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from suar.languages.catalogue import load
from suar.languages.page_words import reason_for_page
from suar.languages.tags import TRANSLATED
from suar.protocol.base.codelists import codes
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.compose import complete
from suar.protocol.message.inspection import READ_ALONE
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import fields_of
from suar.protocol.message.valuehints import MAX_OFFERED
from suar.standard import shipped

NOW = 1_800_000_000_000  # 2027-01-15
AT = datetime.fromtimestamp(NOW // 1000, UTC)
ADDED = {"schema", "id", "rev", "sent", "status", "action", "text", "kind"}
"""What the gateway adds, and what its own reasons are about."""


def reasons(name: str, *without: str, **changes: Any) -> tuple[Reason, ...]:
    body = {**shipped.draft(shipped.example(name), "TH", AT), **changes}
    body = {key: value for key, value in body.items() if key not in without}
    try:
        complete(json.dumps(body).encode(), member="TH", realm="actual", now=NOW, ledger=None)
    except Invalid as invalid:
        return invalid.reasons
    return ()


def missing(name: str, field: str) -> Reason:
    [found] = [each for each in reasons(name, field) if each.path == f"$.{field}"]
    assert found.code == "E-MESSAGE-MISSING-FIELD"
    return found


def one_of_each_kind() -> dict[str, str]:
    return {shipped.example(name)["kind"]: name for name in shipped.names()}


def test_of_a_missing_event_the_codes_are_named_and_how_many_more_there_are() -> None:
    """Before, the hint was `give it`."""
    known = list(codes("alert-event"))
    hint = missing("alert-new-route", "event").hint
    assert hint == (f"one of: {', '.join(known[:12])}, and {len(known) - 12} more: `suar schemas export -o standard`")
    assert missing("alert-new-route", "urgency").hint == f"one of: {', '.join(codes('urgency'))}"


def test_every_required_field_of_every_kind_says_how_it_is_written() -> None:
    plain = set()
    for kind, name in one_of_each_kind().items():
        for key, (_, found, required) in fields_of(KINDS[kind]).items():
            if not required or key in ADDED:
                continue
            hint = missing(name, key).hint
            written = [code for code in (found.item or found).codes if code not in READ_ALONE]
            if written:
                assert all(code in hint for code in written[:MAX_OFFERED]), (kind, key, hint)
                assert hint.count(", ") <= MAX_OFFERED + 1
            if hint == "give it":
                plain.add(key)
                assert found.struct or found.item or not found.metas, (kind, key)
    assert plain <= {"audience", "source", "issuer", "coverage", "request", "obs", "lead", "languages"}


def test_a_missing_list_of_codes_is_asked_for_as_a_list() -> None:
    assert missing("contact-hotline", "service").hint.startswith("a list of one or more of: ")


def test_an_immediate_alert_without_its_hours_says_how_they_are_written() -> None:
    """Before, the hint was `1 to 168`."""
    [reason] = reasons("alert-new-route", "ack_within", urgency="immediate")
    assert (reason.path, reason.hint) == ("$.ack_within", 'write "ack_within": 24 (hours, 1 to 168)')
    assert reason_for_page({"path": "", "message": "", "hint": ""}, reason.sentences or None)["hint"] == "1 to 168"


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_codes_and_their_number_are_in_the_language_of_the_reader(tag: str) -> None:
    reason = missing("alert-new-route", "event")
    assert reason.sentences
    translated = load(tag).translated(reason.sentences.hint)
    assert translated is not None
    assert "new-route" in translated
    assert " more" not in translated
