//! Structured data on pages, as the compiler fills them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use super::super::Texts;
use super::super::structured::LOOK_AHEAD;
use super::tests::{compile, fill, filled, filled_as, lines, showing};
use super::{Compiler, Declared};

#[test]
fn a_text_that_is_a_value_keeps_the_canonical_one_beside_it() {
    for (page, wanted) in [
        (
            "<p itemscope><b id=x itemprop='telephone'>(212) <i>555-0100</i></b>",
            "<p itemscope><b id=x ><meta itemprop=\"telephone\" content=\"(212) 555-0100\"/>(212) <i>555-0199</i></b>",
        ),
        ("<b property=tel>212-555-0100</b>", "<b content=\"212-555-0100\" property=tel>212-555-0199</b>"),
        (
            "<p class=h-card><i class=p-name>A</i><i class=p-tel>212-555-0100</i></p>",
            "<p class=h-card><i class=p-name>A</i><i class=p-tel><span class=\"value-title\" \
             title=\"212-555-0100\"></span>212-555-0199</i></p>",
        ),
        (
            "<p class=vcard><i class='x tel'><b class=type>home</b><b class=value>212-555-0100</b></i></p>",
            "<p class=vcard><i class=\"x\"><data class=\"tel\" value=\"212-555-0100\"></data><b class=type>home</b>\
             <b class=value>212-555-0199</b></i></p>",
        ),
    ] {
        assert_eq!(filled(page), wanted);
    }
}

#[test]
fn only_the_attribute_of_its_element_is_a_value_instead_of_the_text() {
    for (element, is_text) in [
        ("i class=u-tel title=x", true),
        ("li class=u-tel value=1", true),
        ("meter class=p-tel value=1", true),
        ("time class=p-tel datetime=2026", true),
        ("abbr class=u-tel title=x", false),
        ("object class=u-tel data=x", false),
        ("data class=p-tel value=x", false),
        ("meter itemprop=x value=1", false),
        ("b itemprop=x value=1", true),
    ] {
        let name = element.split(' ').next().unwrap();
        let filled = filled(&format!(
            "<div class=h-card><i class=p-name>A</i><{element}>212-555-0100</{name}><i class=u-url></i></div>"
        ));
        assert_eq!(filled.contains("212-555-0100"), is_text, "the value is kept: {filled}");
        assert!(filled.contains("212-555-0199"), "{filled}");
    }
}

#[test]
fn a_link_that_is_a_value_hands_its_property_on() {
    for (page, wanted) in [
        (
            "<a itemprop=telephone href='tel:2125550100'>212-555-0100</a>",
            "<link itemprop=\"telephone\" href=\"tel:2125550100\"/><a  href='tel:2125550199'>212-555-0199</a>",
        ),
        (
            "<a property=telephone href='tel:2125550100'>call</a>",
            "<a resource=\"tel:2125550100\" property=telephone href='tel:2125550199'>call</a>",
        ),
        (
            "<a rel=foaf:phone href='tel:2125550100'>call</a>",
            "<a resource=\"tel:2125550100\" rel=foaf:phone href='tel:2125550199'>call</a>",
        ),
        (
            "<p class=h-card><i class=p-name>A</i><a class='b u-tel' href='tel:2125550100'>call</a></p>",
            "<p class=h-card><i class=p-name>A</i><data class=\"u-tel\" value=\"tel:2125550100\"></data>\
             <a class=\"b\" href='tel:2125550199'>call</a></p>",
        ),
        (
            "<p class=h-card><i class=p-name>A</i><i class='p-adr h-adr'>B</i><a href='tel:2125550100'>call</a></p>",
            "<p class=h-card><i class=p-name>A</i><i class='p-adr h-adr'>B</i><a href='tel:2125550199'>call</a></p>",
        ),
        (
            "<p class=h-card><i class=p-name>A</i><b><a href='tel:2125550100'>call</a></b></p>",
            "<p class=h-card><i class=p-name>A</i><b><a href='tel:2125550199'>call</a></b></p>",
        ),
        (
            "<p class=h-card><i class=p-name>A</i><a href=/>A</a><b><i><a href='tel:2125550100'>call</a></i></b></p>",
            "<p class=h-card><i class=p-name>A</i><a href=/>A</a><b><i><a href='tel:2125550199'>call</a></i></b></p>",
        ),
        (
            "<p class=h-card><b class=p-name><a href='tel:2125550100'>call</a></b></p>",
            "<p class=h-card><b class=p-name><a href='tel:2125550100'>call</a></b></p>",
        ),
        (
            "<p class=h-card><i class=p-name>A</i><a href='tel:2125550100'>call</a></p>",
            "<p class=h-card><i class=p-name>A</i><data class=\"u-url\" value=\"tel:2125550100\"></data>\
             <a href='tel:2125550199'>call</a></p>",
        ),
    ] {
        assert_eq!(filled(page), wanted);
    }
}

