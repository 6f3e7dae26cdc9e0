"""Make subdivisions.json: `python -m suar.languages.cldr.make_subdivisions FOLDER`.

FOLDER is the unpacked npm package cldr 8.0.0, which has CLDR's files of subdivisions whole; the package
cldr-subdivisions-full leaves out what is not confirmed, and so every name of these states. CLDR is under the Unicode
licence (UNICODE-LICENSE.txt). The codes are those of ISO 3166-2 in small letters without a dash.

Of each state whose script is not Latin, its names in its language, without the word for province, as on its lists.
"""

import json
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from suar.languages.cldr.subdivisions import NAMES, without_kind

STATES: Final = {"th": "TH", "km": "KH", "lo": "LA", "my": "MM"}
"""The language of each of these states, by its tag."""
FILE: Final = Path(__file__).parent / "subdivisions.json"
_CITY: Final = {"เมืองพัทยา": "พัทยา"}
_UNSEEN: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d"))


def main(folder: Path) -> None:
    """Write the file. Raises KeyError if the package has no name of a subdivision that NAMES has."""
    found = {
        tag: names_of(folder / f"3rdparty/cldr/common/subdivisions/{tag}.xml", country)
        for tag, country in STATES.items()
    }
    FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def names_of(file: Path, country: str) -> dict[str, str]:
    """Return the names of all subdivisions of a state by their codes, from CLDR's file of its language."""
    listed = {
        each.attrib["type"]: (each.text or "").translate(_UNSEEN).strip()
        for each in ElementTree.parse(file).iter("subdivision")  # noqa: S314 - a file of a package that a person unpacked
    }
    codes = [code for code in NAMES if code.startswith(f"{country}-")]
    names = {code: listed[code.replace("-", "").lower()] for code in codes}
    return {code: without_kind(_CITY.get(name, name)) for code, name in names.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
