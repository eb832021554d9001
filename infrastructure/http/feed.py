"""The feed: public events in the order of the log, a page at a time, waited for, or as server-sent events."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from anyio import CapacityLimiter, to_thread
from eventsourcing.persistence import PersistenceError
from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.codes import SubjectId
from infrastructure.downstream.feed_cursors import LONGEST
from infrastructure.downstream.public_log import PublicPage
from infrastructure.downstream.tail import Source, Tail, Tails
from infrastructure.downstream.telling import Told
from infrastructure.downstream.wanted import LARGEST_SHARD, NAMES
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.documented import Documented
from infrastructure.http.event_stream import MEDIA_TYPE as STREAM
from infrastructure.http.event_stream import EventStream, unless_left
from infrastructure.http.following import FOLLOW, Question, cursor_gone, subscriber_of
from infrastructure.http.parameters import Clean
from infrastructure.http.problems import Problem, misshapen
from infrastructure.http.requests import POSITION
from infrastructure.http.service import Service
from infrastructure.tokens import Caller, TokenRefused

if TYPE_CHECKING:
    from infrastructure.office import Office

BATCH: Final = "application/cloudevents-batch+json"
CURSOR: Final = "Evenhand-Cursor"
HEAD: Final = "Evenhand-Head"
MOST_AT_ONCE: Final = 2000  # events of a page; about a kilobyte each
AT_ONCE: Final = 500
STREAMED_AT_ONCE: Final = 200  # events that a slow reader can keep us holding
LONGEST_WAIT: Final = 60  # seconds
HEARTBEAT: Final = 15.0  # seconds of silence after which a stream says that it is alive
LOOKS_ON: Final = 1.0  # seconds for which events of a rare type are looked for before the place is handed back
READERS: Final = 4  # threads that read for followers; the others are for those who decide and ask
RECONNECT_AFTER: Final = 2000  # milliseconds that a reader waits who was cut off
SHORTER: Final = "The log became shorter while it was followed."
SHARD: Final = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)
SCHEMA: Final = re.compile(r"urn:evenhand:schema:([a-z-]{1,60}):([0-9]{1,4})", re.ASCII)

FEED: Final = """Gives the public events after a cursor, in the order of the log, as a batch of CloudEvents.

Begin without `after`, or from the `feed` cursor of a snapshot, then go on from the cursor in `Evenhand-Cursor` (or
follow the `Link` of relation `next`); it moves on over what your filter leaves out, so that a page can be empty. With
`wait` an answer that would be empty is held back until something comes. `Evenhand-Position` says how far was looked
through, and `Evenhand-Head` how far the log goes.

A cursor is bound to landlord, subscriber and filter. `410` says that the log was restored from a backup and how to go
on. With `Accept: text/event-stream` the same events come as server-sent events whose ids are cursors, and
`Last-Event-ID` counts before `after`."""

Run = Callable[[Callable[[], Any]], Awaitable[Any]]  # in a thread


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the feed is asked for."""

    types: list[str] | None
    shard: str | None
    dataschemas: list[str] | None

    def question(self, office: Office, caller: Caller) -> Question:
        """The question of this caller. Raises `Problem`, which says what is allowed."""
        errors = []
        if set(self.types or ()) - NAMES:
            errors.append(("type", "is no public name of an event; /v1/schemas lists them"))
        shard = SHARD.fullmatch(self.shard or "0/1")
        part = (int(shard[1]), int(shard[2])) if shard else (0, 0)
        if not part[0] < part[1] <= LARGEST_SHARD:
            errors.append(("shard", f"is i/n, with i from 0 to n - 1 and n at most {LARGEST_SHARD}: the first is 0"))
        named = [SCHEMA.fullmatch(one) for one in self.dataschemas or ()]
        schemas = {one[1]: int(one[2]) for one in named if one}
        if len(schemas) < len(named):
            errors.append(("dataschema", "is urn:evenhand:schema:NAME:VERSION, as events name it, once for each name"))
        if errors:
            raise misshapen(errors)
        try:
            return Question.of(office, caller, types=self.types, shard=part, schemas=schemas)
        except ValueError:
            known = "names a schema that there is not; /v1/schemas lists them"
            raise misshapen([("dataschema", known)]) from None


