//! Every bound of the engine, with its reason. What a shop may want to change is in the configuration instead.

use std::time::Duration;

/// How connections plan, by what they are for, where `[database.planner]` says no more: by key and along indexes, whatever the
/// planner knows of the tables. *every*: nothing is worth compiling, or read from end to end. *commit*: once, and from its
/// arrays, which are sorted, by key to the tables, which is the lock order too. *reads*: along the index that has the order.
/// *feed*: along its index, and within a transaction's rows, which are few, sorted.
pub const PLANNER_SETTINGS: [(&str, &[(&str, &str)]); 4] = [
    ("every", &[("enable_seqscan", "off"), ("jit", "off")]),
    (
        "commit",
        &[
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("enable_bitmapscan", "off"),
            ("random_page_cost", "0.1"),
        ],
    ),
    (
        "reads",
        &[
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_bitmapscan", "off"),
            ("enable_sort", "off"),
            ("enable_incremental_sort", "on"),
        ],
    ),
    (
        "feed",
        &[
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_bitmapscan", "off"),
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("enable_incremental_sort", "on"),
        ],
    ),
];
/// Lines of one order: the largest real invoice at hand has 675.
pub const LINES: usize = 1_000;
/// Units of one line. The sum over the lines of an order stays far below 2^63.
pub const QUANTITY: i64 = 1_000_000_000;
/// The price of one unit, in minor units: ten billion dollars.
pub const UNIT_PRICE: i64 = 1_000_000_000_000;
/// Adjustments of an order: vouchers, carriage and taxes of a basket, with room.
pub const ADJUSTMENTS: usize = 100;
/// Characters of an adjustment's label: a line of a receipt.
pub const ADJUSTMENT_LABEL: usize = 64;
/// Characters of a SKU, or of how one begins: what interface and carriers' labels bear.
pub const SKU: usize = 64;
/// Stock of one SKU: sums over all orders stay far below 2^63.
pub const ON_HAND: i64 = 1_000_000_000_000;
/// Characters of a short free text: names, customer ids, tokens.
pub const TEXT: usize = 256;
/// Entries of `metadata`: labels, not documents.
pub const METADATA_ENTRIES: usize = 50;
/// Characters of a key of `metadata`: a name.
pub const METADATA_KEY: usize = 64;
/// Characters of a value of `metadata`: a label, not a text.
pub const METADATA_VALUE: usize = 500;
/// Problems told about one request: enough to mend it in one go, no more than a screen.
pub const REQUEST_ERRORS: usize = 20;
/// The longest `reason` of an operator or an adjustment.
pub const REASON: usize = 1_000;
/// Entries of an order's operator log that are shown, the latest.
pub const OPERATOR_LOG: i64 = 500;
/// Bytes, about, of the contents of orders that an engine keeps for its relays once it committed them: some 5,000 orders, of
/// which a relay that keeps up needs the last second's.
pub const FRESH_BYTES: usize = 8 << 20;
/// The pause before a call is tried again, where nobody says otherwise: a participant that restarts is back within seconds.
pub const RETRY_FIRST: Duration = Duration::from_millis(200);
/// By what each pause between tries is longer than the one before, where nobody says otherwise.
pub const RETRY_FACTOR: f64 = 2.0;
/// Tries of a call before its participant is asked what became of it, and then a human, where nobody says otherwise.
pub const RETRY_ATTEMPTS: i16 = 10;
/// The longest pause between two tries of a call, where nobody says otherwise: the ten tries take some two and a half
/// minutes then.
pub const RETRY_MAX: Duration = Duration::from_secs(60);
/// Orders that one bulk retry sends on their way at a time: enough to share commits, too few to crowd out clients.
pub const BULK_AT_ONCE: usize = 16;
/// Orders that wait for a human and are grouped by cause, at most, unless the last page has more: ten pages, some tenths of a
/// second.
pub const GROUPED: usize = 5_000;
/// Orders of such a group that are named.
pub const GROUP_SHOWS: usize = 10;
/// Live histories that are open at once, at most: each reads its order twice a second. One client has a share of them.
pub const EVENT_STREAMS: usize = 256;
/// How long a live history is silent before a comment tells that it lives: proxies close connections after 30 to 60 s.
pub const EVENT_STREAM_BEAT: Duration = Duration::from_secs(15);
/// By how much the timestamp of a webhook may differ from the database's time, in seconds: what the libraries of
/// Standard Webhooks allow. Whoever recorded one cannot send it again after that.
pub const WEBHOOK_TOLERANCE_S: i64 = 300;
/// Characters of a webhook's id.
pub const WEBHOOK_ID: usize = 255;
/// Files of this process that are no connections, about: the database, and the calls of three participants.
pub const OTHER_FILES: usize = 1_024;
/// How often it is looked for connections that hold up.
pub const CONNECTION_LOOK: Duration = Duration::from_millis(500);
/// How long a request goes on whose client has ended its half of the connection: who hung up is noticed within a second or
/// two, and who still reads gets what is answered by then.
pub const HANG_UP_GRACE: Duration = Duration::from_secs(1);
/// Bytes of a request's head: what proxies allow, and far above any of ours.
pub const HEAD_BYTES: usize = 16 << 10;
/// How long a connection may be without a request in hand. actix ends one that is kept, or that begins its first request,
/// after 5 s; this is for one that begins a later request and does not go on.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// Bytes that are read behind a request in hand which has all it needs. actix-http spins where it has 128 kB of them.
pub const READ_AHEAD: usize = 32 << 10;
/// Bytes of answers in actix-http's buffers, over all connections, that nobody reads.
pub const UNSENT_BYTES: usize = 64 << 20;
/// Of what the kernel holds for one connection, bytes (it takes twice that for itself): enough for 10 Mbit/s around the
/// earth; what it gives by itself is up to 4 MB.
pub const SEND_BUFFER: usize = 128 << 10;
/// Bytes of a body, or an answer, that are not counted: less than a connection costs anyway.
pub const UNCOUNTED: usize = 8 << 10;
/// Bytes of requests' bodies that are here at once: 180 of the largest orders.
pub const BODIES_IN_FLIGHT: usize = 64 << 20;
/// Bytes of answers that are here at once, until they are read.
pub const ANSWERS_IN_FLIGHT: usize = 128 << 20;
/// Bytes of an answer that actix-http has in its own buffer, beside the answer itself.
pub const ANSWER_PIECE: usize = 64 << 10;
/// Bytes of a webhook: it names an order. They are read before anybody knows who sent them.
pub const WEBHOOK_BODY: usize = 64 << 10;
/// Values of a JSON document: an order of 1,000 lines has some 5,000. What a value takes is bounded, so that a megabyte of
/// brackets cannot become a hundred.
pub const JSON_VALUES: usize = 20_000;
/// Entries that an object has room for from the start, and values up to which that holds: an order has eight.
pub const JSON_ROOM: (usize, usize) = (8, 64);
/// Connections that wait to be accepted, at most; the kernel may allow fewer (`net.core.somaxconn`).
pub const LISTEN_BACKLOG: i32 = 4_096;
/// Parked webhooks that one sweep settles, at most.
pub const PARKED_WEBHOOKS: i64 = 256;
/// How many times longer than a look at the parked webhooks took the next one waits.
pub const SETTLE_SHARE: u32 = 19;
/// For how long a webhook whose order is not known is looked at again: a participant hears of an order only after it
/// was stored, so that minutes would do. Then it is removed.
pub const WEBHOOK_PARKED: Duration = Duration::from_secs(24 * 3_600);
/// For how long a webhook that was handled is kept, so that a repeat of its id is known. A recorded one can be sent again
/// until its timestamp is older than [`WEBHOOK_TOLERANCE_S`], and that may have lain as much ahead when it came: ten
/// minutes. An hour leaves room for clocks that are set, and at 1,000 webhooks a second holds under 4 million rows. What
/// a participant itself repeats later, under a fresh timestamp, leads to one more look at an order and harms nothing.
pub const WEBHOOK_KEPT: Duration = Duration::from_secs(3_600);
const _: () = assert!(WEBHOOK_KEPT.as_secs() > 2 * WEBHOOK_TOLERANCE_S.unsigned_abs());
const _: () = assert!(WEBHOOK_PARKED.as_secs() >= WEBHOOK_KEPT.as_secs());
/// Webhooks of each kind that one sweep removes, at most: some milliseconds' work, and with ten sweeps a second faster
/// than they come.
pub const PURGED_WEBHOOKS: i64 = 1_000;
/// How often a sweep looks for webhooks to remove, once it has found fewer than it may remove.
pub const PURGE_PAUSE: Duration = Duration::from_secs(10);
/// Rows of one page of a listing, at most.
pub const PAGE: i64 = 500;
/// Rows of one page of a listing unless asked otherwise.
pub const PAGE_DEFAULT: i64 = 50;
/// Rows that one page of a listing looks at, at most: some milliseconds' work where they are in memory. A page that finds
/// fewer than it wants among them ends there, and leads on.
pub const PAGE_READ: i64 = 5_000;
/// Bytes of stored content on one page, at most, unless its first order has more: an order may have 150 KB.
pub const PAGE_BYTES: i64 = 2 << 20;
/// Clients whose orders one page of a customer's looks for, at most, where an operator asks for all clients'.
pub const PAGE_CLIENTS: i64 = 64;
/// Events on one page of a history, at most, unless a commit has more: most orders have under twenty.
pub const EVENTS_PAGE: i64 = 1_000;
/// Listings and pages of histories of one client that wait for their turn, at most; more get 503.
pub const LONG_READS_WAITING: usize = 256;
/// Connections that the engine keeps for itself, so that no reader's question stands before them: one each for the
/// heartbeat, the sweep and the clock.
pub const VITAL_CONNECTIONS: usize = 3;
/// How long a migration waits before it looks again whether another one is done, or an index built.
pub const MIGRATION_LOOK: Duration = Duration::from_millis(200);
/// How often an index is begun again that was cut off by a deadlock with somebody else's waiting.
pub const INDEX_TRIES: u32 = 10;
/// The longest time that `Prefer: wait` is honoured, in seconds.
pub const WAIT_S: u64 = 30;

