//! Which orders are sent: everything about order number n follows from the seed and n, but for its id, which is new in every run.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::mix::{Kind, Mix};
use crate::load::draws::Draws;
use crate::load::request::Lines;

/// In minor units.
const UNIT_PRICE: i64 = 1999;
/// Units of a line.
const QUANTITY: i64 = 2;
/// What no shop has of anything: the most that a line may ask for.
const BEYOND_ANY_STOCK: i64 = counterfoil_engine::limits::QUANTITY;

/// What order_ids look like to the indexes of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Ids {
    /// Each anywhere.
    Random,
    /// Each behind the one before.
    Time,
}

/// How often each SKU is bought.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// All as often.
    Even,
    /// The first one by every order.
    Hot,
    /// The n-th one 1 / n^s times as often as the first: how often each or an earlier one is, as shares of 1.
    Zipf(Vec<f64>),
}

impl Demand {
    /// By Zipf's law with exponent `s` over so many SKUs.
    #[must_use]
    pub fn zipf(s: f64, skus: u32) -> Self {
        let mut sum = 0.0;
        let mut shares: Vec<f64> = (1..=skus)
            .map(|rank| {
                sum += f64::from(rank).powf(-s);
                sum
            })
            .collect();
        shares.iter_mut().for_each(|share| *share /= sum);
        Self::Zipf(shares)
    }
}

/// Everything that decides which orders are sent.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Of all draws.
    pub seed: u64,
    /// In every id and key of this run, and of no other.
    pub run: Uuid,
    /// Kinds and their weights.
    pub mix: Mix,
    /// SKUs that are bought, `SKU-0001` to this one.
    pub skus: u32,
    /// How often each is.
    pub demand: Demand,
    /// Lines of an order.
    pub lines: Lines,
    /// What ids look like.
    pub ids: Ids,
    /// What pays for orders that are not to be declined.
    pub payment_method: String,
    /// The step that refuses [`Kind::StepRefused`].
    pub step: Option<String>,
    /// Copies of each are sent within this time of the first.
    pub spread: Duration,
}

/// One order as it is sent, and what to expect of it.
#[derive(Debug, Clone)]
pub struct Order {
    /// What it is to come to.
    pub kind: Kind,
    /// Its name.
    pub order_id: String,
    /// In minor units.
    pub amount: i64,
    /// Units by SKU, in the order of its lines.
    pub units: Vec<(String, i64)>,
    /// The request's body.
    pub body: String,
    draws: Draws,
    spread: Duration,
}

impl Order {
    /// When its copy `number` is sent, behind the first.
    pub fn delay(&mut self, number: usize) -> Duration {
        if number == 0 { Duration::ZERO } else { self.spread.mul_f64(self.draws.share()) }
    }
}

impl Recipe {
    /// Order `number`, counted from 0, of the kind that falls to it.
    #[must_use]
    pub fn order(&self, number: u64) -> Order {
        let mut draws = Draws::of(self.seed, number);
        let kind = self.mix.pick(draws.draw());
        self.order_of(kind, number, draws, None)
    }

    /// One order of a kind, before the load, of the last SKU, which is there if all are; its number is none of the load's.
    #[must_use]
    pub fn trial(&self, kind: Kind) -> Order {
        let (number, last) = (u64::MAX - kind as u64, self.skus - 1);
        let draws = Draws::of(self.seed, number);
        self.order_of(kind, number, draws, Some(last))
    }

    fn order_of(&self, kind: Kind, number: u64, mut draws: Draws, first: Option<u32>) -> Order {
        let order_id = self.order_id(number);
        let (units, lines): (Vec<_>, Vec<_>) = if kind == Kind::Short {
            let sku = sku(first.unwrap_or_else(|| self.first_sku(&mut draws)));
            let line = json!({ "sku": sku, "quantity": BEYOND_ANY_STOCK, "unit_price": 1 });
            (vec![(sku, BEYOND_ANY_STOCK)], vec![line])
        } else {
            let count = match self.lines {
                Lines::Fixed(lines) => lines,
                Lines::Invoices => Lines::of_invoice(draws.draw()),
            };
            let first = first.unwrap_or_else(|| self.first_sku(&mut draws));
            let line = |line: u32| {
                let sku = sku((first + line) % self.skus);
                let told = json!({ "sku": sku, "quantity": QUANTITY, "unit_price": UNIT_PRICE });
                ((sku, QUANTITY), told)
            };
            (0..u32::from(count).min(self.skus)).map(line).unzip()
        };
        let amount = if kind == Kind::Short { BEYOND_ANY_STOCK } else { units.len() as i64 * QUANTITY * UNIT_PRICE };
        let body = self.body(kind, &order_id, lines).to_string();
        Order { kind, order_id, amount, units, body, draws, spread: self.spread }
    }

