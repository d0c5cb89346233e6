//! Who makes a request, as far as its headers tell: a person, or one of the machines that read
//! pages; and whether the request opens a page at all. It owns the vocabulary of user agents and
//! refuses to look at addresses: a header is enough to withhold a number, and no proof of anything.

use http::header::{ACCEPT, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use std::sync::LazyLock;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");
const X_MOZ: HeaderName = HeaderName::from_static("x-moz");
const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// Who makes this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visitor {
    Person,
    /// Reads pages for an index, an archive or a study.
    Crawler,
    /// Draws the card of a link somebody shares, or looks behind a link in a letter.
    Preview,
    /// Measures whether the site is up, fast or correct.
    Monitor,
    /// An HTTP library, a script, a browser without a person.
    Tool,
    /// Reads pages to train a model, or to answer somebody who asked one.
    AiFetcher,
    /// A person's browser that fetches ahead of a click which may never come.
    Prefetch,
}

impl Visitor {
    /// A person's User-Agent starts with `Mozilla/` or `Opera/`, names an engine, and names no
    /// machine. Everything else is a tool, or the machine it says it is.
    ///
    /// Prefetches come first, for their User-Agent is a person's: `Sec-Purpose` (Fetch standard, "The
    /// `Sec-Purpose` header"), and the older `Purpose` and `X-Moz`. `because`, where given, receives
    /// the reason.
    pub fn of(headers: &HeaderMap, because: Option<&mut Vec<String>>) -> Visitor {
        let (visitor, reason) = judge(headers);
        if let Some(because) = because {
            because.push(reason.sentence());
        }
        visitor
    }

    pub fn is_person(self) -> bool {
        self == Visitor::Person
    }

    pub fn name(self) -> &'static str {
        match self {
            Visitor::Person => "person",
            Visitor::Crawler => "crawler",
            Visitor::Preview => "preview",
            Visitor::Monitor => "monitor",
            Visitor::Tool => "tool",
            Visitor::AiFetcher => "ai_fetcher",
            Visitor::Prefetch => "prefetch",
        }
    }
}

/// Whether the request may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Navigation {
    /// A page of its own.
    Document,
    /// A page in a frame of the same site.
    Frame,
    /// A style sheet, an image, data for a script, a frame of a foreign page, or no GET.
    No,
}

impl Navigation {
    /// `Sec-Fetch-*` decides where a browser sends it (Fetch Metadata Request Headers, section 2);
    /// else the media types that the client accepts. Who accepts anything may be a person with an
    /// old browser, and who says nothing may be too.
    pub fn of(method: &Method, headers: &HeaderMap) -> Navigation {
        if method != Method::GET || says(headers, &SEC_FETCH_MODE).is_some_and(|mode| mode != b"navigate") {
            return Navigation::No;
        }
        match says(headers, &SEC_FETCH_DEST) {
            Some(b"document") => Navigation::Document,
            Some(b"iframe" | b"frame") => match says(headers, &SEC_FETCH_SITE) {
                Some(b"same-origin" | b"same-site") => Navigation::Frame,
                _ => Navigation::No,
            },
            Some(_) => Navigation::No,
            None if is_script(headers) || !accepts_pages(headers) => Navigation::No,
            None => Navigation::Document,
        }
    }
}

fn says<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    headers.get(name).map(HeaderValue::as_bytes)
}

fn is_script(headers: &HeaderMap) -> bool {
    says(headers, &X_REQUESTED_WITH).is_some_and(|with| with.eq_ignore_ascii_case(b"XMLHttpRequest"))
}

fn accepts_pages(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().map(HeaderValue::as_bytes).peekable();
    let is_silent = values.peek().is_none();
    is_silent
        || values.any(|accept| {
            contains(accept, b"text/html") || contains(accept, b"application/xhtml+xml") || accept == b"*/*"
        })
}

