"""The post room: carries the released letters of every landlord on one server, each landlord's by one process alone.

It is woken when a log grows, and looks by itself as well. One thread looks, and each letter is carried in a thread of
its own, a few at a time for each carrier: one that hangs keeps no other waiting. Whoever holds a landlord's advisory
lock leads there; a second process waits, and takes over when the first one's connection ends.
"""

from __future__ import annotations

import logging
from collections import Counter
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from infrastructure.letters.sending import TELLING_WAIT, Sender
from infrastructure.postgres.leading import connected, owner_name, take_the_lead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from infrastructure.letters.carriers import Carriers
    from infrastructure.letters.outbox import Sending
    from infrastructure.office import Office
    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

AT_ONCE_OF_ONE: Final = 2  # letters that one carrier is given at the same time
AT_ONCE: Final = 16  # letters that are carried at the same time in all
LOOKED_AT: Final = 50  # letters that one look finds
LOOKS_A_SECOND: Final = 20  # at landlords that nobody rang about
BREATH: Final = 0.1  # seconds between two looks at one landlord, however often it rings: no letter is in that hurry
AFTER_TROUBLE: Final = 2.0  # seconds after which a landlord whose outbox cannot be read is looked at again
LONGEST_PAUSE: Final = 30.0  # seconds between two tries to reach the server
FAREWELL: Final = 20.0  # seconds that stopping waits for letters under way; their rows say how far they came

WORK: Final = "letters"  # in which one process leads


class PostRoom:
    """Carries the letters of these landlords, all kept on `server`; `carriers` says who does, by landlord.

    `poll` is the time in seconds between two looks at an outbox that nobody rang about, and between two tries to lead.
    `observe` is told landlord, carrier and kind of answer, each time that a carrier has answered.
    """

    def __init__(
        self,
        server: PostgresServer,
        offices: Sequence[Office],
        carriers: Callable[[str], Carriers],
        *,
        poll: float = 1.0,
        observe: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self.name = owner_name()
        self._server = server
        self._senders = {
            office.projector.schema: Sender(office, carriers(office.landlord), self.name, observe) for office in offices
        }
        self._poll = poll
        self._look_after = max(poll, len(offices) / LOOKS_A_SECOND)
        self._stopping = Event()
        self._bell = server.wake_ups.follow(*self._senders)
        self._look_at: dict[str, float] = {}
        self._looked_at: dict[str, float] = {}
        self._led: set[str] = set()
        self._lock = Lock()
        self._under_way: dict[str, Thread] = {}  # by dispatch
        self._busy: Counter[tuple[str, str]] = Counter()  # letters under way, by schema and carrier
        self._thread = Thread(target=self._run, name="post-room", daemon=True)

    def start(self) -> None:
        """Carry letters in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no more letters, and wait a while for those under way."""
        self._stopping.set()
        self._bell.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._bell.close()
        until = monotonic() + FAREWELL
        for thread in list(self._under_way.values()):
            thread.join(max(until - monotonic(), 0.0))

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            try:
                with connected(self._server.dsn, "evenhand letters") as conn:
                    pause = 0.0
                    self._led.clear()
                    self._lead(conn)
            except Exception as error:  # noqa: BLE001 - a post room that dies of an error carries nothing any more
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                kind = type(error).__qualname__
                logger.warning("the post room starts again in %.1f s (%s)", pause, kind)
                self._stopping.wait(pause)

    def _lead(self, conn: Connection[Any]) -> None:
        lead_at = 0.0
        while not self._stopping.is_set():
            now = monotonic()
            if now >= lead_at:
                lead_at = now + max(self._poll, 1.0)
                wanted = [schema for schema in self._senders if schema not in self._led]
                # Asked also when nobody is wanted: a connection that is gone has lost the locks with it.
                self._led.update(take_the_lead(conn, WORK, wanted))
            for schema in sorted(self._led):
                if monotonic() >= self._look_at.get(schema, 0.0) and not self._stopping.is_set():
                    self._looked_at[schema] = monotonic()
                    self._look_at[schema] = monotonic() + self._look(schema)
            times = [lead_at, *(self._look_at[schema] for schema in self._led)]
            for schema in self._bell.wait(max(min(times) - monotonic(), 0.0)):
                soon = self._looked_at.get(schema, 0.0) + BREATH
                self._look_at[schema] = min(self._look_at.get(schema, soon), soon)

    def _look(self, schema: str) -> float:
        """Begin whatever is due at one landlord's; seconds until the next look."""
        sender = self._senders[schema]
        outbox = sender.office.outbox
        try:
            while outbox.take_in():
                pass
            for sending in outbox.due(LOOKED_AT):
                self._begin(schema, sender, sending)
            following = outbox.next_in()
        except Exception as error:  # noqa: BLE001 - the other landlords must not wait for it
            logger.warning("%s: its outbox cannot be read (%s)", sender.office.landlord, type(error).__qualname__)
            return max(AFTER_TROUBLE, self._look_after)
        # What is due already waits for its carrier, which rings when it is free.
        return self._look_after if following is None or following <= 0 else min(following, self._look_after)

    def _begin(self, schema: str, sender: Sender, sending: Sending) -> None:
        carrier = sender.carrier_of(sending) if sending.state == "pending" else None
        which = (schema, carrier.name if carrier else "")
        with self._lock:
            full = len(self._under_way) >= AT_ONCE or self._busy[which] >= AT_ONCE_OF_ONE
            if sending.dispatch in self._under_way or full or self._stopping.is_set():
                return
            thread = Thread(target=self._go_on, args=(schema, which, sender, sending), name="letter", daemon=True)
            self._under_way[sending.dispatch] = thread
            self._busy[which] += 1
        thread.start()

    def _go_on(self, schema: str, which: tuple[str, str], sender: Sender, sending: Sending) -> None:
        try:
            sender.go_on(sending)
        except Exception as error:  # noqa: BLE001 - the log or the keys cannot be reached just now
            kind = type(error).__qualname__
            logger.warning("%s: letter %s is gone on with later (%s)", sender.office.landlord, sending.dispatch, kind)
            self._put_off(sender, sending)
        finally:
            with self._lock:
                del self._under_way[sending.dispatch]
                self._busy[which] -= 1
            self._bell.wake(schema)

    def _put_off(self, sender: Sender, sending: Sending) -> None:
        """It is looked at again in a while. A carrier that was asked already may have it: that is wondered about."""
        try:
            if sending.state != "sending":
                sender.office.outbox.put_off(sending, TELLING_WAIT)
        except Exception as error:  # noqa: BLE001 - then it is due at once, or when its carrier's time is over
            logger.warning("%s: its outbox cannot be written (%s)", sender.office.landlord, type(error).__qualname__)
