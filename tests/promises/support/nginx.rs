//! A real nginx before the proxy, as a CDN that keeps pages: `deploy/nginx-cache.conf`, at other addresses.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::edge::Edge;
use super::program::Program;
use super::tool::is_installed;

/// Where Debian has it.
const NGINX: &str = "/usr/sbin/nginx";

/// What the example says of its place, and where it keeps pages.
const LISTENS: &str = "listen 80;";
const ASKS: &str = "127.0.0.1:8080";
const KEEPS: &str = "/var/cache/nginx/dni-edge";

/// An nginx that tells of each request whether its cache answered it.
pub struct Nginx {
    program: Program,
    address: SocketAddr,
    folder: TempDir,
}

impl Nginx {
    /// One before this proxy. None where there is no nginx, which has then been said; with `CI` set the test fails.
    pub fn before(edge: &Edge) -> Option<Self> {
        if !is_installed("this test", Path::new(NGINX)) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago, and not soon given to anybody else.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), address, edge.address())).unwrap();
        let mut command = Command::new(NGINX);
        command.arg("-e").arg("stderr").arg("-p").arg(folder.path()).arg("-c").arg(&file);
        let program = Program::spawn(command);
        // Its sockets are open by then.
        program.says("event method");
        Some(Nginx { program, address, folder })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has told of such a request: `GET / HIT`.
    pub fn answered(&self, request: &str) {
        self.program.says(&format!("answered {request}."));
    }

    /// The bytes of everything that it keeps.
    pub fn kept(&self) -> Vec<Vec<u8>> {
        files_in(&self.folder.path().join("pages")).iter().map(|file| std::fs::read(file).unwrap()).collect()
    }
}

fn configuration(folder: &Path, address: SocketAddr, edge: SocketAddr) -> String {
    let mut example =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/nginx-cache.conf")).to_owned();
    let keeps = folder.join("pages");
    for (written, here) in [
        (LISTENS, format!("listen {address};")),
        (ASKS, edge.to_string()),
        (KEEPS, keeps.to_str().unwrap().to_owned()),
    ] {
        assert!(example.contains(written), "{written}");
        example = example.replace(written, &here);
    }
    let folder = folder.to_str().unwrap();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\nerror_log stderr notice;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{temporary}\
         log_format told 'answered $request_method $uri $upstream_cache_status.';\n\
         access_log /dev/stdout told;\n{example}\n}}\n"
    )
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let within = |path: PathBuf| if path.is_dir() { files_in(&path) } else { vec![path] };
    entries.flat_map(|entry| within(entry.unwrap().path())).collect()
}
