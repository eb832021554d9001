-- Letters as documents: their bytes beside the evidence files, and the outbox of those that were released.
-- Names are unqualified: the schema of the landlord is the whole search path while this runs.

-- Under which of the person's keys a file is sealed: a letter goes with the other words of its notices.
ALTER TABLE evidence ADD COLUMN key_class text NOT NULL DEFAULT 'evidence';

-- One sending of one letter, by the name that its carrier knows it under; no word of the letter, and no address.
-- pending: to be carried from next_at on. sending: its carrier may have been asked already. sent: it has it, at
-- sent_at. parking: a person has to look, because of because. Both of these are still to be told to the case; done and
-- parked are told. over: nothing more comes of it. Rows stay: a carrier reports days later under the same name.
CREATE TABLE outbox (
    dispatch uuid CONSTRAINT outbox_dispatch PRIMARY KEY,
    case_id text NOT NULL,
    letter text NOT NULL,
    method text NOT NULL,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sending', 'sent', 'parking', 'done', 'parked', 'over')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sender text,
    sending_since timestamptz,
    carrier text,
    sent_at timestamptz,
    because text,
    CHECK (state <> 'sent' OR sent_at IS NOT NULL),
    CHECK (state <> 'parking' OR because IS NOT NULL)
);
CREATE INDEX outbox_open ON outbox (next_at) WHERE state IN ('pending', 'sending', 'sent', 'parking');
CREATE INDEX outbox_letter ON outbox (case_id, letter);

-- How far the log was looked through for letters to carry; and what could not be read on the way, to be tried again.
CREATE TABLE outbox_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL
);
INSERT INTO outbox_head (position) VALUES (0);
CREATE TABLE outbox_unread (
    position bigint CONSTRAINT outbox_unread_position PRIMARY KEY
);

-- Few events are of these types; they are found without reading the others.
CREATE INDEX event_letters ON event (position) WHERE type IN ('LetterReleased', 'LetterTakenUpAgain');
