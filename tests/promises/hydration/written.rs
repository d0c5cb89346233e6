//! What the script does, in a real browser, with all that other scripts write, and what it leaves to them.

use super::hydrating;
use crate::support::{Answer, Browser, Seen};

const OPENED: &str = "/app?gad_source=1";

/// A page that tells the script the number, and writes by this script of its own.
fn page(script: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=en><head><title>Plumber</title><link rel=icon href='data:,'></head><body>\
         <p>Call (212) 555-0100</p><div id=here></div><script>const here = document.getElementById('here');\
         {script}</script></body></html>\n"
    )
}

/// What is seen of such a page once its script has run, and has run what else is to be run.
fn written(browser: &Browser, script: &str, then: &str) -> Seen {
    let (origin, edge) = hydrating("observe", |config| config);
    origin.answers("/app", Answer::html(page(script)));
    let (_, [seen]) = browser.follow(edge.address(), OPENED, [("run", then)]);
    assert!(seen.errors.is_empty(), "{seen:#?}");
    seen
}

#[test]
fn attributes_and_texts_that_change_later_are_swapped() {
    let Some(browser) = Browser::start() else { return };
    let script = "here.innerHTML = '<a href=/ title=Ring>us</a><b aria-label=Ring role=heading>Ring</b>'";
    let then = "const [link, heading] = here.children;
        link.href = 'tel:+12125550100'; link.title = 'Ring 212-555-0100'; link.firstChild.data = '212.555.0100';
        heading.setAttribute('aria-label', 'By night: 212 555 0100');";
    let seen = written(&browser, script, then);
    assert_eq!(
        (seen.tapped, seen.hinted),
        (vec!["tel:+16465550000".into()], vec!["Ring 646-555-0000".into()])
    );
    assert!(seen.read.contains("646.555.0000") && !seen.read.contains("212"), "{}", seen.read);
    assert!(seen.named.contains(&"heading: By night: 646 555 0000".into()), "{:?}", seen.named);
}

