"""The data of `suar peers`: heads, silence, clocks, lists, keys, and ranges of missing frames (docs/gaps.md)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

from suar.observe.numbers import Numbers
from suar.protocol.base import limits
from suar.protocol.base.instants import instant, rfc3339
from suar.service.core import claims
from suar.service.core.claims import Claim
from suar.service.core.core import Core
from suar.service.core.status import Status
from suar.service.gaps import heads, ranges
from suar.service.gaps.ranges import EpochRanges, Span
from suar.store.inbound import gaps
from suar.store.inbound.gaps import PeerHeads

EPOCHS_SHOWN: Final = 100  # most incomplete epochs shown for one channel, newest first


def list_peers(core: Core, snapshot: Numbers) -> list[dict[str, Any]]:
    """Return every other active member, with the exact ranges of its missing frames. May be called from any thread."""
    lines = _up_and_pending(snapshot, int(core.config.bus.heartbeat_seconds * limits.SECOND))
    status, now = core.status, core.clock()
    with core.database.reading() as connection:
        peer_heads, epochs = gaps.load_peer_heads(connection), ranges.ranges_by_member(status, connection)
        claimed = defaultdict[str, list[Claim]](list)
        for origin, claim in claims.unconfirmed_claims(status.epochs, peer_heads, gaps.load_announced(connection)):
            claimed[origin].append(claim)
        waiting = Counter[str]()
        for each in gaps.unopened_epochs(connection):
            waiting[each.member] += each.frames
        codes = [line["member"] for line in lines]
        more = [
            _heartbeat(status, code, peer_heads.get(code), now)
            | _heads(status, peer_heads.get(code))
            | _missing(epochs.get(code, ()), waiting[code])
            | {"claims": [_claim(claim) for claim in claimed[code]]}
            for code in codes
        ]
    return [line | own for line, own in zip(lines, more, strict=True)]


def _heads(status: Status, stated: PeerHeads | None) -> dict[str, Any]:
    return {"heads": {"theirs": heads.peer_heads(status, stated), "ours": heads.own_heads(status, stated)}}


def _heartbeat(status: Status, code: str, heads: PeerHeads | None, now: int) -> dict[str, Any]:
    bundle, offset = status.bundles.newest(code), status.offsets.get(code)
    held = None if bundle is None else {
        "kid": bundle.kid.hex(), "not_before": instant(bundle.bundle.not_before),
        "not_after": instant(bundle.bundle.not_after),
        "valid": status.bundles.newest_valid(code, status.trust, now) is not None,
    }  # fmt: skip
    return {
        "last_heartbeat": None if heads is None else instant(heads.at),
        "clock_offset_seconds": None if offset is None else offset / limits.SECOND, "bundle": held,
    }  # fmt: skip


def _missing(epochs: Sequence[EpochRanges], waiting: int) -> dict[str, Any]:
    """Return the totals, and for each channel the incomplete epochs and the newest one.

    `waiting`: frames that arrived without their epoch; what else is missing of that epoch is not known yet.
    """
    total = ranges.sum_totals(epochs)
    channels = sorted({(each.realm, each.channel) for each in epochs})
    return {
        "complete": all(each.is_complete for each in epochs) and not waiting,
        "missing": total.all_missing, "waiting": waiting,
        "frames": {"held": total.held, "missing": total.missing, "withheld": total.withheld, "lost": total.lost},
        "channels": [_channel(*key, [e for e in epochs if (e.realm, e.channel) == key]) for key in channels],
    }  # fmt: skip


def _channel(realm: str, channel: str, epochs: Sequence[EpochRanges]) -> dict[str, Any]:
    total = ranges.sum_totals(epochs)
    ordered = sorted(epochs, key=lambda each: (each.began is None, each.began or 0))
    incomplete = [each for each in ordered if not each.is_complete or each.empty or each.left_out]
    newest = [each for each in ordered[-1:] if each not in incomplete]
    return {
        "realm": realm, "channel": channel, "complete": all(each.is_complete for each in epochs), "epochs": len(epochs),
        "held": total.held, "missing": total.missing, "withheld": total.withheld, "lost": total.lost,
        "ranges": [_epoch(each) for each in (*incomplete[-EPOCHS_SHOWN:], *newest)],
    }  # fmt: skip


def _claim(claim: Claim) -> dict[str, Any]:
    """Return frames that only `member` says exist; they are not counted as missing ([F11])."""
    return {
        "member": claim.member, "realm": claim.realm, "channel": claim.channel, "epoch": claim.epoch_id.hex(),
        "first": claim.first, "last": claim.last,
    }  # fmt: skip


def _epoch(epoch: EpochRanges) -> dict[str, Any]:
    requested = None if epoch.request is None else {"at": instant(epoch.request.at), "times": epoch.request.times}
    return {
        "epoch": epoch.id.hex(), "began": None if epoch.began is None else instant(epoch.began),
        "held": _spans(epoch.held), "missing": _spans(epoch.missing), "withheld": _spans(epoch.withheld),
        "lost": [{"first": e.first, "last": e.last, "code": e.code, "at": instant(e.at)} for e in epoch.lost],
        "empty": _spans(epoch.empty), "asked": requested, "left_out": epoch.left_out,
    }  # fmt: skip


def _spans(spans: Sequence[Span]) -> list[list[int]]:
    return [list(span) for span in spans]


def _up_and_pending(snapshot: Numbers, heartbeat_ms: int) -> list[dict[str, Any]]:
    """Return an entry for each other member: whether it is up, its heartbeat, trust list, faults, missing frames."""
    return [
        {
            "member": code,
            "up": peer.last_heartbeat is not None and snapshot.now - peer.last_heartbeat <= 2 * heartbeat_ms,
            "heartbeat_age_seconds": None
            if peer.last_heartbeat is None
            else (snapshot.now - peer.last_heartbeat) / 1000,
            "trust_version": peer.trust_version,
            "faults": list(peer.faults),
            "missing": peer.missing,
            "bundle_expires": rfc3339(peer.bundle_expires),
            "pending": snapshot.pending.get(code, (0, 0))[0],
        }
        for code, peer in snapshot.peers.items()
    ]
