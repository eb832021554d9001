"""How things stand: where followers begin, and where they look when something happened; and who customers are."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from application.streams import is_stream_id
from domain.calendar import london_date
from infrastructure.downstream.disclosed import seen_at
from infrastructure.downstream.public_rows import ALL, of_shard
from infrastructure.downstream.states import StatesPage, TooFarBehind
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import LONGEST as LONGEST_CURSOR
from infrastructure.http.cursors import cursor as place_of
from infrastructure.http.cursors import texts
from infrastructure.http.documented import Documented
from infrastructure.http.feed_filters import Filters, filters
from infrastructure.http.following import FOLLOW, Question
from infrastructure.http.parameters import Clean
from infrastructure.http.problems import Problem, misshapen
from infrastructure.http.service import Service
from infrastructure.http.turns import Turns
from infrastructure.tokens import Caller
from projections.public_state import Disclosed, PublicState, seen_by

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from domain.codes import SubjectId

LIST: Final = "snapshot"
AT_ONCE: Final = 200  # cases, and persons, of one question
NOTHING: Final = Disclosed(restrictions={}, warnings=())

SNAPSHOT: Final = """Says how cases stand, as this subscriber may see them: where a follower begins, and looks again.

Without `case`, all cases with anything in force or to come, and those of which too little can be told to say, a page at
a time in the order of their ids; a page can hold fewer than `limit`, or none. Follow `next` until it is null, then the
feed from `feed`: it was taken before the first page was read, so events that come are at or below a row's `caseversion`
at first, and those are in it already. Give the same filters here and there.

With `case`, up to 200 of them as they stand by now, whatever it is; one that there is not, or that was not disclosed to
you, is left out."""

REFERENCES: Final = """Gives the landlord's own references of up to 200 customers, to a subscriber that may have them.

