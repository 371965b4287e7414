"""Alexa's side of a signed request, played on loopback: a certificate authority of our own and the host of its chains.

trustme makes the authority and the host's certificate. Leaves are made here: some of them have faults that trustme does
not know, such as a purpose, a use of the key or a size of it that is wrong.

For the tests of the web service and for ``python -m bench load``. Nothing here is trusted by anything outside them.
"""

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from trustme import CA, KeyType

from webservice.chain import NAME
from webservice.chain_url import HOST

DAY: Final = timedelta(days=1)
PATH: Final = "/echo.api/echo-api-cert.pem"
URL: Final = f"https://{HOST}{PATH}"
SERVER: Final = (ExtendedKeyUsageOID.SERVER_AUTH,)
LEAF_USES: Final = frozenset({"digital_signature", "key_encipherment"})

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(who: str, bits: int = 2048) -> rsa.RSAPrivateKey:  # noqa: ARG001 - part of the cache's key
    """A key for `who`, made once a process: making one is the slow part."""
    return rsa.generate_private_key(65537, bits)


@dataclass(frozen=True)
class Certified:
    """A key, its certificate, and the certificates above it up to but not including the root."""

    key: Key
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def chain(self) -> bytes:
        """As Amazon serves it: PEM, leaf first."""
        return pem(self.certificate, *self.above)

    def sign(self, body: bytes, digest: HashAlgorithm | None = None) -> str:
        """The value of Signature-256 for `body`."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return base64.b64encode(self.key.sign(body, PKCS1v15(), digest or SHA256())).decode()
        return base64.b64encode(self.key.sign(body, ec.ECDSA(SHA256()))).decode()


@dataclass(frozen=True)
class Leaf:
    """What a leaf is to look like; the default is a good one."""

    names: tuple[str, ...] = (NAME,)
    begins: timedelta = -DAY
    ends: timedelta = 90 * DAY
    """Both from now."""
    purposes: tuple[ObjectIdentifier, ...] = SERVER
    uses: frozenset[str] | None = LEAF_USES
    """Key usage by the names of x509.KeyUsage; None leaves the extension out."""
    key: Callable[[], Key] = field(default=lambda: rsa_key("leaf"))


class Authority:
    """A root and an intermediate."""

    def __init__(self, name: str = "Stretch Coach test") -> None:
        root = CA(organization_name=name, key_type=KeyType.RSA)
        self.ca = root.create_child_ca(KeyType.RSA)
        """The intermediate, for the certificates of hosts."""
        self.root, self.intermediate = _certified(root), _certified(self.ca)

    def leaf(self, wanted: Leaf | None = None, issuer: Certified | None = None) -> Certified:
        """A certificate for signing requests, or for anything else that `wanted` says."""
        wanted = wanted or Leaf()
        issuer = issuer or self.intermediate
        key = wanted.key()
        public, above, now = key.public_key(), issuer.certificate, datetime.now(UTC)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leaf")]))
            .issuer_name(above.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + wanted.begins)
            .not_valid_after(now + wanted.ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        if wanted.names:
            names = x509.SubjectAlternativeName([x509.DNSName(name) for name in wanted.names])
            builder = builder.add_extension(names, critical=False)
        if wanted.purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(wanted.purposes), critical=False)
        if wanted.uses is not None:
            builder = builder.add_extension(_key_usage(wanted.uses), critical=True)
        return Certified(key, builder.sign(issuer.key, SHA256()), (above, *issuer.above))

    def write_root(self, folder: Path) -> Path:
        """The root as a file, for SSL_CERT_FILE and its like."""
        path = folder / "root.pem"
        path.write_bytes(pem(self.root.certificate))
        return path


def _certified(authority: CA) -> Certified:
    key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Certified(key, x509.load_pem_x509_certificate(authority.cert_pem.bytes()))


def _key_usage(uses: frozenset[str]) -> x509.KeyUsage:
    known = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in uses for name in known})


def pem(*certificates: x509.Certificate) -> bytes:
    """Certificates as one PEM text."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


@dataclass(frozen=True)
class Hosted:
    """What the host answers for one path."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    seconds_a_byte: float = 0.0
    """Sends the body so slowly."""


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away, or would not have our certificate, is what some tests are about."""


class AmazonHost:
    """s3.amazonaws.com on loopback, over TLS with a certificate of `authority`."""

    def __init__(self, authority: Authority) -> None:
        self.hosted: dict[str, Hosted] = {}
        self.asked: list[str] = []
        """The paths that were asked for, in order."""
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.ca.issue_cert(HOST).configure_cert(tls)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        """On loopback."""
        return self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(self.path)
                answer = host.hosted.get(self.path, Hosted(status=404))
                self.send_response(answer.status)
                for name, value in (("Content-Length", str(len(answer.body))), *answer.headers):
                    self.send_header(name, value)
                self.end_headers()
                if not answer.seconds_a_byte:
                    self.wfile.write(answer.body)
                    return
                for byte in answer.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(answer.seconds_a_byte)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def stamped(message: dict[str, Any], at: float | None = None) -> bytes:
    """A request's JSON with the time of now, or of `at` in epoch seconds."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    request = {**message["request"], "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return json.dumps({**message, "request": request}).encode()


def headers(signature: str, url: str = URL) -> dict[str, str]:
    """What Alexa sends with a request."""
    return {
        "Content-Type": "application/json;charset=utf-8",
        "SignatureCertChainUrl": url,
        "Signature-256": signature,
    }


def roots(*authorities: Authority) -> Sequence[x509.Certificate]:
    """What a machine that trusts these authorities would trust."""
    return [authority.root.certificate for authority in authorities]
