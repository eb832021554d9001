"""Who asks: the landlord, the member of staff and the scopes, from the bearer token and from nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from infrastructure.http.parameters import refuse_unknown_parameters
from infrastructure.http.problems import NO_TOKEN, SCOPE_MISSING, TOKEN_EXPIRED, TOKEN_INVALID, Problem
from infrastructure.tokens import Caller, Flaw, TokenRefused, Tokens

# What a token may be good for. Whether its bearer may decide a case is for the post that they hold, not for a scope.
SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "record": "take down what happened: persons, cases, contacts, and every recording command",
        "decide": "send deciding commands",
        "read": "read cases, alerts, the register, the policy and advice; personal values are withheld",
        "read-personal": "see personal values; each reading goes to the access log before it is answered",
        "audit": "see who read what of a case",
        "administer": "send the landlord's own commands: posts and policies",
        "operate": "see how the read models are, rebuild and verify them; no case is read",
        "follow": "follow public events as a registered subscriber: feed, snapshot, receipts",
    }
)

Gate = Callable[..., "Scope"]  # given one scope or several, of which one is enough


class Scope(HTTPBearer):
    """The dependency that lets callers with one of some scopes through and says who they are."""

    def __init__(self, tokens: Tokens, scope: str, *or_one_of: str) -> None:
        super().__init__(
            scheme_name="bearer",
            bearerFormat="JWT",
            auto_error=False,
            description="A JWT (RFC 7519) of this service, whose claim `scope` lists what it is good for: "
            + "; ".join(f"`{scope}`: {says}" for scope, says in SCOPES.items())
            + ". Its claim `landlord` says whose data is asked for.",
        )
        self._tokens = tokens
        self._scopes = (scope, *or_one_of)

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]  # the caller, not the credentials
        """Who asks. Raises `Problem`."""
        found = await _identified(self._tokens, await super().__call__(request))
        if not any(scope in found.scopes for scope in self._scopes):
            challenge = {
                "WWW-Authenticate": f'Bearer realm="evenhand", error="insufficient_scope", scope="{self._scopes[0]}"'
            }
            wanted = " or ".join(self._scopes)
            raise Problem(SCOPE_MISSING, f"This takes a token with the scope {wanted}.", headers=challenge)
        refuse_unknown_parameters(request)
        return found


def gate(tokens: Tokens) -> Gate:
    """For some scopes, the dependency that lets callers with one of them through and says who they are."""
    return partial(Scope, tokens)


async def _identified(tokens: Tokens, given: HTTPAuthorizationCredentials | None) -> Caller:
    if given is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="evenhand"'}
        raise Problem(NO_TOKEN, "The request carries no bearer token.", headers=challenge)
    try:
        if (known := tokens.remembered(given.credentials)) is not None:
            return known
        # Never seen: whose it is stands in the database.
        return await run_in_threadpool(tokens.caller, given.credentials)
    except TokenRefused as refused:
        kind = TOKEN_EXPIRED if refused.flaw is Flaw.EXPIRED else TOKEN_INVALID
        challenge = {"WWW-Authenticate": 'Bearer realm="evenhand", error="invalid_token"'}
        words = str(refused)
        raise Problem(kind, f"{words[:1].upper()}{words[1:]}.", headers=challenge) from None
