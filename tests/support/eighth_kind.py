"""A kind that the standard does not have, planted in a copy: its own module, its words, its examples and nothing else.

`plant` writes it. Run as a program in the copy, it uses the kind everywhere and prints what it found as JSON.
"""

import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

KIND = "handbook"
MODULE = '''\
"""Handbook: teaching material, and for whom it is."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.base.sentences import sentence
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import Dated, English, Found, Kind, Words, rule

if TYPE_CHECKING:
    Grade = str
else:
    Grade = lists.closed("Grade", "handbook-grade")


class Chapter(f.Shape, frozen=True, kw_only=True):
    """A chapter, and from which page on."""

    heading: f.Text120
    page: f.Count


class Handbook(Head, frozen=True, kw_only=True, tag="handbook"):
    """Teaching material, and for whom it is."""

    schema: Literal["handbook/1.0"]
    id: Annotated[str, f.id_of("handbook")]
    grade: Grade
    issued: f.Date
    spoken: f.Language
    remark: f.Text200
    chapters: Annotated[tuple[Chapter, ...], f.most(20)]
    site: f.Url | UnsetType = UNSET
    inbox: f.Email | UnsetType = UNSET


WORDS: Final[Words] = {
    "Handbook": {
        "grade": ("Grade", "for whom it is"),
        "issued": ("Issued on", "the day on which it was issued"),
        "spoken": ("Written in", "the language that it is written in"),
        "remark": ("Remark", "what to know before it is used"),
        "chapters": ("Chapters", "what it has"),
        "site": ("Site", "where it stands"),
        "inbox": ("Questions to", "who answers questions"),
    },
    "Chapter": {
        "heading": ("Heading", "what it is about"),
        "page": ("Page", "where it begins"),
    },
}


def _handbook(handbook: Handbook) -> English:
    return f"Handbook: {phrases.name('handbook-grade', handbook.grade)}", [f"Issued on {handbook.issued}."]


def _pages(handbook: Handbook) -> Found:
    pages = [chapter.page for chapter in handbook.chapters]
    if pages != sorted(pages):
        yield "$.chapters", sentence("the chapters are not in the order of their pages"), sentence("put them in order")


def _urgency(handbook: Handbook) -> str:
    return "expected"


KIND: Final = Kind(
    shape=Handbook,
    about="Teaching material, and for whom it is.",
    use="teach: give material to those who meet victims",
    readers="schools of police and nurses",
    words=WORDS,
    english=_handbook,
    rules=(rule("M-HANDBOOK-PAGES", "chapters", _pages, "chapters stand in the order of their pages"),),
    lifetime_days=730,
    dates=(Dated("issued", 0),),
    urgency=_urgency,
)
'''
HEAD = "code,label_en,since,deprecated_in,replaced_by,rollup_glotip,source\n"
GRADES = f"{HEAD}beginner,First lessons,1.0,,,,suar\nteacher,For those who teach,1.0,,,,suar\n"
EXAMPLE: dict[str, Any] = {
    "kind": KIND, "schema": "handbook/1.0", "id": "MY-HANDBOOK-2027-000001", "rev": 1, "action": "new",
    "status": "actual", "issuer": {"member": "MY", "body": "National school", "sector": "education"},
    "sent": "2027-05-04T01:00:00Z", "expires": "2028-05-04T01:00:00Z", "tlp": "GREEN", "audience": {"members": "all"},
    "text": [{"lang": "en", "title": "A first handbook", "summary": "For new inspectors."}],
    "source": {"type": "administrative-record", "reliability": "A", "credibility": 1},
    "related": [{"rel": "evidence-for", "id": "MY-HANDBOOK-2026-000007"}],
    "grade": "beginner", "issued": "2027-04-30", "spoken": "ms", "remark": "Not for the public.",
    "chapters": [{"heading": "Signs", "page": 1}, {"heading": "Interviews", "page": 1200}],
    "site": "https://example.org/handbook", "inbox": "school@example.org",
}  # fmt: skip
MALAY = "Buku panduan"


