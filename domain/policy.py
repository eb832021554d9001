"""What a landlord's policy is made of: every value with its clause, its strength and where it comes from.

A policy is data. Rules read it, `policy show` prints it, and what the landlord's text does not say stays silent
here too: every silence is listed under `silent`, so that nobody can mistake a forgotten line for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    model_validator,
)
from pydantic import Strict as ExactType

from domain.calendar import DeliveryMethod, Nation, Period, Unit, last_day
from domain.codes import (
    Channel,
    Characteristic,
    Effect,
    EndedBecause,
    IncidentNature,
    NoticeKind,
    Party,
    Purpose,
    RecordClass,
    ReviewOutcome,
    RoleCode,
    SubjectKind,
    UrgentStep,
)

T = TypeVar("T")


def _period(value: object) -> Period:
    return value if isinstance(value, Period) else Period.parse(str(value))


PeriodText = Annotated[Period, BeforeValidator(_period), PlainSerializer(str, return_type=str)]
Day = Annotated[date, ExactType()]  # a date of TOML, no text or number that could be read as one
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
Words = Annotated[str, Field(min_length=3, max_length=600)]


class Strength(StrEnum):
    """`must` refuses, `should` refuses unless overridden with a reason, `may` never stands in the way."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Source(StrEnum):
    """Whether the landlord's text states a value, we assumed it, or the baseline supplies it."""

    POLICY = "policy"
    ASSUMED = "assumed"
    BASELINE = "baseline"


class Strict(BaseModel):
    """An unknown key is refused, and what was read cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Cited(Strict):
    """Anything that a clause stands behind; `reading` says how an unclear text was understood."""

    clause: str | None = None
    strength: Strength
    source: Source = Source.POLICY
    reading: Words | None = None

    @model_validator(mode="after")
    def _has_a_clause(self) -> Cited:
        if self.source is Source.POLICY and not self.clause:
            raise ValueError('names no clause; give one, or say source = "assumed"')
        return self

    @property
    def cited(self) -> str:
        """The clause as a refusal and an auditor show it."""
        if self.source is Source.POLICY:
            return str(self.clause)
        return f"{self.clause} ({self.source})" if self.clause else str(self.source)


class Ruled(Cited, Generic[T]):
    """One value of a policy."""

    value: T = Field(alias="is")


class Statement(Cited):
    """Something that the policy says, in our words."""

    says: Words


class Document(Strict):
    """The landlord's document itself: its title, dates, approval and when it is to be looked at again."""

    title: Words
    effective: Ruled[Day]
    version: Ruled[str] | None = None
    dated: Ruled[str] | None = None
    approved_by: Ruled[tuple[str, ...]] | None = None
    owner: Ruled[str] | None = None
    lead: Ruled[str] | None = None
    replaces: Ruled[str] | None = None
    linked: Ruled[tuple[str, ...]] | None = None
    legal_basis: Ruled[tuple[str, ...]] | None = None
    equality_assessed: Ruled[StrictBool] | None = None
    changed_under: Ruled[str] | None = None
    reviewed_every: Ruled[PeriodText] | None = None
    review_due: Ruled[Day] | None = None


class Exclusion(Statement):
    """Conduct that this policy leaves to another; it is passed on there and is no ground here."""

    refer_to: Words


class Scope(Strict):
    """Whom, what and when the policy covers."""

    purpose: Mapping[Code, Statement]
    definitions: Mapping[Code, Statement]
    principles: Mapping[Code, Statement] = {}
    subjects: Ruled[tuple[SubjectKind, ...]] | None = None
    protects: Ruled[tuple[Party, ...]] | None = None
    channels: Ruled[tuple[Channel, ...]] | None = None
    complaint_needed: Ruled[StrictBool] | None = None
    applies: Ruled[tuple[Literal["during_an_investigation", "after_it", "in_day_to_day_contact"], ...]] | None = None
    numbers_decide: Ruled[StrictBool] | None = None  # False: a count is evidence and never a classification
    excluded: Mapping[Code, Exclusion] = {}


class Category(Cited):
    """A family of grounds; two incidents are alike when they share one (baseline 5)."""

    title: Words
    means: Words | None = None


