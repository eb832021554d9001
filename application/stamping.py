"""From a decision to events of the log, and to the answer that whoever asked is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import reduce
from typing import Final

from application.ports import MintEventId, Receipt
from domain.case import Case
from domain.codes import StaffId
from domain.conflicts import conflicts
from domain.decisions.intake import ConfirmContact
from domain.decisions.judgement import Decision, Situation
from domain.decisions.letters import PrepareLetter, lacking
from domain.decisions.notices import TellByTelephone
from domain.decisions.safe_contact import told_safely
from domain.decisions.support import DecideAdjustment
from domain.events import FACTS, ContactFiled, Event, Fact, PolicyRef
from domain.evolve import evolve

# First fields of facts that hold an id or code of something else than what the fact made or is about.
_ELSEWHERE: Final = frozenset({"person", "to", "household", "landlord"})

NOT_FILED: Final = (
    "It is an ordinary contact, to be answered: the measure by which it was to be filed has ended, or files nothing of "
    "this purpose, matter, day and channel."
)


def stamped(
    decision: Decision,
    mint: MintEventId,
    stream: str,
    version: int,
    actor: StaffId,
    policy: PolicyRef | None,
    beside: Sequence[Case] = (),
) -> list[Event]:
    """The facts of a decision as the next events of a stream that is at `version`; all after the first follow from it.

    Facts that belong elsewhere become the next events of the first case in `beside`, or of the one that they name.
    Every call mints new ids: an id is part of what seals a personal value, so no two tries may share one.
    """
    events: list[Event] = []
    at = {case.id: case.version for case in beside} | {stream: version}
    for new in decision.facts:
        of = beside[0].id if new.elsewhere and beside else new.within or stream
        at[of] += 1
        events.append(
            Event(
                event_id=mint(),
                stream=of,
                version=at[of],
                fact=new.fact,
                effective_at=new.effective_at,
                actor=actor,
                post=decision.post,
                policy=policy,
                clauses=decision.clauses,
                overrides=decision.overrides,
                cause=events[0].event_id if events else None,
            )
        )
    return events


def split(events: Sequence[Event], stream: str) -> tuple[list[Event], list[Event]]:
    """The events of this stream, and those of others."""
    return [e for e in events if e.stream == stream], [e for e in events if e.stream != stream]


def answer_of(kind: str, name: str, events: Sequence[Event]) -> dict[str, object]:
    """What is kept as the answer to a request; the position is the receipt's, and added when it is shown.

    Of a command that touches two cases, what happened in this one.
    """
    own = [event for event in events if event.stream == events[0].stream]
    return {kind: name, "version": own[-1].version, "facts": [_fact(event) for event in own]}


def filing_told(command: ConfirmContact, events: Sequence[Event]) -> dict[str, object]:
    """What became of a contact that was to be filed: who reads it by when, or that it is an ordinary one."""
    measure = command.filed_under or command.advised
    filed = next((event.fact for event in events if isinstance(event.fact, ContactFiled)), None)
    if filed is None:
        return {"measure": measure, "filed": False, "why_not": NOT_FILED}
    return {"measure": measure, "filed": True, "reader": filed.reader, "read_by_on": str(filed.read_by_on)}


def conflicts_told(
    command: DecideAdjustment, case: Case, events: Sequence[Event], situation: Situation
) -> list[dict[str, str]]:
    """The measures in force, of any of the customer's cases, that go against what was just agreed: to be varied."""
    after = reduce(evolve, (event for event in events if event.stream == case.id), case)
    found = conflicts((after, *situation.others), situation.today, situation.baseline.adjustments)
    agreed_now = (case.id, command.adjustment)
    return [{"case": c.case, "measure": c.measure} for c in found if (c.agreed_in, c.adjustment) == agreed_now]


def told_against(command: TellByTelephone, situation: Situation) -> list[dict[str, str]]:
    """What the customer had asked for and a conversation went against: it is taken down all the same, and said."""
    found = told_safely(command.day(situation), situation)
    return [{"rule": v.rule, "clause": v.clause, "asks": v.asks} for v in found]


def lacking_told(command: PrepareLetter, situation: Situation) -> list[dict[str, str]]:
    """What keeps a letter that was just prepared from being released as it is."""
    return [{"rule": v.rule, "clause": v.clause, "asks": v.asks} for v in lacking(command, situation)]


def shown_answer(receipt: Receipt) -> Receipt:
    """The receipt with its answer as it is given, now and at every repetition: keys in one order, position included."""
    kept = dict(receipt.answer)
    facts = kept.pop("facts", [])
    if not isinstance(facts, Sequence):
        raise TypeError("a kept answer lists its facts")
    order: dict[str, object] = {key: kept.pop(key) for key in ("case", "landlord", "version") if key in kept}
    shown = [{key: fact[key] for key in ("event_id", "type", "version", "id") if key in fact} for fact in facts]
    return replace(receipt, answer={**order, "position": receipt.last_position, "facts": shown, **kept})


def _fact(event: Event) -> Mapping[str, object]:
    known = {"event_id": event.event_id, "type": stored_name(event.fact), "version": event.version}
    return known if (about := _id(event.fact)) is None else {**known, "id": about}


def stored_name(fact: Fact) -> str:
    """The name under which a fact is stored."""
    return next(name for name, kind in FACTS.items() if kind is type(fact))


def _id(fact: Fact) -> str | None:
    """The id of what the fact made or is about: each fact names that first."""
    first = fields(fact)[0].name
    value = getattr(fact, first)
    return value if isinstance(value, str) and first not in _ELSEWHERE else None
