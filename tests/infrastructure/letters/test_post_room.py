"""No letter is lost and none doubled that its carrier can tell apart, wherever whoever carries it is killed."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from domain.calendar import DeliveryMethod
from domain.codes import CaseId, LetterTrouble
from domain.decisions.safe_contact import InstructSafeContact
from domain.events import LetterParked, NoticeSent
from domain.personal import Personal
from infrastructure import bootstrap
from infrastructure.cli import app
from infrastructure.letters import post_room, sending
from infrastructure.letters.carrier_settings import read_post_settings
from infrastructure.letters.carriers import Carriers, HandedOver, NotTaken, Outcome, Parcel, TryLater, Unknown
from infrastructure.letters.post_room import PostRoom
from tests.infrastructure.http.a_house import House, a_house
from tests.infrastructure.letters.a_mail_server import MailServerDouble, a_mail_server
from tests.infrastructure.letters.a_notify import KEY, NotifyDouble, a_notify
from tests.infrastructure.letters.a_released_letter import Reachable, eventually, reachable

POINTS = ("found", "begun", "carried", "noted", "told")


class NobodyCarries:
    """A post room that is closed: the tests open one when they want it."""

    def __init__(self, *_: object, **__: object) -> None:
        """Whatever is asked."""

    def start(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def house(postgres_dsn: str, reachable_folder: Path) -> Iterator[House]:
    """A landlord whose letters nobody carries until a test does."""
    name = f"evenhand_test_{uuid.uuid4().hex}"
    with pytest.MonkeyPatch.context() as patched, psycopg.connect(postgres_dsn, autocommit=True) as connection:
        patched.setattr(bootstrap, "PostRoom", NobodyCarries)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        dsn = make_conninfo(postgres_dsn, dbname=name)
        with a_house(dsn, reachable_folder / name, ["derby"]) as opened:
            yield opened
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def a_post_room(house: House, carriers: Carriers | None = None) -> Iterator[PostRoom]:
    """Somebody carries letters until the block ends."""
    office = house.evenhand.office("derby")
    known = house.evenhand.post.carriers_of if carriers is None else lambda _: carriers
    room = PostRoom(office.recorder.server, [office], known, poll=0.05)
    room.start()
    try:
        yield room
    finally:
        room.stop()


def facts(world: Reachable, kind: type) -> list[Any]:
    """Facts of a kind in the case."""
    history = world.house.evenhand.desk("derby").history(CaseId(world.case_id))
    return [event.fact for event in history if isinstance(event.fact, kind)]


def hurry(house: House) -> None:
    """Whatever has to wait has waited."""
    query = b"UPDATE landlord_derby.outbox SET next_at = clock_timestamp()"
    house.evenhand.office("derby").recorder.server.run(lambda conn: conn.execute(query))


# killed


@dataclass
class Outside:
    """The carriers of a settings file, and how many letters each has."""

    folder: Path
    notify: NotifyDouble
    mail: MailServerDouble
    settings: Path

    def count(self, carrier: str, dispatch: str) -> int:
        """How often a letter is there."""
        if carrier == "folder":
            return len([one for one in self.folder.glob("derby/*") if one.name == dispatch])
        if carrier == "notify":
            return len([one for one in self.notify.sent if one["reference"] == dispatch])
        return len([one for one in self.mail.taken if dispatch.encode() in one])


@pytest.fixture(scope="module")
def outside(reachable_folder: Path) -> Iterator[Outside]:
    """A folder, a Notify and a mail server."""
    folder = reachable_folder / uuid.uuid4().hex
    folder.mkdir()
    (folder / "key").touch(0o600)
    (folder / "key").write_text(KEY)
    with ExitStack() as held:
        notify, mail = held.enter_context(a_notify()), held.enter_context(a_mail_server())
        yield Outside(folder / "letters", notify, mail, folder / "carriers.toml")


def chosen(outside: Outside, carrier: str) -> None:
    """E-mail goes by this carrier."""
    outside.settings.write_text(
        f"""
        [carriers.folder]
        kind = "folder"
        path = "{outside.folder}"
        [carriers.notify]
        kind = "notify"
        address = "{outside.notify.address}"
        key_file = "{outside.settings.parent}/key"
        template = "letter"
        timeout = 5
        [carriers.mail]
        kind = "smtp"
        host = "{outside.mail.host}"
        port = {outside.mail.port}
        sender = "letters@derby.example"
        tls = "none"
        timeout = 5
        [everybody]
        email = "{carrier}"
        """
    )


def killed(house: House, outside: Outside, world: Reachable, point: str) -> None:
    """Another process carries letters, and is killed there."""
    folder, dsn = house.evenhand.settings.data, house.evenhand.settings.database
    said = [str(folder), str(dsn), str(outside.settings), point, world.now.isoformat()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.infrastructure.doomed_sender", *said],
        timeout=90,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr.decode()


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("carrier", ["folder", "notify"])
def test_a_letter_whose_carrier_tells_it_apart_goes_once_wherever_its_sender_is_killed(
    house: House, outside: Outside, carrier: str, point: str
) -> None:
    chosen(outside, carrier)
    world = reachable(house)
    dispatch = str(world.released("email").dispatch)
    killed(house, outside, world, point)
    hurry(house)
    with a_post_room(house, read_post_settings(outside.settings, outside.folder).carriers_of("derby")):
        eventually(lambda: world.state(dispatch) == "done")
    assert outside.count(carrier, dispatch) == 1
    assert [fact.letter for fact in facts(world, NoticeSent) if fact.letter] == ["letter-1"]


@pytest.mark.parametrize("point", POINTS)
def test_a_letter_by_mail_server_goes_once_or_waits_for_a_person_wherever_its_sender_is_killed(
    house: House, outside: Outside, point: str
) -> None:
    chosen(outside, "mail")
    world = reachable(house)
    dispatch = str(world.released("email").dispatch)
    killed(house, outside, world, point)
    hurry(house)
    unknown = point in ("begun", "carried")
    with a_post_room(house, read_post_settings(outside.settings, outside.folder).carriers_of("derby")):
        eventually(lambda: world.state(dispatch) == ("parked" if unknown else "done"))
    assert outside.count("mail", dispatch) == (0 if point == "begun" else 1)
    assert [fact.because for fact in facts(world, LetterParked)] == [LetterTrouble.OUTCOME_UNKNOWN] * unknown
    assert len([fact for fact in facts(world, NoticeSent) if fact.letter]) == (not unknown)


# alive


@dataclass
class CarrierDouble:
    """Answers as it is told, one answer after the other, and the last one for ever."""

    answers: list[Outcome] = field(default_factory=lambda: [HandedOver()])
    name: str = "double"
    tells_apart: bool = True
    any_form: bool = False
    longest: float = 5.0
    given: list[str] = field(default_factory=list)
    hold: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """It keeps nobody waiting unless told to."""
        self.hold.set()

    def carry(self, parcel: Parcel) -> Outcome:
        """One letter."""
        with self.lock:
            self.given.append(parcel.dispatch)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.hold.wait(20)
        return answer


def by(carrier: CarrierDouble) -> Carriers:
    """It carries everything."""
    return {DeliveryMethod.EMAIL: carrier, DeliveryMethod.FIRST_CLASS_POST: carrier}


def test_what_is_refused_for_now_is_tried_again_until_it_goes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_WAIT", 0.01)
    world = reachable(house)
    carrier = CarrierDouble([TryLater("busy"), TryLater("busy", 0.01), HandedOver()])
    dispatch = str(world.released().dispatch)
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.state(dispatch) == "done")
    assert carrier.given == [dispatch] * 3


def test_what_is_refused_for_now_again_and_again_waits_for_a_person(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(sending, "MOST_TRIES", 3)
    world = reachable(house)
    carrier = CarrierDouble([TryLater("busy")])
    world.released()
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.letter().stuck)
    assert world.letter().parked == LetterTrouble.TRIED_TOO_LONG
    assert len(carrier.given) == 3


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [(NotTaken("no"), LetterTrouble.REFUSED), (Unknown("who knows"), LetterTrouble.OUTCOME_UNKNOWN)],
)
def test_what_is_refused_for_good_or_of_unknown_fate_is_tried_once(
    house: House, answer: Outcome, trouble: LetterTrouble
) -> None:
    world = reachable(house)
    carrier = CarrierDouble([answer])
    dispatch = str(world.released().dispatch)
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.state(dispatch) == "parked")
        assert world.letter().parked == trouble
        carrier.answers = [HandedOver()]
        world.post("take-up-letter", letter="letter-1", had_gone=False)
        eventually(lambda: world.letter().sent_on is not None)
    again = str(world.letter().dispatch)
    assert carrier.given == [dispatch, again]
    assert (again == dispatch) is (trouble is LetterTrouble.REFUSED)


def test_a_safe_contact_instruction_that_comes_after_the_release_keeps_the_letter_back(house: House) -> None:
    world = reachable(house)
    dispatch = str(world.released().dispatch)
    world.do(InstructSafeContact(methods=(DeliveryMethod.BY_HAND,), words=Personal("By hand only.")))
    carrier = CarrierDouble()
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.state(dispatch) == "parked")
    assert world.letter().parked == LetterTrouble.NOT_SAFE
    assert carrier.given == []


def test_a_letter_that_was_discarded_after_its_release_does_not_go(house: House) -> None:
    world = reachable(house)
    dispatch = str(world.released().dispatch)
    world.post("discard-letter", letter="letter-1")
    carrier = CarrierDouble()
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.state(dispatch) == "over")
    assert carrier.given == []


def test_words_that_were_altered_or_are_gone_do_not_go(house: House) -> None:
    world = reachable(house)
    world.released()
    house.evenhand.office("derby").blobs.discard(world.letter().blob)
    carrier = CarrierDouble()
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.letter().stuck)
    assert world.letter().parked == LetterTrouble.NOT_READABLE
    assert carrier.given == []


def test_a_carrier_that_hangs_keeps_no_other_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_room, "LOOKED_AT", 2)  # fewer than wait for it
    slow, quick = CarrierDouble(name="slow"), CarrierDouble(name="quick")
    slow.hold.clear()
    worlds = [reachable(house) for _ in range(3)]
    waiting = [str(world.released("email").dispatch) for world in worlds]
    carriers = {DeliveryMethod.EMAIL: slow, DeliveryMethod.FIRST_CLASS_POST: quick}
    with a_post_room(house, carriers):
        eventually(lambda: len(slow.given) == 2)
        world = reachable(house)
        world.released()
        eventually(lambda: world.letter().sent_on is not None)
        assert len(slow.given) == 2  # and no third before one of them is answered
        slow.hold.set()
        eventually(lambda: all(one.letter().sent_on is not None for one in worlds))
    assert sorted(slow.given) == sorted(waiting)


def test_of_two_post_rooms_one_carries_and_the_other_takes_over(house: House) -> None:
    carrier = CarrierDouble()
    with a_post_room(house, by(carrier)) as first, a_post_room(house, by(carrier)):
        worlds = [reachable(house) for _ in range(2)]
        released = [str(world.released().dispatch) for world in worlds]
        eventually(lambda: all(world.letter().sent_on is not None for world in worlds))
        first.stop()
        later = reachable(house)
        released.append(str(later.released().dispatch))
        eventually(lambda: later.letter().sent_on is not None)
    assert sorted(carrier.given) == sorted(released)


def test_looking_through_the_whole_log_once_more_sends_nothing_again(house: House) -> None:
    world = reachable(house)
    dispatch = str(world.released().dispatch)
    carrier = CarrierDouble()
    with a_post_room(house, by(carrier)):
        eventually(lambda: world.state(dispatch) == "done")
        query = b"UPDATE landlord_derby.outbox_head SET position = 0"
        house.evenhand.office("derby").recorder.server.run(lambda conn: conn.execute(query))
        other = reachable(house)
        other.released()
        eventually(lambda: other.letter().sent_on is not None)
    assert carrier.given.count(dispatch) == 1


def test_operators_see_what_waits_and_why_and_nothing_personal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    world = reachable(house)
    dispatch = str(world.released().dispatch)
    with a_post_room(house, by(CarrierDouble([NotTaken("no")]))):
        eventually(lambda: world.state(dispatch) == "parked")
    settings = house.evenhand.settings
    monkeypatch.setenv("EVENHAND_DATA", str(settings.data))
    monkeypatch.setenv("EVENHAND_KEYS", str(settings.keys))
    monkeypatch.setenv("DATABASE_URL", str(settings.database))
    said = CliRunner().invoke(app, ["letters", "outbox", "derby"])
    assert said.exit_code == 0, said.output
    assert f"case {world.case_id}: letter-1, refused (dispatch {dispatch})" in said.output
    assert "Quill" not in said.output


def test_each_answer_of_a_carrier_is_counted(house: House) -> None:
    counted: list[tuple[str, str, str]] = []
    world = reachable(house)
    world.released()
    office, carrier = house.evenhand.office("derby"), CarrierDouble()
    room = PostRoom(
        office.recorder.server, [office], lambda _: by(carrier), poll=0.05, observe=lambda *told: counted.append(told)
    )
    room.start()
    try:
        eventually(lambda: world.letter().sent_on is not None)
    finally:
        room.stop()
    assert ("derby", "double", "handed_over") in counted
