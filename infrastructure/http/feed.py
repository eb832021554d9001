"""The feed: public events in the order of the log, a page at a time, waited for, or as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Final

from eventsourcing.persistence import PersistenceError
from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from infrastructure.downstream.feed_cursors import LONGEST
from infrastructure.downstream.public_log import PublicPage
from infrastructure.downstream.tail import Tails
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.documented import Documented
from infrastructure.http.event_stream import MEDIA_TYPE as STREAM
from infrastructure.http.event_stream import EventStream, unless_left
from infrastructure.http.feed_filters import Filters, filters
from infrastructure.http.feed_reading import Reading, Run
from infrastructure.http.following import FOLLOW, subscriber_of
from infrastructure.http.parameters import Clean
from infrastructure.http.problems import Problem
from infrastructure.http.requests import POSITION
from infrastructure.http.service import Service
from infrastructure.http.turns import Turns
from infrastructure.tokens import Caller, TokenRefused

BATCH: Final = "application/cloudevents-batch+json"
CURSOR: Final = "Evenhand-Cursor"
HEAD: Final = "Evenhand-Head"
MOST_AT_ONCE: Final = 2000  # events of a page; about a kilobyte each
AT_ONCE: Final = 500
STREAMED_AT_ONCE: Final = 200  # events that a slow reader can keep us holding
LONGEST_WAIT: Final = 60  # seconds
HEARTBEAT: Final = 15.0  # seconds of silence after which a stream says that it is alive
RECONNECT_AFTER: Final = 2000  # milliseconds that a reader waits who was cut off

FEED: Final = """Gives the public events after a cursor, in the order of the log, as a batch of CloudEvents.

Begin without `after`, or from the `feed` cursor of a snapshot, then go on from the cursor in `Evenhand-Cursor` (or
follow the `Link` of relation `next`); it moves on over what your filter leaves out, so that a page can be empty. With
`wait` an answer that would be empty is held back until something comes. `Evenhand-Position` says how far was looked
through, and `Evenhand-Head` how far the log goes.

A cursor is bound to landlord, subscriber and filter. `410` says that the log was restored from a backup and how to go
on. With `Accept: text/event-stream` the same events come as server-sent events whose ids are cursors, and
`Last-Event-ID` counts before `after`."""


def feed_routes(service: Service, tails: Tails, turns: Turns, needs: Gate, documented: Documented) -> APIRouter:
    """The feed; whoever waits for what comes next does so in `tails`."""
    router = APIRouter(tags=["Downstream"])
    may_follow = Depends(needs(FOLLOW))
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
        run = partial(turns.run, who)
        streamed = STREAM in request.headers.get("accept", "")
        given, field = (last, "Last-Event-ID") if streamed and last else (after, "after")

        tail = tails.of(office.recorder.server.wake_ups)

        def begin() -> tuple[Reading, int, PublicPage | None]:
            question = asked.question(office, who)
            start = question.position(given, field) if given else 0
            reading = Reading(question, request, tail, run)
            return reading, start, None if streamed else reading.read_on(start, limit, tail=wait > 0)

        def already_there() -> tuple[Reading, int, PublicPage | None] | None:
            """For whoever comes back from the end of a log that was looked at just now: nobody need be asked."""
            if streamed or not wait or given is None or not tail.is_current(who.landlord):
                return None
            question = asked.question(office, who, current=True)
            start = question.is_at_the_end(given)
            return (
                None if start is None else (Reading(question, request, tail, run), start, PublicPage((), start, start))
            )

        found = already_there()
        reading, start, page = await run(begin) if found is None else found
        if page is None:
            admitted = partial(_admitted, service, request, run)
            return EventStream(stream(reading, start, min(limit, STREAMED_AT_ONCE), admitted))
        if wait and not page.told and page.upto >= page.head:
            page = await unless_left(request.receive, reading.wait(page.upto, wait))
            if page is None:
                return Response()  # which nobody reads
            if not reading.question.stands():
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
    behind = True
    # Whoever comes back with the last cursor is told why: a log that became shorter, a database that is away.
    with suppress(Problem, PersistenceError):
        _, cursor = await reading.made(PublicPage((), after, after))
        yield f"retry: {RECONNECT_AFTER}\nid: {cursor}\n\n".encode()
        while True:
            page = await (reading.next(after, limit) if behind else reading.wait(after, HEARTBEAT))
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
