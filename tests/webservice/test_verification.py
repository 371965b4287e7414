"""What reaches the skill, asked through real HTTP with an authority of our own."""

import http.client
import json
from typing import Any

import pytest

from bench.load.alexa_signing import PATH, AmazonHost, Certified, Hosted, headers, stamped
from simulator.device import limits
from tests.webservice.cases import Case, Maker, cases, message
from tests.webservice.conftest import Service
from webservice.refusal import Reason

CASES = list(cases())


@pytest.fixture(name="logged")
def _logged(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level("INFO", "stretch_coach.web")
    return lambda: [vars(record).get("reason") for record in caplog.records if record.name == "stretch_coach.web"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, maker: Maker, service: Service, amazon: AmazonHost, logged: Any) -> None:
    """A request that is right in everything is answered by the skill; any other gets an empty 400 or 413, and the skill
    is not called.
    """
    sent = case.make(maker)
    amazon.hosted.update(sent.hosted)
    answered = service.post(sent.body, sent.headers)
    if case.refused is None:
        assert answered.status == 200
        assert len(service.invoked) == 1
        return
    assert answered.status == (413 if case.refused is Reason.TOO_LARGE else 400)
    assert answered.body == b""
    assert service.invoked == []
    assert logged() == [case.refused.name.lower()]


def test_all_cases_of_the_issue_are_there() -> None:
    """Every rule has a case that it alone refuses, and refusals by the transport are tested with the servers."""
    by_servers = {Reason.HEADERS, Reason.LENGTH, Reason.TRUNCATED, Reason.FORWARDED}
    assert {case.refused for case in CASES} - {None} == set(Reason) - by_servers
    assert len({case.name for case in CASES}) == len(CASES)


def test_answer(service: Service, leaf: Certified) -> None:
    """The answer is the skill's own, as JSON that the platform accepts."""
    body = stamped(message())
    answered = service.post(body, headers(leaf.sign(body)))
    assert answered.headers["Content-Type"] == "application/json"
    response = json.loads(answered.body)
    assert limits.problems(response, request_type="LaunchRequest", has_screen=True) == []
    assert "stretch coach" in response["response"]["outputSpeech"]["ssml"]


def test_chain_is_downloaded_once(service: Service, amazon: AmazonHost, leaf: Certified) -> None:
    """A second request with the same chain, however its URL is spelled, needs no download."""
    for url in (
        f"https://s3.amazonaws.com{PATH}",
        f"https://S3.amazonaws.com:443{PATH}",
        "https://s3.amazonaws.com/echo.api/./echo%2Dapi-cert.pem",
    ):
        body = stamped(message())
        assert service.post(body, headers(leaf.sign(body), url)).status == 200
    assert amazon.asked == [PATH]


def test_a_bad_chain_does_not_stick(service: Service, amazon: AmazonHost, leaf: Certified) -> None:
    """After a chain that was no good, the next request downloads it anew."""
    amazon.hosted[PATH] = Hosted(b"oops")
    body = stamped(message())
    assert service.post(body, headers(leaf.sign(body))).status == 400
    amazon.hosted[PATH] = Hosted(leaf.chain)
    assert service.post(body, headers(leaf.sign(body))).status == 200


def test_signature_header_twice(service: Service, leaf: Certified) -> None:
    """Two signatures are none."""
    body = stamped(message())
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    connection.putrequest("POST", "/")
    for name, value in {**headers(leaf.sign(body)), "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.putheader("Signature-256", leaf.sign(body))
    connection.endheaders(body)
    response = connection.getresponse()
    assert (response.status, response.read()) == (400, b"")
    connection.close()
    assert service.invoked == []