async def filters(
    types: Annotated[
        list[str] | None,
        Query(
            alias="type",
            max_length=100,
            description="Only events of this public name, such as `restriction-applied`; may be given several times.",
        ),
    ] = None,
    shard: Annotated[
        str | None, Query(max_length=9, description="Only part i of n of the cases, as `i/n`, for parallel readers.")
    ] = None,
    dataschemas: Annotated[
        list[str] | None,
        Query(
            alias="dataschema",
            max_length=100,
            description="An earlier schema that this subscriber stays on; may be given once for each type.",
        ),
    ] = None,
) -> Filters:
    """The filters of a request."""
    return Filters(types, shard, dataschemas)


@dataclass(frozen=True, slots=True)
class Reading:
    """One request's way through the feed."""

    question: Question
    request: Request
    tail: Tail
    run: Run

    @property
    def source(self) -> Source:
        """Where its events come from."""
        office = self.question.office

        def news() -> None:
            if office.public_log.own_news():
                office.desk.state()

        return Source(office.landlord, office.public_log, news)

    async def next(self, after: int, limit: int) -> PublicPage:
        """The next page, and who subscribes by now. Raises `Problem`."""

        def read() -> PublicPage:
            self.question.office.desk.state()
            return self.read_on(after, limit)

        page: PublicPage = await self.run(read)
        return page

    def read_on(self, after: int, limit: int) -> PublicPage:
        """The next page; what the filter leaves out is passed over for a while. Blocks. Raises `Problem`."""
        until = monotonic() + LOOKS_ON
        while True:
            page = self.question.log.read(self.question.wanted, after, limit)
            if page.head < after:
                raise cursor_gone(SHORTER)
            if page.told or page.upto >= page.head or monotonic() > until:
                return page
            after = page.upto

    async def wait(self, after: int, seconds: float) -> PublicPage:
        """What comes within so many seconds, if only how far was looked through. Raises `Problem`."""
        heard = await self.tail.wait(self.source, self.question.wanted, after, seconds)
        if heard.page is None:
            return PublicPage((), heard.upto, heard.upto)
        if heard.page.head < after:
            raise cursor_gone(SHORTER)
        return heard.page

    async def made(self, page: PublicPage) -> tuple[list[bytes], str]:
        """The events of a page as JSON, and the cursor after it. Raises `Problem`."""
        ends_with_event = bool(page.told) and page.told[-1].position == page.upto
        if ends_with_event and not self.question.subscriber.references:  # nothing to be looked up
            return self._made(page)
        bodies, cursor = await self.run(partial(self._made, page))
        return bodies, cursor

    def _made(self, page: PublicPage) -> tuple[list[bytes], str]:
        return self._bodies(page), self._cursor_after(page)

    def _bodies(self, page: PublicPage) -> list[bytes]:
        """The events of a page as JSON, with customer references for whoever may have them. Blocks for those alone."""
        if not self.question.subscriber.references:
            return [one.body for one in page.told]
        read = [(one.case, one.person) for one in page.told if one.person is not None]
        found = self.question.references(self.request, page.upto, read)
        return [with_reference(one, found) for one in page.told]

    def _cursor_after(self, page: PublicPage) -> str:
        """The place after a page. Blocks where that is no event of the page. Raises `Problem`."""
        if page.told and page.told[-1].position == page.upto:
            return self.question.cursors.cursor(page.upto, page.told[-1].mark)
        return self.question.cursor(page.upto)


def with_reference(told: Told, found: Mapping[SubjectId, str | None]) -> bytes:
    """The event with the customer's reference as the last member of its data; null where there is none to be given.

    An event ends with its data, and these with an object.
    """
    reference = None if told.person is None else found.get(SubjectId(told.person))
    return told.body[:-2] + b',"reference":' + msgspec.json.encode(reference) + b"}}"


