use std::path::Path;

use crate::config::{Checked, Config, Overflow, Secret, Severity};
use crate::ledger::Place;
use crate::visit::Show;

pub(super) const GOOD: &str = r#"
[server]
listen = ["0.0.0.0:8080"]
[[site]]
name = "plumber"
hosts = ["www.example.com"]
origin = "http://127.0.0.1:8000"
[[site.line]]
name = "main"
canonical = "+1 212 555 0100"
[[site.pool]]
name = "ads"
numbers = ["+1 212 555 0110", "(212) 555-0111"]
hold = "1s"
overflow = "static:flyer"
[[site.static]]
name = "flyer"
number = "+1 212 555 0190"
source = { channel = "Offline", medium = "print" }
[[site.rule]]
when = { channel = ["Paid Search", "Paid Social"] }
show = ["pool:ads"]
[[site.rule]]
when = { campaign = "gbp*" }
show = ["static:flyer"]
"#;

pub(super) fn check(text: &str) -> Checked {
    Config::parse(text, Path::new("/etc/dni/dni-edge.toml"))
}

/// What is said about a configuration, as `LINE severity key: message`.
pub(super) fn said(text: &str) -> Vec<String> {
    let findings = check(text).findings;
    let severity = |severity| if severity == Severity::Error { "error" } else { "warning" };
    findings.iter().map(|f| format!("{} {} {}: {}", f.line, severity(f.severity), f.key, f.message)).collect()
}

/// What is said once `from` is written as `to`.
fn said_of(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    said(&GOOD.replacen(from, to, 1)).join("\n")
}

#[test]
fn a_good_configuration_says_nothing_and_means_what_it_says() {
    let checked = check(GOOD);
    assert_eq!(checked.findings, []);
    let config = checked.config.unwrap();
    let site = config.site("www.example.com").unwrap();
    assert_eq!(site.pools[0].numbers[1].number.e164(), "+12125550111");
    assert_eq!(site.pools[0].overflow, Overflow::Static(0));
    assert_eq!(site.rules[1].show, [Show::Static(0)]);
    assert_eq!(config.server.secret, Secret::File("/etc/dni/dni-edge.secret".into()));
    assert_eq!(config.server.ledger, Place::Sqlite("/etc/dni/dni-edge.db".into()));
}

#[test]
fn what_is_near_the_visitor_needs_an_area_and_somebody_who_tells() {
    let near = |near: &str, pool: &str, cdn: &str| {
        let text =
            GOOD.replacen("show = [\"pool:ads\"]", &format!("show = [\"pool:ads\"]\nnear = {near:?}"), 1);
        said(&(text.replacen("hold = \"1s\"", pool, 1) + cdn)).join("\n")
    };
    let (area, country, region) =
        ("area = \"212\"", "[site.cdn]\ncountry = \"X-C\"", "[site.cdn]\nregion = \"X-R\"");
    for (asked, pool, cdn, said) in [
        ("country", area, country, ""),
        ("area", area, region, ""),
        ("none", "", "", ""),
        ("country", area, region, "23 warning site.rule.near: nobody tells the visitor's country"),
        ("area", area, country, "23 warning site.rule.near: nobody tells the visitor's region"),
        ("area", "", region, "23 warning site.rule.near: no pool of the rule's line has an area"),
        ("county", area, country, "23 error site.rule.near: is no such word"),
        ("area", "area = \"New York\"", region, "14 error site.pool.area: is no area code"),
        (
            "area",
            "area = \"646\"",
            region,
            "14 warning site.pool.area: +12125550110 is a number of another area",
        ),
    ] {
        let found = near(asked, pool, cdn);
        assert!(
            found.starts_with(said) && (found.is_empty() == said.is_empty()),
            "{asked} {pool} {cdn}: {found}"
        );
    }
    let of_a_static = said_of("show = [\"static:flyer\"]", "show = [\"static:flyer\"]\nnear = \"area\"");
    assert!(of_a_static.contains("site.rule.near: the rule shows no pool"), "{of_a_static}");
}

