//! `[carrier.*]`: each with what its requests are proven by, or it isn't one.

use toml::Spanned;

use super::Builder;
use crate::call::signature::{PublicUrl, PublicUrlError};
use crate::config::finding::At;
use crate::config::{Bandwidth, Carriers, Pbx, Plivo, Secret, SignalWire, Telnyx, Twilio, Vonage, written};

impl Builder<'_, '_> {
    pub(super) fn carriers(&mut self, written: Option<&written::Carrier>) -> Carriers {
        let Some(written) = written else { return Carriers::default() };
        Carriers {
            twilio: written.twilio.as_ref().and_then(|table| self.twilio(table)),
            signalwire: written.signalwire.as_ref().and_then(|table| self.signalwire(table)),
            telnyx: written.telnyx.as_ref().and_then(|table| self.telnyx(table)),
            plivo: written.plivo.as_ref().and_then(|table| self.plivo(table)),
            vonage: written.vonage.as_ref().and_then(|table| self.vonage(table)),
            bandwidth: written.bandwidth.as_ref().and_then(|table| self.bandwidth(table)),
            pbx: written.pbx.as_ref().and_then(|table| self.pbx(table)),
        }
    }

    fn twilio(&mut self, table: &Spanned<written::Twilio>) -> Option<Twilio> {
        let written = table.get_ref();
        let auth_token = self.carrier_secret(
            written.auth_token.as_ref(),
            table,
            "carrier.twilio.auth_token",
            "TWILIO_AUTH_TOKEN",
        );
        let public_url = self.public_url(written.public_url.as_ref(), table, "carrier.twilio.public_url");
        Some(Twilio {
            auth_token: auth_token?,
            public_url: public_url?,
            account_sid: written.account_sid.clone(),
        })
    }

    fn signalwire(&mut self, table: &Spanned<written::SignalWire>) -> Option<SignalWire> {
        let written = table.get_ref();
        let signing_key = self.carrier_secret(
            written.signing_key.as_ref(),
            table,
            "carrier.signalwire.signing_key",
            "SIGNALWIRE_SIGNING_KEY",
        );
        let public_url = self.public_url(written.public_url.as_ref(), table, "carrier.signalwire.public_url");
        let token = self.account_secret(written.token.as_ref(), "carrier.signalwire.token");
        Some(SignalWire {
            signing_key: signing_key?,
            public_url: public_url?,
            space: written.space.clone(),
            project: written.project.clone(),
            token,
        })
    }

    fn telnyx(&mut self, table: &Spanned<written::Telnyx>) -> Option<Telnyx> {
        let written = table.get_ref();
        let public_key = self.carrier_secret(
            written.public_key.as_ref(),
            table,
            "carrier.telnyx.public_key",
            "TELNYX_PUBLIC_KEY",
        );
        let api_key = self.account_secret(written.api_key.as_ref(), "carrier.telnyx.api_key");
        Some(Telnyx { public_key: public_key?, api_key })
    }

    fn plivo(&mut self, table: &Spanned<written::Plivo>) -> Option<Plivo> {
        let written = table.get_ref();
        let auth_token = self.carrier_secret(
            written.auth_token.as_ref(),
            table,
            "carrier.plivo.auth_token",
            "PLIVO_AUTH_TOKEN",
        );
        let public_url = self.public_url(written.public_url.as_ref(), table, "carrier.plivo.public_url");
        Some(Plivo { auth_id: written.auth_id.clone(), auth_token: auth_token?, public_url: public_url? })
    }

    fn vonage(&mut self, table: &Spanned<written::Vonage>) -> Option<Vonage> {
        let written = table.get_ref();
        let signature_secret = self.carrier_secret(
            written.signature_secret.as_ref(),
            table,
            "carrier.vonage.signature_secret",
            "VONAGE_SIGNATURE_SECRET",
        );
        let private_key = self.account_secret(written.private_key.as_ref(), "carrier.vonage.private_key");
        Some(Vonage {
            signature_secret: signature_secret?,
            application_id: written.application_id.clone(),
            private_key,
        })
    }

