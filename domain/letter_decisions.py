"""What the letters about a warning, a decision and its changes can say."""

from __future__ import annotations

from domain import events as e
from domain.case_parts import Restriction
from domain.letter_parts import (
    Found,
    Lists,
    NothingToWriteAbout,
    Surroundings,
    Values,
    about_appealing,
    about_restriction,
    days_of_incidents,
    ids_listed,
    informed_audiences,
    known_fact,
    known_restriction,
    measures_told,
    next_reviews,
    policy_behind,
    record_kept,
    sealed_value,
    shown_events,
    what_stands,
)
from domain.letter_values import Value, day_in_words
from domain.policy import Policy


def warning(about: str, around: Surroundings) -> Found:
    """A written warning."""
    event, fact = known_fact(e.WarningIssued, lambda f: f.warning == about, "warning", about, around)
    policy = policy_behind(event, around)
    initial = [policy.measures[code] for code in fact.initial_measures if code in policy.measures]
    values: Values = {
        "behaviour": sealed_value(event, "behaviour", fact.behaviour),
        "change_asked": sealed_value(event, "change_asked", fact.change_asked),
        "consequences": sealed_value(event, "consequences", fact.consequences),
        "initial_measures_words": sealed_value(event, "initial_measures_words", fact.initial_measures_words),
        "counts_for": fact.lapses_after,
    }
    measures = [{"title": kind.title, "means": kind.means} for kind in initial]
    lists: Lists = {"incidents": days_of_incidents(fact.incidents, around), "initial_measures": measures}
    return Found("warning", event, values, lists, policy)


def decision(about: str, around: Surroundings) -> Found:
    """A restriction: decided in full, for some days only, or brought along and never told."""
    restriction = known_restriction(about, "decision", around)
    for event in shown_events(around):
        fact = event.fact
        if isinstance(fact, e.RestrictionApplied) and fact.restriction == about:
            return _applied(event, fact, restriction, around)
        if isinstance(fact, e.InterimRestrictionApplied) and fact.restriction == about:
            return _interim(event, fact, restriction, around)
        if isinstance(fact, e.RestrictionImported) and fact.restriction == about:
            return _imported(event, fact, restriction, around)
    raise NothingToWriteAbout(f"This case has no decision {about}.")


def _applied(event: e.Event, fact: e.RestrictionApplied, restriction: Restriction, around: Surroundings) -> Found:
    policy = policy_behind(event, around)
    warned = [n.sent_on for n in around.case.notices if n.about == fact.warning and n.sent_on] if fact.warning else []
    values: Values = {
        **about_restriction(restriction, event, around),
        **about_appealing(fact.appeal, policy, around),
        **record_kept(policy),
        **{
            name: sealed_value(event, name, getattr(fact, name))
            for name in (
                "behaviour",
                "proportionality",
                "impact",
                "term_reason",
                "exceptional_reason",
                "single_ground_reason",
                "extreme_reason",
                "allowances",
            )
        },
        "warned_on": day_in_words(max(warned)) if warned else None,
    }
    return Found("decision", event, values, _what_is_told(fact, restriction, policy, around), policy)


def _interim(
    event: e.Event, fact: e.InterimRestrictionApplied, restriction: Restriction, around: Surroundings
) -> Found:
    policy = policy_behind(event, around)
    values: Values = {
        **about_restriction(restriction, event, around),
        **about_appealing(fact.appeal, policy, around),
        "behaviour": sealed_value(event, "behaviour", fact.behaviour),
        "safety_reason": sealed_value(event, "safety_reason", fact.safety_reason),
        **record_kept(policy),
    }
    return Found("decision_interim", event, values, _what_is_told(fact, restriction, policy, around), policy)


