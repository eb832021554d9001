"""What is still missing of a restriction that was brought along, and the steps of which a register shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.baseline import Baseline
from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import Effect, NoticeKind
from domain.events.parts import Measure
from domain.policy import Cited, Policy, StepCode

OF_A_MEASURE: Final = "measures."
WARNED: Final = "warning_first"
REASONED: Final = "reasons_and_evidence"


def still_missing(case: Case, restriction: Restriction) -> Iterator[str]:
    """What the register did not say and nobody has supplied since, by whichever command."""
    for item in restriction.missing:
        told = item == "told_on" and any(
            n.sent_on is not None and n.received_on is not None
            for n in case.notices_about(restriction.id, NoticeKind.DECISION)
        )
        right_person = item == "reference" and any(not merge.undone for merge in case.merges)
        if not (told or right_person or (item.startswith(OF_A_MEASURE) and _is_said(restriction, item))):
            yield item


def tasks(case: Case, restriction: Restriction) -> Iterator[str]:
    """What somebody has still to find out, but for what is a task of its own: the letter, and who answers."""
    for item in still_missing(case, restriction):
        sought = restriction.brought is not None and item in restriction.brought.sought
        if not sought and item != "told_on" and not _is_named_contact(restriction, item):
            yield item


def item_of(measure: Measure, parameter: str) -> str:
    """How a parameter that a measure lacks is named among what is missing."""
    return f"{OF_A_MEASURE}{measure.code}.{parameter}"


def unnamed(measure: Measure) -> bool:
    """Whether somebody is to answer the customer under a measure, and nobody knows who."""
    return measure.effect is Effect.NAMED_CONTACT and not measure.contact_staff and measure.contact_role is None


def _is_said(restriction: Restriction, item: str) -> bool:
    code, _, parameter = item.removeprefix(OF_A_MEASURE).rpartition(".")
    return all(_says(m, parameter) for m in restriction.sets[-1].measures if m.code == code)


def _says(measure: Measure, parameter: str) -> bool:
    if parameter == "contact_staff" and measure.contact_role is not None:
        return True
    return is_given(getattr(measure, parameter))


def is_given(value: object) -> bool:
    """Whether something is said; a personal value is compared with nothing."""
    return value is not None and not (isinstance(value, tuple) and not value)


def _is_named_contact(restriction: Restriction, item: str) -> bool:
    return any(item == item_of(m, "contact_staff") and unnamed(m) for m in restriction.sets[-1].measures)


def steps_asked(policy: Policy, baseline: Baseline) -> Iterator[tuple[str, Cited | None, str]]:
    """Every step before a decision: its rule, the value of the policy behind it, and what it asks.

    Without such a value the baseline's rule of the same name asks for it.
    """
    required = policy.warning.required
    yield WARNED, required if required and required.value else None, "A written warning came first and was received."
    yield from ((f"check_{code}", check, check.asks) for code, check in policy.checks.items())
    if policy.panel is not None:
        yield "panel_view", policy.panel, "The panel gave its view."
    for code, step in policy.steps.items():
        if step.before_decision and code is not StepCode.MITIGATION:
            yield f"step_{code}", step, step.says
    yield "adjustments", None, baseline.rules["adjustments"].asks
    yield "post_held", policy.decision.by, "The decision falls to the post that the policy names."
    for rule in (REASONED, "a_usable_channel_stays_open"):
        yield rule, None, baseline.rules[rule].asks


def supplied_as_steps(policy: Policy, baseline: Baseline) -> tuple[str, ...]:
    """The rules that can be told of by the day on which their step was taken; the others have fields of their own."""
    return tuple(rule for rule, _, _ in steps_asked(policy, baseline) if rule not in (WARNED, REASONED))
