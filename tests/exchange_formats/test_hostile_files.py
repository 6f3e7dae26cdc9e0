"""A file of each format with personal data in every place that the format has: each place is told, none gets through.

In the files the addresses p01@person.example, p02@... are each in a place of their own; nobody has them.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_formats.hostile_book import FILE as HOSTILE_BOOK
from exchange_formats.hostile_book import HEADER_ROW, made
from exchange_formats.synthetic import as_csv, row
from suar.exchange.files.personal import Budget
from suar.exchange.files.xlsx_other_contents import other_contents
from suar.exchange.files.xml_file import read_xml
from suar.exchange.incoming.cap_in import CapAlert, read_cap
from suar.exchange.incoming.stix_in import read_stix
from suar.protocol.base.errors import Fault
from suar.published import schemas_dir
from support.commands import Suar, with_options

DATA = Path(__file__).parents[1] / "data"
HOSTILE_CAP = DATA / "hostile-cap.xml"
HOSTILE_STIX = DATA / "hostile-stix.json"
HOSTILE_CSV = DATA / "hostile-table.csv"
ENOUGH = (
    "--event", "online-lure", "--desk", "TH-CONTACT-2027-000001", "--to", "all", "--body", "National desk", "--sector",
    "law-enforcement",
)  # fmt: skip
PLANTED = re.compile(r"p[0-9]{2}(?=@person|\.jpg|\b)")


def planted(text: str) -> list[str]:
    return sorted(set(PLANTED.findall(text)))


def not_used(shape: dict[str, Any]) -> dict[str, list[str]]:
    """What is planted to the kinds that are told of its place."""
    return {word: each["personal"] for each in shape["not_used"] for word in planted(each["words"])}


# -- CAP


def test_every_element_of_a_cap_file_is_reported(suar: Suar) -> None:
    ended = suar("import", "cap", str(HOSTILE_CAP), "--drop", *ENOUGH, "--json")
    shape = json.loads(ended.out)
    listed = not_used(shape)
    assert list(listed) != []
    assert sorted(listed) == planted(HOSTILE_CAP.read_text()) == [f"p{n:02d}" for n in range(1, 46)]
    assert {word: kinds for word, kinds in listed.items() if not kinds} == {}
    assert planted(json.dumps(shape["message"])) == []


def test_nothing_is_reported_into_the_draft(suar: Suar) -> None:
    ended = suar("import", "cap", str(HOSTILE_CAP), "--drop", *ENOUGH)
    draft = json.loads(ended.out)
    texts = {text["lang"]: text["title"] for text in draft["text"]}
    assert texts["en"] == "Girls promised restaurant work taken over the river"
    assert texts["vi"] == "Tuyển người làm nhà hàng qua sông"
    for words in ("person.example", "PERSON", "Person", "Contoh", "081", "５６７８", "๘๑"):
        assert words not in ended.out
    assert set(planted(ended.err)) == {f"p{n:02d}" for n in range(1, 46)}  # on the terminal of who imports


CAP_PATHS = {
    "/alert/@seen-by": "mail address",
    "/alert/comment()[1]": "mail address",
    "/comment()[1]": "mail address",
    "/comment()[2]": "mail address",
    "/processing-instruction()[1]": "mail address",
    "/alert/info[1]/{urn:x:p03@person.example}victim[1]": "name of a person",
    "/alert/info[1]/headline[1]/{urn:x:p03@person.example}b[1]": "mail address",
    "/alert/info[1]/headline[2]": "mail address",
    "/alert/info[1]/parameter[2]/value[1]": "name of a person",
    "/alert/info[2]/headline[1]": "mail address",
    "/alert/info[3]/description[1]": "telephone",
    "/alert/info[1]/description[1]": "telephone number",
    "/alert/info[1]/instruction[1]": "telephone number",
}


@pytest.mark.parametrize("at", CAP_PATHS)
def test_an_element_that_was_skipped(at: str) -> None:
    assert CAP_PATHS[at] in {item.sort for item in read_cap(HOSTILE_CAP.read_bytes()).refused if item.at == at}


HEAD = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2" xmlns:x="urn:x"><identifier>a</identifier><sender>b</sender>'
    "<sent>2027-01-15T08:00:00+07:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
)


def cap(*infos: str, more: str = "") -> CapAlert:
    levels = "<urgency>Future</urgency><severity>Minor</severity><certainty>Possible</certainty>"
    each = "".join(f"<info><event>Smuggling</event>{levels}{info}</info>" for info in infos)
    return read_cap(f"{HEAD}{more}{each}</alert>".encode())


OF_BOTH = "<headline>A new route</headline><description>By boat at night.</description>"


def test_a_headline_of_another_namespace_is_no_title() -> None:
    found = cap("<x:headline>Theirs</x:headline>" + OF_BOTH)
    assert found.texts == {"en": ("A new route", "By boat at night.")}
    assert ("/alert/info[1]/{urn:x}headline[1]", "Theirs") in {(each.at, each.words) for each in found.left}


@pytest.mark.parametrize("name", ["status", "msgType", "info", "addresses"])
def test_no_element_of_another_namespace_counts(name: str) -> None:
    found = cap(OF_BOTH, more=f"<x:{name}>Theirs</x:{name}>")
    assert (found.status, found.msg_type, list(found.texts), found.members) == ("Actual", "Alert", ["en"], [])
    assert f"/alert/{{urn:x}}{name}[1]" in found.unused


@pytest.mark.parametrize(
    ("words", "sort"),
    [
        ("Call ０８１ ２３４ ５６７８", "telephone number"),
        ("Call 0\u200b8\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7\u200b8", "telephone"),
        ("Call 081\n234\n5678", "telephone number"),
        ("VICT\u00adIM: TESTA PERSON", "name of a person"),
        ("ＶＩＣＴＩＭ： TESTA PERSON", "name of a person"),
        ("DOB ๐๓/๑๗/๒๐๑๔", "birth date"),
        (f"{'far ' * 300} Nurul binti Contoh", "name of a person"),
        (f"{' ' * 3000}Nurul binti Contoh", "name of a person"),
    ],
)
def test_texts_are_normalised_before_they_are_looked_at(words: str, sort: str) -> None:
    found = cap(f"<headline>A new route</headline><description>{words}</description>")
    assert sort in {item.sort for item in found.refused if item.at == "/alert/info[1]/description[1]"}
    assert found.texts["en"] == ("A new route", "")


def test_a_second_info_of_a_language_is_screened_and_reported() -> None:
    found = cap(OF_BOTH, "<headline>Nurul binti Contoh</headline><description>Another boat.</description>")
    assert {item.at for item in found.refused} == {"/alert/info[2]/headline[1]"}
    assert "/alert/info[2]/description[1]" in found.unused
    assert found.texts == {"en": ("A new route", "By boat at night.")}


def test_what_is_personal_only_together() -> None:
    texts = "<description>Her number is 081</description><instruction>234 5678, day and night.</instruction>"
    found = cap(f"<headline>A new route</headline>{texts}")
    assert {item.at for item in found.refused} >= {"/alert/info[1]/description[1]", "/alert/info[1]/instruction[1]"}
    assert found.texts["en"] == ("A new route", "")


def test_every_language_is_shown(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "alert.xml").write_bytes(HOSTILE_CAP.read_bytes())
    ended = suar("import", "cap", "alert.xml", "--drop", *ENOUGH)
    shown = [line for line in ended.err.splitlines() if line.startswith("text in ")]
    assert shown == [
        "text in en  Girls promised restaurant work taken over the river",
        "text in vi  Tuyển người làm nhà hàng qua sông",
    ]
    assert "dropped  the text in th: no title and summary of it may pass" in ended.err.splitlines()


def test_the_draft_is_marked_and_waits_for_a_second_person(suar: Suar, tmp_path: Path) -> None:
    ended = suar("import", "cap", str(HOSTILE_CAP), "--drop", *ENOUGH, "-o", "draft.json")
    assert json.loads((tmp_path / "draft.json").read_bytes())["imported"] == "cap"
    assert "imported  from CAP: a second person has to release it: `suar held`, then `suar release ID`" in ended.err
    checked = suar("check-message", "draft.json", "--json")
    shape = json.loads(checked.out)
    assert (shape["verdict"], shape["reasons"][0]["code"]) == ("hold", "E-SECOND-PERSON")
    assert "imported" not in shape["message"]


def test_more_text_than_is_looked_through_is_stated_to_be_unseen() -> None:
    codes = "".join(f"<code>{10**11 + n}</code>" for n in range(4_000))
    found = cap(OF_BOTH, more=codes)
    assert "not looked through" in {item.sort for item in found.refused}


def test_comments_count_among_the_elements() -> None:
    with pytest.raises(Fault, match="too many elements"):
        read_xml(f"<alert>{'<!--x-->' * 6_000}</alert>".encode())


# -- tables


@pytest.fixture
def table_map(tmp_path: Path) -> str:
    """UNODC's map for a table with two rows before its header."""
    text = (schemas_dir() / "maps/glotip.toml").read_text()
    path = tmp_path / "map.toml"
    path.write_text(text.replace("header_row = 1", f"header_row = {HEADER_ROW}"))
    return str(path)


