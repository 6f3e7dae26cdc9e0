"""Does every rule have a test that fails when the rule is taken out? `python tests/protocol/mutate.py [RULE...] [--each N]`

Takes one check at a time out of a copy of the package and runs all vectors, then the protocol's tests, until the first
failure; for what lies elsewhere (files of evidence, the store, the service), the tests that its line names. Prints what survived, and exits 1
when something did. Minutes, so it is not part of the suite; run it after a change to the protocol. A snippet that is no
longer in its file, or not once, is an error: mend the table.
"""
# ruff: noqa: E501 - a table reads better with one entry a line; run as a script it finds its tables by the path that it sets

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from protocol.mutants_carried import ROWS as CARRIED
from protocol.mutants_files import ROWS
from protocol.rules import EVERY
from support.executables import PYTHON

REPOSITORY = Path(__file__).parents[2]
TESTS = (
    *(f"transport/test_{name}" for name in ("sender", "replay", "frame", "waiting", "restart", "content", "heads")),
    "base/test_primitives",
    "test_fuzz",
)
ELSEWHERE = {
    "E12": "tests/service/recovery/test_recovery.py: with real servers, an old backup and an old snapshot are put back",
    "F10": "tests/service/core/test_exchange.py: with real servers, killed between the commit and the acknowledgement",
}
"""Rules of which a part is shown by tests that take minutes."""


class Mutant(NamedTuple):
    rule: str
    file: str  # in the package
    snippet: str
    replacement: str
    tests: tuple[str, ...] = ()  # files of tests/ that are run instead of vectors and the protocol's tests


def _m(rule: str, file: str, snippet: str, replacement: str) -> Mutant:
    return Mutant(rule, f"protocol/{file}.py", snippet, replacement)


def _out(rule: str, file: str, snippet: str, replacement: str, *tests: str) -> Mutant:
    return Mutant(rule, f"{file}.py", snippet, replacement, tests)


