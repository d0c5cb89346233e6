//! The chart: accuracy over numbers, by theory as lines, and as simulated as points.

use std::fmt::Write;

use super::simulated::Point;
use crate::pool::theory;
use crate::pool::traffic::Traffic;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 60.0;

/// Places of the lines' bends.
const BENDS: u32 = 40;

const SESSION: &str = "#1f5fa8";
const SOURCE: &str = "#b3541e";

/// A whole SVG document.
pub(super) fn draw(traffic: &Traffic, points: &[Point]) -> String {
    let most = points.iter().map(|point| point.numbers).max().unwrap_or(100).max(10) as f64;
    let across = |numbers: f64| LEFT + (WIDTH - LEFT - RIGHT) * numbers.max(1.0).ln() / most.ln();
    let up = |share: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<title>Accuracy over numbers</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    for tenth in 0..=5 {
        let share = f64::from(tenth) / 5.0;
        rule(&mut svg, (LEFT, up(share)), (WIDTH - RIGHT, up(share)));
        text(&mut svg, (LEFT - 8.0, up(share) + 4.0), "end", &format!("{:.0} %", 100.0 * share));
    }
    for numbers in
        [1.0, 2.0, 5.0].iter().flat_map(|digit| (0..8).map(move |zeros| digit * 10_f64.powi(zeros)))
    {
        if numbers <= most {
            rule(&mut svg, (across(numbers), up(0.0)), (across(numbers), up(1.0)));
            text(&mut svg, (across(numbers), up(0.0) + 18.0), "middle", &numbers.to_string());
        }
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    text(&mut svg, (middle, HEIGHT - 16.0), "middle", "numbers in the pool");
    let turned = format!("<g transform=\"rotate(-90 16 {0})\">", up(0.5));
    svg.push_str(&turned);
    text(&mut svg, (16.0, up(0.5)), "middle", "calls attributed rightly");
    svg.push_str("</g>\n");
    curve(&mut svg, SESSION, most, |numbers| {
        (across(numbers as f64), up(theory::session_accuracy(traffic, numbers)))
    });
    curve(&mut svg, SOURCE, most, |numbers| {
        (across(numbers as f64), up(theory::source_accuracy(traffic, numbers)))
    });
    for point in points {
        dot(&mut svg, SESSION, (across(point.numbers as f64), up(point.session)));
        dot(&mut svg, SOURCE, (across(point.numbers as f64), up(point.source)));
    }
    for (place, colour, name) in [(LEFT, SESSION, "right session"), (LEFT + 240.0, SOURCE, "right source")] {
        dot(&mut svg, colour, (place + 6.0, 20.0));
        text(&mut svg, (place + 16.0, 24.0), "start", &format!("{name}: line theory, dots simulated"));
    }
    svg.push_str("</svg>\n");
    svg
}

fn curve(svg: &mut String, colour: &str, most: f64, place: impl Fn(u64) -> (f64, f64)) {
    let bend = |bend: u32| most.powf(f64::from(bend) / f64::from(BENDS)).round() as u64;
    let mut numbers: Vec<_> = (0..=BENDS).map(bend).collect();
    numbers.dedup();
    let places: Vec<_> = numbers.into_iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let places = places.join(" ");
    put(
        svg,
        format_args!("<polyline points=\"{places}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"),
    );
}

fn dot(svg: &mut String, colour: &str, (x, y): (f64, f64)) {
    put(svg, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"));
}

fn rule(svg: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    put(
        svg,
        format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>"
        ),
    );
}

/// The words are ours: nothing in them needs escaping.
fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) {
    put(svg, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"));
}

fn put(svg: &mut String, element: std::fmt::Arguments<'_>) {
    writeln!(svg, "{element}").expect("a string takes all that is written");
}
