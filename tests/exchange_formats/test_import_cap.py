"""A CAP alert with every trap is refused item by item; what is left of it, on demand, is a valid alert of ours."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.exchange.files.traces import traces
from suar.exchange.incoming.cap_in import read_cap
from suar.exchange.outgoing.cap_out import cap
from suar.protocol.base.errors import Fault
from suar.protocol.compose import complete
from suar.protocol.message.kinds import Alert
from suar.published import schemas_dir
from support.commands import Suar

TRAPS = Path(__file__).with_name("traps.xml")
OFFICIAL = Path(__file__).parents[3] / "shared/data/cap-amber-alert-example.xml"
ENOUGH = (
    "--event", "online-lure", "--desk", "TH-CONTACT-2027-000001", "--to", "all", "--body", "National desk", "--sector",
    "law-enforcement",
)  # fmt: skip
DISCLOSED = (
    "ARIA", "TESTCASE", "03/17/14", "4'2", "60 LBS", "BLUE DRESS", "118", "BORIS", "1980", "van", "TEST 123", "19.9",
    "99.8", "+66", "4567", "police.example", "SGT", "053", "photograph", "006037", "Marlowe", "duty", "ร.ต.อ.",
)  # fmt: skip


def test_every_trap_is_named_with_its_path() -> None:
    named = {(item.at, item.sort, item.words) for item in read_cap(TRAPS.read_bytes()).refused}
    info = "/alert/info[1]"
    assert named >= {
        ("/alert/sender[1]", "mail address", "duty@police.example"),
        ("/alert/addresses[1]", "addresses", '"duty officer north" press@police.example'),
        ("/alert/note[1]", "name of a person", "Insp. Marlowe"),
        (f"{info}/description[1]", "name of a person", "ARIA TESTCASE"),
        (f"{info}/description[1]", "appearance of a person", "F/A BLK/BRO"),
        (f"{info}/description[1]", "appearance of a person", "4'2\""),
        (f"{info}/description[1]", "appearance of a person", "60 LBS"),
        (f"{info}/description[1]", "appearance of a person", "WEARING A BLUE DRESS"),
        (f"{info}/description[1]", "birth date", "03/17/14"),
        (f"{info}/description[1]", "address", "118 SAMPLE RD."),
        (f"{info}/description[1]", "name of a person", "BORIS EXAMPLE"),
        (f"{info}/description[1]", "birth date", "1980-02-09"),
        (f"{info}/description[1]", "vehicle", "white van, plate TEST 123"),
        (f"{info}/description[1]", "coordinates", "19.9100, 99.8400"),
        (f"{info}/instruction[1]", "telephone number", "+66 2 123 4567"),
        (f"{info}/instruction[1]", "mail address", "help@police.example"),
        (f"{info}/instruction[1]", "address in the web", "https://police.example/aria"),
        (f"{info}/web[1]", "web", "https://police.example/aria.jpg"),
        (f"{info}/contact[1]", "contact", "SGT. SAMPLE, 053-111-2222"),
        (f"{info}/contact[1]", "name of a person", "SGT. SAMPLE"),
        (f"{info}/contact[1]", "telephone number", "053-111-2222"),
        (f"{info}/resource[1]", "resource", "photograph of the girl"),
        (f"{info}/area[1]/areaDesc[1]", "address", "118 Sample Rd"),
        (f"{info}/area[1]/polygon[1]", "polygon", "19.91,99.84 19.92,99.84 19.92,99.85 19.91,99.84"),
        (f"{info}/area[1]/circle[1]", "circle", "19.91,99.84 0.5"),
        (f"{info}/area[1]/geocode[2]", "geocode", "SAME 006037"),
        (f"{info}/area[1]/altitude[1]", "altitude", "12"),
        ("/alert/info[2]/contact[1]", "contact", "ร.ต.อ. ตัวอย่าง 053-111-2222"),
    }


def test_it_is_refused_item_by_item(suar: Suar) -> None:
    ended = suar("import", "cap", str(TRAPS), *ENOUGH)
    items = read_cap(TRAPS.read_bytes()).refused
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert len(ended.out.splitlines()) == len(items)
    assert all(
        line.startswith(f"{item.at}: {item.sort}: ") for line, item in zip(ended.out.splitlines(), items, strict=True)
    )


def test_what_is_left_is_a_valid_alert(suar: Suar, tmp_path: Path) -> None:
    ended = suar("import", "cap", str(TRAPS), "--drop", *ENOUGH, "-o", "draft.json")
    assert ended.code == 0, ended.err
    draft = (tmp_path / "draft.json").read_bytes()
    alert = complete(draft, member="TH", realm="actual", now=day_before(draft), ledger=None).message
    assert isinstance(alert, Alert)
    assert [word for word in DISCLOSED if word in draft.decode()] == []
    assert [text.lang for text in alert.text] == ["en", "th"]
    assert alert.text[0].title == "Girls promised restaurant work taken over the river"
    assert (alert.urgency, alert.severity, alert.certainty) == ("immediate", "severe", "likely")
    assert [(location.country, location.admin1) for location in alert.places] == [("TH", "TH-57")]  # type: ignore[union-attr]  # it was imported with places
    assert [request.action for request in alert.request] == ["screen-arrivals"]
    dropped = [line for line in ended.err.splitlines() if line.startswith("dropped  ")]
    assert len(dropped) == len(read_cap(TRAPS.read_bytes()).refused)


def day_before(draft: bytes) -> int:
    """A day before the draft expires."""
    from datetime import datetime

    return round(datetime.fromisoformat(json.loads(draft)["expires"]).timestamp() * 1000) - 86_400_000


def test_as_json(suar: Suar) -> None:
    refused = json.loads(suar("import", "cap", str(TRAPS), "--json").out)
    assert (refused["verdict"], refused["message"]) == ("refuse", None)
    assert {"path", "sort", "words", "why"} == set(refused["refused"][0])
    passed = json.loads(suar("import", "cap", str(TRAPS), "--drop", "--json", *ENOUGH).out)
    assert (passed["verdict"], passed["reasons"]) == ("pass", [])
    assert passed["dropped"] == refused["refused"]
    assert passed["message"]["kind"] == "alert"


def test_everything_that_is_missing_is_named_at_once(suar: Suar) -> None:
    ended = suar("import", "cap", str(TRAPS), "--drop")
    assert ended.code == 1
    for option in ("--event", "--desk", "--to", "--body", "--sector"):
        assert option in ended.err


def test_from_a_file_of_defaults(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(
        'desk = "TH-CONTACT-2027-000001"\naudience = { members = ["KH", "LA"] }\ntlp = "AMBER+STRICT"\n'
        'issuer = { body = "National desk", sector = "law-enforcement" }\nhandling = ["no-media"]\n'
        'role = "recruitment"\nrequest = [{ action = "contact-bilaterally", by = 24 }]\n'
        '[events]\n"Child Abduction" = "recruitment-campaign"\n'
    )
    message = json.loads(suar("import", "cap", str(TRAPS), "--drop", "--defaults", "desk.toml", "--json").out)[
        "message"
    ]
    assert (message["event"], message["tlp"], message["handling"]) == (
        "recruitment-campaign",
        "AMBER+STRICT",
        ["no-media"],
    )
    assert message["request"] == [{"action": "contact-bilaterally", "by": 24}]
    assert message["places"] == [{"role": "recruitment", "admin1": "TH-57", "country": "TH"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("desk = 3", "desk: expected `str`, got `int`; found 3"),
        ("dsek = 'x'", "unknown field `dsek`"),
        ("desk", "the defaults desk.toml is not valid TOML"),
    ],
)
def test_defaults_with_a_fault(suar: Suar, tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "desk.toml").write_text(text)
    ended = suar("import", "cap", str(TRAPS), "--drop", "--defaults", "desk.toml")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert expected in ended.err


def test_a_code_that_is_none_names_the_field(suar: Suar) -> None:
    ended = suar("import", "cap", str(TRAPS), "--drop", *ENOUGH, "--tlp", "PINK")
    assert ended.code == 1
    assert "$.tlp: 'PINK' is no code of its list" in ended.err


CLEAN: dict[str, str] = {
    "status": "Actual", "msgType": "Alert", "urgency": "Future", "severity": "Minor", "certainty": "Possible",
    "expires": "2027-02-01T07:00:00+07:00", "language": "en-US", "headline": "A new route",
    "sent": "2027-01-15T08:00:00+07:00",
}  # fmt: skip


def document(**changes: str) -> bytes:
    """A clean CAP alert with some elements changed."""
    of = CLEAN | changes
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier><sender>b</sender>
<sent>{of["sent"]}</sent><status>{of["status"]}</status><msgType>{of["msgType"]}</msgType><scope>Public</scope>
<info><language>{of["language"]}</language><category>Security</category><event>Smuggling</event>
<urgency>{of["urgency"]}</urgency><severity>{of["severity"]}</severity><certainty>{of["certainty"]}</certainty>
<expires>{of["expires"]}</expires><headline>{of["headline"]}</headline><description>By boat at night.</description>
</info></alert>""".encode()


