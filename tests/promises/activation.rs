//! Sockets that somebody else holds: the process may end and begin again, and nobody is refused meanwhile (sd_listen_fds(3)).

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Answer, Client, Config, GUARD, Origin, PAGE, Program, Request, command};

/// A `serve` that inherits this socket by this name.
fn serve(config: &Path, socket: &TcpListener, name: &str) -> Program {
    let program = command();
    let mut shell = Command::new("sh");
    let inherit = "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\" 3<&0 </dev/null";
    shell.args(["-c", inherit, "sh"]).arg(program.get_program());
    shell.args(["serve", "--config"]).arg(config).env("LISTEN_FDNAMES", name).env_remove("RUST_LOG");
    shell.stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
    Program::spawn(shell)
}

struct Held {
    origin: Origin,
    socket: TcpListener,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

/// A socket that this test holds, and a configuration that listens on `listen`: by default on its address.
fn held(listen: Option<&str>) -> Held {
    let origin = Origin::start();
    origin.answers("/", Answer::html(PAGE));
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = Config::of(origin.address).server("drain = \"1h\"").to_toml();
    let listen = listen.map_or(address.to_string(), str::to_owned);
    let config = config.replacen("127.0.0.1:0", &listen, 1);
    std::fs::write(folder.path().join("dni-edge.toml"), config).unwrap();
    Held { origin, socket, address, folder }
}

impl Held {
    fn serve(&self, name: &str) -> Program {
        serve(&self.folder.path().join("dni-edge.toml"), &self.socket, name)
    }
}

#[test]
fn a_socket_is_taken_by_its_address_or_by_its_name() {
    for (name, listen) in [("dni-edge.socket", None), ("", None), ("http", Some("127.0.0.1:0"))] {
        let held = held(listen);
        let program = held.serve(name);
        program.says(&format!("listening on http://{}", held.address));
        assert_eq!(Client::connect(held.address).exchange(&Request::get("/")).text(), PAGE);
    }
}

#[test]
fn a_socket_that_is_of_no_use_is_named() {
    let held = held(Some("127.0.0.1:0"));
    let program = held.serve("dni-edge.socket");
    let line = program.says("is of no use");
    assert!(line.contains(&held.address.to_string()) && line.contains("FileDescriptorName"), "{line}");
    program.says("listening on");
}

#[test]
fn a_restart_refuses_nobody_and_who_comes_while_nothing_runs_is_answered_by_the_next() {
    let held = held(None);
    let mut program = held.serve("http");
    program.says("listening on");
    let steps = held.origin.steps("/slow");
    let mut slow = Client::connect(held.address);
    slow.send(Request::get("/slow").to_bytes());
    steps.arrived();
    program.terminate();
    program.says("told to end");
    // It takes no more: whoever comes waits for the next.
    let mut waiting: Vec<_> = (0..20).map(|_| Client::connect(held.address)).collect();
    steps.send(Answer::html(PAGE).to_bytes(false));
    assert_eq!(slow.response("GET").text(), PAGE);
    drop(steps);
    assert!(program.ended().success());
    waiting.extend((0..20).map(|_| Client::connect(held.address)));
    for client in &mut waiting {
        client.send(Request::get("/").to_bytes());
    }
    let program = held.serve("http");
    program.says("listening on");
    for client in &mut waiting {
        assert_eq!(client.response("GET").text(), PAGE);
    }
}

#[test]
fn visitors_who_come_all_the_time_notice_nothing_of_restarts() {
    let held = held(None);
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let address = held.address;
    let visitors = std::thread::spawn(move || {
        let mut served = 0;
        while stopped.try_recv().is_err() {
            // A connection of its own for each: none is refused, none is dropped.
            assert_eq!(Client::connect(address).exchange(&Request::get("/")).text(), PAGE);
            served += 1;
        }
        served
    });
    for _ in 0..3 {
        let mut program = held.serve("http");
        program.says("listening on");
        assert_eq!(Client::connect(address).exchange(&Request::get("/")).text(), PAGE);
        program.terminate();
        assert!(program.ended().success());
    }
    let last = held.serve("http");
    last.says("listening on");
    stop.send(()).unwrap();
    assert!(visitors.join().unwrap() > 0);
}

#[test]
fn the_service_manager_is_told_when_it_is_ready_reloads_and_stops() {
    let origin = Origin::start();
    let folder = tempfile::tempdir().unwrap();
    let (config, socket) = (folder.path().join("dni-edge.toml"), folder.path().join("notify"));
    std::fs::write(&config, Config::of(origin.address).to_toml()).unwrap();
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(GUARD)).unwrap();
    let told = || {
        let mut message = [0; 200];
        let len = manager.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..len]).into_owned()
    };
    let mut program = command();
    program.args(["serve", "--config"]).arg(&config).env("NOTIFY_SOCKET", &socket);
    let mut program = Program::spawn(program);
    assert_eq!(told(), "READY=1");
    program.hang_up();
    assert!(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    assert_eq!(told(), "READY=1");
    program.terminate();
    assert_eq!(told(), "STOPPING=1");
    assert!(program.ended().success());
}