#[test]
fn each_mistake_is_found_where_it_stands() {
    for (from, to, said) in [
        ("name = \"plumber\"", "nme = \"plumber\"", "5 error site.nme: there is no such key"),
        ("hold = \"1s\"", "hold = 1", "14 error site.pool.hold: invalid type"),
        ("\"+1 212 555 0100\"", "\"call us\"", "10 error site.line.canonical: holds 'c'"),
        ("\"+1 212 555 0100\"", "\"+1 212 555\"", "10 error site.line.canonical: has a length"),
        ("\"+1 212 555 0100\"", "\"+1 212 555 010\"", "10 warning site.line.canonical: has a length"),
        (
            "canonical = ",
            "also_written = [\"1-800-PLUMBER\", \"CALL ME\"]\ncanonical = ",
            "10 error site.line.also_written: has letters before",
        ),
        ("(212) 555-0111", "212 555 011", "13 error site.pool.numbers: has a length"),
        ("(212) 555-0111", "+12125550110", "13 error site.pool.numbers: is in use already, as pool:ads"),
        (
            "(212) 555-0111",
            "+12125550100",
            "13 error site.pool.numbers: is in use already, as a line's canonical number",
        ),
        (
            "\"+1 212 555 0190\"",
            "\"+1 212 555 0110\"",
            "18 error site.static.number: is in use already, as pool:ads",
        ),
        ("pool:ads", "pool:adds", "22 error site.rule.show: no pool has this name"),
        ("\"pool:ads\"", "\"ads\"", "22 error site.rule.show: is neither"),
        ("\"pool:ads\"", "\"pool:ads\", \"static:flyer\"", "22 error site.rule.show: shows a second number"),
        (
            "[\"Paid Search\", \"Paid Social\"]",
            "\"Payed\"",
            "21 warning site.rule.when.channel: the rule can never match",
        ),
        (
            "{ campaign = \"gbp*\" }",
            "{ channel = \"paid social\" }",
            "23 warning site.rule: the rule can never match: rule 1",
        ),
        (
            "{ campaign = \"gbp*\" }",
            "{ campaign = [] }",
            "24 warning site.rule.when.campaign: the rule can never match",
        ),
        ("127.0.0.1:8000", "www.example.com", "7 error site.origin: is one of the hosts"),
        ("127.0.0.1:8000\"", "127.0.0.1:8000/shop\"", "7 error site.origin: has more than"),
        ("http://127.0.0.1:8000", "ftp://shop.internal", "7 error site.origin: is no web address"),
        ("\"www.example.com\"", "\"www.example.com:80\"", "6 error site.hosts: is no host name"),
        (
            "127.0.0.1:8000",
            "LOCALHOST:8080",
            "7 error site.origin: is the address that dni-edge itself listens on",
        ),
        ("static:flyer", "static:poster", "15 error site.pool.overflow: no static number"),
        (
            "campaign = \"gbp*\"",
            "device = \"phone\"",
            "24 warning site.rule.when.device: the rule can never match: there is no such device",
        ),
        (
            "campaign = \"gbp*\"",
            "country = [\"US\", \"CA\"]",
            "24 warning site.rule.when.country: the rule can never match: nobody tells",
        ),
        (
            "campaign = \"gbp*\"",
            "landing_host = \"shop.*\"",
            "24 warning site.rule.when.landing_host: the rule can never match: the site has no such host",
        ),
        ("campaign = \"gbp*\"", "percent = 0", "24 warning site.rule.when.percent: the rule can never match"),
        ("campaign = \"gbp*\"", "percent = 101", "24 error site.rule.when.percent: is no share"),
        (
            "campaign = \"gbp*\"",
            "between = [2026-02-01, \"2026-01-01\"]",
            "24 warning site.rule.when.between: the",
        ),
        ("campaign = \"gbp*\"", "between = \"spring\"", "24 error site.rule.when.between: "),
        ("campaign = \"gbp*\"", "between = [\"2026-01-01\"]", "24 error site.rule.when.between: is no time"),
        (
            "campaign = \"gbp*\"",
            "query = { plan = [] }",
            "24 warning site.rule.when.query.plan: the rule can never",
        ),
        (
            "campaign = \"gbp*\"",
            "cookie = { tier = 7 }",
            "24 error site.rule.when.cookie.tier: is neither a text",
        ),
        ("hosts = [", "country = \"USA\"\nhosts = [", "6 error site.country: is no country code"),
        ("[server]", "[server", "2 error syntax:"),
    ] {
        let all = said_of(from, to);
        assert!(all.contains(said), "{to}: wanted {said:?}, got\n{all}");
    }
}

