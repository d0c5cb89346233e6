use super::*;

fn visit(query: &str, referrer: &str) -> Source {
    let own_hosts = ["www.example.com".to_owned()];
    let landing =
        Landing { query: Some(query), referrer: Some(referrer), own_hosts: &own_hosts, ..Landing::default() };
    let mut because = Vec::new();
    let source = Source::of(&landing, Some(&mut because));
    assert!(!because.is_empty(), "{query} {referrer} is not explained");
    assert_eq!(Source::of(&landing, None), source);
    source
}

/// `source / medium / channel / GA4's channel` of a visit.
fn said(query: &str, referrer: &str) -> String {
    let visit = visit(query, referrer);
    format!("{} / {} / {} / {}", visit.source, visit.medium, visit.channel, visit.ga4_channel)
}

const GOOGLE: &str = "https://www.google.com/";

#[test]
fn without_a_source_a_visit_is_direct() {
    let direct = "(direct) / (none) / Direct / Direct";
    assert_eq!(said("", ""), direct);
    assert_eq!(said("page=2&ref=x", ""), direct);
    assert_eq!(said("", "https://www.example.com/contact"), direct);
    assert_eq!(said("", "https://example.com/"), direct);
    assert_eq!(said("", "https://checkout.stripe.com/"), direct);
    assert_eq!(said("", "https://www.paypal.com/"), direct);
    assert_eq!(said("", "https://pay.klarna.com/"), direct);
    assert!(Source::direct().is_direct());
    let landing = Landing { query: None, referrer: None, own_hosts: &[], ..Landing::default() };
    assert_eq!(Source::of(&landing, None), Source::direct());
}

#[test]
fn a_referrer_is_reported_as_ga4_reports_it() {
    for (referrer, expected) in [
        (GOOGLE, "google / organic / Organic Search / Organic Search"),
        ("https://www.google.co.uk/", "google / organic / Organic Search / Organic Search"),
        ("https://duckduckgo.com/", "duckduckgo / organic / Organic Search / Organic Search"),
        ("https://fr.search.yahoo.com/", "yahoo / organic / Organic Search / Organic Search"),
        ("https://www.ecosia.org/", "ecosia / organic / Organic Search / Organic Search"),
        ("https://l.facebook.com/", "l.facebook.com / referral / Organic Social / Organic Social"),
        ("https://t.co/abc", "t.co / referral / Organic Social / Organic Social"),
        ("https://x.com/", "x.com / referral / Organic Social / Referral"),
        ("https://www.youtube.com/", "youtube.com / referral / Organic Video / Organic Video"),
        ("https://www.amazon.de/", "amazon.de / referral / Organic Shopping / Referral"),
        ("https://mail.google.com/", "mail.google.com / referral / Email / Referral"),
        ("https://docs.google.com/", "docs.google.com / referral / Referral / Referral"),
        ("https://blog.example.org/a", "blog.example.org / referral / Referral / Referral"),
        ("https://notgoogle.com/", "notgoogle.com / referral / Referral / Referral"),
        ("https://google.com.evil.example/", "google.com.evil.example / referral / Referral / Referral"),
    ] {
        assert_eq!(said("", referrer), expected, "{referrer}");
    }
}

#[test]
fn an_app_stands_for_its_website() {
    for (package, expected) in [
        ("com.google.android.googlequicksearchbox", "google / organic / Organic Search / Organic Search"),
        ("com.google.android.gm", "mail.google.com / referral / Email / Referral"),
        ("com.facebook.katana", "facebook.com / referral / Organic Social / Organic Social"),
        ("com.example.reader", "com.example.reader / referral / Referral / Referral"),
    ] {
        assert_eq!(said("", &format!("android-app://{package}/")), expected);
    }
}

#[test]
fn an_assistant_is_known_as_referrer_and_as_tag() {
    for (query, referrer, expected) in [
        ("", "https://chatgpt.com/", "chatgpt.com / ai-assistant / AI Assistant / AI Assistant"),
        ("", "https://gemini.google.com/", "gemini.google.com / ai-assistant / AI Assistant / AI Assistant"),
        ("", "https://www.perplexity.ai/", "perplexity.ai / referral / AI Assistant / Referral"),
        ("", "https://notebooklm.google.com/", "notebooklm.google.com / referral / AI Assistant / Referral"),
        ("utm_source=chatgpt.com", "", "chatgpt.com / (not set) / AI Assistant / Unassigned"),
        (
            "utm_source=chatgpt.com",
            "https://chatgpt.com/",
            "chatgpt.com / ai-assistant / AI Assistant / AI Assistant",
        ),
        ("utm_source=openai&utm_medium=cpc", "", "openai / cpc / AI Assistant / Paid Other"),
    ] {
        assert_eq!(said(query, referrer), expected, "{query} {referrer}");
    }
}

