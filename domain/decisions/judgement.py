"""What deciding needs and gives: the situation, the rules that stand in the way, and the facts that follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from domain.baseline import Baseline
from domain.calendar import london_date, start_of_day
from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import CaseId, RoleCode, StaffId, SubjectId
from domain.entries import Entry
from domain.events import SYSTEM, CaseFact, Event, LandlordFact, Override
from domain.landlord import Landlord
from domain.personal import DecisionText
from domain.policy import Cited, Policy, Ruled, Source, Strength


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that stands in the way: its name, clause, strength and what it asks, in plain words."""

    rule: str
    clause: str
    strength: Strength
    source: Source
    asks: str
    field: str | None = None  # of the command, where one is at fault


class Refused(Exception):
    """A command that cannot be carried out, with every rule in its way."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(", ".join(v.rule for v in violations))
        self.violations = tuple(violations)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a decision may look at: case, landlord, the policy of the day, the clock and who acts."""

    case: Case
    landlord: Landlord
    policy: Policy
    baseline: Baseline
    now: datetime  # UTC
    actor: StaffId
    other: Case | None = None  # the second case, for a command that touches two
    record: Sequence[Event] = ()  # the events of the case, for a command that is about some of them
    others: tuple[Case, ...] = ()  # the customer's other cases, for a command whose rules ask of them
    entries: Mapping[SubjectId, Entry] = field(default_factory=dict)  # of the directory, for a command about some

    @property
    def today(self) -> date:
        """The London date of `now`."""
        return london_date(self.now)

    def accused_on(self, day: date) -> frozenset[StaffId]:
        """Of whom the customer alleges something, under whichever of the records that are read here."""
        return frozenset(staff for case in (self.case, *self.others) for staff in case.accused_on(day))


@dataclass(frozen=True, slots=True)
class New:
    """A fact that follows, and when it takes effect; `elsewhere`: in the second case of a command that touches two.

    `within` puts it in one of the `others` of the situation.
    """

    fact: CaseFact | LandlordFact
    effective_at: datetime
    elsewhere: bool = False
    within: CaseId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command leads to."""

    facts: tuple[New, ...]
    post: RoleCode | None  # the post that entitled the actor
    clauses: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


class OverrideRequest(BaseModel):
    """Sets aside one *should*, with the reason that auditors will read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    rule: Annotated[str, Field(max_length=80)]
    reason: DecisionText


def _not_absurd(day: date) -> date:
    if not date(1950, 1, 1) <= day <= date(2099, 12, 31):
        raise ValueError("is not a date of this service's time: 1950 to 2099")
    return day


def _not_absurd_either(instant: datetime) -> datetime:
    if not datetime(1950, 1, 1, tzinfo=UTC) <= instant < datetime(2100, 1, 1, tzinfo=UTC):
        raise ValueError("is not an instant of this service's time: 1950 to 2099")
    return instant


Day = Annotated[date, AfterValidator(_not_absurd)]
Instant = Annotated[AwareDatetime, AfterValidator(_not_absurd_either)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,79}$")]


class Command(BaseModel):
    """What somebody wants taken down or decided; `on` is the day on which it happened, today unless given."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True)

    takes_closed: ClassVar[bool] = False
    """Whether a closed case takes it too, because what it is about outlives the case."""

    asks_of_others: ClassVar[bool] = False
    """Whether its rules ask of the customer's other cases, which are read for it then."""

    asks_of_record: ClassVar[bool] = False
    """Whether it is about events of the case, which are read for it one by one then."""

    on: Day | None = None
    """The day on which this happened or was decided, when it is not today."""

    def day(self, situation: Situation) -> date:
        """The effective day of the command."""
        return self.on or situation.today

    def touches(self) -> CaseId | None:
        """The second case, for a command that touches two: both are read, and written to in one append."""
        return None

    def whose_cases(self, case: Case) -> tuple[SubjectId, ...]:
        """The people whose cases `asks_of_others` means: the customer, under every id that they have."""
        return case.persons()


class DecidingCommand(Command):
    """A command that rules can refuse; a *should* among them can be set aside with a reason.

    Whoever the customer accuses under any of their records stands aside, so all their cases are read for it.
    """

    asks_of_others: ClassVar[bool] = True

    overrides: Annotated[tuple[OverrideRequest, ...], Field(max_length=20)] = ()


