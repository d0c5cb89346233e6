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

const GOOGLE: &str = "https://www.google.com/";

/// What most addresses and referrers are made of stands in `fixtures/visit/sources.tsv`.
#[test]
fn without_anything_to_go_by_a_visit_is_direct() {
    assert!(Source::direct().is_direct());
    let landing = Landing { query: None, referrer: None, own_hosts: &[], ..Landing::default() };
    assert_eq!(Source::of(&landing, None), Source::direct());
    assert_eq!(visit("page=2&ref=x", "https://www.example.com/contact"), Source::direct());
}

#[test]
fn click_ids_are_kept_as_they_came_under_their_own_names() {
    let ids = visit("SCCID=Xy_1&x=y&gclid=Ab&GCLID=c", "").click_ids;
    let id = |name: &'static str, value: &'static str| ClickId { name: name.into(), value: value.into() };
    assert_eq!(ids, [id("gclid", "Ab"), id("ScCid", "Xy_1")]);
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
    assert_eq!(
        told("pk_source=a&utm_source=b&mtm_source=b&mtm_kwd=c&utm_term=d&utm_campaign=e", None),
        [
            "`pk_source` loses to `utm_source`, which is believed first",
            "`mtm_kwd` loses to `utm_term`, which is believed first",
        ]
    );
    let mut because = Vec::new();
    let query = Some("utm_source=&utm_source=a&UTM_SOURCE=b");
    Source::of(&Landing { query, ..Landing::default() }, Some(&mut because));
    assert_eq!(because[0], "`utm_source` is said twice: the first that is not empty counts");
    for (query, referrer, sentence) in [
        ("gclid=a&gclid=b", "", "`gclid` is said twice: the first that is not empty counts"),
        ("utm_source=news", GOOGLE, "google loses to it as the source: tags are what somebody meant to say"),
        (
            "utm_medium=email",
            GOOGLE,
            "organic loses to it as the medium: tags are what somebody meant to say",
        ),
        ("utm_campaign=x", "", "a campaign alone is no source"),
        (
            "gclid=1&gclsrc=ds",
            "",
            "`gclsrc` says that Search Ads 360 made the gclid: the click may have been on another engine",
        ),
    ] {
        let mut because = Vec::new();
        let landing = Landing { query: Some(query), referrer: Some(referrer), ..Landing::default() };
        Source::of(&landing, Some(&mut because));
        assert!(because.iter().any(|said| said == sentence), "{query}: {because:#?}");
    }
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
