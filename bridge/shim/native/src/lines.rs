//! Cuts a stream of bytes into lines.

use crate::limits::MESSAGE_BYTES;
use std::io::BufRead;

/// A line without its end, or the news that one was too large; its bytes are gone then.
#[derive(Debug, PartialEq)]
pub enum Piece {
    Line(Vec<u8>),
    TooLarge,
}

/// Blank lines are left out. A line beyond the limit is reported once, as soon as it is too large, and the rest of it is let
/// go without being kept.
pub struct LineSplitter {
    largest: usize,
    kept: Vec<u8>,
    discarding: bool,
}

impl Default for LineSplitter {
    fn default() -> Self {
        LineSplitter { largest: MESSAGE_BYTES, kept: Vec::new(), discarding: false }
    }
}

impl LineSplitter {
    pub fn take(&mut self, chunk: &[u8], mut each: impl FnMut(Piece)) {
        let mut rest = chunk;
        while rest.read_until(b'\n', &mut self.kept).unwrap_or(0) > 0 {
            let has_ended = self.kept.last() == Some(&b'\n');
            let length = self.kept.len() - usize::from(has_ended);
            self.kept.truncate(length);
            if self.discarding || length > self.largest {
                self.kept = Vec::new();
                if !std::mem::replace(&mut self.discarding, true) {
                    each(Piece::TooLarge);
                }
            }
            if has_ended {
                self.end(&mut each);
            }
        }
    }

    /// A line has ended, or the stream without a line end.
    pub fn end(&mut self, mut each: impl FnMut(Piece)) {
        let mut line = std::mem::take(&mut self.kept);
        let is_blank = line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        if !std::mem::take(&mut self.discarding) && !is_blank {
            line.shrink_to_fit();
            each(Piece::Line(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(largest: usize, size: usize, bytes: &[u8]) -> Vec<Piece> {
        let mut splitter = LineSplitter { largest, ..LineSplitter::default() };
        let mut found = Vec::new();
        for chunk in bytes.chunks(size) {
            splitter.take(chunk, |piece| found.push(piece));
        }
        splitter.end(|piece| found.push(piece));
        found
    }

    #[test]
    fn any_division_gives_the_same_lines() {
        let text = b"one\r\n\n \t\r\ntwo two\n12345678\n123456789\n123456789 much longer\nlast";
        let line = |text: &str| Piece::Line(text.as_bytes().to_vec());
        let expected = [
            line("one\r"),
            line("two two"),
            line("12345678"),
            Piece::TooLarge,
            Piece::TooLarge,
            line("last"),
        ];
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(pieces(8, size, text), expected, "{size}");
        }
    }

    #[test]
    fn nothing_is_kept_of_what_is_too_large() {
        let mut splitter = LineSplitter { largest: 100, ..LineSplitter::default() };
        let mut reports = 0;
        for _ in 0..1000 {
            splitter.take(&[b'a'; 64], |_| reports += 1);
        }
        assert_eq!((reports, splitter.kept.capacity()), (1, 0));
    }
}
