"""Names of the first-level subdivisions of the eleven states, by their codes of ISO 3166-2.

They are the names of the standard, in the romanised spelling of the state. Who reads Thai, Khmer, Lao or Burmese has
those of the own state in its script (subdivisions.json, made by make_subdivisions.py).
"""

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from suar.languages.order import sort_key
from suar.languages.tags import ENGLISH
from suar.protocol.normal_forms import normal

_NAMES: Final = {
    "BN": """
        BE Belait; BM Brunei-Muara; TE Temburong; TU Tutong
    """,
    "ID": """
        AC Aceh; BA Bali; BB Kepulauan Bangka Belitung; BE Bengkulu; BT Banten; GO Gorontalo; JA Jambi; JB Jawa Barat;
        JI Jawa Timur; JK Jakarta Raya; JT Jawa Tengah; JW Jawa; KA Kalimantan; KB Kalimantan Barat; KI Kalimantan
        Timur; KR Kepulauan Riau; KS Kalimantan Selatan; KT Kalimantan Tengah; KU Kalimantan Utara; LA Lampung; MA
        Maluku; ML Maluku; MU Maluku Utara; NB Nusa Tenggara Barat; NT Nusa Tenggara Timur; NU Nusa Tenggara; PA
        Papua; PB Papua Barat; PD Papua Barat Daya; PE Papua Pegunungan; PP Papua; PS Papua Selatan; PT Papua Tengah;
        RI Riau; SA Sulawesi Utara; SB Sumatera Barat; SG Sulawesi Tenggara; SL Sulawesi; SM Sumatera; SN Sulawesi
        Selatan; SR Sulawesi Barat; SS Sumatera Selatan; ST Sulawesi Tengah; SU Sumatera Utara; YO Yogyakarta
    """,
    "KH": """
        1 Banteay Mean Choăy; 10 Kracheh; 11 Mondol Kiri; 12 Phnom Penh; 13 Preah Vihear; 14 Prey Veaeng; 15 Pousaat;
        16 Rotanak Kiri; 17 Siem Reab; 18 Preah Sihanouk; 19 Stueng Traeng; 2 Baat Dambang; 20 Svaay Rieng; 21
        Taakaev; 22 Otdar Mean Chey; 23 Kaeb; 24 Pailin; 25 Tbong Khmum; 3 Kampong Chaam; 4 Kampong Chhnang; 5 Kampong
        Spueu; 6 Kampong Thum; 7 Kampot; 8 Kandaal; 9 Kaoh Kong
    """,
    "LA": """
        AT Attapu; BK Bokèo; BL Bolikhamxai; CH Champasak; HO Houaphan; KH Khammouan; LM Louang Namtha; LP
        Louangphabang; OU Oudômxai; PH Phôngsali; SL Salavan; SV Savannakhét; VI Viangchan; VT Viangchan Prefecture; XA
        Xaignabouli; XE Xékong; XI Xiangkhouang; XS Xaisômboun
    """,
    "MM": """
        01 Sagaing; 02 Bago; 03 Magway; 04 Mandalay; 05 Tanintharyi; 06 Yangon; 07 Ayeyarwady; 11 Kachin; 12 Kayah; 13
        Kayin; 14 Chin; 15 Mon; 16 Rakhine; 17 Shan; 18 Nay Pyi Taw
    """,
    "MY": """
        01 Johor; 02 Kedah; 03 Kelantan; 04 Melaka; 05 Negeri Sembilan; 06 Pahang; 07 Pulau Pinang; 08 Perak; 09
        Perlis; 10 Selangor; 11 Terengganu; 12 Sabah; 13 Sarawak; 14 Wilayah Persekutuan Kuala Lumpur; 15 Wilayah
        Persekutuan Labuan; 16 Wilayah Persekutuan Putrajaya
    """,
    "PH": """
        00 National Capital Region; 01 Ilocos; 02 Cagayan Valley; 03 Central Luzon; 05 Bicol; 06 Western Visayas; 07
        Central Visayas; 08 Eastern Visayas; 09 Zamboanga Peninsula; 10 Northern Mindanao; 11 Davao; 12 Soccsksargen;
        13 Caraga; 14 Autonomous Region in Muslim Mindanao; 15 Cordillera Administrative Region; 40 Calabarzon; 41
        Mimaropa; ABR Abra; AGN Agusan del Norte; AGS Agusan del Sur; AKL Aklan; ALB Albay; ANT Antique; APA Apayao;
        AUR Aurora; BAN Bataan; BAS Basilan; BEN Benguet; BIL Biliran; BOH Bohol; BTG Batangas; BTN Batanes; BUK
        Bukidnon; BUL Bulacan; CAG Cagayan; CAM Camiguin; CAN Camarines Norte; CAP Capiz; CAS Camarines Sur; CAT
        Catanduanes; CAV Cavite; CEB Cebu; COM Davao de Oro; DAO Davao Oriental; DAS Davao del Sur; DAV Davao del
        Norte; DIN Dinagat Islands; DVO Davao Occidental; EAS Eastern Samar; GUI Guimaras; IFU Ifugao; ILI Iloilo; ILN
        Ilocos Norte; ILS Ilocos Sur; ISA Isabela; KAL Kalinga; LAG Laguna; LAN Lanao del Norte; LAS Lanao del Sur;
        LEY Leyte; LUN La Union; MAD Marinduque; MAS Masbate; MDC Mindoro Occidental; MDR Mindoro Oriental; MGN
        Maguindanao del Norte; MGS Maguindanao del Sur; MOU Mountain Province; MSC Misamis Occidental; MSR Misamis
        Oriental; NCO Cotabato; NEC Negros Occidental; NER Negros Oriental; NSA Northern Samar; NUE Nueva Ecija; NUV
        Nueva Vizcaya; PAM Pampanga; PAN Pangasinan; PLW Palawan; QUE Quezon; QUI Quirino; RIZ Rizal; ROM Romblon; SAR
        Sarangani; SCO South Cotabato; SIG Siquijor; SLE Southern Leyte; SLU Sulu; SOR Sorsogon; SUK Sultan Kudarat;
        SUN Surigao del Norte; SUR Surigao del Sur; TAR Tarlac; TAW Tawi-Tawi; WSA Samar; ZAN Zamboanga del Norte; ZAS
        Zamboanga del Sur; ZMB Zambales; ZSI Zamboanga Sibugay
    """,
    "SG": """
        01 Central Singapore; 02 North East; 03 North West; 04 South East; 05 South West
    """,
    "TH": """
        10 Krung Thep Maha Nakhon; 11 Samut Prakan; 12 Nonthaburi; 13 Pathum Thani; 14 Phra Nakhon Si Ayutthaya; 15
        Ang Thong; 16 Lop Buri; 17 Sing Buri; 18 Chai Nat; 19 Saraburi; 20 Chon Buri; 21 Rayong; 22 Chanthaburi; 23
        Trat; 24 Chachoengsao; 25 Prachin Buri; 26 Nakhon Nayok; 27 Sa Kaeo; 30 Nakhon Ratchasima; 31 Buri Ram; 32
        Surin; 33 Si Sa Ket; 34 Ubon Ratchathani; 35 Yasothon; 36 Chaiyaphum; 37 Amnat Charoen; 38 Bueng Kan; 39 Nong
        Bua Lam Phu; 40 Khon Kaen; 41 Udon Thani; 42 Loei; 43 Nong Khai; 44 Maha Sarakham; 45 Roi Et; 46 Kalasin; 47
        Sakon Nakhon; 48 Nakhon Phanom; 49 Mukdahan; 50 Chiang Mai; 51 Lamphun; 52 Lampang; 53 Uttaradit; 54 Phrae; 55
        Nan; 56 Phayao; 57 Chiang Rai; 58 Mae Hong Son; 60 Nakhon Sawan; 61 Uthai Thani; 62 Kamphaeng Phet; 63 Tak; 64
        Sukhothai; 65 Phitsanulok; 66 Phichit; 67 Phetchabun; 70 Ratchaburi; 71 Kanchanaburi; 72 Suphan Buri; 73
        Nakhon Pathom; 74 Samut Sakhon; 75 Samut Songkhram; 76 Phetchaburi; 77 Prachuap Khiri Khan; 80 Nakhon Si
        Thammarat; 81 Krabi; 82 Phangnga; 83 Phuket; 84 Surat Thani; 85 Ranong; 86 Chumphon; 90 Songkhla; 91 Satun; 92
        Trang; 93 Phatthalung; 94 Pattani; 95 Yala; 96 Narathiwat; S Phatthaya
    """,
    "TL": """
        AL Aileu; AN Ainaro; BA Baucau; BO Bobonaro; CO Cova Lima; DI Díli; ER Ermera; LA Lautém; LI Liquiça; MF
        Manufahi; MT Manatuto; OE Oé-Cusse Ambeno; VI Viqueque
    """,
    "VN": """
        01 Lai Châu; 02 Lào Cai; 03 Hà Giang; 04 Cao Bằng; 05 Sơn La; 06 Yên Bái; 07 Tuyên Quang; 09 Lạng Sơn; 13
        Quảng Ninh; 14 Hòa Bình; 18 Ninh Bình; 20 Thái Bình; 21 Thanh Hóa; 22 Nghệ An; 23 Hà Tĩnh; 24 Quảng Bình; 25
        Quảng Trị; 26 Thừa Thiên-Huế; 27 Quảng Nam; 28 Kon Tum; 29 Quảng Ngãi; 30 Gia Lai; 31 Bình Định; 32 Phú Yên;
        33 Đắk Lắk; 34 Khánh Hòa; 35 Lâm Đồng; 36 Ninh Thuận; 37 Tây Ninh; 39 Đồng Nai; 40 Bình Thuận; 41 Long An; 43
        Bà Rịa - Vũng Tàu; 44 An Giang; 45 Đồng Tháp; 46 Tiền Giang; 47 Kiến Giang; 49 Vĩnh Long; 50 Bến Tre; 51 Trà
        Vinh; 52 Sóc Trăng; 53 Bắc Kạn; 54 Bắc Giang; 55 Bạc Liêu; 56 Bắc Ninh; 57 Bình Dương; 58 Bình Phước; 59 Cà
        Mau; 61 Hải Dương; 63 Hà Nam; 66 Hưng Yên; 67 Nam Định; 68 Phú Thọ; 69 Thái Nguyên; 70 Vĩnh Phúc; 71 Điện
        Biên; 72 Đắk Nông; 73 Hậu Giang; CT Cần Thơ; DN Đà Nẵng; HN Hà Nội; HP Hải Phòng; SG Hồ Chí Minh
    """,
}


