"""Letters as documents: prepared, released by a named person, handed over, and what whoever carried them says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Final
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field

from domain.calendar import DeliveryMethod, london_date
from domain.case_letters import Letter
from domain.codes import Channel, LetterFormat, LetterTrouble, NoticeKind
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    Instant,
    New,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    holds_a_post,
    impossible,
    judge,
    recorded,
)
from domain.decisions.notices import Letter as AsSent
from domain.decisions.notices import (
    SendNotice,
    in_the_way_of,
    known_subject,
    letter_is_complete,
    same_letter,
    sent_notice,
    terms_of,
)
from domain.decisions.safe_contact import may_be_written_to
from domain.events import (
    AdjustmentDecided,
    AdjustmentEnded,
    AppealDetermined,
    AppealWithdrawn,
    BreachWithdrawn,
    CustomerRecordsMerged,
    CustomerRecordsUnmerged,
    DeliveryReported,
    Event,
    ImportCompleted,
    LateAppealDecided,
    LetterDiscarded,
    LetterParked,
    LetterPrepared,
    LetterReleased,
    LetterTakenUpAgain,
    MeasuresSuspended,
    MergeConflictSettled,
    MovedToRightPerson,
    NamedContactChanged,
    NoticeReturned,
    NoticeSent,
    RecordRectified,
    RestrictionEased,
    RestrictionEnded,
    RestrictionExtended,
    RestrictionLifted,
    RestrictionOverturned,
    RestrictionVaried,
    RestrictionWithdrawnAsWrong,
    ReviewCompleted,
    TakenFromOtherPerson,
    WarningWithdrawn,
)
from domain.personal import NoticeText

# What a letter that was written before it may no longer say rightly, and what a person is told of it.
OVERTAKES: Final[dict[type, str]] = {
    RestrictionVaried: "measures were varied",
    RestrictionEased: "measures were eased",
    RestrictionExtended: "the restriction was extended",
    RestrictionLifted: "the restriction was lifted",
    RestrictionEnded: "the restriction ended",
    RestrictionOverturned: "the restriction was overturned",
    RestrictionWithdrawnAsWrong: "the restriction was withdrawn as wrongly made",
    MeasuresSuspended: "measures were suspended",
    NamedContactChanged: "somebody else answers the customer",
    ReviewCompleted: "a review was held",
    AppealDetermined: "an appeal was determined",
    AppealWithdrawn: "an appeal was withdrawn",
    LateAppealDecided: "it was decided whether a late appeal is heard",
    WarningWithdrawn: "the warning was withdrawn",
    BreachWithdrawn: "a breach was withdrawn",
    ImportCompleted: "what the register did not say was found out",
    AdjustmentDecided: "an adjustment was decided",
    AdjustmentEnded: "an adjustment ended",
    RecordRectified: "a record was put right",
    MovedToRightPerson: "an entry was moved to somebody else",
    TakenFromOtherPerson: "an entry came from somebody else",
    CustomerRecordsMerged: "records were merged",
    CustomerRecordsUnmerged: "records were taken apart again",
    MergeConflictSettled: "it was settled which restrictions of merged records stand",
}

# How the customer meets a letter that goes this way, where they may be unable to.
MET_BY: Final = {DeliveryMethod.EMAIL: Channel.EMAIL, DeliveryMethod.FIRST_CLASS_POST: Channel.LETTER}


class PrepareLetter(Command):
    """Takes down that a letter was written from a template; its bytes are kept by now."""

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    kind: NoticeKind
    about: Id
    notice: Id | None = None
    template: str
    template_sha256: str
    contents: tuple[str, ...]
    enclosures: tuple[str, ...]
    enclosed: tuple[str, ...]
    format: LetterFormat
    language: str | None
    blob: str
    digest: str
    size: int
    media_type: str
    text: NoticeText


class ReleaseLetter(DecidingCommand):
    """Lets a letter go that was prepared; from then on it is sent, and received, as the service takes down.

    Refused when it lacks something, would not reach the customer safely or in a form of use to them, has not been
    signed by whoever signs such letters, or when what it tells of has changed since it was written.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_record: ClassVar[bool] = True

    letter: Id
    method: DeliveryMethod


