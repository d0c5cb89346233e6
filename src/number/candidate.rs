//! The candidate, seen as groups of digits: which of them spell a number, and whether they stand alone.

use smallvec::SmallVec;

use super::claim::Claim;
use super::found::{Found, PlaceAt, Segment};
use super::label::ends_with_label;
use super::matcher::{Form, Matcher};
use super::spelling::Spelling;
use super::unit::{Class, DigitForm, Joint, Unit};
use super::vanity::key;
use super::vicinity::BEFORE;

/// A run of digits, as places in the candidate's units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
    /// How many of the candidate's digits stand before it, and before its end.
    pub before: usize,
    pub until: usize,
}

/// The candidate, seen as groups of digits.
pub(super) struct Candidate<'a> {
    pub units: &'a [Unit],
    pub groups: &'a [Group],
    /// All its digits, in ASCII.
    pub digits: SmallVec<[u8; 96]>,
    /// What of another country claims the units.
    pub claim: Option<Claim>,
    /// The characters before the units.
    pub before: [char; BEFORE],
    /// Digits that stood directly before the first one, and were forgotten.
    pub forgotten: usize,
    /// A number was found that ends with the group in front of the one looked at.
    pub behind_number: bool,
    /// What makes an amount of money of the last group follows.
    pub is_amount: bool,
    /// What may follow a number in a link isn't judged here.
    pub in_link: bool,
}

