-- Long cases as they were folded up to an event, so that loading one does not begin at its beginning.
-- Nothing rests on these rows: whoever empties the table makes the next load of a long case slower, and that is all.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- One case after its event number version, which stands at position and has that id: a row counts only while the log
-- says the same, for the code_version that reads it, and with a mac of the landlord's own over all of it. Personal
-- values in state are the sealed ones of the events, so that destroying a key erases them here as well.
CREATE TABLE snapshot (
    stream uuid CONSTRAINT snapshot_stream PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    position bigint NOT NULL CHECK (position > 0),
    event_id text NOT NULL,
    code_version text NOT NULL,
    mac bytea NOT NULL,
    state bytea NOT NULL
);
