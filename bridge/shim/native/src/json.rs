//! A scanner for JSON (RFC 8259). It accepts what `JSON.parse` accepts, keeps the text of values as it was written, and
//! neither recurses nor builds anything.

use std::borrow::Cow;

/// Reads a text that is one object: each member in order, with its value as written. None when it is anything else.
pub fn members(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let mut found = Vec::new();
    let mut scanner = Scanner::new(text);
    scanner.object(|key, value| found.push((key, value)))?;
    scanner.finish()?;
    Some(found)
}

/// The value of a member; of several with one name the last counts, as in `JSON.parse`.
pub fn member<'a>(members: &[(Cow<'_, str>, &'a str)], name: &str) -> Option<&'a str> {
    members.iter().rev().find(|(key, _)| key == name).map(|&(_, value)| value)
}

/// The strings of a text that is an array of nothing else.
pub fn strings(text: &str) -> Option<Vec<String>> {
    let mut found = Some(Vec::new());
    let mut scanner = Scanner::new(text);
    scanner.array(|scanner| {
        let value = scanner.value()?;
        match (string(value), &mut found) {
            (Some(word), Some(words)) => words.push(word.into_owned()),
            _ => found = None,
        }
        Some(())
    })?;
    scanner.finish()?;
    found
}

/// What a string value says; None for other values. Half a surrogate pair becomes U+FFFD.
pub fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut units: Vec<u16> = Vec::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            units.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match letters.next()? {
            'b' => 8,
            't' => 9,
            'n' => 10,
            'f' => 12,
            'r' => 13,
            'u' => {
                let code = u16::from_str_radix(letters.as_str().get(..4)?, 16).ok()?;
                letters.nth(3);
                code
            }
            other => other as u16,
        });
    }
    Some(Cow::Owned(String::from_utf16_lossy(&units)))
}

/// A string as JSON.
pub fn quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => result.extend(['\\', letter]),
            '\0'..='\x1f' => result.push_str(&format!("\\u{:04x}", letter as u32)),
            _ => result.push(letter),
        }
    }
    result.push('"');
    result
}

/// Walks through a text; every step returns None when the text is not JSON there.
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    fn byte(&self) -> u8 {
        // 0 is not allowed anywhere, so it can stand for the end.
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.space();
        if self.byte() != byte {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn space(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// What the next value begins with.
    pub fn peek(&mut self) -> u8 {
        self.space();
        self.byte()
    }

    /// Nothing may follow.
    pub fn finish(&mut self) -> Option<()> {
        self.space();
        (self.at == self.text.len()).then_some(())
    }

    /// An object, member by member.
    pub fn object(&mut self, mut each: impl FnMut(Cow<'a, str>, &'a str)) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            self.space();
            let start = self.at;
            self.skip_string()?;
            let key = string(&self.text[start..self.at])?;
            self.eat(b':')?;
            each(key, self.value()?);
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    /// An array; `each` has to take one element.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            each(self)?;
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }

    /// Any value, however deep, as it is written.
    pub fn value(&mut self) -> Option<&'a str> {
        self.space();
        let start = self.at;
        let mut open = Nesting::default();
        loop {
            self.space();
            match self.byte() {
                b'{' => {
                    self.at += 1;
                    if self.eat(b'}').is_none() {
                        open.push(true);
                        self.skip_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if self.eat(b']').is_none() {
                        open.push(false);
                        continue;
                    }
                }
                b'"' => self.skip_string()?,
                b't' => self.skip_word("true")?,
                b'f' => self.skip_word("false")?,
                b'n' => self.skip_word("null")?,
                _ => self.skip_number()?,
            }
            // A value has ended; so may have those around it.
            loop {
                let is_object = match open.last() {
                    None => return Some(&self.text[start..self.at]),
                    Some(is_object) => is_object,
                };
                if self.eat(b',').is_some() {
                    if is_object {
                        self.skip_key()?;
                    }
                    break;
                }
                self.eat(if is_object { b'}' } else { b']' })?;
                open.pop();
            }
        }
    }

    fn skip_key(&mut self) -> Option<()> {
        self.space();
        self.skip_string()?;
        self.eat(b':')
    }

    fn skip_word(&mut self, word: &str) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn skip_string(&mut self) -> Option<()> {
        if self.byte() != b'"' {
            return None;
        }
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            match *bytes.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    match *bytes.get(self.at)? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let code = bytes.get(self.at + 1..self.at + 5)?;
                            if !code.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                0..=0x1f => return None,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        Some(())
    }

    fn skip_number(&mut self) -> Option<()> {
        if self.byte() == b'-' {
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
        } else {
            self.skip_digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.skip_digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Some(())
    }

    fn skip_digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// The objects (true) and arrays (false) around a place, one bit each.
#[derive(Default)]
struct Nesting {
    bits: Vec<u8>,
    depth: usize,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        let (at, bit) = (self.depth / 8, 1 << (self.depth % 8));
        if at == self.bits.len() {
            self.bits.push(0);
        }
        self.bits[at] = if is_object { self.bits[at] | bit } else { self.bits[at] & !bit };
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
    }

    fn last(&self) -> Option<bool> {
        let top = self.depth.checked_sub(1)?;
        Some(self.bits[top / 8] & (1 << (top % 8)) != 0)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
