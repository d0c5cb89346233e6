//! Who has not consented is not known again, and staff are nobody's visitors.

use crate::support::{
    AD, Answer, CANONICAL, Edge, FLYER, Ledger, Origin, PAGE, Request, Visitor, number_on, plumber,
    session_of, tracking,
};

const CONSENT: &str = "[site.consent]\ncookie = \"consent\"\nallows = \"*marketing:true*\"\n";

/// A site that asks for consent, and has a static number for visits from Google's ads.
fn site(more: &str) -> (Origin, Edge) {
    let google = "[[site.static]]\nname = \"google\"\nnumber = \"+1 917 555 0001\"\n\
                  source = { channel = \"Paid Search\", source = \"google\" }\n";
    let rules = "[[site.rule]]\nwhen = { medium = \"print\" }\nshow = [\"static:flyer\"]\n\
                 [[site.rule]]\nwhen = { channel = \"Paid *\" }\nshow = [\"pool:ads\"]\n";
    plumber(|config| config.rules(&format!("{CONSENT}{more}{google}{rules}")))
}

const GOOGLE: &str = "+19175550001";

fn with_consent(target: &str) -> Request {
    Request::navigation(target).with("Cookie", "a=1; consent=necessary:true%2Cmarketing:true")
}

/// A person whose session stands in the ledger behind whatever came before: the ledger is written in order.
fn somebody_known(edge: &Edge) -> [u8; 16] {
    let mut visitor = Visitor::at(edge);
    visitor.send(&with_consent(AD));
    session_of(edge.folder(), visitor.session())
}

#[test]
fn without_consent_the_number_is_the_sources_own_and_nothing_is_kept() {
    let (_origin, edge) = site("");
    for (target, shown) in [
        (AD, GOOGLE),
        ("/?utm_source=flyer&utm_medium=print", FLYER),
        ("/?msclkid=1", CANONICAL),
        ("/", CANONICAL),
    ] {
        let response = Visitor::at(&edge).open(target);
        assert_eq!(number_on(&response.text()), shown, "{target}");
        assert!(!response.head.has("Set-Cookie"), "{target}");
        let cache = response.header("Cache-Control");
        assert_eq!(cache == Some("private, no-store"), shown != CANONICAL, "{target}: {cache:?}");
    }
    let known = somebody_known(&edge);
    let ledger = Ledger::of(&edge);
    assert_eq!(ledger.sessions(), [known]);
    assert_eq!(ledger.leases().iter().map(|lease| lease.session).collect::<Vec<_>>(), [known]);
}

#[test]
fn without_consent_a_link_that_was_passed_on_is_no_click_either() {
    let (_origin, edge) = site("");
    let mut owner = Visitor::at(&edge);
    owner.cookies.insert("consent".to_owned(), "marketing:true".to_owned());
    owner.open("/?gclid=one");
    owner.open("/");
    assert_eq!(number_on(&Visitor::at(&edge).open("/?gclid=one").text()), CANONICAL);
    assert_eq!(number_on(&Visitor::at(&edge).open("/?gclid=two").text()), GOOGLE);
}

#[test]
fn a_head_request_without_consent_has_the_headers_of_its_page() {
    let (_origin, edge) = site("");
    let head = |target| Visitor::at(&edge).send(&Request::navigation(target).method("HEAD"));
    assert_eq!(head(AD).header("Cache-Control"), Some("private, no-store"));
    assert_ne!(head("/").header("Cache-Control"), Some("private, no-store"));
}

#[test]
fn with_consent_a_number_is_leased() {
    let (_origin, edge) = site("");
    let response = Visitor::at(&edge).send(&with_consent(AD));
    assert_eq!(number_on(&response.text()), tracking(0));
    assert!(response.head.has("Set-Cookie"));
}

