"""Honest sentences as authors write them: places, companies, institutions, laws and programmes, and no person.

    python tests/protocol/privacy/honest.py

prints how many are stopped: those of `KNOWN`, for which rules may be changed, and those of `KEPT_ASIDE`, which were
scored before and after and for which no rule is changed. Written from the categories of messages (trend, alert,
practice, legislation) before the rules were changed. All companies are invented.
"""

import sys
from pathlib import Path
from typing import Final

Sentences = list[tuple[str, str]]

KNOWN: Final[Sentences] = [
    # trends
    ("en", "Most of those detected in 2026 had worked in Mae Ramat, Phop Phra or Tha Song Yang."),
    ("en", "Detections on fishing vessels landing in Benoa and Muara Angke fell after the moratorium."),
    ("en", "Referrals from Preah Sihanouk Referral Hospital and Calmette Hospital are counted once."),
    ("en", "The rise is due to screening at Techo International Airport since April."),
    ("en", "Figures from Cox's Bazar, Teknaf and Bhasan Char are those of the partner agencies."),
    ("id", "Kenaikan terbesar tercatat di Kabupaten Indramayu, Kabupaten Cianjur dan Kota Singkawang."),
    ("ms", "Kebanyakan kes dikesan di Daerah Hulu Langat dan Lembah Klang pada tahun 2026."),
    ("vi", "Phần lớn nạn nhân đến từ Mường Khương, Si Ma Cai và Bảo Thắng."),
    ("fil", "Karamihan ng natukoy ay mula sa Lapu-Lapu City, General Santos at Cagayan de Oro."),
    ("th", "ผู้เสียหายส่วนใหญ่พบที่อำเภอแม่สอด อำเภอแม่ระมาด และอำเภออุ้มผาง"),
    ("km", "ភាគច្រើនត្រូវបានរកឃើញនៅក្រុងប៉ោយប៉ែត ស្រុកអូរជ្រៅ និងក្រុងបាវិត"),
    ("lo", "ສ່ວນໃຫຍ່ພົບຢູ່ເມືອງຕົ້ນເຜິ້ງ ເມືອງຫ້ວຍຊາຍ ແລະ ນະຄອນຫຼວງວຽງຈັນ"),
    ("my", "အများစုကို မြဝတီ၊ တာချီလိတ်နှင့် မူဆယ်မြို့များတွင် တွေ့ရှိခဲ့သည်"),
    ("zh", "多数案件发生在西哈努克港、木牌和波贝。"),
    ("pt", "A maior parte dos casos foi detetada em Batugadé, Salele e Oé-Cusse Ambeno."),
    ("tet", "Kazu barak liu mak hetan iha Postu Administrativu Balibó no Postu Administrativu Tilomar."),
    ("ta", "பெரும்பாலான வழக்குகள் கிள்ளான் பள்ளத்தாக்கில் பதிவாகின."),
    # alerts
    ("en", "Advertisements promise clerical posts at Sunrise Digital Services in Poipet for 1,200 dollars a month."),
    ("en", "Golden Horizon Manpower Sdn Bhd lost its licence in March and still advertises."),
    ("en", "Recruits are flown from Tan Son Nhat to Techo and driven to Bavet the same night."),
    ("en", "Buses of Mekong Star Express were used on the road from Savannakhet to Mukdahan."),
    ("en", "The building stands behind the Crown Bay Hotel near Otres Beach."),
    ("en", "Crews are moved between carriers at sea west of Pulau Perak and near Con Dao."),
    ("en", "Applicants are told to meet at Terminal Bersepadu Selatan before midnight."),
    ("en", "The same text appears on Job Street, Work Abroad Today and Cari Kerja Malaysia."),
    ("id", "PT Cahaya Samudra Abadi menawarkan pekerjaan di kapal tanpa izin."),
    ("id", "Calon pekerja dikumpulkan di Pelabuhan Harbour Bay dan Bandara Hang Nadim."),
    ("ms", "Syarikat Pembekal Tenaga Maju Jaya tidak lagi berdaftar dengan Jabatan Tenaga Kerja."),
    ("ms", "Mereka dibawa melalui Wang Kelian dan Durian Burung pada waktu malam."),
    ("th", "บริษัท โกลเด้น ฮอไรซอน จำกัด โฆษณางานคอลเซ็นเตอร์ในปอยเปต"),
    ("th", "เส้นทางที่ใช้คือสะพานมิตรภาพไทย-ลาวแห่งที่ 2 และด่านช่องเม็ก"),
    ("vi", "Công ty TNHH Dịch vụ Nhân lực Sao Mai đăng tuyển lao động sang Campuchia."),
    ("vi", "Người lao động bị đưa qua cửa khẩu Xa Mát và cửa khẩu Lệ Thanh vào ban đêm."),
    ("fil", "Inaalok ng Bright Path Overseas Manpower ang trabaho sa Myawaddy."),
    ("fil", "Dinadala ang mga pasahero sa Brooke's Point at Bataraza bago sumakay ng bangka."),
    ("km", "ក្រុមហ៊ុន ហ្គោលឌិន ហូរ៉ាយហ្សិន ផ្សាយការងារនៅក្រុងព្រះសីហនុ"),
    ("lo", "ບໍລິສັດ ແສງຕາເວັນ ຈຳກັດ ໂຄສະນາວຽກຢູ່ເຂດເສດຖະກິດພິເສດສາມຫຼ່ຽມຄຳ"),
    ("my", "ရွှေကုက္ကိုနှင့် KK Park တွင် အလုပ်ခေါ်စာများ တိုးလာသည်"),
    ("zh", "广告称在金三角经济特区的客服中心工作，月薪两千美元。"),
    ("ta", "சிங்கப்பூர் செல்லும் வேலை விளம்பரங்கள் மீண்டும் வெளியாகின்றன."),
    ("tet", "Kompañia Timor Global Rekrutamentu la iha lisensa hosi Sekretaria Estadu."),
    # practices
    ("en", "The Blue Dragon Children's Foundation trained conductors on the Reunification Express."),
    ("en", "Posters of the Safe Journey Home programme hang in every Grab Driver Centre."),
    ("en", "The Chab Dai Coalition keeps the referral directory up to date."),
    ("en", "Yayasan Integritas Justitia Madani visits the crews each quarter."),
    ("id", "Gerakan Desa Migran Produktif diperluas ke Lombok Tengah dan Flores Timur."),
    ("fil", "Itinuturo ng Blas F. Ople Policy Center ang ligtas na pangingibang-bansa."),
    ("vi", "Mô hình Ngôi nhà Ánh Dương tiếp nhận người bị mua bán trở về."),
    ("th", "ศูนย์พักพิงบ้านเกร็ดตระการปรับปรุงขั้นตอนการรับส่งต่อ"),
    ("pt", "A Fundasaun Alola e a Rede Feto organizam sessões nas escolas."),
    ("km", "អង្គការ អាហ្វេស៊ីប បានបណ្តុះបណ្តាលមន្ត្រីនៅខេត្តស្វាយរៀង"),
    # legislation
    ("en", "The Labour Migration Policy and the Employment and Recruitment Agencies Act apply together."),
    ("en", "Penal Code Section 370A was replaced; the Bharatiya Nyaya Sanhita now applies in India."),
    ("en", "Prakas 107 of the Ministry of Labour and Vocational Training lists the permitted fees."),
    ("en", "Royal Ordinance Concerning the Management of Employment of Foreign Workers is amended."),
    ("id", "Undang-Undang Cipta Kerja mengubah ketentuan izin perusahaan penempatan."),
    ("ms", "Kanun Keseksaan dan Akta Pasport 1966 dipinda pada tahun yang sama."),
    ("vi", "Bộ luật Tố tụng Hình sự và Luật Xuất cảnh, Nhập cảnh được sửa đổi."),
    ("fil", "Pinalalakas ng Safe Spaces Act at ng Cybercrime Prevention Act ang parusa."),
    ("pt", "O Código de Processo Penal e a Lei de Migração e Asilo foram alterados."),
    ("tet", "Lei Migrasaun no Azilu no Kódigu Penál aplika hamutuk."),
    ("my", "ပြည်ပအလုပ်အကိုင်ဆိုင်ရာ ဥပဒေကို ပြင်ဆင်ခဲ့သည်"),
    ("zh", "《中华人民共和国出境入境管理法》与刑法第二百四十条一并适用。"),
    ("lo", "ກົດໝາຍວ່າດ້ວຍແຮງງານ ແລະ ດຳລັດ 245 ຖືກປັບປຸງໃນປີ 2026"),
]

