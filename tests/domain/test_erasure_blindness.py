"""No rule and no fold reads a personal value: with values that cannot be touched, everything goes as it did before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.advice import advise
from domain.case import Case
from domain.codes import (
    Answer,
    AppealOutcome,
    Channel,
    Direction,
    HoldReason,
    Mitigation,
    Purpose,
    RecordClass,
    ReviewOutcome,
    Right,
    RightsOutcome,
)
from domain.decisions import CaseCommand, Refused
from domain.decisions.appeals import AppointAppealReviewer, DecideLateAppeal, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import EaseRestriction, RaiseNewIssue, VaryRestriction
from domain.decisions.endings import CloseCase, LiftRestriction, WithdrawAsWrong
from domain.decisions.intake import CorrectContact, DisputeContact, LogContact
from domain.decisions.notices import RecordReturn, TellByTelephone
from domain.decisions.proposals import DeclineRestriction, ReturnProposal
from domain.decisions.retention import DecideDisposal, ErasePerson, ProposeDisposal
from domain.decisions.reviews import CompleteReview, RequestReview
from domain.decisions.rights import AnswerRightsRequest, PlaceLegalHold, ReceiveRightsRequest, ReleaseLegalHold
from domain.decisions.steps import MakeAgreement, WithdrawWarning
from domain.decisions.support import ConsiderMitigation, DecideAdjustment, EndAdjustment, RequestAdjustment
from domain.evolve import evolve
from domain.handling import Question
from domain.personal import Personal
from domain.retention import kept_in
from tests.domain import a_closed_case, test_recording, world
from tests.domain.test_main_road import LANDLORDS
from tests.domain.test_recording import furnished, recordings
from tests.domain.world import Road, override, staff
from tests.histories import History
from tests.policies import baseline
from tests.random_histories import histories


class Untouchable(Personal):
    """A personal value that can be carried about; whatever looks at it, or into it, fails."""

    __slots__ = ()

    def __init__(self) -> None:
        """Holds nothing."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":  # by which one asks only what it is, never what it says
            return Untouchable
        raise AssertionError(f"a personal value was asked for its {name}")


def without_words(value: object) -> object:
    """A value in which every personal one is replaced by the same mark, so that the rest can be compared."""
    if isinstance(value, Personal):
        return "<personal>"
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, [(f.name, without_words(getattr(value, f.name))) for f in fields(value)]
    if isinstance(value, Mapping):
        return {key: without_words(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [without_words(item) for item in value]
    return value


def blinded(value: Any) -> Any:
    """A fact in which every personal value is replaced by one that cannot be touched."""
    if isinstance(value, Personal):
        return Untouchable()
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: blinded(getattr(value, f.name)) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(blinded(item) for item in value)
    return value


def test_an_untouchable_value_fails_whoever_looks_at_it() -> None:
    looks: list[Callable[[Personal], object]] = [
        str,
        bool,
        hash,
        lambda v: v == Untouchable(),
        lambda v: f"{v}",
        lambda v: v.about,
        lambda v: v.content(),
    ]
    for look in looks:
        with pytest.raises((AssertionError, TypeError)):
            look(Untouchable())


# deciding

Text = Callable[[], Personal]
R: Final = "restriction-1"


def moves(road: Road, text: Text) -> list[tuple[CaseCommand, str]]:
    """What somebody might do next in a case with a restriction, possible or not, and by whom."""
    case, policy = road.world.case, road.policy
    contact, proposal, first = case.contacts[-1].id, case.proposals[-1].id, case.restrictions[0]
    hears = policy.appeal.heard_by.value[0] if policy.appeal.heard_by else "board"
    scheduled = first.schedule[0]
    in_two_months = road.world.today + timedelta(days=60)
    officer: list[CaseCommand] = [
        LogContact(channel=Channel.TELEPHONE, summary=text(), purpose=Purpose.ENQUIRY),
        CorrectContact(contact=contact, reason=text(), purpose=Purpose.REPAIR),
        DisputeContact(contact=contact, statement=text()),
        RequestAdjustment(kind="other", needs=text()),
        DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=text(), instruction=text()),
        EndAdjustment(adjustment="adjustment-1", reason=text()),
        ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=text()),
        MakeAgreement(terms=text(), review_on=in_two_months),
        TellByTelephone(restriction=R, measures=(f"{R}.1",), notes=text()),
        RecordReturn(notice=case.notices[-1].id),
        RecordBreach(contact=contact, restriction=R, measure=f"{R}.1", account=text()),
        RaiseNewIssue(issue="issue-2", contact=contact, summary=text()),
        LodgeAppeal(against=R, reasons=text()),
        AppointAppealReviewer(appeal="appeal-1", reviewer=staff(hears)),
        RequestReview(restriction=R, reasons=text()),
        CloseCase(reasons=text()),
    ]
    decider: list[CaseCommand] = [
        road.application(proposal, term_reason=text(), overrides=(override("warning_first"),)),
        road.extension(R, first.ends_on + timedelta(days=30), considered=False),
        EaseRestriction(restriction=R, keep=(f"{R}.1",), reasons=text()),
        VaryRestriction(
            restriction=R,
            measures=(road.measure(reason=text()),),
            reasons=text(),
            proportionality=text(),
            channels_usable=Answer.YES,
            incidents=("incident-1",),
        ),
        LiftRestriction(restriction=R, reasons=text()),
        WithdrawAsWrong(restriction=R, reasons=text()),
        ReturnProposal(proposal=proposal, reasons=text()),
        DeclineRestriction(proposal=proposal, reasons=text()),
    ]
    for_data: list[CaseCommand] = [
        ReceiveRightsRequest(right=Right.ERASURE, detail=text()),
        AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.REFUSED, reasons=text()),
        PlaceLegalHold(because=HoldReason.CLAIM, reason=text()),
        ReleaseLegalHold(hold="hold-1", reason=text()),
        ProposeDisposal(classes=(RecordClass.CONTACTS,), reason=text()),
        ErasePerson(request="rights-1"),
    ]
    review = CompleteReview(
        restriction=R,
        cadence=scheduled.cadence,
        outcome=ReviewOutcome.LIFTED,
        assessment=text(),
        answers=tuple(policy.reviews[scheduled.cadence].questions),
    )
    return [
        *((command, "case_officer") for command in officer),
        *((command, road.decider()) for command in decider),
        *((command, "data_protection_officer") for command in for_data),
        (DecideDisposal(disposal="disposal-1", approved=False, reason=text()), "records_officer"),
        (WithdrawWarning(warning="warning-1", reason=text()), road.warner()),
        (DecideLateAppeal(appeal="appeal-1", accepted=True, reasons=text()), hears),
        (DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=text()), hears),
        (review, (*scheduled.by, "case_officer")[0]),
    ]


