//! A body of any length takes the same little memory, whoever is slow.

use std::time::Duration;

use crate::support::{Client, Edge, HOST, Origin, plumber};

/// So much more than before may be held while a body passes, in bytes.
const MOST: usize = 4 << 20;

const MEGABYTE: usize = 1 << 20;

/// A website that sends as many megabytes as it is asked for, and takes any body.
fn website(origin: &Origin) {
    origin.script("/down", |exchange| {
        let target = exchange.request.head.second_word();
        let megabytes: usize =
            target.split('?').nth(1).and_then(|count| count.parse().ok()).expect("a count");
        let head = format!("Content-Type: video/mp4\r\nContent-Length: {}\r\n\r\n", megabytes * MEGABYTE);
        exchange.send(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes());
        let megabyte = vec![0; MEGABYTE];
        (0..megabytes).for_each(|_| exchange.send(&megabyte));
    });
    origin.script("/up", |exchange| {
        let (mut came, mut has_rested) = (0, false);
        while let Some(part) = exchange.next_of_body() {
            came += part.len();
            rest_once(came, &mut has_rested);
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
        let came = came.to_string();
        exchange.send(format!("{head}Content-Length: {}\r\n\r\n{came}", came.len()).as_bytes());
    });
}

/// Whoever reads rests for a while, so that whoever writes is held up. How long matters to nothing that is asserted.
fn rest_once(come: usize, has_rested: &mut bool) {
    if come > 8 * MEGABYTE && !*has_rested {
        *has_rested = true;
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn download(edge: &Edge, megabytes: usize) {
    let mut client = Client::connect(edge.address());
    client.send(format!("GET /down?{megabytes} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"));
    assert_eq!(client.head("GET").second_word(), "200");
    let (mut come, mut has_rested) = (0, false);
    while let Some(part) = client.next().expect("it goes on") {
        come += part.len();
        rest_once(come, &mut has_rested);
    }
    assert_eq!(come, megabytes * MEGABYTE);
}

fn upload(edge: &Edge, megabytes: usize) {
    let mut client = Client::connect(edge.address());
    let length = megabytes * MEGABYTE;
    client.send(format!("POST /up HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\n"));
    let megabyte = vec![0; MEGABYTE];
    (0..megabytes).for_each(|_| client.send(&megabyte));
    assert_eq!(client.response("POST").text(), length.to_string());
}

#[test]
fn a_gigabyte_takes_no_more_memory_than_a_few_megabytes_in_either_direction() {
    let (origin, edge) = plumber(|config| config);
    website(&origin);
    for pass in [download, upload] {
        pass(&edge, 64);
        let before = edge.memory();
        edge.forget_peak_memory();
        pass(&edge, 1024);
        let more = edge.peak_memory().saturating_sub(before);
        assert!(more <= MOST, "{more} bytes more than the {before} before");
    }
}
