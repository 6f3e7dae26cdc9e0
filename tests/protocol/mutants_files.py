"""Rows of mutate.py's table for what is read outside a receiving gateway, and for recalls: (rule, file of the package,
snippet, replacement, tests). The rules V1 to V12 stand in docs/evidence.md, and `audit` is its section on the log.
"""
# ruff: noqa: E501 - a table reads better with one entry a line

from typing import Final

_EVIDENCE: Final = (
    "protocol/files/test_evidence",
    "protocol/files/test_evidence_document",
    "protocol/files/test_evidence_rules",
    "protocol/files/test_evidence_standing",
)
_AUDIT: Final = ("protocol/files/test_auditlog", "protocol/files/test_evidence_document")
_LINES: Final = ("protocol/files/test_container_lines", "protocol/files/test_audit_report")
_WITNESSES: Final = ("protocol/files/test_evidence_witnesses",)
_RECALL: Final = ("service/receive/test_recall",)

Row = tuple[str, str, str, str, tuple[str, ...]]


def _v(rule: str, file: str, snippet: str, replacement: str) -> Row:
    return rule, f"protocol/{file}.py", snippet, replacement, _EVIDENCE


def _s(file: str, snippet: str, replacement: str) -> Row:
    return "V10", f"protocol/files/{file}.py", snippet, replacement, ("protocol/files/test_strength",)


def _n(file: str, snippet: str, replacement: str) -> Row:
    return "V10", f"protocol/files/{file}.py", snippet, replacement, ("protocol/files/test_forged_tokens",)


def _l(file: str, snippet: str, replacement: str) -> Row:
    return "V11", f"protocol/files/{file}.py", snippet, replacement, _LINES


def _w(file: str, snippet: str, replacement: str) -> Row:
    return "V12", f"protocol/{file}.py", snippet, replacement, _WITNESSES


def _a(snippet: str, replacement: str) -> Row:
    return "audit", "protocol/files/auditlog.py", snippet, replacement, _AUDIT


def _r(rule: str, file: str, snippet: str, replacement: str) -> Row:
    return rule, f"{file}.py", snippet, replacement, _RECALL


