"""What tests do to NATS by another client than the sink's. python -c THIS URL REQUEST; request and answer are JSON."""

import asyncio
import json
import sys

import nats

url, request = sys.argv[1], json.loads(sys.argv[2])
PATIENCE = 30


async def js(subject, payload=None):
    """A question to JetStream, by its own name."""
    client = await nats.connect(url, connect_timeout=PATIENCE)
    answer = json.loads((await client.request(f"$JS.API.{subject}", json.dumps(payload or {}).encode(), timeout=PATIENCE)).data)
    await client.close()
    assert "error" not in answer, answer
    return answer


async def read(stream, subject):
    """Everything that is there, as a consumer gets it."""
    client = await nats.connect(url, connect_timeout=PATIENCE)
    jetstream = client.jetstream(timeout=PATIENCE)
    left = (await jetstream.stream_info(stream)).state.messages
    seen = []
    if left:
        subscription = await jetstream.pull_subscribe(subject, stream=stream)
        while left > 0:
            for message in await subscription.fetch(min(500, left), timeout=PATIENCE):
                await message.ack()
                left -= 1
                if message.subject.endswith(".mark"):
                    continue  # it has no event
                seen.append({
                    "sequence": message.metadata.sequence.stream,
                    "subject": message.subject,
                    "headers": dict(message.headers or {}),
                    "value": json.loads(message.data),
                })
        await subscription.unsubscribe()
    await client.close()
    return seen


async def publish(subject, headers, value):
    client = await nats.connect(url, connect_timeout=PATIENCE)
    ack = await client.jetstream(timeout=PATIENCE).publish(subject, json.dumps(value).encode(), headers=headers or None)
    await client.close()
    return ack.seq


what = {f.__name__: f for f in (js, read, publish)}
print(json.dumps(asyncio.run(what[request.pop("do")](**request))))