/// Why a visitor is who it is; made into a sentence only for whoever asks.
enum Reason<'h> {
    Purpose(&'static str),
    NoUserAgent,
    NotABrowser,
    NoEngine,
    Says(&'h [u8]),
    Browser,
}

impl Reason<'_> {
    fn sentence(&self) -> String {
        match self {
            Reason::Purpose(header) => format!("the header {header} announces a prefetch"),
            Reason::NoUserAgent => "there is no User-Agent".to_owned(),
            Reason::NotABrowser => "the User-Agent starts with neither Mozilla/ nor Opera/".to_owned(),
            Reason::NoEngine => "the User-Agent names no browser engine".to_owned(),
            Reason::Says(word) => {
                format!("the User-Agent says {:?}", String::from_utf8_lossy(word))
            }
            Reason::Browser => "the User-Agent is a browser's and names no machine".to_owned(),
        }
    }
}

fn judge(headers: &HeaderMap) -> (Visitor, Reason<'_>) {
    for (name, header) in [("Sec-Purpose", &SEC_PURPOSE), ("Purpose", &PURPOSE), ("X-Moz", &X_MOZ)] {
        let announced = says(headers, header).unwrap_or_default();
        if contains(announced, b"prefetch") || contains(announced, b"prerender") {
            return (Visitor::Prefetch, Reason::Purpose(name));
        }
    }
    let user_agent = says(headers, &USER_AGENT).unwrap_or_default();
    if user_agent.is_empty() {
        return (Visitor::Tool, Reason::NoUserAgent);
    }
    let is_opera = user_agent.starts_with(b"Opera/");
    let found = VOCABULARY.read(user_agent);
    match found.machine {
        Some((visitor, word)) => (visitor, Reason::Says(word)),
        None if !is_opera && !user_agent.starts_with(b"Mozilla/") => (Visitor::Tool, Reason::NotABrowser),
        None if !is_opera && !found.engine => (Visitor::Tool, Reason::NoEngine),
        None => (Visitor::Person, Reason::Browser),
    }
}

/// Without regard to case.
fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Engines of browsers; those of old telephones, consoles and television sets included.
#[rustfmt::skip]
const ENGINES: &[&str] = &[
    "gecko", "goanna", "khtml", "ladybird", "msie", "netfront", "nintendo", "obigo", "playstation",
    "polaris", "presto", "servo", "teleca", "trident", "ucweb", "webkit",
];

/// What only machines say, wherever it stands. A web address is how they introduce themselves, and
/// `like Gecko;` is how Google and OpenAI put a name into the parentheses of a browser.
#[rustfmt::skip]
const SIGNS: &[&str] = &[
    ".com ", ".com)", ".com,", ".com/", ".com;", "analyz", "archiv", "audit", "crawl", "extractor",
    "feedparser", "fetch", "gecko;", "grader", "harvester", "http:", "https:", "httrack", "indexer",
    "monitor", "nutch", "scanner", "scrap", "screenshot", "sitemap", "slurp", "spider", "synthetic",
    "thumbnail", "transcoder", "validat", "verif", "www.",
];

/// What only machines say at the end of a word: `AhrefsBot/7.0`, `GomezAgent 3.0`.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "agent", "bot", "bots", "checker", "optimizer", "preview", "proxy",
];

/// What holds a sign or an ending, and is a person's all the same: Cubot and others make telephones of
/// such names, CamScanner is an app, and an old add-on for Internet Explorer leaves its address.
#[rustfmt::skip]
const INNOCENT: &[&str] = &[
    "; b bot ", "; c bot tab", "; id bot ", "; idbot5", "; m bot ", "; m_bot_", "; power bot build",
    "; spider 8", "; vr bot ", "; xbot ", "; xbot_", "camscanner", "cubot", "developerpreview", "fetchtv",
    "from: http://bsalsa.com", "gecko; opera/", "user-agent", "useragent",
];

