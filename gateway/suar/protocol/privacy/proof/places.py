"""Which places lie in one another: the regions of ISO 3166-2 over the subdivisions that the same list has beside them.

Indonesia and the Philippines have codes at two levels, islands or regions and the provinces in them. A province's
number is part of its region's (ISO 3166-2, 2026-02, by pycountry).
"""

from typing import Final

_PROVINCES: Final = {
    "ID-JW": "BT JB JI JK JT YO",
    "ID-KA": "KB KI KS KT KU",
    "ID-ML": "MA MU",
    "ID-NU": "BA NB NT",
    "ID-PP": "PA PB PD PE PS PT",
    "ID-SL": "GO SA SG SN SR ST",
    "ID-SM": "AC BB BE JA KR LA RI SB SS SU",
    "PH-01": "ILN ILS LUN PAN",
    "PH-02": "BTN CAG ISA NUV QUI",
    "PH-03": "AUR BAN BUL NUE PAM TAR ZMB",
    "PH-05": "ALB CAN CAS CAT MAS SOR",
    "PH-06": "AKL ANT CAP GUI ILI NEC",
    "PH-07": "BOH CEB NER SIG",
    "PH-08": "BIL EAS LEY NSA SLE WSA",
    "PH-09": "BAS ZAN ZAS ZSI",
    "PH-10": "BUK CAM MSC MSR",
    "PH-11": "COM DAO DAS DAV DVO SAR SCO",
    "PH-12": "LAN NCO SUK",
    "PH-13": "AGN AGS DIN SUN SUR",
    "PH-14": "LAS MGN MGS SLU TAW",
    "PH-15": "ABR APA BEN IFU KAL MOU",
    "PH-40": "BTG CAV LAG QUE RIZ",
    "PH-41": "MAD MDC MDR PLW ROM",
}
_REGION: Final = {f"{region[:2]}-{code}": region for region, inside in _PROVINCES.items() for code in inside.split()}
REGIONS: Final = frozenset({*_PROVINCES, "PH-00"})
"""The subdivisions of the upper level, also the one whose parts have no codes."""


def region_of(admin1: str) -> str:
    """Return the region in which a subdivision lies, or an empty text."""
    return _REGION.get(admin1, "")


def path_of(admin1: str, locode: str) -> tuple[str, ...]:
    """Return the path of a place in its country: the region, the subdivision, the port, as far as each is named."""
    return tuple(part for part in (region_of(admin1), admin1, locode) if part)
