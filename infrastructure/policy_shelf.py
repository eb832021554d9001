"""The policy files at hand: those of this release, and those of a folder that the settings name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Self

from domain.policy_file import BaselineFile, PolicyFile, PolicyRefused, load_baseline, load_policy

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

BASELINE: Final = "baseline.toml"


@dataclass(frozen=True, slots=True)
class LandlordPolicies:
    """One landlord's files, by the day on which each takes effect, and the baseline."""

    baseline: BaselineFile
    by_day: Mapping[date, PolicyFile]

    @property
    def baseline_day(self) -> date:
        """The date that the baseline is known by."""
        return date.fromisoformat(self.baseline.baseline.version)

    def file(self, effective: date) -> PolicyFile | None:
        """The file that takes effect on that day, if there is one."""
        return self.by_day.get(effective)

    def files(self) -> Sequence[PolicyFile]:
        """All of them, the earliest first."""
        return [self.by_day[day] for day in sorted(self.by_day)]

    def on(self, day: date) -> PolicyFile | None:
        """The file with the latest effective date up to a day."""
        return next((file for file in reversed(self.files()) if file.effective <= day), None)


@dataclass(frozen=True, slots=True)
class PolicyShelf:
    """Every landlord's files. `problems` are lines of "file: key: reason" by landlord; none of theirs is to be used."""

    baseline: BaselineFile
    sound: Mapping[str, Mapping[date, PolicyFile]]
    problems: Mapping[str, tuple[str, ...]]

    @classmethod
    def stocked(cls, folder: Traversable | None = None, released: Traversable | None = None) -> Self:
        """The shelf with the released files and those in `folder`. Raises `PolicyRefused` for the baseline alone.

        Any other bad file speaks against its own landlord, so that nobody else's service waits for its correction.
        """
        packaged = released or files("domain") / "policies"
        baseline = load_baseline((packaged / BASELINE).read_bytes(), BASELINE)
        sound: dict[str, dict[date, PolicyFile]] = {}
        problems: dict[str, list[str]] = {}
        for name, content in (*_policies_in(packaged), *(_policies_in(folder) if folder is not None else ())):
            landlord = name.partition(".")[0]
            try:
                if name == BASELINE:
                    _refuse_another(baseline.sha256, hashlib.sha256(content).hexdigest(), name)
                    continue
                file = load_policy(content, name)
                known = sound.setdefault(landlord, {}).setdefault(file.effective, file)
                _refuse_another(known.sha256, file.sha256, name)
            except PolicyRefused as refused:
                if name == BASELINE:
                    raise
                problems.setdefault(landlord, []).extend(refused.problems)
        for landlord in problems:
            sound.pop(landlord, None)
        return cls(baseline, sound, {landlord: tuple(lines) for landlord, lines in problems.items()})

    @property
    def landlords(self) -> tuple[str, ...]:
        """Who has policies here that can be used."""
        return tuple(sorted(landlord for landlord, by_day in self.sound.items() if by_day))

    def of(self, landlord: str) -> LandlordPolicies:
        """A landlord's files. Raises `PolicyRefused` with what is wrong with them, or when there are none."""
        if landlord in self.problems:
            raise PolicyRefused(list(self.problems[landlord]))
        if landlord not in self.landlords:
            known = ", ".join(self.landlords)
            raise PolicyRefused([f"There is no policy file of {landlord!r}; there are policies of {known}."])
        return LandlordPolicies(self.baseline, self.sound[landlord])


def _policies_in(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml") and not file.name.startswith("."):
            yield file.name, file.read_bytes()


def _refuse_another(released: str, offered: str, name: str) -> None:
    """A file of a released name may lie in the folder too, as long as it is the same one."""
    if offered == released:
        return
    remedy = "take it away" if name == BASELINE else "give the changed policy an effective date of its own"
    raise PolicyRefused([f"{name}: the file as a whole: differs from the released one of this name; {remedy}"])
