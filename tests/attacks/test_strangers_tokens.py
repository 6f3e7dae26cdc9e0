"""A stranger on the HTTP port has no token: every path of the API answers 401 and tells nothing of a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from support.patience import PATIENCE

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential


def test_without_a_token_nothing_is_reported(demo: Running) -> None:
    url = demo.content["members"][0]["gateway"]["http"]
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        paths = client.get("/schema/openapi.json").json()["paths"]
        requested = [path for path in paths if path.startswith("/v1/") and "{" not in path and "get" in paths[path]]
        assert len(requested) > 5
        answers = {path: client.get(path).status_code for path in requested}
        assert set(answers.values()) == {401}, answers
        assert client.get("/healthz").status_code == 200
