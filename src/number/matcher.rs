//! The numbers that are looked for, by every string of digits that a page may spell them with.

use super::phone::PhoneNumber;
use super::print::Print;
use super::spelling::{Spelling, Token};
use super::vanity::Vanity;

/// Finds the business's numbers. Immutable once built; one for each site.
#[derive(Debug)]
pub struct Matcher {
    /// In the order of their digits, none twice.
    forms: Vec<(Box<[u8]>, Form)>,
    /// What is dialled of each number without area code, where its country has such.
    locals: Vec<Option<Box<[u8]>>>,
    /// How each short number is printed.
    prints: Vec<Option<Print>>,
    beginnings: Beginnings,
    shortest: usize,
    longest: usize,
}

/// What a string of digits means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Place of the number in the list that the matcher was built from.
    pub line: u16,
    /// How many digits come before the national significant number.
    pub lead: u8,
    pub international: bool,
    pub spelling: Spelling,
}

/// Prefixes for dialling abroad that pages print: most countries', and North America's.
const INTERNATIONAL_PREFIXES: [&str; 2] = ["00", "011"];

/// National numbers shorter than this are only looked for with a prefix, where their country prints one.
const DISTINCT_DIGITS: usize = 8;

/// Mexico's code, behind which mobiles had a 1 until 2020. Many pages, and WhatsApp's links, still write it.
const MEXICO: &str = "52";

/// What Argentina writes behind a mobile's area code, in place of the 9 before it.
const ARGENTINAS_TOKEN: &str = "15";

/// Digits of an area code in North America, where people leave it out.
const AREA_CODE: usize = 3;