/// Orders of one commit, at most: 1,024 were measured to add only latency.
pub const BATCH_ORDERS: usize = 256;
/// Writes that must wait before a second committer joins a busy one: a short queue is cheaper as the next batch of the
/// busy one than as a batch of its own, since a statement costs its transaction some 50 us whatever it writes, and an
/// idle committer need not be woken for each write (measured with 64 clients: one committer takes a sixth less of
/// PostgreSQL an order than two, at as many orders/s; with 256 clients two keep up better).
pub const PARALLEL_ORDERS: usize = 64;
/// How long a write waits for a busy committer before an idle one takes it all the same: the busy one may be waiting
/// for a lock, or for a database that is away.
pub const PARALLEL_WAIT: Duration = Duration::from_millis(50);
/// Lines of one commit, at most: a batch of 256 orders of 1,000 lines would hold its locks for seconds.
pub const BATCH_LINES: usize = 20_000;
/// How many statement timeouts a whole transaction may take before its connection counts as lost.
pub const COMMIT_STATEMENTS: u32 = 3;
/// How long a commit may stand still between two of its packets before PostgreSQL ends it: an engine that was stopped in
/// the middle (a paused machine, a network that went away) holds its rows no longer than this.
pub const COMMIT_PAUSE: Duration = Duration::from_secs(1);
/// How often a migration is tried that could not have the lock of a table in time: whoever waits for such a lock has all
/// others wait behind it, so that it waits for less than a second, and then lets them pass.
pub const MIGRATION_TRIES: u32 = 30;
/// For how long it lets them pass.
pub const MIGRATION_PAUSE: Duration = Duration::from_millis(500);
/// How long the table `outbox` may wait for whoever writes events when it is turned on or off: all others wait behind it.
pub const TABLE_PATIENCE: Duration = Duration::from_millis(500);
/// The same now and then, so that an automatic vacuum gives way: it does to who has waited for a second.
pub const TABLE_INSISTS: Duration = Duration::from_millis(1_500);
/// Rows that are taken away from the table `outbox` in one transaction.
pub const TABLE_TRIMS: i64 = 10_000;
/// Every how many tries it has automatic vacuums give way.
pub const MIGRATION_INSISTS: u32 = 3;
/// The longest `deadlock_timeout` under which it does: everybody else waits behind it.
pub const VACUUM_WAITED_FOR: Duration = Duration::from_secs(2);
/// For how long it waits for that, beyond `deadlock_timeout`.
pub const VACUUM_GIVES_WAY: Duration = Duration::from_millis(300);
/// How long whatever is no commit waits for a lock: a sweep, stock changed by hand, a key that is bound. It is tried again.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(1);
/// Locked things that orders are waited for behind, at a time: each is a connection. More take turns.
pub const LOCK_LANES: usize = 8;
/// How long such a turn is.
pub const LANE_TURN: Duration = Duration::from_secs(1);
/// For how long something is taken to be locked after it was found so, or was last waited for.
pub const LOCKED_KNOWN: Duration = Duration::from_secs(2);
/// Locked things that are remembered, at most; others are found locked again.
pub const LOCKED_THINGS: usize = 10_000;
/// How long a batch waits that had no lock in time once, and may have been in a deadlock: whoever it was in it with has
/// the lock now, and is done soon. Everything behind it waits as well.
pub const LOCK_AGAIN: Duration = Duration::from_millis(50);
/// How long a half of a batch waits where what is locked cannot be seen.
pub const LOCK_SEARCH: Duration = Duration::from_millis(20);
/// How often a batch is tried again after a deadlock (40P01) or a serialisation failure (40001).
pub const COMMIT_RETRIES: u32 = 8;
/// How often a write is driven again after its connection was lost and the database knew nothing of it.
pub const LOST_RETRIES: u32 = 3;
/// How long a committer tries to reach a database that is away before it answers what waits with 503. Short, since
/// clients repeat; longer than a restart of PostgreSQL takes (0.04 s measured).
pub const RECONNECT: Duration = Duration::from_secs(3);
/// How long a SKU that ran short is served in the exact mode before the fast one is tried again.
pub const SHORT_MODE: Duration = Duration::from_secs(2);
/// SKUs that a committer remembers as short, at most; others are found short again by the constraint.
pub const SHORT_SKUS: usize = 10_000;
/// SKUs that an engine remembers as known, at most (about 100 bytes each). A SKU is never deleted.
pub const KNOWN_SKUS: usize = 1_000_000;
/// SKUs that an engine which starts learns at once, at most.
pub const SKUS_PAGE: i64 = 5_000;

