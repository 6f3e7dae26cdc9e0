"""Commands that talk to a running gateway, over real HTTP to a fake one in a thread of this process."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from suar.cli.base import client
from suar.cli.base.common import Kind
from suar.federation.summary import fingerprint
from suar.languages.catalogue import load
from suar.languages.rendering.wrap import width
from suar.observe.numbers import Numbers
from suar.protocol.base.errors import Fault
from suar.protocol.base.limits import HOUR
from suar.protocol.base.primitives import bundle_kid, kid
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, name_cell, sentence
from suar.protocol.message.kinds import KINDS
from suar.service.publish.held import PAGE
from suar.service.reading.verdict import Verdict
from suar.service.status.catching_up import Progress
from suar.service.status.snapshot import BusState
from support import healthy
from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.gateway_state import (
    EARLIER_TABLE,
    ID,
    IDENTITY,
    NAME,
    REFUSED,
    REFUSED_TABLE,
    THEIRS,
    alert_draft,
    held_alert,
    table,
)
from support.hostile_drafts import draft, written
from support.kit import NOW, ListMaker, actor, alert, key_row, member_row, root
from support.reported_work import ReportedWork
from support.templates import PASSPHRASE

NEW = "TH-ALERT-2027-000002"
"""The first alert that a test publishes."""
TREND = "TH-TREND-2027-000001"
"""The first table."""


@pytest.fixture
def refused_table(suar: Suar, gateway: FakeGateway, file: Path) -> Path:
    """A table that is refused, since another one has left."""
    file.write_bytes(EARLIER_TABLE)
    assert suar("publish", str(file)).code == 0
    file.write_bytes(REFUSED_TABLE)
    return file


@pytest.fixture
def held_table() -> dict[str, Any]:
    """A table that waits for a second person."""
    location = {"role": "detection", "country": "TH"}
    obs = [{"period": "2026", "place": location, "dims": {"sex": "female"}, "value": 4, "status": "A"}]
    reason = {"code": "E-PRIVACY-NEIGHBOUR", "path": "$.obs[0].value", "message": "this cell is hidden", "marked": []}
    return {
        "id": "TH-TREND-2027-000001", "place": "1.A", "rev": 1, "tlp": "GREEN", "status": "actual",
        "since": "2027-01-15T08:00:00Z", "by": "desk",
        "message": {"text": [{"lang": "en", "title": "Victims"}], "obs": obs},
        "reasons": [{**reason, "rule": None, "hint": ""}],
    }  # fmt: skip


def test_publish_prints_the_id(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    ended = suar("publish", str(file))
    assert (ended.code, ended.out) == (0, f"{NEW}\n")
    warning, hint, left = ended.err.splitlines()
    assert (warning.split()[0], warning.split()[-1], hint.split()[0]) == ("warning:", "(E-MESSAGE-DESK)", "hint:")
    assert left == f"{NEW} has left for 3 members: `suar deliveries {NEW}` shows who has it"
    assert gateway.published == [(file.read_bytes(), "actual", "local")]


def test_publish_shows_a_table_before_and_after(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(table())
    ended = suar("publish", str(file))
    assert (ended.code, ended.out) == (0, f"{TREND}\n")  # what is piped is the id
    before, after = (line.split() for line in ended.err.splitlines() if line.startswith(("4 ", "S ")))
    assert before == ["4", "55", "31", "90"]
    assert after in (["S", "55", "s", "90"], ["S", "s", "31", "90"])  # either protects it
    assert ": in the sum Total = Sex: Female; Sex: Male; Sex: Unknown" in " ".join(ended.err.split())
    assert "$.obs" not in ended.err
    file.write_bytes(table(period="2025"))
    assert json.loads(suar("publish", str(file), "--json").out)["table"]["hidden"][0]["why"] == "small"


def test_publish_warns_of_a_total_by_its_label(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(EARLIER_TABLE)
    warnings = " ".join(suar("publish", str(file)).err.split())
    text = "the total differs from its parts by 2: it is 79, together they are 81 (E-PRIVACY-SUM)"
    assert f"2020, Detection: Thailand, Total: {text}" in warnings


@pytest.mark.parametrize(
    ("draft", "id_", "ending"),
    [(alert_draft(), NEW, ""), (table(), TREND, "; a large table takes up to half a minute")],
    ids=["alert", "table"],
)
def test_a_long_check_at_the_gateway_is_reported_on_stderr(
    suar: Suar, gateway: FakeGateway, file: Path, monkeypatch: pytest.MonkeyPatch, draft: bytes, id_: str, ending: str
) -> None:
    """Before, a large table was spoken of for an alert, too."""
    file.write_bytes(draft)
    reporting = ReportedWork()
    monkeypatch.setattr("suar.cli.messages.publish.progress", reporting.progress)
    monkeypatch.setattr("suar.cli.base.client.publish", reporting.before(client.publish))
    ended = suar("publish", str(file))
    assert (ended.code, ended.out) == (0, f"{id_}\n")
    assert ended.err.startswith(f"still checking{ending} (0 s)\n")


def test_publish_says_it_in_the_publishers_language(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(table())
    ended = suar("publish", str(file), "--lang", "vi")
    assert "Bảng như sẽ được gửi đi" in ended.err
    assert "Giới tính: Nữ" in ended.err
    assert "$.obs" not in ended.err


@pytest.mark.parametrize("lang", ["en", "th"])
def test_a_refused_table_is_reported_by_its_labels(suar: Suar, refused_table: Path, lang: str) -> None:
    ended = suar("publish", str(refused_table), "--lang", lang)
    output = ended.out + ended.err
    assert ended.code == 1
    assert "$.obs" not in output
    assert {"en": "2020, Detection: Thailand, Sex: Female: the count was shown before", "th": "เพศ: หญิง"}[
        lang
    ] in " ".join(output.split())
    assert "2020, sex female" not in output
    coarser = {
        "en": "A coarser table hides less: without the dimension Sex: it can leave, 0 of 1 figures hidden",
        "th": load("th").phrase("coarser"),
    }
    assert coarser[lang] in " ".join(output.split())


def test_a_table_that_waits_is_listed_by_its_labels(
    suar: Suar, gateway: FakeGateway, held_table: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the figures of another member's table, which a program gets as codes, and only if it requests them."""
    shown = Sentence("{id}: {cell}", {"id": "VN-TREND-2027-000001", "cell": name_cell("2026", {}, {"sex": "female"})})
    text = Sentence("this cell is hidden")
    reason = Reason.of("E-PRIVACY-NEIGHBOUR", None, "$.obs[0].value", text, Sentence(""), [shown])

    async def held(
        _who: str, after: str | None, _limit: int, *, with_sentences: bool = False
    ) -> list[dict[str, Any]]:  # fmt: skip
        return [] if after else [{**held_table, "reasons": [reason.shape(with_sentences=with_sentences)]}]

    monkeypatch.setattr(gateway, "held", held)
    output = suar("held").out
    assert "2026, Detection: Thailand, Sex: Female: this cell is hidden" in output
    assert "VN-TREND-2027-000001: 2026, Sex: Female" in output
    (plain,) = json.loads(suar("held", "--json").out)[0]["reasons"]
    assert (plain["marked"], "sentences" in plain) == (["VN-TREND-2027-000001: 2026, sex female"], False)
    assert "$.obs" not in output


