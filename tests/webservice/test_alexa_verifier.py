"""Our verdicts beside those of the npm package alexa-verifier on the same requests; docs/self-host.md explains each
difference.
"""

import base64
import json
import os
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import certifi
import pytest

from bench.load.alexa_signing import AmazonHost, Hosted
from tests.integration.fetched import or_skip
from tests.webservice.cases import Maker, Sent, cases
from tools.dependencies import fetch
from webservice.chain import Trust, system_roots
from webservice.refusal import Reason, Refused

HERE = Path(__file__).parent / "alexa_verifier"
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "self-host.md"

HEADERS = {Reason.CONTENT_TYPE, Reason.CONTENT_ENCODING, Reason.TOO_LARGE}
"""Rules about the HTTP request; alexa-verifier is given the body alone."""

WE_REFUSE = {
    "no context", "no skill id", "wrong skill id", "two skill ids",
    "3 minutes ahead", "skill event 61 minutes ahead", "timestamp a number", "timestamp no time",
    "timestamp without zone",
    "authority nobody trusts", "no intermediate", "another intermediate", "leaf as authority", "nine certificates",
    "purpose: client only", "no purpose", "key may not sign", "RSA of 1024 bits", "chain too large",
    "path that leaves", "path that leaves, escaped", "path that leaves, slash escaped", "path with a backslash",
    "user before the host", "query", "fragment",
}  # fmt: skip
"""Requests that alexa-verifier lets pass."""
THEY_REFUSE = {"an escaped dot", "skill event 58 minutes old"}
"""Requests that we answer and alexa-verifier refuses."""


@pytest.fixture(name="modules", scope="module")
def _modules() -> Path:
    """The folder of alexa-verifier's node_modules."""
    return or_skip(lambda: fetch.npm("alexa-verifier")).parent


def test_same_verdicts_but_for_what_is_explained(
    modules: Path, maker: Maker, amazon: AmazonHost, tmp_path: Path
) -> None:
    """Each request that only one of the two lets pass is in the lists above, and each of those is on the page."""
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(maker.authority.write_root(tmp_path))}
    compared = [case for case in cases() if case.refused not in HEADERS]
    made = {case.name: case.make(maker) for case in compared}
    good = Hosted(maker.leaf.chain)
    usual = [name for name, sent in made.items() if all(hosted == good for hosted in sent.hosted.values())]
    verdicts: dict[str, str | None] = {}
    # It keeps every chain it has downloaded, so a process may see one only.
    for names in (usual, *([name] for name in made if name not in usual)):
        amazon.hosted = {path: hosted for name in names for path, hosted in made[name].hosted.items()}
        found = _verdicts(modules, amazon.port, [made[name] for name in names], environment)
        verdicts |= dict(zip(names, found, strict=True))
    assert {c.name for c in compared if c.refused and verdicts[c.name] is None} == WE_REFUSE
    assert {c.name for c in compared if not c.refused and verdicts[c.name] is not None} == THEY_REFUSE


def _verdicts(modules: Path, port: int, asked: Sequence[Sent], environment: dict[str, str]) -> list[str | None]:
    """Why alexa-verifier refuses each request, None where it does not."""
    lines = [
        {
            "url": sent.headers.get("SignatureCertChainUrl"),
            "signature": sent.headers.get("Signature-256"),
            "body": base64.b64encode(sent.body).decode(),
        }
        for sent in asked
    ]
    done = subprocess.run(
        [fetch.node(), str(HERE / "ask.mjs"), str(modules), str(port)],
        input="".join(json.dumps(line) + "\n" for line in lines),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [json.loads(line).get("refused") for line in done.stdout.splitlines()]


def test_amazons_own_chain(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain that Amazon signed with in 2023, which the package keeps for its tests, was good then by all our rules
    and public roots, and is not now.
    """
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    trust = Trust(system_roots())
    kept = modules / "node_modules" / "alexa-verifier" / "test" / "mocks" / "echo-api-cert-12.cer"
    assert trust.signer(kept.read_bytes(), datetime(2023, 6, 1, tzinfo=UTC).timestamp()).key.key_size == 2048
    with pytest.raises(Refused):
        trust.signer(kept.read_bytes(), time.time())


@pytest.mark.parametrize("name", sorted(WE_REFUSE | THEY_REFUSE))
def test_difference_is_explained(name: str) -> None:
    """The page that compares the two names every request on which they differ."""
    assert f"*{name}*" in PAGE.read_text(encoding="utf-8")
