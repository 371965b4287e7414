"""The command line, one module a command; `commands` names them all."""

from simulator.cli.commands import main

__all__ = ["main"]
