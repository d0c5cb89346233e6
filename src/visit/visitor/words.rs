//! The words that tell people's browsers from machines, by what each of them means.

/// Engines of browsers; those of old telephones, consoles and television sets included.
#[rustfmt::skip]
pub(super) const ENGINES: &[&str] = &[
    "gecko", "goanna", "khtml", "ladybird", "msie", "netfront", "nintendo", "obigo", "playstation",
    "polaris", "presto", "servo", "teleca", "trident", "ucweb", "webkit",
];

/// What only machines say, wherever it stands. A web address is how they introduce themselves, and
/// `like Gecko;` is how Google and OpenAI put a name into the parentheses of a browser.
#[rustfmt::skip]
pub(super) const SIGNS: &[&str] = &[
    ".com ", ".com)", ".com,", ".com/", ".com;", "analyz", "archiv", "audit", "crawl", "extractor",
    "feedparser", "fetch", "gecko;", "grader", "harvester", "http:", "https:", "httrack", "indexer",
    "monitor", "nutch", "scanner", "scrap", "screenshot", "sitemap", "slurp", "spider", "synthetic",
    "thumbnail", "transcoder", "validat", "verif", "www.",
];

/// What only machines say at the end of a word: `AhrefsBot/7.0`, `GomezAgent 3.0`.
#[rustfmt::skip]
pub(super) const ENDINGS: &[&str] = &[
    "agent", "bot", "bots", "checker", "optimizer", "preview", "proxy",
];

/// What holds a sign or an ending, and is a person's all the same: Cubot and others make telephones of
/// such names, CamScanner is an app, and an old add-on for Internet Explorer leaves its address.
#[rustfmt::skip]
pub(super) const INNOCENT: &[&str] = &[
    "; b bot ", "; c bot tab", "; id bot ", "; idbot5", "; m bot ", "; m_bot_", "; power bot build",
    "; spider 8", "; vr bot ", "; xbot ", "; xbot_", "camscanner", "cubot", "developerpreview", "fetchtv",
    "from: http://bsalsa.com", "gecko; opera/", "user-agent", "useragent",
];

/// Names by what they are, here and in the lists that follow, each counted from its first letter on. A
/// crawler stands here only where it bears no sign.
#[rustfmt::skip]
pub(super) const CRAWLERS: &[&str] = &[
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
    "ucsbnetworkmeasurement", "xaxissemantics", "yandex.translate", "yandexaccessibility", "yandexblogs",
    "yandexdirect", "yandexfavicons", "yandeximages", "yandexmarket", "yandexmedia", "yandexmetrika",
    "yandexmobile", "yandexnews", "yandexpage", "yandexvideo", "yandexwebmaster", "yeti/",
];

#[rustfmt::skip]
pub(super) const PREVIEWS: &[&str] = &[
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
pub(super) const CARDS: &[&str] = &[
    "akkoma", "friendica", "lemmy", "mastodon", "mattermost", "misskey", "pinterest/0", "pleroma",
    "rocket.chat", "rocketchat", "synapse", "viber/", "whatsapp/",
];

#[rustfmt::skip]
pub(super) const MONITORS: &[&str] = &[
    "360jk", "alertsite", "apica", "appinsights", "better uptime", "betterstack", "bluecoat", "catchpoint",
    "check_http", "checkly", "chrome-lighthouse", "cloudflare-health", "cloudflarediagnostics",
    "cloudflareobservatory", "criticalcss", "dareboost", "datadog", "debugbear", "dejaclick", "dynatrace",
    "elb-healthchecker", "freshping", "ghost inspector", "gomezagent", "google page speed",
    "google-pagespeed", "googlehc/", "googlestackdriver", "gtmetrix", "hardenize", "hetrixtools", "hotjar",
    "hyperping", "iplabel", "keycdn-tools", "kube-probe", "lighthouse", "monitis", "montastic", "nagios",
    "neustar wpm", "newrelic", "nodeping", "oh dear", "pagespeed", "pingbot", "pingdom", "prtg", "ptst",
    "rigor", "ruxit", "securityheaders", "silktide", "site24x7", "siteuptime", "speedcurve", "splunk",
    "statuscake", "synthetics", "taginspector", "testlocally", "thousandeyes", "updown.io", "upptime",
    "uptime", "watchmouse", "webpagetest", "wormly", "yellowlab", "ylt ", "yottaa", "zabbix",
];

#[rustfmt::skip]
pub(super) const TOOLS: &[&str] = &[
    "aiohttp", "apache-httpclient", "assetnote", "burpcollaborator", "curl", "cybaa", "cypress/",
    "foregenix", "go-http-client", "google-http-java", "guzzle", "headless", "hlb/", "http client",
    "httpclient", "httpie", "jakarta commons", "java/1", "libwww", "masscan", "microsoft outlook",
    "ms web services", "ms-office", "nessus", "netsparker", "nikto", "nmap", "node-fetch", "nuclei",
    "okhttp", "phantomjs", "playwright", "postman", "puppeteer", "pycurl", "python", "qualys", "selenium",
    "splash ", "sqlmap", "watchtowr", "webdriver", "webkit2png", "wechatdevtools", "wget", "wkhtmlto",
    "wpscan", "zgrab",
];

#[rustfmt::skip]
pub(super) const AI_FETCHERS: &[&str] = &[
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