/// Claims of an order without progress before the sweep sets it aside: it kills whoever loads it.
pub const CLAIMS: i16 = 5;
/// How long an order whose step of one's own has no entry in an engine's configuration is left to others, which may have one,
/// before it says so; and how often it is looked at then whether there is one. Unless the configuration says otherwise.
pub const STEP_ENTRY: Duration = Duration::from_secs(60);
/// How long another engine is counted on at least that was heard to have an entry: three heartbeats.
pub const HEARD_OF: Duration = Duration::from_secs(6);
/// How long an engine leaves an order alone whose step another engine does: that one sweeps meanwhile.
pub const LEFT_TO_OTHERS: Duration = Duration::from_secs(2);
/// How long an order is left alone that an engine could do nothing with: the database was away, or held a lock.
pub const HANDED_BACK: Duration = Duration::from_secs(1);
/// By how much a row may be written in the future before the database's clock counts as set back: no clock that is slewed
/// goes back at all.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(1);
/// How often it is looked for such rows.
pub const CLOCK_LOOK: Duration = Duration::from_secs(1);
/// How many times longer than a look took the next one waits: it reads all rows of `order_work`.
pub const CLOCK_SHARE: u32 = 99;
/// Rows that are put right in one statement, at most.
pub const CLOCK_ROWS: i64 = 1_000;
/// Orders that one sweep claims, at most.
pub const SWEEP_ORDERS: i64 = 256;
/// How often the sweep looks for orders that are due.
pub const SWEEP_PAUSE: Duration = Duration::from_millis(100);
/// How long an order that was claimed with nothing due is left alone, unless it has a deadline.
pub const NOTHING_DUE: Duration = Duration::from_secs(3_600);
/// How often a node tells that it lives; one that has been silent for [`NODE_GONE`] counts as gone.
pub const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long before the end of its lease the last heartbeat of an engine may be that lived until then.
pub const HEARTBEAT_MISSED: Duration = Duration::from_millis(2_500);
/// How long a node may be silent before it counts as gone: several heartbeats were lost by then.
pub const NODE_GONE: Duration = Duration::from_secs(10);
/// How old the last heartbeat that was written may be before an engine counts as not ready: two in a row are missing.
pub const HEARTBEAT_STALE: Duration = Duration::from_secs(6);
/// How soon a heartbeat that was not written is tried again: whoever waits for `/readyz` waits for that.
pub const HEARTBEAT_AGAIN: Duration = Duration::from_millis(500);
/// How long a node that is gone is still shown: whoever looks after a night's trouble finds it.
pub const NODE_FORGOTTEN: Duration = Duration::from_secs(24 * 3_600);
/// Notifications of ended orders that wait for whoever listens, at most; more are lost, and looked for instead.
pub const ENDED_WAITING: usize = 4_096;
/// Of so many connections for reads, those that listings and pages of histories may have at once: a quarter, so that they
/// keep nobody else from one.
pub fn long_reads(pool_size: usize) -> usize {
    (pool_size / 4).max(2).min(pool_size)
}
/// Groups of orders that are loaded side by side while all is well: one is read by PostgreSQL while the other one is taken in.
pub const LOADS_AT_ONCE: usize = 2;
/// Orders that are loaded together, at most.
pub const LOADS_TOGETHER: usize = 64;
/// How long a group may take before the next one is sent without it.
pub const LOAD_SLOW: Duration = Duration::from_millis(100);
/// How long a listing, or a page of a history, waits for its turn.
pub const LISTING_TURN: Duration = Duration::from_secs(3);
/// Rows of the feed that are read at once, at most.
pub const FEED_ROWS: usize = 2_000;
/// Bytes of them, but for the first one.
pub const FEED_BYTES: usize = 4 << 20;
/// Orders whose content is read at once: each may have a thousand lines.
pub const FEED_CONTENTS: usize = 64;
/// How long a reader of the feed that finds nothing waits before it looks again: at first, and at most.
pub const FEED_PAUSE_LEAST: Duration = Duration::from_millis(20);
/// The longest pause of a reader of the feed that finds nothing: how late, at most, it learns of another engine's commit.
pub const FEED_PAUSE_MOST: Duration = Duration::from_secs(1);
/// How long the lease of a relay lasts from each renewal on; another one takes over where it is not renewed for so long.
pub const RELAY_LEASE: Duration = Duration::from_secs(10);
/// How long a relay waits for the database to say anything: a step may wait for a standby, but not for ever.
pub const RELAY_PATIENCE: Duration = Duration::from_secs(60);
/// Connections of an engine for the leases and witnesses of all its relays; each has one more for its feed.
pub const RELAY_CONNECTIONS: usize = 2;
/// How often it is renewed, at least, and how often whoever has none looks for one.
pub const RELAY_RENEWAL: Duration = Duration::from_secs(3);
/// How long a relay waits that failed, was fenced, or could not reach one of its ends: at first, and at most. A part of it is
/// drawn at random, so that two that fence each other do not go on doing so.
pub const RELAY_PAUSE_LEAST: Duration = Duration::from_millis(200);
/// The longest pause of a relay that fails again and again; see [`RELAY_PAUSE_LEAST`] for the shortest.
pub const RELAY_PAUSE_MOST: Duration = Duration::from_secs(10);
/// For how long a relay counts as here that holds no lease: it says so each time that it tries, and between two of them waits
/// no longer than [`RELAY_PAUSE_MOST`].
pub const RELAY_HERE: Duration = Duration::from_secs(20);
/// How often a relay that waits for a human looks whether one was there.
pub const RELAY_STOPPED: Duration = Duration::from_secs(5);
/// How long a relay that published all there was takes for that and a rest together: what is committed meanwhile goes in one
/// publication. One as soon as there is a commit costs broker, relay and database most of their work, and orders their time.
pub const RELAY_GATHER: Duration = Duration::from_millis(50);
/// How often a witness of what was published is written, at least, where the sink keeps its own cursor.
pub const RELAY_WITNESS: Duration = Duration::from_secs(60);
/// Bytes that are published at once, but for the first event: contents of orders included.
pub const RELAY_BYTES: usize = 8 << 20;
/// Characters of a sink's name: a label, and a part of a topic's and a lease's name, not a text.
pub const SINK_NAME: usize = 40;
/// Relays that one sink may have.
pub const SINK_PARTS: u32 = 32;
/// How long a relay that leaves waits for what it has on its way to a sink.
pub const RELAY_FAREWELL: Duration = Duration::from_secs(1);
/// How often a relay that has much to publish counts how much.
pub const RELAY_COUNT: Duration = Duration::from_secs(5);
/// Commits that it counts at most.
pub const RELAY_COUNTED: i64 = 50_000;
/// After how long Kafka's brokers end a transaction that was begun and not ended: so long a relay that died keeps consumers
/// from what lies behind. Windows of 2,000 rows took under a tenth of a second.
pub const KAFKA_TRANSACTION: Duration = Duration::from_secs(10);
/// How long one question to Kafka may take when a sink is opened: brokers that start anew answer within that.
pub const KAFKA_QUESTION: Duration = Duration::from_secs(10);
/// How long a relay that takes over waits until its predecessor's transaction has ended, and then until all of it can be
/// read: six times what a transaction may last.
pub const KAFKA_TAKEOVER: Duration = Duration::from_secs(60);
/// How long an outcome is asked for, of a commit or an abort, beyond what a transaction may last.
pub const KAFKA_OUTCOME: Duration = Duration::from_secs(10);
/// The longest pause between two tries to reach a broker.
pub const KAFKA_RECONNECT: Duration = Duration::from_secs(1);
/// How often it is looked again where Kafka tells nobody that something has come about.
pub const KAFKA_LOOK: Duration = Duration::from_millis(20);
/// How long messages wait for company, milliseconds: a batch compresses ten times better than a message.
pub const KAFKA_LINGER_MS: u64 = 5;
/// Records at the end of a partition in which the last cursor is looked for at first, and by how much that grows: each
/// transaction leaves a record and a marker, and aborted ones leave theirs.
pub const KAFKA_LOOK_BACK: (i64, i64) = (8, 16);
/// Bytes that a record may take beyond its key, value and headers: the head of a batch, lengths, offsets.
pub const KAFKA_RECORD_HEAD: usize = 128;
/// Bytes of a cursor, about, where two thousand transactions are open in the database: each is named in it.
pub const KAFKA_CURSOR: usize = 48_000;
/// For how long a topic should keep events, at least: as long as Kafka's own default, so that a consumer which breaks before
/// a holiday is mended in time.
pub const KAFKA_RETENTION: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How long a segment of the cursors' topic is written to before it can be compacted, milliseconds.
pub const KAFKA_CURSOR_SEGMENT_MS: u64 = 600_000;
/// Events after whose encoding others of the same thread have a turn.
pub const KAFKA_ENCODE_TURN: usize = 128;
/// How long an engine that publishes to a sink may be silent before another one takes over is `engine.lease_ms`; so often in
/// that time it tells that it lives.
pub const LEASE_RENEWALS: u32 = 4;
/// How often an engine looks which webhooks there are, and whether an operator changed one.
pub const WEBHOOK_LOOK: Duration = Duration::from_secs(1);
/// Endpoints of webhooks, at most: each has a label in the metrics, and is looked at every second.
pub const WEBHOOK_ENDPOINTS: i64 = 100;
/// Records of the feed that are read for an endpoint at once.
pub const WEBHOOK_ROWS: usize = 128;
/// Records that an endpoint may have read before its cursor: what is delivered again, at most, where an engine dies.
pub const WEBHOOK_WINDOW: usize = 512;
/// Bytes of the records that are read at once, but for the first one, and of what their orders were submitted with: an order
/// of a thousand lines has a hundred thousand.
pub const WEBHOOK_BYTES: usize = 1 << 20;
/// Bytes of the records that an endpoint may have before its cursor.
pub const WEBHOOK_WINDOW_BYTES: usize = 4 << 20;
/// Deliveries under way at once from one engine, beside one of each endpoint, which none of the others can take: each is a
/// connection, and they stay below the 1,024 open files that a process commonly may have.
pub const WEBHOOK_SENDS: usize = 156;
/// The most that one endpoint may be configured to have.
pub const WEBHOOK_IN_FLIGHT: usize = 64;
/// Orders of an endpoint that may wait for a delivery which failed: each is a row, and some 200 bytes of memory. With more
/// of them the endpoint is not well, and its cursor waits.
pub const WEBHOOK_WAITING: usize = 10_000;
/// Distinct orders that fail one after the other before an endpoint counts as away: fewer may be their own fault.
pub const WEBHOOK_AWAY: usize = 5;
/// How soon an endpoint that is away is tried again; the pause doubles up to [`WEBHOOK_PROBE_MOST`].
pub const WEBHOOK_PROBE: Duration = Duration::from_millis(500);
/// The longest pause between two tries of an endpoint that is away; see [`WEBHOOK_PROBE`] for the first.
pub const WEBHOOK_PROBE_MOST: Duration = Duration::from_secs(10);
/// The longest `Retry-After` of an event that is respected: an endpoint must not put off for ever what it does not like.
pub const WEBHOOK_RETRY_AFTER: Duration = Duration::from_secs(3_600);
/// The longest time that an endpoint which answers 429 is left alone altogether.
pub const WEBHOOK_HELD: Duration = Duration::from_secs(60);
/// How long a delivery may take, from the name's look-up to the end of the answer: as Standard Webhooks recommend.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);
/// How much of that a connection may take.
pub const WEBHOOK_CONNECT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read; nobody wants them, but a connection is used again only where the answer was read.
pub const WEBHOOK_ANSWER: usize = 16 << 10;
/// How long the secret before is still signed with after it was changed: a receiver has so long to learn the new one.
pub const WEBHOOK_SECRET_OVERLAP: Duration = Duration::from_secs(24 * 3_600);
/// The longest URL of an endpoint.
pub const WEBHOOK_URL: usize = 2_000;
/// The longest position that a replay may begin at: transactions that it waits for are in it, each with some 15 characters.
pub const WEBHOOK_POSITION: usize = 100_000;
/// Tries of an event beside the first, at most.
pub const WEBHOOK_RETRIES: usize = 30;
/// Types, or clients, that an endpoint may name.
pub const WEBHOOK_FILTER: usize = 100;
/// Events that were set aside and are to be delivered again, of which so many are known at once.
pub const WEBHOOK_AGAIN_ROWS: i64 = 1_000;
/// Characters of what went wrong that are kept: a foreign certificate may have a thousand names.
pub const WEBHOOK_ERROR: usize = 500;
/// Connections to a host that are kept for the next time.
pub const WEBHOOK_IDLE: usize = 4;
/// How long an answer is read on whose status is known, for its connection to be used again.
pub const WEBHOOK_DRAIN: Duration = Duration::from_secs(1);
/// How soon what could not be written is written again.
pub const WEBHOOK_AGAIN: Duration = Duration::from_millis(500);
/// Commits behind an endpoint's position whose events are counted, at most: some 20 ms. Beyond it, more is as bad.
pub const LAG_COUNTED: i64 = 10_000;
/// Rows of the feed that a step of whoever prunes looks at, and so orders that it has locked at once: a refund that is asked
/// for meanwhile waits some 10 ms.
pub const PRUNE_ORDERS: i64 = 200;
/// Bytes of the histories that a step takes in, but for the first one: an order may have been refunded two hundred times.
pub const PRUNE_BYTES: i64 = 4 << 20;
/// Bytes of what is stored of a step's orders that are asked for at a time: half of what even a socket of this machine holds on
/// its way.
pub const PRUNE_PART: usize = 64 << 10;
/// How long whoever prunes waits for the tables of sinks and endpoints: shorter than it takes the server to look for a
/// deadlock, so that nobody else is ended by one.
pub const PRUNE_LOCK: Duration = Duration::from_millis(200);
/// How long it may stand still in the middle of a step before the server ends it: all who publish, and refunds of the orders
/// that it has in hand, wait for it.
pub const PRUNE_SLEEP: Duration = Duration::from_secs(2);
/// How long it may take nothing of what it is sent, or acknowledge none of it, before the server ends it: within one row of a
/// large order, which a connection may not hold, the server does not stand still, and would wait for ever.
pub const PRUNE_UNHEARD: Duration = Duration::from_secs(10);
/// By how much the database's clock may be ahead of the pruner's, or run ahead of it within a run: what goes is gone, so that
/// a clock that was set to next year by mistake must take nothing. Less than the shortest age.
pub const PRUNE_CLOCK: Duration = Duration::from_secs(60);
/// How often it tries to have them.
pub const PRUNE_TRIES: u32 = 50;
/// The shortest pause between two steps, and the longest.
pub const PRUNE_PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// Commits behind the reader that is furthest behind that are looked at to tell how much waits for it.
pub const PRUNE_BEHIND: i64 = 10_000;
/// Orders that are named which are not what their events lead to.
pub const PRUNE_NAMED: usize = 10;
/// The shortest age at which histories may go: whoever is asked about an order is asked within that.
pub const PRUNE_YOUNGEST: Duration = Duration::from_secs(3_600);
/// How long it holds back where nobody says: a hundred years.
pub const PRUNE_FOREVER: Duration = Duration::from_secs(100 * 366 * 24 * 3_600);
/// How long an endpoint that is paused or disabled holds back what it has yet to get, where nothing else is configured: more
/// than twice what the tries of an event take.
pub const OUTBOX_HOLD: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How often it is measured how far endpoints are behind.
pub const LAG_LOOK: Duration = Duration::from_secs(2);
/// Entries of the log that are shown with an endpoint.
pub const OUTBOX_LOG: i64 = 50;
/// Bytes of what says which event one is, beside its data: the order's name three times, the deployment's, numbers, a time,
/// and what all of these are called.
pub const EVENT_HEAD: usize = 1_024;
/// What the subjects of NATS begin with, where nothing else is said.
pub const NATS_SUBJECT: &str = "counterfoil.orders";
/// Characters of a stream's name, and of what subjects begin with.
pub const NATS_STREAM: usize = 100;
/// How long one question to NATS may take, or a message until it is taken.
pub const NATS_QUESTION: Duration = Duration::from_secs(10);
/// Messages that are on their way to NATS at once.
pub const NATS_WINDOW: usize = 512;
/// Bytes of them, but for the last one.
pub const NATS_WINDOW_BYTES: usize = 4 << 20;
/// Events after whose encoding others of the same thread have a turn.
pub const NATS_ENCODE_TURN: usize = 128;
/// Bytes of a message's head beside what it is built of: the first line, and what it is expected behind in which stream.
pub const NATS_MESSAGE_HEAD: usize = 400;
/// Bytes of all headers: a server takes less than 64 KiB.
pub const NATS_HEADERS: usize = 64_000;
/// Bytes of those of them that say where to go on.
pub const NATS_CURSOR: usize = 48_000;
/// For how long a server knows the ids of messages, of a stream that is created here.
pub const NATS_DUPLICATES: Duration = Duration::from_secs(120);
/// How long a TCP connection to the database may be silent before it is asked whether it still stands, and then between
/// questions, of which three may stay unanswered.
pub const TCP_SILENCE: Duration = Duration::from_secs(5);
/// How often the connection that listens is asked whether it still stands.
pub const LISTEN_CHECK: Duration = Duration::from_secs(10);
/// How often a request that waits for an order of another engine looks for itself, should the notification be lost.
pub const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long a look at an order may take before whoever waits to hear where it stands is told that nobody knows just now.
pub const LOOK: Duration = Duration::from_secs(1);

