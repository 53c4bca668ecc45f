"""What ``dlboi`` does with its arguments, its warnings and its errors."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

# The rest is imported where it is needed: it takes seconds, in which Ctrl-C is to end cleanly.
from dlboi._version import __version__
from dlboi.cli._bias import add_bias
from dlboi.cli._compare import add_compare
from dlboi.cli._demo import add_demo
from dlboi.cli._explain import add_explain
from dlboi.cli._fetch import add_fetch
from dlboi.cli._info import add_info
from dlboi.cli._predict import add_predict
from dlboi.cli._tune import add_tune
from dlboi.exceptions import DivergenceError, DlboiError, DlboiWarning, DownloadError

_COMMANDS = (
    add_demo,
    add_info,
    add_compare,
    add_tune,
    add_bias,
    add_predict,
    add_explain,
    add_fetch,
)

# What was asked for could be done, and has failed; torch reports a lack of memory as RuntimeError.
_FAILURES = (DivergenceError, DownloadError, MemoryError, RuntimeError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, default=None
        What follows ``dlboi``; None takes it from the process.

    Returns
    -------
    int
        0: done; 1: the work failed, as a download or a training may; 2: an argument or a file
        cannot be used; 130: interrupted.
    """
    options = _parser().parse_args(arguments)
    os.environ.setdefault("MPLBACKEND", "Agg")  # figures go to files: open no window
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            options.run(options)
            sys.stdout.flush()
        except BrokenPipeError:  # who reads, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to flush
            return 1
        except (DlboiError, ValueError, OSError, *_FAILURES) as error:
            print(f"dlboi {options.command}: error: {error}", file=sys.stderr)
            return 1 if isinstance(error, _FAILURES) else 2
        except KeyboardInterrupt:
            message = f"\ndlboi {options.command}: interrupted, {_what_is_kept(options)}"
            print(message, file=sys.stderr)
            return 130
    return 0


def _what_is_kept(options):
    if getattr(options, "memory", None) is None:
        return options.when_interrupted
    return "the same command goes on with what the journal has"


def _show_warning(message, category, filename, lineno, file=None, line=None):
    origin = "" if issubclass(category, DlboiWarning) else f" ({filename}:{lineno})"
    print(f"dlboi: warning: {message}{origin}", file=sys.stderr)


def _parser():
    parser = argparse.ArgumentParser(
        prog="dlboi", description="Deep learning on biomedical images, the scikit-learn way."
    )
    parser.add_argument("--version", action="version", version=f"dlboi {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add_command in _COMMANDS:
        add_command(commands)
    return parser
