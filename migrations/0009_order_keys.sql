-- How many keys an order has beside the one that it was placed under: a client that repeats an order under ever new keys,
-- or asks ever new verbs of it, fills no table. A row only for an order that has such keys; none is written for a new one.
-- The bounds are `limits::LATER_KEYS` and `limits::VERB_KEYS`.
--
-- A new and empty table: no row is read or written for it, no lock is taken that anybody waits for. So what is counted
-- begins here: keys from before, and those of a program before 0.4.0 beside this one, are not, since no index finds an
-- order's keys, and one over all of them would cost every order that comes with a key. An old order may bind so many more.
CREATE TABLE order_keys (
    order_id    text     COLLATE "C" NOT NULL PRIMARY KEY,
    submissions smallint NOT NULL DEFAULT 0, -- of repeats of its submission
    verbs       smallint NOT NULL DEFAULT 0, -- of cancel, capture and refunds, whoever asked
    CONSTRAINT order_keys_bounded CHECK (submissions BETWEEN 0 AND 63 AND verbs BETWEEN 0 AND 256)
);