#[test]
fn global_privacy_control_is_no_unless_the_site_ignores_it() {
    for (more, shown) in [("", GOOGLE.to_owned()), ("gpc = \"ignore\"\n", tracking(0))] {
        let (_origin, edge) = site(more);
        let response = Visitor::at(&edge).send(&with_consent(AD).with("Sec-GPC", "1"));
        assert_eq!(number_on(&response.text()), shown, "{more}");
    }
}

#[test]
fn a_site_may_show_its_own_number_without_consent() {
    let (_origin, edge) = site("without = \"canonical\"\n");
    for target in [AD, "/?utm_source=flyer&utm_medium=print"] {
        let response = Visitor::at(&edge).open(target);
        assert_eq!(response.page(), PAGE.as_bytes(), "{target}");
    }
}

#[test]
fn who_withdraws_consent_is_a_stranger_at_once() {
    let (_origin, edge) = site("");
    let mut visitor = Visitor::at(&edge);
    visitor.send(&with_consent(AD));
    let cookie = format!("dni={}; consent=marketing:false", visitor.session());
    let response = Visitor::at(&edge).send(&Request::navigation("/").with("Cookie", &cookie));
    assert_eq!(response.text(), PAGE);
    let taken_back = response.header("Set-Cookie").unwrap();
    assert!(taken_back.starts_with("dni=;") && taken_back.contains("Max-Age=0"), "{taken_back}");
    assert_eq!(response.header("Cache-Control"), Some("private, no-store"));
}

#[test]
fn staff_read_the_websites_page_and_cost_nothing() {
    let exclude = "[site.exclude]\naddresses = [\"192.0.2.0/24\"]\nuser_agents = [\"*InternalMonitor*\"]\ncookie = \"staff\"\n";
    let cdn = "[site.cdn]\nclient = \"True-Client-IP\"\n";
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 InternalMonitor/1";
    let ad = || Request::navigation(AD);
    let usual = "[site.cdn]\nclient = \"X-Forwarded-For\"\n";
    for (told_in, header) in [("", "X-Forwarded-For"), (usual, "X-Forwarded-For"), (cdn, "True-Client-IP")] {
        let (origin, edge) = plumber(|config| {
            config.server("trusted_proxies = [\"127.0.0.1\"]").more(&format!("{told_in}{exclude}"))
        });
        origin.answers("/", Answer::html(PAGE));
        for request in [
            ad().with(header, "192.0.2.7"),
            ad().with(header, "198.51.100.7, 192.0.2.7, 127.0.0.1"),
            ad().with("User-Agent", browser),
            ad().with("Cookie", "staff=yes"),
        ] {
            let response = Visitor::at(&edge).send(&request);
            assert_eq!(
                (response.page(), response.head.has("Set-Cookie")),
                (PAGE.as_bytes().to_vec(), false),
                "{request:?}"
            );
        }
        let visitor = Visitor::at(&edge).send(&ad().with(header, "198.51.100.7"));
        assert_eq!(number_on(&visitor.text()), tracking(0), "the first that is spent");
    }
}

#[test]
fn what_a_stranger_says_of_their_address_is_not_believed() {
    let (_origin, edge) = plumber(|config| config.more("[site.exclude]\naddresses = [\"192.0.2.0/24\"]\n"));
    let claim = Request::navigation(AD).with("X-Forwarded-For", "192.0.2.7");
    assert_eq!(number_on(&Visitor::at(&edge).send(&claim).text()), tracking(0));
    let (_origin, edge) = plumber(|config| {
        let trusted = config.server("trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]");
        trusted.more("[site.exclude]\naddresses = [\"192.0.2.0/24\"]\n")
    });
    for (hops, shown) in [
        ("192.0.2.7, 10.1.2.3", CANONICAL.to_owned()),
        ("192.0.2.7, 198.51.100.7, 10.1.2.3", tracking(0)),
        ("192.0.2.7:5555", CANONICAL.to_owned()),
    ] {
        let request = Request::navigation(AD).with("X-Forwarded-For", hops);
        assert_eq!(number_on(&Visitor::at(&edge).send(&request).text()), shown, "{hops}");
    }
}
