// A second reader of evidence in another language, written from docs/evidence.md alone: nothing here is the gateway's.
//
//     node tests/evidence_reader.mjs PIN [--trust FILE] [--revokes FILE] [--tsa-ca PEM] FILE...
//
// The pin is in hex; each FILE is evidence, or a container of it; the options are those of `suar evidence verify`. It needs
// nothing but Node: its own BLAKE2b, msgpack and checks, and OpenSSL's signatures, hashes and certificates. For each file
// it prints one line: {"refused": STEP}, or {"proved": [[member, stage], ...], "later": [rev, ...], "time": the latest time
// in ms of a token or null, "whys": why time stamps of the message give none, "checked": whether revocation was checked by
// what was brought, "recalled": receipts of a cancel that is not in the file}, with "heads": [[member, time in ms], ...] where heartbeats in the file show who had the frame, "unproved" of those that do not; of a container also "tokens", the time of each or null, "faults", why it gives none or null, and "acts": [[n, at, who, what,
// about], ...], the lines of the audit that are proved by a path. Exit status: 0, 1 for a refusal, 64 for another call.
// That a message keeps to the schemas of its kind is left to a JSON Schema validator. It does not look for statements that
// contradict each other, which each result says: {"contradictions": "not looked for"}.

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

import { isOver, judgeToken, rootsOf } from "./evidence_tokens.mjs";

class Wrong extends Error {}
function need(step, holds) {
  if (!holds) throw new Wrong(step);
}

// -- BLAKE2b (RFC 7693) with a key and a personalisation

const IV = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
];
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const COLUMNS = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
];
const MASK = (1n << 64n) - 1n;
const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;

function blake2b256(data, key, person) {
  const parameters = Buffer.alloc(64);
  parameters.set([32, key.length, 1, 1]);
  person.copy(parameters, 48);
  const h = IV.map((word, n) => word ^ parameters.readBigUInt64LE(8 * n));
  const input = key.length ? Buffer.concat([key, Buffer.alloc(128 - key.length), data]) : data;
  const blocks = Math.max(1, Math.ceil(input.length / 128));
  for (let n = 0; n < blocks; n++) {
    const block = Buffer.alloc(128);
    input.copy(block, 0, 128 * n, 128 * (n + 1));
    const m = Array.from({ length: 16 }, (_, at) => block.readBigUInt64LE(8 * at));
    const v = [...h, ...IV];
    v[12] ^= BigInt(Math.min(input.length, 128 * (n + 1)));
    if (n === blocks - 1) v[14] ^= MASK;
    for (let round = 0; round < 12; round++) {
      const s = SIGMA[round % 10];
      COLUMNS.forEach(([a, b, c, d], at) => {
        v[a] = (v[a] + v[b] + m[s[2 * at]]) & MASK;
        v[d] = turn(v[d] ^ v[a], 32n);
        v[c] = (v[c] + v[d]) & MASK;
        v[b] = turn(v[b] ^ v[c], 24n);
        v[a] = (v[a] + v[b] + m[s[2 * at + 1]]) & MASK;
        v[d] = turn(v[d] ^ v[a], 16n);
        v[c] = (v[c] + v[d]) & MASK;
        v[b] = turn(v[b] ^ v[c], 63n);
      });
    }
    for (let at = 0; at < 8; at++) h[at] ^= v[at] ^ v[at + 8];
  }
  const out = Buffer.alloc(32);
  for (let at = 0; at < 4; at++) out.writeBigUInt64LE(h[at], 8 * at);
  return out;
}

const label = (realm, name) => {
  const made = Buffer.alloc(16);
  made.write({ actual: "suar/1/", exercise: "suar/1x/" }[realm] + name);
  return made;
};
const NONE = Buffer.alloc(0);
const H = (name, data, realm = "actual") => blake2b256(data, NONE, label(realm, name));

function signed(name, key, digest, signature, realm = "actual") {
  try {
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
    const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
    return verify(null, Buffer.concat([label(realm, name), digest]), publicKey, signature);
  } catch {
    return false;
  }
}

// -- msgpack: arrays, str, bin, unsigned integers, nil; anything else is refused

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function unpacked(step, raw, form) {
  let at = 0;
  const take = (count) => {
    need(step, at + count <= raw.length);
    at += count;
    return raw.subarray(at - count, at);
  };
  const number = (count) => Number(BigInt("0x" + (take(count).toString("hex") || "0")));
  function value(depth) {
    need(step, depth < 8);
    const kind = number(1);
    if (kind < 0x80) return kind;
    if (kind >= 0x90 && kind <= 0x9f) return list(kind & 15, depth);
    if (kind >= 0xa0 && kind <= 0xbf) return text(kind & 31);
    if (kind === 0xc0) return null;
    if (kind >= 0xc4 && kind <= 0xc6) return Buffer.from(take(number(1 << (kind - 0xc4))));
    if (kind >= 0xcc && kind <= 0xcf) return number(1 << (kind - 0xcc));
    if (kind >= 0xd9 && kind <= 0xdb) return text(number(1 << (kind - 0xd9)));
    if (kind === 0xdc || kind === 0xdd) return list(number(2 << (kind - 0xdc)), depth);
    throw new Wrong(step);
  }
  const text = (count) => {
    try {
      return utf8.decode(take(count));
    } catch {
      throw new Wrong(step);
    }
  };
  const list = (count, depth) => {
    need(step, count <= raw.length);
    return Array.from({ length: count }, () => value(depth + 1));
  };
  const found = value(0);
  need(step, at === raw.length && fits(found, form));
  return found;
}

