//! Click ids: parameters that an ad system, a mail service or a network adds to a link, and what
//! each of them proves. It owns the table and refuses to weigh an id against the rest of the visit.

use super::channel::Channel;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A click id as it came: `gclid`, and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClickId<'v> {
    /// The parameter's name, spelled as its owner spells it.
    pub name: Cow<'static, str>,
    /// The value as received, case kept: ids are case-sensitive.
    pub value: Cow<'v, str>,
}

/// What a click id says of its visit, where nothing else says it better.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The lower, the sooner this id speaks, where a link carries several.
    pub(super) rank: u8,
    /// The name in lower case.
    parameter: &'static str,
    /// The name as its owner spells it.
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) medium: &'static str,
    /// The channel when the medium is a paid one, and when it is not.
    pub(super) paid: Channel,
    pub(super) unpaid: Channel,
    pub(super) proof: Proof,
    /// For a `Proof::Link`: labels of the hosts whose links bear it.
    pub(super) houses: &'static [&'static str],
}

/// What an id is worth as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Google's own: where the ad was shown is for the referrer to tell.
    GoogleAd,
    /// An id of one click, made by whoever was paid for it or sent the letter.
    Click,
    /// An id that stays in links which people copy: it tells where the link was once found. A
    /// referrer of another house knows better.
    Link,
}

/// Search Ads 360 stamped the click, and the engine may be any.
pub(super) static SEARCH_ADS_360: Meaning = new("gclid", "sa360", "cpc", Channel::PaidSearch, Proof::Click);

/// In order of precedence: where a link carries several ids, the first of these speaks.
///
/// Google's and Microsoft's are documented by their owners under automatic tagging; what the others
/// stand for is common knowledge.
static MEANINGS: [Meaning; 27] = ranked([
    new("gclid", "google", "cpc", Channel::PaidSearch, Proof::GoogleAd),
    new("gbraid", "google", "cpc", Channel::PaidSearch, Proof::GoogleAd),
    new("wbraid", "google", "cpc", Channel::PaidSearch, Proof::GoogleAd),
    new("gad_source", "google", "cpc", Channel::PaidSearch, Proof::GoogleAd),
    new("gad_campaignid", "google", "cpc", Channel::PaidSearch, Proof::GoogleAd),
    new("msclkid", "bing", "cpc", Channel::PaidSearch, Proof::Click),
    new("yclid", "yandex", "cpc", Channel::PaidSearch, Proof::Click),
    // Not `cpm`: GA4 takes that for paid search where the source is an engine.
    new("dclid", "doubleclick", "display", Channel::Display, Proof::Click),
    new("ttclid", "tiktok", "cpc", Channel::PaidSocial, Proof::Click),
    new("twclid", "twitter", "cpc", Channel::PaidSocial, Proof::Click),
    new("li_fat_id", "linkedin", "cpc", Channel::PaidSocial, Proof::Click),
    Meaning { name: "ScCid", ..new("sccid", "snapchat", "cpc", Channel::PaidSocial, Proof::Click) },
    new("rdt_cid", "reddit", "cpc", Channel::PaidSocial, Proof::Click),
    new("epik", "pinterest", "cpc", Channel::PaidSocial, Proof::Click),
    new("tblci", "taboola", "display", Channel::Display, Proof::Click),
    new("dicbo", "outbrain", "display", Channel::Display, Proof::Click),
    new("irclickid", "impact", "affiliate", Channel::Affiliates, Proof::Click),
    new("awc", "awin", "affiliate", Channel::Affiliates, Proof::Click),
    new("cjevent", "cj", "affiliate", Channel::Affiliates, Proof::Click),
    // Not `rakuten`, which GA4 lists as a search engine.
    Meaning {
        name: "ranMID",
        ..new("ranmid", "rakuten-advertising", "affiliate", Channel::Affiliates, Proof::Click)
    },
    new("mc_cid", "mailchimp", "email", Channel::Email, Proof::Click),
    new("mc_eid", "mailchimp", "email", Channel::Email, Proof::Click),
    new("mkt_tok", "marketo", "email", Channel::Email, Proof::Click),
    Meaning {
        paid: Channel::PaidSocial,
        houses: &["facebook", "instagram", "messenger", "threads"],
        ..new("fbclid", "facebook", "social", Channel::OrganicSocial, Proof::Link)
    },
    Meaning {
        paid: Channel::PaidSocial,
        houses: &["instagram"],
        ..new("igshid", "instagram", "social", Channel::OrganicSocial, Proof::Link)
    },
    Meaning {
        paid: Channel::PaidSocial,
        houses: &["instagram"],
        ..new("igsh", "instagram", "social", Channel::OrganicSocial, Proof::Link)
    },
    // On ordinary results as well as on free listings since August 2024.
    Meaning {
        paid: Channel::PaidSearch,
        houses: &["google"],
        ..new("srsltid", "google", "organic", Channel::OrganicSearch, Proof::Link)
    },
]);

