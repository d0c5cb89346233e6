//! The search for numbers in a stream of text.
//!
//! Owns the candidate: the digits read so far that may yet turn out to be a number of the business, and the first
//! byte that therefore can't leave yet. Text arrives in fragments of any size; borders of inline elements count as
//! nothing, borders of blocks end a candidate. It doesn't know tags: the page room says where the borders are.

mod cut;
mod tail;

use std::ops::Range;

use smallvec::SmallVec;

use super::candidate::{Candidate, Group, digit, groups};
use super::charset::Charset;
use super::claim::{Claim, claim};
use super::found::Found;
use super::matcher::Matcher;
use super::unit::{Class, Joint, Next, Reader, Unit};
use super::vanity::{FEWEST_BEFORE_LETTERS, key};
use super::vicinity::{BEHIND, Vicinity};

/// Separators that may stand between two digits of a number, blanks in a row counted once.
const LONGEST_GAP: usize = 24;

/// Bytes of them, and of comments between: line breaks with indentation are long.
const LONGEST_GAP_BYTES: usize = 256;

/// Digits in a row beyond which a group is no part of any number.
const LONGEST_GROUP: usize = 32;

/// Digits after which the front of a long row of numbers is decided without waiting for its end.
const DIGITS_AT_ONCE: usize = 64;

/// More digits than most figures have that are no telephone number.
const FIGURE: usize = 8;

/// Finds numbers in one text after another.
#[derive(Debug)]
pub struct Scanner {
    reader: Reader,
    /// The candidate: from its first digit, plus or parenthesis.
    units: Vec<Unit>,
    digits: usize,
    /// Digits of the group in progress.
    group: usize,
    /// Separators since the last digit, and where they begin.
    gap: usize,
    gap_at: usize,
    /// Numbers are found in the midst of something longer, too.
    lenient: bool,
    /// The first digits only show what stands before the others: they can't be part of a number any more.
    spent: bool,
    vicinity: Vicinity,
    /// What follows the candidate and may yet make it an amount of money, and whether it has.
    tail: SmallVec<[Unit; 4]>,
    is_amount: bool,
    /// Up to where the text has been read.
    read: usize,
    /// Bytes of a character or reference that isn't whole yet, and where they start.
    cut: SmallVec<[u8; 24]>,
    cut_at: usize,
}

impl Scanner {
    /// A scanner for the text of a page in this charset.
    pub fn new(charset: Charset) -> Self {
        Self::with(Reader { charset, percent: false })
    }

    /// A scanner for one link's value.
    pub(super) fn for_link(charset: Charset) -> Self {
        Self::with(Reader { charset, percent: true })
    }

    /// A scanner that also finds what is no number by what stands beside it.
    pub fn lenient(charset: Charset) -> Self {
        Scanner { lenient: true, ..Self::new(charset) }
    }

    /// The same for one link's value.
    pub fn lenient_for_link(charset: Charset) -> Self {
        Scanner { lenient: true, ..Self::for_link(charset) }
    }

    fn with(reader: Reader) -> Self {
        Scanner {
            reader,
            units: Vec::new(),
            digits: 0,
            group: 0,
            gap: 0,
            gap_at: 0,
            lenient: false,
            spent: false,
            vicinity: Vicinity::default(),
            tail: SmallVec::new(),
            is_amount: false,
            read: 0,
            cut: SmallVec::new(),
            cut_at: 0,
        }
    }

    /// The numbers in a text that is whole, such as an attribute's; it stands at byte `at` of the page.
    pub fn numbers_in(matcher: &Matcher, text: &[u8], at: usize, charset: &Charset) -> Vec<Found> {
        let (mut scanner, mut found) = (Scanner::new(charset.clone()), Vec::new());
        scanner.feed(matcher, text, at, &mut found);
        scanner.end(matcher, &mut found);
        found
    }

    /// Reads on in a text: `text` stands at byte `at` of the page.
    pub fn feed(&mut self, matcher: &Matcher, text: &[u8], at: usize, found: &mut Vec<Found>) {
        let mut position = if self.cut.is_empty() { 0 } else { self.feed_cut(matcher, text, at, found) };
        self.read = at + text.len();
        while position < text.len() {
            if self.units.is_empty() {
                let Some(skipped) = self.skip_to_digit(&text[position..]) else { return };
                position += skipped;
            }
            match self.reader.next(&text[position..], false) {
                Next::Unit(class, len) => {
                    self.take(matcher, class, at + position, len, found);
                    position += len;
                }
                Next::Incomplete => {
                    self.cut = SmallVec::from_slice(&text[position..]);
                    self.cut_at = at + position;
                    return;
                }
            }
        }
    }

