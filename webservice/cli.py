"""``stretch-coach serve``: its arguments, and what it checks before the server's packages are imported."""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from stretch_coach.settings import SettingsError
from stretch_coach.stores.deadline import MOST_LEFT_BEHIND
from webservice.settings import WebSettings, is_loopback

PORT: Final = 8080
WORKERS: Final = 2
"""Processes."""
THREADS: Final = 4
"""Of each process."""

WARNING = """
WARNING: --insecure-local answers whoever asks, without checking that it is Alexa.
         It listens on this machine only. Never put a proxy or a tunnel in front of it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``serve``."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine, behind a proxy)")
    parser.add_argument("--port", type=_port, default=PORT, help=f"default {PORT}")
    parser.add_argument("--workers", type=_count, default=WORKERS, help=f"processes (default {WORKERS})")
    parser.add_argument("--threads", type=_threads, default=THREADS, help=f"threads of each (default {THREADS})")
    parser.add_argument("--state", type=Path, metavar="FILE", help="the SQLite file, where no DynamoDB table is set")
    parser.add_argument(
        "--insecure-local", action="store_true", help="answer unsigned requests, from this machine only"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop; raises SettingsError."""
    if options.insecure_local and not is_loopback(options.host):
        raise SettingsError(
            f"--insecure-local with --host {options.host}: it listens on loopback only. Drop one of both"
        )
    settings = WebSettings.from_env(os.environ, options.state, insecure_local=options.insecure_local)
    try:
        from webservice.server import Listening, serve
    except ImportError as error:
        raise SettingsError(f"{error.name} is not installed. `make setup-serve` installs what serve needs") from error
    if options.insecure_local:
        sys.stderr.write(WARNING)
    return serve(settings, Listening(options.host, options.port, options.workers, options.threads))


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 1 << 16:
        raise argparse.ArgumentTypeError("use a port from 1 to 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if not 0 < count <= 64:
        raise argparse.ArgumentTypeError("use 1 to 64")
    return count


def _threads(text: str) -> int:
    threads = _count(text)
    if threads > MOST_LEFT_BEHIND:  # each may have a call to the database under way, and no more may
        raise argparse.ArgumentTypeError(f"use 1 to {MOST_LEFT_BEHIND}, and more workers")
    return threads
