"""Export at the gateway: who is not shown a message does not export it either, and the bytes are the signed ones."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange_formats.synthetic import as_csv, row
from suar.cli.exchange import own_verdict
from suar.cli.main import run
from suar.exchange.outgoing.formats import FORMATS, convert
from suar.exchange.tables import preview
from suar.protocol.base.reasons import Reason
from suar.protocol.privacy.tables.advice import Unprotectable
from suar.published import schemas_dir
from suar.service.access.tokens import check
from support.commands import Ended, Suar, with_options
from support.corekit import CoreKit, frame_of
from support.fake_gateway import FakeGateway, serving
from support.gateway_state import ID
from support.kit import MEMBERS, Sending, actor, alert, member_row
from support.patience import PATIENCE
from support.read_out import content

TH = actor("TH")
ONE = "TH-ALERT-2027-000001"
NOW = ("--now", "2027-01-15T08:00:00Z")
"""As the gateway's clock has it."""
IMPORT = ("import", "trend", "table.csv", "--map", "glotip", "--member", "TH", *NOW)


def by_sex(female: int, male: int, total: int, **cells: str) -> list[list[str]]:
    """Return the rows of one year, whose total may be wrong."""
    counts = {"Female": female, "Male": male, "Total": total}
    return [row(Sex=sex, txtVALUE=str(count), **cells) for sex, count in counts.items()]


# -- what the store gives


def test_the_bytes_are_those_that_were_signed(vn: CoreKit, th: Sending) -> None:
    first, second = alert(ONE), alert(ONE, rev=2, action="update", sent="2027-01-15T09:00:00Z")
    vn.receive(frame_of(th, first, second))
    latest, earlier = content(vn.core, ONE, None, "desk"), content(vn.core, ONE, 1, "desk")
    assert latest is not None
    assert earlier is not None
    assert (latest.rev, latest.data, latest.earlier) == (2, second, first)
    assert (earlier.rev, earlier.data, earlier.earlier) == (1, first, None)
    assert b"<references>suar.TH,TH-ALERT-2027-000001.1,2027-01-15T08:00:00-00:00</references>" in convert(
        latest.data, "cap", latest.earlier
    )


def test_what_is_not_there_or_not_for_us_is_not_exported(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(ONE)))
    assert content(vn.core, "TH-ALERT-2027-000009", None, "desk") is None
    assert content(vn.core, ONE, 7, "desk") is None
    assert content(vn.core, ONE, None, "desk") is not None
    rows = [member_row(actor(code), **(dict[str, Any](read=["trend"]) if code == "VN" else {})) for code in MEMBERS]
    vn.lists = vn.lists.after(members=rows)
    vn.receive((f"tip.v1.xa.a.trust.all.{vn.lists.version}", vn.lists.signed()))
    assert content(vn.core, ONE, None, "desk") is None


def test_that_it_was_exported_is_noted(vn: CoreKit, th: Sending) -> None:
    from sqlalchemy import select

    from suar.store import tables

    vn.receive(frame_of(th, alert(ONE)))
    content(vn.core, ONE, None, "the analyst")
    with vn.core.transaction() as connection:
        notes = [(each.who, each.what, each.about) for each in connection.execute(select(tables.audit))]
    assert ("the analyst", "export", f"{ONE} 1") in notes


# -- over HTTP, and by command


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[FakeGateway]:
    """A fake gateway that serves ./suar-state, found as commands find it: by gateway.json."""
    with serving(tmp_path / "suar-state") as made:
        yield made


@pytest.fixture
def suar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Suar:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Ended:
        capfdbinary.readouterr()
        code = run(arguments)
        out, err = capfdbinary.readouterr()
        return Ended(code, out.decode(), err.decode())

    return call


@pytest.fixture
def get(gateway: FakeGateway, tmp_path: Path) -> Iterator[httpx.Client]:
    address = json.loads((tmp_path / "suar-state" / "gateway.json").read_bytes())
    headers = {"Authorization": f"Bearer {address['token']}"}
    with httpx.Client(base_url=address["url"], headers=headers, trust_env=False, timeout=PATIENCE) as client:
        yield client