    /// The border of an inline element: a number may go on behind it, but a whole one may also end here.
    pub fn edge(&mut self, matcher: &Matcher, at: usize, found: &mut Vec<Found>) {
        self.flush_cut(matcher, found);
        self.end_tail(matcher, Class::Edge, found);
        if self.units.is_empty() {
            return self.vicinity.pass_border();
        }
        if self.complete(matcher) {
            return self.finish(matcher, ' ', found);
        }
        self.prune(matcher);
        if self.held().is_none() {
            // What can't be part of a number doesn't matter behind a tag either, but for another country's code.
            let claim = self.claim_at(self.units.len());
            self.finish(matcher, ' ', found);
            self.vicinity.claim = claim;
            return;
        }
        self.push_between(matcher, Unit { class: Class::Edge, start: at, len: 0 }, found);
    }

    /// What no person sees stands here, such as a comment: a number goes on behind it, and so does all else. `before` are the
    /// bytes in front of it.
    pub fn pass_unseen(
        &mut self,
        matcher: &Matcher,
        place: Range<usize>,
        before: [u8; BEHIND],
        found: &mut Vec<Found>,
    ) {
        self.flush_cut(matcher, found);
        if self.is_idle() && !self.goes_on_at(place.start) {
            self.begin_behind(place.start, before);
        }
        if self.units.last().is_some_and(|last| place.end - last.end() > LONGEST_GAP_BYTES) {
            self.finish(matcher, ' ', found);
        }
        self.read = place.end;
    }

    /// The end of a text: nothing that follows belongs to it.
    pub fn end(&mut self, matcher: &Matcher, found: &mut Vec<Found>) {
        self.flush_cut(matcher, found);
        self.end_tail(matcher, Class::Edge, found);
        self.finish(matcher, ' ', found);
        self.vicinity.pass_block();
    }

    /// Whether the text at byte `at` goes on where reading stopped.
    pub fn goes_on_at(&self, at: usize) -> bool {
        self.read == at
    }

    /// A text begins that nothing was read before of; these are the bytes before it. A tag's end parts.
    pub fn begin_behind(&mut self, at: usize, bytes: [u8; BEHIND]) {
        let unread = at.saturating_sub(self.read).min(BEHIND);
        self.vicinity.begin_behind(&bytes[BEHIND - unread..], &self.reader);
    }

    /// The charset of what follows.
    pub fn set_charset(&mut self, charset: Charset) {
        self.reader.charset = charset;
    }

    /// Whether what comes next is read without regard to what came before.
    pub fn is_idle(&self) -> bool {
        self.units.is_empty() && self.cut.is_empty()
    }

    /// The first byte that may belong to a number not decided yet.
    pub fn held(&self) -> Option<usize> {
        let candidate = self.units.iter().skip(usize::from(self.spent));
        let first = candidate.into_iter().find(|unit| unit.class.begins_number()).map(|unit| unit.start);
        first.or((!self.cut.is_empty()).then_some(self.cut_at))
    }

    /// Whether a text between tags is of no interest to a scanner that is idle: with none of the figures in it a number begins.
    pub fn is_needless(&self, matcher: &Matcher, text: &[u8]) -> bool {
        if !self.is_idle() || self.vicinity.beside.is_some() {
            return false;
        }
        let mut rest = text;
        while let Some(start) = self.reader.beginning(rest) {
            let figure = &rest[start..rest.len().min(start + FIGURE)];
            let digits = figure.iter().take_while(|byte| byte.is_ascii_digit()).count();
            // What follows a point belongs to the same word, and is the beginning of nothing.
            let len = figure.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            if digits == 0 || len == FIGURE || matcher.may_begin(&figure[..digits]) {
                return false;
            }
            rest = &rest[start + len..];
        }
        true
    }

    /// Passes over what can't begin a number. None where nothing does.
    fn skip_to_digit(&mut self, text: &[u8]) -> Option<usize> {
        let skipped = self.reader.beginning(text);
        self.vicinity.pass(&text[..skipped.unwrap_or(text.len())], skipped.is_some(), &self.reader);
        skipped
    }

    /// Takes one unit: it goes on with the candidate, begins one, or ends one.
    fn take(&mut self, matcher: &Matcher, class: Class, start: usize, len: usize, found: &mut Vec<Found>) {
        let unit = Unit { class, start, len: len as u8 };
        if self.is_amount_to_go_on(matcher, class) {
            return self.tail.push(unit);
        }
        if !self.tail.is_empty() {
            self.end_tail(matcher, class, found);
            return self.take(matcher, class, start, len, found);
        }
        match class {
            Class::Digit { .. } => self.take_digit(matcher, unit, found),
            Class::Plus | Class::Open if self.digits == 0 => {
                if !self.push_between(matcher, unit, found) {
                    self.units.push(unit);
                }
            }
            Class::Plus => {
                self.finish(matcher, '+', found);
                self.units.push(unit);
            }
            Class::Open | Class::Separator(_) | Class::Transparent if !self.units.is_empty() => {
                self.take_between(matcher, unit, found);
            }
            Class::Separator(joint) if joint.parts_words() => self.vicinity.pass_character(' '),
            Class::Separator(_) => self.vicinity.pass_character('-'),
            Class::Open | Class::Transparent | Class::Edge => {}
            Class::Other(c) if self.may_spell(matcher, c) => {
                self.gap = 0;
                self.group += 1;
                self.digits += 1;
                self.units.push(Unit { class: Class::Letter(c), ..unit });
            }
            Class::Other(c) | Class::Letter(c) => self.finish(matcher, c, found),
        }
    }

