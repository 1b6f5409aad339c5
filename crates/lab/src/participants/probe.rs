//! What the conformance checks call a participant with: keys and orders of their own, so that a check can be run
//! against a participant that is in use, and repeats where an answer leaves the outcome unknown, as the engine does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use uuid::Uuid;

use counterfoil_engine::client::{Client, encode_segment, error_chain};
use counterfoil_engine::participants::contract::{
    Address, Capture, Charge, ContractAction, ContractAnswer, ContractRequest, Done, IDEMPOTENCY_KEY, Line, Operation,
    OperationOutcome, Operations, Refund, Refusal, Reserve, Run, Ship, StepRef, Undo, UndoRun,
};

/// How long a step may stay without an outcome.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);
/// The pause before a call is repeated whose outcome is unknown or pending.
const PAUSE: Duration = Duration::from_millis(100);

/// The currency of the money that the checks move.
const CURRENCY: &str = "USD";

/// What a check says of a participant that fails it.
pub type Checked<T = ()> = Result<T, String>;

/// What the participant under test takes.
#[derive(Debug, Clone)]
pub struct Samples {
    /// A payment method that is accepted.
    pub payment_method: String,
    /// One that is declined.
    pub declined_method: String,
    /// A SKU of which there is some stock.
    pub sku: String,
    /// A postal code that is served.
    pub postal_code: String,
    /// One that is not.
    pub refused_postal_code: String,
    /// A step of a shop's own that is done there.
    pub step: String,
}

/// An answer with its bytes.
#[derive(Debug, Clone)]
pub struct Probed {
    /// The HTTP status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: Bytes,
    /// What it means.
    pub answer: ContractAnswer,
}

impl Probed {
    /// Status and body, for messages to people.
    pub fn shown(&self) -> String {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(120).collect();
        format!("{} {body}", self.status)
    }

    /// That it is done.
    pub fn done(&self) -> Checked<Done> {
        match &self.answer {
            ContractAnswer::Done(done) => Ok(done.clone()),
            _ => Err(format!("expected 2xx with a reference, got {}", self.shown())),
        }
    }

    /// That it is done, and found what it undoes.
    pub fn undone(&self) -> Checked<Done> {
        let done = self.done()?;
        if done.tombstone { Err(format!("expected an undo, got a tombstone: {}", self.shown())) } else { Ok(done) }
    }

    /// That it only left a tombstone.
    pub fn tombstone(&self) -> Checked {
        let done = self.done()?;
        if done.tombstone { Ok(()) } else { Err(format!("expected \"tombstone\": true, got {}", self.shown())) }
    }

    /// That it is refused.
    pub fn refused(&self) -> Checked<Refusal> {
        match &self.answer {
            ContractAnswer::Refused { refusal, .. } => Ok(refusal.clone()),
            _ => Err(format!("expected 402, 409 or 422 with a reason, got {}", self.shown())),
        }
    }

    /// That it is refused for its tombstone.
    pub fn tombstoned(&self) -> Checked {
        match &self.answer {
            ContractAnswer::Refused { status: 409, refusal } if refusal.reason == "tombstoned" => Ok(()),
            _ => Err(format!("expected 409 with the reason \"tombstoned\", got {}", self.shown())),
        }
    }

    /// That it says the same as an earlier answer.
    pub fn same_as(&self, first: &Self) -> Checked {
        let same = match (&self.answer, &first.answer) {
            // 200 and 201 mean the same; what they mean has to be the same.
            (ContractAnswer::Done(now), ContractAnswer::Done(then)) => now == then,
            (now, then) => now == then,
        };
        if same { Ok(()) } else { Err(format!("first {}, then {}", first.shown(), self.shown())) }
    }
}

/// Whether what is told is not what was asked; what must be told and is not differs too.
fn differs<T: PartialEq>(told: &Option<T>, asked: &Option<T>, must: bool) -> bool {
    asked.is_some() && (told.is_some() || must) && told != asked
}

/// A participant, and an order of our own with it.
#[derive(Debug, Clone)]
pub struct Probe {
    client: Client,
    /// What it takes.
    pub samples: Samples,
    /// The order that all of its requests are about.
    pub order_id: String,
}

impl Probe {
    /// With a fresh order.
    pub fn new(client: Client, samples: Samples) -> Self {
        Self { client, samples, order_id: format!("check-{}", Uuid::new_v4().simple()) }
    }

