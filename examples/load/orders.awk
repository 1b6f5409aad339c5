# Orders for oha, a line each, other ones each second:  seq 10000 | awk -f examples/load/orders.awk > orders.jsonl
# (srand() seeds with the seconds since 1970, and answers the seed before: the second one tells them.)

BEGIN { srand(); run = srand() }

{
  printf "{\"order_id\":\"o-%d-%d\",\"customer_id\":\"cus-7\",\"currency\":\"USD\",", run, $1
  printf "\"lines\":[{\"sku\":\"SKU-%04d\",\"quantity\":2,\"unit_price\":1999}],\"payment_method\":\"pm_ok\",", $1 % 1000 + 1
  printf "\"ship_to\":{\"name\":\"A\",\"line1\":\"1 Road\",\"city\":\"X\",\"postal_code\":\"1\",\"country\":\"US\"}}\n"
}
