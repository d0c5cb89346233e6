//! `check` with URLs: pages as the origin sends them to a person, and what stands in the way of their numbers.

use std::process::Stdio;

use serde_json::{Value, json};

use super::File;
use crate::support::{Answer, CANONICAL, Config, Origin, Outcome, Tool, command, run, tracking};

const URL: &str = "https://www.example.com/";

/// A page of the plumber's, in several forms.
const FORMS: &str = r#"<!doctype html><title>Plumber</title>
<p>Call (212) 555-0100 or (212) 555-0100, or <b>212</b>-555-0100.
<a href="tel:+12125550100" title="212.555.0100">call</a>
<script>let number = "212-555-0100";</script>
"#;

fn check(origin: &Origin, change: impl FnOnce(Config) -> Config, arguments: &[&str]) -> Outcome {
    let file = File::with(&change(Config::of(origin.address)).to_toml());
    let outcome = run(&[&["check", "--config", file.path()], arguments].concat(), b"");
    assert_eq!(std::fs::read_dir(file.folder.path()).unwrap().count(), 1, "nothing is made");
    outcome
}

/// The page, and the findings that follow it.
fn look(origin: &Origin, change: impl FnOnce(Config) -> Config) -> (Value, Vec<Value>) {
    let outcome = check(origin, change, &["--json", URL]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.text());
    let mut lines = outcome.text().lines().map(|line| serde_json::from_str(line).expect("an object a line"));
    (lines.next().expect("the page"), lines.collect())
}

fn page(answer: Answer) -> Origin {
    let origin = Origin::start();
    origin.answers("/", answer);
    origin
}

