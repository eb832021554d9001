"""Everything that is held of one person, gathered for the data protection officer, who reviews it before it goes out.

Of the person are all their cases, those of records that were merged with theirs, and what other people's cases say of
them or name them for, as a representative for one. An entry that was moved to somebody else's case is not theirs; one
that came to theirs is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from application.desk import Desk, NotFound
from domain.codes import CaseId, StaffId, SubjectId
from domain.events import SYSTEM, EntryDisposalDecided, EntryDisposalProposed, Event
from domain.evolve import fold
from domain.ids_named import named_in, where_named


@dataclass(frozen=True, slots=True)
class HeldCase:
    """One case of the person: its events in order, and which of them are hidden as somebody else's."""

    case: CaseId
    events: Sequence[Event]
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of a person: under which ids they are known, their cases, and cases of others that name them."""

    persons: tuple[SubjectId, ...]
    cases: tuple[HeldCase, ...]
    elsewhere: tuple[HeldCase, ...]
    by_landlord: tuple[Event, ...]  # of the landlord's own stream: how somebody without a case was to be ended, or was

    def shown(self) -> Sequence[Event]:
        """The events of the person's own cases, without those that are somebody else's."""
        return [event for held in self.cases for event in held.events if event.event_id not in held.hidden]

    def staff(self) -> tuple[StaffId, ...]:
        """Everybody on the staff who acted in these events, or is named in one; each once."""
        found: dict[StaffId, None] = {}
        for event in self.shown():
            named = named_in(event.fact)
            found |= dict.fromkeys([event.actor, *named.staff])
        return tuple(one for one in found if one != SYSTEM)

    def others(self) -> tuple[SubjectId, ...]:
        """Other people whom these events name by their id; each once."""
        found = dict.fromkeys(one for event in self.shown() for one in named_in(event.fact).subjects)
        return tuple(one for one in found if one not in self.persons)

    def others_cases(self) -> tuple[CaseId, ...]:
        """Cases of other people whom these events name; each once."""
        own = {held.case for held in self.cases}
        found = dict.fromkeys(one for event in self.shown() for one in named_in(event.fact).cases)
        return tuple(one for one in found if one not in own)


def held_of(
    desk: Desk, person: SubjectId, that_speak_of: Callable[[Collection[SubjectId]], Collection[CaseId]]
) -> Held:
    """What the landlord holds of a person; `that_speak_of` tells the streams that can say something of these people."""
    persons, own = [person], dict[CaseId, HeldCase]()
    for one in persons:  # grows while records turn out to be merged with one another
        for case in desk.cases_of(one):
            history = desk.history(case)
            folded = fold(history)
            own[case] = HeldCase(case, history, folded.hidden())
            persons += [merged for merged in folded.persons() if merged not in persons]
    elsewhere = []
    for case in sorted(that_speak_of(persons)):
        if case in own:
            continue
        # Not the landlord's own stream, nor a case for which a key was made and that never came about.
        with suppress(NotFound):
            history = desk.history(case)
            elsewhere.append(HeldCase(case, history, fold(history).hidden()))
    by_landlord = tuple(_of_landlord(desk.landlord_history(), persons))
    return Held(tuple(persons), tuple(own.values()), tuple(elsewhere), by_landlord)


def _of_landlord(history: Iterable[Event], persons: Collection[SubjectId]) -> Iterator[Event]:
    """What names these people, and what was decided on a disposal that does: the decision has its id alone."""
    proposed: set[str] = set()
    for event in history:
        fact = event.fact
        names_them = bool(where_named(fact, persons))
        if isinstance(fact, EntryDisposalProposed) and names_them:
            proposed.add(fact.disposal)
        if names_them or (isinstance(fact, EntryDisposalDecided) and fact.disposal in proposed):
            yield event
