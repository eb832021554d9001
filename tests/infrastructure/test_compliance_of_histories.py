"""Histories as they were stored once, looked back at: whole stories, and every kind of event standing alone."""

from __future__ import annotations

import pytest

from domain.compliance import SHORT, compliance
from domain.landlord import Landlord, fold_landlord
from infrastructure.mapper import Mapper
from tests.domain.test_compliance_of_stories import LEFT_UNDONE, TODAY
from tests.golden.corpus import golden_sealing
from tests.golden.histories import histories
from tests.policies import baseline_file, policy_file

LANDLORDS = ("citizen", "derby", "maidstone", "star", "wolverhampton")


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_stored_story_is_clean_where_it_followed_the_policy(landlord: str) -> None:
    mapper = Mapper(golden_sealing())
    streams = [[mapper.decode(row) for row in rows] for name, rows in histories() if name.startswith(f"{landlord} ")]
    (own,) = [events for events in streams if type(events[0].fact).__name__ == "LandlordSetUp"]
    posts = fold_landlord(own)
    policy, baseline = policy_file(landlord).policy, baseline_file().baseline
    found = set()
    for events in streams:
        if events is not own:
            looked = compliance(events, lambda _: posts, lambda _: policy, baseline, TODAY)
            found |= {(f.verdict.value, f.rule, f.clause) for f in looked.of(*SHORT)}
    assert found <= set().union(*LEFT_UNDONE.values())


def test_an_event_that_stands_alone_is_told_and_stops_nothing() -> None:
    mapper = Mapper(golden_sealing())
    policy, baseline = policy_file("derby").policy, baseline_file().baseline
    looked_at = 0
    for name, rows in histories():
        if "." not in name.partition(" ")[0]:
            continue
        (event,) = [mapper.decode(row) for row in rows]
        looked = compliance([event], lambda _: Landlord(), lambda _: policy, baseline, TODAY)
        looked_at += 1
        assert looked.version == event.version
    assert looked_at > 50