/// Names by what they are, here and in the lists that follow, each counted from its first letter on. A
/// crawler stands here only where it bears no sign.
#[rustfmt::skip]
const CRAWLERS: &[&str] = &[
    "adbeat", "adsbot", "apis-google", "applebot", "baidu transcoder", "baiduspider", "ccbot",
    "cloudflare-amphtml", "contentscan", "convertify", "cookiehub", "datanyze", "daum ", "daum/", "daumoa",
    "dmbrowser", "duplexweb-google", "feeder.co", "functionize", "google favicon", "google keyword",
    "google search console", "google-ads", "google-adwords", "google-amphtml", "google-assess",
    "google-businesslink", "google-display", "google-hotelads", "google-inspectiontool", "google-publisher",
    "google-searchbyimage", "google-shopping", "google-site", "google-structured", "google-test",
    "google-xrawler", "google-youtube", "googleadwordsexpress", "googledocs", "googleother",
    "googleproducer", "googlesecurityscanner", "heritrix", "hubspot marketing", "ichiro", "imagesift",
    "impact.com", "ips-agent", "linktiger", "marketgoo", "mediapartners", "mixnode", "netcraft", "newsnow",
    "omgili", "onetrust", "petalbot", "playstore-google", "proximic", "pwabuilder", "scope3", "scrapy",
    "seznam screenshot", "shareaholic", "sindup", "siteimprove", "sparkler/", "storebot-google", "tineye",
    "ucsbnetworkmeasurement", "xaxissemantics", "yandexaccessibility", "yandexblogs", "yandexdirect",
    "yandexfavicons", "yandeximages", "yandexmarket", "yandexmedia", "yandexmetrika", "yandexmobile",
    "yandexnews", "yandexpage", "yandexvideo", "yandexwebmaster", "yeti/",
];

#[rustfmt::skip]
const PREVIEWS: &[&str] = &[
    "bingpreview", "bitlybot", "bluesky cardyb", "bufferbot", "cardyb", "collapsify", "discordbot",
    "embedly", "facebookcatalog", "facebookexternalhit", "facebot", "flipboardproxy", "google web preview",
    "google-pagerenderer", "google-read-aloud", "google-safety", "googleimageproxy", "googleweblight",
    "hootsuite", "iframely", "kakaotalk-scrap", "line-poker", "linkedinbot", "microsoftpreview",
    "miniature.io", "mshots", "nuzzel", "outbrain", "pageburst", "pinterestbot", "printfriendly",
    "quora link preview", "redditbot", "showyoubot", "skypeuripreview", "slack-imgproxy", "slackbot",
    "snap url preview", "summalybot", "telegrambot", "trendictionbot", "twitterbot", "vkshare",
    "wechatshare", "xing-contenttab", "yahoo link preview", "yahoomailproxy", "zoombot",
];

/// Apps and servers that fetch cards under their own name, at the very start; where it stands later, it
/// is the app's browser with a person before it.
#[rustfmt::skip]
const CARDS: &[&str] = &[
    "akkoma", "friendica", "lemmy", "mastodon", "mattermost", "misskey", "pinterest/0", "pleroma",
    "rocket.chat", "rocketchat", "synapse", "viber/", "whatsapp/",
];

#[rustfmt::skip]
const MONITORS: &[&str] = &[
    "360jk", "alertsite", "apica", "appinsights", "better uptime", "betterstack", "bluecoat", "catchpoint",
    "check_http", "checkly", "chrome-lighthouse", "cloudflare-health", "cloudflarediagnostics",
    "cloudflareobservatory", "criticalcss", "dareboost", "datadog", "dejaclick", "dynatrace",
    "elb-healthchecker", "freshping", "ghost inspector", "gomezagent", "google page speed",
    "google-pagespeed", "googlehc/", "googlestackdriver", "gtmetrix", "hardenize", "hetrixtools", "hotjar",
    "hyperping", "iplabel", "keycdn-tools", "kube-probe", "lighthouse", "monitis", "montastic", "nagios",
    "neustar wpm", "newrelic", "nodeping", "oh dear", "pagespeed", "pingbot", "pingdom", "prtg", "ptst",
    "rigor", "ruxit", "securityheaders", "silktide", "site24x7", "siteuptime", "speedcurve", "splunk",
    "statuscake", "synthetics", "taginspector", "testlocally", "thousandeyes", "updown.io", "upptime",
    "uptime", "watchmouse", "webpagetest", "wormly", "yellowlab", "ylt ", "yottaa", "zabbix",
];