def imported(suar: Suar, file: Path, table_map: str, *more: str) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(
        suar("import", "trend", str(file), "--map", table_map, "--skip-faulty", "--json", *more).out
    )
    return shape


def of_places(shape: dict[str, Any]) -> dict[str, list[str]]:
    return {each["path"]: each["personal"] for each in shape["not_used"]}


def test_every_part_of_a_csv_file_is_reported(suar: Suar, table_map: str, tmp_path: Path) -> None:
    shape = imported(suar, HOSTILE_CSV, table_map, "-o", str(tmp_path / "drafts"))
    listed = of_places(shape)
    notes = "column Notes p02@person.example (N)"
    assert listed["row 1, column A"] == []
    assert listed["row 2, column A"] == []
    assert listed["row 1, column B"] == ["mail address"]
    assert listed["row 3, column Notes p02@person.example (N)"] == ["mail address"]
    assert listed["row 4, column Source (M)"] == ["mail address"]
    assert listed[f"row 4, {notes}"] == ["telephone number"]
    assert listed["row 5, column Source (M)"] == ["name of a person"]
    assert listed[f"row 5, {notes}"] == ["number of a document"]
    assert listed["row 6, column Category (G)"] == ["mail address"]
    assert listed[f"row 6, {notes}"] == ["age of a person"]
    assert listed["row 7, column Region (C)"] == ["birth date"]
    assert listed[f"row 7, {notes}"] == ["telephone"]
    assert listed["row 7, column O"] == ["mail address"]
    assert listed["column Country (B)"] == []
    assert "telephone" in listed[notes]
    drafts = [path.read_text() for path in (tmp_path / "drafts").iterdir()]
    assert drafts != []
    assert [draft for draft in drafts if "person.example" in draft or "Contoh" in draft] == []


