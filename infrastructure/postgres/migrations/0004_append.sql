-- One round trip for any number of saves: all of them in one transaction, each of them whole or not at all.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs, and stays that of
-- the function.

-- Takes the events of all saves one after another; save i has those numbered firsts[i] to lasts[i], and
-- lasts[i] = firsts[i] - 1 when it has none. Its request is at i, too; a caller that is null means that it has none.
-- Gives the position before the first event that was written, the time that all were recorded at, and for each save
-- the constraint that refused it: as a whole null when none was refused. What is accepted stands in the order given
-- and without a gap, so the positions of each save follow from that.
-- Every statement in here sees what was committed while the one before waited, but under READ COMMITTED only.
CREATE FUNCTION append(
    clock timestamptz,
    streams uuid[], versions bigint[], types text[], states bytea[],
    firsts integer[], lasts integer[], callers text[], keys text[], body_macs bytea[], answers text[],
    OUT before bigint, OUT instant timestamptz, OUT refused text[]
) LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
    written integer := 0;
    moved boolean := false;
    violated text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED: under another level it would miss what others wrote'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;

    -- Mostly nothing stands in the way of any of them.
    BEGIN
        -- Waits until no other writer is under way.
        UPDATE head SET position = position + cardinality(streams), recorded_at = greatest(recorded_at, clock)
        RETURNING position - cardinality(streams), recorded_at INTO before, instant;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        INSERT INTO request (caller, key, body_mac, first_position, last_position, answer, recorded_at)
        SELECT asked.caller, asked.key, asked.body_mac, before + asked.first, before + asked.last,
            asked.answer::jsonb, instant
        FROM unnest(callers, keys, body_macs, answers, firsts, lasts)
            AS asked (caller, key, body_mac, answer, first, last)
        WHERE asked.caller IS NOT NULL;
        INSERT INTO event (stream, version, type, position, recorded_at, state)
        SELECT new.stream, new.version, new.type, before + new.number, instant, new.state
        FROM unnest(streams, versions, types, states) WITH ORDINALITY
            AS new (stream, version, type, state, number);
        RETURN;
    EXCEPTION WHEN unique_violation THEN
        -- All of that is undone, the lock as well.
        NULL;
    END;

    -- One after another, so that what is refused takes nobody with it.
    SELECT position, greatest(recorded_at, clock) INTO before, instant FROM head FOR UPDATE;
    FOR i IN 1 .. cardinality(firsts) LOOP
        BEGIN
            IF callers[i] IS NOT NULL THEN
                INSERT INTO request (caller, key, body_mac, first_position, last_position, answer, recorded_at)
                VALUES (callers[i], keys[i], body_macs[i], before + written + 1,
                    before + written + lasts[i] - firsts[i] + 1, answers[i]::jsonb, instant);
            END IF;
            INSERT INTO event (stream, version, type, position, recorded_at, state)
            SELECT new.stream, new.version, new.type, before + written + new.number, instant, new.state
            FROM unnest(streams[firsts[i]:lasts[i]], versions[firsts[i]:lasts[i]],
                types[firsts[i]:lasts[i]], states[firsts[i]:lasts[i]]) WITH ORDINALITY
                AS new (stream, version, type, state, number);
            written := written + lasts[i] - firsts[i] + 1;
            moved := true;
            refused[i] := NULL;
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            IF violated NOT IN ('request_caller_key', 'event_stream_version') THEN
                RAISE;
            END IF;
            refused[i] := violated;
        END;
    END LOOP;
    IF moved THEN
        UPDATE head SET position = before + written, recorded_at = instant;
    END IF;
END
$$;
