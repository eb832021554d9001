"""Showing parts of a case to a partner: decided on a stated basis by somebody entitled to, no more than it needs.

The partner follows what it is shown through the feed, from here to the end. Then it is told so, and deletes what it
keeps by a day; that it did is taken down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from domain.calendar import Period, last_day
from domain.case_disclosures import Disclosure
from domain.case_parts import Restriction
from domain.case_safety import SafetyWarning
from domain.codes import DisclosureBasis, DisclosureEndReason, RoleCode
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    as_must,
    at,
    decided,
    held,
    holds_a_post,
    impossible,
    judge,
    nobody_holds,
    not_before,
    the_clock_or_a_post,
    titles,
    until_follows,
)
from domain.decisions.rights import DATA_PROTECTION, can_be_written
from domain.decisions.subscribers import Slug
from domain.disclosure_ends import comes_to_its_end
from domain.events import (
    DisclosedMeasure,
    DisclosedRestriction,
    DisclosedWarning,
    DisclosureDecided,
    DisclosureDeleted,
    DisclosureEnded,
    Measure,
)
from domain.personal import DecisionText, KeyClass
from domain.policy import Audience, PeriodText

DELETED_WITHIN: Final = Period.parse("1 month")  # assumed, as for an answer to the customer; a decision can say less
LONGEST_TO_DELETE: Final = Period.parse("3 months")  # assumed: kept longer, it was not needed for what it was shown for
_SHOWN: Final = tuple(field.name for field in fields(DisclosedMeasure))


class RestrictionToShow(BaseModel):
    """A restriction, and which of its measures are shown: all that stand, unless some are named."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    restriction: Id
    measures: Annotated[tuple[Id, ...], Field(max_length=20)] = ()


class Disclose(DecidingCommand):
    """Lets a partner see restrictions, by their measures, and safety warnings, by their precautions, as long as they
    stand; and nothing else of the case.

    What is decided later in their place, a full decision after an interim one or a measure that was varied, is not
    shown by itself.
    """

    partner: Slug
    """Its code in the policy's audiences, or that of a subscriber that the landlord registered."""
    basis: DisclosureBasis
    """The ground of UK GDPR, article 6(1)."""
    reasons: DecisionText
    """Why this partner needs to know, and why no less would do."""
    restrictions: Annotated[tuple[RestrictionToShow, ...], Field(max_length=20)] = ()
    warnings: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    audience: Id | None = None
    """The audience, of the policy or of the warnings, that it belongs to; that of the policy unless it is given."""
    until: Day | None = None
    """The last day, where it is to end before what it shows does."""
    delete_within: PeriodText | None = None
    """How long it has to delete what it keeps once this ended: one month unless it is said."""


class EndDisclosure(DecidingCommand):
    """Shows a partner nothing more of it, from this day on; it is told so, and deletes what it keeps."""

    takes_closed: ClassVar[bool] = True

    disclosure: Id
    reasons: DecisionText | None = None


class RecordDisclosureEnd(Command):
    """Takes down that a disclosure came to its end by itself: all that it showed is over, its day went by, or the
    customer was erased.
    """

    takes_closed: ClassVar[bool] = True

    disclosure: Id


class ConfirmDeletion(Command):
    """Takes down that a partner deleted what it was shown: by its own sign-in, or by a colleague whom it told."""

    takes_closed: ClassVar[bool] = True

    disclosure: Id


# Deciding


def disclose(command: Disclose, situation: Situation) -> Decision:
    """Only what stands, to a partner that is known and in the audience of what it is shown."""
    day = command.day(situation)
    restrictions = [_standing(one.restriction, day, situation) for one in command.restrictions]
    warnings = [_heeded(one, day, situation) for one in dict.fromkeys(command.warnings)]
    audience = command.audience or _audience_of(command.partner, situation)
    shown = tuple(
        _shown(restriction, one.measures, situation)
        for restriction, one in zip(restrictions, command.restrictions, strict=True)
    )
    problems = [
        *_may_decide(_roles(restrictions, warnings, situation), situation),
        *_known_partner(command.partner, situation),
        *_in_the_audience(command.partner, audience, warnings, situation),
        *_says_something_once(command),
        *_not_shown_already(command.partner, shown, command.warnings, situation),
        *until_follows(command.until, day),
        *_deleted_in_time(command, day, situation),
        *can_be_written(situation, KeyClass.DECISION, command.reasons, "reasons"),
    ]
    fact = DisclosureDecided(
        disclosure=f"disclosure-{len(situation.case.disclosures) + 1}",
        partner=command.partner,
        audience=audience,
        basis=command.basis,
        restrictions=shown,
        warnings=tuple(
            DisclosedWarning(warning=w.id, home=w.home, precautions=w.precautions, expires_on=w.expires_on)
            for w in warnings
        ),
        starts_on=day,
        until=command.until,
        delete_within=str(command.delete_within or DELETED_WITHIN),
        reasons=command.reasons,
    )
    post = _post(_roles(restrictions, warnings, situation), situation)
    return decided(situation, command, post, problems, _clauses(audience, warnings, situation), fact)


