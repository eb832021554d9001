-- How far each subscriber says that it has processed what it is told, and whom it takes to be restricted.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- The acknowledgements of a subscriber, numbered without a gap. run: how often it began anew. reached: the furthest
-- position that it ever acknowledged, so that who knew of something first, and when, is found without reading them all.
-- on_day, count, hash: whom it takes to be restricted on that day, where it says so; beside that what the log says.
CREATE TABLE receipt (
    subscriber text NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    run bigint NOT NULL CHECK (run > 0),
    position bigint NOT NULL CHECK (position >= 0),
    reached bigint NOT NULL CHECK (reached >= position),
    at timestamptz NOT NULL,
    restarted boolean NOT NULL,
    on_day date,
    count bigint,
    hash text CHECK (hash ~ '^[0-9a-f]{64}$'),
    expected_count bigint,
    expected_hash text,
    verdict text CHECK (verdict IN ('agreed', 'drifted', 'not_compared')),
    CONSTRAINT receipt_subscriber_number PRIMARY KEY (subscriber, number),
    CHECK ((on_day IS NULL) = (verdict IS NULL)),
    CHECK ((on_day IS NULL) = (count IS NULL AND hash IS NULL))
);
CREATE INDEX receipt_reached ON receipt (subscriber, reached, number);
CREATE INDEX receipt_position ON receipt (subscriber, position, number);
CREATE INDEX receipt_compared ON receipt (subscriber, number) WHERE verdict IN ('agreed', 'drifted');

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE receipt ENABLE ALWAYS TRIGGER append_only;

-- What changes something in force, which subscribers that people rely on have to know of in time: found without reading
-- the rest, however long the log is.
CREATE INDEX event_in_force ON event (position) WHERE type IN (
        'AppealDetermined', 'AppealLodged', 'AppealWithdrawn', 'CustomerDied', 'DeathWithdrawn',
        'DisclosureDecided', 'DisclosureEnded', 'ImportCompleted', 'InterimRestrictionApplied',
        'LateAppealDecided', 'MeasuresSuspended', 'NamedContactChanged', 'NoticeReceived', 'NoticeReturned',
        'NoticeSent', 'RestrictionApplied', 'RestrictionEased', 'RestrictionEnded', 'RestrictionExtended',
        'RestrictionImported', 'RestrictionLifted', 'RestrictionOverturned', 'RestrictionVaried',
        'RestrictionWithdrawnAsWrong', 'SafetyWarningApproved', 'SafetyWarningRemoved',
        'SafetyWarningReviewed', 'ToldByTelephone'
);