Each is a reading of that person's data, and on record. Null after erasure; whoever is not known is left out. A partner
is told those of cases that are disclosed to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow(PublicState):
    """How one case stands; `reference` is there for subscribers that may have it, and null after erasure."""

    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotAnswer:
    """Some cases on a day. `feed` is the cursor to follow on from; `next` goes in `cursor`, null at the end.

    `position` is a log position that every row accounts for.
    """

    on: date
    position: int
    cases: tuple[SnapshotRow, ...]
    feed: str | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTold:
    """Whose reference it is."""

    person: str
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencesAnswer:
    """The references of some customers."""

    references: tuple[ReferenceTold, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one subscriber sees of cases, as of one moment."""

    question: Question
    position: int
    disclosed: Mapping[str, Disclosed] | None

    @classmethod
    def of(cls, question: Question) -> Sight:
        """What is seen at the end of the log as it is now."""
        head, partner = question.log.head(), question.wanted.partner
        if partner is None:
            return cls(question, head, None)
        grants = question.log.grants()
        # What ended with the last event of all was seen up to that one, and is not seen by now.
        now = max(head, grants.upto) + 1
        seen = {case: seen_at(of_case, now) for case, of_case in grants.cases(partner).items()}
        return cls(question, head, {case: one for case, one in seen.items() if one is not None})

    def states(self, cases: Sequence[str]) -> list[PublicState]:
        """These cases as they stand; without those that are not seen."""
        seen = cases if self.disclosed is None else [case for case in cases if case in self.disclosed]
        shard = self.question.wanted.shard
        found = self.question.office.states.of([c for c in seen if is_stream_id(c) and of_shard(c, shard)])
        told = self._told_of(found)
        return [self._at_what_was_told(self.cut(state), told) for state in found.values()]

    def page(self, after: str, limit: int) -> StatesPage:
        """All cases, in the order of their ids. Raises what `States.page` does."""
        if self.disclosed is None:
            page = self.question.office.states.page(after, limit)
            shard = self.question.wanted.shard
            seen = (self.cut(state) for state in page.states if of_shard(state.case, shard))
            return StatesPage(tuple(seen), page.next)
        cases = sorted(case for case in self.disclosed if case > after)
        page_of = cases[:limit]
        return StatesPage(tuple(self.states(page_of)), page_of[-1] if len(cases) > limit else None)

    def _told_of(self, cases: Collection[str]) -> Mapping[str, Sequence[int]]:
        """By case, the versions of the events of it that a partner was told; nothing for others."""
        found: dict[str, list[int]] = {}
        if self.disclosed is not None and cases:
            whole = replace(self.question.wanted, types=None, shard=(0, 1))
            for told in self.question.log.read(whole, 0, ALL, cases=cases).told:
                found.setdefault(told.case, []).append(told.version)
        return found

    def _at_what_was_told(self, state: PublicState, told: Mapping[str, Sequence[int]]) -> PublicState:
        """At the version of the last event that a partner was told: what else happens in a case is not its to count."""
        if self.disclosed is None:
            return state
        seen = (version for version in told.get(state.case, ()) if version <= state.caseversion)
        return replace(state, caseversion=max(seen, default=0))

    def cut(self, state: PublicState) -> PublicState:
        """What of a case is seen."""
        disclosed = None if self.disclosed is None else self.disclosed.get(state.case, NOTHING)
        return seen_by(state, self.question.wanted.topics, disclosed)


def snapshot_routes(service: Service, turns: Turns, needs: Gate, documented: Documented) -> APIRouter:
    """Snapshot and references."""
    router = APIRouter(tags=["Downstream"])
    may_follow = Depends(needs(FOLLOW))
    listed = (problems.NOT_SUBSCRIBER, problems.CURSOR_GONE, problems.NOT_YET, problems.AWAITING_REBUILD)

    @router.get("/v1/snapshot", **documented.question(SNAPSHOT, SnapshotAnswer, FOLLOW, *listed))
    async def read_snapshot(
        request: Request,
        case: Annotated[
            list[str] | None,
            Query(max_length=AT_ONCE, description="Cases to say how they stand; may be given several times."),
        ] = None,
        cursor: Annotated[
            str | None, Query(max_length=LONGEST_CURSOR, description="Where to go on; it comes in `next`."), Clean
        ] = None,
        limit: Annotated[int, Query(ge=1, le=AT_ONCE, description="How many cases a page looks at.")] = AT_ONCE,
        asked: Filters = Depends(filters),
        who: Caller = may_follow,
    ) -> Response:
        def answered() -> Response:
            question = asked.question(service.office(who.landlord), who)
            today = london_date(question.office.clock.now())
            if case:
                if cursor is not None:
                    raise misshapen([("cursor", "is for all cases, and not for those that are named")])
                sight = Sight.of(question)
                return _answer(request, sight, today, sight.states(case))
            feed, after = texts(LIST, cursor, ("", ""))
            if cursor is None:
                feed = question.cursor(question.log.head())  # before anything is read
            else:
                question.position(feed, "cursor")
            sight = Sight.of(question)
            try:
                page = sight.page(after, limit)
            except TooFarBehind:
                raise Problem(
                    problems.NOT_YET, "Too many cases changed that the read model does not tell yet."
                ) from None
            following = None if page.next is None else place_of(LIST, feed, page.next)
            return _answer(request, sight, today, [s for s in page.states if s.matters_on(today)], feed, following)

        return await turns.run(who, answered)

    refused = (problems.NOT_SUBSCRIBER, problems.REFERENCES_WITHHELD)

    @router.get("/v1/references", **documented.question(REFERENCES, ReferencesAnswer, FOLLOW, *refused))
    async def read_references(
        request: Request,
        person: Annotated[
            list[str], Query(min_length=1, max_length=AT_ONCE, description="Opaque ids, as events give them.")
        ],
        who: Caller = may_follow,
    ) -> Response:
        def answered() -> Response:
            office = service.office(who.landlord)
            question = Question.of(office, who)
            if not question.subscriber.references:
                raise Problem(problems.REFERENCES_WITHHELD, "Its registration does not say that it may have them.")
            sight = Sight.of(question)
            known = office.directory.made([_subject(one) for one in person])
            if sight.disclosed is not None:
                shown = {state.person for state in office.states.of(sight.disclosed).values()}
                known = {one: made for one, made in known.items() if one in shown}
            found = question.references(request, sight.position, [(None, one) for one in known])
            told = tuple(ReferenceTold(person=one, reference=found.get(one)) for one in known)
            return _json(ReferencesAnswer(references=told))

        return await turns.run(who, answered)

    return router


def _answer(
    request: Request,
    sight: Sight,
    today: date,
    states: Sequence[PublicState],
    feed: str | None = None,
    following: str | None = None,
) -> Response:
    """The states as an answer, with references for whoever may have them: on record first."""
    entitled = sight.question.subscriber.references
    read = [(state.case, state.person) for state in states if state.person is not None]
    found = sight.question.references(request, sight.position, read)
    rows: list[Any] = []
    for state in states:
        said = {name: getattr(state, name) for name in _NAMES}
        rows.append({**said, "reference": found.get(_subject(state.person or ""))} if entitled else said)
    answer = {"on": today, "position": sight.position, "cases": rows, "feed": feed, "next": following}
    return _json(answer)


_NAMES: Final = tuple(field.name for field in fields(PublicState))


def _subject(person: str) -> SubjectId:
    return person  # type: ignore[return-value]  # as it was given; nobody is found under another spelling


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