def plant(copy: Path) -> None:
    """Write what belongs to the kind alone."""
    (copy / f"gateway/suar/protocol/message/kind/{KIND}.py").write_text(MODULE, "utf-8")
    lists = copy / "schemas/codelists"
    with (lists / "kind.csv").open("a", encoding="utf-8") as file:
        file.write("handbook,Handbook,1.0,,,,suar\n")
    (lists / "handbook-grade.csv").write_text(GRADES, "utf-8")
    valid = copy / "schemas/examples/valid"
    for name, status in (("handbook-first", "actual"), ("handbook-exercise", "exercise")):
        text = json.dumps(EXAMPLE | {"status": status}, indent=1, ensure_ascii=False)
        (valid / f"{name}.json").write_text(text + "\n", "utf-8")


def words(copy: Path) -> None:
    """Bring the catalogues up to date, and translate one word of the kind into Malay."""
    from suar.languages.extract import main

    main([])
    path = copy / "gateway/suar/languages/catalogues/ms.po"
    text = path.read_text("utf-8")
    entry = 'msgctxt "kind/handbook"\nmsgid "Handbook"\nmsgstr ""\n'
    assert entry in text
    path.write_text(text.replace(entry, entry.replace('msgstr ""', f'msgstr "{MALAY}"')), "utf-8")


NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)


def draft(now: datetime = NEW_YEAR, **changes: Any) -> bytes:
    """What a member would hand in."""
    from suar.standard.shipped import draft as of_today

    made = of_today(EXAMPLE, "TH", now)
    return json.dumps({key: value for key, value in (made | changes).items() if value is not None}).encode()


def composed(**changes: Any) -> Any:
    from suar.protocol.compose import complete

    return complete(draft(**changes), member="TH", realm="actual", now=1_830_297_600_000, ledger=None)


def privacy_reasons(**changes: Any) -> list[tuple[str, str]]:
    """The privacy gate's verdict on a draft: code and path of each reason."""
    from suar.protocol.privacy.verdict import judge

    return [(reason.code, reason.path) for reason in judge(composed(**changes).message).reasons]


def refused(**changes: Any) -> list[str]:
    """The reasons for which a draft is no message."""
    from suar.protocol.base.reasons import Invalid

    try:
        composed(**changes)
    except Invalid as invalid:
        return [f"{reason.path} {reason.message}" for reason in invalid.reasons]
    return []


def of_the_protocol() -> dict[str, Any]:
    """How it is written, read, judged, cancelled and put in order."""
    from suar.protocol.authoring.withdrawal import withdrawal
    from suar.protocol.message.messages import encode, kind_of, read
    from suar.protocol.message.urgency import LANES, lane
    from suar.protocol.privacy.identifiers.references import without_references

    message = composed().message
    unwritten = composed(text=None).message
    return {
        "read": kind_of(read(encode(message))),
        "id": message.id.rpartition("-")[0].rpartition("-")[0],
        "english": [unwritten.text[0].title, unwritten.text[0].summary.partition(" Valid")[0]],
        "lane": LANES[lane(message)],
        "pass": privacy_reasons(),
        "telephone": privacy_reasons(remark="Call 081-234-5678 at night"),
        "person": privacy_reasons(chapters=[{"heading": "Told by Mr Somchai Jaidee", "page": 1}]),
        "link": privacy_reasons(site="https://example.org/file/081-234-5678"),
        "mail": privacy_reasons(inbox="somchai.jaidee@gmail.com"),
        "reference": without_references("see TH-HANDBOOK-2027-000001") != "see TH-HANDBOOK-2027-000001",
        "unknown field": refused(victim="x"),
        "rule": refused(chapters=[{"heading": "b", "page": 2}, {"heading": "a", "page": 1}]),
        "lifetime": refused(expires="2030-06-01T00:00:00Z"),
        "still to come": refused(issued="2031-01-01"),
        "cancel": json.loads(withdrawal([message], "outdated", 1_830_297_600_000)),
    }