HOW_MANY: Final = 35


def walked(landlord: str, chosen: list[tuple[int, int]], text: Text, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The main road to a restriction, then these moves, each so many days after the one before: all that came of it."""
    with monkeypatch.context() as patched:
        patched.setattr(world, "words", lambda *_: text())
        road = Road(landlord)
        road.restricted()
        road.proposed()
        outcomes: list[object] = []
        for number, days in chosen:
            road.world.wait(days)
            possible = moves(road, text)
            assert len(possible) == HOW_MANY
            command, by = possible[number]
            try:
                road.world.do(command, by=by)
            except Refused as refusal:
                outcomes.append([(v.rule, v.clause, v.asks) for v in refusal.violations])
        return [*outcomes, without_words(road.world.history), without_words(road.world.case)]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    landlord=st.sampled_from(LANDLORDS),
    chosen=st.lists(st.tuples(st.integers(0, HOW_MANY - 1), st.integers(0, 40)), max_size=12),
)
def test_any_road_under_any_policy_goes_the_same_way_whatever_the_words(
    landlord: str, chosen: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = walked(landlord, chosen, lambda: Personal("in words"), monkeypatch)
    assert walked(landlord, chosen, Untouchable, monkeypatch) == written


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_move_goes_the_same_way_whatever_the_words(landlord: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(HOW_MANY):
        written = walked(landlord, [(number, 1)], lambda: Personal("in words"), monkeypatch)
        assert walked(landlord, [(number, 1)], Untouchable, monkeypatch) == written


def test_every_recording_goes_the_same_way_whatever_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    written = furnished()
    commands = recordings(written)
    for module in (world, test_recording):
        monkeypatch.setattr(module, "words", lambda *_: Untouchable())
    blind = furnished()
    for name, unread in recordings(blind).items():
        for road, command in ((written, commands[name]), (blind, unread)):
            try:
                road.world.do(command)
            except Refused:  # by what was taken down before it; both roads are compared below
                continue
    assert without_words(blind.world.history) == without_words(written.world.history)
    assert without_words(blind.world.case) == without_words(written.world.case)
    assert blind.world.case.version > 60
    for purpose in (None, Purpose.ENQUIRY, Purpose.DANGER):
        asked = Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=blind.world.now, purpose=purpose)
        answers = [advise([r.world.case], asked, baseline(), r.world.now) for r in (written, blind)]
        assert without_words(answers[0]) == without_words(answers[1])


def disposed_and_erased(text: Text, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A case from its first contact to nothing: closed, kept, disposed of class by class."""
    with monkeypatch.context() as patched:
        patched.setattr(world, "words", lambda *_: text())
        patched.setattr(a_closed_case, "words", lambda *_: text())
        road = a_closed_case.lifted()
        road.world.today = date(2026, 1, 5)
        a_closed_case.disposed(road, RecordClass.WARNINGS, RecordClass.RESTRICTIONS)
        a_closed_case.disposed(road, *kept_in(road.world.case))
        return [without_words(road.world.history), without_words(road.world.case), a_closed_case.clocks(road)]


def test_what_is_kept_and_disposed_of_goes_the_same_way_whatever_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    written = disposed_and_erased(lambda: Personal("in words"), monkeypatch)
    assert disposed_and_erased(Untouchable, monkeypatch) == written


# folding


@settings(max_examples=60, deadline=None)
@given(history=histories())
def test_any_history_folds_to_the_same_case_whatever_the_words(history: History) -> None:
    case = Case()
    for event in history.events:
        overrides = tuple(replace(o, reason=Untouchable()) for o in event.overrides)
        case = evolve(case, replace(event, fact=blinded(event.fact), overrides=overrides))
    assert without_words(case) == without_words(history.state)
