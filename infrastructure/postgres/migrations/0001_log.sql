-- One landlord's log: the facts, the head that orders them, the requests already answered,
-- and the policy files that decisions were taken under.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- The last position given out and when. Updating its only row is both the lock that orders
-- writers and the source of positions, so positions have no gap and commit in order.
-- recorded_at is null until the first append. The low fill factor keeps every update on the page.
CREATE TABLE head (
    one boolean CONSTRAINT head_one_row PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL CHECK (position >= 0),
    recorded_at timestamptz
) WITH (fillfactor = 10);

INSERT INTO head (position) VALUES (0);

-- Every fact, once and for good. The key is the concurrency control: of two writers that both
-- read version n, one alone can write n + 1.
CREATE TABLE event (
    stream uuid NOT NULL,
    version bigint NOT NULL CHECK (version >= 0),
    type text NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    recorded_at timestamptz NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT event_stream_version PRIMARY KEY (stream, version),
    CONSTRAINT event_position UNIQUE (position)
);

-- Each accepted request of a caller, with the answer it was given, written with its facts.
-- body_mac is a keyed digest: after an erasure a plain hash of the body could still be guessed.
-- A request that changed nothing has an empty range: last_position = first_position - 1.
CREATE TABLE request (
    caller text NOT NULL,
    key text NOT NULL,
    body_mac bytea NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL CHECK (last_position >= first_position - 1),
    answer jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT request_caller_key PRIMARY KEY (caller, key)
);

-- Which file stood behind a policy's name and effective date when it was first used.
CREATE TABLE policy_identity (
    landlord text NOT NULL,
    effective date NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    first_seen timestamptz NOT NULL,
    CONSTRAINT policy_identity_landlord_effective PRIMARY KEY (landlord, effective)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: its rows are kept as they were first written',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING HINT = 'Record a correction as a new row instead.', ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_identity
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- The head moves, but cannot be lost.
CREATE TRIGGER never_lost BEFORE DELETE OR TRUNCATE ON head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ALWAYS: a session that plays a replica would otherwise pass these triggers by.
ALTER TABLE event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE policy_identity ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE head ENABLE ALWAYS TRIGGER never_lost;
