//! The word before a number that says what it is, where nothing but a mark is between them: `Tel.212-555-0100`.
//!
//! Owns the list of such words, and what tells one from the end of an address or of a file's name.

use super::vicinity::BEFORE;

/// In lower case, and no longer than what is known of the text before a number.
const WORDS: [&str; 31] = [
    "tel", "tél", "telf", "telef", "teléf", "tlf", "tfno", "fon", "fone", "fono", "phone", "ph", "fax",
    "mob", "mobil", "mobile", "movil", "móvil", "cel", "cell", "gsm", "handy", "call", "sms", "hp", "wa",
    "p", "t", "m", "o", "f",
];

/// Letters of the shortest word that a number in one piece may stand behind.
const SURELY_A_WORD: usize = 2;

/// From here on are scripts that part no words: whatever comes before a word of ours is another.
const EAST_ASIAN: char = '\u{2e80}';

/// Whether the text ends with such a word and one mark at most. Before digits `in_one_piece` a single letter is no word: it
/// might begin an identifier.
pub(super) fn ends_with_label(before: &[char; BEFORE], in_one_piece: bool) -> bool {
    let mark = before.last().copied().filter(|c| matches!(c, '.' | '/' | '-'));
    let text = &before[..before.len() - usize::from(mark.is_some())];
    let start = text.iter().rposition(|c| !is_of_word(*c)).map_or(0, |place| place + 1);
    let word: String = text[start..].iter().flat_map(|c| c.to_lowercase()).collect();
    let front = start.checked_sub(1).map(|place| text[place]);
    let is_label = front.is_some_and(|front| parts(front, mark)) && WORDS.contains(&&*word);
    is_label && (!in_one_piece || text.len() - start >= SURELY_A_WORD)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() && c < EAST_ASIAN
}

/// Whether a word behind this character begins there. It doesn't in addresses, and in what hyphens and dots tie.
fn parts(front: char, mark: Option<char>) -> bool {
    match front {
        '/' => mark == Some('.'), // Tel/Fax.
        '.' | '-' | '_' | '=' | '&' | '?' | '#' | '@' | '%' => false,
        _ => true,
    }
}
