//! Pools and static numbers.

use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::Builder;
use crate::config::finding::At;
use crate::config::{Line, Overflow, Pool, Static, written};
use crate::number::{Area, Carries, Country, PhoneNumber, Shown};
use crate::pool::Terms;
use crate::visit::{Channel, Described};

impl Builder<'_, '_> {
    fn line_of<T>(
        &mut self,
        written: Option<&Spanned<String>>,
        table: &Spanned<T>,
        key: &str,
        lines: &[Line],
    ) -> Option<usize> {
        let known = || lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
        match written {
            None if self.declared.lines.len() == 1 => (!lines.is_empty()).then_some(0),
            None => {
                self.findings.error(
                    At::new(table.span(), key),
                    "is missing",
                    format!("name one of the site's lines: {}", known()),
                );
                None
            }
            Some(written) => {
                let place = lines.iter().position(|line| line.name == *written.get_ref());
                if place.is_none() && !self.declared.lines.contains(written.get_ref()) {
                    let at = At::new(written.span(), key);
                    self.findings.error(at, "no line has this name", format!("the site has {}", known()));
                }
                place
            }
        }
    }

    fn carries(&mut self, written: Option<&Vec<Spanned<String>>>, key: &str) -> Carries {
        let Some(written) = written else { return Carries::VOICE };
        let mut carries = Carries { voice: false, sms: false, whatsapp: false };
        for word in written {
            match word.get_ref().as_str() {
                "voice" => carries.voice = true,
                "sms" => carries.sms = true,
                "whatsapp" => carries.whatsapp = true,
                _ => self.findings.error(
                    At::new(word.span(), key),
                    "is nothing that a number carries",
                    "write voice, sms or whatsapp",
                ),
            }
        }
        carries
    }

    pub(super) fn statics(&mut self, site: &written::Site, country: Country, lines: &[Line]) -> Vec<Static> {
        let mut statics: Vec<Static> = Vec::new();
        for table in &site.statics {
            let written = table.get_ref();
            let name = self.required(
                written.name.as_ref(),
                table,
                "site.static.name",
                "give it a name, such as \"flyer\"",
            );
            let line = self.line_of(written.line.as_ref(), table, "site.static.line", lines);
            let text = self.required(written.number.as_ref(), table, "site.static.number", "give the number");
            let carries = self.carries(written.carries.as_ref(), "site.static.carries");
            let source = self.described(written.source.as_ref());
            let (Some(name), Some(text), Some(number)) = (name, text, &written.number) else { continue };
            let at = At::new(number.span(), "site.static.number");
            let number = self.tracking_number(&text, country, &format!("static:{name}"), at);
            if statics.iter().any(|known| known.name == name) {
                let at = At::new(table.span(), "site.static.name");
                self.findings.error(
                    at,
                    format!("two static numbers are called {name:?}"),
                    "give each its own name",
                );
            }
            if let (Some(line), Some(number)) = (line, number) {
                let shown = Shown { number: Arc::new(number), carries };
                statics.push(Static { name, line, shown, source });
            }
        }
        statics
    }

    fn described(&mut self, source: Option<&written::StaticSource>) -> Described {
        let Some(written) = source else { return Described::default() };
        let channel = written.channel.as_ref().and_then(|channel| {
            let known = Channel::from_name(channel.get_ref());
            if known.is_none() {
                let names = Channel::ALL.iter().map(|channel| channel.name()).collect::<Vec<_>>().join(", ");
                let at = At::new(channel.span(), "site.static.source.channel");
                self.findings.error(at, "there is no such channel", format!("channels are {names}"));
            }
            known
        });
        Described {
            channel,
            source: written.source.clone(),
            medium: written.medium.clone(),
            campaign: written.campaign.clone(),
        }
    }

