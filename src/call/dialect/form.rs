//! Messages as fields with names, in the order in which they came, whether they were posted as a form, as JSON, or are a query.
//! What a field means is not known here.

use std::str::FromStr;

use serde_json::Value;

use super::{Message, Unreadable};
use crate::Timestamp;
use crate::call::carrier::CarrierName;

/// A message's fields.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    pub fn of(text: &[u8]) -> Self {
        Form { fields: url::form_urlencoded::parse(text).into_owned().collect() }
    }

    /// What a message brings: its body or, where it has none, its query (of a GET).
    ///
    /// # Errors
    /// [`Unreadable::Form`] for JSON: the carrier was set up to speak another of its languages.
    pub fn of_message(carrier: CarrierName, message: &Message<'_>) -> Result<Self, Unreadable> {
        if message.content_type.contains("json") || message.body.trim_ascii_start().first() == Some(&b'{') {
            return Err(Unreadable::Form(carrier, "a form is wanted, and it is JSON".into()));
        }
        if message.body.is_empty() {
            Ok(Form::of(message.query.as_bytes()))
        } else {
            Ok(Form::of(message.body))
        }
    }

    /// What a message brings where it may be JSON: a field within another is known by both their names, with a dot between.
    ///
    /// # Errors
    /// [`Unreadable::Form`] where the body is JSON, and no object.
    pub fn of_any(carrier: CarrierName, message: &Message<'_>) -> Result<Self, Unreadable> {
        if message.body.is_empty() {
            return Ok(Form::of(message.query.as_bytes()));
        }
        let mut form = Form::default();
        match serde_json::from_slice(message.body) {
            Ok(Value::Object(fields)) => fields.into_iter().for_each(|(name, value)| form.add(name, value)),
            Ok(_) => return Err(Unreadable::Form(carrier, "its JSON is no object".into())),
            Err(_) if message.content_type.contains("urlencoded") => return Ok(Form::of(message.body)),
            Err(error) => return Err(Unreadable::Form(carrier, format!("it is no JSON: {error}").into())),
        }
        Ok(form)
    }

    fn add(&mut self, name: String, value: Value) {
        match value {
            Value::Object(fields) => {
                fields.into_iter().for_each(|(inner, value)| self.add(format!("{name}.{inner}"), value));
            }
            Value::String(text) => self.fields.push((name, text)),
            Value::Number(number) => self.fields.push((name, number.to_string())),
            Value::Bool(is) => self.fields.push((name, is.to_string())),
            Value::Null | Value::Array(_) => {}
        }
    }

    /// The first field of this name. One that is empty is as good as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// # Errors
    /// [`Unreadable::Missing`] where there is no such field.
    pub fn wanted(&self, name: &'static str) -> Result<&str, Unreadable> {
        self.get(name).ok_or(Unreadable::Missing(name))
    }

    /// A telephone number: a plus sign that was posted without escaping it has become a space.
    pub fn number(&self, name: &str) -> Option<String> {
        let written = self.get(name)?;
        Some(match written.strip_prefix(' ') {
            Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => format!("+{digits}"),
            _ => written.to_owned(),
        })
    }

    pub fn count<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }

    pub fn seconds(&self, name: &str) -> Option<u32> {
        seconds(self.get(name)?)
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

/// A duration in seconds, rounded: `94`, `13.67`.
pub fn seconds(written: &str) -> Option<u32> {
    let seconds: f64 = written.trim().parse().ok()?;
    (0.0..=f64::from(u32::MAX)).contains(&seconds).then(|| seconds.round() as u32)
}

/// A carrier's clock: RFC 3339, or RFC 2822 as in mail.
pub fn instant(written: &str) -> Option<Timestamp> {
    let mail = || {
        let instant = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(written.trim()).ok()?;
        Some(Timestamp(instant.as_millisecond()))
    };
    Timestamp::parse(written.trim()).or_else(mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_the_first_of_a_name_counts() {
        let form =
            Form::of(b"To=%2B12125550100&Digits=1&Digits=2&Name=J%C3%BCrgen+K&Empty=&Bad=%ff%zz&alone");
        assert_eq!(form.get("To"), Some("+12125550100"));
        assert_eq!(form.get("Digits"), Some("1"));
        assert_eq!(form.get("Name"), Some("Jürgen K"));
        assert_eq!(form.get("Empty"), None);
        assert_eq!(form.get("Bad"), Some("\u{fffd}%zz"));
        assert_eq!(form.get("alone"), None);
        assert!(form.wanted("CallSid").is_err());
    }

    #[test]
    fn json_reads_as_a_form_does() {
        let body = r#"{"callId":"c-1","stirShaken":{"verstat":"TN-Validation-Passed","n":{"x":true}},"channels":2,"tag":null,"list":[1]}"#;
        let message = Message {
            address: super::super::Address::Ring,
            query: "",
            content_type: "application/json",
            body: body.as_bytes(),
        };
        let form = Form::of_any(CarrierName::Bandwidth, &message).expect("it can be read");
        let read = ["callId", "stirShaken.verstat", "stirShaken.n.x", "channels", "tag", "list"]
            .map(|name| form.get(name));
        let expected = [Some("c-1"), Some("TN-Validation-Passed"), Some("true"), Some("2"), None, None];
        assert_eq!(read, expected);
        for body in ["[]", "{", "a=b"] {
            let message = Message { body: body.as_bytes(), ..message };
            assert!(Form::of_any(CarrierName::Bandwidth, &message).is_err(), "{body}");
        }
    }

    #[test]
    fn a_plus_sign_posted_bare_is_still_one() {
        let form = Form::of(b"A=+12125550100&B=%2B12125550100&C=12125550100&D=+anonymous");
        let read = |name| form.number(name).unwrap_or_default();
        assert_eq!(
            ["A", "B", "C", "D"].map(read),
            ["+12125550100", "+12125550100", "12125550100", " anonymous"]
        );
    }

    #[test]
    fn durations_and_clocks_are_read_as_carriers_write_them() {
        for (written, read) in
            [("94", Some(94)), ("13.67", Some(14)), ("-1", None), ("NaN", None), ("1e99", None), ("", None)]
        {
            assert_eq!(seconds(written), read, "{written}");
        }
        for (written, read) in [
            ("Thu, 04 Apr 2024 18:32:15 +0000", Some("2024-04-04T18:32:15Z")),
            ("2024-01-15T10:30:26.028Z", Some("2024-01-15T10:30:26.028Z")),
            ("2021-04-28 21:51:18.731479Z", Some("2021-04-28T21:51:18.731Z")),
            ("yesterday", None),
        ] {
            assert_eq!(instant(written).map(|time| time.to_string()).as_deref(), read, "{written}");
        }
    }
}
