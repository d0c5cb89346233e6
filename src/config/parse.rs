//! From text to the file as written, past everything in it that is no key or has the wrong form.
//!
//! Deserialising stops at the first thing it can't take. So whatever that is becomes a finding and is taken out of
//! the file, and the rest is tried again, until nothing is left to complain of.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{At, Findings};
use super::written::File;

/// Parts of the contract that this version doesn't act on. True: going on without would do harm, such as to show a
/// number where none is wanted; then it is an error.
const NOT_YET: [(&str, bool); 1] = [("server.old_secrets", true)];

/// Of these, values that say what this version does anyway.
const AS_IT_IS: [(&str, &str); 1] = [("server.old_secrets", "[]")];

/// Reads the file. None where it is no TOML at all.
pub(super) fn parse(text: &str, findings: &mut Findings<'_>) -> Option<File> {
    let (mut table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        findings.error(At::new(span, "syntax"), error.message().trim(), "write it as TOML: key = value");
    }
    if !errors.is_empty() {
        return None;
    }
    loop {
        let deserializer = toml::de::Deserializer::from(table.clone());
        let error = match File::deserialize(deserializer) {
            Ok(file) => return Some(file),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let Some(taken) = take_out(table.get_mut(), &span) else {
            findings.error(At::new(span, "file"), error.message().trim(), "see the example in README");
            return None;
        };
        report(taken, error.message().trim(), findings);
    }
}

/// What was taken out of the file.
struct Taken {
    key: String,
    span: Range<usize>,
    unknown: bool,
}

/// Takes out the entry that an error is about: the innermost whose key or value lies where the error does.
fn take_out(table: &mut DeTable<'_>, span: &Range<usize>) -> Option<Taken> {
    let mut keys: Vec<_> = table.iter().map(|(key, value)| (key.clone(), value.span())).collect();
    keys.sort_by_key(|(_, value)| value.len());
    if let Some((key, value_span)) = keys.iter().find(|(key, _)| key.span() == *span) {
        table.remove(key.get_ref().as_ref());
        // Where a table's header is all that stands here, it has no value to tell of.
        let span = if value_span.start < key.span().end {
            key.span().start..key.span().start
        } else {
            value_span.clone()
        };
        return Some(Taken { key: key.get_ref().to_string(), span, unknown: true });
    }
    for (key, value_span) in keys {
        let value = table.get_mut(key.get_ref().as_ref())?;
        let inner = take_out_of_value(value.get_mut(), span);
        if let Some(inner) = inner {
            let key = if inner.key.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{}.{}", key.get_ref(), inner.key)
            };
            return Some(Taken { key, ..inner });
        }
        if value_span.start <= span.start && span.end <= value_span.end {
            table.remove(key.get_ref().as_ref());
            return Some(Taken { key: key.get_ref().to_string(), span: value_span, unknown: false });
        }
    }
    None
}

fn take_out_of_value(value: &mut DeValue<'_>, span: &Range<usize>) -> Option<Taken> {
    match value {
        DeValue::Table(table) => take_out(table, span),
        DeValue::Array(items) => {
            let tables = items.iter_mut().map(Spanned::get_mut);
            tables.filter(|item| item.is_table()).find_map(|item| take_out_of_value(item, span))
        }
        _ => None,
    }
}

fn report(taken: Taken, message: &str, findings: &mut Findings<'_>) {
    let is_as_it_is = AS_IT_IS.contains(&(&taken.key, findings.written(&taken.span)));
    let at = At::new(taken.span, taken.key.clone());
    if is_as_it_is {
        return;
    }
    if !taken.unknown {
        return findings.error(at, in_plain_words(message), remedy_of_type(message));
    }
    match NOT_YET.iter().find(|(key, _)| *key == taken.key) {
        Some((_, false)) => findings.warning(
            at,
            "this version does not act on it yet",
            "leave it for a later version, or take it out",
        ),
        Some((_, true)) => findings.error(
            at,
            "this version does not act on it yet, and must not go on as if it did",
            "take it out",
        ),
        None => findings.error(at, "there is no such key", remedy_of_name(&taken.key, message)),
    }
}

/// The keys that there are, nearest first: `unknown field` errors list them in backticks.
fn remedy_of_name(key: &str, message: &str) -> String {
    let wrong = key.rsplit('.').next().unwrap_or(key);
    let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
    let nearest = known.iter().min_by_key(|name| strsim::osa_distance(name, wrong));
    match nearest {
        Some(name) if strsim::osa_distance(name, wrong) <= 2 => format!("did you mean {name}?"),
        _ if known.is_empty() => "take it out".to_owned(),
        _ => format!("keys here are {}", known.join(", ")),
    }
}

/// Without the names of our own types.
fn in_plain_words(message: &str) -> &str {
    match message {
        message if message.contains("OneOrMany") => "is neither a text nor a list of texts",
        message => message.split(", expected ").next().unwrap_or(message),
    }
}

fn remedy_of_type(message: &str) -> String {
    match message.split_once("expected ") {
        Some((_, "u16")) => "give a whole number from 0 to 65535".to_owned(),
        Some((_, "u32")) => "give a whole number, not less than 0".to_owned(),
        Some((_, "f64")) => "give a number".to_owned(),
        Some((_, "a sequence")) => "give a list: [\"…\", \"…\"]".to_owned(),
        Some((_, "struct SecretSource")) => {
            "name its place: { env = \"NAME\" } or { file = \"PATH\" }".to_owned()
        }
        Some((_, expected)) if expected.contains("OneOrMany") => "give a text, or a list of texts".to_owned(),
        Some((_, expected)) => format!("give {}", expected.trim_start_matches("struct ").to_lowercase()),
        None if message.contains("OneOrMany") => "give a text, or a list of texts".to_owned(),
        None => "give it the form that README shows".to_owned(),
    }
}
