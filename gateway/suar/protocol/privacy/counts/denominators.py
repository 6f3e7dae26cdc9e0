"""What a denominator discloses: a reader takes it for the total of the table, or of one of its years, periods or places.

Within one series, place and year it is a number of the proof, at least as large as everything in the table. A table of
several years, of several countries or of several roles is proved apart for each of them, and a denominator may also be
the total of a part of the table: there it is compared with the sums of the table.
"""

from collections.abc import Sequence

from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts.everything import OVER_ALL, Whole
from suar.protocol.privacy.counts.untold import sums_of
from suar.protocol.privacy.tables.protecting import sheets


def is_disclosing(trend: Trend, denominator: int, k: int, leaving: Sequence[Observation]) -> bool:
    """Whether a hidden or left-out count of fewer than k may follow from the denominator, outside of the proof."""
    every = sums_of(trend, leaving)
    whole = max((each.value for each in every if each.over == OVER_ALL), default=0)
    is_proved = len(sheets(trend)) == 1 and denominator >= whole
    return not is_proved and any(_leaves_few(each, denominator, k) for each in every)


def _leaves_few(whole: Whole, denominator: int, k: int) -> bool:
    left = denominator - whole.shown
    if whole.is_hidden:
        return denominator == whole.value or 0 <= left < k
    return 0 < left < k
