-- A save may rest on streams that it does not write: it is refused when one of them has gone on since it was read.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs, and stays that of
-- the function.

DROP FUNCTION append(
    timestamptz, uuid[], bigint[], text[], bytea[], integer[], integer[], text[], text[], bytea[], text[]
);

-- As migration 0004 says of it. Beside that, save rests[j] rests on the stream rest_streams[j] not having gone beyond
-- rest_versions[j], which is 0 where it is to have no event at all; otherwise it is refused by 'stream_unchanged'. It
-- is looked at behind the head's lock, so that of two saves that each rest on what the other writes one is refused.
-- No save writes a stream that it rests on.
CREATE FUNCTION append(
    clock timestamptz,
    streams uuid[], versions bigint[], types text[], states bytea[],
    firsts integer[], lasts integer[], callers text[], keys text[], body_macs bytea[], answers text[],
    rests integer[], rest_streams uuid[], rest_versions bigint[],
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
        -- What a later one of them wrote is no reason to refuse an earlier one; the second way finds that out.
        IF cardinality(rests) > 0 THEN
            PERFORM FROM unnest(rest_streams, rest_versions) AS rest (stream, version)
            CROSS JOIN LATERAL (
                SELECT FROM event WHERE event.stream = rest.stream AND event.version > rest.version LIMIT 1
            ) AS later;
            IF FOUND THEN
                RAISE unique_violation USING CONSTRAINT = 'stream_unchanged';
            END IF;
        END IF;
        RETURN;
    EXCEPTION WHEN unique_violation THEN
        -- All of that is undone, the lock as well.
        NULL;
    END;

    -- One after another, so that what is refused takes nobody with it.
    SELECT position, greatest(recorded_at, clock) INTO before, instant FROM head FOR UPDATE;
    FOR i IN 1 .. cardinality(firsts) LOOP
        BEGIN
            -- First of all, so that a request that was accepted before gets its answer whatever came after it.
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
            IF i = ANY (rests) THEN
                PERFORM FROM unnest(rests, rest_streams, rest_versions) AS rest (save, stream, version)
                CROSS JOIN LATERAL (
                    SELECT FROM event WHERE event.stream = rest.stream AND event.version > rest.version LIMIT 1
                ) AS later
                WHERE rest.save = i;
                IF FOUND THEN
                    RAISE unique_violation USING CONSTRAINT = 'stream_unchanged';
                END IF;
            END IF;
            written := written + lasts[i] - firsts[i] + 1;
            moved := true;
            refused[i] := NULL;
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            IF violated NOT IN ('request_caller_key', 'event_stream_version', 'stream_unchanged') THEN
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
