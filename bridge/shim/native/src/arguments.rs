//! What the client's configuration says.

use std::ffi::OsString;

/// Characters of the name of a client, and of an address, as JavaScript counts them.
const LONGEST_NAME: usize = 200;

#[derive(Debug, PartialEq)]
pub struct Arguments {
    /// Data folder; by default the one of this person.
    pub home: Option<OsString>,
    /// What the client calls itself, for people.
    pub client: String,
    /// Where its requests go: `current`, a connector or an account.
    pub address: String,
}

/// Reads argv; None when it cannot be understood.
pub fn read(words: impl Iterator<Item = OsString>) -> Option<Arguments> {
    let mut words = words;
    let mut result = Arguments { home: None, client: String::new(), address: "current".into() };
    let mut saw_address = false;
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        match text.as_ref() {
            "--home" => result.home = Some(words.next().filter(|value| !value.is_empty())?),
            "--client" => {
                let value = words.next().filter(|value| !value.is_empty())?;
                result.client = shortened(&value.to_string_lossy());
            }
            _ if text.starts_with('-') || saw_address => return None,
            _ => {
                result.address = shortened(&text);
                saw_address = true;
            }
        }
    }
    Some(result)
}

fn shortened(name: &str) -> String {
    let mut units = 0;
    let within = |letter: &char| {
        units += letter.len_utf16();
        units <= LONGEST_NAME
    };
    name.chars().take_while(within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(words: &[&str]) -> Option<Arguments> {
        read(words.iter().map(OsString::from))
    }

    #[test]
    fn words_in_any_order() {
        let all = reading(&["--client", "Claude", "acme", "--home", "/h"]).unwrap();
        assert_eq!(
            all,
            Arguments { home: Some("/h".into()), client: "Claude".into(), address: "acme".into() }
        );
        let none = reading(&[]).unwrap();
        assert_eq!(none, Arguments { home: None, client: String::new(), address: "current".into() });
    }

    #[test]
    fn what_cannot_be_understood() {
        let wrong: [&[&str]; 6] =
            [&["--help"], &["-v"], &["a", "b"], &["--home"], &["--home", ""], &["--client"]];
        for words in wrong {
            assert_eq!(reading(words), None, "{words:?}");
        }
    }

    #[test]
    fn long_names_are_cut_as_javascript_counts() {
        assert_eq!(reading(&[&"ü".repeat(300)]).unwrap().address, "ü".repeat(200));
        assert_eq!(reading(&[&"🙂".repeat(300)]).unwrap().address, "🙂".repeat(100));
    }
}