#[test]
fn a_link_in_a_value_is_filled_with_its_text() {
    let value = r#"<span class="value-title" title="212-555-0100"></span>"#;
    for (card, class) in [("h-card", "p-tel"), ("vcard", "tel")] {
        let page = |inside: &str, number: &str, mark: &str| {
            format!(
                "<p class={card}><b class='fn p-name'>A</b><i class={class}>{inside}\
                 <a href='tel:{number}'{mark}>{number}</a></i></p>"
            )
        };
        let filled = filled_as(Declared::Unknown, true, page("", "212-555-0100", "").as_bytes());
        let wanted = page(value, "212-555-0199", " data-nap=\"+12125550100\"");
        assert_eq!(String::from_utf8(filled).unwrap(), wanted);
    }
}

#[test]
fn of_two_values_in_each_other_neither_is_read_with_the_other() {
    let card = |tel: &str| format!("<p class=h-card><i class=p-name>A</i><i class=p-tel>{tel}</i></p>");
    let page = card("<i class=p-note>212-555-0100</i>");
    assert_eq!(filled(&page), page);
    let page = card("<i itemprop=telephone>212-555-0100</i>");
    assert!(filled(&page).contains("></span><i ><meta itemprop=\"telephone\""), "{}", filled(&page));
}

#[test]
fn what_belongs_to_the_outer_of_two_elements_comes_first() {
    assert_eq!(
        filled("<p itemprop=a><a itemprop=a href='tel:2125550100'>212-555-0100</a></p>"),
        "<p ><meta itemprop=\"a\" content=\"212-555-0100\"/><link itemprop=\"a\" href=\"tel:2125550100\"/>\
         <a  href='tel:2125550199'>212-555-0199</a></p>"
    );
}

#[test]
fn an_end_tag_that_ends_nothing_ends_no_card() {
    for end in ["</p>", "</li>", "</section>", "</path>", "</h3>"] {
        let page = format!("<div class=vcard><i class=fn>A</i>{end}<i class=tel>212-555-0100</i></div>");
        assert!(filled(&page).contains("value-title"), "{end}");
    }
}

#[test]
fn an_item_ends_before_another_whatever_is_open_in_it() {
    for (item, other) in [("li", "li"), ("dt", "dd"), ("td", "th"), ("tr", "tr")] {
        let page = |number: &str, title: &str| {
            format!(
                "<table class=vcard><{item} class=adr><p>A<{other} class=fn>A<{other} class=tel>\
                 {title}{number}</table>"
            )
        };
        let title = r#"<span class="value-title" title="212-555-0100"></span>"#;
        let wanted = match item {
            "tr" => page("212-555-0100", ""),
            _ => page("212-555-0199", title),
        };
        assert_eq!(filled(&page("212-555-0100", "")), wanted, "{item}");
    }
    let page = "<ul><li itemprop=x><p>A<li>212-555-0100</ul>";
    assert_eq!(filled(page), page, "to some parsers of microdata the first item goes on");
}