class Need(StrEnum):
    """What must be on the incident before a ground can be used."""

    COMPLAINT = "complaint"
    TIMESCALE_GIVEN = "timescale_given"
    SUPPORT_OFFERED = "support_offered"
    EXCEPTIONAL_REASON = "exceptional_reason"


class Ground(Cited):
    """One reason in the catalogue."""

    title: Words
    category: Code
    nature: IncidentNature
    needs: tuple[Need, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    accuses: StrictBool = False  # it is that the customer accuses people, which may be an allegation of their own
    prompt: Words | None = None  # shown to whoever records it


class AdjustmentKind(Cited):
    """A reasonable adjustment that the policy names."""

    title: Words


class Parameter(StrEnum):
    """What a measure must say before it can be applied; the names are those of the command's fields."""

    OPEN = "open"
    CONTACT_STAFF = "contact_staff"
    READER = "reader"
    THIRD_PARTY = "third_party"
    COUNT = "count"
    PER = "per"
    MINUTES = "minutes"
    SLOTS = "slots"
    OFFICE = "office"
    ISSUE = "issue"
    REVIEW_EVERY = "review_every"
    WORDS = "words"


class MeasureKind(Cited):
    """One measure of the catalogue.

    `open`: the channels left open, where the policy fixes them; `choose_from` with `choose` limits what a decision
    may leave open. `owes` are duties of the landlord's own that come with it.
    """

    title: Words
    effect: Effect
    open: tuple[Channel, ...] = ()
    closed: tuple[Channel, ...] = ()
    choose_from: tuple[Channel, ...] = ()
    choose: StrictInt | None = None
    asks: tuple[Parameter, ...] = ()
    count: StrictInt | None = None
    per: PeriodText | None = None
    exceptions: tuple[Purpose, ...] = ()
    owes: tuple[Code, ...] = ()
    in_extremis: StrictBool = False
    at_warning: StrictBool = False
    means: Words | None = None  # what the customer is told that it means


class Role(Cited):
    """A post or body with a part in the policy; `rank` orders seniority, 1 is the most junior."""

    title: Words
    rank: Annotated[StrictInt, Field(ge=1, le=9)]
    rank_source: Source = Source.ASSUMED


class Warnings(Strict):
    """The written warning."""

    required: Ruled[StrictBool] | None = None
    by: Ruled[tuple[RoleCode, ...]] | None = None
    forms: Ruled[tuple[DeliveryMethod, ...]] | None = None
    at_least: Ruled[StrictInt] | None = None
    behaviour_must_persist: Ruled[StrictBool] | None = None
    incident_recorded_first: Ruled[StrictBool] | None = None
    waived_when: Ruled[tuple[Literal["urgent", "extreme"], ...]] | None = None
    lasts: Ruled[PeriodText] | None = None
    initial_measures: Ruled[tuple[Code, ...]] | None = None


class StepCode(StrEnum):
    """Steps around a restriction that a policy may ask for; each is one command."""

    MITIGATION = "mitigation"
    EQUALITY_DUTY = "equality_duty"
    CONCERN_RAISED = "concern_raised"
    SPOKEN_WARNING = "spoken_warning"
    SUPPORT = "support"
    MEETING_BEFORE = "meeting_before"
    MEETING_AFTER = "meeting_after"
    MEDIATION = "mediation"
    AGREEMENT = "agreement"
    POLICY_MADE_KNOWN = "policy_made_known"
    POLICY_COPY = "policy_copy"


class Step(Statement):
    """A step, with whom it falls to and what it has to cover; `before_decision` makes it a gate of its strength."""

    by: tuple[RoleCode, ...] = ()
    covers: tuple[Code, ...] = ()
    before_decision: StrictBool = False


class Proposals(Strict):
    """Who may ask for a restriction."""

    by: Ruled[tuple[RoleCode, ...]] | None = None
    own_area: Ruled[tuple[RoleCode, ...]] | None = None  # roles that may ask only for their own area


class Check(Cited):
    """One thing that a named role confirms before the decision."""

    asks: Words
    by: tuple[RoleCode, ...]
    may_not_apply: StrictBool = False


class Panel(Cited):
    """A body whose view is asked before the decision."""

    role: RoleCode


class DecisionAsk(StrEnum):
    """What a decision must say beyond the baseline; the names are those of the command's fields."""

    IMPACT = "impact"
    ALLOWANCES = "allowances"
    PATTERN = "pattern"
    SINGLE_GROUND_REASON = "single_ground_reason"


class Decisions(Strict):
    """Who decides, who may stand in, and what the decision has to say."""

    by: Ruled[tuple[RoleCode, ...]]
    delegates: Ruled[tuple[RoleCode, ...]] | None = None
    asks: Mapping[DecisionAsk, Statement] = {}
    evidence_at_least: Ruled[StrictInt] | None = None
    records: Ruled[tuple[Code, ...]] | None = None
    individual: Ruled[StrictBool] | None = None


class Term(Strict):
    """How long a restriction lasts."""

    stated: Ruled[StrictBool] | None = None
    first: Ruled[PeriodText] | None = None
    fixed: Ruled[StrictBool] | None = None  # the first term is exactly `first`
    other_needs_reason: Ruled[StrictBool] | None = None
    longest: Ruled[PeriodText] | None = None
    exceptional_beyond: Ruled[StrictBool] | None = None
    extension_longest: Ruled[PeriodText] | None = None
    extension_needs_pattern: Ruled[StrictBool] | None = None


class When(StrEnum):
    """What brings a review about."""

    IN_FORCE = "in_force"
    EXCEPTIONAL = "exceptional"
    NEW_ISSUE = "new_issue"
    REQUESTED = "requested"
    AFTER_EVENT = "after_event"


class Review(Cited):
    """One cadence of reviews: dates run from the anchor, the decision, so that a late one does not move the next."""

    title: Words
    when: When = When.IN_FORCE
    first_after: PeriodText | None = None
    every: PeriodText | None = None
    first_after_source: Source = Source.POLICY
    every_source: Source = Source.POLICY  # the duty may be the policy's own and its interval assumed
    per_case: StrictBool = False  # the decision itself sets the interval
    by: tuple[RoleCode, ...] = ()
    appointed_by: tuple[RoleCode, ...] = ()
    consults: tuple[RoleCode, ...] = ()
    questions: Mapping[Code, Statement] = {}
    look_back: PeriodText | None = None
    outcomes: tuple[ReviewOutcome, ...] = tuple(ReviewOutcome)
    told: Ruled[tuple[ReviewOutcome, ...]] | None = None
    appealable: Ruled[StrictBool] | None = None
    warner_stands_aside: Ruled[StrictBool] | None = None  # whoever warned does not hold it
    decides: StrictBool = False  # whoever holds it may change or lift the restriction by its outcome


class Appeals(Strict):
    """The customer's challenge."""

    offered: Ruled[Literal["right", "discretionary"]] | None = None
    against: Ruled[tuple[Literal["decision", "measures", "review"], ...]] | None = None
    who: Ruled[tuple[Literal["customer", "representative"], ...]] | None = None
    window: Ruled[PeriodText] | None = None
    sent_to: Ruled[str] | None = None
    heard_by: Ruled[tuple[RoleCode, ...]] | None = None
    uninvolved: Ruled[StrictBool] | None = None
    answer_within: Ruled[PeriodText] | None = None
    in_force_meanwhile: Ruled[StrictBool] | None = None


class Ombudsman(Cited):
    """A body outside the landlord to which the customer can turn."""

    name: Words
    says: Words


class Notice(Cited):
    """A kind of letter: who signs it, what it must contain and what goes with it."""

    forms: tuple[DeliveryMethod, ...] = ()
    by: tuple[RoleCode, ...] = ()
    signed_by: tuple[RoleCode, ...] = ()
    contents: Mapping[Code, Statement] = {}
    enclosures: Mapping[Code, Statement] = {}


class Audience(Cited):
    """People who are told of a restriction because they need to know."""

    title: Words
    roles: tuple[RoleCode, ...] = ()
    partners: tuple[Code, ...] = ()


class Alert(Cited):
    """A marker on another system; one that speaks of danger belongs to a safety warning and to nothing else."""

    title: Words
    system: Words
    of_safety: StrictBool = False


class UrgentClause(Statement):
    """Something that the policy says of urgent cases; `within` runs from the day of the action at once."""

    steps: tuple[UrgentStep, ...] = ()
    because: tuple[EndedBecause, ...] = ()  # what ends a conversation at once, without a warning first
    by: tuple[RoleCode, ...] = ()  # who takes part in it
    within: PeriodText | None = None
    within_source: Source = Source.POLICY  # the duty may be the policy's own and its time assumed


class Register(Cited):
    """The landlord's list of those treated under the policy."""

    title: Words
    keeper: tuple[RoleCode, ...]
    maintainer: tuple[RoleCode, ...] = ()
    columns: Mapping[Code, Statement]
    keeps_unrestricted: Ruled[StrictBool] | None = None


class Retention(Statement):
    """What the policy says of keeping records; with `of`, how long these classes are kept, instead of the baseline."""

    of: tuple[RecordClass, ...] = ()
    period: PeriodText | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Retention:
        if bool(self.of) != (self.period is not None):
            raise ValueError("`of` and `period` go together: which records, and how long")
        return self


class Report(Cited):
    """A report that the policy promises."""

    title: Words
    to: Words
    every: PeriodText | None = None
    counts: Literal["people", "households"] = "people"


class Repeated(Statement):
    """A place of the text that says again what another place said, and so leaves its own heading empty."""

    of: str


class Contradiction(Statement):
    """Places of the text that do not go together; `reading` says which of them is followed."""

    against: tuple[str, ...]


# Remarks on the text, of which a text need have none: not giving them is no silence.
OF_THE_TEXT = frozenset({"repeats", "contradicts"})


class Policy(Strict):
    """A landlord's policy on unreasonable contact, as software reads it."""

    landlord: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    name: Words
    nation: Nation
    controller: Ruled[str]
    document: Document
    scope: Scope
    categories: Mapping[Code, Category]
    grounds: Mapping[Code, Ground]
    adjustments: Mapping[Code, AdjustmentKind] = {}
    measures: Mapping[Code, MeasureKind]
    roles: Mapping[RoleCode, Role]
    warning: Warnings
    steps: Mapping[StepCode, Step] = {}
    proposal: Proposals
    checks: Mapping[Code, Check] = {}
    panel: Panel | None = None
    decision: Decisions
    term: Term
    reviews: Mapping[Code, Review]
    lifting: Ruled[StrictBool] | None = None
    appeal: Appeals
    ombudsmen: Mapping[Code, Ombudsman] = {}
    notices: Mapping[NoticeKind, Notice]
    audiences: Mapping[Code, Audience] = {}
    alerts: Mapping[Code, Alert] = {}
    urgent: Mapping[Code, UrgentClause] = {}
    records: Mapping[Code, Statement] = {}
    breach_reported_to: Ruled[tuple[RoleCode, ...]] | None = None
    register_: Register | None = Field(default=None, alias="register")
    reports: Mapping[Code, Report] = {}
    retention: Mapping[Code, Retention] = {}
    privacy: Mapping[Code, Statement] = {}
    responsibilities: Mapping[Code, Statement] = {}
    repeats: Mapping[Code, Repeated] = {}
    contradicts: Mapping[Code, Contradiction] = {}
    silent: tuple[str, ...]

    @model_validator(mode="after")
    def _complete(self) -> Policy:
        problems = [*_dangling(self), *_silences(self), *_impossible(self)]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def _dangling(policy: Policy) -> Iterator[str]:
    """References to roles, categories, measures and reviews that the file does not define."""
    for path, role in _role_references(policy):
        if role not in policy.roles:
            yield f"{path}: there is no role '{role}' under [roles]"
    for code, ground in policy.grounds.items():
        if ground.category not in policy.categories:
            yield f"grounds.{code}.category: there is no category '{ground.category}' under [categories]"
    for code in policy.warning.initial_measures.value if policy.warning.initial_measures else ():
        if code not in policy.measures:
            yield f"warning.initial_measures: there is no measure '{code}' under [measures]"


def _role_references(policy: Policy) -> Iterator[tuple[str, RoleCode]]:
    """Every role that is named somewhere, with the path of the key that names it."""
    ruled: list[tuple[str, Ruled[tuple[RoleCode, ...]] | None]] = [
        ("warning.by", policy.warning.by),
        ("proposal.by", policy.proposal.by),
        ("proposal.own_area", policy.proposal.own_area),
        ("decision.by", policy.decision.by),
        ("decision.delegates", policy.decision.delegates),
        ("appeal.heard_by", policy.appeal.heard_by),
        ("breach_reported_to", policy.breach_reported_to),
    ]
    for path, value in ruled:
        for role in value.value if value else ():
            yield path, role
    if policy.panel:
        yield "panel.role", policy.panel.role
    plain: list[tuple[str, tuple[RoleCode, ...]]] = []
    plain += [(f"steps.{c}.by", s.by) for c, s in policy.steps.items()]
    plain += [(f"checks.{c}.by", k.by) for c, k in policy.checks.items()]
    for c, r in policy.reviews.items():
        plain += [
            (f"reviews.{c}.by", r.by),
            (f"reviews.{c}.appointed_by", r.appointed_by),
            (f"reviews.{c}.consults", r.consults),
        ]
    for kind, n in policy.notices.items():
        plain += [(f"notices.{kind}.by", n.by), (f"notices.{kind}.signed_by", n.signed_by)]
    plain += [(f"audiences.{c}.roles", a.roles) for c, a in policy.audiences.items()]
    plain += [(f"urgent.{c}.by", u.by) for c, u in policy.urgent.items()]
    if policy.register_:
        plain += [
            ("register.keeper", policy.register_.keeper),
            ("register.maintainer", policy.register_.maintainer),
        ]
    for path, roles in plain:
        for role in roles:
            yield path, role


def _silences(policy: Policy) -> Iterator[str]:
    """What is absent must be listed as silent, and what is listed must be absent."""
    absent = set(absent_values(policy))
    listed = set(policy.silent)
    for path in sorted(absent - listed):
        yield f"{path}: is absent; give it, or list it under silent"
    for path in sorted(listed - absent):
        yield f"silent lists {path}, which is {'given' if path in known_values() else 'not a value that could be'}"


def _optional_fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        key = info.alias or name
        annotation = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, Strict) and not issubclass(annotation, Cited):
            yield from _optional_fields(annotation, f"{prefix}{key}.")
        elif not info.is_required():
            yield prefix + key


