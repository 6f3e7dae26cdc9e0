// Tokens of time stamps (RFC 3161) for tests/evidence_reader.mjs, from docs/evidence.md and the RFCs alone: what a token
// is over, and the time that it gives under the certificates of an authority.

import { createHash, verify, X509Certificate } from "node:crypto";

const TOKEN_MAX = 32_768;
const HASHES = { "2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512" };
const SIGNATURES = {
  "1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512",
  "1.2.840.113549.1.1.11": "sha256", "1.2.840.113549.1.1.12": "sha384", "1.2.840.113549.1.1.13": "sha512",
};
const WEAK_HASHES = { "1.2.840.113549.2.5": "md5", "1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.4": "sha224" };
const KEYS_ALONE = ["1.2.840.113549.1.1.1", "1.2.840.10045.2.1"];
const [PSS, ED25519] = ["1.2.840.113549.1.1.10", "1.3.101.112"];
const CURVES = ["prime256v1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"];
const SIGNED_DATA = "1.2.840.113549.1.7.2";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";
const [BY_SHA1, BY_ANY] = ["1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"];
const NAMING = {
  ...HASHES, "1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.4": "sha224", "2.16.840.1.101.3.4.2.8": "sha3-256",
  "2.16.840.1.101.3.4.2.9": "sha3-384", "2.16.840.1.101.3.4.2.10": "sha3-512",
};
const [USAGE, ALTERNATIVES] = ["2.5.29.15", "2.5.29.17"];
const [CONTENT_TYPE, MESSAGE_DIGEST] = ["1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"];
const [KEY_IDENTIFIER, KEY_USAGE, TIME_STAMPING] = ["2.5.29.14", "2.5.29.37", "1.3.6.1.5.5.7.3.8"];
const CHAIN_MAX = 8;

function must(holds) {
  if (!holds) throw new RangeError("another form");
}

// -- DER

function elements(data) {
  const found = [];
  for (let at = 0; at < data.length; ) {
    must(at + 2 <= data.length && data[at + 1] !== 0x80);
    let begin = at + 2;
    let length = data[at + 1];
    if (length > 0x80) {
      const width = length - 0x80;
      must(width <= 4 && begin + width <= data.length);
      length = data.readUIntBE(begin, width);
      begin += width;
    }
    must(begin + length <= data.length);
    found.push({ tag: data[at], raw: data.subarray(at, begin + length), content: data.subarray(begin, begin + length) });
    at = begin + length;
  }
  return found;
}

function only(data, tag) {
  const found = elements(data);
  must(found.length === 1 && found[0].tag === tag);
  return found[0].content;
}

function oid(element) {
  must(element?.tag === 6 && element.content.length > 0);
  const numbers = [];
  let number = 0;
  for (const byte of element.content) {
    number = number * 128 + (byte & 127);
    if (byte < 128) {
      numbers.push(number);
      number = 0;
    }
  }
  const first = Math.min(2, Math.floor(numbers[0] / 40));
  return [first, numbers[0] - 40 * first, ...numbers.slice(1)].join(".");
}

const algorithm = (element, names) => names[oid(elements(element.content)[0])];
const number = (element) => Number(BigInt(`0x${element.content.toString("hex") || "0"}`));

// -- a token

function tokenOf(data) {
  must(data.length > 0 && data.length <= TOKEN_MAX);
  const [type, wrapped] = elements(only(data, 0x30));
  must(oid(type) === SIGNED_DATA && wrapped.tag === 0xa0);
  const fields = elements(only(wrapped.content, 0x30));
  const [innerType, inner] = elements(fields[2].content);
  must(oid(innerType) === TST_INFO && inner.tag === 0xa0);
  const info = only(inner.content, 4);
  const [version, , imprint, , at, ...more] = elements(only(info, 0x30));
  must(version.tag === 2 && number(version) === 1);
  const [function_, digest] = elements(imprint.content);
  must(at.tag === 0x18 && digest.tag === 4 && fields.at(-1).tag === 0x31);
  const certificates = elements(fields.find(({ tag }) => tag === 0xa0)?.content ?? Buffer.alloc(0));
  return {
    info, certificates: certificates.map(({ raw }) => raw), signers: elements(fields.at(-1).content),
    hash: algorithm(function_, HASHES), digest: digest.content, at: timeOf(at.content), accuracy: accuracyOf(more),
    authority: more.find(({ tag }) => tag === 0xa0),
  };
}

