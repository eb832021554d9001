"""How offices, posts and colleagues are reached: a published number or a colleague's own, hours, who takes messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.codes import OpenDay, PointKind, RoleCode
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    New,
    Situation,
    Violation,
    any_post,
    at,
    impossible,
    judge,
)
from domain.decisions.landlord import administers
from domain.events import ContactPointSet, OpeningHours
from domain.personal import KeyClass, Personal

# Digits with what people put between them, and perhaps an extension; how many digits there are is counted apart.
_WRITTEN: Final = re.compile(r"[+(]?[0-9][0-9 ()-]{1,25}( ext\.? ?[0-9]{1,6})?", re.ASCII)
FEWEST_DIGITS: Final = 3  # 101, 999 and the like
MOST_DIGITS: Final = 15  # ITU-T E.164, the longest number that there is anywhere
SHORT_DIGITS: Final = 6  # longer ones begin with 0, or with + and a country
MOST_HOURS: Final = 40
WHO_SETS: Final = (
    "How offices, posts and colleagues are reached is set by an administrator of posts "
    "(`evenhand contact-point set`, or `set-contact-point` over HTTP)."
)
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def is_telephone(text: str) -> bool:
    """Whether a text can be a telephone number; which numbers are given out, and to whom, is not looked at."""
    if not _WRITTEN.fullmatch(text) or text.count("(") != text.count(")"):
        return False
    number = text.partition(" ext")[0]
    digits = re.sub(r"\D", "", number)
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return False
    return len(digits) <= SHORT_DIGITS or number.startswith("+") or digits.startswith("0")


def _number(text: str) -> str:
    if not is_telephone(text):
        raise ValueError("is no telephone number, such as 01632 960123, +44 1632 960123 or 01632 960123 ext 42")
    return text


def _own_number(value: Personal) -> Personal:
    text = value.content()
    if not isinstance(text, str) or not is_telephone(text):
        raise ValueError("is no telephone number, such as 01632 960123, +44 1632 960123 or 01632 960123 ext 42")
    return value


Telephone = Annotated[str, Field(max_length=40), AfterValidator(_number)]
OwnTelephone = Annotated[Personal, KeyClass.DIRECTORY, AfterValidator(_own_number)]


class Hours(BaseModel):
    """A time of one day of the week by London's clocks; what goes on past midnight closes at 24:00, and opens again."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    weekday: OpenDay
    """A day of the week, or `bank_holiday`: on those of the landlord's nation no other hours hold."""
    opens: Annotated[str, Field(pattern=_CLOCK)]
    closes: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class SetContactPoint(Command):
    """Says how an office, a post or a colleague is reached from a day on, in the place of what was said before.

    Without a number and hours it ends what stood. A published `telephone` is an office's or a post's; a colleague's
    `own_telephone` is kept sealed in the directory, is shown with a record of it, and is good as soon as it is given;
    where hours are given without one, the number that is known stays.
    """

    of: PointKind
    code: Id
    """The code of the office as measures name it, of the role, or the id of the colleague."""
    from_on: Day
    telephone: Telephone | None = None
    own_telephone: OwnTelephone | None = None
    forget_own_telephone: bool = False
    """Takes away the number of a colleague that is known, at once; with hours the colleague is reached in another way.
    """
    hours: Annotated[tuple[Hours, ...], Field(max_length=MOST_HOURS)] = ()
    messages_to: Id | None = None
    """The role whose holder takes messages while it is closed."""


def set_contact_point(command: SetContactPoint, situation: Situation) -> Decision:
    """What advice tells when it sends somebody there; the number of a colleague is left out of the fact."""
    judge(
        [
            *administers(situation, WHO_SETS),
            *_leads_to_somebody(command, situation),
            *_number_in_its_place(command),
            *_number_to_forget(command, situation),
            *_says_something(command, situation),
            *_hours_make_sense(command.hours),
        ]
    )
    hours = sorted(command.hours, key=lambda h: (list(OpenDay).index(h.weekday), h.opens))
    fact = ContactPointSet(
        of=command.of,
        code=command.code,
        from_on=command.from_on,
        telephone=command.telephone,
        hours=tuple(OpeningHours(weekday=h.weekday, opens=h.opens, closes=h.closes) for h in hours),
        messages_to=None if command.messages_to is None else RoleCode(command.messages_to),
    )
    return Decision((New(fact, at(command.from_on, situation)),), any_post(situation, situation.today))


