//! The lines of one client: those not done, in order, and those the owner asked to remember. Nothing in it is parsed; a line
//! goes as soon as the owner says that it is done.

use crate::frames::{ANEW, REMEMBER};
use crate::limits;
use std::collections::BTreeMap;
use std::sync::Arc;

pub type Line = Arc<Vec<u8>>;

struct Entry {
    line: Line,
    /// It has left for the present owner, who may be working on it.
    sent: bool,
    /// It stays open until the client leaves, so nobody waits for it to be done.
    standing: bool,
}

#[derive(Default)]
pub struct Ledger {
    open: BTreeMap<u32, Entry>,
    remembered: Vec<(u32, Line)>,
    last: u32,
    unsent_bytes: usize,
}

/// What a line takes beside its bytes: a million short ones are not small.
const LINE_BYTES: usize = 64;

fn size_of(line: &Line) -> usize {
    line.len() + LINE_BYTES
}

impl Ledger {
    pub fn add(&mut self, line: Line) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.unsent_bytes += size_of(&line);
        self.open.insert(self.last, Entry { line, sent: false, standing: false });
        self.last
    }

    /// `false`: the line is to be sent to the next owner as if it had never left.
    pub fn mark(&mut self, seq: u32, sent: bool) {
        if let Some(entry) = self.open.get_mut(&seq) {
            match (entry.sent, sent) {
                (false, true) => self.unsent_bytes -= size_of(&entry.line),
                (true, false) => self.unsent_bytes += size_of(&entry.line),
                _ => {}
            }
            entry.sent = sent;
        }
    }

    /// The owner says that a line will stay open.
    pub fn stand(&mut self, seq: u32) {
        if let Some(entry) = self.open.get_mut(&seq) {
            entry.standing = true;
        }
    }

    /// The owner is done with a line. Returns false for a line nobody waits for any more.
    pub fn done(&mut self, seq: u32, flags: u8) -> bool {
        let line = match self.remove(seq) {
            Some(line) => line,
            None => return false,
        };
        if flags & ANEW != 0 {
            self.remembered = Vec::new();
        }
        if flags & REMEMBER != 0 {
            self.remembered.push((seq, line));
            // The handshake of the session comes first and stays; of the rest the newest lines stay.
            if self.remembered.len() > limits::REMEMBERED_LINES {
                self.remembered.remove(2);
            }
        }
        true
    }

    pub fn remove(&mut self, seq: u32) -> Option<Line> {
        let entry = self.open.remove(&seq)?;
        if !entry.sent {
            self.unsent_bytes -= size_of(&entry.line);
        }
        Some(entry.line)
    }

    /// Every line is done.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// No line is left that will be done by itself.
    pub fn is_idle(&self) -> bool {
        self.open.values().all(|entry| entry.standing)
    }

    pub fn unsent_bytes(&self) -> usize {
        self.unsent_bytes
    }

    pub fn first_unsent(&self) -> Option<(u32, Line)> {
        let (seq, entry) = self.open.iter().find(|(_, entry)| !entry.sent)?;
        Some((*seq, entry.line.clone()))
    }

    pub fn sent(&self) -> Vec<(u32, Line)> {
        let sent = self.open.iter().filter(|(_, entry)| entry.sent);
        sent.map(|(seq, entry)| (*seq, entry.line.clone())).collect()
    }

    pub fn remembered(&self) -> &[(u32, Line)] {
        &self.remembered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Arc::new(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_go_when_they_are_done() {
        let mut ledger = Ledger::default();
        assert_eq!((ledger.add(line("one")), ledger.add(line("two"))), (1, 2));
        assert_eq!(ledger.unsent_bytes(), 6 + 2 * LINE_BYTES);
        ledger.mark(1, true);
        ledger.mark(1, true);
        assert_eq!(ledger.unsent_bytes(), 3 + LINE_BYTES);
        assert_eq!(ledger.first_unsent(), Some((2, line("two"))));
        assert_eq!(ledger.sent(), [(1, line("one"))]);
        ledger.mark(1, false);
        assert_eq!(ledger.unsent_bytes(), 6 + 2 * LINE_BYTES);
        assert!(ledger.done(1, 0) && !ledger.done(1, 0) && ledger.done(2, 0));
        assert!(ledger.is_empty() && ledger.remembered().is_empty());
        assert_eq!(ledger.unsent_bytes(), 0);
    }

    #[test]
    fn nobody_waits_for_a_line_that_stays_open() {
        let mut ledger = Ledger::default();
        ledger.add(line("listen"));
        ledger.add(line("call"));
        ledger.stand(1);
        ledger.stand(3);
        assert!(!ledger.is_idle());
        assert!(ledger.done(2, 0) && ledger.is_idle() && !ledger.is_empty());
        assert!(ledger.done(1, 0) && ledger.is_empty());
    }

    #[test]
    fn what_is_remembered_begins_anew_and_does_not_pile_up() {
        let mut ledger = Ledger::default();
        for number in 0..2_000u32 {
            let seq = ledger.add(line("x"));
            ledger.mark(seq, true);
            ledger.done(seq, if number == 10 { REMEMBER | ANEW } else { REMEMBER });
        }
        let kept: Vec<u32> = ledger.remembered().iter().map(|(seq, _)| *seq).collect();
        assert_eq!(kept.len(), limits::REMEMBERED_LINES);
        assert_eq!(kept[..3], [11, 12, 2_000 - 1_021]);
        assert_eq!(kept.last(), Some(&2_000));
    }
}
