"""How the OpenAPI document tells of each operation: what it is for, what it takes, and everything it can answer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

from infrastructure.http import problems
from infrastructure.http.answers import CaseWritten, ProblemAnswer
from infrastructure.http.problems import ProblemType
from infrastructure.http.schemas import Components

# What every operation behind a token can answer.
EVERYWHERE: Final = (
    problems.NO_TOKEN,
    problems.TOKEN_EXPIRED,
    problems.TOKEN_INVALID,
    problems.SCOPE_MISSING,
    problems.BAD_HEADER,
    problems.SHAPE,
    problems.UNEXPECTED,
    problems.UNAVAILABLE,
    problems.UNREADABLE,
)
OF_BODIES: Final = (
    problems.NOT_JSON,
    problems.TOO_LARGE,
    problems.NOT_JSON_MEDIA,
)


class Documented:
    """Tells the OpenAPI document of operations, as keyword arguments of a route."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def command(
        self, kind: type, example: object, scope: str, *also: ProblemType, answer: type = CaseWritten
    ) -> dict[str, Any]:
        """A command whose body is `kind`, and what it led to."""
        told = self.entry(kind, example, scope, *also, problems.REFUSED, problems.KEY_REUSED, answer=answer)
        told["responses"][201]["description"] = "Accepted: what it led to"
        told["responses"][201]["headers"] = _HEADERS if answer is CaseWritten else {_POSITION: _HEADERS[_POSITION]}
        return told

    def entry(
        self, kind: type, example: object, scope: str | None, *also: ProblemType, answer: type, status: int = 201
    ) -> dict[str, Any]:
        """An operation whose body is `kind` and that makes something, or begins or changes it, as `status` says."""
        told = self.question(inspect.getdoc(kind) or "", answer, scope, *OF_BODIES, *also)
        responses = {status if code == 200 else code: said for code, said in told["responses"].items()}
        body = {"requestBody": self._components.body(kind, example)}
        return {**told, "responses": responses, "status_code": status, "openapi_extra": body}

    def question(self, says: str, answer: type, scope: str | None, *also: ProblemType) -> dict[str, Any]:
        """An operation that answers with `answer`, or with one of these problems beside those of every operation."""
        first, _, rest = says.partition("\n\n")
        needs = [f"Takes a token with the scope `{scope.replace(' or ', '` or `')}`."] if scope else []
        kinds = (*EVERYWHERE, *also) if scope else (*also, problems.UNEXPECTED)
        return {
            "summary": _sentence(first),
            "description": "\n\n".join([_sentence(first), *([rest] if rest else []), *needs]),
            "response_model": None,
            "responses": {
                200: {"description": "The answer", "content": self._components.answer(answer)},
                **self._problems(kinds),
            },
        }

    def upload(self, says: str, media_types: Sequence[str], scope: str, *also: ProblemType) -> dict[str, Any]:
        """A command whose body is a file of one of these types, and what it led to."""
        told = self.question(says, CaseWritten, scope, problems.TOO_LARGE, *also, problems.REFUSED, problems.KEY_REUSED)
        taken = {"description": "Accepted: what it led to", "headers": _HEADERS}
        responses = {201 if code == 200 else code: said for code, said in told["responses"].items()}
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
        return {
            **told,
            "responses": {**responses, 201: {**responses[201], **taken}},
            "status_code": 201,
            "openapi_extra": {"requestBody": {"required": True, "content": content}},
        }

    def file(self, says: str, media_types: Sequence[str], scope: str, *also: ProblemType) -> dict[str, Any]:
        """An operation that answers with a file of one of these types."""
        told = self.question(says, ProblemAnswer, scope, *also)
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}
        return {**told, "responses": {**told["responses"], 200: {"description": "The file", "content": content}}}

    def events(self, says: str, media_types: Sequence[str], scope: str, *also: ProblemType) -> dict[str, Any]:
        """An operation that answers with public events, in one of these forms; the AsyncAPI document describes them."""
        told = self.question(says, ProblemAnswer, scope, *also)
        batch: dict[str, object] = {"schema": {"type": "array", "items": {"type": "object"}}}
        streamed: dict[str, object] = {"schema": {"type": "string"}}
        content = {kind: batch if kind.endswith("json") else streamed for kind in media_types}
        headers = {
            "Evenhand-Cursor": {"description": "The cursor to go on after.", "schema": {"type": "string"}},
            _POSITION: {"description": "How far was looked through.", "schema": {"type": "integer"}},
            "Evenhand-Head": {"description": "How far the log goes.", "schema": {"type": "integer"}},
            "Link": {"description": "The next page, of relation `next`.", "schema": {"type": "string"}},
        }
        answer = {"description": "The events", "content": content, "headers": headers}
        return {**told, "responses": {**told["responses"], 200: answer}}

    def text(self, says: str, scope: str | None) -> dict[str, Any]:
        """An operation that answers with plain text."""
        told = self.question(says, ProblemAnswer, scope)
        content = {"text/plain": {"schema": {"type": "string"}}}
        return {**told, "responses": {**told["responses"], 200: {"description": "The answer", "content": content}}}

    def _problems(self, kinds: Sequence[ProblemType]) -> Mapping[int, Any]:
        by_status: dict[int, list[ProblemType]] = {}
        for kind in sorted(kinds, key=lambda k: k.status):
            by_status.setdefault(kind.status, []).append(kind)
        return {
            status: {
                "description": "; ".join(f"{kind.title} (`{kind.uri}`)" for kind in same),
                "content": self._components.problem(ProblemAnswer),
            }
            for status, same in by_status.items()
        }


_POSITION: Final = "Evenhand-Position"
_HEADERS: Final = {
    "ETag": {"description": "The case's new version, for `If-Match`.", "schema": {"type": "string"}},
    _POSITION: {
        "description": "The log position of the last fact; a reader that must see this write passes it as "
        "`min_position`, or in a header of this name.",
        "schema": {"type": "integer"},
    },
}


def _sentence(text: str) -> str:
    return " ".join(text.split())
