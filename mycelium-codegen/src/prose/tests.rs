use super::*;

#[test]
fn blocks_are_kept_in_one_form() {
    for (text, expected) in [
        ("One line.", "One line."),
        ("- a\n  b\n- c", "- a\n  b\n- c"),
        ("- a\nb", "- a\n  b"),
        ("- a\n      b", "- a\n  b"),
        ("*   a\n    b", "* a\n  b"),
        ("- a\n    - b\n    - c\n- d", "- a\n  - b\n  - c\n- d"),
        ("1. a\n2. b\nc\n10) d\n    e", "1. a\n2. b\n   c\n10) d\n    e"),
        ("In\n2. of these", "In\n2. of these"),
        ("- a\n\n  b\n\nc", "- a\n\n  b\n\nc"),
        ("- a\n\n   b", "- a\n\n  b"),
        ("a\n    - b", "a\n\\- b"),
        ("a\n     1. b", "a\n1\\. b"),
        ("# Title\nText", "# Title\nText"),
        ("- a\n# Title\nText", "- a\n# Title\nText"),
        ("-\n  a", "- a"),
        ("a\tb", "a    b"),
    ] {
        assert_eq!(lines(text).join("\n"), expected, "{text:?}");
    }
}

#[test]
fn code_is_shown_and_never_run() {
    for (text, expected) in [
        ("```\nfn f() {}\n\n  x\n```\nb", "```text\nfn f() {}\n\n  x\n```\nb"),
        ("```rust,ignore\n[a] <b> `c`\n```", "```text\n[a] <b> `c`\n```"),
        ("~~~ sh\n```\n~~~~", "````text\n```\n````"),
        ("````\n```\n````", "````text\n```\n````"),
        ("a\n\n    let x = 1;\n\n      y\n\nb", "a\n\n```text\nlet x = 1;\n\n  y\n```\n\nb"),
        ("- a\n  ```\n  x\n    y\n  ```\n- b", "- a\n  ```text\n  x\n    y\n  ```\n- b"),
        ("- a\n\n      x", "- a\n\n  ```text\n  x\n  ```"),
        ("```\nnever closed", "```text\nnever closed\n```"),
        ("- a\n  ```\n  x\nb", "- a\n  ```text\n  x\n  ```\nb"),
    ] {
        assert_eq!(lines(text).join("\n"), expected, "{text:?}");
    }
}

#[test]
fn what_is_no_markup_is_escaped() {
    for (text, expected) in [
        ("Vec<u8> and [a]", "Vec\\<u8\\> and \\[a\\]"),
        ("`Vec<u8>` <b>", "`Vec<u8>` \\<b\\>"),
        ("A lone ` and <b>", "A lone \\` and \\<b\\>"),
        ("``a ` b`` <b> `c", "``a ` b`` \\<b\\> \\`c"),
        ("`a\nb` <c>", "`a\nb` \\<c\\>"),
        ("`a\n\nb` <c>", "\\`a\n\nb\\` \\<c\\>"),
        ("\\[a\\] \\\\[b]", "\\[a\\] \\\\\\[b\\]"),
        ("See https://a.example/b_(c)?d=[1].", "See <https://a.example/b_(c)?d=>\\[1\\]."),
        ("(http://a.example/b).", "(<http://a.example/b>)."),
        ("<https://a.example> `https://b.example`", "<https://a.example> `https://b.example`"),
        ("[text](https://a.example/b)", "[text](https://a.example/b)"),
        ("[text](Foo) ![x](https://a.example)", "\\[text\\](Foo) !\\[x\\](<https://a.example>)"),
        ("a \u{202e}b\u{7}", "a b"),
        ("> quoted", "\\> quoted"),
        ("[x]: https://a.example", "\\[x\\]: <https://a.example>"),
    ] {
        assert_eq!(lines(text).join("\n"), expected, "{text:?}");
    }
}

#[test]
fn code_spans_hold_back_ticks() {
    assert_eq!(code("a"), "`a`");
    assert_eq!(code("a`b"), "``a`b``");
    assert_eq!(code("`"), "`` ` ``");
    assert_eq!(code("a``\n`"), "``` a`` ` ```");
}
