-- Who the opaque ids of one landlord's log are, and who looked at what is personal in it.
-- Apart from the facts: what the directory says of a person can be changed and deleted.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- People by subject id. The details are sealed under the person's own directory key.
-- An erased person keeps the id alone, so that the id still answers as erased and is never given out again.
CREATE TABLE person (
    id uuid PRIMARY KEY,
    details bytea,
    erased_at timestamptz,
    CONSTRAINT person_details_or_erased CHECK ((details IS NULL) = (erased_at IS NOT NULL))
);

-- Customer references by keyed hash. The key keeps two people from having one reference.
CREATE TABLE person_reference (
    hash bytea CONSTRAINT person_reference_hash PRIMARY KEY,
    person uuid NOT NULL REFERENCES person
);
CREATE INDEX person_reference_person ON person_reference (person);

-- Staff by keyed hash of who issued their login and which it is; the name is sealed under the landlord's own key.
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    login_hash bytea NOT NULL CONSTRAINT staff_login_hash UNIQUE,
    name bytea NOT NULL
);

-- The last number given out in the access log. Updating its only row orders the readers who are being recorded,
-- so numbers have no gap: a missing record would show.
CREATE TABLE access_head (
    one boolean CONSTRAINT access_head_one_row PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL CHECK (number >= 0)
) WITH (fillfactor = 10);

INSERT INTO access_head (number) VALUES (0);

-- Each reading of personal values, written down before the answer was given.
CREATE TABLE access (
    number bigint CONSTRAINT access_number PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    purpose text NOT NULL,
    query text NOT NULL,
    fields text[] NOT NULL,
    case_id text,
    subject text,
    position bigint NOT NULL,
    code_version text NOT NULL
);
CREATE INDEX access_of_case ON access (case_id, number) WHERE case_id IS NOT NULL;
CREATE INDEX access_of_subject ON access (subject, number) WHERE subject IS NOT NULL;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_lost BEFORE DELETE OR TRUNCATE ON access_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ALWAYS: a session that plays a replica would otherwise pass these triggers by.
ALTER TABLE access ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE access_head ENABLE ALWAYS TRIGGER never_lost;