#[test]
fn what_visitors_edit_stays_theirs_but_not_what_is_said_of_it() {
    let Some(browser) = Browser::start() else { return };
    let then =
        "here.innerHTML = `<input value='212-555-0100' placeholder='As 212-555-0101, not 212-555-0100'>
        <textarea placeholder='Not 212.555.0100' aria-label='Not 212.555.0100'>212 555 0100</textarea>
        <div contenteditable>I am 2125550100 <b>or +1 212 555 0100</b></div>`;
        here.append(document.querySelector('textarea').value)";
    let seen = written(&browser, "", then);
    assert_eq!(seen.typed, ["212-555-0100"]);
    assert_eq!(seen.hinted, ["As 212-555-0101, not 646-555-0000", "Not 646.555.0000"]);
    assert!(seen.named.contains(&"textbox: Not 646.555.0000".into()), "{:?}", seen.named);
    assert!(seen.read.contains("I am 2125550100 or +1 212 555 0100"), "{}", seen.read);
    // What the page itself takes out of there is a text like any other.
    assert!(seen.read.ends_with("646 555 0000"), "{}", seen.read);
}

#[test]
fn elements_that_are_like_no_others_stop_nothing() {
    let Some(browser) = Browser::start() else { return };
    let names = ["closest", "getAttribute", "childNodes", "shadowRoot", "nodeType", "dataset"];
    let inputs: String = names.iter().map(|name| format!("<input name={name}>")).collect();
    let then =
        format!("here.innerHTML = `<form title=1>{inputs}<p>212-555-0100</p></form><p>212.555.0100</p>`");
    let seen = written(&browser, "", &then);
    assert!(seen.read.contains("646.555.0000"), "{}", seen.read);
}

#[test]
fn xhtml_with_elements_of_other_vocabularies_is_swapped_too() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("observe", |config| config);
    let page = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>Plumber</title>\
        <link rel='icon' href='data:,'/></head><body><p>Call (212) 555-0100</p><script>
          const made = document.createElementNS('urn:x', 'x');
          made.setAttribute('href', 'tel:+12125550100');
          document.body.append(made, '212-555-0100', made.cloneNode(), '212.555.0100');
          document.body.append(document.body.lastElementChild.getAttribute('href'));
        </script></body></html>";
    origin.answers("/app", Answer::of("200 OK", "application/xhtml+xml", page));
    let seen = browser.open(edge.address(), OPENED, true);
    assert!(seen.read.contains("646-555-0000") && seen.read.contains("646.555.0000"), "{seen:#?}");
    assert!(seen.errors.is_empty(), "{seen:#?}");
}

#[test]
fn a_script_that_writes_the_number_back_each_time_has_the_last_word() {
    let Some(browser) = Browser::start() else { return };
    let script = "here.textContent = 'Ring';
        new MutationObserver(() => here.textContent == 'Ring 212-555-0100' || (here.textContent = 'Ring 212-555-0100'))
          .observe(here, { subtree: true, childList: true, characterData: true });";
    let seen = written(&browser, script, "here.textContent = 'Ring us'");
    assert!(seen.read.contains("Ring 212-555-0100"), "{}", seen.read);
    // Who only writes it often, on the other hand, shows the tracking number each time.
    let often = "(async () => { for (let i = 0; i < 600; i++) {
          here.textContent = i + ': 212-555-0100';
          await new Promise(done => setTimeout(done));
        } })()";
    assert!(written(&browser, "", often).read.contains("599: 646-555-0000"));
}

#[test]
fn shadow_roots_in_each_other_later_and_declared_are_swapped() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("observe", |config| config);
    let declared = "<body><section><template shadowrootmode=open><h2>Declared: 212-555-0100</h2><slot></slot>\
        <article><template shadowrootmode=open><h2>In it: 212 555 0100</h2></template></article></template></section>";
    origin.answers("/app", Answer::html(page("").replace("<body>", declared)));
    let then = "const root = here.attachShadow({ mode: 'open' });
        const inner = document.createElement('div');
        root.append(inner);
        inner.attachShadow({ mode: 'open' }).innerHTML = '<h2>Nested: 212-555-0100</h2>';
        const made = document.createElement('div');
        made.attachShadow({ mode: 'open' }).innerHTML = '<h2>Before: 212.555.0100</h2>';
        root.append(made);
        const set = document.createElement('div');
        root.append(set);
        set.setHTMLUnsafe('<div><template shadowrootmode=open><h2>Set: 2125550100</h2></template></div>');
        new Promise(done => setTimeout(() => {
          inner.shadowRoot.firstChild.textContent += ', later 212 555 0100';
          done();
        }))";
    let (first, [seen]) = browser.follow(edge.address(), OPENED, [("run", then)]);
    for heading in ["Declared: 646-555-0000", "In it: 646 555 0000"] {
        assert!(first.named.contains(&format!("heading: {heading}")), "{heading}: {:?}", first.named);
    }
    for heading in ["Nested: 646-555-0000, later 646 555 0000", "Before: 646.555.0000", "Set: 6465550000"] {
        assert!(seen.named.contains(&format!("heading: {heading}")), "{heading}: {:?}", seen.named);
    }
    assert!(seen.errors.is_empty(), "{seen:#?}");
}

#[test]
fn a_number_of_another_country_is_written_its_own_way() {
    let Some(browser) = Browser::start() else { return };
    let london = "[[site.static]]\nname = \"london\"\nline = \"main\"\nnumber = \"+442079460100\"\n\
                  [[site.rule]]\nwhen = { channel = [\"Paid Search\"] }\nshow = [\"static:london\"]\n";
    let (origin, edge) = hydrating("observe", |config| config.rules("").more(london));
    origin.answers("/app", Answer::html(page("")));
    let then = "here.innerHTML = `<a href='tel:212-555-0100'>1-212-555-0100</a> or (212) 555-0100`";
    let (_, [seen]) = browser.follow(edge.address(), OPENED, [("run", then)]);
    assert_eq!(seen.tapped, ["tel:+442079460100"]);
    assert_eq!(seen.read.matches("+44 20 7946 0100").count(), 3, "{}", seen.read);
    assert!(!seen.read.contains("212") && !seen.read.contains('('), "{}", seen.read);
}

const ASKING: &str =
    "<!doctype html>\n<html lang=en><head>META<link rel=icon href='data:,'></head><body><p>Call us</p>
    <script>document.body.append('Or 212-555-0100')</script></body></html>\n";

#[test]
fn it_asks_the_pages_own_origin_wherever_a_base_leads() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("observe", |config| config);
    let page = ASKING.replace("META", "<base href='http://elsewhere.invalid/a/'>");
    origin.answers("/app", Answer::html(page));
    let (_, [seen]) = browser.follow(edge.address(), OPENED, [("see", "Or 646-555-0000")]);
    assert!(seen.errors.is_empty(), "{seen:#?}");
}

#[test]
fn where_it_asks_in_vain_the_number_stays_and_nothing_else_happens() {
    let Some(browser) = Browser::start() else { return };
    let (origin, edge) = hydrating("observe", |config| config);
    let policy = "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\">";
    origin.answers("/app", Answer::html(ASKING.replace("META", policy)));
    let (_, [seen]) =
        browser.follow(edge.address(), OPENED, [("run", "new Promise(done => setTimeout(done, 100))")]);
    assert!(seen.read.contains("Or 212-555-0100"), "{seen:#?}");
    // The browser tells of its policy; nothing is thrown.
    assert!(seen.errors.iter().all(|error| error.contains("Content Security Policy")), "{seen:#?}");
}
