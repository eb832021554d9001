-- What followers outside ask for beside the order of the log.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- Few events are of these types; who may see what is found without reading the others.
CREATE INDEX event_disclosures ON event (position)
    WHERE type IN ('DisclosureDecided', 'DisclosureEnded', 'DisclosureDeleted');