/// How long a participant may leave a call undecided that it accepted, where no deadline of the order ends the wait first:
/// as long as providers keep their keys. After that a human is asked.
pub const UNDECIDED: Duration = Duration::from_secs(24 * 3_600);
/// Distinct orders that fail without an answer in between before a participant counts as away: one that fails, or four, may
/// be their own fault, and end with a human; more at once are an outage.
pub const AWAY_ORDERS: usize = 5;
/// Calls that fail one after the other, of however few orders, before it is asked whether the participant is there at all.
pub const AWAY_CALLS: u32 = 5;
/// For how long an answer to that tells that an order whose calls failed has only itself to blame: longer than all its tries
/// take, at the longest step timeout.
pub const AWAY_ACQUITTED: Duration = Duration::from_secs(3 * 3_600);
/// Of how many orders at most that is known.
pub const AWAY_ACQUITTALS: usize = 100;
/// For how long a failure counts beside others': the next try of each comes sooner.
pub const AWAY_FAILING: Duration = Duration::from_secs(180);
/// How soon an order is tried again whose participant is away, at most: it goes on within seconds of its return.
pub const AWAY_PAUSE: Duration = Duration::from_secs(2);
/// Orders that may be turned away in a second, from one process, before they come more seldom: each costs two statements.
pub const AWAY_TRIES_PER_SECOND: u32 = 250;
/// The most seldom that they come.
pub const AWAY_PAUSE_MOST: Duration = Duration::from_secs(30);
/// How soon it is asked whether a participant is still away; the pause doubles up to [`AWAY_PAUSE`].
pub const AWAY_FIRST_LOOK: Duration = Duration::from_millis(250);
/// For how many step timeouts a participant that answers look-ups again is waited for to answer a call: longer than it
/// takes as many orders to fail, one after the other, as tell that it is away.
pub const RETURN_STEPS: u32 = 12;
/// Calls of one remote participant that are under way from this process, at most; more wait within their step timeout.
/// Each has a connection of its own: three participants stay below the 1,024 open files that a process commonly may
/// have, and one that takes a second to answer still serves 256 orders/s.
pub const PARTICIPANT_CALLS: usize = 256;
/// Characters of a reference that a remote participant gives (a longer answer has no outcome) and of its reason for a
/// refusal (which is cut): both are stored with the order.
pub const PARTICIPANT_TEXT: usize = 1_000;