MUTANTS = (
    *(Mutant(*row) for row in (*ROWS, *CARRIED)),
    # -- subjects
    _m("S1", "base/subjects", "_HUB.fullmatch(subject)", "_HUB.match(subject)"),
    _m("S1", "base/subjects", "(?P<sender>[a-z]{2})", "(?P<sender>[a-zA-Z]{2,3})"),
    _m("S1", "base/subjects", r"(?:a\.(?:(?P<trust>", r"(?:[ax]\.(?:(?P<trust>"),
    _m("S1", "base/subjects", "channel>all|[a-z]{2})", "channel>all|[a-zA-Z]{2})"),
    _m("S1", "base/subjects", "[0-9a-f]{32}", "[0-9a-fA-F]{31,32}"),
    _m("S1", "base/subjects", "[0-9a-f]{16}", "[0-9a-f]{16,17}"),
    # -- primitives
    _m("F4", "base/primitives", "crypto_sign_open(signature + d(realm, name) + digest", "crypto_sign_open(signature + digest"),
    _m("F4", "base/primitives", "verdicts.append(False)", "verdicts.append(True)"),
    _m("T9", "base/primitives", "bool(sodium.crypto_core_ed25519_is_valid_point(public))", "True"),
    _m("F7", "base/primitives", "ChaCha20Poly1305(key).decrypt(_NONCE, cipher, header)", "ChaCha20Poly1305(key).decrypt(_NONCE, cipher, b'')"),
    _m("K3", "base/primitives", 'hash_("kid", member.encode() + kem_public)', 'hash_("kid", kem_public)'),
    # -- trust lists
    _m("T1", "trust/trustlist", "len(data) > limits.TRUST_BYTES or data[:4] != MAGIC", "data[:4] != MAGIC"),
    _m("T1", "trust/trustlist", "len(data) > limits.TRUST_BYTES or data", "len(data) >= limits.TRUST_BYTES or data"),
    _m("T1", "trust/trustlist", "data[:4] != MAGIC or len(data) <= end", "len(data) <= end"),
    _m("T1", "trust/trustlist", "1 <= count <= limits.TRUST_SIGNATURES", "1 <= count"),
    _m("T1", "trust/trustlist", "1 <= count <= limits.TRUST_SIGNATURES", "1 <= count < limits.TRUST_SIGNATURES"),
    _m("T1", "trust/trustlist", "len({signature.kid for signature in signatures}) != count", "False"),
    _m("T1", "trust/members", "if signed.hash in self._hashes:", "if False:"),
    _m("T2", "trust/members", "self.pin is None or not is_equal(signed.hash, self.pin)", "False"),
    _m("T2", "trust/members", "len(ours) >= threshold and all", "all"),
    _m("T2", "trust/members", "len(ours) >= threshold and all(", "len(ours) >= threshold and any("),
    _m("T2", "trust/members", "if checked.is_fork_only and content.version != self.version:", "if False:"),
    _m("T2", "trust/members", "        self._admitting = {root.kid: root.public for root in before.roots}", "        self._admitting = {}"),
    _m("T2", "trust/members", "        if not is_signed_hash(\"trust\", new.get(signature.kid, ZERO32), signed.hash, signature.signature):", "        if False:"),
    _m("T2", "trust/members", "        if current:\n            self._fork_only(checked, content)\n            _others_signed", "        if True:\n            self._fork_only(checked, content)\n            _others_signed"),
    _m("T3", "trust/members", "if content.federation != self.federation:", "if False:"),
    _m("T3", "base/wire", "forbid_unknown_fields=True", "forbid_unknown_fields=False"),
    _m("T3", "base/wire", "msgspec.Meta(ge=0, le=INTEGER_MAX)", "msgspec.Meta(ge=0)"),
    _m("T3", "base/wire", "msgspec.Meta(ge=0, le=INTEGER_MAX)", "msgspec.Meta(le=INTEGER_MAX)"),
    _m("T3", "base/wire", 'pattern=r"^[A-Z]{2}$", min_length=2, max_length=2', 'pattern=r"^[A-Z]{2}$"'),
    _m("T3", "base/wire", "(msgspec.DecodeError, UnicodeDecodeError, RecursionError)", "msgspec.DecodeError"),
    _m("T4", "trust/members", "len(content.roots) < 2 * content.threshold", "len(content.roots) <= 2 * content.threshold"),
    _m("T4", "trust/members", "content.threshold >= 2)", "content.threshold >= 1)"),
    _m("T4", "trust/members", "2 * content.threshold <= 2 * len(content.roots)", "2 * content.threshold"),
    _m("T5", "trust/members", "if content.version == current.version:", "if False:"),
    _m("T5", "trust/members", "if content.version < current.version:", "if False:"),
    _m("T5", "transport/admission", '"E-TRUST-FORK": outcome.FORK, ', ""),
    _m("T5", "transport/admission", ', "E-TRUST-ROLLBACK": outcome.ROLLBACK', ""),
    _m("T6", "trust/members", "if content.version != current.version + 1:", "if False:"),
    _m("T7", "trust/members", "not is_equal(content.prev, self.hash) or content.issued", "content.issued"),
    _m("T7", "trust/members", " or content.issued < current.issued:", ":"),
    _m("T7", "trust/members", " or content.issued < current.issued:", " or content.issued <= current.issued:"),
    _m("T8", "trust/members", "content.issued <= now + limits.CLOCK_TOLERANCE", "True"),
    _m("T8", "trust/members", "content.issued <= now + limits.CLOCK_TOLERANCE", "content.issued < now + limits.CLOCK_TOLERANCE"),
    _m("T8", "trust/members", "content.issued < content.expires <=", "content.issued <= content.expires <="),
    _m("T8", "trust/members", "content.expires <= content.issued + limits.TRUST_LIFETIME_MAX", "content.expires"),
    _m("T8", "trust/members", "content.expires <= content.issued + limits", "content.expires < content.issued + limits"),
    _m("T9", "trust/members", "len({public for _, public in pairs}) != len(pairs)", "False"),
    _m("T9", "trust/members", "kid(public) != name or not is_valid_point", "not is_valid_point"),
    _m("T9", "trust/members", "kid(public) != name or not is_valid_point(public)", "kid(public) != name"),
    _m("T9", "trust/members", "codes != sorted(set(codes))", "len(codes) != len(set(codes))"),
    _m("T9", "trust/members", "codes != sorted(set(codes))", "codes != sorted(codes)"),
    _m("T9", "trust/members", "key.revoked_at is None and key.kid in self._ever_revoked for", "False for"),
    _m("T9", "trust/members", "key.kid in self._ever_revoked for", "(key.kid in self._ever_revoked or key.kid in self.revokes) for"),
    _m("T10", "trust/members", "        _new_roots_signed(signed, content)\n", ""),
    _m("T10", "trust/members", 'signature.kid in new and is_signed_hash("trust", new[signature.kid], signed.hash, signature.signature)', "signature.kid in new"),
    _m("T11", "trust/members", "Accepted(content, signed.hash, data)", "Accepted(content, signed.hash, signed.raw)"),
    _m("T12", "transport/world", "        self.changes.lists.append((content, data))\n        self._close_dead_epochs()", "        self.changes.lists.append((content, data))"),
    _m("T12", "transport/world", "                state.is_live = False\n", ""),
    _m("T12", "transport/world", "state.is_live = False\n                self.mark_changed(state)", "state.is_live = False"),
    _m("T13", "transport/sender", " or now >= current.expires + limits.TRUST_GRACE:", ":"),
    _m("T13", "transport/sender", "now >= current.expires + limits.TRUST_GRACE", "now >= current.expires"),
    _m("T14", "transport/admission", "if world.is_clock_back(now):", "if False:"),
    _m("T14", "transport/admission", "        out.subject = subjects.parse(subject)  # [S1]\n", "        pass\n"),
    _m("T14", "transport/sender", "if world.is_clock_back(now):", "if False:"),
    _m("T14", "transport/waiting", "    if out.result == \"wait\" and out.subject is None:  # [T14] it remains in its stream\n            return\n", "    pass\n"),
    _m("T14", "transport/waiting", "        if world.is_clock_back(now):  # [T14]\n            return []\n", ""),
    _m("T14", "transport/world", "now < self.highest_time - limits", "now <= self.highest_time - limits"),
    _m("T14", "transport/admission", "        world.record_time(now)\n", ""),
    _m("T14", "transport/world", "self.highest_time = self.changes.highest_time = now", "self.highest_time = now"),
    # -- Revokes
    _m("R1", "trust/revoke", "len(data) > limits.REVOKE_BYTES or data", "data"),
    _m("R1", "trust/revoke", "len(data) > limits.REVOKE_BYTES or", "len(data) >= limits.REVOKE_BYTES or"),
    _m("R1", "trust/revoke", "limits.REVOKE_BYTES or data[:4] != MAGIC", "limits.REVOKE_BYTES"),
    _m("R1", "trust/members", "body.federation != self.federation or body.kid != name", "body.kid != name"),
    _m("R1", "trust/members", "body.federation != self.federation or body.kid != name", "body.federation != self.federation"),
    _m("R1", "trust/members", "        if self.owner(name) is None:\n            raise Wait(\"E-REVOKE\", \"R1\")", "        if self.owner(name) is None:\n            raise Refused(\"E-REVOKE\", \"R1\")"),
    _m("R1", "trust/members", 'if not is_signed("revoke", self.public(name), data[84:], data[20:84]):', "if False:"),
    _m("R1", "trust/members", "return None if name in self.revokes else name", "return name"),
    _m("R1", "trust/members", "return None if name in self.revokes else name", "return None if self.revokes.get(name) == data else name"),
    _m("R1", "trust/members", " or kid_ in self.revokes", ""),
    _m("R1", "transport/world", "        self.changes.revokes.append((kid, data))\n        self._close_dead_epochs()", "        self.changes.revokes.append((kid, data))"),
    _m("R1", "trust/members", "return found is None or found[1]", "return found is not None and found[1]"),
    # -- bundles
    _m("K1", "trust/bundle", "len(data) > limits.BUNDLE_BYTES or len", "len"),
    _m("K1", "trust/bundle", "len(data) > limits.BUNDLE_BYTES or len", "len(data) >= limits.BUNDLE_BYTES or len"),
    _m("K1", "trust/bundle", "or data[:4] != MAGIC:  # [K1]", ":  # [K1]"),
    _m("K2", "trust/bundle", 'raise Wait("E-BUNDLE-SIGNER", "K2")', 'raise Refused("E-BUNDLE-SIGNER", "K2")'),
    _m("K2", "trust/bundle", "not trust.is_active(member) or trust", "trust"),
    _m("K2", "trust/bundle", "trust.is_revoked(signer) or key", "key"),
    _m("K2", "trust/bundle", "key is None or not key.is_valid(now):", "key is None:"),
    _m("K2", "trust/trustlist", "self.not_before <= now < self.not_after", "self.not_before < now < self.not_after"),
    _m("K2", "trust/trustlist", "self.not_before <= now < self.not_after", "self.not_before <= now <= self.not_after"),
    _m("K3", "trust/bundle", 'verify("keys", trust.public(signer), raw, data[20:_HEAD])', "pass"),
    _m("K3", "trust/bundle", "not bundle.federation == trust.federation or not", "not"),
    _m("K3", "trust/bundle", "bundle.member == member == subject.sender", "bundle.member == subject.sender"),
    _m("K3", "trust/bundle", "bundle.member == member == subject.sender", "bundle.member == member"),
    _m("K4", "trust/bundle", "not 0 < bundle.not_after - bundle.not_before", "not 0 <= bundle.not_after - bundle.not_before"),
    _m("K4", "trust/bundle", "bundle.not_before <= limits.BUNDLE_WINDOW_MAX:", "bundle.not_before:"),
    _m("K4", "trust/bundle", "bundle.not_before <= limits.BUNDLE_WINDOW_MAX:", "bundle.not_before < limits.BUNDLE_WINDOW_MAX:"),
    _m("K4", "trust/bundle", "bundle.not_before > now + limits", "bundle.not_before >= now + limits"),
    _m("K4", "trust/bundle", 'raise Wait("E-BUNDLE-WINDOW", "K4", for_time=bundle.not_before)', 'raise Refused("E-BUNDLE-WINDOW", "K4")'),
    _m("K4", "trust/bundle", "not now < bundle.not_after <=", "not now <= bundle.not_after <="),
    _m("K4", "trust/bundle", "bundle.not_after <= key.not_after", "bundle.not_after"),
    _m("K4", "trust/bundle", "bundle.not_after <= key.not_after", "bundle.not_after < key.not_after"),
    _m("K5", "trust/bundle", "if last is not None and last.data[_HEAD:] == raw:", "if False:"),
    _m("K5", "trust/bundle", "bundle.not_before <= last.bundle.not_before", "bundle.not_before < last.bundle.not_before"),
    _m("K5", "trust/bundle", "if last is not None and bundle.not_before <=", "if False and bundle.not_before <="),
    _m("K6", "trust/bundle", '        key.wrap(bytes(32), b"")\n', ""),
    _m("K7", "trust/bundle", "held.bundle.not_before <= now < held.bundle.not_after and", "held.bundle.not_before <= now and"),
    _m("K7", "trust/bundle", "held.bundle.not_before <= now < held.bundle.not_after and", "now < held.bundle.not_after and"),
    _m("K7", "trust/bundle", "*(held for held in before if held.bundle.not_after > begin)", ""),
    _m("K7", "trust/bundle", " and not trust.is_revoked(held.signer)", ""),
    _m("K7", "transport/sender", "if held is None and code != world.member)", "if False)"),
    _m("K7", "transport/sender", "if not any(held.bundle.member != world.member for held in keys):", "if False:"),
    _m("K8", "base/limits", "SEED_ERASED_AFTER: Final = DAY + RETENTION", "SEED_ERASED_AFTER: Final = RETENTION"),
    _m("K8", "transport/admission", " or not world.can_open(state)", ""),
    # -- epochs
    _m("E1", "transport/epoch", "len(data) > size_limit(members) or len", "len"),
    _m("E1", "transport/epoch", "len(data) > size_limit(members) or len", "len(data) >= size_limit(members) or len"),
    _m("E1", "transport/epoch", " or data[:4] != MAGIC:", ":"),
    _m("E1", "transport/admission", 'raise Wait("E-EPOCH-SIZE", "E1")', 'raise Refused("E-EPOCH-SIZE", "E1")'),
    _m("E2", "transport/epoch", 'verify("epoch", public, id_, parsed.signature, realm)', "pass"),
    _m("E2", "transport/epoch", 'verify("epoch", public, id_, parsed.signature, realm)', 'verify("frame", public, id_, parsed.signature, realm)'),
    _m("E2", "transport/epoch", r'pattern=r"^(all|[A-Z]{2})\Z"', 'pattern=r""'),
    _m("E3", "transport/epoch", "epoch.federation != trust.federation", "False"),
    _m("E3", "transport/epoch", "or epoch.realm != subject.realm", ""),
    _m("E3", "transport/epoch", "epoch.sender == trust.owner(verified.signer) == subject.sender", "epoch.sender == subject.sender"),
    _m("E3", "transport/epoch", "epoch.sender == trust.owner(verified.signer) == subject.sender", "epoch.sender == trust.owner(verified.signer)"),
    _m("E3", "transport/epoch", "epoch.sender == trust.owner(verified.signer) == subject.sender", "trust.owner(verified.signer) == subject.sender"),
    _m("E3", "transport/epoch", "or epoch.channel != subject.channel", ""),
    _m("E3", "transport/epoch", "<= limits.TRUST_AHEAD:", "< limits.TRUST_AHEAD:"),
    _m("E3", "transport/epoch", "<= limits.TRUST_AHEAD:", "<= limits.TRUST_AHEAD + 1:"),
    _m("E4", "transport/epoch", "not trust.is_active(verified.epoch.sender)", "False"),
    _m("E4", "transport/epoch", "or trust.is_revoked(verified.signer)", ""),
    _m("E4", "transport/epoch", "or not key.is_valid(verified.epoch.not_before)", ""),
    _m("E5", "transport/epoch", "not 0 < epoch.not_after - epoch", "not 0 <= epoch.not_after - epoch"),
    _m("E5", "transport/epoch", "epoch.not_before <= limits.EPOCH_LIFETIME_MAX", "epoch.not_before"),
    _m("E5", "transport/epoch", "epoch.not_before <= limits.EPOCH_LIFETIME_MAX", "epoch.not_before < limits.EPOCH_LIFETIME_MAX"),
    _m("E5", "transport/epoch", "or epoch.not_after > key.not_after", ""),
    _m("E5", "transport/epoch", "or epoch.not_after > key.not_after", "or epoch.not_after >= key.not_after"),
    _m("E5", "transport/epoch", "or epoch.not_before < now - limits.EPOCH_AGE_MAX", ""),
    _m("E5", "transport/epoch", "or epoch.not_before < now - limits", "or epoch.not_before <= now - limits"),
    _m("E5", "transport/epoch", 'raise Wait("E-EPOCH-WINDOW", "E5", for_time=epoch.not_before)', "pass"),
    _m("E5", "transport/epoch", "if epoch.not_before > now + limits", "if epoch.not_before >= now + limits"),
    _m("E6", "transport/epoch", "if held is None or not is_equal(held.hash, epoch.trust_hash):", "if held is None:"),
    _m("E6", "transport/epoch", "successor is not None and epoch.not_before > successor", "False and epoch.not_before > successor"),
    _m("E6", "transport/epoch", "epoch.not_before > successor + limits", "epoch.not_before >= successor + limits"),
    _m("E6", "transport/admission", "            out.alarm(outcome.TRUST_VERSION, subject.sender)\n        raise", "            pass\n        raise"),
    _m("E6", "transport/epoch", "is_same_version = epoch.trust_version == trust.version", "is_same_version = True"),
    _m("E6", "transport/epoch", "trust.issued_after(epoch.trust_version)", "trust.issued_after(trust.version - 1)"),
    _m("E7", "transport/epoch", "codes != sorted(set(codes)) or not", "codes != sorted(codes) or not"),
    _m("E7", "transport/epoch", "codes != sorted(set(codes)) or not", "len(codes) != len(set(codes)) or not"),
    _m("E7", "transport/epoch", " or not allowed.issuperset(codes)", ""),
    _m("E7", "transport/epoch", "if len(verified.wraps) != limits.WRAP_BYTES * len(codes):", "if False:"),
    _m("E7", "transport/epoch", " | {epoch.sender}", ""),
    _m("E7", "transport/epoch", "    if not named.has_channel(epoch.sender, epoch.channel):\n        raise Refused(\"E-EPOCH-RECIPIENTS\", \"E7\")\n", ""),
    _m("E7", "trust/trustlist", "channel != sender and bool", "bool"),
    _m("E7", "trust/trustlist", "(channel != sender and bool(self.channel_members(sender, channel)))", "(channel != sender and self.member(channel) is not None)"),
    _m("E7", "trust/trustlist", "return channel == \"all\" or (channel", "return (channel"),
    _m("E7", "transport/admission", "        world.refused_epochs.add(verified.id)\n", ""),
    _m("F2", "transport/admission", "if state is None and parsed.epoch_id in world.refused_epochs:", "if False:"),
    _m("E7", "transport/admission", "epochs.check_recipients(verified, named)", "epochs.check_recipients(verified, world.trust.current or named)"),
    _m("E8", "transport/chain", 'if state.id in world.epochs:\n        return "noop"', "if False:\n        return \"noop\""),
    _m("E8", "transport/chain", "state.epoch.not_before <= chain.newest_not_before", "state.epoch.not_before < chain.newest_not_before"),
    _m("E8", "transport/chain", "if recorded is None and state.epoch.not_before <=", "if False and state.epoch.not_before <="),
    _m("E8", "transport/chain", "if recorded is None and state", "if state"),
    _m("E8", "transport/chain", "            out.alarm(outcome.RESTORED, epoch.sender)\n        return", "            pass\n        return"),
    _m("E8", "transport/chain", "    if name != chain.newest and not is_late:\n        out.alarm(outcome.RESTORED, epoch.sender)", ""),
    _m("E8", "transport/chain", "if name != chain.newest and not is_late:", "if name != chain.newest:"),
    _m("E8", "transport/chain", " or before.chain != state.chain", ""),
    _m("E8", "transport/chain", "out.alarm(outcome.EPOCH_MISSING, epoch.sender, epoch_id=name)", "pass"),
    _m("E8", "transport/chain", "chain.missing[name] = MissingEpoch(epoch.prev_frames, epoch.prev_hash)", "pass"),
    _m("E8", "transport/chain", "state.sequence.bound, state.sequence.tail_hash = recorded.frames, recorded.hash", "pass"),
    _m("E8", "transport/chain", "recorded.frames, recorded.hash", "recorded.frames, None"),
    _m("E8", "transport/chain", "epoch.prev_frames < held or epoch", "epoch"),
    _m("E8", "transport/chain", " or epoch.prev_hash != held_hash", ""),
    _m("E8", "transport/chain", "out.alarm(outcome.WITHHELD_TAIL", "(lambda *a, **k: None)(outcome.WITHHELD_TAIL"),
    _m("E8", "transport/replay", "            self.missing.add(self.next, frames - 1)\n", ""),
    _m("E9", "transport/epoch", " or not is_equal(hash_(\"commit\", secret, epoch.realm), epoch.commit)", ""),
    _m("E9", "transport/admission", 'state.kind = "refused"\n', "pass\n"),
    _m("E9", "transport/admission", "            out.alarm(outcome.LEFT_OUT, state.epoch.sender, epoch_id=state.id)\n", "            pass\n"),
    _m("E9", "transport/admission", "        if in_channel:\n", "        if True:\n"),
    _m("E9", "transport/admission", "in_channel = world.member in named.channel_members", "in_channel = world.member in (world.trust.current or named).channel_members"),
    _m("E9", "base/primitives", "SUITE.decrypt(wrap, self._private, info)", "SUITE.decrypt(wrap, self._private, b'')"),
    _m("E10", "transport/chain", "if chain.hours.get(hour, 0) >= limits.EPOCHS_AN_HOUR:", "if False:"),
    _m("E10", "transport/chain", ">= limits.EPOCHS_AN_HOUR", "> limits.EPOCHS_AN_HOUR"),
    _m("E10", "transport/chain", ">= limits.EPOCHS_AN_HOUR", ">= limits.EPOCHS_AN_HOUR - 1"),
    _m("E11", "transport/epoch", "secret, seed = random_seed(), random_seed()", "secret, seed = Secret(bytes(32)), random_seed()"),
    _m("E11", "transport/epoch", "secret, seed = random_seed(), random_seed()", "secret, seed = random_seed(), Secret(bytes(32))"),
    _m("E12", "transport/sender", "SendingChain(realm, channel, link, not_before)", "SendingChain(realm, channel)"),
    _m("E12", "transport/sender", "max(now, chain.not_before + 1)", "now"),
    _m("E13", "transport/sender", "now >= epoch.not_after\n", "False\n"),
    _m("E13", "transport/sender", "or chain.seq >= limits.FRAMES_AN_EPOCH", ""),
    _m("E13", "transport/sender", "or epoch.trust_version != world.trust.version", ""),
    _m("E13", "transport/sender", "or (not chain.is_busy(world, now) and self._has_other_recipients(world, chain, now))", ""),
    _m("E13", "transport/sender", "body=body, is_last=True)", "body=body)"),
    _m("E13", "transport/sender", "chain.link, chain.opened, chain.last = chain.end, None, None", "pass"),
    _m("E13", "transport/sender", "now - chain.sent_at >= limits.EPOCH_IDLE", "now - chain.sent_at > limits.EPOCH_IDLE"),
    _m("E13", "transport/sender", "chain.channel != ALL and chain.opened is not None", "chain.opened is not None"),
    _m("E14", "policy/readers", "if readers and set(readers) == trust.channel_members(sender, ALL) else readers", ""),
    _m("E14", "policy/restrictions", "return kind == RECEIPT or ANY in reader.kinds or kind in reader.kinds", "return True"),
    _m("E14", "policy/restrictions", "return not r.is_active and not (r.is_focal_point and r.is_at_home)", "return False"),
    _m("E14", "policy/readers", "if point.member != sender and decide", "if decide"),
    _m("E4", "transport/sender", "not world.trust.may_sign(self.identity.kid, world.member) or key", "key"),
    _m("E5", "transport/sender", "min(begin + self.lifetime, limit)", "begin + self.lifetime"),
    # -- frames
    _m("F1", "transport/frame", "limits.FRAME_BYTES_MIN <= size <=", "200 <= size <="),
    _m("F1", "transport/frame", "<= size <= limits.FRAME_BYTES_MAX", "<= size"),
    _m("F1", "transport/frame", " or (size - _OVERHEAD) % limits.PAD_BLOCK", ""),
    _m("F1", "transport/frame", "magic != MAGIC or flags", "flags"),
    _m("F1", "transport/frame", "flags > LAST or count", "count"),
    _m("F1", "transport/frame", " or count > limits.FRAME_MESSAGES_MAX", ""),
    _m("F1", "transport/frame", "count > limits.FRAME_MESSAGES_MAX:", "count >= limits.FRAME_MESSAGES_MAX:"),
    _m("F2", "transport/admission", 'raise Wait("E-FRAME-EPOCH", "F2")', 'raise Refused("E-FRAME-EPOCH", "F2")'),
    _m("F2", "transport/admission", "if is_dead or is_past or", "if is_past or"),
    _m("F2", "transport/admission", "if is_dead or is_past or", "if is_dead or"),
    _m("F2", "transport/admission", "state.epoch.not_before < now - limits", "state.epoch.not_before <= now - limits"),
    _m("F2", "transport/admission", 'or is_past or state.kind == "refused":', "or is_past:"),
    _m("F2", "transport/admission", "is_dead = not state.is_live or not world", "is_dead = not world"),
    _m("F3", "transport/admission", "(subject.sender, subject.realm, subject.channel) != (epoch.sender, epoch.realm, epoch.channel)", "(subject.realm, subject.channel) != (epoch.realm, epoch.channel)"),
    _m("F3", "transport/admission", "(subject.sender, subject.realm, subject.channel) != (epoch.sender, epoch.realm, epoch.channel)", "(subject.sender, subject.channel) != (epoch.sender, epoch.channel)"),
    _m("F3", "transport/admission", "(subject.sender, subject.realm, subject.channel) != (epoch.sender, epoch.realm, epoch.channel)", "(subject.sender, subject.realm) != (epoch.sender, epoch.realm)"),
    _m("F4", "transport/frame", 'signed("frame", each.hash', 'signed("epoch", each.hash'),
    _m("F4", "transport/frame", 'verify_hash("frame", public, digest, parsed.data[-limits.FRAME_SIGNATURE :], realm)', "pass"),
    _m("F5", "transport/admission", "state.epoch.not_before - slack <= parsed.ts <=", "parsed.ts <="),
    _m("F5", "transport/admission", "state.epoch.not_before - slack <= parsed.ts", "state.epoch.not_before - slack < parsed.ts"),
    _m("F5", "transport/admission", "parsed.ts <= state.epoch.not_after + slack", "parsed.ts"),
    _m("F5", "transport/admission", "parsed.ts <= state.epoch.not_after + slack", "parsed.ts < state.epoch.not_after + slack"),
    _m("F5", "transport/admission", "if parsed.ts > now + slack:", "if parsed.ts >= now + slack:"),
    _m("F5", "transport/admission", "if parsed.ts > now + slack:", "if False:"),
    _m("F6", "transport/replay", "            _equal(prev, self.last_hash, seq)\n", ""),
    _m("F6", "transport/replay", "            _equal(prev, before.hash, seq)\n", "            pass\n"),
    _m("F6", "transport/replay", "            _equal(after.prev, digest, seq)\n", "            pass\n"),
    _m("F6", "transport/replay", 'if seq else HeldFrame(self.epoch_id, b"")', "if seq else None"),
    _m("F6", "transport/replay", "seq >= limits.FRAMES_AN_EPOCH or (", "("),
    _m("F6", "transport/replay", "seq >= limits.FRAMES_AN_EPOCH or (", "seq >= limits.FRAMES_AN_EPOCH - 1 or ("),
    _m("F6", "transport/replay", "(self.bound is not None and seq >= self.bound)", "False"),
    _m("F6", "transport/replay", "first is not None and first.hash == digest", "first is not None"),
    _m("F6", "transport/replay", "first is not None and first.hash == digest", "False"),
    _m("F6", "transport/replay", " or self.is_frozen:\n", ":\n"),
    _m("F6", "transport/replay", "        if first is not None or self.is_frozen:\n", "        if self.is_frozen:\n"),
    _m("F6", "transport/replay", "            self._ends_at(seq + 1, digest)\n", "            pass\n"),
    _m("F6", "transport/replay", "if self.bound is None or frames < self.bound:", "if self.bound is None:"),
    _m("F6", "transport/replay", "self.bound == seq + 1 and self.tail_hash is not None", "False"),
    _m("F6", "transport/replay", "                self.missing.add(*verdict.gap)\n", "                pass\n"),
    _m("F6", "transport/replay", "            self.missing.remove(seq)\n", "            pass\n"),
    _m("F6", "transport/admission", "out.alarm(outcome.GAP, sender, first=verdict", "(lambda *a, **k: None)(outcome.GAP, sender, first=verdict"),
    _m("F6", "transport/admission", "out.alarm(outcome.FORK, state", "(lambda *a, **k: None)(outcome.FORK, state"),
    _m("F6", "transport/admission", "out.alarm(outcome.EQUIVOCATION, state", "(lambda *a, **k: None)(outcome.EQUIVOCATION, state"),
    _m("F6", "transport/admission", "        state.sequence.is_frozen = True\n", ""),
    _m("F6", "transport/admission", ' and not refused.facts["is_frozen"]', ""),
    _m("F7", "transport/frame", "len(plain) - len(body) >= limits.PAD_BLOCK or body", "body"),
    _m("F7", "transport/frame", "len(plain) - len(body) >= limits.PAD_BLOCK", "len(plain) - len(body) >= limits.PAD_BLOCK - 1"),
    _m("F7", "transport/frame", " or body[-1:] != _PAD:", ":"),
    _m("F7", "transport/frame", "if len(contents) != max(parsed.count, 1):", "if False:"),
    _m("F7", "transport/frame", "if not is_equal(root(realm, salt, contents), parsed.root):", "if False:"),
    _m("F7", "transport/frame", "msgspec.Meta(max_length=limits.MESSAGE_BYTES_MAX)", "msgspec.Meta(max_length=10**9)"),
    _m("F7", "transport/frame", "frame_key(realm, secret, header), data", "frame_key(realm, bytes(32), header), data"),
    _m("F8", "message/jsonform", "return is_assigned(text) and ", "return "),
    _m("F8", "transport/content", "receipt.member != state.epoch.sender", "False"),
    _m("F8", "transport/content", "receipt.status != state.epoch.realm", "False"),
    _m("F8", "transport/content", "state.epoch.channel != world.member", "False"),
    _m("F8", "transport/content", "message.id[:2] != sender or", ""),
    _m("F8", "transport/content", "or message.issuer.member != sender:", ":"),
    _m("F8", "transport/content", "message.status != state.epoch.realm", "False"),
    _m("F8", "transport/content", "not may_publish(messages.kind_of(message), world.trust.member(sender)).is_allowed", "False"),
    _m("F8", "transport/content", "state.epoch.channel == ALL or world.member not in audience", "state.epoch.channel == ALL"),
    _m("F8", "transport/content", "state.epoch.channel == ALL or world.member not in audience", "world.member not in audience"),
    _m("F8", "transport/content", "        out.alarm(outcome.OVER_SHARED, sender, message_id=message.id)\n", ""),
    _out("F8", "protocol/message/inspection", "map(_written, value) if self.is_lenient else", "range(len(value)) if self.is_lenient else", "protocol/message/test_minors"),
    _out("F8", "protocol/message/inspection", "map(_written, value) if self.is_lenient else", "", "protocol/message/test_minors"),
    _out("F8", "protocol/message/inspection", " and path != NEVER_NEW", "", "protocol/message/test_minors"),
    _out("F8", "protocol/message/messages", "_MINOR_DIGITS: Final = 5", "_MINOR_DIGITS: Final = 4", "protocol/message/test_minors"),
    _out("F8", "protocol/message/messages", "_MINOR_DIGITS: Final = 5", "_MINOR_DIGITS: Final = 6", "protocol/message/test_minors"),
    _m("F9", "transport/content", "    rules.compare_fields(message)  # [F9]\n", ""),
    _m("F9", "transport/content", "        _of_one_realm(held.highest, revision)\n", ""),
    _m("F9", "transport/content", "held.same is not None and held.same.digest == name", "False"),
    _m("F9", "transport/content", "        out.alarm(outcome.MESSAGE_EQUIVOCATION, state.epoch.sender, message_id=message.id)\n", ""),
    _m("F9", "transport/content", "if world.has_receipt(name):", "if False:"),
    _m("F9", "transport/content", "if follows or is_followed:", "if is_followed:"),
    _m("F9", "transport/content", "if follows or is_followed:", "if follows:"),
    _m("F10", "transport/content", "        except Refused as refused:\n            _refuse(", "        except AssertionError as refused:\n            _refuse("),
    _m("F11", "transport/heartbeat", "if len(body) > limits.HEARTBEAT_BYTES_MAX:", "if False:"),
    _m("F11", "transport/heartbeat", "if is_closing and (heartbeat.heads_of_mine or heartbeat.heads_seen or heartbeat.audit):", "if False:"),
    _m("F11", "transport/heartbeat", "(heartbeat.heads_of_mine or heartbeat.heads_seen or heartbeat.audit)", "(heartbeat.heads_of_mine or heartbeat.audit)"),
    _m("F11", "transport/heartbeat", "(heartbeat.heads_of_mine or heartbeat.heads_seen or heartbeat.audit)", "(heartbeat.heads_seen or heartbeat.audit)"),
    _m("F11", "transport/heartbeat", " or heartbeat.heads_seen or heartbeat.audit)", " or heartbeat.heads_seen)"),
    _m("F11", "transport/heartbeat", 'audit: Bytes32 = b""', 'audit: bytes = b""'),
    _m("F11", "transport/heartbeat", "faults: list[Trouble]", "faults: list[str]"),
    _m("F11", "transport/admission", "state.chain.realm != ACTUAL or state", "state"),
    _m("F11", "transport/admission", "state.chain.realm != ACTUAL or state.chain.channel != ALL", "state.chain.realm != ACTUAL"),
    _m("F11", "transport/admission", "is_ahead = head.frames > following", "is_ahead = True"),
    _m("F11", "transport/admission", 'state is None or state.kind != "open" or not 0', "state is None or not 0"),
    _m("F11", "transport/admission", 'if not is_signed_hash("frame", state.epoch.public, head.hash, head.signature, state.epoch.realm):', "if False:"),
    _m("F11", "transport/admission", "or not 0 < head.frames <= limits.FRAMES_AN_EPOCH:", "or not 0 < head.frames:"),
    _m("F11", "transport/admission", "or not 0 < head.frames <= limits.FRAMES_AN_EPOCH:", "or not 0 < head.frames < limits.FRAMES_AN_EPOCH:"),
    _m("F11", "transport/admission", "if not is_ahead and state.epoch.sender == sender:", "if not is_ahead:"),
    _m("F11", "transport/admission", "if not is_ahead and state.epoch.sender == sender:", "if False:"),
    _m("F11", "transport/admission", "out.alarm(outcome.EQUIVOCATION, sender", "out.alarm(outcome.EQUIVOCATION, ''"),
    _m("F11", "transport/admission", "out.alarm(outcome.GAP, sender, first=following", "out.alarm(outcome.GAP, state.epoch.sender, first=following"),
    _m("F11", "transport/admission", "held is None or held.hash == head.hash", "held is None or True"),
    _m("F11", "transport/admission", "is_ahead and not state.is_live", "False"),
    _m("F11", "transport/admission", "(*beat.heads_of_mine, *beat.heads_seen)", "beat.heads_of_mine"),
    _m("F11", "transport/admission", "(*beat.heads_of_mine, *beat.heads_seen)", "beat.heads_seen"),
    _m("F11", "transport/admission", "if beat.trust_version > world.trust.version or is_other:", "if is_other:"),
    _m("F11", "transport/admission", "if beat.trust_version > world.trust.version or is_other:", "if beat.trust_version > world.trust.version:"),
    _m("F11", "transport/admission", "        out.alarm(outcome.REVOKES, sender)\n", "        pass\n"),
    _m("F11", "trust/members", "sorted(listed | set(self.revokes))", "sorted(self.revokes)"),
    _m("F11", "trust/members", "sorted(listed | set(self.revokes))", "sorted(listed)"),
    _m("F11", "transport/sender", "self._own_heads(), seen)", "self._own_heads(), [])"),
    _m("F11", "transport/sender", "self._own_heads(), seen)", "[], seen)"),
    _m("F11", "transport/sender", "if state and state.chain.channel == ALL and", "if state and"),
    # -- section 7
    _m("E5", "transport/admission", "        out.alarm(outcome.CLOCK, sender)\n", "        pass\n"),
    _m("E5", "transport/admission", "if set(still) - {sender} and sender not in still:", "if set(still) - {sender}:"),
    _m("E5", "transport/admission", "if t > now + limits.CLOCK_TOLERANCE}", "}"),
    _m("F2", "transport/waiting", "self.since <= now - limits.WAIT_MAX", "False"),
    _m("F2", "transport/waiting", "self.since <= now - limits.WAIT_MAX", "self.since < now - limits.WAIT_MAX"),
    _m("F2", "transport/waiting", "self.since <= now - limits.WAIT_MAX", "self.since <= now - limits.WAIT_MAX + 1"),
    _m("F2", "transport/waiting", "            self._held.pop((subject, data), None)\n", "            pass\n"),
    _m("F2", "transport/waiting", "            held.rule = out.waits_rule or \"\"\n", ""),
    _m("F2", "transport/waiting", "                del self._held[subject, data]\n", "                pass\n"),
    _m("F2", "transport/waiting", " and key not in presented]", "]"),
    _m("F2", "transport/waiting", "self._held.pop(key).rule", "self._held[key].rule"),
    _m("F2", "transport/waiting", "size > limits.WAIT_FRAME_BYTES:", "False:"),
    _m("F2", "transport/waiting", "size > limits.WAIT_FRAME_BYTES:", "size >= limits.WAIT_FRAME_BYTES:"),
    _m("F2", "transport/waiting", "                size -= each.size\n", ""),
    _m("F2", "transport/waiting", "            del self._held[newest]\n            _refuse(out)", "            _refuse(out)"),
    _m("F2", "transport/waiting", "            del self._held[newest]\n            _refuse(out)", "            del self._held[newest]"),
    _m("F2", "transport/waiting", "size > limits.WAIT_OTHER_BYTES:", "size >= limits.WAIT_OTHER_BYTES:"),
    _m("F2", "transport/waiting", "if each.share == share and not each.is_over(now)}", "if each.share == share}"),
    _m("F2", "transport/waiting", "if each.share == share and not each.is_over(now)}", "if each.share[1] == share[1] and not each.is_over(now)}"),
    _m("F2", "transport/waiting", "if each.share == share and not each.is_over(now)}", "if each.share[0] == share[0] and not each.is_over(now)}"),
    _m("F2", "transport/waiting", 'return sender if world.trust.current is None or world.trust.member(sender) else ""', "return sender"),
    _m("F2", "transport/waiting", 'return sender if world.trust.current is None or world.trust.member(sender) else ""', 'return sender if world.trust.member(sender) else ""'),
    _m("F2", "files/conformance", "base64.b64decode(item[\"bytes\"], validate=True) + bytes(zeros)", "base64.b64decode(item[\"bytes\"], validate=True)"),
    # -- what the store and the service do for a rule
    _out("T11", "store/inbound/world_rows", "        connection.execute(insert(t.trust_list), row)\n", "        pass\n", "store/inbound/test_world_rows"),
    _out("T11", "service/core/core", "            self._is_stale = self._is_stale or not self._is_unchanged(error, steps)  # [T11] else as the store has it\n", "", "store/inbound/test_world_rows"),
    _out("T12", "store/inbound/world_rows", '"live": state.is_live,', '"live": True,', "store/inbound/test_world_rows"),
    _out("T14", "store/inbound/world_rows", "    if changes.highest_time is not None:", "    if False:", "store/inbound/test_world_rows"),
    _out("T14", "service/receive/inbound", "        if core.world.is_clock_back(turn.now):", "        if False:", "service/trust/test_clock"),
    _out("R1", "protocol/trust/members", "return None if name in self.revokes else name", "return name", "protocol/test_bounds"),
    _out("K8", "store/inbound/world_rows", "limits.SEED_ERASED_AFTER <= now", "limits.SEED_ERASED_AFTER < now", "store/inbound/test_world_rows"),
    _out("K8", "store/inbound/world_rows", "limits.SEED_ERASED_AFTER <= now", "limits.SEED_ERASED_AFTER <= now + 1", "store/inbound/test_world_rows"),
    _out("K8", "store/inbound/world_rows", "    connection.execute(delete(t.kem_seed).where(due))\n", "    pass\n", "store/inbound/test_world_rows"),
    _out("K8", "service/trust/trust_sync", "        core.world.kem_keys.pop(kid, None)", "        pass", "store/inbound/test_world_rows"),
    _out("E8", "protocol/transport/chain", "if len(chain.missing) > limits.EPOCHS_MISSING:", "if False:", "protocol/test_bounds"),
    _out("E8", "store/inbound/world_rows", "    for key, chain in changes.chains.items():\n", "    for key, chain in ():\n", "store/inbound/test_world_rows"),
    _out("E9", "service/receive/outcomes", '        code = "E-LEFT-OUT"', '        code = ""', "store/inbound/test_world_rows"),
    _out("E12", "service/gaps/heads_seen", "if head.epoch_id == chain.link.epoch_id and chain.link.frames < head.frames <= limits.FRAMES_AN_EPOCH:", "if False:", "service/recovery/test_readback"),
    _out("E12", "service/gaps/heads_seen", "if head.hash == chain.link.hash or", "if", "service/recovery/test_readback"),
    _out("E12", "service/gaps/heads_seen", "sent_before.number_of(connection, head.epoch_id, head.hash) is not None", "False", "service/recovery/test_readback"),
    _out("E12", "service/gaps/heads_seen", 'if not is_signed_hash("frame", own.epoch.public, head.hash, head.signature, chain.realm):', "if False:", "service/recovery/test_readback"),
    _out("E12", "service/recovery/readback", "        self._ends(connection, own, frame)\n", "", "service/recovery/test_readback"),
    _out("E12", "service/recovery/readback", "            self._messages(connection, own, frame)\n", "            pass\n", "service/recovery/test_readback"),
    _out("E13", "protocol/transport/sending", "self.opened_in_hour >= limits.EPOCHS_RENEWED", "False", "protocol/transport/test_sender"),
    _out("E13", "protocol/transport/sending", "return (is_same_hour or is_same_day) and self.revokes == len(world.trust.revokes)", "return is_same_hour or is_same_day", "protocol/transport/test_sender"),
    _out("E13", "protocol/transport/sender", "return not self.may_rotate_at_once and", "return", "protocol/transport/test_sender"),
    _out("E13", "protocol/trust/bundle", "after - before >= limits.BUNDLE_SCHEDULED", "True", "protocol/transport/test_sender"),
    _out("E13", "protocol/trust/bundle", "now < of_it[0].bundle.not_after and not", "not", "protocol/transport/test_sender"),
    _out("E13", "protocol/trust/bundle", " and not trust.is_revoked(of_it[0].signer)", "", "protocol/transport/test_sender"),
    _out("E13", "service/trust/trust_sync", "if not is_scheduled and last is not None", "if False", "service/trust/test_compromise"),
    _out("E13", "service/trust/compromise", "if is_sealed_to else", "if False else", "service/trust/test_compromise"),
    _out("E13", "protocol/transport/sending", "self.opened_in_day >= limits.EPOCHS_RENEWED_DAY", "False", "protocol/transport/test_sender"),
    _out("F2", "service/receive/waiting", "        incidents.update_waiting(transaction.connection, row.n, now_by.rule, now_by.code, now_by.for_time)\n", "", "service/publish/test_waits"),
    _out("F2", "service/receive/waiting", "        refuse_expired(transaction, now_by, \"E-WAIT-OVER\")", "        refuse_expired(transaction, row, \"E-WAIT-OVER\")", "service/publish/test_waits"),
    _out("T14", "service/receive/waiting", "    if out.subject is None:\n        return\n    now_by", "    now_by", "service/publish/test_waits"),
    _out("F2", "store/inbound/incidents", "    while excess > 0:\n        order", "    while False:\n        order", "store/inbound/test_incidents"),
    _out("F11", "protocol/transport/admission", "if not world.head_checks.count_check(sender, now):", "if False:", "protocol/test_bounds"),
    _out("F11", "protocol/transport/heartbeat", "count if minute == now // limits.MINUTE else 0", "count", "protocol/test_bounds"),
    _out("F11", "service/receive/outcomes", "outcome.without_repeats((*out.alarms, *_sealed_falsely(out)))", "(*out.alarms, *_sealed_falsely(out))", "protocol/test_bounds"),
    _out("F2", "service/receive/quarantine", 'return sender if trust.current is None or trust.member(sender) else ""', "return sender", "protocol/test_bounds"),
    _out("F2", "store/inbound/incidents", "or_(t.waiting.c.for_time <= soon, t.waiting.c.since <= long_ago)", "t.waiting.c.for_time <= soon", "store/inbound/test_incidents"),
    _out("F4", "store/inbound/incidents", "    connection.execute(delete(s).where(mine, s.c.n.not_in(newest)))", "    pass", "store/inbound/test_incidents"),
    _out("F6", "store/inbound/incidents", "rows >= limits.ALARM_ROWS and", "False and", "store/inbound/test_incidents"),
    _out("F6", "store/inbound/incidents", "- limits.ALARM_BYTES", "- 10**12", "store/inbound/test_incidents"),
    _out("F8", "store/inbound/incidents", "    for first in range(0, len(gone), _MANY):\n", "    for first in ():\n", "store/inbound/test_incidents"),
    _out("F10", "store/inbound/world_rows", "    _FRAMES.insert(connection, rows)\n", "", "store/inbound/test_world_rows"),
    _out("F10", "service/receive/batch", "        self.queued += self.statements.queue(self.connection, self.core)\n", "", "protocol/test_bounds"),
    _out("F10", "service/core/core", "        save_changes(connection, changes, self.clock(), self.vault)\n", "", "store/inbound/test_world_rows"),
    _out("F11", "protocol/transport/sender", "[: limits.HEADS_SEEN]", "", "protocol/transport/test_heads"),
    _out("F11", "protocol/transport/sender", "last = _seen(world), self._last or", "last = _seen(world),", "protocol/transport/test_heads"),
    _out("F11", "protocol/transport/sender", "            self._last = chosen[-1].chain", "            pass", "protocol/transport/test_heads"),
    _out("F11", "protocol/transport/sender", "        and world.may_sign(state.chain.signer, state.epoch.sender)\n", "", "protocol/transport/test_heads"),
    _out("F11", "service/gaps/heads", "*(_still_valid(known, before.seen, both) if before else ())", "", "service/core/test_claims"),
    _out("F11", "service/gaps/heads", "known[id_].chain not in chains", "True", "service/core/test_claims"),
    _out("F11", "service/receive/heartbeats", "    heads_seen.advance_own_chains(core, transaction.connection, beat.heads_seen)\n", "", "service/recovery/test_readback"),
)  # fmt: skip


