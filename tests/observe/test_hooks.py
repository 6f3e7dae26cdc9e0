"""Records reach every listener, in the order in which they were queued."""

from suar.observe.hooks import Happened, Hooks, Record


def test_each_listener_gets_every_record_in_order() -> None:
    first, second = list[Record](), list[Record]()
    hooks = Hooks(first.extend)
    hooks.listen(second.extend)
    records = [Happened(at=at, event="started") for at in range(3)]
    hooks.pass_on(records)
    hooks(Happened(at=3, event="stopped"))
    assert [record.at for record in first] == [record.at for record in second] == [0, 1, 2, 3]
