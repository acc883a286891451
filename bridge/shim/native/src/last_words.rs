//! What the client hears of a line that no owner will answer.

use crate::json::{string, Scanner};

/// JSON-RPC codes a shim uses by itself; the others are the owner's business.
const PARSE_ERROR: i32 = -32700;
const TOO_LARGE: i32 = -31009;
const NOT_RUNNING: i32 = -31010;

#[derive(Debug, PartialEq)]
pub enum Fate {
    /// It asked for an answer, so it gets this one.
    Answer(Vec<u8>),
    /// A notification, or `initialize`: it is safe to say it again to the next owner.
    Repeat,
    /// An answer to a question of an owner that is gone.
    Drop,
}

/// What one message of a line says of itself, as written.
#[derive(Default)]
struct Part<'a> {
    id: Option<&'a str>,
    method: Option<&'a str>,
}

/// Decides what to do with a line whose owner is gone; `may_have_run` when the owner had it already. Ids go back as the
/// client wrote them (`9007199254740993` stays so); a batch of MCP 2025-03-26 is answered as a whole.
pub fn fate_of(line: &[u8], message: &str, may_have_run: bool) -> Fate {
    let text = String::from_utf8_lossy(line);
    let mut ids = Vec::new();
    let mut has_method = false;
    let mut is_initialize = false;
    let batch = look_at(text.strip_prefix('\u{feff}').unwrap_or(&text), |part| {
        has_method |= part.method.is_some();
        if let (Some(id), Some(method)) = (part.id, part.method) {
            is_initialize = string(method).map_or(false, |name| name == "initialize");
            ids.push(id);
        }
    });
    let is_batch = match batch {
        None => {
            return Fate::Answer(error_line("null", PARSE_ERROR, "The message is not valid JSON.", false))
        }
        Some(is_batch) => is_batch,
    };
    if ids.is_empty() {
        return if has_method { Fate::Repeat } else { Fate::Drop };
    }
    if may_have_run && is_initialize && !is_batch {
        return Fate::Repeat;
    }
    if !is_batch {
        return Fate::Answer(error_line(ids[0], NOT_RUNNING, message, may_have_run));
    }
    // Whole batches are large; their answers exist once only.
    let mut answers = Vec::new();
    for id in ids {
        answers.push(if answers.is_empty() { b'[' } else { b',' });
        answers.append(&mut error_line(id, NOT_RUNNING, message, may_have_run));
    }
    answers.push(b']');
    Fate::Answer(answers)
}

/// Shows each message of a text, which is one or a batch of them. Returns whether it is a batch; None when it is no JSON.
fn look_at<'a>(text: &'a str, mut each: impl FnMut(Part<'a>)) -> Option<bool> {
    let mut scanner = Scanner::new(text);
    let is_batch = scanner.peek() == b'[';
    if is_batch {
        scanner.array(|scanner| look_at_part(scanner, &mut each))?;
    } else {
        look_at_part(&mut scanner, &mut each)?;
    }
    scanner.finish()?;
    Some(is_batch)
}

fn look_at_part<'a>(scanner: &mut Scanner<'a>, each: &mut impl FnMut(Part<'a>)) -> Option<()> {
    if scanner.peek() != b'{' {
        return scanner.value().map(|_| ());
    }
    let mut part = Part::default();
    scanner.object(|key, value| match key.as_ref() {
        // An id that is an object or an array is none.
        "id" => part.id = Some(value).filter(|value| !value.starts_with(['{', '['])),
        "method" => part.method = Some(value),
        _ => {}
    })?;
    each(part);
    Some(())
}

/// The answer to a line that was let go because of its size. Its id is unknown.
pub fn too_large_line(largest_bytes: usize) -> Vec<u8> {
    let message =
        format!("The message is larger than {} MB and was not forwarded.", largest_bytes / 1024 / 1024);
    error_line("null", TOO_LARGE, &message, false)
}