def test_a_clean_alert_needs_no_drop(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "alert.xml").write_bytes(document())
    now = ("--now", "2027-01-16T00:00:00Z")
    message = json.loads(suar("import", "cap", "alert.xml", "--json", *ENOUGH, *now).out)["message"]
    assert (message["expires"], "ack_within" in message) == ("2027-02-01T00:00:00Z", False)
    assert message["text"] == [{"lang": "en", "title": "A new route", "summary": "By boat at night."}]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "Draft"}, "/alert/status[1]: a CAP alert of status Draft is no message for others"),
        ({"msgType": "Ack"}, "/alert/msgType[1]: Ack is about a transmission"),
        ({"msgType": "Update"}, "--id"),
        ({"msgType": "Cancel"}, "--reason"),
        ({"expires": "tomorrow"}, "/alert/info[1]/expires[1]: 'tomorrow' is no time with an offset"),
        ({"expires": "2027-02-01T07:00:00"}, "is no time with an offset"),
        ({"expires": "0001-01-01T00:00:00+10:00"}, "is no time of our era"),
        ({"urgency": ""}, "/alert/info[1]/urgency[1]: CAP requires urgency"),
        ({"sent": ""}, "/alert/sent[1]: CAP requires sent"),
        ({"urgency": "Soon"}, "$.urgency: 'soon' is no code of its list"),
    ],
)
def test_an_alert_of_another_purpose(suar: Suar, tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    (tmp_path / "alert.xml").write_bytes(document(**changes))
    ended = suar("import", "cap", "alert.xml", *ENOUGH)
    assert ended.code == 1
    assert expected in ended.err


@pytest.mark.parametrize(
    "data",
    [
        b"<alert/>",
        b'<rss xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>',
        b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>',
    ],
)
def test_what_is_no_cap_alert(data: bytes) -> None:
    with pytest.raises(Fault, match=r"no CAP 1\.2 alert"):
        read_cap(data)


def test_thirteen_languages() -> None:
    info = document().decode().partition("<info>")[2].partition("</info>")[0]
    many = document().decode().replace("</info>", f"</info>{f'<info>{info}</info>' * 12}")
    with pytest.raises(Fault, match=r"/alert/info\[13\]: the alert has 13 languages"):
        read_cap(many.encode())


@pytest.mark.parametrize(
    "headline",
    ["Nurul binti Ahmad was seen", "นางสาวสมหญิง ใจดี หายไป", "Her NIK is 3171234567890123", "Line ID: somchai99",
     "Seen at Jalan Mawar 12", "Passport number AA1234567"],
)  # fmt: skip
def test_what_the_gate_would_find_is_named_before_it(headline: str) -> None:
    found = read_cap(document(headline=headline))
    assert {item.at for item in found.refused} == {"/alert/info[1]/headline[1]"}
    assert found.texts["en"][0] == ""


def test_two_alerts_in_one_file() -> None:
    info = document().decode().partition("<info>")[2].partition("</info>")[0]
    both = document().decode().replace("</info>", f"</info><info>{info.replace('Future', 'Past')}</info>")
    with pytest.raises(Fault, match=r"/alert/info\[2\]/urgency\[1\]: the alert has several urgency values"):
        read_cap(both.encode())


def test_there_and_back() -> None:
    """What CAP carries of an alert of ours, through parameters too, comes back as it was."""
    from suar.exchange.incoming.cap_alert import as_alert, read_defaults

    ours = json.loads((schemas_dir() / "examples/valid/alert-new-route.json").read_bytes())
    ours["audience"] = {"members": ["KH", "LA"]}
    exported = cap(msgspec.convert(ours, Alert))
    found = read_cap(exported)
    assert found.sender_name == f"Cambodia: {ours['issuer']['body']}"
    assert found.refused == []
    values: dict[str, Any] = {"body": ours["issuer"]["body"], "sector": ours["issuer"]["sector"], "tlp": ours["tlp"]}
    back = as_alert(found, read_defaults(None, values), day_before(json.dumps(ours).encode()))
    kept = ("event", "urgency", "severity", "certainty", "desk", "audience", "expires", "places", "tlp", "status")
    assert {name: back.get(name) for name in kept} == {name: ours.get(name) for name in kept}
    assert [each["action"] for each in back["request"]] == [each["action"] for each in ours["request"]]
    assert [text["title"] for text in back["text"]] == [text["title"] for text in ours["text"]]


@pytest.mark.parametrize(
    "text",
    [
        "Recruiters promise office work; travellers are taken over the land border at unofficial crossings.",
        "Vessels of 12 to 15 m leave at night; 40 persons were seen on 3 boats in 2026.",
        "The Anti-Trafficking Act B.E. 2551 (2008) was amended; see section 6/1.",
        "A shelter has 24 places, 6 of them for girls; capacity is limited until March.",
        "ผู้ชักชวนสัญญางานสำนักงาน ผู้เดินทางถูกพาข้ามพรมแดนทางบก",
    ],
)
def test_good_prose_has_no_traces(text: str) -> None:
    assert traces(text) == []


def test_many_patterns_stay_quick() -> None:
    import time

    started = time.process_time()
    for text in (
        "A b " * 1000,
        "1 " * 2000,
        "VICTIM: " + "Ab " * 1200,
        "a.a" * 1300,
        "12 " + "Ab.c " * 800,
        "@a." * 1300,
    ):
        traces(text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("words", ["0812 345 678 ", "a.a", "1.1", "12 Ab.c "])
def test_an_alert_full_of_what_is_looked_for_stays_quick(words: str) -> None:
    import time

    text = (words * 4000)[:3990]
    info = document(headline=text).decode().replace("By boat at night.", text)
    inside = info.partition("<info>")[2].partition("</info>")[0]
    started = time.process_time()
    read_cap(info.replace("</info>", f"</info>{f'<info>{inside}</info>' * 11}").encode())
    assert time.process_time() - started < 5


@pytest.mark.parametrize("path", [TRAPS, *([OFFICIAL] if OFFICIAL.exists() else [])], ids=lambda path: path.stem)
def test_refused_and_then_dropped(suar: Suar, path: Path) -> None:
    assert suar("import", "cap", str(path), *ENOUGH).code == 1
    ended = suar("import", "cap", str(path), "--drop", *ENOUGH)
    assert ended.code == 0
    words = [item.words for item in read_cap(path.read_bytes()).refused]
    assert words
    assert [word for word in words if len(word) > 6 and word in ended.out] == []