CONTROL = _m("S1", "base/subjects", "so a subject identifies the origin", "so that a subject identifies the origin")
"""Takes nothing out: only then do failures mean something."""


def survives(mutant: Mutant) -> bool:
    """Whether all vectors and tests pass although the check is gone."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        shutil.copytree(REPOSITORY / "gateway", tree / "gateway", ignore=shutil.ignore_patterns("__pycache__"))
        (tree / "schemas").symlink_to(REPOSITORY / "schemas")
        (tree / "keys").symlink_to(REPOSITORY / "keys")
        _apply(tree / "gateway" / "suar" / mutant.file, mutant)
        environment = os.environ | {"PYTHONPATH": str(tree / "gateway"), "PYTHONDONTWRITEBYTECODE": "1"}
        vectors = [PYTHON, str(Path(__file__)), "--vectors", mutant.rule]
        names = mutant.tests or [f"protocol/{name}" for name in TESTS]
        tests = [str(REPOSITORY / "tests" / f"{name}.py") for name in names]
        pytest = [PYTHON, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        commands = [pytest] if mutant.tests else [vectors, pytest]
        return all(_passes(command, environment) for command in commands)


def _apply(path: Path, mutant: Mutant) -> None:
    path.write_text(_snippet(path, mutant).replace(mutant.snippet, mutant.replacement), encoding="utf-8")


def _snippet(path: Path, mutant: Mutant) -> str:
    """The file's text, in which the snippet stands once."""
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.snippet) != 1:
        sys.exit(f"{mutant.rule}: {text.count(mutant.snippet)} times in {mutant.file}: {mutant.snippet!r}")
    return text


