"""Requests that differ from a good one in one thing each, for our verifier and for other people's."""

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.x509.oid import ExtendedKeyUsageOID

from bench.load.alexa_signing import DAY, PATH, URL, Authority, Certified, Hosted, Leaf, headers, pem, rsa_key, stamped
from webservice.app import MOST_BODY_BYTES
from webservice.refusal import Reason

REQUESTS: Final = Path(__file__).parents[1] / "requests"
OTHER_PATH: Final = "/echo.api/other.pem"


@dataclass(frozen=True)
class Sent:
    """A request as it goes out, and what Amazon's host has for it."""

    body: bytes
    headers: Mapping[str, str]
    hosted: Mapping[str, Hosted]


class Maker:
    """The authorities that sign; making their keys takes a moment."""

    def __init__(self) -> None:
        self.authority = Authority()
        self.stranger = Authority("Stranger")
        self.leaf = self.authority.leaf()


def message(name: str = "launch") -> dict[str, Any]:
    """A request as Alexa sends it."""
    request: dict[str, Any] = json.loads((REQUESTS / f"{name}.json").read_text())["request"]
    return request


def launch() -> bytes:
    """A good body, of now."""
    return stamped(message())


Header = Callable[[Certified, bytes], str]
"""The signing certificate and the body → a header's value."""


@dataclass(frozen=True)
class Case:
    """How one request differs from a good one, and which rule refuses it (None: it is answered)."""

    name: str
    refused: Reason | None
    body: Callable[[], bytes] = launch
    leaf: Callable[[Maker], Certified] = lambda maker: maker.leaf
    url: str = URL
    chain: Callable[[Maker, Certified], bytes] = lambda _, leaf: leaf.chain
    headers: Mapping[str, str | Header | None] = field(default_factory=dict)
    """In place of the good ones; None leaves a header out."""
    hosted: Callable[[bytes], Mapping[str, Hosted]] = lambda chain: {PATH: Hosted(chain)}

    def make(self, maker: Maker) -> Sent:
        """The request, signed at this moment."""
        leaf, body = self.leaf(maker), self.body()
        wanted: dict[str, str | Header | None] = {**headers(leaf.sign(body), self.url), **self.headers}
        made = {name: value(leaf, body) if callable(value) else value for name, value in wanted.items()}
        sent = {name: value for name, value in made.items() if value is not None}
        return Sent(body, sent, self.hosted(self.chain(maker, leaf)))


def cases() -> Iterator[Case]:
    """All of them."""
    yield Case("right", None)
    yield from _headers()
    yield from _urls()
    yield from _leaves()
    yield from _chains()
    yield from _bodies()
    yield from _times()
    yield from _skills()


def _headers() -> Iterator[Case]:
    def sha1(leaf: Certified, body: bytes) -> str:
        return leaf.sign(body, SHA1())

    yield Case("no chain URL", Reason.CHAIN_URL, headers={"SignatureCertChainUrl": None})
    wrong: Mapping[str, tuple[str | Header | None, Reason]] = {
        "no signature": (None, Reason.SIGNATURE_HEADER),
        "SHA-1 in the SHA-256 header": (sha1, Reason.SIGNATURE),
        "signature not base64": ("!!!", Reason.SIGNATURE_HEADER),
        "signature empty": ("", Reason.SIGNATURE_HEADER),
        "signature cut short": (lambda leaf, body: leaf.sign(body)[:88], Reason.SIGNATURE),
        "signature of another body": (lambda leaf, _: leaf.sign(b"{}"), Reason.SIGNATURE),
        "signature too long": ("QUJD" * 300, Reason.SIGNATURE_HEADER),
    }
    for name, (value, reason) in wrong.items():
        yield Case(name, reason, headers={"Signature-256": value})
    yield Case("SHA-1 header only", Reason.SIGNATURE_HEADER, headers={"Signature": sha1, "Signature-256": None})
    types: Mapping[str, tuple[str | None, Reason | None]] = {
        "text instead of JSON": ("text/plain", Reason.CONTENT_TYPE),
        "form": ("application/x-www-form-urlencoded", Reason.CONTENT_TYPE),
        "no content type": (None, Reason.CONTENT_TYPE),
        "another charset": ("application/json; charset=iso-8859-1", Reason.CONTENT_TYPE),
        "no charset": ("application/json", None),
    }
    for name, (value, refused) in types.items():
        yield Case(name, refused, headers={"Content-Type": value})


