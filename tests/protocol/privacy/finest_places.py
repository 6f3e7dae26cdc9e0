"""Which places lie in one another: countries, subdivisions, subdivisions of these, and ports.

Written from ISO 3166-2 (2026-02), the law of the Philippines for five provinces, and docs/messages.md; it knows
nothing of suar.protocol.privacy.
"""

from collections.abc import Iterable, Mapping
from typing import Final

CLOSED: Final = "@closed"
"""The end of the name of a tree in which everybody of a region is in one of the provinces that the standard lists."""
REST: Final = "(not listed)"
INSIDE: Final[Mapping[str, Mapping[str, str]]] = {
    "BD": {
        "A": "02 06 07 25 50 51", "B": "01 04 08 09 10 11 16 29 31 47 56",
        "C": "13 15 17 18 26 33 35 36 40 42 53 62 63", "D": "05 12 22 23 27 30 37 39 43 58",
        "E": "03 24 44 45 48 49 54 59", "F": "14 19 28 32 46 52 55 64", "G": "20 38 60 61", "H": "21 34 41 57",
    },
    "ID": {
        "SM": "AC SU SB RI KR JA SS BB BE LA", "JW": "JK BT JB JT YO JI", "NU": "BA NB NT", "KA": "KB KT KS KI KU",
        "SL": "SA GO ST SR SN SG", "ML": "MU MA", "PP": "PB PD PA PE PS PT",
    },
    "LK": {
        "1": "11 12 13", "2": "21 22 23", "3": "31 32 33", "4": "41 42 43 44 45", "5": "51 52 53", "6": "61 62",
        "7": "71 72", "8": "81 82", "9": "91 92",
    },
    "PH": {
        "01": "ILN ILS LUN PAN", "02": "BTN CAG ISA NUV QUI", "03": "AUR BAN BUL NUE PAM TAR ZMB",
        "40": "BTG CAV LAG QUE RIZ", "41": "MDC MDR MAD PLW ROM", "05": "ALB CAN CAS CAT MAS SOR",
        "06": "AKL ANT CAP GUI ILI NEC", "07": "BOH CEB NER SIG", "08": "BIL EAS LEY NSA SLE WSA",
        "09": "ZAN ZAS ZSI", "10": "BUK CAM LAN MSC MSR", "11": "COM DAO DAS DAV DVO", "12": "NCO SAR SCO SUK",
        "13": "AGN AGS DIN SUN SUR", "14": "BAS LAS MGN MGS SLU TAW", "15": "ABR APA BEN IFU KAL MOU",
    },
    "TH": {"20": "S"},
    "ES": {"AN": "AL CA CO GR H J MA SE", "EX": "BA CC", "MD": "M"},
    "FR": {"20R": "2A 2B", "BRE": "22 29 35 56", "IDF": "75C 77 78 91 92 93 94 95"},
    "GB": {"WLS": "AGY BGE BGW CAY CGN CMN CRF CWY DEN FLN GWN MON MTY NTL NWP PEM POW RCT SWA TOF VGL WRX"},
    "IT": {"32": "BZ TN", "42": "GE IM SP SV", "65": "AQ CH PE TE"},
}  # fmt: skip
"""By country and region, the subdivisions that lie in it."""
OPEN: Final = frozenset({"TH-20"})
"""Of these the standard lists some parts alone: the others have no code."""
PROVINCES: Final = {
    f"{country}-{region}": tuple(f"{country}-{code}" for code in inside.split())
    for country, regions in INSIDE.items() for region, inside in regions.items()
}  # fmt: skip
REGION: Final = {province: region for region, inside in PROVINCES.items() for province in inside}


def around(admin1: str) -> tuple[str, ...]:
    """The subdivision and the one in which it lies."""
    return (admin1, REGION[admin1]) if admin1 in REGION else (admin1,)


def regions(used: Iterable[str]) -> frozenset[str]:
    """The nodes of the regions of all subdivisions that are named: they can be named as well."""
    parts = [node.split("/") for node in used]
    return frozenset(f"{each[0]}/{REGION[each[1]]}" for each in parts if len(each) > 1 and each[1] in REGION)


def leaves_of(used: Iterable[str], *, closed: bool) -> list[frozenset[str]]:
    """Leaves of countries, subdivisions and towns: `TH`, `TH/TH-20`, `TH/TH-20/THLCH`, `TH//THLCH`, `other`.

    A town whose subdivision no message names may lie in each; every country and subdivision has some that nobody
    lists, but if `closed` no region of which all provinces are listed. A town that is named in a region may lie in
    each of its provinces.
    """
    nodes = list(dict.fromkeys(used))
    parts = [tuple((node + "//").split("/")[:3]) for node in nodes]
    found = [frozenset({REST})]
    for country in sorted({country for country, _, _ in parts}):
        named = {admin1 for code, admin1, _ in parts if code == country and admin1}
        finest = {"", *(each for each in named if not (closed and _is_listed(each, named)))}
        for admin1 in sorted(finest):
            for town in ("", *sorted({town for code, _, town in parts if code == country and town})):
                homes = {each for code, each, one in parts if (code, one) == (country, town) and each}
                if not town or all(home in around(admin1) for home in homes):
                    found.append(_leaf(country, admin1, town).intersection({*nodes, *regions(nodes)}))
    return found


def _is_listed(admin1: str, named: set[str]) -> bool:
    """Whether all provinces of a region are among the named ones."""
    return admin1 in PROVINCES and admin1 not in OPEN and named.issuperset(PROVINCES[admin1])


def _leaf(country: str, admin1: str, town: str) -> frozenset[str]:
    """Every node that contains a finest place."""
    over = around(admin1)
    return frozenset(
        {country, f"{country}//{town}"}.union(*({f"{country}/{each}", f"{country}/{each}/{town}"} for each in over))
    )
