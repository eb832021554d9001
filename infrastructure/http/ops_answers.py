"""What operations staff are answered about read models, and what they send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.decisions.judgement import Id
from infrastructure.http.answers import ProblemAnswer
from infrastructure.http.people import Detail
from infrastructure.jobs import Act as JobAct
from projections import ALL


def _known(name: str) -> str:
    known = [view.name for view in ALL]
    if name not in known:
        raise ValueError(f"is not a read model; there are {', '.join(known)}")
    return name


def _not_empty(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("names at least one read model")
    return names


ReadModel = Annotated[str, AfterValidator(_known)]
# Counted here, because pydantic's own count leaves out what is no read model and says so a second time.
ReadModels = Annotated[
    tuple[ReadModel, ...], AfterValidator(_not_empty), Field(max_length=50, json_schema_extra={"minItems": 1})
]
Processes = Annotated[int, Field(ge=1, le=64)]


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    why: Detail
    """The reason, for the history of what was done; it names nobody."""


class RebuildReadModels(_Act):
    """Rebuilds read models: fills new tables beside those that are read, compares, and switches when they agree.

    Answered at once; `GET /v1/ops/jobs/{job}` says how it goes and what came of it.
    """

    names: ReadModels
    accept: bool = False
    """Switch whatever differs."""
    fresh: bool = False
    """Do not go on with what was begun before."""
    abandon: bool = False
    """Only drop what was begun and is not read."""
    processes: Processes | None = None
    """How many work; one for each core unless given."""


class VerifyReadModels(_Act):
    """Verifies read models: folds every case afresh and compares with the rows that are read.

    Answered at once; `GET /v1/ops/jobs/{job}` says how it goes and what was found.
    """

    names: ReadModels
    repair: bool = False
    """Have the cases folded anew that differ."""
    processes: Processes | None = None
    """How many work; one for each core unless given."""


class PauseReadModels(_Act):
    """Pauses read models: answers about one case stay right, lists grow old."""

    names: ReadModels


class ResumeReadModels(_Act):
    """Keeps paused read models up again."""

    names: ReadModels


class RetryCases(_Act):
    """Has blocked cases tried again soon; the state of the read models then says which still are."""

    cases: Annotated[tuple[Id, ...], Field(max_length=1000)] | None = None
    """Which ones; all of them unless given."""


class RollBackReadModel(_Act):
    """Sends readers back to the build that they were switched from last.

    Answered at once; `GET /v1/ops/jobs/{job}` says what came of it.
    """

    name: ReadModel


BODIES: dict[str, type[Any]] = {
    "rebuild": RebuildReadModels,
    "verify": VerifyReadModels,
    "pause": PauseReadModels,
    "resume": ResumeReadModels,
    "retry": RetryCases,
    "rollback": RollBackReadModel,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedShown:
    """A case whose rows say nothing of the event at `position` and later, and why."""

    case: str
    position: int
    error: str
    attempts: int
    since: datetime
    code_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A build beside the one that is read; `state` is building, verifying, differing or failed."""

    build: int
    version: int
    state: str
    slices: int
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModelState:
    """One read model: serving, catching up, degraded while cases are blocked, paused, awaiting rebuild, or lost.

    `awaits` is the version that this release computes, when another is read. `heartbeat_age` is in seconds.
    `standby` is the build that a rollback would return to.
    """

    projection: str
    state: str
    version: int
    build: int
    awaits: int | None
    position: int
    head: int
    behind_since: datetime | None
    heartbeat_age: float | None
    blocked: tuple[BlockedShown, ...]
    under_way: UnderWay | None
    standby: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """How each read model is."""

    projections: tuple[ReadModelState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRebuild:
    """What a rebuild would go through; `rows` are those that are read now, `filled` of `slices` are done already."""

    projection: str
    version: int
    from_version: int
    events: int
    cases: int
    rows: int
    slices: int
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """What rebuilds would go through."""

    plans: tuple[PlannedRebuild, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActShown:
    """One act; `actor` is a staff id, or a login of the machine for what was done on the command line."""

    number: int
    at: datetime
    act: str
    projection: str
    build: int | None
    actor: str
    why: str | None
    detail: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsAnswer:
    """What was done, latest first; `next` leads to what was done before."""

    acts: tuple[ActShown, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The read models that are paused, or kept up again, by this; not those that were so already."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """The blocked cases that are tried again."""

    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceShown:
    """A row that is not what it should be: missing, unfounded, changed in these columns, or untold."""

    projection: str
    kind: str
    case: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOutcome:
    """What came of one read model: which build, whether it is read now, and what differed from the one before."""

    projection: str
    build: int
    version: int
    switched: bool
    differences: int
    shown: tuple[DifferenceShown, ...]
    newly_blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was compared, and how many rows are not what their histories say; `shown` are some of them."""

    events: int
    rows: int
    blocked: int
    differences: int
    shown: tuple[DifferenceShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAnswer:
    """A long act: how far it is, in events, and once it is done what came of it.

    `rate` is in events a second; `rate` and `estimated_seconds` are null while there is nothing to tell them from.
    A service that ends forgets its jobs; what they left is in the state of the read models and in the history of acts.
    """

    job: str
    act: JobAct
    names: tuple[str, ...]
    state: Literal["running", "done", "failed"]
    began_at: datetime
    ended_at: datetime | None
    stage: str
    done: int
    of: int
    rate: float | None
    estimated_seconds: float | None
    builds: tuple[BuildOutcome, ...] | None
    verification: Verification | None
    abandoned: tuple[str, ...] | None
    error: ProblemAnswer | None