def test_every_part_of_a_workbook_is_reported(suar: Suar, table_map: str, tmp_path: Path) -> None:
    shape = imported(suar, HOSTILE_BOOK, table_map, "-o", str(tmp_path / "drafts"))
    personal_items = [each for each in shape["not_used"] if each["personal"]]
    words = {word for each in personal_items for word in planted(each["path"] + each["words"])}
    assert words == {f"p{n:02d}" for n in range(1, 43)}
    drafts = [path.read_text() for path in (tmp_path / "drafts").iterdir()]
    assert drafts != []
    assert [draft for draft in drafts if planted(draft) or "Contoh" in draft] == []


@pytest.mark.parametrize(
    ("path", "personal"),
    [
        ("row 1, column B", ["mail address"]),
        ("row 5, column Source (M)", ["name of a person"]),
        ("sheet 'Data', row 5", []),
        ("sheet 'Data', columns M to M", []),
        ("sheet 'Data', cell B7", ["mail address"]),
        ("sheet 'Data', formula of A7", ["mail address"]),
        ("sheet 'Data', oddHeader[1]", ["mail address"]),
        ("sheet 'p19@person.example' (hidden), its name", ["mail address"]),
        ("sheet 'p19@person.example' (hidden), cell B1", ["mail address"]),
        ("sheet 'Notes' (veryHidden), cell B2", ["mail address"]),
        ("part docProps/core.xml, creator[1]", ["mail address"]),
        ("part docProps/core.xml, description[1]", ["age of a person"]),
        ("part xl/comments1.xml, t[1] (L4)", ["mail address"]),
        ("part xl/workbook.xml, definedName[1] (contact)", ["mail address"]),
        ("part xl/sharedStrings.xml, text 2", ["mail address"]),
        ("part xl/printerSettings/printerSettings1.bin", ["not looked through"]),
        ("part xl/laughs.xml", ["not looked through"]),
        ("the file, its own comment", ["mail address"]),
    ],
)
def test_a_part_of_a_workbook(suar: Suar, table_map: str, path: str, personal: list[str]) -> None:
    assert of_places(imported(suar, HOSTILE_BOOK, table_map))[path] == personal


