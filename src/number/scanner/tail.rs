//! What stands behind the candidate and may make it an amount of money: `2125550100,00`, `2125550100 EUR`.

use super::Scanner;
use crate::number::amount::{ends_amount, may_end_amount};
use crate::number::found::Found;
use crate::number::matcher::Matcher;
use crate::number::unit::{Class, Joint, Unit};

impl Scanner {
    /// Whether this goes on, or begins, with what makes an amount of money of the candidate.
    pub(super) fn is_amount_to_go_on(&self, matcher: &Matcher, class: Class) -> bool {
        if self.tail.is_empty() {
            let Class::Other(c) = class else { return false };
            let is_behind = match self.units.last().map(|unit| unit.class) {
                Some(Class::Digit { .. }) => matches!(c, ',' | 'k' | 'K' | 'z'),
                Some(Class::Separator(Joint::Blank)) => c.is_ascii_alphabetic(),
                _ => false,
            };
            let is_number = self.digits >= matcher.shortest() && !self.lenient && !self.reader.percent;
            if !is_behind || !is_number || self.may_spell(matcher, c) {
                return false;
            }
        }
        may_end_amount(&self.tail, class)
    }

    /// Decides the candidate by its tail, which `next` stands behind.
    pub(super) fn end_tail(&mut self, matcher: &Matcher, next: Class, found: &mut Vec<Found>) {
        let tail = std::mem::take(&mut self.tail);
        let Some(Unit { class: Class::Other(first), .. }) = tail.first() else { return };
        self.is_amount = ends_amount(&tail, next);
        self.finish(matcher, *first, found);
        for Unit { class, start, len } in &tail[1..] {
            self.take(matcher, *class, *start, usize::from(*len), found);
        }
    }
}