def known_values() -> frozenset[str]:
    """Paths of every value that a policy may leave out, and must then list as silent."""
    return frozenset(_optional_fields(Policy)) - OF_THE_TEXT


def absent_values(policy: Policy) -> Iterator[str]:
    """Those of `known_values` that this policy does not give."""
    for path in known_values():
        value: Any = policy
        for part in path.split("."):
            value = getattr(value, "register_" if part == "register" else part)
        if value is None or value == {}:
            yield path


def _impossible(policy: Policy) -> Iterator[str]:
    """Values that contradict each other or cannot be kept."""
    start = policy.document.effective.value
    term = policy.term
    if term.first and term.longest and _ends(policy, term.first.value) > _ends(policy, term.longest.value):
        yield f"term.first ({term.first.value}) is longer than term.longest ({term.longest.value})"
    if term.fixed and term.fixed.value and term.first is None:
        yield "term.fixed needs term.first"
    if policy.document.review_due and policy.document.review_due.value <= start:
        yield "document.review_due lies before document.effective"
    if policy.appeal.window and policy.appeal.offered is None:
        yield "appeal.window needs appeal.offered"
    for code, review in policy.reviews.items():
        if review.when is When.AFTER_EVENT and review.first_after is None:
            yield f"reviews.{code}: does not say first_after, counted from the event"
        if review.when in (When.IN_FORCE, When.EXCEPTIONAL) and not (review.every or review.per_case):
            yield f"reviews.{code}: says neither every nor per_case"
        if review.first_after and review.every and not _addable(review.first_after, review.every):
            yield f"reviews.{code}: first_after and every are counted in units that cannot be added"
    for code, kind in policy.measures.items():
        if kind.effect is Effect.CHANNELS and not (kind.open or kind.closed or Parameter.OPEN in kind.asks):
            yield f"measures.{code}: a measure on channels says which stay open, which close, or asks for them"
        if set(kind.open) & set(kind.closed):
            yield f"measures.{code}: a channel is both open and closed"


def _addable(first: Period, every: Period) -> bool:
    months = (Unit.MONTH, Unit.YEAR)
    return first.unit is every.unit or (first.unit in months and every.unit in months)


def _ends(policy: Policy, period: Period) -> date:
    return last_day(policy.document.effective.value, period, policy.nation)
