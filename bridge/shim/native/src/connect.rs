//! Finds the owner and proves to each other, in both directions, to know its key.

use crate::handshake::{Handshake, Introduction, Refusal, Step, KEY_BYTES};
use crate::limits;
use crate::paths::Paths;
use crate::system::{self, NoStream, Stream};
use std::io::{self, Read};
use std::time::Instant;

pub enum Connected {
    /// With what was read beyond the handshake.
    Stream(Stream, Vec<u8>),
    /// No process owns the socket.
    Absent,
    Refused(Refusal),
}

pub fn connect(paths: &Paths, who: &Introduction) -> Connected {
    let stream = match Stream::connect(&paths.socket) {
        Ok(stream) => stream,
        Err(NoStream::Absent) => return Connected::Absent,
        Err(NoStream::Foreign) => return Connected::Refused(Refusal::Socket),
        Err(NoStream::Busy) => return Connected::Refused(Refusal::Silent),
    };
    let key = match read_key(paths) {
        Some(key) => key,
        None => return Connected::Refused(Refusal::Key),
    };
    match shake_hands(&stream, Handshake::new(key, who, system::random())) {
        Ok((Step::Accepted, rest)) => Connected::Stream(stream, rest),
        Ok((Step::Rejected(because), _)) => Connected::Refused(because),
        Ok((Step::Say(_), _)) | Err(_) => Connected::Refused(Refusal::Silent),
    }
}

/// A plain file of this user, which others cannot read; where they could, it is closed to them first.
fn read_key(paths: &Paths) -> Option<[u8; KEY_BYTES]> {
    let mut file = system::open_own(&paths.handshake_key)?;
    system::close_to_others(&file).ok()?;
    let mut bytes = [0; KEY_BYTES + 1];
    let mut length = 0;
    while length < bytes.len() {
        match file.read(&mut bytes[length..]).ok()? {
            0 => break,
            read => length += read,
        }
    }
    bytes[..length].try_into().ok()
}

/// Returns the last step and what was read after it. An error means silence, or more words than a handshake has.
fn shake_hands(stream: &Stream, mut handshake: Handshake) -> io::Result<(Step, Vec<u8>)> {
    let until = Instant::now() + limits::HANDSHAKE;
    let mut heard = Vec::new();
    let mut said = handshake.hello();
    loop {
        said.push('\n');
        stream.write_until(said.as_bytes(), until)?;
        let line = next_line(stream, &mut heard, until)?;
        match handshake.take(&String::from_utf8_lossy(&line)) {
            Step::Say(line) => said = line,
            step => return stream.wait_without_end().map(|()| (step, heard)),
        }
    }
}

fn next_line(stream: &Stream, heard: &mut Vec<u8>, until: Instant) -> io::Result<Vec<u8>> {
    loop {
        let within = &heard[..heard.len().min(limits::HANDSHAKE_BYTES)];
        if let Some(end) = within.iter().position(|byte| *byte == b'\n') {
            let rest = heard.split_off(end + 1);
            let mut line = std::mem::replace(heard, rest);
            line.pop();
            return Ok(line);
        }
        if heard.len() > limits::HANDSHAKE_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut chunk = [0; limits::HANDSHAKE_BYTES];
        match stream.read_until(&mut chunk, until)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => heard.extend_from_slice(&chunk[..read]),
        }
    }
}