function timeOf(content) {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(content.toString("latin1"));
  must(found);
  const [, year, month, day, hour, minute, second, part] = found;
  return Date.UTC(year, month - 1, day, hour, minute, second) + Math.round(Number(`0.${part ?? 0}`) * 1000);
}

function accuracyOf(more) {
  const found = more.find(({ tag }) => tag === 0x30);
  const of = (wanted) => number(elements(found?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === wanted) ?? { content: Buffer.alloc(0) });
  return of(2) * 1000 + of(0x80) + (of(0x81) > 0 ? 1 : 0);
}

function isAbout(token, said) {
  return token.hash !== undefined && createHash(token.hash).update(said).digest().equals(token.digest);
}

function attempted(act, otherwise) {
  try {
    return act();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError || error.code?.startsWith("ERR_")) return otherwise;
    throw error;
  }
}

// [A3] whether it has the form, and its imprint is that of `said`, whoever signed it
export const isOver = (data, said) => attempted(() => isAbout(tokenOf(data), said), false);

// -- an authority

function tbsOf(raw) {
  const fields = elements(elements(only(raw, 0x30))[0].content);
  const [serial, , issuer, , subject] = fields[0].tag === 0xa0 ? fields.slice(1) : fields;
  const listed = fields.find(({ tag }) => tag === 0xa3);
  const extensions = new Map();
  for (const each of listed ? elements(only(listed.content, 0x30)) : []) {
    const parts = elements(each.content);
    extensions.set(oid(parts[0]), { critical: parts[1].tag === 1 && parts[1].content[0] !== 0, value: parts.at(-1).content });
  }
  return { raw, serial, issuer, subject, extensions };
}

function isOf(raw, sid) {
  const { serial, issuer, extensions } = tbsOf(raw);
  if (sid.tag === 0x80) {
    const found = extensions.get(KEY_IDENTIFIER);
    return found !== undefined && only(found.value, 4).equals(sid.content);
  }
  const [named, numbered] = elements(sid.content);
  return named.raw.equals(issuer.raw) && numbered.raw.equals(serial.raw);
}

function stampsAlone(raw) {
  const found = tbsOf(raw).extensions.get(KEY_USAGE);
  return found !== undefined && found.critical && elements(only(found.value, 0x30)).map(oid).join() === TIME_STAMPING;
}

// a key usage, if there is one, is for signing alone
function signsAlone(raw) {
  const found = tbsOf(raw).extensions.get(USAGE);
  if (found === undefined) return true;
  const [, first, ...others] = only(found.value, 3);
  return (first & 0xc0) !== 0 && (first & 0x3f) === 0 && others.every((each) => each === 0);
}

// a name as it is compared: without the kinds of its strings, in lower case
function nameForm(element) {
  const pairs = elements(element.content).flatMap(({ content }) => elements(content).map((each) => elements(each.content)));
  const text = (value) => value.content.toString("latin1").replace(/[A-Z]/g, (each) => each.toLowerCase()).split(/[ \t\n\r\v\f]+/);
  return JSON.stringify(pairs.map(([kind, value]) => [oid(kind), text(value).filter((word) => word).join(" ")]));
}

