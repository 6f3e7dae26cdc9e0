"""Sentences that stand beside tables and tell no count: notes of method, coverage and change, without a hidden number.

They stand beside the table of `prose_table` (113 women and 7 men of 120) or of its two years (`TWO_YEARS`).
"""

from typing import Final

NOTES: Final[list[tuple[str, str]]] = [
    ("en", "One case may have several victims."),
    ("en", "Each case has at least one victim."),
    ("en", "One person may be counted in two years."),
    ("en", "Two persons check each form."),
    ("en", "Two officers checked each record."),
    ("en", "Every victim has one file."),
    ("en", "One victim may suffer two forms of exploitation."),
    ("en", "Victims may have more than one form of exploitation."),
    ("en", "Persons counted twice were removed."),
    ("en", "The figures cover all 77 provinces and Bangkok."),
    ("en", "Screening began at 43 border posts."),
    ("en", "The hotline was open 24 hours a day and answers 24/7."),
    ("en", "The response rate was 86 per cent."),
    ("en", "10 per cent of the forms were incomplete."),
    ("en", "Three out of four provinces reported."),
    ("en", "One in five forms has no age."),
    ("en", "The number of offices grew 3-fold."),
    ("en", "The budget is 45m baht, on forms A5 and B12."),
    ("en", "Between 2015 and 2025 the number doubled."),
    ("en", "Half of the cases concern forced labour."),
    ("en", "The share of forms with an age rose by 12 percentage points."),
    ("id", "Satu kasus dapat melibatkan beberapa korban."),
    ("id", "Angka naik 12 persen dalam lima tahun."),
    ("ms", "Satu kes boleh melibatkan beberapa mangsa."),
    ("vi", "Một vụ án có thể có nhiều nạn nhân."),
    ("vi", "Số liệu tăng 12 phần trăm so với năm trước."),
    ("th", "หนึ่งคดีอาจมีผู้เสียหายหลายราย"),
    ("th", "จำนวนเพิ่มขึ้นร้อยละ 12"),
    ("fil", "Maaaring may ilang biktima ang isang kaso."),
    ("pt", "Um caso pode ter várias vítimas."),
    ("tet", "Kazu ida bele iha vítima barak."),
    ("zh", "一个案件可能有多名受害者。"),
    ("km", "ករណីមួយអាចមានជនរងគ្រោះច្រើននាក់"),
    ("lo", "ຄະດີໜຶ່ງອາດມີຜູ້ຖືກເຄາະຮ້າຍຫຼາຍຄົນ"),
    ("my", "အမှုတစ်မှုတွင် နစ်နာသူ အများအပြား ပါဝင်နိုင်သည်"),
    ("ta", "ஒரு வழக்கில் பல பாதிக்கப்பட்டவர்கள் இருக்கலாம்."),
]  # fmt: skip
