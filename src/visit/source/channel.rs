//! Our channels: GA4's, read with our own tables of hosts and with what click ids prove, and what
//! GA4 has no channel for. It owns the names and the decision, and refuses to look at the request.

use super::click_id::{Meaning, Proof};
use super::ga4_channel::{AI_ASSISTANT_MEDIUM, Ga4Channel};
use super::hosts::{Category, Kind};
use super::matchers::{is_one_of, is_paid};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// The channel through which somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Direct,
    /// A Google Business Profile, as far as its links are tagged.
    Local,
    AiAssistant,
    CrossNetwork,
    PaidShopping,
    PaidSearch,
    PaidSocial,
    PaidVideo,
    Display,
    PaidOther,
    OrganicShopping,
    OrganicSocial,
    OrganicVideo,
    OrganicSearch,
    Referral,
    Email,
    Affiliates,
    Audio,
    Sms,
    MobilePush,
    /// Print, radio, a van: said of static numbers, never of a visit.
    Offline,
    Unassigned,
}

/// What is known of a visit when its channel is decided.
pub(super) struct Facts<'a> {
    pub(super) source: &'a str,
    pub(super) medium: &'a str,
    pub(super) campaign: Option<&'a str>,
    /// What our tables say of the source.
    pub(super) kind: Option<Kind>,
    /// What GA4's list says of it, which counts where our tables are silent.
    pub(super) category: Option<Category>,
    /// What our tables say of the referrer.
    pub(super) referrer: Option<Kind>,
    /// The click id that speaks for the visit.
    pub(super) click: Option<&'static Meaning>,
}

impl Channel {
    pub const ALL: &[Channel] = &[
        Channel::Direct,
        Channel::Local,
        Channel::AiAssistant,
        Channel::CrossNetwork,
        Channel::PaidShopping,
        Channel::PaidSearch,
        Channel::PaidSocial,
        Channel::PaidVideo,
        Channel::Display,
        Channel::PaidOther,
        Channel::OrganicShopping,
        Channel::OrganicSocial,
        Channel::OrganicVideo,
        Channel::OrganicSearch,
        Channel::Referral,
        Channel::Email,
        Channel::Affiliates,
        Channel::Audio,
        Channel::Sms,
        Channel::MobilePush,
        Channel::Offline,
        Channel::Unassigned,
    ];

    /// The channel, and why. Ours stand before GA4's table; what the table leaves open is settled
    /// by the click id. `ga4`: what the table says by GA4's own list.
    pub(super) fn of(facts: &Facts<'_>, ga4: (Ga4Channel, &'static str)) -> (Channel, &'static str) {
        if facts.kind == Some(Kind::Assistant) || is_one_of(facts.medium, &[AI_ASSISTANT_MEDIUM]) {
            return (Channel::AiAssistant, "an AI assistant as source or medium");
        }
        if facts.is_local() {
            return (Channel::Local, "tagged as a Google Business Profile");
        }
        let category = match facts.kind {
            Some(kind) => kind.category(),
            None => facts.category,
        };
        let (table, why) = match category == facts.category {
            true => ga4,
            false => Ga4Channel::of(facts.source, facts.medium, facts.campaign, category),
        };
        facts.settled_by_click(table).or_else(|| facts.settled_by_kind(table)).unwrap_or((table.into(), why))
    }

    pub fn name(self) -> &'static str {
        match self {
            Channel::Direct => "Direct",
            Channel::Local => "Local",
            Channel::AiAssistant => "AI Assistant",
            Channel::CrossNetwork => "Cross-network",
            Channel::PaidShopping => "Paid Shopping",
            Channel::PaidSearch => "Paid Search",
            Channel::PaidSocial => "Paid Social",
            Channel::PaidVideo => "Paid Video",
            Channel::Display => "Display",
            Channel::PaidOther => "Paid Other",
            Channel::OrganicShopping => "Organic Shopping",
            Channel::OrganicSocial => "Organic Social",
            Channel::OrganicVideo => "Organic Video",
            Channel::OrganicSearch => "Organic Search",
            Channel::Referral => "Referral",
            Channel::Email => "Email",
            Channel::Affiliates => "Affiliates",
            Channel::Audio => "Audio",
            Channel::Sms => "SMS",
            Channel::MobilePush => "Mobile Push Notifications",
            Channel::Offline => "Offline",
            Channel::Unassigned => "Unassigned",
        }
    }

    /// The channel of this name, however it is capitalised.
    pub fn from_name(name: &str) -> Option<Channel> {
        Channel::ALL.iter().copied().find(|channel| name.eq_ignore_ascii_case(channel.name()))
    }
}