class DiscardLetter(Command):
    """Takes down that a letter does not go out. One that is being handed over just then has gone all the same."""

    takes_closed: ClassVar[bool] = True

    letter: Id
    reason: NoticeText | None = None


class TakeUpLetter(DecidingCommand):
    """Says of a letter that waits for somebody whether it had gone out; if it had not, it is tried once more."""

    takes_closed: ClassVar[bool] = True
    asks_of_record: ClassVar[bool] = True

    letter: Id
    had_gone: bool
    sent_at: Instant | None = None
    """When it went, as whoever carried it says; only of a letter that had gone."""


class RecordDispatch(Command):
    """Takes down that a released letter was handed to whoever carries it.

    Unless it has `gone`, it is about to: then whatever keeps it back now is in the way.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True
    asks_of_record: ClassVar[bool] = True

    letter: Id
    sent_at: Instant
    gone: bool = True


class ParkLetter(Command):
    """Takes down that a released letter waits for somebody, and why."""

    takes_closed: ClassVar[bool] = True

    letter: Id
    because: LetterTrouble


class ReportDelivery(Command):
    """Takes down what whoever carried a letter says of it; one that came back was not received."""

    takes_closed: ClassVar[bool] = True
    asks_of_record: ClassVar[bool] = True

    letter: Id
    delivered: bool
    status: Annotated[str, Field(max_length=80)]
    reported_at: Instant


def prepare_letter(command: PrepareLetter, situation: Situation) -> Decision:
    """What it lacks is told, and refused when it is to go."""
    problems = [
        *known_subject(command.kind, command.about, situation),
        *same_letter(command.notice, command.kind, command.about, situation),
    ]
    fact = LetterPrepared(
        letter=f"letter-{len(situation.case.letters) + 1}",
        kind=command.kind,
        about=command.about,
        notice=command.notice,
        template=command.template,
        template_sha256=command.template_sha256,
        contents=command.contents,
        enclosures=command.enclosures,
        enclosed=command.enclosed,
        format=command.format,
        language=command.language,
        blob=command.blob,
        digest=command.digest,
        size=command.size,
        media_type=command.media_type,
        text=command.text,
    )
    return recorded(situation, command, problems, fact)


def lacking(command: PrepareLetter, situation: Situation) -> tuple[Violation, ...]:
    """What a letter that was just written has not got, and could not be released without."""
    form = DeliveryMethod.FIRST_CLASS_POST  # how it will go is said when it is released
    as_sent = AsSent(
        kind=command.kind,
        about=command.about,
        method=form,
        sent_at=situation.now,
        contents=command.contents,
        enclosures=command.enclosures,
        accessible=True,
        text=None,
    )
    missing = (v for v in letter_is_complete(as_sent, situation) if v.field != "method")
    return (*missing, *in_a_form_of_use(command.format, None, situation))


def release_letter(command: ReleaseLetter, situation: Situation) -> Decision:
    """A named person lets it go, and answers for it; once."""
    letter = _known(command.letter, situation)
    problems = [*holds_a_post(situation, situation.today)]
    if command.on is not None and command.on != situation.today:
        problems.append(impossible("released_now", "A letter is released now; leave out the day.", "on"))
    if letter.released_on is not None:
        asks = f"{letter.id} was released on {letter.released_on} already."
        raise Refused([impossible("released_already", asks, "letter")])
    if letter.discarded_on is not None:
        asks = f"{letter.id} was discarded on {letter.discarded_on}; prepare another one."
        raise Refused([impossible("discarded", asks, "letter")])
    sending = SendNotice(
        kind=letter.kind,
        about=letter.about,
        method=command.method,
        contents=letter.contents,
        enclosures=letter.enclosures,
        notice=letter.notice,
        overrides=command.overrides,
    )
    problems += [
        *in_the_way_of(sending, _as_sent(letter, command.method, situation), situation),
        *_still_right(letter, command.method, situation),
        *_no_other(letter, situation),
    ]
    overrides = judge(problems, command.overrides)
    fact = LetterReleased(
        letter=letter.id,
        method=command.method,
        dispatch=_dispatch(letter, situation),
        released_on=situation.today,
    )
    notice = situation.policy.notices.get(letter.kind)
    clauses = [notice.cited] if notice else ["baseline 8"]
    new = New(fact, situation.now)
    return Decision((new,), any_post(situation, situation.today), tuple(clauses), overrides)


def discard_letter(command: DiscardLetter, situation: Situation) -> Decision:
    """As long as it was not handed over; whatever it was to tell is told in another letter, or not at all."""
    letter = _known(command.letter, situation)
    problems = [*_not_over(letter)]
    fact = LetterDiscarded(letter=letter.id, discarded_on=command.day(situation), reason=command.reason)
    return recorded(situation, command, problems, fact)


def take_up_letter(command: TakeUpLetter, situation: Situation) -> Decision:
    """Only a person says that a letter of unknown fate had gone, or lets it go a second time."""
    letter = _known(command.letter, situation)
    problems = [*holds_a_post(situation, situation.today), *_not_over(letter)]
    if not letter.stuck:
        problems.append(impossible("not_parked", f"{letter.id} waits for nobody.", "letter"))
    if command.on is not None and command.on != situation.today:
        problems.append(impossible("released_now", "A letter is taken up now; leave out the day.", "on"))
    if command.had_gone and command.sent_at is None:
        asks = "Say when it went: whoever carried it knows, and what runs from its receipt depends on it."
        problems.append(impossible("when_it_went", asks, "sent_at"))
    if not command.had_gone and command.sent_at is not None:
        problems.append(impossible("when_it_went", "It had not gone; leave out when.", "sent_at"))
    if not command.had_gone and letter.method is not None:
        problems += _still_right(letter, letter.method, situation)
        problems += may_be_written_to(letter.method, situation.now, situation)
    if command.sent_at is not None:
        problems += _could_have_gone(letter, command.sent_at, situation)
    overrides = judge(problems, command.overrides)
    anew = not command.had_gone and letter.parked is LetterTrouble.OUTCOME_UNKNOWN
    taken_up = LetterTakenUpAgain(
        letter=letter.id,
        had_gone=command.had_gone,
        dispatch=_dispatch(letter, situation) if anew else None,
        taken_up_on=situation.today,
    )
    facts = [New(taken_up, situation.now)]
    if command.sent_at is not None:
        facts.append(New(_sent(letter, command.sent_at, situation), command.sent_at))
    return Decision(tuple(facts), any_post(situation, situation.today), ("baseline 8",), overrides)


def record_dispatch(command: RecordDispatch, situation: Situation) -> Decision:
    """What went out is taken down as it was; what is about to go is asked all its rules once more."""
    letter = _known(command.letter, situation)
    problems = [*_released(letter), *_could_have_gone(letter, command.sent_at, situation)]
    if letter.sent_on is not None:
        problems.append(impossible("sent_before", f"{letter.id} was sent on {letter.sent_on}.", "letter"))
    if not command.gone and letter.method is not None:
        problems += [
            *_not_over(letter),
            *known_subject(letter.kind, letter.about, situation),
            *_still_right(letter, letter.method, situation),
            *may_be_written_to(letter.method, command.sent_at, situation),
        ]
    judge(problems)
    return Decision((New(_sent(letter, command.sent_at, situation), command.sent_at),), None)


def park_letter(command: ParkLetter, situation: Situation) -> Decision:
    """Nothing more is tried until somebody took it up."""
    letter = _known(command.letter, situation)
    problems = [*_released(letter), *_not_over(letter)]
    if letter.stuck:
        problems.append(impossible("already_parked", f"{letter.id} waits since {letter.parked_on}.", "letter"))
    judge(problems)
    fact = LetterParked(letter=letter.id, because=command.because, parked_at=situation.now)
    return Decision((New(fact, situation.now),), None)


def report_delivery(command: ReportDelivery, situation: Situation) -> Decision:
    """Handing over proves no receipt; what came back was not received, unless somebody proved that it was."""
    letter = _known(command.letter, situation)
    problems = [*_released(letter)]
    if letter.sent_on is None:
        problems.append(impossible("not_sent_yet", f"{letter.id} has not been taken down as sent yet.", "letter"))
    if letter.delivered is command.delivered or _known_since(command, situation):
        problems.append(impossible("already_recorded", f"That of {letter.id}, or later news, is on record.", "letter"))
    judge(problems)
    # Another machine's clock can be ahead of ours, or behind the day on which the letter went.
    early = letter.sent_on is not None and london_date(command.reported_at) < letter.sent_on
    reported_at = situation.now if early else min(command.reported_at, situation.now)
    fact = DeliveryReported(
        letter=letter.id, delivered=command.delivered, status=command.status, reported_at=reported_at
    )
    facts = [New(fact, reported_at)]
    notice = situation.case.notice(letter.notice) if letter.notice else None
    if not command.delivered and notice is not None and notice.returned_on is None and notice.proved_on is None:
        returned_on = max(london_date(reported_at), notice.sent_on or london_date(reported_at))
        facts.append(New(NoticeReturned(notice=notice.id, returned_on=returned_on), reported_at))
    return Decision(tuple(facts), None)


def _known_since(command: ReportDelivery, situation: Situation) -> bool:
    """Whether as much is on record of that moment or a later one: reports come twice, and in any order."""
    reports = (event.fact for event in situation.record if isinstance(event.fact, DeliveryReported))
    return any(one.letter == command.letter and one.reported_at >= command.reported_at for one in reports)


def in_a_form_of_use(form: LetterFormat, method: DeliveryMethod | None, situation: Situation) -> Iterator[Violation]:
    """The letter comes in a form, and by a way, that the customer's adjustments do not rule out (baseline 7)."""
    agreed = [
        adjustment
        for case in (situation.case, *situation.others)
        for adjustment in case.adjustments
        if adjustment.agreed and adjustment.in_force_on(situation.today)
    ]
    wanted = {adjustment.kind for adjustment in agreed} & set(LetterFormat)
    if wanted and form not in wanted:
        asks = f"It was agreed that letters to the customer come as {' or '.join(sorted(wanted))}; prepare it so."
        yield replace(against_baseline(situation, "adjustments", asks, "letter"), rule="accessible_form")
    channel = MET_BY.get(method) if method is not None else None
    for adjustment in agreed:
        known = situation.baseline.adjustments.get(adjustment.kind)
        unusable = {*adjustment.unusable_channels, *(known.unusable_channels if known else ())}
        if channel in unusable and adjustment.kind not in wanted:
            asks = f"The customer cannot use what comes by {method}, as {adjustment.id} says."
            yield replace(against_baseline(situation, "adjustments", asks, "method"), rule="accessible_form")