#[test]
fn everything_wrong_is_said_at_once_with_a_remedy() {
    let text = GOOD
        .replace("listen = [", "lisen = [")
        .replace("hold = \"1s\"", "hold = 5")
        .replace("pool:ads\"]", "pool:none\"]")
        .replace("127.0.0.1:8000", "WWW.example.com");
    let findings = check(&text).findings;
    assert_eq!(findings.len(), 4, "{findings:#?}");
    assert!(findings.iter().all(|finding| !finding.remedy.is_empty() && finding.line > 1));
    assert_eq!(findings[0].remedy, "did you mean listen?");
    assert!(findings[0].to_string().starts_with("/etc/dni/dni-edge.toml:3: error: server.lisen"));
    assert!(check(&text).config.is_none());
}

#[test]
fn our_own_cookie_is_none_of_other_peoples() {
    for tables in [
        "[site.consent]\ncookie = \"dni\"\nallows = \"yes\"",
        "[site.exclude]\ncookie = \"dni\"",
        "[site.session]\ncookie = \"__Host-dni\"",
    ] {
        let said = said_of("[[site.line]]", &format!("{tables}\n[[site.line]]"));
        assert!(said.contains("error") && said.contains("cookie"), "{tables}: {said}");
    }
    let gpc_alone = said_of("[[site.line]]", "[site.consent]\ngpc = \"without\"\n[[site.line]]");
    assert_eq!(gpc_alone, "");
}

#[test]
fn a_rule_that_no_visit_can_meet_is_told_with_the_reason() {
    for (when, why) in [
        ("channel = \"Offline\"", "no visit has this channel"),
        ("click_id = \"foo\"", "there is no such click id"),
        ("landing_path = \"lp/*\"", "a path begins with a slash"),
        ("referrer_host = \"https://google.com/\"", "a host has no scheme"),
        ("country = \"USA\"", "a country has two letters"),
        ("source = \"\"", "nothing is empty"),
        ("source = [\"goo*\", \"!go*\"]", "what it asks for is taken out again"),
        ("source = [\"google\", \"!google\"]", "what it asks for is taken out again"),
        ("between = [\"2020-01-01\", \"2021-01-01\"]", "the time is over"),
        (
            "query = { a_parameter_name_that_is_longer_than_32_bytes = \"*\" }",
            "no parameter of so long a name",
        ),
    ] {
        let said = said_of("campaign = \"gbp*\"", when);
        assert!(said.contains("the rule can never match") && said.contains(why), "{when}: {said}");
    }
    for when in [
        "click_id = [\"gclid\", \"!fbclid\"]",
        "landing_path = [\"/lp/*\", \"*.html\"]",
        "referrer_host = \"*.google.com\"",
        "source = [\"goo*\", \"!google\"]",
        "source = \"!google\"",
        "between = [\"2020-01-01\", \"2999-01-01\"]",
    ] {
        assert_eq!(said_of("campaign = \"gbp*\"", when), "", "{when}");
    }
    // A visit may have several click ids, of which one takes it out of the earlier rule.
    let two = said_of("channel = [\"Paid Search\", \"Paid Social\"]", "click_id = [\"gclid\", \"!fbclid\"]");
    assert_eq!(two, "");
    let text = GOOD
        .replacen("channel = [\"Paid Search\", \"Paid Social\"]", "click_id = [\"gclid\", \"!fbclid\"]", 1)
        .replacen("campaign = \"gbp*\"", "click_id = \"gclid\"", 1);
    assert_eq!(said(&text), [""; 0]);
}