def feed_routes(service: Service, tails: Tails, needs: Gate, documented: Documented) -> APIRouter:
    """The feed; whoever waits for what comes next does so in `tails`."""
    router = APIRouter(tags=["Downstream"])
    may_follow = Depends(needs(FOLLOW))
    readers = CapacityLimiter(READERS)

    async def run(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it gives
        return await to_thread.run_sync(work, limiter=readers)

    told = documented.events(FEED, (BATCH, STREAM), FOLLOW, problems.NOT_SUBSCRIBER, problems.CURSOR_GONE)

    @router.get("/v1/feed", **told)
    async def read_feed(
        request: Request,
        after: Annotated[
            str | None,
            Query(max_length=LONGEST, description="The cursor to go on after; from the start without."),
            Clean,
        ] = None,
        limit: Annotated[
            int, Query(ge=1, le=MOST_AT_ONCE, description="How many events a page holds at most.")
        ] = AT_ONCE,
        wait: Annotated[
            int, Query(ge=0, le=LONGEST_WAIT, description="For how many seconds an empty answer is held back.")
        ] = 0,
        asked: Filters = Depends(filters),
        last: Annotated[
            str | None,
            Header(alias="Last-Event-ID", max_length=LONGEST, description="Of a stream: as `after`, and before it."),
        ] = None,
        who: Caller = may_follow,
    ) -> Response:
        office = service.office(who.landlord)
        streamed = STREAM in request.headers.get("accept", "")
        given, field = (last, "Last-Event-ID") if streamed and last else (after, "after")

        def begin() -> tuple[Question, int]:
            question = asked.question(office, who)
            return question, question.position(given, field) if given else 0

        question, start = await run(begin)
        reading = Reading(question, request, tails.of(office.recorder.server.wake_ups), run)
        if streamed:
            admitted = partial(_admitted, service, request, run)
            return EventStream(stream(reading, start, min(limit, STREAMED_AT_ONCE), admitted))
        page = await run(partial(reading.read_on, start, limit))
        if wait and not page.told and page.upto >= page.head:
            come = await unless_left(request.receive, reading.wait(page.upto, wait))
            if come is None:
                return Response()  # which nobody reads
            page = come
            if not question.stands():
                subscriber_of(office.desk.last_state(), who)  # refuses whoever is a subscriber no more
                page = PublicPage((), start, start)  # what it may see has changed, as its cursor will tell it
        return await _batch(reading, _cut(page, limit))

    return router


def _cut(page: PublicPage, limit: int) -> PublicPage:
    """The first events of a page."""
    if len(page.told) <= limit:
        return page
    return PublicPage(page.told[:limit], page.told[limit - 1].position, page.head)


async def _batch(reading: Reading, page: PublicPage) -> Response:
    """A page as one JSON array, joined from its events as they are."""
    bodies, cursor = await reading.made(page)
    url = reading.request.url.include_query_params(after=cursor)
    headers = {
        CURSOR: cursor,
        POSITION: str(page.upto),
        HEAD: str(page.head),
        "Link": f'<{url.path}?{url.query}>; rel="next"',
    }
    return Response(b"[" + b",".join(bodies) + b"]", headers=headers, media_type=BATCH)


async def stream(
    reading: Reading, after: int, limit: int, admitted: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[bytes]:
    """The feed as server-sent events: until the token expires, the subscriber's registration ends, or the service."""
    _, cursor = await reading.made(PublicPage((), after, after))
    yield f"retry: {RECONNECT_AFTER}\nid: {cursor}\n\n".encode()
    behind = True
    while True:
        try:
            page = await (reading.next(after, limit) if behind else reading.wait(after, HEARTBEAT))
        except (Problem, PersistenceError):
            return  # whoever comes back with the cursor is told why: a log that became shorter, a database that is away
        if reading.tail.stopping or not reading.question.stands() or not await admitted():
            return
        if page.told or page.upto > after:
            yield await _chunk(reading, page)
        elif not behind:
            yield b": nothing new\n\n"
        after, behind = page.upto, page.upto < page.head


async def _chunk(reading: Reading, page: PublicPage) -> bytes:
    """A page as events with their cursors; one without any moves the reader's place on."""
    bodies, cursor = await reading.made(page)
    place = reading.question.cursors.cursor
    lines = [
        b"id: %b\ndata: %b\n\n" % (place(one.position, one.mark).encode(), body)
        for one, body in zip(page.told, bodies, strict=True)
    ]
    if not page.told or page.told[-1].position != page.upto:
        lines.append(b"id: %b\n\n" % cursor.encode())
    return b"".join(lines)


async def _admitted(service: Service, request: Request, run: Run) -> bool:
    """Whether the token that a stream was asked for with still counts."""
    token = request.headers["authorization"].partition(" ")[2].strip()
    try:
        return service.tokens.remembered(token) is not None or bool(await run(partial(service.tokens.caller, token)))
    except TokenRefused:
        return False