    fn body(&self, kind: Kind, order_id: &str, lines: Vec<Value>) -> Value {
        let payment_method = if kind == Kind::Declined { "pm_declined" } else { &self.payment_method };
        let postal_code = if kind == Kind::CarrierFails { "SHIP-FAIL" } else { "1" };
        let mut metadata = json!({ "channel": "bench" });
        if let (Kind::StepRefused, Some(step)) = (kind, &self.step) {
            metadata[step] = json!("refused");
        }
        json!({
            "order_id": order_id, "customer_id": "cus-7", "currency": "USD", "lines": lines,
            "payment_method": payment_method, "capture": if kind.is_manual() { "manual" } else { "automatic" },
            "ship_to": { "name": "A", "line1": "1 Road", "city": "X", "postal_code": postal_code, "country": "US" },
            "metadata": metadata,
        })
    }

    /// Ids of one run share no more than their first letters with those of another.
    fn order_id(&self, number: u64) -> String {
        let run = self.run.as_u128() as u64;
        match self.ids {
            Ids::Random => format!("b-{:016x}{run:016x}", Draws::of(run, number).draw()),
            Ids::Time => format!("b-{run:016x}-{number:016x}"),
        }
    }

    /// The first of an order's SKUs, counted from 0.
    fn first_sku(&self, draws: &mut Draws) -> u32 {
        match &self.demand {
            Demand::Even => (draws.draw() % u64::from(self.skus)) as u32,
            Demand::Hot => 0,
            Demand::Zipf(shares) => {
                let draw = draws.share();
                (shares.partition_point(|share| *share <= draw) as u32).min(self.skus - 1)
            }
        }
    }
}

fn sku(number: u32) -> String {
    format!("SKU-{:04}", number + 1)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    pub(in crate::bench) fn recipe() -> Recipe {
        Recipe {
            seed: 7,
            run: Uuid::from_u128(5),
            mix: "ok=1,short=1,manual=1,declined=1".parse().expect("a mix"),
            skus: 10,
            demand: Demand::Even,
            lines: Lines::Fixed(3),
            ids: Ids::Random,
            payment_method: "pm_ok".to_owned(),
            step: None,
            spread: Duration::from_millis(20),
        }
    }

    #[test]
    fn a_seed_gives_the_same_orders_and_a_run_its_own_names() {
        let (one, other) = (recipe(), Recipe { run: Uuid::from_u128(6), ..recipe() });
        let mut ids = BTreeSet::new();
        for number in 0..500 {
            let (mine, theirs) = (one.order(number), other.order(number));
            assert_eq!(mine.body.replace(&mine.order_id, ""), theirs.body.replace(&theirs.order_id, ""));
            assert!(ids.insert(mine.order_id) && ids.insert(theirs.order_id));
        }
        assert_ne!(one.order(1).body, Recipe { seed: 8, ..recipe() }.order(1).body);
    }

    #[test]
    fn what_is_expected_is_what_is_sent() {
        for number in 0..500 {
            let mut order = recipe().order(number);
            let body: Value = serde_json::from_str(&order.body).expect("JSON");
            let lines = body["lines"].as_array().expect("lines");
            let sum: i64 =
                lines.iter().filter_map(|line| Some(line["quantity"].as_i64()? * line["unit_price"].as_i64()?)).sum();
            assert_eq!(sum, order.amount);
            let told: Vec<_> = lines.iter().filter_map(|line| line["sku"].as_str()).collect();
            assert_eq!(told, order.units.iter().map(|(sku, _)| sku.as_str()).collect::<Vec<_>>());
            assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "no SKU twice");
            assert!(order.delay(0).is_zero() && order.delay(1) <= Duration::from_millis(20));
        }
    }

    #[test]
    fn ids_in_order_of_time_are_and_others_are_not() {
        let in_order = |ids| (0..100).map(|number| Recipe { ids, ..recipe() }.order(number).order_id).is_sorted();
        assert!(in_order(Ids::Time) && !in_order(Ids::Random));
    }

    #[test]
    fn demand_is_as_it_is_called() {
        let firsts = |demand: Demand| {
            let recipe = Recipe { demand, ..recipe() };
            let mut counts = BTreeMap::new();
            for number in 0..20_000 {
                *counts.entry(recipe.order(number).units[0].0.clone()).or_insert(0_u32) += 1;
            }
            counts
        };
        assert_eq!(firsts(Demand::Hot).into_keys().collect::<Vec<_>>(), ["SKU-0001"]);
        assert!(firsts(Demand::Even).values().all(|count| (1_800..2_200).contains(count)));
        let zipf = firsts(Demand::zipf(1.0, 10));
        // 1 / (1 + 1/2 + ... + 1/10) is 0.341; the tenth has a tenth of that.
        assert!((6_500..7_150).contains(&zipf["SKU-0001"]) && (560..810).contains(&zipf["SKU-0010"]), "{zipf:?}");
    }

    #[test]
    fn real_invoices_have_the_lines_that_they_have() {
        let recipe = Recipe { lines: Lines::Invoices, skus: 1_000, mix: "ok=1".parse().expect("a mix"), ..recipe() };
        let lines: Vec<_> = (0..5_000).map(|number| recipe.order(number).units.len()).collect();
        let mean = lines.iter().sum::<usize>() / lines.len();
        assert!((26..36).contains(&mean) && lines.contains(&675) && lines.contains(&1), "{mean} lines");
    }
}