    fn bandwidth(&mut self, table: &Spanned<written::Bandwidth>) -> Option<Bandwidth> {
        let written = table.get_ref();
        let username = self.required(
            written.username.as_ref(),
            table,
            "carrier.bandwidth.username",
            "give the user that Bandwidth is to send, such as \"dni\"",
        );
        if let Some(name) = written.username.as_ref().filter(|name| name.get_ref().contains(':')) {
            // It would end there (RFC 7617 §2).
            let at = At::new(name.span(), "carrier.bandwidth.username");
            self.findings.error(at, "has a colon", "choose a user without one");
        }
        let password = self.carrier_secret(
            written.password.as_ref(),
            table,
            "carrier.bandwidth.password",
            "BANDWIDTH_PASSWORD",
        );
        let api_password =
            self.account_secret(written.api_password.as_ref(), "carrier.bandwidth.api_password");
        Some(Bandwidth {
            username: username?,
            password: password?,
            account_id: written.account_id.clone(),
            api_username: written.api_username.clone(),
            api_password,
        })
    }

    fn pbx(&mut self, table: &Spanned<written::Pbx>) -> Option<Pbx> {
        let written = table.get_ref();
        let secret = self.carrier_secret(written.secret.as_ref(), table, "carrier.pbx.secret", "PBX_SECRET");
        Some(Pbx { secret: secret?, files: written.files.as_ref().map(|files| self.folder.join(files)) })
    }

    /// What a carrier's requests are proven by. `variable`: what it may be called in the environment.
    fn carrier_secret<T>(
        &mut self,
        written: Option<&Spanned<written::SecretSource>>,
        table: &Spanned<T>,
        key: &str,
        variable: &str,
    ) -> Option<Secret> {
        // One of the wrong form has been told of, and taken out.
        if written.is_none() && !self.findings.names(key) {
            let name = key.rsplit('.').next().unwrap_or(key);
            let remedy = format!("name its place: {name} = {{ env = \"{variable}\" }}");
            self.findings.error(At::new(table.span(), key), "is missing", remedy);
        }
        self.account_secret(written, key)
    }

    fn account_secret(
        &mut self,
        written: Option<&Spanned<written::SecretSource>>,
        key: &str,
    ) -> Option<Secret> {
        self.named_secret(written?, key, "set it before `serve` starts, which stops without it")
    }