/// Order actors that stay in memory over all shards after their order ended or came to rest, at most, about 3 KB each: the
/// last ten seconds at 100 orders/s, so that their retries are answered from memory, and what a core's caches hold. At full
/// load a retry is read from the database; with 8,192 of them an order cost the server a tenth more there.
pub const RESIDENT_ORDERS: usize = 1_024;
/// Places for marks of orders that were in memory, 8 bytes each: half a megabyte, which is filled once.
pub const SEEN_ORDERS: usize = 1 << 16;
/// Requests of one client that wait behind a running one of the same order, at most, and half of those of all clients;
/// more get 503.
pub const QUEUE_PER_ORDER: usize = 1_024;
/// Requests that wait with one order, at most, for what runs and for its end; more get 503. Its client, and the page that
/// its customer looks at, are a handful; each reading of the order answers all of them at once, some milliseconds' work.
pub const WAITING_PER_ORDER: usize = 2_048;
/// Keys that repeats bind to an order, at most, beside the one that it was placed under: 64 in all. A client in its senses
/// sends one; the others are for retries that lost it. Beyond that a repeat is answered all the same, and leaves nothing
/// behind. The CHECK of `order_keys` says the same.
pub const LATER_KEYS: i16 = 63;
/// Keys of verbs that an order takes, at most, whoever asks: each is a row with an answer, and none is ever removed. The
/// CHECK of `order_keys` says the same.
pub const VERB_KEYS: i16 = 256;
/// Keys that an order's actor remembers to be bound to it; others are looked up.
pub const KEYS_IN_MEMORY: usize = 8;
/// How often a shard looks for hung actors and for those to passivate.
pub const TICK: Duration = Duration::from_millis(100);
/// The pause before a dead actor's command is driven again, times the number of deaths.
pub const RESPAWN_PAUSE: Duration = Duration::from_millis(20);
/// How long an order stays quarantined in memory before its next command is tried once more.
pub const QUARANTINE: Duration = Duration::from_secs(30);
/// How often a request is given to a shard that died under it, before its client is told to repeat it.
pub const SHARD_RETRIES: u32 = 3;
/// An arbiter that has not answered its heartbeat for so long spins: the process is of no more use.
pub const ARBITER_STALL: Duration = Duration::from_secs(30);
/// Faults armed at once, at most.
pub const ARMED_FAULTS: usize = 1_000;
/// The longest delay that a fault may cause, in milliseconds.
pub const FAULT_DELAY_MS: u64 = 60_000;

