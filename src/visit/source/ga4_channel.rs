//! GA4's default channel group: its names, and its table in its order. It owns what Google
//! publishes and refuses our own additions, so that a report here can be laid beside one of GA4's.
//!
//! Source: Google Analytics help, answer 9756891. Each condition ignores case; the first that holds
//! decides.

use super::channel::UnknownChannel;
use super::hosts::Category;
use super::matchers::{contains, ends_with, is_one_of, is_paid, names_a_shop};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// A channel of GA4's default channel group, in the order of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ga4Channel {
    Direct,
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
    AiAssistant,
    Unassigned,
}

/// The assistants whose referrer GA4 itself recognises and reports with the medium `ai-assistant`,
/// by their hosts: ChatGPT, Gemini, Copilot, DeepSeek and Grok in the table's text, Claude in the
/// announcement of 13 May 2026. Our own channel knows more of them, from tables of its own.
const RECOGNISED_ASSISTANTS: &[&str] = &[
    "chat.deepseek.com",
    "chat.openai.com",
    "chatgpt.com",
    "claude.ai",
    "copilot.com",
    "copilot.microsoft.com",
    "gemini.google.com",
    "grok.com",
];

/// The medium under which GA4 reports a recognised assistant.
pub(super) const AI_ASSISTANT_MEDIUM: &str = "ai-assistant";

/// Whether GA4 recognises this referring host, in lower case and without `www.`, as an assistant.
pub(super) fn recognises_assistant(host: &str) -> bool {
    RECOGNISED_ASSISTANTS.contains(&host)
}

impl Ga4Channel {
    pub const ALL: &[Ga4Channel] = &[
        Ga4Channel::Direct,
        Ga4Channel::CrossNetwork,
        Ga4Channel::PaidShopping,
        Ga4Channel::PaidSearch,
        Ga4Channel::PaidSocial,
        Ga4Channel::PaidVideo,
        Ga4Channel::Display,
        Ga4Channel::PaidOther,
        Ga4Channel::OrganicShopping,
        Ga4Channel::OrganicSocial,
        Ga4Channel::OrganicVideo,
        Ga4Channel::OrganicSearch,
        Ga4Channel::Referral,
        Ga4Channel::Email,
        Ga4Channel::Affiliates,
        Ga4Channel::Audio,
        Ga4Channel::Sms,
        Ga4Channel::MobilePush,
        Ga4Channel::AiAssistant,
        Ga4Channel::Unassigned,
    ];

    /// The table, read from its first row to its last. `category` is the one in which the source is
    /// listed, by whichever list the caller goes by.
    pub(super) fn of(
        source: &str,
        medium: &str,
        campaign: Option<&str>,
        category: Option<Category>,
    ) -> (Ga4Channel, &'static str) {
        let campaign = campaign.unwrap_or_default();
        if is_one_of(source, &["(direct)"]) && is_one_of(medium, &["(none)", "(not set)"]) {
            return (Ga4Channel::Direct, "no source");
        }
        if contains(campaign, "cross-network") {
            return (Ga4Channel::CrossNetwork, "the campaign contains cross-network");
        }
        let is_shop = category == Some(Category::Shopping) || names_a_shop(campaign);
        Ga4Channel::of_paid(medium, is_shop, category)
            .or_else(|| Ga4Channel::of_organic(medium, is_shop, category))
            .unwrap_or_else(|| Ga4Channel::of_words(source, medium))
    }

    fn of_paid(
        medium: &str,
        is_shop: bool,
        category: Option<Category>,
    ) -> Option<(Ga4Channel, &'static str)> {
        let is_paid = is_paid(medium);
        match category {
            _ if is_paid && is_shop => {
                Some((Ga4Channel::PaidShopping, "a shop as source or campaign, a paid medium"))
            }
            Some(Category::Search) if is_paid => {
                Some((Ga4Channel::PaidSearch, "a search engine as source, a paid medium"))
            }
            Some(Category::Social) if is_paid => {
                Some((Ga4Channel::PaidSocial, "a social network as source, a paid medium"))
            }
            Some(Category::Video) if is_paid => {
                Some((Ga4Channel::PaidVideo, "a video site as source, a paid medium"))
            }
            _ if is_one_of(medium, &["display", "banner", "expandable", "interstitial", "cpm"]) => {
                Some((Ga4Channel::Display, "a medium of display ads"))
            }
            _ if is_paid => Some((Ga4Channel::PaidOther, "a paid medium")),
            _ => None,
        }
    }