def test_publish_as_an_exercise(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    assert suar("publish", str(file), "--exercise").code == 0
    assert gateway.published[0][1] == "exercise"


def test_the_same_file_again_reports_that_nothing_is_sent_again(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    first, again = suar("publish", str(file)), suar("publish", str(file))
    assert (again.code, again.out) == (0, first.out)
    assert again.err.splitlines() == [
        "the message was handed in before: it is not sent again",
        f"`suar deliveries {NEW}` shows what became of it",
    ]


def test_the_same_file_again_while_it_is_held_names_the_next_command(
    suar: Suar, gateway: FakeGateway, file: Path
) -> None:
    file.write_bytes(held_alert())
    first, again = suar("publish", str(file)), suar("publish", str(file))
    assert (again.code, again.out) == (0, first.out)
    printed = [line for line in first.err.splitlines() if line.startswith(f"{NEW} is held for a second person")]
    assert f"`suar release {NEW} --token-file FILE`" in printed[0]
    assert again.err.splitlines() == ["the message was handed in before", *printed]


def test_the_same_file_again_after_a_decision_says_so(
    suar: Suar, gateway: FakeGateway, file: Path, tmp_path: Path
) -> None:
    file.write_bytes(held_alert())
    made = json.loads(suar("token", "add", "second", "--scope", "approve", "--json").out)
    (tmp_path / "second").write_text(json.loads(suar("token", "claim", made["claim"], "--json").out)["token"])
    suar("publish", str(file))
    assert suar("release", NEW, "--token-file", str(tmp_path / "second")).code == 0
    assert suar("publish", str(file)).err.splitlines() == [
        "the message was handed in before: it is not sent again",
        f"`suar deliveries {NEW}` shows what became of it",
    ]


@pytest.mark.parametrize("command", ["show", "deliveries", "ack", "release"])
def test_what_is_no_id_is_reported_with_one(suar: Suar, gateway: FakeGateway, command: str) -> None:
    more = ["--stage", "acting", "--role", "agency"] if command == "ack" else []
    ended = suar(command, "alert 42", *more)
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "TH-ALERT-2027-000042" in ended.err


def test_an_id_may_be_typed_in_lower_case(suar: Suar, gateway: FakeGateway) -> None:
    assert suar("show", ID.lower(), "--json").out == suar("show", ID, "--json").out


@pytest.mark.parametrize("kind", KINDS)
def test_one_may_ask_for_every_kind_of_the_standard(kind: str) -> None:
    assert Kind().convert(kind, None, None) == kind


def test_another_kind_is_reported_with_all_that_there_are() -> None:
    with pytest.raises(Fault) as fault:
        Kind().convert("rumour", None, None)
    assert fault.value.hint == f"it is one of {', '.join(KINDS)}"


def test_trust_is_shown_as_a_table(suar: Suar, gateway: FakeGateway) -> None:
    lists = ListMaker()
    rows = [member_row(actor(code)) for code in ("SG", "TH")]
    rows.append(member_row(actor("VN"), read=["alert", "trend"], keys=[key_row(actor("VN"), revoked_at=NOW)]))
    follows = lists.after(members=rows)
    gateway.adopt(follows.signed())
    lines = suar("trust", "show").out.splitlines()
    assert lines[:2] == ["version     2", f"hash        {fingerprint(follows.hash())}"]
    assert f"  {fingerprint(kid(root('A')[1]))}  Holder A" in lines
    assert "  VN  active     State VN  (publish *, read alert trend)" in lines
    revoked = fingerprint(actor("VN").kid)
    assert f"      {revoked}  2027-01-14 08:00Z to 2027-11-11 08:00Z  revoked" in lines


def test_publish_as_json(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    ended = suar("publish", str(file), "--json")
    shape = json.loads(ended.out)
    assert [reason["code"] for reason in shape.pop("reasons")] == ["E-MESSAGE-DESK"]
    assert shape == {"id": NEW, "rev": 1, "verdict": "published", "waiting": None}


def test_publish_reports_that_it_is_held(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(held_alert())
    ended = suar("publish", str(file))
    assert (ended.code, ended.out) == (0, f"{NEW}\n")
    assert "held for a second person" in ended.err


def test_a_refusal_prints_each_reason_with_its_path(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(REFUSED)
    ended = suar("publish", str(file))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines() == [
        "error: the message is refused (E-MESSAGE-MISSING-FIELD)",
        "  $.tlp: the field is required (E-MESSAGE-MISSING-FIELD)",
        "hint: one of: CLEAR, GREEN, AMBER, AMBER+STRICT, RED",
    ]


def test_a_refusal_as_json_is_the_publish_shape(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(REFUSED)
    ended = suar("publish", str(file), "--json")
    shape = json.loads(ended.out)
    assert ended.code == 1
    assert set(shape) == {"id", "rev", "verdict", "reasons", "waiting"}
    assert shape["reasons"][0]["path"] == "$.tlp"


def test_a_fault_of_the_gateway_is_two_lines(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    gateway.fault = Fault("the disk is full", "free space")
    for flags in ([], ["--json"]):
        ended = suar("publish", str(file), *flags)
        assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
        assert "the disk is full" in ended.err


def test_what_is_too_large_does_not_leave(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(bytes(512 * 1024 + 1))
    ended = suar("publish", str(file))
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert not gateway.published


def test_no_file_no_message(suar: Suar, gateway: FakeGateway) -> None:
    assert suar("publish", "nowhere.json").line_labels == ["error:", "hint:"]


@pytest.mark.parametrize(
    "arguments",
    [["publish", "message.json"], ["inbox"], ["show", ID], ["deliveries", ID], ["keys", "rotate"]],
    ids=lambda arguments: arguments[0],
)
def test_without_a_gateway_the_hint_says_how_to_start_one(suar: Suar, file: Path, arguments: list[str]) -> None:
    Path("suar-state").mkdir()
    ended = suar(*arguments)
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "suar serve" in ended.err


def test_the_inbox_is_read_page_by_page(suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.receive("KH", *(alert(f"KH-ALERT-2027-{n:06d}") for n in range(1202)))
    calls: list[Any] = []
    listed = gateway.messages

    async def counted(**page: Any) -> list[dict[str, Any]]:
        calls.append(page["after"])
        return await listed(**page)

    monkeypatch.setattr(gateway, "messages", counted)
    lines = suar("inbox", "--json", "--kind", "alert", "--from", "kh", "--status", "actual").out.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == [f"KH-ALERT-2027-{n:06d}" for n in range(1202)]
    assert calls == [0, rows[499]["n"], rows[999]["n"]]


def test_people_see_what_is_in_force_by_urgency_and_then_what_is_over(suar: Suar, gateway: FakeGateway) -> None:
    lanes = ("past", "immediate", "expected", "immediate", "expected")
    ids = [f"KH-ALERT-2027-{n:06d}" for n in range(5)]
    alerts = [alert(id_, urgency=lane, ack_within=24) for id_, lane in zip(ids, lanes, strict=True)]
    ended = alert(ids[4], rev=2, action="cancel", reason="wrong", urgency="expected")
    gateway.receive("KH", *alerts, ended)

    def shown(*more: str) -> list[str]:
        return [line.split()[0] for line in suar("inbox", "--from", "KH", *more).out.splitlines()[1:]]

    assert shown() == [ids[1], ids[3], ids[2], ids[0], ids[4]]
    assert shown("--order", "received", "--limit", "3") == ids[:3]
    rows = suar("inbox", "--from", "KH", "--order", "urgency", "--limit", "3", "--json").out.splitlines()
    assert [json.loads(row)["id"] for row in rows] == [ids[1], ids[3], ids[2]]
    gateway.progress = Progress(to_come=900, origins={"SG": 800}, seconds_left=10.0)
    assert suar("inbox").err == "catching up: 900 to come (SG 800), about 10 s\n"


def test_the_inbox_in_a_pipe_is_plain(suar: Suar, gateway: FakeGateway) -> None:
    head, *rows = suar("inbox", "--limit", "2").out.splitlines()
    assert head.split() == ["id", "ours", "until", "urgency", "state", "tlp", "received", "title"]
    assert len(rows) == 2
    assert rows[0].startswith("VN-ALERT-2027-000001")
    assert "\x1b" not in head + rows[0]


@pytest.mark.parametrize("arguments", [["--kind", "memo"], ["--from", "SGX"], ["--status", "real"], ["--limit", "0"]])
def test_a_wrong_filter(suar: Suar, gateway: FakeGateway, arguments: list[str]) -> None:
    assert suar("inbox", *arguments).line_labels == ["error:", "hint:"]


def test_show(suar: Suar, gateway: FakeGateway) -> None:
    ended = suar("show", THEIRS, "--json", "--rev", "1")
    assert json.loads(ended.out)["message"]["id"] == THEIRS
    assert gateway.acts_of("local") == [("open", f"{THEIRS} 1")]
    assert gateway.statements() == [(THEIRS, "opened")]  # a person read it
    missing = suar("show", "TH-ALERT-2027-999999")
    assert (missing.code, missing.line_labels) == (1, ["error:", "hint:"])
    assert suar("show", "../tokens").code == 1


def test_show_in_the_readers_language(suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = suar("show", ID, "--lang", "th-TH").out
    assert f"ข้อความ: {ID}" in shown
    assert all(width(line) <= 60 for line in shown.splitlines())
    assert f"Message: {ID}" in suar("show", ID).out


def test_show_in_a_language_without_a_catalogue_asks_no_gateway(suar: Suar, gateway: FakeGateway) -> None:
    ended = suar("show", ID, "--lang", "de")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "tet (Tetun)" in ended.err
    assert gateway.acts_of("local") == []


def test_a_refusal_in_the_publishers_language(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(REFUSED)
    ended = suar("publish", str(file), "--lang", "id")
    assert ended.code == 1
    assert ended.out.startswith("Ditolak\n\n$.tlp: ")
    assert json.loads(suar("publish", str(file), "--lang", "id", "--json").out)["verdict"] == "refused"


def test_a_refusal_is_reported_by_its_text_ids_and_programs_get_english(
    suar: Suar, gateway: FakeGateway, file: Path
) -> None:
    message = sentence("two legs have the number {seq}", seq=7)
    pattern = draft("pattern-seafood-debt", "TH", NOW)
    file.write_bytes(written(pattern | {"legs": [{**leg, "seq": 7} for leg in pattern["legs"][:2]]}))
    shown = suar("publish", str(file), "--lang", "pt").out
    assert (load("pt").translated(message) or "not translated") in shown
    assert load("pt").phrase("in-english", text="") not in shown
    (reason,) = json.loads(suar("publish", str(file), "--lang", "pt", "--json").out)["reasons"]
    assert list(reason) == ["code", "rule", "path", "message", "hint", "marked"]
    assert reason["message"] == "two legs have the number 7 (M-PATTERN-LEGS)"


def test_reasons_of_a_gateway_without_text_ids_are_in_english(
    suar: Suar, gateway: FakeGateway, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By rote: a gateway of this version answers each reason by its text ids."""

    async def refused(*_: object, **__: object) -> Verdict:
        reason = Reason("E-MESSAGE-MISSING-FIELD", "F8", "$.tlp", "tlp is missing", "give a TLP")
        return Verdict(None, None, "refused", (reason,))

    monkeypatch.setattr(gateway, "publish", refused)
    assert load("pt").phrase("in-english", text="tlp is missing") in suar("publish", str(file), "--lang", "pt").out


def test_deliveries(suar: Suar, gateway: FakeGateway) -> None:
    assert json.loads(suar("deliveries", ID, "--json").out)["members"]["SG"]["state"] == "stored"
    lines = suar("deliveries", ID).out.splitlines()
    at = next(at for at, line in enumerate(lines) if line.split()[:3] == ["member", "state", "sent"])
    assert lines[0] == f"{ID} rev 1"
    assert "1 of 3 stored" in lines[at - 1]
    assert [row.split()[:2] for row in lines[at + 1 :]] == [["KH", "sent"], ["SG", "stored"], ["VN", "sent"]]


def test_following_ends_when_all_have_it(suar: Suar, gateway: FakeGateway) -> None:
    gateway.confirm("KH", "VN")
    ended = suar("deliveries", ID, "--follow", "--json")
    assert (ended.code, len(ended.out.splitlines())) == (0, 1)


def test_tokens(suar: Suar, gateway: FakeGateway) -> None:
    made = suar("token", "add", "desk", "--scope", "publish, read")
    assert made.code == 0
    assert gateway.authenticate(made.out.strip()) is not None
    assert suar("token", "add", "desk", "--scope", "read").line_labels == ["error:", "hint:"]
    assert suar("token", "add", "other", "--scope", "root").line_labels == ["error:", "hint:"]
    [row] = json.loads(suar("token", "list", "--json").out)
    assert (row["name"], row["state"], row["scopes"]) == ("desk", "active", ["publish", "read"])
    assert "suar_claim_" in made.err
    assert suar("token", "revoke", "desk").code == 0
    assert suar("token", "revoke", "desk").line_labels == ["error:", "hint:"]
    assert gateway.authenticate(made.out.strip()) is None


def test_what_is_not_sent_of_a_second_answer_is_stated(suar: Suar, gateway: FakeGateway) -> None:
    arguments = ("ack", THEIRS, "--stage", "acknowledged", "--role", "duty-officer")
    assert suar(*arguments, "--note", "two teams").out.strip().endswith("at 2027-01-15 08:00Z")
    again = suar(*arguments, "--note", "again").out.strip()
    assert again.endswith("said before; not sent: the note, as the first statement of a stage and role stands")


def test_a_cancel_says_what_became_of_it(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    [waits] = gateway.hold(1)
    assert suar("cancel", ID, "--reason", "over").out.strip().endswith("rev 2 cancels it")
    assert suar("cancel", ID, "--reason", "again").out.strip().endswith("before: the reason stays the first one")
    assert suar("cancel", waits, "--reason", "withdraw").out.strip().endswith("is withdrawn: it never left")
    file.write_bytes(held_alert())
    both = suar("cancel", ID, "--reason", "over", "--replace", str(file))
    assert re.fullmatch(r"TH-ALERT-2027-\d{6} waits for a second person, to take its place", both.out.splitlines()[1])


def test_a_cancel_that_waits_says_who_still_reads_the_text(suar: Suar, gateway: FakeGateway) -> None:
    """A name in its reason holds it."""
    ended = suar("cancel", ID, "--reason", "ask for Maria Santos")
    assert "until then every member that has it can still read the text" in ended.err
    assert "the recall leaves at once" in ended.err


def test_a_cancel_names_who_acts_on_the_text(suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """KH acted on it, and only a telephone call is sure to stop its teams."""
    acted = {"opened": None, "acknowledged": None, "acting": "2027-01-15T08:00:00Z"}

    async def deliveries(*_: Any) -> Any:
        return {"members": {"KH": {"before": acted}, "SG": {"before": {**acted, "acting": None}}, "VN": {}}}

    monkeypatch.setattr(gateway, "deliveries", deliveries)
    [waits] = gateway.hold(1)
    assert "KH acts on it: telephone the focal point" in suar("cancel", ID, "--reason", "over").err.splitlines()
    assert "telephone" not in suar("cancel", waits, "--reason", "withdraw").err


@pytest.mark.parametrize(("draft", "code"), [(REFUSED_TABLE, 1), (table(text=NAME), 0)], ids=["refused", "held"])
def test_the_table_of_a_replacement_is_printed(suar: Suar, refused_table: Path, draft: bytes, code: int) -> None:
    """Refused or held, before and after the gate, by its labels; a refused one with what a coarser one hides."""
    refused_table.write_bytes(draft)
    ended = suar("cancel", ID, "--reason", "over", "--replace", str(refused_table))
    printed = " ".join(ended.err.split())
    assert ended.code == code
    assert "Sex: Female" in printed
    named = "2020, Detection: Thailand, Sex: Female: the count was shown before and has moved by less than 10 since"
    assert (named in printed) == (code == 1)
    assert "$.obs" not in printed
    assert ("A coarser table hides less: without the dimension Sex: it can leave" in printed) == (code == 1)


def test_a_replacement_that_was_handed_in_before_is_named(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    assert suar("publish", str(file)).code == 0
    ended = suar("cancel", ID, "--reason", "over", "--replace", str(file))
    text = "is the same message, handed in before: it has left, and is not sent again"
    assert ended.out.splitlines()[1] == f"{NEW} {text}"


def test_the_warnings_about_a_replacement_are_printed_with_the_names_of_its_figures(
    suar: Suar, gateway: FakeGateway, file: Path
) -> None:
    file.write_bytes(table({"female": 60, "male": 40}, margins=False))
    assert suar("publish", str(file)).out == f"{TREND}\n"
    file.write_bytes(table({"female": 60, "male": 43}, margins=False))
    ended = suar("cancel", TREND, "--reason", "over", "--replace", str(file))
    assert ended.code == 0, ended.err
    printed = " ".join(ended.err.split())
    assert "Sex: Male: the count was shown before and has moved by less than 10 since" in printed
    assert "$.obs" not in printed


def test_a_table_without_a_map_is_answered_with_the_maps_there_are(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "tab.csv").write_text("a,b\n")
    ended = suar("import", "trend", str(tmp_path / "tab.csv"))
    assert ended.code == 64
    assert "missing option '--map'" in ended.err
    assert "glotip" in ended.err


def test_held_walks_the_pages(suar: Suar, gateway: FakeGateway) -> None:
    assert suar("held").out == "nothing waits for a second person\n"
    ids = gateway.hold(PAGE + 1)
    output = suar("held").out
    assert [id_ for id_ in ids if f"{id_} rev 1" not in output] == []
    assert [row["id"] for row in json.loads(suar("held", "--json").out)] == ids


def test_what_a_void_token_handed_in_is_marked(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.hold(1)
    held = gateway.held

    async def void(*values: Any, **more: Any) -> list[dict[str, Any]]:
        return [{**row, "publisher_void": True} for row in await held(*values, **more)]

    monkeypatch.setattr(gateway, "held", void)
    assert "reject it, nobody releases it (E-PUBLISHER-VOID)" in suar("held").out


def test_a_token_is_claimed_with_its_code(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    made = json.loads(
        suar("token", "add", "duty", "--scope", "read,acknowledge", "--role", "duty-officer", "--person", "--json").out
    )
    file = tmp_path / "code"
    file.write_text(made["claim"] + "\n")
    claimed = suar("token", "claim", "--code-file", str(file))
    assert (claimed.code, claimed.err.splitlines()) == (0, ["this is duty: keep it now, it is not shown again"])
    info = gateway.authenticate(claimed.out.strip())
    assert info is not None
    assert (info.name, info.roles, info.is_person) == ("duty", frozenset({"duty-officer"}), True)
    assert gateway.authenticate(made["token"]) is None
    spent = suar("token", "claim", made["claim"])
    assert spent.line_labels == ["error:", "hint:"]
    assert "was used at 2027-01-15T08:00:00Z" in spent.err
    assert suar("token", "claim", "no\tcode").line_labels == ["error:", "hint:"]
    assert suar("token", "claim").line_labels == ["error:", "hint:"], "nobody is there to be asked"
    table = suar("token", "list").out.splitlines()
    columns = ["name", "state", "scopes", "roles", "person", "made", "by", "claimed", "expires", "last", "used"]
    assert table[0].split() == columns
    assert table[1].split()[:6] == ["duty", "active", "read", "acknowledge", "duty-officer", "yes"]
    assert "local" in table[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--scope", "propose"), "of agencies alone"),
        (("--scope", "acknowledge"), "needs a role"),
        (("--scope", "read", "--role", "approver"), "needs the scope acknowledge"),
        (("--scope", "acknowledge", "--role", "king"), "duty-officer"),
    ],
)
def test_what_no_token_can_have(suar: Suar, options: tuple[str, ...], words: str) -> None:
    ended = suar("token", "add", "x", *options)
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert words in ended.err


def test_the_identity_needs_the_passphrase_and_a_bundle_does_not(
    suar: Suar, gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kid = IDENTITY.hex()
    monkeypatch.delenv("SUAR_PASSPHRASE_FILE", raising=False)
    assert suar("compromised", kid, "--yes").line_labels == ["error:", "hint:"], "no passphrase"
    file = tmp_path / "passphrase"
    bundle = json.loads(suar("keys", "rotate", "--json").out)["kid"]
    in_groups = fingerprint(bytes.fromhex(bundle))
    monkeypatch.setattr(gateway.core, "clock", lambda: NOW + 1_000)  # the next bundle begins later than this one
    ended = suar("compromised", in_groups, "--yes")
    assert ended.code == 0, ended.err
    assert f"the seed of key bundle {in_groups} is erased" in ended.err
    assert "no new bundle" not in ended.err
    file.write_text("correct horse\n")
    wrong = suar("compromised", kid, "--yes", "--passphrase-file", str(file), "--json")
    assert wrong.line_labels == ["error:", "hint:"], "another passphrase"
    file.write_bytes(PASSPHRASE + b"\n")
    assert suar("compromised", kid, "--yes", "--passphrase-file", str(file), "--json").code == 0
    assert [about for what, about in gateway.acts_of("local") if what == "compromised"] == [
        f"bundle {bundle}",
        f"identity {kid}",
    ]
    assert suar("trust", "show").out.splitlines()[-1] == f"  {fingerprint(IDENTITY)}"


def test_a_compromised_bundle_without_a_new_one_is_reported_with_the_next_step(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock was set back after the bundle was made; then another bundle, whose end has passed."""
    bundle = json.loads(suar("keys", "rotate", "--json").out)["kid"]
    monkeypatch.setattr(gateway.core, "clock", lambda: NOW - HOUR)
    ended = suar("compromised", bundle, "--yes")
    assert ended.code == 0, ended.err
    assert ended.err.splitlines()[-2:] == [
        "no new bundle was made, and no other one is valid now: nothing can be sealed to this member",
        "see the clock and the identity key in `suar doctor`; once both are right: `suar keys rotate`",
    ]
    monkeypatch.setattr(gateway.core, "clock", lambda: NOW + 1_000)
    bundle = json.loads(suar("keys", "rotate", "--json").out)["kid"]
    ended = suar("compromised", bundle_kid("TH", actor("TH").kem_public).hex(), "--yes")
    made, step = ended.err.splitlines()[-2:]
    assert made == f"no new bundle was made: {fingerprint(bytes.fromhex(bundle))} is in use"
    assert step.startswith("if 2027-01-15 08:00Z is still to come, ")
    assert step.endswith("see `suar doctor`, then `suar keys rotate`")


def test_keys(suar: Suar, gateway: FakeGateway) -> None:
    assert json.loads(suar("keys", "show", "--json").out)[0]["key"] == "identity"
    shown = suar("keys", "show").out
    assert shown.splitlines()[1].startswith("identity  signs")
    assert fingerprint(IDENTITY) in shown
    rotated = suar("keys", "rotate")
    assert rotated.code == 0
    assert re.fullmatch(r"kid  ([0-9a-f]{4} ){7}[0-9a-f]{4}\n", rotated.out)
    assert re.fullmatch("[0-9a-f]{32}", json.loads(suar("keys", "rotate", "--json").out)["kid"])
    made = json.loads(suar("keys", "show", "--json").out)[1]
    assert (made["key"], made["state"]) == ("bundle", "in use")


def test_a_check_by_the_gateway(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    file.write_bytes(written(draft("alert-new-route", "TH", NOW)))
    ended = suar("check-message", str(file), "--state", "suar-state", "--exercise", "--json")
    assert json.loads(ended.out)["message"]["status"] == "exercise"


def test_the_clock_is_reset(suar: Suar, gateway: FakeGateway) -> None:
    expected = {"before": "2027-01-15T08:00:00Z", "now": "2027-01-15T08:00:00Z"}
    assert json.loads(suar("doctor", "--reset-clock", "--json").out) == expected


def test_health_of_a_gateway_that_answers(
    suar: Suar, gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By rote: a core without a bus, whose time stands still, is not ok in every check."""
    numbers = healthy.numbers()

    async def snapshot() -> Numbers:
        return numbers

    monkeypatch.setattr(gateway, "snapshot", snapshot)
    (tmp_path / "suar-state" / "keyring.suar").touch(mode=0o600)
    (tmp_path / "suar-state" / "gateway.json").chmod(0o600)
    ended = suar("doctor", "--json")
    assert ended.code == 0, ended.out
    assert json.loads(ended.out)["status"] == "ok"
    numbers = healthy.numbers(disk_free_bytes=1024**3)
    assert suar("doctor").code == 1
    assert suar("check").code == 1
    numbers = healthy.numbers(disk_free_bytes=1024**3, is_bus_connected=False)
    nagios = suar("check", "--format", "nagios")
    assert nagios.code == 2
    assert nagios.out.startswith("SUAR CRITICAL - disk: 1024 MiB free; bus-connected: no connection")
    assert nagios.out.count("\n") == 1


def test_a_gateway_whose_bus_is_away_is_critical(suar: Suar, gateway: FakeGateway) -> None:
    for bus, status in ((BusState(is_connected=True), 0), (BusState(), 2)):
        gateway.ready.bus = bus
        checked = suar("check", "--format", "prometheus").out
        assert f'suar_check_status{{check="bus-connected"}} {status}' in checked


def test_a_gateway_that_fails_to_answer_is_critical(suar: Suar, gateway: FakeGateway) -> None:
    gateway.fault = Fault("the store is damaged", "restore it")
    ended = suar("check", "--json")
    assert ended.code == 2
    [running] = [check for check in json.loads(ended.out)["checks"] if check["id"] == "gateway-running"]
    assert "the store is damaged" in running["text"]
