//! Numbers near the visitor: which of a line's pools suits the place that a CDN tells of.

use crate::number::{Area, Country};

/// What a rule prefers a pool for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Near {
    /// Nothing: it shows the pool that it names.
    #[default]
    None,
    /// Numbers of the visitor's country.
    Country,
    /// Numbers of the visitor's state or province, or area; else of their country.
    Area,
}

/// Where a visitor is, as far as somebody who is believed tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts<'a> {
    /// ISO 3166-1.
    pub country: Option<&'a str>,
    /// ISO 3166-2, with the country's code before it or without; or an area code.
    pub region: Option<&'a str>,
}

/// How near a pool's numbers are; the nearer the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    Elsewhere,
    SameCountry,
    SameArea,
}

impl Near {
    /// How near numbers of this area, in this country, are to the visitor, as far as the rule asks.
    pub fn to(self, area: Option<&Area>, country: Option<Country>, visitor: Whereabouts<'_>) -> Nearness {
        let is_home = |code: &str| country.is_some_and(|home| home.to_string().eq_ignore_ascii_case(code));
        let is_same_country = visitor.country.is_some_and(is_home);
        // A state's code is another country's province's, too.
        let is_other_country = visitor.country.is_some_and(|code| !is_home(code));
        let is_same_area = !is_other_country
            && area.is_some_and(|area| visitor.region.is_some_and(|region| lies_in(area, country, region)));
        match self {
            Near::Area if is_same_area => Nearness::SameArea,
            Near::Area | Near::Country if is_same_country => Nearness::SameCountry,
            _ => Nearness::Elsewhere,
        }
    }
}

fn lies_in(area: &Area, country: Option<Country>, region: &str) -> bool {
    let (of_country, region) = match region.split_once('-') {
        Some((of_country, region)) => (Some(of_country), region),
        None => (None, region),
    };
    let is_home = |code: &str| country.is_some_and(|home| home.to_string().eq_ignore_ascii_case(code));
    let lies = area.region().is_some_and(|home| home.eq_ignore_ascii_case(region));
    of_country.is_none_or(is_home) && (lies || area.digits() == region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(near: Near, area: &str, country: &str, told: (&str, &str)) -> Nearness {
        let country: Country = country.parse().unwrap();
        let some = |word| Some(word).filter(|word: &&str| !word.is_empty());
        let visitor = Whereabouts { country: some(told.0), region: some(told.1) };
        near.to(Some(&Area::parse(area, country).unwrap()), Some(country), visitor)
    }

    #[test]
    fn an_area_is_nearer_than_a_country_and_both_than_anything_else() {
        for (asked, area, country, told, nearness) in [
            (Near::Area, "212", "US", ("US", "NY"), Nearness::SameArea),
            (Near::Area, "212", "US", ("us", "US-ny"), Nearness::SameArea),
            (Near::Area, "212", "US", ("", "NY"), Nearness::SameArea),
            (Near::Area, "212", "US", ("US", "212"), Nearness::SameArea),
            (Near::Area, "212", "US", ("US", "CA"), Nearness::SameCountry),
            (Near::Area, "212", "US", ("US", ""), Nearness::SameCountry),
            (Near::Area, "212", "US", ("GB", "NY"), Nearness::Elsewhere),
            (Near::Area, "212", "US", ("", "CA-NY"), Nearness::Elsewhere),
            (Near::Area, "20", "GB", ("GB", "20"), Nearness::SameArea),
            (Near::Country, "212", "US", ("US", "NY"), Nearness::SameCountry),
            (Near::Country, "212", "US", ("CA", ""), Nearness::Elsewhere),
            (Near::Country, "212", "US", ("", ""), Nearness::Elsewhere),
            (Near::None, "212", "US", ("US", "NY"), Nearness::Elsewhere),
        ] {
            assert_eq!(near(asked, area, country, told), nearness, "{asked:?} {area} {told:?}");
        }
    }
}
