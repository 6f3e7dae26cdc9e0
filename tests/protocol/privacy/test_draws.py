"""Draws of the gate: of the key and the cell alone, spread over all widths, and never shown."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from suar.protocol.privacy.proof.cells import Cell
from suar.protocol.privacy.proof.draws import KEY_BYTES, PUBLIC_KEY, Draw

KEY = bytes(range(KEY_BYTES))
SERIES = "actual|detected-victims|persons|detection|detection"
CELL = Cell("2026", "", "", (("sex", "female"),))


def test_a_draw_is_of_key_series_cell_and_k_alone() -> None:
    draw = Draw(KEY)
    assert draw.of(SERIES, CELL, 10) == Draw(KEY).of(SERIES, CELL, 10)
    others = {
        Draw(bytes(KEY_BYTES)).of(SERIES, CELL, 10), Draw().of(SERIES, CELL, 10), draw.of(SERIES[:-1], CELL, 10),
        draw.of(SERIES, CELL, 5), draw.of(SERIES, CELL._replace(period="2027"), 10),
        draw.of(SERIES, CELL._replace(admin1="TH-10"), 10), draw.of(SERIES, CELL._replace(locode="TH-10"), 10),
        draw.of(SERIES, CELL._replace(dims=()), 10), draw.of(SERIES, CELL, 10),
    }  # fmt: skip
    assert len(others) == 9


_texts = st.text("ab|\0", max_size=3)


@given(st.tuples(_texts, _texts, _texts, _texts), st.tuples(_texts, _texts, _texts, _texts))
def test_two_cells_never_read_alike(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """However the texts lie beside one another, another cell is another draw."""
    draws = [Draw(KEY).of(each[0], Cell(each[1], each[2], each[3], ()), 10) for each in (one, other)]
    assert (draws[0] == draws[1]) == (one == other)


@pytest.mark.parametrize("k", [1, 3, 5, 10])
def test_each_further_third_of_k_is_drawn_half_as_often(k: int) -> None:
    draw, step, cells = Draw(KEY), max(1, k // 3), 6_400
    found = Counter(draw.width(SERIES, CELL._replace(locode=str(at)), k) - (k - 1) for at in range(cells))
    assert min(found) == 0
    for halvings in range(4):
        share = cells / 2 ** (halvings + 1) / step
        assert all(0.8 < found[halvings * step + at] / share < 1.2 for at in range(step))
    assert max(found) > 8 * step  # no greatest width: what is hidden for its own alone does not tell what it is below


def test_a_draw_is_64_bits() -> None:
    drawn = [Draw(KEY).of(SERIES, CELL._replace(locode=str(at)), 10) for at in range(200)]
    assert 1 << 62 < max(drawn) < 1 << 64


def test_without_a_key_it_says_that_it_is_public() -> None:
    assert Draw().is_public
    assert not Draw(KEY).is_public
    assert Draw().name == Draw(PUBLIC_KEY).name != Draw(KEY).name


def test_a_key_of_another_length_is_refused_and_not_shown() -> None:
    key = bytes(range(65, 80))
    with pytest.raises(ValueError, match="32 bytes") as caught:
        Draw(key)
    assert key.decode() not in str(caught.value)


def test_nothing_shows_the_key() -> None:
    key = b"0123456789abcdef0123456789ABCDEF"
    shown = [repr(Draw(key)), str(Draw(key)), pretty_repr(Draw(key)), f"{Draw(key)}"]
    assert not any("0123456789" in each for each in shown)
    assert key not in [getattr(Draw(key), name) for name in Draw.__slots__]
    assert not hasattr(Draw(key), "__dict__")
