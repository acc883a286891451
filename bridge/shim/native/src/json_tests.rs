use super::*;

fn is_json(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.value().is_some() && scanner.finish().is_some()
}

#[test]
fn accepts_what_json_parse_accepts() {
    let right = [
        "0",
        "-0",
        "-1.5e+10",
        "1E2",
        "9007199254740993",
        "true",
        "false",
        "null",
        r#""""#,
        r#""\u00fC\/\b""#,
        "[]",
        " [ ] ",
        "{ }",
        r#"{"a":[{"b":[]},[[1]],{}]}"#,
        "\t[1 ,\r\n2]\n",
        "\"\u{2028}\u{7f}ü🙂\"",
        r#""\ud800""#,
    ];
    for text in right {
        assert!(is_json(text), "{text}");
    }
    let wrong = [
        "",
        " ",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "0x1",
        "NaN",
        "tru",
        "truee",
        "'a'",
        "\"",
        "\"a",
        r#""\x""#,
        r#""\u12g4""#,
        r#""\u12"#,
        "\"\n\"",
        "\"\0\"",
        "[1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{a:1}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a":1 "b":2}"#,
        "{]",
        "[}",
        "[]]",
        r#"{"a":1}x"#,
        "\u{a0}1",
        "1\0",
        "//1",
    ];
    for text in wrong {
        assert!(!is_json(text), "{text}");
    }
}

#[test]
fn members_keep_their_text() {
    let text = r#" {"v" : 1.0, "s":"a\u0062", "n":{"s":"no"}, "v":[1, 2] } "#;
    let found = members(text).unwrap();
    assert_eq!(member(&found, "v"), Some("[1, 2]"));
    assert_eq!(member(&found, "s").and_then(string).as_deref(), Some("ab"));
    assert_eq!(member(&found, "n"), Some(r#"{"s":"no"}"#));
    assert_eq!(member(&found, "none"), None);
    for text in ["[]", "1", "{", "{} {}"] {
        assert_eq!(members(text), None, "{text}");
    }
}

#[test]
fn strings_and_nothing_else() {
    assert_eq!(strings(r#" ["a" ,"\ud83d\ude42\n"] "#), Some(vec!["a".into(), "🙂\n".into()]));
    assert_eq!(strings("[]"), Some(vec![]));
    for text in [r#"["a",1]"#, r#"["a""#, r#""a""#, "{}", "[[]]"] {
        assert_eq!(strings(text), None, "{text}");
    }
}

#[test]
fn strings_are_read_and_written() {
    let table = [
        (r#""""#, Some("")),
        (r#""a\"\\\/\b\f\n\r\tü""#, Some("a\"\\/\u{8}\u{c}\n\r\tü")),
        (r#""\ud83d\ude42""#, Some("🙂")),
        (r#""\ud83d""#, Some("\u{fffd}")),
        ("1", None),
        ("null", None),
    ];
    for (text, expected) in table {
        assert_eq!(string(text).as_deref(), expected, "{text}");
    }
    for text in ["", "a\"\\/\u{8}\u{c}\n\r\tü🙂\u{1f}"] {
        assert_eq!(string(&quoted(text)).as_deref(), Some(text));
    }
}
