//! The line between one client and whoever is the owner. Owners may come and go: what one of them did not answer is answered
//! with an error, the client's handshake and subscriptions are said again to the next, and the client notices nothing else.
//!
//! One thread looks for the owner and hears it (`run`), one hears the client (`say`), and a short one says to a new owner what
//! waited (`catch_up`). Whoever writes to a slow reader waits there, which is the back-pressure.

mod search;

use crate::connect::Connected;
use crate::frames::{self, Frame, FrameReader};
use crate::handshake::{Introduction, Refusal};
use crate::last_words::{fate_of, Fate};
use crate::ledger::Ledger;
use crate::limits;
use crate::output::{complain, Output};
use crate::paths::Paths;
use crate::start_owner::StartedOwners;
use crate::system::{Bell, Stream};
use std::process::exit;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

const RETRY: Duration = Duration::from_millis(50);
const ABSENT_RETRY: Duration = Duration::from_secs(5);

const NOT_RUNNING: &str = "Gangway is not running. Open Gangway, then try again.";
const STOPPED: &str = "Gangway stopped while this request was running. It may or may not have been carried out. Check before trying again.";

pub struct Link {
    pub paths: Paths,
    pub who: Introduction,
    pub bell: Bell,
    pub output: Output,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ledger: Ledger,
    stream: Option<Arc<Stream>>,
    /// Lines may go straight to the owner; false while older ones must go first.
    live: bool,
    searching: bool,
    /// The client said something while nobody was looking for an owner.
    wished: bool,
    /// The remembered line that the owner has not answered yet.
    replaying: Option<u32>,
    /// It is known whether there is an owner.
    tried: bool,
    had_owner: bool,
    owners: StartedOwners,
    last_start: Option<Instant>,
    /// Lines that are being written to the client.
    writing: usize,
    /// Somebody waits at the bell for everything to be done.
    awaited: bool,
    /// What the owner still says does not matter any more.
    leaving: bool,
}

impl State {
    fn is_at(&self, stream: &Arc<Stream>) -> bool {
        self.stream.as_ref().map_or(false, |present| Arc::ptr_eq(present, stream))
    }
}