def of_readers() -> dict[str, Any]:
    """How it is shown, exported and asked for."""
    from click.testing import CliRunner

    from suar.cli.main import cli
    from suar.exchange.outgoing.formats import FORMATS, convert
    from suar.languages.rendering.reading import shown
    from suar.languages.tags import LANGUAGES
    from suar.protocol.message.messages import encode

    message = composed().message
    tree = json.loads(encode(message))
    document = {"id": message.id, "message": tree, "state": "stored"}
    checked = CliRunner().invoke(cli, ["check-message", "-"], input=draft(datetime.now(UTC)))
    drafted = CliRunner().invoke(cli, ["schemas", "draft", "handbook-first", "--member", "TH"])
    result = CliRunner().invoke(cli, ["inbox", "--kind", KIND, "--state", "nowhere"])
    wrong = CliRunner().invoke(cli, ["inbox", "--kind", "rumour", "--state", "nowhere"])
    return {
        "english": shown(document, LANGUAGES["en"], 100),
        "malay": shown(document, LANGUAGES["ms"], 100),
        "formats": [name for name, each in FORMATS.items() if KIND in each.kinds],
        "csv": convert(encode(message), "csv").decode(),
        "json": convert(encode(message), "json") == encode(message),
        "check-message": [checked.exit_code, checked.output],
        "draft": json.loads(drafted.output)["grade"],
        "inbox": [result.exit_code, str(result.output) + str(result.exception)],
        "no kind": str(wrong.output) + str(wrong.exception) + str(getattr(wrong.exception, "hint", "")),
    }


def of_the_console() -> dict[str, Any]:
    """The form of it, what a browser sends of that, the draft that this gives, and its pages."""
    from zoneinfo import ZoneInfo

    from suar.console.forms.decode import decode
    from suar.console.forms.plan import Setting, form, ids_of
    from suar.console.views.texts import shown
    from suar.languages.names import names
    from suar.protocol.message.kinds import DECLARED
    from support.form_pairs import pairs_of

    zone = ZoneInfo("Asia/Manila")
    parts = form(KIND, EXAMPLE, Setting(names=names("ms"), zone=zone, members=("MY", "TH")))
    widgets = {field.id: field.widget for part in parts for field in part.fields}
    page = shown({"message": EXAMPLE, "id": EXAMPLE["id"], "origin": "MY"}, names("ms"))
    return {
        "draft": decode(KIND, pairs_of(parts), zone, before=EXAMPLE),
        "widgets": {name: widgets[name] for name in ("grade", "issued", "spoken", "remark", "chapters", "site")},
        "ids": sorted(each for each in ids_of(parts) if each.startswith("chapters")),
        "title": page.text.title if page.text else "",
        "lines": [[part.label, *part.values] for part in page.after if part.kind == "line"],
        "use": DECLARED[KIND].use,
    }


def of_the_standard(copy: Path) -> dict[str, Any]:
    """What is published, generated and documented."""
    from protocol.scenario import SCENARIOS, build
    from schemas.make_invalid import files
    from suar.api.app import create_app
    from suar.observe.hooks import Hooks
    from suar.protocol.files.conformance import run
    from suar.service.settings.config import Bus, Http
    from suar.standard.schemas_export import export
    from support import pages

    import_module("protocol.make_vectors")  # every scenario
    export(copy / "schemas")
    pages.main(copy)
    config = SimpleNamespace(http=Http(), bus=Bus())
    app = create_app(SimpleNamespace(hooks=Hooks(), config=config, feed_readers=0))  # type: ignore[arg-type]  # is not called
    vectors = {name: build(name) for name in SCENARIOS if KIND in name}
    return {
        "schema": json.loads((copy / f"schemas/v1/{KIND}.schema.json").read_text("utf-8"))["$defs"],
        "alert": (copy / "schemas/v1/alert.schema.json").read_text("utf-8"),
        "page": (copy / f"schemas/reference/{KIND}.md").read_text("utf-8"),
        "texts": {
            name: [line for line in (copy / name).read_text("utf-8").splitlines() if KIND in line.lower()]
            for name in ("schemas/fields.csv", "schemas/rules.csv", "schemas/asyncapi.yaml", *pages.PAGES)
        },
        "invalid": [name for name in files() if KIND in name],
        "vectors": {name: run(vector).ok for name, vector in vectors.items()},
        "openapi": json.dumps(app.openapi_schema.to_schema(), default=repr).count(KIND),
    }


if __name__ == "__main__":
    here = Path(sys.argv[1])
    words(here)
    print(
        json.dumps(
            {
                "protocol": of_the_protocol(),
                "readers": of_readers(),
                "console": of_the_console(),
                "standard": of_the_standard(here),
            }
        )
    )