#[test]
fn what_no_edit_could_keep_stays() {
    for page in [
        "<p class=h-card>Joe, 212-555-0100</p>".to_owned(),
        "<p class=h-entry><i class=p-name>A</i><i class=e-content>212-555-0100</i></p>".to_owned(),
        "<p itemprop=telephone content=x>212-555-0100</p>".to_owned(),
        "<div itemprop=description>One<br>212-555-0100</div>".to_owned(),
        "<div itemprop=description>One <b itemscope itemprop=x>212-555-0100</b></div>".to_owned(),
        "<template></p>212-555-0100</template><div contenteditable></p>212-555-0100</div>".to_owned(),
        format!("<div itemprop=description>212-555-0100 {}</div>", "x".repeat(LOOK_AHEAD)),
        "<b itemprop=telephone itemprop=x>212-555-0100</b>".to_owned(),
        "<tr itemprop=telephone><td>212-555-0100</td></tr>".to_owned(),
        "<p itemprop=telephone>212-555-0100<section>212-555-0100</section></p>".to_owned(),
        "<b itemprop=telephone>Call<i>212-555-0100</i></b>".to_owned(),
        "<b property=telephone>Call <!-- us -->212-555-0100</b>".to_owned(),
        "<li class=item><a class=url href='tel:2125550100'>call</a></li>".to_owned(),
        "<p itemscope itemref=t></p><a id=t itemprop=telephone href='tel:2125550100'>call</a>".to_owned(),
        "<a itemprop=telephone href='tel:2125550100' content=x>call</a>".to_owned(),
        "<p class=h-card><i class=p-name>A</i><data class=p-tel value=x><i class=p-note>212-555-0100</i></data></p>"
            .to_owned(),
        "<p class=h-card><i class=p-name>A</i><data class=p-tel value=x><i class=value>212-555-0100</i></data></p>"
            .to_owned(),
        "<p class=h-card><i class=p-name>A</i><data class='p-adr adr' value=x>212-555-0100</data></p>".to_owned(),
        "<p class=h-card><i class=p-name>A</i><i class=p-tel>Call us at\n  212-555-0100 today</i></p>".to_owned(),
        "<p class=vcard><i class=fn>A</i><i class=tel>&nbsp;212-555-0100</i></p>".to_owned(),
        "<p class=h-card><i class=p-name>A</i><data class=p-tel value=''>212-555-0100</data></p>".to_owned(),
        "<p itemscope><a itemprop=telephone>212-555-0100</a><data itemprop=x>212-555-0100</data></p>".to_owned(),
        "<b property=x>A <i><i property=x>212-555-0100</i></i></b>".to_owned(),
        "<p about=x typeof=y property=x>212-555-0100 <!-- --></p>".to_owned(),
        "<p class=h-card><i class=p-name>A</i><i class='adr p-adr'><b class=fn>A</b>212-555-0100</i></p>".to_owned(),
        "<p class=vcard><i class='fn h-card'><b class=p-name>A</b><i class=adr>212-555-0100</i></i></p>".to_owned(),
        "<p about=#me rel=foaf:phone><a itemprop=telephone href='tel:2125550100'>call</a></p>".to_owned(),
        "<p class=h-card><i class=p-name>A</i><i class=p-tel><b>212-555-0100</i></p>".to_owned(),
    ] {
        assert_eq!(filled(&page), page);
    }
}

#[test]
fn an_end_tag_of_nothing_ends_no_guard() {
    for end in ["</b>", "</br>"] {
        let page = format!("<span itemprop=telephone>{end}212-555-0100</span>");
        assert_eq!(filled(&page), page);
    }
}

#[test]
fn what_a_page_ends_in_is_decided_too() {
    for (page, wanted) in [
        (
            "<b itemprop=telephone>212-555-0100",
            "<b ><meta itemprop=\"telephone\" content=\"212-555-0100\"/>212-555-0199",
        ),
        ("<p class=h-card>Joe, 212-555-0100", "<p class=h-card>Joe, 212-555-0100"),
        (
            "<p class=h-card><i class=p-name>A</i><i class=p-tel>212-<b>555-0100",
            "<p class=h-card><i class=p-name>A</i><i class=p-tel>212-<b>555-0100",
        ),
    ] {
        assert_eq!(filled(page), wanted);
    }
}

/// Whoever is to be shown a page must not be shown a number in what is a value, if the page isn't read on.
#[test]
fn where_a_page_is_given_up_what_was_undecided_stays() {
    let lines = lines(&["+12125550100"], false);
    let mut compiler = Compiler::new(Arc::clone(&lines), Declared::Unknown);
    let mut pieces = Vec::new();
    compiler.write(b"<p>212-555-0100 <b itemprop=telephone>212-555-0100 ", &mut pieces);
    compiler.give_up(&mut pieces);
    let filled = fill(&lines, &pieces, &showing("+12125550199"));
    assert_eq!(String::from_utf8_lossy(&filled), "<p>212-555-0199 <b itemprop=telephone>212-555-0100 ");
}

#[test]
fn a_link_is_kept_as_a_subject_where_rdfa_is_about_it_only() {
    let link = |more: &str, text: &str| format!("<a {more}href='tel:2125550100'>{text}</a>");
    let edited = |more: &str, text: &str| format!("<a {more}href='tel:2125550199'>{text}</a>");
    let kept = |text: &str| edited("resource=\"tel:2125550100\" ", text);
    let said = "<i property='og:phone' content=x>call</i>";
    let padding = "<i></i>".repeat(LOOK_AHEAD / 7 + 1);
    for (before, text, is_kept) in [
        ("", "call", false),
        ("", said, true),
        ("<p vocab='https://schema.org/'><i property=x content=y></i></p>", "call", false),
        ("<div vocab='https://schema.org/' typeof=Plumber><i property=x content=y></i>", "call", false),
        ("<div vocab='https://schema.org/'><p rel=contactPoint>", "call", true),
        ("<body vocab='https://schema.org/'>", "call", true),
        ("", &padding, true),
    ] {
        let wanted = if is_kept { kept(text) } else { edited("", text) };
        assert_eq!(filled(&format!("{before}{}", link("", text))), format!("{before}{wanted}"));
    }
    assert_eq!(filled(&link("resource=x ", said)), edited("resource=x ", said));
}

