"""Debian's Prometheus on two gateways and a hub that fails: every panel shows something, each rule is evaluated.

The hub is killed once a message was received: another one waits, and the gateways warn of it.
"""

import json
import subprocess
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from suar.demo.embedded.servers import HeldPorts
from suar.federation.links.link_certificate import signed_path
from suar.federation.watching import hub_numbers
from suar.files import read
from suar.observe.hub_metrics import HubMetrics
from support.bundles import ROOT
from support.executables import PROMETHEUS, require
from support.gateways import Federation, draft, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]
RULES = ROOT / "deploy/prometheus/suar.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/suar.json"


def expressions() -> dict[str, str]:
    """What each panel of the dashboard shows, of every instance."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return {each["title"]: each["targets"][0]["expr"].replace("$instance", ".*") for each in panels}


class Prometheus:
    """One server that scrapes what its configuration names."""

    def __init__(self, folder: Path, jobs: list[dict[str, Any]]) -> None:
        self._ports = HeldPorts()
        self._address = f"127.0.0.1:{self._ports.choose()}"
        pace = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        settings = {"global": pace, "rule_files": [str(RULES)], "scrape_configs": jobs}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [PROMETHEUS, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address={self._address}"], stdout=self._log, stderr=self._log,
        )  # fmt: skip

    async def get(self, path: str, **params: str) -> Any:
        """What it answers; nothing while it starts."""
        try:
            async with httpx.AsyncClient(base_url=f"http://{self._address}/api/v1", timeout=60) as client:
                answer = await client.get(path, params=params)
        except httpx.HTTPError:
            return {}
        return answer.json()["data"] if answer.is_success else {}

    async def shows(self, expression: str) -> bool:
        """Whether there is a number for it; NaN is none."""
        found = (await self.get("/query", query=expression)).get("result", [])
        return any(each["value"][1] != "NaN" for each in found)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._ports.release()
        self._log.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    require(PROMETHEUS, "prometheus")
    federation, hub = Federation(tmp_path_factory.mktemp("federation"), ("TH", "SG")), HubMetrics()
    made: Prometheus | None = None
    try:
        await federation.start()
        plan_file = federation.folder / "PLAN.toml"
        signed = signed_path(plan_file, "th")
        signed.parent.mkdir()
        signed.write_bytes(read(Path(federation.nats.hub.plan.member("TH").tls.cert_file), "the certificate"))
        hub.update(await hub_numbers.numbers(federation.nats.hub, plan_file))
        jobs: list[dict[str, Any]] = [
            {"job_name": "suar-hub", "static_configs": [{"targets": [f"127.0.0.1:{hub.open(0)}"]}]}
        ]
        for code, running in federation.gateways.items():
            target = running.address["url"].removeprefix("http://")
            relabelled = [{"target_label": "job", "replacement": "suar"}]
            jobs.append({
                "job_name": code, "authorization": {"credentials": running.address["token"]},
                "static_configs": [{"targets": [target]}], "relabel_configs": relabelled,
            })  # fmt: skip
        await exchanged(federation, "counted")
        made = Prometheus(tmp_path_factory.mktemp("prometheus"), jobs)
        await eventually(partial(made.shows, "count(suar_delivery_seconds_count) >= 2"))
        await exchanged(federation, "counted again, so that there is a rate")
        federation.nats.servers["hub"].kill()
        await federation["TH"].publish(draft("waits for the hub"))
        yield made
    finally:
        if made is not None:
            made.stop()
        hub.close()
        await federation.stop()


async def exchanged(federation: Federation, title: str) -> None:
    """An alert of each is stored at the other."""
    for code, running in federation.gateways.items():
        await federation.stored_everywhere(code, *await running.publish(draft(f"{title}: {code}")))


@pytest.mark.parametrize("panel", sorted(expressions()))
async def test_a_panel_shows_something(prometheus: Prometheus, panel: str) -> None:
    await eventually(partial(prometheus.shows, expressions()[panel]), message=lambda: panel)


async def test_every_rule_is_evaluated_and_no_gateway_is_missing(prometheus: Prometheus) -> None:
    async def rules() -> list[dict[str, Any]]:
        found = await prometheus.get("/rules")
        return [rule for group in found.get("groups", []) for rule in group["rules"]]

    async def are_evaluated() -> bool:
        found = await rules()
        return bool(found) and all(rule["health"] == "ok" for rule in found)

    await eventually(are_evaluated)
    written = [rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert sorted(rule["name"] for rule in await rules()) == sorted(written)
    firing = {rule["name"] for rule in await rules() if rule["state"] != "inactive"}
    assert firing.isdisjoint({"SuarGatewayDown", "SuarStoreDown"})
