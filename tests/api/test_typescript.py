"""TypeScript types are made of the OpenAPI document, compile strictly, and fit the shipped examples."""

import json
from pathlib import Path

import pytest

from suar.api.app import create_app
from suar.api.contract import kinds
from suar.api.http.openapi import document_of
from suar.protocol.message.kinds import KINDS
from support import npm
from support.fake_gateway import running_gateway

pytestmark = pytest.mark.slow

PROGRAM = """
import type { components, paths } from "./api";
type Shapes = components["schemas"];
type Page = paths["/v1/feed"]["get"]["responses"][200]["content"]["application/cloudevents-batch+json"];
type Refused = paths["/v1/messages"]["post"]["responses"][422]["content"]["application/problem+json"];

export function titles(page: Page): (string | null)[] {
  return page.map((event) => event.data.title);
}
export function code(problem: Refused): string {
  return problem.code;
}
export function urgency(message: Shapes["Message"]): string {
  return message.kind === "alert" ? message.urgency : "";
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = npm.packages(tmp_path_factory.mktemp("npm"))
    with running_gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        (made / "openapi.json").write_bytes(document_of(create_app(gateway)))
    npm.run(made, "openapi-typescript/bin/cli.js", "openapi.json", "-o", "api.d.ts")
    return made


def compiled(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")
    npm.run(folder, "typescript/bin/tsc", "--strict", "--noEmit", "--skipLibCheck", "false", name, "api.d.ts")


def test_the_types_compile_and_say_what_a_program_needs(folder: Path) -> None:
    compiled(folder, "use.ts", PROGRAM)


def test_the_shipped_messages_and_drafts_are_of_these_types(folder: Path) -> None:
    lines = ['import type { components } from "./api";', 'type Shapes = components["schemas"];']
    messages = [each for kind in KINDS for each in kinds.examples(kind).values()]
    lines += [f"export const m{n}: Shapes['Message'] = {json.dumps(each)};" for n, each in enumerate(messages)]
    lines += [
        f"export const d{n}: Shapes['Draft'] = {json.dumps(each)};" for n, each in enumerate(kinds.drafts().values())
    ]
    compiled(folder, "examples.ts", "\n".join(lines))


def test_the_compiler_refuses_what_is_no_message(folder: Path) -> None:
    text = (
        'import type { components } from "./api";\nexport const m: components["schemas"]["Message"] = {kind: "alert"};'
    )
    with pytest.raises(pytest.fail.Exception, match="TS2"):
        compiled(folder, "wrong.ts", text)


def test_the_lock_names_no_host() -> None:
    """`npm run lock` in tests/npm makes it."""
    assert "://" not in (npm.LOCKED / "package-lock.json").read_text("utf-8")