#[test]
fn tags_describe_whatever_the_referrer_is() {
    for (query, referrer, expected) in [
        ("utm_source=newsletter&utm_medium=email", GOOGLE, "newsletter / email / Email / Email"),
        ("utm_source=newsletter", GOOGLE, "newsletter / (not set) / Unassigned / Unassigned"),
        ("utm_source=google", GOOGLE, "google / (not set) / Organic Search / Organic Search"),
        ("utm_source=Facebook&utm_medium=CPC", "", "Facebook / CPC / Paid Social / Paid Social"),
        (
            "utm_source=google&utm_medium=organic&utm_campaign=gbp",
            GOOGLE,
            "google / organic / Local / Organic Search",
        ),
        ("utm_source=flyer&utm_medium=print", "", "flyer / print / Unassigned / Unassigned"),
    ] {
        assert_eq!(said(query, referrer), expected, "{query} {referrer}");
    }
}

#[test]
fn a_medium_alone_takes_its_source_from_what_is_left() {
    for (query, referrer, expected) in [
        ("utm_medium=cpc", "https://www.bing.com/", "bing / cpc / Paid Search / Paid Search"),
        ("utm_medium=paid&fbclid=1", "", "facebook / paid / Paid Social / Paid Social"),
        ("utm_medium=display&gclid=1", "https://www.bing.com/", "google / display / Display / Display"),
        ("utm_medium=email", "", "(not set) / email / Email / Email"),
        ("utm_medium=email", "https://www.example.com/", "(not set) / email / Email / Email"),
    ] {
        assert_eq!(said(query, referrer), expected, "{query} {referrer}");
    }
}

#[test]
fn a_campaign_alone_is_no_source() {
    let typed = visit("utm_campaign=spring&utm_term=boiler&utm_content=top&utm_id=7", "");
    assert!(typed.is_direct());
    assert_eq!(typed.campaign.as_deref(), Some("spring"));
    assert_eq!(typed.term.as_deref(), Some("boiler"));
    assert_eq!(typed.content.as_deref(), Some("top"));
    let found = visit("utm_campaign=spring", GOOGLE);
    assert_eq!((found.source.as_str(), found.medium.as_str()), ("google", "organic"));
    assert_eq!(found.campaign.as_deref(), Some("spring"));
}

#[test]
fn each_click_id_implies_what_its_table_says() {
    for (id, expected) in [
        ("gclid", "google / cpc / Paid Search / Paid Search"),
        ("gbraid", "google / cpc / Paid Search / Paid Search"),
        ("wbraid", "google / cpc / Paid Search / Paid Search"),
        ("gad_source", "google / cpc / Paid Search / Paid Search"),
        ("gad_campaignid", "google / cpc / Paid Search / Paid Search"),
        ("dclid", "doubleclick / display / Display / Display"),
        ("msclkid", "bing / cpc / Paid Search / Paid Search"),
        ("yclid", "yandex / cpc / Paid Search / Paid Search"),
        ("ttclid", "tiktok / cpc / Paid Social / Paid Social"),
        ("twclid", "twitter / cpc / Paid Social / Paid Social"),
        ("li_fat_id", "linkedin / cpc / Paid Social / Paid Social"),
        ("ScCid", "snapchat / cpc / Paid Social / Paid Social"),
        ("rdt_cid", "reddit / cpc / Paid Social / Paid Social"),
        ("epik", "pinterest / cpc / Paid Social / Paid Social"),
        ("fbclid", "facebook / social / Organic Social / Organic Social"),
        ("igshid", "instagram / social / Organic Social / Organic Social"),
        ("srsltid", "google / organic / Organic Search / Organic Search"),
        ("irclickid", "impact / affiliate / Affiliates / Affiliates"),
        ("awc", "awin / affiliate / Affiliates / Affiliates"),
        ("cjevent", "cj / affiliate / Affiliates / Affiliates"),
        ("ranMID", "rakuten-advertising / affiliate / Affiliates / Affiliates"),
        ("tblci", "taboola / display / Display / Display"),
        ("dicbo", "outbrain / display / Display / Display"),
        ("mc_cid", "mailchimp / email / Email / Email"),
        ("mc_eid", "mailchimp / email / Email / Email"),
        ("mkt_tok", "marketo / email / Email / Email"),
    ] {
        let query = format!("a=b&{id}=Xy_1");
        assert_eq!(said(&query, ""), expected, "{id}");
        assert_eq!(said(&query.to_uppercase(), ""), expected, "{id} in capitals");
        let ids = visit(&query, "").click_ids;
        assert_eq!(ids, [ClickId { name: id.into(), value: "Xy_1".into() }]);
    }
}