/// The messages are our own and need no escapes.
fn error_line(id: &str, code: i32, message: &str, may_have_run: bool) -> Vec<u8> {
    let data = format!(r#"{{"source":"bridge","mayHaveRun":{may_have_run}}}"#);
    let error = format!(r#"{{"code":{code},"message":"{message}","data":{data}}}"#);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(line: &str) -> String {
        match fate_of(line.as_bytes(), "gone", true) {
            Fate::Answer(answer) => String::from_utf8(answer).unwrap(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn ids_go_back_as_they_were_written() {
        let ids = ["0", "9007199254740993", "1.50", "-0", "1E2", "null", "true", r#""\u0041\"""#, r#""""#];
        for id in ids {
            let expected = format!(
                r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-31010,"message":"gone","data":{{"source":"bridge","mayHaveRun":true}}}}}}"#
            );
            assert_eq!(answered(&format!(r#"{{"method":"x", "id" : {id} ,"params":{{"id":7}}}}"#)), expected);
            assert_eq!(answered(&format!("\u{feff}\t{{\"\\u0069d\":{id},\"method\":null}}\r")), expected);
        }
        assert!(answered(r#"{"id":{},"id":1,"id":2,"method":"x"}"#).contains(r#""id":2,"#));
    }

    #[test]
    fn lines_that_want_no_answer() {
        let table = [
            (r#"{"method":"x"}"#, Fate::Repeat),
            (r#"{"method":"x","id":[1]}"#, Fate::Repeat),
            (r#"{"method":"x","id":1,"id":{}}"#, Fate::Repeat),
            (r#"[{"method":"x"},5]"#, Fate::Repeat),
            (r#"{"id":1,"result":{"method":"x"}}"#, Fate::Drop),
            ("[]", Fate::Drop),
            ("[[],{},null]", Fate::Drop),
            ("42", Fate::Drop),
            (r#"{"id":1,"method":"initialize"}"#, Fate::Repeat),
            (r#"{"id":1,"method":"initiali\u007ae"}"#, Fate::Repeat),
        ];
        for (line, fate) in table {
            assert_eq!(fate_of(line.as_bytes(), "gone", true), fate, "{line}");
        }
    }

    #[test]
    fn initialize_is_answered_when_it_never_left_or_came_in_a_batch() {
        let line = r#"{"id":1,"method":"initialize"}"#;
        assert!(matches!(fate_of(line.as_bytes(), "gone", false), Fate::Answer(_)));
        assert!(answered(&format!("[{line}]")).starts_with(r#"[{"jsonrpc":"2.0","id":1,"#));
    }

    #[test]
    fn a_batch_is_answered_as_a_whole() {
        let answer =
            answered(r#"[{"id":"a","method":"x"},{"method":"n"},{"id":2,"result":1},{"id":3,"method":"y"}]"#);
        assert_eq!(answer.matches("\"id\":").count(), 2);
        assert!(answer.starts_with(r#"[{"jsonrpc":"2.0","id":"a","#) && answer.ends_with("}]"));
        assert!(answer.contains(r#"}},{"jsonrpc":"2.0","id":3,"#));
    }

    #[test]
    fn what_is_no_json_is_told_so() {
        for line in ["{not json", "", "\u{feff}\u{feff}{}", "[1,]", "{} {}"] {
            assert!(answered(line).contains(r#""id":null,"error":{"code":-32700,"#), "{line}");
        }
        let broken = fate_of(b"{\"id\":\"\xff\",\"method\":\"x\"}", "gone", false);
        assert!(
            matches!(broken, Fate::Answer(answer) if answer.windows(5).any(|five| five == "\"\u{fffd}\"".as_bytes()))
        );
    }

    #[test]
    fn depth_does_not_matter() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert!(answered(&format!(r#"{{"params":{deep},"id":5,"method":"x"}}"#)).contains(r#""id":5,"#));
        assert!(answered(&"[".repeat(1_000_000)).contains("-32700"));
    }
}
