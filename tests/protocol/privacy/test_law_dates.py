"""Full dates in the title of a law: its own date is free; beside a word for birth, age or a person it is held."""

import pytest

from protocol.privacy.laws import TITLES
from suar.protocol.message.spec import CITATION
from suar.protocol.privacy.verdict import marks

OF_PERSONS = (
    "Order on the protection of a girl born 1999-03-04 in Chiang Rai",
    "Order about a girl born 1999-03-04",
    "date of birth 1999-03-04",
    "Judgment about the woman born on 4 March 1999",
    "Order (No. 12) on a boy, 1999-03-04",
    "Order on a person aged under 16, 04/03/1999",
    "Perintah perlindungan seorang gadis 4 Maret 1999",
    "Putusan tentang anak perempuan lahir 1999-03-04",
    "Perintah tentang budak berumur 9, 4 Mac 1999",
    "Quyết định về bé gái sinh ngày 4 tháng 3 năm 1999",
    "Kautusan tungkol sa batang babae, ipinanganak 1999-03-04",
    "Decisão sobre a menina nascida em 4 de março de 1999",
    "Desizaun kona-ba labarik feto, moris 1999-03-04",
    "คำสั่งคุ้มครองเด็กหญิง เกิดเมื่อ 4 มีนาคม 2542",
    "ຄຳສັ່ງປົກປ້ອງເດັກຍິງ ເກີດ 04/03/1999",
    "បទបញ្ជាស្តីពីក្មេងស្រី កើតនៅ 04/03/1999",
    "မိန်းကလေး မွေးနေ့ 1999-03-04 ဆိုင်ရာ အမိန့်",
    "关于女孩的命令 1999年3月4日出生",
    "1999-03-04 அன்று பிறந்த சிறுமி பற்றிய ஆணை",
)
OF_LAWS = (
    "Constitution of Brunei Darussalam of 1999-03-04",
    "Act of 4 March 1999",
    "Anti-Trafficking in Persons Act of 26 May 2003",
    "Convention on the Rights of the Child, 20 November 1989",
    "Minimum Age Convention, 26 June 1973",
    "Magna Carta of Women, 14 August 2009",
    "Undang-Undang Perlindungan Anak, 22 November 2002",
    "Luật Trẻ em ngày 5 tháng 4 năm 2016",
    "Pháp lệnh về học sinh, sinh viên 2016-04-05",
    "Lei de Proteção das Crianças, 4 de março de 1999",
    "พระราชบัญญัติคุ้มครองเด็ก 2 ตุลาคม 2546",
    "ကလေးသူငယ်အခွင့်အရေးများဆိုင်ရာဥပဒေ 2019-07-23",
    "未成年人保护法 2020年10月17日",
)


def dates_held(title: str) -> list[str]:
    leads, _ = marks(CITATION, title)
    return [found.words for found in leads]


@pytest.mark.parametrize("title", OF_PERSONS)
def test_a_date_beside_a_word_for_a_person_is_held(title: str) -> None:
    assert dates_held(title)


@pytest.mark.parametrize("title", OF_LAWS)
def test_the_date_of_a_law_is_free(title: str) -> None:
    assert dates_held(title) == []


@pytest.mark.parametrize("title", TITLES)
def test_no_title_of_the_region_has_a_word_that_holds_its_date(title: str) -> None:
    assert dates_held(f"{title}, 1999-03-04") == []
