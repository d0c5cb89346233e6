//! A page read and filled, next to what bounds it: a copy of its bytes, and lol_html with a handler that does nothing.

#[path = "support/ratios.rs"]
mod ratios;
#[path = "support/website.rs"]
mod website;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use criterion::{Criterion, Throughput};
use dni_edge::number::{Charset, PhoneNumber, Scanner};
use dni_edge::page::{
    Carries, Compiler, Declared, Filling, Lines, Outcome, Piece, Reader, Reading, Remembered, Shown,
};
use lol_html::doc_text;
use lol_html::html_content::TextType;
use lol_html::send::{DocumentContentHandlers, HtmlRewriter, Settings};
use ratios::Line;

const SUMMARY: [Line; 13] = [
    Line { of: "page/match", by: Some("page/memcpy"), limit: None },
    Line { of: "page/fill, canonical", by: Some("page/memcpy"), limit: Some(2.0) },
    Line { of: "page/fill, tracking number", by: Some("page/memcpy"), limit: Some(2.0) },
    Line { of: "page/compile", by: Some("page/lol_html, bare text handler"), limit: Some(1.3) },
    Line { of: "page/compile, 16 KB chunks", by: Some("page/lol_html, bare text handler"), limit: Some(1.3) },
    Line {
        of: "page/compare with the known page",
        by: Some("page/lol_html, bare text handler"),
        limit: None,
    },
    Line { of: "page/compare with the known page", by: Some("page/memcpy"), limit: None },
    Line { of: "russian page/compile", by: Some("russian page/lol_html, bare text handler"), limit: None },
    Line { of: "hindi page/compile", by: Some("hindi page/lol_html, bare text handler"), limit: None },
    Line { of: "hindi page/fill, tracking number", by: Some("hindi page/memcpy"), limit: Some(2.0) },
    Line { of: "what matching costs/a page without numbers", by: Some("without digits"), limit: Some(1.15) },
    Line { of: "what matching costs/a page with fifty", by: Some("without digits"), limit: Some(1.25) },
    Line { of: "what matching costs/two million digits", by: Some("one million"), limit: Some(2.5) },
];

const DECLARED: Declared = Declared::Certainly(encoding_rs::UTF_8);

/// What a network read brings.
const CHUNK: usize = 16 * 1024;

const RUSSIAN: [&str; 16] = [
    "ремонт",
    "сантехника",
    "труба",
    "вода",
    "цена",
    "сегодня",
    "мастер",
    "город",
    "гарантия",
    "кухня",
    "ванная",
    "насос",
    "фильтр",
    "звонок",
    "офис",
    "отзыв",
];

/// Each letter begins with a byte that a digit of the script begins with too.
const HINDI: [&str; 16] = [
    "मरम्मत",
    "नलसाज",
    "पाइप",
    "पानी",
    "कीमत",
    "आज",
    "कारीगर",
    "शहर",
    "गारंटी",
    "रसोई",
    "स्नानघर",
    "पंप",
    "फ़िल्टर",
    "फ़ोन",
    "दफ़्तर",
    "राय",
];

fn main() -> ExitCode {
    ratios::run(&SUMMARY, |criterion| {
        measure(criterion, "page", &website::page(&website::ENGLISH));
        measure(criterion, "russian page", &website::page(&RUSSIAN));
        measure(criterion, "hindi page", &website::page(&HINDI));
        measure_matching(criterion);
    })
}

fn measure(criterion: &mut Criterion, name: &str, page: &str) {
    let mut group = criterion.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group.throughput(Throughput::Bytes(page.len() as u64));
    let (lines, text) = (lines(), text_of(page.as_bytes()));
    assert_eq!(matches(&lines, &text), 6, "each printed number is found once");
    group.bench_function("match", |b| b.iter(|| matches(&lines, black_box(&text))));
    let mut out = Vec::with_capacity(2 * page.len());
    group.bench_function("memcpy", |b| {
        b.iter(|| {
            out.clear();
            out.extend_from_slice(black_box(page.as_bytes()));
            black_box(&out);
        })
    });
    let pieces = compile(&lines, page.as_bytes(), page.len());
    assert_eq!(pieces.iter().filter(|piece| piece.line().is_some()).count(), 12, "so is each link");
    for (name, filling) in [("fill, canonical", Filling::canonical()), ("fill, tracking number", tracking())]
    {
        group.bench_function(name, |b| {
            b.iter(|| {
                out.clear();
                for piece in black_box(&pieces) {
                    filling.write(piece, &lines, &mut out);
                }
                black_box(&out);
            })
        });
    }
    group.bench_function("lol_html, bare text handler", |b| {
        b.iter(|| read_bare(black_box(page.as_bytes())));
    });
    let bare = || read_bare(black_box(page.as_bytes()));
    for (way, chunk) in [("compile", page.len()), ("compile, 16 KB chunks", CHUNK)] {
        let subject = || compile(&lines, black_box(page.as_bytes()), chunk);
        ratios::bench_in_turn(&mut group, (way, &format!("{name}/{way}")), bare, subject);
    }
    let remembered = remember(&lines, page.as_bytes());
    group.bench_function("compare with the known page", |b| {
        b.iter(|| read(&lines, Some(Arc::clone(&remembered)), black_box(page.as_bytes())));
    });
    group.finish();
}

