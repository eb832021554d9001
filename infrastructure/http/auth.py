"""Who asks: the landlord, the member of staff and the scopes, from the bearer token and from nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from fastapi import Depends
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
    }
)

Asked = Callable[..., Awaitable[Caller]]
Gate = Callable[[str], Asked]


def gate(tokens: Tokens) -> Gate:
    """For a scope, the dependency that lets callers with this scope through and says who they are."""
    bearer = HTTPBearer(
        scheme_name="bearer",
        bearerFormat="JWT",
        auto_error=False,
        description="A JWT (RFC 7519) of this service, whose claim `scope` lists what it is good for: "
        + "; ".join(f"`{scope}`: {says}" for scope, says in SCOPES.items())
        + ". Its claim `landlord` says whose data is asked for.",
    )

    def needs(scope: str) -> Asked:
        async def caller(request: Request, given: HTTPAuthorizationCredentials | None = Depends(bearer)) -> Caller:
            found = await _identified(tokens, given)
            if scope not in found.scopes:
                challenge = {
                    "WWW-Authenticate": f'Bearer realm="evenhand", error="insufficient_scope", scope="{scope}"'
                }
                raise Problem(SCOPE_MISSING, f"This takes a token with the scope {scope}.", headers=challenge)
            refuse_unknown_parameters(request)
            return found

        return caller

    return needs


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
