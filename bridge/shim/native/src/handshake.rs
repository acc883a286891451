//! The connecting end of the handshake of the local socket, version 1 (`bridge/socket/handshake.ts`). Without I/O: the caller
//! moves the lines.

use crate::json::{member, members, quoted, string};
use crate::sha256::{hex, hmac};

pub const KEY_BYTES: usize = 32;
const VERSION: &str = "1";
const ROLE: &str = "mcp";

/// Who connects: `client` is a name for people, `address` says where its requests go.
pub struct Introduction {
    pub client: String,
    pub address: String,
}

/// Why a process that holds the socket was not taken for the owner, or did not take us.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// Our copy of the key cannot be used.
    Key,
    /// What lies at the place of the socket is not ours.
    Socket,
    /// The other end does not know the key, or said something else.
    Proof,
    /// It did not answer in time or hung up, as an owner does that knows another key or has too much to do.
    Silent,
    /// It said so.
    Version,
    Full,
    Stopping,
}

impl Refusal {
    /// What a person is told. Always the same words, whatever the other end said.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::Key => "The key file of Gangway is missing, damaged or belongs to another user. Quit Gangway and start it again.",
            Refusal::Socket => "The place of the Gangway socket is taken by something else. Look at it, move it away and start Gangway again.",
            Refusal::Proof => "The process at the Gangway socket could not prove that it is Gangway. Nothing was sent to it.",
            Refusal::Silent => "Gangway did not answer in time. Try again; if it stays silent, quit it and start it again.",
            Refusal::Version => "Gangway was updated. Restart this app to use it.",
            Refusal::Full => "Too many programs are connected to Gangway. Close some and try again.",
            Refusal::Stopping => "Gangway is stopping. Start it again, then try again.",
        }
    }

    /// The owner cannot be trusted or reached by this user at all, so waiting is of no use.
    pub fn is_fatal(self) -> bool {
        matches!(self, Refusal::Key | Refusal::Socket | Refusal::Proof)
    }

    /// The owner may get over it by itself.
    pub fn is_passing(self) -> bool {
        matches!(self, Refusal::Silent | Refusal::Full | Refusal::Stopping)
    }
}

#[derive(Debug, PartialEq)]
pub enum Step {
    /// Write the line, then wait for another one.
    Say(String),
    Accepted,
    Rejected(Refusal),
}

pub struct Handshake<'a> {
    key: [u8; KEY_BYTES],
    who: &'a Introduction,
    nonce: String,
    proved: bool,
}

impl<'a> Handshake<'a> {
    pub fn new(key: [u8; KEY_BYTES], who: &'a Introduction, random: [u8; 32]) -> Self {
        Handshake { key, who, nonce: hex(&random), proved: false }
    }

    /// The first line.
    pub fn hello(&self) -> String {
        let Introduction { client, address } = self.who;
        let mac = self.proof("gangway hello 1", &[ROLE, &self.nonce, client, address]);
        format!(
            r#"{{"v":{VERSION},"role":"{ROLE}","nonce":"{}","client":{},"address":{},"mac":"{mac}"}}"#,
            self.nonce,
            quoted(client),
            quoted(address),
        )
    }

