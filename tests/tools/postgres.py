#!/usr/bin/env python3
"""A PostgreSQL of its own, in a temporary folder, for whoever started this.

Says `ready URL` once it answers, then obeys what it reads, a word a line, and says `done` to each: `stop` and `restart` (both at
once, as in a crash), `start`, `kill` (kill -9), `pause`, `resume`, `database NAME`, which makes one, and `bouncer MODE`, which
has a PgBouncer of that pool_mode before it that keeps no prepared statements, and says `done URL`. With `--tls` it takes
connections over TLS alone, and says `ca FILE` before. It ends, and everything with it, when nobody is left who could write to it,
when it is told to by a signal, and when it can't do as it is told. Killed itself, it leaves the folder, but no server that runs.
"""

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# In seconds: longer than anything takes here while much else runs, and shorter than whoever started this waits.
PATIENCE = 100


def programs():
    """The newest of Debian's."""
    found = glob.glob("/usr/lib/postgresql/*/bin")
    return max(found, key=lambda folder: int(folder.split("/")[-2]))


def reserved_port():
    """A port that nobody is given until this ends. Who listens with SO_REUSEADDR, as PostgreSQL and PgBouncer do, still can, and can
    again after a stop."""
    reservation = socket.socket()
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reservation.bind(("127.0.0.1", 0))
    return reservation


