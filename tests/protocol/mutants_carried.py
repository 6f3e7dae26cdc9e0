"""Rows of mutate.py's table for carried files and for answers about gaps: (rule, file of the package, snippet,
replacement, tests). The rules C1 to C5 stand in docs/carried.md.
"""

from typing import Final

_LAYOUT: Final = ("protocol/files/test_carried",)
_DOOR: Final = ("service/receive/test_carry",)
_GAPS: Final = ("service/gaps/test_gaps",)
_ENDS: Final = ("service/gaps/test_ends",)

Row = tuple[str, str, str, str, tuple[str, ...]]


def _c(rule: str, snippet: str, replacement: str) -> Row:
    return rule, "protocol/files/carried.py", snippet, replacement, _LAYOUT


def _d(rule: str, snippet: str, replacement: str) -> Row:
    return rule, "service/receive/carry.py", snippet, replacement, _DOOR


def _g(file: str, snippet: str, replacement: str, tests: tuple[str, ...] = _GAPS) -> Row:
    return "F6", f"{file}.py", snippet, replacement, tests


def _h(file: str, snippet: str, replacement: str, tests: tuple[str, ...] = ("service/core/test_claims",)) -> Row:
    return "F11", f"{file}.py", snippet, replacement, tests


def _l(snippet: str, replacement: str) -> Row:
    return "E9", "service/gaps/answering.py", snippet, replacement, ("service/status/test_left_out",)