#[test]
fn operators_ask_where_nobody_else_can_or_with_a_token() {
    let admin = |lines: &str| said(&GOOD.replacen("[server]", &format!("[server]\n{lines}"), 1)).join("\n");
    for (lines, said) in [
        ("admin = \"[::1]:9901\"", ""),
        ("admin = \"0.0.0.0:9900\"\nadmin_token = { file = \"token\" }", ""),
        ("admin = \"0.0.0.0:9900\"", "3 error server.admin: anybody who reaches it could read it"),
        ("admin = \"localhost\"", "3 error server.admin: is no address with a port"),
        (
            "admin_token = { env = \"DNI_EDGE_TEST_UNSET\" }",
            "3 warning server.admin_token: the environment has no",
        ),
        ("admin_token = {}", "3 error server.admin_token: names no one place"),
    ] {
        let found = admin(lines);
        assert!(found.starts_with(said) && found.is_empty() == said.is_empty(), "{lines}: {found}");
    }
}

#[test]
fn what_is_not_built_yet_is_an_error_where_ignoring_it_would_do_harm() {
    let old = |list: &str| said(&GOOD.replace("[server]", &format!("[server]\nold_secrets = {list}")));
    assert_eq!(
        old("[{ env = \"OLD\" }]"),
        ["3 error server.old_secrets: this version does not act on it yet, and must not go on as if it did"]
    );
    assert_eq!(old("[]"), [""; 0]);
}

#[test]
fn a_limit_that_would_leave_nothing_is_an_error() {
    let with = |line: &str| said(&GOOD.replace("[server]", &format!("[server]\n{line}"))).join("\n");
    for (line, wanted) in [
        ("limits = { connections = 0 }", "3 error server.limits.connections: nobody could connect"),
        ("limits = { header_bytes = \"1KB\" }", "3 error server.limits.header_bytes: is less than"),
        ("limits = { decompression_ratio = 0 }", "3 error server.limits.decompression_ratio: no compressed"),
        ("limits = { body_bytes = \"much\" }", "3 error server.limits.body_bytes: is no size"),
        ("limits = { requests_per_second = 0, body_bytes = \"0\" }", ""),
        ("timeouts = { body = \"0s\" }", "3 error server.timeouts.body: is no time at all"),
        ("proxy_protocol = true", "3 error server.proxy_protocol: is spoken by nobody"),
        ("proxy_protocol = true\ntrusted_proxies = [\"192.0.2.1\"]", ""),
    ] {
        let found = with(line);
        assert!(found.starts_with(wanted) && found.is_empty() == wanted.is_empty(), "{line}: {found}");
    }
}

#[test]
fn tls_is_listened_for_with_certificates_or_somebody_who_issues_them() {
    let with = |lines: &str| said(&GOOD.replace("[server]", &format!("[server]\n{lines}"))).join("\n");
    let acme = |acme: &str| with(&format!("listen_tls = [\"0.0.0.0:8443\"]\ntls = {{ acme = {acme} }}"));
    assert!(with("listen_tls = [\"0.0.0.0:8443\"]").starts_with("3 error server.listen_tls: there are no"));
    let pair = "{ cert = \"c.pem\", key = \"k.pem\" }";
    assert_eq!(with(&format!("listen_tls = [\"0.0.0.0:8443\"]\ntls = {{ certificates = [{pair}] }}")), "");
    assert!(with("tls = { certificates = [{ cert = \"c.pem\" }] }").contains("lacks its chain or its key"));
    assert_eq!(acme("{ hosts = [\"www.example.com\"] }"), "");
    assert!(acme("{ hosts = [] }").contains("server.tls.acme.hosts: names no host"));
    assert!(acme("{ hosts = [\"a b\"] }").contains("server.tls.acme.hosts: is no host name"));
    assert!(acme("{ hosts = [\"192.0.2.1\"] }").contains("server.tls.acme.hosts: is no host name"));
    assert!(
        acme("{ hosts = [\"WWW.example.com\", \"a.example\"] }").contains("acme.hosts: no site serves it")
    );
    assert!(acme("{ hosts = [\"a.example\"], directory = \"here\" }").contains("acme.directory: is no web"));
}

