-- An order that moves from leg to leg changes no indexed column any more: PostgreSQL then writes the new version of the
-- row beside the old one, without a word to any index (a heap-only tuple), and logs only what differs.
--
-- On a large database make the index beforehand, without holding up orders:
--   CREATE INDEX CONCURRENTLY orders_by_failure ON orders (order_id) WHERE failure IS NOT NULL;

-- `GET /orders?state=CANCELLED` and `COMPENSATING`: every such order has a failure, and keeps it. The other states on
-- the way are read off `order_work`, which has a row for each order in flight.
CREATE INDEX IF NOT EXISTS orders_by_failure ON orders (order_id) WHERE failure IS NOT NULL;
DROP INDEX orders_by_state;

-- Room for the versions that come.
ALTER TABLE orders SET (fillfactor = 70);
ALTER TABLE payments SET (fillfactor = 85);