def test_the_fonts_of_a_theme_are_no_persons(tmp_path: Path) -> None:
    """Nearly every workbook has these; another text there is looked at like any other."""
    fonts = "".join(
        f'<a:font script="Jpan" typeface="{name}"/>'
        for name in ("ＭＳ Ｐゴシック", "ＭＳ Ｐ明朝", "p01@person.example")
    )
    theme = f'<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{fonts}</a:theme>'
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("xl/theme/theme1.xml", theme)
    found = other_contents(tmp_path / "book.xlsx", "", set(), Budget(10**6, 10**4))
    assert [planted(each.words) for each in found if each.personal] == [["p01"]]


def test_the_workbook_is_what_its_parts_say() -> None:
    """`python -m exchange_formats.hostile_book` writes it anew; compared are the parts: zlib may fold otherwise."""
    with zipfile.ZipFile(HOSTILE_BOOK) as kept, zipfile.ZipFile(io.BytesIO(made())) as generated:
        assert kept.namelist() == generated.namelist()
        assert {name: kept.read(name) for name in kept.namelist()} == {
            name: generated.read(name) for name in kept.namelist()
        }
        assert kept.comment == generated.comment


def test_what_is_not_used_is_printed_with_what_is_personal_first(suar: Suar, table_map: str) -> None:
    lines = suar("import", "trend", str(HOSTILE_CSV), "--map", table_map, "--skip-faulty").out.splitlines()
    start = lines.index("not used")
    printed = lines[start + 1 : lines.index("", start)]
    assert "  row 4, column Source (M): p03@person.example (personal: mail address)" in printed
    personal = [" (personal: " in line for line in printed]
    assert personal == sorted(personal, reverse=True)
    assert False in personal


def test_a_table_without_anything_beside_it_says_so(suar: Suar, tmp_path: Path) -> None:
    """Columns that no map reads are told with what stands in them; nothing personal is seen in a clean table."""
    (tmp_path / "table.csv").write_bytes(as_csv([row(), row(Year="2019")]))
    shape = json.loads(suar("import", "trend", "table.csv", "--map", "glotip", "--json").out)
    assert [(each["path"], each["personal"]) for each in shape["not_used"]] == [
        ("column Country (B)", []), ("column Region (C)", []), ("column Subregion (D)", []), ("column Source (M)", []),
    ]  # fmt: skip


def test_counts_and_years_are_no_telephones(suar: Suar, tmp_path: Path) -> None:
    rows = [row(Year=str(year), txtVALUE=f"{year * 59:,}") for year in range(1960, 2020)]
    (tmp_path / "table.csv").write_bytes(as_csv(rows))
    shape = json.loads(suar("import", "trend", "table.csv", "--map", "glotip", "--json").out)
    assert [each for each in shape["not_used"] if each["personal"]] == []