    /// Takes what may stand between the groups of a number.
    fn take_between(&mut self, matcher: &Matcher, unit: Unit, found: &mut Vec<Found>) {
        if self.group > 0 && unit.class != Class::Transparent {
            self.prune(matcher);
        }
        let parts_words = matches!(unit.class, Class::Separator(joint) if joint.parts_words());
        if parts_words && self.held().is_none() {
            let claim = self.claim_at(self.units.len());
            let is_row = unit.class == Class::Separator(Joint::Blank)
                && matches!(self.units.last(), Some(unit) if digit(unit).is_some());
            let digits = if is_row { self.vicinity.forgotten + 1 } else { 0 };
            self.finish(matcher, ' ', found);
            self.vicinity.claim = claim;
            self.vicinity.pass_group(digits);
        } else {
            self.push_between(matcher, unit, found);
        }
    }

    /// Goes on with the candidate, unless it has become too long without a digit; then it ends here, and false is said.
    fn push_between(&mut self, matcher: &Matcher, unit: Unit, found: &mut Vec<Found>) -> bool {
        const BLANK: Class = Class::Separator(Joint::Blank);
        if self.gap == 0 {
            self.gap_at = unit.start;
        }
        let is_more = unit.class != BLANK || self.units.last().is_none_or(|last| last.class != BLANK);
        self.gap += usize::from(is_more);
        let goes_on = self.gap <= LONGEST_GAP && unit.start - self.gap_at <= LONGEST_GAP_BYTES;
        match goes_on {
            true => self.units.push(unit),
            false => self.finish(matcher, ' ', found),
        }
        goes_on
    }

    /// Whether a letter behind the candidate may spell a number's next digit.
    fn may_spell(&self, matcher: &Matcher, letter: char) -> bool {
        let Some(key) = key(letter).filter(|_| self.digits >= FEWEST_BEFORE_LETTERS) else { return false };
        let groups = groups(&self.units);
        let view = self.view(&groups);
        let (first, last) = (usize::from(self.spent), groups.len() - 1);
        (first..=last).filter(|from| view.within(*from, matcher.longest()).end > last).any(|from| {
            let mut digits: SmallVec<[u8; 40]> = view.digits(from, last).into();
            digits.push(b'0' + key);
            digits.len() > FEWEST_BEFORE_LETTERS
                && view.may_be_spelled(from, last)
                && matcher.may_begin(&digits)
        })
    }

    fn take_digit(&mut self, matcher: &Matcher, unit: Unit, found: &mut Vec<Found>) {
        self.gap = 0;
        self.group += 1;
        if self.group > LONGEST_GROUP {
            if self.group == LONGEST_GROUP + 1 && self.digits >= matcher.shortest() {
                self.settle(matcher, Some('0'), found);
            }
            self.units.clear();
            self.vicinity.forgotten = LONGEST_GROUP;
            self.spent = true;
            self.digits = 0;
        } else if self.digits >= DIGITS_AT_ONCE {
            self.settle(matcher, None, found);
        }
        self.digits += 1;
        self.units.push(unit);
    }

    /// A group has ended: forgets those in front that no number begins with.
    fn prune(&mut self, matcher: &Matcher) {
        if std::mem::take(&mut self.group) == self.digits && self.digits < matcher.shortest() {
            return self.prune_only_group(matcher);
        }
        let groups = groups(&self.units);
        let view = self.view(&groups);
        let (first, last) = (usize::from(self.spent), groups.len());
        let viable = (first..last).find(|from| self.may_begin(matcher, view.digits(*from, last - 1)));
        let viable = viable.unwrap_or(last);
        let spells = |from: usize| {
            view.within(from, matcher.longest()).any(|to| view.form(matcher, from, to).is_some())
        };
        let done = !(first..viable).any(spells);
        if viable > first && done {
            self.drop_front(&groups, viable);
        }
    }

    fn may_begin(&self, matcher: &Matcher, digits: &[u8]) -> bool {
        let local = self.vicinity.beside.and_then(|(line, _)| matcher.local(line));
        matcher.may_begin(digits) || local.is_some_and(|(local, _)| local.starts_with(digits))
    }

