// Orders for k6, 200 a second, each sent twice at once:  k6 run examples/load/orders.js
// -e RATE=, SECONDS= and TARGET= say otherwise; COUNTERFOIL_TOKEN is sent where it is set.
import http from "k6/http";
import { check } from "k6";

const target = __ENV.TARGET || "http://127.0.0.1:8080";
const run = `k-${Date.now().toString(36)}`;

export const options = {
  scenarios: {
    orders: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE || 200),
      timeUnit: "1s",
      duration: `${__ENV.SECONDS || 10}s`,
      preAllocatedVUs: 64,
    },
  },
  thresholds: { checks: ["rate==1"] },
};

export default function () {
  const order_id = `${run}-${__VU}-${__ITER}`;
  const sku = `SKU-${String(((__VU * 7919 + __ITER) % 1000) + 1).padStart(4, "0")}`;
  const order = {
    order_id,
    customer_id: "cus-7",
    currency: "USD",
    lines: [{ sku, quantity: 2, unit_price: 1999 }],
    payment_method: "pm_ok",
    ship_to: { name: "A", line1: "1 Road", city: "X", postal_code: "1", country: "US" },
    metadata: { channel: "k6" },
  };
  const headers = { "Content-Type": "application/json" };
  if (__ENV.COUNTERFOIL_TOKEN) headers.Authorization = `Bearer ${__ENV.COUNTERFOIL_TOKEN}`;
  const request = ["POST", `${target}/orders`, JSON.stringify(order), { headers }];
  const [one, other] = http.batch([request, request]);
  check(one, {
    "201, completed, over its amount": (answer) =>
      answer.status === 201 && answer.json("state") === "COMPLETED" && answer.json("amount") === 3998,
  });
  check(other, { "the same bytes": (answer) => answer.status === one.status && answer.body === one.body });
}
