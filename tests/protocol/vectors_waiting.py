"""Section 7: what waits, and what is told meanwhile."""

from scenario import HOUR, MINUTE, OK, SMALL, WAIT, Vector, ok, scenario, wait

from kit import NOW, Actor, actor, alert, craft_epoch, make_bundle, make_revoke

SG, TH, VN = (actor(code) for code in SMALL)
LATER = NOW + 5 * MINUTE + 1


@scenario("K4")
def waiting_for_time_of_two_members_at_once(v: Vector) -> None:
    """The wrong clock may be ours."""
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.bundle(VN, wait(["clock"]), not_before=LATER)


@scenario("E5")
def waiting_for_time_of_a_bundle_and_an_epoch_of_two_members(v: Vector) -> None:
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.epoch(wait(["clock"]), who="VN", to=("SG", "VN"), not_before=LATER)


@scenario("K4")
def waiting_for_time_of_one_member_twice(v: Vector) -> None:
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.epoch(WAIT, not_before=LATER)


@scenario("K4")
def waiting_for_time_of_two_members_one_after_the_other(v: Vector) -> None:
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.later(HOUR)
    v.bundle(VN, WAIT, not_before=LATER + HOUR)


@scenario("E3")
def waiting_blocks_nothing_else(v: Vector) -> None:
    v.start()
    ahead = craft_epoch(VN, v.lists.after(), to=("SG", "VN"))
    v.show(ahead, WAIT)
    th = v.epoch()
    v.frame(th, th.frame(alert()), ok(alert()))
    v.bundle(VN, OK)


@scenario("K2")
def waiting_before_the_first_list(v: Vector) -> None:
    th = craft_epoch(TH, v.lists)
    frame = th.frame(alert())
    bundle, revoke = make_bundle(TH), make_revoke(Actor("VN"))
    v.bundle(TH, WAIT, data=bundle)
    v.show(th, WAIT)
    v.frame(th, frame, WAIT)
    v.revoke(VN, revoke, WAIT)
    v.start()
    v.bundle(TH, OK, data=bundle)
    v.show(th, OK)
    v.frame(th, frame, ok(alert()))
    v.revoke(VN, revoke, OK)