impl Facts<'_> {
    /// A Business Profile's link is tagged by hand, and `google` with one of three campaigns or a
    /// medium of its own are the usual tags. An ad in a campaign called `local` is an ad.
    fn is_local(&self) -> bool {
        if is_paid(self.medium) {
            return false;
        }
        let is_tagged = is_one_of(self.source, &["google"])
            && self.campaign.is_some_and(|campaign| is_one_of(campaign, &["gbp", "gmb", "local"]));
        is_tagged || is_one_of(self.medium, &["local", "gbp"])
    }

    /// A Google ad is shown on more than Google's search: where it was clicked tells. And an id
    /// knows the kind of ad where the table has not heard of the source.
    fn settled_by_click(&self, table: Ga4Channel) -> Option<(Channel, &'static str)> {
        let click = self.click?;
        match (table, click.proof, self.referrer) {
            (Ga4Channel::PaidSearch | Ga4Channel::PaidOther, Proof::GoogleAd, Some(Kind::Video)) => {
                Some((Channel::PaidVideo, "a Google ad, clicked on a video site"))
            }
            (Ga4Channel::PaidSearch | Ga4Channel::PaidOther, Proof::GoogleAd, Some(Kind::AdServer)) => {
                Some((Channel::Display, "a Google ad, clicked in an ad server's frame"))
            }
            (Ga4Channel::PaidOther, _, _) => Some((click.paid, "what the click id stands for")),
            (Ga4Channel::Unassigned, _, _) => Some((click.unpaid, "what the click id stands for")),
            _ => None,
        }
    }

    fn settled_by_kind(&self, table: Ga4Channel) -> Option<(Channel, &'static str)> {
        match (table, self.kind) {
            (Ga4Channel::Referral | Ga4Channel::Unassigned, Some(Kind::Mail)) => {
                Some((Channel::Email, "a link in webmail"))
            }
            (Ga4Channel::Referral | Ga4Channel::Unassigned, Some(Kind::AdServer)) => {
                Some((Channel::Display, "a link in an ad server's frame"))
            }
            _ => None,
        }
    }
}

impl From<Ga4Channel> for Channel {
    fn from(channel: Ga4Channel) -> Channel {
        match channel {
            Ga4Channel::Direct => Channel::Direct,
            Ga4Channel::CrossNetwork => Channel::CrossNetwork,
            Ga4Channel::PaidShopping => Channel::PaidShopping,
            Ga4Channel::PaidSearch => Channel::PaidSearch,
            Ga4Channel::PaidSocial => Channel::PaidSocial,
            Ga4Channel::PaidVideo => Channel::PaidVideo,
            Ga4Channel::Display => Channel::Display,
            Ga4Channel::PaidOther => Channel::PaidOther,
            Ga4Channel::OrganicShopping => Channel::OrganicShopping,
            Ga4Channel::OrganicSocial => Channel::OrganicSocial,
            Ga4Channel::OrganicVideo => Channel::OrganicVideo,
            Ga4Channel::OrganicSearch => Channel::OrganicSearch,
            Ga4Channel::Referral => Channel::Referral,
            Ga4Channel::Email => Channel::Email,
            Ga4Channel::Affiliates => Channel::Affiliates,
            Ga4Channel::Audio => Channel::Audio,
            Ga4Channel::Sms => Channel::Sms,
            Ga4Channel::MobilePush => Channel::MobilePush,
            Ga4Channel::AiAssistant => Channel::AiAssistant,
            Ga4Channel::Unassigned => Channel::Unassigned,
        }
    }
}

impl Display for Channel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Channel, UnknownChannel> {
        Channel::from_name(name).ok_or_else(|| UnknownChannel::named(name))
    }
}

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Channel, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// No channel has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownChannel {
    name: String,
}

impl UnknownChannel {
    pub(super) fn named(name: &str) -> UnknownChannel {
        UnknownChannel { name: name.to_owned() }
    }
}

impl Display for UnknownChannel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "there is no channel {:?}", self.name)
    }
}

impl std::error::Error for UnknownChannel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_channel() {
        for channel in Channel::ALL {
            assert_eq!(channel.name().to_lowercase().parse(), Ok(*channel));
            let json = serde_json::to_string(channel).expect("a string");
            assert_eq!(serde_json::from_str::<Channel>(&json).expect("a channel"), *channel);
        }
        let error = "Telepathy".parse::<Channel>().expect_err("no such channel");
        assert_eq!(error.to_string(), r#"there is no channel "Telepathy""#);
    }
}
