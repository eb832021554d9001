"""The demonstrations looked back at: clean where they followed the policy, and exact where one step is taken away.

The folder `looked_back` says, for each step, what looking back finds once the events of that step are not in the
history: verdict, rule and clause. It is written from the policies. Where no clause is named it is "the record itself":
something spoken of is not there. What a story itself left undone stands in `LEFT_UNDONE`, with why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from application.demonstrations import STORIES
from application.streams import landlord_stream
from domain.compliance import SHORT, Compliance, Verdict, compliance
from domain.events import Event
from domain.landlord import Landlord, fold_landlord
from tests.domain.a_stage import THE_RECORD, Stage
from tests.policies import baseline_file, policy_file

LOOKED_BACK = Path(__file__).parent / "looked_back"
LANDLORDS = sorted(STORIES)
TODAY = date(2026, 11, 23)

Said = tuple[str, str, str]  # verdict, rule, clause

LEFT_UNDONE: dict[str, set[Said]] = {
    # It ended before its twelve months were over, and nobody looked at it on its last day; agreed calls were not kept
    # note of.
    "brackenbury": {
        ("not_met", "review_twelve_monthly", "6¶1, 6¶2, Step 2¶2"),
        ("cannot_be_shown", "agreed_calls", "Step 2 r4"),
    },
    # A new issue was looked at on the day after it was raised.
    "haddow": {("late", "review_new_issue", "7.3")},
    # Over after three months, before the first look at six.
    "kettering": {("not_met", "review_status", "15.1")},
    # Fifteen Tuesday calls, of which none was taken down.
    "amankwah": {("cannot_be_shown", "agreed_calls", "6.3 r5")},
    # Colleagues were not told, and the first month passed without its look.
    "quill": {("not_met", "informed_relevant_staff", "6.6"), ("not_met", "review_monthly", "10.1")},
    # Nobody has come round to answering; that is what the worklist shows.
    **{
        alias: {("not_met", "adjustment_answered", "baseline 7")}
        for alias in ("yarrow", "tremlett", "osgood", "brockley", "hartnoll")
    },
}


@dataclass
class Told:
    """A story told to its end, with the events that each step made."""

    landlord: str
    stage: Stage = field(init=False)
    made: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stage = Stage(STORIES[self.landlord](TODAY))
        for step in self.stage.story.steps:
            before = self.stage.log.head()
            self.stage.take(step)
            self.made[step.name] = {event.event_id for event in self.stage.log.after(before, 100)}

    def history(self, alias: str) -> list[Event]:
        """The events of a customer's one case."""
        telling = self.stage.telling
        (case,) = telling.desk.cases_of(telling.people[alias])
        return telling.desk.history(case)

    def _landlord(self, position: int) -> Landlord:
        """Who held which post, as was known at a position."""
        stream = landlord_stream(self.landlord)
        return fold_landlord(e for e in self.stage.log.history(stream) if e.position <= position)

    def looked_back(self, alias: str, without: str | None = None) -> Compliance:
        """What is found of a customer's case, without the events of one step."""
        gone = self.made[without] if without else set()
        left = [event for event in self.history(alias) if event.event_id not in gone]
        policy = policy_file(self.landlord).policy
        return compliance(left, self._landlord, lambda _: policy, baseline_file().baseline, TODAY)


_told: dict[str, Told] = {}


@pytest.fixture
def told(landlord: str) -> Told:
    """Each story is told once in a run; looking back changes nothing."""
    return _told.setdefault(landlord, Told(landlord))


def short(found: Compliance) -> set[Said]:
    """What fell short, by verdict, rule and clause."""
    return {(f.verdict.value, f.rule, f.clause) for f in found.of(*SHORT)}


def notable(found: Compliance) -> set[Said]:
    """The same, with what is still owed."""
    return short(found) | {(f.verdict.value, f.rule, f.clause) for f in found.of(Verdict.OPEN)}


def written(landlord: str) -> dict[str, set[Said]]:
    """What is written for a landlord, by the step taken away."""
    rows: dict[str, set[Said]] = {}
    for line in (LOOKED_BACK / f"{landlord}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        step, _, found = line.partition(": ")
        assert step not in rows, f"{step} stands twice"
        rows[step] = set()
        for said in found.split("; ") if found != "nothing" else ():
            words, _, clause = said.partition(" | ")
            verdict, _, rule = words.partition(" ")
            rows[step].add((verdict, rule, clause or THE_RECORD))
    return rows


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_story_is_clean_where_it_followed_the_policy(told: Told) -> None:
    for customer in told.stage.story.customers:
        assert short(told.looked_back(customer.alias)) == LEFT_UNDONE.get(customer.alias, set()), customer.alias


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_step_taken_away_is_found_missing_exactly_where_the_policy_asks_for_it(landlord: str, told: Told) -> None:
    steps = {step.name: step.case for step in told.stage.story.steps}
    expected = written(landlord)
    whole = {alias: notable(told.looked_back(alias)) for alias in set(steps.values())}
    found = {step: notable(told.looked_back(alias, step)) - whole[alias] for step, alias in steps.items()}
    assert found == expected


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_finding_names_events_of_the_history_it_looked_at(told: Told) -> None:
    for customer in told.stage.story.customers:
        known = {event.event_id for event in told.history(customer.alias)}
        for finding in told.looked_back(customer.alias).findings:
            assert known.issuperset(finding.events)
            if finding.verdict is Verdict.MET:
                assert finding.events, finding