    /// Sends a call once.
    pub async fn once(&self, key: Uuid, request: &ContractRequest) -> Checked<Probed> {
        let (path, key) = (format!("/{}", request.action()), key.to_string());
        let headers = [(IDEMPOTENCY_KEY, key.as_str())];
        let sent = self.client.request(Method::POST, &path, &headers, Some(Bytes::from(request.body()))).await;
        let told = sent.map_err(|error| error_chain(&error))?;
        Ok(Probed { status: told.status, answer: ContractAnswer::read(told.status, &told.body), body: told.body })
    }

    /// Sends a call until it has an outcome.
    pub async fn call(&self, key: Uuid, request: &ContractRequest) -> Checked<Probed> {
        let deadline = Instant::now() + SETTLED_WITHIN;
        loop {
            let told = self.once(key, request).await;
            match &told {
                Ok(Probed { answer: ContractAnswer::Done(_) | ContractAnswer::Refused { .. }, .. }) => return told,
                // A wrong request stays wrong.
                Ok(told) if matches!(told.status, 400 | 404 | 405 | 413 | 415) => {
                    return Err(format!("{} was not understood: {}", request.action(), told.shown()));
                }
                Ok(told) if Instant::now() > deadline => {
                    return Err(format!("{} has no outcome: {}", request.action(), told.shown()));
                }
                Err(_) if Instant::now() > deadline => return told,
                Ok(_) | Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// What took effect, tombstones left out: action, amount.
    pub async fn effects(&self) -> Checked<Vec<(ContractAction, Option<i64>)>> {
        let operations = self.operations().await?;
        let took_effect = |operation: &&Operation| operation.outcome == OperationOutcome::Done && !operation.tombstone;
        Ok(operations.iter().filter(took_effect).map(|operation| (operation.action, operation.amount)).collect())
    }

    /// That these took effect and nothing else, in this order. Amounts are compared where they are named.
    pub async fn expect_effects(&self, expected: &[(ContractAction, Option<i64>)]) -> Checked {
        let found = self.effects().await?;
        let same = found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(found, expected)| found.0 == expected.0 && (expected.1.is_none() || found.1 == expected.1));
        let shown = |effects: &[(ContractAction, Option<i64>)]| {
            let named = effects.iter().map(|(action, amount)| match amount {
                Some(amount) => format!("{action} {amount}"),
                None => action.to_string(),
            });
            format!("[{}]", named.collect::<Vec<_>>().join(", "))
        };
        if same { Ok(()) } else { Err(format!("operations should be {}, are {}", shown(expected), shown(&found))) }
    }

    /// That these steps are listed as what they were sent as: each with its order, money with amount and currency. Who pays
    /// and which goods may be left out, but not be others.
    pub async fn expect_told(&self, steps: &[(Uuid, ContractRequest)]) -> Checked {
        for (key, request) in steps {
            let told = self.call(*key, request).await?;
            if let ContractAnswer::Done(done) = &told.answer {
                let wrong = differs(&done.order_id.as_deref(), &Some(request.order_id()), false)
                    || differs(&done.amount, &request.amount(), false)
                    || differs(&done.currency.as_deref(), &request.currency(), false)
                    || differs(&done.customer_id.as_deref(), &request.customer_id(), false);
                if wrong {
                    return Err(format!(
                        "the answer to {} tells of something else: {}",
                        request.action(),
                        told.shown()
                    ));
                }
            }
        }
        let operations = self.operations().await?;
        for (key, request) in steps {
            let action = request.action();
            let Some(told) = operations.iter().find(|operation| operation.key == *key) else {
                return Err(format!("{action} is not listed under its key"));
            };
            let lines = request.lines().unwrap_or_default();
            for (field, wrong) in [
                ("action", told.action != action),
                ("order_id", differs(&told.order_id.as_deref(), &Some(request.order_id()), true)),
                ("amount", differs(&told.amount, &request.amount(), true)),
                ("currency", differs(&told.currency.as_deref(), &request.currency(), true)),
                ("customer_id", differs(&told.customer_id.as_deref(), &request.customer_id(), false)),
                ("lines", !told.lines.is_empty() && told.lines != lines),
            ] {
                if wrong {
                    return Err(format!("{action} is listed without its own {field}: {told:?}"));
                }
            }
        }
        Ok(())
    }

    /// What the participant lists for the order.
    pub async fn operations(&self) -> Checked<Vec<Operation>> {
        let path = format!("/operations/{}", encode_segment(&self.order_id));
        let told = self.client.get(&path).await.map_err(|error| error_chain(&error))?;
        if told.status != 200 {
            return Err(format!("GET {path} answered {}", told.status));
        }
        let operations: Operations = told.json().map_err(|error| format!("GET {path}: {error}"))?;
        if operations.order_id != self.order_id {
            return Err(format!("GET {path} answered for the order {:?}", operations.order_id));
        }
        Ok(operations.operations)
    }

    /// A charge of so many minor units.
    pub fn charge(&self, amount: i64) -> ContractRequest {
        ContractRequest::Charge(self.money(amount, &self.samples.payment_method))
    }

    /// A charge that is declined.
    pub fn declined(&self, amount: i64) -> ContractRequest {
        ContractRequest::Charge(self.money(amount, &self.samples.declined_method))
    }

    /// An authorisation of so many minor units.
    pub fn authorize(&self, amount: i64) -> ContractRequest {
        ContractRequest::Authorize(self.money(amount, &self.samples.payment_method))
    }

    fn money(&self, amount: i64, payment_method: &str) -> Charge {
        Charge {
            order_id: self.order_id.clone(),
            customer_id: "check".to_owned(),
            amount,
            currency: CURRENCY.to_owned(),
            payment_method: payment_method.to_owned(),
        }
    }

    /// A capture of so many minor units of what was held under this key.
    pub fn capture(&self, amount: i64, authorization: Uuid) -> ContractRequest {
        let authorization = StepRef { key: authorization, reference: None };
        let (order_id, currency) = (self.order_id.clone(), CURRENCY.to_owned());
        ContractRequest::Capture(Capture { order_id, amount, currency, authorization })
    }

    /// A refund of so many minor units of what moved under this key.
    pub fn refund(&self, amount: i64, undoes: Uuid) -> ContractRequest {
        let Undo { order_id, undoes } = self.undo(&[undoes]);
        ContractRequest::Refund(Refund { order_id, undoes, amount, currency: CURRENCY.to_owned() })
    }

    /// A void of these keys.
    pub fn void(&self, undoes: &[Uuid]) -> ContractRequest {
        ContractRequest::Void(self.undo(undoes))
    }

    /// A release of what was reserved under this key.
    pub fn release(&self, undoes: Uuid) -> ContractRequest {
        ContractRequest::Release(self.undo(&[undoes]))
    }

    /// A shipment's cancellation.
    pub fn cancel(&self, undoes: Uuid) -> ContractRequest {
        ContractRequest::CancelShipment(self.undo(&[undoes]))
    }

    fn undo(&self, undoes: &[Uuid]) -> Undo {
        let undoes = undoes.iter().map(|key| StepRef { key: *key, reference: None }).collect();
        Undo { order_id: self.order_id.clone(), undoes }
    }

    /// A reservation of so many units of the sample SKU.
    pub fn reserve(&self, quantity: i64) -> ContractRequest {
        ContractRequest::Reserve(Reserve { order_id: self.order_id.clone(), lines: self.lines(quantity) })
    }

    fn lines(&self, quantity: i64) -> Vec<Line> {
        vec![Line { sku: self.samples.sku.clone(), quantity }]
    }

    /// A shipment of one unit.
    pub fn ship(&self) -> ContractRequest {
        self.ship_to(&self.samples.postal_code, 1)
    }

    /// A shipment of so many units.
    pub fn ship_of(&self, quantity: i64) -> ContractRequest {
        self.ship_to(&self.samples.postal_code, quantity)
    }

    /// A shipment that is refused.
    pub fn ship_refused(&self) -> ContractRequest {
        self.ship_to(&self.samples.refused_postal_code, 1)
    }

    /// A step of a shop's own, of an order that costs so much.
    pub fn run(&self, amount: i64) -> ContractRequest {
        ContractRequest::Run(Box::new(Run {
            order_id: self.order_id.clone(),
            step: self.samples.step.clone(),
            customer_id: "check".into(),
            amount,
            currency: "USD".into(),
            lines: self.lines(1),
            ship_to: address(&self.samples.postal_code),
            metadata: BTreeMap::new(),
        }))
    }

    /// The undo of one.
    pub fn undo_run(&self, undoes: Uuid) -> ContractRequest {
        let Undo { order_id, undoes } = self.undo(&[undoes]);
        ContractRequest::Undo(UndoRun { order_id, step: self.samples.step.clone(), undoes })
    }

    fn ship_to(&self, postal_code: &str, quantity: i64) -> ContractRequest {
        let ship_to = address(postal_code);
        ContractRequest::Ship(Ship { order_id: self.order_id.clone(), lines: self.lines(quantity), ship_to })
    }
}

fn address(postal_code: &str) -> Address {
    let text = str::to_owned;
    Address {
        name: text("Check"),
        line1: text("1 Road"),
        line2: None,
        city: text("Town"),
        postal_code: text(postal_code),
        region: None,
        country: text("US"),
        email: None,
        phone: None,
    }
}
