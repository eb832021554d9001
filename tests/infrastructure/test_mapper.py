"""Facts go to bytes and come back as they were, with nothing personal in clear and no guess about what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest

from domain.codes import SubjectId
from domain.events import FACTS, ContactLogged, RestrictionVaried, schema_version
from domain.personal import ContactText, KeyClass, Personal
from infrastructure.codec import WrongShape
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import Mapper, UnknownFact, UnreadableEvent
from infrastructure.sealing import SealedAt
from tests.golden.corpus import Golden, corpus, golden_sealing, missing
from tests.golden.samples import NEIGHBOUR, PERSON, personal_texts, plain, sample, written
from tests.infrastructure.a_landlord import as_row, changed

GOLDEN = list(corpus())


def of_case(_stream: str) -> SubjectId:
    return PERSON


def parts(state: bytes) -> tuple[Any, Any]:
    """The two parts of a state, read by hand."""
    clear = int.from_bytes(state[:4], "big")
    sealed = int.from_bytes(state[4 + clear : 8 + clear], "big")
    assert len(state) == 8 + clear + sealed
    return json.loads(state[4 : 4 + clear]), json.loads(state[8 + clear :])


def texts_in(shown: object) -> set[str]:
    """Every personal text of an event that was made plain."""
    if isinstance(shown, list):
        return set().union(*map(texts_in, shown))
    if isinstance(shown, dict):
        return {shown["personal"]} if shown.keys() == {"personal"} else texts_in(list(shown.values()))
    return set()


def framed(clear: bytes, sealed: bytes = b"[]") -> bytes:
    return len(clear).to_bytes(4, "big") + clear + len(sealed).to_bytes(4, "big") + sealed


def with_clear(row: StoredRow, clear: dict[str, Any]) -> StoredRow:
    _, sealed = parts(row.state)
    return row._replace(state=framed(json.dumps(clear).encode(), json.dumps(sealed).encode()))


@pytest.fixture
def mapper() -> Mapper:
    return Mapper(golden_sealing())


def stored(mapper: Mapper, stored_name: str) -> StoredRow:
    [row] = mapper.encode([sample(stored_name)], of_case)
    return as_row(row)


@pytest.mark.parametrize("bare", [False, True], ids=["full", "bare"])
@pytest.mark.parametrize("stored_name", FACTS)
def test_every_fact_comes_back_as_it_was(mapper: Mapper, stored_name: str, bare: bool) -> None:
    event = sample(stored_name, bare=bare, version=3)
    [row] = mapper.encode([event], of_case)
    read = mapper.decode(as_row(row, position=41))
    assert type(read.fact) is FACTS[stored_name]
    assert plain(read, golden_sealing().reveal) == plain(
        replace(event, position=41, recorded_at=as_row(row).recorded_at), written
    )


@pytest.mark.parametrize("stored_name", FACTS)
def test_no_personal_text_stands_anywhere_in_what_is_stored(mapper: Mapper, stored_name: str) -> None:
    event = sample(stored_name)
    [row] = mapper.encode([event], of_case)
    clear, sealed = parts(row.state)
    texts = personal_texts(event)
    assert len(sealed) == len(texts)
    for text in texts:
        for spelled in (text.encode(), json.dumps(text).strip('"').encode(), text.partition(":")[2].encode()):
            assert spelled not in row.state
    assert "said in words" not in json.dumps(clear)


def test_a_value_is_bound_to_its_person_event_and_path(mapper: Mapper) -> None:
    event = sample("RestrictionVaried")
    [row] = mapper.encode([event], of_case)
    clear, sealed = parts(row.state)
    reason = sealed[clear["fact"]["measures"][1]["reason"]]
    assert (reason["p"], reason["e"], reason["f"]) == (PERSON, event.event_id, "measures.1.reason")
    override = sealed[clear["overrides"][0]["reason"]]
    assert override["f"] == "overrides.0.reason"
    assert sorted(reason) == ["c", "d", "e", "f", "k", "n", "p"]


def test_what_concerns_a_third_party_is_sealed_for_that_person(mapper: Mapper) -> None:
    clear, sealed = parts(stored(mapper, "IncidentRecorded").state)
    assert sealed[clear["fact"]["other_party"]]["p"] == NEIGHBOUR
    assert sealed[clear["fact"]["account"]]["p"] == PERSON


def test_reading_an_event_opens_and_parses_nothing_that_is_sealed(mapper: Mapper) -> None:
    clear, _ = parts(stored(mapper, "ContactLogged").state)
    row = stored(mapper, "ContactLogged")._replace(state=framed(json.dumps(clear).encode(), b"not even JSON"))
    fact = mapper.decode(row).fact
    assert isinstance(fact, ContactLogged)
    assert isinstance(fact.summary.content(), SealedAt)


def test_a_value_of_an_earlier_event_is_copied_as_it_was_sealed(mapper: Mapper) -> None:
    applied: Any = mapper.decode(stored(mapper, "RestrictionApplied")).fact
    event = sample("RestrictionVaried")
    assert isinstance(event.fact, RestrictionVaried)
    varied = changed(event, fact=changed(event.fact, measures=applied.measures))
    [row] = mapper.encode([varied], of_case)
    clear, sealed = parts(row.state)
    copy = sealed[clear["fact"]["measures"][0]["reason"]]
    assert copy["e"] == sample("RestrictionApplied").event_id
    read: Any = mapper.decode(as_row(row)).fact
    [before, after] = golden_sealing().reveal_all([applied.measures[0].reason, read.measures[0].reason])
    assert before == after == "RestrictionApplied.measures.0.reason: said in words, with ž, 家 and 🙂"


def test_instants_are_stored_in_utc_whatever_their_offset_was(mapper: Mapper) -> None:
    noon_in_summer = datetime(2025, 7, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    event = changed(sample("NoticeSent"), effective_at=noon_in_summer)
    event = changed(event, fact=changed(event.fact, sent_at=noon_in_summer))
    [row] = mapper.encode([event], of_case)
    clear, _ = parts(row.state)
    assert clear["effective_at"] == clear["fact"]["sent_at"] == "2025-07-01T11:00:00Z"
    assert mapper.decode(as_row(row)).effective_at == datetime(2025, 7, 1, 11, tzinfo=UTC)


def test_an_instant_without_offset_is_not_written(mapper: Mapper) -> None:
    event = sample("NoticeSent")
    naive = changed(event, fact=changed(event.fact, sent_at=datetime(2025, 7, 1, 12)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="sent_at"):
        mapper.encode([naive], of_case)


def test_a_fact_that_could_not_be_read_again_is_not_written(mapper: Mapper) -> None:
    event = sample("CaseClosed")
    wrong = changed(event, fact=changed(event.fact, closed_on="the day before yesterday"))
    with pytest.raises(WrongShape) as refused:
        mapper.encode([wrong], of_case)
    assert refused.value.path == "$.fact.closed_on"
    assert "yesterday" not in str(refused.value)


def test_a_personal_value_needs_somebody_whose_it_is(mapper: Mapper) -> None:
    with pytest.raises(ValueError, match="nobody's case"):
        mapper.encode([sample("ContactLogged")], lambda _: None)


def test_a_lone_surrogate_is_refused_without_being_quoted(mapper: Mapper) -> None:
    event = sample("ContactDisputed")
    broken = changed(event, fact=changed(event.fact, statement=Personal("Grumble \ud800")))
    with pytest.raises(TypeError, match="statement") as refused:
        mapper.encode([broken], of_case)
    assert "Grumble" not in str(refused.value)


def test_an_unknown_type_is_refused_with_its_position(mapper: Mapper) -> None:
    row = stored(mapper, "CaseOpened")._replace(type="CaseSung", position=1234)
    with pytest.raises(UnknownFact, match=r"position 1234 is of type CaseSung"):
        mapper.decode(row)


def test_a_version_of_a_later_release_is_refused(mapper: Mapper) -> None:
    row = stored(mapper, "CaseOpened")
    clear, _ = parts(row.state)
    with pytest.raises(UnknownFact, match="CaseOpened, version 2"):
        mapper.decode(with_clear(row, clear | {"schema_version": 2}))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "king of Elm Street"}, "$.fact.kind"),
        ({"ordinal": "king of Elm Street"}, "$.fact.ordinal"),
        ({"ordinal": 1.5}, "$.fact.ordinal"),
        ({"person": None}, "$.fact.person"),
    ],
)
def test_a_wrong_shape_is_refused_with_event_and_path_but_no_value(
    mapper: Mapper, change: dict[str, object], path: str
) -> None:
    row = stored(mapper, "CaseOpened")
    clear, _ = parts(row.state)
    with pytest.raises(UnreadableEvent) as refused:
        mapper.decode(with_clear(row, clear | {"fact": clear["fact"] | change}))
    error: BaseException | None = refused.value
    assert (refused.value.event_id, refused.value.path) == (sample("CaseOpened").event_id, path)
    while error is not None:  # nor in what a log would print below it
        assert "king" not in str(error)
        error = error.__cause__ or error.__context__


def test_a_personal_value_in_clear_is_a_wrong_shape(mapper: Mapper) -> None:
    row = stored(mapper, "ContactDisputed")
    clear, _ = parts(row.state)
    for instead in ("in clear", True, 1.0, {"text": "in clear"}):
        with pytest.raises(UnreadableEvent, match=r"\$\.fact\.statement"):
            mapper.decode(with_clear(row, clear | {"fact": clear["fact"] | {"statement": instead}}))


def test_an_envelope_with_a_field_too_many_or_too_few_is_refused(mapper: Mapper) -> None:
    row = stored(mapper, "CaseOpened")
    clear, _ = parts(row.state)
    with pytest.raises(UnreadableEvent):
        mapper.decode(with_clear(row, clear | {"mood": "cross"}))
    del clear["actor"]
    with pytest.raises(UnreadableEvent):
        mapper.decode(with_clear(row, clear))


@pytest.mark.parametrize("cut", [0, 3, 4, 60, -1])
def test_a_state_that_was_cut_short_is_refused(mapper: Mapper, cut: int) -> None:
    row = stored(mapper, "CaseOpened")
    with pytest.raises(UnreadableEvent, match="lengths"):
        mapper.decode(row._replace(state=row.state[:cut]))


def test_bytes_that_are_no_json_are_refused(mapper: Mapper) -> None:
    row = stored(mapper, "CaseOpened")
    with pytest.raises(UnreadableEvent, match="of unknown id"):
        mapper.decode(row._replace(state=framed(b"\xff\x00")))


@dataclass(frozen=True, slots=True, kw_only=True)
class DogBarkedAt:
    """A made-up fact in its third shape: version 1 had `dog` and `words`, version 2 `animal` and `words`."""

    animal: str
    barked_on: date | None
    account: ContactText


def first_to_second(fact: dict[str, Any]) -> dict[str, Any]:
    return {"animal": fact["dog"], "words": fact["words"]}


def second_to_third(fact: dict[str, Any]) -> dict[str, Any]:
    return {"animal": fact["animal"], "barked_on": None, "account": fact["words"]}


LADDER = {("DogBarkedAt", 1): first_to_second, ("DogBarkedAt", 2): second_to_third}


@pytest.mark.parametrize(
    ("version", "old"), [(1, {"dog": "Rex", "words": 0}), (2, {"animal": "Rex", "words": 0})], ids=["first", "second"]
)
def test_an_old_shape_is_lifted_step_by_step_and_its_sealed_values_still_open(version: int, old: object) -> None:
    mapper = Mapper(golden_sealing(), facts={"DogBarkedAt": DogBarkedAt}, version_of=lambda _: 3, upcasters=LADDER)
    event = changed(sample("ContactDisputed"), fact=DogBarkedAt(animal="", barked_on=None, account=Personal("woof")))
    [written_today] = mapper.encode([changed(event, overrides=())], of_case)
    row = as_row(written_today)
    clear, _ = parts(row.state)
    assert clear["schema_version"] == 3
    fact: Any = mapper.decode(with_clear(row, clear | {"schema_version": version, "fact": old})).fact
    assert (type(fact), fact.animal, fact.barked_on) == (DogBarkedAt, "Rex", None)
    assert golden_sealing().reveal(fact.account) == "woof"


def test_a_version_that_nothing_lifts_is_found_when_the_service_starts() -> None:
    with pytest.raises(TypeError, match=r"\('DogBarkedAt', 2\)"):
        Mapper(
            golden_sealing(),
            facts={"DogBarkedAt": DogBarkedAt},
            version_of=lambda _: 3,
            upcasters={("DogBarkedAt", 1): first_to_second},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclassed:
    """Personal, and nothing says under which class of key."""

    said: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class TwiceClassed:
    """Personal under two classes at once."""

    said: Annotated[Personal, KeyClass.CONTACT, KeyClass.NOTICE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """Open-ended, so that anything could be hidden in it."""

    said: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EitherOr:
    """Of two types, so that reading would have to guess."""

    said: int | str


@pytest.mark.parametrize("kind", [Unclassed, TwiceClassed, Loose, EitherOr])
def test_a_fact_that_has_no_stored_form_is_found_when_the_service_starts(kind: type) -> None:
    with pytest.raises(TypeError, match=rf"{kind.__name__}\.said"):
        Mapper(golden_sealing(), facts={"Made up": kind}, version_of=lambda _: 1, upcasters={})


def test_every_stored_type_has_a_golden_sample_of_its_version_of_today() -> None:
    assert missing() == [], "run: python -m tests.golden.make"


@pytest.mark.parametrize("golden", GOLDEN, ids=[f"{golden.stored_name}.v{golden.version}" for golden in GOLDEN])
def test_a_golden_sample_loads_unseals_and_says_what_its_twin_says(mapper: Mapper, golden: Golden) -> None:
    read = mapper.decode(golden.row())
    shown = plain(read, golden_sealing().reveal)
    twin = golden.twin["event"]
    clear, sealed = parts(golden.state)
    assert clear["schema_version"] == golden.twin["schema_version"] == golden.version
    assert type(read.fact) is FACTS[golden.stored_name]
    assert len(sealed) == len(texts_in(twin))
    if golden.version == schema_version(golden.stored_name):
        assert shown == twin
    else:  # lifted since: the envelope is the same, and no personal value was lost or made up
        assert {**shown, "fact": None} == {**twin, "fact": None}
        assert texts_in(shown) <= texts_in(twin)


def test_a_sample_is_the_same_every_time() -> None:
    for stored_name in FACTS:
        assert plain(sample(stored_name), written) == plain(sample(stored_name), written)
