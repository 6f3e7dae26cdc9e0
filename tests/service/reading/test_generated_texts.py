"""What a sender marks as generated is never shown or exported here: this gateway writes it anew from the codes."""

import json
from typing import Any

import pytest

from suar.exchange.outgoing.formats import FORMATS, convert
from suar.protocol.base.errors import Fault
from suar.service.reading import views
from support import read_out
from support.corekit import CoreKit, frame_of
from support.kit import Sending, alert

LIE = "Call Maria Santos now"
MARKED = {"lang": "en", "title": LIE, "summary": f"{LIE}, +66 81 234 5678", "generated": True}
THAI = {"lang": "th", "title": "Own words", "summary": "Of the sender"}
ID = "TH-ALERT-2027-000001"
OURS = "Alert: recruitment campaign"


def received(kit: CoreKit, th: Sending, **changes: Any) -> bytes:
    """A message of TH as its gateway would never send it."""
    data = alert(ID, text=[MARKED, THAI, {**MARKED, "lang": "vi"}], **changes)
    kit.receive(frame_of(th, data))
    return data


@pytest.mark.parametrize("schema", ["alert/1.0", "alert/1.7"])
def test_it_is_shown_as_the_codes_say(vn: CoreKit, th: Sending, schema: str) -> None:
    received(vn, th, schema=schema)
    shown = views.message(vn.core, ID, None)
    assert shown is not None
    assert [(text["lang"], text["title"]) for text in shown["message"]["text"]] == [("en", OURS), ("th", "Own words")]
    assert LIE not in json.dumps(shown)
    (line,) = views.inbox(vn.core, kind=None, origin=None, status=None, after=None, limit=9)
    assert line["title"] == OURS


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in ("json", "sdmx-csv")])
def test_no_export_has_it(vn: CoreKit, th: Sending, form: str) -> None:
    data = received(vn, th)
    content = read_out.content(vn.core, ID, None, None)
    assert content is not None
    assert content.data == data
    exported = convert(content.data, form, content.earlier).decode()
    assert OURS in exported
    assert "Maria" not in exported


def test_the_signed_bytes_leave_as_evidence_alone(vn: CoreKit, th: Sending) -> None:
    data = received(vn, th)
    with pytest.raises(Fault, match="marked as generated"):
        convert(data, "json")
    found = read_out.export(vn.core, ID, None, "desk")
    assert found is not None
    assert LIE.encode() in found.data


def test_what_the_codes_say_leaves_as_it_was_signed(vn: CoreKit, th: Sending) -> None:
    received(vn, th)
    own = views.message(vn.core, ID, None)
    assert own is not None
    data = alert(ID, text=own["message"]["text"])
    assert convert(data, "json") == data


def test_a_code_of_a_later_minor_is_not_the_sender_s_words(vn: CoreKit, th: Sending) -> None:
    received(vn, th, schema="alert/1.7", certainty="call-maria-santos")
    shown = views.message(vn.core, ID, None)
    assert shown is not None
    assert "maria" not in shown["message"]["text"][0]["summary"].lower()