    fn public_url<T>(
        &mut self,
        written: Option<&Spanned<String>>,
        table: &Spanned<T>,
        key: &str,
    ) -> Option<PublicUrl> {
        let remedy =
            "give the address that the carrier calls, such as public_url = \"https://www.example.com\"";
        let text = self.required(written, table, key, remedy)?;
        let error = match PublicUrl::parse(&text) {
            Ok(url) => return Some(url),
            Err(error) => error,
        };
        let remedy = match error {
            PublicUrlError::Address => "write it as \"https://HOST\", as the carrier's console has it",
            PublicUrlError::Query => "leave that out: the path and the query of each request are added",
            PublicUrlError::Password => "leave it out: a signature needs none",
        };
        let at = written.map_or(0..0, Spanned::span);
        self.findings.error(At::new(at, key), error.to_string(), remedy);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{GOOD, check, said};
    use super::*;

    const CARRIERS: &str = r#"
[carrier.twilio]
auth_token = { file = "twilio" }
public_url = "https://www.example.com/"
account_sid = "AC0"
[carrier.signalwire]
signing_key = { file = "signalwire" }
public_url = "https://www.example.com:8443/behind"
space = "example.signalwire.com"
project = "0"
token = { file = "token" }
[carrier.telnyx]
public_key = { file = "telnyx" }
api_key = { file = "key" }
[carrier.plivo]
auth_id = "MA0"
auth_token = { file = "plivo" }
public_url = "http://www.example.com"
[carrier.vonage]
signature_secret = { file = "vonage" }
application_id = "0"
private_key = { file = "vonage.key" }
[carrier.bandwidth]
username = "dni"
password = { file = "bandwidth" }
account_id = "0"
api_username = "api"
api_password = { file = "api" }
[carrier.pbx]
secret = { file = "pbx" }
files = "recordings"
"#;

    #[test]
    fn every_carrier_is_taken_with_its_account() {
        let checked = check(&format!("{GOOD}{CARRIERS}"));
        assert_eq!(checked.findings, []);
        let carriers = checked.config.unwrap().carriers;
        let file = |name: &str| Secret::File(format!("/etc/dni/{name}").into());
        let secrets: Vec<_> =
            carriers.secrets().into_iter().map(|(key, secret)| (key, secret.clone())).collect();
        let named = [
            ("twilio.auth_token", file("twilio")),
            ("signalwire.signing_key", file("signalwire")),
            ("signalwire.token", file("token")),
            ("telnyx.public_key", file("telnyx")),
            ("telnyx.api_key", file("key")),
            ("plivo.auth_token", file("plivo")),
            ("vonage.signature_secret", file("vonage")),
            ("vonage.private_key", file("vonage.key")),
            ("bandwidth.password", file("bandwidth")),
            ("bandwidth.api_password", file("api")),
            ("pbx.secret", file("pbx")),
        ];
        assert_eq!(secrets, named);
        let address = &carriers.signalwire.as_ref().unwrap().public_url;
        assert_eq!(address.of("/a"), "https://www.example.com:8443/behind/a");
        assert_eq!(carriers.bandwidth.as_ref().unwrap().username, "dni");
        assert_eq!(carriers.pbx.as_ref().unwrap().files.as_deref(), Some(Path::new("/etc/dni/recordings")));
        assert_eq!(*check(GOOD).config.unwrap().carriers, Default::default());
    }

    #[test]
    fn a_carrier_whose_requests_nothing_proves_is_none() {
        let with = |from: &str, to: &str| {
            assert!(CARRIERS.contains(from), "{from}");
            said(&format!("{GOOD}{}", CARRIERS.replacen(from, to, 1))).join("\n")
        };
        for (key, written) in [
            ("twilio.auth_token", "auth_token = { file = \"twilio\" }\n"),
            ("twilio.public_url", "public_url = \"https://www.example.com/\"\n"),
            ("signalwire.signing_key", "signing_key = { file = \"signalwire\" }\n"),
            ("signalwire.public_url", "public_url = \"https://www.example.com:8443/behind\"\n"),
            ("telnyx.public_key", "public_key = { file = \"telnyx\" }\n"),
            ("plivo.auth_token", "auth_token = { file = \"plivo\" }\n"),
            ("plivo.public_url", "public_url = \"http://www.example.com\"\n"),
            ("vonage.signature_secret", "signature_secret = { file = \"vonage\" }\n"),
            ("bandwidth.username", "username = \"dni\"\n"),
            ("bandwidth.password", "password = { file = \"bandwidth\" }\n"),
            ("pbx.secret", "secret = { file = \"pbx\" }\n"),
        ] {
            let said = with(written, "");
            assert!(said.ends_with(&format!(" error carrier.{key}: is missing")), "{key}: {said}");
            assert!(said.lines().count() == 1, "{key}: {said}");
        }
        for (from, to, wanted) in [
            (
                "{ file = \"twilio\" }",
                "{ env = \"DNI_EDGE_TEST_UNSET\" }",
                "warning carrier.twilio.auth_token: the environment",
            ),
            (
                "{ file = \"key\" }",
                "{ env = \"DNI_EDGE_TEST_UNSET\" }",
                "warning carrier.telnyx.api_key: the environment",
            ),
            ("{ file = \"pbx\" }", "\"in clear\"", "error carrier.pbx.secret: invalid type"),
            ("{ file = \"pbx\" }", "{}", "error carrier.pbx.secret: names no one place"),
            (
                "https://www.example.com/",
                "www.example.com",
                "error carrier.twilio.public_url: is no http:// or https://",
            ),
            (
                "https://www.example.com/",
                "https://www.example.com/?a=b",
                "error carrier.twilio.public_url: has a query",
            ),
            (
                "https://www.example.com/",
                "https://me:you@example.com",
                "error carrier.twilio.public_url: holds a password",
            ),
            ("username = \"dni\"", "username = \"d:i\"", "error carrier.bandwidth.username: has a colon"),
            ("username = \"dni\"", "username = \" \"", "error carrier.bandwidth.username: is missing"),
            ("[carrier.pbx]", "[carrier.pbxs]", "error carrier.pbxs: there is no such key"),
            ("files = ", "file = ", "error carrier.pbx.file: there is no such key"),
        ] {
            let said = with(from, to);
            assert!(
                said.contains(wanted) && said.lines().count() == 1,
                "{to}: wanted {wanted:?}, got\n{said}"
            );
        }
    }
}
