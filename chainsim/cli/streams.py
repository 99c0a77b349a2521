"""What the command line meets on odd machines: closed or narrow streams, pipes that end early, being told to stop.

Nothing that goes wrong with what is *told* may cost what was *done*: a letter that the terminal lacks is replaced, a
closed stream swallows, and a reader that has gone away ends the printing, not the run.
"""

from __future__ import annotations

import codecs
import os
import sys
from typing import IO, Any

import typer

from chainsim.runs.told_to_stop import termination as termination

PLAIN = {"−": "-", "–": "-", "—": "-", "…": "...", "≤": "<=", "≥": ">=", "×": "x", "→": "->", "·": "."}
"""What stands for a sign where the encoding of a stream lacks it; any other letter becomes a question mark."""


def plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    """Error handler of a codec: letters that it lacks, as near as it comes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter, "?") for letter in lacking), error.end


def prepare_streams() -> None:
    """Make standard streams fit to be written to, whatever they are; before anything else opens a file.

    A stream that is closed would leave its number to the next file that is opened, and its messages would end there.
    """
    codecs.register_error("chainsim.plain", plain_letters)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for all time
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="chainsim.plain")


def prepare_environment() -> None:
    """Compute in one thread, draw without a window, and end in order when told to stop.

    Threads for matrices of some twenty rows only cost. Commands draw into files: what a user's environment says of
    windows is not theirs, and may not even be there.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ["MPLBACKEND"] = "agg"
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        typer.echo("NUMBA_DISABLE_JIT: nothing is compiled; runs give the same and take many times longer", err=True)
    termination.listen()


def abandon(stream: IO[str]) -> None:
    """Send what is still to be written to a stream whose reader has gone away nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_full(stream: IO[str]) -> bool:
    """Whether a stream takes nothing any more, not even the end of a line, as a file on a full disk does not.

    Nothing else is sent to one that is full.
    """
    try:
        stream.write("\n")
        stream.flush()
    except OSError:
        abandon(stream)
        return True
    return False


def told(error: Exception) -> str:
    """The message of an expected error; of a bare error of the system, its file or stream and the reason."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    if error.filename:
        return f"{error.filename}: {error.strerror}"
    full = is_full(sys.stdout)
    return f"standard output: {error.strerror}; what was saved before stands" if full else error.strerror


def show(sheet: Any, width: int | None = None) -> None:
    """Print a sheet of rich; the library itself would end the process where a pipe has ended."""
    from rich.console import Console

    console = Console(width=width)
    with console.capture() as drawn:
        console.print(sheet)
    typer.echo(drawn.get(), nl=False)
