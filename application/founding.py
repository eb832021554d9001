"""How a landlord begins: the first facts of its own stream, before anybody holds a post who could decide them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from application.ports import Clock, EventLog, MintEventId, Policies, Receipt
from application.stamping import answer_of, shown_answer, stamped
from application.streams import landlord_stream
from domain.decisions.judgement import Decision, New, Refused, impossible
from domain.events import SYSTEM, LandlordFact, LandlordSetUp, PolicyAdopted, PolicyRef
from domain.policy_file import PolicyFile


def found(
    landlord: str, log: EventLog, policies: Policies, clock: Clock, mint: MintEventId, *, demonstration: bool
) -> Receipt:
    """Set a landlord up with every policy file that is at hand for it. Raises `Refused` when it was set up before.

    Whoever runs the service does this, so the facts name no member of staff. Two at once: one gets `Conflict`.
    """
    stream = landlord_stream(landlord)
    if log.history(stream):
        raise Refused([impossible("set_up_once", f"{landlord} was set up before; nothing was changed.")])
    files: Sequence[PolicyFile] = policies.files()
    facts: list[LandlordFact] = [
        LandlordSetUp(landlord=landlord, demonstration=demonstration),
        *(PolicyAdopted(adopted=reference(landlord, file, policies)) for file in files),
    ]
    now = clock.now()
    decision = Decision(tuple(New(fact, now) for fact in facts), post=None)
    events = stamped(decision, mint, stream, 0, SYSTEM, None)
    return shown_answer(replace(log.append(events), answer=answer_of("landlord", landlord, events)))


def reference(landlord: str, file: PolicyFile, policies: Policies) -> PolicyRef:
    """How facts name a policy file, with the baseline beside it."""
    return PolicyRef(
        landlord=landlord, effective=file.effective, sha256=file.sha256, baseline_sha256=policies.baseline.sha256
    )
