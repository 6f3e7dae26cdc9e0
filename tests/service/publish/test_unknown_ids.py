"""Who may not read learns from no refusal whether a message is here."""

import pytest

from suar.protocol.base.errors import Refused
from suar.service.publish import cancelling
from support.pairs import Two, new


def test_another_member_s_message_is_not_cancelled_whether_it_is_here_or_not(two: Two) -> None:
    [here] = two.publish(new("a"))
    two.to_sg()
    for id_ in (here, "TH-ALERT-2027-000999"):
        with pytest.raises(Refused) as refused:
            cancelling.cancel(two.sg.core, id_, "publisher", "none")
        assert refused.value.code == "E-MESSAGE-SENDER"
    assert cancelling.cancel(two.sg.core, "SG-ALERT-2027-000009", "publisher", "none") is None
