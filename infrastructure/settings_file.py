"""Settings that stand in a file of their own, and secrets in files that it names: read, or refused in sentences."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from infrastructure.settings import SettingsRefused


def said_in(file: Path, setting: str, problems: Callable[[Mapping[str, Any]], Iterable[str]]) -> dict[str, Any]:
    """What a TOML file says that a setting names. Raises `SettingsRefused` with all problems that are found in it."""
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingsRefused(f"{setting} names {file}, which cannot be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(f"{file} is no TOML: {error}.") from None
    if found := [*problems(said)]:
        raise SettingsRefused(*(f"{file}: {problem}" for problem in found))
    return said


def trouble_with(name: str, file: Path, *, secret: bool = True) -> str | None:
    """What is wrong with a file that is named in this field, in a sentence; None when nothing is."""
    try:
        mode, text = file.stat().st_mode, secret_in(file)
    except (OSError, UnicodeDecodeError):
        return f"{name} names a file that cannot be read."
    if not secret:
        return None
    if stat.S_IMODE(mode) & 0o077:
        return f"{name} names a file that others can read: give it mode 0600."
    return None if text else f"{name} names a file that is empty."


def secret_in(file: Path) -> str:
    """The secret in a file, without the space around it."""
    return file.read_text(encoding="utf-8").strip()