def _by_code() -> Iterator[tuple[str, str]]:
    for country, names in _NAMES.items():
        for entry in " ".join(names.split()).split("; "):
            code, _, name = entry.partition(" ")
            yield f"{country}-{code}", name


NAMES: Final = dict(_by_code())
"""The name of each subdivision by its code."""
NATIVE: Final[dict[str, dict[str, str]]] = json.loads((Path(__file__).parent / "subdivisions.json").read_text("utf-8"))
"""By the tag of a language, the names of the subdivisions of its state in its script, by code."""
_SHORT: Final = {"TH-10": ("กรุงเทพฯ", "กรุงเทพ", "กทม"), "TH-14": ("อยุธยา",), "TH-S": ("เมืองพัทยา",)}
"""What people write in place of a name."""
_ALIASES: Final = """
    BN-BM Bandar Seri Begawan; ID-BB Bangka Belitung; ID-BB Bangka Belitung Islands; ID-JB West Java; ID-JI East
    Java; ID-JK Jakarta; ID-JK DKI Jakarta; ID-JT Central Java; ID-JW Java; ID-KB West Kalimantan; ID-KI East
    Kalimantan; ID-KR Riau Islands; ID-KS South Kalimantan; ID-KT Central Kalimantan; ID-KU North Kalimantan;
    ID-MU North Maluku; ID-NB West Nusa Tenggara; ID-NT East Nusa Tenggara; ID-PB West Papua; ID-PD Southwest
    Papua; ID-PE Highland Papua; ID-PS South Papua; ID-PT Central Papua; ID-SA North Sulawesi; ID-SB West Sumatra;
    ID-SG Southeast Sulawesi; ID-SM Sumatra; ID-SN South Sulawesi; ID-SR West Sulawesi; ID-SS South Sumatra; ID-ST
    Central Sulawesi; ID-SU North Sumatra; ID-YO Jogjakarta; ID-YO Special Region of Yogyakarta; KH-1 Banteay
    Meanchey; KH-10 Kratie; KH-11 Mondulkiri; KH-12 Pnom Penh; KH-14 Prey Veng; KH-15 Pursat; KH-16 Ratanakiri;
    KH-16 Rattanakiri; KH-17 Siem Reap; KH-18 Sihanoukville; KH-19 Stung Treng; KH-2 Battambang; KH-20 Svay Rieng;
    KH-21 Takeo; KH-22 Oddar Meanchey; KH-22 Otdar Meanchey; KH-23 Kep; KH-25 Tboung Khmum; KH-3 Kampong Cham;
    KH-5 Kampong Speu; KH-6 Kampong Thom; KH-8 Kandal; KH-9 Koh Kong; LA-AT Attapeu; LA-BL Bolikhamsai; LA-BL
    Bolikhamxay; LA-BL Borikhamxay; LA-CH Champassak; LA-HO Houaphanh; LA-HO Huaphan; LA-KH Khammouane; LA-LM
    Luang Namtha; LA-LP Luang Prabang; LA-LP Louang Prabang; LA-OU Oudomxay; LA-PH Phongsaly; LA-SL Saravane;
    LA-VI Vientiane Province; LA-VT Vientiane Prefecture; LA-VT Vientiane Capital; LA-VT Vientiane City; LA-XA
    Sainyabuli; LA-XA Xayaboury; LA-XA Xayabouly; LA-XE Sekong; LA-XI Xieng Khouang; LA-XI Xiengkhuang; LA-XS
    Xaysomboun; MM-02 Pegu; MM-03 Magwe; MM-05 Tenasserim; MM-06 Rangoon; MM-07 Irrawaddy; MM-12 Karenni; MM-13
    Karen; MM-16 Arakan; MM-18 Naypyidaw; MY-01 Johore; MY-04 Malacca; MY-05 Negri Sembilan; MY-07 Penang; MY-11
    Trengganu; MY-14 Kuala Lumpur; MY-15 Labuan; MY-16 Putrajaya; PH-00 Manila; PH-00 Metro Manila; PH-00 NCR;
    PH-14 Bangsamoro; PH-14 BARMM; PH-15 Cordillera; PH-COM Compostela Valley; PH-MDC Occidental Mindoro; PH-MDR
    Oriental Mindoro; PH-NCO North Cotabato; PH-WSA Western Samar; TH-10 Bangkok; TH-11 Samut Prakarn; TH-14
    Ayutthaya; TH-22 Chantaburi; TH-27 Sa Kaew; TH-30 Korat; TH-30 Khorat; TH-34 Ubon; TH-38 Bung Kan; TH-41 Udon;
    TH-67 Petchabun; TH-76 Petchaburi; TH-80 Nakhon Sri Thammarat; TH-S Pattaya; TL-OE Oecusse; TL-OE Oecussi;
    VN-26 Hue; VN-43 Vung Tau; VN-SG Ho Chi Minh City; VN-SG HCMC; VN-SG Saigon
"""
"""Other names in common English use. Vientiane alone is none: it is a prefecture and a province."""
_ENGLISH_KIND: Final = re.compile(
    r"(.+?)\s+(?:province|state|region|division)|(?:province|state) of (.+)", re.IGNORECASE
)  # fmt: skip
_NEAR_LEAST: Final = 0.6
"""How much two names have in common that are similar: the ratio of difflib."""
_CODE: Final = re.compile(r"(?:.*\()?([A-Za-z]{2}-[A-Za-z0-9]{1,3})\)?")
_KIND: Final = re.compile(
    r"(?:จังหวัด|จ\.|ខេត្ត|រាជធានី|ແຂວງ)\s*(.+)|(.+?)\s*(?:တိုင်း(?:ဒေသကြီး)?|ပြည်နယ်|ပြည်ထောင်စုနယ်မြေ)", re.DOTALL
)
"""A name with the word for province, region, state or capital."""
_UNSEEN: Final = re.compile(r"[\s\u200b-\u200d\u2060\ufeff.]")
_TONE_FIRST: Final = re.compile("([\u0e48-\u0e4b])(\u0e4d)|([\u0ec8-\u0ecb])(\u0ecd)")
_SAME: Final = (("\u17d2\u178a", "\u17d2\u178f"), ("\u0eab\u0ebc", "\u0eab\u0ea5"))
"""Two spellings of one sound: Khmer's subscript da and ta, which look alike, and Lao's lo below ho and beside it."""


