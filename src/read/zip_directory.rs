//! How much the list of a zip archive's files can take: found out before anybody reads it, since it lies in memory as a
//! whole.

/// The start of one entry of the list (APPNOTE.TXT of PKWARE, section 4.3.12).
const SIGNATURE: &[u8] = b"PK\x01\x02";

/// How many bytes an entry has before its name.
const ENTRY: usize = 46;

/// Where an entry tells the lengths of its name, its extra fields and its comment.
const LENGTHS: [usize; 3] = [28, 30, 32];

/// Counts what looks like an entry of the list in bytes that come in pieces. Whatever list a reader takes for the right
/// one, no more than this is in it: entries stand one behind the other, each with its signature.
#[derive(Debug, Default)]
pub(crate) struct ZipDirectory {
    /// The end of the last piece: an entry may begin there.
    rest: Vec<u8>,
    /// How many entries there are at most.
    pub(crate) entries: u64,
    /// How many bytes they have at most.
    pub(crate) bytes: u64,
}

impl ZipDirectory {
    /// Looks through the next piece.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        // The seam first: what began in the last piece and was too short to be told there.
        let seam = ENTRY - 1;
        self.rest.extend_from_slice(&piece[..piece.len().min(seam)]);
        if piece.len() < seam {
            let whole = std::mem::take(&mut self.rest);
            self.count(&whole);
            self.rest = whole[whole.len().saturating_sub(seam)..].to_vec();
            return;
        }
        let whole = std::mem::take(&mut self.rest);
        self.count(&whole);
        self.count(piece);
        self.rest = piece[piece.len() - seam..].to_vec();
    }

    /// Counts every entry whose fixed part is whole in `bytes`.
    fn count(&mut self, bytes: &[u8]) {
        for at in memchr::memmem::find_iter(bytes, SIGNATURE) {
            let Some(entry) = bytes.get(at..at + ENTRY) else { return };
            let lengths = LENGTHS.map(|at| u64::from(u16::from_le_bytes([entry[at], entry[at + 1]])));
            self.entries += 1;
            self.bytes += ENTRY as u64 + lengths.iter().sum::<u64>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_counted_once_however_the_bytes_are_cut() {
        let mut entry = vec![0; ENTRY];
        entry[..4].copy_from_slice(SIGNATURE);
        (entry[28], entry[31], entry[32]) = (3, 1, 2);
        let bytes = [&b"before"[..], &entry, b"abc", &[7; 256], b"xy", &entry, &entry[..40]].concat();
        for size in 1..bytes.len() {
            let mut directory = ZipDirectory::default();
            bytes.chunks(size).for_each(|piece| directory.feed(piece));
            assert_eq!((directory.entries, directory.bytes), (2, 2 * (46 + 3 + 256 + 2)), "pieces of {size}");
        }
    }
}