/// Ids that each stand for one click of one person. The others are said of a whole campaign, a letter, an account: whoever
/// brings one again shares no link.
const OF_ONE_CLICK: [&str; 14] = [
    "gclid",
    "dclid",
    "msclkid",
    "yclid",
    "ttclid",
    "twclid",
    "ScCid",
    "rdt_cid",
    "tblci",
    "dicbo",
    "irclickid",
    "awc",
    "cjevent",
    "fbclid",
];

impl ClickId<'_> {
    /// The names of all that are known, as reports have them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        MEANINGS.iter().map(|meaning| meaning.name)
    }

    /// Whether it stands for one click, so that somebody else who brings it has come by a link that was passed on.
    pub fn is_of_one_click(&self) -> bool {
        OF_ONE_CLICK.contains(&&*self.name)
    }
}

impl Meaning {
    /// Which of the houses whose links bear this id a host, or an engine's name, belongs to.
    pub(super) fn house_of(&self, host: &str) -> Option<&'static str> {
        self.houses.iter().copied().find(|house| host.split('.').any(|label| label == *house))
    }
}

/// What the click id says that a parameter of this name is, which is in lower case.
pub(super) fn meaning(parameter: &[u8]) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.parameter.as_bytes() == parameter)
}

const fn ranked<const COUNT: usize>(mut meanings: [Meaning; COUNT]) -> [Meaning; COUNT] {
    let mut place = 0;
    while place < COUNT {
        meanings[place].rank = place as u8;
        place += 1;
    }
    meanings
}

const fn new(
    name: &'static str,
    source: &'static str,
    medium: &'static str,
    channel: Channel,
    proof: Proof,
) -> Meaning {
    Meaning {
        rank: 0,
        parameter: name,
        name,
        source,
        medium,
        paid: channel,
        unpaid: channel,
        proof,
        houses: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &'static str) -> ClickId<'static> {
        ClickId { name: name.into(), value: "1".into() }
    }

    #[test]
    fn a_name_is_known_only_as_a_whole() {
        for row in &MEANINGS {
            assert_eq!(row.parameter, row.name.to_ascii_lowercase());
        }
        assert_eq!(meaning(b"sccid").map(|meaning| meaning.name), Some("ScCid"));
        assert_eq!(meaning(b"gclid2"), None);
        assert_eq!(meaning(b"mygclid"), None);
        assert_eq!(meaning(b""), None);
    }

    #[test]
    fn an_ad_speaks_before_a_letter_and_a_letter_before_a_copied_link() {
        let rank = |name: &str| meaning(name.as_bytes()).map(|meaning| meaning.rank);
        assert!(rank("gclid") < rank("msclkid"));
        assert!(rank("msclkid") < rank("mc_cid"));
        assert!(rank("mc_eid") < rank("srsltid"));
        assert!(rank("gclid") < rank("fbclid"));
    }

    #[test]
    fn ids_of_one_click_are_ids() {
        let known = |name: &&str| MEANINGS.iter().any(|meaning| meaning.name == *name);
        assert!(OF_ONE_CLICK.iter().all(known));
        assert!(id("gclid").is_of_one_click() && !id("gad_source").is_of_one_click());
    }

    #[test]
    fn an_id_read_back_equals_the_one_written() {
        let written = id("gclid");
        let json = serde_json::to_string(&written).expect("a string");
        assert_eq!(serde_json::from_str::<ClickId<'_>>(&json).expect("an id"), written);
    }
}