// forms: "int", "str", a number of bytes, {each}, [in this order], {any: [...]}
function fits(value, form) {
  if (form === "int") return typeof value === "number" && value < 2 ** 53;
  if (form === "str") return typeof value === "string";
  if (typeof form === "number") return Buffer.isBuffer(value) && value.length === form;
  if (Array.isArray(form)) return Array.isArray(value) && value.length === form.length && form.every((f, n) => fits(value[n], f));
  if (form.each) return Array.isArray(value) && value.every((each) => fits(each, form.each));
  return form.any.some((one) => value === one || (one === "int" && fits(value, "int")));
}
const KEY = [16, 32, "int", "int", { any: [null, "int"] }];
const MEMBER = ["str", "str", { any: ["active", "suspended"] }, { each: KEY }, { each: "str" }, { each: "str" }];
const LIST = ["str", "str", "int", "int", "int", 32, "int", { each: [16, 32, "str"] }, { each: MEMBER }];
const EPOCH = [
  "str", "str", { any: ["actual", "exercise"] }, "str", "str", "int", "int", "int", 32, 32, 32, 32, "int", 32,
  { each: ["str", 16] },
];

const hex = (bytes) => bytes.toString("hex");
const isMember = (code) => /^[A-Z]{2}$/.test(code) && code.length === 2;
const ascends = (all) => all.every((each, n) => n === 0 || Buffer.compare(all[n - 1], each) < 0);
const ascendCodes = (codes) => codes.every((code, n) => n === 0 || codes[n - 1] < code);

// -- [V1]

const EVIDENCE = /^1+2*3+4(567)+(8567)*(a567)*(d567)*c*b*9$/;
const TRUST_FILE = /^1*2*b*9$/;

function partsOf(data, mark = "SUV1", order = EVIDENCE) {
  need("V1", data.subarray(0, 4).equals(Buffer.from(mark)));
  const parts = [];
  let at = 4;
  do {
    need("V1", at + 5 <= data.length);
    const kind = data[at];
    const end = at + 5 + data.readUInt32BE(at + 1);
    need("V1", end + 8 <= data.length);
    const index = Buffer.alloc(4);
    index.writeUInt32BE(parts.length);
    const sum = H("part", Buffer.concat([index, data.subarray(at, end)])).subarray(0, 8);
    need("V1", sum.equals(data.subarray(end, end + 8)));
    const content = data.subarray(at + 5, end);
    need("V1", kind !== 9 || content.equals(H("evidence", data.subarray(0, at))));
    parts.push({ kind, content });
    at = end + 8;
  } while (parts[parts.length - 1].kind !== 9);
  need("V1", at === data.length);
  const kinds = parts.map(({ kind }) => (kind <= 13 ? "0123456789abcd"[kind] : "x")).join("");
  need("V1", order.test(kinds));
  return parts;
}

function groupsOf(parts) {
  const groups = [];
  let about = null;
  parts.forEach(({ kind, content }, n) => {
    if ([4, 8, 10, 13].includes(kind)) about = { kind, text: content };
    if (kind === 5) groups.push({ ...about, place: content, leaves: parts[n + 1].content, frame: parts[n + 2].content });
  });
  need("V1", groups.every(({ place, leaves }) => place.length === 18 && leaves.length % 32 === 0 && leaves.length <= 32 * 255));
  const of = (wanted) => parts.filter(({ kind }) => kind === wanted).map(({ content }) => content);
  need("V1", [2, 3, 8, 10, 11, 12, 13].every((wanted) => ascends(of(wanted))));
  need("V1", ascends(groups.filter(({ kind }) => kind === 4).map(({ frame }) => frame)));
  return groups;
}

// -- [V2] [V3]

const DAY = 86_400_000;

function rawOf(step, data) {
  const count = data[4];
  need(step, data.length <= 2 ** 18 && data.subarray(0, 4).equals(Buffer.from("SUT1")));
  need(step, count >= 1 && count <= 32 && data.length > 5 + 80 * count);
  return data.subarray(5 + 80 * count);
}

