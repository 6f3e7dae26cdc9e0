"""The names of the months and of numbers in dates, in the languages of the region, as alternatives of a form."""

import re
from typing import Final

from suar.protocol.privacy.text.plain import nfkc

MONTHS: Final = (
    # English, Malay, Indonesian, Filipino, Portuguese, Tetum
    r"jan(?:uary|uari|eiro|eiru)?|feb(?:ruary|ruari)?|fev(?:ereiro|ereiru)?|mar(?:ch|et)?|mac|março|marsu|apr(?:il)?|abr(?:il)?|may|mei|maio|maiu"
    r"|jun(?:e|i|ho|hu)?|jul(?:y|ai|i|ho|hu)?|aug(?:ust)?|agu(?:stus)?|ogos|agosto|agostu|sep(?:t|tember)?|set(?:embro|embru)?|oct(?:ober)?|okt(?:ober)?|out(?:ubro|ubru)?"
    r"|nov(?:ember|embro|embru)?|dec(?:ember)?|des(?:ember)?|dis(?:ember)?|dez(?:embro|embru)?|enero|pebrero|marso|mayo|hunyo|hulyo|setyembre|oktubre|nobyembre|disyembre"
)
THAI: Final = (  # มีนาคม, มีนา, มี.ค., มี. ค, มีค
    "มกรา(?:คม)?|กุมภา(?:พันธ์)?|มีนา(?:คม)?|เมษา(?:ยน)?|พฤษภา(?:คม)?|มิถุนา(?:ยน)?|กรกฎา(?:คม)?|สิงหา(?:คม)?|กันยา(?:ยน)?|ตุลา(?:คม)?|พฤศจิกา(?:ยน)?|ธันวา(?:คม)?"
    r"|(?:ม|มี|พ|ก|ส|ต|ธ)\. ?ค\.?|ก\. ?พ\.?|(?:เม|มิ|ก|พ)\. ?ย\.?|(?:(?:ม|มี|พ|ก|ส|ต|ธ)ค|กพ|(?:เม|มิ|ก|พ)ย)(?![\u0e00-\u0e7f])"
)
LAO: Final = "ມັງກອນ|ກຸມພາ|ມີນາ|ເມສາ|ພຶດສະພາ|ມິຖຸນາ|ກໍລະກົດ|ສິງຫາ|ກັນຍາ|ຕຸລາ|ພະຈິກ|ທັນວາ"
KHMER: Final = "មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ"
BURMESE: Final = "ဇန်နဝါရီ|ဖေဖော်ဝါရီ|မတ်|ဧပြီ|မေ|ဇွန်|ဇူလိုင်|ဩဂုတ်|သြဂုတ်|စက်တင်ဘာ|အောက်တိုဘာ|နိုဝင်ဘာ|ဒီဇင်ဘာ"

TAMIL: Final = nfkc(
    "ஜனவரி|சனவரி|பிப்ரவரி|பெப்ரவரி|மார்ச்|ஏப்ரல்|ஏப்பிரல்|மே|ஜூன்|சூன்|ஜூலை|சூலை|ஆகஸ்ட்|ஆகஸ்டு|ஓகஸ்ட்|செப்டம்பர்|செப்டெம்பர்|அக்டோபர்|ஒக்டோபர்|நவம்பர்|டிசம்பர்"
)
VIETNAMESE_MONTHS: Final = nfkc("giêng|một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười(?: một| hai)?|chạp")
HAN: Final = "[〇零一二三四五六七八九十]"
ROMAN: Final = "(?-i:X(?:II?)?|IX|IV|V(?:I{1,3})?|I{1,3})(?![A-Za-z])"
TETUM_MONTHS: Final = nfkc(
    "janeiru|fevereiru|marsu|abril|abríl|maiu|juñu|junhu|junu|jullu|julhu|agostu|setembru|outubru|novembru|dezembru"
)
_ONES: Final = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|one|two|three|four|five|six|seven|eight|nine"
DAY_IN_WORDS: Final = (
    rf"(?:(?:twenty|thirty)[ -])?(?:{_ONES})|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth"
    r"|nineteenth|twentieth|thirtieth|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty"
)
VIETNAMESE_NUMBER: Final = nfkc("(?:một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mười|mươi|mốt)")
TETUM_NUMBER: Final = "(?:ida|rua|tolu|haat|hat|lima|neen|nen|hitu|ualu|walu|sia|sanulu|ruanulu|tolunulu|resin)"
KHMER_NUMBER: Final = "(?:សូន្យ|មួយ|ពីរ|បី|បួន|ប្រាំ|ដប់|ម្ភៃ|សាមសិប|រយ|ពាន់|ពិល)"
OF_THIRTY_DAYS: Final = re.compile(
    nfkc(
        "apr|abr|jun|hun|sep|set|nov|nob|เมษา|มิถุ|กันยา|พฤศจิกา|เม\\.|มิ\\.|ก\\. ?ย|พ\\. ?ย|ເມສາ|ມິຖຸ|ກັນຍາ|ພະຈິກ|មេសា|មិថុនា|កញ្ញា|វិច្ឆិកា|ဧပြီ|ဇွန်|စက်တင်|နိုဝင်|ஏப்|ஜூன்|செப்|நவ"
    ),
    re.IGNORECASE,
)
"""In the name of a month of thirty days."""
OF_FEBRUARY: Final = re.compile(nfkc("feb|fev|peb|กุมภา|ก\\. ?พ|ກຸມພາ|កុម្ភៈ|ဖေ|பிப்"), re.IGNORECASE)
