//! What a call is sent as: its key and its body, both functions of the order as committed and of nothing else. A repeat,
//! by whichever instance and version, is the same call: a body that changed under its key would be refused, or worse.

use uuid::Uuid;

use crate::participants::contract::{
    Address, Capture, Charge, ContractRequest, Line, Refund, Reserve, Run, Ship, StepRef, Undo, UndoRun,
};
use crate::ports::Called;
use crate::saga::{Action, Call, CallKind, DeploymentId, Order};

/// The key of the call. Refunds that clients ask for bear an operation, since an order may have many of them; that of a step
/// of one's own is its name.
pub(super) fn step_key(deployment: DeploymentId, called: &Called) -> Uuid {
    let refund = called.refund.as_ref().map(crate::saga::Refund::operation);
    let own = || called.call.step(&called.order).map(|step| step.name.as_str().to_owned());
    let operation = refund.or_else(own).unwrap_or_default();
    deployment.step_key(&called.order.id, called.call.kind.as_str(), &operation)
}

/// The keys of the steps that may move an order's money, and the participant's names for them where they are known: the
/// charge; or the authorisation and its capture.
pub(super) fn payment_steps(deployment: DeploymentId, order: &Order) -> Vec<StepRef> {
    if order.request.is_manual() {
        let (authorization, capture) = (&order.payment.reference, &order.payment.capture_reference);
        return vec![
            step(deployment, order, Action::Authorize, authorization.as_deref()),
            step(deployment, order, Action::Capture, capture.as_deref()),
        ];
    }
    vec![step(deployment, order, Action::Charge, order.payment.reference.as_deref())]
}

/// The `run` of the step of one's own that a call is about.
fn run(deployment: DeploymentId, called: &Called) -> Option<StepRef> {
    let own = called.order.own.as_ref()?;
    let state = own.states.get(usize::from(called.call.own?))?;
    let ran = Called {
        order: called.order.clone(),
        call: Call { kind: CallKind::Act(Action::Run), ..called.call },
        refund: None,
    };
    Some(StepRef { key: step_key(deployment, &ran), reference: state.reference.as_deref().map(str::to_owned) })
}

fn step(deployment: DeploymentId, order: &Order, action: Action, reference: Option<&str>) -> StepRef {
    StepRef { key: deployment.step_key(&order.id, action.as_str(), ""), reference: reference.map(str::to_owned) }
}

/// The body of the call; `None` for a look-up, which has none.
pub(super) fn of(deployment: DeploymentId, called: &Called) -> Option<ContractRequest> {
    let order = &*called.order;
    let order_id = order.id.to_string();
    let named = |action, reference: Option<&str>| step(deployment, order, action, reference);
    Some(match called.call.action()? {
        Action::Reserve => ContractRequest::Reserve(Reserve { order_id, lines: lines(order) }),
        Action::Release => {
            let undoes = vec![named(Action::Reserve, order.reservation.as_deref())];
            ContractRequest::Release(Undo { order_id, undoes })
        }
        Action::Charge => ContractRequest::Charge(charge(order)),
        Action::Authorize => ContractRequest::Authorize(charge(order)),
        Action::Capture => ContractRequest::Capture(Capture {
            order_id,
            amount: order.payment.amount.0,
            currency: order.request.currency.as_str().to_owned(),
            authorization: named(Action::Authorize, order.payment.reference.as_deref()),
        }),
        // Whatever became of the payment: the capture is named even where none was sent from here, since another
        // instance's may be on its way.
        Action::Void => ContractRequest::Void(Undo { order_id, undoes: payment_steps(deployment, order) }),
        Action::Refund => ContractRequest::Refund(Refund {
            order_id,
            // The last of the steps is the one that moved the money.
            undoes: payment_steps(deployment, order).split_off(usize::from(order.request.is_manual())),
            amount: called.refund.as_ref().map_or(order.payment.captured, |refund| refund.amount).0,
            currency: order.request.currency.as_str().to_owned(),
        }),
        Action::Ship => ContractRequest::Ship(Ship { order_id, lines: lines(order), ship_to: address(order) }),
        Action::CancelShipment => {
            let undoes = vec![named(Action::Ship, order.shipment.reference.as_deref())];
            ContractRequest::CancelShipment(Undo { order_id, undoes })
        }
        Action::Run => ContractRequest::Run(Box::new(Run {
            order_id,
            step: called.call.step(order)?.name.to_string(),
            customer_id: order.request.customer_id.to_string(),
            amount: order.amount.0,
            currency: order.request.currency.as_str().to_owned(),
            lines: lines(order),
            ship_to: address(order),
            metadata: order.request.details.metadata.clone(),
        })),
        Action::Undo => {
            let step = called.call.step(order)?.name.to_string();
            ContractRequest::Undo(UndoRun { order_id, step, undoes: vec![run(deployment, called)?] })
        }
    })
}

/// The whole amount of the order: what a smaller capture is about is said by the capture.
fn charge(order: &Order) -> Charge {
    Charge {
        order_id: order.id.to_string(),
        customer_id: order.request.customer_id.to_string(),
        amount: order.amount.0,
        currency: order.request.currency.as_str().to_owned(),
        payment_method: order.request.details.payment_method.to_string(),
    }
}

/// The order's lines as its client sent them: two with one SKU stay two, so that none exceeds the bound of a line.
fn lines(order: &Order) -> Vec<Line> {
    order.request.lines.iter().map(|line| Line { sku: line.sku.to_string(), quantity: line.quantity }).collect()
}

fn address(order: &Order) -> Address {
    let to = &order.request.details.ship_to;
    let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    Address {
        name: to.name.to_string(),
        line1: to.line1.to_string(),
        line2: text(&to.line2),
        city: to.city.to_string(),
        postal_code: to.postal_code.to_string(),
        region: text(&to.region),
        country: to.country.to_string(),
        email: text(&to.email),
        phone: text(&to.phone),
    }
}