def _standing(wanted: str, day: date, situation: Situation) -> Restriction:
    """The restriction, decided by that day and not over, then or today. Raises `Refused` otherwise."""
    found = situation.case.restriction(wanted)
    if found is None:
        raise Refused([impossible("unknown_restriction", f"This case has no {wanted}.", "restrictions")])
    if found.over_on(day) or found.over_on(situation.today):
        asks = f"{wanted} ended on {found.last_day()}; nothing of it is shown to anybody any more."
        raise Refused([impossible("restriction_over", asks, "restrictions")])
    if day < found.decided_on:
        raise Refused([*not_before(day, found.decided_on, f"{wanted} was decided")])
    return found


def _heeded(wanted: str, day: date, situation: Situation) -> SafetyWarning:
    """The warning while it is to be heeded, on that day and today. Raises `Refused` otherwise."""
    found = situation.case.safety_warning(wanted)
    if found is None:
        raise Refused([impossible("unknown_safety_warning", f"This case has no {wanted}.", "warnings")])
    if not (found.stands_on(day) and found.stands_on(situation.today)):
        asks = f"{wanted} was never approved." if found.approved_on is None else f"{wanted} does not stand on {day}."
        raise Refused([impossible("safety_warning_stands", asks, "warnings")])
    return found


def _shown(restriction: Restriction, named: tuple[str, ...], situation: Situation) -> DisclosedRestriction:
    """The measures that stand, or are to, as far as they are named. Raises `Refused` on one that does not."""
    standing = _to_be_seen(restriction, situation.today)
    unknown = [m for m in named if m not in standing]
    if unknown or not standing:
        known = ", ".join(standing) or "none"
        asks = f"Of {restriction.id} these measures stand: {known}."
        raise Refused([impossible("unknown_measure", asks, "restrictions")])
    return DisclosedRestriction(
        restriction=restriction.id,
        starts_on=restriction.starts_on,
        ends_on=restriction.ends_on,
        measures=tuple(_thin(measure) for code, measure in standing.items() if not named or code in named),
    )


def _to_be_seen(restriction: Restriction, day: date) -> dict[str, Measure]:
    """What stands on a day, and what was decided for a later one."""
    coming = [m for m in restriction.sets[-1].measures if m.until is None or day <= m.until]
    return {m.id: m for m in (*restriction.measures_on(day), *coming)}


def _thin(measure: Measure) -> DisclosedMeasure:
    return DisclosedMeasure(**{name: getattr(measure, name) for name in _SHOWN})


def _audience_of(partner: str, situation: Situation) -> str | None:
    """The policy's audience that names a partner."""
    return next((code for code, one in situation.policy.audiences.items() if partner in one.partners), None)


def _known_partner(partner: str, situation: Situation) -> Iterator[Violation]:
    known = {p for audience in situation.policy.audiences.values() for p in audience.partners}
    known |= {s.partner for s in situation.landlord.subscribers if s.active and s.partner is not None}
    if partner not in known:
        asks = f"No partner is called {partner}; known are: {', '.join(sorted(known)) or 'none'}."
        yield impossible("unknown_partner", asks, "partner")


