-- For `--prepare`: events in a partition a month, to see what that costs. The key must hold the month then, so that two events
-- of one version are refused within a month only: what it costs to have that is measured here, and not what it would be worth.
DO $$
DECLARE
    again text;
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'order_events'::regclass) = 'p' THEN
        RETURN;
    END IF;
    ALTER TABLE order_events RENAME TO whole_events;
    CREATE TABLE order_events (LIKE whole_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (at);
    FOR month IN 0..2 LOOP
        EXECUTE format('CREATE TABLE order_events_%s PARTITION OF order_events FOR VALUES FROM (%L) TO (%L)', month,
            date_trunc('month', now()) + (month - 1) * interval '1 month', date_trunc('month', now()) + month * interval '1 month');
    END LOOP;
    CREATE TABLE order_events_other PARTITION OF order_events DEFAULT;
    FOR again IN SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'whole_events'::regclass AND NOT tgisinternal LOOP
        EXECUTE replace(again, 'whole_events', 'order_events');
    END LOOP;
    FOR again IN
        SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'whole_events'::regclass AND NOT indisunique
    LOOP
        EXECUTE regexp_replace(replace(again, 'whole_events', 'order_events'), 'INDEX \S+ ON', 'INDEX ON');
    END LOOP;
    DROP TABLE whole_events;
    ALTER TABLE order_events ADD PRIMARY KEY (order_id, first_version, at);
END $$;