def at(day: date, situation: Situation) -> datetime:
    """The effective instant of a fact of that day: now when it is today, else the start of the day in London."""
    return situation.now if day == situation.today else start_of_day(day)


# How a rule says no


def against(value: Cited, rule: str, asks: str, field: str | None = None) -> Violation:
    """A violation of a value of the policy, with that value's clause and strength."""
    return Violation(rule, value.cited, value.strength, value.source, asks, field)


def as_must(value: Cited, rule: str, asks: str, field: str | None = None) -> Violation:
    """A violation of the condition in a permission: using it is a `may`, its condition is a must."""
    return Violation(rule, value.cited, Strength.MUST, value.source, asks, field)


def against_baseline(situation: Situation, rule: str, asks: str | None = None, field: str | None = None) -> Violation:
    """A violation of a baseline rule."""
    found = situation.baseline.rules[rule]
    return Violation(rule, f"baseline {found.number}", found.strength, Source.BASELINE, asks or found.asks, field)


def impossible(rule: str, asks: str, field: str | None = None) -> Violation:
    """Something that no policy could allow: it contradicts the history or the calendar."""
    return Violation(rule, "the record itself", Strength.MUST, Source.BASELINE, asks, field)


def not_in_the_future(day: date, situation: Situation, field: str = "on") -> Iterator[Violation]:
    """What is told as a fact cannot lie ahead."""
    if day > situation.today:
        yield impossible("not_in_the_future", f"{field} is {day}; this can only be taken down once it happened.", field)


def not_before(day: date, earliest: date, what: str, field: str = "on") -> Iterator[Violation]:
    """What follows on something does not lie before it; `what` tells the earlier thing."""
    if day < earliest:
        yield impossible("end_before_start", f"{field} is {day}; {what} only on {earliest}.", field)


def until_follows(until: date | None, from_on: date) -> Iterator[Violation]:
    """A time that has a last day does not end before it begins."""
    if until is not None and until < from_on:
        yield impossible("end_before_start", f"until is {until}, and it begins on {from_on}.", "until")


def required(text: object, rule: str, value: Cited, asks: str, field: str) -> Iterator[Violation]:
    """A field that a value of the policy asks for."""
    if text is None:
        yield against(value, rule, asks, field)


# What it is about


def known_restriction(situation: Situation, restriction: str) -> Restriction:
    """The restriction of this id; raises `Refused` when the case has none."""
    found = situation.case.restriction(restriction)
    if found is None:
        raise Refused([impossible("unknown_restriction", f"This case has no {restriction}.", "restriction")])
    return found


# Who may


def held(
    situation: Situation, roles: Iterable[RoleCode], day: date, barred: frozenset[StaffId] = frozenset()
) -> RoleCode | None:
    """The post among `roles` in which the actor could act on that day, as a deputy where nobody else could.

    Whoever is accused by this customer is barred from it for as long as that is open (baseline 9), and so are those in
    `barred`.
    """
    return situation.landlord.post_among(situation.actor, roles, day, situation.accused_on(day) | barred)


def any_post(situation: Situation, day: date) -> RoleCode | None:
    """Whatever post the actor held on that day, one of their own before a deputy's."""
    tenures = situation.landlord.tenures_on(situation.actor, day)
    return tenures[0].role if tenures else None


def titles(situation: Situation, roles: Iterable[RoleCode]) -> str:
    """The roles in words."""
    known: dict[str, str] = dict(situation.baseline.roles)
    known.update((code, role.title) for code, role in situation.policy.roles.items())
    return " or ".join(known.get(role, role) for role in roles)


def nobody_holds(situation: Situation, roles: Iterable[RoleCode], day: date) -> str:
    """What to add to a refusal when nobody at all could have done it that day, or the actor stands in for whoever
    could, and what helps; else nothing.
    """
    wanted, landlord = set(roles), situation.landlord
    if told := _stands_in(situation, wanted, day):
        return told
    tenures = [t for t in landlord.tenures if t.role in wanted and t.covers(day)]
    if not wanted or any(not landlord.away_on(t, day) for t in tenures):
        return ""
    gives = "an administrator of posts gives it (`evenhand post appoint`, or `appoint-post` over HTTP)"
    if tenures:
        return f" Whoever holds that post is away on {day}, and no deputy is in post; {gives}."
    return f" Nobody holds that post on {day}; {gives}."