def _in_the_audience(
    partner: str, audience: str | None, warnings: Iterable[SafetyWarning], situation: Situation
) -> Iterator[Violation]:
    """A warning is for those whom it names, and an audience of the policy is whom the policy says (baseline 14)."""
    policy, baseline = situation.policy, situation.baseline
    own: Audience | None = policy.audiences.get(audience) if audience is not None else None
    if audience is not None and own is None and audience not in baseline.safety_audiences:
        known = ", ".join([*policy.audiences, *baseline.safety_audiences])
        yield impossible("unknown_audience", f"The audiences are: {known}.", "audience")
    if own is not None and own.partners and partner not in own.partners:
        asks = f"The partners here are: {', '.join(own.partners)}."
        yield as_must(own, "unknown_partner", asks, "audience")
    for warning in warnings:
        if audience not in warning.audience:
            asks = f"{warning.id} is for: {', '.join(warning.audience)}. Say as which of these the partner needs it."
            yield against_baseline(situation, "safety_warnings", asks, "audience")


def _says_something_once(command: Disclose) -> Iterator[Violation]:
    if not command.restrictions and not command.warnings:
        yield impossible("nothing_disclosed", "Name a restriction or a safety warning to show.", "restrictions")
    named = [one.restriction for one in command.restrictions]
    if len(set(named)) < len(named):
        yield impossible("named_twice", "Name each restriction once, with all its measures.", "restrictions")


def _not_shown_already(
    partner: str, shown: Iterable[DisclosedRestriction], warnings: Iterable[str], situation: Situation
) -> Iterator[Violation]:
    """Each thing is seen under one decision at a time, so that its end is an end."""
    for earlier in situation.case.disclosures:
        if not (earlier.open and earlier.partner == partner):
            continue
        for one in shown:
            again = [m.id for m in one.measures if m.id in earlier.measures_of(one.restriction)]
            if again:
                asks = f"{partner} sees {', '.join(again)} under {earlier.id}; name others, or end that one first."
                yield impossible("disclosed_already", asks, "restrictions")
        again = [w for w in dict.fromkeys(warnings) if earlier.discloses_warning(w)]
        if again:
            asks = f"{partner} sees {', '.join(again)} under {earlier.id}; end that one first."
            yield impossible("disclosed_already", asks, "warnings")


def _deleted_in_time(command: Disclose, day: date, situation: Situation) -> Iterator[Violation]:
    if command.delete_within is None:
        return
    nation = situation.policy.nation
    if last_day(day, command.delete_within, nation) > last_day(day, LONGEST_TO_DELETE, nation):
        asks = f"What a partner keeps is deleted within {LONGEST_TO_DELETE} at the latest."
        yield against_baseline(situation, "retention", asks, "delete_within")


# Ending


def end_disclosure(command: EndDisclosure, situation: Situation) -> Decision:
    """By whoever could have decided it."""
    day, disclosure = command.day(situation), _open(command.disclosure, situation)
    roles = _roles_of(disclosure, situation)
    problems = [
        *_may_decide(roles, situation),
        *not_before(day, disclosure.starts_on, "it began"),
        *can_be_written(situation, KeyClass.DECISION, command.reasons, "reasons"),
    ]
    fact = DisclosureEnded(
        disclosure=disclosure.id,
        partner=disclosure.partner,
        ended_on=day,
        because=DisclosureEndReason.DECIDED,
        delete_by=_delete_by(disclosure, situation),
        reasons=command.reasons,
    )
    warnings = [w for w in situation.case.safety if disclosure.discloses_warning(w.id)]
    return decided(
        situation, command, _post(roles, situation), problems, _clauses(disclosure.audience, warnings, situation), fact
    )


def record_disclosure_end(command: RecordDisclosureEnd, situation: Situation) -> Decision:
    """It was over the day after its last day; this takes it down, at that day, whenever somebody does."""
    disclosure = _open(command.disclosure, situation)
    last, because = comes_to_its_end(disclosure, situation.case)
    problems = [*the_clock_or_a_post(situation)]
    if situation.today <= last:
        problems.append(impossible("not_over_yet", f"Its last day is {last}, as far as is known.", "disclosure"))
    judge(problems)
    ended_on = max(last + timedelta(days=1), disclosure.starts_on)
    fact = DisclosureEnded(
        disclosure=disclosure.id,
        partner=disclosure.partner,
        ended_on=ended_on,
        because=because,
        delete_by=_delete_by(disclosure, situation),
        reasons=None,
    )
    return Decision((New(fact, at(ended_on, situation)),), any_post(situation, situation.today), ("baseline 15",))


