//! What is known about a host or about the name of a source: the kind of house it is, the engine
//! behind it, GA4's category. Hosts are matched on label boundaries, most specific first, so that
//! `mail.google.com` is found before `google.*`; names are matched whole. It owns the tables beside
//! it and refuses paths: browsers send no more than the origin.

mod ad_servers;
mod apps;
mod assistants;
mod ga4;
mod gateways;
mod mail;
mod search;
mod shopping;
mod social;
mod video;

use super::lower::Lower;
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
use std::sync::LazyLock;

/// The kind of house that a host or a name belongs to, by our own tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Search,
    Social,
    Video,
    Shopping,
    Assistant,
    Mail,
    AdServer,
    Gateway,
}

/// The categories in which GA4 lists sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Search,
    Social,
    Video,
    Shopping,
}

/// What our tables say about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) kind: Kind,
    /// The name by which a search engine is reported.
    pub(super) engine: Option<&'static str>,
    /// A portal is its own host alone: `google.com` is a search engine, `docs.google.com` is none.
    portal: bool,
}

/// Our verdict on a host in lower case and without port.
pub(super) fn of_host(host: &str) -> Option<Known> {
    row_of_host(host).map(|(_, known)| known)
}

/// The row of our tables in which a host stands, itself or by the house that it belongs to.
fn row_of_host(host: &str) -> Option<(&'static str, Known)> {
    let host = host.strip_prefix("www.").unwrap_or(host);
    if let Some((row, known)) = INDEX.hosts.get_key_value(host) {
        return Some((row, *known));
    }
    let brand_end = OnceCell::new();
    let mut at = start_of_last_labels(host);
    loop {
        let rest = &host[at..];
        let found = INDEX.hosts.get_key_value(rest).or_else(|| {
            let end = *brand_end.get_or_init(|| end_of_brand(host));
            INDEX
                .hosts
                .get_key_value(end.and_then(|end| host.get(at..end)).filter(|brand| !brand.is_empty())?)
        });
        match found {
            Some((row, known)) if !known.portal || is_same_site(&host[..at]) => return Some((row, *known)),
            _ => at += memchr::memchr(b'.', rest.as_bytes())? + 1,
        }
    }
}

/// Our verdict on a source as somebody wrote it, a name (`fb`) or a host (`l.facebook.com`), and the category in which GA4
/// lists it.
pub(super) fn of_source(source: &str) -> (Option<Kind>, Option<Category>) {
    let Some(lower) = Lower::of(source) else { return (None, None) };
    let source = lower.as_str();
    let named = INDEX.names.get(source).copied().unwrap_or_default();
    let is_host = named.kind.is_none() && memchr::memchr(b'.', source.as_bytes()).is_some();
    let by_host = if is_host { of_host(source).map(|known| known.kind) } else { None };
    (named.kind.or(by_host), named.category)
}

/// What our tables call a source that stands in them: words of theirs alone, whatever else was written before a host's name.
pub(super) fn name_of(source: &str) -> Option<&'static str> {
    let lower = Lower::of(source)?;
    if let Some((name, _)) = INDEX.names.get_key_value(lower.as_str()) {
        return Some(name);
    }
    let (row, known) = row_of_host(lower.as_str()).filter(|_| source.contains('.'))?;
    Some(known.engine.unwrap_or(row.trim_end_matches('.')))
}

/// The category in which GA4 lists a source.
pub(super) fn ga4_category(source: &str) -> Option<Category> {
    INDEX.names.get(Lower::of(source)?.as_str())?.category
}

/// The website for which an Android app's package (in lower case) stands.
pub(super) fn website_of_app(package: &str) -> Option<&'static str> {
    let row = apps::WEBSITES.binary_search_by_key(&package, |(package, _)| package).ok()?;
    Some(apps::WEBSITES[row].1)
}

