"""Whether whoever speaks with a customer may end the conversation, on what, and which clause says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.baseline import AlwaysOpen
from domain.codes import Channel, Direction, Effect, EndedBecause
from domain.handling import SPOKEN, Held, Question
from domain.measures import protected
from domain.policy import Policy, Source, Strength


class MayEndCall(StrEnum):
    """Whether whoever answers may end the conversation, from the most guarded to the least."""

    NEVER = "never"
    AFTER_WARNING = "after_warning"
    NOW = "now"
    REQUIRED = "required"


ORDER: Final = tuple(MayEndCall)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """Something on which a conversation may or must be ended, once it happens; nothing ends of itself."""

    on: EndedBecause
    may: MayEndCall
    clause: str


CONDUCT: Final = (EndedBecause.ABUSE, EndedBecause.THREAT)


def call_ends(
    reaching: Sequence[Held], question: Question, always_open: AlwaysOpen, policy: Policy | None
) -> tuple[MayEndCall | None, tuple[CallEnd, ...]]:
    """The strongest of what may be done, and each thing on which it may; None where nobody is speaking.

    Nobody who is in danger is hung up on, whatever they say. Conduct ends a conversation as the policy's urgent
    clauses have it, and a measure as the customer was told of it, once it is known that the contact is none of those
    that always get through.
    """
    if question.channel not in SPOKEN:
        return None, ()
    if question.purpose in always_open.any_channel_any_hour:
        return MayEndCall.NEVER, ()
    ends = (*_by_conduct(policy), *_by_measure(reaching, question, always_open))
    return max((end.may for end in ends), key=ORDER.index), ends


def _by_conduct(policy: Policy | None) -> Iterator[CallEnd]:
    """Where a policy says nothing of it, somebody abusive is told first what will follow."""
    urgent = policy.urgent.values() if policy else ()
    for conduct in CONDUCT:
        said = [
            CallEnd(
                on=conduct,
                may=MayEndCall.REQUIRED if act.strength is Strength.MUST else MayEndCall.NOW,
                clause=act.cited,
            )
            for act in urgent
            if conduct in act.because
        ]
        otherwise = CallEnd(on=conduct, may=MayEndCall.AFTER_WARNING, clause=str(Source.ASSUMED))
        yield max(said, key=lambda end: ORDER.index(end.may), default=otherwise)


def _by_measure(reaching: Sequence[Held], question: Question, always_open: AlwaysOpen) -> Iterator[CallEnd]:
    purpose = question.purpose
    if question.direction is Direction.OUTBOUND or question.channel is not Channel.TELEPHONE:
        return
    if purpose is None or protected(purpose, always_open):
        return
    for held in reaching:
        measure = held.measure
        if purpose in measure.exceptions:
            continue
        if measure.effect is Effect.CALLS_ENDED:
            yield CallEnd(on=EndedBecause.NO_PROGRESS, may=MayEndCall.NOW, clause=measure.clause)
        elif measure.effect is Effect.CALL_MINUTES:
            yield CallEnd(on=EndedBecause.LIMIT_REACHED, may=MayEndCall.AFTER_WARNING, clause=measure.clause)
