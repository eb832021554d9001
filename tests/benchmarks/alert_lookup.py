"""How fast a colleague learns whether a customer is restricted, over HTTP, beside the least that any answer takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.sql import SQL, Identifier

from projections.alert_state import ALERT_STATE
from tests.benchmarks.bare_app import SCHEMA
from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.http_load import answers_a_second, question
from tests.benchmarks.served import LANDLORD, a_company, free_port, running

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground
    from tests.benchmarks.served import Company

ALERT: Final = ALERT_STATE.name
CLIENTS: Final = 8

# Whom there is or was a restriction of, with what a list of them would say: the row that the bare application gives.
_COPY: Final = """
    CREATE TABLE {schema}.alert AS
    SELECT DISTINCT ON (person) person, case_id, restriction, decided_by, starts_on, ends_on, last_day, warning_method
    FROM {rows} ORDER BY person
"""


def alert_lookup_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """The alert of one customer beside one row of a bare application, each in a process of its own."""
    customers, each = (44, 20) if quick else (330, 250)
    with (
        tempfile.TemporaryDirectory() as folder,
        a_company(ground.dsn, Path(folder), histories, customers) as company,
        company.service() as ours,
        _bare(company) as (theirs, restricted),
    ):
        tokens = [company.token(f"colleague-{n}", "read") for n in range(CLIENTS)]

        def rate(port: int, path: str) -> float:
            asked = cycle(restricted)
            return answers_a_second(
                port,
                [[question(path.format(who), token) for who in islice(asked, each)] for token in tokens],
            )

        yield rates(
            "alert_lookup_vs_bare",
            lambda: rate(ours, "/v1/customers/{}/alert"),
            lambda: rate(theirs, "/alert/{}"),
            peer="a bare FastAPI route: the token verified, one row by its primary key",
            size=f"{CLIENTS} clients, {each} questions each about {len(restricted)} people ever restricted",
        )


@contextmanager
def _bare(company: Company) -> Iterator[tuple[int, list[str]]]:
    """The port of the bare application, and whom its table has a row of."""
    projector = company.evenhand.projector(LANDLORD)
    with psycopg.connect(company.dsn, autocommit=True) as conn:
        served = next(build for build in projector.builds.all(conn) if build.serving and build.projection == ALERT)
        conn.execute(SQL("CREATE SCHEMA {}").format(Identifier(SCHEMA)))
        conn.execute(SQL(_COPY).format(schema=Identifier(SCHEMA), rows=projector.table_of(served).name))
        conn.execute(SQL("ALTER TABLE {}.alert ADD PRIMARY KEY (person)").format(Identifier(SCHEMA)))
        restricted = [who for (who,) in conn.execute(SQL("SELECT person FROM {}.alert").format(Identifier(SCHEMA)))]
    port = free_port()
    arguments = ["-m", "tests.benchmarks.bare_app", company.dsn, str(company.public_keys), str(port)]
    with running(arguments, {}, port, "/openapi.json", company.folder / "bare.log"):
        yield port, restricted
