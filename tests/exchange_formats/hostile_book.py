"""The workbook of tests/data/hostile-table.xlsx, from parts that can be read: personal data in every place it has.

Every address p01@person.example, p02@... stands in one place; nobody has them. In the folder of the tests
`python -m exchange_formats.hostile_book` writes the file anew; a test compares it with these parts.
"""

import io
import zipfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from exchange_formats.synthetic import HEADER, row

FILE: Final = Path(__file__).parents[1] / "data" / "hostile-table.xlsx"
HEADER_ROW: Final = 3
OFFICE: Final = "http://schemas.openxmlformats.org"
MAIN: Final = f"{OFFICE}/spreadsheetml/2006/main"
RELATION: Final = f"{OFFICE}/officeDocument/2006/relationships"


def mail(number: int) -> str:
    return f"p{number:02d}@person.example"


def _cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _line(number: int, cells: list[str], more: str = "") -> str:
    inside = "".join(_cell(f"{chr(65 + at)}{number}", cell) for at, cell in enumerate(cells))
    return f'<row r="{number}"{more}>{inside}</row>'


def _sheet(lines: str, around: str = "", before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATION}">{before}<sheetData>{lines}</sheetData>{around}</worksheet>'


def _data() -> str:
    header = [*HEADER, mail(1)]
    lines = _line(1, ["Compiled by", mail(2)]) + _line(HEADER_ROW, header)
    lines += _line(4, [*row(Source=mail(3)), "note"])
    lines += _line(5, [*row(Year="2019", Source="Nurul binti Contoh told it"), mail(4)], ' hidden="1"')
    formula = f'<c r="A7"><f>CONCATENATE("{mail(5)}")</f><v></v></c>'
    phonetic = f'<c r="B7" t="inlineStr"><is><t>Thailand</t><rPh sb="0" eb="1"><t>{mail(6)}</t></rPh></is></c>'
    around = (
        f'<dataValidations><dataValidation prompt="Ask {mail(7)}" sqref="A1"><formula1>"{mail(8)}"</formula1>'
        f'</dataValidation></dataValidations><hyperlinks><hyperlink ref="A1" r:id="r1" tooltip="Ask {mail(9)}"/>'
        f"</hyperlinks><headerFooter><oddHeader>Printed by {mail(10)}</oddHeader></headerFooter>"
        f"<!-- {mail(11)} -->"
    )
    hidden = '<cols><col min="13" max="13" hidden="1"/></cols>'
    return _sheet(f'{lines}<row r="7">{formula}{phonetic}</row>', around, hidden)


def _relations(*targets: str) -> str:
    each = "".join(f'<Relationship Id="r{at}" Target="{target}" Type="t"/>' for at, target in enumerate(targets, 1))
    return f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{each}</Relationships>'


def parts() -> dict[str, str | bytes]:
    """Name and content of every part."""
    book_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types"><Default Extension="rels" '
        "ContentType="
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        f'"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{book_type}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="r1" '
        f'Target="xl/workbook.xml" Type="{RELATION}/officeDocument"/></Relationships>',
        "docProps/core.xml": '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="urn:dc">'
        f"<dc:creator>{mail(12)}</dc:creator><cp:lastModifiedBy>{mail(13)}</cp:lastModifiedBy>"
        f"<dc:title>{mail(14)}</dc:title><dc:description>Of Testa Person, aged 12</dc:description></cp:coreProperties>",
        "docProps/app.xml": f'<Properties xmlns="urn:app"><Manager>{mail(15)}</Manager></Properties>',
        "docProps/custom.xml": f'<Properties xmlns="urn:c"><property name="{mail(16)}"><v>{mail(17)}</v></property>'
        "</Properties>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><fileSharing userName="{mail(18)}"/><sheets>'
        '<sheet name="Data" sheetId="1" r:id="rId1"/>'
        f'<sheet name="{mail(19)}" sheetId="2" state="hidden" r:id="rId2"/>'
        f'<sheet name="Notes" sheetId="3" state="veryHidden" r:id="rId3"/></sheets><definedNames>'
        f'<definedName name="contact">"{mail(20)}"</definedName></definedNames></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="rId{at}" Target="worksheets/sheet{at}.xml" Type="{RELATION}/worksheet"/>'
            for at in (1, 2, 3)
        )
        + "</Relationships>",
        "xl/worksheets/sheet1.xml": _data(),
        "xl/worksheets/sheet2.xml": _sheet(_line(1, ["hidden", mail(21)])),
        "xl/worksheets/sheet3.xml": _sheet('<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2"><v>8</v></c></row>'),
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(f"mailto:{mail(22)}"),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{mail(23)}</t></si><si><t>{mail(24)}</t></si></sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellStyles><cellStyle name="{mail(25)}"/></cellStyles>'
        "</styleSheet>",
        "xl/comments1.xml": f'<comments xmlns="{MAIN}"><authors><author>{mail(26)}</author></authors><commentList>'
        f'<comment ref="L4" authorId="0"><text><t>The girl is {mail(27)}</t></text></comment></commentList></comments>',
        "xl/threadedComments/threadedComment1.xml": '<ThreadedComments xmlns="urn:tc"><threadedComment ref="L5">'
        f"<text>Ask {mail(28)}</text></threadedComment></ThreadedComments>",
        "xl/persons/person.xml": f'<personList xmlns="urn:tc"><person displayName="{mail(29)}"/></personList>',
        "xl/drawings/drawing1.xml": f'<wsDr xmlns="urn:d"><t>{mail(30)}</t><cNvPr descr="Photo of {mail(31)}"/></wsDr>',
        "xl/drawings/vmlDrawing1.vml": f'<xml xmlns:v="urn:v"><v:shape alt="{mail(32)}"/></xml>',
        "xl/charts/chart1.xml": f'<c xmlns="urn:ch"><v>{mail(33)}</v></c>',
        "xl/tables/table1.xml": f'<table xmlns="{MAIN}" comment="{mail(34)}"/>',
        "xl/pivotCache/pivotCacheRecords1.xml": f'<r xmlns="{MAIN}"><s v="{mail(35)}"/></r>',
        "xl/externalLinks/externalLink1.xml": f'<e xmlns="{MAIN}"><v>{mail(36)}</v></e>',
        "xl/connections.xml": f'<connections xmlns="{MAIN}"><connection description="{mail(37)}"/></connections>',
        "customXml/item1.xml": f"<any>{mail(38)}<!-- {mail(39)} --><?seen {mail(40)}?></any>",
        f"xl/media/{mail(41)}.png": b"\x89PNG: no picture",
        "xl/printerSettings/printerSettings1.bin": b"\0\1",
        "xl/laughs.xml": f'<!DOCTYPE a [<!ENTITY a "{mail(90)}">]><a>&a;</a>',
    }  # fmt: skip


def made() -> bytes:
    """The workbook, the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts().items():
            book.writestr(zipfile.ZipInfo(name, (2027, 1, 15, 8, 0, 0)), content, zipfile.ZIP_DEFLATED)
        book.comment = mail(42).encode()
    return buffer.getvalue()


if __name__ == "__main__":
    FILE.write_bytes(made())