def test_each_format_has_its_media_type(get: httpx.Client, gateway: FakeGateway) -> None:
    for name in ("cap", "stix", "csv", "json"):
        answer = get.get(f"/v1/messages/{ID}/export", params={"as": name})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].removesuffix("; charset=utf-8") == FORMATS[name].media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="{ID}.1.{FORMATS[name].ending}"'
        assert answer.content == convert(gateway.exported, name)
    assert gateway.acts_of("local")[-1] == ("export", f"{ID} 1")
    assert gateway.statements() == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/v1/messages/{ID}/export?as=sdmx-csv", 400, "E-HTTP-VALUE"),
        (f"/v1/messages/{ID}/export?as=docx", 400, "E-HTTP-VALUE"),
        (f"/v1/messages/{ID}/export", 400, "E-HTTP-VALUE"),
        ("/v1/messages/TH-ALERT-2027-999999/export?as=cap", 404, "E-HTTP-NOT-FOUND"),
    ],
)
def test_what_cannot_be_exported(get: httpx.Client, path: str, status: int, code: str) -> None:
    answer = get.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_token_that_may_not_read(get: httpx.Client, gateway: FakeGateway) -> None:
    token = asyncio.run(gateway.tokens_add(check("publisher", ["publish"])))["token"]
    answer = get.get(f"/v1/messages/{ID}/export?as=cap", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "E-HTTP-SCOPE")


