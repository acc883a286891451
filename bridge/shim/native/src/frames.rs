//! Frames of the local socket: payload length and seq as 32-bit big-endian numbers, flags, payload.

use crate::limits;
use std::io::{self, Read, Write};

/// Up: the line was said before, to an owner that died.
pub const REPLAY: u8 = 1;
/// Down: keep this line for the next owner; forget those kept before it.
pub const REMEMBER: u8 = 2;
pub const ANEW: u8 = 4;
/// Down, before the line is done: it will stay open as long as the client is there.
pub const STANDING: u8 = 8;

const HEADER_BYTES: usize = 9;

/// One message. `seq` numbers the lines of a client from 1; 0 belongs to none.
#[derive(Debug, PartialEq)]
pub struct Frame {
    pub seq: u32,
    pub flags: u8,
    pub payload: Vec<u8>,
}

pub fn send(mut stream: impl Write, seq: u32, flags: u8, payload: &[u8]) -> io::Result<()> {
    let mut header = Vec::with_capacity(HEADER_BYTES + payload.len().min(limits::COPY_BYTES));
    header.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    header.extend_from_slice(&seq.to_be_bytes());
    header.push(flags);
    if payload.len() <= limits::COPY_BYTES {
        header.extend_from_slice(payload);
        return stream.write_all(&header);
    }
    stream.write_all(&header)?;
    stream.write_all(payload)
}

/// Turns any division of the bytes into the same frames.
pub struct FrameReader<R> {
    stream: R,
    chunk: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> FrameReader<R> {
    /// `first` are bytes that were read before.
    pub fn new(stream: R, first: &[u8]) -> Self {
        let mut chunk = vec![0; limits::CHUNK_BYTES];
        chunk[..first.len()].copy_from_slice(first);
        FrameReader { stream, chunk, start: 0, end: first.len() }
    }

    /// The next frame; None when there will be no more, or one is larger than allowed.
    pub fn next(&mut self) -> Option<Frame> {
        while self.end - self.start < HEADER_BYTES {
            self.chunk.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            match self.stream.read(&mut self.chunk[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return None,
                Ok(read) => self.end += read,
            }
        }
        let number = |at: usize| {
            let bytes = &self.chunk[self.start + at..];
            u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
        };
        let (length, seq, flags) = (number(0) as usize, number(4), self.chunk[self.start + 8]);
        if length > limits::FRAME_BYTES {
            return None;
        }
        self.start += HEADER_BYTES;
        Some(Frame { seq, flags, payload: self.payload(length)? })
    }

    /// Memory fills with what arrives, not with what is announced. One byte more is for the end of the line.
    fn payload(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut payload = Vec::with_capacity(length + 1);
        let here = length.min(self.end - self.start);
        payload.extend_from_slice(&self.chunk[self.start..self.start + here]);
        self.start += here;
        if here < length {
            let rest = (length - here) as u64;
            self.stream.by_ref().take(rest).read_to_end(&mut payload).ok()?;
        }
        (payload.len() == length).then_some(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of a certain size.
    struct Pieces(Vec<u8>, usize);

    impl Read for Pieces {
        fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(target.len());
            let rest = self.0.split_off(count);
            target[..count].copy_from_slice(&self.0);
            self.0 = rest;
            Ok(count)
        }
    }

    #[test]
    fn any_division_gives_the_same_frames() {
        let table: [(u32, u8, usize); 5] = [
            (1, REPLAY, 0),
            (2, 0, 5),
            (0, REMEMBER | ANEW, 16 * 1024),
            (u32::MAX, 0xff, 200_000),
            (3, 0, 1),
        ];
        let mut bytes = Vec::new();
        for (seq, flags, length) in table {
            send(&mut bytes, seq, flags, &vec![seq as u8; length]).unwrap();
        }
        assert_eq!(&bytes[..9], [0, 0, 0, 0, 0, 0, 0, 1, 1]);
        for size in [1, 2, 8, 9, 10, 4096, 1_000_000] {
            let (first, rest) = bytes.split_at(size.min(40));
            let mut frames = FrameReader::new(Pieces(rest.to_vec(), size), first);
            for (seq, flags, length) in table {
                let payload = vec![seq as u8; length];
                assert_eq!(frames.next(), Some(Frame { seq, flags, payload }));
            }
            assert_eq!(frames.next(), None);
        }
    }

    #[test]
    fn what_is_too_large_or_cut_is_no_frame() {
        let mut header = (limits::FRAME_BYTES as u32 + 1).to_be_bytes().to_vec();
        header.extend([0; 100]);
        assert_eq!(FrameReader::new(&header[..], &[]).next(), None);
        let mut cut = Vec::new();
        send(&mut cut, 1, 0, b"abc").unwrap();
        cut.pop();
        assert_eq!(FrameReader::new(&cut[..], &[]).next(), None);
    }
}
