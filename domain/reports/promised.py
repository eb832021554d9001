"""Which reports there are for a landlord: those that its policy promises, and the figures that everybody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from domain.calendar import Period
from domain.policy import Policy
from domain.reports.stretch import Stretch, latest_whole

COMMON: Final = "common"
FOLLOWED: Final = "followed"
REGISTER: Final = "register"
REVIEW_PACK: Final = "review_pack"
BASELINE: Final = "baseline"
Kind = Literal["figures", "followed", "register", "review_pack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A report that exists: what it is called, for whom it is, what asks for it, and how often.

    `kind` says what it holds: figures of all cases, what looking back at them finds, a line for each person, or the
    volume of one case. `looks_back` is how far that one looks. `says` is what the clause says, in our words.
    """

    code: str
    kind: Kind
    title: str
    to_whom: str | None
    clause: str
    source: str
    says: tuple[str, ...] = ()
    reading: str | None = None
    every: Period | None = None
    looks_back: Period | None = None
    counts: Literal["people", "households"] = "people"
    columns: tuple[tuple[str, str], ...] = ()  # of a register: code, and what it holds
    keeps_unrestricted: bool = False  # a register holds people who were considered and not restricted

    def latest(self, known_on: date) -> Stretch | None:
        """The latest days that one made at regular times is owed for; None for one that is made when asked for."""
        return latest_whole(self.every, known_on) if self.every else None


def promised(policy: Policy) -> Iterator[Promised]:
    """Every report of a landlord under a policy, in one order; codes are the policy's own."""
    yield Promised(
        code=COMMON,
        kind="figures",
        title="Figures on restrictions, and how they came about",
        to_whom=None,
        clause=BASELINE,
        source=BASELINE,
        says=("Every landlord can see what its policy does, and whether it is kept.",),
    )
    yield Promised(
        code=FOLLOWED,
        kind="followed",
        title="Was the policy followed?",
        to_whom=None,
        clause=BASELINE,
        source=BASELINE,
        says=("Whoever answers for a policy can see whether it is carried out, clause by clause.",),
    )
    for code, report in policy.reports.items():
        yield Promised(
            code=code,
            kind="figures",
            title=report.title,
            to_whom=report.to,
            clause=report.cited,
            source=report.source,
            says=_said(policy, report.clause),
            reading=report.reading,
            every=report.every,
            counts=report.counts,
        )
    register = policy.register_
    if register is not None:
        keeps = register.keeps_unrestricted
        yield Promised(
            code=REGISTER,
            kind="register",
            title=register.title,
            to_whom=", ".join(policy.roles[role].title for role in (*register.keeper, *register.maintainer)),
            clause=register.cited,
            source=register.source,
            says=_said(policy, register.clause),
            columns=tuple((column, says.says) for column, says in register.columns.items()),
            keeps_unrestricted=keeps is not None and keeps.value,
        )
    for review in policy.reviews.values():
        if review.look_back:
            yield Promised(
                code=REVIEW_PACK,
                kind="review_pack",
                title="Volume and nature of contact, for whoever holds the review",
                to_whom=", ".join(policy.roles[role].title for role in review.by),
                clause=next((asked.cited for asked in review.questions.values()), review.cited),
                source=review.source,
                says=tuple(asked.says for asked in review.questions.values()),
                looks_back=review.look_back,
            )
            return


def _said(policy: Policy, clause: str | None) -> tuple[str, ...]:
    """What the same place of the policy says of responsibilities: what the report is to show."""
    return tuple(one.says for one in policy.responsibilities.values() if clause and one.clause == clause)