    /// The same for the commonest of texts, a single number that is not a telephone's.
    fn prune_only_group(&mut self, matcher: &Matcher) {
        let digits: SmallVec<[u8; 40]> =
            self.units.iter().filter_map(digit).map(|value| value + b'0').collect();
        let last = self.units.iter().rposition(|unit| digit(unit).is_some());
        if let Some(last) = last.filter(|_| !self.may_begin(matcher, &digits)) {
            self.forget(last);
            (self.digits, self.spent) = (1, true);
        }
    }

    /// Decides the candidate; `next` is the character behind it.
    fn finish(&mut self, matcher: &Matcher, next: char, found: &mut Vec<Found>) {
        if self.digits >= matcher.shortest() || self.digits > 0 && self.vicinity.beside.is_some() {
            self.settle(matcher, Some(next), found);
        }
        if next != ' ' {
            self.vicinity.beside = None;
        }
        let ends_with_number = || Some(found.last()?.segments.last()?.end == self.units.last()?.end());
        self.vicinity.pass_candidate(&self.units, ends_with_number() == Some(true), next);
        self.is_amount = false;
        self.units.clear();
        (self.digits, self.group, self.gap, self.spent) = (0, 0, 0, false);
        (self.vicinity.claim, self.vicinity.forgotten) = (None, 0);
    }

    /// Whether the candidate is one whole number, and no longer one begins with it.
    fn complete(&self, matcher: &Matcher) -> bool {
        let groups = groups(&self.units);
        let Some(last) = groups.len().checked_sub(1) else { return false };
        let view = self.view(&groups);
        let first = usize::from(self.spent);
        let mut whole =
            (first..=last).map(|from| view.digits(from, last)).filter(|d| matcher.form(d).is_some());
        whole.next().is_some_and(|digits| !matcher.may_go_on(digits)) && whole.all(|d| !matcher.may_go_on(d))
    }

    /// Reports the numbers in the candidate. Without `next` more is to come, and only its front is decided.
    fn settle(&mut self, matcher: &Matcher, next: Option<char>, found: &mut Vec<Found>) {
        let groups = groups(&self.units);
        let mut view = self.view(&groups);
        let mut from = usize::from(self.spent);
        let is_near = |end: usize| from == 0 && self.units[0].start < end + BEHIND;
        let mut beside = self.vicinity.beside.filter(|(_, end)| is_near(*end));
        let mut open = self.digits;
        while from < groups.len() {
            if next.is_none() && open <= matcher.longest() + LONGEST_GROUP {
                break;
            }
            view.behind_number = beside.is_some();
            let form = view.within(from, matcher.longest()).rev().find_map(|to| {
                let form = view.form(matcher, from, to)?;
                (self.lenient || view.stands_alone(matcher, form, from, to, next)).then_some((to, form))
            });
            let form = form.or_else(|| {
                let local = view.local(matcher, from, beside?.0);
                local.filter(|(to, form)| {
                    view.clean_before(*form, from, *to) && view.clean_after(from, *to, next)
                })
            });
            let until = form.map_or(from, |(to, _)| to);
            found.extend(form.map(|(to, form)| view.found(form, from, to)));
            beside = form.map(|(to, form)| (form.line, self.units[groups[to].end - 1].end()));
            open = open.saturating_sub(view.digits(from, until).len());
            from = until + 1;
        }
        if next.is_none() && from > usize::from(self.spent) {
            self.drop_front(&groups, from);
        }
        self.vicinity.beside = beside;
    }

    /// Forgets the groups before `from`, all but the last digit, which tells what stands before the next.
    fn drop_front(&mut self, groups: &[Group], from: usize) {
        let keep = groups[from - 1].end - 1;
        self.forget(keep);
        self.spent = true;
        self.digits = self.units.iter().filter_map(digit).count();
    }

    /// Forgets units in front, but not what claims those behind them, and how many digits of the first of those went.
    fn forget(&mut self, units: usize) {
        self.vicinity.claim = self.claim_at(units);
        self.vicinity.forget_digits(&self.units[..units]);
        self.units.drain(..units);
    }

    /// What claims the digits from this unit on for another country.
    fn claim_at(&self, unit: usize) -> Option<Claim> {
        claim(self.vicinity.claim, &self.vicinity.before, &self.units[..unit])
    }

    fn view<'a>(&'a self, groups: &'a [Group]) -> Candidate<'a> {
        Candidate {
            units: &self.units,
            groups,
            digits: self.units.iter().filter_map(digit).map(|value| value + b'0').collect(),
            claim: self.vicinity.claim,
            forgotten: self.vicinity.forgotten,
            behind_number: false,
            before: self.vicinity.before,
            is_amount: self.is_amount,
            in_link: self.reader.percent,
        }
    }
}

#[cfg(test)]
#[path = "scanner_tests.rs"]
mod tests;
