-- Orders for wrk, each one new:  wrk -t 2 -c 64 -d 10s --latency -s examples/load/orders.lua http://127.0.0.1:8080
-- With COPIES=4 in the environment each is sent four times in a row, so that its copies meet on several connections.
-- wrk takes whatever comes for an answer: the count by status at the end is what there is to see of right and wrong.

local threads = {}
local copies = tonumber(os.getenv("COPIES") or "1")

local body = [[{"order_id":"%s","customer_id":"cus-7","currency":"USD",
"lines":[{"sku":"SKU-%04d","quantity":2,"unit_price":1999}],"payment_method":"pm_ok",
"ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"},"metadata":{"channel":"wrk"}}]]

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

-- What is asked for from outside has to be global.
function init(args)
  math.randomseed(os.time() * 31 + number)
  run = string.format("w-%x-%d-%06x", os.time(), number, math.random(0, 0xffffff))
  sent = 0
  answers = {}
end

function request()
  local order = math.floor(sent / copies)
  sent = sent + 1
  -- The copies of an order are the same bytes.
  local sku = order * 7919 % 1000 + 1
  local headers = { ["Content-Type"] = "application/json" }
  local token = os.getenv("COUNTERFOIL_TOKEN")
  if token then headers["Authorization"] = "Bearer " .. token end
  return wrk.format("POST", "/orders", headers, string.format(body, run .. "-" .. order, sku))
end

function response(status)
  local key = tostring(status)
  answers[key] = (answers[key] or 0) + 1
end

function done()
  local all = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("answers")) do all[status] = (all[status] or 0) + count end
  end
  for status, count in pairs(all) do print(string.format("  answers %s: %d", status, count)) end
end
