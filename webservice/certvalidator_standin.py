"""A stand-in for the package certvalidator, so that flask-ask-sdk imports on any host.

flask-ask-sdk → ask_sdk_webservice_support.verifier → certvalidator → oscrypto, whose newest release cannot read the
version of an OpenSSL with two digits in its last part, and raises on import whether or not anything is to be verified.
The stand-in has the few names that the verifier imports, with the same duties, over `cryptography`'s path validation.
It is put in place for that one import and taken away again, so nothing else in the process sees it.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Final

from cryptography import x509
from cryptography.x509.verification import VerificationError

from webservice.chain import Trust, system_roots

PACKAGE: Final = "certvalidator"
USAGES: Final = frozenset({"digital_signature"})
"""What a certificate can be asked for; the verifier asks for no more."""


class ValidationError(Exception):
    """The certificate may not do what it is asked for."""


class PathError(Exception):
    """No path leads from the certificate to a trusted root."""


class CertificateValidator:
    """One leaf and its intermediates, each in DER."""

    trust: Trust | None = None
    """Roots in place of the system's, for tests."""

    def __init__(self, end_entity_cert: bytes, intermediate_certs: Sequence[bytes] = ()) -> None:
        self._leaf = end_entity_cert
        self._intermediates = intermediate_certs

    def validate_usage(self, key_usage: set[str]) -> None:
        """Raise PathError when the chain is not to be trusted now, ValidationError when the key has another use."""
        if not key_usage <= USAGES:
            raise ValidationError("asked for a use that is not known here")
        try:
            leaf = x509.load_der_x509_certificate(self._leaf)
            intermediates = [x509.load_der_x509_certificate(der) for der in self._intermediates]
            (self.trust or _system_trust()).path(leaf, intermediates, time.time())
            usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        except (TypeError, ValueError, VerificationError) as error:
            raise PathError(str(error)) from error
        except x509.ExtensionNotFound as error:
            raise ValidationError("the certificate does not say what its key is for") from error
        if not usage.digital_signature:
            raise ValidationError("the certificate's key may not sign")


@cache
def _system_trust() -> Trust:
    return Trust(system_roots())


@contextmanager
def standing_in() -> Iterator[None]:
    """Let `import certvalidator` find the stand-in inside the block."""
    package, errors = ModuleType(PACKAGE), ModuleType(f"{PACKAGE}.errors")
    package.__dict__.update(CertificateValidator=CertificateValidator, errors=errors)
    errors.__dict__.update(ValidationError=ValidationError, PathError=PathError)
    ours = {module.__name__: module for module in (package, errors)}
    before = {name: sys.modules[name] for name in ours if name in sys.modules}
    sys.modules.update(ours)
    try:
        yield
    finally:
        for name in ours:
            sys.modules.pop(name, None)
        sys.modules.update(before)
