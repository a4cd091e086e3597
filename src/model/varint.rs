//! Numbers of any size in as few bytes as they need.

/// Writes a number, seven bits in a byte, the lowest first: a base 128 varint of protobuf.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}