impl Kind {
    /// The category that this kind stands for in GA4's table.
    pub(super) fn category(self) -> Option<Category> {
        match self {
            Kind::Search => Some(Category::Search),
            Kind::Social => Some(Category::Social),
            Kind::Video => Some(Category::Video),
            Kind::Shopping => Some(Category::Shopping),
            Kind::Assistant | Kind::Mail | Kind::AdServer | Kind::Gateway => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Search => "a search engine",
            Kind::Social => "a social network",
            Kind::Video => "a video site",
            Kind::Shopping => "a shopping site",
            Kind::Assistant => "an AI assistant",
            Kind::Mail => "webmail",
            Kind::AdServer => "an ad server",
            Kind::Gateway => "a payment gateway",
        }
    }
}

/// Where the name before the public suffix ends, its dot included: `google.` in `google.co.uk`.
///
/// Only suffixes of the list's ICANN section count. Below the others, `github.io` for one, anybody
/// may register a brand's name.
fn end_of_brand(host: &str) -> Option<usize> {
    let suffix = psl::suffix(host.as_bytes())?;
    (suffix.typ() == Some(psl::Type::Icann)).then(|| host.len() - suffix.as_bytes().len())
}

/// No host in the tables has more than five labels; what stands before them costs no look-up.
fn start_of_last_labels(host: &str) -> usize {
    let dots = host.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.');
    dots.map(|(dot, _)| dot + 1).nth(4).unwrap_or_default()
}

fn is_same_site(labels_before: &str) -> bool {
    matches!(labels_before, "" | "m." | "mobile." | "amp." | "www2.")
}

struct Index {
    hosts: FxHashMap<&'static str, Known>,
    names: FxHashMap<&'static str, Name>,
}

/// What a source's whole name says.
#[derive(Clone, Copy, Default)]
struct Name {
    kind: Option<Kind>,
    /// GA4's, whose list holds hosts as well.
    category: Option<Category>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { hosts: FxHashMap::default(), names: FxHashMap::default() };
    index.add_engines(search::ENGINES, false);
    index.add_engines(search::PORTALS, true);
    index.add(Kind::Search, &[], search::NAMES);
    index.add(Kind::Social, social::HOSTS, social::NAMES);
    index.add(Kind::Video, video::HOSTS, video::NAMES);
    index.add(Kind::Shopping, shopping::HOSTS, shopping::NAMES);
    index.add(Kind::Assistant, assistants::HOSTS, assistants::NAMES);
    index.add(Kind::Mail, mail::HOSTS, &[]);
    index.add(Kind::AdServer, ad_servers::HOSTS, &[]);
    index.add(Kind::Gateway, gateways::HOSTS, gateways::NAMES);
    index.add_ga4(Category::Search, ga4::SEARCH, ga4::SEARCH_TWICE);
    index.add_ga4(Category::Shopping, ga4::SHOPPING, ga4::SHOPPING_TWICE);
    index.add_ga4(Category::Social, ga4::SOCIAL, ga4::SOCIAL_TWICE);
    index.add_ga4(Category::Video, ga4::VIDEO, ga4::VIDEO_TWICE);
    index.add_dot_com();
    index
});

impl Index {
    fn add_engines(&mut self, engines: &[(&'static str, &[&'static str])], portal: bool) {
        for (engine, hosts) in engines {
            for host in *hosts {
                let known = Known { kind: Kind::Search, engine: Some(engine), portal };
                self.hosts.insert(key(host), known);
            }
        }
    }

    fn add(&mut self, kind: Kind, hosts: &[&'static str], names: &[&'static str]) {
        let known = Known { kind, engine: None, portal: false };
        self.hosts.extend(hosts.iter().map(|host| (key(host), known)));
        for name in names {
            self.names.entry(name).or_default().kind = Some(kind);
        }
    }

    fn add_ga4(&mut self, category: Category, once: &[&'static str], twice: &[&'static str]) {
        let bare = twice.iter().filter_map(|host| host.strip_suffix(".com"));
        for source in once.iter().chain(twice).copied().chain(bare) {
            self.names.entry(source).or_default().category = Some(category);
        }
    }

    /// Brands under `.com`, as nearly everybody meets them, are found without the public suffix list.
    fn add_dot_com(&mut self) {
        let brands: Vec<_> = self.hosts.iter().filter(|(host, _)| host.ends_with('.')).collect();
        let hosts: Vec<_> = brands.iter().map(|(brand, known)| (format!("{brand}com"), **known)).collect();
        for (host, known) in hosts {
            if end_of_brand(&host).is_some_and(|end| end + "com".len() == host.len())
                && !self.hosts.contains_key(&*host)
            {
                self.hosts.insert(host.leak(), known);
            }
        }
    }
}