def with_name(code: str, tag: str = ENGLISH.tag) -> str:
    """Return the name of a subdivision in a language, with its code; a code without a name unchanged."""
    name = NATIVE.get(tag, {}).get(code) or NAMES.get(code)
    return f"{name} ({code})" if name else code


def code_of(text: str, country: str) -> str | None:
    """Return the code of a subdivision that is written as its code, its name with the code, or its name alone.

    Case and marks of letters do not count. Among equal names, that in `country` counts; None if ambiguous.
    """
    written = _CODE.fullmatch(text.strip())
    if written is not None:
        return written[1].upper()
    found = _codes_by_name().get(_folded(text.strip()), ())
    own = [code for code in found if code.startswith(f"{country}-")]
    meant = own or found
    return meant[0] if len(meant) == 1 else alias_code(text, country) or native_code(text)


def alias_code(text: str, country: str = "") -> str | None:
    """Return the code of a subdivision by its name or another one in common English use, such as Bangkok.

    Blanks, hyphens, marks of letters and the word for province do not count. Among equal names, that in `country`
    counts; None if ambiguous.
    """
    kind = _ENGLISH_KIND.fullmatch(text.strip())
    for each in (text, *((kind[1] or kind[2],) if kind else ())):
        found = _codes_by_alias().get(_squeezed(each), ())
        own = tuple(code for code in found if code.startswith(f"{country}-")) or found
        if len(own) == 1:
            return own[0]
    return None


