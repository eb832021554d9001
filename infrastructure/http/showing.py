"""Turning what the domain holds into JSON; what is personal stays withheld until its reading was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal, TypeAlias

import msgspec
from pydantic import BaseModel

from domain.personal import Erased, Personal

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A personal value: `shown` with its text, `withheld` from this caller, or `erased` for good."""

    state: Literal["shown", "withheld", "erased"]
    text: str | None = None


def withheld(answer: object) -> bytes:
    """An answer as JSON for somebody who sees nothing personal: what `Page` makes of it, in one go.

    For dataclasses of texts, numbers, days and instants in UTC, which read models are made of.
    """
    return _WITHHELD.encode(answer)


def _withheld(value: object) -> dict[str, str | None]:
    if isinstance(value, Personal):
        return {"state": "withheld", "text": None}
    raise TypeError(f"an answer holds a {type(value).__qualname__}, which has no form in JSON")


_WITHHELD: Final = msgspec.json.Encoder(enc_hook=_withheld)


class Page:
    """An answer being put together: its parts as JSON, and the personal values that they hold, by path.

    Every personal value is withheld at first. `opened` shows those that were read, once that is on record.
    """

    def __init__(self) -> None:
        self._places: dict[str, tuple[Personal, dict[str, JSON]]] = {}

    @property
    def personal(self) -> Mapping[str, Personal]:
        """The personal values of all parts, by path."""
        return {path: value for path, (value, _) in self._places.items()}

    def opened(self, texts: Mapping[str, str | Erased]) -> None:
        """Show these texts, by path."""
        for path, text in texts.items():
            place = self._places[path][1]
            if isinstance(text, Erased):
                place["state"] = "erased"
            else:
                place.update(state="shown", text=text)

    def part(self, value: object, path: str = "") -> JSON:
        """One part of the answer; `path` leads to it, and is what an access is recorded under."""
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return str(value)  # codes are texts of a class of their own
            case Personal():
                withheld: dict[str, JSON] = {"state": "withheld", "text": None}
                self._places[path] = (value, withheld)
                return withheld
            case datetime():
                return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
            case date():
                return value.isoformat()
            case BaseModel():
                return self.part(value.model_dump(mode="python"), path)
            case Mapping():
                return {str(key): self.part(item, _joined(path, str(key))) for key, item in value.items()}
            case tuple() | list():
                return [self.part(item, _joined(path, str(place))) for place, item in enumerate(value)]
            case frozenset() | set():
                return [self.part(item) for item in sorted(value)]
            case _ if is_dataclass(value):
                return {name: self.part(item, _joined(path, name)) for name, item in _fields(value)}
            case _:
                raise TypeError(f"{path} is a {type(value).__qualname__}, which no answer holds")


def _fields(value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value):
        for field in fields(value):
            yield field.name, getattr(value, field.name)


def _joined(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
