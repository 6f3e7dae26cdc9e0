"""The measurements of one side in one arena, and its rows in the document."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from suar.bench.measure import rounded

SLOW: Final = 100.0  # messages a second


@dataclass
class Run:
    """One repeat at full speed."""

    rate: float  # messages a second, until committed everywhere
    receipts_rate: float  # until every receipt is back; 0 for the plain programs
    sender_us: float  # CPU a message, until committed everywhere
    receiver_us: float  # mean over the receivers
    servers_us: float  # all NATS servers


@dataclass
class Side:
    """The gateways' or the plain programs' figures in one arena."""

    name: str
    runs: list[Run] = field(default_factory=list)
    slow: list[dict[str, float]] = field(default_factory=list)  # latency of each repeat, at 100 a second
    half: list[dict[str, float]] = field(default_factory=list)  # latency at half of the maximum rate
    half_rate: float = 0.0
    single: list[dict[str, float]] = field(default_factory=list)  # latency at 100 a second, each a POST of its own
    sending_us: list[float] = field(default_factory=list)  # CPU of the sender until its server has everything
    receipts_us: list[float] = field(default_factory=list)  # the same until every receipt has arrived

    def rows(self) -> list[dict[str, Any]]:
        """Return rows of the document: one of rates and CPU (us a message), and one of latencies (ms) for each rate."""
        rates = [run.rate for run in self.runs]
        row: dict[str, Any] = {
            "name": self.name, "repeats": len(self.runs), "messages_per_s": rounded(median(rates)),
            "messages_per_s_least": rounded(min(rates)), "messages_per_s_most": rounded(max(rates)),
            "cpu_us_sender": rounded(median(run.sender_us for run in self.runs)),
            "cpu_us_receiver": rounded(median(run.receiver_us for run in self.runs)),
            "cpu_us_servers": rounded(median(run.servers_us for run in self.runs)),
        }  # fmt: skip
        if self.sending_us:
            row["messages_per_s_receipts"] = rounded(median(run.receipts_rate for run in self.runs))
            row["cpu_us_sending"] = rounded(median(self.sending_us))
            row["cpu_us_sending_with_receipts"] = rounded(median(self.receipts_us))
        paces = [(self.name, SLOW, self.slow), (self.name, self.half_rate, self.half)]
        paces += [(f"{self.name} single POST", SLOW, self.single)] if self.single else []
        return [row, *(_latency_row(*pace) for pace in paces)]


def _latency_row(name: str, rate: float, repeats: list[dict[str, float]]) -> dict[str, Any]:
    middle = {key: rounded(median(each[key] for each in repeats)) for key in repeats[0]}
    cuts = {key if key.startswith("cpu_us") else f"{key}_ms": value for key, value in middle.items()}
    return {"name": f"{name} at {rate:.0f}/s", "repeats": len(repeats), **cuts}


def run_of(
    count: int, seconds: float, with_receipts: float, before: Sequence[float], after: Sequence[float], receivers: int
) -> Run:
    """Return the figures of one repeat from CPU seconds before and after."""
    sender, receiver, servers = ((b - a) / count * 1e6 for a, b in zip(before, after, strict=True))
    back = count / with_receipts if with_receipts else 0.0
    return Run(count / seconds, back, sender, receiver / receivers, servers)