impl Matcher {
    /// A matcher for these numbers; a line of the business is known by its place in the list.
    pub fn new<'a>(numbers: impl IntoIterator<Item = &'a PhoneNumber>) -> Self {
        let mut matcher = Matcher {
            forms: Vec::new(),
            locals: Vec::new(),
            prints: Vec::new(),
            beginnings: Beginnings::default(),
            shortest: usize::MAX,
            longest: 0,
        };
        for (line, number) in numbers.into_iter().enumerate() {
            matcher.add(line as u16, number);
            let local = (number.country_code() == "1").then(|| number.national_digits().get(AREA_CODE..));
            matcher.locals.push(local.flatten().map(|digits| digits.as_bytes().into()));
            matcher.prints.push(Print::of(number));
        }
        matcher
    }

    /// Another way to write a line's number, with its country's trunk prefix and without.
    pub fn add_vanity(&mut self, line: u16, vanity: &Vanity, number: &PhoneNumber) {
        let keys = std::str::from_utf8(vanity.keys()).expect("keys are ASCII digits");
        let trunk = number.trunk_prefix().unwrap_or_default();
        let form = Form { line, lead: 0, international: false, spelling: Spelling::Letters };
        self.add_digits(keys.to_owned(), form);
        self.add_digits(
            keys.strip_prefix(trunk).map_or_else(|| format!("{trunk}{keys}"), str::to_owned),
            form,
        );
    }

    /// What is dialled of a line's number without area code.
    pub(super) fn local(&self, line: u16) -> Option<(&[u8], Form)> {
        let digits = self.locals[usize::from(line)].as_deref()?;
        let spelling = Spelling::WithoutAreaCode(AREA_CODE as u8);
        Some((digits, Form { line, lead: 0, international: false, spelling }))
    }

    /// How a line's number is printed, where it is short.
    pub(super) fn print(&self, line: u16) -> Option<&Print> {
        self.prints[usize::from(line)].as_ref()
    }

    /// Adds the ways to write a number, the likelier first: where two numbers share a form, it is the first one's.
    fn add(&mut self, line: u16, number: &PhoneNumber) {
        let (code, national) = (number.country_code(), number.national_digits());
        let trunk = number.trunk_prefix().unwrap_or_default();
        if trunk.is_empty() || national.len() >= DISTINCT_DIGITS {
            self.add_form("", national, line, false);
        }
        self.add_form(trunk, national, line, trunk == code);
        self.add_mobile(line, number);
        self.add_national_format(line, number);
        let mut abroad = vec![code.to_owned(), format!("{code}{trunk}")];
        // A zero in parentheses is printed behind the country code in countries without a trunk prefix too.
        abroad.push(format!("{code}0"));
        for prefix in INTERNATIONAL_PREFIXES {
            for zero in ["", trunk, "0"] {
                abroad.push(format!("{prefix}{code}{zero}"));
            }
        }
        for lead in &abroad {
            self.add_form(lead, national, line, true);
        }
    }

    /// What mobiles are written with in countries that have, or had, a token for them.
    fn add_mobile(&mut self, line: u16, number: &PhoneNumber) {
        let (code, national) = (number.country_code(), number.national_digits());
        let abroad = || ["", "00", "011"].map(|prefix| format!("{prefix}{code}"));
        if code == MEXICO {
            for lead in abroad() {
                self.add_form(&format!("{lead}1"), national, line, true);
            }
        }
        let Some(area) = number.area_before_token() else { return };
        let (mobile, rest) = national.split_at(1);
        let (area, subscriber) = rest.split_at(area);
        let trunk = number.trunk_prefix().unwrap_or_default().to_owned();
        let mut add = |lead: String, international: bool, mobile: &str| {
            let digits = [&lead, mobile, area, ARGENTINAS_TOKEN, subscriber].concat();
            let token = Token {
                omitted: 1 - mobile.len() as u8,
                before: (mobile.len() + area.len()) as u8,
                len: ARGENTINAS_TOKEN.len() as u8,
            };
            let spelling = Spelling::Mobile(token);
            self.add_digits(digits, Form { line, lead: lead.len() as u8, international, spelling });
        };
        add(trunk.clone(), false, "");
        add(String::new(), false, "");
        for lead in abroad() {
            add(format!("{lead}{trunk}"), true, "");
            add(lead.clone(), true, "");
            add(lead, true, mobile);
        }
    }

    /// What the country prints, which may have another prefix than the usual one (Belarus), or none (Liechtenstein).
    fn add_national_format(&mut self, line: u16, number: &PhoneNumber) {
        let digits: String = number.national_format().chars().filter(char::is_ascii_digit).collect();
        if let Some(lead) = digits.strip_suffix(number.national_digits()) {
            self.add_form(lead, number.national_digits(), line, false);
        }
    }

    fn add_form(&mut self, lead: &str, national: &str, line: u16, international: bool) {
        let form = Form { line, lead: lead.len() as u8, international, spelling: Spelling::Digits };
        self.add_digits([lead, national].concat(), form);
    }

    fn add_digits(&mut self, digits: String, form: Form) {
        let digits = digits.into_bytes().into_boxed_slice();
        self.beginnings.add(&digits);
        self.shortest = self.shortest.min(digits.len());
        self.longest = self.longest.max(digits.len());
        if let Err(place) = self.place(&digits) {
            self.forms.insert(place, (digits, form));
        }
    }

    fn place(&self, digits: &[u8]) -> Result<usize, usize> {
        self.forms.binary_search_by(|(form, _)| form[..].cmp(digits))
    }

    /// What these digits mean.
    pub(super) fn form(&self, digits: &[u8]) -> Option<Form> {
        self.place(digits).ok().map(|place| self.forms[place].1)
    }

    /// Whether some number is written with these digits first.
    pub(super) fn may_begin(&self, digits: &[u8]) -> bool {
        let may = self.beginnings.contain(digits);
        if !may || matches!(digits.len(), 1..=FIRST_DIGITS) {
            return may;
        }
        let place = self.place(digits).unwrap_or_else(|place| place);
        self.forms.get(place).is_some_and(|(form, _)| form.starts_with(digits))
    }

    /// Whether some longer number is written with these digits first.
    pub(super) fn may_go_on(&self, digits: &[u8]) -> bool {
        let place = self.place(digits).map_or_else(|place| place, |place| place + 1);
        self.forms.get(place).is_some_and(|(form, _)| form.starts_with(digits))
    }

    /// Digits of the shortest form.
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    /// Digits of the longest form.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}

/// So many digits of a form are known without a look at it.
const FIRST_DIGITS: usize = 3;

/// The first digits of all forms: most figures on a page are told from a number by no more.
#[derive(Debug, Default)]
struct Beginnings {
    /// Bit a: some form begins with the digit a.
    ones: u16,
    /// Bit 10a + b: some form begins with the digits a and b.
    twos: u128,
    /// Bit 100a + 10b + c, likewise.
    threes: [u64; 16],
}

impl Beginnings {
    fn add(&mut self, form: &[u8]) {
        if let [a, ..] = *form {
            self.ones |= 1 << number_of(&[a]);
        }
        if let [a, b, ..] = *form {
            self.twos |= 1 << number_of(&[a, b]);
        }
        if let [a, b, c, ..] = *form {
            let three = number_of(&[a, b, c]);
            self.threes[three / 64] |= 1 << (three % 64);
        }
    }

    /// Whether some form may begin with these digits.
    fn contain(&self, digits: &[u8]) -> bool {
        match *digits {
            [a, b, c, ..] => {
                let three = number_of(&[a, b, c]);
                self.threes[three / 64] >> (three % 64) & 1 == 1
            }
            [a, b] => self.twos >> number_of(&[a, b]) & 1 == 1,
            [a] => self.ones >> number_of(&[a]) & 1 == 1,
            [] => true,
        }
    }
}

fn number_of(digits: &[u8]) -> usize {
    digits.iter().fold(0, |number, digit| 10 * number + usize::from(digit - b'0'))
}
