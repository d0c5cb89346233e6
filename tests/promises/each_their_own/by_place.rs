//! Numbers near the visitor: which pool's, where a CDN tells where the visitor is.

use crate::support::{AD, CANONICAL, Config, Request, Visitor, number_on, plumber};

/// A rule for ads that names the pool in New York, beside one in Los Angeles and one in Toronto.
fn pools(config: Config, near: &str) -> Config {
    let rules = format!(
        r#"
[site.cdn]
country = "CF-IPCountry"
region = "CF-Region-Code"
[[site.rule]]
when = {{ channel = "Paid Search" }}
show = ["pool:ads"]
near = "{near}"
"#
    );
    config.server("trusted_proxies = [\"127.0.0.1\"]").pool("area = \"646\"").rules(&rules).more(
        r#"
[[site.pool]]
name = "west"
area = "310"
numbers = ["+1 310 555 0110", "+1 310 555 0111", "+1 310 555 0112"]
provisional_per_network = 0
[[site.pool]]
name = "toronto"
area = "416"
numbers = ["+1 416 555 0110", "+1 416 555 0111", "+1 416 555 0112"]
provisional_per_network = 0
"#,
    )
}

fn from(country: &str, region: &str) -> Request {
    let request = Request::navigation(AD);
    let request = if country.is_empty() { request } else { request.with("CF-IPCountry", country) };
    if region.is_empty() { request } else { request.with("CF-Region-Code", region) }
}

#[test]
fn a_pool_near_the_visitor_is_preferred_to_the_one_that_the_rule_names() {
    for (near, country, region, numbers) in [
        ("area", "US", "CA", "+1310"),
        ("area", "US", "US-CA", "+1310"),
        ("area", "US", "NY", "+1646"),
        ("area", "US", "TX", "+1646"),
        ("area", "CA", "BC", "+1416"),
        ("area", "", "", "+1646"),
        ("country", "US", "CA", "+1646"),
        ("country", "ca", "", "+1416"),
        ("country", "DE", "", "+1646"),
        ("none", "CA", "ON", "+1646"),
    ] {
        let (_origin, edge) = plumber(|config| pools(config, near));
        let page = Visitor::at(&edge).send(&from(country, region)).text();
        let number = number_on(&page);
        assert!(number.starts_with(numbers), "{near} {country} {region}: {number}");
    }
}

#[test]
fn a_visitor_who_travels_keeps_the_number_through_a_restart_too() {
    let (_origin, mut edge) = plumber(|config| pools(config, "area"));
    let mut visitor = Visitor::at(&edge);
    let number = number_on(&visitor.send(&from("US", "CA")).text());
    assert!(number.starts_with("+1310"), "{number}");
    let abroad = Request::navigation("/").with("CF-IPCountry", "CA");
    assert_eq!(number_on(&visitor.send(&abroad).text()), number);
    edge.kill_9();
    edge.start_again();
    visitor.returns_to(&edge);
    assert_eq!(number_on(&visitor.send(&abroad).text()), number);
    assert_eq!(number_on(&Visitor::at(&edge).send(&abroad).text()), CANONICAL, "no ad brought them");
}