def _urls() -> Iterator[Case]:
    host = "https://s3.amazonaws.com"
    good = {
        "port 443 named": f"{host}:443{PATH}",
        "scheme and host in capitals": f"HTTPS://S3.AmazonAWS.com{PATH}",
        "dots that stay in the folder": f"{host}/echo.api/../echo.api/echo-api-cert.pem",
        "an escaped dot": f"{host}/echo%2eapi/echo-api-cert.pem",
    }
    bad = {
        "wrong host": f"https://s3.amazonaws.com.example.org{PATH}",
        "another Amazon host": f"https://s3-eu-west-1.amazonaws.com{PATH}",
        "host with a dot after it": f"https://s3.amazonaws.com.{PATH}",
        "host as user": f"https://s3.amazonaws.com@example.org{PATH}",
        "user before the host": f"https://u:p@s3.amazonaws.com{PATH}",
        "wrong port": f"{host}:563{PATH}",
        "port no number": f"{host}:abc{PATH}",
        "wrong scheme": f"http://s3.amazonaws.com{PATH}",
        "wrong path": f"{host}/invalid.path/echo-api-cert.pem",
        "wrong path case": f"{host}/EcHo.aPi/echo-api-cert.pem",
        "path that leaves": f"{host}/echo.api/../evil/echo-api-cert.pem",
        "path that leaves, escaped": f"{host}/echo.api/%2e%2e/evil/echo-api-cert.pem",
        "path that leaves, slash escaped": f"{host}/echo.api/..%2fevil/echo-api-cert.pem",
        "path with a backslash": f"{host}/echo.api/..\\evil\\echo-api-cert.pem",
        "query": f"{URL}?x=1",
        "fragment": f"{URL}#x",
        "no URL at all": "echo-api-cert.pem",
        "URL too long": f"{host}/echo.api/{'x' * 600}.pem",
        "broken address": f"https://[::1{PATH}",
    }
    for name, url in good.items():
        yield Case(name, None, url=url)
    for name, url in bad.items():
        yield Case(name, Reason.CHAIN_URL, url=url, hosted=_anywhere)


def _anywhere(chain: bytes) -> Mapping[str, Hosted]:
    """The good chain wherever a reader of a bad URL may look for it."""
    names = ("invalid.path", "EcHo.aPi", "evil", "echo.api/../evil", "echo.api/%2e%2e/evil", "echo.api/..%2fevil")
    paths = [PATH, f"{PATH}?x=1", *(f"/{name}/echo-api-cert.pem" for name in names)]
    return {path: Hosted(chain) for path in (*paths, "/echo.api/..%2fevil/echo-api-cert.pem")}


