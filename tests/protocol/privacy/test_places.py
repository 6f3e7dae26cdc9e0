"""What only looks like a person: subdivisions, towns, capitals, companies, and the date of a law."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from protocol.privacy.honest import KNOWN
from protocol.privacy.sentences import LAWS
from protocol.privacy.test_texts import opinion
from suar.protocol.message.kinds import Legislation
from suar.protocol.message.messages import read
from suar.protocol.privacy.verdict import judge, marks
from suar.published import schemas_dir

SUBDIVISIONS = Path(__file__).parents[2] / "data" / "subdivisions.csv"
"""The names of ISO 3166-2 for the eleven states, as the Debian package iso-codes has them."""
CAPITALS = (
    "Bandar Seri Begawan", "Phnom Penh", "Jakarta", "Vientiane", "Kuala Lumpur", "Naypyidaw", "Nay Pyi Taw", "Manila",
    "Singapore", "Bangkok", "Krung Thep", "Dili", "Hanoi", "Hà Nội",
)  # fmt: skip
IN_THEIR_LETTERS = (
    (
        """
        กรุงเทพมหานคร กระบี่ กาญจนบุรี กาฬสินธุ์ กำแพงเพชร ขอนแก่น จันทบุรี ฉะเชิงเทรา ชลบุรี
        ชัยนาท ชัยภูมิ ชุมพร เชียงราย เชียงใหม่ ตรัง ตราด ตาก นครนายก นครปฐม นครพนม นครราชสีมา
        นครศรีธรรมราช นครสวรรค์ นนทบุรี นราธิวาส น่าน บึงกาฬ บุรีรัมย์ ปทุมธานี ประจวบคีรีขันธ์
        ปราจีนบุรี ปัตตานี พระนครศรีอยุธยา พะเยา พังงา พัทลุง พิจิตร พิษณุโลก เพชรบุรี เพชรบูรณ์
        แพร่ ภูเก็ต มหาสารคาม มุกดาหาร แม่ฮ่องสอน ยโสธร ยะลา ร้อยเอ็ด ระนอง ระยอง ราชบุรี ลพบุรี
        ลำปาง ลำพูน เลย ศรีสะเกษ สกลนคร สงขลา สตูล สมุทรปราการ สมุทรสงคราม สมุทรสาคร สระแก้ว
        สระบุรี สิงห์บุรี สุโขทัย สุพรรณบุรี สุราษฎร์ธานี สุรินทร์ หนองคาย หนองบัวลำภู อ่างทอง
        อำนาจเจริญ อุดรธานี อุตรดิตถ์ อุทัยธานี อุบลราชธานี
        """,
        ("จังหวัด{}", "พบผู้เสียหายใน{} 34 ราย", "{}และกรุงเทพฯ", "{} 120 คน"),
    ),
    (
        """
        ອັດຕະປື ບໍ່ແກ້ວ ບໍລິຄຳໄຊ ຈຳປາສັກ ຫົວພັນ ຄຳມ່ວນ ຫຼວງນ້ຳທາ ຫຼວງພະບາງ ອຸດົມໄຊ ຜົ້ງສາລີ
        ສາລະວັນ ສະຫວັນນະເຂດ ວຽງຈັນ ໄຊຍະບູລີ ເຊກອງ ຊຽງຂວາງ ໄຊສົມບູນ
        """,
        ("ແຂວງ{}", "{} ມີ 34 ຄົນ"),
    ),
    (
        """
        បន្ទាយមានជ័យ បាត់ដំបង កំពង់ចាម កំពង់ឆ្នាំង កំពង់ស្ពឺ កំពង់ធំ កំពត កណ្ដាល កោះកុង ក្រចេះ
        មណ្ឌលគិរី ភ្នំពេញ ព្រះវិហារ ព្រៃវែង ពោធិ៍សាត់ រតនគិរី សៀមរាប ព្រះសីហនុ ស្ទឹងត្រែង ស្វាយរៀង
        តាកែវ ឧត្ដរមានជ័យ កែប ប៉ៃលិន ត្បូងឃ្មុំ
        """,
        ("ខេត្ត{}", "នៅ{} មាន ៣៤ នាក់"),
    ),
    (
        """
        စစ်ကိုင်း ပဲခူး မကွေး မန္တလေး တနင်္သာရီ ရန်ကုန် ဧရာဝတီ ကချင် ကယား ကရင် ချင်း မွန် ရခိုင်
        ရှမ်း နေပြည်တော်
        """,
        ("{}ပြည်နယ်", "{}တွင် ၃၄ ဦး"),
    ),
)
FRAMES = ("{}", "Checks were doubled in {} last month.", "Posts in {} and Bangkok agree.", "{} reports each month.")


def rows() -> list[tuple[str, str]]:
    with SUBDIVISIONS.open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file)]


def test_no_subdivision_and_no_capital_is_taken_for_a_person() -> None:
    names = [name for _, name in rows()] + list(CAPITALS)
    assert len(rows()) == 381
    against = [text for name in names for frame in FRAMES if marks("summary", text := frame.format(name)) != ((), ())]
    assert against == []


@pytest.mark.parametrize(("names", "frames"), IN_THEIR_LETTERS, ids=["th", "lo", "km", "my"])
def test_none_is_in_its_own_letters(names: str, frames: tuple[str, ...]) -> None:
    against = [
        text for name in names.split() for frame in frames if marks("summary", text := frame.format(name)) != ((), ())
    ]
    assert against == []


@pytest.mark.parametrize(
    "text",
    [
        "Nạn nhân bị đưa sang Thái Lan, Trung Quốc, Nhật Bản và Đài Loan.",
        "Công an Vân Nam phối hợp với cơ quan tại Phnôm Pênh và Viêng Chăn.",
        "Ban Chỉ đạo 138/CP và Quỹ Nhi đồng Liên hợp quốc tổ chức sơ kết.",
        "Khu vực Đông Nam Á, Trung Đông và vùng Tam Giác Vàng là địa bàn trọng điểm.",
        "Korban dibawa ke Amerika Serikat, Uni Emirat Arab dan Kawasan Segitiga Emas.",
        "Korban: WNI asal Jawa Barat.",
        "Mga biktima: OFW sa Gitnang Silangan at Timog Korea.",
        "Police in Tak Province and in Preah Sihanouk Province share information.",
        "Contact: Focal Point of the member.",
        "Member States agreed; the Court of First Instance decided in Bokeo Province.",
        "ผู้เสียหาย (ชาวต่างชาติ) ได้รับการคุ้มครอง",
        "ชื่อ-สกุล: ไม่ต้องระบุ",
        "ลูกจ้าง: สิทธิและหน้าที่",
        "ผู้ป่วย: คลินิกชายแดน",
        "ผู้เสียหาย - กระบวนการคัดแยก",
        "คนงาน: ภาคประมง เกษตร และก่อสร้าง",
        "ลูกจ้าง (ทำงานบ้าน) ได้รับสิทธิ",
        "เด็กชายขอบและเด็กไร้สัญชาติเข้าไม่ถึงบริการ",
    ],
)
def test_states_regions_and_bodies_in_the_languages_are_no_persons(text: str) -> None:
    assert marks("summary", text) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "Mr Surat Thani drives the van.",
        "Chị Thái Lan được đưa về.",
        "ผู้เสียหาย (ภาคิน) ได้รับการคุ้มครอง",
        "ผู้เสียหาย: สิทธิชัย",
        "Maria Province keeps the papers.",
        "The house belongs to Maria Surat Thani.",
        "Police spoke with Nakhon Santos in May.",
        "Nạn nhân Nguyễn Bình Dương được đưa về.",
        "A girl named Davao Santos was seen.",
        "Maria Santos of Kota Bharu keeps the papers.",
        "Malee Suksai was seen near Otres Beach.",
        "The broker Somchai Jaidee uses Mekong Express.",
        "Nạn nhân Nguyễn Thị Lan ở huyện Mường La được đưa về.",
        "Người lao động Thu Hiền được đưa về.",
        "Rina Wulandari tinggal di Kabupaten Cianjur.",
        "They met in Jalan Besar Maria Santos and her son.",
        "Uma Devi keeps the papers of Vang Pao and Lei Wong.",
        "Nathan Lane and Maria San Jose signed for PT Cahaya Samudra Abadi.",
        "In Mae Sot, Somchai Jaidee met the broker.",
        "Kota Singkawang: Rina Wulandari menunggu.",
    ],
)
def test_a_name_with_a_place_in_it_is_held_yet(text: str) -> None:
    assert marks("summary", text)[1]


def test_honest_sentences_pass_but_for_one_in_twenty() -> None:
    against = [text for _, text in KNOWN if opinion(text) != "pass"]
    assert len(against) <= 0.05 * len(KNOWN), against


def law(summary: str, lang: str = "en", **changes: Any) -> Any:
    tree = json.loads((schemas_dir() / "examples" / "valid" / "legislation-expanded-act.json").read_bytes())
    english = [] if lang == "en" else [{"lang": "en", "title": "Law", "summary": "A law."}]
    tree |= {"text": [*english, {"lang": lang, "title": "Law", "summary": summary}], **changes}
    message = read(json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode())
    assert isinstance(message, Legislation)
    return judge(message)


@pytest.mark.parametrize(("lang", "verdict", "text"), LAWS, ids=range(len(LAWS)))
def test_a_law_may_say_when_it_was_passed_and_applies(lang: str, verdict: str, text: str) -> None:
    assert law(text, lang).verdict == verdict


def test_only_a_law_may() -> None:
    assert marks("summary", "The act came into force on 15 January 2027.")[0]
    assert (
        law("It applies.", reason="The act came into force on 15 January 2027.", action="update", rev=2).verdict
        == "pass"
    )
    twice = "The act came into force on 15 January 2027. She was born on 15 January 2027."
    assert law(twice).verdict == "refuse"
    assert law("It came into force on 15 January 2027; call 081-234-5678.").verdict == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "Case No. 0812345678 is open.",
        "Case No. 081-234-5678 is open.",
        "Call 8123/4567 at night.",
        "Ref. 081-234-5678 answers at night.",
        "Hotline 081/234/5678 answers.",
        "See TH-TREND-2027-000001 or call 081-234-5678.",
        "The file no. 2024/118 names Maria Santos.",
    ],
)
def test_a_word_for_a_reference_hides_no_identifier(text: str) -> None:
    assert marks("summary", text) != ((), ())
