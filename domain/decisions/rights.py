"""What data protection law gives a person: requests and their answers; and legal holds, for which all is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from domain.calendar import last_day
from domain.case_rights import RightsRequest
from domain.codes import HoldReason, Right, RightsOutcome, RoleCode
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    decided,
    held,
    impossible,
    nobody_holds,
    not_before,
    recorded,
    titles,
)
from domain.events import LegalHoldPlaced, LegalHoldReleased, RightsRequestAnswered, RightsRequestReceived
from domain.personal import ContactText, DecisionText, KeyClass
from domain.policy import Source, Strength
from domain.retention import destroyed, erased_whole

DATA_PROTECTION: Final = (RoleCode("data_protection_officer"),)
RECORDS: Final = (RoleCode("records_officer"), *DATA_PROTECTION)
BASELINE_16: Final = "baseline 16"


class ReceiveRightsRequest(Command):
    """Takes down that somebody asks for what data protection law gives them; whoever they asked, on the day they did.

    It is answered within a month. A closed case takes it too.
    """

    takes_closed: ClassVar[bool] = True

    right: Right
    detail: ContactText | None = None
    """What exactly they ask for, where they say."""


class AnswerRightsRequest(DecidingCommand):
    """Answers a request. Erasure is granted by `erase-person`, which does what it says; here once it was done."""

    takes_closed: ClassVar[bool] = True

    request: Id
    outcome: RightsOutcome
    reasons: DecisionText | None = None
    """Why not, or not all of it."""


class PlaceLegalHold(DecidingCommand):
    """Keeps everything of the case until it is released: for a claim, an ombudsman, the police or an audit."""

    takes_closed: ClassVar[bool] = True

    because: HoldReason
    reason: DecisionText | None = None
    review_on: Day | None = None
    """When somebody looks whether it is still needed."""


class ReleaseLegalHold(DecidingCommand):
    """Ends a legal hold; the clocks of the records run as if it had not been."""

    takes_closed: ClassVar[bool] = True

    hold: Id
    reason: DecisionText | None = None


def receive_rights_request(command: ReceiveRightsRequest, situation: Situation) -> Decision:
    """Asking is enough, of anybody and in any words; the month begins on the day on which they asked."""
    day = command.day(situation)
    within = situation.baseline.rights_answered_within.period
    fact = RightsRequestReceived(
        request=f"rights-{len(situation.case.rights) + 1}",
        right=command.right,
        received_on=day,
        due_on=last_day(day, within, situation.policy.nation),
        detail=command.detail,
    )
    problems = can_be_written(situation, KeyClass.CONTACT, command.detail, "detail")
    return recorded(situation, command, problems, fact)


def answer_rights_request(command: AnswerRightsRequest, situation: Situation) -> Decision:
    """The data protection officer's answer; a refusal says why (UK GDPR, art 12(4))."""
    day = command.day(situation)
    request = known_request(situation, command.request)
    problems = [
        *falls_to(situation, DATA_PROTECTION, "Answering a request"),
        *not_before(day, request.received_on, "it was received"),
        *can_be_written(situation, KeyClass.DECISION, command.reasons, "reasons"),
    ]
    erasing = request.right is Right.ERASURE and command.outcome is RightsOutcome.GRANTED
    if erasing and not erased_whole(situation.case):  # who asks for it again has it already
        problems.append(
            impossible("erased_by_erasing", "Erasure is granted by erase-person, which also erases.", "outcome")
        )
    if (
        command.outcome in {RightsOutcome.REFUSED, RightsOutcome.PARTLY_GRANTED}
        and command.reasons is None
        and _can_say_why(situation)
    ):
        problems.append(_must("refusal_says_why", "An answer that does not give all of it says why.", "reasons"))
    fact = RightsRequestAnswered(request=request.id, outcome=command.outcome, answered_on=day, reasons=command.reasons)
    post = held(situation, DATA_PROTECTION, situation.today)
    return decided(situation, command, post, problems, [BASELINE_16], fact)


def place_legal_hold(command: PlaceLegalHold, situation: Situation) -> Decision:
    """Several can stand at once, each for its own reason."""
    day = command.day(situation)
    problems = [
        *falls_to(situation, RECORDS, "Placing a legal hold"),
        *can_be_written(situation, KeyClass.DECISION, command.reason, "reason"),
    ]
    if command.review_on is not None:
        problems += not_before(command.review_on, day, "it is placed", "review_on")
    fact = LegalHoldPlaced(
        hold=f"hold-{len(situation.case.holds) + 1}",
        because=command.because,
        placed_on=day,
        review_on=command.review_on,
        reason=command.reason,
    )
    return decided(situation, command, held(situation, RECORDS, situation.today), problems, [BASELINE_16], fact)


def release_legal_hold(command: ReleaseLegalHold, situation: Situation) -> Decision:
    """Whoever may place one may release it."""
    day = command.day(situation)
    hold = next((h for h in situation.case.holds if h.id == command.hold), None)
    problems = [
        *falls_to(situation, RECORDS, "Releasing a legal hold"),
        *can_be_written(situation, KeyClass.DECISION, command.reason, "reason"),
    ]
    if hold is None:
        problems.append(impossible("unknown_hold", f"This case has no {command.hold}.", "hold"))
    elif hold.released_on is not None:
        problems.append(impossible("already_released", f"It was released on {hold.released_on} already.", "hold"))
    else:
        problems += not_before(day, hold.placed_on, "it was placed")
    fact = LegalHoldReleased(hold=command.hold, released_on=day, reason=command.reason)
    return decided(situation, command, held(situation, RECORDS, situation.today), problems, [BASELINE_16], fact)


def known_request(situation: Situation, wanted: str) -> RightsRequest:
    """The open request of this id; raises `Refused` when there is none, or it was answered."""
    found = next((r for r in situation.case.rights if r.id == wanted), None)
    if found is None:
        raise Refused([impossible("unknown_request", f"This case has no {wanted}.", "request")])
    if not found.open:
        raise Refused([impossible("already_answered", f"It was answered on {found.answered_on} already.", "request")])
    return found


def falls_to(situation: Situation, roles: Iterable[RoleCode], what: str) -> Iterator[Violation]:
    """The actor holds one of these posts of the baseline today, whatever day the command is about."""
    roles = tuple(roles)
    if held(situation, roles, situation.today) is None:
        says = f"{what} falls to the {titles(situation, roles)}; you do not hold that post on {situation.today}."
        yield _must("post_held", says + nobody_holds(situation, roles, situation.today))


def can_be_written(situation: Situation, key_class: KeyClass, text: object, field: str) -> Iterator[Violation]:
    """Nothing is sealed under a key that a disposal destroyed; what happened can be taken down without words."""
    if text is not None and key_class in destroyed(situation.case):
        says = f"The {key_class} records of this case were disposed of, and take no more words: leave {field} out."
        yield impossible("words_are_gone", says, field)


def _can_say_why(situation: Situation) -> bool:
    return KeyClass.DECISION not in destroyed(situation.case)


def _must(rule: str, says: str, field: str | None = None) -> Violation:
    return Violation(rule, BASELINE_16, Strength.MUST, Source.BASELINE, says, field)