def port_of(reservation):
    return reservation.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def state(process):
    """As ps tells it; none of what is gone."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def wait_for(what, holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"{what} takes too long")
        time.sleep(0.01)


class Server:
    SETTINGS = {
        "listen_addresses": "127.0.0.1",
        "max_connections": "200",
        "shared_buffers": "32MB",
        "max_wal_size": "256MB",
        "autovacuum": "off",
        "log_checkpoints": "off",
    }

    def __init__(self, tls):
        self.tls = tls
        self.process = None
        self.bouncers = []
        # PostgreSQL refuses to run as root.
        is_root = os.geteuid() == 0
        self.user = ["--reuid", "postgres", "--regid", "postgres", "--init-groups"] if is_root else []
        self.folder = tempfile.mkdtemp(prefix="dni-edge-postgres-")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        self.port = reserved_port()
        self.settings = dict(self.SETTINGS, port=port_of(self.port), unix_socket_directories=self.folder)

    def make(self):
        if self.user:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "--pgdata", self.data, "--auth", "trust", "--username", "postgres", "--encoding", "UTF8",
                 "--no-locale", "--no-sync")
        if self.tls:
            self.make_certificates()
        self.start()

    def run(self, program, *arguments):
        command = ["setpriv", *self.user, "--", os.path.join(programs(), program), *arguments]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=self.folder, check=True, timeout=PATIENCE)

    def spawn(self, last, *command):
        """A child that is sent this last signal when this is killed, and hears of no Ctrl-C."""
        with open(self.log, "a") as log:
            return subprocess.Popen(["setpriv", *self.user, "--pdeathsig", last, "--", *command], stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, cwd=self.folder, start_new_session=True)

    def make_certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=ca",
                "-keyout", "ca.key", "-out", "ca.pem")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout",
                "server.key", "-out", "server.csr")
        with open(os.path.join(self.folder, "names"), "w") as names:
            names.write("subjectAltName = DNS:localhost\nbasicConstraints = critical, CA:false\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", "server.pem")
        if self.user:
            shutil.chown(os.path.join(self.folder, "server.key"), "postgres")
        os.chmod(os.path.join(self.folder, "server.key"), 0o600)
        # Others read the authority's.
        os.chmod(self.folder, 0o755)
        self.settings.update(ssl="on", ssl_cert_file=os.path.join(self.folder, "server.pem"),
                             ssl_key_file=os.path.join(self.folder, "server.key"))
        hba = os.path.join(self.data, "pg_hba.conf")
        with open(hba, "w") as rules:
            rules.write("hostssl all all 127.0.0.1/32 trust\nlocal all all trust\n")

    def start(self):
        if self.is_running():
            return
        settings = [f"--{key}={value}" for key, value in self.settings.items()]
        self.process = self.spawn("QUIT", os.path.join(programs(), "postgres"), "-D", self.data, *settings)
        wait_for("PostgreSQL's start", lambda: self.is_ready() or not self.is_running())
        if not self.is_running():
            with open(self.log) as log:
                sys.exit(f"PostgreSQL doesn't start: {log.read()}")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def lock_file(self):
        """What the server that runs says of itself, line by line."""
        try:
            with open(os.path.join(self.data, "postmaster.pid")) as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        return lines if lines and lines[0] == str(self.process.pid) else []

    def is_ready(self):
        lines = self.lock_file()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return [int(child) for child in children.read().split()]

    def stop(self):
        self.resume()
        if self.is_running():
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        if not self.is_running():
            return
        self.halt()
        children, lines = self.children(), self.lock_file()
        for process in [*children, self.process.pid]:
            os.kill(process, signal.SIGKILL)
        self.process.wait()
        wait_for("PostgreSQL's end", lambda: all(state(child) in (None, "Z") for child in children))
        if len(lines) > 6:
            # The kernel keeps it until somebody asks for it.
            subprocess.run(["ipcrm", "--shmem-id", lines[6].split()[1]], check=True, timeout=PATIENCE)

    def restart(self):
        self.stop()
        self.start()

    def halt(self):
        """Who stands still has no further children."""
        self.process.send_signal(signal.SIGSTOP)
        wait_for("PostgreSQL's halt", lambda: state(self.process.pid) == "T")

    def pause(self):
        self.halt()
        self.signal_children(signal.SIGSTOP)

    def resume(self):
        if self.is_running():
            self.halt()
            self.signal_children(signal.SIGCONT)
            self.process.send_signal(signal.SIGCONT)

    def signal_children(self, number):
        """Those that have ended are there until the server, which stands still, takes note."""
        for child in self.children():
            os.kill(child, number)

    def database(self, name):
        self.run("createdb", "--host", self.folder, "--port", str(port_of(self.port)), "--username", "postgres", name)

    def bouncer(self, mode):
        """Debian's may be older than 1.21, which knows no other way, or newer, which keeps them unless told."""
        port = reserved_port()
        number = port_of(port)
        name = os.path.join(self.folder, f"bouncer-{number}.ini")
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        with open(name, "w") as file:
            file.write(f"[databases]\n* = host=127.0.0.1 port={port_of(self.port)} user=postgres\n[pgbouncer]\n"
                       f"listen_addr = 127.0.0.1\nlisten_port = {number}\nunix_socket_dir =\nauth_type = any\n"
                       f"pool_mode = {mode}\nignore_startup_parameters = extra_float_digits\n")
            if tuple(map(int, version.split(".")[:2])) >= (1, 21):
                file.write("max_prepared_statements = 0\n")
        os.chmod(name, 0o644)
        bouncer = self.spawn("KILL", program, name)
        self.bouncers.append((bouncer, port))
        wait_for("PgBouncer's start", lambda: answers(number) or bouncer.poll() is not None)
        if bouncer.poll() is not None:
            with open(self.log) as log:
                sys.exit(f"PgBouncer doesn't start: {log.read()}")
        return f"postgres://postgres@127.0.0.1:{number}"

    def end(self):
        try:
            for bouncer, _ in self.bouncers:
                # Told to end, it may wait for its clients.
                bouncer.kill()
                bouncer.wait()
            self.stop()
        finally:
            shutil.rmtree(self.folder)


def ended(*_):
    """As though nobody were left who could write. What was begun is finished first, so that what it made is known."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ended)
    server = Server(tls="--tls" in sys.argv[1:])
    try:
        server.make()
        if server.tls:
            print("ca", os.path.join(server.folder, "ca.pem"), flush=True)
        host = "localhost" if server.tls else "127.0.0.1"
        print(f"ready postgres://postgres@{host}:{port_of(server.port)}", flush=True)
        for line in sys.stdin:
            word, *arguments = line.split()
            told = getattr(server, word)(*arguments)
            print(f"done {told}" if told else "done", flush=True)
    finally:
        server.end()


main()