// the lists of the file, whose pin it is, and behind them those of the verifier
function trustOf(objects, pin, brought) {
  const lists = new Map();
  const everRevoked = new Set();
  let before = null;
  const follow = (data) => {
    const step = "V2";
    const count = data[4];
    const raw = rawOf(step, data);
    const [magic, federation, version, issued, expires, prev, threshold, rootRows, rows] = unpacked(step, raw, LIST);
    const digest = H("trust", raw);
    const own = new Map(rootRows.map(([kid, key]) => [hex(kid), key]));
    const roots = new Map([...own, ...(before ? before.roots : [])]);
    const valid = new Set();
    for (let n = 0; n < count; n++) {
      const kid = hex(data.subarray(5 + 80 * n, 21 + 80 * n));
      need(step, !valid.has(kid) && roots.has(kid));
      need(step, signed("trust", roots.get(kid), digest, data.subarray(21 + 80 * n, 85 + 80 * n)));
      valid.add(kid);
    }
    const by = (keys) => [...valid].filter((kid) => keys.has(kid)).length;
    need(step, by(own) >= threshold && threshold >= 2 && 2 * threshold > own.size && own.size >= threshold);
    need(step, magic === "suar-trust/1" && issued < expires && expires <= issued + 400 * DAY);
    if (before) {
      need(step, by(before.roots) >= before.threshold && federation === before.federation);
      need(step, version === before.version + 1 && prev.equals(before.digest) && issued >= before.issued);
    }
    const keys = rows.flatMap((row) => row[3].map(([kid, key, begin, end, revoked]) => ({ code: row[0], kid, key, begin, end, revoked })));
    const held = [...keys.map(({ kid, key }) => [kid, key]), ...rootRows];
    need(step, rows.every((row) => isMember(row[0])) && ascendCodes(rows.map((row) => row[0])));
    need(step, new Set(held.map(([, key]) => hex(key))).size === held.length);
    need(step, held.every(([kid, key]) => H("kid", key).subarray(0, 16).equals(kid)));
    need(step, keys.every(({ kid, revoked }) => revoked !== null || !everRevoked.has(hex(kid))));
    for (const { kid, revoked } of keys) if (revoked !== null) everRevoked.add(hex(kid));
    before = { federation, version, issued, threshold, roots: own, rows, keys, digest };
    lists.set(version, before);
  };
  objects.forEach(follow);
  need("V2", [...lists.values()].some(({ digest }) => digest.equals(pin)));
  const inFile = keysOf(lists);
  const own = brought.map((data) => ({ data, raw: rawOf("V2", data) })).map((each) => ({ ...each, version: unpacked("V2", each.raw, LIST)[2] }));
  for (const { data, raw, version } of own.sort((one, other) => one.version - other.version)) {
    const known = lists.get(version);
    need("V2", !known || known.digest.equals(H("trust", raw)));
    if (!known && version > Math.min(...lists.keys())) follow(data);
  }
  return { lists, everRevoked, federation: before.federation, inFile };
}

const keysOf = (lists) => new Map([...lists.values()].flatMap((list) => list.keys.map((key) => [hex(key.kid), key])));

function revokedBy(data, keys, federation) {
  const kid = hex(data.subarray(4, 20));
  need("V3", data.length <= 1024 && data.subarray(0, 4).equals(Buffer.from("SUR1")));
  const [magic, named, inner, at] = unpacked("V3", data.subarray(84), ["str", "str", 16, "int"]);
  if (!keys.has(kid)) return null;
  need("V3", magic === "suar-revoke/1" && named === federation && hex(inner) === kid);
  need("V3", signed("revoke", keys.get(kid).key, H("revoke", data.subarray(84)), data.subarray(20, 84)));
  return { kid, at, digest: H("revoke", data.subarray(84)) };
}

// a Revoke that came in a file for something else: one that is none counts for nothing
function soundRevoke(data, keys, federation) {
  try {
    return revokedBy(data, keys, federation);
  } catch (error) {
    if (error instanceof Wrong) return null;
    throw error;
  }
}

function revokesOf(objects, keys, federation) {
  const found = objects.map((data) => revokedBy(data, keys, federation));
  need("V3", found.every((each) => each !== null) && new Set(found.map(({ kid }) => kid)).size === found.length);
  return found;
}

// -- times and revocations, as [V8] has them

const earliestOf = (moments) => moments.reduce((one, other) => (one && (!other || one.latest <= other.latest) ? one : other), null);

// by kid when the lists state that a key was revoked, or no longer have it
function listedEnds(lists) {
  const ends = new Map();
  const gone = new Map();
  const seen = new Set();
  const sooner = (to, kid, at) => to.set(kid, Math.min(at, to.get(kid) ?? at));
  for (const [, { keys, issued }] of [...lists].sort(([one], [other]) => one - other)) {
    const present = new Set(keys.map(({ kid }) => hex(kid)));
    for (const kid of present) gone.delete(kid);
    for (const kid of seen) if (!present.has(kid)) sooner(gone, kid, issued);
    for (const kid of present) seen.add(kid);
    for (const { kid, revoked } of keys) if (revoked !== null) sooner(ends, hex(kid), Math.min(revoked, issued));
  }
  for (const [kid, at] of gone) sooner(ends, kid, at);
  return ends;
}

function standingOf(lists, revokes, moments, whole) {
  const momentAt = (about) => earliestOf([moments.get(about) ?? null, about.startsWith("2 ") ? null : whole]);
  const ends = listedEnds(lists);
  const dated = revokes.map((each) => ({ ...each, moment: momentAt(`2 ${hex(each.digest)}`) }));
  for (const { kid, moment } of dated) if (moment) ends.set(kid, Math.min(moment.earliest, ends.get(kid) ?? moment.earliest));
  const open = dated.filter(({ kid, at, moment }) => !moment && at < (ends.get(kid) ?? Infinity)); // since when it was bad is not known
  const revoked = new Map([...ends, ...open.map(({ kid }) => [kid, null])]);
  const isSound = (kid, about) => {
    if (!revoked.has(kid)) return true;
    const moment = momentAt(about);
    return moment !== null && revoked.get(kid) !== null && moment.latest < revoked.get(kid);
  };
  return { momentAt, isSound };
}

