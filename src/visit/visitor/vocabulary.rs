//! All words at once: one pass over a User-Agent finds those that it says.

use std::sync::LazyLock;

use super::Visitor;
use super::common::Rest;
use super::words::{
    AI_FETCHERS, CARDS, CRAWLERS, ENDINGS, ENGINES, INNOCENT, MONITORS, PREVIEWS, SIGNS, TOOLS,
};

/// What a word says where it is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Engine,
    Innocent,
    /// A machine; a name, where one follows, knows better which.
    Sign,
    Name(Visitor),
}

/// Where in a word it must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    FirstLetter,
    LastLetter,
    Start,
}

struct Word {
    text: &'static [u8],
    meaning: Meaning,
    place: Place,
    slot: usize,
}

/// All words, found by their first three bytes: one table look-up for each byte of a User-Agent,
/// and a comparison only where a word may begin.
pub(super) struct Vocabulary {
    /// By slot.
    words: Vec<Word>,
    /// For each slot whether a word is in it: small, so that it stays in the nearest cache.
    taken: [u32; SLOTS / 32],
    /// For each slot that is taken its first word.
    first: [u16; SLOTS],
}

/// What a User-Agent was found to say.
pub(super) struct Found<'u> {
    pub engine: bool,
    pub machine: Option<(Visitor, &'u [u8])>,
    innocent_until: usize,
}

pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

/// A power of two; about one slot in twenty is taken.
const SLOTS: usize = 8192;

impl Vocabulary {
    fn new() -> Vocabulary {
        let lists = [
            (INNOCENT, Meaning::Innocent, Place::Anywhere),
            (AI_FETCHERS, Meaning::Name(Visitor::AiFetcher), Place::FirstLetter),
            (PREVIEWS, Meaning::Name(Visitor::Preview), Place::FirstLetter),
            (CARDS, Meaning::Name(Visitor::Preview), Place::Start),
            (MONITORS, Meaning::Name(Visitor::Monitor), Place::FirstLetter),
            (CRAWLERS, Meaning::Name(Visitor::Crawler), Place::FirstLetter),
            (TOOLS, Meaning::Name(Visitor::Tool), Place::FirstLetter),
            (SIGNS, Meaning::Sign, Place::Anywhere),
            (ENDINGS, Meaning::Sign, Place::LastLetter),
            (ENGINES, Meaning::Engine, Place::Anywhere),
        ];
        let mut words = Vec::new();
        for (list, meaning, place) in lists {
            words.extend(list.iter().map(|text| {
                let text = text.as_bytes();
                Word {
                    text,
                    meaning,
                    place,
                    slot: slot_of(u32::from_le_bytes([text[0], text[1], text[2], 0])),
                }
            }));
        }
        // Stable: in a slot, what is innocent is still asked first, and names before signs.
        words.sort_by_key(|word| word.slot);
        let (mut taken, mut first) = ([0; SLOTS / 32], [0; SLOTS]);
        for (index, word) in words.iter().enumerate().rev() {
            taken[word.slot / 32] |= 1 << (word.slot % 32);
            first[word.slot] = u16::try_from(index).expect("there are a few hundred words");
        }
        Vocabulary { words, taken, first }
    }

    pub fn read<'u>(&self, user_agent: &'u [u8]) -> Found<'u> {
        self.read_rest(user_agent, Rest::of(user_agent))
    }

    /// The same without passing over anything.
    #[cfg(test)]
    pub fn read_all<'u>(&self, user_agent: &'u [u8]) -> Found<'u> {
        self.read_rest(user_agent, Rest::all_of(user_agent))
    }

    fn read_rest<'u>(&self, user_agent: &'u [u8], rest: Rest) -> Found<'u> {
        let (engine, machine) = (rest.names_engine, mail_address(user_agent));
        let mut found = Found { engine, machine, innocent_until: 0 };
        for stretch in rest.stretches {
            let start = stretch.start;
            let reach = user_agent.len().min(stretch.end + 2);
            for (place, three) in user_agent[start..reach].windows(3).enumerate() {
                let slot = slot_of(u32::from_le_bytes([three[0], three[1], three[2], 0]));
                let is_taken = self.taken[slot / 32] >> (slot % 32) & 1 == 1;
                if is_taken && self.take_word(slot, user_agent, start + place, &mut found) {
                    return found;
                }
            }
        }
        found
    }

    /// Whether there is no more to learn: a machine has told its name.
    fn take_word<'u>(&self, slot: usize, user_agent: &'u [u8], at: usize, found: &mut Found<'u>) -> bool {
        let first = usize::from(self.first[slot]);
        let words = self.words[first..].iter().take_while(|word| word.slot == slot);
        for word in words.filter(|word| word.stands_at(user_agent, at)) {
            let says = &user_agent[at..at + word.text.len()];
            match word.meaning {
                Meaning::Engine => found.engine = true,
                Meaning::Innocent => found.innocent_until = at + says.len(),
                Meaning::Name(_) | Meaning::Sign if at < found.innocent_until => {}
                Meaning::Name(visitor) => {
                    found.machine = Some((visitor, says));
                    return true;
                }
                Meaning::Sign => found.machine = found.machine.or(Some((Visitor::Crawler, says))),
            }
        }
        false
    }
}

impl Word {
    fn stands_at(&self, user_agent: &[u8], at: usize) -> bool {
        let end = at + self.text.len();
        let Some(part) = user_agent.get(at..end) else { return false };
        // The first letters were found to be the same: the last one tells soonest that the others aren't.
        if part.last().map(|byte| byte | 0x20) != self.text.last().map(|byte| byte | 0x20) {
            return false;
        }
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let is_placed = match self.place {
            Place::Anywhere => true,
            Place::FirstLetter => at == 0 || !is_letter(user_agent.get(at - 1)),
            Place::LastLetter => !is_letter(user_agent.get(end)),
            Place::Start => at == 0,
        };
        is_placed && part.eq_ignore_ascii_case(self.text)
    }
}

/// The slot of three bytes, the first of which is the lowest. Folds case roughly: bit 5 tells capitals from small letters, and what it confuses besides is
/// sorted out by comparing.
fn slot_of(three: u32) -> usize {
    let mixed = (three | 0x20_2020).wrapping_mul(0x9E37_79B1) >> 19;
    mixed as usize & (SLOTS - 1)
}

/// An address to complain to, `somebody@example.com`. Ecosia's `ios@150.0` and a locale's
/// `en@calendar=gregorian` are none.
fn mail_address(user_agent: &[u8]) -> Option<(Visitor, &[u8])> {
    memchr::memchr_iter(b'@', user_agent).find_map(|at| {
        let after = &user_agent[at + 1..];
        let host = after.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-')?;
        let is_address = host > 0
            && after[host] == b'.'
            && after.get(host + 1).is_some_and(u8::is_ascii_alphabetic)
            && at > 0
            && user_agent[at - 1].is_ascii_alphanumeric();
        is_address.then(|| (Visitor::Crawler, &user_agent[at..at + 1 + host]))
    })
}
