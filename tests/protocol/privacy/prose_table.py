"""The table beside which the sentences about counts stand: 113 women and 7 men of whom only the sum is shown."""

from typing import Any

from protocol.privacy.trends import trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.verdict import judge


def with_text(lang: str, text: str, **more: Any) -> Trend:
    """The table with this summary, in English too where it is of another language."""
    english = [] if lang == "en" else [{"lang": "en", "title": "Victims", "summary": "By breakdown."}]
    texts = [*english, {"lang": lang, "title": "T", "summary": text}]
    values: dict[tuple[str, ...], int | None] = {("female",): 113, ("male",): 7, ("total",): 120}
    return trend(values, ["sex"], text=texts, **more)


def verdict_of(lang: str, text: str) -> str:
    """What the gate says of the table with this summary."""
    return judge(with_text(lang, text)).verdict
