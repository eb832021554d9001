"""What a policy leaves silent, contradicts or has let lapse, held against the baseline: for its owner to mend.

Everything said here comes from the policy's file and the baseline; no landlord is known by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from domain.baseline import Baseline
from domain.policy import Cited, Policy, Source, Strength, Strict, When
from domain.policy_words import review_due


class Kind(StrEnum):
    """What is remarked on; the first ones are for the landlord to mend, `assumed` and `reading` to confirm."""

    LAPSED = "lapsed"
    CONTRADICTION = "contradiction"
    REPETITION = "repetition"
    CADENCES = "cadences"
    WEAKER = "weaker"
    CONFLICT = "conflict"
    SILENT = "silent"
    ASSUMED = "assumed"
    READING = "reading"


# What we assumed and how we read a text are for somebody to confirm; so is a silence that nothing speaks against.
TO_CONFIRM: Final = frozenset({Kind.ASSUMED, Kind.READING})
RANK: Final[Mapping[Strength, int]] = {Strength.MAY: 0, Strength.SHOULD: 1, Strength.MUST: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing about a policy: the key of its file, the clause of its text where there is one, and what is so.

    `holds` says what holds all the same, by our reading or by the baseline.
    """

    kind: Kind
    path: str
    clause: str | None
    says: str
    holds: str | None = None

    @property
    def to_mend(self) -> bool:
        """Whether a strict look does not let it pass: not what is only to be confirmed, nor a silence that is free."""
        return self.kind not in TO_CONFIRM and self.holds is not None


# Silences for which the baseline has an answer: the key, its rule, and what holds. In braces: the baseline's periods.
INSTEAD: Final[Mapping[str, tuple[str, str]]] = {
    "adjustments": ("adjustments", "circumstances are considered and requests answered before anything is decided"),
    "appeal.heard_by": ("independence", "anybody hears it who had no part in the decision"),
    "appeal.in_force_meanwhile": ("appeals", "restrictions continue unless the appeal reviewer suspends them"),
    "appeal.offered": ("appeals", "the customer can appeal, and the decision letter says so"),
    "appeal.uninvolved": ("independence", "whoever had a part in the decision does not hear the appeal"),
    "appeal.window": ("appeals", "there is no time limit while a restriction is in force"),
    "checks": ("reasons_and_evidence", "each measure says why it is needed, and rests on logged incidents"),
    "ombudsmen": ("appeals", "the decision letter names the ombudsman all the same"),
    "reviews": ("an_end_and_a_review", "each restriction is looked at by its last day"),
    "retention": ("retention", "the clocks of the baseline run for each class of record"),
    "term.first": ("an_end_and_a_review", "each decision sets its own end"),
    "term.longest": ("an_end_and_a_review", "nothing lasts longer than ten years, and everything is reviewed"),
    "urgent": ("urgent", "an interim restriction is possible and ends after {interim_lasts}"),
    "warning.lasts": ("warning_first", "a warning counts for {warning_lasts}"),
    "warning.required": ("warning_first", "a warning should come first, and can be waived with a reason"),
}


def lint(policy: Policy, baseline: Baseline, today: date) -> tuple[Remark, ...]:
    """Every remark on a policy as of a day, what there is to mend first."""
    found = [
        *_lapsed(policy, today),
        *_of_the_text(policy),
        *_cadences(policy),
        *_weaker(policy, baseline),
        *_conflicts(policy),
        *_silent(policy, baseline),
        *_assumed_and_read(policy),
    ]
    order = list(Kind)
    return tuple(sorted(found, key=lambda remark: order.index(remark.kind)))


def _lapsed(policy: Policy, today: date) -> Iterator[Remark]:
    """The policy's own review: its date has passed, or there will never be one."""
    document, due = policy.document, review_due(policy)
    if due is None:
        yield Remark(
            kind=Kind.LAPSED,
            path="document.review_due",
            clause=None,
            says="The text names neither a date for its own review nor how often it is reviewed.",
            holds="It stays in force.",
        )
    elif due < today:
        value = document.review_due or document.reviewed_every
        yield Remark(
            kind=Kind.LAPSED,
            path="document.review_due" if document.review_due else "document.reviewed_every",
            clause=value.clause if value else None,
            says=f"The policy was to be reviewed by {due}, {(today - due).days} days ago.",
            holds="It stays in force.",
        )


def _of_the_text(policy: Policy) -> Iterator[Remark]:
    """Where the text repeats or contradicts itself, as its file notes."""
    for code, contradiction in policy.contradicts.items():
        against = ", ".join(contradiction.against)
        yield Remark(
            kind=Kind.CONTRADICTION,
            path=f"contradicts.{code}",
            clause=contradiction.clause,
            says=f"{contradiction.says} It does not go with {against}.",
            holds=contradiction.reading,
        )
    for code, repeated in policy.repeats.items():
        yield Remark(
            kind=Kind.REPETITION,
            path=f"repeats.{code}",
            clause=repeated.clause,
            says=f"{repeated.says} It repeats {repeated.of}.",
            holds=repeated.reading,
        )


