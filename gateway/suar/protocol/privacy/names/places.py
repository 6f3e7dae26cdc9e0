"""The first-level subdivisions of the eleven states and their capitals (ISO 3166-2), which are not names of persons.

The list has names of two words or more with common spellings; a single capitalised word does not indicate a name.
"""

import unicodedata
from typing import Final

from suar.protocol.normal_forms import normal
from suar.protocol.privacy.names.towns import TOWNS

_NAMES: Final = {
    "BN": """
        Bandar Seri Begawan
    """,
    "ID": """
        Kepulauan Bangka Belitung; Jawa Barat; Jawa Timur; Jakarta Raya; Jawa Tengah; Kalimantan Barat; Kalimantan
        Timur; Kepulauan Riau; Kalimantan Selatan; Kalimantan Tengah; Kalimantan Utara; Maluku Utara; Nusa Tenggara
        Barat; Nusa Tenggara Timur; Nusa Tenggara; Papua Barat; Papua Barat Daya; Papua Pengunungan; Papua Selatan;
        Papua Tengah; Sulawesi Utara; Sumatera Barat; Sulawesi Tenggara; Sulawesi Selatan; Sulawesi Barat; Sumatera
        Selatan; Sulawesi Tengah; Sumatera Utara; Bangka Belitung; Papua Pegunungan; Central Java; West Nusa
        Tenggara; East Nusa Tenggara; Daerah Istimewa Yogyakarta
    """,
    "KH": """
        Banteay Mean Choăy; Mondol Kiri; Phnom Penh; Preah Vihear; Prey Veaeng; Rotanak Kiri; Siem Reab; Preah
        Sihanouk; Stueng Traeng; Baat Dambang; Svaay Rieng; Otdar Mean Chey; Tbong Khmum; Kampong Chaam; Kampong
        Chhnang; Kampong Spueu; Kampong Thum; Kaoh Kong; Banteay Meanchey; Siem Reap; Ratanak Kiri; Stung Treng;
        Kampong Cham; Kampong Speu; Kampong Thom; Koh Kong; Prey Veng; Svay Rieng; Oddar Meanchey; Otdar Meanchey;
        Tboung Khmum
    """,
    "LA": """
        Louang Namtha; Luang Namtha; Luang Prabang; Xieng Khouang; Vientiane Capital; Vientiane Prefecture
    """,
    "MM": """
        Nay Pyi Taw; Nay Pyi Daw
    """,
    "MY": """
        Negeri Sembilan; Pulau Pinang; Wilayah Persekutuan Kuala Lumpur; Wilayah Persekutuan Labuan; Wilayah
        Persekutuan Putrajaya; Kuala Lumpur
    """,
    "PH": """
        National Capital Region; Cagayan Valley; Central Luzon; Western Visayas; Central Visayas; Eastern Visayas;
        Zamboanga Peninsula; Northern Mindanao; Autonomous Region in Muslim Mindanao; Cordillera Administrative
        Region; Agusan del Norte; Agusan del Sur; Camarines Norte; Camarines Sur; Davao de Oro; Davao Oriental;
        Davao del Sur; Davao del Norte; Dinagat Islands; Davao Occidental; Eastern Samar; Ilocos Norte; Ilocos Sur;
        Lanao del Norte; Lanao del Sur; La Union; Mindoro Occidental; Mindoro Oriental; Maguindanao del Norte;
        Maguindanao del Sur; Mountain Province; Misamis Occidental; Misamis Oriental; Negros Occidental; Negros
        Oriental; Northern Samar; Nueva Ecija; Nueva Vizcaya; South Cotabato; Southern Leyte; Sultan Kudarat;
        Surigao del Norte; Surigao del Sur; Zamboanga del Norte; Zamboanga del Sur; Zamboanga Sibugay; Kalakhang
        Maynila; Hilagang Samar; Silangang Samar; Kanlurang Mindoro; Silangang Mindoro; Lalawigang Bulubundukin;
        Timog Leyte; Hilagang Cotabato; Timog Cotabato; Mimaropa Region; Bangsamoro Autonomous Region; Negros Island
        Region
    """,
    "SG": """
        Central Singapore; North East; North West; South East; South West
    """,
    "TH": """
        Krung Thep Maha Nakhon; Samut Prakan; Pathum Thani; Phra Nakhon Si Ayutthaya; Ang Thong; Lop Buri; Sing
        Buri; Chai Nat; Chon Buri; Prachin Buri; Nakhon Nayok; Sa Kaeo; Nakhon Ratchasima; Buri Ram; Si Sa Ket; Ubon
        Ratchathani; Amnat Charoen; Bueng Kan; Nong Bua Lam Phu; Khon Kaen; Udon Thani; Nong Khai; Maha Sarakham;
        Roi Et; Sakon Nakhon; Nakhon Phanom; Chiang Mai; Chiang Rai; Mae Hong Son; Nakhon Sawan; Uthai Thani;
        Kamphaeng Phet; Suphan Buri; Nakhon Pathom; Samut Sakhon; Samut Songkhram; Prachuap Khiri Khan; Nakhon Si
        Thammarat; Surat Thani; Krung Thep; Phra Nakhon; Nong Bua Lamphu
    """,
    "TL": """
        Cova Lima; Oé-Cusse Ambeno; Oecusse Ambeno
    """,
    "VN": """
        Lai Châu; Lào Cai; Hà Giang; Cao Bằng; Sơn La; Yên Bái; Tuyên Quang; Lạng Sơn; Quảng Ninh; Hòa Bình; Ninh
        Bình; Thái Bình; Thanh Hóa; Nghệ An; Hà Tĩnh; Quảng Bình; Quảng Trị; Thừa Thiên-Huế; Quảng Nam; Kon Tum;
        Quảng Ngãi; Gia Lai; Bình Định; Phú Yên; Đắk Lắk; Khánh Hòa; Lâm Đồng; Ninh Thuận; Tây Ninh; Đồng Nai; Bình
        Thuận; Long An; Bà Rịa - Vũng Tàu; An Giang; Đồng Tháp; Tiền Giang; Kiến Giang; Vĩnh Long; Bến Tre; Trà
        Vinh; Sóc Trăng; Bắc Kạn; Bắc Giang; Bạc Liêu; Bắc Ninh; Bình Dương; Bình Phước; Cà Mau; Hải Dương; Hà Nam;
        Hưng Yên; Nam Định; Phú Thọ; Thái Nguyên; Vĩnh Phúc; Điện Biên; Đắk Nông; Hậu Giang; Cần Thơ; Đà Nẵng; Hà
        Nội; Hải Phòng; Hồ Chí Minh; Thừa Thiên Huế; Bà Rịa; Vũng Tàu
    """,
    "towns, crossings and waters": """
        Việt Nam; Kuala Terengganu; Alor Setar; Shah Alam; Sungai Petani; Sungai Golok; Puerto Princesa; Cox's Bazar; Sulu
        Sea; Ban Laem; Ban Phakkad; Lao Bao; Chong Sa Ngam; Three Pagodas Pass; Bukit Kayu Hitam; Padang Besar; Aranya
        Prathet; Bavet Moc Bai; Moc Bai; Golden Triangle; Andaman Sea; South China Sea; Phop Phra; Tha Song Yang; Muara
        Angke; Bhasan Char; Si Ma Cai; Tan Son Nhat; Tân Sơn Nhất; Côn Đảo; Wang Kelian; Durian Burung; Brooke's Point; Flores
        Timur; Hulu Langat; Lembah Klang; Poi Pet
    """,
    "states and regions, as they are called in the languages": """
        Thái Lan; Trung Quốc; Hàn Quốc; Nhật Bản; Đài Loan; Hoa Kỳ; Ấn Độ; Ả Rập Xê Út; Liên bang Nga; Vương quốc Anh;
        Phnôm Pênh; Viêng Chăn; Băng Cốc; Tam Giác Vàng; Vân Nam; Quảng Tây; Đông Nam Á; Châu Á; Châu Âu; Châu Phi; Trung
        Đông; Tây Nguyên; Cửu Long; Arab Saudi; Uni Emirat Arab; Amerika Serikat; Amerika Syarikat; Segitiga Emas; Korea
        Selatan; Timog Korea; Timog Silangang Asya; Gitnang Silangan; Estados Unidos; Arábia Saudita; West Bengal; Uttar
        Pradesh
    """,
    "beginnings of the names of bodies and regions": """
        Ban Chỉ; Quỹ Nhi; Vùng Đồng; Ibu Kota Nusantara; Ekonomi Khusus; First Instance
    """,
}


def _plain(name: str) -> str:
    """Return a name without diacritics, as in English texts."""
    letters = normal("NFD", name.replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_EVERY: Final = [
    name.lower() for names in (*_NAMES.values(), *TOWNS.values()) for name in " ".join(names.split()).split("; ")
]
PHRASES: Final = frozenset(tuple(each.split()) for name in _EVERY for each in (name, _plain(name)))
"""Each name in lower case, with and without diacritics."""
LONGEST: Final = max(map(len, PHRASES))
