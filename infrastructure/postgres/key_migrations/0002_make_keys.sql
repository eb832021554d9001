-- Makes keys in one round trip: in one transaction, and none of them when any of their holders was destroyed.
-- Names are unqualified: the landlord's schema for keys is the whole search path while this runs, and stays that of
-- the function.

-- Takes the columns of new keys, ordered by person, case and class, so that two makers never wait for each other.
-- Gives how many were added; those that somebody else was first to add or to destroy are left as they are. `gone` is
-- a person whose keys were destroyed, if there is one: then nothing was added.
CREATE FUNCTION make_keys(
    ids uuid[], persons text[], cases text[], classes text[], wrapping_keys text[], secrets bytea[],
    OUT added integer, OUT gone text
) LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
BEGIN
    added := 0;
    BEGIN
        -- Everybody who is to have a key has a row to lock.
        INSERT INTO holder (person) SELECT DISTINCT unnest(persons) ORDER BY 1 ON CONFLICT DO NOTHING;
        -- Holds off whoever would destroy keys of these people, and waits for whoever is doing so.
        PERFORM FROM holder WHERE person = ANY (persons) ORDER BY person FOR SHARE;
        SELECT person INTO gone FROM holder WHERE person = ANY (persons) AND destroyed_at IS NOT NULL LIMIT 1;
        IF FOUND THEN
            RAISE restrict_violation;
        END IF;
        INSERT INTO data_key (id, person, case_id, class, wrapping_key, wrapped)
        SELECT * FROM unnest(ids, persons, cases, classes, wrapping_keys, secrets)
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS added = ROW_COUNT;
    EXCEPTION WHEN restrict_violation THEN
        added := 0;
    END;
END
$$;