impl Link {
    pub fn new(paths: Paths, who: Introduction, bell: Bell) -> Link {
        let state = State { searching: true, ..State::default() };
        Link {
            paths,
            who,
            bell,
            output: Output::default(),
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panics ends the process, so nobody ever finds a lock poisoned.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn pause<'a>(&self, state: MutexGuard<'a, State>, longest: Duration) -> MutexGuard<'a, State> {
        match self.changed.wait_timeout(state, longest) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    /// Takes one line of the client; returns when more should come.
    pub fn say(&self, line: Vec<u8>) {
        let line = Arc::new(line);
        let mut state = self.lock();
        let seq = state.ledger.add(line.clone());
        if let (true, Some(stream)) = (state.live, state.stream.clone()) {
            state.ledger.mark(seq, true);
            drop(state);
            let _ = frames::send(&*stream, seq, 0, &line);
            return;
        }
        drop(line);
        if !state.searching && state.stream.is_none() {
            state.wished = true;
            self.changed.notify_all();
        }
        while state.ledger.unsent_bytes() >= limits::CLIENT_QUEUE_BYTES {
            state = self.pause(state, RETRY);
        }
    }

    /// Every line is done that will be, as far as is known whether there is an owner. From now on the bell rings when that changes.
    pub fn is_idle(&self) -> bool {
        let mut state = self.lock();
        state.awaited = true;
        state.tried && state.ledger.is_idle()
    }

    /// The client has got all that was meant for it.
    pub fn is_flushed(&self) -> bool {
        self.lock().writing == 0
    }

    /// Tells the owner that the client said its last. Returns whether there is one whose end should be awaited.
    pub fn leave(&self) -> bool {
        let mut state = self.lock();
        state.leaving = true;
        state.stream.as_ref().map_or(false, |stream| stream.finish_writing())
    }

    /// The owner has closed the connection.
    pub fn has_left(&self) -> bool {
        self.lock().stream.is_none()
    }

    /// An owner that we started and that ended must not stay behind as a zombie.
    pub fn tend(&self) {
        self.lock().owners.has_ended();
    }

    /// Looks for the owner, starting one if allowed, and hears it as long as it is there; then for the next.
    pub fn run(&'static self) {
        let (mut patience, mut may_start) = (limits::OWNER_ABSENT, true);
        loop {
            let refusal = match self.find(patience, may_start) {
                Connected::Stream(stream, first) => {
                    let since = Instant::now();
                    self.adopt(Arc::new(stream), &first);
                    // An owner that lets us in and hangs up at once is not asked as fast as it can do that.
                    thread::sleep(RETRY.saturating_sub(since.elapsed()));
                    patience = limits::OWNER_RETURN;
                    may_start = false;
                    continue;
                }
                Connected::Absent => None,
                Connected::Refused(because) => Some(because),
            };
            if let Some(because) = refusal.filter(|because| because.is_fatal() && !self.lock().had_owner) {
                complain(&format!("{}\n", because.text()));
                exit(2);
            }
            self.give_up(refusal.map_or(NOT_RUNNING, Refusal::text));
            patience = Duration::ZERO;
            may_start = self.wait_for_wish();
        }
    }

    /// Talks with an owner until it is gone.
    fn adopt(&'static self, stream: Arc<Stream>, first: &[u8]) {
        let mut state = self.lock();
        state.stream = Some(stream.clone());
        state.searching = false;
        state.tried = true;
        state.had_owner = true;
        state.live = state.ledger.is_empty() && state.ledger.remembered().is_empty();
        self.ring_if_idle(&state);
        let is_live = state.live;
        drop(state);
        if !is_live {
            let waiting = stream.clone();
            let catching_up = move || self.catch_up(&waiting);
            if Builder::new().stack_size(limits::STACK_BYTES).spawn(catching_up).is_err() {
                stream.close();
            }
        }
        let mut frames = FrameReader::new(&*stream, first);
        while let Some(frame) = frames.next() {
            self.hear(frame);
        }
        drop(frames);
        stream.close();
        self.lose();
    }

    /// Says what was remembered and what waits. Not the thread that hears, because the owner may say something first.
    fn catch_up(&self, stream: &Arc<Stream>) {
        let remembered = self.lock().ledger.remembered().to_vec();
        for (seq, line) in remembered {
            let mut state = self.lock();
            if !state.is_at(stream) {
                return;
            }
            state.replaying = Some(seq);
            drop(state);
            let _ = frames::send(&**stream, seq, frames::REPLAY, &line);
            let mut state = self.lock();
            while state.is_at(stream) && state.replaying == Some(seq) {
                state = self.pause(state, ABSENT_RETRY);
            }
        }
        loop {
            let mut state = self.lock();
            if !state.is_at(stream) {
                return;
            }
            let (seq, line) = match state.ledger.first_unsent() {
                Some(entry) => entry,
                None => {
                    state.live = true;
                    self.changed.notify_all();
                    return;
                }
            };
            state.ledger.mark(seq, true);
            drop(state);
            let _ = frames::send(&**stream, seq, 0, &line);
        }
    }

    fn hear(&self, frame: Frame) {
        let mut state = self.lock();
        if frame.seq != 0 {
            if state.replaying == Some(frame.seq) {
                state.replaying = None;
                self.changed.notify_all();
                return;
            }
            if frame.flags & frames::STANDING != 0 {
                state.ledger.stand(frame.seq);
                self.ring_if_idle(&state);
                return;
            }
            if !state.ledger.done(frame.seq, frame.flags) {
                return;
            }
        }
        self.write(state, frame.payload);
    }

    /// Forgets a line that no owner will do, and says what is to be said of it.
    fn settle(&self, seq: u32, fate: Fate) {
        let mut state = self.lock();
        state.ledger.remove(seq);
        self.write(state, if let Fate::Answer(answer) = fate { answer } else { Vec::new() });
    }

    /// Whoever sees that all lines are done sees also that an answer is still being written.
    fn write<'a>(&'a self, mut state: MutexGuard<'a, State>, line: Vec<u8>) {
        if !line.is_empty() && !state.leaving {
            state.writing += 1;
            drop(state);
            self.output.line(line);
            state = self.lock();
            state.writing -= 1;
        }
        self.ring_if_idle(&state);
    }

    fn ring_if_idle(&self, state: &State) {
        if state.awaited && state.ledger.is_idle() {
            self.bell.ring();
        }
    }

    /// What the owner that is gone had is answered, unless it is safe to say it again.
    fn lose(&self) {
        let mut state = self.lock();
        state.stream = None;
        state.live = false;
        state.replaying = None;
        state.searching = true;
        self.changed.notify_all();
        if state.leaving {
            self.bell.ring();
            drop(state);
            loop {
                thread::park();
            }
        }
        let lost = state.ledger.sent();
        drop(state);
        for (seq, line) in lost {
            match fate_of(&line, STOPPED, true) {
                Fate::Repeat => self.lock().ledger.mark(seq, false),
                fate => self.settle(seq, fate),
            }
        }
    }
}