// -- [V4] [V5]

function epochOf(data, { lists, federation }, keys) {
  const most = Math.max(...[...lists.values()].map(({ rows }) => rows.length));
  const kid = hex(data.subarray(4, 20));
  need("V4", data.length <= 4096 + 1200 * most && data.length >= 88);
  need("V4", data.subarray(0, 4).equals(Buffer.from("SUE1")) && keys.has(kid));
  const length = data.readUInt32BE(84);
  const fields = unpacked("V4", data.subarray(88, 88 + length), EPOCH);
  const [magic, named, realm, sender, channel, begin, end, version, listHash, frameKey] = fields;
  need("V4", magic === "suar-epoch/1" && (channel === "all" || isMember(channel)));
  const id = H("epoch", data.subarray(84), realm);
  need("V4", signed("epoch", keys.get(kid).key, H("epoch", id, realm), data.subarray(20, 84), realm));
  need("V4", sender === keys.get(kid).code && named === federation);
  const wraps = data.length - 88 - length;
  return { id: hex(id), kid, realm, sender, channel, begin, end, version, listHash, frameKey, recipients: fields[14], wraps };
}

function asListed(epoch, { lists }) {
  const step = "V5";
  const named = lists.get(epoch.version);
  const after = lists.get(epoch.version + 1);
  need(step, named && named.digest.equals(epoch.listHash) && (!after || epoch.begin <= after.issued + 600_000));
  const active = new Set(named.rows.filter((row) => row[2] === "active").map((row) => row[0]));
  const key = named.keys.find(({ code, kid }) => code === epoch.sender && hex(kid) === epoch.kid);
  need(step, key && active.has(epoch.sender) && key.revoked === null && key.begin <= epoch.begin && epoch.begin < key.end);
  need(step, epoch.end - epoch.begin > 0 && epoch.end - epoch.begin <= DAY && epoch.end <= key.end);
  need(step, epoch.channel === "all" || (active.has(epoch.channel) && epoch.channel !== epoch.sender));
  const codes = epoch.recipients.map(([code]) => code);
  const allowed = (code) => code === epoch.sender || (active.has(code) && ["all", code].includes(epoch.channel));
  need(step, ascendCodes(codes) && codes.every(allowed) && epoch.wraps === 1168 * codes.length);
}

// -- [V6] [V7]

function sealedIn({ frame }, epochs) {
  need("V6", frame.length >= 456 && frame.length <= 786_432 && (frame.length - 200) % 256 === 0);
  const epoch = epochs.get(hex(frame.subarray(4, 36)));
  need("V6", frame.subarray(0, 4).equals(Buffer.from("SUF1")) && epoch);
  const digest = H("frame", frame.subarray(0, -64), epoch.realm);
  need("V6", signed("frame", epoch.frameKey, digest, frame.subarray(-64), epoch.realm));
  const ts = frame.readBigUInt64BE(44);
  const count = frame.readUInt16BE(52);
  need("V6", count <= 256 && frame.readUInt16BE(54) <= 1);
  need("V6", ts >= BigInt(epoch.begin) - 300_000n && ts <= BigInt(epoch.end) + 300_000n);
  return { epoch, digest, count, ts: Number(ts), id: frame.subarray(4, 36), seq: Number(frame.readBigUInt64BE(36)) };
}

function committed({ kind, text, place, leaves, frame }, { epoch, count }) {
  const at = place.readUInt16BE(0);
  const contents = kind === 13 && count === 0 ? 1 : kind === 13 ? 0 : count;
  need("V7", contents <= (kind === 13 ? 1 : 256) && leaves.length === 32 * (contents - 1) && at < contents);
  const leaf = blake2b256(text, place.subarray(2), label(epoch.realm, "leaf"));
  const all = Buffer.concat([leaves.subarray(0, 32 * at), leaf, leaves.subarray(32 * at)]);
  need("V7", H("root", all, epoch.realm).equals(frame.subarray(88, 120)));
  return at;
}

// -- [V8] [V9] [V10]

function json(step, text) {
  try {
    const value = JSON.parse(utf8.decode(text));
    need(step, value !== null && typeof value === "object");
    return value;
  } catch {
    throw new Wrong(step);
  }
}

function saidIn(value, epoch, named) {
  const rights = named.rows.find((row) => row[0] === epoch.sender)[4];
  need("V8", value.kind !== "receipt" && typeof value.id === "string" && value.id.slice(0, 2) === epoch.sender);
  need("V8", value.issuer?.member === epoch.sender && value.status === epoch.realm);
  need("V8", rights.includes("*") || rights.includes(value.kind));
  const members = value.audience?.members;
  need("V8", members === "all" || (Array.isArray(members) && members.includes(epoch.channel)));
}

const HEAD = [32, "int", 32, 64];
const FAULTS = { any: ["disk", "clock", "store", "trust", "bundle"] };
const BEAT = [{ each: HEAD }, { each: HEAD }, "int", 32, 32, 16, { each: FAULTS }];

