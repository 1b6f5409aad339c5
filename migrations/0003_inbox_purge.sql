-- Webhooks that were handled are removed after a while (limits::WEBHOOK_KEPT), the longest handled first: which are
-- those? One more entry a webhook, and none an order. Programs of 0.2.0 run on it as before; they remove nothing.
--
-- It is built under a lock that has webhooks wait, and with them the sweep: under a second for a million rows.
CREATE INDEX webhook_inbox_handled ON webhook_inbox (handled_at) WHERE handled_at IS NOT NULL;