// the certificates that an attribute names: (certificate) => whether one is it
function namedBy(value, isSha1) {
  return elements(elements(only(value, 0x30))[0].content).map(({ content }) => {
    const parts = elements(content);
    const named = !isSha1 && parts[0].tag === 0x30 ? NAMING[oid(elements(parts.shift().content)[0])] : isSha1 ? "sha1" : "sha256";
    const [digest, stated] = parts;
    return ({ raw, issuer, serial }) => {
      if (named === undefined || !createHash(named).update(raw).digest().equals(digest.content)) return false;
      if (stated === undefined) return true;
      const [general, numbered] = elements(stated.content);
      return nameForm(elements(only(general.content, 0xa4))[0]) === nameForm(issuer) && numbered.raw.equals(serial.raw);
    };
  });
}

function isAuthority({ authority }, { subject, extensions }) {
  if (authority === undefined) return true;
  const [general] = elements(authority.content);
  if (general.tag === 0xa4) return nameForm(elements(general.content)[0]) === nameForm(subject);
  const others = extensions.get(ALTERNATIVES);
  return others !== undefined && elements(only(others.value, 0x30)).some(({ raw }) => raw.equals(general.raw));
}

// those whose subject issued this one, or one of these
function aboveIt(certificate, held) {
  const found = [];
  for (const each of [certificate, ...held]) {
    const issuers = [certificate, ...found].map(({ issuer }) => nameForm(issuer));
    found.push(...held.filter((other) => !found.includes(other) && issuers.includes(nameForm(other.subject))));
  }
  return found;
}

// whether what was signed names the signer's certificate first (RFC 5035, 5816), and its authority; null: it is not there
function namesSigner(token, roots) {
  const found = attempted(() => {
    must(token.signers.length === 1);
    const [, sid, , attributes] = elements(token.signers[0].content);
    const all = new Map([...token.certificates, ...(roots ?? []).map(({ raw }) => raw)].map((raw) => [raw.toString("hex"), raw]));
    const held = [...all.values()].map(tbsOf);
    const signers = held.filter(({ raw }) => isOf(raw, sid));
    return signers.length > 0 ? { attributes, held, signers } : null;
  }, null);
  if (found === null) return null;
  return attempted(() => {
    const { attributes, held, signers } = found;
    const all = elements(attributes.content).map((each) => elements(each.content));
    const values = new Map(all.map(([kind, of]) => [oid(kind), elements(of.content)]));
    must(values.size === all.length && signers.length === 1 && values.get(CONTENT_TYPE).length === 1);
    must(oid(values.get(CONTENT_TYPE)[0]) === TST_INFO && (values.has(BY_SHA1) || values.has(BY_ANY)));
    const above = aboveIt(signers[0], held);
    for (const name of [BY_SHA1, BY_ANY].filter((each) => values.has(each))) {
      must(values.get(name).length === 1);
      const [first, ...further] = namedBy(values.get(name)[0].raw, name === BY_SHA1);
      must(first(signers[0]) && (roots === null || further.every((is) => above.some(is))));
    }
    return isAuthority(token, signers[0]);
  }, false);
}

const isValid = (certificate, at) => Date.parse(certificate.validFrom) <= at && at <= Date.parse(certificate.validTo);

// whether a certificate's key is at the floor or above, and its signature, which of one that the verifier named does not count
function isStrongKey(key) {
  const { modulusLength, publicExponent, namedCurve } = key.asymmetricKeyDetails;
  if (["rsa", "rsa-pss"].includes(key.asymmetricKeyType)) return modulusLength >= 2048 && publicExponent >= 65537n && publicExponent % 2n === 1n;
  return key.asymmetricKeyType === "ed25519" || (key.asymmetricKeyType === "ec" && CURVES.includes(namedCurve));
}

function isStrongFunction(certificate) {
  const [, named] = elements(only(certificate.raw, 0x30));
  const [kind, parameters] = elements(named.content);
  if (oid(kind) !== PSS) return oid(kind) === ED25519 || SIGNATURES[oid(kind)] !== undefined;
  const hash = elements(parameters.content).find(({ tag }) => tag === 0xa0);
  return hash !== undefined && HASHES[oid(elements(only(hash.content, 0x30))[0])] !== undefined;
}

