"""What the way over HTTP, the decision and the answer leave of the log's own speed: contacts taken down by many."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.ground import seconds_together
from tests.benchmarks.http_load import Ask, answers_a_second, command
from tests.benchmarks.served import a_company
from tests.benchmarks.workload import ANSWER, asked, saves

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.events import Event
    from tests.benchmarks.ground import Ground

CLIENTS: Final = 32
SUMMARY: Final = "Rang about the lift, which has stood still since Monday; asked to be rung back."


def command_http_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """Contacts of as many customers, each in a case that is there, beside saves straight into a log."""
    each = 3 if quick else 25
    with (
        tempfile.TemporaryDirectory() as folder,
        a_company(ground.dsn, Path(folder), histories, 0) as company,
        company.service() as port,
    ):
        logins = [f"colleague-{n}" for n in range(CLIENTS)]
        tokens = [company.token(login, "record") for login in logins]
        for login in logins:
            company.appoint(login)
        people = [[company.customer() for _ in range(each)] for _ in tokens]

        def contacts() -> list[list[Ask]]:
            return [
                [command("/v1/contacts", token, _contact(person), uuid4().hex) for person in whose]
                for token, whose in zip(tokens, people, strict=True)
            ]

        answers_a_second(port, contacts())  # opens a case for each
        yield rates(
            "command_http_vs_append",
            lambda: answers_a_second(port, contacts()),
            lambda: _saves_a_second(ground, histories, each),
            peer=f"{CLIENTS} writers straight into the log",
            size=f"{CLIENTS} clients, {each} contacts each, of {CLIENTS * each} customers",
        )


def _contact(person: str) -> dict[str, object]:
    return {"person": person, "channel": "telephone", "summary": SUMMARY}


def _saves_a_second(ground: Ground, histories: Sequence[Sequence[Event]], each: int) -> float:
    """Through the log as the service has it; what is saved is made beforehand, keys are not."""
    log = ground.log

    def writer(first: int) -> Callable[[], None]:
        events = [(event, asked()) for event in islice(saves(histories, first), each)]

        def run() -> None:
            for event, request in events:
                log.append([event], request=request, answer=ANSWER)

        return run

    return CLIENTS * each / seconds_together([writer(first) for first in range(CLIENTS)])
