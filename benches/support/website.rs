//! A business's page of about 119 KB, the same at every run: a head with styles and JSON-LD, navigation, cards, tables,
//! paragraphs, a fifth of it scripts. It prints its number six times, in three written forms, and links to it six times.

/// The page's length in bytes; it may be a few more.
const SIZE: usize = 119_000;

/// How much of the page is scripts, in percent.
const SCRIPTS: usize = 20;

/// Twice each.
const WRITTEN: [&str; 3] = ["(212) 555-0100", "212-555-0100", "+1 212 555 0100"];

pub const NUMBER: &str = "+12125550100";

pub const ENGLISH: [&str; 40] = [
    "service",
    "repair",
    "team",
    "family",
    "owned",
    "since",
    "licensed",
    "emergency",
    "plumbing",
    "heating",
    "water",
    "drain",
    "pipe",
    "install",
    "quote",
    "free",
    "today",
    "visit",
    "customer",
    "review",
    "price",
    "honest",
    "same",
    "day",
    "weekend",
    "call",
    "our",
    "office",
    "kitchen",
    "bathroom",
    "leak",
    "pressure",
    "valve",
    "pump",
    "tank",
    "filter",
    "warranty",
    "parts",
    "labour",
    "city",
];

/// The page with these words in its texts.
pub fn page(words: &[&str]) -> String {
    let mut page = Page { words, out: String::new(), scripts: 0, random: 0x9e37_79b9_7f4a_7c15 };
    page.head();
    page.navigation();
    for part in 1..=6 {
        page.blocks(SIZE * part / 6 - 500);
        page.contact(part);
    }
    page.out.push_str(
        "<footer class=\"site-footer\"><small>&copy; 2026 Lakeside</small></footer>\n</body>\n</html>\n",
    );
    page.out
}

struct Page<'a> {
    words: &'a [&'a str],
    out: String,
    /// Bytes of scripts so far.
    scripts: usize,
    random: u64,
}

impl<'a> Page<'a> {
    fn head(&mut self) {
        let title = self.sentence();
        self.out.push_str(&format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"description\" content=\"Call (212) 555-0100 for same day repair\">\n\
             <link rel=\"canonical\" href=\"https://www.example.com/\">\n<style>\n"
        ));
        for rule in 0..60 {
            let (space, colour) = (self.below(40), self.below(0xff_ffff));
            self.out.push_str(&format!(
                ".block-{rule}{{margin:{space}px auto;color:#{colour:06x};padding:.5rem 1rem}}\n"
            ));
        }
        self.out.push_str("</style>\n");
        self.script(
            " type=\"application/ld+json\"",
            "{\"@context\":\"https://schema.org\",\"@type\":\"Plumber\",\"telephone\":\"(212) 555-0100\"}",
        );
        self.script("", "window.dataLayer=window.dataLayer||[];if(1<2&&3>2){var phone='212-555-0100'}");
        self.out.push_str("</head>\n<body>\n");
    }

    fn navigation(&mut self) {
        self.out.push_str("<header class=\"site-header\"><nav class=\"nav\"><ul>\n");
        for _ in 0..14 {
            let (word, page) = (self.word(), self.below(100));
            self.out.push_str(&format!(
                "<li class=\"nav__item\"><a href=\"/p/{page}\" class=\"nav__link\">{word}</a></li>\n"
            ));
        }
        self.out.push_str("</ul></nav></header>\n<!-- content begins -->\n");
    }

    /// Blocks of all kinds, until the page is this long.
    fn blocks(&mut self, len: usize) {
        while self.out.len() < len {
            match self.below(5) {
                _ if 100 * self.scripts < SCRIPTS * self.out.len() => self.items(),
                0 | 1 => self.card(),
                2 | 3 => self.paragraph(),
                _ => self.table(),
            }
        }
    }

    /// One printed number and one link, of the text or beside it.
    fn contact(&mut self, part: usize) {
        let (word, written) = (self.word(), WRITTEN[part % 3]);
        self.out.push_str(&match part % 2 {
            0 => format!("<a class=\"phone\" data-track=\"call\" href=\"tel:{NUMBER}\">{written}</a>\n"),
            _ => format!(
                "<p class=\"cta\">{word}? {written}</p><a class=\"btn\" href=\"tel:{NUMBER}\">{word}</a>\n"
            ),
        });
    }

    fn card(&mut self) {
        let (id, title) = (self.below(10_000), self.word());
        self.out.push_str(&format!(
            "<article class=\"card card--wide\" id=\"card-{id}\" data-id=\"{id}\" data-track=\"card:{id}\">\n\
             <img src=\"/img/{id}.webp\" srcset=\"/img/{id}@2x.webp 2x\" width=\"480\" height=\"320\" loading=\"lazy\" alt=\"{title}\">\n\
             <h3 class=\"card__title\">{title}</h3>\n"
        ));
        self.paragraph();
        let (one, other) = (self.sentence(), self.sentence());
        self.out.push_str(&format!(
            "<ul class=\"card__list\"><li>{one}</li><li>{other}</li></ul>\n\
             <a class=\"btn btn-primary\" href=\"/book?service={id}&amp;from=card\">{title}</a>\n</article>\n"
        ));
    }

    fn paragraph(&mut self) {
        self.out.push_str("<p class=\"body-copy\">");
        for _ in 0..2 + self.below(3) {
            let sentence = self.sentence();
            self.out.push_str(&format!("{sentence} "));
        }
        let (word, page) = (self.word(), self.below(100));
        self.out.push_str(&format!(
            "<a class=\"inline-link\" href=\"/p/{page}\" title=\"{word}\">{word}</a>, <strong>{word}</strong>.</p>\n"
        ));
    }

    fn table(&mut self) {
        self.out.push_str("<table class=\"prices\"><tbody>\n");
        for _ in 0..4 + self.below(6) {
            let (word, price, hours) = (self.word(), 20 + self.below(900), 1 + self.below(9));
            self.out.push_str(&format!("<tr><td>{word}</td><td>${price}</td><td>{hours} h</td></tr>\n"));
        }
        self.out.push_str("</tbody></table>\n");
    }

    /// A script that carries data, as shops' pages do.
    fn items(&mut self) {
        let mut body = "window.items=(window.items||[]).concat([".to_owned();
        for _ in 0..12 {
            let (id, name, price) = (self.below(1_000_000), self.word(), self.below(1000));
            body.push_str(&format!("{{\"id\":{id},\"name\":\"{name}\",\"price\":{price}.00}},"));
        }
        body.push_str("]);");
        self.script("", &body);
    }

    fn script(&mut self, attributes: &str, body: &str) {
        let script = format!("<script{attributes}>{body}</script>\n");
        self.scripts += script.len();
        self.out.push_str(&script);
    }

    /// Seven to eighteen words; now and then a figure, or a character reference.
    fn sentence(&mut self) -> String {
        let words: Vec<&str> = (0..7 + self.below(12)).map(|_| self.word()).collect();
        let words = words.join(" ");
        match self.below(20) {
            0 | 1 => format!("{words} in {} min.", 2 + self.below(40)),
            2 => format!("{words} from ${}.00.", 29 + self.below(900)),
            3 => format!("{words} &amp; {}&nbsp;{}.", self.word(), self.word()),
            _ => format!("{words}."),
        }
    }

    fn word(&mut self) -> &'a str {
        self.words[self.below(self.words.len())]
    }

    /// Xorshift (Marsaglia 2003): the same numbers everywhere.
    fn below(&mut self, limit: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % limit as u64) as usize
    }
}