#[rustfmt::skip]
const TOOLS: &[&str] = &[
    "aiohttp", "apache-httpclient", "assetnote", "burpcollaborator", "curl", "cybaa", "cypress/",
    "foregenix", "go-http-client", "google-http-java", "guzzle", "headless", "hlb/", "httpclient", "httpie",
    "jakarta commons", "java/1", "libwww", "masscan", "nessus", "netsparker", "nikto", "nmap", "node-fetch",
    "nuclei", "okhttp", "phantomjs", "playwright", "postman", "puppeteer", "pycurl", "python", "qualys",
    "selenium", "splash ", "sqlmap", "watchtowr", "webdriver", "webkit2png", "wechatdevtools", "wget",
    "wpscan", "zgrab",
];

#[rustfmt::skip]
const AI_FETCHERS: &[&str] = &[
    "ai2bot", "aihitbot", "amazonbot", "amzn-searchbot", "amzn-user", "andibot", "anthropic-ai",
    "bedrockbot", "brightbot", "bytespider", "chatglm", "chatgpt agent", "chatgpt-", "claude-", "claudebot",
    "cohere-", "deepseekbot", "devin/", "diffbot", "duckassistbot", "factset_spyderbot", "firecrawl",
    "gemini-deep-research", "google-agent", "google-cloudvertexbot", "google-gemini", "google-notebooklm",
    "googleagent", "gptbot", "iaskbot", "iaskspider", "img2dataset", "kagi-fetcher", "kangaroo bot",
    "klaviyoaibot", "linerbot", "manus-user", "meta-external", "meta-webindexer", "mistralai",
    "mycentralai", "newsai", "novaact", "oai-", "openai", "pangubot", "perplexity-user", "perplexitybot",
    "phindbot", "poggio", "qualifiedbot", "quillbot", "sbintuitionsbot", "shapbot", "tavilybot",
    "tiktokspider", "timpibot", "velenpublic", "wardbot", "webzio", "wrtnbot", "xai-", "youbot",
    "zanistabot",
];

/// What a word says where it is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Engine,
    Innocent,
    /// A machine; a name, where one follows, knows better which.
    Sign,
    Name(Visitor),
}

/// Where in a word it must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    FirstLetter,
    LastLetter,
    Start,
}

struct Word {
    text: &'static [u8],
    meaning: Meaning,
    place: Place,
    slot: usize,
}

/// All words, found by their first three bytes: one table look-up for each byte of a User-Agent,
/// and a comparison only where a word may begin.
struct Vocabulary {
    /// By slot.
    words: Vec<Word>,
    /// For each slot its first word, or `NONE`.
    first: [u16; SLOTS],
}

/// What a User-Agent was found to say.
struct Found<'u> {
    engine: bool,
    machine: Option<(Visitor, &'u [u8])>,
    innocent_until: usize,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

/// A power of two; about one slot in twenty is taken.
const SLOTS: usize = 8192;
const NONE: u16 = u16::MAX;

impl Vocabulary {
    fn new() -> Vocabulary {
        let lists = [
            (INNOCENT, Meaning::Innocent, Place::Anywhere),
            (AI_FETCHERS, Meaning::Name(Visitor::AiFetcher), Place::FirstLetter),
            (PREVIEWS, Meaning::Name(Visitor::Preview), Place::FirstLetter),
            (CARDS, Meaning::Name(Visitor::Preview), Place::Start),
            (MONITORS, Meaning::Name(Visitor::Monitor), Place::FirstLetter),
            (CRAWLERS, Meaning::Name(Visitor::Crawler), Place::FirstLetter),
            (TOOLS, Meaning::Name(Visitor::Tool), Place::FirstLetter),
            (SIGNS, Meaning::Sign, Place::Anywhere),
            (ENDINGS, Meaning::Sign, Place::LastLetter),
            (ENGINES, Meaning::Engine, Place::Anywhere),
        ];
        let mut words = Vec::new();
        for (list, meaning, place) in lists {
            words.extend(list.iter().map(|text| {
                let text = text.as_bytes();
                Word { text, meaning, place, slot: slot_of([text[0], text[1], text[2]]) }
            }));
        }
        // Stable: in a slot, what is innocent is still asked first, and names before signs.
        words.sort_by_key(|word| word.slot);
        let mut first = [NONE; SLOTS];
        for (index, word) in words.iter().enumerate().rev() {
            first[word.slot] = u16::try_from(index).expect("there are a few hundred words");
        }
        Vocabulary { words, first }
    }

    fn read<'u>(&self, user_agent: &'u [u8]) -> Found<'u> {
        let mut found = Found { engine: false, machine: mail_address(user_agent), innocent_until: 0 };
        for (at, three) in user_agent.windows(3).enumerate() {
            let slot = slot_of([three[0], three[1], three[2]]);
            let first = self.first[slot];
            if first != NONE && self.take_word(slot, usize::from(first), user_agent, at, &mut found) {
                break;
            }
        }
        found
    }

    /// Whether there is no more to learn: a machine has told its name.
    fn take_word<'u>(
        &self,
        slot: usize,
        first: usize,
        user_agent: &'u [u8],
        at: usize,
        found: &mut Found<'u>,
    ) -> bool {
        let words = self.words[first..].iter().take_while(|word| word.slot == slot);
        for word in words.filter(|word| word.stands_at(user_agent, at)) {
            let says = &user_agent[at..at + word.text.len()];
            match word.meaning {
                Meaning::Engine => found.engine = true,
                Meaning::Innocent => found.innocent_until = at + says.len(),
                Meaning::Name(_) | Meaning::Sign if at < found.innocent_until => {}
                Meaning::Name(visitor) => {
                    found.machine = Some((visitor, says));
                    return true;
                }
                Meaning::Sign => found.machine = found.machine.or(Some((Visitor::Crawler, says))),
            }
        }
        false
    }
}

