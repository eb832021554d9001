-- Finding what was erased and which cases were closed without reading the whole log.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- Holds these two kinds of facts alone, so that no other append pays for it.
CREATE INDEX event_of_retention ON event (type, position) WHERE type IN ('CaseClosed', 'PersonErased');