/// `google.*` is kept as `google.`, which no host can be.
fn key(host: &'static str) -> &'static str {
    host.strip_suffix('*').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn kind(host: &str) -> Option<Kind> {
        of_host(host).map(|known| known.kind)
    }

    #[test]
    fn an_engine_counts_under_every_public_suffix() {
        for host in ["google.com", "www.google.co.uk", "google.de", "www.google.com.br"] {
            assert_eq!(of_host(host).and_then(|known| known.engine), Some("google"), "{host}");
        }
        assert_eq!(kind("de.search.yahoo.com"), Some(Kind::Search));
        assert_eq!(kind("yandex.com.tr"), Some(Kind::Search));
        assert_eq!(kind("cn.bing.com"), Some(Kind::Search));
    }

    #[test]
    fn a_name_is_matched_on_label_boundaries() {
        for host in [
            "notgoogle.com",
            "google.com.evil.example",
            "google.evil.example",
            "google.github.io",
            "google.blogspot.com.evil.example",
            "evil-facebook.com",
            "facebook.com.evil.example",
            "google",
            "about.google",
            "com",
            "co.uk",
        ] {
            assert_eq!(kind(host), None, "{host}");
        }
    }

    #[test]
    fn a_more_specific_host_comes_before_its_house() {
        assert_eq!(kind("mail.google.com"), Some(Kind::Mail));
        assert_eq!(kind("gemini.google.com"), Some(Kind::Assistant));
        assert_eq!(kind("notebooklm.google.com"), Some(Kind::Assistant));
        assert_eq!(kind("copilot.microsoft.com"), Some(Kind::Assistant));
        assert_eq!(kind("pay.google.com"), Some(Kind::Gateway));
        assert_eq!(kind("pay.amazon.com"), Some(Kind::Gateway));
        assert_eq!(kind("checkout.shopify.com"), Some(Kind::Gateway));
        assert_eq!(kind("mail.yandex.ru"), Some(Kind::Mail));
        assert_eq!(kind("news.google.com"), Some(Kind::Search));
    }

    #[test]
    fn a_portal_is_its_own_host_alone() {
        assert_eq!(kind("m.yahoo.com"), Some(Kind::Search));
        for host in ["docs.google.com", "finance.yahoo.com", "accounts.google.de", "disk.yandex.ru"] {
            assert_eq!(kind(host), None, "{host}");
        }
    }

    #[test]
    fn subdomains_count_and_private_suffixes_do_not_hide_a_house() {
        assert_eq!(kind("l.facebook.com"), Some(Kind::Social));
        assert_eq!(kind("someone.blogspot.com"), Some(Kind::Social));
        assert_eq!(kind("a.b.c.d.e.f.someone.tumblr.com"), Some(Kind::Social));
        assert_eq!(kind("hooks.stripe.com"), Some(Kind::Gateway));
    }

    #[test]
    fn a_source_is_a_name_or_a_host_in_any_case() {
        let kind = |source: &str| of_source(source).0;
        assert_eq!(kind("FB"), Some(Kind::Social));
        assert_eq!(kind("chatgpt.com"), Some(Kind::Assistant));
        assert_eq!(kind("www.Google.de"), Some(Kind::Search));
        assert_eq!(kind("free"), None);
        assert_eq!(kind(&"a".repeat(5000)), None);
    }

    #[test]
    fn a_source_is_named_in_our_own_words_or_not_at_all() {
        assert_eq!(name_of("FB"), Some("fb"));
        assert_eq!(name_of("www.google.co.uk"), Some("google"));
        assert_eq!(name_of("call me.tumblr.com"), Some("tumblr.com"));
        assert_eq!(name_of("www.pinterest.pt"), Some("pinterest"));
        for stranger in ["call me", "google.evil.example", "google ", "", "example.com"] {
            assert_eq!(name_of(stranger), None, "{stranger:?}");
        }
    }

    #[test]
    fn ga4_lists_whole_sources() {
        let category = |source: &str| of_source(source).1;
        assert_eq!(category("Google"), Some(Category::Search));
        assert_eq!(category("google shopping"), Some(Category::Shopping));
        assert_eq!(category("digg"), Some(Category::Social));
        assert_eq!(category("digg.com"), Some(Category::Social));
        assert_eq!(category("stripe.com"), Some(Category::Shopping));
        assert_eq!(category("someone.tumblr.com"), None);
        assert_eq!(category("x.com"), None);
        assert_eq!(INDEX.names.values().filter(|name| name.category.is_some()).count(), 819);
    }

    #[test]
    fn tables_are_sorted_and_name_each_host_once() {
        let plain: [(&str, &[&str]); 21] = [
            ("social", social::HOSTS),
            ("social names", social::NAMES),
            ("video", video::HOSTS),
            ("video names", video::NAMES),
            ("shopping", shopping::HOSTS),
            ("shopping names", shopping::NAMES),
            ("assistants", assistants::HOSTS),
            ("assistant names", assistants::NAMES),
            ("mail", mail::HOSTS),
            ("ad servers", ad_servers::HOSTS),
            ("gateways", gateways::HOSTS),
            ("gateway names", gateways::NAMES),
            ("search names", search::NAMES),
            ("ga4 search", ga4::SEARCH),
            ("ga4 search twice", ga4::SEARCH_TWICE),
            ("ga4 shopping", ga4::SHOPPING),
            ("ga4 shopping twice", ga4::SHOPPING_TWICE),
            ("ga4 social", ga4::SOCIAL),
            ("ga4 social twice", ga4::SOCIAL_TWICE),
            ("ga4 video", ga4::VIDEO),
            ("ga4 video twice", ga4::VIDEO_TWICE),
        ];
        for (table, rows) in plain {
            assert!(rows.is_sorted_by(|a, b| a < b), "{table}");
            assert!(rows.iter().all(|row| *row == row.to_ascii_lowercase()), "{table}");
        }
        assert!(apps::WEBSITES.is_sorted_by(|a, b| a.0 < b.0));
        let engines = search::ENGINES.iter().chain(search::PORTALS).flat_map(|row| row.1);
        let hosts = [
            social::HOSTS,
            video::HOSTS,
            shopping::HOSTS,
            assistants::HOSTS,
            mail::HOSTS,
            ad_servers::HOSTS,
            gateways::HOSTS,
        ];
        let written: Vec<_> = engines.chain(hosts.into_iter().flatten()).collect();
        let different: HashSet<_> = written.iter().collect();
        assert_eq!(different.len(), written.len(), "a host stands in two tables");
        let names =
            [search::NAMES, social::NAMES, video::NAMES, shopping::NAMES, assistants::NAMES, gateways::NAMES];
        let written = names.iter().map(|rows| rows.len()).sum::<usize>();
        let named = INDEX.names.values().filter(|name| name.kind.is_some()).count();
        assert_eq!(named, written, "a name stands in two tables");
    }

    #[test]
    fn every_app_stands_for_a_host_of_the_tables() {
        for (package, website) in apps::WEBSITES {
            let known = of_host(website).is_some() || of_source(website).1.is_some();
            assert!(known, "{package}");
        }
        assert_eq!(website_of_app("com.google.android.gm"), Some("mail.google.com"));
        assert_eq!(website_of_app("com.example"), None);
    }
}
