"""Accounts in front of the name of a network and near it: with capitals, in quotation marks, whatever is between."""

import pytest

from protocol.privacy.test_other_spellings import opinion


@pytest.mark.parametrize(
    "text",
    [
        "Malee99 on LINE", "add Malee99 (LINE)", "MALEE99 on LINE", "Malee_99 via Telegram", "malee99 (on TikTok)",
        '"malee99" on TikTok', "'malee99' on TikTok", '"malee99" (TikTok)', "“malee99” on TikTok",
        "malee99's TikTok", "malee99: TikTok",
        "malee99 @ TikTok", "malee99 ในไลน์", "malee99 ทางไลน์", "malee99 ที่ไลน์", "malee99微信",
        "malee99（微信）", "malee99 的微信", '"Malee99" ในไลน์', "ᴍᴀʟᴇᴇ99 ᴏɴ ʟɪɴᴇ",
    ],
)  # fmt: skip
def test_they_are_held(text: str) -> None:
    assert opinion(text) in {"hold", "refuse"}


@pytest.mark.parametrize(
    "text",
    [
        "malee99, TikTok", "malee99; TikTok", "malee99. TikTok", "malee99 & TikTok", "Line/Malee99",
        "TikTok. malee99",
        "TikTok; malee99", "TikTok, the girl posts as malee99", "On Telegram she goes by malee99", "TikTok * malee99",
        "TikTok #malee99", "TikTok @ malee99", "TikTok & malee_s", "Di Instagram korban memakai malee99",
        "เธอใช้ malee99 ใน TikTok", "她在抖音上用malee99", "L I N E  i d : malee99", "L.I.N.E. id malee99",
    ],
)  # fmt: skip
def test_one_near_the_network_is_held_whatever_is_between(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19 on Facebook", "COVID19 on Facebook", "SDG8 on Twitter", "COP29 on Facebook", "G20 on Facebook",
        "ASEAN2026 on Facebook",
        "advertisements of 2026 on LINE", "Jobs in H1 on TikTok", "MSC.1 on Facebook", "งาน 45 งานในไลน์",
        "45 cases (TikTok)",
        "casino ออนไลน์ 2026", "2026年在微信", "TH12 (LINE)", "#stop2026 and #EndTrafficking2026 on TikTok",
        "TikTok, phase2 of the campaign",
        "The Blue Line – BTS2024", "The line at gate_a", "Facebook, covid19 and jobs",
        "TikTok and the file data_file.csv",
        "A signal was seen in zone_b", "camp2, where LINE is used",
    ],
)  # fmt: skip
def test_abbreviations_with_numbers_and_counts_pass(text: str) -> None:
    assert opinion(text) == "pass"
