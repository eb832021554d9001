-- Webhooks: endpoints, their secrets, how far each was told, what was tried, and what people did to them.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- An endpoint of a subscriber. unconfirmed: its receiver has not yet agreed. Every event that it wants, up to position,
-- was taken, but for cases with a row of their own in webhook_case. changes counts what people did to it; whoever brings
-- it events writes under the count and the owner that it began with, so that nobody who was overtaken writes anything.
CREATE TABLE webhook (
    endpoint uuid CONSTRAINT webhook_endpoint PRIMARY KEY,
    subscriber text NOT NULL,
    url text NOT NULL,
    types text[],
    schemas json NOT NULL,
    state text NOT NULL CHECK (state IN ('unconfirmed', 'active', 'disabled', 'deleted')),
    because text CHECK (because IN ('by_hand', 'gone', 'failing')),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    failing_since timestamptz,
    start_over uuid,
    changes integer NOT NULL DEFAULT 0,
    secret integer NOT NULL DEFAULT 0,
    owner text,
    CHECK ((state = 'disabled') = (because IS NOT NULL))
);
CREATE INDEX webhook_state ON webhook (state);

-- What signatures are made with, sealed under the landlord's wrapping key; an older one signs too until its end.
CREATE TABLE webhook_secret (
    endpoint uuid NOT NULL REFERENCES webhook,
    number integer NOT NULL,
    scheme text NOT NULL CHECK (scheme IN ('v1', 'v1a')),
    wrapping_key text NOT NULL,
    sealed bytea NOT NULL,
    until timestamptz,
    CONSTRAINT webhook_secret_number PRIMARY KEY (endpoint, number)
);

-- A case that an endpoint is behind on: position is the first event of it that was not taken. Nothing else of the case
-- goes before. parked: its tries are used up, and a person has to look.
CREATE TABLE webhook_case (
    endpoint uuid NOT NULL REFERENCES webhook,
    case_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    event text,
    tries integer NOT NULL,
    since timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    parked boolean NOT NULL,
    CONSTRAINT webhook_case_id PRIMARY KEY (endpoint, case_id)
);
CREATE INDEX webhook_case_parked ON webhook_case (endpoint) WHERE parked;

-- Every try, for some weeks: neither what was sent nor what was answered, but for its status.
CREATE TABLE webhook_delivery (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT webhook_delivery_number PRIMARY KEY,
    endpoint uuid NOT NULL,
    at timestamptz NOT NULL,
    event text NOT NULL,
    type text NOT NULL,
    case_id text,
    position bigint,
    tries integer NOT NULL,
    outcome text NOT NULL,
    status integer,
    took_ms integer NOT NULL
);
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint, number);

-- What was done to endpoints, by whom and why.
CREATE TABLE webhook_act (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT webhook_act_number PRIMARY KEY,
    at timestamptz NOT NULL,
    endpoint uuid NOT NULL,
    act text NOT NULL,
    actor text NOT NULL,
    why text,
    detail json
);
CREATE INDEX webhook_act_endpoint ON webhook_act (endpoint, number);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhook_act
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE webhook_act ENABLE ALWAYS TRIGGER append_only;