// whether the head is that of the frame itself, not another one of its number, or `prev` of frames of the file leads back to it from a later one
function leadsBack([, frames, digest], { seq, digest: name }, previous) {
  let [at, left] = [hex(digest), frames - 1 - seq];
  for (; left > 0 && previous.has(at); left--) at = previous.get(at);
  return left === 0 && at === hex(name);
}

function headOf(one, carriers, own, previous) {
  const step = "V12";
  need(step, one.epoch.sender !== own && one.epoch.channel === "all" && one.epoch.realm === "actual");
  need(step, one.text.length <= 65_536);
  const heads = unpacked(step, one.text, one.text[0] === 0x98 ? [...BEAT, 32] : BEAT)[1];
  const shows = ([id, frames, digest, signature], { id: of, seq, ts, epoch }) =>
    one.ts >= ts - 300_000 && id.equals(of) && frames > seq && signed("frame", epoch.frameKey, digest, signature, epoch.realm);
  const shown = carriers.flatMap((each) => heads.filter((head) => shows(head, each)).map((head) => [head, each]));
  need(step, shown.length > 0);
  return shown.some(([head, each]) => leadsBack(head, each, previous));
}

function lineHash(content) {
  const act = unpacked("V10", content.subarray(32), ["int", "int", "str", "str", "str"]);
  need("V10", content.length > 32 && packed(act).equals(content.subarray(32)));
  return H("audit", content);
}

function packed(act) {
  const sized = (kinds, count) => {
    const width = [1, 2, 4].find((each) => count < 2 ** (8 * each));
    return [kinds[Math.log2(width)], ...Array.from({ length: width }, (_, n) => Math.floor(count / 2 ** (8 * (width - 1 - n))) % 256)];
  };
  const one = (value) => {
    if (Buffer.isBuffer(value)) return [...sized([0xc4, 0xc5, 0xc6], value.length), ...value];
    if (typeof value === "string") {
      const bytes = Buffer.from(value);
      return [...(bytes.length < 32 ? [0xa0 + bytes.length] : sized([0xd9, 0xda, 0xdb], bytes.length)), ...bytes];
    }
    if (value < 128) return [value];
    if (value < 2 ** 32) return sized([0xcc, 0xcd, 0xce], value);
    const made = Buffer.alloc(9);
    made[0] = 0xcf;
    made.writeBigUInt64BE(BigInt(value), 1);
    return [...made];
  };
  return Buffer.from([0x90 + act.length, ...act.flatMap(one)]);
}

const ZERO = Buffer.from([0]);
const ONE = Buffer.from([1]);

function treeHash(name, ...pieces) {
  return createHash(name).update(Buffer.concat(pieces)).digest();
}

