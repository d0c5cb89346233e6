//! What a CDN tells of the visitor, each in its own way: their address, and whether they came over TLS.

use crate::support::{AD, PAGE, Request, Visitor, number_on, plumber, tracking};

#[test]
fn every_cdns_way_to_tell_the_visitors_address_is_understood() {
    for (header, theirs, others) in [
        ("CF-Connecting-IP", "203.0.113.7", "203.0.113.8"),
        ("CF-Connecting-IP", "2001:db8::7", "2001:db8::8"),
        ("Fastly-Client-IP", "203.0.113.7", "203.0.113.8"),
        ("Fastly-Client-IP", "2001:db8::7", "2001:db8::8"),
        ("CloudFront-Viewer-Address", "203.0.113.7:46532", "203.0.113.8:46532"),
        // Its own form, without brackets: what stands behind the last colon is the port.
        ("CloudFront-Viewer-Address", "2001:db8::7:443", "2001:db8::7:8:443"),
        (
            "CloudFront-Viewer-Address",
            "2001:0db8:0000:0000:0000:0000:0000:0007:443",
            "2001:0db8:0000:0000:0000:0000:0000:0008:443",
        ),
        ("CloudFront-Viewer-Address", "[2001:db8::7]:443", "[2001:db8::8]:443"),
        ("True-Client-IP", "::ffff:203.0.113.7", "::ffff:203.0.113.8"),
    ] {
        let (_origin, edge) = plumber(|config| {
            let trusting = config.server("trusted_proxies = [\"127.0.0.0/8\"]");
            trusting.more(&format!(
                "[site.exclude]\naddresses = [\"203.0.113.7\", \"2001:db8::7\"]\n[site.cdn]\nclient = {header:?}\n"
            ))
        });
        let told = |address: &str| {
            // What another hop says is not asked.
            let request = Request::navigation(AD).with("X-Forwarded-For", "203.0.113.7");
            Visitor::at(&edge).send(&request.with(header, address)).text()
        };
        assert_eq!(told(theirs), PAGE, "{header}: {theirs}");
        assert_eq!(number_on(&told(others)), tracking(0), "{header}: {others}");
    }
}

#[test]
fn a_stranger_tells_nothing_in_their_place() {
    for header in ["CF-Connecting-IP", "Fastly-Client-IP", "CloudFront-Viewer-Address"] {
        let (_origin, edge) = plumber(|config| {
            config.more(&format!(
                "[site.exclude]\naddresses = [\"203.0.113.7\"]\n[site.cdn]\nclient = {header:?}\n"
            ))
        });
        let claim = Request::navigation(AD).with(header, "203.0.113.7:46532");
        let page = Visitor::at(&edge).send(&claim.and("X-Forwarded-Proto", "https"));
        assert_eq!(number_on(&page.text()), tracking(0), "{header}");
        assert!(page.header("Set-Cookie").unwrap().starts_with("dni="), "over plain HTTP");
    }
}
