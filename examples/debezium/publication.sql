-- Once, by whoever owns the table `outbox`; the server's wal_level must be logical.
CREATE PUBLICATION counterfoil_outbox FOR TABLE outbox WITH (publish = 'insert');
CREATE ROLE debezium LOGIN REPLICATION PASSWORD 'debezium';
GRANT SELECT ON outbox TO debezium;