    fn of_organic(
        medium: &str,
        is_shop: bool,
        category: Option<Category>,
    ) -> Option<(Ga4Channel, &'static str)> {
        const SOCIAL_MEDIA: &[&str] =
            &["social", "social-network", "social-media", "sm", "social network", "social media"];
        if is_shop {
            return Some((Ga4Channel::OrganicShopping, "a shop as source or campaign"));
        }
        if category == Some(Category::Social) || is_one_of(medium, SOCIAL_MEDIA) {
            return Some((Ga4Channel::OrganicSocial, "a social network as source or medium"));
        }
        if category == Some(Category::Video) || contains(medium, "video") {
            return Some((Ga4Channel::OrganicVideo, "a video site as source, or a video medium"));
        }
        if category == Some(Category::Search) || is_one_of(medium, &["organic"]) {
            return Some((Ga4Channel::OrganicSearch, "a search engine as source, or organic"));
        }
        None
    }

    fn of_words(source: &str, medium: &str) -> (Ga4Channel, &'static str) {
        const EMAIL: &[&str] = &["email", "e-mail", "e_mail", "e mail"];
        if is_one_of(medium, &["referral", "app", "link"]) {
            (Ga4Channel::Referral, "a medium of links")
        } else if is_one_of(source, EMAIL) || is_one_of(medium, EMAIL) {
            (Ga4Channel::Email, "email as source or medium")
        } else if is_one_of(medium, &["affiliate"]) {
            (Ga4Channel::Affiliates, "the medium is affiliate")
        } else if is_one_of(medium, &["audio"]) {
            (Ga4Channel::Audio, "the medium is audio")
        } else if is_one_of(source, &["sms"]) || is_one_of(medium, &["sms"]) {
            (Ga4Channel::Sms, "sms as source or medium")
        } else if ends_with(medium, "push")
            || contains(medium, "mobile")
            || contains(medium, "notification")
            || is_one_of(source, &["firebase"])
        {
            (Ga4Channel::MobilePush, "a medium of notifications")
        } else if is_one_of(medium, &[AI_ASSISTANT_MEDIUM]) {
            (Ga4Channel::AiAssistant, "the medium is ai-assistant")
        } else {
            (Ga4Channel::Unassigned, "no row of the table holds")
        }
    }

    /// The name as GA4 prints it.
    pub fn name(self) -> &'static str {
        match self {
            Ga4Channel::Direct => "Direct",
            Ga4Channel::CrossNetwork => "Cross-network",
            Ga4Channel::PaidShopping => "Paid Shopping",
            Ga4Channel::PaidSearch => "Paid Search",
            Ga4Channel::PaidSocial => "Paid Social",
            Ga4Channel::PaidVideo => "Paid Video",
            Ga4Channel::Display => "Display",
            Ga4Channel::PaidOther => "Paid Other",
            Ga4Channel::OrganicShopping => "Organic Shopping",
            Ga4Channel::OrganicSocial => "Organic Social",
            Ga4Channel::OrganicVideo => "Organic Video",
            Ga4Channel::OrganicSearch => "Organic Search",
            Ga4Channel::Referral => "Referral",
            Ga4Channel::Email => "Email",
            Ga4Channel::Affiliates => "Affiliates",
            Ga4Channel::Audio => "Audio",
            Ga4Channel::Sms => "SMS",
            Ga4Channel::MobilePush => "Mobile Push Notifications",
            Ga4Channel::AiAssistant => "AI Assistant",
            Ga4Channel::Unassigned => "Unassigned",
        }
    }

    /// The channel of this name, however it is capitalised.
    pub fn from_name(name: &str) -> Option<Ga4Channel> {
        Ga4Channel::ALL.iter().copied().find(|channel| name.eq_ignore_ascii_case(channel.name()))
    }
}

impl Display for Ga4Channel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Ga4Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Ga4Channel, UnknownChannel> {
        Ga4Channel::from_name(name).ok_or_else(|| UnknownChannel::named(name))
    }
}

impl Serialize for Ga4Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Ga4Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ga4Channel, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_channel() {
        for channel in Ga4Channel::ALL {
            assert_eq!(Ga4Channel::from_name(&channel.name().to_uppercase()), Some(*channel));
        }
        assert_eq!(Ga4Channel::from_name("Local"), None);
    }
}
