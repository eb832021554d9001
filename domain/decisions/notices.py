"""Telling: letters with everything that they must contain, receipt and return, colleagues, partners and systems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import DeliveryMethod, Period, deemed_receipt, last_day, london_date
from domain.case_parts import Notice as SentLetter
from domain.codes import Channel, NoticeKind, RoleCode
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    Instant,
    New,
    Refused,
    Situation,
    Violation,
    against,
    against_baseline,
    any_post,
    as_must,
    at,
    held,
    holds_a_post,
    impossible,
    judge,
    known_restriction,
    not_before,
    not_in_the_future,
    recorded,
    titles,
)
from domain.decisions.safe_contact import may_be_written_to, safe_methods
from domain.events import (
    AlertPlaced,
    AppealTerms,
    ChannelBlocked,
    EndingNotified,
    NoticeReceived,
    NoticeReturned,
    NoticeSent,
    NoticeSigned,
    PartnerInformed,
    StaffInformed,
    ToldByTelephone,
)
from domain.personal import NoticeText
from domain.policy import StepCode, Strength

APPEALABLE = (NoticeKind.DECISION, NoticeKind.VARIATION, NoticeKind.EXTENSION, NoticeKind.REVIEW_OUTCOME)
# What can come once a case is closed: letters about an appeal or a complaint, and one that told of the end and came
# back.
AFTER_CLOSING = (
    NoticeKind.APPEAL_ACKNOWLEDGEMENT,
    NoticeKind.APPEAL_OUTCOME,
    NoticeKind.ENDING,
    NoticeKind.COMPLAINT_DECLINED,
)


class SignNotice(Command):
    """Takes down that a named person signed a letter."""

    takes_closed: ClassVar[bool] = True

    kind: NoticeKind
    about: Id


class SendNotice(DecidingCommand):
    """Sends a letter to the customer, or takes down one that went out already (`already_sent`).

    Sending is refused when the letter lacks something; what went out is taken down as it was. Once the case is closed
    only letters about an appeal or a complaint go out, and those that tell of an end.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    kind: NoticeKind
    about: Id
    method: DeliveryMethod
    contents: Annotated[tuple[Id, ...], Field(max_length=60)]
    enclosures: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    notice: Id | None = None
    sent_at: Instant | None = None
    accessible: bool = True
    already_sent: bool = False
    text: NoticeText | None = None


class RecordReceipt(Command):
    """Takes down proof of when a letter was received."""

    takes_closed: ClassVar[bool] = True

    notice: Id
    received_on: Day
    how: Id


class RecordReturn(Command):
    """Takes down that a letter came back."""

    takes_closed: ClassVar[bool] = True

    notice: Id


class TellByTelephone(Command):
    """Takes down that measures were explained in a conversation; the letter is still owed.

    What is taken down later binds from the day on which it is.
    """

    asks_of_others: ClassVar[bool] = True

    restriction: Id
    measures: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    notes: NoticeText | None = None


class InformStaff(Command):
    """Takes down which colleagues were told."""

    restriction: Id
    audience: Id
    roles: tuple[Id, ...] = ()


class InformPartner(DecidingCommand):
    """Takes down that an organisation outside was told, and on what basis."""

    restriction: Id
    audience: Id
    partner: Id
    basis: NoticeText


class PlaceAlert(Command):
    """Takes down that a marker was put on another system."""

    restriction: Id
    alert: Id


class BlockChannel(Command):
    """Takes down that somebody blocked or diverted a way in on a system of the landlord's, because of a restriction."""

    restriction: Id
    system: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    channel: Channel


