"""Words that say what numbers in a row are: hours, rates, ages, codes, sections of a law, cases and other documents.

`number_series` and `references` look for them beside a number, in every language of the region.
"""

import re
from typing import Final

from suar.protocol.privacy.text.plain import nfkc

OF_TIMES: Final = re.compile(
    nfkc(
        r"\b(?:hours?|opens?|opening|closed|bus(?:es)?|trains?|flights?|ferry|ferries|boats?|schedules?|timetables?|depart\w*|arriv\w*|times?|shifts?|sessions?"
        r"|jam|waktu|jadwal|jadual|pukul|buka|kereta|kapal|feri|penerbangan|giờ|lịch|chuyến|tàu|mở cửa|oras|bukas|biyahe|horas?|horário|autocarros?|partidas?|oráriu)\b"
        "|เวลา|เปิด|เที่ยว|ตารางรถ|ໂມງ|ເວລາ|ເປີດ|ម៉ោង|បើក|နာရီ|အချိန်|ဖွင့်|时间|时刻|开放|营业|班车|列车|航班|நேரம்|மணி"
    ),
    re.IGNORECASE,
)
OF_RATES: Final = re.compile(
    nfkc(
        r"\b(?:per|rates?|ratios?|index|indices|shares?|coefficients?|weights?|proportions?|scores?|kadar|nisbah|rasio|angka|indeks|tỷ (?:lệ|số|suất)|tỉ lệ|chỉ số|bawat|taxas?|razão|índices?)\b|%"
        "|อัตรา|สัดส่วน|ดัชนี|ອັດຕາ|ສັດສ່ວນ|អត្រា|សន្ទស្សន៍|နှုန်း|အညွှန်း|比率|比例|指数|率|விகிதம்|குறியீட்டெண்"
    ),
    re.IGNORECASE,
)
OF_AGES: Final = re.compile(
    nfkc(r"\b(?:ages?|aged|years?|umur|usia|tuổi|gulang|edad|idades?|anos|tinan)\b|อายุ|ອາຍຸ|អាយុ|အသက်|年龄|岁|வயது"),
    re.IGNORECASE,
)
OF_CODES: Final = re.compile(
    nfkc(
        r"\b(?:hs code|ahtn|tariff|headings?|subheadings?|taric|pos tarif|isic|cpc|nace|isco|isced|sitc|coicop|hs|kbli|psic|msic|tsic|vsic|codes?|class(?:es)?|kode|kod|mã|código)\b"
        "|พิกัด|รหัส|ລະຫັດ|កូដ|ကုဒ်|代码|税号|税则|品目|குறியீடு"
    ),
    re.IGNORECASE,
)
OF_CLASSES: Final = re.compile(
    r"\b(?:hs|ahtn|tariff|headings?|taric|pos tarif|isic|cpc|nace|isco|isced|sitc|coicop|kbli|kbji|psic|psoc|msic|masco|tsic|vsic|vsco|ssic|ssoc|naics)\b"
    r"(?:[^A-Za-z\n]|\b(?:codes?|class(?:es)?|divisions?|groups?|rev|and|dan|e)\b){0,40}$",
    re.IGNORECASE,
)
"""A classification of goods, industries or occupations, and no other word between it and a number."""
OF_COURTS: Final = re.compile(
    nfkc(
        r"\b(?:appeals?|trials?|cases?|petitions?|applications?|suits?|causes?|writs?|judge?ments?|courts?|tribunals?|kes|rayuan|perbicaraan|permohonan|mahkamah|perkara|putusan|kasus|kaso|vụ án|bản án"
        r"|processos?|apelação|acórdão|prosesu|apelu|v|vs)\b|คดี|ฎีกา|ศาล|ຄະດີ|សំណុំរឿង|တုလား|အမှု|案|法院|வழக்கு"
    ),
    re.IGNORECASE,
)
"""A case or a court, or the parties of one: `Rantsev v. Cyprus`."""
OF_QUANTITIES: Final = re.compile(
    nfkc(
        r" ?(?:(?:per|a|each|every) (?:hour|day|week|month|quarter|year)|(?:persons?|people|cases|men|women|children|victims|passengers?|travell?ers?|migrants?|workers?|visitors?|crossings?|arrivals?|records?)\b"
        r"|(?:per|se|setiap |tiap )?(?:hari|minggu|bulan|tahun)\b|orang\b|kasus\b|(?:mỗi|một) (?:ngày|tuần|tháng|năm)|(?:lượt )?người\b|(?:kada|bawat|sa isang) (?:araw|linggo|buwan|taon)|(?:na )?(?:tao|katao|kaso)\b"
        r"|por (?:dia|semana|mês|ano)|pessoas\b|casos\b|(?:kada|iha) (?:loron|semana|fulan|tinan)|ema\b"
        "|(?:คน)?ต่อ(?:วัน|สัปดาห์|เดือน|ปี)|คน|ราย|(?:ຄົນ)?ຕໍ່(?:ມື້|ອາທິດ|ເດືອນ|ປີ)|ຄົນ|នាក់|(?:នាក់)?ក្នុងមួយ|ဦး|ယောက်|人|名|每[天日周月年]|பேர்|நபர்கள்)"
    ),
    re.IGNORECASE,
)
"""Right behind a number: what it counts, or in which time."""
OF_LAWS: Final = re.compile(r"\b(?:u\.s\.c|usc|sections?|articles?|arts?|chapters?|titles?)\b|§", re.IGNORECASE)
OF_CASES: Final = re.compile(
    nfkc(
        r"\b(?:cases?|refs?|references?|dockets?|files?|reports?|orders?|decrees?|decisions?|rulings?|judgments?|resolutions?|circulars?|nos?|acts?|laws?"
        r"|kes|kasus|perkara|nomor|putusan|akta|fail|hồ sơ|vụ án|bản án|nghị định|quyết định|luật|số|kaso|blg|processos?|decretos?|leis?)\b"
        "|คดี|หมายเลข|คำสั่ง|หนังสือ|ที่|ຄະດີ|ເລກທີ|សំណុំរឿង|លេខ|အမှုအမှတ်|အမှတ်|案|号|编号|文号|எண்|வழக்கு"
    ),
    re.IGNORECASE,
)
OF_DOCUMENTS: Final = re.compile(
    nfkc(
        r"\b(?:cases?|refs?|references?|dockets?|files?|dossiers?|documents?|docs?|reports?|orders?|decrees?|decisions?|rulings?|judge?ments?|resolutions?|circulars?|acts?|laws?|memos?|memorandum"
        r"|notifications?|notices?|instructions?|regulations?|ordinances?|prakas|bills?|petitions?|appeals?|permits?|licen[cs]es?|letters?|treat(?:y|ies)|g\.r|kes|kasus|perkara|putusan|akta|fail|rujukan|laporan|edaran"
        r"|pekeliling|keputusan|peraturan|undang|instruksi|surat|lisensi|izin|hồ sơ|vụ án|bản án|công văn|nghị định|quyết định|thông tư|chỉ thị|nghị quyết|thông báo|kế hoạch|luật|kaso|blg|batas|kautusan|sirkular"
        r"|processos?|prosesu|acórdão|decretos?|dekretu|leis?|portaria|despachos?|despachu|resolução|rezolusaun|circular)\b"
        "|คดี|คำสั่ง|หนังสือ|ฎีกา|พิพากษา|ประกาศ|มติ|กฎ|ระเบียบ|พระราช|แดง|ดำที่|ຄະດີ|ຄຳສັ່ງ|ຄໍາສັ່ງ|ດຳລັດ|ດໍາລັດ|ກົດໝາຍ|ກົດຫມາຍ|ຂໍ້ຕົກລົງ|ແຈ້ງການ|សំណុំរឿង|ប្រកាស|អនុក្រឹត្យ|សារាចរ|ច្បាប់|ព្រះរាជ"
        "|အမှုအမှတ်|ဥပဒေ|ညွှန်ကြား|အမိန့်|ကြေညာ|案|令|决定|通知|法|判决|民|刑|字|发|வழக்கு|சட்ட|ஆணை|அறிவிப்ப"
    ),
    re.IGNORECASE,
)
NUMBERED: Final = re.compile(
    nfkc(r"(?:\b(?:nos?|nomor|nombor|số|n\.º|nº)|หมายเลข|เลขที่|ที่|ເລກທີ|លេខ|အမှတ်|号|编号|எண்)[.:º]{0,2} ?$"),
    re.IGNORECASE,
)
"""Right before a number: a word for a number that does not say of what."""
_BEFORE, _AFTER = 60, 32  # characters beside a number that may have a word for its document


def is_document_named(text: str, start: int, end: int) -> bool:
    """Return whether a word for a case, an act or another document is beside this span of plain text."""
    return any(
        OF_DOCUMENTS.search(text, *span) is not None for span in ((max(0, start - _BEFORE), start), (end, end + _AFTER))
    )
