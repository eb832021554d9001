"""A job as its caller is told of it, errors as problems."""

from __future__ import annotations

from infrastructure.engine.operations import Verified
from infrastructure.engine.projecting import described
from infrastructure.engine.rebuilding import Outcome, RebuildRefused
from infrastructure.engine.slices import Difference
from infrastructure.http import problems
from infrastructure.http.answers import ProblemAnswer
from infrastructure.http.ops_answers import BuildOutcome, DifferenceShown, JobAnswer, Verification
from infrastructure.http.problems import ProblemType
from infrastructure.jobs import Interrupted, Job


def told_of(job: Job) -> JobAnswer:
    """How a job goes, or what came of it."""
    pace, outcome, ended_at = job.pace, job.outcome, job.ended_at
    listed = outcome if isinstance(outcome, list) else []
    builds = tuple(_build(one) for one in listed if isinstance(one, Outcome))
    abandoned = tuple(one for one in listed if isinstance(one, str))
    return JobAnswer(
        job=job.id,
        act=job.act,
        names=job.names,
        state="running" if ended_at is None else "failed" if job.error else "done",
        began_at=job.began_at,
        ended_at=ended_at,
        stage=pace.stage if ended_at is None else "ended",
        done=pace.done,
        of=pace.of,
        rate=pace.rate if ended_at is None else None,
        estimated_seconds=pace.left if ended_at is None else None,
        builds=builds or None,
        verification=_verification(outcome) if isinstance(outcome, Verified) else None,
        abandoned=abandoned if isinstance(outcome, list) and not builds else None,
        error=None if job.error is None else _problem(job.error),
    )


def _problem(error: Exception) -> ProblemAnswer:
    """The error as a problem; in its own words only where those were written for people."""
    match error:
        case RebuildRefused():
            return _answer(problems.REBUILD_REFUSED, str(error))
        case Interrupted():
            return _answer(problems.UNAVAILABLE, "The service stopped. The next rebuild goes on with what was filled.")
        case _:
            return _answer(problems.UNEXPECTED, f"It failed ({described(error)}). The next rebuild goes on with it.")


def _answer(kind: ProblemType, detail: str) -> ProblemAnswer:
    return ProblemAnswer(type=kind.uri, title=kind.title, status=kind.status, detail=detail)


def _build(one: Outcome) -> BuildOutcome:
    found = one.compared
    return BuildOutcome(
        projection=one.projection,
        build=one.build,
        version=one.version,
        switched=one.switched,
        differences=found.differences if found else 0,
        shown=tuple(map(_difference, found.shown)) if found else (),
        newly_blocked=found.newly_blocked if found else (),
    )


def _verification(found: Verified) -> Verification:
    return Verification(
        events=found.events,
        rows=found.rows,
        blocked=found.blocked,
        differences=found.differences,
        shown=tuple(map(_difference, found.shown)),
    )


def _difference(one: Difference) -> DifferenceShown:
    return DifferenceShown(projection=one.projection, kind=one.kind, case=one.case, key=one.key, columns=one.columns)
