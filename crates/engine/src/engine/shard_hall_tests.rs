//! A shard in its hall: it is told what happens, and what it does then is read out, a line each. What its orders' actors say is said
//! by each test.

use super::*;

pub(super) const SETTINGS: ShardSettings =
    ShardSettings { residents: 2, passivate_after: Duration::from_secs(60), max_deaths: 3 };

pub(super) const NANOSECOND: Duration = Duration::from_nanos(1);
pub(super) const NOTHING: [&str; 0] = [];

pub(super) fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The request that places an order.
pub(super) fn place(id: &str) -> Arc<Ask> {
    let Ask::Submit(prepared) = &*submission() else { panic!("a submission") };
    let submission = Submission {
        client: prepared.client.clone(),
        order_id: Some(OrderId::trusted(id)),
        key: None,
        request: Arc::clone(&prepared.request),
    };
    Arc::new(Ask::Submit(Prepared::new(submission).expect("an order_id")))
}

/// A cancel of an order by this client, under this key.
pub(super) fn cancel(id: &str, client: &str, key: &str) -> Arc<Ask> {
    Arc::new(Ask::Verb(PreparedVerb::new(VerbCall {
        order_id: OrderId::trusted(id),
        by: Client::trusted(client),
        standing: Standing::Client,
        key: Some(IdempotencyKey::trusted(key)),
        version: None,
        reason: "".into(),
        request: VerbRequest::Cancel,
    })))
}

/// The engine's own wish to go on with an order.
pub(super) fn wake(id: &str) -> Arc<Ask> {
    let (order_id, zero) = (OrderId::trusted(id), Duration::ZERO);
    let claimed =
        Claimed { order_id, attempts: 0, intent_age: zero, expired: false, look: false, late: zero, counted: true };
    Arc::new(Ask::Wake(claimed, Instant::now()))
}

/// Where an order stands that is under way.
pub(super) fn runs(replayed: bool) -> Reply {
    let Reply::Running { order_id, state, version, amount, currency, .. } = running() else { panic!("it runs") };
    Reply::Running { order_id, state, version, amount, currency, replayed }
}

/// Its end.
pub(super) fn end(replayed: bool) -> Reply {
    let answer = Arc::new(Answer { status: 201, body: String::new() });
    Reply::Final { order_id: OrderId::trusted(ID), answer, replayed }
}

pub(super) struct Hall {
    pub(super) shard: ShardCore<u32>,
    pub(super) now: Instant,
}

impl Hall {
    pub(super) fn new() -> Self {
        Self::with(SETTINGS)
    }

    pub(super) fn with(settings: ShardSettings) -> Self {
        Self { shard: ShardCore::new(settings), now: Instant::now() + s(1_000_000) }
    }

    pub(super) fn tell(&mut self, input: Input<u32>) -> Vec<String> {
        let mut out = Vec::new();
        self.shard.step(input, self.now, &mut out);
        self.lines(out)
    }

    fn lines(&self, out: Vec<Output<u32>>) -> Vec<String> {
        let as_is = |is_so: bool, word: &str| if is_so { format!(", {word}") } else { String::new() };
        let line = |output: Output<u32>| match output {
            Output::Start { id, generation, rehydrate } => {
                format!("start {id} #{generation}{}", as_is(rehydrate, "rehydrated"))
            }
            Output::Deliver { id, generation, ask, reload } => {
                let word = match &*ask {
                    Ask::Submit(_) => "place".to_owned(),
                    Ask::Verb(verb) => format!("cancel {}", verb.call.key.as_ref().expect("a key")),
                    Ask::Wake(..) => "wake".to_owned(),
                };
                assert_eq!(*ask.id(), id);
                format!("{word} {id} #{generation}{}", as_is(reload, "reload"))
            }
            Output::Stop { id } => format!("stop {id}"),
            Output::Reply { waiter, verdict } => match verdict {
                Ok(Reply::Running { replayed, .. }) => format!("{waiter}: runs{}", as_is(replayed, "again")),
                Ok(Reply::Final { replayed, .. }) => format!("{waiter}: end{}", as_is(replayed, "again")),
                Err(error) => format!("{waiter}: {error}"),
            },
            Output::Quarantine { id, deaths } => format!("quarantine {id} after {deaths}"),
            Output::WakeAt(at) => format!("wake in {:?}", at - self.now),
        };
        out.into_iter().map(line).collect()
    }

    /// Asks for somebody who waits so long for an end, from now on.
    pub(super) fn ask(&mut self, ask: &Arc<Ask>, waiter: u32, patience: Duration) -> Vec<String> {
        let until = self.now + patience;
        self.tell(Input::Ask { ask: Arc::clone(ask), waiter: Some(waiter), until })
    }

    /// Asks for the engine itself.
    pub(super) fn wish(&mut self, ask: &Arc<Ask>) -> Vec<String> {
        self.tell(Input::Ask { ask: Arc::clone(ask), waiter: None, until: self.now })
    }

    /// The order's latest actor.
    pub(super) fn generation(&self, id: &str) -> u64 {
        self.slot(id).generation
    }

    pub(super) fn slot(&self, id: &str) -> &Slot<u32> {
        self.shard.slots.get(&OrderId::trusted(id)).expect("it is known")
    }

    pub(super) fn slot_mut(&mut self, id: &str) -> &mut Slot<u32> {
        self.shard.slots.get_mut(&OrderId::trusted(id)).expect("it is known")
    }

    /// Its actor finished its command.
    pub(super) fn answers(&mut self, id: &str, verdict: SubmitResult, driving: bool) -> Vec<String> {
        let generation = self.generation(id);
        self.tell(Input::Answered { id: OrderId::trusted(id), generation, verdict, driving })
    }

    /// Its actor moved it by itself.
    pub(super) fn moves(&mut self, id: &str, reply: Option<Reply>, resting: bool) -> Vec<String> {
        let generation = self.generation(id);
        self.tell(Input::Moved { id: OrderId::trusted(id), generation, reply, resting })
    }

    /// Its actor dies.
    pub(super) fn dies(&mut self, id: &str) -> Vec<String> {
        let generation = self.generation(id);
        self.tell(Input::Died { id: OrderId::trusted(id), generation, cause: RestartCause::Panic })
    }

    pub(super) fn forget(&mut self, gone: impl Fn(&u32) -> bool) -> Vec<String> {
        let mut out = Vec::new();
        self.shard.forget(gone, self.now, &mut out);
        self.lines(out)
    }

    /// Orders in memory, those with an actor, with a command in hand, and in quarantine.
    pub(super) fn counts(&self) -> (usize, usize, usize, usize) {
        let shard = &self.shard;
        (shard.orders(), shard.actors(), shard.busy(), shard.quarantined())
    }

    /// Somebody who waits so long for the end of an order that is under way: driven here, or elsewhere.
    pub(super) fn waits(&mut self, id: &str, waiter: u32, patience: Duration, driving: bool) {
        self.ask(&place(id), waiter, patience);
        assert_eq!(self.answers(id, Ok(runs(false)), driving), NOTHING);
    }
}
