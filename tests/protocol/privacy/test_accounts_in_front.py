"""Accounts in front of the name of a network: with capitals, in quotation marks, before a native name."""

import pytest

from protocol.privacy.test_other_spellings import opinion


@pytest.mark.parametrize(
    "text",
    [
        "Malee99 on LINE", "add Malee99 (LINE)", "MALEE99 on LINE", "Malee_99 via Telegram", "malee99 (on TikTok)",
        '"malee99" on TikTok', "'malee99' on TikTok", '"malee99" (TikTok)', "“malee99” on TikTok",
        "malee99's TikTok", "malee99: TikTok",
        "malee99 @ TikTok", "malee99 ในไลน์", "malee99 ทางไลน์", "malee99 ที่ไลน์", "malee99微信",
        "malee99（微信）", "malee99 的微信", '"Malee99" ในไลน์',
    ],
)  # fmt: skip
def test_they_are_held(text: str) -> None:
    assert opinion(text) in {"hold", "refuse"}


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19 on Facebook", "COVID19 on Facebook", "SDG8 on Twitter", "COP29 on Facebook", "G20 on Facebook",
        "ASEAN2026 on Facebook",
        "advertisements of 2026 on LINE", "Jobs in H1 on TikTok", "MSC.1 on Facebook", "งาน 45 งานในไลน์",
        "45 cases (TikTok)",
        "casino ออนไลน์ 2026", "2026年在微信", "TH12 (LINE)",
    ],
)  # fmt: skip
def test_abbreviations_with_numbers_and_counts_pass(text: str) -> None:
    assert opinion(text) == "pass"
