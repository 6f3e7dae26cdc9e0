"""What a command prints of a watchdog's records."""

import pytest

from suar.cli.federation.steps import Progress
from suar.federation.watching.rounds import SourceState


def test_what_stays_is_printed_once_and_a_certificate_that_ends_once_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(as_json=False)
    for days in (60, 59, 59, 58):
        progress.report_state(SourceState("OUTBOX_TH", "healthy", days / 100))
        if days < 60:
            progress.report_state(SourceState("link-certificate", "expiring", 0.0, f"{days} days left"))
    assert capsys.readouterr().out.splitlines() == [
        "OUTBOX_TH: healthy",
        "link-certificate: expiring (59 days left)",
        "link-certificate: expiring (58 days left)",
    ]