def test_the_command_prints_the_bytes(suar: Suar, gateway: FakeGateway) -> None:
    ended = suar("export", ID, "--as", "json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.encode() == gateway.exported


def test_the_command_writes_a_file(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    assert suar("export", ID, "--as", "cap", "-o", "alert.xml").out == ""
    assert (tmp_path / "alert.xml").read_bytes() == convert(gateway.exported, "cap")
    assert (tmp_path / "alert.xml").stat().st_mode & 0o077 == 0


def test_the_command_says_why_not(suar: Suar, gateway: FakeGateway) -> None:
    ended = suar("export", ID, "--as", "sdmx-csv")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "sdmx-csv carries trend, not alert" in ended.err
    assert "E-HTTP-NOT-FOUND" in suar("export", "TH-ALERT-2027-999999", "--as", "cap").err


def test_without_a_gateway(suar: Suar, tmp_path: Path) -> None:
    message = (schemas_dir() / "examples/valid/alert-new-route.json").read_bytes()
    (tmp_path / "message.json").write_bytes(message)
    ended = suar("export", "--file", "message.json", "--as", "csv")
    assert (ended.code, ended.out.encode()) == (0, convert(message, "csv"))
    assert "the file is not signed, so nothing shows who published it" in ended.err
    assert "there is no folder suar-state" in suar("export", ID, "--as", "csv").err
    (tmp_path / "message.json").write_bytes(b'{"kind": "alert"}')
    assert "is no message as it was signed" in suar("export", "--file", "message.json", "--as", "csv").err
    assert suar("export", "--as", "csv").code == 64


# -- the commands' own words


def test_a_table_is_published_by_the_gateway(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(as_csv([row(), row(Year="2019"), row(Iso3_code="KHM", Country="Cambodia")]))
    ended = suar(*IMPORT, "--publish", "--json")
    shape = json.loads(ended.out)
    assert ended.code == 0
    assert [each["verdict"] for each in shape["published"]] == ["published"]
    assert (shape["rows"], shape["imported"], shape["of_other_members"]) == (3, 2, 1)
    ((data, realm, _),) = gateway.published
    message = json.loads(data)
    assert (realm, message["issuer"]["member"], len(message["obs"])) == ("actual", "TH", 2)


def test_the_same_table_twice_on_a_day_is_published_once(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    """The gateway knows a message by its bytes, which are the same all day."""
    (tmp_path / "table.csv").write_bytes(as_csv([row(), row(Year="2019")]))
    command = [*IMPORT, "--publish", "--json"]
    answers = [
        json.loads(suar(*with_options(command, "--now", f"2027-01-15T{time}Z")).out)["published"]
        for time in ("00:00:00", "08:00:01", "23:59:59")
    ]
    assert [each["repeated"] for (each,) in answers] == [False, True, True]
    assert len({each["id"] for (each,) in answers}) == len(gateway.published) == 1
    (tmp_path / "table.csv").write_bytes(as_csv([row(Year="2017", txtVALUE="77")]))
    (other,) = json.loads(suar(*with_options(command, "--now", "2027-01-15T12:00:00Z")).out)["published"]
    assert (other["repeated"], len(gateway.published)) == (False, 2)


def test_a_refusal_prints_each_reason(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    """With its code, path and hint; nothing is shown as if it would leave. --json has them all."""
    (tmp_path / "table.csv").write_bytes(as_csv(by_sex(40, 50, 90)))
    assert suar(*IMPORT, "--publish").code == 0
    (tmp_path / "table.csv").write_bytes(as_csv(by_sex(40, 50, 70)))
    (published,) = json.loads(suar(*IMPORT, "--publish", "--json").out)["published"]
    codes = ["E-PRIVACY-TABLE", "E-PRIVACY-SUM", "E-PRIVACY-REVISION"]
    assert [reason["code"] for reason in published["reasons"]] == codes
    ended = suar(*IMPORT, "--publish")
    assert ended.code == 1
    for reason, path in zip(published["reasons"], ("$.obs", *["2018, Detection: Thailand, Total"] * 2), strict=True):
        assert f"\n  {path}: {reason['message']} ({reason['code']})" in ended.err
        assert f"hint: {reason['hint']}" in ended.err
    assert "look at: 2018, Sex: Female; 2018, Sex: Male" in ended.err
    assert "The table as it would be sent" not in ended.out
    assert [
        line.split()[-1] for line in ended.out.splitlines() if line.strip().startswith("TH-detected-victims-sex  ")
    ] == ["refuse"]


def test_an_alert_that_is_not_valid_prints_each_reason(suar: Suar) -> None:
    traps = Path(__file__).with_name("traps.xml")
    options = ["--event", "x", "--desk", "TH-CONTACT-2027-000001", "--to", "KH", "--body", "Desk", "--sector", "y"]
    ended = suar("import", "cap", str(traps), "--drop", *options, "--publish")
    assert ended.code == 1
    reasons = [line for line in ended.err.splitlines() if line.startswith("  $.")]
    assert len(reasons) > 1
    assert all(line.endswith(")") and "(E-MESSAGE-" in line for line in reasons)
    assert ended.err.count("    hint: ") == len(reasons)


def test_an_alert_is_published_by_the_gateway(suar: Suar, gateway: FakeGateway) -> None:
    traps = Path(__file__).with_name("traps.xml")
    enough = ["--event", "online-lure", "--desk", "TH-CONTACT-2027-000001", "--to", "KH,VN", "--body", "Desk"]
    enough += ["--sector", "law-enforcement", *NOW]
    ended = suar("import", "cap", str(traps), "--drop", *enough, "--publish")
    assert (ended.code, ended.out) == (0, "TH-ALERT-2027-000002\n"), ended.err
    assert json.loads(gateway.published[0][0])["audience"] == {"members": ["KH", "VN"]}


def test_a_preview_shows_the_table_as_it_would_leave(suar: Suar, tmp_path: Path) -> None:
    cells = {
        ("Female", "0 to 17 years"): "7", ("Female", "18 years or over"): "93", ("Female", "Total"): "100",
        ("Male", "0 to 17 years"): "60", ("Male", "18 years or over"): "80", ("Male", "Total"): "140",
        ("Total", "0 to 17 years"): "67", ("Total", "18 years or over"): "173", ("Total", "Total"): "240",
    }  # fmt: skip
    rows = [row(Sex=sex, Age=age, txtVALUE=value) for (sex, age), value in cells.items()]
    (tmp_path / "table.csv").write_bytes(as_csv(rows))
    ended = suar("import", "trend", "table.csv", "--map", "glotip", "--show", "TH-detected-victims-sex-age")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert (
        lines[0] == "table.csv: 9 rows; 9 imported, 0 left out by the map, 0 kept at home by the gate, 0 to be mended"
    )
    girls = [line.split() for line in lines if line.startswith("Female ")]
    assert [line[1] for line in girls] == ["7", "S"]  # as handed in, and as it would leave at k = 10
    assert sum(" s" in line for line in lines) >= 2  # and what tells it
    text = " ".join(ended.out.split())  # each that protects another has the sum in which it does
    protecting = ("Sex: Female, Age: 18 years or over", "Sex: Male, Age: 0 to 17 years")
    assert any(f"{each}: in the sum" in text for each in protecting)
    assert "A coarser table hides less:" in lines
    assert lines[lines.index("Would be accepted") + 1] == "Only checked: nothing was published."
    assert lines[-1].endswith("; nothing was published")
    own = suar("import", "trend", "table.csv", "--map", "glotip", "--lang", "th").out
    assert "เพศ: หญิง" in own
    assert "$.obs" not in own
    shape = json.loads(suar("import", "trend", "table.csv", "--map", "glotip", "--json").out)
    (preview,) = shape["messages"]
    assert (preview["cells"], preview["primary"], preview["given"], preview["verdict"]) == (9, 1, 0, "pass")
    assert preview["complementary"] >= 2
    assert [each["why"] for each in preview["table"]["hidden"]].count("small") == 1
    assert preview["table"]["coarser"] == []  # what is not asked for is not looked for
    command = ["import", "trend", "table.csv", "--map", "glotip", "--show", "all", "--json"]
    assert json.loads(suar(*command).out)["messages"][0]["table"]["coarser"][0]["hidden"] == 0
    other = json.loads(suar("import", "trend", "table.csv", "--map", "glotip", "--show", "none", "--json").out)
    assert "table" not in other["messages"][0]


def test_a_long_import_reports_how_many_tables_were_checked(
    suar: Suar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "table.csv").write_bytes(as_csv([row(), row(Iso3_code="KHM", Country="Cambodia")]))
    command = ["import", "trend", "table.csv", "--map", "glotip"]
    assert "tables checked" not in suar(*command).err
    monkeypatch.setattr("suar.cli.exchange.import_trend.SLOW", -1.0)  # every table takes longer than that
    ended = suar(*command)
    lines = [line for line in ended.err.splitlines() if line.endswith("tables checked")]
    assert lines == ["1 of 2 tables checked", "2 of 2 tables checked"]
    assert "tables checked" not in ended.out


def test_a_preview_is_the_gateways_verdict_where_one_runs(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    """It knows what was released before: what it refuses is not shown as accepted, and not written."""
    (tmp_path / "table.csv").write_bytes(as_csv(by_sex(40, 50, 90)))
    assert suar(*IMPORT, "--publish").code == 0
    command = [*IMPORT, "-o", "drafts"]
    (tmp_path / "table.csv").write_bytes(as_csv([row(Year="2019", Indicator="Persons convicted")]))
    passed = suar(*command)
    assert (passed.code, "The table as it would be sent" in passed.out) == (0, True)
    assert "the verdicts of the gateway, which knows what was released before; nothing was published" in passed.out
    (tmp_path / "drafts/TH-convicted.json").unlink()
    (tmp_path / "table.csv").write_bytes(as_csv(by_sex(40, 50, 70)))
    ended = suar(*command)
    assert ended.code == 1
    assert "and those released before, cannot all be right, so what it gives away cannot be told (E-PRIVACY-TABLE)" in (
        " ".join(ended.out.split())
    )
    assert "The table as it would be sent" not in ended.out
    assert not list((tmp_path / "drafts").iterdir())
    shape = json.loads(suar(*command, "--json").out)
    assert (shape["imported"], shape["messages"][0]["verdict"]) == (0, "refuse")
    assert (shape["rows"], shape["refused"], shape["of_other_members"]) == (3, 3, 0)
    assert "table.csv: 3 rows; 0 imported" in ended.out
    assert "3 in tables that are refused" in ended.out
    assert "the table is refused: no cell leaves" in ended.out.splitlines()
    assert "of other members" not in ended.out
    assert "of 0 cells" not in ended.out
    assert shape["asked"] == [shape["messages"][0]["name"]]


def test_a_refused_table_of_an_import_names_a_coarser_one(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    """Where the gateway refuses it, checked or published; the grids of several tables are not printed."""
    (tmp_path / "table.csv").write_bytes(as_csv(by_sex(31, 50, 79)))
    assert suar(*IMPORT, "--publish").code == 0
    table = [*by_sex(29, 50, 79), row(Indicator="Persons convicted", Year="2019")]
    (tmp_path / "table.csv").write_bytes(as_csv(table))
    line = "TH-detected-victims-sex  without the dimension Sex: it can leave, 0 of 1 figures hidden"
    for more in ((), ("--publish",)):
        ended = suar(*IMPORT, *more)
        assert ended.code == 1
        assert line in ended.out
        refused = json.loads(suar(*IMPORT, *more, "--json").out)["messages"][1]
        assert (refused["name"], refused["table"]["coarser"][0]["hidden"]) == ("TH-detected-victims-sex", 0)


def test_a_refused_table_of_a_preview_names_a_coarser_one(
    suar: Suar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unprotectable((Reason("E-PRIVACY-TABLE", None, "$.obs", "the whole table", "coarsen it"),))

    monkeypatch.setattr(preview, "protect", refuse)
    cells = [row(Sex=sex, txtVALUE=value) for sex, value in (("Female", "47"), ("Male", "54"), ("Total", "101"))]
    (tmp_path / "table.csv").write_bytes(as_csv([*cells, row(Indicator="Persons convicted", Year="2019")]))
    command = ["import", "trend", "table.csv", "--map", "glotip", "--member", "TH"]
    output = suar(*command).out
    assert "a coarser table that hides less" in output
    assert "without the dimension Sex: it can leave, 0 of 1 figures hidden" in output
    monkeypatch.setattr(preview, "REFUSED_MAX", 0)
    assert "a coarser table that hides less" not in suar(*command).out


def test_a_table_that_is_published_is_shown_as_accepted(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(as_csv([row()]))
    ended = suar(*IMPORT, "--publish")
    assert (ended.code, len(gateway.published)) == (0, 1)
    assert "Accepted" in ended.out.splitlines()
    assert "nothing was published" not in ended.out


def test_a_table_of_another_member_keeps_its_preview(
    suar: Suar, gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = gateway.check
    calls: list[bytes] = []

    async def counted(data: bytes, **named: Any) -> dict[str, Any]:
        calls.append(data)
        return await check(data, **named)

    monkeypatch.setattr(gateway, "check", counted)
    of_another = {"Iso3_code": "KHM", "Country": "Cambodia"}
    (tmp_path / "table.csv").write_bytes(
        as_csv([row(**of_another), row(**of_another, Indicator="Persons convicted", Year="2019")])
    )
    ended = suar("import", "trend", "table.csv", "--map", "glotip", *NOW)
    assert ended.code == 0
    assert "a preview, without the gateway" in ended.out
    assert len(calls) == 1, "the gateway is asked once about a member that is not its own"


def test_the_gateway_checks_a_bounded_number_of_tables_of_an_import(
    suar: Suar, gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_verdict, "CHECKED_MAX", 1)
    (tmp_path / "table.csv").write_bytes(as_csv([row(), row(Indicator="Persons convicted", Year="2019")]))
    ended = suar(*IMPORT)
    assert ended.code == 0
    assert "a preview, but 1 of 2 verdicts of the gateway" in ended.out


def test_without_a_gateway_a_preview_says_so(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(as_csv([row()]))
    assert "without the gateway" in suar("import", "trend", "table.csv", "--map", "glotip").out


def test_a_total_that_differs_is_stated_before_anything_is_hidden(suar: Suar, tmp_path: Path) -> None:
    cells = {("Female", "Total"): "109", ("Male", "Total"): "140", ("Total", "Total"): "240"}
    rows = [row(Sex=sex, Age=age, txtVALUE=value) for (sex, age), value in cells.items()]
    (tmp_path / "table.csv").write_bytes(as_csv(rows))
    output = suar("import", "trend", "table.csv", "--map", "glotip").out
    warning, grid = output.index("the total differs from its parts by 9"), output.index("The table as it was handed in")
    assert warning < grid
    (message,) = json.loads(suar("import", "trend", "table.csv", "--map", "glotip", "--json").out)["messages"]
    assert [(reason["code"], reason["path"][:6]) for reason in message["reasons"]] == [("E-PRIVACY-SUM", "$.obs[")]


def test_a_column_of_one_fault_is_one_reason(suar: Suar, tmp_path: Path) -> None:
    years = ("2025", *["2601"] * 10)
    (tmp_path / "table.csv").write_bytes(as_csv([row(Year=year) for year in years]))
    ended = suar("import", "trend", "table.csv", "--map", "glotip", "--skip-faulty")
    assert ended.out.count("column Year (J): '2601' is the year 2601") == 1
    assert "rows 3, 4, 5, 6, 7, 8, 9, 10 and 2 more, column Year (J)" in ended.out
    assert ended.out.count("the Buddhist year 2601 is 2058") == 1


def _without_dims(good: str) -> str:
    """The map of one table by sex, whose part forgets to name it: women, men and their total would be added up."""
    head, _, _ = good.partition("[split]")
    return head + '[dims.sex]\ncolumn = "Sex"\ncodes = { Female = "female" }\n[part]\nplace = { role = "detection" }\n'


def test_maps_with_a_fault(suar: Suar, tmp_path: Path) -> None:
    good = (schemas_dir() / "maps/glotip.toml").read_text()
    (tmp_path / "table.csv").write_bytes(as_csv([row()]))
    for text, expected in [
        (good + "\n[extra]\n", "unknown field `extra`"),
        (good.replace('column = "Year"', ""), "period has either column or fixed"),
        (
            good.replace("valid_days = 1826", 'valid_days = "long"'),
            "valid_days: expected `int`, got `str`",
        ),
        (good.replace('encoding = "utf-8"', 'encoding = "ebcdic"'), "layout.encoding is one of"),
        (good.replace('tlp = "GREEN"', 'tlp = "GREEN"\nobs = []'), "message.obs is written by the import"),
        (good + '\n[dims.transport]\ncolumn = "Sex"\n', "dims.transport is among the dims of no part"),
        (good + '\n[part]\ndims = ["sex"]\n', "part is for the only table of a file"),
        (_without_dims(good), "dims.sex is among the dims of no part"),
        ('title = "t"\n[part.place]\ncountry = "TH"\n', '{fixed = "TH"} for every row, or {column = "..."}'),
        (_without_dims(good), 'write dims = ["sex"] under [part]'),
        ("[", "is not valid TOML"),
    ]:
        (tmp_path / "map.toml").write_text(text)
        ended = suar("import", "trend", "table.csv", "--map", "map.toml")
        assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
        assert expected in ended.err
    (tmp_path / "map.toml").write_text(good.replace('tlp = "GREEN"', 'tlp = "PINK"'))
    ended = suar("import", "trend", "table.csv", "--map", "map.toml")
    assert ended.code == 1
    assert "$.tlp: 'PINK' is no code of its list" in ended.out
    assert "one that is shipped: glotip" in suar("import", "trend", "table.csv", "--map", "nowhere").err
