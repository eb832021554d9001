"""The closed lists of the domain: channels, purposes, outcomes. What a policy may extend is in its file instead."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NewType

CaseId = NewType("CaseId", str)  # UUID in its usual text form, derived from landlord, person and ordinal
SubjectId = NewType("SubjectId", str)  # random UUID of a person
StaffId = NewType("StaffId", str)  # random UUID of a member of staff
RoleCode = NewType("RoleCode", str)  # a policy's role, such as "head_of_service"


class Channel(StrEnum):
    """A way in. `third_party` is contact through a representative, solicitor or other go-between."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    LETTER = "letter"
    ONLINE_FORM = "online_form"
    OFFICE_VISIT = "office_visit"
    HOME_VISIT = "home_visit"
    MEETING = "meeting"
    SOCIAL_MEDIA = "social_media"
    THIRD_PARTY = "third_party"


WRITTEN: Final = frozenset({Channel.EMAIL, Channel.LETTER, Channel.ONLINE_FORM})
IN_PERSON: Final = frozenset({Channel.OFFICE_VISIT, Channel.HOME_VISIT, Channel.MEETING})
CUSTOMERS_OWN: Final = frozenset(Channel) - {Channel.THIRD_PARTY}


class Direction(StrEnum):
    """Who began the contact: `inbound` from the customer's side, `outbound` from the landlord's."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Purpose(StrEnum):
    """What a contact is for, as far as it decides whether it gets through (baseline 1)."""

    EMERGENCY_REPAIR = "emergency_repair"
    DANGER = "danger"
    SAFEGUARDING = "safeguarding"
    DOMESTIC_ABUSE = "domestic_abuse"
    REPAIR = "repair"
    HAZARD = "hazard"
    SUBJECT_ACCESS = "subject_access"
    INFORMATION_REQUEST = "information_request"
    NEW_COMPLAINT = "new_complaint"
    APPEAL = "appeal"
    REVIEW = "review"
    ADJUSTMENT_REQUEST = "adjustment_request"
    TENANCY_NOTICE = "tenancy_notice"
    PAYMENT = "payment"
    STATUTORY_APPLICATION = "statutory_application"
    LEGAL_PAPERS = "legal_papers"
    REPLY = "reply"
    OMBUDSMAN = "ombudsman"
    COURT = "court"
    POLICE = "police"
    COUNCILLOR = "councillor"
    MEMBER_OF_PARLIAMENT = "member_of_parliament"
    SOLICITOR = "solicitor"
    ADVOCATE = "advocate"
    ENQUIRY = "enquiry"


class PointKind(StrEnum):
    """Whom a contact point leads to: an office, whoever holds a post, or one colleague."""

    OFFICE = "office"
    ROLE = "role"
    STAFF = "staff"


class OpenDay(StrEnum):
    """A day of the week with opening hours; on a bank holiday only those that are kept for it hold."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    BANK_HOLIDAY = "bank_holiday"


class Effect(StrEnum):
    """What a measure does to contact. A policy's catalogue names its measures; this is what software reads."""

    NAMED_CONTACT = "named_contact"  # one person, or a few, answer
    CHANNELS = "channels"  # only some channels stay open, or some are closed
    THIRD_PARTY = "third_party"  # contact goes through somebody else
    APPOINTMENT = "appointment"  # visits by appointment
    WITNESS = "witness"  # contact in person has a witness
    CALL_COUNT = "call_count"  # so many calls in a period
    CALL_MINUTES = "call_minutes"  # calls end after so many minutes
    CONTACT_COUNT = "contact_count"  # so many contacts in a period, over all channels
    FILE_UNANSWERED = "file_unanswered"  # read, filed, not answered
    NOT_REGISTERED = "not_registered"  # no further registration of the same issue
    CALLS_ENDED = "calls_ended"  # repeated calls about the issue are ended
    STATEMENT = "statement"  # something is said to the customer, contact itself is not limited
    AGREEMENT = "agreement"  # an agreement on conduct
    OTHER = "other"  # described in words; limits only what its codes say


class IncidentNature(StrEnum):
    """Whether a ground is met by one incident, by a pattern of them, or by either."""

    SINGLE = "single"
    PATTERN = "pattern"
    EITHER = "either"


