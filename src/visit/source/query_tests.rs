use super::*;

fn read<'q>(raw: &'q str, own: &[String]) -> Query<'q> {
    let mut query = Query::default();
    query.read(raw, own);
    query
}

fn source(raw: &str) -> Option<String> {
    read(raw, &[]).source.to_owned()
}

#[test]
fn values_are_decoded_as_forms_are() {
    let query = read(
        "utm_source=news%20letter&utm_medium=e+mail&utm_campaign=%C3%BCber&utm_term=a%2Bb&utm_content=c",
        &[],
    );
    assert_eq!(query.source.value().as_deref(), Some("news letter"));
    assert_eq!(query.medium.value().as_deref(), Some("e mail"));
    assert_eq!(query.campaign.value().as_deref(), Some("über"));
    assert_eq!(query.term.value().as_deref(), Some("a+b"));
    assert_eq!(query.content.value().as_deref(), Some("c"));
}

#[test]
fn names_count_in_any_case_and_encoded() {
    assert_eq!(source("UTM_Source=a").as_deref(), Some("a"));
    assert_eq!(source("utm%5Fsource=a").as_deref(), Some("a"));
    assert_eq!(source("xutm_source=a"), None);
    assert_eq!(source("utm_source_platform=a"), None);
}

#[test]
fn googles_newer_tags_are_kept_and_matomos_say_the_same() {
    let query = read(
        "utm_id=7&utm_source_platform=SA360&utm_creative_format=video&utm_marketing_tactic=prospecting",
        &[],
    );
    assert_eq!(query.campaign_id.value().as_deref(), Some("7"));
    assert_eq!(query.source_platform.value().as_deref(), Some("SA360"));
    assert_eq!(query.creative_format.value().as_deref(), Some("video"));
    assert_eq!(query.marketing_tactic.value().as_deref(), Some("prospecting"));
    for family in ["mtm", "pk", "PK", "Mtm"] {
        let query = "X_source=a&X_medium=b&X_campaign=c&X_kwd=d&X_content=e&X_cid=f".replace("X", family);
        let query = read(&query, &[]);
        let said =
            [&query.source, &query.medium, &query.campaign, &query.term, &query.content, &query.campaign_id];
        assert_eq!(
            said.map(Tagged::to_owned),
            ["a", "b", "c", "d", "e", "f"].map(|said| Some(said.to_owned())),
            "{family}"
        );
    }
    assert_eq!(read("pk_keyword=d", &[]).term.value().as_deref(), Some("d"));
    assert_eq!(read("utm_kwd=a&mtm_term=b&pk_id=c&mtm_source_platform=d", &[]), Query::default());
}

#[test]
fn which_tag_counts_does_not_hang_on_their_order() {
    let own = ["ref".to_owned()];
    for query in
        ["ref=d&pk_source=c&mtm_source=b&utm_source=a", "utm_source=a&mtm_source=b&pk_source=c&ref=d"]
    {
        assert_eq!(read(query, &own).source.value().as_deref(), Some("a"), "{query}");
    }
    assert_eq!(read("Ref=d&pk_source=c&utm_source=", &own).source.value().as_deref(), Some("c"));
    assert_eq!(read("REF=d", &own).source.value().as_deref(), Some("d"));
    assert_eq!(read("ref=d", &[]).source.value().as_deref(), None, "only where a site asks for it");
    let names = |query| read(query, &[]).click_ids.iter().map(|id| id.meaning.name).collect::<Vec<_>>();
    assert_eq!(names("fbclid=1&msclkid=2&gclid=3&gclid=4"), ["gclid", "msclkid", "fbclid"]);
    assert_eq!(names("gclid=3&gclid=4&msclkid=2&fbclid=1"), ["gclid", "msclkid", "fbclid"]);
}

#[test]
fn the_first_value_that_is_not_empty_counts() {
    assert_eq!(source("utm_source=&utm_source=%20&utm_source=b&utm_source=c").as_deref(), Some("b"));
    assert_eq!(source("utm_source"), None);
    assert_eq!(source("=x&&utm_source=a=b&").as_deref(), Some("a=b"));
    let query = read("gclid=&GCLID=Ab&gclid=c", &[]);
    let ids: Vec<_> = query.click_ids.iter().map(|id| (id.meaning.name, id.value())).collect();
    assert_eq!(ids, [("gclid", "Ab".into())]);
}

#[test]
fn broken_encodings_do_no_harm() {
    assert_eq!(source("utm_source=%ff%fe").as_deref(), Some("\u{fffd}\u{fffd}"));
    assert_eq!(source("utm_source=100%&utm_medium=x").as_deref(), Some("100%"));
    assert_eq!(source("utm_source=%4").as_deref(), Some("%4"));
    assert_eq!(source("utm_source=%zz%41").as_deref(), Some("%zzA"));
    assert_eq!(source("utm_source=%é1").as_deref(), Some("%é1"));
}

#[test]
fn control_characters_are_dropped() {
    assert_eq!(source("utm_source=a%0d%0aSet-Cookie:%00b%C2%85").as_deref(), Some("aSet-Cookie:b"));
    assert_eq!(source("utm_source=%09%0a"), None);
}

#[test]
fn a_value_is_cut_at_256_characters_and_never_inside_one() {
    let plain = format!("utm_source={}", "a".repeat(5000));
    assert_eq!(source(&plain).map(|value| value.len()), Some(256));
    let wide = format!("utm_source={}", "%F0%9F%93%9E".repeat(300));
    assert_eq!(source(&wide), Some("\u{1f4de}".repeat(256)));
}

#[test]
fn only_the_first_16_kilobytes_are_read() {
    let padding = "a".repeat(16 * 1024 - 10);
    assert_eq!(source(&format!("{padding}&utm_source=late")), None);
    let padding = "a".repeat(16 * 1024 - 14);
    assert_eq!(source(&format!("{padding}&utm_source=ab")).as_deref(), Some("ab"));
}

#[test]
fn what_is_cut_through_says_nothing() {
    for behind in ["utm_source=google", "gclid=ABCDEF"] {
        for reach in 1..=behind.len() {
            let query = format!("{}&{behind}", "a".repeat(16 * 1024 - 1 - reach));
            let query = read(&query, &[]);
            let said = query.source.to_owned().or(query.click_ids.first().map(|id| id.value().into_owned()));
            let whole = behind.split('=').nth(1).map(str::to_owned);
            assert_eq!(said, whole.filter(|_| reach == behind.len()), "{behind}, {reach} bytes of it");
        }
    }
}

#[test]
fn of_two_names_for_one_thing_the_place_in_the_query_decides_nothing() {
    let own = ["source".to_owned(), "ref".to_owned()];
    for raw in ["ref=a&source=b", "source=b&ref=a"] {
        assert_eq!(read(raw, &own).source.value().as_deref(), Some("b"), "{raw}");
    }
    for raw in ["mtm_kwd=a&mtm_keyword=b", "mtm_keyword=b&mtm_kwd=a"] {
        assert_eq!(read(raw, &[]).term.value().as_deref(), Some("b"), "{raw}");
    }
}

#[test]
fn search_ads_360_is_told_from_google_ads() {
    assert!(read("gclid=a&gclsrc=ds", &[]).is_search_ads_360);
    assert!(read("gclid=a&gclsrc=3p.ds", &[]).is_search_ads_360);
    assert!(!read("gclid=a&gclsrc=aw.ds", &[]).is_search_ads_360);
}
