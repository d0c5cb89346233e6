#!/usr/bin/env python3
"""A PostgreSQL of its own, in a temporary folder, for whoever started this.

Says `ready URL` once it answers, then obeys what it reads, a word a line, and says `done` to each: `stop`, `start`, `restart`
(as after a crash), `kill` (kill -9), `pause`, `resume`, `database NAME`, which makes one, and
`bouncer MODE`, which has a PgBouncer of that pool_mode before it that keeps no prepared statements, and says `done URL`. It ends, and everything with it, when nobody is left who
could write to it. With `--tls` it takes connections over TLS alone, and says `ca FILE` before.
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


def programs():
    """The newest of Debian's."""
    found = glob.glob("/usr/lib/postgresql/*/bin")
    return max(found, key=lambda folder: int(folder.split("/")[-2]))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_alive(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


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
        self.bouncers = []
        self.folder = tempfile.mkdtemp(prefix="dni-edge-postgres-")
        self.data = os.path.join(self.folder, "data")
        # PostgreSQL refuses to run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "--pgdata", self.data, "--auth", "trust", "--username", "postgres", "--encoding", "UTF8",
                 "--no-locale", "--no-sync")
        self.settings = dict(self.SETTINGS, unix_socket_directories=self.folder)
        if tls:
            self.make_certificates()
        for _ in range(5):
            self.port = free_port()
            if self.start():
                return
        with open(os.path.join(self.folder, "log")) as log:
            sys.exit(f"PostgreSQL doesn't start: {log.read()}")

    def run(self, program, *arguments):
        command = [*self.user, os.path.join(programs(), program), *arguments]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder, check=True)

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
        options = " ".join(f"-c {key}={value}" for key, value in self.settings.items())
        try:
            self.run("pg_ctl", "start", "--wait", "--pgdata", self.data, "--log", os.path.join(self.folder, "log"),
                     "--options", f"-p {self.port} {options}")
        except subprocess.CalledProcessError:
            return False
        return True

    def processes(self):
        """Of the server, its own first."""
        try:
            with open(os.path.join(self.data, "postmaster.pid")) as file:
                postmaster = int(file.readline())
        except (FileNotFoundError, ValueError):
            return []
        try:
            with open(f"/proc/{postmaster}/task/{postmaster}/children") as children:
                return [postmaster, *map(int, children.read().split())]
        except FileNotFoundError:
            return []

    def signal(self, number):
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def stop(self):
        self.signal(signal.SIGCONT)
        if self.processes():
            subprocess.run([*self.user, os.path.join(programs(), "pg_ctl"), "stop", "--mode", "immediate", "--wait", "--pgdata",
                            self.data], capture_output=True, cwd=self.folder)

    def kill(self):
        processes = self.processes()
        self.signal(signal.SIGKILL)
        for process in processes:
            while is_alive(process):
                time.sleep(0.01)

    def restart(self):
        self.stop()
        self.start()

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def database(self, name):
        self.run("createdb", "--host", self.folder, "--port", str(self.port), "--username", "postgres", name)

    def bouncer(self, mode):
        """Debian's may be older than 1.21, which knows no other way, or newer, which keeps them unless told."""
        port = free_port()
        name = os.path.join(self.folder, f"bouncer-{port}.ini")
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        with open(name, "w") as file:
            file.write(f"[databases]\n* = host=127.0.0.1 port={self.port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                       f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n"
                       "ignore_startup_parameters = extra_float_digits\n")
            if tuple(map(int, version.split(".")[:2])) >= (1, 21):
                file.write("max_prepared_statements = 0\n")
        os.chmod(name, 0o644)
        log = open(os.path.join(self.folder, f"bouncer-{port}.log"), "w")
        self.bouncers.append(subprocess.Popen([*self.user, program, name], stdout=log, stderr=log, cwd=self.folder))
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"postgres://postgres@127.0.0.1:{port}"
            if self.bouncers[-1].poll() is not None:
                sys.exit(f"PgBouncer doesn't start: {open(log.name).read()}")
            time.sleep(0.01)

    def end(self):
        for bouncer in self.bouncers:
            bouncer.terminate()
            bouncer.wait()
        self.stop()
        if self.processes():
            self.signal(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def ended(*_):
    sys.exit(0)


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ended)
    server = Server(tls="--tls" in sys.argv[1:])
    try:
        if server.tls:
            print("ca", os.path.join(server.folder, "ca.pem"), flush=True)
        host = "localhost" if server.tls else "127.0.0.1"
        print(f"ready postgres://postgres@{host}:{server.port}", flush=True)
        for line in sys.stdin:
            word, *arguments = line.split()
            told = getattr(server, word)(*arguments)
            print(f"done {told}" if told else "done", flush=True)
    finally:
        server.end()


main()
