"""The OpenAPI document against the gateway: schemathesis makes calls of it, good and bad, with every scope that may.

Each operation gets CALLS examples of good data and as many of bad, drawn with the tokens that open it: with CI set, as
.ci/run does, 200 together; those of TAXII, whose tests go through its specification, 40. The gateway is thrown away:
what revokes, resets the clock or stops a key is called too.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.openapi import from_dict
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection

from suar.api.app import create_app
from suar.api.http.openapi import document_of
from support.agencies_docs import DOCS
from support.contract_desk import Desk, contract_desk
from support.fake_gateway import running_gateway
from support.problems import SCOPE_OF, no_scope_of, opened_by

CONTRACT = DOCS / "agencies" / "contract.md"
MODES = list(GenerationMode)
IN_CI, ELSEWHERE = 200, 12
IS_WHOLE = bool(os.environ.get("CI"))
CALLS = (IN_CI if IS_WHOLE else ELSEWHERE) // len(MODES)
TAXII, FEW = "/taxii2", 20
"""Calls of which fewer examples are made, and how many of good data and of bad."""
OPEN = [("GET", "/healthz"), ("GET", "/readyz")]
LEFT_OUT = ("/v1/console/",)
"""Calls that are in no document, each prefix with its reason on the page about the contract."""
OPERATIONS = [
    *((method, re.sub(r":\w+}", "}", path)) for method, path in SCOPE_OF if not path.startswith(LEFT_OUT)),
    *OPEN,
    ("POST", "/v1/tokens/claim"),
]
OBJECTS = "/taxii2/root/collections/{name}/objects"
ACCEPTED = ["2xx", "304", "404", "409", "400", "422"]
"""What good data may get; 400 and 422 for what the schema cannot say: rules between fields, positions, keys."""
ALSO_ACCEPTED = {
    ("POST", "/v1/tokens"): ["403"],  # a token that gives a scope which it does not have
    ("POST", "/v1/tokens/claim"): ["401", "403"],  # what it is called with is the code of a token, and no token
    ("GET", "/readyz"): ["503"],  # it is not ready
    ("POST", OBJECTS): ["403"],  # the collections are read alone
    ("DELETE", f"{OBJECTS}/{{object_id}}"): ["403"],
}
"""What good data may get besides, of these operations alone: every call is made with a token that opens it."""
LINES = "application/x-ndjson"
ANSWERED_BY_A_VERDICT = {"/v1/messages/check", "/v1/messages/batch"}
"""Whose answer to a bad message is 200 with what is wrong."""


@schemathesis.serializer(LINES)
def lines(context: Any, value: Any) -> Any:
    """A body of lines."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with running_gateway(tmp_path_factory.mktemp("document")) as gateway:
        found: dict[str, Any] = json.loads(document_of(create_app(gateway)))
    for call in (call for calls in found["paths"].values() for call in calls.values()):
        if "parameters" in call:  # OpenAPI has tools ignore it, and of a bad value the client makes `*/*`
            call["parameters"] = [each for each in call["parameters"] if each["name"] != "Accept"]
    return found


def accepting(statuses: list[str]) -> dict[str, Any]:
    """The check of answers to good data."""
    return {"positive_data_acceptance": {"expected-statuses": statuses}}


