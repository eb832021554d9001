"""A policy in plain English, value by value with its clause: what a landlord signs off and an officer looks up."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel

from domain.calendar import DeliveryMethod, Nation, last_day
from domain.codes import Channel, Effect, IncidentNature
from domain.events.parts import PolicyRef
from domain.policy import Cited, Need, Parameter, Policy, Ruled, Source, StepCode, Strict, When

WIDTH: Final = 100
CODE: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
HEADS: Final = ("title", "name", "says", "asks")  # what an entry is called, or says, comes first

SECTIONS: Final = (
    ("Landlord", ("landlord", "name", "nation", "controller")),
    ("The document", ("document",)),
    ("What it covers", ("scope",)),
    ("Grounds, by category", ("grounds",)),
    ("Measures", ("measures",)),
    ("Roles", ("roles",)),
    ("Reasonable adjustments", ("adjustments",)),
    ("Warning and steps", ("warning", "steps")),
    ("Proposal, checks and decision", ("proposal", "checks", "panel", "decision")),
    ("How long it lasts", ("term", "lifting")),
    ("Reviews", ("reviews",)),
    ("Appeal", ("appeal",)),
    ("Ombudsmen", ("ombudsmen",)),
    ("Letters", ("notices",)),
    ("Who is told, and alerts", ("audiences", "alerts")),
    ("Urgent action", ("urgent",)),
    ("Records", ("records", "breach_reported_to")),
    ("Register", ("register_",)),
    ("Reports", ("reports",)),
    ("Retention", ("retention",)),
    ("Privacy", ("privacy",)),
    ("Responsibilities", ("responsibilities",)),
)

# A key of the file in words; "warning.by" goes before "by", and a key that is not here is words already.
KEYS: Final[Mapping[str, str]] = {
    "appeal.against": "It can be made against",
    "appeal.answer_within": "Answered within",
    "appeal.heard_by": "Heard by",
    "appeal.in_force_meanwhile": "Restrictions stay in force meanwhile",
    "appeal.offered": "Offered as",
    "appeal.sent_to": "Sent to",
    "appeal.uninvolved": "Heard by somebody not involved before",
    "appeal.who": "Who may appeal",
    "appeal.window": "Time in which to appeal",
    "adjustments": "Reasonable adjustments",
    "appointed_by": "Reviewer appointed by",
    "at_warning": "Can come with a warning",
    "before_decision": "Done before the decision",
    "breach_reported_to": "Breaches are reported to",
    "characteristics": "Protected characteristics",
    "choose": "How many of these",
    "choose_from": "The decision may leave open",
    "closed": "Closes",
    "columns": "Columns",
    "complaint_needed": "There must be a complaint first",
    "consults": "After asking",
    "controller": "Data protection",
    "count": "At most",
    "counts": "It counts",
    "covers": "It covers",
    "decision.asks": "What the decision has to say",
    "decision.by": "Decided by",
    "decision.delegates": "Deputies who may decide",
    "decision.evidence_at_least": "Pieces of evidence, at least",
    "decision.individual": "Each measure fits the one customer",
    "decision.records": "Recorded with the decision",
    "document.approved_by": "Approved by",
    "document.changed_under": "Changes follow",
    "document.effective": "In force from",
    "document.equality_assessed": "Its effect on equality was assessed",
    "document.legal_basis": "Rests on",
    "document.linked": "Goes with",
    "document.review_due": "To be reviewed by",
    "document.reviewed_every": "To be reviewed every",
    "effect": "What it does",
    "every": "Every",
    "exceptions": "Still gets through",
    "in_extremis": "Only in extreme situations",
    "keeps_unrestricted": "Also holds people looked at and not restricted",
    "lifting": "A restriction can be lifted early",
    "look_back": "Looks back over",
    "means": "Meaning",
    "measures.asks": "The decision names",
    "measures.means": "The customer is told",
    "maintainer": "Kept up to date by",
    "may_not_apply": 'May be answered "not applicable" with a reason',
    "nature": "Rests on",
    "needs": "Needs",
    "notices.by": "Sent by",
    "notices.contents": "It says",
    "notices.enclosures": "It encloses",
    "notices.forms": "Sent as",
    "open": "Leaves open",
    "outcomes": "It can end in",
    "owes": "The landlord owes",
    "per": "In each period of",
    "per_case": "The decision sets its own interval",
    "proposal.by": "Proposed by",
    "proposal.own_area": "Only for their own area",
    "prompt": "Ask",
    "questions": "Questions",
    "rank": "Seniority from 1 to 9",
    "refer_to": "Goes to",
    "register_": "Register",
    "reviews.by": "Reviewed by",
    "reviews.told": "The customer is told of",
    "reviews.appealable": "The customer can appeal afterwards",
    "scope.applies": "Applies",
    "scope.channels": "Channels",
    "scope.excluded": "What it leaves to other policies",
    "scope.numbers_decide": "A number of contacts decides by itself",
    "scope.protects": "Protects",
    "scope.subjects": "Customers are",
    "steps.by": "Falls to",
    "term.exceptional_beyond": "Longer in exceptional cases, with reasons",
    "term.extension_longest": "An extension is at most",
    "term.extension_needs_pattern": "Its length rests on the pattern of contact",
    "term.first": "First term",
    "term.fixed": "The first term is exactly that",
    "term.longest": "At most",
    "term.other_needs_reason": "Another length needs a reason",
    "term.stated": "The length is stated",
    "warning.at_least": "Number of warnings, at least",
    "warning.behaviour_must_persist": "The behaviour must go on after it",
    "warning.by": "Warning given by",
    "warning.forms": "Warning sent as",
    "warning.incident_recorded_first": "The incident is recorded before it",
    "warning.initial_measures": "Measures that can come with it",
    "warning.lasts": "How long a warning counts",
    "warning.required": "A warning comes first",
    "warning.waived_when": "Can be left out when",
    "when": "When",
}

# Codes whose name with spaces would not be words enough.
VALUES: Final[Mapping[type[StrEnum], Mapping[str, str]]] = {
    Channel: {Channel.EMAIL: "e-mail", Channel.THIRD_PARTY: "somebody acting for them"},
    DeliveryMethod: {DeliveryMethod.EMAIL: "e-mail", DeliveryMethod.BY_ADVOCATE: "through an advocate"},
    Effect: {
        Effect.NAMED_CONTACT: "named people answer",
        Effect.CHANNELS: "limits the channels",
        Effect.THIRD_PARTY: "contact goes through somebody else",
        Effect.APPOINTMENT: "visits by appointment",
        Effect.WITNESS: "a witness is present",
        Effect.CALL_COUNT: "limits the number of calls",
        Effect.CALL_MINUTES: "limits the length of calls",
        Effect.CONTACT_COUNT: "limits the number of contacts",
        Effect.FILE_UNANSWERED: "read and filed, not answered",
        Effect.NOT_REGISTERED: "not registered again",
        Effect.CALLS_ENDED: "repeated calls are ended",
        Effect.STATEMENT: "something is said, contact is not limited",
        Effect.AGREEMENT: "an agreement on conduct",
        Effect.OTHER: "as described",
    },
    IncidentNature: {
        IncidentNature.SINGLE: "one incident",
        IncidentNature.PATTERN: "a pattern of incidents",
        IncidentNature.EITHER: "one incident or a pattern",
    },
    Nation: {Nation.ENGLAND_AND_WALES: "England and Wales", Nation.NORTHERN_IRELAND: "Northern Ireland"},
    Need: {
        Need.COMPLAINT: "a complaint",
        Need.TIMESCALE_GIVEN: "that a timescale was given",
        Need.SUPPORT_OFFERED: "that support was offered",
        Need.EXCEPTIONAL_REASON: "why the case is exceptional",
    },
    Parameter: {Parameter.OPEN: "the channels left open", Parameter.PER: "the period"},
    StepCode: {StepCode.MEETING_BEFORE: "meeting before", StepCode.MEETING_AFTER: "meeting afterwards"},
    When: {When.IN_FORCE: "while a restriction is in force", When.NEW_ISSUE: "a new issue is raised"},
}


def show(policy: Policy, ref: PolicyRef, today: date) -> str:
    """The whole policy as text for a screen of 100 columns, under the hashes of the files that it comes from."""
    lines = [*words(policy, today), "", f"Policy file: {ref.sha256}", f"Baseline file: {ref.baseline_sha256}"]
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def words(policy: Policy, today: date) -> Iterator[str]:
    """The policy line by line, indented by depth; a value ends with its clause, its strength and its source."""
    yield f"{policy.name}: {policy.document.title}"
    due = _review_due(policy)
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


def _review_due(policy: Policy) -> date | None:
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


def _value(policy: Policy, path: str, label: str, value: Any, depth: int) -> Iterator[str]:
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


def _detail(policy: Policy, path: str, entry: Cited, value: Any) -> str:
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


def _words(policy: Policy, path: str, value: Any) -> str:
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
        case str() if value in policy.roles and path not in ("landlord", "name"):
            return policy.roles[value].title  # type: ignore[index]
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
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(line.strip(), WIDTH, initial_indent=indent, subsequent_indent=indent + "    ") or ""