def _still_right(letter: Letter, method: DeliveryMethod, situation: Situation) -> Iterator[Violation]:
    """What the letter says is still so, in a form that is still of use."""
    yield from in_a_form_of_use(letter.format, method, situation)
    about = _restriction_about(letter.about, situation)
    told: dict[str, None] = {}
    for event in situation.record:
        if event.version <= letter.version:
            continue
        says = OVERTAKES.get(type(event.fact))
        of = getattr(event.fact, "restriction", None)
        if says is not None and (of is None or about is None or of == about):
            told.setdefault(f"{says} on {event.effective_on}")
        elif _says_the_same(event, letter):
            told.setdefault(f"such a letter was sent on {event.effective_on}")
    if told:
        asks = f"Since {letter.id} was written, {'; '.join(told)}. Prepare it anew."
        yield replace(against_baseline(situation, "notice_before_breach", asks, "letter"), rule="overtaken")


def _says_the_same(event: Event, letter: Letter) -> bool:
    fact = event.fact
    return isinstance(fact, NoticeSent) and (fact.kind, fact.about) == (letter.kind, letter.about)


def _restriction_about(about: str, situation: Situation) -> str | None:
    """The restriction that a letter tells of, if it tells of one."""
    return next((r.id for r in situation.case.restrictions if r.includes(about)), None)