def _delete_by(disclosure: Disclosure, situation: Situation) -> date:
    """From today, when the partner hears of the end, however long ago that lies."""
    return last_day(situation.today, Period.parse(disclosure.delete_within), situation.policy.nation)


def confirm_deletion(command: ConfirmDeletion, situation: Situation) -> Decision:
    """The partner's own word, once; a colleague takes it down for one that answers by letter."""
    disclosure, day = _known(command.disclosure, situation), command.day(situation)
    problems: list[Violation] = []
    if not _is_the_partner(disclosure, situation):
        problems += holds_a_post(situation, situation.today)
    if disclosure.ended_on is None:
        asks = f"{disclosure.id} has not ended: what it shows is still needed."
        problems.append(impossible("disclosure_open", asks, "disclosure"))
    elif disclosure.deleted_on is not None:
        asks = f"That it was deleted is on record since {disclosure.deleted_on}."
        problems.append(impossible("already_confirmed", asks, "disclosure"))
    else:
        problems += not_before(day, disclosure.ended_on, "it ended")
    judge(problems)
    fact = DisclosureDeleted(disclosure=disclosure.id, partner=disclosure.partner, confirmed_on=day)
    return Decision((New(fact, at(day, situation)),), any_post(situation, situation.today), ("baseline 15",))


def _is_the_partner(disclosure: Disclosure, situation: Situation) -> bool:
    signed_in = situation.landlord.subscriber_of(situation.actor)
    return signed_in is not None and signed_in.partner == disclosure.partner


def _open(wanted: str, situation: Situation) -> Disclosure:
    found = _known(wanted, situation)
    if found.ended_on is not None:
        raise Refused([impossible("already_ended", f"It ended on {found.ended_on} already.", "disclosure")])
    return found


def _known(wanted: str, situation: Situation) -> Disclosure:
    found = situation.case.disclosure(wanted)
    if found is None:
        raise Refused([impossible("unknown_disclosure", f"This case has no {wanted}.", "disclosure")])
    return found


# Who may


def _roles_of(disclosure: Disclosure, situation: Situation) -> tuple[tuple[RoleCode, ...], ...]:
    case = situation.case
    restrictions = [r for r in case.restrictions if disclosure.measures_of(r.id)]
    return _roles(restrictions, [w for w in case.safety if disclosure.discloses_warning(w.id)], situation)


def _roles(
    restrictions: Iterable[Restriction], warnings: Sequence[SafetyWarning], situation: Situation
) -> tuple[tuple[RoleCode, ...], ...]:
    """Of each kind of thing, who may show it: whoever decides on it, or the data protection officer."""
    policy, baseline = situation.policy, situation.baseline
    deciders = (*policy.decision.by.value, *(policy.decision.delegates.value if policy.decision.delegates else ()))
    found: dict[tuple[RoleCode, ...], None] = {}
    for restriction in restrictions:
        urgent = baseline.interim_by if restriction.interim else ()
        found[*DATA_PROTECTION, *deciders, *urgent] = None
    if warnings:
        found[*DATA_PROTECTION, *baseline.safety_approved_by, *policy.decision.by.value] = None
    return tuple(found)


def _may_decide(roles: Iterable[tuple[RoleCode, ...]], situation: Situation) -> Iterator[Violation]:
    for entitled in roles:
        if held(situation, entitled, situation.today) is None:
            asks = (
                f"Showing this to a partner falls to the {titles(situation, dict.fromkeys(entitled))}; you do not hold "
                f"that post on {situation.today}.{nobody_holds(situation, entitled, situation.today)}"
            )
            yield impossible("post_held", asks)


def _post(roles: Iterable[tuple[RoleCode, ...]], situation: Situation) -> RoleCode | None:
    return next((held(situation, entitled, situation.today) for entitled in roles), None)


def _clauses(audience: str | None, warnings: Sequence[SafetyWarning], situation: Situation) -> list[str]:
    """The policy's clause on its partners, the baseline's on warnings, and that it is undone when it ends."""
    own = situation.policy.audiences.get(audience) if audience is not None else None
    of_warnings = ["baseline 14"] if warnings else []
    return [*([own.cited] if own else []), *of_warnings, "baseline 15"]