def _passes(command: list[str], environment: dict[str, str]) -> bool:
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, check=False)
    return done.returncode == 0


def run_vectors(rule: str) -> None:
    """Every vector in this process, those about the rule first; exit 1 at the first that fails."""
    import json

    from suar.protocol.files.conformance import run

    paths = (REPOSITORY / "schemas" / "vectors").glob("*.json")
    vectors = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    for vector in sorted(vectors, key=lambda vector: (vector["rule"] != rule, "-each-" in vector["name"])):
        if not run(vector).ok:
            sys.exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", help="only these rules")
    parser.add_argument("--each", type=int, default=0, help="only so many of each rule, the first ones (0: all)")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--vectors", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.vectors:
        run_vectors(arguments.vectors)
        return
    chosen = [mutant for mutant in MUTANTS if not arguments.rules or mutant.rule in arguments.rules]
    if arguments.each:
        chosen = [one for rule in EVERY for one in [one for one in chosen if one.rule == rule][: arguments.each]]
    for mutant in chosen:
        _snippet(REPOSITORY / "gateway" / "suar" / mutant.file, mutant)
    elsewhere = tuple(sorted({name for mutant in chosen for name in mutant.tests}))
    if not survives(CONTROL) or (elsewhere and not survives(CONTROL._replace(tests=elsewhere))):
        sys.exit("the tests fail already with nothing taken out")
    without = [rule for rule in EVERY if rule not in {mutant.rule for mutant in MUTANTS}]
    with ThreadPoolExecutor(arguments.processes) as pool:
        survivors = [mutant for mutant, alive in zip(chosen, pool.map(_is_detected, chosen), strict=True) if alive]
    print(f"{len(chosen)} taken out, {len(survivors)} survived; rules without a mutant: {without or 'none'}")
    for mutant in survivors:
        print(f"  survived: {_line(mutant)}")
    for rule, where in ELSEWHERE.items():
        print(f"  {rule}: {where}")
    sys.exit(1 if survivors or without else 0)


def _is_detected(mutant: Mutant) -> bool:
    alive = survives(mutant)
    print(f"{'SURVIVED' if alive else 'caught  '} {_line(mutant)}", flush=True)
    return alive


def _line(mutant: Mutant) -> str:
    return f"{mutant.rule:4} {mutant.file:24} {mutant.snippet!r} -> {mutant.replacement!r}"


if __name__ == "__main__":
    main()
