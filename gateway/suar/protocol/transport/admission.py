"""The receiving path: one object in, one `Outcome` out, each check with its number at the code (protocol.md).

`admit` is the only entry point. Trust lists, Revokes and bundles are judged in their own modules; epochs and frames
here, in the numbered order, because they need the world. The sending counterpart is `sender.py`. `admit` returns an
Outcome for any bytes; it raises only for a local fault.
"""

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import ACTUAL, is_signed_hash
from suar.protocol.base.subjects import ALL, Subject
from suar.protocol.transport import content, outcome
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport import heartbeat as heartbeats
from suar.protocol.transport.chain import join_chain
from suar.protocol.transport.epoch import Verified as VerifiedEpoch
from suar.protocol.transport.frame import Verified as VerifiedFrame
from suar.protocol.transport.outcome import Outcome
from suar.protocol.transport.replay import HeldFrame, Sequence
from suar.protocol.transport.world import ChainKey, EpochState, World
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust.trustlist import TrustList


def admit(world: World, subject: str, data: bytes, now: int, verified: VerifiedFrame | None = None) -> Outcome:
    """Judge one object as delivered by the hub at `now` (ms).

    `verified` is the frame with F1 and F4 already checked, in a thread pool, against the epoch that is live now.
    """
    out = Outcome()
    try:
        if world.is_clock_back(now):  # [T14] before anything is refused
            raise Wait("E-CLOCK", "T14")
        out.subject = subjects.parse(subject)  # [S1]
        world.record_time(now)
        _ADMIT[out.subject.type](world, out.subject, data, now, out, verified)
    except Refused as refused:
        out.result, out.rule, out.code = "refused", refused.rule, refused.code
    except Wait as wait:
        _wait(world, out, wait, now)
    return out


def _wait(world: World, out: Outcome, wait: Wait, now: int) -> None:
    """Section 7: record by member what waits for its time. If two members wait, our clock may be wrong: alarm."""
    out.result, out.code = "wait", wait.code
    out.waits_rule, out.waits_for_time = wait.rule, wait.for_time
    if wait.for_time is None or out.subject is None:
        return
    sender = out.subject.sender
    still = {m: t for m, t in world.time_waits.items() if t > now + limits.CLOCK_TOLERANCE}
    if set(still) - {sender} and sender not in still:
        out.alarm(outcome.CLOCK, sender)
    still[sender] = max(wait.for_time, still.get(sender, 0))
    world.time_waits = still


def _admit_list(world: World, subject: Subject, data: bytes, now: int, out: Outcome, _: VerifiedFrame | None) -> None:
    try:
        content = world.trust.admit(data, now)
    except Refused as refused:
        alarms = {"E-TRUST-FORK": outcome.FORK, "E-TRUST-ROLLBACK": outcome.ROLLBACK}
        if refused.code in alarms:
            out.alarm(alarms[refused.code], subject.sender)
        raise
    if content is None:
        out.result = "noop"
    else:
        world.apply_list(content, data)  # [T11] [T12]


def _admit_revoke(
    world: World, _subject: Subject, data: bytes, _now: int, out: Outcome, _: VerifiedFrame | None
) -> None:
    kid = world.trust.admit_revoke(data)
    if kid is None:
        out.result = "noop"
    else:
        world.apply_revoke(kid, data)


def _admit_bundle(world: World, subject: Subject, data: bytes, now: int, out: Outcome, _: VerifiedFrame | None) -> None:
    accepted = bundles.admit(world.trust, world.bundles, subject, data, now)
    if accepted is None:
        out.result = "noop"
    else:
        world.apply_bundle(accepted)


# -- epochs


def _admit_epoch(world: World, subject: Subject, data: bytes, now: int, out: Outcome, _: VerifiedFrame | None) -> None:
    members = len(world.trust.current.members) if world.trust.current else limits.TRUST_AHEAD
    parsed = epochs.parse(data, members)  # [E1]
    if world.trust.owner(parsed.signer) is None:  # [E1]
        raise Wait("E-EPOCH-SIZE", "E1")
    verified = epochs.verify_signature(parsed, world.trust.public(parsed.signer), subject.realm)  # [E2]
    epochs.check_subject(world.trust, verified, subject)  # [E3]
    epochs.check_signer(world.trust, verified)  # [E4]
    epochs.check_window(world.trust, verified, now)  # [E5]
    try:
        named = epochs.named_list(world.trust, verified.epoch)  # [E6]
    except Refused as refused:
        if refused.facts["is_same_version"]:
            out.alarm(outcome.TRUST_VERSION, subject.sender)
        raise
    _check_recipients(world, verified, named)  # [E7]
    state = _new_state(verified, data)
    out.result = join_chain(world, state, out)  # [E8] [E10]
    out.epoch = world.epochs[state.id]
    if out.result != "noop":
        in_channel = world.member in named.channel_members(subject.sender, subject.channel)
        try:
            _unwrap_secret(world, verified, state, out, in_channel=in_channel)  # [E9]
        finally:
            state.epoch = epochs.without_recipients(state.epoch)


