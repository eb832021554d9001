"""Requests that say nothing beyond their path, which most questions are: answered without looking for the rest.

Looking for each parameter that a request might have had takes longer than answering it. One that has a query, or a
header that a route takes, goes the usual way.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from inspect import iscoroutinefunction
from typing import Any, NamedTuple

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PlainRoute(APIRoute):
    """A route all of whose parameters may be left out, but for texts in its path; answers with a `Response`."""

    def get_route_handler(self) -> Handler:
        """How a request is answered."""
        usual = super().get_route_handler()
        endpoint, *asked = (_call(one) for one in (self.dependant, *self.dependant.dependencies))
        headers = frozenset(_headers(self.dependant))
        path = [parameter.name for parameter in self.dependant.path_params]

        async def handle(request: Request) -> Response:
            scope = request.scope
            if scope["query_string"] or any(name in headers for name, _ in scope["headers"]):
                return await usual(request)
            given = {one.name: await one.answer(request) for one in asked}
            in_path = {name: request.path_params[name] for name in path}
            answer: Response = await endpoint.answer(request, **in_path, **given)
            return answer

        return handle


class _Call(NamedTuple):
    """A function of ours, with what it is called when nothing was given."""

    name: str
    does: Callable[..., Any]
    defaults: dict[str, Any]
    takes_request: str | None
    at_once: bool

    async def answer(self, request: Request, **given: object) -> Any:  # noqa: ANN401 - whatever it gives
        given |= self.defaults
        if self.takes_request is not None:
            given[self.takes_request] = request
        return await (self.does(**given) if self.at_once else run_in_threadpool(self.does, **given))


def _call(asked: Dependant) -> _Call:
    does = asked.call
    parameters = (*asked.query_params, *asked.header_params)
    if does is None or asked.cookie_params or asked.body_params or any(p.field_info.is_required() for p in parameters):
        raise TypeError(f"{asked.name or does} cannot be answered when nothing is given")
    return _Call(
        name=asked.name or "",
        does=does,
        defaults={parameter.name: parameter.default for parameter in parameters},
        takes_request=asked.request_param_name,
        at_once=iscoroutinefunction(does) or iscoroutinefunction(getattr(does, "__call__", None)),  # noqa: B004
    )


def _headers(asked: Dependant) -> Iterator[bytes]:
    """The names of all headers that a route and what it depends on take, as they come in."""
    yield from (parameter.alias.lower().encode() for parameter in asked.header_params)
    for further in asked.dependencies:
        yield from _headers(further)