def similar(text: str, country: str, most: int = 3) -> list[str]:
    """Return the codes of the subdivisions whose names are the most similar to a text: those of `country` alone, if it
    has any at all.
    """
    known = _codes_by_alias()
    own = [name for name, codes in known.items() if any(code.startswith(f"{country}-") for code in codes)]
    near = get_close_matches(_squeezed(text), own or list(known), 2 * most, _NEAR_LEAST)
    found = dict.fromkeys(code for name in near for code in known[name] if not own or code.startswith(f"{country}-"))
    return list(found)[:most]


def native_code(text: str) -> str | None:
    """Return the code of a subdivision by its name in the script of its state, with the word for province or without.

    Blanks, characters that cannot be seen and spellings that look alike do not count; None for any other text.
    """
    return _codes_by_native_name().get(_native_key(text))


def is_code(text: str) -> bool:
    """Whether a text has the form of a code of ISO 3166-2."""
    return _CODE.fullmatch(text) is not None


def without_kind(name: str) -> str:
    """Return a name in Thai, Khmer, Lao or Burmese without the word for province; any other text unchanged."""
    found = _KIND.fullmatch(name)
    return next(part for part in found.groups() if part) if found else name


@cache
def _codes_by_name() -> dict[bytes, tuple[str, ...]]:
    found: dict[bytes, tuple[str, ...]] = {}
    for code, name in NAMES.items():
        found[_folded(name)] = (*found.get(_folded(name), ()), code)
    return found