impl Word {
    fn stands_at(&self, user_agent: &[u8], at: usize) -> bool {
        let end = at + self.text.len();
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let is_placed = match self.place {
            Place::Anywhere => true,
            Place::FirstLetter => at == 0 || !is_letter(user_agent.get(at - 1)),
            Place::LastLetter => !is_letter(user_agent.get(end)),
            Place::Start => at == 0,
        };
        is_placed && user_agent.get(at..end).is_some_and(|part| part.eq_ignore_ascii_case(self.text))
    }
}

/// Folds case roughly: bit 5 tells capitals from small letters, and what it confuses besides is
/// sorted out by comparing.
fn slot_of(three: [u8; 3]) -> usize {
    let [first, second, third] = three.map(|byte| u32::from(byte | 0x20));
    let mixed = (first | second << 8 | third << 16).wrapping_mul(0x9E37_79B1) >> 19;
    mixed as usize & (SLOTS - 1)
}

/// An address to complain to, `somebody@example.com`. Ecosia's `ios@150.0` and a locale's
/// `en@calendar=gregorian` are none.
fn mail_address(user_agent: &[u8]) -> Option<(Visitor, &[u8])> {
    memchr::memchr_iter(b'@', user_agent).find_map(|at| {
        let after = &user_agent[at + 1..];
        let host = after.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-')?;
        let is_address = host > 0
            && after[host] == b'.'
            && after.get(host + 1).is_some_and(u8::is_ascii_alphabetic)
            && at > 0
            && user_agent[at - 1].is_ascii_alphanumeric();
        is_address.then(|| (Visitor::Crawler, &user_agent[at..at + 1 + host]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/143.0.0.0 Safari/537.36";

    fn headers(rows: &[(&'static str, &str)]) -> HeaderMap {
        let row = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"))
        };
        rows.iter().map(row).collect()
    }

    fn who(user_agent: &str) -> &'static str {
        Visitor::of(&headers(&[("user-agent", user_agent)]), None).name()
    }

    #[test]
    fn browsers_are_people() {
        for user_agent in [
            CHROME,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Version/18.6 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)",
            "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
            "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.5.25 Version/10.54",
            "Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7498.EU",
        ] {
            assert_eq!(who(user_agent), "person", "{user_agent}");
        }
    }

    #[test]
    fn people_whose_browsers_sound_like_machines_are_people() {
        for tail in [
            "Mobile Safari/537.36 (Ecosia android@150.0)",
            "Mobile Safari/537.36 NAVER(inapp; search; 1010; 11.11.3)",
            "YaSearchBrowser/24.17 BroPP/1.0 Mobile Safari/537.36",
            "Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0.35.107;FBCR/OrangeBotswana;FBLC/en_GB]",
            "Mobile/15E148 Instagram 330.0.3.29.91 (iPhone14,3; iOS 17_5; en_IR@calendar=gregorian)",
            "Mobile Safari/537.36 MetaIAB Facebook",
            "Safari/537.36 Viber/11.9.5.8",
            "Mobile Safari/537.36 CamScanner/4.5.0",
            "Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI Language/en",
            "Mobile/15E148 GSA/300.0 Safari/604.1",
            "Mobile/15E148 Snapchat/12.80.0.40 (like Safari/8616.2.9)",
        ] {
            let user_agent = format!("Mozilla/5.0 (Phone) AppleWebKit/537.36 (KHTML, like Gecko) {tail}");
            assert_eq!(who(&user_agent), "person", "{user_agent}");
        }
        for model in
            ["CUBOT J9", "CUBOT_P20", "XBot_Senior", "M bot 60", "IDbot553PLUS", "Spider 8", "PHANTOM5"]
        {
            let user_agent = format!(
                "Mozilla/5.0 (Linux; Android 10; {model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile"
            );
            assert_eq!(who(&user_agent), "person", "{user_agent}");
        }
    }

    #[test]
    fn machines_are_what_they_say() {
        for (user_agent, visitor) in [
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "crawler"),
            ("Googlebot/2.1 (+http://www.google.com/bot.html)", "crawler"),
            (
                "Mozilla/5.0 (Linux; Android 7.0;) AppleWebKit/537.36 (KHTML, like Gecko) (compatible; PetalBot)",
                "crawler",
            ),
            ("Sogou web spider/4.0", "crawler"),
            ("Mozilla/5.0 (X11; rv:9.0) Gecko/2010 Firefox/9 (somebody@example.com)", "crawler"),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Unheard/1.0) Chrome/119.0",
                "crawler",
            ),
            ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "preview"),
            (
                "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 (KHTML, like Gecko) Safari/601 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
                "preview",
            ),
            ("WhatsApp/2.23.20.0 A", "preview"),
            ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview"),
            ("Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "monitor"),
            (
                "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 DatadogSynthetics",
                "monitor",
            ),
            (
                "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
                "tool",
            ),
            ("curl/8.5.0", "tool"),
            ("python-requests/2.32.3", "tool"),
            ("Mozilla/5.0", "tool"),
            ("mozilla/5.0 (windows) gecko/1", "tool"),
            ("Something Else", "tool"),
            ("", "tool"),
        ] {
            assert_eq!(who(user_agent), visitor, "{user_agent}");
        }
        assert_eq!(Visitor::of(&HeaderMap::new(), None), Visitor::Tool);
    }

    #[test]
    fn fetchers_of_ai_are_known_behind_a_browsers_name() {
        for name in [
            "GPTBot/1.2; +https://openai.com/gptbot",
            "ClaudeBot/1.0; +claudebot@anthropic.com",
            "Claude-User/1.0",
            "PerplexityBot/1.0; +https://perplexity.ai/perplexitybot",
            "ChatGPT-User/1.0; +https://openai.com/bot",
            "OAI-SearchBot/1.3; +https://openai.com/searchbot",
            "OAI-AdsBot/1.0; +https://openai.com/adsbot",
            "Amzn-User/0.1",
        ] {
            let bare = format!("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; {name})");
            assert_eq!(who(&bare), "ai_fetcher", "{bare}");
            let full = format!("{CHROME}; compatible; {name}");
            assert_eq!(who(&full), "ai_fetcher", "{full}");
        }
    }

    #[test]
    fn no_length_and_no_byte_hides_a_machine() {
        let padding = "(x; y) ".repeat(1000);
        assert_eq!(who(&format!("{CHROME} {padding} AhrefsBot/7.0")), "crawler");
        assert_eq!(who(&format!("{CHROME} {padding}")), "person");
        let mut headers = HeaderMap::new();
        let bytes = [CHROME.as_bytes(), b" \xff\xfe SemrushBot"].concat();
        headers.insert(USER_AGENT, HeaderValue::from_bytes(&bytes).expect("opaque bytes"));
        assert_eq!(Visitor::of(&headers, None), Visitor::Crawler);
        for short in ["M", "Mo", "@", "a@", "a@b.", "bot"] {
            assert_ne!(who(short), "person", "{short}");
        }
    }

    #[test]
    fn a_prefetch_is_no_person_yet() {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch;anonymous-client-ip"),
            ("purpose", "prefetch"),
            ("x-moz", "Prefetch"),
            ("purpose", "prerender"),
        ] {
            let headers = headers(&[("user-agent", CHROME), (name, value)]);
            assert_eq!(Visitor::of(&headers, None), Visitor::Prefetch, "{name}: {value}");
        }
        let other = headers(&[("user-agent", CHROME), ("purpose", "preview")]);
        assert!(Visitor::of(&other, None).is_person());
    }

    #[test]
    fn the_reason_names_the_word() {
        let reason = |rows: &[(&'static str, &str)]| {
            let mut because = Vec::new();
            Visitor::of(&headers(rows), Some(&mut because));
            because.join("; ")
        };
        assert_eq!(reason(&[("user-agent", "GPTBot/1.0")]), r#"the User-Agent says "GPTBot""#);
        assert_eq!(reason(&[]), "there is no User-Agent");
        assert_eq!(reason(&[("x-moz", "prefetch")]), "the header X-Moz announces a prefetch");
        assert_eq!(reason(&[("user-agent", CHROME)]), "the User-Agent is a browser's and names no machine");
    }

    #[test]
    fn words_are_sorted_small_and_long_enough_to_be_found() {
        let lists =
            [ENGINES, SIGNS, ENDINGS, INNOCENT, AI_FETCHERS, PREVIEWS, CARDS, MONITORS, CRAWLERS, TOOLS];
        for list in lists {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
            for word in list {
                assert!(word.len() >= 3 && *word == word.to_ascii_lowercase(), "{word}");
            }
        }
    }

    #[test]
    fn fetch_metadata_decides_what_is_a_page() {
        let of = |rows: &[(&'static str, &str)]| Navigation::of(&Method::GET, &headers(rows));
        let frame = |dest, site| of(&[("sec-fetch-dest", dest), ("sec-fetch-site", site)]);
        assert_eq!(
            of(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")]),
            Navigation::Document
        );
        assert_eq!(of(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "cors")]), Navigation::No);
        assert_eq!(of(&[("sec-fetch-dest", "document"), ("accept", "image/png")]), Navigation::Document);
        assert_eq!(frame("iframe", "same-origin"), Navigation::Frame);
        assert_eq!(frame("frame", "same-site"), Navigation::Frame);
        assert_eq!(frame("iframe", "cross-site"), Navigation::No);
        assert_eq!(frame("iframe", "none"), Navigation::No);
        assert_eq!(of(&[("sec-fetch-dest", "iframe")]), Navigation::No);
        for dest in ["empty", "image", "style", "script", "embed", "object", "worker", "Document"] {
            assert_eq!(frame(dest, "same-origin"), Navigation::No, "{dest}");
        }
        assert_eq!(of(&[("sec-fetch-mode", "no-cors"), ("accept", "text/html")]), Navigation::No);
        assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("accept", "text/html")]), Navigation::Document);
    }

    #[test]
    fn without_fetch_metadata_the_accepted_types_decide() {
        let of = |rows: &[(&'static str, &str)]| Navigation::of(&Method::GET, &headers(rows));
        assert_eq!(of(&[]), Navigation::Document);
        assert_eq!(of(&[("accept", "*/*")]), Navigation::Document);
        assert_eq!(of(&[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]), Navigation::Document);
        assert_eq!(of(&[("accept", "application/xhtml+xml")]), Navigation::Document);
        assert_eq!(of(&[("accept", "image/avif,image/webp,*/*;q=0.8")]), Navigation::No);
        assert_eq!(of(&[("accept", "application/json")]), Navigation::No);
        assert_eq!(of(&[("accept", "")]), Navigation::No);
        let script = [("accept", "text/html, */*; q=0.01"), ("x-requested-with", "XMLHttpRequest")];
        assert_eq!(of(&script), Navigation::No);
        let app = [("accept", "text/html"), ("x-requested-with", "com.example.app")];
        assert_eq!(of(&app), Navigation::Document);
    }

    #[test]
    fn only_get_navigates() {
        let rows = headers(&[("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")]);
        for method in [Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
            assert_eq!(Navigation::of(&method, &rows), Navigation::No, "{method}");
        }
    }
}
