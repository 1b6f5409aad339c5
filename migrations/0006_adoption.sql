-- Which database the deployment lives in, so that a copy of it is told from it: a restored backup, a clone, a branch.
-- Programs of 0.2.0 run on it as before, until the first `counterfoil adopt`, which raises the oldest program.
--
-- Whoever waits for a table's lock has all others wait behind it: rather the migration is given up, and tried again.
SET LOCAL lock_timeout = '900ms';

ALTER TABLE deployment
    ADD COLUMN name              text COLLATE "C",             -- `deployment.name` of the configuration
    ADD COLUMN system_identifier bigint,                       -- of the cluster that it lives on; NULL: could not be read
    ADD COLUMN database_oid      bigint,                       -- of the database there
    ADD COLUMN previous          jsonb NOT NULL DEFAULT '[]',  -- deployments that it was cloned from, and until when
    ADD COLUMN cloned_at         timestamptz,                  -- orders created until then are an earlier deployment's
    ADD COLUMN adopted_as        text COLLATE "C" CHECK (adopted_as IN ('moved', 'clone')),
    ADD COLUMN adopted_at        timestamptz,
    ADD COLUMN adopting          text COLLATE "C" CHECK (adopting IN ('moved', 'clone')); -- begun, and not finished

-- The database was restored from before: what participants did since is unknown to it. Such an order is looked up before
-- anything is sent for it. A default that is a constant rewrites nothing.
ALTER TABLE order_work ADD COLUMN look_first boolean NOT NULL DEFAULT false;