#[test]
fn a_click_id_proves_more_than_the_referrer() {
    for (query, referrer, expected) in [
        ("gclid=1", GOOGLE, "google / cpc / Paid Search / Paid Search"),
        ("gclid=1", "https://www.bing.com/", "google / cpc / Paid Search / Paid Search"),
        ("msclkid=1", "https://search.yahoo.com/", "bing / cpc / Paid Search / Paid Search"),
        ("msclkid=1", "https://duckduckgo.com/", "bing / cpc / Paid Search / Paid Search"),
        ("gclid=1", "https://www.youtube.com/", "google / cpc / Paid Video / Paid Search"),
        ("gclid=1", "https://googleads.g.doubleclick.net/", "google / cpc / Display / Paid Search"),
        ("gclid=1", "https://tpc.googlesyndication.com/", "google / cpc / Display / Paid Search"),
        (
            "utm_source=google&utm_medium=cpc&gclid=1",
            "https://m.youtube.com/",
            "google / cpc / Paid Video / Paid Search",
        ),
        ("gclid=1", "https://www.example.com/", "google / cpc / Paid Search / Paid Search"),
    ] {
        assert_eq!(said(query, referrer), expected, "{query} {referrer}");
    }
}

#[test]
fn a_click_id_fills_what_the_tags_leave_empty() {
    for (query, expected) in [
        ("utm_source=brand&gclid=1", "brand / cpc / Paid Search / Paid Other"),
        ("utm_source=ads-manager&utm_medium=cpc&gclid=1", "ads-manager / cpc / Paid Search / Paid Other"),
        ("utm_source=promo&utm_medium=paid&fbclid=1", "promo / paid / Paid Social / Paid Other"),
        ("utm_source=promo&utm_medium=post&fbclid=1", "promo / post / Organic Social / Unassigned"),
        ("utm_source=facebook&fbclid=1", "facebook / social / Organic Social / Organic Social"),
        ("utm_source=newsletter&utm_medium=email&gclid=1", "newsletter / email / Email / Email"),
    ] {
        assert_eq!(said(query, ""), expected, "{query}");
    }
}

#[test]
fn facebooks_id_is_no_proof_of_an_ad_nor_of_facebook() {
    for (query, referrer, expected) in [
        ("fbclid=1", "https://l.facebook.com/", "facebook / social / Organic Social / Organic Social"),
        ("fbclid=1", "https://l.instagram.com/", "instagram / social / Organic Social / Organic Social"),
        ("fbclid=1", "https://l.threads.com/", "threads / social / Organic Social / Organic Social"),
        (
            "utm_medium=cpc&fbclid=1",
            "https://l.instagram.com/",
            "instagram / cpc / Paid Social / Paid Social",
        ),
        ("fbclid=1", "https://t.co/", "t.co / referral / Organic Social / Organic Social"),
        ("srsltid=1", "https://www.bing.com/", "bing / organic / Organic Search / Organic Search"),
        ("srsltid=1", GOOGLE, "google / organic / Organic Search / Organic Search"),
        ("igshid=1", "https://l.instagram.com/", "instagram / social / Organic Social / Organic Social"),
        ("fbclid=1", GOOGLE, "google / organic / Organic Search / Organic Search"),
        ("fbclid=1", "https://blog.example.org/", "blog.example.org / referral / Referral / Referral"),
        (
            "srsltid=1",
            "https://l.facebook.com/",
            "l.facebook.com / referral / Organic Social / Organic Social",
        ),
        ("srsltid=1&gclid=2", GOOGLE, "google / cpc / Paid Search / Paid Search"),
    ] {
        assert_eq!(said(query, referrer), expected, "{query} {referrer}");
    }
}