function rootOf(step, name, leaf, index, size, path) {
  const half = (number) => Math.floor(number / 2); // numbers of lines do not fit 32 bits
  let [found, at, last] = [leaf, index, size - 1];
  need(step, at >= 0 && at <= last);
  for (const sibling of path) {
    need(step, last !== 0);
    if (at % 2 === 1 || at === last) {
      found = treeHash(name, ONE, sibling, found);
      while (at !== 0 && at % 2 === 0) [at, last] = [half(at), half(last)];
    } else {
      found = treeHash(name, ONE, found, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  need(step, last === 0);
  return found;
}

function stampOf(content, values, keys, step = "V10") {
  need(step, content.length > 139);
  const [what, algorithm, count] = [content[0], content[49], content[138]];
  need(step, what >= 1 && what <= 5 && [1, 2].includes(algorithm) && count <= 32);
  const [name, width] = algorithm === 1 ? ["sha256", 32] : ["sha512", 64];
  const token = content.length - 139 - width * count;
  need(step, token > 0 && token <= 32_768);
  const about = `${what} ${hex(content.subarray(1, 33))}`;
  need(step, values === null || values.has(about));
  const leaf = treeHash(name, ZERO, content.subarray(0, 1), content.subarray(33, 49), content.subarray(1, 33));
  const path = Array.from({ length: count }, (_, n) => content.subarray(139 + width * n, 139 + width * (n + 1)));
  const found = rootOf(step, name, leaf, content.readUInt32BE(50), content.readUInt32BE(54), path);
  const kid = hex(content.subarray(58, 74));
  need(step, keys.has(kid));
  const said = Buffer.concat([Buffer.from("suar-stamp/1\0"), content.subarray(49, 50), content.subarray(54, 58), found]);
  need(step, signed("stamp", keys.get(kid).key, H("stamp", said), content.subarray(74, 138)));
  return { about, kid, said, token: content.subarray(139 + width * count) };
}

// the stamps of the verifier's own trust files: one that is none gives no time
function ownStamps(contents, keys) {
  return contents.flatMap((content) => {
    try {
      return [stampOf(content, null, keys)];
    } catch (error) {
      if (error instanceof Wrong) return [];
      throw error;
    }
  });
}

function momentsOf(stamps, roots, whys) {
  const found = new Map();
  for (const { about, said, token } of stamps) {
    if (roots === null) continue;
    const { moment, why } = judgeToken(token, said, roots);
    found.set(about, earliestOf([found.get(about) ?? null, moment]));
    if (why) whys.set(about, [...(whys.get(about) ?? []), why]);
  }
  return found;
}

// -- the container, and [V11]

const NAMES = ["mimetype", "message.evidence", "message.json", "history.trust", "audit.report"];

function entriesOf(data) {
  const entries = new Map();
  let at = 0;
  while (data.length - at >= 30 && data.readUInt32LE(at) === 0x04034b50) {
    const [method, size, nameLength, more] = [8, 18, 26, 28].map((n) => (n === 18 ? data.readUInt32LE(at + n) : data.readUInt16LE(at + n)));
    const begin = at + 30 + nameLength + more;
    const name = decoded("A1", data.subarray(at + 30, at + 30 + nameLength));
    need("A1", method === 0 && begin + size <= data.length && !entries.has(name));
    entries.set(name, data.subarray(begin, begin + size));
    at = begin + size;
  }
  const names = [...entries.keys()].filter((name) => !name.startsWith("META-INF/"));
  need("A1", names.length >= 4 && names.every((name, n) => name === NAMES[n]));
  const digest = (name, content) => createHash(name).update(content).digest("base64");
  for (const [name, content] of entries) {
    if (!name.endsWith(".xml")) continue;
    const said = decoded("A1", content);
    const form = /URI="([^"]+)"[^>]*>\s*<ds:DigestMethod Algorithm="[^"]*#sha(256|512)"\/>\s*<ds:DigestValue>([^<]+)</g;
    const named = [...said.matchAll(form)];
    need("A1", names.slice(1).every((each) => named.some((found) => found[1] === each)));
    need("A1", named.every(([, each, bits, value]) => entries.has(each) && digest(`sha${bits}`, entries.get(each)) === value));
  }
  return entries;
}

// [A3] each manifest, with the token that it names
function layersOf(entries) {
  const layers = [...entries].filter(([name]) => name.endsWith(".xml")).map(([, manifest]) => {
    const token = /<asic:SigReference URI="([^"]+)"/.exec(decoded("A1", manifest));
    need("A1", token && entries.has(token[1]));
    return { manifest, token: entries.get(token[1]) };
  });
  need("A1", layers.length >= 1 && layers.length === [...entries.keys()].filter((name) => name.endsWith(".tst")).length);
  need("A3", layers.every(({ manifest, token }) => isOver(token, manifest)));
  return layers;
}

// the Revokes of the container's own history, with its time stamps; [A4] refuses another form later
function historyOf(data) {
  try {
    const parts = partsOf(data, "SUVT", TRUST_FILE);
    const of = (wanted) => parts.filter(({ kind }) => kind === wanted).map(({ content }) => content);
    return { revokes: of(2), stamps: of(11) };
  } catch (error) {
    if (error instanceof Wrong) return { revokes: [], stamps: [] };
    throw error;
  }
}

// [A4]
function checkHistory(data, federation) {
  let lists = [];
  try {
    lists = partsOf(data, "SUVT", TRUST_FILE).filter(({ kind }) => kind === 1).map(({ content }) => unpacked("A4", rawOf("A4", content), LIST));
  } catch (error) {
    throw error instanceof Wrong ? new Wrong("A4") : error;
  }
  need("A4", lists.length > 0 && lists.every(([, named]) => named === federation));
}

function decoded(step, bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Wrong(step);
  }
}

function bytesIn(step, text, length) {
  need(step, typeof text === "string" && text.length === 2 * length && /^[0-9a-fA-F]*$/.test(text));
  return Buffer.from(text, "hex");
}

function actsOf(data, value, trust, keys, isSound) {
  const step = "V11";
  const lines = decoded(step, data).split("\n");
  need(step, data.length <= 2 ** 26 && lines.pop() === "" && lines.length >= 2 && lines.length <= 10_002);
  const [title, head, ...acts] = lines.map((line) => json(step, Buffer.from(line)));
  const has = (object, ...names) => need(step, Object.keys(object).sort().join() === names.sort().join());
  has(title, "audit-report", "federation", "member", "about", "person", "since", "until");
  has(head, "head", "at", "hash", "key", "signature", "root");
  const member = value.id.slice(0, 2);
  need(step, title["audit-report"] === "suar-audit-report/1" && title.federation === trust.federation);
  need(step, title.member === member && title.about === value.id);
  need(step, [title.person, title.since, title.until].every((each) => each === null));
  const key = bytesIn(step, head.key, 32);
  const root = bytesIn(step, head.root, 32);
  const kid = hex(H("kid", key).subarray(0, 16));
  need(step, keys.has(kid) && keys.get(kid).code === member && [head.head, head.at].every(Number.isSafeInteger));
  const raw = packed(["suar-audit/2", title.federation, member, head.head, head.at, bytesIn(step, head.hash, 32), root]);
  const digest = H("head", raw);
  need(step, signed("head", key, digest, bytesIn(step, head.signature, 64)));
  let before = 0;
  for (const act of acts) {
    has(act, "n", "at", "who", "what", "about", "salt", "path");
    need(step, [act.n, act.at].every(Number.isSafeInteger) && [act.who, act.what, act.about].every((each) => typeof each === "string"));
    need(step, act.n > before && act.at >= 0 && Array.isArray(act.path) && act.path.length <= 53);
    need(step, act.about.split(/\s+/).includes(value.id));
    const leaf = treeHash("sha256", ZERO, bytesIn(step, act.salt, 16), packed([act.n, act.at, act.who, act.what, act.about]));
    const path = act.path.map((each) => bytesIn(step, each, 32));
    need(step, rootOf(step, "sha256", leaf, act.n - 1, head.head, path).equals(root));
    before = act.n;
  }
  return !isSound(kid, `3 ${hex(digest)}`) ? [] : acts.map(({ n, at, who, what, about }) => [n, at, who, what, about]);
}

