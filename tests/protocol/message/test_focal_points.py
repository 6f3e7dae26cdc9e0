"""The examples of docs/focal-points.md are messages that a gateway takes, one of each kind."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.compose import complete
from suar.protocol.message import messages
from suar.protocol.message.kinds import KINDS
from suar.protocol.privacy.verdict import judge

TEXT = (Path(__file__).parents[3] / "docs" / "focal-points.md").read_text("utf-8")
NOW = 1_796_083_200_000  # 2026-12-01
EXAMPLES: list[dict[str, Any]] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
BY_KIND = {example["kind"]: example for example in EXAMPLES}
WRITTEN = [kind for kind in BY_KIND if kind != "receipt"]


def test_every_kind_has_one() -> None:
    written = sorted(example["kind"] for example in EXAMPLES)
    assert written == sorted(KINDS), "docs/focal-points.md: each kind has one example (```json) in its section"


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_publisher_may_send_it_unchanged(kind: str) -> None:
    data = json.dumps(BY_KIND[kind], ensure_ascii=False).encode()
    composed = complete(data, member="PH", realm="actual", now=NOW, ledger=None)
    assert messages.kind_of(messages.read(composed.data)) == kind
    verdict = judge(composed.message)
    assert (verdict.verdict, verdict.reasons) == ("pass", ())


def test_a_receipt_is_read() -> None:
    assert messages.kind_of(messages.read(json.dumps(BY_KIND["receipt"]).encode())) == "receipt"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_section_with_its_source(kind: str) -> None:
    section = re.search(rf"^## {kind}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/focal-points.md: write a section `## {kind}` with an example"
    assert kind == "receipt" or "Source of this one: " in section[1]