const isAny = () => true;
const isStrong = (certificate) => attempted(() => isStrongKey(certificate.publicKey) && isStrongFunction(certificate), false);
const isStrongRoot = (certificate) => attempted(() => isStrongKey(certificate.publicKey), false);

function leads(certificate, others, roots, at, is, depth = 0) {
  if (depth > CHAIN_MAX || !isValid(certificate, at) || !is.link(certificate)) return false;
  const isBy = (issuer) => issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (roots.some((root) => is.root(root) && isBy(root) && isValid(root, at))) return true;
  return others.some((other) => isBy(other) && leads(other, others, roots, at, is, depth + 1));
}

function signerOf(token) {
  must(token.signers.length === 1);
  const [, sid, digestName, attributes, signatureName, signature] = elements(token.signers[0].content);
  must(attributes.tag === 0xa0 && signature.tag === 4);
  const said = new Map(elements(attributes.content).map((each) => [oid(elements(each.content)[0]), elements(each.content)[1]]));
  must(oid(elements(said.get(CONTENT_TYPE).content)[0]) === TST_INFO);
  const raw = token.certificates.find((each) => isOf(each, sid));
  must(raw);
  return {
    certificate: new X509Certificate(raw), digest: only(said.get(MESSAGE_DIGEST).content, 4), signature: signature.content,
    hash: algorithm(digestName, { ...HASHES, ...WEAK_HASHES }), isStrongHash: algorithm(digestName, HASHES) !== undefined,
    named: oid(elements(signatureName.content)[0]), covered: Buffer.concat([Buffer.from([0x31]), attributes.raw.subarray(1)]),
  };
}

const isFunction = (name) => SIGNATURES[name] !== undefined || KEYS_ALONE.includes(name) || [PSS, ED25519].includes(name);
const isSigned = ({ info }, { certificate, digest, hash, covered, signature }) =>
  createHash(hash).update(info).digest().equals(digest) && verify(hash, covered, certificate.publicKey, signature);

// whether the signature is not that of the certificate in it, where this can be told without an authority
function isBroken(token) {
  return attempted(() => {
    const signer = signerOf(token);
    const isTold = signer.isStrongHash && isStrongRoot(signer.certificate) && (SIGNATURES[signer.named] ?? signer.hash) === signer.hash;
    return isTold && [...Object.keys(SIGNATURES), ...KEYS_ALONE].includes(signer.named) && !isSigned(token, signer);
  }, false);
}

function isTrusted(token, signer, roots, is) {
  if (!stampsAlone(signer.certificate.raw) || !signsAlone(signer.certificate.raw)) return false;
  return leads(signer.certificate, token.certificates.map((each) => new X509Certificate(each)), roots, token.at, is);
}

// the certificates of a PEM file
export function rootsOf(pem) {
  const found = pem.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((each) => new X509Certificate(each));
}

// what a token over `said` gives under these certificates (null: none were named): {moment: {earliest, latest} in ms}, or
// {moment: null, why}: "other" (bytes or form), "broken" (signature), "unknown" (authority), "weak" (below the floor)
export function judgeToken(data, said, roots) {
  const token = attempted(() => tokenOf(data), null);
  if (token === null || !isAbout(token, said)) return { moment: null, why: "other" };
  const without = { moment: null, why: isBroken(token) || namesSigner(token, null) === false ? "broken" : "unknown" };
  if (roots === null) return without;
  return attempted(() => {
    const signer = signerOf(token);
    if (!isSigned(token, signer) || !isTrusted(token, signer, roots, { link: isAny, root: isAny })) return without;
    if (!namesSigner(token, roots)) return { moment: null, why: "broken" };
    const isSound = signer.isStrongHash && isFunction(signer.named) && isTrusted(token, signer, roots, { link: isStrong, root: isStrongRoot });
    if (!isSound) return { moment: null, why: "weak" };
    return { moment: { earliest: token.at - token.accuracy, latest: token.at + token.accuracy } };
  }, without);
}