/// Offenders that the audit names for one promise, at most; it counts all of them.
pub const AUDIT_OFFENDERS: i64 = 100;
/// Rows that the audit has in hand at once while it goes through the orders: enough that a round trip is nothing, and a
/// few megabytes.
pub const AUDIT_ROWS: i32 = 10_000;
/// Orders that `preflight` has in hand at once, in a transaction of some milliseconds that holds nobody up: an order may have
/// 150 KB.
pub const PREFLIGHT_PAGE: i64 = 100;
/// Commits of such a page that it has in hand at once.
pub const PREFLIGHT_COMMITS: i32 = 500;
/// How long one statement of it may run: far beyond what a page takes, so that one which is stuck holds back no vacuum.
pub const PREFLIGHT_STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long it waits for a table that somebody changes, such as a migration, before it lets go of all that it holds.
pub const PREFLIGHT_LOCK_TIMEOUT: Duration = Duration::from_millis(500);
/// How often a page is read, or what comes behind the last one, that could not be because somebody changed a table.
pub const PREFLIGHT_TRIES: u32 = 20;
/// How long it waits in between.
pub const PREFLIGHT_PAUSE: Duration = Duration::from_millis(500);
/// Orders that it names, at most; it counts all of them.
pub const PREFLIGHT_NAMED: usize = 1_000;
/// How long one statement of the audit may run: far beyond what a million orders take, so that one which is stuck does
/// not hold vacuum back for ever.
pub const AUDIT_STATEMENT_TIMEOUT: Duration = Duration::from_secs(600);
/// How long an order, or its deadline, may be overdue before the audit calls it lost: whoever sweeps claims it within a
/// second, and what follows from a deadline is done, or asks for a human, within ten retries.
pub const AUDIT_STUCK: Duration = Duration::from_secs(3_600);
/// By how much a later event may bear an earlier stamp: two instances know the database's time only to within the
/// delay of its answer and the drift of their own clocks since.
pub const AUDIT_STAMP_SKEW: Duration = Duration::from_secs(1);
/// What a deployment is called that nobody gave a name: a copy of it that is given one is told from it by that.
pub const DEPLOYMENT: &str = "default";
/// The longest name of a deployment: a label for people, not a text.
pub const DEPLOYMENT_NAME: usize = 64;
/// Orders that an adoption marks in one transaction: few enough that each ends within moments, and an adoption that is cut
/// off goes on behind the last one.
pub const ADOPTED_ORDERS: i64 = 500;
/// The longest tokens file: some thousands of tokens, each looked at for every request.
pub const TOKENS_FILE_BYTES: u64 = 1 << 20;
/// How often the tokens file is looked at. What it says is taken when it was found twice alike, so that a file that is
/// being written is not read by halves.
pub const TOKENS_FILE_LOOK: Duration = Duration::from_millis(500);
/// How often a stream, or a request that waits, asks whether its token is still good: it ends within this and two looks at
/// the file.
pub const TOKEN_LOOK: Duration = Duration::from_secs(1);
/// The longest file of certificates: all the CAs of a system have a quarter of a megabyte.
pub const PEM_BYTES: u64 = 4 << 20;
/// The longest bearer token that a file holds: what servers commonly take of a header is twice that.
pub const TOKEN_CHARS: usize = 4_096;
/// Secrets that a participant's webhooks may be signed with: the old one, the new one, and some for whoever changes them
/// more often than they ought to. Each is tried.
pub const WEBHOOK_SECRETS: usize = 8;
/// The longest prefix of order_ids that a client may have for itself: an id is one longer at least.
pub const ORDER_ID_PREFIX: usize = 63;
/// Refused calls (401, 403) that are logged a second; of more their number is told, so that nobody fills a disk by being
/// refused.
pub const REFUSALS_LOGGED: u32 = 20;

/// How much of what all clients share one of them may take: three quarters, so that whatever it does the others find room,
/// and where it is alone the rest is not missed. Where no tokens are configured there is only one client, and no share.
pub fn share(all: usize) -> usize {
    let most = all - all / 4;
    if most < all || all < 2 { most } else { all - 1 }
}
