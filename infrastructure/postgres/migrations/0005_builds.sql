-- Read models in builds: each a table of its own, filled beside the one that is read, and read from when a pointer says so.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- One table of rows, made by one version of one read model: the table <projection>_v<version>_b<build>. While it is
-- being built its rows account for the events up to base of those slices of the cases that stand in filled; afterwards
-- for every event up to position, which is moved only together with rows, by its owner, from where the owner left it.
CREATE TABLE build (
    projection text NOT NULL,
    build integer NOT NULL CHECK (build > 0),
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'verifying', 'differing', 'complete', 'failed')),
    base bigint NOT NULL DEFAULT 0 CHECK (base >= 0),
    slices integer NOT NULL DEFAULT 0 CHECK (slices >= 0),
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    owner text,
    heartbeat timestamptz,
    code_version text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    left_at timestamptz, -- when readers were last sent elsewhere
    CONSTRAINT build_projection_build PRIMARY KEY (projection, build)
);

-- The build that readers are answered from. A paused one is not moved.
CREATE TABLE serving (
    projection text CONSTRAINT serving_projection PRIMARY KEY,
    build integer NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    CONSTRAINT serving_build FOREIGN KEY (projection, build) REFERENCES build
);

-- The slices of the cases that are in a build under way, written with their rows, so that a killed rebuild goes on.
CREATE TABLE filled (
    projection text NOT NULL,
    build integer NOT NULL,
    slice integer NOT NULL,
    events bigint NOT NULL,
    rows bigint NOT NULL,
    CONSTRAINT filled_projection_build_slice PRIMARY KEY (projection, build, slice),
    CONSTRAINT filled_build FOREIGN KEY (projection, build) REFERENCES build ON DELETE CASCADE
);

-- What there was becomes the first build.
INSERT INTO build (projection, build, version, state, position, owner, heartbeat, code_version)
SELECT projection, row_number() OVER (PARTITION BY projection ORDER BY version), version, 'complete', position, owner,
    heartbeat, 'before builds'
FROM cursor;
INSERT INTO serving (projection, build) SELECT projection, max(build) FROM build GROUP BY projection;
DO $$
DECLARE
    known record;
BEGIN
    FOR known IN SELECT projection, version, build FROM build LOOP
        EXECUTE format('ALTER TABLE IF EXISTS %I RENAME TO %I', known.projection || '_v' || known.version,
            known.projection || '_v' || known.version || '_b' || known.build);
    END LOOP;
END
$$;
DROP TABLE cursor;

-- Cases with an event that a build could not take in: the first such position, and why, without any value.
-- Their rows in that build say what was known before that position. Whoever keeps the build tries them again.
DROP TABLE blocked;
CREATE TABLE blocked (
    projection text NOT NULL,
    build integer NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    error text NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    since timestamptz NOT NULL,
    code_version text NOT NULL,
    CONSTRAINT blocked_projection_build_case PRIMARY KEY (projection, build, case_id),
    CONSTRAINT blocked_build FOREIGN KEY (projection, build) REFERENCES build ON DELETE CASCADE
);
CREATE INDEX blocked_case ON blocked (case_id);

-- Cases that somebody asked to have folded anew; whoever leads does it and takes them off.
CREATE TABLE refold (
    case_id text COLLATE "C" CONSTRAINT refold_case PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What was done to the read models, by whom and why.
CREATE TABLE projection_act (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT projection_act_number PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    act text NOT NULL,
    projection text NOT NULL,
    build integer,
    actor text NOT NULL,
    why text,
    detail json
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON projection_act
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE projection_act ENABLE ALWAYS TRIGGER append_only;