#[test]
fn a_gclid_of_search_ads_360_may_come_from_another_engine() {
    for (query, referrer, expected) in [
        ("gclid=1&gclsrc=3p.ds", "https://www.bing.com/", "bing / cpc / Paid Search / Paid Search"),
        ("gclid=1&gclsrc=ds", GOOGLE, "google / cpc / Paid Search / Paid Search"),
        ("gclid=1&gclsrc=ds", "", "sa360 / cpc / Paid Search / Paid Other"),
        ("gclid=1&gclsrc=aw.ds", "", "google / cpc / Paid Search / Paid Search"),
        (
            "gclid=1&gclsrc=3p.ds&utm_source=yahoo&utm_medium=cpc",
            "",
            "yahoo / cpc / Paid Search / Paid Search",
        ),
        ("gclid=1&gclsrc=3p.ds&msclkid=2", "", "bing / cpc / Paid Search / Paid Search"),
    ] {
        assert_eq!(said(query, referrer), expected, "{query} {referrer}");
    }
}

#[test]
fn a_shared_links_id_is_kept_and_does_not_count() {
    let shared = |query, referrer| {
        let landing =
            Landing { query: Some(query), referrer: Some(referrer), own_hosts: &[], ..Landing::default() };
        Reading::of_shared_link(&landing, None).into_source()
    };
    let plain = shared("gclid=1", "");
    assert!(plain.is_direct());
    assert_eq!(plain.click_ids.len(), 1);
    assert_eq!(shared("gclid=1", "https://blog.example.org/").channel, Channel::Referral);
    let tagged = shared("utm_source=google&utm_medium=cpc&gclid=1", "");
    assert_eq!(tagged.channel, Channel::PaidSearch);
}

#[test]
fn every_step_is_explained() {
    let own_hosts = ["www.example.com".to_owned()];
    let landing = Landing {
        query: Some("utm_campaign=spring&gclid=abc"),
        referrer: Some("https://www.youtube.com/"),
        own_hosts: &own_hosts,
        ..Landing::default()
    };
    let mut because = Vec::new();
    Source::of(&landing, Some(&mut because));
    assert_eq!(
        because,
        [
            "the referrer is youtube.com, a video site",
            "the click id `gclid` says google / cpc",
            "the referrer's youtube.com / referral loses to it: a click id proves more",
            "google / cpc is Paid Video: a Google ad, clicked on a video site",
            "GA4 calls it Paid Search: a search engine as source, a paid medium",
        ]
    );
}

#[test]
fn what_loses_is_told_with_the_reason() {
    let told = |query, referrer| {
        let mut because = Vec::new();
        Source::of(&Landing { query: Some(query), referrer, ..Landing::default() }, Some(&mut because));
        because.into_iter().filter(|sentence| sentence.contains("loses")).collect::<Vec<_>>()
    };
    assert_eq!(
        told("fbclid=1&gclid=2&msclkid=3", None),
        [
            "the click id `msclkid` loses to `gclid`, which proves more",
            "the click id `fbclid` loses to `gclid`, which proves more",
        ]
    );
    assert_eq!(
        told("utm_source=news&utm_medium=email", Some("https://mail.google.com/")),
        ["mail.google.com / referral loses to them: tags are what somebody meant to say"]
    );
    assert_eq!(told("utm_source=google&utm_medium=cpc&gclid=1", None), [""; 0], "nobody disagrees");
}