def _no_other(letter: Letter, situation: Situation) -> Iterator[Violation]:
    """One letter at a time tells the customer of one thing."""
    for other in situation.case.letters:
        same = (other.kind, other.about) == (letter.kind, letter.about)
        if other.id != letter.id and same and (other.on_its_way or other.stuck):
            asks = f"{other.id} tells of the same and was released on {other.released_on}; see what becomes of it."
            yield impossible("on_its_way", asks, "letter")


def _as_sent(letter: Letter, method: DeliveryMethod, situation: Situation) -> AsSent:
    return AsSent(
        kind=letter.kind,
        about=letter.about,
        method=method,
        sent_at=situation.now,
        contents=letter.contents,
        enclosures=letter.enclosures,
        accessible=True,  # or it would not have been released
        text=None,  # stands with the letter
    )


def _sent(letter: Letter, sent_at: datetime, situation: Situation) -> NoticeSent:
    method = letter.method or DeliveryMethod.FIRST_CLASS_POST
    as_sent = replace(_as_sent(letter, method, situation), sent_at=sent_at)
    known = situation.case.notice(letter.notice) if letter.notice else None
    fresh = letter.notice is None or (known is not None and known.received_on is not None)
    notice = f"notice-{len(situation.case.notices) + 1}" if fresh else letter.notice
    fact = sent_notice(as_sent, notice or "", terms_of(letter.kind, letter.about, situation), situation)
    return replace(fact, letter=letter.id)


