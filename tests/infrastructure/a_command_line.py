"""The command line in this process: everything that `evenhand` does, without another interpreter's start."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper

import pytest

from infrastructure.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, **given: object) -> Done:
    """The command, run to its end with these settings and no other ones."""
    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    returncode = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["evenhand", *arguments])
        for name in [name for name in os.environ if name.startswith(("EVENHAND_", "DATABASE_URL"))]:
            patch.delenv(name)
        for name, value in given.items():
            patch.setenv(name, str(value))
        try:
            main()
        except SystemExit as end:
            returncode = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Done(returncode, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]
