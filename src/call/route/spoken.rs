//! Words of visitors, made fit to be said to the business and to be handed to a dial plan.

/// Characters that are said of one word.
const LONGEST: usize = 40;

/// Letters, digits and single spaces between them; what else there is becomes a space. None where nothing is left.
pub(super) fn spoken(written: &str) -> Option<String> {
    let mut said = String::new();
    for word in written.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(word);
        // Nobody's page is read to its end for a whisper.
        if said.len() > LONGEST * 4 {
            break;
        }
    }
    let said: String = said.chars().take(LONGEST).collect();
    let said = said.trim_end();
    (!said.is_empty()).then(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_spaces_are_left() {
        for (written, said) in [
            ("spring-2026_sale", Some("spring 2026 sale")),
            ("  <Say>press 1</Say>&#10;", Some("Say press 1 Say 10")),
            ("a${EXTEN},b\r\nDial(SIP/1)", Some("a EXTEN b Dial SIP 1")),
            ("Frühjahr «Ü»", Some("Frühjahr Ü")),
            ("\u{202e}\u{0}", None),
            ("", None),
        ] {
            assert_eq!(spoken(written).as_deref(), said, "{written:?}");
        }
    }

    #[test]
    fn at_most_forty_characters_are_said() {
        assert_eq!(spoken(&"ü".repeat(90)).unwrap().chars().count(), 40);
        assert_eq!(spoken(&"a ".repeat(5000)).unwrap().len(), 39, "no space ends it");
        assert_eq!(spoken(&format!("{} b", "a".repeat(39))).unwrap(), "a".repeat(39));
    }
}