def _stands_in(situation: Situation, wanted: set[RoleCode], day: date) -> str:
    """To a deputy who is there: whose absence they can record, as long as nobody else has."""
    landlord = situation.landlord
    for deputy in landlord.tenures_on(situation.actor, day):
        if deputy.role in wanted and deputy.deputy and not landlord.away_on(deputy, day):
            there = [t.id for t in landlord.stood_in_for(deputy, day) if not landlord.away_on(t, day)]
            if not there:
                return ""  # something else stands in the way
            if day == situation.today:
                helps = "if that is so and nobody recorded it yet, do so, from today on: `record-absence`"
            else:
                helps = "an administrator of posts records days other than today: `record-absence`"
            return (
                " You are a deputy in that post, who acts when everybody holding it is away, and nobody said so of "
                f"{', '.join(there)} on {day}; {helps}."
            )
    return ""


def held_by_policy(
    situation: Situation, value: Ruled[tuple[RoleCode, ...]] | None, day: date, what: str
) -> Iterator[Violation]:
    """The actor held one of the roles that the policy names for this; any post will do where it names none.

    Who may act is no rule that the one who acts can set aside, however mildly the policy puts it.
    """
    if value is None:
        yield from holds_a_post(situation, day)
    elif held(situation, value.value, day) is None:
        yield as_must(
            value,
            "post_held",
            f"{what} falls to the {titles(situation, value.value)}; you could not act as that on {day}."
            f"{nobody_holds(situation, value.value, day)}",
        )


def holds_a_post(situation: Situation, day: date) -> Iterator[Violation]:
    """The actor held some post with this landlord on that day."""
    if any_post(situation, day) is None:
        yield impossible("post_held", f"You held no post with this landlord on {day}.")


def the_clock_or_a_post(situation: Situation) -> Iterator[Violation]:
    """What goes by on its own is taken down by the clock, which needs no post, or by a person who holds one today."""
    if situation.actor != SYSTEM:
        yield from holds_a_post(situation, situation.today)


# Judging


def judge(
    violations: Iterable[Violation],
    overrides: Sequence[OverrideRequest] = (),
) -> tuple[Override, ...]:
    """Refuse with every rule in the way, or return the overrides that were needed.

    Only a *should* can be overridden; a `may` never stands in the way. Raises `Refused`.
    """
    found = [v for v in violations if v.strength is not Strength.MAY]
    asked = {o.rule: o for o in overrides}
    used: list[Override] = []
    standing: list[Violation] = []
    for violation in found:
        override = asked.get(violation.rule)
        if violation.strength is Strength.SHOULD and override is not None:
            if not any(o.rule == violation.rule for o in used):
                used.append(Override(rule=violation.rule, clause=violation.clause, reason=override.reason))
        else:
            standing.append(violation)
    for rule in asked:
        if not any(v.rule == rule for v in found):
            standing.append(
                impossible(
                    "override_not_needed",
                    f"No rule called {rule} stands in the way; leave the override out.",
                    "overrides",
                )
            )
        elif any(v.rule == rule and v.strength is Strength.MUST for v in found):
            standing.append(
                impossible("cannot_be_overridden", f"The rule {rule} is a must; no reason sets it aside.", "overrides")
            )
    if standing:
        raise Refused(standing)
    return tuple(used)


def recorded(situation: Situation, command: Command, violations: Iterable[Violation], *facts: CaseFact) -> Decision:
    """The outcome of a recording command: refused only when impossible or unauthorised."""
    day = command.day(situation)
    judge([*not_in_the_future(day, situation), *holds_a_post(situation, situation.today), *violations])
    return Decision(tuple(New(fact, at(day, situation)) for fact in facts), any_post(situation, situation.today))


def decided(
    situation: Situation,
    command: DecidingCommand,
    post: RoleCode | None,
    violations: Iterable[Violation],
    clauses: Iterable[str],
    *facts: CaseFact,
) -> Decision:
    """The outcome of a deciding command, once nothing stands in the way."""
    day = command.day(situation)
    overrides = judge([*not_in_the_future(day, situation), *violations], command.overrides)
    cited = tuple(dict.fromkeys([*clauses, *(o.clause for o in overrides)]))
    return Decision(tuple(New(fact, at(day, situation)) for fact in facts), post, cited, overrides)