#[test]
fn a_source_read_back_equals_the_one_written() {
    let written = visit("utm_source=a&utm_term=b&gclid=c", GOOGLE);
    let json = serde_json::to_string(&written).expect("a string");
    assert!(json.contains(r#""channel":"Paid Search""#), "{json}");
    assert_eq!(serde_json::from_str::<Source>(&json).expect("a source"), written);
}

#[test]
fn nothing_that_a_stranger_sends_does_harm() {
    let long = "a".repeat(100_000);
    for raw in [
        long.as_str(),
        "utm_source=%00%0d%0a&utm_medium=%ff",
        "&&&===&%&+",
        "utm_source=\u{202e}evil\u{0}",
        &"utm_source=x&".repeat(5_000),
        &"a.".repeat(200),
        &format!("https://{}com/", "google.".repeat(30)),
        "https://....../",
        "https://[/",
        "android-app://",
    ] {
        let visit = visit(raw, raw);
        assert!(visit.source.chars().count() <= 256 && !visit.source.contains(char::is_control));
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Parameters and values that mean something, and some that are odd.
    fn parameter() -> impl Strategy<Value = String> {
        const NAMES: [&str; 13] = [
            "utm_source",
            "UTM_medium",
            "utm_campaign",
            "mtm_source",
            "pk_kwd",
            "gclid",
            "fbclid",
            "msclkid",
            "srsltid",
            "gclsrc",
            "ref",
            "utm%5fterm",
            "x",
        ];
        const VALUES: [&str; 11] =
            ["google", "cpc", "%ff%fe", "a+b", "100%", "", "facebook", "ds", "%F0%9F%93%9E", "Email", "gbp"];
        (prop::sample::select(&NAMES[..]), prop::sample::select(&VALUES[..]))
            .prop_map(|(name, value)| format!("{name}={value}"))
    }

    fn referrer() -> impl Strategy<Value = String> {
        const HOSTS: [&str; 5] =
            ["www.google.com", "l.facebook.com", "chatgpt.com", "blog.example.org", "checkout.stripe.com"];
        prop::sample::select(&HOSTS[..]).prop_map(|host| format!("https://{host}/"))
    }

    fn of(query: &str, referrer: &str) -> Source {
        let parameters = ["ref".to_owned()];
        let landing = Landing {
            query: Some(query),
            referrer: Some(referrer),
            source_parameters: &parameters,
            ..Landing::default()
        };
        Source::of(&landing, None)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn the_order_of_the_parameters_means_nothing(
            (parameters, shuffled) in prop::collection::hash_map("[a-z]", parameter(), 0..9).prop_flat_map(|named| {
                // Of one name said twice the first counts: each stands here once.
                let mut seen = std::collections::HashSet::new();
                let once: Vec<String> = named
                    .into_values()
                    .filter(|said| seen.insert(said.split('=').next().unwrap_or_default().to_owned()))
                    .collect();
                (Just(once.clone()), Just(once).prop_shuffle())
            }),
            referrer in referrer(),
        ) {
            prop_assert_eq!(of(&parameters.join("&"), &referrer), of(&shuffled.join("&"), &referrer));
        }

        #[test]
        fn whatever_comes_is_read_or_ignored(query in "\\PC{0,200}", referrer in "\\PC{0,80}") {
            let source = of(&query, &referrer);
            prop_assert!(source.source.chars().count() <= 256 && !source.source.contains(char::is_control));
            prop_assert!(!source.source.is_empty() && !source.medium.is_empty());
        }

        #[test]
        fn a_host_that_only_looks_like_a_known_one_is_a_website(
            known in prop::sample::select(&["google.com", "bing.com", "facebook.com", "chatgpt.com", "youtube.com"][..]),
            word in "[a-z]{1,8}",
        ) {
            for host in [format!("{word}{known}"), format!("{known}.{word}.example"), format!("{word}-{known}")] {
                let known_by_chance = hosts::of_source(&host).0.is_some();
                prop_assume!(!known_by_chance || host.starts_with("google") || host.contains(".example"));
                prop_assert_eq!(of("", &format!("https://{host}/")).channel, Channel::Referral, "{}", host);
            }
        }
    }

    #[test]
    fn a_hundred_kilobytes_of_query_are_read_in_bounds() {
        for query in
            ["a=b&".repeat(25_000), format!("utm_source={}", "%41".repeat(34_000)), "&".repeat(100_000)]
        {
            let source = of(&format!("{query}&utm_medium=late"), GOOGLE);
            assert!(source.source.len() <= 256 && source.medium != "late", "{}", &query[..20]);
        }
    }
}

#[test]
fn a_usual_visit_is_classified_without_memory() {
    let own_hosts = ["www.example.com".to_owned()];
    let of = |query, referrer| {
        let landing = Landing { query, referrer, own_hosts: &own_hosts, ..Landing::default() };
        Reading::of(&landing, None).channel
    };
    let tagged =
        "utm_source=google&utm_medium=cpc&utm_campaign=spring&gad_source=1&gclid=EAIaIQobChMI8pTkq_bL";
    for (query, referrer) in [
        (None, None),
        (None, Some("https://www.example.com/contact")),
        (Some("page=2"), Some(GOOGLE)),
        (Some(tagged), Some(GOOGLE)),
        (None, Some("https://l.facebook.com/")),
    ] {
        // The tables are made on first use.
        of(query, referrer);
        let counted = allocation_counter::measure(|| {
            std::hint::black_box(of(query, referrer));
        });
        assert_eq!(counted.count_total, 0, "{query:?} {referrer:?}");
    }
    let encoded = allocation_counter::measure(|| {
        std::hint::black_box(of(Some("utm_source=a%20b"), None));
    });
    assert!(encoded.count_total > 0, "what must be decoded takes memory, and is counted");
}
