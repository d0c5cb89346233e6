#!/usr/bin/env python3
"""Telephones that call through a Kamailio, and those that are called: sipp on both ends.

Reads a line of JSON, and answers with one. The first: `edge`, the address of a dni-edge, `secret`, what Kamailio shows it, and
`fallback`, the number to be called while that is away; Kamailio runs with deploy/kamailio.cfg from then on. Each further one has
`calls`, a list of objects with `caller`, `dialled`, `kind`, `talk` (milliseconds) and `rings` (how many telephones), and is answered
once they have ended: with the `complaints` of Kamailio's log and with what was `seen` of each, in the same order. That is `call` (its
Call-ID), `rung` (who was called, one after the other), in seconds `shortest` and `longest`, between which the whole call took, and
`shortest_talk` and `longest_talk` where somebody answered.

A kind is how the call goes: answered, busy, unanswered, abandoned, hasty (abandoned before anything rings), unknown (dni-edge knows
no such number). A telephone whose number ends in 99 is always busy. Of all kinds together 20 calls a second are placed.

It ends, and everything with it, when nobody is left who could write to it, and when something doesn't go as it should.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# In seconds: longer than anything takes here while much else runs.
PATIENCE = 50
RATE = 20
CONFIG = os.path.join(os.path.dirname(__file__), "../../deploy/kamailio.cfg")

SDP = """
v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 0
"""


def noted(what):
    """Notes when, by the clock that both ends share."""
    return (f'<action><gettimeofday assign_to="seconds,micros"/>'
            f'<log message="[call_id] {what} [$seconds] [$micros]"/></action>')


def note(what):
    return f"<nop>{noted(what)}</nop>"


def message(first, headers, body=""):
    lines = "\n".join([first, *headers, "Content-Length: [len]"])
    return f"<![CDATA[\n{lines}\n{body}\n]]>"


def request(method, uri, branch, cseq, *more):
    """Of the caller. An INVITE, its CANCEL and the ACK of what is no answer have one branch (RFC 3261, 9.1 and 17.1.1.3)."""
    tag = "" if method in ("INVITE", "CANCEL") else "[peer_tag_param]"
    headers = [
        f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[local_port]-[call_number]-{branch}",
        "Max-Forwards: 70",
        'From: "Ann &To=1" <sip:[field0];verstat=TN-Validation-Passed-A@[local_ip]:[local_port]>;tag=[local_port]-[call_number]',
        f"To: <sip:[field1]@[remote_ip]:[remote_port]>{tag}",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        *more,
    ]
    return message(f"{method} {uri} SIP/2.0", headers, SDP if method == "INVITE" else "")


DIALLED = "sip:[field1]@[remote_ip]:[remote_port]"
CONTACT = "Contact: <sip:telephone@[local_ip]:[local_port]>"

INVITE = f"""
<nop><action>
  <assignstr assign_to="text" value="[field3]"/><todouble assign_to="talk" variable="text"/>
  <log message="[call_id] calls [field0]"/>
</action></nop>
{note("began")}
<send retrans="500">{request("INVITE", DIALLED, "invite", 1, CONTACT, "Subject: [field2]",
                              "Content-Type: application/sdp")}</send>
"""


def refused(code):
    return f"""
<recv response="{code}">{noted("ended")}</recv>
<send>{request("ACK", DIALLED, "invite", 1)}</send>
"""


def calling(kind):
    """The caller's end of it."""
    # What must come, so that what follows is in its place; else it may.
    needed = {"unanswered": "180", "abandoned": "180", "hasty": "100"}.get(kind)
    ringing = "".join(f'<recv response="{code}" optional="{str(code != needed).lower()}"/>' for code in ("100", "180")
                      if kind != "hasty" or code == needed)
    if kind == "answered":
        course = f"""
{ringing}
<recv response="200" rrs="true">{noted("answered")}</recv>
<send>{request("ACK", "[next_url]", "ack", 1, "[routes]")}</send>
<pause variable="talk"/>
{note("hangs-up")}
<send retrans="500">{request("BYE", "[next_url]", "bye", 2, "[routes]")}</send>
<recv response="200">{noted("ended")}</recv>
"""
    elif kind == "busy":
        course = ringing + refused(486)
    elif kind == "unanswered":
        course = ringing + refused(408)
    elif kind == "unknown":
        course = ringing + refused(404)
    elif kind in ("abandoned", "hasty"):
        course = f"""
{ringing}
<pause variable="talk"/>
{note("hangs-up")}
<send retrans="500">{request("CANCEL", DIALLED, "invite", 1)}</send>
<recv response="200" optional="{str(kind == "hasty").lower()}"/>
{refused(487)}
"""
    else:
        sys.exit(f"no call goes like this: {kind}")
    return f'<scenario name="{kind}">{INVITE}{course}<Reference variables="talk"/></scenario>'


