//! Pages that nobody wrote: the syntaxes of structured data in each other, with a number at every turn. They are the same at
//! every run.

/// Pages, and what stands on each: parsers take longer for many pages than for long ones.
const PAGES: u64 = 15;
const PARTS: usize = 8;

/// Levels of elements in each other.
const DEEPEST: usize = 5;

const MICRODATA: u8 = 1;
const RDFA: u8 = 2;
const MICROFORMATS: u8 = 4;

/// What a part is in, and the syntaxes that are used in it.
const ROOTS: [(&str, u8); 10] = [
    (r#"div itemscope itemtype="https://schema.org/LocalBusiness""#, MICRODATA),
    (r#"div vocab="https://schema.org/" typeof="LocalBusiness""#, RDFA),
    (r#"div class="h-card""#, MICROFORMATS),
    (r#"ul class="vcard""#, MICROFORMATS),
    (r#"div class="h-entry""#, MICROFORMATS),
    (r#"article class="post hentry""#, MICROFORMATS),
    (r#"div class="hproduct""#, MICROFORMATS),
    (
        r#"div class="vcard h-card" itemscope vocab="https://schema.org/" typeof="Plumber""#,
        MICRODATA | RDFA | MICROFORMATS,
    ),
    (r#"section class="h-card""#, MICRODATA | RDFA | MICROFORMATS),
    (r#"div itemscope itemtype="https://schema.org/Plumber" class="vcard""#, MICRODATA | MICROFORMATS),
];

const TEXTS: [&str; 12] = [
    "212-555-0100",
    "(212) 555-0100",
    "+1 212 555 0100",
    "2125550100",
    "Call 212-555-0100 now",
    "\"212-555-0100\"",
    "A &amp; B 212&nbsp;555&nbsp;0100",
    "Tel.: 212-555-0100, fax 212-555-0188",
    "\n  212-555-0100\n",
    "212-<b>555</b>-0100",
    "Joe\u{2019}s ",
    " ",
];

const ADDRESSES: [&str; 6] = [
    "tel:+12125550100",
    "tel:+12125550100",
    "tel:212-555-0100",
    "sms:+12125550100",
    "/contact",
    "https://wa.me/12125550100?text=a&amp;b",
];

const CLASSES: [&str; 34] = [
    "p-tel",
    "p-tel",
    "u-tel",
    "tel",
    "tel",
    "value",
    "type",
    "fn",
    "p-name",
    "h-card",
    "vcard",
    "adr",
    "h-adr",
    "p-note",
    "note",
    "u-url",
    "url",
    "p-org",
    "org",
    "u-email",
    "email",
    "p-author",
    "e-content",
    "h-event",
    "p-summary",
    "summary",
    "p-location",
    "title",
    "category",
    "u-photo",
    "photo",
    "entry-title",
    "entry-content",
    "big",
];

const FLOW: [&str; 8] = ["div", "div", "p", "p", "ul", "address", "table", "h2"];
const INLINE: [&str; 14] =
    ["span", "span", "b", "a", "a", "a", "i", "data", "abbr", "font", "time", "meter", "small", "object"];

/// A page in its parts, each of which is one too.
pub struct Page(Vec<String>);

impl Page {
    pub fn whole(&self) -> String {
        self.0.concat()
    }

    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

pub fn pages() -> impl Iterator<Item = Page> {
    (0..PAGES).map(|seed| {
        let mut author = Author { seed, page: String::new() };
        Page((0..PARTS).map(|_| author.part()).collect())
    })
}

/// Writes at random.
struct Author {
    seed: u64,
    page: String,
}

impl Author {
    fn part(&mut self) -> String {
        let (root, syntaxes) = self.one_of(&ROOTS);
        self.page = format!("<{root}>");
        if syntaxes & MICROFORMATS != 0 && self.in_hundred(50) {
            self.write_one_of(&[
                r#"<b class="p-name fn">Joe</b> "#,
                r#"<a class="p-name fn u-url url" href="/">Joe</a>"#,
            ]);
        }
        let name = root.split(' ').next().unwrap();
        for _ in 0..1 + self.below(2) {
            self.element(0, name, syntaxes, false);
        }
        self.page += &format!("</{name}>\n");
        std::mem::take(&mut self.page)
    }

    /// An element that may stand in one of this name, or a text.
    fn element(&mut self, depth: usize, parent: &str, syntaxes: u8, in_link: bool) {
        // To some parsers an address ends before a list.
        let is_inline = INLINE.contains(&parent) || ["p", "h2", "address"].contains(&parent);
        let name = match parent {
            "ul" => "li",
            "table" => "tr",
            "tr" => "td",
            _ if depth >= DEEPEST || self.in_hundred(15 + 10 * depth) => {
                self.write_one_of(&TEXTS);
                return;
            }
            _ if is_inline || self.in_hundred(60) => self.one_of(&INLINE),
            _ => self.one_of(&FLOW),
        };
        let name = if name == "a" && in_link { "span" } else { name };
        self.page += &format!("<{name}");
        self.attributes(name, syntaxes);
        self.page.push('>');
        for _ in 0..1 + self.below(3) {
            self.element(depth + 1, name, syntaxes, in_link || name == "a");
            self.write_one_of(&["", "", " ", ", ", "<br>"]);
        }
        if !(["li", "td", "p"].contains(&name) && self.in_hundred(20)) {
            self.page += &format!("</{name}>");
        }
    }

    fn attributes(&mut self, name: &str, syntaxes: u8) {
        if syntaxes & MICRODATA != 0 {
            self.attribute(
                40,
                "itemprop",
                &["telephone", "name", "description", "telephone faxNumber", "contactPoint"],
            );
            self.attribute(if name == "a" { 0 } else { 5 }, "itemscope", &[""]);
        }
        if syntaxes & RDFA != 0 {
            self.attribute(
                30,
                "property",
                &["telephone", "name", "description", "foaf:phone", "contactPoint"],
            );
            self.attribute(6, "typeof", &["ContactPoint", "Person"]);
            self.attribute(5, "about", &["#me", "tel:+12125550100"]);
            self.attribute(10, "rel", &["foaf:phone", "nofollow", "contactPoint", "me"]);
            self.attribute(4, "resource", &["#it", "tel:+12125550100"]);
        }
        if syntaxes == RDFA {
            self.attribute(4, "content", &["x", "212-555-0100"]);
        }
        if syntaxes & MICROFORMATS != 0 && self.in_hundred(55) {
            let classes: Vec<_> = (0..1 + self.below(2)).map(|_| self.one_of(&CLASSES)).collect();
            self.page += &format!(" class=\"{}\"", classes.join(" "));
        }
        self.attribute(5, "title", &["Phone", "212-555-0100"]);
        match name {
            "a" => self.attribute(95, "href", &ADDRESSES),
            "data" | "meter" => self.attribute(80, "value", &["1", "212-555-0100"]),
            "time" => self.attribute(50, "datetime", &["2026-01-01"]),
            "object" => self.attribute(80, "data", &["/logo.svg"]),
            _ => {}
        }
    }

    fn write_one_of(&mut self, list: &[&str]) {
        let text = self.one_of(list);
        self.page += text;
    }

    /// An attribute in so many of a hundred cases.
    fn attribute(&mut self, chance: usize, name: &str, values: &[&str]) {
        if self.in_hundred(chance) {
            let value = self.one_of(values);
            let quote = self.one_of(&["\"", "\"", "\"", "'"]);
            self.page += &format!(" {name}={quote}{value}{quote}");
        }
    }

    fn in_hundred(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// The next number of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    fn below(&mut self, end: usize) -> usize {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.seed;
        next = (next ^ next >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ next >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (next ^ next >> 31) as usize % end
    }
}
