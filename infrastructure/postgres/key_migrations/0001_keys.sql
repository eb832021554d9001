-- One landlord's data keys, wrapped, and what is left of the destroyed ones. Kept apart from the log, on a
-- connection of its own, so that its backups can be short-lived: a key that a backup still holds is not destroyed.
-- Names are unqualified: the landlord's schema for keys is the whole search path while this runs.

-- Everybody who ever had a key. Locking a row holds off whoever makes or destroys keys of this person.
CREATE TABLE holder (
    person text PRIMARY KEY,
    destroyed_at timestamptz
);

-- One key for each person, case and class. case_id is empty for keys that belong to no case.
-- A destroyed key keeps its row without its bytes: the tombstone that it is never made again.
CREATE TABLE data_key (
    id uuid PRIMARY KEY,
    person text NOT NULL REFERENCES holder,
    case_id text NOT NULL,
    class text NOT NULL,
    wrapping_key text,
    wrapped bytea,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed_at timestamptz,
    CONSTRAINT data_key_person_case_class UNIQUE (person, case_id, class),
    CONSTRAINT data_key_wrapped_or_destroyed CHECK (
        (wrapped IS NULL) = (destroyed_at IS NOT NULL) AND (wrapping_key IS NULL) = (wrapped IS NULL)
    )
);
CREATE INDEX data_key_wrapping_key ON data_key (wrapping_key);

CREATE FUNCTION refuse_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: what was destroyed stays destroyed and known to be',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER tombstone BEFORE UPDATE ON data_key
    FOR EACH ROW WHEN (OLD.destroyed_at IS NOT NULL) EXECUTE FUNCTION refuse_revival();
CREATE TRIGGER tombstone BEFORE UPDATE ON holder
    FOR EACH ROW WHEN (OLD.destroyed_at IS NOT NULL) EXECUTE FUNCTION refuse_revival();
CREATE TRIGGER never_lost BEFORE DELETE OR TRUNCATE ON data_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_revival();
CREATE TRIGGER never_lost BEFORE DELETE OR TRUNCATE ON holder
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_revival();
