"""A time-stamping authority for tests: keys of its own, and `openssl ts -reply` behind HTTP on loopback."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from suar.protocol.files.tokens.form import read_reply
from support.executables import OPENSSL

CONFIG = """\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[service]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""
Answer = Callable[[bytes], tuple[int, bytes]]


P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Making(NamedTuple):
    """The keys of root and signer (what `openssl req -newkey` takes), and the hash functions that they sign with."""

    root: tuple[str, ...] = P256
    signer: tuple[str, ...] = P256
    root_hash: str = "sha256"
    certificate_hash: str = "sha256"
    digest: str = "sha256"


class Authority:
    """Its own root and signer, in a folder of the test."""

    def __init__(self, folder: Path, name: str = "Test authority", making: Making = Making()) -> None:  # noqa: B008 - it is a value
        folder.mkdir(parents=True)
        self.folder, self._lock = folder, threading.Lock()
        (folder / "ts.cnf").write_text(CONFIG.format(name=name, folder=folder, digest=making.digest))
        (folder / "serial").write_text("01\n")
        (folder / "signer.cnf").write_text("[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = Signer\n")
        made = ("-config", "ts.cnf", "-extensions", "ca", "-days", "3650", f"-{making.root_hash}")
        self._run("req", "-x509", "-noenc", "-newkey", *making.root, "-keyout", "ca.key", "-out", "ca.pem", *made)
        request = ("-noenc", "-keyout", "signer.key", "-out", "signer.csr", "-config", "signer.cnf")
        self._run("req", "-newkey", *making.signer, *request)
        issued = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ts.cnf", "-extensions", "signer")
        function = f"-{making.certificate_hash}"
        self._run("x509", "-req", "-in", "signer.csr", "-out", "signer.pem", "-days", "3000", function, *issued)

    @property
    def ca(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def reply(self, query: bytes) -> bytes:
        """A TimeStampResp to a TimeStampReq."""
        with self._lock:
            (self.folder / "query.tsq").write_bytes(query)
            self._run(
                "ts", "-reply", "-config", "ts.cnf", "-section", "service", "-queryfile", "query.tsq",
                "-out", "reply.tsr",
            )  # fmt: skip
            return (self.folder / "reply.tsr").read_bytes()

    def with_chain(self) -> None:
        """From now on the root stands in each token too, behind the signer, as `openssl ts` orders them."""
        with (self.folder / "ts.cnf").open("a") as config:
            config.write(f"certs = {self.folder}/ca.pem\n")

    def certified_by(self, other: "Authority", function: str = "sha256") -> None:
        """From now on each token has a certificate by `other` for this root, signed with that hash function."""
        own = ("-in", "ca.pem", "-out", "crossed.pem", "-extfile", "ts.cnf", "-extensions", "ca", "-days", "3000")
        by = ("-CA", str(other.folder / "ca.pem"), "-CAkey", str(other.folder / "ca.key"), "-CAcreateserial")
        self._run("x509", *own, *by, f"-{function}")
        with (self.folder / "ts.cnf").open("a") as config:
            config.write(f"certs = {self.folder}/crossed.pem\n")

    def token(self, content: bytes) -> bytes:
        """A token over `content`, of now."""
        query = TimestampRequestBuilder(content, HashAlgorithm.SHA256).build()
        return read_reply(self.reply(query.as_bytes())).time_stamp_token()

    def verify(self, data: Path, token: Path) -> subprocess.CompletedProcess[str]:
        """`openssl ts -verify` of a token over the file `data`."""
        command = ("ts", "-verify", "-data", str(data), "-in", str(token), "-token_in", "-CAfile", "ca.pem")
        return self._openssl(*command)

    def _run(self, *command: str) -> None:
        done = self._openssl(*command)
        assert done.returncode == 0, done.stderr

    def _openssl(self, *command: str) -> subprocess.CompletedProcess[str]:
        assert OPENSSL, "these tests need openssl"
        return subprocess.run([OPENSSL, *command], cwd=self.folder, capture_output=True, text=True, check=False)


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """The URL of a server on a port of the system's choice; `answer` makes (status, body) of a query."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ts"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