def _leads_to_somebody(command: SetContactPoint, situation: Situation) -> Iterator[Violation]:
    roles = {*situation.policy.roles, *situation.baseline.roles}
    known = f"The posts are: {', '.join(sorted(roles))}."
    if command.of is PointKind.ROLE and command.code not in roles:
        yield impossible("unknown_post", known, "code")
    if command.of is PointKind.STAFF and all(t.staff != command.code for t in situation.landlord.tenures):
        asks = "Nobody of this id has held a post here; a colleague is given one first."
        yield impossible("unknown_colleague", asks, "code")
    if command.messages_to is not None and command.messages_to not in roles:
        yield impossible("unknown_post", known, "messages_to")


def _number_in_its_place(command: SetContactPoint) -> Iterator[Violation]:
    if command.of is PointKind.STAFF and command.telephone is not None:
        asks = "What is published is an office's or a post's; give a colleague's number as own_telephone."
        yield impossible("number_is_personal", asks, "telephone")
    if command.of is not PointKind.STAFF and command.own_telephone is not None:
        asks = "Only a colleague has a number of their own; give that of an office or a post as telephone."
        yield impossible("number_is_published", asks, "own_telephone")


def _number_to_forget(command: SetContactPoint, situation: Situation) -> Iterator[Violation]:
    if not command.forget_own_telephone:
        return
    if command.of is not PointKind.STAFF:
        asks = "Only a colleague has a number of their own; that of an office or a post goes when none is given."
        yield impossible("number_is_published", asks, "forget_own_telephone")
    elif command.own_telephone is not None:
        asks = "Give a number, which takes the place of what is known, or take it away; not both."
        yield impossible("number_given_and_taken", asks, "forget_own_telephone")
    elif command.from_on > situation.today:
        asks = f"A number is taken away at once; what is said from {command.from_on} on would lose today's."
        yield impossible("number_goes_at_once", asks, "from_on")


def _says_something(command: SetContactPoint, situation: Situation) -> Iterator[Violation]:
    if command.hours:
        return
    if command.of is PointKind.STAFF and command.own_telephone is not None:
        asks = "Say when the colleague can be reached; without hours what stood is ended."
        yield impossible("hours_needed", asks, "hours")
    elif command.telephone is None:
        if command.messages_to is not None:
            asks = "Who takes messages is said together with a number or with hours."
            yield impossible("nothing_to_reach", asks, "messages_to")
        elif situation.landlord.point_on(command.of, command.code, command.from_on) is None:
            asks = f"Give a number, hours or both; for {command.from_on} there is nothing that could be ended."
            yield impossible("nothing_to_reach", asks, "telephone")


def _hours_make_sense(hours: tuple[Hours, ...]) -> Iterator[Violation]:
    """A day may have several times, such as before and after lunch; none twice, and none within another."""
    for one in hours:
        if one.closes <= one.opens:
            asks = f"{one.weekday} is to open at {one.opens} and to close at {one.closes}; midnight closes at 24:00."
            yield impossible("closes_before_opens", asks, "hours")
    for day in OpenDay:
        own = sorted((h.opens, h.closes) for h in hours if h.weekday is day)
        for before, after in pairwise(own):
            if before == after:
                yield impossible("hours_twice", f"{day} from {before[0]} to {before[1]} is given twice.", "hours")
            elif after[0] < before[1]:
                told = f"{before[0]} to {before[1]}, and {after[0]} to {after[1]}"
                yield impossible("hours_overlap", f"The hours of {day} overlap: {told}.", "hours")