ROWS: Final[tuple[Row, ...]] = (
    # -- [C1]
    _c("C1", "if not _HEAD < len(data) <= limits.CARRIED_BYTES or data[:4] != MAGIC:", "if data[:4] != MAGIC:"),
    _c("C1", " or data[:4] != MAGIC:", ":"),
    # -- [C2]
    _c("C2", 'verify("carried", public, parsed.raw, parsed.signature)', "pass"),
    _d("C2", "        _verify(core, parsed)  # [C2] no parser runs before it if the key is known", "        pass"),
    _d("C2", "        _verify(core, parsed)  # [C2] by the lists that were just judged", "        pass"),
    # -- [C3]
    _c("C3", 'Literal["suar-carried/1"]', "str"),
    _c("C3", r"^(all|[A-Z]{2})\Z", "^(all|[A-Z]{2})$"),
    _c("C3", "msgspec.Meta(ge=0, le=1)", "msgspec.Meta(ge=0)"),
    _c("C3", "msgspec.Meta(max_length=80)", "msgspec.Meta()"),
    # -- [C4]
    _d("C4", "if segment.federation != core.world.trust.federation:", "if False:"),
    _d("C4", "if segment.carrier == core.member:", "if False:"),
    _d("C4", "if trust.owner(kid) != segment.carrier:", "if False:"),
    # -- [C5]
    _d("C5", "if not core.world.may_sign(kid, segment.carrier) or key", "if key"),
    _d("C5", " or not key.is_valid(core.clock()):", ":"),
    # -- a file as a whole
    _c("C1", "if _sum(self.segments, data) != sum8:", "if False:"),
    _c("C1", "if not is_same or parsed.signer", "if parsed.signer"),
    _c("C1", " or (segment.index, segment.prev) != (self.segments, self._prev):", ":"),
    _c("C1", "if self._is_over:", "if False:"),
    # -- the door, and nothing beside it
    _d("S1", "if parsed.channel in (ALL, core.member):", "if True:"),
    _d(
        "S1",
        'found.append(("", Arrival(subject, each.data, is_redelivered=True)))  # [S1] refuses it on admission',
        "pass",
    ),
    _g("service/receive/heartbeats", "if transaction.on_carried is None and out.result", "if out.result", _DOOR),
    _g("service/receive/heartbeats", ' and out.result != "late":  # else', ":  # else"),
    _g(
        "service/receive/outcomes",
        "if transaction.on_carried is not None and claims.claimed_epoch(core.world, alarm) is not None:",
        "if False:",
        _DOOR,
    ),
    _g("service/receive/outcomes", "return not (is_carried or", "return not (False or", _DOOR),
    _g(
        "service/receive/outcomes",
        "is_carried or arrival.is_first)",
        "is_carried)",
        ("service/receive/test_two_hubs_merged",),
    ),
    _g(
        "service/receive/outcomes",
        'if out.result in ("duplicate", "refused"):',
        'if out.result == "duplicate" and arrival.is_first:',
        ("service/receive/test_two_hubs_merged",),
    ),
    _g(
        "service/receive/inbound",
        "if _is_ours_moved(transaction, arrival, out):",
        "if False:",
        ("service/receive/test_two_hubs_merged",),
    ),
    _g(
        "service/process/background/loop_inbox_erasure",
        " if name not in fresh}",
        "}",
        ("service/process/test_inbox_erasure",),
    ),
    _g("service/core/due", "self.erasing.discard(frame_hash)", "pass", ("service/process/test_inbox_erasure",)),
    _g("service/receive/carry", "gaps.record_carried(connection, taken.frames, core.clock())", "pass", _DOOR),
    # -- what lacks, and who may say that it is lost
    _g("service/gaps/requesting", "and _origins(core, reply.epoch_id) == {receipt.member}:", ":"),
    _g(
        "service/gaps/requesting",
        "_origins(core, reply.epoch_id) == {receipt.member}",
        "receipt.member in _origins(core, reply.epoch_id)",
        ("service/core/test_claims",),
    ),
    _g("service/gaps/requesting", "if max(first, low) <= min(last, high)", "if True"),
    _g("service/gaps/ranges", "sorted((each for each in refused if each.code in FINAL), key", "sorted(refused, key"),
    _g("service/gaps/ranges", "sorted(each for each in refused if each.code in FINAL)", "sorted(refused)"),
    _g("service/gaps/ranges", "found.pop() if found and each.first <= found[-1][1] else", "found.pop() if found else"),
    _g("service/gaps/ranges", "max(last, each.last)", "each.last", _ENDS),
    _g("service/gaps/ranges", "first) : bisect_right(firsts, last)]:\n            if", "first) :]:\n            if"),
    _g("service/gaps/ranges", "elif low <= high:", "else:", _ENDS),
    _g("service/gaps/ranges", "accumulate((each.last for each in final), max)", "(each.last for each in final)", _ENDS),
    _g("service/gaps/ranges", "announced if sequence.bound is None else sequence.bound", "announced"),
    _g("store/outbound/sent_before", "if not found or found[0].channel not in (ALL, member):", "if not found:"),
    _g("service/gaps/answering", "if last != EVERY_FRAME and last >= end:", "if last >= end:"),
    # -- what a third party says is its claim alone
    _h("service/gaps/ranges", "    if alarm.member != state.epoch.sender:\n", "    if False:\n"),
    _h("service/receive/outcomes", "        member = claimed.epoch.sender\n", ""),
    _h(
        "service/receive/outcomes",
        "if not transaction.core.claim_quota.count_request(alarm.member, claimed.id, transaction.now):",
        "if False:",
    ),
    _h(
        "service/core/claims",
        "if not times and sum(claimant == member for claimant, _ in self._requests) >= EPOCHS_MAX:",
        "if False:",
    ),
    _h(
        "service/core/claims",
        "state is not None and state.epoch.sender != alarm.member else None",
        "state is not None else None",
    ),
    _h("service/gaps/heads", "return state is not None and state.epoch.sender == member", "return state is not None"),
    _h("observe/metrics", " and not record.claimed_of:", ":", ("observe/test_metrics",)),
    # -- who was left out is answered
    _l("        answers[sent.epoch_id, nothing].append(span)\n", "        pass\n"),
    _l("nothing = RESENT if len(unqueued) < len(found) else nothing", "pass"),
    _l("            answers[sent.epoch_id, code] += refused[code]\n            answer", "            answer"),
    _l("not may_request(member, now) or daily_quotas", "daily_quotas"),
    (
        "E9",
        "service/gaps/ends.py",
        "    if left is not None and is_put_off(left, refusals):\n        return False\n",
        "",
        ("service/status/test_left_out",),
    ),
    (
        "E9",
        "service/gaps/requesting.py",
        "        _raise_again(core, connection, member, refusal.epoch_id)\n",
        "        pass\n",
        ("service/status/test_left_out",),
    ),
    _g("service/gaps/answering", "if not was_restored or high < sent.newest:", "if True:"),
)
