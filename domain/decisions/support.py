"""Support: adjustments asked for and answered, help offered, circumstances and the equality duty considered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import last_day
from domain.codes import Channel, Characteristic, Mitigation
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    Situation,
    Violation,
    impossible,
    not_before,
    recorded,
)
from domain.events import (
    AdjustmentDecided,
    AdjustmentEnded,
    AdjustmentRequested,
    EqualityDutyConsidered,
    MitigationConsidered,
    SupportOffered,
)
from domain.personal import AdjustmentText
from domain.policy import StepCode

OTHER = "other"


class RequestAdjustment(Command):
    """Takes down that an adjustment was asked for, or that one may be needed."""

    kind: Id
    needs: AdjustmentText
    anticipated: bool = False


class DecideAdjustment(Command):
    """Answers a request: agreed as asked, agreed in another form, or refused.

    What it depends on beyond its kind is said in codes: `needs_channels` have to stay open for it, `unusable_channels`
    are of no use to this customer. With `replaces` it is agreed in the place of one that is given until then.

    It goes before what is in force at once: the answer names each measure that conflicts with it, to be varied.
    """

    asks_of_others: ClassVar[bool] = True

    adjustment: Id
    agreed: bool
    reason: AdjustmentText
    kind: Id | None = None
    instruction: AdjustmentText | None = None
    starts_on: Day | None = None
    needs_channels: Annotated[tuple[Channel, ...], Field(max_length=9)] = ()
    unusable_channels: Annotated[tuple[Channel, ...], Field(max_length=9)] = ()
    replaces: Id | None = None


class EndAdjustment(Command):
    """Takes down that an adjustment is no longer needed."""

    takes_closed: ClassVar[bool] = True

    adjustment: Id
    reason: AdjustmentText


class OfferSupport(Command):
    """Takes down that help was offered."""

    kind: Id
    detail: AdjustmentText
    issue: Id | None = None


class ConsiderMitigation(Command):
    """Takes down which circumstances were looked at, and what follows from them."""

    considered: Annotated[tuple[Mitigation, ...], Field(min_length=1)]
    conclusion: AdjustmentText


class ConsiderEqualityDuty(Command):
    """Takes down the due regard that was paid to the equality duty."""

    conclusion: AdjustmentText
    characteristics: tuple[Characteristic, ...] = ()


def request_adjustment(command: RequestAdjustment, situation: Situation) -> Decision:
    """Open until answered; nothing is decided against the customer meanwhile (baseline 7)."""
    day = command.day(situation)
    fact = AdjustmentRequested(
        adjustment=f"adjustment-{len(situation.case.adjustments) + 1}",
        kind=command.kind,
        requested_on=day,
        anticipated=command.anticipated,
        needs=command.needs,
        answer_by_on=last_day(day, situation.baseline.adjustment_answered_within.period, situation.policy.nation),
    )
    return recorded(situation, command, _kind_exists(command.kind, situation), fact)


def decide_adjustment(command: DecideAdjustment, situation: Situation) -> Decision:
    """The answer says what colleagues do, never why."""
    asked = next((a for a in situation.case.adjustments if a.id == command.adjustment), None)
    problems: list[Violation] = []
    if asked is None:
        problems.append(impossible("unknown_adjustment", f"This case has no {command.adjustment}.", "adjustment"))
    elif not asked.open:
        problems.append(
            impossible("already_answered", f"{command.adjustment} was answered on {asked.decided_on}.", "adjustment")
        )
    else:
        problems += not_before(command.day(situation), asked.requested_on, "it was asked for")
    if command.agreed and command.instruction is None:
        problems.append(
            impossible("instruction_needed", "Say what colleagues must do, without saying why.", "instruction")
        )
    if command.kind is not None:
        problems += _kind_exists(command.kind, situation)
    problems += _can_be_replaced(command, situation)
    starts_on = command.starts_on or command.day(situation)
    fact = AdjustmentDecided(
        adjustment=command.adjustment,
        agreed=command.agreed,
        kind=command.kind or (asked.kind if asked else OTHER),
        starts_on=starts_on,
        instruction=command.instruction,
        reason=command.reason,
        needs_channels=command.needs_channels,
        unusable_channels=command.unusable_channels,
    )
    if command.replaces is None:
        return recorded(situation, command, problems, fact)
    ended = AdjustmentEnded(adjustment=command.replaces, ended_on=starts_on - timedelta(days=1), reason=command.reason)
    return recorded(situation, command, problems, fact, ended)


def _can_be_replaced(command: DecideAdjustment, situation: Situation) -> Iterator[Violation]:
    if command.replaces is None:
        return
    if not command.agreed:
        yield impossible("nothing_agreed", "Only an adjustment that is agreed takes another one's place.", "replaces")
    given = next((a for a in situation.case.adjustments if a.id == command.replaces), None)
    if given is None or not given.in_force_on(command.day(situation)):
        asks = f"{command.replaces} is not in force on {command.day(situation)}."
        yield impossible("adjustment_not_given", asks, "replaces")


def end_adjustment(command: EndAdjustment, situation: Situation) -> Decision:
    """Only an adjustment that is given can end; no end of a restriction or of the case ends it."""
    day = command.day(situation)
    given = next((a for a in situation.case.adjustments if a.id == command.adjustment), None)
    problems: list[Violation] = []
    if given is None or not given.in_force_on(day):
        problems.append(
            impossible("adjustment_not_given", f"{command.adjustment} is not in force on {day}.", "adjustment")
        )
    fact = AdjustmentEnded(adjustment=command.adjustment, ended_on=day, reason=command.reason)
    return recorded(situation, command, problems, fact)


def _kind_exists(kind: str, situation: Situation) -> Iterator[Violation]:
    kinds = {*situation.policy.adjustments, *situation.baseline.adjustments}
    if kind != OTHER and kind not in kinds:
        known = ", ".join([*sorted(kinds), OTHER])
        yield impossible("unknown_adjustment_kind", f"There is no kind {kind}; there are {known}.", "kind")


def offer_support(command: OfferSupport, situation: Situation) -> Decision:
    """Help with a genuine difficulty; some grounds can be used only after it."""
    taken = sum(1 for s in situation.case.steps if s.code == StepCode.SUPPORT)
    fact = SupportOffered(
        support=f"support-{taken + 1}",
        kind=command.kind,
        offered_on=command.day(situation),
        issue=command.issue,
        detail=command.detail,
    )
    return recorded(situation, command, (), fact)


def consider_mitigation(command: ConsiderMitigation, situation: Situation) -> Decision:
    """What is known of somebody's circumstances, looked at before anything is decided."""
    problems: list[Violation] = []
    if Mitigation.NONE_KNOWN in command.considered and len(command.considered) > 1:
        problems.append(
            impossible("none_or_some", "none_known cannot stand beside a known circumstance.", "considered")
        )
    fact = MitigationConsidered(
        considered=command.considered, considered_on=command.day(situation), conclusion=command.conclusion
    )
    return recorded(situation, command, problems, fact)


def consider_equality_duty(command: ConsiderEqualityDuty, situation: Situation) -> Decision:
    """Due regard, written down when it is paid (Equality Act 2010, s 149)."""
    fact = EqualityDutyConsidered(
        characteristics=command.characteristics,
        considered_on=command.day(situation),
        conclusion=command.conclusion,
    )
    return recorded(situation, command, (), fact)
