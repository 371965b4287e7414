"""The web service in a process of its own, with a given authority and Amazon's host on loopback: for tests and load.

``python -m bench.load.server --help``. It differs from ``stretch-coach serve`` in whom it trusts and whom it calls for
chains, and can serve somebody else's skill behind the same verification.
"""

import argparse
import importlib.util
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from flask import Flask, request

from webservice import adapter as adapters
from webservice.app import create_app, read_body
from webservice.chain import Trust
from webservice.compose import load_library, make_skill
from webservice.download import Downloader, tls_context
from webservice.refusal import Refused
from webservice.server import Listening, run
from webservice.settings import WebSettings
from webservice.signers import Signers
from webservice.verifier import Verifier


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    options = _parser().parse_args(arguments)
    settings = WebSettings.from_env(os.environ, options.state)
    library = load_library()

    def coach() -> Flask:
        return create_app(make_skill(settings, library), _verifier(options, settings.skill.skill_id))

    def other() -> Flask:
        return other_app(options.other, _verifier(options, settings.skill.skill_id))

    listening = Listening("127.0.0.1", options.port, options.workers, options.threads)
    return run(other if options.other else coach, listening)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.load.server", description=__doc__)
    parser.add_argument("--roots", type=Path, required=True, help="the authorities to trust, PEM")
    parser.add_argument("--amazon", type=int, required=True, metavar="PORT", help="where chains come from, on loopback")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--state", type=Path, help="the SQLite file; without it STRETCH_COACH_TABLE")
    parser.add_argument(
        "--other", type=Path, metavar="FILE", help="a module with a skill builder `sb`, to serve instead"
    )
    return parser


def _verifier(options: argparse.Namespace, skill_id: str) -> Verifier:
    trusted = x509.load_pem_x509_certificates(options.roots.read_bytes())

    def dial(seconds: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", options.amazon), timeout=seconds)

    return Verifier(skill_id, Signers(Trust(trusted), Downloader(tls_context(trusted), dial)))


def other_app(module: Path, verifier: Verifier) -> Flask:
    """A skill built with the SDK alone, behind our verification, on flask-ask-sdk as its README has it."""
    spec = importlib.util.spec_from_file_location("other_skill", module)
    assert spec is not None
    assert spec.loader is not None
    loaded: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    app = Flask("other")
    app.config[adapters.skill_adapter.VERIFY_SIGNATURE_APP_CONFIG] = False
    app.config[adapters.skill_adapter.VERIFY_TIMESTAMP_APP_CONFIG] = False
    adapter = adapters.skill_adapter.SkillAdapter(skill=loaded.sb.create(), skill_id=verifier.skill_id, app=app)

    @app.post("/")
    def turn() -> Any:
        verifier.check(request.headers.get, read_body(request))
        return adapter.dispatch_request()

    @app.get("/readyz")
    def ready() -> str:
        return ""

    @app.errorhandler(Refused)
    def refuse(refused: Refused) -> tuple[str, int]:
        return "", refused.status

    return app


if __name__ == "__main__":
    sys.exit(main())