#[test]
fn a_site_may_have_several_origins_each_once() {
    let with = |origin: &str| check(&GOOD.replace("\"http://127.0.0.1:8000\"", origin));
    let several = with("[\"http://127.0.0.1:8001\", \"https://shop.internal\"]").config.unwrap();
    let origins: Vec<_> =
        several.sites[0].origins.iter().map(|origin| (origin.tls, origin.authority.as_str())).collect();
    assert_eq!(origins, [(false, "127.0.0.1:8001"), (true, "shop.internal")]);
    for (origin, wanted) in [
        ("[]", "names no origin"),
        ("[\"http://a.example\", \"http://a.example:80\"]", "names an origin twice"),
        ("[\"http://a.example\", \"https://user@b.example\"]", "has more than a host and a port"),
        ("\"https://app-.internal\"", "has a host that no certificate can be for"),
        ("\"http://a.example\"\nhealth = { path = \"healthz\" }", "healthz\": is no path"),
        ("\"http://a.example\"\nhealth = { every = \"0s\" }", "0s\": would ask without"),
        ("\"http://a.example\"\norigin_protocol = \"h3\"", "site.origin_protocol = \"h3\""),
        (
            "\"http://a.example\"\norigin_ca = \"ca.pem\"",
            "warning: site.origin_ca = \"ca.pem\": verifies nobody",
        ),
    ] {
        let found: Vec<_> = with(origin).findings.iter().map(ToString::to_string).collect();
        assert!(found.join("\n").contains(wanted), "{origin}: {found:?}");
    }
}

#[test]
fn what_is_kept_is_kept_for_a_day_at_least() {
    let with = |keep: &str| check(&format!("{GOOD}\n[ledger]\nkeep = {keep:?}\n"));
    let days = |days: u64| std::time::Duration::from_secs(days * 86_400);
    assert_eq!(with("30d").config.unwrap().server.keep, days(30));
    assert_eq!(check(GOOD).config.unwrap().server.keep, days(400));
    for (keep, wanted) in [("0s", "less than a day"), ("23h", "less than a day"), ("long", "is no duration")]
    {
        let checked = with(keep);
        assert!(checked.config.is_none() && checked.findings[0].to_string().contains(wanted), "{keep}");
    }
}

#[test]
fn what_asks_for_no_more_than_there_is_says_nothing() {
    let text = GOOD
        .replace("[server]", "[server]\nlisten_tls = []\nproxy_protocol = false\nold_secrets = []")
        + "\n[log]\naccess = \"off\"\n";
    let text = text.replace("[[site.line]]", "[site.cdn]\nnumbers = \"stream\"\n[[site.line]]");
    assert_eq!(said(&text), [""; 0]);
    assert!(
        said(&text.replace("proxy_protocol = false", "proxy_protocol = true")).join("\n").contains("error")
    );
}

