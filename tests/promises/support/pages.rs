//! Pages, and what a person reads on them.

/// A page that prints its number in a link and in its text.
pub const PAGE: &str = "<!doctype html>\n<html><head><title>Plumber</title></head>\n<body>\
    <p>Call <a href=\"tel:+12125550100\">(212) 555-0100</a> today.</p></body></html>\n";

/// A page that prints no number.
pub const NUMBERLESS: &str = "<!doctype html>\n<p>Our van has the number plate 212-555.</p>\n";

/// The number that a page shows, in E.164. Link and text must agree on it.
pub fn number_on(page: &str) -> String {
    let (_, link) = page.split_once("href=\"tel:").expect("the page has a link");
    let (href, rest) = link.split_once('"').unwrap();
    let text = rest.split(['>', '<']).nth(1).expect("the link has a text");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(href, format!("+1{digits}"), "link and text agree: {page}");
    href.to_owned()
}

/// The page as a visitor reads it who is shown this number.
pub fn page_with(number: &str) -> String {
    let digits = &number[2..];
    let text = format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
    let link = format!("href=\"tel:{number}\" data-nap=\"+12125550100\"");
    PAGE.replace("href=\"tel:+12125550100\"", &link).replace("(212) 555-0100", &text)
}
