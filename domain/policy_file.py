"""Reading a policy file strictly: what cannot be understood is refused with the file, the key and the reason."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from domain.baseline import Baseline
from domain.policy import Policy

M = TypeVar("M", bound=BaseModel)


class PolicyRefused(Exception):
    """A policy file that cannot be taken; `problems` are lines of "file: key: reason"."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy with the hash of the very bytes that it was read from."""

    policy: Policy
    sha256: str

    @property
    def effective(self) -> date:
        """The first day on which decisions are taken under it."""
        return self.policy.document.effective.value


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """The baseline with the hash of the very bytes that it was read from."""

    baseline: Baseline
    sha256: str


def load_policy(source: bytes, name: str) -> PolicyFile:
    """The policy in `source`, the bytes of a file called `name`; raises `PolicyRefused`.

    The name must be `<landlord>.<effective date>.toml`, as the file itself says.
    """
    policy = _parsed(source, name, Policy)
    expected = f"{policy.landlord}.{policy.document.effective.value.isoformat()}.toml"
    if name != expected:
        raise PolicyRefused([f"{name}: file name: by its landlord and effective date it must be called {expected}"])
    return PolicyFile(policy=policy, sha256=hashlib.sha256(source).hexdigest())


def load_baseline(source: bytes, name: str) -> BaselineFile:
    """The baseline in `source`; raises `PolicyRefused`."""
    return BaselineFile(baseline=_parsed(source, name, Baseline), sha256=hashlib.sha256(source).hexdigest())


def _parsed(source: bytes, name: str, model: type[M]) -> M:
    try:
        data: Mapping[str, object] = tomllib.loads(source.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PolicyRefused([f"{name}: byte {error.start}: is not UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise PolicyRefused([f"{name}: is not TOML: {error}"]) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = [(p["loc"], line) for p in error.errors() for line in _reason(p["msg"]).splitlines()]
        raise PolicyRefused([f"{name}: {_key(location)}{line}" for location, line in found]) from error


def _key(location: tuple[int | str, ...]) -> str:
    """The key and a colon; nothing for what concerns the whole file, where each line names its own keys."""
    return f"{'.'.join(str(part) for part in location)}: " if location else ""


def _reason(message: str) -> str:
    if message == "Extra inputs are not permitted":
        return "is not a key that a policy has here; check its spelling"
    if message == "Field required":
        return "is missing"
    return message.removeprefix("Value error, ")