    pub(super) fn pools(
        &mut self,
        site: &written::Site,
        country: Country,
        numbers: Vec<Vec<PhoneNumber>>,
        lines: &[Line],
        statics: &[Static],
    ) -> Vec<Pool> {
        let mut pools: Vec<Pool> = Vec::new();
        for (table, numbers) in site.pool.iter().zip(numbers) {
            let written = table.get_ref();
            let name = self.required(
                written.name.as_ref(),
                table,
                "site.pool.name",
                "give the pool a name, such as \"ads\"",
            );
            let line = self.line_of(written.line.as_ref(), table, "site.pool.line", lines);
            let carries = self.carries(written.carries.as_ref(), "site.pool.carries");
            let hold = self.duration(written.hold.as_ref(), "site.pool.hold", Duration::from_secs(300));
            let provisional_hold = self.duration(
                written.provisional_hold.as_ref(),
                "site.pool.provisional_hold",
                Duration::from_secs(30),
            );
            let provisional_per_network = usize::from(written.provisional_per_network.unwrap_or(4));
            let terms = Terms { hold, provisional_hold, provisional_per_network };
            let (Some(name), Some(line)) = (name, line) else { continue };
            if pools.iter().any(|pool| pool.name == name) {
                let at = At::new(table.span(), "site.pool.name");
                self.findings.error(at, format!("two pools are called {name:?}"), "give each its own name");
            }
            let overflow = self.overflow(written, line, statics);
            let area = self.area(written, country, &numbers);
            let home = numbers.first().and_then(PhoneNumber::country);
            let shown = |number| Shown { number: Arc::new(number), carries };
            pools.push(Pool {
                name,
                line,
                numbers: numbers.into_iter().map(shown).collect(),
                area,
                country: home,
                terms,
                overflow,
            });
        }
        pools
    }

    pub(super) fn pool_numbers(
        &mut self,
        table: &Spanned<written::Pool>,
        country: Country,
    ) -> Vec<PhoneNumber> {
        let written = table.get_ref();
        let owner =
            format!("pool:{}", written.name.as_ref().map(|name| name.get_ref().as_str()).unwrap_or_default());
        let owner = owner.as_str();
        let mut numbers = Vec::new();
        for number in &written.numbers {
            let at = At::new(number.span(), "site.pool.numbers");
            numbers.extend(self.tracking_number(number.get_ref(), country, owner, at));
        }
        if let Some(file) = &written.numbers_file {
            let at = At::new(file.span(), "site.pool.numbers_file");
            match std::fs::read_to_string(self.folder.join(file.get_ref())) {
                Ok(text) => {
                    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
                        if !line.is_empty() {
                            numbers.extend(self.tracking_number(line, country, owner, at.clone()));
                        }
                    }
                }
                Err(error) => self.findings.error(
                    at,
                    format!("can't be read: {error}"),
                    "name a file with one number a line",
                ),
            }
        }
        if written.numbers.is_empty() && numbers.is_empty() {
            let at = At::new(table.span(), "site.pool.numbers");
            self.findings.error(at, "the pool has no numbers", "list them in numbers, or in a numbers_file");
        }
        numbers
    }

    fn area(&mut self, pool: &written::Pool, country: Country, numbers: &[PhoneNumber]) -> Option<Area> {
        let written = pool.area.as_ref()?;
        let at = At::new(written.span(), "site.pool.area");
        // Of several countries' numbers the first one's prefix counts.
        let country = numbers.first().and_then(PhoneNumber::country).unwrap_or(country);
        match Area::parse(written.get_ref(), country) {
            Ok(area) => {
                if let Some(other) = numbers.iter().find(|number| !area.covers(number)) {
                    let remedy = "give each area a pool of its own";
                    self.findings.warning(at, format!("{other} is a number of another area"), remedy);
                }
                Some(area)
            }
            Err(error) => {
                self.findings.error(at, error.to_string(), "write its digits, such as \"212\"");
                None
            }
        }
    }

    fn overflow(&mut self, written: &written::Pool, line: usize, statics: &[Static]) -> Overflow {
        let Some(overflow) = &written.overflow else { return Overflow::Canonical };
        let at = At::new(overflow.span(), "site.pool.overflow");
        match overflow.get_ref().as_str() {
            "canonical" => return Overflow::Canonical,
            "oldest" => return Overflow::Oldest,
            text => {
                match text.strip_prefix("static:").map(|name| statics.iter().position(|s| s.name == name)) {
                    Some(Some(place)) if statics[place].line == line => return Overflow::Static(place),
                    Some(Some(_)) => {
                        self.findings.error(
                            at,
                            "that number belongs to another line",
                            "name a static number of the pool's line",
                        );
                    }
                    Some(None)
                        if text
                            .strip_prefix("static:")
                            .is_some_and(|name| self.declared.statics.contains_key(name)) => {}
                    Some(None) => self.findings.error(
                        at,
                        "no static number has this name",
                        "name a [[site.static]] of the site",
                    ),
                    None => {
                        self.findings.error(at, "is no overflow", "write canonical, static:NAME or oldest")
                    }
                }
            }
        }
        Overflow::Canonical
    }
}
