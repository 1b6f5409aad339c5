#!/usr/bin/env python3
"""Units sold by SKU, from what Counterfoil publishes to Kafka: exact, however often events come and whenever this dies.

    pip install confluent-kafka
    python3 examples/consumers/sales.py --brokers 127.0.0.1:9092 --topic orders --database sales.db
    sqlite3 sales.db 'SELECT * FROM sales ORDER BY units DESC'

What makes it exact:

- Only what is committed is read (`isolation.level`).
- How far each partition was read is kept beside the projection, in one transaction with it. The broker's own record of that
  could be ahead of the projection, or behind it.
- Of each order the last sequence is kept, and what is not above it was known already: after an `outbox replay`, or with
  `mode = "at_least_once"`, events come again.
- After a restore or a promotion (a later epoch) sequences may be told again, of another history: what the earlier one said
  from there on is taken back. (An order that the later history lacks altogether is not told of again, and stays sold.)
- An order whose beginning was not heard, or of which one is missing in between, does not count, and is named: the sink began
  later, or an operator had it pass over an event. It counts once what is missing has come, by an `outbox replay`.
"""

import argparse
import json
import signal
import sqlite3
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

TABLES = """
CREATE TABLE IF NOT EXISTS partitions (number INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,   -- of the last event that counted
    lines TEXT NOT NULL,         -- units by SKU, as JSON
    completed_at INTEGER         -- the sequence at which it was sold
);
CREATE TABLE IF NOT EXISTS sales (sku TEXT PRIMARY KEY, units INTEGER NOT NULL);
"""

SELL = "INSERT INTO sales VALUES (?, ?) ON CONFLICT (sku) DO UPDATE SET units = units + excluded.units"
KEEP = "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)"


def units_of(lines):
    units = {}
    for line in lines:
        units[line["sku"]] = units.get(line["sku"], 0) + line["quantity"]
    return units


def take(database, event, data):
    """Counts one event, once. `event` is what its headers say."""
    order_id, epoch, sequence = event["ce_subject"], int(event["ce_epoch"]), int(event["ce_sequence"])
    kind = event["ce_type"]
    row = database.execute("SELECT epoch, sequence, lines, completed_at FROM orders WHERE order_id = ?", [order_id])
    known_epoch, last, lines, completed_at = row.fetchone() or (epoch, 0, "{}", None)
    units = json.loads(lines)
    if epoch < known_epoch or (epoch == known_epoch and sequence <= last):
        return
    if sequence > last + 1:
        print(f"{event['ce_id']} came, and {order_id}/{last + 1} did not: the order does not count from there on",
              file=sys.stderr, flush=True)
        return
    if sequence <= last and completed_at is not None and completed_at >= sequence:
        database.executemany(SELL, [(sku, -count) for sku, count in units.items()])
        completed_at = None
    if kind == "counterfoil.order.created":
        units = units_of(data["lines"])
    elif kind == "counterfoil.order.completed":
        database.executemany(SELL, units.items())
        completed_at = sequence
    database.execute(KEEP, [order_id, epoch, sequence, json.dumps(units), completed_at])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--database", required=True, help="a file of SQLite's, made where there is none")
    wanted = parser.parse_args()

    database = sqlite3.connect(wanted.database, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(TABLES)
    consumer = Consumer({
        "bootstrap.servers": wanted.brokers,
        "group.id": "sales",  # nothing is committed under it
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "auto.offset.reset": "error",  # what was deleted unread is not passed over in silence
    })
    topic = consumer.list_topics(wanted.topic, 10).topics[wanted.topic]
    if topic.error is not None or not topic.partitions:
        sys.exit(f"{wanted.topic}: {topic.error or 'no partitions'}")
    read = dict(database.execute("SELECT number, next_offset FROM partitions"))
    places = []
    for number in topic.partitions:
        first, _ = consumer.get_watermark_offsets(TopicPartition(wanted.topic, number), 10)
        if number not in read and first > 0:
            print(f"partition {number} begins at {first}: what was there before is gone", file=sys.stderr, flush=True)
        places.append(TopicPartition(wanted.topic, number, read.get(number, first)))
    consumer.assign(places)

    leaving = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.append(True))
    print("reading", flush=True)
    looked = time.monotonic()
    while not leaving:
        if time.monotonic() > looked + 60:
            looked = time.monotonic()
            if len(consumer.list_topics(wanted.topic, 10).topics[wanted.topic].partitions) > len(places):
                sys.exit("the topic has more partitions now: start it again")
        records = consumer.consume(500, 0.5)
        for record in records:
            if record.error() is not None and record.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(record.error())
        records = [record for record in records if record.error() is None]
        if not records:
            continue
        # All of it or nothing.
        database.execute("BEGIN IMMEDIATE")
        for record in records:
            headers = {name: text.decode() for name, text in record.headers()}
            take(database, headers, json.loads(record.value()))
            place = [record.partition(), record.offset() + 1]
            database.execute("INSERT OR REPLACE INTO partitions VALUES (?, ?)", place)
        database.execute("COMMIT")
    consumer.close()


if __name__ == "__main__":
    main()
