//! Carries lines between the client and the link, and knows when to leave: with 0 when the client closed stdin or stdout,
//! died, or a signal came.

use crate::arguments::Arguments;
use crate::handshake::Introduction;
use crate::last_words::too_large_line;
use crate::limits;
use crate::lines::{LineSplitter, Piece};
use crate::link::Link;
use crate::paths::paths_for;
use crate::system::{self, Bell, Parent};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

pub fn run(arguments: Arguments) -> ! {
    let parent = Parent::now();
    system::prepare();
    let paths = paths_for(arguments.home);
    let who = Introduction { client: arguments.client, address: arguments.address };
    let bell = Bell::new().expect("this process may not open another file");
    // Both live as long as the process.
    let link: &'static Link = Box::leak(Box::new(Link::new(paths, who, bell)));
    let is_over: &'static AtomicBool = Box::leak(Box::default());
    let thread = |work: fn(&'static Link, &'static AtomicBool)| {
        let started = Builder::new().stack_size(limits::STACK_BYTES).spawn(move || work(link, is_over));
        started.expect("this process may not start another thread");
    };
    thread(|link, _| link.run());
    thread(read_lines);
    watch(link, is_over, &parent)
}

/// Hands over every line of stdin, until its end.
fn read_lines(link: &'static Link, is_over: &'static AtomicBool) {
    let mut splitter = LineSplitter::default();
    let hand = |piece| match piece {
        Piece::Line(line) => link.say(line),
        Piece::TooLarge => link.output.line(too_large_line(limits::MESSAGE_BYTES)),
    };
    let mut chunk = vec![0; limits::CHUNK_BYTES];
    loop {
        match system::read_stdin(&mut chunk) {
            0 => break,
            read => splitter.take(&chunk[..read], hand),
        }
    }
    splitter.end(hand);
    is_over.store(true, Ordering::SeqCst);
    link.bell.ring();
}

/// Waits for a reason to leave. A client that closed stdin may still want its answers, and may read them slowly; after a
/// signal there is little time. An app that dies while a grandchild keeps our stdin open would leave us behind for ever.
fn watch(link: &Link, is_over: &AtomicBool, parent: &Parent) -> ! {
    let mut drain: Option<Instant> = None;
    let mut signal_drain: Option<Instant> = None;
    let mut next_check = Instant::now() + limits::PARENT_CHECK;
    loop {
        let now = Instant::now();
        if link.bell.is_signalled() {
            signal_drain.get_or_insert(now + limits::SIGNAL_DRAIN);
        }
        if is_over.load(Ordering::SeqCst) {
            drain.get_or_insert(now + limits::STDIN_DRAIN);
        }
        let mut until = [drain, signal_drain].into_iter().flatten().min();
        if until.is_some() && link.is_idle() {
            if link.is_flushed() {
                leave(link, signal_drain);
            }
            until = signal_drain;
        }
        if until.map_or(false, |until| now >= until) {
            exit(0);
        }
        if now >= next_check {
            if parent.is_gone() {
                exit(0);
            }
            link.tend();
            next_check = now + limits::PARENT_CHECK;
        }
        let wake = until.map_or(next_check, |until| until.min(next_check));
        link.bell.wait(wake.saturating_duration_since(now));
    }
}

/// Lets the owner end the conversation, for a moment.
fn leave(link: &Link, signal_drain: Option<Instant>) -> ! {
    let longest = Instant::now() + limits::LINGER;
    let until = signal_drain.map_or(longest, |signal| signal.min(longest));
    if link.leave() {
        while !link.has_left() {
            let left = until.saturating_duration_since(Instant::now());
            if left < Duration::from_millis(1) {
                break;
            }
            link.bell.wait(left);
        }
    }
    exit(0)
}