def _leaves() -> Iterator[Case]:
    bad = {
        "leaf expired": Leaf(begins=-30 * DAY, ends=-DAY),
        "leaf not yet valid": Leaf(begins=DAY, ends=30 * DAY),
        "wrong SAN": Leaf(names=("echo-api.amazon.com.example.org",)),
        "wildcard SAN": Leaf(names=("*.amazon.com",)),
        "no SAN": Leaf(names=()),
        "purpose: client only": Leaf(purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
        "no purpose": Leaf(purposes=()),
        "key may not sign": Leaf(uses=frozenset({"key_encipherment"})),
        "RSA of 1024 bits": Leaf(key=lambda: rsa_key("small", 1024)),
        "elliptic curve": Leaf(key=lambda: ec.generate_private_key(ec.SECP256R1())),
    }
    good = {
        "RSA of 3072 bits": Leaf(key=lambda: rsa_key("large", 3072)),
        "no key usage": Leaf(uses=None),
        "two names": Leaf(names=("another.example.org", "echo-api.amazon.com")),
    }
    for name, leaf in bad.items():
        yield Case(name, Reason.CHAIN, leaf=lambda maker, leaf=leaf: maker.authority.leaf(leaf))  # type: ignore[misc]
    for name, leaf in good.items():
        yield Case(name, None, leaf=lambda maker, leaf=leaf: maker.authority.leaf(leaf))  # type: ignore[misc]


def _chains() -> Iterator[Case]:
    yield Case("authority nobody trusts", Reason.CHAIN, leaf=lambda maker: maker.stranger.leaf())
    yield Case("leaf as authority", Reason.CHAIN, leaf=lambda maker: maker.authority.leaf(Leaf(), maker.leaf))
    bad: Mapping[str, Callable[[Maker, Certified], bytes]] = {
        "no intermediate": lambda _, leaf: pem(leaf.certificate),
        "another intermediate": lambda maker, leaf: pem(leaf.certificate, *maker.stranger.leaf().above),
        "no chain": lambda *_: b"",
        "chain no PEM": lambda *_: b"<html>oops</html>",
        "chain of damaged PEM": lambda _, leaf: leaf.chain.replace(b"MII", b"MIX", 1),
        "nine certificates": lambda _, leaf: leaf.chain + 7 * pem(leaf.certificate),
    }
    for name, chain in bad.items():
        yield Case(name, Reason.CHAIN, chain=chain)
    yield Case("root sent along", None, chain=lambda maker, leaf: leaf.chain + pem(maker.authority.root.certificate))
    yield Case("chain too large", Reason.DOWNLOAD, chain=lambda _, leaf: leaf.chain + b"\n" * 70_000)
    yield Case("chain not there", Reason.DOWNLOAD, hosted=lambda _: {PATH: Hosted(status=404)})
    moved = Hosted(status=302, headers=(("Location", OTHER_PATH),))
    yield Case("redirect", Reason.DOWNLOAD, hosted=lambda chain: {PATH: moved, OTHER_PATH: Hosted(chain)})


def _bodies() -> Iterator[Case]:
    bad: Mapping[str, tuple[Callable[[], bytes], Reason]] = {
        "empty body": (lambda: b"", Reason.JSON),
        "not JSON": (lambda: b"Alexa, open the coach", Reason.JSON),
        "JSON cut short": (lambda: launch()[:-40], Reason.JSON),
        "JSON list": (lambda: b"[1, 2]", Reason.JSON),
        "JSON null": (lambda: b"null", Reason.JSON),
        "JSON with NaN": (lambda: launch().replace(b'"version": "1.0"', b'"version": NaN'), Reason.JSON),
        "not UTF-8": (lambda: launch().replace(b"en-US", b"en-\xff\xfe"), Reason.JSON),
        "nested too deep": (lambda: b"[" * 60_000, Reason.JSON),
        "a number with 5000 digits": (lambda: b'{"n": ' + b"9" * 5000 + b"}", Reason.JSON),
        "no request": (lambda: b"{}", Reason.TIMESTAMP),
        "huge": (lambda: launch()[:-1] + b" " * MOST_BODY_BYTES + b"}", Reason.TOO_LARGE),
        "compressed and not said": (lambda: gzip.compress(launch()), Reason.JSON),
    }
    for name, (body, reason) in bad.items():
        yield Case(name, reason, body)
    yield Case("compressed", Reason.CONTENT_ENCODING, lambda: gzip.compress(launch()), headers=_GZIP)
    yield Case("tampered body", Reason.SIGNATURE, headers={"Signature-256": _signature_before_tampering})
    yield Case("space added", Reason.SIGNATURE, headers={"Signature-256": lambda leaf, body: leaf.sign(body[:-1])})


_GZIP: Final = {"Content-Encoding": "gzip"}


def _signature_before_tampering(leaf: Certified, body: bytes) -> str:
    return leaf.sign(body.replace(b"amzn1.ask.account.TEST", b"amzn1.ask.account.OTHER"))


def _times() -> Iterator[Case]:
    ages: Mapping[str, tuple[str, float, bool]] = {
        "2 minutes old": ("launch", -120, True),
        "3 minutes old": ("launch", -180, False),
        "2 minutes ahead": ("launch", 120, True),
        "3 minutes ahead": ("launch", 180, False),
        "a year old": ("launch", -31_536_000, False),
        "skill event 58 minutes old": ("skill-enabled", -3480, True),
        "skill event 61 minutes old": ("skill-enabled", -3660, False),
        "skill event 61 minutes ahead": ("skill-enabled", 3660, False),
    }
    for name, (request, seconds, answered) in ages.items():
        refused = None if answered else Reason.TIMESTAMP
        yield Case(name, refused, lambda request=request, seconds=seconds: _aged(request, seconds))  # type: ignore[misc]
    odd: Mapping[str, Callable[[], object]] = {
        "no timestamp": lambda: None,
        "timestamp a number": lambda: round(time.time() * 1000),
        "timestamp empty": lambda: "",
        "timestamp no time": lambda: "soon",
        "timestamp without zone": lambda: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
    }
    for name, value in odd.items():
        yield Case(name, Reason.TIMESTAMP, lambda value=value: _stamped_with(value()))  # type: ignore[misc]


def _aged(request: str, seconds: float) -> bytes:
    return stamped(message(request), time.time() + seconds)


def _stamped_with(value: object) -> bytes:
    changed = message()
    return json.dumps({**changed, "request": {**changed["request"], "timestamp": value}}).encode()


def _skills() -> Iterator[Case]:
    for name, request in {
        "wrong skill id": "wrong-application-id",
        "two skill ids": "two-application-ids",
        "no context": "no-context",
    }.items():
        yield Case(name, Reason.SKILL_ID, lambda request=request: _aged(request, 0))  # type: ignore[misc]
    yield Case("no skill id", Reason.SKILL_ID, _nameless)


def _nameless() -> bytes:
    changed = message()
    del changed["context"]["System"]["application"]
    return stamped(changed)