impl Candidate<'_> {
    pub fn digits(&self, from: usize, to: usize) -> &[u8] {
        &self.digits[self.groups[from].before..self.groups[to].until]
    }

    /// The groups from this one on that end within this many digits.
    pub fn within(&self, from: usize, digits: usize) -> std::ops::Range<usize> {
        let groups = &self.groups[from..];
        let limit = groups.first().map_or(0, |group| group.before) + digits;
        from..from + groups.iter().take_while(|group| group.until <= limit).count()
    }

    pub fn form(&self, matcher: &Matcher, from: usize, to: usize) -> Option<Form> {
        let mut form = matcher.form(self.digits(from, to)).filter(|_| self.may_be_spelled(from, to))?;
        if self.has_letters(from, to) {
            form.spelling = Spelling::Letters;
        }
        Some(form)
    }

    /// The part of a line's number that is dialled without area code, from this group on, and up to which.
    pub fn local(&self, matcher: &Matcher, from: usize, line: u16) -> Option<(usize, Form)> {
        let (local, form) = matcher.local(line)?;
        let is_local = |to: &usize| self.digits(from, *to) == local && !self.has_letters(from, *to);
        self.within(from, local.len()).find(is_local).map(|to| (to, form))
    }

    /// Whether the groups that spell a number of this form are that number, and no part of anything else. `next` is the
    /// character behind the candidate.
    pub fn stands_alone(
        &self,
        matcher: &Matcher,
        form: Form,
        from: usize,
        to: usize,
        next: Option<char>,
    ) -> bool {
        self.clean_before(form, from, to)
            && self.clean_after(from, to, next)
            && (self.in_link || self.is_no_other_figure(matcher, form, from, to, next))
    }

    /// Whether the number is one by its look. A link says so itself.
    fn is_no_other_figure(
        &self,
        matcher: &Matcher,
        form: Form,
        from: usize,
        to: usize,
        next: Option<char>,
    ) -> bool {
        let print = matcher.print(form.line);
        let needs_print = form.lead == 0 && !self.has_letters(from, to);
        print.is_none_or(|print| !needs_print || self.is_printed(print, from, to))
            && !self.is_in_row(matcher, form, from, to)
            && !self.is_decoy(print, from, to, next)
    }

    /// Whether a number of this form in the groups from `from` to `to` may begin there: it is not the tail of something longer,
    /// or an identifier.
    pub fn clean_before(&self, form: Form, from: usize, to: usize) -> bool {
        let start = self.groups[from].start;
        if self.is_claimed(form, from) {
            return false;
        }
        if from > 0 {
            return self.loose(self.groups[from - 1].end, start);
        }
        if start > 0 {
            return true;
        }
        let may_be_labelled = |glued: char| {
            let in_one_piece = from == to;
            glued.is_ascii_alphabetic()
                && (!in_one_piece || form.lead > 0)
                && ends_with_label(&self.before, in_one_piece)
        };
        match self.before {
            [.., '#' | '=' | '@' | '%'] => false,
            [.., c] if c.is_ascii_alphanumeric() => may_be_labelled(c),
            [.., c, '/' | '-' | '.' | '_'] => !c.is_ascii_alphanumeric() || may_be_labelled(c),
            [.., c, ','] => !(c.is_ascii_digit() && from == to),
            _ => true,
        }
    }

    /// Whether a number may end with this group.
    pub fn clean_after(&self, from: usize, to: usize, mut next: Option<char>) -> bool {
        let end = self.groups[to].end;
        match self.groups.get(to + 1) {
            Some(following) if self.letter(to + 1).is_some() => {
                // It spells nothing, and is text behind the number.
                if end < following.start {
                    return true;
                }
                next = self.letter(to + 1);
            }
            Some(following) => return self.loose(end, following.start),
            None if end < self.units.len() => return true,
            None => {}
        }
        if self.in_link {
            return true;
        }
        if self.has_letters(from, to) && next.is_some_and(char::is_alphanumeric) {
            return false; // the word goes on
        }
        match next {
            Some('@' | '%' | '=') => false,
            Some(c) if c.is_ascii_alphabetic() => from != to || !self.bare(from) || matches!(c, 'x' | 'X'),
            _ => true,
        }
    }

    /// Whether the group stands alone, without a plus or a parenthesis before it.
    pub fn bare(&self, group: usize) -> bool {
        let start = self.groups[group].start;
        start == 0 || !matches!(self.units[start - 1].class, Class::Plus | Class::Open)
    }

    /// Whether a plus stands directly before the group.
    pub fn has_plus(&self, group: usize) -> bool {
        let start = self.groups[group].start;
        start > 0 && self.units[start - 1].class == Class::Plus
    }

    /// Whether what stands between two groups parts them into two words.
    fn loose(&self, from: usize, to: usize) -> bool {
        self.units[from..to].iter().any(|unit| match unit.class {
            Class::Separator(joint) => joint.parts_words(),
            class => matches!(class, Class::Edge | Class::Open | Class::Plus),
        })
    }

    pub fn found(&self, form: Form, from: usize, to: usize) -> Found {
        let first = self.opening(from);
        let units = &self.units[first..self.groups[to].end];
        let mut found = Found {
            line: form.line,
            lead: form.lead,
            international: form.international,
            spelling: form.spelling,
            in_attribute: false,
            unquoted: false,
            segments: SmallVec::new(),
        };
        let mut counted = 0;
        for part in units.chunk_by(|unit, next| unit.class != Class::Edge && unit.end() == next.start) {
            let digits: SmallVec<[PlaceAt; 12]> = part.iter().filter_map(place).collect();
            if digits.is_empty() {
                continue;
            }
            let (start, end) = (part[0].start, part[part.len() - 1].end());
            let count = digits.len() as u8;
            found.segments.push(Segment { start, end, before: counted, places: digits });
            counted += count;
        }
        found
    }

    /// Where the number's own plus and parenthesis begin: directly before its first digit.
    fn opening(&self, from: usize) -> usize {
        let start = self.groups[from].start;
        let floor = if from > 0 { self.groups[from - 1].end } else { 0 };
        let mut first = start;
        let mut seen = SmallVec::<[Class; 2]>::new();
        for index in (floor..start).rev() {
            match self.units[index].class {
                class @ (Class::Plus | Class::Open) if !seen.contains(&class) => {
                    seen.push(class);
                    first = index;
                }
                Class::Separator(Joint::Blank) | Class::Transparent | Class::Edge => {}
                _ => break,
            }
        }
        first
    }
}

/// The runs of digits, and of letters, in these units.
pub(super) fn groups(units: &[Unit]) -> SmallVec<[Group; 8]> {
    let mut groups: SmallVec<[Group; 8]> = SmallVec::new();
    let (mut joined, mut digits) = (None, 0);
    for (index, unit) in units.iter().enumerate() {
        let is_letter = match unit.class {
            Class::Digit { .. } => false,
            Class::Letter(_) => true,
            Class::Transparent => continue,
            _ => {
                joined = None;
                continue;
            }
        };
        digits += 1;
        match groups.last_mut().filter(|_| joined == Some(is_letter)) {
            Some(group) => (group.end, group.until) = (index + 1, digits),
            None => groups.push(Group { start: index, end: index + 1, before: digits - 1, until: digits }),
        }
        joined = Some(is_letter);
    }
    groups
}

pub(super) fn digit(unit: &Unit) -> Option<u8> {
    match unit.class {
        Class::Digit { value, .. } => Some(value),
        Class::Letter(c) => key(c),
        _ => None,
    }
}

fn place(unit: &Unit) -> Option<PlaceAt> {
    match unit.class {
        Class::Digit { form, .. } => Some((unit.start, unit.len, form)),
        Class::Letter(_) => Some((unit.start, unit.len, DigitForm::Char('0'))),
        _ => None,
    }
}
