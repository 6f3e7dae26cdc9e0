"""A member says `recalled` of what its publisher did not cancel: nothing is recalled, before the cancel or after it."""

import json

import pytest

from support.corekit import rows
from support.kit import actor, open_sending
from support.pairs import Two, new


def state_recalled(two: Two, *indexes: int) -> None:
    [(name,)] = rows(two.th, "select hash from own_frame order by queued limit 1")
    about = {"frame": bytes(name).hex(), **({"messages": list(indexes)} if indexes else {})}
    receipt_body = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "SG", "stage": "recalled",
        "role": "gateway", "sent": "2027-01-15T08:00:01Z", "at": "2027-01-15T08:00:01Z", "of": [about],
    }  # fmt: skip
    answer = open_sending(actor("SG"), two.th.lists, channel="TH", to=("SG", "TH"))
    two.th.receive(
        (answer.epoch_subject, answer.opened.data), (answer.subject, answer.frame(json.dumps(receipt_body).encode()))
    )


@pytest.mark.parametrize("indexes", [(), (0,)])
def test_recalled_counts_only_after_the_cancel(two: Two, indexes: tuple[int, ...]) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "stored"
    state_recalled(two, *indexes)
    assert two.states(id_)["state"] == "stored"
    two.cancel(id_)
    assert two.states(id_)["state"] not in ("stored", "recalled"), (
        "the cancel is on its way, and nothing of before counts"
    )
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "recalled"
