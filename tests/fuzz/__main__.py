"""Fuzz the skill: ``python -m tests.fuzz [--runs N] [--seed N]``, guided by coverage where atheris is installed.

A request that breaks a promise is written to .cache/fuzz as JSON; once mended, it belongs into tests/requests.
"""

import argparse
import importlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOUND = ROOT / ".cache" / "fuzz"
MOST_BYTES = 40_000
"""Of a request that the fuzzer keeps and bends further; the largest are made of one as it goes out."""
REPORT_EVERY = 20_000
LARGE_EVERY, LARGE = 500, "x" * 1_000_000

Judge = Callable[[Any], None]


def main(argv: Sequence[str]) -> int:
    """Run; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000, help="how many requests to send")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same seed, the same requests")
    options = parser.parse_args(argv)
    print(f"fuzzing with seed {options.seed}, {options.runs:,} requests")
    atheris = _atheris()
    if atheris is None:
        print("atheris is not installed: random, not guided by coverage")
        return _random(options.runs, options.seed)
    return _guided(atheris, options.runs, options.seed)


def _atheris() -> Any:
    try:
        return importlib.import_module("atheris")
    except ImportError:
        return None


def _random(runs: int, seed: int) -> int:
    from content_reader.documents import load_library
    from tests.fuzz.hostile import bent, seeds
    from tests.fuzz.target import BrokenPromiseError, Target

    library = load_library()
    events, target, found = seeds(library), Target(library), 0
    for number in range(runs):
        chance = random.Random(f"{seed}.{number}")
        event = bent(chance.choice(events), events, chance)
        try:
            target.judge(event)
        except BrokenPromiseError as problem:
            found += 1
            keep(event, problem)
    print(f"{target.executions:,} requests, slowest {target.slowest * 1000:.0f} ms of CPU, {found} found")
    return 1 if found else 0


def _guided(atheris: Any, runs: int, seed: int) -> int:
    with atheris.instrument_imports(include=["stretch_coach"]):
        from stretch_coach.alexa import skill as _  # noqa: F401 - so that it is instrumented
        from tests.fuzz.hostile import bent, seeds
        from tests.fuzz.target import BrokenPromiseError, Target
    from content_reader.documents import load_library

    library = load_library()
    events, target = seeds(library), Target(library)
    corpus = ROOT / ".cache" / "fuzz-corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, event in enumerate(events):
        (corpus / f"seed-{number:03}.json").write_text(json.dumps(event), "utf-8")

    def mutate(data: bytes, most: int, number: int) -> bytes:
        chance = random.Random(number)
        event = read(data)
        try:
            text = json.dumps(
                bent(event if isinstance(event, dict) else chance.choice(events), events, chance)
            ).encode()
        except RecursionError:  # nested as deep as it can be read is too deep to be bent further
            text = b""
        return text if 0 < len(text) <= most else json.dumps(chance.choice(events)).encode()

    found = 0

    def once(data: bytes) -> None:
        nonlocal found
        event = read(data)
        if target.executions % LARGE_EVERY == 0 and isinstance(event, dict):
            event["padding"] = LARGE
        try:
            target.judge(event)
        except BrokenPromiseError as problem:
            found += 1
            keep(event, problem)
        if target.executions % REPORT_EVERY == 0:
            print(f"{target.executions:,} requests, {found} found", flush=True)
        if target.executions >= runs:
            # libFuzzer ends the process itself, and with 0, once its count is reached.
            print(f"{runs:,} requests, slowest {target.slowest * 1000:.0f} ms of CPU, {found} found", flush=True)
            os._exit(1 if found else 0)

    arguments = [
        sys.argv[0],
        f"-runs={runs}",
        f"-seed={seed % 2**31}",
        f"-max_len={MOST_BYTES}",
        "-verbosity=0",
        "-timeout=20",
        str(corpus),
    ]
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")
    atheris.Setup(arguments, once, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


def read(data: bytes) -> Any:
    """What Lambda's runtime would hand on; None for what it would not."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def keep(event: Any, problem: Exception) -> None:
    """Write down a request that breaks a promise."""
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{abs(hash(str(problem))) % 10**8:08}.json"
    path.write_text(json.dumps({"problem": str(problem)[:500], "request": event}), "utf-8")
    print(f"{path.relative_to(ROOT)}: {str(problem)[:300]}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
