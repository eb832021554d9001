"""The least that an answer over HTTP takes: verify a token, select one row by its primary key, give it as JSON.

`python -m tests.benchmarks.bare_app DSN KEYS PORT`, a process of its own, on the same server settings as the service.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import FastAPI, Header, HTTPException
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from infrastructure.service import listening, serve

SCHEMA: Final = "bare"
ALERT: Final = "SELECT * FROM bare.alert WHERE person = %s"
CONNECTIONS: Final = 10  # as many as the service's own pool has at most


def bare_app(dsn: str, keys: bytes) -> FastAPI:
    """An application with one route."""
    app = FastAPI(docs_url=None, redoc_url=None)
    app.state.let_go = lambda: None  # nobody waits here for something to come
    key: Any = load_pem_public_key(keys)
    pool = ConnectionPool(dsn, kwargs={"row_factory": dict_row, "autocommit": True}, min_size=1, max_size=CONNECTIONS)

    @app.get("/alert/{person}")
    def alert(person: str, authorization: Annotated[str, Header()]) -> DictRow:
        jwt.decode(authorization.removeprefix("Bearer "), key, ["EdDSA"])
        with pool.connection() as conn:
            found: DictRow | None = conn.execute(ALERT, [person]).fetchone()  # type: ignore[assignment]
        if found is None:
            raise HTTPException(404)
        return found

    return app


def main(dsn: str, keys: str, port: str) -> None:
    """Serve until told to stop."""
    with listening("127.0.0.1", int(port)) as taken:
        serve(bare_app(dsn, Path(keys).read_bytes()), taken, lambda: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
