"""One request's way through the feed: pages that are read or waited for, and what they are as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import msgspec

from domain.codes import SubjectId
from infrastructure.downstream.public_log import PublicPage
from infrastructure.downstream.tail import Source, Tail
from infrastructure.http.following import Question, cursor_gone

if TYPE_CHECKING:
    from starlette.requests import Request

    from infrastructure.downstream.telling import Told

LOOKS_ON: Final = 1.0  # seconds for which events of a rare type are looked for before the place is handed back
SHORTER: Final = "The log became shorter while it was followed."

Run = Callable[[Callable[[], Any]], Awaitable[Any]]  # in a thread


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

    def read_on(self, after: int, limit: int, *, tail: bool = False) -> PublicPage:
        """The next page; what the filter leaves out is passed over for a while. Blocks. Raises `Problem`.

        With `tail`, for whoever waits if it is empty: the latest events are those that listeners were told already.
        """
        until = monotonic() + LOOKS_ON
        while True:
            page = self.question.log.read(self.question.wanted, after, limit, tail=tail)
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
