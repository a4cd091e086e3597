//! Compressed data that holds far more than telemetry can.

use crate::bench::Ran;
use crate::common::packed::{framed, zstd};
use crate::input::Hostile;
use crate::otlp::{request, span};
use flate2::write::GzEncoder;
use std::io::Write;

/// What a bomb unfolds to at a time, in bytes.
const MEMBER: usize = 64 << 20;

/// As small as it gets: by the first level bombs are a quarter as heavy for their size.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

/// A good request, and blanks behind it to 10 GB: a member for every 64 MiB.
fn bomb(pack: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let start = pack([request("bomb", &span(1, 1, 0, "")).as_bytes(), b"\n"].concat().as_slice());
    let blanks = pack(&vec![b' '; MEMBER]);
    [start, blanks.repeat((10 << 30) / MEMBER)].concat()
}

/// It is stopped long before its end, and what came before it was read.
fn is_stopped(ran: &Ran) {
    ran.says(&["a decompression bomb: "]);
    let given = ran.said.split("bomb: ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a number");
    assert!(given.parse::<u64>().expect("a number") < 1 << 30, "{}", ran.said);
    assert!(ran.counted("spans") >= 1);
}

#[test]
fn gzip_of_ten_gigabytes() {
    is_stopped(&Hostile::of("bomb.gz", bomb(gzip)).heavy().is_read(&["bomb.gz: ", "what comes out"]));
}

#[test]
fn zstd_of_ten_gigabytes() {
    is_stopped(&Hostile::of("bomb.zst", bomb(zstd)).heavy().is_read(&["bomb.zst: "]));
}

#[test]
fn a_bomb_within_a_bomb() {
    is_stopped(&Hostile::of("bomb.gz.zst", zstd(&bomb(gzip))).heavy().is_read(&["bomb.gz.zst: "]));
    is_stopped(&Hostile::of("bomb.gz.gz", gzip(&bomb(gzip))).heavy().is_read(&["bomb.gz.gz: "]));
    is_stopped(&Hostile::of("bomb.zst.gz", gzip(&bomb(zstd))).heavy().is_read(&["bomb.zst.gz: "]));
}

#[test]
fn compressed_again_and_again() {
    let mut bytes = request("deep", &span(1, 1, 0, "")).into_bytes();
    for _ in 0..100 {
        bytes = gzip(&bytes);
    }
    Hostile::of("deep.gz", bytes).is_refused(&["is compressed more than 2 times over"]);
}

#[test]
fn each_message_is_a_bomb() {
    let bomb = framed(&zstd([request("x", "").as_bytes(), &vec![b' '; 200 << 20]].concat().as_slice()));
    let good = framed(&zstd(request("good", &span(1, 1, 0, "")).as_bytes()));
    let file = Hostile::of("messages.bin", [bomb.repeat(200), good].concat()).heavy();
    let ran = file.is_read(&["messages.bin: message 1 at byte ", "holds more than the limit of "]);
    assert_eq!((ran.counted("spans"), ran.defects("record-skipped")), (1, 200));
}

#[test]
fn many_messages_are_a_bomb_together() {
    let full = framed(&zstd(&vec![b' '; 60 << 20]));
    let file = Hostile::of("messages.bin", full.repeat(400)).heavy();
    file.is_refused(&["messages.bin: message 3 at byte ", "a decompression bomb"]);
}

#[test]
fn damaged_compression() {
    let whole = gzip(request("cut", &span(1, 1, 0, "")).repeat(1000).as_bytes());
    Hostile::of("cut.gz", &whole[..whole.len() / 2]).beside_a_good_file().says(&["cut.gz: ", "damaged or cut off"]);
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    Hostile::of("flipped.gz", flipped).beside_a_good_file().says(&["flipped.gz: ", "damaged or cut off"]);
    let whole = zstd(request("cut", &span(1, 1, 0, "")).repeat(1000).as_bytes());
    Hostile::of("cut.zst", &whole[..whole.len() / 2]).beside_a_good_file().says(&["cut.zst: ", "damaged or cut off"]);
    for (name, head) in [("only.gz", &b"\x1f\x8b\x08"[..]), ("only.zst", b"\x28\xb5\x2f\xfd")] {
        Hostile::of(name, head).is_refused(&["damaged or cut off"]);
    }
}

/// The window that a frame claims is what a decoder would reserve.
#[test]
fn a_frame_that_claims_a_window_of_terabytes() {
    let frame = [&b"\x28\xb5\x2f\xfd\x00\xff"[..], &[0; 100]].concat();
    Hostile::of("window.zst", frame).is_refused(&["damaged or cut off"]);
}
