"""A trust list of another federation is refused with both names; what is at fault is the list or the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base.errors import Refused
from suar.service.trust import trust_sync
from support.corekit import CoreKit
from support.kit import FEDERATION


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    kit = CoreKit(tmp_path / "vn", "VN")
    yield kit
    kit.close()


def test_a_list_of_another_federation_is_reported_by_both_names(vn: CoreKit) -> None:
    other = vn.lists.after(federation="pacific").signed()
    with pytest.raises(Refused) as caught:
        trust_sync.judge_list(vn.core, other, None)
    assert (caught.value.code, caught.value.rule) == ("E-TRUST-FORM", "T3")
    assert "'pacific'" in caught.value.meaning()
    assert f"'{FEDERATION}'" in caught.value.meaning()
    assert "federation.name" in caught.value.advice()


def test_a_list_with_another_fault_is_not_stated_to_be_of_another_federation(vn: CoreKit) -> None:
    for wrong in (b"no list", vn.lists.after(federation="pacific").signed("A")):
        with pytest.raises(Refused) as caught:
            trust_sync.judge_list(vn.core, wrong, None)
        assert "federation.name" not in caught.value.advice()
        assert "pacific" not in caught.value.meaning()
