"""A description of a person in a bulletin is found without a label: age, appearance, vehicle and home."""

import pytest

from suar.exchange.files.traces import prose_traces

AGE, APPEARANCE, CAR, HOME = "age of a person", "appearance of a person", "vehicle", "address"


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        (APPEARANCE, "Girl with a red jacket and a scar on the left hand."),
        (APPEARANCE, "Height: 152 cm. Hair: black."),
        (APPEARANCE, "Tattoo on left arm."),
        (APPEARANCE, "She has long black hair."),
        (APPEARANCE, "tattooed on the neck"),
        (APPEARANCE, "memakai baju warna merah"),
        (APPEARANCE, "mặc áo khoác màu đỏ"),
        (APPEARANCE, "สวมเสื้อยืดสีแดง มีรอยสัก"),
        (APPEARANCE, "身穿红色外套"),
        (APPEARANCE, "nakasuot ng pulang dyaket"),
        (AGE, "15-year-old girl"),
        (AGE, "girl, 15"),
        (AGE, "born in 2011"),
        (AGE, "gadis berusia 15 tahun"),
        (AGE, "bé gái 15 tuổi"),
        (AGE, "อายุ 15 ปี"),
        (AGE, "女孩，15岁"),
        (AGE, "labinlima, 15 taong gulang"),
        (CAR, "white Toyota Hiace"),
        (CAR, "a dark blue pickup left"),
        (CAR, "mobil van warna putih"),
        (CAR, "รถตู้สีขาว"),
        (CAR, "xe khách màu trắng"),
        (CAR, "一辆白色面包车"),
        (HOME, "Lives at 45/2 Moo 3, Tambon Wiang"),
        (HOME, "house of malee, 45/2 Moo 3"),
        (HOME, "tinggal di gang melati nomor 12"),
        (HOME, "trú tại số nhà 12"),
        (HOME, "บ้านเลขที่ 45/2 หมู่ 3"),
        (HOME, "住在中山路12号"),
    ],
)
def test_a_description_is_found(sort: str, text: str) -> None:
    assert sort in {trace.sort for trace in prose_traces(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Recruiters promise well-paid work in casinos across the border.",
        "Children under 18 years old are moved by ferry.",
        "The red list and the white paper were published.",
        "Vans and minibuses are stopped at the checkpoint.",
        "Victims are held in compounds of 200 to 500 persons.",
        "Girls and boys from three provinces are affected, 15 per cent of them from the coast.",
        "Hotlines are open at all hours.",
        "Migrants stay in dormitories near the port.",
        "Perekrut menjanjikan gaji tinggi di luar negeri.",
        "Người môi giới hứa việc nhẹ lương cao.",
        "นายหน้าสัญญาว่าจะได้ค่าแรงสูง",
        "中介承诺高薪。",
    ],
)
def test_a_pattern_of_many_is_no_description(text: str) -> None:
    assert prose_traces(text) == []
