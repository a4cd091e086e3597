//! HTTP/2 spoken by clients that mean no good, frame by frame: they are cut off, memory stays, and others are served.

use crate::clients::call_grpc;
use crate::hostile::{is_cut_off, is_served};
use crate::http::connect;
use crate::requests::{failing, to_protobuf};
use crate::server::Server;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// By how much memory may grow, in KiB.
const SOME: u64 = 16 << 10;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A number in HPACK, after a prefix of seven bits.
fn number(mut number: usize) -> Vec<u8> {
    if number < 127 {
        return vec![number as u8];
    }
    let mut bytes = vec![127];
    number -= 127;
    while number >= 128 {
        bytes.push((number % 128) as u8 | 128);
        number /= 128;
    }
    bytes.push(number as u8);
    bytes
}

/// A field in HPACK as it is: not for the table, or for it.
fn field(first: u8, name: &str, value: &str) -> Vec<u8> {
    [&[first][..], &number(name.len()), name.as_bytes(), &number(value.len()), value.as_bytes()].concat()
}

/// The head of a call of an export service.
fn head() -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        (":authority", "test"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    fields.into_iter().flat_map(|(name, value)| field(0, name, value)).collect()
}

/// A connection on which everything so far was as it should be.
fn begun(server: &Server) -> TcpStream {
    let mut stream = connect(&server.grpc);
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, b"")].concat()).expect("sent");
    stream
}

/// Sends on, until everything is sent or the other side has ended the connection; reads nothing.
fn send_on(stream: &mut TcpStream, frames: impl Iterator<Item = Vec<u8>>) {
    stream.set_write_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    for frame in frames {
        if stream.write_all(&frame).is_err() {
            return;
        }
    }
}

fn unharmed(server: Server, before: u64) {
    let (_, most) = server.memory();
    assert!(most < before + SOME, "{most} KiB, {before} before");
    let payload = to_protobuf(&failing(1, 1));
    assert_eq!(call_grpc(&server, &[("trace", &payload, false)], None)[0].code, "OK");
    is_served(&server);
    assert!(server.stop().success());
}

#[test]
fn heads_without_an_end_and_heads_that_unfold_are_refused() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    is_served(&server);
    let before = server.memory().1;
    // More and more of a head that never ends.
    let mut stream = begun(&server);
    let more = field(0, "x", &"y".repeat(16_000));
    let start = std::iter::once(frame(HEADERS, 0, 1, &head()));
    send_on(&mut stream, start.chain((0..2_000).map(|_| frame(CONTINUATION, 0, 1, &more))));
    assert!(is_cut_off(&mut stream, Duration::from_secs(20)));
    // A long field that is put into the table once, and then stands for itself in one byte: 60 MB in 16 kB.
    let mut stream = begun(&server);
    let bomb = [head(), field(0x40, "x", &"y".repeat(3_900)), vec![0x80 | 62; 12_000]].concat();
    for number in 0..20 {
        let frames = bomb.chunks(16_000).enumerate().map(|(place, piece)| {
            let flags = if (place + 1) * 16_000 >= bomb.len() { END_HEADERS } else { 0 };
            frame(if place == 0 { HEADERS } else { CONTINUATION }, flags, 1 + 2 * number, piece)
        });
        send_on(&mut stream, frames);
    }
    unharmed(server, before);
}

#[test]
fn calls_that_are_begun_and_taken_back_cost_nothing() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    is_served(&server);
    let before = server.memory().1;
    for _ in 0..4 {
        let mut stream = begun(&server);
        let head = head();
        let calls = (0..20_000).map(|number| {
            let id = 1 + 2 * number;
            [frame(HEADERS, END_HEADERS, id, &head), frame(RESET, 0, id, &8_u32.to_be_bytes())].concat()
        });
        send_on(&mut stream, calls);
        // Pings and settings of which nobody reads the answers.
        let mut stream = begun(&server);
        let asked = (0..200_000).map(|_| [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, b"")].concat());
        send_on(&mut stream, asked.step_by(10));
    }
    unharmed(server, before);
}

#[test]
fn messages_that_do_not_come_to_their_end_are_answered_in_time() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--body-timeout", "1s", "--header-timeout", "1s"]);
    is_served(&server);
    let before = server.memory().1;
    let mut streams: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = begun(&server);
            // Ten megabytes are told of, and four bytes of them sent.
            let message = [&[0][..], &(10_u32 << 20).to_be_bytes(), b"1234"].concat();
            let call = [frame(HEADERS, END_HEADERS, 1, &head()), frame(DATA, 0, 1, &message)].concat();
            stream.write_all(&call).expect("sent");
            stream
        })
        .collect();
    for stream in &mut streams {
        assert!(ended_stream(stream), "the call is not ended");
    }
    unharmed(server, before);
}

/// Whether the other side ends the first call, in whatever way.
fn ended_stream(stream: &mut TcpStream) -> bool {
    const END_STREAM: u8 = 1;
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            return false;
        }
        let [a, b, c, kind, flags, rest @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        if stream.read_exact(&mut payload).is_err() {
            return false;
        }
        let is_first = u32::from_be_bytes(rest) == 1;
        if is_first && (kind == RESET || (matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0)) {
            return true;
        }
    }
}