@pytest.fixture(scope="module")
def schemas(document: dict[str, Any]) -> dict[GenerationMode, BaseSchema]:
    """The document for good data; for bad data without its security, since every call is made with a good token."""
    config = SchemathesisConfig.from_dict({
        "checks": accepting(ACCEPTED),
        "operations": [
            {"include-method": method, "include-path": path, "checks": accepting([*ACCEPTED, *more])}
            for (method, path), more in ALSO_ACCEPTED.items()
        ],
    })  # fmt: skip
    unsecured = json.loads(json.dumps(document))
    for part in (unsecured, *(call for calls in unsecured["paths"].values() for call in calls.values())):
        part.pop("security", None)
    return {
        GenerationMode.POSITIVE: from_dict(document, config=config),
        GenerationMode.NEGATIVE: from_dict(unsecured, config=config),
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with contract_desk(tmp_path_factory.mktemp("contract")) as made:
        yield made


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


@pytest.fixture(scope="module")
def object_ids(desk: Desk, session: requests.Session) -> list[str]:
    """The STIX objects of the alerts, some of which a call is to find."""
    headers = {"Authorization": f"Bearer {desk.tokens['local']}"}
    page = session.get(desk.url + OBJECTS.format(name="alert"), headers=headers, timeout=60)
    return [each["id"] for each in page.json()["objects"]]


@cache
def allowed(method: str, path: str) -> list[str]:
    """The tokens that open an operation."""
    named = {(m, re.sub(r":\w+}", "}", p)): opened_by(m, p) for m, p in SCOPE_OF}
    return sorted(named.get((method, path), {"local"}))


def has_input(document: dict[str, Any], method: str, path: str) -> bool:
    """Whether an operation has parameters or a body."""
    operation = document["paths"][path][method.lower()]
    return bool(operation.get("parameters") or "requestBody" in operation)


def test_the_operations_are_those_of_the_document(document: dict[str, Any]) -> None:
    there = {(method.upper(), path) for path, calls in document["paths"].items() for method in calls}
    missing = there - set(OPERATIONS)
    assert missing == set(), no_scope_of(missing)
    assert there == set(OPERATIONS)


def test_the_page_says_which_calls_are_left_out() -> None:
    [line] = re.findall(r"^- \*\*Left out\.\*\* (.*?)(?=\n- |\n\n)", CONTRACT.read_text("utf-8"), re.M | re.S)
    assert tuple(re.findall(r"`(/[\w/]+)` and below", line)) == LEFT_OUT


def test_the_document_is_sound(schemas: dict[GenerationMode, BaseSchema]) -> None:
    for schema in schemas.values():
        schema.validate()


def test_ci_has_200_examples_of_each_operation() -> None:
    runs = (Path(__file__).parents[2] / ".ci/run").read_text("utf-8")
    assert re.search(r"^export .*\bCI=true\b", runs, re.MULTILINE)
    assert IN_CI // len(MODES) * len(MODES) == 200


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: str(mode.value))
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=str)
def test_an_operation_does_what_the_document_says(
    desk: Desk, document: dict[str, Any], schemas: dict[GenerationMode, BaseSchema], session: requests.Session,
    object_ids: list[str], method: str, path: str, mode: GenerationMode,
) -> None:  # fmt: skip
    operation, tried = schemas[mode][path][method], list[str]()
    calls = min(CALLS, FEW) if path.startswith(TAXII) else CALLS
    excluded: Any = [negative_data_rejection] if path in ANSWERED_BY_A_VERDICT else []

    @settings(
        max_examples=calls, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(
        case=operation.as_strategy(generation_mode=mode), token=st.sampled_from(allowed(method, path)),
        known=st.sampled_from(["", *object_ids] if "{object_id}" in path else [""]),
    )  # fmt: skip
    def call(case: "Case[Any]", token: str, known: str) -> None:
        if path == "/v1/feed" and case.query.get("follow", "true") in (True, "true"):
            case.query["follow"] = "false"
        if known and mode is GenerationMode.POSITIVE:
            case.path_parameters |= {"name": "alert", "object_id": known}
        headers = {"Authorization": f"Bearer {desk.tokens[token]}"}
        tried.append(token)
        case.call_and_validate(
            base_url=desk.url, session=session, headers=headers, timeout=60, excluded_checks=excluded
        )

    if mode is GenerationMode.NEGATIVE and not has_input(document, method, path):
        with pytest.raises(Unsatisfiable):  # nothing of it can be wrong
            call()
    else:
        call()
        assert len(tried) >= (calls if has_input(document, method, path) else 1)
        if IS_WHOLE and calls == CALLS:
            assert set(tried) == set(allowed(method, path)), "each token that opens it has opened it"