def _check_recipients(world: World, verified: VerifiedEpoch, named: TrustList) -> None:
    """[E7] Judge by the list that the epoch names, permanently: its frames are refused too ([F2])."""
    try:
        epochs.check_recipients(verified, named)
    except Refused:
        world.refused_epochs.add(verified.id)
        raise


def _new_state(verified: VerifiedEpoch, data: bytes) -> EpochState:
    epoch = verified.epoch
    chain = ChainKey(verified.signer, epoch.realm, epoch.channel)
    return EpochState(verified.id, chain, epoch, "skip", True, Sequence(verified.id), data=data)


def _unwrap_secret(world: World, verified: VerifiedEpoch, state: EpochState, out: Outcome, *, in_channel: bool) -> None:
    """[E9] Our wrap must open to the epoch's commitment. Left out of our channel: alarm; not addressed to us: skip."""
    at = next((i for i, r in enumerate(state.epoch.recipients) if r.member == world.member), None)
    key = world.kem_keys.get(state.epoch.recipients[at].kid) if at is not None else None
    if at is None or key is None:
        if in_channel:
            out.alarm(outcome.LEFT_OUT, state.epoch.sender, epoch_id=state.id)
        out.result = "skip"
        return
    state.kid = state.epoch.recipients[at].kid
    try:
        state.secret = epochs.unwrap(state.epoch, verified.raw, verified.wrap(at), key, state.kid)
    except Refused:
        state.kind = "refused"
        raise
    state.kind = "open"


# -- frames


def check_epoch(world: World, parsed: frames.Parsed, now: int) -> EpochState:
    """[F2] Return the frame's epoch: known, live, not refused.

    A skipped epoch is returned, and the caller skips the frame.
    """
    state = world.epochs.get(parsed.epoch_id)
    if state is None and parsed.epoch_id in world.refused_epochs:
        raise Refused("E-FRAME-EPOCH", "F2")
    if state is None:
        raise Wait("E-FRAME-EPOCH", "F2")
    is_dead = not state.is_live or not world.may_sign(state.chain.signer, state.epoch.sender)
    is_past = state.epoch.not_before < now - limits.EPOCH_AGE_MAX
    if is_dead or is_past or state.kind == "refused":
        raise Refused("E-FRAME-EPOCH", "F2")
    return state


def check_frame_subject(state: EpochState, subject: Subject) -> None:
    """[F3] Origin, realm and channel of the subject must be the epoch's."""
    epoch = state.epoch
    if (subject.sender, subject.realm, subject.channel) != (epoch.sender, epoch.realm, epoch.channel):
        raise Refused("E-FRAME-SUBJECT", "F3")


def _admit_frame(
    world: World, subject: Subject, data: bytes, now: int, out: Outcome, verified: VerifiedFrame | None
) -> None:
    parsed = verified.parsed if verified else frames.parse(data)  # [F1]
    state = out.epoch = check_epoch(world, parsed, now)  # [F2]
    if state.kind == "skip" or not world.can_open(state):
        out.result = "skip"
        return
    check_frame_subject(state, subject)  # [F3]
    checked = verified or frames.verify_signature(parsed, state.epoch.public, subject.realm)  # [F4]
    out.frame = checked
    if not _consume(world, state, checked, out):  # [F6]
        return
    _in_time(state, parsed, now, out)  # [F5], reported after F6
    contents = frames.open_content(parsed, world.secret(state), subject.realm)  # [F7]
    if parsed.count:
        content.admit_messages(world, state, contents, out)  # [F8] [F9]
    else:
        _admit_heartbeat(world, state, contents[0], now, out)  # [F11]


