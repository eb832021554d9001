"""Reports: what a landlord's cases add up to over a stretch of days, as was known at a moment of the log.

Each case is looked at by itself (`of_case`), what is found is added up (`tally`), and what leaves the organisation
keeps its small numbers to itself (`small_numbers`). Codes, days and opaque ids are all that is read, so that a person
who was erased counts as before.
"""
