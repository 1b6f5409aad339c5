"""What tests do to Kafka by another client than the sink's. python -c THIS BROKERS REQUEST; request and answer are JSON."""

import json
import os
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic

brokers, request = sys.argv[1], json.loads(sys.argv[2])
PATIENCE = 30
common = {"bootstrap.servers": brokers, "log_level": 2}


def consumer(isolation):
    return Consumer({
        **common, "group.id": "tests", "isolation.level": isolation, "enable.auto.commit": False,
        "enable.partition.eof": True, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 20,
    })


def partitions(client, topic):
    return sorted(client.list_topics(topic, PATIENCE).topics[topic].partitions)


def each(futures):
    for future in futures.values():
        future.result(PATIENCE)


def create(topic, partitions, config):
    admin = AdminClient(common)
    each(admin.create_topics([NewTopic(topic, partitions, 1, config=config)]))
    until = time.monotonic() + PATIENCE
    while True:
        found = admin.list_topics(timeout=PATIENCE).topics.get(topic)
        if found and len(found.partitions) == partitions and all(p.leader >= 0 for p in found.partitions.values()):
            return
        assert time.monotonic() < until, f"{topic} is not there"


def read(topic):
    """Everything that is committed. Waits until nothing is open: what is open is neither."""
    client, seen = consumer("read_committed"), []
    for partition in partitions(client, topic):
        settled(topic, partition)
    left = set(partitions(client, topic))
    client.assign([TopicPartition(topic, partition, 0) for partition in left])
    until = time.monotonic() + PATIENCE
    while left:
        assert time.monotonic() < until, f"{topic} has no end"
        for record in client.consume(5000, 0.1):
            if record.error():
                if record.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(record.error())
                left.discard(record.partition())
                continue
            key, headers, value = record.key(), record.headers() or [], record.value()
            seen.append({
                "partition": record.partition(),
                "key": key and key.decode(),
                "headers": [(name, text.decode()) for name, text in headers],
                "value": value and json.loads(value),
            })
    client.close()
    return seen


def ids(topic):
    """Of everything that is committed the ids alone, by key: a topic may hold millions."""
    client, found, records = consumer("read_committed"), {}, 0
    for partition in partitions(client, topic):
        settled(topic, partition)
    left = set(partitions(client, topic))
    client.assign([TopicPartition(topic, partition, 0) for partition in left])
    until = time.monotonic() + PATIENCE
    while left:
        assert time.monotonic() < until, f"{topic} has no end"
        for record in client.consume(5000, 0.1):
            if record.error():
                if record.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(record.error())
                left.discard(record.partition())
                continue
            records, until = records + 1, time.monotonic() + PATIENCE
            found.setdefault(record.key().decode(), []).append(dict(record.headers())["ce_id"].decode())
    client.close()
    return {"ids": found, "records": records}


def settled(topic, partition):
    """Waits until no transaction is open in a partition."""
    stable, everything = consumer("read_committed"), consumer("read_uncommitted")
    until = time.monotonic() + PATIENCE
    where = TopicPartition(topic, partition)
    while True:
        ends = [client.get_watermark_offsets(where, PATIENCE)[1] for client in (stable, everything)]
        if ends[0] == ends[1]:
            return ends[0]
        assert time.monotonic() < until, f"{topic}/{partition} is open from {ends[0]} to {ends[1]}"
        time.sleep(0.02)


def abort(topic, partition, transactions, records):
    """Transactions of so many records that are aborted, each delivered before."""
    client = Producer({**common, "transactional.id": f"tests/{topic}", "linger.ms": 0})
    client.init_transactions(PATIENCE)
    for _ in range(transactions):
        client.begin_transaction()
        for _ in range(records):
            client.produce(topic, b"aborted", key=b"aborted", partition=partition)
        assert client.flush(PATIENCE) == 0
        client.abort_transaction(PATIENCE)


def leave_open(topic, partition):
    """A transaction that somebody else began, and that the broker ends after two seconds."""
    client = Producer({**common, "transactional.id": f"tests/{topic}", "transaction.timeout.ms": 2000, "linger.ms": 0})
    client.init_transactions(PATIENCE)
    client.begin_transaction()
    client.produce(topic, b"open", key=b"open", partition=partition)
    assert client.flush(PATIENCE) == 0
    print("null", flush=True)
    os._exit(0)


def ends(topic, partition):
    """Where what is committed ends, and where everything does."""
    where = TopicPartition(topic, partition)
    return [consumer(i).get_watermark_offsets(where, PATIENCE)[1] for i in ("read_committed", "read_uncommitted")]


def write(topic, partition, key, value, headers=None):
    client = Producer(common)
    client.produce(topic, json.dumps(value).encode(), key=key.encode(), partition=partition, headers=headers)
    assert client.flush(PATIENCE) == 0


def placed(topic, keys):
    """In which partition a producer has each key that decides as Java's do."""
    found = {}
    client = Producer({**common, "partitioner": "murmur2_random"})
    for key in keys:
        client.produce(topic, key=key, on_delivery=lambda error, record: found.update({record.key().decode(): record.partition()}))
    assert client.flush(PATIENCE) == 0
    return found


def delete(topic):
    admin = AdminClient(common)
    each(admin.delete_topics([topic]))
    until = time.monotonic() + PATIENCE
    while topic in admin.list_topics(timeout=PATIENCE).topics:
        assert time.monotonic() < until, f"{topic} is not gone"
        time.sleep(0.02)


def grow(topic, partitions):
    admin = AdminClient(common)
    each(admin.create_partitions([NewPartitions(topic, partitions)]))
    until = time.monotonic() + PATIENCE
    while len(admin.list_topics(topic, PATIENCE).topics[topic].partitions) < partitions:
        assert time.monotonic() < until, f"{topic} does not grow"


def configure(topic, key, value):
    admin = AdminClient(common)
    each(admin.incremental_alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[
        ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)])]))


def describe(topic):
    admin = AdminClient(common)
    (future,) = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]).values()
    told = {name: entry.value for name, entry in future.result(PATIENCE).items()}
    return {"partitions": len(partitions(admin, topic)), "config": told}


what = {f.__name__: f for f in (create, read, ids, settled, abort, leave_open, ends, write, placed, delete, grow, configure, describe)}
print(json.dumps(what[request.pop("do")](**request)))
