from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.protocol import normal_forms
from suar.protocol.normal_forms import SHORT, Form, normal

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
MARKS = [each for each in EVERY if unicodedata.combining(each)]
COMPOSED = [each for each in EVERY if unicodedata.decomposition(each)]
LETTERS = "aeiouAO\u0e01\u0e33\u0928\u1100\u1161\u11a8\uac00\u0f40\u0f71\u0f73"
TEXTS = st.lists(st.sampled_from(MARKS) | st.sampled_from(COMPOSED) | st.sampled_from(LETTERS), max_size=60)


def is_in_order(text: str) -> bool:
    """Whether the marks of each letter stand in the order of their classes, once each character is decomposed."""
    classes = [unicodedata.combining(part) for each in text for part in unicodedata.normalize("NFKD", each)]
    return not any(before > after > 0 for before, after in pairwise(classes))


@given(TEXTS, st.sampled_from(get_args(Form)))
def test_a_text_of_any_length_gets_its_normal_form(parts: list[str], form: Form) -> None:
    text = "".join(parts)
    expected = unicodedata.normalize(form, text)
    assert normal(form, text) == expected
    assert normal(form, text + "a" * SHORT) == unicodedata.normalize(form, text + "a" * SHORT)


@pytest.mark.parametrize(
    "marks",
    ["\u0301\u0316", "\u0f73", "\u0f71\u0f72\u0f73", "\u0344\u0316", "\u3099\u0334"],
)
@pytest.mark.parametrize("form", get_args(Form))
def test_long_runs_of_marks_are_sorted_before_they_are_normalised(
    form: Form, marks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library sorts by insertion, which takes a minute for a hundred thousand marks that are out of order."""
    handed: list[str] = []

    def noted(form: Any, text: str) -> str:
        handed.append(text)
        return unicodedata.normalize(form, text)

    monkeypatch.setattr(normal_forms, "normalize", noted)
    text = "a" + "".join(mark * SHORT for mark in reversed(marks)) + marks * SHORT
    assert normal(form, text) == unicodedata.normalize(form, text)
    assert [each for each in handed if len(each) > SHORT and not is_in_order(each)] == []
