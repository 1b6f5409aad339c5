/**
 * Units sold by SKU, from the webhooks that Counterfoil posts: exact, however often they come and whenever this dies.
 *
 *     npm install standardwebhooks typescript@5 @types/node && npx tsc --target es2022 --module nodenext --types node sales.ts
 *     SECRET=whsec_... node sales.js 8080 sales.jsonl
 *     curl http://127.0.0.1:8080/sales
 *
 * What makes it exact:
 *
 * - What is not signed with the secret, or is old, is refused before it is read.
 * - A webhook is answered once what it says is on the disk: one that was not answered comes again.
 * - What is known already is answered and not counted: a webhook comes again where an answer was lost.
 * - An order counts once it was both created and completed, in whichever order that is heard: one that was set aside, and is
 *   sent again by an operator, comes after later ones.
 * - After a restore or a promotion (a later epoch) sequences may be told again, of another history: what an earlier one said
 *   from there on is taken back.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** A CloudEvent, as far as this reads it. */
interface Event {
  type: string;
  subject: string;
  sequence: string;
  epoch: number;
  data: { lines?: { sku: string; quantity: number }[] };
}

/** What is heard of one order. */
interface Order {
  /** By sequence: the epoch in which it was told. */
  heard: Map<number, number>;
  units?: Map<string, number>;
  /** The sequence at which it was completed. */
  completed?: number;
}

const orders = new Map<string, Order>();
const sales = new Map<string, number>();

function count(order: Order, sign: 1 | -1): void {
  for (const [sku, units] of order.units ?? []) sales.set(sku, (sales.get(sku) ?? 0) + sign * units);
}

function isSold(order: Order): boolean {
  return order.units !== undefined && order.completed !== undefined;
}

/** Whether it says anything that is not known. */
function isNew(event: Event): boolean {
  const order = orders.get(event.subject);
  if (order === undefined) return true;
  // Of a history that is over from there on.
  for (const [sequence, epoch] of order.heard) {
    if (sequence <= Number(event.sequence) && epoch > event.epoch) return false;
  }
  const epoch = order.heard.get(Number(event.sequence));
  return epoch === undefined || epoch < event.epoch;
}

function take(event: Event): void {
  const [sequence, epoch] = [Number(event.sequence), event.epoch];
  const order = orders.get(event.subject) ?? { heard: new Map<number, number>() };
  orders.set(event.subject, order);
  if (isSold(order)) count(order, -1);
  for (const [heard, before] of order.heard) {
    if (heard >= sequence && before < epoch) {
      order.heard.delete(heard);
      if (order.completed === heard) order.completed = undefined;
    }
  }
  order.heard.set(sequence, epoch);
  if (event.type === 'counterfoil.order.created') {
    order.units = new Map();
    for (const line of event.data.lines ?? []) order.units.set(line.sku, (order.units.get(line.sku) ?? 0) + line.quantity);
  } else if (event.type === 'counterfoil.order.completed') {
    order.completed = sequence;
  }
  if (isSold(order)) count(order, 1);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > 4 << 20) throw new Error('too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const [port, journal] = [Number(process.argv[2]), process.argv[3]];
const secret = process.env.SECRET;
if (!port || !journal || !secret) {
  console.error('SECRET=whsec_... node sales.js PORT JOURNAL');
  process.exit(2);
}
const webhook = new Webhook(secret);

// What was taken before. A last line that was not written to its end was not answered.
if (existsSync(journal)) {
  const text = readFileSync(journal);
  const whole = text.lastIndexOf(10) + 1;
  truncateSync(journal, whole);
  for (const line of text.subarray(0, whole).toString('utf8').split('\n')) if (line) take(JSON.parse(line) as Event);
}
const file = openSync(journal, 'a');

createServer(async (request, response) => {
  const answer = (status: number, text: string): void => void response.writeHead(status).end(text);
  try {
    if (request.method === 'GET') {
      const sold = [...orders.values()].filter(isSold).length;
      return answer(200, JSON.stringify([Object.fromEntries(sales), sold]));
    }
    const body = await bodyOf(request);
    let event: Event;
    try {
      event = webhook.verify(body, request.headers as Record<string, string>) as Event;
    } catch {
      return answer(401, 'not signed by whom this listens to');
    }
    if (event.type.startsWith('counterfoil.order.') && isNew(event)) {
      const { type, subject, sequence, epoch, data } = event;
      // One write, one line; nobody else writes.
      writeSync(file, JSON.stringify({ type, subject, sequence, epoch, data: { lines: data.lines } }) + '\n');
      fsyncSync(file);
      take(event);
    }
    return answer(204, '');
  } catch (error) {
    // It comes again.
    return answer(500, String(error));
  }
}).listen(port, '127.0.0.1', () => console.log(`listening on ${port}`));

process.on('SIGTERM', () => {
  closeSync(file);
  process.exit(0);
});