// whether lists and Revokes were brought that tell more of revocations than the file: its newest list or a later one, and of
// a container something that is not in its own history
function isChecked({ lists, revokes, given }, trust, keys, own) {
  if (!given.has(1) || !given.has(2) || lists.length === 0) return false;
  const versionOf = (data) => unpacked("V2", rawOf("V2", data), LIST)[2];
  if (Math.max(...lists.map(versionOf)) < Math.max(...trust.lists.keys())) return false;
  if (own === null) return true;
  const named = (made, objects, from) => objects.map((each) => hex(H(made, from(each))));
  const names = (of, all) => [...named("trust", of, (each) => rawOf("V2", each)), ...named("revoke", all, (each) => each.subarray(84))];
  const history = partsOf(own.history, "SUVT", TRUST_FILE);
  const of = (wanted) => history.filter(({ kind }) => kind === wanted).map(({ content }) => content);
  const held = new Set([...names(own.lists, own.revokes), ...names(of(1), of(2))]);
  return names(lists, revokes.filter((each) => keys.has(hex(each.subarray(4, 20))))).some((each) => !held.has(each));
}

const NOTHING = { given: new Set(), lists: [], revokes: [], further: [], stamps: [], roots: null };

export function judge(given, pin, brought = NOTHING) {
  const entries = given.subarray(0, 2).equals(Buffer.from("PK")) ? entriesOf(given) : null;
  const layers = entries ? layersOf(entries) : [];
  const judgements = layers.map(({ manifest, token }) => judgeToken(token, manifest, brought.roots));
  const tokens = judgements.map(({ moment }) => moment);
  const data = entries ? entries.get("message.evidence") : given;
  const parts = partsOf(data);
  const groups = groupsOf(parts);
  const of = (wanted) => parts.filter(({ kind }) => kind === wanted).map(({ content }) => content);
  const trust = trustOf(of(1), pin, brought.lists);
  const keys = keysOf(trust.lists);
  const revokes = revokesOf(of(2), trust.inFile, trust.federation);
  const read = of(3).map((each) => epochOf(each, trust, keys));
  for (const each of read) asListed(each, trust);
  const epochs = new Map(read.map((each) => [each.id, each]));
  const frames = groups.map((group) => sealedIn(group, epochs));
  const found = groups.map((group, n) => ({ ...group, ...frames[n], at: committed(group, frames[n]) }));

  const values = new Set(found.map(({ digest }) => `1 ${hex(digest)}`));
  for (const each of of(2)) values.add(`2 ${hex(H("revoke", each.subarray(84)))}`);
  for (const { digest } of trust.lists.values()) values.add(`4 ${hex(digest)}`);
  const lines = of(12).map((each) => `5 ${hex(lineHash(each))}`);
  for (const each of lines) values.add(each);
  const stamps = of(11).map((each) => stampOf(each, values, keys));
  const whys = new Map();
  const history = entries ? historyOf(entries.get("history.trust")) : { revokes: [], stamps: [] };
  const moments = momentsOf([...stamps, ...ownStamps([...brought.stamps, ...history.stamps], keys)], brought.roots, whys);
  const further = [...brought.further, ...history.revokes].map((each) => soundRevoke(each, keys, trust.federation));
  const own = brought.revokes.map((each) => revokedBy(each, keys, trust.federation)).filter((each) => each !== null);
  const { momentAt, isSound } = standingOf(trust.lists, [...revokes, ...own, ...further].filter((each) => each !== null), moments, earliestOf(tokens));
  const isProved = ({ epoch, digest }) => isSound(epoch.kid, `1 ${hex(digest)}`);

  const value = json("V8", of(4)[0]);
  const carriers = found.filter(({ kind }) => kind === 4);
  for (const { epoch } of carriers) saidIn(value, epoch, trust.lists.get(epoch.version));
  need("V8", carriers.some(isProved));

  const proved = [];
  for (const one of found.filter(({ kind }) => kind === 8)) {
    const { text, epoch, ts } = one;
    const said = json("V9", text);
    need("V9", said.kind === "receipt" && said.member === epoch.sender && said.status === epoch.realm);
    need("V9", said.status === value.status);
    need("V9", epoch.channel === value.id.slice(0, 2) && Array.isArray(said.of));
    const speaks = ({ digest, at }) => said.of.some((entry) => entry.frame === hex(digest) && (entry.messages ?? [at]).includes(at));
    const isRecipient = ({ epoch: of }) => of.recipients.some(([code]) => code === said.member);
    need("V9", carriers.some((each) => speaks(each) && isRecipient(each)));
    const at = Date.parse(said.at);
    need("V9", Date.parse(value.sent) - 300_000 <= at && at <= ts + 300_000);
    if (isProved(one)) proved.push([said.member, said.stage]);
  }
  const later = [];
  for (const one of found.filter(({ kind }) => kind === 10)) {
    const { text, epoch } = one;
    const revision = json("V8", text);
    saidIn(revision, epoch, trust.lists.get(epoch.version));
    need("V8", revision.id === value.id && revision.kind === value.kind && revision.rev > value.rev);
    need("V8", revision.status === value.status);
    if (isProved(one)) later.push(revision.rev);
  }
  const heads = [];
  const unproved = []; // heartbeats that do not show who had the frame, or whose key was revoked
  const previous = new Map(found.map(({ digest, frame }) => [hex(digest), hex(frame.subarray(56, 88))]));
  for (const one of found.filter(({ kind }) => kind === 13)) {
    const isShown = headOf(one, carriers, value.id.slice(0, 2), previous);
    (isShown && isProved(one) ? heads : unproved).push([one.epoch.sender, one.ts]);
  }
  const about = [value.id, String(value.rev), hex(blake2b256(of(4)[0], NONE, Buffer.alloc(16)))].join(" ");
  const isAbout = (said) => said === about || said === `${value.id} ${value.rev}`;
  for (const each of of(12)) need("V10", isAbout(unpacked("V10", each.subarray(32), ["int", "int", "str", "str", "str"])[4]));
  for (const line of lines) need("V10", stamps.some(({ about, kid }) => about === line && keys.get(kid).code === value.id.slice(0, 2)));
  const time = earliestOf(carriers.map(({ digest }) => momentAt(`1 ${hex(digest)}`)))?.latest ?? null;
  const report = entries?.get("audit.report");
  const acts = report ? actsOf(report, value, trust, keys, isSound) : [];
  if (entries) {
    need("A2", entries.get("message.json").equals(of(4)[0]));
    checkHistory(entries.get("history.trust"), trust.federation);
  }
  const isCancelled = [value, ...found.filter(({ kind }) => kind === 10).map(({ text }) => json("V8", text))].some(({ action }) => action === "cancel");
  const facts = {
    proved, later, time, ...(heads.length ? { heads } : {}), ...(unproved.length ? { unproved } : {}),
    whys: time === null ? [...new Set(carriers.flatMap(({ digest }) => whys.get(`1 ${hex(digest)}`) ?? []))].sort() : [],
    checked: isChecked(brought, trust, keys, entries && { lists: of(1), revokes: of(2), history: entries.get("history.trust") }),
    recalled: isCancelled ? [] : proved.filter(([, stage]) => stage === "recalled"), // a hold is stated when it is set, too
  };
  if (!entries) return facts;
  return { ...facts, tokens: tokens.map((each) => each?.latest ?? null), faults: judgements.map(({ why }) => why ?? null), acts };
}

