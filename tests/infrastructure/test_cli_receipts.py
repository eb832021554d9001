"""Subscribers on the command line: what each acknowledged, who is behind, who has drifted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from domain.public.receipts import Acknowledgement, Claim, Restricted
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import run
from tests.infrastructure.test_cli_compliance import case, given

__all__ = ["case", "given"]

ISSUER = "https://login.example"


def test_it_says_how_far_each_subscriber_is(given: Mapping[str, object], case: str) -> None:
    assert case
    assert run("subscribers", "derby", **given).stdout == "derby: nobody follows\n"
    registering = ("subscriber", "register", "derby", "housing", "--login", "system-1", "--topic", "restrictions")
    done = run(*registering, "--topic", "casework", "--within-minutes", "60", "--issuer", ISSUER, **given)
    assert done.returncode == 0, done.stderr
    first, never, behind = run("subscribers", "derby", **given).stdout.splitlines()
    assert (first, never) == ("housing (own): restrictions, casework", "    has acknowledged nothing")
    assert behind.startswith("    behind by ")
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        office = evenhand.office("derby")
        head = office.recorder.head().position
        claim = Claim(date(2016, 1, 1), Restricted(1, None))
        [housing] = office.desk.state().subscribers
        office.followers.acknowledge(housing, Acknowledgement(head, restarted=False, claim=claim))
    _, acknowledged, nothing, drifted = run("subscribers", "derby", **given).stdout.splitlines()
    assert acknowledged.startswith(f"    acknowledged position {head} at ")
    assert nothing == "    nothing waits for it"
    assert drifted.endswith("it takes other people to be restricted on 2016-01-01 than are")
    [told] = json.loads(run("subscribers", "derby", "--json", **given).stdout)["subscribers"]
    assert (told["subscriber"], told["compared"]["verdict"], told["behind"]["events"]) == ("housing", "drifted", 0)