/// The keys that are warned of, of a page that is sent so.
fn warned(answer: Answer, change: impl FnOnce(Config) -> Config) -> Vec<String> {
    let (_, findings) = look(&page(answer), change);
    assert!(findings.iter().all(|finding| finding["severity"] == "warning" && finding["file"] == URL));
    findings.iter().map(|finding| finding["key"].as_str().unwrap().to_owned()).collect()
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn each_form_of_a_number_is_counted_by_place() {
    let (page, findings) = look(&page(Answer::html(FORMS)), |config| config);
    let form = |place: &str, written: &str, times: usize, first: usize| json!({"line": "main", "number": CANONICAL, "place": place, "written": written, "times": times, "first": first});
    assert_eq!(
        page["numbers"],
        json!([
            form("text", "(212) 555-0100", 2, 2),
            form("text", "212</b>-555-0100", 1, 2),
            form("href", "+12125550100", 1, 3),
            form("attribute", "212.555.0100", 1, 3),
        ])
    );
    let left = &page["left"][0];
    assert_eq!(
        (&left["place"], &left["written"], &left["first"]),
        (&json!("text"), &json!("212-555-0100"), &json!(4))
    );
    assert!(left["left"].as_str().unwrap().contains("script"), "{left}");
    assert_eq!(
        (&page["page"], &page["status"], &page["site"]),
        (&json!(URL), &json!(200), &json!("plumber"))
    );
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn the_origin_is_asked_as_a_person_asks_it() {
    let origin = page(Answer::html(FORMS));
    assert_eq!(check(&origin, |config| config, &["https://www.example.com/?a=b"]).status, 0);
    let asked = origin.last("/").head;
    assert_eq!(asked.first_line, "GET /?a=b HTTP/1.1");
    for (name, value) in [
        ("host", "www.example.com"),
        ("x-forwarded-proto", "https"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ] {
        assert_eq!(asked.value(name), Some(value), "{name}");
    }
}

#[test]
fn a_telephone_that_nobody_configured_is_named_with_its_line() {
    let body = format!(
        "<p>Sales: (312) 555-0177,\nor <b>312</b>&nbsp;555 0177\n<p><a href='tel:+1-312-555-0177'>call</a> {} {CANONICAL} \
         <script>'(312) 555-0178'</script> ordered 12/31/2026",
        tracking(0)
    );
    let (page, findings) = look(&page(Answer::html(body)), |config| config);
    let unconfigured = page["unconfigured"].as_array().unwrap();
    let places: Vec<_> =
        unconfigured.iter().map(|form| (form["place"].clone(), form["first"].clone())).collect();
    assert!(unconfigured.iter().all(|form| form["number"] == "+13125550177"), "{unconfigured:?}");
    assert_eq!(places, [(json!("text"), json!(1)), (json!("text"), json!(2)), (json!("href"), json!(3))]);
    assert_eq!(findings.len(), 1, "a number is warned of once");
    assert!(findings[0]["message"].as_str().unwrap().contains("3×"), "{}", findings[0]);
    assert_eq!((&findings[0]["key"], &findings[0]["value"]), (&json!("number"), &json!("(312) 555-0177")));
}

/// The telephones that nobody configured on a page, each with its place.
fn strangers(body: &str) -> Vec<(String, String)> {
    let (page, _) = look(&page(Answer::html(body)), |config| config);
    let forms = page["unconfigured"].as_array().unwrap();
    let word = |form: &Value, key: &str| form[key].as_str().unwrap().to_owned();
    forms.iter().map(|form| (word(form, "number"), word(form, "place"))).collect()
}

#[test]
fn a_block_ends_with_its_end_tag_and_so_does_a_number_in_it() {
    for (body, number) in [
        ("<p>312-201-0155</p><a href='/x'>Email</a>", "+13122010155"),
        ("<div>312-201-0156</div>Open daily", "+13122010156"),
        ("<div><p>312-201-<b>0157</b></div>24 h", "+13122010157"),
        ("<ul><li>312<wbr>-201-0158<li>312-201-0158</ul>312", "+13122010158"),
        ("(312)\n      201-0159", "+13122010159"),
    ] {
        let found = strangers(body);
        assert!(!found.is_empty() && found.iter().all(|(found, _)| found == number), "{body}: {found:?}");
    }
    for body in ["<p>in 312</p><b>201-0158</b>", "<div>312</div>201-0158", "312<br>201-0158"] {
        assert_eq!(strangers(body), [], "{body}");
    }
}

#[test]
fn a_telephone_that_nobody_configured_is_seen_however_it_is_spelled() {
    for (body, place) in [
        ("<a aria-label='Call 312-201-0144'>x</a>", "attribute"),
        ("<i title='312.201.0144'></i>", "attribute"),
        ("<img alt='(312) 201-0144'>", "attribute"),
        ("<input placeholder='e.g. 312&#45;201&#45;0144'>", "attribute"),
        ("<a href='tel:312%2D201%2D0144'>x</a>", "href"),
        ("<a href='tel:&#43;13122010144;ext=3'>x</a>", "href"),
        ("<a href='tel://312-201-0144,,5'>x</a>", "href"),
        ("<a href='callto:+1-312-201-0144'>x</a>", "href"),
        ("<a href='smsto:3122010144?body=Hi'>x</a>", "href"),
        ("<a href='https://wa.me/13122010144?text=Hi'>x</a>", "href"),
        ("<a href='https://api.whatsapp.com/send?text=a&amp;phone=%2B13122010144'>x</a>", "href"),
        ("<p>312&#x2011;201&#x2011;0144", "text"),
        ("<p>&#40;312&#41;&#32;201&#45;0144", "text"),
        ("<p>\u{ff13}12-201-0144", "text"),
    ] {
        assert_eq!(strangers(body), [("+13122010144".to_owned(), place.to_owned())], "{body}");
    }
    for body in [
        "<a href='mailto:3122010144@example.com'>x</a>",
        "<a href='https://wa.me/message/13122010144'>x</a>",
        "<a href='tel:call us'>x</a>",
        "<meta title='312-201-0144'>",
        "<i data-x='312-201-0144'></i>",
    ] {
        assert_eq!(strangers(body), [], "{body}");
    }
    let (page, _) = look(&page(Answer::html("\n<p>x\n312&#x2011;201&#x2011;0144!")), |config| config);
    let form = &page["unconfigured"][0];
    assert_eq!((&form["written"], &form["first"]), (&json!("312&#x2011;201&#x2011;0144"), &json!(3)));
}

#[test]
fn what_frameworks_render_is_recognised() {
    let needs = [&*Tool::folder().join("node_modules")];
    let Some(mut frameworks) = Tool::start("node", "hydrated.mjs", &[], &needs) else { return };
    for (framework, from_page, from_script, advice) in [
        ("react", &["React"][..], "React", "react"),
        ("react-document", &["React"], "React", "react"),
        ("preact", &[], "Preact", "observe"),
        ("vue", &[], "Vue", "observe"),
        ("svelte", &["Vue or Svelte"], "Svelte", "observe"),
    ] {
        let rendered = frameworks.ask(&json!({ "framework": framework }));
        let body = |key: &str| rendered[key].as_str().unwrap();
        let origin = page(Answer::html(body("page")));
        let (seen, _) = look(&origin, |config| config);
        assert_eq!(seen["frameworks"], json!(from_page), "{framework}, without its script");
        origin.answers("/app.js", Answer::of("200 OK", "text/javascript", body("script")));
        let (seen, findings) = look(&origin, |config| config);
        assert_eq!(seen["frameworks"], json!([from_script]), "{framework}");
        assert!(findings[0]["remedy"].as_str().unwrap().contains(advice), "{findings:?}");
    }
}

#[test]
fn only_the_sites_own_scripts_are_asked_for() {
    let markup = "<script src='https://cdn.example/app.js'></script><script src=own.js?a=b&amp;c=d></script>";
    let origin = page(Answer::html(markup));
    origin.answers("/app.js", Answer::of("200 OK", "text/javascript", "el.__vue_app__"));
    origin.answers("/own.js", Answer::of("200 OK", "text/javascript", "let own;"));
    let (seen, _) = look(&origin, |config| config);
    assert_eq!(seen["frameworks"], json!([]));
    assert_eq!(origin.last("/own.js").head.first_line, "GET /own.js?a=b&c=d HTTP/1.1");
}

#[test]
fn what_takes_the_page_over_is_compared_with_the_setting() {
    for (markup, framework, advice) in [
        ("<script src='/_next/static/chunks/main.js'></script>", "Next.js", "react"),
        ("<script id=__NEXT_DATA__ type=application/json>{}</script>", "Next.js", "react"),
        ("<script>self.__next_f.push([1,''])</script><p>Call <!-- -->us", "Next.js", "react"),
        ("<div data-reactroot></div>", "React", "react"),
        ("<div><!--$--><p>x</p><!--/$--></div>", "React", "react"),
        ("<p>Call <!-- -->us", "React", "react"),
        ("<script>window.__reactRouterContext = {}</script>", "React Router", "react"),
        ("<div id=___gatsby></div>", "Gatsby", "react"),
        ("<astro-island uid=Z1></astro-island>", "Astro", "observe"),
        ("<p data-v-7ba5bd90><!--[--><!--]-->", "Vue", "observe"),
        ("<p class='x svelte-1a2b3c'>", "Svelte", "observe"),
        ("<script>window.__NUXT__={}</script>", "Nuxt", "observe"),
        ("<div id=app data-v-app></div>", "Vue", "observe"),
        ("<app-root ng-version=19.0.0></app-root>", "Angular", "observe"),
        ("<div data-sveltekit-preload-data=hover></div>", "Svelte", "observe"),
        ("<button hx-get=/phone>call</button>", "htmx", "observe"),
        ("<turbo-frame id=a></turbo-frame>", "Turbo", "observe"),
    ] {
        let origin = page(Answer::html(markup));
        let (page, findings) = look(&origin, |config| config);
        assert_eq!(page["frameworks"], json!([framework]), "{markup}");
        let finding = &findings[0];
        assert_eq!(
            (findings.len(), &finding["key"], &finding["value"]),
            (1, &json!("site.hydration"), &json!("none"))
        );
        assert!(finding["remedy"].as_str().unwrap().contains(advice), "{finding}");
        let (_, findings) = look(&origin, |config| config.site(&format!("hydration = {advice:?}")));
        assert!(findings.is_empty(), "{findings:?}");
    }
    let react = |config: Config| config.site("hydration = \"react\"");
    assert_eq!(warned(Answer::html("<p data-v-7ba5bd90>"), react), none(), "Vue bears it");
    assert_eq!(warned(Answer::html("<p hx-get=/>"), react), ["site.hydration"]);
    let untold = "<p>Call</p><!-- --><p>us</p> <!-- --> <!-- $ --><i class=svelte-theme>";
    assert_eq!(warned(Answer::html(untold), |config| config), none());
    let told = "<p>We write of __NEXT_DATA__, data-reactroot and /_next/.";
    assert_eq!(warned(Answer::html(told), |config| config), none());
}

#[test]
fn a_policy_that_forbids_the_script_is_told_where_a_script_is_wanted() {
    let strict = || Answer::html(FORMS).with(&["Content-Security-Policy: script-src https://cdn.example"]);
    let observed = |config: Config| config.site("hydration = \"observe\"");
    assert_eq!(warned(strict(), observed), ["Content-Security-Policy"]);
    assert_eq!(warned(strict(), |config| config), none());
    let open = Answer::html(FORMS).with(&["Content-Security-Policy: script-src 'self'"]);
    assert_eq!(warned(open, observed), none());
    let own = Answer::html(FORMS).with(&["Content-Security-Policy: default-src http: *.example.com"]);
    assert_eq!(warned(own, observed), none());
    let mute = Answer::html(FORMS).with(&["Content-Security-Policy: connect-src 'none'"]);
    assert_eq!(warned(mute, observed), ["Content-Security-Policy"]);
    for policy in ["connect-src *:*/.dni/visit", "script-src *:*/.dni/swap.js"] {
        let tapless = Answer::html(FORMS).with(&[&format!("Content-Security-Policy: {policy}")]);
        assert_eq!(warned(tapless, observed), ["Content-Security-Policy"], "{policy}");
    }
}

#[test]
fn a_page_with_numbers_that_public_caches_may_keep_is_warned_of() {
    let cached = |body: &str, line: &str| warned(Answer::html(body).with(&[line]), |config| config);
    assert_eq!(cached(FORMS, "Cache-Control: public, max-age=600"), ["Cache-Control"]);
    assert_eq!(cached(FORMS, "Cache-Control: s-maxage=600"), ["Cache-Control"]);
    assert_eq!(cached(FORMS, "CDN-Cache-Control: max-age=600"), ["cdn-cache-control"]);
    assert_eq!(cached(FORMS, "Cache-Control: max-age=600"), ["Cache-Control"]);
    assert_eq!(cached(FORMS, "Expires: Wed, 21 Oct 2099 07:28:00 GMT"), ["Expires"]);
    let both = Answer::html(FORMS).with(&["CDN-Cache-Control: no-store", "Cache-Control: max-age=600"]);
    assert_eq!(warned(both, |config| config), ["Cache-Control"], "each is for its own caches");
    for line in [
        "Cache-Control: private, max-age=600",
        "Cache-Control: public, no-store",
        "Cache-Control: s-maxage=0",
    ] {
        assert_eq!(cached(FORMS, line), none(), "{line}");
    }
    assert_eq!(cached("<p>no number", "Cache-Control: public"), none());
}

#[test]
fn where_numbers_come_by_script_caches_may_keep_pages_and_the_policy_must_let_it_run() {
    let by_script = |config: Config| config.more("[site.cdn]\nnumbers = \"script\"\n");
    let kept = || Answer::html(FORMS).with(&["Cache-Control: public, max-age=600"]);
    assert_eq!(warned(kept(), by_script), none());
    for policy in ["script-src https://cdn.example", "connect-src 'none'"] {
        let strict = kept().with(&[&format!("Content-Security-Policy: {policy}")]);
        assert_eq!(warned(strict, by_script), ["Content-Security-Policy"], "{policy}");
    }
    let open = kept().with(&["Content-Security-Policy: default-src 'self'"]);
    assert_eq!(warned(open, by_script), none());
}

#[test]
fn what_can_not_be_filled_is_said() {
    assert_eq!(warned(Answer::of("200 OK", "image/png", "x"), |config| config), ["Content-Type"]);
    assert_eq!(
        warned(Answer::html("x").with(&["Content-Encoding: br"]), |config| config),
        ["Content-Encoding"]
    );
    let utf16 = Answer::of("200 OK", "text/html; charset=utf-16", "x");
    assert_eq!(warned(utf16, |config| config), ["page"]);
    let short = |config: Config| config.server("limits.page_bytes = \"64KB\"");
    assert_eq!(warned(Answer::html("x".repeat(70 << 10)), short), ["server.limits.page_bytes"]);
    let (zipped, _) = look(&page(Answer::html(FORMS).gzip()), |config| config);
    assert_eq!(zipped["numbers"][0]["times"], 2);
}

#[test]
fn redirects_are_followed_within_the_site_and_not_for_ever() {
    let origin = Origin::start();
    let to =
        |location: &str| Answer::of("302 Found", "text/html", "").with(&[&format!("Location: {location}")]);
    origin.answers("/", to("/en/?a=b"));
    origin.answers("/en/", Answer::html(FORMS));
    let (page, _) = look(&origin, |config| config);
    assert_eq!(page["page"], "https://www.example.com/en/?a=b");
    for (location, says) in
        [("/", "redirects more than"), ("https://elsewhere.example/", "elsewhere.example")]
    {
        origin.answers("/", to(location));
        let outcome = check(&origin, |config| config, &[URL]);
        assert_eq!(outcome.status, 1);
        assert!(outcome.text().contains(says), "{outcome:?}");
    }
}

#[test]
fn a_page_that_can_not_be_had_is_an_error_and_the_others_are_looked_at() {
    let origin = page(Answer::html(FORMS));
    origin.script("/slow", |exchange| {
        exchange.send(b"");
        std::thread::sleep(std::time::Duration::from_secs(2));
    });
    let impatient = |config: Config| config.timeout("origin", "1s");
    for (url, key, says) in [
        ("https://other.example/", "site.hosts", "www.example.com"),
        ("www.example.com", "URL", "no URL"),
        ("ftp://www.example.com/", "URL", "ftp"),
        ("https://www.example.com/none", "status", "404"),
        ("https://www.example.com/slow", "site.origin", "1s"),
    ] {
        let outcome = check(&origin, impatient, &["--json", url, URL]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
        let lines: Vec<Value> =
            outcome.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            (&lines[0]["severity"], &lines[0]["key"], &lines[0]["file"]),
            (&json!("error"), &json!(key), &json!(url))
        );
        assert!(lines[0]["message"].as_str().unwrap().contains(says), "{}", lines[0]);
        assert_eq!(lines[1]["page"], URL);
    }
    let nowhere = Config::of(Origin::nowhere()).to_toml();
    let outcome = run(&["check", "--config", File::with(&nowhere).path(), URL], b"");
    assert_eq!(outcome.status, 1);
    assert!(outcome.text().contains("can't be reached"), "{outcome:?}");
}

#[test]
fn of_several_origins_the_first_that_can_be_connected_to_is_asked() {
    let (second, third) = (page(Answer::html(FORMS)), page(Answer::html(FORMS)));
    let urls = [Origin::nowhere(), second.address, third.address].map(|address| format!("http://{address}"));
    assert_eq!(check(&second, |config| config.origins(&urls), &[URL]).status, 0);
    assert_eq!((second.received().len(), third.received().len()), (1, 0));
}

#[test]
fn people_are_told_the_same_in_words() {
    let origin = page(Answer::html(FORMS).with(&["Cache-Control: public"]));
    let outcome = check(&origin, |config| config, &[URL]);
    assert_eq!(outcome.status, 0, "warnings are no errors");
    for words in [
        "page         https://www.example.com/ of site plumber: 200,",
        "number       main: (212) 555-0100 in text, 2×",
        "number       main: +12125550100 in href, 1×",
        "left         main: 212-555-0100 in text, 1×: it is in a script element",
        "https://www.example.com/:1: warning: Cache-Control = public: ",
    ] {
        assert!(outcome.text().contains(words), "{words}: {}", outcome.text());
    }
}

#[test]
fn a_reader_who_has_enough_ends_the_looking_without_a_word() {
    let origin = page(Answer::html(FORMS));
    let (sound, wrong) = (Config::of(origin.address).to_toml(), "[server]\nlissten = []\n".to_owned());
    for (text, status) in [(sound, 0), (wrong, 1)] {
        let file = File::with(&text);
        let (read, written) = std::io::pipe().unwrap();
        drop(read);
        let mut check = command();
        check.args(["check", "--config", file.path()]).stdout(written).stderr(Stdio::piped());
        if status == 0 {
            check.args([URL, URL]);
        }
        let outcome = check.output().unwrap();
        assert_eq!((outcome.status.code(), outcome.stderr.as_slice()), (Some(status), &b""[..]));
    }
}

#[test]
fn what_comes_from_outside_does_not_speak_to_the_terminal() {
    let body = "<p>212<b title='\x1b[31m\u{9b}'>-555-0100</b> <i>(312)</i>\n555-0177 <a href='tel:+1312\x1b5550178'>";
    let origin = page(Answer::html(body).with(&["Cache-Control: public, x=\"\u{9b}1m\""]));
    let outcome = check(&origin, |config| config, &[URL]);
    assert!(outcome.text().contains("number "), "{outcome:?}");
    assert!(!outcome.text().chars().any(|c| c.is_control() && c != '\n'), "{:?}", outcome.text());
}
