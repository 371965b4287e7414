"""A certificate chain → the key that may sign requests. Built on `cryptography`'s own path validation (RFC 5280).

What is asked of a chain: it builds to a root of this machine, every certificate in it is within its dates and signed
with SHA-256 or better, every key is RSA of 2048 bits or more or a strong elliptic curve, and the leaf is a TLS server's
(extended key usage), may sign, names echo-api.amazon.com and has an RSA key of 2048 bits or more. No certificate is
pinned: Amazon has changed its authorities before.
"""

import ssl
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from webservice.refusal import Reason, Refused

NAME: Final = "echo-api.amazon.com"
MOST_CERTIFICATES: Final = 8
"""Leaf and intermediates in one file; Amazon's have four."""
SMALLEST_RSA: Final = 2048
"""Bits."""


@dataclass(frozen=True)
class Signer:
    """A key that may sign requests, and for how long."""

    key: RSAPublicKey
    not_before: float
    """Epoch seconds: the latest of the chain's."""
    not_after: float
    """Epoch seconds: the earliest of the chain's."""

    def is_valid(self, now: float) -> bool:
        """Whether every certificate of the chain is within its dates."""
        return self.not_before <= now <= self.not_after


class Trust:
    """The roots that a chain may end in."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        self._store = Store(list(roots))

    def path(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], now: float
    ) -> list[x509.Certificate]:
        """The chain from `leaf` to a root that is valid at `now`; raises VerificationError."""
        policy = PolicyBuilder().store(self._store).time(datetime.fromtimestamp(now, UTC))
        return policy.build_server_verifier(x509.DNSName(NAME)).verify(leaf, list(intermediates))

    def signer(self, pem: bytes, now: float) -> Signer:
        """The key of the first certificate in `pem`, with the rest as its chain; raises Refused."""
        try:
            leaf, *intermediates = _certificates(pem)
            path = self.path(leaf, intermediates, now)
            key = _signing_key(leaf, path)
        except (ValueError, VerificationError, x509.ExtensionNotFound, x509.DuplicateExtension):
            key, path = None, []
        if key is None:
            raise Refused(Reason.CHAIN)
        return Signer(
            key,
            max(certificate.not_valid_before_utc.timestamp() for certificate in path),
            min(certificate.not_valid_after_utc.timestamp() for certificate in path),
        )


def _certificates(pem: bytes) -> list[x509.Certificate]:
    found = x509.load_pem_x509_certificates(pem)
    if len(found) > MOST_CERTIFICATES:
        raise ValueError("too many certificates")
    return found


def _signing_key(leaf: x509.Certificate, path: Sequence[x509.Certificate]) -> RSAPublicKey | None:
    """The leaf's key when it is one that Amazon's rules let sign; what is missing raises ExtensionNotFound."""
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    keys = [certificate.public_key() for certificate in path]
    strong = all(key.key_size >= SMALLEST_RSA for key in keys if isinstance(key, RSAPublicKey))
    # The verifier takes *.amazon.com for a match; the platform's rule names the domain itself.
    named = NAME in {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    suited = ExtendedKeyUsageOID.SERVER_AUTH in purposes and _may_sign(leaf)
    key = leaf.public_key()
    return key if isinstance(key, RSAPublicKey) and strong and named and suited else None


def _may_sign(leaf: x509.Certificate) -> bool:
    try:
        return leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound:
        return True  # RFC 5280 section 4.2.1.3: without the extension, nothing is ruled out


def system_roots() -> list[x509.Certificate]:
    """The roots this machine trusts (SSL_CERT_FILE and SSL_CERT_DIR are heeded), or certifi's where it has none."""
    found = {certificate.fingerprint(SHA256()): certificate for certificate in _system_roots()}
    return list(found.values()) or list(_readable(_certifi()))


def _system_roots() -> Iterator[x509.Certificate]:
    # Holds what comes from one file, and the system's store on Windows; a folder's roots are only read on demand.
    held = ssl.create_default_context().get_ca_certs(binary_form=True)
    yield from _readable(held)
    folder = ssl.get_default_verify_paths().capath
    if not held and folder:
        for path in sorted(Path(folder).iterdir()):
            if path.is_file():
                yield from _readable(_pem(path))


def _pem(path: Path) -> list[bytes]:
    end = b"-----END CERTIFICATE-----"
    try:
        return [part + end for part in path.read_bytes().split(end)[:-1]]
    except OSError:
        return []


def _certifi() -> list[bytes]:
    import certifi

    return _pem(Path(certifi.where()))


def _readable(certificates: Sequence[bytes]) -> Iterator[x509.Certificate]:
    """Leaves out what cannot be read: a machine may trust a root that is malformed by today's rules."""
    for data in certificates:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                is_pem = b"-----BEGIN" in data
                yield x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
            except ValueError:
                continue
