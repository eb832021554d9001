"""What the build files promise: a pure domain, and locks that anybody can install from anywhere."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The one calendar of public holidays, the time zones behind the standard library's, and what states shapes.
WELCOME_IN_THE_DOMAIN = {"pydantic", "holidays", "tzdata"}
# Build tool of the project itself; nothing imports it while the service runs.
NEVER_IMPORTED = {"setuptools"}


def required() -> set[str]:
    """The names in requirements.in, as package indexes compare them."""
    lines = (ROOT / "requirements.in").read_text().splitlines()
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {normalised(name[0]) for name in names if name}


def normalised(name: str) -> str:
    """A distribution's name, compared as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_but_three_is_forbidden_to_the_domain() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (purity,) = (
        contract for contract in contracts if contract["type"] == "forbidden" and "domain" in contract["source_modules"]
    )
    modules = {
        module
        for module, distributions in packages_distributions().items()
        if {normalised(name) for name in distributions} & (required() - WELCOME_IN_THE_DOMAIN - NEVER_IMPORTED)
        and re.fullmatch(r"[a-z0-9]\w*", module)
    }
    assert len(modules) >= 10
    assert modules - set(purity["forbidden_modules"]) == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_everything_by_hash_and_names_no_place_to_download_from(name: str) -> None:
    lock = (ROOT / name).read_text()
    pinned = re.findall(r"^([a-z0-9][a-z0-9.-]*)==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    requirements = re.findall(r"^[^\s#-]\S*", lock, re.MULTILINE)
    assert len(pinned) == len(requirements) > 10
    assert "://" not in lock
    assert not re.search(r"^\s*--(?!hash=)", lock, re.MULTILINE)
    assert not re.search(r"(^|[\s=])/\w", lock), "a path of somebody's machine"


def test_everything_that_was_asked_for_is_in_the_lock() -> None:
    locked = re.findall(r"^([a-z0-9][a-z0-9.-]*)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert required() - set(locked) == set()
