//! The protobuf wire format as no writer has it.

use crate::common::packed::framed;
use crate::input::Hostile;
use crate::otlp::{field, proto_request, proto_span, varint};

#[test]
fn lengths_of_four_gigabytes() {
    let good = framed(&proto_request(&proto_span()));
    let claim = [&0xffff_ffff_u32.to_be_bytes()[..], &proto_request(&proto_span())].concat();
    Hostile::of("first.bin", &claim)
        .is_refused(&["first.bin: message 1 at byte 0 claims 4294967295 bytes; at most 67108864 are read"]);
    let ran = Hostile::of("second.bin", [good, claim].concat())
        .is_read(&["second.bin: message 2 at byte ", "claims 4294967295 bytes"]);
    assert_eq!(ran.counted("spans"), 1);
    let huge =
        [&field(1, &proto_request(&proto_span())[2..])[..0], &proto_request(&proto_span()), b"\x0a", &varint(u64::MAX)]
            .concat();
    Hostile::of("block.pb", huge).is_read(&["block.pb: element 2 at byte ", "bytes"]);
}

#[test]
fn lengths_within_messages() {
    for claim in [5, 1 << 20, 1 << 32, u64::MAX >> 1, u64::MAX] {
        for number in [1, 5, 9, 11, 13, 15] {
            let wrong = [&varint(number << 3 | 2)[..], &varint(claim), b"abc"].concat();
            let messages =
                [framed(&proto_request(&[proto_span(), wrong].concat())), framed(&proto_request(&proto_span()))]
                    .concat();
            let ran = Hostile::of("inner.bin", messages)
                .is_read(&["inner.bin: message 1 at byte ", "expected a protobuf length that fits into its message"]);
            assert_eq!((ran.counted("spans"), ran.defects("record-skipped")), (1, 1));
        }
    }
}

#[test]
fn varints_without_end() {
    let endless = vec![0xff; 1 << 20];
    for wrong in [[b"\x30", &endless[..]].concat(), endless.clone(), [b"\x4a", &endless[..]].concat()] {
        let messages =
            [framed(&proto_request(&[proto_span(), wrong].concat())), framed(&proto_request(&proto_span()))].concat();
        let ran =
            Hostile::of("varints.bin", messages).is_read(&["varints.bin: message 1 at byte ", "expected a protobuf"]);
        assert_eq!(ran.counted("spans"), 1);
    }
    Hostile::of("varint.pb", [b"\x0a", &endless[..]].concat()).is_refused(&["varint.pb: ", "xpected"]);
}

#[test]
fn wrong_wire_types_and_groups() {
    // Every field of a span with every wire type: 0 varint, 1 fixed 64, 2 bytes, 3 and 4 a group's ends, 5 fixed 32, 6 and 7 none.
    let mut messages = Vec::new();
    for number in 1..=16_u64 {
        for kind in 0..8 {
            let content: &[u8] = match kind {
                0 => b"\x01",
                1 => b"12345678",
                2 => b"\x04abcd",
                5 => b"1234",
                _ => b"",
            };
            let wrong = [&varint(number << 3 | kind)[..], content].concat();
            messages.extend(framed(&proto_request(&[proto_span(), wrong].concat())));
        }
    }
    messages.extend(framed(&proto_request(&[proto_span(), b"\x00\x00".to_vec()].concat())));
    messages.extend(framed(&proto_request(&[proto_span(), vec![0x0b; 100_000]].concat())));
    let file = Hostile::of("types.bin", messages);
    let ran = file.is_read(&["types.bin: message ", "expected a protobuf wire type"]);
    // Groups and unknown types of each of the 16 fields, the two behind, and the two ids of four bytes cost their span and nothing else.
    let left_out = 16 * 4 + 2 + 2;
    assert_eq!(ran.defects("record-skipped"), left_out, "{}", ran.said);
    // A parent id of four bytes, and an attribute, an event, a link and a status that are none, cost themselves.
    assert_eq!(ran.defects("record-mended"), 5, "{}", ran.said);
    // All others are the same span, but for the one with another name, that with another kind, and that with another start.
    assert_eq!((ran.counted("spans"), ran.defects("id-conflict")), (4, 3), "{}", ran.said);
    assert_eq!(ran.defects("duplicate-span"), 16 * 8 + 2 - left_out - 4, "{}", ran.said);
    file.beside_good_files_of_other_formats();
}

/// It is the field that came last, and the span is one like any other.
#[test]
fn the_same_field_again_and_again() {
    let status = field(15, &[&field(2, b"x")[..], &varint(3 << 3), &varint(2)].concat());
    let last = field(15, &[&field(2, b"the last")[..], &varint(3 << 3), &varint(2)].concat());
    let span = [proto_span(), status.repeat(100_000), last, field(5, b"name").repeat(100_000)].concat();
    let ran = Hostile::of("again.pb", proto_request(&span)).is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("spans"), 1);
    let cause = ran.cause_that_says("/status/message", "the last");
    assert_eq!(cause["service"], "proto");
    assert_eq!(cause["span_name"], "name");
    assert_eq!(cause["traces"]["fatal"], 1);
}

/// They hold nothing, and cost nothing of what is beside them.
#[test]
fn empty_messages() {
    let good = framed(&proto_request(&proto_span()));
    let behind = framed(&proto_request(&[proto_span(), field(2, &[9; 8])].concat()));
    let ran = Hostile::of("empty.bin", [good, vec![0; 4 << 20], behind].concat()).is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("spans"), 2);
    let behind = proto_request(&[proto_span(), field(2, &[9; 8])].concat());
    let blocks = [proto_request(&proto_span()), b"\x0a\x00".repeat(1 << 20), behind].concat();
    let ran = Hostile::of("blocks.pb", blocks).is_read(&[]);
    ran.says_nothing();
    assert_eq!(ran.counted("spans"), 2);
}