class NotifyEnding(Command):
    """Takes down that somebody who was told of a restriction was told that it is over."""

    takes_closed: ClassVar[bool] = True

    restriction: Id
    audience: Id
    partner: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it would go out."""

    kind: NoticeKind
    about: str
    method: DeliveryMethod
    sent_at: datetime
    contents: tuple[str, ...]
    enclosures: tuple[str, ...]
    accessible: bool
    text: NoticeText | None


def sign_notice(command: SignNotice, situation: Situation) -> Decision:
    """The signature stands before the letter goes."""
    problems = [
        *known_subject(command.kind, command.about, situation),
        *_may_sign(command.kind, command.about, command, situation),
    ]
    fact = NoticeSigned(
        notice=f"notice-{len(situation.case.notices) + 1}",
        kind=command.kind,
        about=command.about,
        signed_on=command.day(situation),
    )
    return recorded(situation, command, problems, fact)


def _may_sign(kind: NoticeKind, about: str, command: Command, situation: Situation) -> Iterator[Violation]:
    notice = situation.policy.notices.get(kind)
    day = command.day(situation)
    if notice is None or not notice.signed_by:
        return
    delegated = situation.policy.decision.delegates
    signers = (*notice.signed_by, *(delegated.value if delegated else ()))
    restriction = situation.case.restriction(about)
    if restriction is not None and restriction.interim:
        signers = (*signers, *situation.baseline.interim_by)  # whoever decided it, out of hours
    if held(situation, signers, day) is None:
        yield as_must(notice, "signatory", f"This letter is signed by the {titles(situation, notice.signed_by)}.")


def send_notice(command: SendNotice, situation: Situation) -> Decision:
    """A letter goes out complete, signed where the policy says so, and counts as received when the rules say."""
    sent_at = command.sent_at or at(command.day(situation), situation)
    letter = Letter(
        kind=command.kind,
        about=command.about,
        method=command.method,
        sent_at=sent_at,
        contents=command.contents,
        enclosures=command.enclosures,
        accessible=command.accessible,
        text=command.text,
    )
    terms = terms_of(command.kind, command.about, situation)
    problems = [*holds_a_post(situation, situation.today), *known_subject(command.kind, command.about, situation)]
    problems += same_letter(command.notice, command.kind, command.about, situation)
    if sent_at > situation.now:
        problems.append(
            impossible("not_in_the_future", "sent_at lies ahead; take the letter down once it went.", "sent_at")
        )
    if not command.already_sent:
        problems += in_the_way_of(command, letter, situation)
    overrides = judge(problems, command.overrides)
    fact = sent_notice(letter, command.notice or f"notice-{len(situation.case.notices) + 1}", terms, situation)
    notice = situation.policy.notices.get(command.kind)
    clauses = [notice.cited] if notice else ["baseline 8"]
    return Decision((New(fact, sent_at),), any_post(situation, situation.today), tuple(clauses), overrides)


def in_the_way_of(command: SendNotice, letter: Letter, situation: Situation) -> list[Violation]:
    """Everything that keeps a letter from going out: what it lacks, how it would go, and what should come first."""
    return [
        *letter_is_complete(letter, situation),
        *may_be_written_to(letter.method, letter.sent_at, situation),
        *_signed(command, situation),
        *_meeting_came_first(command, situation),
        *_may_override(command, situation),
    ]


def same_letter(notice: str | None, kind: NoticeKind, about: str, situation: Situation) -> Iterator[Violation]:
    """A letter that was signed, or that has to go out again, is named; a signature never goes under another letter."""
    if notice is None:
        return
    earlier = situation.case.notice(notice)
    if earlier is None or (earlier.kind, earlier.about) != (kind, about):
        asks = f"This case has no {notice} that is a letter of kind {kind} about {about}."
        yield impossible("unknown_notice", asks, "notice")
    elif earlier.received_on is not None:
        asks = f"{notice} was sent on {earlier.sent_on} and has not come back; send another one."
        yield impossible("sent_before", asks, "notice")


def letter_is_complete(letter: Letter, situation: Situation) -> Iterator[Violation]:
    """Everything that policy and baseline want said and enclosed, and a form that the policy allows (baseline 11)."""
    notice = situation.policy.notices.get(letter.kind)
    for code, content in notice.contents.items() if notice else ():
        if code not in letter.contents:
            yield against(content, f"says_{code}", f"The letter does not say ({code}): {content.says}", "contents")
    for code, wanted in situation.baseline.contents.items():
        if letter.kind in wanted.notices and code not in letter.contents:
            rule = "appeals" if code in ("appeal", "ombudsman") else "notice_before_breach"
            found = against_baseline(situation, rule, f"The letter does not say ({code}): {wanted.says}", "contents")
            own = notice.contents.get(code) if notice else None
            if own is None or own.strength is not found.strength:
                yield Violation(f"says_{code}", found.clause, found.strength, found.source, found.asks, found.field)
    for code, enclosure in notice.enclosures.items() if notice else ():
        if code not in letter.enclosures:
            yield against(
                enclosure, f"encloses_{code}", f"The letter does not enclose ({code}): {enclosure.says}", "enclosures"
            )
    forms = notice.forms if notice and notice.forms else situation.baseline.written_forms
    if letter.kind is NoticeKind.WARNING and situation.policy.warning.forms:
        forms = situation.policy.warning.forms.value
    safe = safe_methods(london_date(letter.sent_at), situation)
    if safe and not safe & set(forms):
        forms = tuple(sorted(safe))  # nobody has to be put at risk for the sake of a form
    if letter.method not in forms:
        known = ", ".join(forms)
        yield against_baseline(
            situation, "notice_before_breach", f"This letter goes in writing, by one of: {known}.", "method"
        )


def _may_override(command: SendNotice, situation: Situation) -> Iterator[Violation]:
    """A letter goes out otherwise than it should only by whoever decides, or warns, on what it is about."""
    if not command.overrides:
        return
    policy = situation.policy
    roles = (*policy.decision.by.value, *(policy.decision.delegates.value if policy.decision.delegates else ()))
    if command.kind is NoticeKind.WARNING and policy.warning.by:
        roles += policy.warning.by.value
    if held(situation, roles, command.day(situation)) is None:
        asks = f"What a letter should be is set aside by the {titles(situation, roles)} only."
        yield as_must(policy.decision.by, "override_by_the_decider", asks, "overrides")


def _signed(command: SendNotice, situation: Situation) -> Iterator[Violation]:
    """Where the policy names a signatory, the letter was signed, or is sent by that person."""
    notice = situation.policy.notices.get(command.kind)
    if notice is None or not notice.signed_by:
        return
    earlier = situation.case.notice(command.notice) if command.notice else None
    if earlier is not None and earlier.signed_by is not None:
        return
    yield from _may_sign(command.kind, command.about, command, situation)


def _meeting_came_first(command: SendNotice, situation: Situation) -> Iterator[Violation]:
    """Where the policy explains a decision in a meeting first, one was offered before the letter."""
    step = situation.policy.steps.get(StepCode.MEETING_AFTER)
    if command.kind is not NoticeKind.DECISION or step is None or step.strength is Strength.MAY:
        return
    restriction = situation.case.restriction(command.about)
    if restriction is not None and restriction.interim:
        return  # it is told at once; what is explained in a meeting is the full decision
    if not any(m.explains == command.about for m in situation.case.meetings):
        yield against(step, "step_meeting_after", step.says)


def terms_of(kind: NoticeKind, about: str, situation: Situation) -> AppealTerms | None:
    """The appeal terms that a letter starts the window of, if any."""
    return _terms_about(about, situation) if kind in APPEALABLE else None


def _terms_about(about: str, situation: Situation) -> AppealTerms | None:
    for restriction in situation.case.restrictions:
        review = next((r for r in restriction.reviews if r.id == about), None)
        if review is not None:
            return review.appeal
        if restriction.includes(about):
            return restriction.appeal
    return None


def sent_notice(letter: Letter, notice: str, terms: AppealTerms | None, situation: Situation) -> NoticeSent:
    """The fact of sending, with deemed receipt and what runs from it."""
    deemed = deemed_receipt(letter.method, letter.sent_at, situation.policy.nation)
    return NoticeSent(
        notice=notice,
        kind=letter.kind,
        about=letter.about,
        method=letter.method,
        sent_at=letter.sent_at,
        deemed_on=deemed,
        contents=letter.contents,
        enclosures=letter.enclosures,
        accessible=letter.accessible,
        appeal_until=_appeal_until(deemed, terms, situation),
        text=letter.text,
        lapses_on=_lapses_on(letter.kind, letter.about, deemed, situation),
    )


def _appeal_until(received: date, terms: AppealTerms | None, situation: Situation) -> date | None:
    if terms is None or terms.window is None:
        return None
    return last_day(received, Period.parse(terms.window), situation.policy.nation)


def _lapses_on(kind: NoticeKind, about: str, received: date, situation: Situation) -> date | None:
    warning = situation.case.warning(about) if kind is NoticeKind.WARNING else None
    return last_day(received, Period.parse(warning.lapses_after), situation.policy.nation) if warning else None


def known_subject(kind: NoticeKind, about: str, situation: Situation) -> Iterator[Violation]:
    """The letter is about something of this case."""
    case = situation.case
    if case.stage == "closed" and kind not in AFTER_CLOSING:
        yield impossible(
            "case_closed",
            f"The case was closed on {case.closed_on}; what goes out now is about an appeal, a complaint or an end.",
            "kind",
        )
    known: dict[NoticeKind, set[str]] = {
        NoticeKind.WARNING: {w.id for w in case.warnings},
        NoticeKind.DECISION: {r.id for r in case.restrictions},
        NoticeKind.CLOSURE: {issue for issue, _ in case.issues_answered},
        NoticeKind.VARIATION: {c for r in case.restrictions for c in r.changes},
        NoticeKind.EXTENSION: {c for r in case.restrictions for c in r.changes},
        NoticeKind.REVIEW_OUTCOME: {v.id for r in case.restrictions for v in r.reviews}
        | {r.id for r in case.review_requests if r.declined_on is not None},
        NoticeKind.APPEAL_ACKNOWLEDGEMENT: {a.id for a in case.appeals},
        NoticeKind.APPEAL_OUTCOME: {a.id for a in case.appeals if a.outcome is not None or a.declined},
        NoticeKind.BREACH: {b.id for b in case.breaches},
        NoticeKind.CONTACT_CHANGE: {m for r in case.restrictions for m in r.contacts_changed},
        NoticeKind.ENDING: {r.id for r in case.restrictions if r.over_on(situation.today)},
        NoticeKind.COMPLAINT_DECLINED: {c.id for c in case.complaints if c.declined_on is not None},
    }
    if about not in known[kind]:
        found = ", ".join(sorted(known[kind])) or "none yet"
        yield impossible("unknown_subject", f"A letter of kind {kind} is about one of: {found}.", "about")


def record_receipt(command: RecordReceipt, situation: Situation) -> Decision:
    """Proof beats what is deemed, and what ran from the deemed day runs from the proved one."""
    notice = _sent(situation, command.notice)
    problems = [*not_in_the_future(command.received_on, situation, "received_on")]
    if notice.sent_on is not None:
        problems += not_before(command.received_on, notice.sent_on, "it was sent", "received_on")
    terms = _terms_about(notice.about, situation) if notice.appeal_until else None
    fact = NoticeReceived(
        notice=command.notice,
        received_on=command.received_on,
        how=command.how,
        appeal_until=_appeal_until(command.received_on, terms, situation),
        lapses_on=_lapses_on(notice.kind, notice.about, command.received_on, situation),
    )
    judge([*problems, *holds_a_post(situation, situation.today)])
    return Decision((New(fact, at(command.received_on, situation)),), any_post(situation, situation.today))


def record_return(command: RecordReturn, situation: Situation) -> Decision:
    """It was never received: what bound from it no longer does, and it must be sent again."""
    notice = _sent(situation, command.notice)
    problems: list[Violation] = []
    if notice.returned_on is not None:
        problems.append(impossible("already_returned", f"It came back on {notice.returned_on} already.", "notice"))
    if notice.sent_on is not None:
        problems += not_before(command.day(situation), notice.sent_on, "it was sent")
    fact = NoticeReturned(notice=command.notice, returned_on=command.day(situation))
    return recorded(situation, command, problems, fact)


def _sent(situation: Situation, notice: str) -> SentLetter:
    found = situation.case.notice(notice)
    if found is None or found.sent_on is None:
        raise Refused([impossible("unknown_notice", f"This case has sent no {notice}.", "notice")])
    return found


def tell_by_telephone(command: TellByTelephone, situation: Situation) -> Decision:
    """Explaining is receipt of what was explained; it needs no letter first and replaces none."""
    restriction = known_restriction(situation, command.restriction)
    day = command.day(situation)
    known = {m.id for m in restriction.measures_on(day)}
    problems = [
        impossible("unknown_measure", f"On {day} {m} is not in force.", "measures")
        for m in command.measures
        if m not in known
    ]
    fact = ToldByTelephone(restriction=restriction.id, told_on=day, measures=command.measures, notes=command.notes)
    return recorded(situation, command, problems, fact)


def inform_staff(command: InformStaff, situation: Situation) -> Decision:
    """Only audiences that the policy names are told."""
    known_restriction(situation, command.restriction)
    fact = StaffInformed(
        restriction=command.restriction,
        audience=command.audience,
        roles=tuple(RoleCode(r) for r in command.roles),
        informed_on=command.day(situation),
    )
    return recorded(situation, command, _known_audience(command.audience, situation), fact)


def inform_partner(command: InformPartner, situation: Situation) -> Decision:
    """Telling somebody outside is a decision, with its basis; only partners that the policy names."""
    known_restriction(situation, command.restriction)
    problems = [*_known_audience(command.audience, situation), *holds_a_post(situation, situation.today)]
    audience = situation.policy.audiences.get(command.audience)
    if audience is not None and command.partner not in audience.partners:
        known = ", ".join(audience.partners) or "none"
        problems.append(as_must(audience, "unknown_partner", f"The partners here are: {known}.", "partner"))
    fact = PartnerInformed(
        restriction=command.restriction,
        audience=command.audience,
        partner=command.partner,
        informed_on=command.day(situation),
        basis=command.basis,
    )
    overrides = judge([*not_in_the_future(command.day(situation), situation), *problems], command.overrides)
    clauses = (audience.cited,) if audience else ()
    new = New(fact, at(command.day(situation), situation))
    return Decision((new,), any_post(situation, situation.today), clauses, overrides)


def _known_audience(audience: str, situation: Situation) -> Iterator[Violation]:
    if audience not in situation.policy.audiences:
        known = ", ".join(situation.policy.audiences) or "none"
        yield impossible("unknown_audience", f"The policy's audiences are: {known}.", "audience")


def place_alert(command: PlaceAlert, situation: Situation) -> Decision:
    """A marker on a system that the policy names; it has to come off when the restriction or safety warning ends."""
    day = command.day(situation)
    warning = situation.case.safety_warning(command.restriction)
    alert = situation.policy.alerts.get(command.alert)
    problems: list[Violation] = []
    if alert is None:
        known = ", ".join(situation.policy.alerts) or "none"
        problems.append(impossible("unknown_alert", f"The policy's alerts are: {known}.", "alert"))
    elif alert.of_safety and warning is None:
        asks = f"{command.alert} speaks of danger; name the approved safety warning that it stands for."
        problems.append(against_baseline(situation, "safety_warnings", asks, "restriction"))
    if warning is None:
        known_restriction(situation, command.restriction)
    elif not warning.stands_on(day):
        asks = f"{warning.id} does not stand on {day}; nobody is marked because of it."
        problems.append(against_baseline(situation, "safety_warnings", asks, "restriction"))
    fact = AlertPlaced(restriction=command.restriction, alert=command.alert, placed_on=day)
    return recorded(situation, command, problems, fact)


def block_channel(command: BlockChannel, situation: Situation) -> Decision:
    """Nothing blocks by itself; whatever somebody blocked has to be taken off again when the restriction ends."""
    restriction, day = known_restriction(situation, command.restriction), command.day(situation)
    problems: list[Violation] = [*not_before(day, restriction.starts_on, "the restriction begins")]
    if restriction.over_on(day):
        asks = f"{restriction.id} ended on {restriction.last_day()}; a block after that is to be taken off."
        problems.append(impossible("restriction_over", asks, "restriction"))
    fact = ChannelBlocked(
        restriction=command.restriction, system=command.system, channel=command.channel, blocked_on=day
    )
    return recorded(situation, command, problems, fact)


def notify_ending(command: NotifyEnding, situation: Situation) -> Decision:
    """Whoever was told of a restriction, or of a safety warning, is told that it is over."""
    ended = situation.case.safety_warning(command.restriction) or known_restriction(situation, command.restriction)
    key = f"partner:{command.partner}" if command.partner else f"audience:{command.audience}"
    owed = {t.key for t in ended.still_told(situation.today)}
    problems: list[Violation] = []
    if key not in owed:
        known = ", ".join(sorted(owed)) or "nobody"
        problems.append(impossible("not_owed", f"Still to be told of an ending: {known}.", "audience"))
    fact = EndingNotified(
        restriction=command.restriction,
        audience=command.audience,
        partner=command.partner,
        notified_on=command.day(situation),
    )
    return recorded(situation, command, problems, fact)
