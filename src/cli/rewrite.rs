//! `rewrite`: a page on standard input, the filled page on standard output.

use std::io::{ErrorKind, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::explanation::Explanation;
use super::{Rewrite, Stop};
use crate::config::Site;
use crate::number::PhoneNumber;
use crate::page::{Carries, Compiler, Filling, Shown, charset_of_content_type};
use crate::proxy::is_html;

/// Bytes that are read at once, unless told otherwise.
const CHUNK: usize = 64 * 1024;

pub(super) fn run(rewrite: &Rewrite) -> Result<ExitCode, Stop> {
    let config = super::configuration(&rewrite.config)?;
    let site = config.site_named(&rewrite.site).ok_or_else(|| {
        let names: Vec<_> = config.sites.iter().map(|site| site.name.as_str()).collect();
        Stop::Other(format!("no site is called {:?}; there is {}", rewrite.site, names.join(", ")))
    })?;
    let filling = filling(&rewrite.show, site)?;
    let chunk = rewrite.chunk.map_or(CHUNK, |chunk| chunk as usize);
    match pump(rewrite, site, &filling, chunk) {
        // Whoever reads us has enough: `head` is a fine thing to pipe to.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Stop::because(error)),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn filling(shows: &[String], site: &Site) -> Result<Filling, Stop> {
    let mut filling = Filling::canonical();
    for show in shows {
        let (line, number) =
            show.split_once('=').ok_or_else(|| Stop::Other(format!("--show {show:?} is not LINE=NUMBER")))?;
        let place = site.line(line).ok_or_else(|| {
            let names: Vec<_> = site.lines.iter().map(|line| line.name.as_str()).collect();
            Stop::Other(format!("--show {show:?}: no line is called {line:?}; there is {}", names.join(", ")))
        })?;
        let number = PhoneNumber::parse(number, site.country)
            .map_err(|error| Stop::Other(format!("--show {show:?}: {number:?} {error}")))?;
        filling.show(place, Shown { number: Arc::new(number), carries: Carries::EVERYTHING });
    }
    Ok(filling)
}

fn pump(rewrite: &Rewrite, site: &Site, filling: &Filling, chunk: usize) -> std::io::Result<()> {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    if !is_html(&rewrite.content_type) {
        if rewrite.explain {
            let essence = rewrite.content_type.split(';').next().unwrap_or_default().trim();
            let left = json!({"place": "page", "written": essence, "left": "it is no HTML"});
            eprintln!("{left}");
        }
        return std::io::copy(&mut input, &mut output).map(drop);
    }
    let mut explanation = rewrite.explain.then(|| Explanation::new(site, filling));
    let mut compiler =
        Compiler::new(Arc::clone(&site.page_lines), charset_of_content_type(&rewrite.content_type));
    let (mut buffer, mut pieces, mut out) = (vec![0; chunk], Vec::new(), Vec::new());
    loop {
        let read = input.read(&mut buffer)?;
        match read {
            0 => {
                explanation.iter_mut().for_each(|explanation| explanation.note_through(&compiler));
                compiler.end(&mut pieces);
            }
            read => compiler.write(&buffer[..read], &mut pieces),
        }
        for piece in pieces.drain(..) {
            filling.write(&piece, &site.page_lines, &mut out);
            explanation.iter_mut().for_each(|explanation| explanation.note(&piece));
        }
        output.write_all(&out)?;
        out.clear();
        if read == 0 {
            output.flush()?;
            let mut errors = std::io::stderr().lock();
            return explanation.map_or(Ok(()), |explanation| explanation.write(&compiler, &mut errors));
        }
    }
}