class Answer(StrEnum):
    """The answer to a question that has to be asked."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    NOT_KNOWN = "not_known"


class PanelView(StrEnum):
    """What a panel says of a proposal; it advises."""

    SUPPORTS = "supports"
    SUPPORTS_WITH_CHANGES = "supports_with_changes"
    DOES_NOT_SUPPORT = "does_not_support"


class AppealOutcome(StrEnum):
    """What came of an appeal."""

    UPHELD = "upheld"  # the restriction stands
    VARIED = "varied"
    OVERTURNED = "overturned"


class ReviewOutcome(StrEnum):
    """What follows from a review."""

    UNCHANGED = "unchanged"
    EASED = "eased"
    VARIED = "varied"
    EXTENDED = "extended"
    LIFTED = "lifted"


class NoticeKind(StrEnum):
    """The kinds of letter to a customer."""

    WARNING = "warning"
    DECISION = "decision"
    CLOSURE = "closure"  # an issue has been answered in full
    VARIATION = "variation"
    EXTENSION = "extension"
    REVIEW_OUTCOME = "review_outcome"
    APPEAL_ACKNOWLEDGEMENT = "appeal_acknowledgement"
    APPEAL_OUTCOME = "appeal_outcome"
    BREACH = "breach"
    ENDING = "ending"
    CONTACT_CHANGE = "contact_change"  # somebody else answers from now on
    COMPLAINT_DECLINED = "complaint_declined"  # one complaint is not taken up, for a reason of its own


class Mitigation(StrEnum):
    """What was known and looked at before deciding (baseline 7); `none_known` says that nothing was."""

    DISABILITY = "disability"
    HEALTH = "health"
    CAPACITY = "capacity"
    LANGUAGE = "language"
    ABUSE = "abuse"
    DISTRESS = "distress"
    BEREAVEMENT = "bereavement"
    NONE_KNOWN = "none_known"


class Characteristic(StrEnum):
    """The protected characteristics of the Equality Act 2010, s 4."""

    AGE = "age"
    DISABILITY = "disability"
    GENDER_REASSIGNMENT = "gender_reassignment"
    MARRIAGE_AND_CIVIL_PARTNERSHIP = "marriage_and_civil_partnership"
    PREGNANCY_AND_MATERNITY = "pregnancy_and_maternity"
    RACE = "race"
    RELIGION_OR_BELIEF = "religion_or_belief"
    SEX = "sex"
    SEXUAL_ORIENTATION = "sexual_orientation"


class Party(StrEnum):
    """Towards whom conduct was directed."""

    STAFF = "staff"
    BOARD_MEMBER = "board_member"
    CONTRACTOR = "contractor"
    CONSULTANT = "consultant"
    AGENT = "agent"
    THIRD_PARTY = "third_party"


class SubjectKind(StrEnum):
    """In which capacity a person is a customer."""

    TENANT = "tenant"
    LICENSEE = "licensee"
    LEASEHOLDER = "leaseholder"
    FREEHOLDER = "freeholder"
    HOUSEHOLD_MEMBER = "household_member"
    REPRESENTATIVE = "representative"
    VISITOR = "visitor"
    RESIDENT = "resident"  # of a council's area
    UNKNOWN = "unknown"


class EndKind(StrEnum):
    """How a restriction came to its end."""

    LIFTED = "lifted"
    REACHED_ITS_DATE = "reached_its_date"
    OVERTURNED = "overturned"
    WITHDRAWN_AS_WRONG = "withdrawn_as_wrong"
    CONFIRMED = "confirmed"  # an interim restriction, by the decision that took its place
    DEATH = "death"


class Authority(StrEnum):
    """What entitles somebody to speak for the customer."""

    WRITTEN = "written"
    POWER_OF_ATTORNEY = "power_of_attorney"
    DEPUTYSHIP = "deputyship"
    ADVOCATE = "advocate"
    SOLICITOR = "solicitor"
    PARENTAL = "parental"


class AllegationOutcome(StrEnum):
    """What an independent look at an allegation against staff found."""

    FOUNDED = "founded"
    PARTLY_FOUNDED = "partly_founded"
    NOT_FOUNDED = "not_founded"
    INCONCLUSIVE = "inconclusive"


class ComplaintExclusion(StrEnum):
    """Why a complaint is not accepted; the first three are those of the Complaint Handling Code 2.2."""

    OVER_TWELVE_MONTHS = "over_twelve_months"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    CONSIDERED_BEFORE = "considered_before"
    ANOTHER_PROCEDURE = "another_procedure"
    OTHER = "other"


class OmbudsmanOutcome(StrEnum):
    """What an ombudsman found, in the words of the Housing Ombudsman Scheme."""

    SEVERE_MALADMINISTRATION = "severe_maladministration"
    MALADMINISTRATION = "maladministration"
    SERVICE_FAILURE = "service_failure"
    REASONABLE_REDRESS = "reasonable_redress"
    RESOLVED = "resolved"
    NO_MALADMINISTRATION = "no_maladministration"
    OUTSIDE_JURISDICTION = "outside_jurisdiction"
    WITHDRAWN = "withdrawn"


class InteractionKind(StrEnum):
    """What an officer can end."""

    CALL = "call"
    MEETING = "meeting"
    VISIT = "visit"


class EndedBecause(StrEnum):
    """Why an officer ended a call, a meeting or a visit; some policies let abuse or a threat end it at once."""

    ABUSE = "abuse"
    THREAT = "threat"
    NO_PROGRESS = "no_progress"  # it went over the same ground
    LIMIT_REACHED = "limit_reached"  # of a measure that was told
    OTHER = "other"


class LegalStep(StrEnum):
    """What came of looking at court action."""

    NONE = "none"
    ADVICE_SOUGHT = "advice_sought"
    LETTER_BEFORE_ACTION = "letter_before_action"
    INJUNCTION = "injunction"
    POSSESSION = "possession"
    PROSECUTION_REFERRED = "prosecution_referred"
    OTHER = "other"


class Precaution(StrEnum):
    """What staff do where a safety warning stands, so that nobody has to be told why."""

    NO_LONE_VISIT = "no_lone_visit"
    TWO_STAFF = "two_staff"
    NO_HOME_VISIT = "no_home_visit"
    MEET_AT_OFFICE = "meet_at_office"
    CALL_BEFORE_VISIT = "call_before_visit"
    POLICE_PRESENT = "police_present"
    SPEAK_WITH_DUTY_MANAGER = "speak_with_duty_manager"
    OTHER = "other"


class SafetyOutcome(StrEnum):
    """What follows from looking at a safety warning again."""

    STANDS = "stands"
    CHANGED = "changed"
    REMOVED = "removed"


class UrgentStep(StrEnum):
    """What an urgent clause speaks of, as far as software has a part in it."""

    END_INTERACTION = "end_interaction"  # a call, a meeting or a visit is ended there and then
    SENIOR_DISCUSSION = "senior_discussion"
    ACTION_PLAN = "action_plan"
    REVIEW = "review"
    POLICE = "police"
    LEGAL_ACTION = "legal_action"
    SAFETY_MARKER = "safety_marker"


class LetterFormat(StrEnum):
    """In which form a customer gets a letter; what their adjustments say decides it."""

    STANDARD = "standard"
    LARGE_PRINT = "large_print"
    EASY_READ = "easy_read"
    PLAIN_TEXT = "plain_text"  # for a screen reader, or to be read aloud
    BRAILLE = "braille"  # made by a printer from the plain text
    AUDIO = "audio"  # recorded by a reader from the plain text


class LetterTrouble(StrEnum):
    """Why a released letter waits for a person."""

    OUTCOME_UNKNOWN = "outcome_unknown"  # it may have gone out: never sent again without somebody looking
    REFUSED = "refused"  # whoever carries letters will not take it
    NO_ADDRESS = "no_address"  # nothing is known of where it could go
    NOT_SAFE = "not_safe"  # the customer can no longer be reached this way without harm
    NOBODY_CARRIES_IT = "nobody_carries_it"  # no driver takes this way of sending
    NOT_READABLE = "not_readable"  # its words were erased, or what goes with it is not at hand any more
    OVERTAKEN = "overtaken"  # what it tells of changed after it was released
    TRIED_TOO_LONG = "tried_too_long"


class Triage(StrEnum):
    """What the reader of a filed item found in it (baseline 10)."""

    NEW_INFORMATION = "new_information"
    NEW_ISSUE = "new_issue"
    SAFEGUARDING = "safeguarding"
    FILED = "filed"


class EntryReason(StrEnum):
    """Why an entry of the directory without a case goes."""

    RETENTION = "retention"  # its time is over
    REQUEST = "request"  # the person asks to be erased


class Right(StrEnum):
    """The rights of UK GDPR, articles 15 to 21."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    PORTABILITY = "portability"


