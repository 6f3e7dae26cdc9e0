"""Finds a given name of the list beside an age that is written otherwise than `kin_names` and `cue_words` know.

The age is in words (`Malee, fifteen,`), in a clause (`Malee was 15 when`), with a letter for the sex (`Malee (F15)`) or a
year of birth (`Malee, born 2011`). A finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.names.kin_names import LISTED_NAMES, occurrences
from suar.protocol.privacy.text.plain import nfkc, words_of

_WORDS: Final = (
    "five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    "|(?:twenty|thirty)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_AGE: Final = rf"(?:\d{{1,2}}(?!\d)|(?:{_WORDS})(?!\w))"
_YEAR: Final = r"(?:19|20|24|25)\d\d(?!\d)"
_YEARS: Final = nfkc("(?:tahun|thn|taong gulang|taon|anos|tinan|tuổi)(?!\\w)")
_BORN: Final = nfkc("born|b\\.|nascid[oa]|nasceu|lahir|kelahiran|ipinanganak|moris|sinh|sn|yob|dob")
_AN_AGE: Final = re.compile(
    nfkc(
        # , a 15-year-old; (age 15); is fifteen years old; , fifteen, was
        rf",? \(?(?:(?:who )?(?:is|was|turned|turns) |then |now |just |only |aged? |an? |the ){{0,3}}{_AGE}[ -](?:years?|yrs)(?:[ -]old)?(?!\w)"
        rf"|,? [(\[](?:aged?|umur|usia|edad|idade|tuổi):? ?{_AGE}"
        rf"|, (?:then |now |just |only |aged? |about |still )?{_AGE}(?=[,.;)]|$)"
        # was 15 when; turned fifteen in
        rf"|,? (?:who )?(?:is|was|turned|turns) (?:then |now |just |only |about |still ){{0,2}}{_AGE} (?:when|then|at|now|and|in|last|this)(?!\w)"
        # (F15), (15F), [15], [F, 15]
        rf"| ?[(\[](?:[FMPL][ /,-]{{0,2}}\d{{1,2}}|\d{{1,2}} ?[/,-]? ?[FMPL])[)\]]| ?\[\d{{1,2}}\]"
        # , born 2011; (sinh 2011)
        rf"|,? ?[(\[]?(?:(?:who )?was |que |yang |na )?(?:{_BORN})(?: (?:in|em|noong|năm|tahun|pada|iha|tinan))?:? {_YEAR}"
        # yang berusia 15 tahun; , edad 15; de 15 anos
        rf"|,? (?:yang |na |que )?(?:baru |masih )?(?:berusia|berumur|usia|umur|edad|may edad na|tem|tinha|com|de|ho idade|idade|ho tinan|tinan|mới|năm nay|khi) (?:baru |masih |apenas |só )?\d{{1,2}}(?!\d)(?: (?:{_YEARS})|(?=[,.;)]|$))"
    ),
    re.IGNORECASE,
)
_BIG_BEFORE: Final = re.compile(r"[A-ZĐ][\w'’.-]* $")
_ARTICLE: Final = re.compile(r"(?:^|(?<=[.!?] ))S[iI] $")
_SEEN: Final = 24
"""Characters before a name in which another one is looked for: Santa Maria [12]."""


def aged_names(text: str) -> Iterator[str]:
    """Yield the given names of the list in plain text, in any case, before an age in such a form."""
    small = text.lower()
    if len(small) != len(text):
        return
    for name in sorted(words_of(text) & LISTED_NAMES):
        for start, end in occurrences(small, name):
            before = text[max(0, start - _SEEN) : start]
            is_of_another = _BIG_BEFORE.search(before) is not None and _ARTICLE.search(before) is None
            if _AN_AGE.match(text, end) and not is_of_another:
                yield text[start:end]
