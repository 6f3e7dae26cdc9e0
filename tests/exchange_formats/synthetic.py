"""Tables of the shape of UNODC's GLOTIP export, with numbers and errors of our own: never a published one."""

import csv
import io
import random
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

HEADER = [
    "Iso3_code", "Country", "Region", "Subregion", "Indicator", "Dimension", "Category", "Sex", "Age", "Year",
    "Unit of measurement", "txtVALUE", "Source",
]  # fmt: skip
COUNTRIES = {"THA": "Thailand", "KHM": "Cambodia", "LAO": "Lao People's Democratic Republic", "MMR": "Myanmar"}
VICTIMS = "Detected trafficking victims"
INDICATORS = (VICTIMS, "Persons convicted", "Persons prosecuted", "Persons brought into formal contact")
CITIZENS = (
    "Burmese",
    "Myanmar Nation",
    "MYANMAR",
    "Thailand",
    "THAILAND",
    "Rohingya",
    "Unknown",
    "Nationals",
    "VIETNAM",
)
FORMS = ("Sexual exploitation", "Forced labour", "Other forms of exploitation", "Other forms of exploitation")
RETURNS = ("Thailand", "Viet Nam", "Abroad", "Uzbekistan")

Rows = list[list[str]]


def row(**cells: str) -> list[str]:
    """One row as published, with these cells instead of the usual ones."""
    usual = {
        "Iso3_code": "THA", "Country": "Thailand", "Region": "Asia", "Subregion": "South-eastern Asia",
        "Indicator": VICTIMS, "Dimension": "Total", "Category": "Total", "Sex": "Total", "Age": "Total", "Year": "2018",
        "Unit_of_measurement": "Counts", "txtVALUE": "120", "Source": "synthetic",
    }  # fmt: skip
    return list((usual | cells).values())


def shown(count: int) -> str:
    """A count as the table prints it."""
    return "<5" if count < 5 else f"{count:,}"


def glotip(seed: int, years: Sequence[int] = (2018, 2019, 2020)) -> Rows:
    """A table without its header: four countries, every indicator and dimension, repeated keys, all spellings."""
    random_ = random.Random(seed)
    found: Rows = []
    for iso, country in COUNTRIES.items():
        for year in years:
            for indicator in INDICATORS:
                found += _of_year(
                    random_, {"Iso3_code": iso, "Country": country, "Year": str(year), "Indicator": indicator}
                )
    return found


def _of_year(random_: random.Random, about: dict[str, str]) -> Rows:
    counts = {
        (sex, age): random_.choice((0, 3, 7, 19, 26, 48, 64, 92, 410, 1300))
        for sex in ("Female", "Male")
        for age in ("0 to 17 years", "18 years or over")
    }
    cells = {(sex, age): shown(count) for (sex, age), count in counts.items()}
    for sex in ("Female", "Male"):
        cells[sex, "Total"] = shown(sum(count for (of, _), count in counts.items() if of == sex))
    cells["Total", "Total"] = shown(sum(counts.values()))
    found = [row(**about, Sex=sex, Age=age, txtVALUE=value) for (sex, age), value in cells.items()]
    if about["Indicator"] == VICTIMS:
        for dimension, names in (("by citizenship", CITIZENS), ("by country of repatriation", RETURNS)):
            picked = random_.sample(names, 3)
            found += [_part(random_, about, dimension, name) for name in picked]
        found += [_part(random_, about, "by form of exploitation", name) for name in FORMS]
    return found


def _part(random_: random.Random, about: dict[str, str], dimension: str, name: str) -> list[str]:
    count = random_.choice((0, 3, 8, 60, 77, 240, 1156))
    return row(**about, Dimension=dimension, Category=name, txtVALUE=shown(count))


def as_csv(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    """The table as a CSV file in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def write_xlsx(
    path: Path, rows: Iterable[Sequence[str]], *, merged: str = "", sheet: bytes | None = None,
    header: Sequence[str] = HEADER,
) -> None:  # fmt: skip
    """The table as a workbook: counts as numbers where they are plain, all else as inline text. `merged`: a range."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="xl/workbook.xml" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns='
        '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
        book.writestr("xl/worksheets/sheet1.xml", sheet or _sheet([header, *rows], merged))


SHEET_START = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def _sheet(rows: Iterable[Sequence[str]], merged: str) -> str:
    lines = []
    for number, cells in enumerate(rows, 1):
        inside = "".join(_cell(f"{chr(65 + at)}{number}", cell) for at, cell in enumerate(cells))
        lines.append(f'<row r="{number}">{inside}</row>')
    ranges = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return f"{SHEET_START}{''.join(lines)}</sheetData>{ranges}</worksheet>"


def _cell(at: str, text: str) -> str:
    if text.isascii() and text.isdigit():
        return f'<c r="{at}"><v>{text}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
