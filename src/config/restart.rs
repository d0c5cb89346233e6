//! What takes a restart to change: the process was made with it.

use super::{Log, Recordings, Server};

impl Server {
    /// These settings in a process that runs with others: what can't change while it runs is as it was. The keys of what would
    /// have changed.
    pub fn in_place_of(&self, running: &Server) -> (Server, Vec<&'static str>) {
        let changes = [
            ("server.listen", self.listen != running.listen),
            ("server.listen_tls", self.listen_tls != running.listen_tls),
            ("server.admin", (self.admin, self.is_admin_named) != (running.admin, running.is_admin_named)),
            ("server.admin_token", self.admin_token != running.admin_token),
            ("server.threads", self.threads != running.threads),
            ("server.ledger", self.ledger != running.ledger),
            ("server.secret", self.secret != running.secret),
            ("recordings.dir", self.recordings.dir != running.recordings.dir),
            ("ledger.spool", self.spool != running.spool),
            ("log.level", self.log.level != running.log.level),
        ];
        let recordings = Recordings { dir: running.recordings.dir.clone(), ..self.recordings.clone() };
        let server = Server {
            recordings,
            listen: running.listen.clone(),
            listen_tls: running.listen_tls.clone(),
            admin: running.admin,
            is_admin_named: running.is_admin_named,
            admin_token: running.admin_token.clone(),
            threads: running.threads,
            ledger: running.ledger.clone(),
            secret: running.secret.clone(),
            spool: running.spool,
            log: Log { level: running.log.level.clone(), ..self.log.clone() },
            ..self.clone()
        };
        (server, changes.into_iter().filter(|(_, changes)| *changes).map(|(key, _)| key).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    const SITE: &str = "[[site]]\nname = \"plumber\"\nhosts = [\"www.example.com\"]\norigin = \"http://127.0.0.1:8000\"\n\
        [[site.line]]\nname = \"main\"\ncanonical = \"+1 212 555 0100\"\n";

    fn config(server: &str) -> Config {
        Config::parse(&format!("{server}\n{SITE}"), Path::new("test.toml")).config.unwrap()
    }

    #[test]
    fn what_the_process_was_made_with_stays_and_the_rest_is_as_it_says_now() {
        let running = config("[server]\nlisten = [\"127.0.0.1:1\"]\nthreads = 2\ndrain = \"1s\"");
        let now = config(
            "[server]\nlisten = [\"127.0.0.1:2\"]\nthreads = 3\nledger = \"sqlite:other.db\"\ndrain = \"2s\"\n[log]\nlevel = \"warn\"",
        );
        let (server, kept) = now.server.in_place_of(&running.server);
        assert_eq!(kept, ["server.listen", "server.threads", "server.ledger", "log.level"]);
        assert_eq!((&server.listen, server.threads), (&running.server.listen, 2));
        assert_eq!((server.ledger, server.drain), (running.server.ledger.clone(), now.server.drain));
        assert!(running.server.in_place_of(&running.server).1.is_empty());
    }
}