@pytest.mark.parametrize("suffix", ["xls", "xlsm", "xlsb", "ods", "ODS"])
def test_workbooks_of_other_kinds_are_refused(suar: Suar, tmp_path: Path, suffix: str) -> None:
    """Not read as the CSV file that they are not, and not read by a reader whose other places nobody looks at."""
    (tmp_path / f"table.{suffix}").write_bytes(as_csv([row()]))
    ended = suar("import", "trend", f"table.{suffix}", "--map", "glotip")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "is a workbook of a kind that is not read here" in ended.err


# -- STIX

STIX_TOO = ("--tlp", "RED", "--to", "KH,LA")


def test_every_part_of_a_bundle_is_reported(suar: Suar) -> None:
    options = with_options(ENOUGH, *STIX_TOO)
    shape = json.loads(suar("import", "stix", str(HOSTILE_STIX), "--drop", *options, "--json").out)
    personal_items = [each for each in shape["not_used"] if each["personal"]]
    words = {word for each in personal_items for word in planted(each["path"] + each["words"])}
    assert words == {f"p{n:02d}" for n in range(1, 44)}
    assert planted(json.dumps(shape["message"])) == []
    assert {each["path"]: each["personal"] for each in shape["not_used"]}["$.objects[0].x_telephone"] != []


def test_what_is_left_of_a_bundle(suar: Suar) -> None:
    ended = suar("import", "stix", str(HOSTILE_STIX), "--drop", *with_options(ENOUGH, *STIX_TOO))
    draft = json.loads(ended.out)
    assert draft["imported"] == "stix"
    assert {text["lang"]: text["title"] for text in draft["text"]} == {
        "en": "Girls promised restaurant work taken over the river", "vi": "Tuyển người làm nhà hàng qua sông",
    }  # fmt: skip
    assert draft["places"] == [{"role": "detection", "country": "TH", "admin1": "TH-57"}]
    assert (draft["urgency"], draft["severity"], draft["certainty"]) == ("expected", "severe", "likely")
    for words in ("person.example", "PERSON", "Person", "Contoh", "081", "๘๑", "19.91"):
        assert words not in ended.out
    assert "imported  from STIX: a second person has to release it" in ended.err


@pytest.mark.parametrize(
    ("at", "sort"),
    [
        ("$.objects[0].x_victim", "name of a person"),
        ("$.objects[0].description", "telephone number"),
        ("$.objects[1].content", "name of a person"),
        ("$.objects[1].authors[0]", "authors"),
        ("$.objects[3].name", "identity of a person"),
        ("$.objects[4].contents.th.description", "telephone"),
        ("$.objects[5].latitude", "latitude"),
        ("$.objects[10]", "email-addr"),
        ("$.objects[13]", "x-case-file"),
    ],
)
def test_a_part_of_a_bundle(at: str, sort: str) -> None:
    assert sort in {item.sort for item in read_stix(HOSTILE_STIX.read_bytes()).refused if item.at == at}


def test_a_bundle_is_refused_item_by_item(suar: Suar) -> None:
    ended = suar("import", "stix", str(HOSTILE_STIX), *with_options(ENOUGH, *STIX_TOO))
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert len(ended.out.splitlines()) == len(read_stix(HOSTILE_STIX.read_bytes()).refused)


def test_an_alert_is_never_less_than_its_bundle(suar: Suar) -> None:
    ended = suar("import", "stix", str(HOSTILE_STIX), "--drop", *ENOUGH)
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "the file is TLP:RED, and the alert would be TLP:AMBER" in ended.err