def response(first, *more):
    """Of who is called, to what came last."""
    headers = ["[last_Via:]", "[last_From:]", "[last_To:];tag=[local_port]-[call_number]", "[last_Call-ID:]", "[last_CSeq:]", *more]
    return message(f"SIP/2.0 {first}", headers, SDP if "Content-Type: application/sdp" in more else "")


# Its CANCEL comes from Kamailio, the INVITE from the caller through Kamailio: what is answered to it goes back all the way.
CANCELLED = message("SIP/2.0 487 Request Terminated",
                    ["Via: [$first]", "Via: [$second]", "[last_From:]", "[last_To:];tag=[local_port]-[call_number]",
                     "[last_Call-ID:]", "CSeq: 1 INVITE"])

CALLED = f"""<scenario name="called">
<recv request="INVITE" rrs="true"><action>
  <gettimeofday assign_to="seconds,micros"/>
  <log message="[call_id] rang [$seconds] [$micros]"/>
  <ereg regexp="INVITE sip:([^@]*)@" search_in="msg" check_it="true" assign_to="whole,to"/>
  <log message="[call_id] rung [$to]"/>
  <ereg regexp="99$" search_in="var" variable="to" assign_to="always_busy"/>
  <ereg regexp="^ *busy" search_in="hdr" header="Subject:" assign_to="busy"/>
  <ereg regexp="^ *answered" search_in="hdr" header="Subject:" assign_to="answers"/>
  <ereg regexp="[^ ].*" search_in="hdr" header="Via:" occurrence="1" check_it="true" assign_to="first"/>
  <ereg regexp="[^ ].*" search_in="hdr" header="Via:" occurrence="2" check_it="true" assign_to="second"/>
</action></recv>
<nop next="busy" test="busy"/>
<nop next="busy" test="always_busy"/>
<send>{response("180 Ringing", "[last_Record-Route:]", CONTACT)}</send>
<nop next="answers" test="answers"/>
<recv request="CANCEL"/>
<send>{response("200 OK")}</send>
<send retrans="500">{CANCELLED}</send>
<recv request="ACK" next="over"/>
<label id="busy"/>
{note("refused")}
<send retrans="500">{response("486 Busy Here")}</send>
<recv request="ACK" next="over"/>
<label id="answers"/>
{note("answers")}
<send retrans="500">{response("200 OK", "[last_Record-Route:]", CONTACT, "Content-Type: application/sdp")}</send>
<recv request="ACK"/>
<recv request="BYE">{noted("left")}</recv>
<send>{response("200 OK")}</send>
<label id="over"/>
<nop/>
<Reference variables="whole"/>
</scenario>"""


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(deadline, holds):
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Telephones:
    def __init__(self, edge, secret, fallback):
        self.folder = tempfile.mkdtemp(prefix="dni-edge-kamailio-")
        self.children = []
        self.proxy, self.gateway = free_port(), free_port()
        try:
            self.start_kamailio(edge, secret, fallback)
        except BaseException:
            self.end()
            raise

    def file(self, name):
        return os.path.join(self.folder, name)

    def spawn(self, name, *command):
        """A child that is told to end when this is killed, and hears of no Ctrl-C. What it says is in a file of that name."""
        with open(self.file(name), "w") as said:
            child = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *command], stdin=subprocess.DEVNULL, stdout=said,
                                     stderr=said, cwd=self.folder, start_new_session=True)
        self.children.append(child)
        return child

    def start_kamailio(self, edge, secret, fallback):
        path = shutil.which("kamailio", path=os.environ["PATH"] + ":/usr/sbin")
        named = {"LISTEN": f"udp:127.0.0.1:{self.proxy}", "EDGE": f'"{edge}"', "SECRET": f'"{secret}"',
                 "GATEWAY": f'"127.0.0.1:{self.gateway}"', "FALLBACK": f'"{fallback}"'}
        named = [part for name, value in named.items() for part in ("-A", f"{name}={value}")]
        kamailio = self.spawn("kamailio", path, "-DD", "-E", "-m", "64", "-f", os.path.abspath(CONFIG), "-Y", self.folder,
                              "-w", self.folder, *named)
        if not until(time.monotonic() + PATIENCE, lambda: self.answers() or kamailio.poll() is not None) or not self.answers():
            sys.exit(f"Kamailio doesn't start: {self.said('kamailio')}")

    def answers(self):
        """Whether Kamailio says that it is there."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.2)
            asker.bind(("127.0.0.1", 0))
            port = asker.getsockname()[1]
            asked = (f"OPTIONS sip:127.0.0.1:{self.proxy} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{port}\r\n"
                     f"From: <sip:test@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: {port}\r\nCSeq: 1 OPTIONS\r\n"
                     "Max-Forwards: 1\r\nContent-Length: 0\r\n\r\n")
            try:
                asker.sendto(asked.encode(), ("127.0.0.1", self.proxy))
                return asker.recv(4096).startswith(b"SIP/2.0 200")
            except OSError:
                return False

    def said(self, name):
        with open(self.file(name), errors="replace") as said:
            return said.read()[-4000:]

    def complaints(self):
        """Kamailio's."""
        with open(self.file("kamailio"), errors="replace") as said:
            return [line.strip() for line in said if "ERROR" in line or "CRITICAL" in line]

    def place(self, calls):
        """All of them; what was seen of each."""
        kinds = {}
        for call in calls:
            kinds.setdefault(call["kind"], []).append(call)
        rung = sum(call["rings"] for call in calls)
        ends = [self.sipp("called", CALLED, rung, self.gateway)] if rung else []
        seconds = max(1, len(calls) / RATE)
        for kind, of_kind in kinds.items():
            with open(self.file(f"{kind}.csv"), "w") as file:
                rows = (f"{call['caller']};{call['dialled']};{kind};{call.get('talk', 0)}\n" for call in of_kind)
                file.writelines(["SEQUENTIAL\n", *rows])
            ends.append(self.sipp(kind, calling(kind), len(of_kind), free_port(), f"127.0.0.1:{self.proxy}", "-inf", f"{kind}.csv",
                                  "-r", str(len(of_kind)), "-rp", str(round(1000 * seconds))))
        until(time.monotonic() + PATIENCE,
              lambda: all(end.poll() == 0 for _, end in ends) or any(end.poll() for _, end in ends))
        for name, end in ends:
            # Of several that have not come to their end, that is told which failed.
            if end.poll() or (end.poll() is None and not any(other.poll() for _, other in ends)):
                errors = self.said(f"{name}.errors") if os.path.exists(self.file(f"{name}.errors")) else ""
                sys.exit(f"sipp {name}: {end.poll()}: {self.said(name)} {errors} {self.said('kamailio')}")
        self.children = [child for child in self.children if child.poll() is None]
        return self.seen(calls, [name for name, _ in ends])

    def sipp(self, name, scenario, count, port, *more):
        with open(self.file(f"{name}.xml"), "w") as file:
            file.write(f'<?xml version="1.0" encoding="UTF-8" ?>\n{scenario}')
        command = ["sipp", "-sf", f"{name}.xml", "-i", "127.0.0.1", "-p", str(port), "-m", str(count), "-nostdin", "-trace_logs",
                   "-log_file", f"{name}.log", "-trace_err", "-error_file", f"{name}.errors", "-deadcall_wait", "0", *more]
        return name, self.spawn(name, *command)

    def seen(self, calls, names):
        noted = {}
        for name in names:
            with open(self.file(f"{name}.log")) as log:
                for line in log:
                    call, what, *said = line.split()
                    seen = noted.setdefault(call, {"rung": []})
                    if what == "calls":
                        noted[said[0]] = seen
                        seen["call"] = call
                    elif what == "rung":
                        seen["rung"].append(said[0])
                    else:
                        # Whoever is called twice is called first.
                        seen.setdefault(what, float(said[0]) + float(said[1]) / 1e6)
        return [bounds(noted[call["caller"]]) for call in calls]

    def end(self):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder)


def bounds(seen):
    """Kamailio stands between the two ends: what one sends it sees later, and what the other has received it has seen before."""
    told = {"call": seen["call"], "rung": seen["rung"], "longest": seen["ended"] - seen["began"], "shortest": 0}
    over = seen.get("hangs-up", seen.get("refused"))
    if over and "rang" in seen:
        told["shortest"] = over - seen["rang"]
    if "answered" in seen:
        told["shortest_talk"] = seen["hangs-up"] - seen["answered"]
        told["longest_talk"] = seen["left"] - seen["answers"]
    return told


def ended(*_):
    sys.exit("told to end")


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ended)
    telephones = Telephones(**json.loads(sys.stdin.readline()))
    try:
        print(json.dumps({}), flush=True)
        for line in sys.stdin:
            seen = telephones.place(json.loads(line)["calls"])
            print(json.dumps({"seen": seen, "complaints": telephones.complaints()}), flush=True)
    finally:
        telephones.end()


main()
