//! Numbers in attributes: links, and what people see or hear.

use super::tests::*;
use super::*;

#[test]
fn attributes_without_quotes_stay_one() {
    let shown = showing("+493023125100");
    let as_german = |page: &str| {
        let pieces = compile(&lines(&["+12125550100"], false), Declared::Unknown, page.as_bytes(), &[]);
        String::from_utf8(fill(&lines(&["+12125550100"], false), &pieces, &shown)).unwrap()
    };
    assert_eq!(as_german("<b title=2125550100 id=x>"), "<b title=+49&#32;30&#32;23125100 id=x>");
    assert_eq!(as_german("<img alt=(212)555-0100>"), "<img alt=+49&#32;30&#32;23125100>");
    assert_eq!(as_german("<b title='2125550100'>"), "<b title='+49 30 23125100'>");
    // What is opened and closed elsewhere is no part of the number.
    for (open, close) in [("(", ")"), ("\u{ff08}", "\u{ff09}"), ("&lpar;", "&rpar;"), ("&#40;", "&#41;")] {
        assert_eq!(as_german(&format!("{open}212-555-0100{close}")), format!("{open}+49 30 23125100{close}"));
        assert_eq!(as_german(&format!("{open}212{close} 555-0100")), "+49 30 23125100");
    }
}

#[test]
fn attributes_of_a_card_that_are_none_of_its_values_are_filled() {
    let page = |title: &str, label: &str| {
        format!(
            "<div class=vcard><b title='{title}' aria-label='{label}'>x</b><input placeholder='{label}'></div>"
        )
    };
    assert_eq!(filled(&page("212-555-0100", "212-555-0100")), page("212-555-0100", "212-555-0199"));
}

#[test]
fn what_is_seen_in_an_attribute_does_not_hang_on_its_place() {
    let vanity = crate::number::PhoneNumber::parse("+18003569377", "US".parse().unwrap()).unwrap();
    let lines = Arc::new(Lines::new(vec![vanity], false));
    for attribute in [
        "title='800-FLOWERS'",
        "alt='(800) FLOWERS'",
        "aria-label=800.FLOWERS",
        "alt\t= '1-800-356-9377'",
        "title\n='1-800-356-9377'",
        "TITLE='&#49;-800-356-9377'",
    ] {
        for before in ["".to_owned(), "x ".repeat(700)] {
            let page = format!("<p>{before}</p><b {attribute}>x</b>");
            for size in [1, 7, 100, 1000] {
                let sizes = vec![size; page.len() / size];
                let pieces = compile(&lines, UTF_8, page.as_bytes(), &sizes);
                assert!(pieces.iter().any(|piece| piece.line().is_some()), "{attribute} in pieces of {size}");
            }
        }
    }
}

#[test]
fn attributes_that_people_see_follow_the_text() {
    assert_eq!(
        filled(&far(
            "<a aria-label='Call 212-555-0100' href=/x><img alt=\"(212)&nbsp;555-0100\" data-x='212-555-0100'></a>"
        )),
        far(
            "<a aria-label='Call 212-555-0199' href=/x><img alt=\"(212)&nbsp;555-0199\" data-x='212-555-0100'></a>"
        )
    );
    assert_eq!(filled(&far("<input placeholder=212-555-0100>")), far("<input placeholder=212-555-0199>"));
    for name in ["alt", "title", "aria-label", "placeholder"] {
        let page = far(&format!("<img {name} = '212-555-0100'>"));
        assert_eq!(filled(&page), page.replace("0100", "0199"), "a blank before the equals sign");
    }
    assert_eq!(filled(&far("<TEXTAREA TITLE='212-555-0100'>")), far("<TEXTAREA TITLE='212-555-0199'>"));
}

#[test]
fn an_edited_link_is_marked_and_an_unedited_one_is_not() {
    let mark = |page: &str| String::from_utf8(filled_as(Declared::Unknown, true, page.as_bytes())).unwrap();
    assert_eq!(
        mark("<a href=\"tel:2125550100\" id=x>Call</a>"),
        "<a href=\"tel:2125550199\" data-nap=\"+12125550100\" id=x>Call</a>"
    );
    assert_eq!(
        mark("<a href=tel:2125550100>Call</a>"),
        "<a href=tel:2125550199 data-nap=\"+12125550100\">Call</a>"
    );
    assert_eq!(mark("<a data-nap=y href=tel:2125550100>"), "<a data-nap=y href=tel:2125550199>");
}

#[test]
fn a_link_is_filled_whatever_parameters_it_has() {
    for link in [
        "https://api.whatsapp.com/send?phone=12125550100&text=Hi",
        "https://web.whatsapp.com/send?text=Hi&phone=12125550100",
        "https://wa.me/12125550100?text=Hi&utm_source=web",
        "whatsapp://send?phone=12125550100&text=Hi",
        "sms:+12125550100&body=Hi",
        "tel:2125550100?a&b",
    ] {
        let page = format!("<a href='{link}'>Write</a>");
        assert_eq!(filled(&page), page.replace("0100", "0199"));
    }
}

#[test]
fn a_link_is_filled_however_its_ampersands_are_written() {
    for and in ["&", "&amp;", "&#38;", "&#038;", "&#x26;", "&#X0026;"] {
        let page =
            format!("<a href='https://api.whatsapp.com/send?text=x{and}phone=12125550100{and}y=z'>Write</a>");
        assert_eq!(filled(&page), page.replace("0100", "0199"));
    }
    let page = "<a href='https://api.whatsapp.com/send?text=x&#39;phone=12125550100'>Write</a>";
    assert_eq!(filled(page), page);
}
