//! Clients that mean no good: they are refused or cut off, memory stays, and others are served.

use crate::common::chance::Chance;
use crate::common::packed::{gzip, zstd};
use crate::http::{connect, exchange, post, read_answer, request};
use crate::requests::{JSON, PROTOBUF, failing, to_protobuf};
use crate::server::Server;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub(crate) fn is_served(server: &Server) {
    let answer = post(&server.http, "/v1/traces", &[JSON], &failing(1, 1));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Whether the other side ends the connection within this time.
pub(crate) fn is_cut_off(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    let (began, mut bytes) = (Instant::now(), [0; 4096]);
    while began.elapsed() < within {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return true,
        }
    }
    false
}

#[test]
fn bombs_and_rubbish_are_refused_and_memory_stays() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    is_served(&server);
    let zeros = vec![0; 256 << 20];
    let bombs = [("gzip", gzip(&zeros)), ("zstd", zstd(&zeros))];
    let mut first = 0;
    for round in 0..28 {
        for (coding, bomb) in &bombs {
            let answer = post(&server.http, "/v1/traces", &[PROTOBUF, ("content-encoding", coding)], bomb);
            assert_eq!(answer.status, 413, "{coding}");
        }
        // Each thread keeps the memory of its last request, and beside other tests some of them come late to their first.
        if round == 11 {
            first = server.memory().1;
        }
    }
    let mut chance = Chance::new(7);
    let whole = to_protobuf(&failing(1, 20));
    for _ in 0..300 {
        let mut damaged = whole.clone();
        for _ in 0..chance.between(1, 5) {
            let place = chance.below(damaged.len());
            damaged[place] = chance.below(256) as u8;
        }
        let answer = post(&server.http, "/v1/traces", &[PROTOBUF], &damaged);
        assert!(matches!(answer.status, 200 | 400), "{}", answer.text());
        let rubbish: Vec<u8> = (0..chance.below(500)).map(|_| chance.below(256) as u8).collect();
        let answer = post(&server.http, "/v1/logs", &[JSON], &rubbish);
        assert_eq!(answer.status, 400);
    }
    let (_, most) = server.memory();
    assert!(most < first + (32 << 10), "{most} KiB, {first} after the first rounds");
    is_served(&server);
    assert!(server.stop().success());
}

#[test]
fn heads_that_are_too_long_and_rubbish_at_both_doors_end_the_connection() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    let long = "x".repeat(100 << 10);
    let answer = exchange(&mut connect(&server.http), &request("GET", "/healthz", &[("x-long", &long)], b""));
    assert!(answer.is_none_or(|answer| answer.status == 431));
    let many: Vec<(String, String)> = (0..2000).map(|number| (format!("x-{number}"), "1".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = exchange(&mut connect(&server.http), &request("GET", "/healthz", &many, b""));
    assert!(answer.is_none_or(|answer| answer.status == 431));
    let mut chance = Chance::new(3);
    for _ in 0..50 {
        let rubbish: Vec<u8> = (0..200).map(|_| chance.below(256) as u8).collect();
        let frames = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &rubbish[..]].concat();
        for (address, bytes) in [(&server.http, &rubbish), (&server.grpc, &rubbish), (&server.grpc, &frames)] {
            let mut stream = connect(address);
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            assert!(is_cut_off(&mut stream, Duration::from_secs(20)));
        }
    }
    is_served(&server);
    assert!(server.stop().success());
}

#[test]
fn clients_that_are_slow_on_purpose_are_cut_off_and_do_not_keep_others_out() {
    let store = tempfile::tempdir().expect("a folder");
    let arguments = ["--header-timeout", "1s", "--body-timeout", "1s", "--connections", "60"];
    let server = Server::start(store.path(), &arguments);
    let starts: [&[u8]; 3] = [
        b"POST /v1/traces HTTP/1.1\r\nhost: t",
        b"",
        b"POST /v1/traces HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{",
    ];
    let mut slow: Vec<TcpStream> = Vec::new();
    for start in starts.iter().cycle().take(30) {
        let mut stream = connect(&server.http);
        stream.write_all(start).expect("sent");
        slow.push(stream);
    }
    for start in [&b"PRI * HTTP/2.0\r\n\r\nSM"[..], b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"] {
        let mut stream = connect(&server.grpc);
        stream.write_all(start).expect("sent");
        slow.push(stream);
    }
    is_served(&server);
    for stream in &mut slow {
        assert!(is_cut_off(stream, Duration::from_secs(20)));
    }
    // The one that was told so was answered before.
    let mut stream = connect(&server.http);
    stream.write_all(starts[2]).expect("sent");
    assert_eq!(read_answer(&mut stream).map(|answer| answer.status), Some(408));
    is_served(&server);
    assert!(server.stop().success());
}
