//! A website at several addresses: pages come from any of them, and from the others while one is away.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::{
    Answer, Client, Config, Edge, Exchange, GUARD, HOST, Origin, PAGE, Request, Visitor, ask, readiness,
    wait_until_ready,
};

/// Two websites with a page each, and a path at which they say that they are well.
fn two() -> [Origin; 2] {
    [(); 2].map(|()| {
        let origin = Origin::start();
        origin.answers("/", Answer::html(PAGE));
        origin.answers("/well", Answer::of("200 OK", "text/plain", "yes"));
        origin
    })
}

fn url(origin: &Origin) -> String {
    format!("http://{}", origin.address)
}

fn config(origins: &[Origin; 2]) -> Config {
    let config = Config::of(origins[0].address).origins(&[url(&origins[0]), url(&origins[1])]);
    config.site("health = { path = \"/well\", every = \"250ms\" }")
}

/// How often a page was asked for there.
fn asked(origin: &Origin, path: &str) -> usize {
    origin.received().iter().filter(|received| received.head.second_word() == path).count()
}

fn metric(edge: &Edge, name: &str) -> Option<String> {
    let metrics = ask(edge, "GET /metrics HTTP/1.1\nHost: localhost\nConnection: close\n\n").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.map(|value| value.trim().to_owned())
}

#[test]
fn all_are_asked_for_pages() {
    let origins = two();
    let edge = Edge::start(&config(&origins));
    for _ in 0..60 {
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
    assert!(origins.iter().all(|origin| asked(origin, "/") > 0));
    assert_eq!(origins.iter().map(|origin| asked(origin, "/")).sum::<usize>(), 60, "each page once");
}

#[test]
fn whoever_is_busy_is_asked_less() {
    let origins = two();
    let edge = Edge::start(&config(&origins));
    origins.iter().for_each(|origin| origin.script("/slow", Exchange::wait_until_hung_up));
    let begin = |path: &str| {
        let mut client = Client::connect(edge.address());
        client.send(Request::get(path).to_bytes());
        client
    };
    let _waiting = begin("/slow");
    let deadline = std::time::Instant::now() + GUARD;
    let busy = loop {
        assert!(std::time::Instant::now() < deadline);
        if let Some(busy) = origins.iter().position(|origin| asked(origin, "/slow") == 1) {
            break busy;
        }
    };
    for _ in 0..20 {
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
    assert_eq!((asked(&origins[busy], "/"), asked(&origins[1 - busy], "/")), (0, 20));
}

#[test]
fn what_nobody_has_seen_goes_to_another_whatever_it_is() {
    let mut origins = two();
    let edge = Edge::start(&config(&origins));
    origins[0].kill();
    for n in 0..20 {
        let body = format!("order={n}");
        let request = Request::get("/").method("POST").body(body.as_bytes());
        assert_eq!(Client::connect(edge.address()).exchange(&request).status(), "200");
    }
    assert_eq!(asked(&origins[1], "/"), 20, "each once");
    edge.says(&url(&origins[0]));
}

#[test]
fn one_that_says_it_is_not_well_is_left_out_until_it_says_it_is() {
    let origins = two();
    origins[0].answers("/well", Answer::of("503 Service Unavailable", "text/plain", "no"));
    let edge = Edge::start(&config(&origins));
    edge.says(&format!("{} is left out: asked for /well, it answers 503", url(&origins[0])));
    let up = |origin: &Origin| {
        metric(&edge, &format!("dni_origin_up{{origin=\"{}\",site=\"plumber\"}}", url(origin)))
    };
    assert_eq!(origins.each_ref().map(up), [Some("0".to_owned()), Some("1".to_owned())]);
    for _ in 0..20 {
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
    assert_eq!((asked(&origins[0], "/"), asked(&origins[1], "/")), (0, 20));
    origins[0].answers("/well", Answer::of("404 Not Found", "text/plain", "it serves"));
    edge.says(&format!("{} is well again", url(&origins[0])));
    assert_eq!(up(&origins[0]).as_deref(), Some("1"));
    while asked(&origins[0], "/") == 0 {
        assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    }
}

#[test]
fn who_asks_whether_they_are_well_says_so_and_is_no_visit() {
    let origins = two();
    let edge = Edge::start(&config(&origins));
    Visitor::at(&edge).open("/");
    let deadline = std::time::Instant::now() + GUARD;
    while origins.iter().any(|origin| asked(origin, "/well") < 2) {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    let head = origins[0].last("/well").head;
    assert_eq!(head.value("Host"), Some(HOST));
    assert!(head.value("User-Agent").unwrap().contains("health check"), "{head:?}");
    assert_eq!(metric(&edge, "dni_requests_total{site=\"plumber\"}").as_deref(), Some("1"));
    let asked_of = |origin: &Origin| {
        let name = format!("dni_origin_requests_total{{origin=\"{}\",site=\"plumber\"}}", url(origin));
        metric(&edge, &name).unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(origins.iter().map(asked_of).sum::<usize>(), 1);
}

#[test]
fn where_none_is_well_one_is_asked_all_the_same() {
    let origins = two();
    origins.iter().for_each(|origin| {
        origin.answers("/well", Answer::of("500 Internal Server Error", "text/plain", "no"));
    });
    let edge = Edge::start(&config(&origins));
    for _ in 0..2 {
        edge.says("is left out");
    }
    assert_eq!(Visitor::at(&edge).open("/").text(), PAGE);
    let (status, why) = readiness(&edge);
    assert!(status == "503" && why.contains("no origin answers"), "{status} {why}");
    origins[1].answers("/well", Answer::of("200 OK", "text/plain", "yes"));
    wait_until_ready(&edge);
}

#[test]
fn one_that_keeps_silent_is_left_out_after_a_few_times() {
    let origins = two();
    origins[0].script("/slow", Exchange::wait_until_hung_up);
    origins[1].answers("/slow", Answer::html(PAGE));
    let config = config(&origins).timeout("origin", "200ms");
    let edge = Edge::start(&config);
    let mut silent = 0;
    while silent < 3 {
        match Visitor::at(&edge).open("/slow").status() {
            "504" => silent += 1,
            status => assert_eq!(status, "200"),
        }
    }
    edge.says(&format!("{} fails: it doesn't answer in time", url(&origins[0])));
    let name = "dni_origin_failures_total{origin=\"{}\",reason=\"silent\",site=\"plumber\"}";
    assert_eq!(metric(&edge, &name.replace("{}", &url(&origins[0]))).as_deref(), Some("3"));
}

#[test]
fn one_may_be_killed_and_come_back_and_no_page_is_missed() {
    let mut origins = two();
    let edge = Edge::start(&config(&origins));
    let (served, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let many = |more: usize| {
        let (before, deadline) = (served.load(Ordering::Relaxed), std::time::Instant::now() + GUARD);
        while served.load(Ordering::Relaxed) < before + more {
            assert!(std::time::Instant::now() < deadline, "pages go on");
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::connect(edge.address());
                while !stopped.load(Ordering::Relaxed) {
                    let response = client.exchange(&Request::get("/"));
                    assert_eq!((response.status(), response.text().as_str()), ("200", PAGE));
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..3 {
            many(100);
            origins[0].kill();
            let before = asked(&origins[0], "/");
            many(100);
            origins[0].revive();
            let deadline = std::time::Instant::now() + GUARD;
            while asked(&origins[0], "/") < before + 20 {
                assert!(std::time::Instant::now() < deadline, "it is taken back");
                std::thread::yield_now();
            }
        }
        stopped.store(true, Ordering::Relaxed);
    });
}
