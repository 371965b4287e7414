"""``stretch-coach serve``: what it asks for before it starts, and what it trusts."""

import os
import ssl
import subprocess
import sys
import time
from pathlib import Path

import certifi
import pytest

from bench.load.web_process import free_port
from simulator import cli
from stretch_coach.settings import SettingsError
from tests.webservice.cases import Maker, launch
from tests.webservice.conftest import send
from webservice import chain
from webservice.settings import WebSettings, is_loopback

ROOT = Path(__file__).resolve().parents[2]
SKILL = {"STRETCH_COACH_SKILL_ID": "amzn1.ask.skill.1"}


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `stretch-coach serve` says when it will not start."""
    assert cli.main(["serve", *arguments]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "coach.example.org", ""])
def test_insecure_is_for_loopback(capsys: pytest.CaptureFixture[str], host: str) -> None:
    """Signatures are never switched off where others can reach the server."""
    assert "loopback only" in refusal(capsys, "--insecure-local", "--host", host)


def test_a_skill_id_is_needed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the skill's id it does not start."""
    monkeypatch.delenv("STRETCH_COACH_SKILL_ID", raising=False)
    assert "STRETCH_COACH_SKILL_ID" in refusal(capsys)


def test_one_place_for_state(tmp_path: Path) -> None:
    """A table and a file at once are a mistake; a table alone means no file; neither means a file of the user's."""
    file = tmp_path / "state.db"
    with pytest.raises(SettingsError, match="both set"):
        WebSettings.from_env({**SKILL, "STRETCH_COACH_TABLE": "t", "STRETCH_COACH_STATE_FILE": str(file)})
    assert WebSettings.from_env({**SKILL, "STRETCH_COACH_TABLE": "t"}).state_file is None
    assert WebSettings.from_env({**SKILL, "STRETCH_COACH_STATE_FILE": str(file)}).state_file == file
    default = WebSettings.from_env({**SKILL, "XDG_DATA_HOME": str(tmp_path)}).state_file
    assert default == tmp_path / "stretch-coach" / "web.db"
    with pytest.raises(SettingsError, match="folder"):
        WebSettings.from_env(SKILL, tmp_path)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
        ("::", False), ("localhost.example.org", False), ("", False), ("127.1", False),
    ],
)  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    """Only names and addresses that can mean nothing but this machine count."""
    assert is_loopback(host) is loopback


def test_serves(tmp_path: Path) -> None:
    """The command starts, warns, answers an unsigned request in the local mode, refuses one with a forwarding header,
    and stops when told to.
    """
    port = free_port()
    command = [sys.executable, "-m", "simulator.cli", "serve", "--insecure-local"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1", "--state", str(tmp_path / "web.db")],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        until_ready(port)
        headers = {"Content-Type": "application/json"}
        assert send(port, "POST", "/", launch(), headers).status == 200
        assert send(port, "POST", "/", launch(), {**headers, "X-Forwarded-For": "203.0.113.7"}).status == 400
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert "WARNING: --insecure-local" in (tmp_path / "log").read_text()


def until_ready(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(600):
        try:
            if send(port, "GET", "/readyz", None, {}).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail("it did not start")


def test_wsgi_object(tmp_path: Path) -> None:
    """`webservice.wsgi:app` is the app for any server, and verifies whatever the environment says."""
    code = (
        "from webservice.wsgi import app\n"
        "client = app.test_client()\n"
        "print(client.get('/readyz').status_code, client.post('/', json={}).status_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            **SKILL,
            "PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT))),
            "STRETCH_COACH_STATE_FILE": str(tmp_path / "web.db"),
            "STRETCH_COACH_INSECURE_LOCAL": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["200", "400"], done.stderr


def test_roots_of_the_system(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The roots are those of the machine, which an administrator can set for OpenSSL."""
    monkeypatch.setenv("SSL_CERT_FILE", str(maker.authority.write_root(tmp_path)))
    assert chain.system_roots() == [maker.authority.root.certificate]


def test_roots_of_a_folder(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of roots is read, whatever else lies in it, and each root once."""
    for number in range(2):
        maker.authority.write_root(tmp_path).rename(tmp_path / f"{number}.pem")
    (tmp_path / "README").write_text("-----BEGIN CERTIFICATE-----\noops\n-----END CERTIFICATE-----\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert chain.system_roots() == [maker.authority.root.certificate]


def test_roots_of_certifi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without roots uses certifi's, Amazon's among them."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "missing"))
    names = [root.subject.rfc4514_string() for root in chain.system_roots()]
    assert any("Amazon Root CA 1" in name for name in names)
    assert len(names) <= len(ssl.create_default_context(cafile=certifi.where()).get_ca_certs())
