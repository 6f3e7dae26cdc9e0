"""[F4] A batch that is long enough for two cores: what is wrong in it is refused as if it had come alone."""

from suar.service.receive import signatures
from support.corekit import CoreKit, epoch_of, frame_of
from support.kit import actor, alert, open_sending


def test_one_bad_signature_in_a_long_batch_is_refused_alone(vn: CoreKit) -> None:
    sending = open_sending(actor("TH"), vn.lists)
    vn.receive(epoch_of(sending))
    batch = [frame_of(sending, alert(f"TH-ALERT-2027-{n:06d}")) for n in range(1, 21)]
    for at in (3, 17):  # one in each half
        subject, data = batch[at]
        batch[at] = subject, data[:-1] + bytes([data[-1] ^ 1])
    batch[9] = batch[9][0], b"SUF1" + bytes(600)
    verdicts = signatures.verify_signatures(vn.core.world, [data for _, data in batch], vn.core.verifier)
    assert [at for at, verdict in enumerate(verdicts) if verdict is None] == [3, 9, 17]
    vn.records.clear()
    vn.receive(*batch)
    refused = [(at, judged.rule) for at, judged in enumerate(vn.judged()) if judged.result == "refused"]
    assert refused == [(3, "F4"), (9, "F1"), (17, "F4")]
    with vn.core.transaction() as connection:
        assert connection.exec_driver_sql("select count(*) from message").scalar() == 17


def test_an_epoch_that_comes_in_the_same_batch_is_no_obstacle(vn: CoreKit) -> None:
    sending = open_sending(actor("TH"), vn.lists)
    frames = [frame_of(sending, alert(f"TH-ALERT-2027-{n:06d}")) for n in range(1, 12)]
    vn.receive(epoch_of(sending), *frames)
    assert [judged.result for judged in vn.judged()[-12:]] == ["ok"] * 12
