"""A set kept aside: sentences written from the categories before the rules for them were, and scored once.

    python tests/protocol/privacy/fresh.py

prints the figures that stand in docs/privacy.md. No rule is changed for a sentence of this file. All values and names
are invented. `TREND` stands beside the table of `privacy.prose_table`: 113 women and 7 men, both hidden, of 120.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

FRESH: Final[list[tuple[str, str, str]]] = [
    # identifiers
    ("en", "refuse", "The parcels were booked by a man who reads messages at 13912345678 in the evening."),
    ("zh", "refuse", "中介人常用的手机是13576543210，晚上才开机。"),
    ("zh", "refuse", "登记表上写的是533102199804121023，没有别的资料。"),
    ("en", "refuse", "The crew list has 440300200101156675 in the last column."),
    ("en", "refuse", "The clerk copied C4567890 and a second booklet, E7654321B, without a word beside them."),
    ("id", "refuse", "Petugas mencatat X1234567 pada lembar kedua tanpa keterangan."),
    ("th", "hold", "รถกระบะ ทะเบียน บล 4821 จอดหลังตลาดทุกคืนวันศุกร์"),
    ("vi", "hold", "Xe khách 79B-012.34 đón khách ở ngã ba lúc nửa đêm."),
    ("id", "hold", "Mobil travel DK 1829 FBE menjemput mereka di terminal."),
    ("ms", "hold", "Van putih bernombor WQR 8123 menunggu di belakang kilang."),
    ("en", "hold", "The silver sedan SLK 4407 D left before the inspectors came."),
    ("km", "hold", "រថយន្តស្លាកលេខ 2BC-7741 បានដឹកពួកគេទៅព្រំដែន"),
    ("my", "hold", "ယာဉ်အမှတ် 7K-3321 ဖြင့် ခေါ်ဆောင်သွားသည်"),
    ("lo", "hold", "ລົດຕູ້ ທະບຽນ ກຕ 5520 ຮັບຄົນຢູ່ສາມແຍກ"),
    ("fil", "hold", "Nakita ang van na may plakang NDK 4519 sa tapat ng pier."),
    ("en", "refuse", "Wages are sent to account number 7340 118 2295 at a bank in the capital."),
    ("th", "refuse", "ให้โอนเข้าบัญชีธนาคารเลขที่ 457-2-18834-6 ก่อนออกเดินทาง"),
    ("vi", "refuse", "Gia đình phải chuyển tiền vào số tài khoản 19033345678012 trong hai ngày."),
    ("id", "refuse", "Uang muka dikirim ke rekening 5270-0123-4567 atas permintaan agen."),
    ("pt", "refuse", "O depósito foi feito na conta bancária 00800123456789 no mesmo dia."),
    ("th", "refuse", "นายหน้าให้ทักไลน์ rungtip_job24 เพื่อส่งรูป"),
    ("my", "refuse", "ဗိုင်ဘာ kyaw.travel88 သို့ ဓာတ်ပုံ ပို့ခိုင်းသည်"),
    ("en", "refuse", "Pictures go to Telegram fastvisa_2027 and are deleted within the hour."),
    ("tet", "refuse", "Labarik-feto ne'e moris iha loron 17 fulan Jullu tinan 2010."),
    ("tet", "refuse", "Nia moris iha loron sanulu-resin-lima fulan Maiu tinan rihun rua sanulu."),
    ("km", "refuse", "នាងកើតនៅថ្ងៃទីម្ភៃ ខែតុលា ឆ្នាំពីរពាន់ដប់"),
    ("en", "refuse", "The driver's number is 0️⃣8️⃣9️⃣-2️⃣3️⃣4️⃣-5️⃣6️⃣7️⃣8️⃣ in every advertisement."),
    ("ms", "refuse", "Nombor yang tertera ialah 019_876_5432 di bawah gambar."),
    ("en", "refuse", "Applications go to rеcruit@ехаmple.com until the end of the month."),
    ("en", "refuse", "She showed ΑΒ7654321 at the second counter."),
    ("en", "refuse", "The number 08\U000e00201\ufe0f-2\u2063345-6\u3164789 is on the poster."),
    ("en", "hold", "Ask for the ferry: zero eight one, two three four, five six seven eight."),
    ("id", "hold", "Nomornya nol delapan satu dua tiga empat lima enam tujuh delapan."),
    ("ms", "hold", "Telefon kosong satu sembilan lapan tujuh enam lima empat tiga dua."),
    ("th", "hold", "เบอร์คือ ศูนย์ แปด เก้า หนึ่ง สอง สาม สี่ ห้า หก เจ็ด"),
    ("vi", "hold", "Số máy là không chín một hai ba bốn năm sáu bảy tám."),
    ("fil", "hold", "Ang numero ay sero siyam isa pito dalawa tatlo apat lima anim pito walo."),
    # names
    ("en", "hold", "The two were driven by her cousin nopparat to the pier."),
    ("en", "hold", "A 15-year-old thida was seen at the bus station."),
    ("ms", "hold", "Kakaknya salmah bekerja di kedai yang sama."),
    ("id", "hold", "Gadis bernama wulan itu dijemput di terminal."),
    ("fil", "hold", "Kasama ng kapatid niyang si jocelyn ang rekruter."),
    ("vi", "hold", "Em gái tên hương bị đưa sang bên kia biên giới."),
    ("en", "hold", 'The recruiter, known as "Uncle Top", pays the boatmen.'),
    ("th", "hold", "คนขับที่ทุกคนเรียกว่า “เฮียตี๋” รอที่ท่ารถ"),
    ("pt", "hold", "A angariadora, conhecida por «Tia Nené», cobra à chegada."),
    # not identifiers
    ("en", "pass", "Checks were doubled in Nakhon Si Thammarat, Surat Thani and Ubon Ratchathani."),
    ("en", "pass", "Most leave from Nusa Tenggara Timur, Sulawesi Tenggara and Kepulauan Bangka Belitung."),
    ("en", "pass", "Posts in Misamis Oriental, Davao de Oro and Agusan del Norte report each month."),
    ("vi", "pass", "Các tỉnh Bà Rịa - Vũng Tàu, Thừa Thiên Huế và Đắk Nông cùng tham gia."),
    ("en", "pass", "Otdar Mean Chey and Preah Vihear share the northern border of Cambodia."),
    ("th", "pass", "จังหวัดนครนายก นครราชสีมา และแม่ฮ่องสอนรายงานทุกไตรมาส"),
    ("id", "pass", "Kementerian Pelindungan Pekerja Migran Indonesia membuka pos pengaduan."),
    ("vi", "pass", "Bộ Lao động, Thương binh và Xã hội ban hành hướng dẫn mới."),
    ("en", "pass", "See Case No. 2025/31 and document ref. 117/2569 for the earlier rulings."),
    ("en", "pass", "This replaces MY-TREND-2027-000318 and adds to SG-ALERT-2026-001204."),
    ("en", "pass", "Callers reach help on 1300, 191 or 1599 at any hour."),
    ("fil", "pass", "Bukas ang hotline 1343 sa buong bansa araw at gabi."),
    ("lo", "pass", "ສາຍດ່ວນ 1362 ແລະ 1191 ເປີດຕະຫຼອດ 24 ຊົ່ວໂມງ"),
    ("my", "pass", "နေပြည်တော်နှင့် ရန်ကုန်တိုင်းဒေသကြီးတွင် စစ်ဆေးမှုများ တိုးမြှင့်ခဲ့သည်"),
    ("tet", "pass", "Ministériu Solidariedade Sosiál no Inkluzaun fó apoiu iha munisípiu hotu."),
    ("ta", "pass", "வேலைவாய்ப்பு முகவர்கள் கூடுதல் கட்டணம் வசூலிக்கின்றனர்."),
    ("zh", "pass", "云南和广西的口岸每季度交换一次情况。"),
    ("km", "pass", "ក្រសួងមហាផ្ទៃ និងខេត្តបន្ទាយមានជ័យ បានពង្រឹងការត្រួតពិនិត្យ"),
    ("en", "pass", "The mother and her sister were told to wait at the hotel until the papers came."),
    ("en", "pass", 'Victims speak of "training fees" and of a "guarantee" kept by the employer.'),
    ("ms", "pass", "Majikan kilang di Negeri Sembilan dan Pulau Pinang diperiksa setiap tahun."),
]  # fmt: skip

LAWS: Final[list[tuple[str, str, str]]] = [
    # summaries of legislation
    ("en", "pass", "The amendment entered into force on 1 March 2026 and widens the definition."),
    ("id", "pass", "Peraturan ini mulai berlaku pada tanggal 14 Agustus 2025."),
    ("vi", "pass", "Luật có hiệu lực thi hành từ ngày 1 tháng 7 năm 2025."),
    ("en", "refuse", "The child of the leading case was born on 4 May 2011."),
]

TREND: Final[list[tuple[str, str, str]]] = [
    ("en", "refuse", "Only seven of them were men."),
    ("en", "refuse", "Women made up 94.2 per cent of all victims."),
    ("en", "refuse", "The table has 113 women."),
    ("th", "refuse", "ในจำนวนนี้เป็นชาย ๗ คน"),
    ("vi", "refuse", "Trong đó có bảy nạn nhân là nam."),
    ("id", "refuse", "Tujuh orang korban adalah laki-laki."),
    ("zh", "refuse", "其中男性七人。"),
    ("km", "refuse", "ក្នុងនោះមានបុរស ៧ នាក់"),
    ("pt", "refuse", "Sete pessoas eram homens, cerca de 6% do total."),
    ("tet", "refuse", "Mane nain hitu deit mak identifika."),
    ("en", "hold", "The seven posts on the river sent their figures late."),
    ("en", "hold", "Four children were among those found."),
    ("ms", "hold", "Dua kanak-kanak ditemui bersama mereka."),
    ("en", "pass", "In 2026, 120 persons were detected, more than in 2025."),
    ("en", "pass", "Ages are given in bands: 0 to 17, 18 and over. See Article 3 of the Protocol."),
    ("vi", "pass", "Năm 2026 phát hiện 120 nạn nhân trên cả nước."),
]


def score() -> None:
    """Print how many of each sort of sentence end as they should."""
    sys.path[:0] = [str(Path(__file__).parents[2])]
    from protocol.privacy.prose_table import verdict_of
    from protocol.privacy.test_texts import opinion
    from suar.protocol.privacy.verdict import LAW_PROSE, marks

    def of_law(_: str, text: str) -> str:
        leads, persons = marks(LAW_PROSE, text)
        return "refuse" if any(lead.is_sure for lead in leads) else "hold" if leads or persons else "pass"

    sets: tuple[tuple[str, list[tuple[str, str, str]], Callable[[str, str], str]], ...] = (
        ("texts", FRESH, lambda _, text: opinion(text)), ("laws", LAWS, of_law), ("trends", TREND, verdict_of),
    )  # fmt: skip
    for name, sentences, verdict in sets:
        ends = [(due, verdict(lang, text), text) for lang, due, text in sentences]
        bad = [(due, result) for due, result, _ in ends if due != "pass"]
        good = [result for due, result, _ in ends if due == "pass"]
        stopped, exact = sum(result != "pass" for _, result in bad), sum(due == result for due, result in bad)
        print(
            f"{name}: {len(bad)} to refuse or hold, {stopped} are, {exact} just as expected; {len(good)} to pass",
            end="",
        )
        print(f", {sum(result == 'pass' for result in good)} do")
        for due, result, text in ends:
            if due != result:
                print(f"  {due} expected, {result}: {text}")


if __name__ == "__main__":
    score()
