//! Bytes as text: hexadecimal and base64.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// The bytes of hexadecimal digits, which may have blanks and the separators of `xxd` and debuggers between them.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '_' | ','))
        .map(digit)
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn digit(c: char) -> Option<u8> {
    c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The bytes of base64 in either alphabet, with or without padding: one text over several lines, or one text in each line.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    base64_text(&whole)
        .or_else(|| text.split_whitespace().map(base64_text).collect::<Option<Vec<_>>>().map(|lines| lines.concat()))
}

fn base64_text(text: &str) -> Option<Vec<u8>> {
    let engines: [&GeneralPurpose; 4] = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
    engines.into_iter().find_map(|engine| engine.decode(text).ok())
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_as_people_paste_it() {
        for text in ["00ff10", "0x00FF10", " 00 ff\n10 ", "00:ff:10", "00_ff,10"] {
            assert_eq!(hex(text), Some(vec![0, 255, 16]), "{text}");
        }
        for text in ["0", "0g", "00 f", "é0"] {
            assert_eq!(hex(text), None, "{text}");
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", "+/\n8="] {
            assert_eq!(base64(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(base64("+/8=\nAA==\n"), Some(vec![0xfb, 0xff, 0]), "a text on each line");
        assert_eq!(base64("!"), None);
    }
}