def _cadences(policy: Policy) -> Iterator[Remark]:
    """More than one cadence of reviews for every restriction."""
    running = {code: review for code, review in policy.reviews.items() if review.when is When.IN_FORCE}
    if len(running) < 2:
        return
    each = "; ".join(
        f"{review.title} ({review.clause}{f', every {review.every}' if review.every else ''}"
        f"{f', first after {review.first_after}' if review.first_after else ''})"
        for review in running.values()
    )
    yield Remark(
        kind=Kind.CADENCES,
        path="reviews",
        clause=", ".join(dict.fromkeys(str(review.clause) for review in running.values())),
        says=f"Every restriction is reviewed in {len(running)} cadences: {each}.",
        holds="All of them run, each from the decision.",
    )


def _weaker(policy: Policy, baseline: Baseline) -> Iterator[Remark]:
    """What a letter says by a milder word than the baseline's; letters that the text does not describe at all."""
    needed = {kind for wanted in baseline.contents.values() for kind in wanted.notices}
    for kind in sorted(needed):
        notice = policy.notices.get(kind)
        if notice is None:
            yield Remark(
                kind=Kind.SILENT,
                path=f"notices.{kind}",
                clause=None,
                says=f"The text describes no letter of kind {kind}.",
                holds="The baseline says what it contains.",
            )
            continue
        for code, own in notice.contents.items():
            wanted = baseline.contents.get(code)
            rule = baseline.rules["appeals" if code in ("appeal", "ombudsman") else "notice_before_breach"]
            if wanted and kind in wanted.notices and RANK[own.strength] < RANK[rule.strength]:
                yield Remark(
                    kind=Kind.WEAKER,
                    path=f"notices.{kind}.contents.{code}",
                    clause=own.clause,
                    says=f"What the letter says is a {own.strength} here, and a {rule.strength} for every landlord.",
                    holds=f"Baseline {rule.number} holds: {wanted.says}",
                )


def _conflicts(policy: Policy) -> Iterator[Remark]:
    """Posts with two parts that do not go together: deciding, or standing in, and hearing the appeal."""
    if policy.appeal.heard_by is None:
        return
    delegates = policy.decision.delegates.value if policy.decision.delegates else ()
    deciders, heard_by = {*policy.decision.by.value, *delegates}, policy.appeal.heard_by
    for role in heard_by.value:
        title = policy.roles[role].title
        if role in deciders:
            yield Remark(
                kind=Kind.CONFLICT,
                path="appeal.heard_by",
                clause=heard_by.clause,
                says=f"The post of {title} can decide and can hear the appeal against it.",
                holds="Whoever had a part in a decision does not hear the appeal (baseline 9).",
            )
        highest = max(policy.roles[by].rank for by in policy.decision.by.value)
        if policy.roles[role].rank < highest:
            yield Remark(
                kind=Kind.CONFLICT,
                path="appeal.heard_by",
                clause=heard_by.clause,
                says=f"An appeal heard by the {title} goes upwards, against somebody of higher rank.",
                holds="The appeal reviewer is flagged as junior (baseline 9).",
            )


def _silent(policy: Policy, baseline: Baseline) -> Iterator[Remark]:
    """What the text does not say, with what holds instead; a second look at discretion is no right of appeal."""
    periods = {name: str(getattr(baseline, name).period) for name in ("interim_lasts", "warning_lasts")}
    for path in policy.silent:
        rule, holds = INSTEAD.get(path, ("", ""))
        yield Remark(
            kind=Kind.SILENT,
            path=path,
            clause=None,
            says="The text does not say.",
            holds=f"Baseline {baseline.rules[rule].number}: {holds.format(**periods)}." if rule else None,
        )
    offered = policy.appeal.offered
    if offered is not None and offered.value != "right":
        number, holds = baseline.rules["appeals"].number, INSTEAD["appeal.offered"][1]
        yield Remark(
            kind=Kind.SILENT,
            path="appeal.offered",
            clause=offered.clause,
            says="The text gives no right of appeal; the landlord may look again.",
            holds=f"Baseline {number}: {holds}.",
        )


def _assumed_and_read(policy: Policy) -> Iterator[Remark]:
    """Every value that no clause states, and every clause that needed a reading."""
    for path, value in _cited(policy, ""):
        if path.startswith(("repeats.", "contradicts.")):
            continue
        if value.source is Source.ASSUMED:
            says = value.reading or "The text does not state this value; it is ours."
            yield Remark(kind=Kind.ASSUMED, path=path, clause=value.clause, says=says)
        elif value.reading:
            yield Remark(kind=Kind.READING, path=path, clause=value.clause, says=value.reading)
    for code, review in policy.reviews.items():
        if review.every_source is Source.ASSUMED:
            says = f"The text gives no interval; {review.every} is ours."
            yield Remark(kind=Kind.ASSUMED, path=f"reviews.{code}.every", clause=review.clause, says=says)
    ranked = [role.title for role in policy.roles.values() if role.rank_source is Source.ASSUMED]
    if ranked:
        says = f"Which post ranks above which is ours: {', '.join(ranked)}."
        yield Remark(kind=Kind.ASSUMED, path="roles.rank", clause=None, says=says)


def _cited(value: object, path: str) -> Iterator[tuple[str, Cited]]:
    """Everything that a clause stands behind, with the key of the file that leads to it."""
    if isinstance(value, Cited):
        yield path, value
    if isinstance(value, Strict):
        for name, info in type(value).model_fields.items():
            yield from _cited(getattr(value, name), f"{path}.{info.alias or name}".lstrip("."))
    elif isinstance(value, Mapping):
        for code, entry in value.items():
            yield from _cited(entry, f"{path}.{code}")