    /// Takes one line of the owner.
    pub fn take(&mut self, line: &str) -> Step {
        let said = members(line).unwrap_or_default();
        let word = |name| member(&said, name).and_then(string);
        let ok = member(&said, "ok");
        let rejection = match word("because").as_deref() {
            Some("version") => Some(Refusal::Version),
            Some("full") => Some(Refusal::Full),
            Some("stopping") => Some(Refusal::Stopping),
            _ => None,
        };
        if let (Some("false"), Some(because)) = (ok, rejection) {
            return Step::Rejected(because);
        }
        if self.proved {
            return if ok == Some("true") { Step::Accepted } else { Step::Rejected(Refusal::Proof) };
        }
        match (word("nonce"), word("mac")) {
            (Some(nonce), Some(mac)) if is_nonce(&nonce) => {
                let fields = [&self.nonce, nonce.as_ref(), ROLE, &self.who.client, &self.who.address];
                let expected = self.proof("gangway server 1", &fields);
                let is_version = member(&said, "v").and_then(|v| v.parse().ok()) == Some(1.0);
                if !is_version || !is_same(mac.as_bytes(), expected.as_bytes()) {
                    return Step::Rejected(Refusal::Proof);
                }
                let mac = self.proof("gangway client 1", &fields);
                self.proved = true;
                Step::Say(format!(r#"{{"mac":"{mac}"}}"#))
            }
            _ => Step::Rejected(Refusal::Proof),
        }
    }

    /// HMAC over a label for its direction and length-prefixed fields.
    fn proof(&self, label: &str, fields: &[&str]) -> String {
        let mut message = Vec::new();
        for field in std::iter::once(&label).chain(fields) {
            message.extend_from_slice(&(field.len() as u32).to_be_bytes());
            message.extend_from_slice(field.as_bytes());
        }
        hex(&hmac(&self.key, &message))
    }
}

fn is_nonce(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Takes as long whatever the difference is: reads that are volatile are all made, in no shorter way.
fn is_same(given: &[u8], expected: &[u8]) -> bool {
    let mut difference = 0;
    for (one, other) in given.iter().zip(expected) {
        difference |= unsafe { std::ptr::read_volatile(one) ^ std::ptr::read_volatile(other) };
    }
    given.len() == expected.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who() -> Introduction {
        Introduction { client: "Clau\"de\n".into(), address: "zwölf".into() }
    }

    /// What an owner with this key would answer to a hello.
    fn server_line(handshake: &Handshake, nonce: &str) -> String {
        let fields = [&handshake.nonce, nonce, ROLE, &handshake.who.client, &handshake.who.address];
        let mac = handshake.proof("gangway server 1", &fields);
        format!(r#"{{"v":1,"nonce":"{nonce}","mac":"{mac}"}}"#)
    }

    #[test]
    fn both_sides_prove_themselves() {
        let who = who();
        let mut handshake = Handshake::new([7; 32], &who, [1; 32]);
        let hello = handshake.hello();
        assert!(hello.contains(r#""client":"Clau\"de\u000a","address":"zwölf""#), "{hello}");
        assert!(members(&hello).is_some());
        let line = server_line(&handshake, &"ab".repeat(32));
        assert!(matches!(handshake.take(&line), Step::Say(said) if said.starts_with(r#"{"mac":""#)));
        assert_eq!(handshake.take(r#"{"ok":true}"#), Step::Accepted);
    }

    #[test]
    fn an_owner_may_say_no_at_any_time() {
        let who = who();
        let table = [
            (r#"{"v":1,"ok":false,"because":"full"}"#, Refusal::Full),
            (r#"{"v":7,"ok":false,"because":"version"}"#, Refusal::Version),
            (r#"{"ok":false,"because":"stopping"}"#, Refusal::Stopping),
            (r#"{"ok":false,"because":"mood"}"#, Refusal::Proof),
            (r#"{"ok":true}"#, Refusal::Proof),
            ("", Refusal::Proof),
            ("[]", Refusal::Proof),
        ];
        for (line, because) in table {
            let mut handshake = Handshake::new([7; 32], &who, [1; 32]);
            assert_eq!(handshake.take(line), Step::Rejected(because), "{line}");
        }
    }

    #[test]
    fn a_wrong_proof_is_none() {
        let who = who();
        let right = server_line(&Handshake::new([7; 32], &who, [1; 32]), &"ab".repeat(32));
        let other_key = server_line(&Handshake::new([8; 32], &who, [1; 32]), &"ab".repeat(32));
        let reflected = server_line(&Handshake::new([7; 32], &who, [2; 32]), &"ab".repeat(32));
        let table = [
            other_key,
            reflected,
            right.replace("\"v\":1", "\"v\":2"),
            right.replace("\"v\":1", "\"v\":\"1\""),
            right.replace("abab", "ABAB"),
            right.replace(r#""}"#, r#"0"}"#),
        ];
        for line in table {
            let mut handshake = Handshake::new([7; 32], &who, [1; 32]);
            assert_eq!(handshake.take(&line), Step::Rejected(Refusal::Proof), "{line}");
        }
    }

    #[test]
    fn only_fatal_refusals_end_the_program() {
        let all = [
            (Refusal::Key, true, false),
            (Refusal::Socket, true, false),
            (Refusal::Proof, true, false),
            (Refusal::Silent, false, true),
            (Refusal::Version, false, false),
            (Refusal::Full, false, true),
            (Refusal::Stopping, false, true),
        ];
        for (refusal, fatal, passing) in all {
            assert_eq!((refusal.is_fatal(), refusal.is_passing()), (fatal, passing), "{}", refusal.text());
        }
    }
}
