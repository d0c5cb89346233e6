//! The patterns of GA4's channel table, written out by hand: a regular expression would cost more
//! than the rest of the decision. All compare without regard to case.
//!
//! Source: Google Analytics help, answer 9756891.

use crate::visit::text;

/// `^(.*cp.*|ppc|retargeting|paid.*)$`: `tcpip` is paid, and `ppc-brand` is not.
pub(super) fn is_paid(medium: &str) -> bool {
    contains(medium, "cp")
        || is_one_of(medium, &["ppc", "retargeting"])
        || medium.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("paid"))
}

/// `^(.*(([^a-df-z]|^)shop|shopping).*)$`: `eshop` and `pet-shop` name a shop, while `workshop` and
/// `petshop` do not.
pub(super) fn names_a_shop(campaign: &str) -> bool {
    let bytes = campaign.as_bytes();
    bytes.windows(4).enumerate().any(|(at, four)| {
        if !four.eq_ignore_ascii_case(b"shop") {
            return false;
        }
        let before = at.checked_sub(1).map(|before| bytes[before].to_ascii_lowercase());
        let stands_free = before.is_none_or(|byte| byte == b'e' || !byte.is_ascii_lowercase());
        let goes_on = bytes.get(at + 4..at + 8);
        stands_free || goes_on.is_some_and(|end| end.eq_ignore_ascii_case(b"ping"))
    })
}

pub(super) fn is_one_of(value: &str, words: &[&str]) -> bool {
    words.iter().any(|word| value.eq_ignore_ascii_case(word))
}

pub(super) fn contains(value: &str, word: &str) -> bool {
    text::contains(value.as_bytes(), word.as_bytes())
}

pub(super) fn ends_with(value: &str, word: &str) -> bool {
    let start = value.len().checked_sub(word.len());
    start
        .and_then(|start| value.as_bytes().get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paid_is_what_the_pattern_says() {
        for medium in [
            "cpc",
            "CPM",
            "cpa",
            "tcpip",
            "xcpx",
            "ppc",
            "PPC",
            "retargeting",
            "paid",
            "paid_social",
            "Paidsearch",
        ] {
            assert!(is_paid(medium), "{medium}");
        }
        for medium in ["ppc-brand", "ppcs", "retargeting2", "unpaid", "pai", "organic", "", "c-p", "päid"] {
            assert!(!is_paid(medium), "{medium}");
        }
    }

    #[test]
    fn a_shop_is_what_the_pattern_says() {
        for campaign in [
            "shop",
            "Shop now",
            "eshop",
            "E-SHOP",
            "pet-shop",
            "my shop",
            "2shop",
            "shopping",
            "petshopping",
            "workshop shop",
            "éshop",
        ] {
            assert!(names_a_shop(campaign), "{campaign}");
        }
        for campaign in ["workshop", "petshop", "PETSHOP", "bishops", "sho", "petshoppin", ""] {
            assert!(!names_a_shop(campaign), "{campaign}");
        }
    }
}
