"""flask-ask-sdk on any host, through the stand-in for certvalidator."""

import importlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bench.load.alexa_signing import roots
from tests.webservice.cases import Case, Maker, cases
from webservice import certvalidator_standin as standin
from webservice.chain import Trust

ROOT = Path(__file__).resolve().parents[2]

BROKEN = """
import importlib.abc, sys
class Broken(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"oscrypto", "certvalidator"}:
            raise RuntimeError(f"{name}: Error detecting the version of libcrypto")
sys.meta_path.insert(0, Broken())
"""
"""Makes every host one on which oscrypto cannot be imported."""


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in an interpreter of its own, in which every warning is an error."""
    path = os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))
    return subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:invalid escape:SyntaxWarning", "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_where_oscrypto_does_not() -> None:
    """Where oscrypto raises on import, the adapter imports all the same, with every warning an error."""
    done = python(BROKEN + "from webservice.adapter import skill_adapter; print(skill_adapter.SkillAdapter.__name__)")
    assert (done.returncode, done.stdout.strip()) == (0, "SkillAdapter"), done.stderr


def test_without_the_standin_it_would_not() -> None:
    """The same host refuses flask-ask-sdk as released, so the test above means something."""
    done = python(BROKEN + "import flask_ask_sdk.skill_adapter")
    assert done.returncode == 1
    assert "Error detecting the version of libcrypto" in done.stderr


def test_nothing_else_sees_it() -> None:
    """After the import neither the stand-in nor oscrypto is left behind for others."""
    done = python("""
        import sys
        import webservice.adapter
        names = {"certvalidator", "certvalidator.errors", "oscrypto"} & sys.modules.keys()
        sys.exit(", ".join(names) or 0)
    """)
    assert done.returncode == 0, done.stderr


def test_a_package_that_was_there_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has imported the real package keeps it."""
    real: Any = object()
    monkeypatch.setitem(sys.modules, "certvalidator", real)
    with standin.standing_in():
        certvalidator = importlib.import_module("certvalidator")
        assert certvalidator.CertificateValidator is standin.CertificateValidator
    assert sys.modules["certvalidator"] is real
    assert "certvalidator.errors" not in sys.modules


CHAINS = {
    "right": None,
    "root sent along": None,
    "leaf expired": standin.PathError,
    "leaf not yet valid": standin.PathError,
    "wrong SAN": standin.PathError,
    "no SAN": standin.PathError,
    "purpose: client only": standin.PathError,
    "authority nobody trusts": standin.PathError,
    "no intermediate": standin.PathError,
    "leaf as authority": standin.PathError,
    "key may not sign": standin.ValidationError,
    "no key usage": standin.ValidationError,
}


@pytest.mark.parametrize("case", [case for case in cases() if case.name in CHAINS], ids=lambda case: case.name)
def test_does_its_duty(case: Case, maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts and refuses chains as the package does, and raises the package's errors."""
    from cryptography import x509

    monkeypatch.setattr(standin.CertificateValidator, "trust", Trust(roots(maker.authority)))
    leaf, *above = x509.load_pem_x509_certificates(case.chain(maker, case.leaf(maker)))
    validator = standin.CertificateValidator(
        leaf.public_bytes(Encoding.DER), [c.public_bytes(Encoding.DER) for c in above]
    )
    expected = CHAINS[case.name]
    if expected is None:
        validator.validate_usage({"digital_signature"})
    else:
        with pytest.raises(expected):
            validator.validate_usage({"digital_signature"})


def test_all_chains_were_found() -> None:
    """Each chain named above is one of the cases."""
    assert {case.name for case in cases()} >= CHAINS.keys()


def test_refuses_what_it_does_not_know() -> None:
    """Another use than the verifier asks for is an error, not a yes."""
    with pytest.raises(standin.ValidationError):
        standin.CertificateValidator(b"").validate_usage({"key_cert_sign"})


def test_garbage() -> None:
    """Bytes that are no certificate are a chain that does not build."""
    with pytest.raises(standin.PathError):
        standin.CertificateValidator(b"oops").validate_usage({"digital_signature"})
