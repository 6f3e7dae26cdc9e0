"""`suar drill start`: the recipients that are no member codes are named, with the codes of countries."""

from pathlib import Path

from support.commands import Suar


def test_a_country_in_place_of_a_code_is_named_with_its_code(suar: Suar, tmp_path: Path) -> None:
    done = suar("drill", "start", "call-out", "--to", "KH,Vietnam", "--state", str(tmp_path))
    assert done.code == 1
    assert "'Vietnam'" in done.err
    assert "write VN for Vietnam" in done.err
    assert "openapi" not in done.err
