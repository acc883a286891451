//! Looking for the owner, and what becomes of what waits when there is none.

use super::{Link, State, ABSENT_RETRY, RETRY};
use crate::connect::{connect, Connected};
use crate::last_words::fate_of;
use crate::limits;
use std::thread;
use std::time::{Duration, Instant};

/// After an owner that ended again, another one may need this long to answer.
const RIVAL: Duration = Duration::from_secs(1);

impl Link {
    /// Tries until there is an owner, or patience ends; patience grows when an owner could be asked to start.
    pub(super) fn find(&self, patience: Duration, may_start: bool) -> Connected {
        let since = Instant::now();
        let mut is_starting = false;
        let mut ended_since = None;
        loop {
            let found = connect(&self.paths, &self.who);
            let now = Instant::now();
            let is_there = match found {
                Connected::Stream(..) => return found,
                Connected::Refused(because) if !because.is_passing() => return found,
                Connected::Refused(_) => true,
                Connected::Absent => false,
            };
            let mut state = self.lock();
            state.tried = true;
            self.ring_if_idle(&state);
            // A person may have quit on purpose: after that only a client that wants something starts a new owner.
            if !is_starting && !is_there && (may_start || !state.ledger.is_empty()) {
                is_starting = self.ask(&mut state, now);
            }
            if is_starting && state.owners.has_ended() {
                ended_since.get_or_insert(now);
            }
            drop(state);
            let longest = if is_starting || is_there { patience.max(limits::OWNER_START) } else { patience };
            let is_rival_silent = ended_since.map_or(false, |since: Instant| now - since > RIVAL);
            if now - since >= longest || is_rival_silent {
                return found;
            }
            thread::sleep(RETRY);
        }
    }

    fn ask(&self, state: &mut State, now: Instant) -> bool {
        if state.last_start.map_or(false, |last| now - last < limits::OWNER_START) {
            return false;
        }
        state.last_start = Some(now);
        state.owners.start(&self.paths)
    }

    /// Answers what waits; notifications and answers to the owner's questions have nobody left to go to.
    pub(super) fn give_up(&self, because: &str) {
        loop {
            let mut state = self.lock();
            let (seq, line) = match state.ledger.first_unsent() {
                Some(entry) => entry,
                None => {
                    state.searching = false;
                    state.wished = false;
                    state.tried = true;
                    self.ring_if_idle(&state);
                    self.changed.notify_all();
                    return;
                }
            };
            drop(state);
            self.settle(seq, fate_of(&line, because, false));
        }
    }

    /// Returns whether the client wants something; else it is time to look whether an owner came by itself.
    pub(super) fn wait_for_wish(&self) -> bool {
        let until = Instant::now() + ABSENT_RETRY;
        let mut state = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if state.wished || left.is_zero() {
                state.searching = true;
                return std::mem::take(&mut state.wished);
            }
            state = self.pause(state, left);
        }
    }
}
