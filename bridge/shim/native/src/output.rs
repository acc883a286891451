//! What the shim says: lines to the client on stdout, and before it gives up one sentence to a person on stderr.

use crate::{limits, system};
use std::process::exit;
use std::sync::mpsc::channel;
use std::sync::Mutex;
use std::thread::Builder;
use std::time::Duration;

/// Writes whole lines to the client, from any thread. A slow client makes the writer wait.
#[derive(Default)]
pub struct Output {
    busy: Mutex<()>,
}

impl Output {
    /// Writes one line. A client that has closed its end is gone, and so are we.
    pub fn line(&self, mut bytes: Vec<u8>) {
        bytes.push(b'\n');
        let _alone = self.busy.lock();
        if system::write_stdout(&bytes).is_err() {
            exit(0);
        }
    }
}

/// Writes to stderr, but does not wait for a reader that is not there.
pub fn complain(text: &str) {
    let text = text.to_owned();
    let (done, written) = channel();
    let writer = Builder::new().stack_size(limits::STACK_BYTES).spawn(move || {
        let _ = system::write_stderr(text.as_bytes());
        let _ = done.send(());
    });
    if writer.is_ok() {
        let _ = written.recv_timeout(Duration::from_millis(200));
    }
}