KEPT_ASIDE: Final[Sentences] = [
    # trends
    ("en", "Half of the cases come from Bago Region, Ayeyarwady Region and Magway Region."),
    ("en", "Numbers from Kuching, Sibu and Lawas were added after the review."),
    ("en", "Most had been employed at plantations around Lahad Datu and Felda Sahabat."),
    ("en", "The shelters at Bann Pathum and Bann Kredtrakarn report monthly."),
    ("en", "Detections doubled on the lines from Ruili to Mandalay and from Kunming to Vientiane."),
    ("id", "Sebagian besar korban berasal dari Timor Tengah Selatan dan Sumba Barat Daya."),
    ("ms", "Bilangan tertinggi dicatat di Pasir Gudang, Bukit Mertajam dan Kuala Muda."),
    ("vi", "Số vụ tăng ở các huyện Mường La, Kỳ Sơn và Tương Dương."),
    ("fil", "Tumaas ang bilang sa San Jose del Monte, Dasmariñas at Puerto Galera."),
    ("th", "จำนวนเพิ่มขึ้นที่อำเภออรัญประเทศ อำเภอคลองใหญ่ และอำเภอโป่งน้ำร้อน"),
    ("km", "ចំនួនកើនឡើងនៅស្រុកម៉ាឡៃ ស្រុកកំរៀង និងស្រុកសំពៅលូន"),
    ("lo", "ຈຳນວນເພີ່ມຂຶ້ນຢູ່ແຂວງສະຫວັນນະເຂດ ແລະ ແຂວງຈຳປາສັກ"),
    ("my", "ကော့သောင်းနှင့် ဘုရားသုံးဆူတွင် အရေအတွက် မြင့်တက်ခဲ့သည်"),
    ("zh", "瑞丽、磨憨和东兴口岸的数字上升。"),
    ("pt", "Os números subiram em Aileu, Lospalos e na Ilha de Ataúro."),
    ("tet", "Númeru sa'e iha Suku Beto Tasi no Suku Comoro, Munisípiu Dili."),
    ("ta", "ஜொகூர் பாரு மற்றும் தவாவ் பகுதிகளில் எண்ணிக்கை உயர்ந்தது."),
    # alerts
    ("en", "Pacific Pearl Recruitment Agency asks for the fee before any interview."),
    ("en", "The offices of Lucky Star Entertainment moved from Sihanoukville to Dara Sakor."),
    ("en", "The ferry from Tanjung Pinang to Stulang Laut carries most of them."),
    ("en", "Vans wait at the Nong Samet market and cross at Ban Khlong Luek."),
    ("en", "The vessel Ocean Harvest 8 was last seen off Tarempa in the Anambas."),
    ("en", "Interviews are held at the Riverside Grand Hotel in Kota Bharu."),
    ("en", "The website of Asia Dream Careers copies the design of Maybank and Petronas."),
    ("en", "Travellers are told to say that they attend the Songkran Festival or a Lunar New Year party."),
    ("id", "CV Mitra Bahari Sejahtera memberangkatkan awak kapal dari Tegal dan Pemalang."),
    ("id", "Korban melewati Jalur Tikus Jagoi Babang menuju Serikin."),
    ("ms", "Agensi Pekerjaan Bintang Timur Sdn Bhd menawarkan kerja ladang di Lahad Datu."),
    ("ms", "Bot bertolak dari Tanjung Sepat dan Kuala Sungai Besar."),
    ("th", "ห้างหุ้นส่วนจำกัด รุ่งเรืองแรงงาน ถูกเพิกถอนใบอนุญาต"),
    ("th", "รถตู้จอดรับที่สถานีขนส่งหมอชิต 2 และตลาดโรงเกลือ"),
    ("vi", "Công ty Cổ phần Hợp tác Lao động Biển Xanh bị thu hồi giấy phép."),
    ("vi", "Xe chở người dừng ở Ngã Ba Đồng Lộc và cầu Hiền Lương."),
    ("fil", "Nagpapanggap ang Silver Lining Travel and Tours na may lisensya."),
    ("fil", "Sumasakay sila sa Iligan at bumababa sa Sandakan o sa Lahad Datu."),
    ("km", "រថយន្តក្រុងចេញពីផ្សារដើមគរទៅច្រកព្រំដែនអន្តរជាតិបាវិត"),
    ("lo", "ລົດເມອອກຈາກສະຖານີສາຍໃຕ້ໄປດ່ານວັງເຕົ່າ"),
    ("my", "ရွှေလမ်း ဝန်ဆောင်မှု ကုမ္ပဏီသည် လိုင်စင်မဲ့ ဖြစ်သည်"),
    ("zh", "“蓝海劳务有限公司”没有执照，仍在微信群招工。"),
    ("ta", "உரிமம் இல்லாத முகவர் நிறுவனங்கள் கட்டணம் கேட்கின்றன."),
    ("tet", "Kareta hosi Terminál Tasi Tolu ba fronteira Mota Ain."),
    # practices
    ("en", "Hagar International and the Cambodian Women's Crisis Center share one intake form."),
    ("en", "Staff of the Seafarers' Welfare Centre at Songkhla Port speak Burmese and Khmer."),
    ("en", "The Good Shepherd Sisters and Tenaganita run the day centre together."),
    ("en", "The Thai Union Group and the Seafood Task Force audit the vessels."),
    ("id", "Rumah Aman Bina Insani menerima rujukan dari Dinas Sosial Provinsi."),
    ("fil", "Binuksan ng Visayan Forum ang halfway house sa Matnog at sa Batangas Pier."),
    ("vi", "Đường dây nóng Trẻ em và Tổ chức Rồng Xanh phối hợp đón người trở về."),
    ("th", "มูลนิธิรักษ์ไทยและเครือข่ายเพื่อสิทธิแรงงานจัดอบรมลูกเรือประมง"),
    ("pt", "O Centro Uma Mahon e a Casa Vida acolhem as pessoas encaminhadas."),
    ("km", "មជ្ឈមណ្ឌលឆ្លងកាត់ប៉ោយប៉ែតទទួលអ្នកត្រឡប់មកវិញរាល់សប្តាហ៍"),
    # legislation
    ("en", "The Private Employment Agencies (Amendment) Ordinance enters Part Four of the Labour Code."),
    ("en", "Under the Witness Assistance Act and the Legal Aid Act, counsel is free of charge."),
    ("en", "The Bali Declaration, the Kuala Lumpur Accord and the Vientiane Action Programme are cited."),
    ("en", "Sub-Decree 190 on Sending Workers Abroad is under review at the Council of Ministers."),
    ("id", "Kitab Undang-Undang Hukum Pidana baru berlaku penuh pada tahun 2026."),
    ("ms", "Ordinan Buruh Sabah dan Akta Perlindungan Pemberi Maklumat dirujuk bersama."),
    ("vi", "Bộ luật Lao động và Luật Trợ giúp Pháp lý có hiệu lực cùng năm."),
    ("fil", "Sinususugan ng Magna Carta of Women at ng Labor Code ang mga tuntunin."),
    ("pt", "A Lei do Trabalho e o Regime Jurídico dos Passaportes foram publicados."),
    ("tet", "Dekretu-Lei kona-ba Ajénsia Rekrutamentu aprova ona iha Konsellu Ministru."),
    ("my", "ကလေးသူငယ်အခွင့်အရေးများဆိုင်ရာ နည်းဥပဒေများ ထုတ်ပြန်ပြီး ဖြစ်သည်"),
    ("zh", "《反对拐卖人口行动计划》第三部分规定了跨部门协作。"),
    ("lo", "ດຳລັດວ່າດ້ວຍວິສາຫະກິດຈັດຫາງານ ມີຜົນໃຊ້ໃນປີ 2026"),
]


def score() -> None:
    """Print what is stopped of each set."""
    sys.path[:0] = [str(Path(__file__).parents[2])]
    from protocol.privacy.test_texts import opinion
    from suar.protocol.privacy.verdict import marks

    for name, sentences in (("known", KNOWN), ("kept aside", KEPT_ASIDE)):
        stopped = [(opinion(text), text) for _, text in sentences if opinion(text) != "pass"]
        print(f"{name}: {len(sentences)} honest sentences, {len(stopped)} stopped")
        for result, text in stopped:
            print(f"  {result}: {text}  {marks('summary', text)[1]}")


if __name__ == "__main__":
    score()
