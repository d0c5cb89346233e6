//! An authority that issues certificates by itself: Pebble, of Let's Encrypt, which is made for tests. Whatever host it is asked
//! about is here.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use tempfile::TempDir;

use super::authority::Authority;
use super::command::command;
use super::program::Program;
use super::request::Request;
use super::tls::Hello;
use super::tool::is_installed;

/// Where Debian has them.
const PEBBLE: &str = "/usr/bin/pebble";
const NAMES: &str = "/usr/bin/pebble-challtestsrv";

pub struct Pebble {
    authority: Authority,
    folder: TempDir,
    /// For its directory, for those who look after it, and for names of hosts.
    ports: [u16; 3],
    _names: Program,
    program: Option<Program>,
}

impl Pebble {
    /// None where it isn't installed, which has then been said; with `CI` set the test fails. It asks whether a host is here
    /// at this port. It runs once [`Pebble::run`] says so.
    pub fn asking_at(port: u16) -> Option<Self> {
        if ![PEBBLE, NAMES].iter().all(|path| is_installed("this test", Path::new(path))) {
            return None;
        }
        let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
        let pair = authority.issue(folder.path(), "pebble", &["localhost", "127.0.0.1"]);
        authority.write_root(&folder.path().join("root.pem"));
        let [directory, management, names] = [free_port(), free_port(), free_port()];
        let settings = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{directory}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": pair.cert,
            "privateKey": pair.key,
            "httpPort": 1,
            "tlsPort": port,
            "ocspResponderURL": "",
        } });
        std::fs::write(folder.path().join("pebble.json"), settings.to_string()).unwrap();
        let mut server = Command::new(NAMES);
        server.args(["-dns01", &format!("127.0.0.1:{names}"), "-defaultIPv6", ""]);
        server.args(["-http01", "", "-https01", "", "-tlsalpn01", ""]);
        server.args(["-management", &format!("127.0.0.1:{}", free_port())]);
        let server = Program::spawn(server);
        server.says("Starting management server");
        let ports = [directory, management, names];
        Some(Pebble { authority, folder, ports, _names: server, program: None })
    }

    pub fn run(&mut self) {
        let mut pebble = Command::new(PEBBLE);
        pebble.arg("-config").arg(self.folder.path().join("pebble.json"));
        pebble.args(["-dnsserver", &format!("127.0.0.1:{}", self.ports[2])]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
        let program = Program::spawn(pebble);
        program.says("ACME directory available");
        self.program = Some(program);
    }

    pub fn stop(&mut self) {
        self.program = None;
    }

    pub fn directory(&self) -> String {
        format!("https://127.0.0.1:{}/dir", self.ports[0])
    }

    /// Its name among folders.
    pub fn folder_name(&self) -> String {
        format!("127.0.0.1_{}", self.ports[0])
    }

    /// The program, which trusts it.
    pub fn trusting(&self) -> Command {
        let mut command = command();
        command.env("SSL_CERT_FILE", self.folder.path().join("root.pem"));
        command
    }

    /// What those trust who trust the certificates that it issues.
    pub fn roots(&self) -> RootCertStore {
        let address = ([127, 0, 0, 1], self.ports[1]).into();
        let mut client = Hello::to("localhost", self.authority.roots()).client(address);
        let told = client.exchange(&Request::get("/roots/0"));
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&told.body).unwrap()).unwrap();
        roots
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
