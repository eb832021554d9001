-- How far each version of each read model has come with the log, and which cases could not be told.
-- The tables of the rows themselves are made from the row types, one for each version.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- The rows of a read model account for every event up to position. Moved only together with rows, by its owner,
-- and only from the position that the owner started from.
CREATE TABLE cursor (
    projection text NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    owner text,
    heartbeat timestamptz,
    CONSTRAINT cursor_projection_version PRIMARY KEY (projection, version)
);

-- Cases with an event that could not be processed: the first such position, and why, without any value.
-- Their rows say what was known before that position.
CREATE TABLE blocked (
    case_id text COLLATE "C" CONSTRAINT blocked_case_id PRIMARY KEY,
    position bigint NOT NULL CHECK (position > 0),
    error text NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    since timestamptz NOT NULL
);