def _could_have_gone(letter: Letter, sent_at: datetime, situation: Situation) -> Iterator[Violation]:
    if sent_at > situation.now:
        yield impossible("not_in_the_future", "sent_at lies ahead; take it down once it went.", "sent_at")
    elif letter.released_on is not None and london_date(sent_at) < letter.released_on:
        yield impossible("end_before_start", f"It was released only on {letter.released_on}.", "sent_at")


def _released(letter: Letter) -> Iterator[Violation]:
    if letter.released_on is None:
        yield impossible("not_released", f"{letter.id} was not released.", "letter")


def _not_over(letter: Letter) -> Iterator[Violation]:
    if letter.sent_on is not None:
        yield impossible("sent_before", f"{letter.id} was sent on {letter.sent_on}.", "letter")
    elif letter.discarded_on is not None:
        yield impossible("discarded", f"{letter.id} was discarded on {letter.discarded_on}.", "letter")


def _known(wanted: str, situation: Situation) -> Letter:
    found = next((letter for letter in situation.case.letters if letter.id == wanted), None)
    if found is None:
        known = ", ".join(letter.id for letter in situation.case.letters) or "none yet"
        raise Refused([impossible("unknown_letter", f"The letters of this case are: {known}.", "letter")])
    return found


def _dispatch(letter: Letter, situation: Situation) -> str:
    """A name for one sending of one letter that no other sending has, here or at another landlord's."""
    case = situation.case
    return str(uuid5(NAMESPACE_URL, f"evenhand:{case.id}:{letter.id}:{case.version}"))
