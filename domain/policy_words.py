"""A policy in plain English, value by value with its clause: what a landlord signs off and an officer looks up."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from domain.calendar import last_day
from domain.codes import RoleCode
from domain.events.parts import PolicyRef
from domain.policy import Cited, Policy, Ruled, Source, Strict
from domain.policy_terms import KEYS, SECTIONS, VALUES

WIDTH: Final = 100  # columns of a screen
CODE: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
CITATION: Final = re.compile(r"\[[^\]]*\]$")
HEADS: Final = ("title", "name", "says", "asks")  # what an entry is called, or says, comes first
NO_BREAK: Final = "\u00a0"


def show(policy: Policy, ref: PolicyRef, today: date) -> str:
    """The whole policy as text for a screen of 100 columns, under the hashes of the files that it comes from."""
    lines = [*words(policy, today), "", f"Policy file: {ref.sha256}", f"Baseline file: {ref.baseline_sha256}"]
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def words(policy: Policy, today: date) -> Iterator[str]:
    """The policy line by line, indented by depth; a value ends with its clause, its strength and its source."""
    yield f"{policy.name}: {policy.document.title}"
    due = review_due(policy)
    if due is not None and due < today:
        yield f"This policy is past its review date, still in force (review was due by {_day(due)})."
    for heading, keys in SECTIONS:
        lines = [line for key in keys for line in _told(policy, key, len(keys) > 1)]
        if lines:
            yield from ("", heading, *lines)
    yield from ("", "What the text does not say (the baseline holds there)")
    for path in policy.silent:
        section, _, key = path.partition(".")
        yield f"  {_key(section)}: {_lowered(_key(path))}" if key else f"  {_key(path)}"


def review_due(policy: Policy) -> date | None:
    """The last day by which the policy itself is to be looked at again; None when its text names none."""
    document = policy.document
    if document.review_due is None and document.reviewed_every is not None:
        return last_day(document.effective.value, document.reviewed_every.value, policy.nation)
    return document.review_due.value if document.review_due else None


def _told(policy: Policy, key: str, subheading: bool) -> Iterator[str]:
    """Everything under one key of the file; grounds stand under their categories."""
    value = getattr(policy, key)
    if key == "grounds":
        for code, category in policy.categories.items():
            yield from _entry(policy, "categories", "", category, 1)
            for ground in policy.grounds.values():
                if ground.category == code:
                    yield from _entry(policy, key, "", ground, 2)
    elif isinstance(value, Mapping) and not subheading:
        for code, entry in value.items():
            yield from _value(policy, key, _words(policy, key, code), entry, 1)
    else:
        yield from _value(policy, key, _key(key), value, 1)


def _value(policy: Policy, path: str, label: str, value: object, depth: int) -> Iterator[str]:
    """One value of any kind, `path` being the keys that lead to it without the codes between them."""
    if value is None or value == {}:
        return
    if isinstance(value, Cited):
        yield from _entry(policy, path, label, value, depth)
    elif isinstance(value, Strict):
        for name in type(value).model_fields:
            inner = f"{path}.{name}"
            yield from _value(policy, inner, _key(inner), getattr(value, name), depth)
    elif isinstance(value, Mapping):
        yield "  " * depth + label
        for code, entry in value.items():
            yield from _value(policy, path, _words(policy, path, code), entry, depth + 1)
    else:
        yield f"{'  ' * depth}{_capital(label)}: {_words(policy, path, value)}"


def _entry(policy: Policy, path: str, label: str, entry: Cited, depth: int) -> Iterator[str]:
    """What a clause stands behind in one line, and below it what other clauses stand behind."""
    own = {name: getattr(entry, name) for name in type(entry).model_fields if name not in Cited.model_fields}
    below = {name: v for name, v in own.items() if isinstance(v, BaseModel | Mapping)}
    plain = {name: v for name, v in own.items() if name not in below and v not in (None, (), False)}
    if isinstance(entry, Ruled):
        parts, plain = [f"{_capital(label)}: {_words(policy, path, entry.value)}"], {}
    else:
        head = next((name for name in HEADS if isinstance(plain.get(name), str)), None)
        text = plain.pop(head) if head else ""
        parts = [text if head in ("title", "name") else f"{_capital(label)}: {text}".removesuffix(": ")]
    parts += [_detail(policy, f"{path}.{name}", entry, v) for name, v in plain.items() if _is_shown(name)]
    parts += [f"We read it so: {entry.reading}"] if entry.reading else []
    sentences = " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts)
    yield f"{'  ' * depth}{sentences} {_cited(entry)}"
    for name, value in below.items():
        inner = f"{path}.{name}"
        yield from _value(policy, inner, _key(inner), value, depth + 1)


def _is_shown(name: str) -> bool:
    return name != "category" and not name.endswith("_source")


def _detail(policy: Policy, path: str, entry: Cited, value: object) -> str:
    """A further key of an entry; one with a source of its own is marked with it."""
    if value is True:
        return _key(path)
    source = getattr(entry, f"{path.rpartition('.')[2]}_source", Source.POLICY)
    mark = "" if source is Source.POLICY else f" ({source})"
    return f"{_key(path)}: {_words(policy, path, value)}{mark}"


def _cited(entry: Cited) -> str:
    parts = [f"clause {entry.clause}"] if entry.clause else []
    parts += [entry.strength] if entry.source is Source.POLICY else [entry.strength, entry.source]
    return f"[{', '.join(parts)}]"


def _key(path: str) -> str:
    """A key in words, the longest known end of its path first."""
    first, last = path.partition(".")[0], path.rpartition(".")[2]
    return KEYS.get(f"{first}.{last}") or KEYS.get(last) or _capital(last.replace("_", " "))


def _words(policy: Policy, path: str, value: object) -> str:
    """A value in words: a role by its title, a code without its underscores, everything else as it is."""
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return _day(value)
        case tuple():
            return "; ".join(_words(policy, path, each) for each in value)
        case StrEnum():
            return VALUES.get(type(value), {}).get(value) or value.replace("_", " ")
        case str() if value in policy.roles:
            return policy.roles[RoleCode(value)].title
        case str() if value in policy.measures and path == "warning.initial_measures":
            return policy.measures[value].title
        case str() if CODE.fullmatch(value):
            return value.replace("_", " ")
        case _:
            return str(value)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _wrapped(line: str) -> str:
    """One line as several; what stands in brackets at its end is kept in one piece."""
    text = CITATION.sub(lambda found: found[0].replace(" ", NO_BREAK), line.strip())
    indent = line[: len(line) - len(line.lstrip())]
    told = textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ")
    return told.replace(NO_BREAK, " ")
