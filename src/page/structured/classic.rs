//! Classic microformats: their roots, and what a class name is to parsers in each (microformats.org, "Backcompat").
//!
//! Parsers know different properties, and some read the same one differently. What one reads as a text, and no other as
//! anything else, is a text here; what parsers read otherwise, each in its way, is settled: it stays.

/// A root and its properties.
struct Classic {
    root: &'static str,
    texts: &'static [&'static str],
    /// Their values are addresses.
    addresses: &'static [&'static str],
    /// Dates, HTML, cards of their own, and what parsers disagree on.
    settled: &'static [&'static str],
}

#[rustfmt::skip]
const CLASSICS: [Classic; 13] = [
    Classic {
        root: "vcard",
        texts: &[
            "fn", "n", "family-name", "given-name", "additional-name", "honorific-prefix", "honorific-suffix",
            "nickname", "street-address", "extended-address", "post-office-box", "locality", "region",
            "postal-code", "country-name", "latitude", "longitude", "label", "tel", "org", "organization-name",
            "organization-unit", "title", "role", "note", "category", "agent", "mailer", "class", "rev",
            "sort-string", "tz",
        ],
        addresses: &["url", "email", "photo", "logo", "uid", "sound"],
        settled: &["adr", "geo", "bday", "key"],
    },
    Classic { root: "adr", texts: ADDRESS, addresses: &[], settled: &[] },
    Classic {
        root: "vevent",
        texts: &["summary", "description", "location", "attendee", "organizer", "contact", "category"],
        addresses: &["url"],
        settled: &["dtstart", "dtend", "duration", "geo"],
    },
    Classic {
        root: "hentry",
        texts: &["entry-title", "entry-summary", "category"],
        addresses: &[],
        settled: &["entry-content", "author", "published", "updated", "geo"],
    },
    Classic {
        root: "hfeed",
        texts: &["category", "site-description", "description", "site-title", "title"],
        addresses: &["photo", "url"],
        settled: &["author"],
    },
    Classic {
        root: "hproduct",
        texts: &["fn", "price", "description", "brand", "category"],
        addresses: &["url", "photo", "identifier"],
        settled: &["review"],
    },
    Classic {
        root: "hrecipe",
        texts: &["fn", "summary", "nutrition", "yield", "ingredient", "category"],
        addresses: &["photo"],
        settled: &["author", "duration", "instructions"],
    },
    Classic {
        root: "hresume",
        texts: &["summary", "skill"],
        addresses: &[],
        settled: &["contact", "experience", "education", "affiliation"],
    },
    Classic {
        root: "hreview",
        texts: &["rating", "best", "worst", "summary"],
        addresses: &[],
        settled: &["item", "fn", "url", "photo", "reviewer", "description", "dtreviewed"],
    },
    Classic {
        root: "hreview-aggregate",
        texts: &["rating", "average", "best", "worst", "count", "votes", "description", "summary"],
        addresses: &["url", "photo"],
        settled: &["item", "fn", "reviewer", "dtreviewed"],
    },
    Classic {
        root: "hnews",
        texts: &["dateline", "source-org"],
        addresses: &[],
        settled: &["entry", "geo"],
    },
    Classic {
        root: "hlisting",
        texts: &[],
        addresses: &[],
        settled: &[
            "item", "fn", "lister", "contact", "description", "summary", "price", "location", "url", "photo", "tel",
            "email",
        ],
    },
    Classic { root: "geo", texts: &["latitude", "longitude"], addresses: &[], settled: &[] },
];

const ADDRESS: &[&str] = &[
    "street-address",
    "extended-address",
    "post-office-box",
    "locality",
    "region",
    "postal-code",
    "country-name",
];

/// Relations of links that are properties too, in one root or another.
const RELATIONS: [&str; 3] = ["bookmark", "tag", "principles"];

/// The roots that an element is at once, each a bit by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Classics(u16);

impl Classics {
    /// What an element of these classes is, if it is a root.
    pub fn of<'a>(classes: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut bits = 0;
        for class in classes {
            if let Some(place) = CLASSICS.iter().position(|classic| classic.root.as_bytes() == class) {
                bits |= 1 << place;
            }
        }
        (bits != 0).then_some(Classics(bits))
    }

    pub fn is_text(self, class: &[u8]) -> bool {
        self.any(|classic| classic.texts, class)
            && !self.is_settled(class)
            && !self.any(|classic| classic.addresses, class)
    }

    pub fn is_address(self, class: &[u8]) -> bool {
        self.any(|classic| classic.addresses, class)
            && !self.is_settled(class)
            && !self.any(|classic| classic.texts, class)
    }

    /// Whether nothing but the origin's own will do for every parser.
    pub fn is_settled(self, class: &[u8]) -> bool {
        let contested =
            self.any(|classic| classic.texts, class) && self.any(|classic| classic.addresses, class);
        contested || self.any(|classic| classic.settled, class)
    }

    /// Whether a link of such a relation is a property.
    pub fn is_relation(relation: &[u8]) -> bool {
        RELATIONS.iter().any(|name| relation.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Whether every parser knows these roots, so that all agree whose properties stand in them.
    pub fn are_known_to_all(self) -> bool {
        let known = |root: &str| !["hrecipe", "hnews", "hlisting"].contains(&root);
        self.roots().all(|classic| known(classic.root))
    }

    fn any(self, list: impl Fn(&Classic) -> &'static [&'static str], class: &[u8]) -> bool {
        self.roots().any(|classic| list(classic).iter().any(|name| name.as_bytes() == class))
    }

    fn roots(self) -> impl Iterator<Item = &'static Classic> {
        CLASSICS
            .iter()
            .enumerate()
            .filter(move |(place, _)| self.0 & 1 << place != 0)
            .map(|(_, classic)| classic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_what_every_parser_takes_it_for() {
        let of = |root: &'static str| Classics::of(root.split(' ').map(str::as_bytes)).unwrap();
        assert_eq!(Classics::of([b"vcards".as_slice(), b"item"].into_iter()), None);
        assert!(of("x vcard").is_text(b"tel") && !of("vevent").is_text(b"tel"));
        assert!(of("vcard").is_address(b"email") && of("vcard").is_settled(b"key"));
        assert!(of("hproduct hreview").is_settled(b"fn") && !of("hproduct hreview").is_text(b"fn"));
        assert!(of("vcard adr").are_known_to_all() && !of("vcard hrecipe").are_known_to_all());
    }
}
