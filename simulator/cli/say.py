"""``stretch-coach say``: one sentence, and the response as JSON."""

import argparse
import json
import sys

from simulator.cli.faults import told
from simulator.cli.options import DEPARTED, DONE, add_state, local_of
from simulator.device import Device, DeviceError
from simulator.device.clock import RealClock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("words", nargs="+", metavar="WORD")
    parser.add_argument("--no-screen", action="store_true", help="ask as a speaker without a screen")
    add_state(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the response; what is wrong in it, or went wrong on the way, on standard error. Raises UsageError."""
    local = local_of(options)
    clock = RealClock()
    device = Device(local.new_process(clock), local.understand, clock, locale=options.locale, apl=not options.no_screen,
                    utterance_ms=0)  # fmt: skip
    try:
        with told():
            response = device.say(" ".join(options.words))
    except DeviceError as error:
        if error.response is not None:
            print(json.dumps(error.response, indent=2, ensure_ascii=False))
        print(error, file=sys.stderr)
        return DEPARTED
    print(json.dumps(response, indent=2, ensure_ascii=False))
    return DONE
