"""The types of events that change what is in force, as the statements name them that look for these alone."""

from typing import Final, LiteralString

# The list of the index `event_in_force`: they stand in a statement to the letter, so that it is used.
IN_FORCE_TYPES: Final[LiteralString] = """
    'AppealDetermined', 'AppealLodged', 'AppealWithdrawn', 'CustomerDied', 'DeathWithdrawn',
    'DisclosureDecided', 'DisclosureEnded', 'ImportCompleted', 'InterimRestrictionApplied',
    'LateAppealDecided', 'MeasuresSuspended', 'NamedContactChanged', 'NoticeReceived', 'NoticeReturned',
    'NoticeSent', 'RestrictionApplied', 'RestrictionEased', 'RestrictionEnded', 'RestrictionExtended',
    'RestrictionImported', 'RestrictionLifted', 'RestrictionOverturned', 'RestrictionVaried',
    'RestrictionWithdrawnAsWrong', 'SafetyWarningApproved', 'SafetyWarningRemoved',
    'SafetyWarningReviewed', 'ToldByTelephone'
"""