def _imported(event: e.Event, fact: e.RestrictionImported, restriction: Restriction, around: Surroundings) -> Found:
    """One that an earlier register told of, whose customer was never told: with what is known of it by now."""
    policy = around.of(restriction.policy)
    completed = [
        (one, one.fact)
        for one in shown_events(around)
        if isinstance(one.fact, e.ImportCompleted) and one.fact.restriction == fact.restriction
    ]
    values: Values = {
        **about_restriction(restriction, event, around),
        **about_appealing(restriction.appeal, policy, around),
        **record_kept(policy),
        "behaviour": sealed_value(event, "behaviour", fact.behaviour),
    }
    for one, more in completed:
        values |= {
            name: sealed_value(one, name, getattr(more, name))
            for name in ("behaviour", "proportionality")
            if getattr(more, name) is not None
        }
    lists = {
        **what_stands(restriction, policy, around.today),
        "incidents": days_of_incidents(restriction.incidents, around),
    }
    return Found("decision", None, values, {**lists, "informed": informed_audiences(policy)}, policy)


def _what_is_told(
    fact: e.RestrictionApplied | e.InterimRestrictionApplied,
    restriction: Restriction,
    policy: Policy,
    around: Surroundings,
) -> Lists:
    """Measures and dates as they stand on the day of the letter: one that is late, or goes out again, is no less true.

    A change has a letter of its own all the same.
    """
    return {
        **what_stands(restriction, policy, around.today),
        "incidents": days_of_incidents(fact.incidents, around),
        "informed": informed_audiences(policy),
    }


def change(about: str, around: Surroundings) -> Found:
    """A variation, an easing or an extension, by what the change was."""
    for event in shown_events(around):
        fact = event.fact
        if isinstance(fact, e.RestrictionVaried | e.RestrictionEased | e.RestrictionExtended) and fact.change == about:
            restriction = known_restriction(fact.restriction, "change", around)
            policy = policy_behind(event, around)
            if isinstance(fact, e.RestrictionExtended):
                return _extended(event, fact, restriction, policy, around)
            appeal = fact.appeal if isinstance(fact, e.RestrictionVaried) else restriction.appeal
            values: Values = {
                **about_restriction(restriction, event, around),
                **about_appealing(appeal, policy, around),
                "reasons": sealed_value(event, "reasons", fact.reasons),
                "from_on": day_in_words(fact.from_on),
            }
            template = "easing"
            if isinstance(fact, e.RestrictionVaried):
                template = "variation"
                values["proportionality"] = sealed_value(event, "proportionality", fact.proportionality)
            lists: Lists = {
                "measures": measures_told(fact.measures, policy),
                "reviews": next_reviews(restriction.pending_reviews(), policy, around.today),
                "informed": informed_audiences(policy),
            }
            return Found(template, event, values, lists, policy)
    had = sorted(change for restriction in around.case.restrictions for change in restriction.changes)
    raise NothingToWriteAbout(f"This case has no change {about}; it has {ids_listed(had)}.")


def _extended(
    event: e.Event, fact: e.RestrictionExtended, restriction: Restriction, policy: Policy, around: Surroundings
) -> Found:
    first = [
        one
        for one in shown_events(around)
        if isinstance(one.fact, e.RestrictionApplied | e.RestrictionImported)
        and one.fact.restriction == fact.restriction
    ]
    behaviour: Value = None
    if first and isinstance(first[0].fact, e.RestrictionApplied | e.RestrictionImported):
        behaviour = sealed_value(first[0], "behaviour", first[0].fact.behaviour)
    before = [term.ends_on for term in restriction.terms if term.ends_on < fact.ends_on]
    values: Values = {
        **about_restriction(restriction, event, around),
        **about_appealing(fact.appeal, policy, around),
        "behaviour": behaviour,
        "reasons": sealed_value(event, "reasons", fact.reasons),
        "proportionality": sealed_value(event, "proportionality", fact.proportionality),
        "pattern": sealed_value(event, "pattern", fact.pattern),
        "ends_on": day_in_words(fact.ends_on),
        "ended_before": day_in_words(max(before)) if before else None,
    }
    standing = what_stands(restriction, policy, around.today)
    lists = {**standing, "incidents": days_of_incidents(fact.incidents, around), "informed": informed_audiences(policy)}
    return Found("extension", event, values, lists, policy)
