-- How a colleague is reached, where the landlord keeps that: personal, and therefore here and in no fact.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- Sealed under the landlord's own key, as the name is; null while none is kept.
ALTER TABLE staff ADD COLUMN telephone bytea;