/// What matching adds to compiling: a page is compiled in turn with the same page in which each digit of a text is a letter, so
/// that both are of one length and have the same tags, texts and attributes, and only one holds anything to be matched. What
/// both pay, the search for where a digit stands, is in the limit against lol_html. The page without numbers is that of the
/// other benchmarks with its prices and hours, but for a business whose number isn't on it. Digits without end are measured
/// against half as many.
fn measure_matching(criterion: &mut Criterion) {
    const GROUP: &str = "what matching costs";
    let mut group = criterion.benchmark_group(GROUP);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let page = website::page(&website::ENGLISH);
    let fifty = page.replacen("</strong>", " 212-555-0100</strong>", 44);
    let (ours, another) = (lines(), Arc::new(Lines::new(vec![number("+13125550142")], false)));
    assert_eq!(slots(&another, &page), 0, "no number is printed");
    assert_eq!(slots(&ours, &fifty), 56, "fifty numbers and six links are");
    let digits = |count: usize| format!("<p>{}</p>", "21255501".repeat(count / 8));
    for (name, lines, peer, page) in [
        ("a page without numbers", &another, without_digits(&page), page),
        ("a page with fifty", &ours, without_digits(&fifty), fifty),
        ("two million digits", &ours, digits(1_000_000), digits(2_000_000)),
    ] {
        let compile = |page: &str| compile(lines, black_box(page.as_bytes()), page.len());
        let (peer, subject) = (|| compile(&peer), || compile(&page));
        ratios::bench_in_turn(&mut group, (name, &format!("{GROUP}/{name}")), peer, subject);
    }
    group.finish();
}

/// The page with a letter for each digit outside of tags.
fn without_digits(page: &str) -> String {
    let mut in_tag = false;
    let lettered = page.chars().map(|c| {
        in_tag = c == '<' || in_tag && c != '>';
        if c.is_ascii_digit() && !in_tag { 'x' } else { c }
    });
    lettered.collect()
}

fn slots(lines: &Arc<Lines>, page: &str) -> usize {
    let pieces = compile(lines, page.as_bytes(), page.len());
    pieces.iter().filter(|piece| piece.line().is_some()).count()
}

fn lines() -> Arc<Lines> {
    Arc::new(Lines::new(vec![number(website::NUMBER)], false))
}

fn number(written: &str) -> PhoneNumber {
    PhoneNumber::parse(written, "US".parse().expect("a country")).expect("a number")
}

fn tracking() -> Filling {
    let mut filling = Filling::canonical();
    let number = Arc::new(number("+12125550199"));
    filling.show(0, Shown { number, carries: Carries::EVERYTHING });
    filling
}

/// How many numbers stand in a text.
fn matches(lines: &Lines, text: &str) -> usize {
    let (mut scanner, mut found) = (Scanner::new(Charset::Utf8), Vec::new());
    scanner.feed(lines.matcher(), text.as_bytes(), 0, &mut found);
    scanner.end(lines.matcher(), &mut found);
    found.len()
}

fn read_bare(page: &[u8]) {
    let mut reader = Reader::bare();
    reader.write(page).expect("a page that can be read");
    reader.end().expect("a page that can be read");
}

fn compile(lines: &Arc<Lines>, page: &[u8], chunk: usize) -> Vec<Piece> {
    let (mut compiler, mut pieces) = (Compiler::new(Arc::clone(lines), DECLARED), Vec::new());
    for chunk in page.chunks(chunk) {
        compiler.write(chunk, &mut pieces);
    }
    compiler.end(&mut pieces);
    pieces
}

fn read(lines: &Arc<Lines>, remembered: Option<Arc<Remembered>>, page: &[u8]) -> (Vec<Piece>, Outcome) {
    let mut reading = Reading::new(Arc::clone(lines), DECLARED, remembered);
    let mut pieces = Vec::new();
    for chunk in page.chunks(CHUNK) {
        reading.write(chunk, &mut pieces);
    }
    let outcome = reading.end(&mut pieces);
    (pieces, outcome)
}

fn remember(lines: &Arc<Lines>, page: &[u8]) -> Arc<Remembered> {
    match read(lines, None, page).1 {
        Outcome::Read { page, .. } => Arc::new(page),
        Outcome::Same | Outcome::Forget => unreachable!("a page of usual length is remembered"),
    }
}

/// What a person reads of the page.
fn text_of(page: &[u8]) -> String {
    let text = Arc::new(Mutex::new(String::new()));
    let read = Arc::clone(&text);
    let see = doc_text!(move |chunk| {
        if chunk.text_type() == TextType::Data {
            read.lock().expect("one thread").push_str(chunk.as_str());
        }
        Ok(())
    });
    lol_html(page, see);
    std::mem::take(&mut text.lock().expect("one thread"))
}

/// Puts the page through lol_html, and returns how many bytes came out. The only place where that is done, so that its code
/// is there once, as in the program.
fn lol_html(page: &[u8], see: DocumentContentHandlers<'static>) -> usize {
    let mut count = 0;
    let settings = Settings::new_send().append_document_content_handler(see);
    let mut rewriter = HtmlRewriter::new(settings, |bytes: &[u8]| count += bytes.len());
    rewriter.write(page).expect("a page that can be read");
    rewriter.end().expect("a page that can be read");
    count
}
