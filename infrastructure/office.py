"""Everything of one landlord, wired: its keys, log, people, read models, and the desk where its cases are decided."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import uuid6

from application.clockwork import Clockwork
from application.desk import Desk, NotFound
from application.erasure import Erasures
from application.founding import found
from application.ports import Beside
from application.recall import Recall
from application.streams import case_id, landlord_stream
from domain.codes import CaseId
from domain.events import EvidenceAttached, LetterPrepared
from domain.evolve import fold
from domain.landlord import Landlord, fold_landlord
from infrastructure.access_log import PostgresAccessLog, Reader
from infrastructure.advice_lookup import AdviceLookup
from infrastructure.answer_ids import AnswerIds
from infrastructure.blobs import PostgresBlobs
from infrastructure.clock import SystemClock
from infrastructure.directory import PostgresDirectory
from infrastructure.directory_entries import DirectoryEntries
from infrastructure.downstream.followers import Followers
from infrastructure.downstream.public_log import PublicLog
from infrastructure.downstream.states import States
from infrastructure.downstream.troubles import of_webhooks
from infrastructure.downstream.webhooks.endpoints import Endpoints
from infrastructure.downstream.webhooks.progress import Progress
from infrastructure.engine.projector import Projector
from infrastructure.erasing import told_of_failure
from infrastructure.event_store import LandlordRecorder
from infrastructure.gone_by import GoneBy
from infrastructure.key_files import FileKeys
from infrastructure.keyring import PostgresKeyRing
from infrastructure.landlord_kept import LandlordKept
from infrastructure.letters.outbox import Outbox
from infrastructure.letters.shelf import TemplateShelf
from infrastructure.letters.writing import LandlordLetters
from infrastructure.log import PostgresEventLog, request_key
from infrastructure.mapper import Mapper, UnknownFact, UnreadableEvent
from infrastructure.reads import Reads
from infrastructure.resealing import Resealing
from infrastructure.retention_log import RetentionLog
from infrastructure.sealing import Sealing
from infrastructure.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from application.ports import Clock, Receipt
    from domain.codes import SubjectId
    from infrastructure.appending import AppendObserver
    from infrastructure.policy_shelf import LandlordPolicies
    from infrastructure.postgres.server import PostgresServer

# An event follows the bytes that it names within its request; whatever is older and has none will never get one.
OLDER_THAN_ANY_REQUEST: Final = timedelta(days=1)

CLOCK: Final = "clock"  # whose requests those of the clock are; no token names such a caller
OF_ONE_CASE: Final = (UnknownFact, UnreadableEvent, LookupError)  # a history that contradicts itself is the last

TOLD: Final = logging.getLogger(__name__)
BASELINE: Final = "baseline"  # as a policy's landlord, in the list of known policy files


def mint_event_id() -> str:
    """A UUIDv7; in one thread, later than those before."""
    return str(uuid6.uuid7())


class Shared(NamedTuple):
    """What the landlords of one process share: who is told how long saves take, and the cases folded lately.

    `letters` has a folder for each landlord: templates in the place of ours, and what is enclosed.
    """

    observer: AppendObserver | None
    recall: Recall
    letters: Path | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """One landlord's parts, over the server of its log and the server of its data keys."""

    landlord: str
    clock: Clock
    policies: LandlordPolicies
    keys: FileKeys
    recorder: LandlordRecorder
    key_ring: PostgresKeyRing
    log: PostgresEventLog
    directory: PostgresDirectory
    access_log: PostgresAccessLog
    blobs: PostgresBlobs
    retention: RetentionLog
    erasures: Erasures
    reader: Reader
    projector: Projector
    reads: Reads
    advice: AdviceLookup
    answer_ids: AnswerIds
    posts: LandlordKept
    desk: Desk
    letters: LandlordLetters
    outbox: Outbox
    clockwork: Clockwork
    public_log: PublicLog
    states: States
    webhooks: Endpoints
    webhook_progress: Progress
    followers: Followers

    @classmethod
    def of(
        cls,
        landlord: str,
        clock: Clock,
        policies: LandlordPolicies,
        key_folder: Path,
        server: PostgresServer,
        keys_server: PostgresServer,
        shared: Shared | None = None,
    ) -> Self:
        """The office of a landlord whose schemas and key files are there. Raises `KeysRefused`."""
        keys = FileKeys(key_folder, landlord)
        shared = shared or Shared(None, Recall())
        recorder = LandlordRecorder(server, landlord, clock.now, shared.observer)
        key_ring = PostgresKeyRing(keys_server, landlord, keys)
        sealing = Sealing(key_ring)
        mapper = Mapper(sealing)
        log = PostgresEventLog(recorder, mapper, Snapshots(server, landlord, keys))
        directory = PostgresDirectory(server, landlord, keys, sealing, key_ring, clock.now)
        access_log = PostgresAccessLog(server, landlord, clock.now)
        blobs = PostgresBlobs(server, landlord, key_ring)
        reader = Reader(access_log, sealing, directory, blobs)
        projector = Projector(recorder, mapper.decode)
        retention = RetentionLog(server, landlord, mapper.decode)
        posts = landlord_stream(landlord)
        reseal = Resealing(reader, blobs, clock, lambda: fold_landlord(log.history(posts)))
        beside = Beside(reseal, DirectoryEntries(directory, retention))
        desk = Desk(landlord, log, policies, clock, mint_event_id, shared.recall, beside)
        baseline = policies.baseline.baseline
        public_log = PublicLog(recorder, mapper, posts)
        # By the machine's clock: what is outside does not live in a demonstration's time.
        webhooks = Endpoints(server, landlord, keys, SystemClock().now)
        followers = Followers(desk, projector, public_log, clock)
        followers.listen_to(of_webhooks(webhooks))
        shelf = TemplateShelf.stocked(
            [file.policy for file in policies.files()], baseline, shared.letters / landlord if shared.letters else None
        )
        return cls(
            landlord=landlord,
            clock=clock,
            policies=policies,
            keys=keys,
            recorder=recorder,
            key_ring=key_ring,
            log=log,
            directory=directory,
            access_log=access_log,
            blobs=blobs,
            retention=retention,
            erasures=Erasures(retention, key_ring, directory, blobs, told_of_failure(landlord)),
            reader=reader,
            projector=projector,
            reads=Reads(projector, lambda person, ordinal: case_id(landlord, person, ordinal)),
            advice=AdviceLookup(projector, lambda person, ordinal: case_id(landlord, person, ordinal), posts),
            answer_ids=AnswerIds(keys, landlord),
            posts=LandlordKept(desk.state),
            desk=desk,
            letters=LandlordLetters(desk, baseline, reader, directory, clock, shelf),
            outbox=Outbox(server, landlord, mapper.decode),
            clockwork=Clockwork(
                desk,
                GoneBy(projector),
                clock,
                lambda name: request_key(keys, CLOCK, name, name.encode()),
                OF_ONE_CASE,
            ),
            public_log=public_log,
            states=States(projector, posts),
            webhooks=webhooks,
            webhook_progress=Progress(server, landlord),
            followers=followers,
        )

    def sweep_evidence(self) -> int:
        """Remove the bytes of files and letters that no event shown to anybody names; how many there were."""
        return self.blobs.sweep(self._names_file, OLDER_THAN_ANY_REQUEST)

    def _names_file(self, case: CaseId, blob: str) -> bool:
        try:
            history = self.desk.history(case)
        except NotFound:
            return False
        except (UnknownFact, UnreadableEvent):  # told by another release, and so perhaps by an event that names it
            return True
        hidden = fold(history).hidden()
        return any(
            isinstance(event.fact, EvidenceAttached | LetterPrepared)
            and event.fact.blob == blob
            and event.event_id not in hidden
            for event in history
        )

    def cases_that_speak_of(self, persons: Collection[SubjectId]) -> frozenset[CaseId]:
        """The cases, their own among them, that hold words about these people or name them by their id.

        Some of them may never have come about.
        """
        named = self.retention.naming(persons)
        return frozenset(self.key_ring.cases_of(persons)).union(*named.values())

    def found(self, *, demonstration: bool) -> Receipt:
        """Write the landlord's first facts. Raises `Refused` when it has some."""
        self.remember_policies()
        return found(self.landlord, self.log, self.policies, self.clock, mint_event_id, demonstration=demonstration)

    def remember_policies(self) -> None:
        """Note which bytes stand behind each policy file. Raises `PolicyChanged` for a known one with others."""
        baseline = self.policies.baseline
        self.recorder.remember_policy(BASELINE, self.policies.baseline_day, baseline.sha256)
        for file in self.policies.files():
            self.recorder.remember_policy(self.landlord, file.effective, file.sha256)

    def open(self) -> Landlord:
        """Check that everything its facts rest on is here, and make what read models need; the landlord as it is.

        Raises `PolicyChanged`, and `NotFound` for an adopted policy whose file is gone.
        """
        self.remember_policies()
        landlord = self.desk.state()
        for ref in landlord.policies:
            self.desk.policy_of(ref)
        for problem in self.letters.problems():
            TOLD.warning("%s: no letter is written from a template that cannot be used: %s", self.landlord, problem)
        self.projector.prepare()
        self.sweep_evidence()
        return landlord
