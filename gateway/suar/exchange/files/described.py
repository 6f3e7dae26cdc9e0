"""Descriptions of persons in the prose of bulletins, without a label: age, appearance, vehicle and home.

It has words of eight languages; other languages and words are not recognised. docs/formats.md lists the searched forms.
"""

import re
from typing import Final

from suar.protocol.privacy.text.plain import nfkc

_COLOUR: Final = (
    "red|white|black|blue|dark blue|light blue|green|yellow|grey|gray|brown|pink|orange|purple|beige|silver|gold(?:en)?"
)
_COLOUR_ID: Final = (
    "merah|putih|hitam|biru|hijau|kuning|abu-abu|kelabu|coklat|cokelat|merah muda|jingga|oranye|ungu|perak|silver"
)
_COLOUR_VI: Final = "đỏ|trắng|đen|xanh|vàng|xám|nâu|hồng|cam|tím|bạc"
_COLOUR_ZH: Final = "红|白|黑|蓝|绿|黄|灰|棕|粉|橙|紫|银"
_COLOUR_FIL: Final = (
    "pula(?:ng)?|puti(?:ng)?|itim(?: na)?|asul(?: na)?|berde(?:ng)?|dilaw(?: na)?|kulay[- ]\\w+(?: na)?"
)
_CLOTHES: Final = (
    "jackets?|coats?|hood(?:ie|y|ies)?|t-?shirts?|shirts?|blouses?|dress(?:es)?|skirts?|trousers|pants|jeans|shorts|hats?|caps?|shoes|sandals|trainers"
    "|back ?packs?|bags?|hijabs?|head ?scar(?:f|ves)|scar(?:f|ves)|uniforms?|sarongs?|longyi"
)
_MAKES: Final = "toyota|honda|isuzu|nissan|mitsubishi|suzuki|hyundai|kia|ford|mazda|yamaha|kawasaki|chevrolet|bmw|mercedes(?:-benz)?|hino|proton|perodua|vinfast|daihatsu|lexus|volvo|scania"
_CARS: Final = "vans?|minivans?|cars?|trucks?|pick-?ups?|sedans?|suvs?|jeeps?|lorr(?:y|ies)|motor(?:cycles?|bikes?)|scooters?|minibus(?:es)?|taxis?"
_PERSON: Final = "girl|boy|woman|man|female|male|child|teenager|victim|suspect|daughter|son|sister|brother"
_NOT_A_LIMIT: Final = r"(?<!under )(?<!over )(?<!below )(?<!above )(?<!than )(?<!least )"