def test_an_export_of_ours_comes_back() -> None:
    from suar.exchange.incoming.cap_alert import as_alert, read_defaults
    from suar.exchange.outgoing.formats import convert

    ours = json.loads((schemas_dir() / "examples/valid/alert-new-route.json").read_bytes())
    found = read_stix(convert(json.dumps(ours).encode(), "stix"))
    assert found.refused == []
    options = {
        "body": "Desk", "sector": "law-enforcement", "desk": ours["desk"], "audience": {"members": "all"},
        "tlp": ours["tlp"],
    }  # fmt: skip
    back = as_alert(found, read_defaults(None, options), 1_800_000_000_000)
    kept = ("event", "urgency", "severity", "certainty", "tlp", "status", "action")
    assert {name: back[name] for name in kept} == {name: ours[name] for name in kept}
    assert back["text"] == [{key: text[key] for key in ("lang", "title", "summary")} for text in ours["text"]]
    assert [each["action"] for each in back["request"]] == [each["action"] for each in ours["request"]]
    assert {each["country"] for each in back["places"]} == {each["country"] for each in ours["places"]}


DEEP = b'{"type":"bundle","objects":[{"type":"incident","id":"i","name":"n","x":'


PERSONAL = "call 0812345613 or p77@person.example"


@pytest.mark.parametrize(
    "planting",
    [
        lambda incident, content: incident.update(lang=PERSONAL),
        lambda incident, content: incident.update(labels=[f"urgency:{PERSONAL}"]),
        lambda incident, content: incident.update(labels=[f"request:{PERSONAL}", "event:new-route"]),
        lambda incident, content: content["contents"].update({PERSONAL: {"name": "Name", "description": "Text"}}),
    ],
    ids=["language", "level", "request", "language of contents"],
)
def test_what_is_dropped_from_a_bundle_is_not_in_the_draft(
    suar: Suar, tmp_path: Path, planting: Callable[[dict[str, Any], dict[str, Any]], None]
) -> None:
    incident = {
        "type": "incident", "spec_version": "2.1", "id": "incident--11111111-1111-4111-8111-111111111111",
        "name": "Lorry hire", "description": "Lorries wait at night.", "labels": ["event:new-route"],
    }  # fmt: skip
    content: dict[str, Any] = {
        "type": "language-content", "spec_version": "2.1", "object_ref": incident["id"],
        "id": "language-content--22222222-2222-4222-8222-222222222222", "contents": {},
    }  # fmt: skip
    planting(incident, content)
    path = tmp_path / "it.json"
    path.write_text(json.dumps({"type": "bundle", "objects": [incident, content]}))
    levels = ("--urgency", "expected", "--severity", "severe", "--certainty", "likely")
    ended = suar("import", "stix", str(path), "--drop", *with_options(ENOUGH, *STIX_TOO), *levels, "--json")
    shape = json.loads(ended.out)
    assert any("0812345613" in json.dumps(each) for each in shape["not_used"])
    assert "0812345613" not in json.dumps(shape["message"])
    assert "p77" not in json.dumps(shape["message"])
    assert shape["message"]["text"][0]["title"] == "Lorry hire"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"type":"bundle","type":"bundle","objects":[]}', "a name stands twice"),
        (b'{"type":"bundle","objects":[NaN]}', "not a number of JSON"),
        (b'{"type":"bundle","objects":[{"x":"\\ud800"}]}', "not valid JSON"),
        (b'{"objects":[]}', "not a STIX 2.1 bundle"),
        (b'{"type":"bundle","objects":[3]}', "not a STIX 2.1 bundle"),
        (b'{"type":"bundle","objects":[]}', "has 0 incidents"),
        (b'{"type":"bundle","objects":[{"type":"incident"},{"type":"incident"}]}', "has 2 incidents"),
        (b'{"type":"bundle","objects":[{"type":"incident","id":3}]}', "requires id and name"),
        (DEEP + b"[" * 200 + b"]" * 200 + b"}]}", "nests deeper than 32"),
        (DEEP + b"[" + b"1," * 20_000 + b"1]}]}", "more than 10,000 values"),
        (b" " * (600 * 1024), "larger than 512 KiB"),
    ],
)
def test_a_bundle_that_is_none(data: bytes, expected: str) -> None:
    with pytest.raises(Fault, match=expected):
        read_stix(data)
