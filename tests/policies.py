"""The policies that tests decide under: those of the package, or of a folder that a run names.

Read afresh at every call and only while a test runs, never when its module is imported: so an altered policy
reaches every test that rests on it.
"""

import os
from pathlib import Path

import domain
from domain.baseline import Baseline
from domain.policy import Policy
from domain.policy_file import BaselineFile, PolicyFile, load_baseline, load_policy

PACKAGED = Path(domain.__file__).parent / "policies"
FOLDER = "EVENHAND_TEST_POLICIES"
NOT_YET = "not while tests are collected"
BASELINE = "baseline.toml"


def folder() -> Path:
    """Where the policies of this run are; RuntimeError for a module that asks while tests are collected."""
    named = os.environ.get(FOLDER)
    if named == NOT_YET:
        raise RuntimeError("Ask for a policy inside a test or fixture; one read at import cannot be altered.")
    return Path(named) if named else PACKAGED


def policy_file(landlord: str) -> PolicyFile:
    """A landlord's latest policy with its hash; LookupError when the folder has none."""
    found = max(folder().glob(f"{landlord}.*.toml"), default=None)  # ISO dates: the last name is the latest
    if found is None:
        raise LookupError(f"There is no policy of {landlord} among the tests' policies.")
    return load_policy(found.read_bytes(), found.name)


def policy(landlord: str) -> Policy:
    """A landlord's latest policy."""
    return policy_file(landlord).policy


def baseline_file() -> BaselineFile:
    """What holds for every landlord, with its hash."""
    return load_baseline((folder() / BASELINE).read_bytes(), BASELINE)


def baseline() -> Baseline:
    """What holds for every landlord."""
    return baseline_file().baseline