// a trust file, or a list or a Revoke as signed: what of it the option takes, lists of one for Revokes, and its time stamps
function broughtIn(file, wanted) {
  const data = readFileSync(file);
  const mark = data.toString("latin1", 0, 4);
  const alone = { SUT1: 1, SUR1: 2 }[mark];
  const parts = alone ? [{ kind: alone, content: data }] : partsOf(data, "SUVT", TRUST_FILE);
  const of = (kind) => parts.filter((part) => part.kind === kind).map(({ content }) => content);
  return { objects: of(wanted), lists: wanted === 2 ? of(1) : [], revokes: wanted === 1 ? of(2) : [], stamps: of(11) };
}

const USAGE = "usage: evidence_reader.mjs PIN [--trust FILE] [--revokes FILE] [--tsa-ca PEM] FILE...";
const [pin, ...words] = process.argv.slice(2);
const files = [];
const brought = structuredClone(NOTHING);
while (words.length > 0) {
  const word = words.shift();
  const takes = { "--trust": 1, "--revokes": 2 }[word];
  if (takes !== undefined && words.length > 0) {
    const { objects, lists, revokes, stamps } = broughtIn(words.shift(), takes);
    brought.lists.push(...lists);
    if (lists.length > 0) brought.given.add(1);
    brought.further.push(...revokes);
    (takes === 1 ? brought.lists : brought.revokes).push(...objects);
    brought.stamps.push(...stamps);
    brought.given.add(takes);
  } else if (word === "--tsa-ca" && words.length > 0) {
    brought.roots = rootsOf(readFileSync(words.shift()));
  } else {
    files.push(word);
  }
}
if (!/^[0-9a-fA-F]{64}$/.test(pin ?? "") || files.length === 0 || files.some((file) => file.startsWith("--"))) {
  console.error(USAGE);
  process.exit(64);
}
let failed = false;
for (const file of files) {
  try {
    const found = judge(readFileSync(file), Buffer.from(pin, "hex"), brought);
    console.log(JSON.stringify({ ...found, contradictions: "not looked for" }));
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    failed = true;
    console.log(JSON.stringify({ refused: error.message }));
  }
}
process.exitCode = failed ? 1 : 0;
