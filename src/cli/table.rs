//! Results for people: in columns, and with nothing in them that a terminal would obey.

use std::io::{self, Write};
use std::process::ExitCode;

use super::Stop;

/// Columns of cells, each as wide as its widest.
pub(super) struct Table {
    widths: Vec<usize>,
    /// Those that hold figures.
    right: Vec<bool>,
}

impl Table {
    /// Columns with these names, at least so wide, in which figures stand on the right.
    pub fn new<const N: usize>(columns: [(&str, usize, bool); N]) -> Self {
        Table {
            widths: columns.iter().map(|(name, least, _)| name.chars().count().max(*least)).collect(),
            right: columns.iter().map(|(_, _, right)| *right).collect(),
        }
    }

    /// Makes room for a row.
    pub fn fit(&mut self, row: &[String]) {
        for (width, cell) in self.widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }

    pub fn write(&self, output: &mut impl Write, row: &[String]) -> io::Result<()> {
        writeln!(output, "{}", self.line(row))
    }

    pub fn line(&self, row: &[String]) -> String {
        let cell = |(cell, (width, right)): (&String, (&usize, &bool))| match right {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        };
        let columns = self.widths.iter().zip(&self.right);
        let cells: Vec<_> = row.iter().zip(columns).map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    }
}

/// A text from outside as it may stand on a terminal: what would move the cursor, or turn the reading around, is spelled out.
pub(super) fn legible(text: &str) -> String {
    let is_obeyed = |c: char| {
        let has_no_width = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        c.is_control() || has_no_width
    };
    let mut legible = String::with_capacity(text.len());
    for c in text.chars() {
        match is_obeyed(c) {
            true => legible.extend(c.escape_default()),
            false => legible.push(c),
        }
    }
    legible
}

/// What is known, else a dash.
pub(super) fn said(text: Option<&str>) -> String {
    text.map_or("-".to_owned(), legible)
}

/// A command is done once its results are written, or once whoever reads them has had enough.
pub(super) fn done(written: io::Result<()>) -> Result<ExitCode, Stop> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        written => written.map(|()| ExitCode::SUCCESS).map_err(Stop::because),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_on_the_right() {
        let mut table = Table::new([("source", 0, false), ("calls", 0, true), ("note", 0, false)]);
        let rows = [["source", "calls", "note"], ["google / cpc", "12", ""], ["ö", "1", "good"]];
        let rows = rows.map(|row| row.map(str::to_owned));
        rows.iter().for_each(|row| table.fit(row));
        let mut written = Vec::new();
        rows.iter().for_each(|row| table.write(&mut written, row).unwrap());
        let written = String::from_utf8(written).unwrap();
        assert_eq!(written, "source        calls  note\ngoogle / cpc     12\nö                 1  good\n");
    }

    #[test]
    fn nothing_from_outside_moves_the_cursor() {
        assert_eq!(legible("O'Brien \u{1b}[2J\u{9b}a\u{202e}ä\n"), "O'Brien \\u{1b}[2J\\u{9b}a\\u{202e}ä\\n");
    }
}