#[test]
fn who_is_known_again_is_the_sites_to_say() {
    let with = |tables: &str| said_of("[[site.line]]", &format!("{tables}\n[[site.line]]"));
    let session = "[site.session]\ncookie_domain = \".Example.com\"\nsource_parameters = [\"ref\"]\nignore_referrers = [\"booking.example\"]\n";
    let exclude = "[site.exclude]\naddresses = [\"192.0.2.0/24\", \"::1\"]\nuser_agents = [\"*X*\"]\ncookie = \"staff\"\n";
    let consent =
        "[site.consent]\ncookie = \"c\"\nallows = \"*yes*\"\nwithout = \"canonical\"\ngpc = \"ignore\"\n";
    assert_eq!(with(&format!("{session}{exclude}{consent}")), "");
    for (tables, wanted) in [
        (
            "[site.session]\nsource_parameters = [\"a=b\"]",
            "error site.session.source_parameters: is no parameter's name",
        ),
        (
            "[site.session]\nsource_parameters = [\"utm_x\"]",
            "warning site.session.source_parameters: is read in any case",
        ),
        ("[site.session]\ncookie_domain = \"co.uk\"", "error site.session.cookie_domain: is a public suffix"),
        (
            "[site.session]\ncookie_domain = \"shop.example.com\"",
            "error site.session.cookie_domain: does not cover",
        ),
        ("[site.session]\ncookie_domain = \"192.0.2.1\"", "error site.session.cookie_domain: is no domain"),
        (
            "[site.session]\nignore_referrers = [\"https://a.example\"]",
            "error site.session.ignore_referrers: is no host",
        ),
        ("[site.exclude]\naddresses = [\"office\"]", "error site.exclude.addresses: is neither an address"),
        ("[site.exclude]\ncookie = \"a b\"", "error site.exclude.cookie: is no cookie's name"),
        ("[site.consent]\ncookie = \"c\"", "error site.consent.allows: is missing"),
        ("[site.consent]\nallows = \"*\"", "error site.consent.cookie: is missing"),
        (
            "[site.consent]\ncookie = \"c\"\nallows = \"*\"\ngpc = \"no\"",
            "error site.consent.gpc: is no such word",
        ),
        ("[site.cdn]\ncountry = \"CF Country\"", "error site.cdn.country: is no header's name"),
    ] {
        let said = with(tables);
        assert!(said.contains(wanted), "{tables}: wanted {wanted:?}, got\n{said}");
    }
}

#[test]
fn every_condition_is_taken() {
    let all = "landing_host = \"www.*\", landing_path = \"/lp/*\", referrer_host = \"*.google.com\", language = \"en*\", \
               country = [\"US\"], device = \"mobile\", query = { plan = \"pro\" }, cookie = { tier = \"gold\" }, \
               between = [2026-01-01, \"2027-01-01T00:00:00+02:00\"], percent = 12.5";
    let text = GOOD.replace("campaign = \"gbp*\"", all);
    let told = text.replace("[[site.line]]", "[site.cdn]\ncountry = \"CF-IPCountry\"\n[[site.line]]");
    assert!(said(&told).is_empty(), "{:?}", said(&told));
    let rules = &check(&told).config.unwrap().sites[0].rules;
    assert_eq!(rules[1].when.len(), 10);
    let everybody = GOOD.replace("{ channel = [\"Paid Search\", \"Paid Social\"] }", "{ percent = 100 }");
    assert!(said(&everybody).join("\n").contains("warning site.rule: the rule can never match: rule 1"));
}

#[test]
fn an_unset_secret_is_a_warning() {
    let all = said_of("[server]", "[server]\nsecret = { env = \"DNI_EDGE_TEST_NO_SUCH_VARIABLE\" }");
    assert!(all.contains("3 warning server.secret: the environment has no variable"), "{all}");
}

#[test]
fn the_schema_names_every_key() {
    let schema = Config::schema().to_string();
    for key in [
        "trusted_proxies",
        "canonical",
        "numbers_file",
        "click_id",
        "page_bytes",
        "caller_area",
        "voicemail",
        "spool",
        "blocked_callers",
        "signing_key",
        "talk_time",
        "currency",
    ] {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
    }
}

#[test]
fn sites_have_names_of_their_own_and_something_is_listened_on() {
    let second = GOOD[GOOD.find("[[site]]").unwrap()..]
        .replace("www.", "shop.")
        .replace("555 0", "555 1")
        .replace("555-0", "555-1");
    assert!(
        said(&format!("{GOOD}{second}")).join("\n").contains("error site.name: is another site's name too")
    );
    assert!(said_of("[\"0.0.0.0:8080\"]", "[]").contains("error server.listen: no address is listened on"));
    assert!(said_of("http://127.0.0.1:8000", "http://127.0.0.1").is_empty());
}