#[test]
fn a_number_in_parts_that_is_not_shown_changes_nothing_beside_it() {
    let lines = lines(&["+12125550100"], false);
    let mut filling = showing("+12125550199");
    filling.limit_texts(Texts::Whole);
    for (page, wanted) in [
        ("<b property=x>(212) <i>555-0100</i></b>", "<b property=x>(212) <i>555-0100</i></b>"),
        (
            "<b property=x>(212) <i>555-0100</i> 212-555-0100</b>",
            "<b content=\"(212) 555-0100 212-555-0100\" property=x>(212) <i>555-0100</i> 212-555-0199</b>",
        ),
    ] {
        let pieces = compile(&lines, Declared::Unknown, page.as_bytes(), &[]);
        assert_eq!(String::from_utf8_lossy(&fill(&lines, &pieces, &filling)), wanted);
    }
}

#[test]
fn what_nests_is_not_repeated_for_every_level() {
    let lines = lines(&["+12125550100"], false);
    let mut page = String::new();
    for level in 0..100 {
        write!(page, "<b itemprop={level}>").unwrap();
    }
    page += "212-555-0100";
    for depth in [0, 3] {
        let inner = "<b itemprop=x>".repeat(depth) + "212-555-0100" + &"</b>".repeat(depth);
        assert_eq!(filled(&inner).matches("<meta").count(), depth);
    }
    let pieces = compile(&lines, Declared::Unknown, page.as_bytes(), &[]);
    assert_eq!(fill(&lines, &pieces, &showing("+12125550199")), page.as_bytes());
}

#[test]
fn a_tag_takes_no_longer_where_many_elements_are_open() {
    let lines = lines(&["+12125550100"], false);
    let took = |open: usize| {
        let open = "<div class=h-card>".repeat(open);
        let page = format!("{open}{}", "<i class=b>212</i>".repeat(6000));
        let begun = Instant::now();
        compile(&lines, Declared::Unknown, page.as_bytes(), &[]);
        begun.elapsed()
    };
    // The quickest of three: others may be at work here too.
    let quickest = |open: usize| (0..3).map(|_| took(open)).min().unwrap();
    let (few, many) = (quickest(1), quickest(500));
    assert!(many < few * 2, "{many:?} with many, {few:?} with few");
}

#[test]
fn what_a_browser_opens_again_is_left_up_to_its_end() {
    for (page, wanted) in [
        (
            "<p><b itemprop=x>212-555-0100</p>212-555-0100</b> 212-555-0100",
            "<p><b itemprop=x>212-555-0100</p>212-555-0100</b> 212-555-0199",
        ),
        (
            "<div class=h-card><i class=p-name>A</i><p><b class=p-tel>212-555-0100</p>212-555-0100</div>212-555-0100",
            "<div class=h-card><i class=p-name>A</i><p><b class=p-tel>212-555-0100</p>212-555-0100</div>212-555-0199",
        ),
        (
            "<td><b itemprop=x>212-555-0100</td><td>212-555-0100",
            "<td><b ><meta itemprop=\"x\" content=\"212-555-0100\"/>212-555-0199</td><td>212-555-0199",
        ),
        (
            "<div><b itemprop=x><p>212-555-0100</b>212-555-0100</p>212-555-0100</div>",
            "<div><b itemprop=x><p>212-555-0100</b>212-555-0100</p>212-555-0199</div>",
        ),
    ] {
        assert_eq!(filled(page), wanted);
    }
}

#[test]
fn what_is_undecided_at_the_end_of_a_long_page_is_the_same_at_every_split() {
    // The last text ends with what may be a number, so that nothing is decided before the page ends.
    let page = format!("<a href='tel:2125550100'><p>{}212-555", "7 words ".repeat(LOOK_AHEAD / 8 + 2));
    let filled = filled(&page);
    assert!(filled.contains(" resource="), "it has waited for too long: {filled}");
}

#[test]
fn what_is_undecided_where_a_page_turns_out_to_be_amp_stays_however_it_arrives() {
    let page = format!("<a href='tel:2125550100'><html amp>{}", "words ".repeat(LOOK_AHEAD));
    assert_eq!(filled_as(Declared::Unknown, false, page.as_bytes()), page.as_bytes());
}

#[test]
fn a_page_with_its_own_numbers_has_no_edits_and_no_marks() {
    let page = "<p itemscope><b itemprop=telephone>212-555-0100</b><a itemprop=telephone href='tel:2125550100'>call</a>";
    let lines = lines(&["+12125550100"], true);
    let pieces = compile(&lines, Declared::Unknown, page.as_bytes(), &[]);
    assert_ne!(fill(&lines, &pieces, &showing("+12125550199")), page.as_bytes());
    assert_eq!(String::from_utf8(fill(&lines, &pieces, &showing("+12125550100"))).unwrap(), page);
}