class RightsOutcome(StrEnum):
    """What was answered to a request."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class HoldReason(StrEnum):
    """Why nothing may be destroyed."""

    CLAIM = "claim"
    OMBUDSMAN = "ombudsman"
    POLICE = "police"
    AUDIT = "audit"
    OTHER = "other"


class RecordClass(StrEnum):
    """What is kept under one clock of its own (baseline 16)."""

    CONTACTS = "contacts"
    WARNINGS = "warnings"
    RESTRICTIONS = "restrictions"
    NOT_RESTRICTED = "not_restricted"  # reviewed, and never restricted
    SAFETY = "safety"
    ADJUSTMENTS = "adjustments"
    EVIDENCE = "evidence"


class Topic(StrEnum):
    """What a subscriber outside can ask to be told of; every public event belongs to one."""

    RESTRICTIONS = "restrictions"  # what limits contact, from when to when, and what was told of it
    SAFETY = "safety"  # precautions for those who visit or meet somebody
    SUPPORT = "support"  # adjustments and safe ways of contact
    PEOPLE = "people"  # whose records they are: merged, ended, died, erased
    CASEWORK = "casework"  # everything else that is done in a case
    DISCLOSURES = "disclosures"  # what a partner may see, and that it may no longer


class SubscriberKind(StrEnum):
    """Whose system a subscriber is."""

    OWN = "own"
    PARTNER = "partner"  # sees only what a recorded decision disclosed to it


class DisclosureBasis(StrEnum):
    """On which ground of UK GDPR, article 6(1), a partner is shown something; the closed list of that article."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class DisclosureEndReason(StrEnum):
    """Why a partner sees nothing more of what it was shown."""

    DECIDED = "decided"
    OVER = "over"  # everything that it disclosed came to its end
    DATE = "date"  # the last day that was set for it went by
    ERASED = "erased"  # the customer's records were erased