def _consume(world: World, state: EpochState, checked: VerifiedFrame, out: Outcome) -> bool:
    """[F6] Use up the frame's number; returns False for a duplicate.

    A fork or an equivocation raises an alarm and is refused.
    """
    parsed, sender, sequence = checked.parsed, state.epoch.sender, state.sequence
    try:
        verdict = sequence.judge(parsed.seq, checked.hash, parsed.prev, lambda seq: world.frame(parsed.epoch_id, seq))
    except Refused as refused:
        _alarm_refusal(world, state, refused, out)
        raise
    if verdict.kind == "duplicate":
        out.result = "duplicate"
        return False
    if verdict.gap:
        out.is_after_gap = True
        out.alarm(outcome.GAP, sender, first=verdict.gap[0], last=verdict.gap[1], epoch_id=state.id)
    sequence.consume(parsed.seq, checked.hash, verdict, is_last=parsed.is_last)
    world.changes.frames[parsed.epoch_id, parsed.seq] = HeldFrame(checked.hash, parsed.prev)
    if verdict.kind == "next":
        state.tip_frames, state.tip_signature = parsed.seq + 1, parsed.data[-limits.FRAME_SIGNATURE :]
    world.mark_changed(state)
    out.has_consumed = True
    out.result = "late" if verdict.kind == "late" else "ok"
    return True


def _alarm_refusal(world: World, state: EpochState, refused: Refused, out: Outcome) -> None:
    if refused.code == "E-FRAME-FORK":
        out.alarm(outcome.FORK, state.epoch.sender, epoch_id=state.id)
    elif refused.code == "E-FRAME-EQUIVOCATION" and not refused.facts["is_frozen"]:
        out.alarm(outcome.EQUIVOCATION, state.epoch.sender, epoch_id=state.id)
        state.sequence.is_frozen = True
        world.mark_changed(state)


def _in_time(state: EpochState, parsed: frames.Parsed, now: int, out: Outcome) -> None:
    """[F5] The frame must be sent within the lifetime of its epoch.

    A time ahead of ours only raises an alarm, because our clock may be wrong.
    """
    slack = limits.CLOCK_TOLERANCE
    if not state.epoch.not_before - slack <= parsed.ts <= state.epoch.not_after + slack:
        raise Refused("E-FRAME-TIME", "F5")
    if parsed.ts > now + slack:
        out.alarm(outcome.CLOCK, state.epoch.sender)


def _admit_heartbeat(world: World, state: EpochState, body: bytes, now: int, out: Outcome) -> None:
    """[F11] A head ahead of ours, a higher list or other revokes raise alarms, each naming the heartbeat's sender."""
    is_closing = state.chain.realm != ACTUAL or state.chain.channel != ALL
    beat = out.heartbeat = heartbeats.read(body, is_closing=is_closing)
    sender = state.epoch.sender
    for head in (*beat.heads_of_mine, *beat.heads_seen):
        _compare_head(world, head, sender, now, out)
    is_other = beat.trust_version == world.trust.version and beat.trust_hash != world.trust.hash
    if beat.trust_version > world.trust.version or is_other:
        out.alarm(outcome.TRUST_VERSION, sender)
    if beat.revokes != world.trust.revokes_hash():
        out.alarm(outcome.REVOKES, sender)


def _compare_head(world: World, head: heartbeats.Head, sender: str, now: int, out: Outcome) -> None:
    """[F11] Compare a head with ours: it may be ahead, or have another frame under the same number.

    The signature in a head covers the hash but not the number, so the number is only a statement of `sender`. For its
    own epoch this means a gap, or an equivocation ([F6]). For another member's epoch it means a gap in both cases, in
    the name of `sender`; it says nothing about the other member and blocks nothing.
    """
    state = world.epochs.get(head.epoch_id)
    if state is None or state.kind != "open" or not 0 < head.frames <= limits.FRAMES_AN_EPOCH:
        return
    following, last = state.sequence.next, head.frames - 1
    is_ahead = head.frames > following
    if is_ahead and not state.is_live:  # [T12] the epoch's frames are refused, so none is missing
        return
    held = None if is_ahead else world.frame(state.id, last)
    if not is_ahead and (held is None or held.hash == head.hash):
        return
    if not world.head_checks.count_check(sender, now):
        return
    if not is_signed_hash("frame", state.epoch.public, head.hash, head.signature, state.epoch.realm):
        return
    if not is_ahead and state.epoch.sender == sender:
        out.alarm(outcome.EQUIVOCATION, sender, epoch_id=state.id)
    else:
        out.alarm(outcome.GAP, sender, first=following if is_ahead else last, last=last, epoch_id=state.id)


_ADMIT = {
    "trust": _admit_list,
    "revoke": _admit_revoke,
    "keys": _admit_bundle,
    "epoch": _admit_epoch,
    "frame": _admit_frame,
}