@cache
def _codes_by_alias() -> dict[str, tuple[str, ...]]:
    """Return the codes by name and by other name, without what does not count."""
    entries = (each.partition(" ") for each in " ".join(_ALIASES.split()).split("; "))
    found: dict[str, dict[str, None]] = {}
    for code, name in [*NAMES.items(), *((code, name) for code, _, name in entries)]:
        found.setdefault(_squeezed(name), {})[code] = None
    return {name: tuple(codes) for name, codes in found.items()}


def _squeezed(name: str) -> str:
    letters = normal("NFKD", name.casefold().replace("\u0111", "d"))
    return "".join(each for each in letters if each.isalnum())


@cache
def _codes_by_native_name() -> dict[str, str]:
    names = [(name, code) for listed in NATIVE.values() for code, name in listed.items()]
    names += [(name, code) for code, short in _SHORT.items() for name in short]
    return {_native_key(name): code for name, code in names}


def _native_key(text: str) -> str:
    short = without_kind(re.sub("[\u200b-\u200d\u2060\ufeff]", "", text).strip())
    plain = _TONE_FIRST.sub(
        lambda found: "".join(reversed([part for part in found.groups() if part])), normal("NFKC", short)
    )
    for one, other in _SAME:
        plain = plain.replace(one, other)
    return _UNSEEN.sub("", plain)


def _folded(name: str) -> bytes:
    return sort_key(name, ENGLISH.tag)[0]
