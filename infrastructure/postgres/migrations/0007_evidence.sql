-- The bytes of evidence files, sealed in chunks; what a file shows and whose case it belongs to stands in its event.
-- Kept in the landlord's schema, so that one backup holds the log and everything that it speaks of.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- One file. It is here before the event that names it, and checked is set once a sweep found that event:
-- bytes whose event never came, or was moved to somebody else's case, are removed by such a sweep.
CREATE TABLE evidence (
    id uuid CONSTRAINT evidence_id PRIMARY KEY,
    person text NOT NULL,
    case_id text NOT NULL,
    key_id text NOT NULL,
    chunks integer NOT NULL CHECK (chunks > 0),
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    checked boolean NOT NULL DEFAULT false
);
CREATE INDEX evidence_of_person ON evidence (person, case_id);
CREATE INDEX evidence_unchecked ON evidence (kept_at) WHERE NOT checked;

-- Its bytes in order: each a nonce, then AES-256-GCM ciphertext bound to the file, the place and the number of chunks.
CREATE TABLE evidence_chunk (
    evidence uuid NOT NULL REFERENCES evidence ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    sealed bytea NOT NULL,
    CONSTRAINT evidence_chunk_place PRIMARY KEY (evidence, number)
);
-- Ciphertext does not shrink.
ALTER TABLE evidence_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL;
