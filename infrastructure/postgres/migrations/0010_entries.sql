-- Since when somebody stands in the directory: an entry that nobody ever used is kept for a time only.
-- Of entries from before this, the day of the upgrade counts; so nobody's time is over earlier than it should be.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

ALTER TABLE person ADD COLUMN made_at timestamptz NOT NULL DEFAULT clock_timestamp();
