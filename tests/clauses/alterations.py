"""Altering one value of a policy into another that the policy could have had, to see which test notices."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from domain.calendar import Period
from domain.policy import Policy, known_values
from domain.policy_file import PolicyRefused, load_policy
from tests.clauses import value_at

Document = dict[str, Any]

CITATION = frozenset({"clause", "source", "strength", "reading", "rank_source"})
PROSE = frozenset({"title", "says", "asks", "means", "prompt", "name", "system", "to"})
NAMING_ROLES = frozenset(
    {"by", "own_area", "delegates", "heard_by", "role", "roles", "signed_by", "appointed_by", "consults"}
    | {"keeper", "maintainer", "breach_reported_to"}
)


class CannotAlterError(Exception):
    """No other value at this path makes a policy that loads; name a value inside it, or another one."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """A policy file in which one value is another: its name and bytes, and what was done, in words."""

    path: str
    done: str
    name: str
    source: bytes


def alter(source: bytes, path: str) -> Alteration:
    """The first alteration of the value at `path` with which the policy still loads; CannotAlterError if none does.

    An entry of a catalogue is left out; where others refer to it, they refer to another one. A value becomes
    another of its kind. KeyError when there is nothing at `path`.
    """
    original = tomllib.loads(source.decode("utf-8"))
    value_at(original, path)
    for done, document in _candidates(original, path):
        _say_silences(document)
        name = f"{document['landlord']}.{document['document']['effective']['is']}.toml"
        altered = as_toml(document).encode("utf-8")
        try:
            load_policy(altered, name)
        except PolicyRefused:
            continue
        return Alteration(path=path, done=done, name=name, source=altered)
    raise CannotAlterError(f"{path} cannot be altered into another valid policy")


def as_toml(document: Mapping[str, Any]) -> str:
    """A policy file in TOML, one line for each key at its top."""
    return "".join(f"{key} = {_written(value)}\n" for key, value in document.items())


def _written(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key} = {_written(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(_written(inner) for inner in value) + "]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False)  # strings, numbers and truth are written alike


def _candidates(original: Document, path: str) -> Iterator[tuple[str, Document]]:
    value = value_at(original, path)
    if not isinstance(value, dict):
        yield from _changed(original, path)
        yield _without(original, path)
    elif "is" in value:
        yield from _changed(original, f"{path}.is")
        yield _without(original, path)
    elif CITATION & value.keys():
        yield _without(original, path)
        yield from _merged(original, path)
        for key in sorted(value.keys() - CITATION, key=lambda key: (key in PROSE, key)):
            yield from _candidates(original, f"{path}.{key}")


def _without(original: Document, path: str) -> tuple[str, Document]:
    document = deepcopy(original)
    parent, _, key = path.rpartition(".")
    del (value_at(document, parent) if parent else document)[key]
    return f"{path} left out", document


def _changed(original: Document, path: str) -> Iterator[tuple[str, Document]]:
    parent, _, key = path.rpartition(".")
    before = value_at(original, path)
    for after in _others(before, original):
        document = deepcopy(original)
        value_at(document, parent)[key] = after
        yield f"{path}: {_written(before)} became {_written(after)}", document


def _merged(original: Document, path: str) -> Iterator[tuple[str, Document]]:
    """A category or role left out, and another one in its place wherever it was named."""
    section, _, gone = path.rpartition(".")
    keys = {"categories": frozenset({"category"}), "roles": NAMING_ROLES}.get(section)
    if keys is None:
        return
    for instead in original[section]:
        if instead != gone:
            _, document = _without(original, path)
            _rename(document, keys, gone, instead)
            yield f"{path} left out, with {instead} in its place", document


def _rename(node: Document, keys: frozenset[str], gone: str, instead: str) -> None:
    for key, inner in node.items():
        named = key in keys
        if isinstance(inner, dict):
            if named and "is" in inner:
                _rename(inner, frozenset({"is"}), gone, instead)
            else:
                _rename(inner, keys, gone, instead)
        elif named and isinstance(inner, list):
            node[key] = [instead if name == gone else name for name in inner]
        elif named and inner == gone:
            node[key] = instead


def _others(value: object, document: Document) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1)
        case date():
            yield from (value + timedelta(days=365), value - timedelta(days=365))
        case list():
            if len(value) > 1:
                yield value[:-1]
            for index, inner in enumerate(value):
                yield from ([*value[:index], other, *value[index + 1 :]] for other in _others(inner, document))
            yield []
        case str():
            yield from _other_words(value, document)


def _other_words(value: str, document: Document) -> Iterator[str]:
    try:
        period = Period.parse(value)
    except ValueError:
        pass
    else:
        yield str(Period(period.count + 1, period.unit))
    named_in_the_file = (tuple(document[key]) for key in ("roles", "categories", "measures"))
    for codes in (*named_in_the_file, *closed_lists()):
        if value in codes:
            yield from (code for code in codes if code != value)
    yield from (f"{value} (altered)", f"{value}_altered")


@lru_cache(maxsize=1)  # the model does not change while we run
def closed_lists() -> tuple[tuple[str, ...], ...]:
    """Every closed list of codes from which a policy can choose, always in the same order."""
    found: set[tuple[str, ...]] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("enum"), list):
                found.add(tuple(sorted(node["enum"])))
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(Policy.model_json_schema())
    return tuple(sorted(found))


def _say_silences(document: Document) -> None:
    """List as silent exactly what is absent, so that leaving a value out is a policy that never had it."""
    absent = []
    for path in known_values():
        try:
            value = value_at(document, path)
        except KeyError:
            value = {}
        if value == {}:
            absent.append(path)
    document["silent"] = sorted(absent)
