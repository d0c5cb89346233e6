//! Area codes: where a number is at home.
//!
//! Owns the parsing of what an operator calls an area, and which state or province one of North America's lies in. Elsewhere
//! an area is known by its digits alone.

use super::phone::{Country, PhoneNumber};

/// An area code without trunk prefix: `212`, `30`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area(Box<str>);

/// What was written is no area code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no area code")]
pub struct AreaError;

impl Area {
    /// Digits in front of a country's numbers, with its trunk prefix or without.
    ///
    /// # Errors
    /// [`AreaError`] where these are not 1 to 5 digits.
    pub fn parse(written: &str, country: Country) -> Result<Self, AreaError> {
        let trunk = country.trunk_prefix().unwrap_or_default();
        let digits = written.trim().trim_start_matches('(').trim_end_matches(')');
        let digits = digits.strip_prefix(trunk).unwrap_or(digits);
        let is_code = (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| Area(digits.into())).ok_or(AreaError)
    }

    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Whether the number is one of the area's.
    pub fn covers(&self, number: &PhoneNumber) -> bool {
        number.national_digits().starts_with(&*self.0)
    }

    /// The state, province or territory that an area code of the North American Numbering Plan lies in, by its code in ISO
    /// 3166-2 behind the country's. Caribbean countries have none, nor have codes that belong to no place.
    pub fn region(&self) -> Option<&'static str> {
        let is_there = |(_, areas): &&(&str, &str)| areas.split(' ').any(|area| *area == *self.0);
        REGIONS.iter().find(is_there).map(|(region, _)| *region)
    }
}

/// Area codes by state and province (North American Numbering Plan Administration, "Area Code Map"; Canadian Numbering
/// Administrator). Canada's territories share one, which is told by the largest, and two provinces share theirs.
const REGIONS: [(&str, &str); 61] = [
    ("AL", "205 251 256 334 659 938"),
    ("AK", "907"),
    ("AZ", "480 520 602 623 928"),
    ("AR", "327 479 501 870"),
    (
        "CA",
        "209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 \
         747 760 805 818 820 831 837 840 858 909 916 925 949 951",
    ),
    ("CO", "303 719 720 748 970 983"),
    ("CT", "203 475 860 959"),
    ("DE", "302"),
    ("DC", "202 771"),
    ("FL", "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954"),
    ("GA", "229 404 470 478 678 706 762 770 912 943"),
    ("HI", "808"),
    ("ID", "208 986"),
    ("IL", "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872"),
    ("IN", "219 260 317 463 574 765 812 930"),
    ("IA", "319 515 563 641 712"),
    ("KS", "316 620 785 913"),
    ("KY", "270 364 502 606 859"),
    ("LA", "225 318 337 457 504 985"),
    ("ME", "207"),
    ("MD", "227 240 301 410 443 667"),
    ("MA", "339 351 413 508 617 774 781 857 978"),
    ("MI", "231 248 269 313 517 586 616 679 734 810 906 947 989"),
    ("MN", "218 320 507 612 651 763 924 952"),
    ("MS", "228 601 662 769"),
    ("MO", "235 314 417 557 573 636 660 816 975"),
    ("MT", "406"),
    ("NE", "308 402 531"),
    ("NV", "702 725 775"),
    ("NH", "603"),
    ("NJ", "201 551 609 640 732 848 856 862 908 973"),
    ("NM", "505 575"),
    ("NY", "212 315 329 332 347 363 465 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934"),
    ("NC", "252 336 472 704 743 828 910 919 980 984"),
    ("ND", "701"),
    ("OH", "216 220 234 283 326 330 380 419 436 440 513 567 614 740 937"),
    ("OK", "405 539 572 580 918"),
    ("OR", "458 503 541 971"),
    ("PA", "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878"),
    ("RI", "401"),
    ("SC", "803 821 839 843 854 864"),
    ("SD", "605"),
    ("TN", "423 615 629 731 865 901 931"),
    (
        "TX",
        "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 956 \
         972 979",
    ),
    ("UT", "385 435 801"),
    ("VT", "802"),
    ("VA", "276 434 540 571 686 703 757 804 826 948"),
    ("WA", "206 253 360 425 509 564"),
    ("WV", "304 681"),
    ("WI", "262 274 353 414 534 608 715 920"),
    ("WY", "307"),
    ("AB", "368 403 587 780 825"),
    ("BC", "236 250 257 604 672 778"),
    ("MB", "204 431 584"),
    ("NB", "428 506"),
    ("NL", "709 879"),
    ("NS", "782 902"),
    ("ON", "226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942"),
    ("QC", "263 354 367 418 438 450 468 514 579 581 819 873"),
    ("SK", "306 474 639"),
    ("YT", "867"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn area(written: &str, country: &str) -> Area {
        Area::parse(written, country.parse().unwrap()).unwrap()
    }

    #[test]
    fn an_area_is_read_with_its_trunk_prefix_and_without() {
        assert_eq!(area("212", "US").digits(), "212");
        assert_eq!(area(" (030) ", "DE").digits(), "30");
        assert_eq!(area("20", "GB"), area("020", "GB"));
        for written in ["", "0", "New York", "212555", "2-1"] {
            assert_eq!(Area::parse(written, "DE".parse().unwrap()), Err(AreaError), "{written}");
        }
        let number = |written: &str| PhoneNumber::parse(written, "US".parse().unwrap()).unwrap();
        assert!(area("212", "US").covers(&number("+12125550100")));
        assert!(!area("212", "US").covers(&number("+16465550100")));
    }

    #[test]
    fn an_area_of_north_america_lies_in_a_state_or_province() {
        let region = |code| area(code, "US").region();
        assert_eq!(region("212"), Some("NY"));
        assert_eq!(region("310"), Some("CA"));
        assert_eq!(region("416"), Some("ON"));
        assert_eq!(region("800"), None);
        assert_eq!(region("876"), None, "Jamaica is a country");
    }

    #[test]
    fn no_area_code_stands_in_two_places_and_each_could_be_one() {
        let mut seen = BTreeSet::new();
        for code in REGIONS.iter().flat_map(|(_, codes)| codes.split(' ')) {
            let [first, second, third] = *code.as_bytes() else { panic!("{code}") };
            // NANP: the first digit is 2 to 9, and no code ends in two ones (those are services).
            assert!((b'2'..=b'9').contains(&first) && (second, third) != (b'1', b'1'), "{code}");
            assert!(seen.insert(code), "{code}");
        }
        assert!(seen.len() > 380, "{}", seen.len());
    }
}