ROWS: Final[tuple[Row, ...]] = (
    # -- [V1]
    _v("V1", "files/evidence", "if data[:4] != magic:", "if False:"),
    _v("V1", "files/evidence", "if _sum(index, data[start : start + _HEAD], content) != data[at - _SUM : at]:", "if False:"),
    _v("V1", "files/evidence", 'index.to_bytes(4, "big") + head + content', "head + content"),
    _v("V1", "files/evidence", 'if kind == END and not is_equal(content, hash_("evidence", data[:start])):', "if False:"),
    _v("V1", "files/evidence", "if at != len(data):", "if False:"),
    _v("V1", "files/evidence", r"\x01+\x02*\x03+\x04(", r"\x01*\x02*\x03+\x04("),
    _v("V1", "files/evidence", r"\x02*\x03+\x04(", r"\x02*\x03*\x04("),
    _v("V1", "files/evidence", r"(\x05\x06\x07)+(\x08", r"(\x05\x06\x07)*(\x08"),
    _v("V1", "files/evidence", "if len(salted_index) != 2 + _SALT:", "if False:"),
    _v("V1", "files/evidence", "if len(leaves) % _LEAF or len", "if len"),
    _v("V1", "files/evidence", "NAMES[REVOKE]: evidence.revokes,", ""),
    _v("V1", "files/evidence", "NAMES[EPOCH]: evidence.epochs,", ""),
    _v("V1", "files/evidence", "NAMES[FRAME]: [each.frame for each in evidence.carriers],", ""),
    _v("V1", "files/evidence", "NAMES[RECEIPT]: [data for data, _ in evidence.receipts],", ""),
    _v("V1", "files/evidence", "if list(each) != sorted(set(each)):", "if list(each) != sorted(each):"),
    # -- [V2]
    _v("V2", "files/proof_keys", "if trust.admit(data, content.issued) is None:", "if False:"),
    _v("V2", "files/proof_keys", "if each.kid in roots and not is_signed_hash", "if False and not is_signed_hash"),
    _v("V2", "files/proof_keys", " if accepted.hash == pin]", "]"),
    # -- [V3]
    _v("V3", "files/proof_keys", "name = trust.admit_revoke(data)", "name = data[4:20]"),
    _v("V3", "files/proof_keys", "if name is None:", "if False:"),
    # -- [V4]
    _v("V4", "files/proof_keys", "if owner is None:", "if False:"),
    _v("V4", "files/proof_keys", "epoch.realm != realm or epoch.federation", "epoch.federation"),
    _v("V4", "files/proof_keys", " or epoch.federation != trust.federation", ""),
    _v("V4", "files/proof_keys", " or epoch.sender != owner:", ":"),
    _v("V4", "files/proof_keys", "    signed = [_signed_epoch(trust, data, f\"epoch {n}\") for n, data in enumerate(evidence.epochs, 1)]  # [V4]\n", "    signed = (_signed_epoch(trust, data, f\"epoch {n}\") for n, data in enumerate(evidence.epochs, 1))\n"),
    # -- [V5]
    _v("V5", "files/proof_keys", "verified, epochs.named_list(trust, verified.epoch))", "verified, next(iter(trust.history.values())).list)"),
    _v("V5", "files/proof_keys", "not member.is_active or not key", "not key"),
    _v("V5", "files/proof_keys", " or not key.is_valid(epoch.not_before):", ":"),
    _v("V5", "files/proof_keys", "not 0 < epoch.not_after - epoch.not_before <= limits.EPOCH_LIFETIME_MAX or", ""),
    _v("V5", "files/proof_keys", " or epoch.not_after > key.not_after:", ":"),
    _v("V5", "files/proof_keys", "    epochs.check_recipients(verified, named)\n", ""),
    # -- [V6]
    _v("V6", "files/proof", "verified = frames.verify_signature(parsed, epoch.epoch.public, epoch.epoch.realm)", "verified = frames.Verified(parsed, hash_('frame', parsed.data[:-64], epoch.epoch.realm))"),
    _v("V6", "files/proof", "if not begin <= parsed.ts <= end:", "if False:"),
    _v("V6", "files/proof", "sealed = [_sealed(known, each) for each in contents]  # [V6]\n    for each, frame in zip(contents, sealed, strict=True):\n        _committed(each, frame)  # [V7]\n", "sealed = []\n    for each in contents:\n        sealed.append(_sealed(known, each))\n        _committed(each, sealed[-1])\n"),
    # -- [V7]
    _v("V7", "files/proof", "if not is_counted or each", "if each"),
    _v("V7", "files/proof", " or each.content_index >= contents:", ":"),
    _v("V7", "files/proof", 'if hash_("root", b"".join(leaves), realm) != parsed.root:', "if False:"),
    _v("V5", "files/proof", "    add_lists(trust, supplied.lists or ())  # [V2] before [V5]: the lists of the verifier are judged too\n", ""),
    # -- [V8]
    _v("V8", "files/proof", "if found.status != message.status:", "if False:"),
    _v("V8", "files/standing", "(found, gone) if", "(found,) if"),
    _v("V9", "files/proof", "if receipt.status != message.status:", "if False:"),
    _v("V10", "files/proof_stamps", 'if line.about.split(" ") not in (about, about[:2]):', "if False:"),
    _v("V8", "files/proof", "        rules.compare_fields(message)\n", ""),
    _v("V8", "files/proof", '    if isinstance(message, Receipt):\n        raise Unproved("V8", part, "it is a receipt")\n', ""),
    _v("V8", "files/proof", "if message.id[:2] != epoch.sender:", "if False:"),
    _v("V8", "files/proof", "if message.issuer.member != epoch.sender:", "if False:"),
    _v("V8", "files/proof", "if message.status != epoch.realm:", "if False:"),
    _v("V8", "files/proof", "if not may_publish(kind_of(message), each.epoch.member).is_allowed:", "if False:"),
    _v("V8", "files/proof", "if audience != ALL and epoch.channel not in audience:", "if False:"),
    _v("V8", "files/proof", "if not any(standing.is_valid(each.epoch.kid, each.hash) for each in carried):", "if False:"),
    _v("V8", "files/proof", "found.rev <= message.rev or", ""),
    _v("V8", "files/standing", "moment.latest < revoked.at", "True"),
    _v("V8", "files/standing", "revoked.at is not None and ", ""),
    _v("V8", "files/standing", "if kid not in dated or stated < dated[kid]}", "if kid not in dated}"),
    _v("V8", "files/standing", "for kid, stated in without.items() if kid not in dated or stated", "for kid, stated in without.items() if kid in dated and stated"),
    _v("V8", "files/standing", "if key.revoked_at is not None:", "if False:"),
    ("V8", "protocol/files/standing.py", "at = min(key.revoked_at, accepted.list.issued)", "at = key.revoked_at", ("protocol/files/test_second_reader",)),
    _v("V8", "files/standing", "if self._authority is None or statement is None:", "if statement is None:"),
    # -- [V9]
    _v("V9", "files/proof", "if not isinstance(receipt, Receipt):", "if False:"),
    _v("V9", "files/proof", "receipt.member != epoch.sender or receipt", "receipt"),
    _v("V9", "files/proof", "receipt.status != epoch.realm or epoch", "epoch"),
    _v("V9", "files/proof", " or epoch.channel != message.id[:2]:", ":"),
    _v("V9", "files/proof", "[one for one in carried if _is_about(receipt, one)]", "list(carried)"),
    _v("V9", "files/proof", "if not any(receipt.member == each.member for one in frames_ for each in one.epoch.epoch.recipients):", "if False:"),
    _v("V9", "files/proof", "entry.frame == name and (entry", "(entry"),
    _v("V9", "files/proof", "(entry.messages is UNSET or frame.content_index in entry.messages)", "True"),
    _v("V9", "files/proof", "if at > ts + limits.CLOCK_TOLERANCE:", "if False:"),
    _v("V9", "files/proof", "at > ts + limits.CLOCK_TOLERANCE", "at > ts"),
    _v("V9", "files/proof", "if at < milliseconds(message.sent) - limits.CLOCK_TOLERANCE:", "if False:"),
    _v("V9", "files/proof", "milliseconds(message.sent) - limits.CLOCK_TOLERANCE", "milliseconds(message.sent)"),
    _v("V9", "files/proof", "frame.parsed.ts - limits.CLOCK_TOLERANCE\n", "frame.parsed.ts\n"),
    _v("V9", "files/proof", "return ProvedReceipt(receipt, frame, standing.is_valid(frame.epoch.kid, frame.hash))", "return ProvedReceipt(receipt, frame, True)"),
    # -- [V10]
    _w("files/proof", "if epoch.sender == carried[0].epoch.epoch.sender:", "if False:"),
    _w("files/proof", "if epoch.channel != ALL or epoch.realm != ACTUAL:", "if False:"),
    _w("files/proof", "    raise Unproved(\"V12\", part, why)\n", "    found = [(carried[0], heartbeats.Head(bytes(32), 1, bytes(32), bytes(64)), True)]\n"),
    _w("transport/heartbeat", "if sent < frame.ts - limits.CLOCK_TOLERANCE:", "if False:"),
    _w("transport/heartbeat", "if head.frames <= frame.seq:", "if False:"),
    _w("files/proof", "is_led_back and is_valid, is_valid", "is_valid, is_valid"),
    _w("transport/heartbeat", "    return name == frame.hash\n", "    return True\n"),
    _w("transport/heartbeat", '        verify_hash("frame", frame.public, head.hash, head.signature, frame.realm)\n', "        pass\n"),
    _v("V10", "files/proof_stamps", "if (stamp.what, stamp.value) not in named:", "if False:"),
    _v("V10", "files/proof_stamps", "if statement is None:", "if False:"),
    _n("stamps", "        if not names_its_signer(token, self._roots):\n            return BROKEN\n", ""),
    _n("stamps", " or names_its_signer(token) is False", ""),
    _n("stamps", "info.version == _VERSION and ", ""),
    _n("tokens/signer", "if oid(signed.attributes, kind) != _TST_INFO or ", "if "),
    _n("tokens/signer", "if not first.is_of(signers[0]) or not are_above:", "if not are_above:"),
    _n("tokens/signer", " or not are_above:", ":"),
    _n("tokens/signer", "if function is None or function(certificate.data).digest() != self.digest:", "if function is None:"),
    _n("tokens/signer", "return self.issuer is None or (self.issuer, self.serial) == (certificate.issuer, certificate.serial)", "return True"),
    _n("tokens/signer", "    if not found:\n        raise ValueError(\"no certificate is named\")\n", ""),
    _n("tokens/signer", "return _name(info, within(info, general)[0]) == certificate.subject", "return True"),
    _v("V10", "files/proof_stamps", "if trust.owner(stamp.kid) is None:", "if False:"),
    _v("V10", "files/proof_stamps", "if not of_stamps.is_signed_statement(trust.public(stamp.kid), statement, stamp.signature):", "if False:"),
    _v("V10", "files/proof_stamps", "if not any(trust.owner(kid) == member for kid in signers):", "if False:"),
    _s("stamps", "if not roots or _verified(strong, content, roots) is None:", "if False:"),
    _s("tokens/strength", "if signed.digest not in SHA2:", "if False:"),
    _s("tokens/strength", "if length < RSA_BITS:", "if False:"),
    # -- [V11]
    _l("proof_stamps", "if scope != (trust.federation, member, id_, None, None, None):", "if False:"),
    _l("proof_stamps", "if trust.owner(kid) != member:", "if False:"),
    _l("proof_stamps", "standing.is_valid(kid, digest, HEAD))", "True)"),
    _l("auditline", "    auditlog.check_signature(of, head, kids)\n", ""),
    _l("auditline", "if root is None or root != bytes_of(str(head.root)):", "if False:"),
    _l("auditline", "if each.n <= before:", "if False:"),
    _l("auditline", "if not title.has(each):", "if False:"),
    _l("auditline", "if title.audit_report != REPORT:", "if False:"),
    # -- the log
    _a('raise BrokenLog(0, f"the file does not begin as an exported log ({MAGIC} or {MAGIC_2})")', "return LogSummary(Title(audit='', federation='', member=''), 0, 0, [], [])"),
    _a("if line.n == n and is_equal(_hash_of(line, before), bytes_of(line.hash)):", "if line.n == n:"),
    _a("if line.n == n and is_equal(_hash_of(line, before), bytes_of(line.hash)):", "if is_equal(_hash_of(line, before), bytes_of(line.hash)):"),
    _a("return hash_(_LINE, before + encode", "return hash_(_LINE, encode"),
    _a("if head.head != count:", "if False:"),
    _a("if not is_equal(bytes_of(head.hash), last):", "if False:"),
    _a("if not is_signed(_HEAD, bytes_of(head.key), raw, bytes_of(head.signature)):", "if False:"),
    _a("if kids is not None and head.kid not in kids:", "if False:"),
    _a("if since is not None and since.head == count and bytes_of(since.hash) != last:", "if False:"),
    _a("    check_signature(title, since, kids)\n", ""),
    _a("    if since.head > count:", "    if False:"),
    # -- receipts about receipts
    ("F8", "protocol/transport/content.py", '    if called == "receipt":', "    if False:", ("service/publish/test_receipt_ladder",)),
    ("F8", "service/receipts/receipts.py", " if each.index not in out.receipts)", ")", ("service/publish/test_receipt_ladder",)),
    # -- a recall: what [F9] finds, and what the store then does
    _r("F9", "protocol/transport/content", "new = replace(new, is_recalled=True)", "pass"),
    _r("F9", "protocol/transport/content", "        out.duplicates.append((message.id, message.rev))\n", ""),
    _r("F9", "store/outbound/recalls", ".values(body=None, body_key=None)", ".values(body_key=None)"),
    _r("F9", "store/outbound/recalls", ".values(body=None, body_key=None)", ".values(body=None)"),
    _r("F9", "store/outbound/recalls", "    connection.execute(update(_m).where(holders).values(frame=None))\n", ""),
    _r("F9", "store/outbound/recalls", "for each in again if each.holder_id]", "for each in again if False]"),
    _r("F9", "store/outbound/recalls", ", _m.c.origin != own)", ")"),
    _r("F9", "service/receive/recall", "if (is_open or core.recalled) and not core.database.erase(core.due.destroyed, tables):", "if False:"),
    _r("F9", "service/receive/recall", "statement._replace(state=UNPROVED)", "statement"),
)  # fmt: skip
