"""Over any history with any disclosures: a partner is told what was decided, all of it, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.events.disclosures import DisclosedWarning
from infrastructure.downstream.disclosed import Grants, cut
from infrastructure.downstream.telling import NOTHING, Teller
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import Mapper
from tests.golden.corpus import golden_sealing
from tests.golden.samples import PERSON
from tests.histories import MONDAY, History, text
from tests.infrastructure.a_landlord import as_row
from tests.infrastructure.a_log import NOON
from tests.infrastructure.downstream.a_disclosure import disclosed, ended
from tests.infrastructure.downstream.the_forms import thin
from tests.random_histories import BEFORE, DURING

PARTNER, ANOTHER = "repairs", "council"

# What of a disclosed restriction is told as what it is, by hand; all else is at most word that something changed.
OF_A_RESTRICTION = {
    *("RestrictionVaried", "RestrictionEased", "RestrictionExtended", "ImportCompleted"),
    *("RestrictionLifted", "RestrictionEnded", "RestrictionOverturned", "RestrictionWithdrawnAsWrong"),
}


def _disclose(history: History, on: date, partner: str, pick: int) -> None:
    """Some measures of one restriction, as they stand."""
    number = pick % len(history.state.restrictions)
    measures = history.state.restrictions[number].sets[-1].measures
    shown = [m for place, m in enumerate(measures) if pick >> place & 1] or list(measures[:1])
    history.add(disclosed(history, partner, shown, restriction=number, on=on), on)


def _ease(history: History, on: date, pick: int) -> None:
    """Of the last restriction some measures fall away; those that are left keep their ids."""
    restriction = history.state.restrictions[-1]
    measures = restriction.sets[-1].measures
    fact = e.RestrictionEased(
        change=f"change-{history.state.changes + 1}",
        restriction=restriction.id,
        measures=tuple(m for place, m in enumerate(measures) if pick >> place & 1) or measures[:1],
        from_on=on,
        reasons=text("reasons"),
        because_of=None,
    )
    history.add(fact, on)


@st.composite
def disclosing(draw: st.DrawFn) -> History:
    """A case with restrictions of which parts are shown to two partners, and no longer, in any order."""
    history = History("any").opened()
    on = MONDAY
    for _ in range(draw(st.integers(3, 16))):
        on += timedelta(days=draw(st.integers(0, 20)))
        pick = draw(st.integers(0, 120))
        opened = [d for d in history.state.disclosures if d.open]
        kinds = ["case"]
        kinds += ["disclose", "disclose"] if history.state.restrictions else []
        kinds += ["end"] if opened else []
        match draw(st.sampled_from(kinds)):
            case "disclose":
                _disclose(history, on, draw(st.sampled_from([PARTNER, PARTNER, ANOTHER])), pick)
            case "end":
                over = opened[pick % len(opened)]
                history.add(ended(over.id, over.partner, on=on), on)
            case _:
                moves = [*BEFORE, *((*DURING * 2, _ease, _ease) if history.state.restrictions else ())]
                draw(st.sampled_from(moves))(history, on, pick)
    return history


def shown_at(history: History, position: int) -> list[e.DisclosureDecided]:
    """By hand: what the partner may see at an event, which is its position here."""
    decided: dict[str, e.DisclosureDecided] = {}
    for event in history.events[:position]:
        match event.fact:
            case e.DisclosureDecided(partner=partner) as fact if partner == PARTNER:
                decided[fact.disclosure] = fact
            case e.DisclosureEnded() as fact if event.version < position:
                decided.pop(fact.disclosure, None)
            case _:
                pass
    return list(decided.values())


def granted(events: Sequence[e.Event]) -> Grants:
    """What was disclosed, as the log tells it."""
    told = {
        StoredRow(event.stream, event.version, type(event.fact).__name__, event.version, NOON, b""): event
        for event in events
        if type(event.fact).__name__.startswith("Disclosure")
    }
    grants = Grants()
    grants.take_in(told, lambda row: replace(told[row], position=row.position))
    return grants


@settings(max_examples=150, deadline=None, derandomize=True)
@given(disclosing())
def test_a_partner_is_told_all_that_was_disclosed_and_nothing_else(history: History) -> None:
    mapper = Mapper(golden_sealing())
    teller = Teller("elm", mapper.clear_of)
    grants = granted(history.events)
    of_case = grants.cases(PARTNER).get(history.case, ())
    for position, event in enumerate(history.events, start=1):
        [stored] = mapper.encode([replace(event, position=0)], lambda _: PERSON)
        entry = teller.entry(as_row(stored, position))
        entry.person = history.person
        told = cut(entry, PARTNER, of_case)
        kind = type(event.fact).__name__
        fact: Any = event.fact
        seen = {r.restriction: {m.id for m in r.measures} for d in shown_at(history, position) for r in d.restrictions}
        for d in shown_at(history, position):
            for r in d.restrictions:
                seen[r.restriction] |= {m.id for m in r.measures}
        if kind.startswith("Disclosure"):
            assert (told is not None) == (fact.partner == PARTNER)
        elif not seen:
            assert told is None, kind
        elif kind in OF_A_RESTRICTION:
            assert (told is not None) == (fact.restriction in seen)
        if told is None:
            continue
        public, detail = told
        body = teller.tell(entry, 0, public, detail, {}).body
        assert b"SECRET" not in body
        said = thin(body)["data"]["detail"]
        if public.name == "state-changed":
            assert said == {}
        elif kind in OF_A_RESTRICTION:
            assert said["restriction"] == fact.restriction
            standing = {m.id for m in getattr(fact, "measures", ())}
            assert {m["id"] for m in said.get("measures", ())} == standing & seen[fact.restriction]
        else:
            assert kind.startswith("Disclosure") or kind == "PersonErased", kind
        assert ANOTHER not in json.dumps(said)


def test_a_partner_hears_that_a_case_became_unreadable_only_while_it_sees_something_of_it() -> None:
    history = History("any").opened().contact().incident().warned(MONDAY).proposed(MONDAY)
    history.applied(MONDAY, ends=MONDAY + timedelta(days=90))
    _disclose(history, MONDAY, PARTNER, 1)
    since = len(history.events)
    history.add(ended("disclosure-1", PARTNER), MONDAY)
    grants = granted(history.events)
    of_case = grants.cases(PARTNER)[history.case]
    teller = Teller("elm", Mapper(golden_sealing()).clear_of)
    for stored in ("RestrictionLifted", "DisclosureDecided", "SomethingOfALaterRelease"):
        for position, heard in ((since - 1, False), (since, True), (since + 1, True), (since + 2, False)):
            row = StoredRow(history.case, position, stored, position, NOON, b"what no release can read")
            told = cut(teller.entry(row), PARTNER, of_case)
            assert (told is not None) is heard
            assert told is None or (told[0].name, told[1]) == ("state-changed", NOTHING)


def test_whoever_sees_a_warning_alone_hears_of_a_death_and_of_nothing_about_restrictions() -> None:
    history = History("any").opened().contact().incident().warned(MONDAY).proposed(MONDAY)
    history.applied(MONDAY, ends=MONDAY + timedelta(days=90))
    _disclose(history, MONDAY, PARTNER, 1)
    known = history.events[-1]
    warning = DisclosedWarning(warning="safety-1", home=None, precautions=(), expires_on=MONDAY)
    decided = replace(known, fact=replace(known.fact, restrictions=(), warnings=(warning,)))  # type: ignore[arg-type]
    grants = granted([decided])
    of_case = grants.cases(PARTNER)[history.case]
    history.told(MONDAY).lifted(MONDAY, from_on=MONDAY)
    died = e.CustomerDied(learnt_on=MONDAY, died_on=None, detail=text("who said so"))
    history.add(died, MONDAY)
    mapper = Mapper(golden_sealing())
    teller = Teller("elm", mapper.clear_of)
    heard = []
    for event in history.events[known.version :]:
        [stored] = mapper.encode([event], lambda _: PERSON)
        told = cut(teller.entry(as_row(stored, event.version)), PARTNER, of_case)
        heard.append((type(event.fact).__name__, told and told[0].name))
    assert heard[-1] == ("CustomerDied", "state-changed")
    assert {name for _, name in heard[:-1]} == {None}