DESCRIBED: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (sort, re.compile(f"(?P<it>{nfkc(form)})", re.IGNORECASE))
    for sort, form in (
        (
            "age of a person",
            rf"{_NOT_A_LIMIT}\b\d{{1,2}}(?:[- ]years?[- ]old| ?y/?o)\b|\b(?:{_PERSON})(?:, | \(| of )\d{{1,2}}\b(?! ?(?:%|per|persons|people|cases))"
            r"|\bborn (?:in|around|about) (?:[a-z]+ )?(?:19|20)\d\d\b|\b(?:berusia|berumur|usia|umur) (?:sekitar )?\d{1,2}\b|\b\d{1,2} (?:tahun|tuổi|taong gulang|anyos)\b"
            r"|อายุ ?(?:ประมาณ ?)?\d{1,2}|\d{1,2} ?岁|ອາຍຸ ?\d{1,2}|អាយុ ?\d{1,2}",
        ),
        (
            "appearance of a person",
            rf"\b(?:{_COLOUR})(?: [a-z-]{{2,12}})? (?:{_CLOTHES})\b"
            r"|\b(?:tattoo(?:s|ed)?|scar(?:s|red)?|birth ?marks?|moles?|piercings?) (?:on|at|in|above|below|over|across|of|behind)\b[^\n.;]{0,40}"
            r"|\b(?:height|weight|hair|eyes?|complexion|build|skin|scars?|tattoos?|clothing|clothes)\s?:\s?[^\n.;]{1,40}"
            r"|\b(?:black|brown|blond|blonde|grey|gray|dyed|long|short|curly|straight|shaved)(?:,? [a-z]{2,10})? hair(?:ed)?\b|\b1\d\d ?cm\b|\b1[.,]\d\d ?m tall\b"
            rf"|\b(?:jaket|baju|kaos|kaus|kemeja|celana|seluar|rok|kerudung|jilbab|tudung|topi|tas|beg|sepatu|kasut) (?:ber)?(?:warna )?(?:{_COLOUR_ID})\b"
            r"|\b(?:tato|tatu|bekas luka|parut|tanda lahir|rambut|tinggi badan|berat badan)\b[^\n.;]{1,30}"
            rf"|\b(?:áo|quần|váy|mũ|giày|dép|túi)(?: [^\W\d_]+){{0,2}} (?:màu )?(?:{_COLOUR_VI})\b|\b(?:hình xăm|vết sẹo|vết bớt|mái tóc|cao khoảng|cao) [^\n.;]{{1,30}}"
            rf"|\b(?:{_COLOUR_FIL}) (?:dyaket|jacket|damit|kamiseta|pantalon|palda|sumbrero|sapatos|bag)\b|\b(?:peklat|nunal|tattoo|buhok) (?:sa|na|niya)\b[^\n.;]{{0,30}}"
            rf"|(?:เสื้อ|กางเกง|กระโปรง|หมวก|รองเท้า|กระเป๋า)[^\s\d]{{0,12}}สี[^\s]{{2,8}}|รอยสัก|แผลเป็น|ปานที่|ส่วนสูง|ผมสี|ผมยาว|ผมสั้น"
            rf"|(?:{_COLOUR_ZH})色?(?:的)?(?:外套|夹克|上衣|T恤|衬衫|裤子|牛仔裤|裙子|帽子|鞋|背包)|纹身|疤痕|伤疤|胎记|身高 ?\d|长发|短发",
        ),
        (
            "vehicle",
            rf"\b(?:{_COLOUR})(?: [A-Za-z-]{{2,12}})? (?:{_CARS})\b|\b(?:{_MAKES})(?: [A-Z][\w-]{{1,15}})?\b"
            rf"|\b(?:mobil|motor|truk|van|kereta|lori|minibus)(?: [a-z]{{2,12}})? (?:ber)?(?:warna )?(?:{_COLOUR_ID})\b|\bxe(?: [^\W\d_]+){{0,2}} màu [^\W\d_]+"
            rf"|\b(?:{_COLOUR_FIL}) (?:van|kotse|sasakyan|motorsiklo|trak)\b|รถ[^\s\d]{{0,12}}สี[^\s]{{2,8}}|(?:{_COLOUR_ZH})色?(?:的)?(?:面包车|轿车|汽车|货车|卡车|摩托车|小车)",
        ),
        (
            "address",
            r"\b(?:lives?|lived|living|resid(?:es?|ed|ing)|stay(?:s|ed|ing)) (?:at|in|on) [^\n.;]{0,24}?\d{1,5}(?:/\d{1,4})?[^\n.;]{0,40}"
            r"|\b(?:house|room|unit|flat|apartment|block|address)(?: no\.?| number|:)? ?\d{1,5}(?:/\d{1,4})?\b[^\n.;]{0,30}|\b\d{1,4}(?:/\d{1,4})? (?:moo|mu) ?\d{1,3}\b[^\n.;]{0,30}"
            r"|\b(?:tambon|tambol|purok|sitio|sangkat|khum|suco|aldeia|kelurahan|dusun|thôn|ấp) [^\W\d_]{2,20}|\b(?:rt|rw) ?0?\d{1,2}\b"
            r"|\b(?:tinggal di|beralamat di|alamat|sống tại|trú tại|số nhà|địa chỉ|nakatira sa|tirahan)\b[^\n.;]{0,24}?\d{1,5}[^\n.;]{0,30}"
            r"|(?:อาศัยอยู่|พักอยู่|ที่อยู่|บ้านเลขที่)[^\n;]{0,20}?\d{1,4}(?:/\d{1,4})?|หมู่ ?\d{1,3}|ตำบล[^\s\d]{2,16}|[一-鿿]{1,8}(?:路|街|巷|村|弄)\d{1,5}号|住在[^\n。；]{0,16}?\d{1,5}",
        ),
    )
)
"""(kind, form): the finding is the group `it`."""
