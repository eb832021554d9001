"""Facts go into the log whole, come back in order, and outlive every erasure with all that was clear in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.ports import Conflict, KeyDestroyed, KeyReused
from domain.events import FACTS
from infrastructure.log import request_key
from tests.golden.samples import LANDLORD_FACTS, NEIGHBOUR, plain, sample, written
from tests.infrastructure.a_landlord import Landlord, a_landlord, changed, opened_case, somebody
from tests.infrastructure.a_log import NOON

CASE_FACTS = sorted(name for name, kind in FACTS.items() if kind not in LANDLORD_FACTS and name != "CaseOpened")


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


def test_a_history_comes_back_as_it_was_decided(landlord: Landlord) -> None:
    events = opened_case(somebody(), "ContactLogged", "RestrictionApplied", "NoticeSent")
    receipt = landlord.log.append(events)
    assert (receipt.first_position, receipt.last_position, receipt.repeated) == (1, 4, False)
    history = landlord.log.history(events[0].stream)
    stored = [
        changed(event, position=position, recorded_at=receipt.recorded_at)
        for position, event in enumerate(events, start=1)
    ]
    assert landlord.shown(history) == plain(stored, written)
    assert landlord.shown(landlord.log.history(events[0].stream, upto=2)) == plain(stored[:2], written)
    assert landlord.log.history(str(uuid4())) == []


def test_a_case_has_its_keys_from_the_day_it_is_opened_and_they_are_not_looked_for_again(landlord: Landlord) -> None:
    [opened, contact] = opened_case(somebody(), "ContactLogged")
    landlord.log.append([opened])
    with landlord.connect() as conn:
        [made] = conn.execute("SELECT count(*) FROM landlord_elm_keys.data_key WHERE case_id = %s", [opened.stream])
        landlord.log.append([contact])
        [still] = conn.execute("SELECT count(*) FROM landlord_elm_keys.data_key WHERE case_id = %s", [opened.stream])
    assert made[0] == still[0] > 0


def test_the_log_is_read_in_order_of_position(landlord: Landlord) -> None:
    for _ in range(3):
        landlord.log.append(opened_case(somebody(), "ContactLogged"))
    assert landlord.log.head() == 6
    assert [event.position for event in landlord.log.after(0, 100)] == [1, 2, 3, 4, 5, 6]
    assert [event.position for event in landlord.log.after(2, 3)] == [3, 4, 5]


def test_known_at_is_a_prefix_of_the_log(landlord: Landlord) -> None:
    landlord.log.append(opened_case(somebody()))
    landlord.clock.now = NOON + timedelta(minutes=5)
    landlord.log.append(opened_case(somebody()))
    assert landlord.log.position_at(NOON - timedelta(seconds=1)) == 0
    assert landlord.log.position_at(NOON + timedelta(minutes=4)) == 1
    assert landlord.log.position_at(NOON + timedelta(minutes=5)) == 2


def test_a_taken_version_is_a_conflict_and_nothing_of_the_append_stays(landlord: Landlord) -> None:
    first, second = opened_case(somebody()), opened_case(somebody())
    landlord.log.append(first)
    with pytest.raises(Conflict):
        landlord.log.append([*second, changed(first[0], event_id=str(uuid4()))])
    assert landlord.log.head() == 1
    assert landlord.log.history(second[0].stream) == []


def test_an_accepted_request_gets_its_first_answer(landlord: Landlord) -> None:
    request = request_key(landlord.keys, "phone room", "key-1", b'{"channel": "telephone"}')
    assert landlord.log.accepted(request) is None
    receipt = landlord.log.append(opened_case(somebody()), request=request, answer={"case": "c-1"})
    assert receipt.answer == {"case": "c-1"}
    again = landlord.log.append(opened_case(somebody()), request=request, answer={"case": "c-2"})
    assert again.repeated
    assert again.answer == {"case": "c-1"}
    assert landlord.log.accepted(request) == again
    assert landlord.log.head() == 1


def test_a_request_key_with_another_body_is_refused(landlord: Landlord) -> None:
    landlord.log.append(opened_case(somebody()), request=request_key(landlord.keys, "phone room", "key-1", b"{}"))
    other = request_key(landlord.keys, "phone room", "key-1", b"{ }")
    with pytest.raises(KeyReused):
        landlord.log.append(opened_case(somebody()), request=other)
    with pytest.raises(KeyReused):
        landlord.log.accepted(other)
    assert landlord.log.accepted(request_key(landlord.keys, "somebody else", "key-1", b"{ }")) is None


def test_later_facts_are_sealed_for_the_person_whose_case_it_is(landlord: Landlord) -> None:
    person = somebody()
    [opened, logged] = opened_case(person, "ContactLogged")
    landlord.log.append([opened])
    landlord.log.append([logged])
    with landlord.connect() as conn:
        owners = conn.execute("SELECT DISTINCT person FROM data_key").fetchall()
    assert owners == [(person,)]


def test_a_personal_fact_in_a_stream_that_nobody_opened_is_refused(landlord: Landlord) -> None:
    with pytest.raises(LookupError, match="whose case"):
        landlord.log.append(opened_case(somebody(), "ContactLogged")[1:])
    assert landlord.log.head() == 0


def test_the_landlords_own_stream_holds_nothing_personal(landlord: Landlord) -> None:
    names = sorted(name for name, kind in FACTS.items() if kind in LANDLORD_FACTS)
    events = [sample(name, version=version) for version, name in enumerate(names, start=1)]
    landlord.log.append(events)
    assert landlord.shown([event.fact for event in landlord.log.after(0, 100)]) == plain(
        [event.fact for event in events], written
    )
    with landlord.connect() as conn:
        assert conn.execute("SELECT count(*) FROM data_key").fetchone() == (0,)


def test_keys_are_there_before_the_facts_and_stay_when_the_append_fails(landlord: Landlord) -> None:
    taken = opened_case(somebody())
    landlord.log.append(taken)
    with pytest.raises(Conflict):
        landlord.log.append([*opened_case(somebody(), "ContactLogged"), changed(taken[0], event_id=str(uuid4()))])
    with landlord.connect() as conn:
        [kept] = conn.execute("SELECT count(*) FROM data_key").fetchall()
    assert kept[0] > 0
    assert landlord.log.head() == 1


def test_nothing_is_written_about_an_erased_person(landlord: Landlord) -> None:
    person = somebody()
    [opened, logged, closed] = opened_case(person, "ContactLogged", "CaseClosed")
    landlord.log.append([opened, logged])
    landlord.ring.destroy(person)
    with pytest.raises(KeyDestroyed):
        landlord.log.append([closed])
    assert landlord.log.head() == 2
    # A fact without a personal value still goes in: a restriction's end is recorded for anybody.
    landlord.log.append([changed(closed, fact=changed(closed.fact, reasons=None), overrides=())])


def test_an_erased_third_party_is_gone_from_the_case_of_somebody_else(landlord: Landlord) -> None:
    events = opened_case(somebody(), "IncidentRecorded")
    landlord.log.append(events)
    landlord.ring.destroy(NEIGHBOUR)
    incident = landlord.shown(landlord.log.history(events[0].stream)[1].fact)
    assert incident["other_party"] == {"erased": True}
    assert incident["account"] == {"personal": "IncidentRecorded.account: said in words, with ž, 家 and 🙂"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(st.lists(st.sampled_from(CASE_FACTS), min_size=1, max_size=4), min_size=1, max_size=4),
    erased=st.sets(st.integers(0, 3)),
)
def test_erasing_anybody_leaves_every_reading_working_and_every_clear_fact_as_it_was(
    shared: Landlord, histories: list[list[str]], erased: set[int]
) -> None:
    people = [somebody() for _ in histories]
    cases = [opened_case(person, *names) for person, names in zip(people, histories, strict=True)]
    for events in cases:
        shared.log.append(events)
    before = [shared.log.history(events[0].stream) for events in cases]
    said = [shared.shown(history) for history in before]
    for number, person in enumerate(people):
        if number in erased:
            shared.ring.destroy(person)
    for number, (history, told) in enumerate(zip(before, said, strict=True)):
        now = shared.log.history(history[0].stream)
        gone = number in erased
        assert shared.shown(now) == (without_personal(told) if gone else told)
        assert shared.shown(history) == shared.shown(now)  # and for whoever had read it before


def without_personal(told: object) -> object:
    """What is left of a plain event when its person is erased; what concerns the neighbour stays."""
    if isinstance(told, list):
        return [without_personal(item) for item in told]
    if isinstance(told, dict) and told.keys() == {"personal"}:
        return told if "other_party" in told["personal"] else {"erased": True}
    if isinstance(told, dict):
        return {name: without_personal(value) for name, value in told.items()}
    return told
