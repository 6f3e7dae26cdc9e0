"""Words that mark a capitalised name as that of a place, a company, an institution or a law.

They are the first word of a name (`Kabupaten Indramayu`), its last word (`Mekong Express`), or a word in lower case
directly before it (`cửa khẩu Xa Mát`). Titles and offices are excluded, because they precede names of persons.
"""

import re
from collections.abc import Sequence
from typing import Final

PLACES_FIRST: Final = frozenset(
    """
    amphoe bann changwat daerah doi huai khlong khwaeng mueang tambon wat kabupaten kampong kampung kecamatan kelurahan kota muara pantai pulau sungai tanjung
    tanjong teluk kuala bukit gunung jalan jalur bandara pasar stasiun ladang felda taman kaoh khum krong phsar phum phumi prek srok tonle
    huyện xã quận phường cầu chợ cảng đảo sông bản barangay brgy sitio lungsod aldeia ilha praia rua suco suku postu munisípiu município muang mount port
    """.split()  # noqa: SIM905 - words read better as text
)
LONGEST_PLACE: Final = 3  # maximum words of a place name with such a word; longer text may contain a person's name
FIRST: Final = frozenset(
    """
    pt cv ud syarikat perusahaan yayasan koperasi lembaga gerakan agensi kompañia companhia empresa fundasaun fundação rede centro casa
    kanun kitab ordinan prakas kódigu código dekretu-lei decreto-lei regime konsellu conselho ajénsia agência
    """.split()  # noqa: SIM905
)
LAST: Final = frozenset(
    """
    avenue beach canal creek harbor harbour highlands islands jetty mountains pier street town township valley village wharf
    agencies bhd careers consultancy consultants corp enterprise enterprises entertainment express fisheries fishery group holdings inc industries llc logistics manpower
    placement plc pte recruitment recruiters seafood shipping solutions technologies technology tours trading transport travel ventures
    coalition consortium fund festival training studies accord charter ordinance sanhita statute
    """.split()  # noqa: SIM905
)
_BEFORE: Final = re.compile(
    r"\b(?:huyện|xã|tỉnh|quận|phường|thị xã|thị trấn|thành phố|cửa khẩu|cầu|chợ|cảng|sông|đảo|bến xe|thôn|ấp|ngã ba|sân bay|ngôi nhà"
    r"|nhân lực|cổ phần|desa|kampung|pulau|pelabuhan|jalan|jalur|kota|kabupaten|kecamatan|daerah|dermaga|barangay|bayan ng|lungsod ng|isla ng"
    r"|ilha de|aldeia de|suco de|distrito de|município de|cidade de|suku|aldeia|munisípiu"
    r"|(?:village|town|district|port|island|province)s? of) $",
    re.IGNORECASE,
)
_SEEN: Final = 24  # characters before a name that are examined


def is_of_a_kind(words: Sequence[str], text: str, at: int) -> bool:
    """Whether such a word marks these capitalised words, at position `at` of the text, as not a person's name."""
    first, last = words[0].lower(), words[-1].lower().rstrip(".")
    if first in FIRST or last in LAST:
        return True
    if len(words) > LONGEST_PLACE:
        return False
    return first in PLACES_FIRST or _BEFORE.search(text[max(0, at - _SEEN) : at]) is not None
