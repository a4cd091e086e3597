//! Archives that are more, or less, than they say.

use crate::input::Hostile;
use crate::otlp::{request, span};
use flate2::write::GzEncoder;
use std::fs;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn good() -> Vec<u8> {
    request("packed", &span(1, 1, 0, "")).into_bytes()
}

fn zip(names: impl Iterator<Item = String>, bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(name, options).expect("a file");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A header of a tar archive: its name, what it is, and how long it says that it is.
fn header(name: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn entry(name: &[u8], kind: u8, bytes: &[u8]) -> Vec<u8> {
    let padding = vec![0; bytes.len().next_multiple_of(512) - bytes.len()];
    [&header(name, kind, bytes.len() as u64)[..], bytes, &padding].concat()
}

/// A file of holes: no bytes at this place of it, and this is how long it says that it is.
fn of_holes(place: [u8; 12], length: [u8; 12]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..6].copy_from_slice(b"x.json");
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_size(0);
    let gnu = header.as_gnu_mut().expect("a header of GNU");
    gnu.sparse[0].offset = place;
    gnu.sparse[0].numbytes = *b"00000000000\0";
    gnu.realsize = length;
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn end() -> Vec<u8> {
    vec![0; 1024]
}

#[test]
fn a_zip_that_unfolds_to_gigabytes() {
    let bomb = zip(["bomb.json".to_owned()].into_iter(), &[good(), vec![b' '; 1 << 30]].concat());
    let ran = Hostile::of("bomb.zip", bomb).heavy().is_read(&["bomb.zip/bomb.json: ", "a decompression bomb: "]);
    assert_eq!(ran.counted("spans"), 1);
}

/// A list that names one file again and again, which is unpacked each time: what comes out counts together.
#[test]
fn a_zip_whose_list_names_one_file_again_and_again() {
    let one = zip(["x0000".to_owned()].into_iter(), &[good(), vec![b' '; 48 << 20]].concat());
    let start = one.windows(4).rposition(|at| at == b"PK\x01\x02").expect("the list");
    let listed = &one[start..one.len() - 22];
    let count = 1000_u16;
    let mut directory = listed.repeat(usize::from(count));
    for (number, entry) in directory.chunks_mut(listed.len()).enumerate() {
        entry[47..51].copy_from_slice(format!("{number:04}").as_bytes());
    }
    let mut last = b"PK\x05\x06\0\0\0\0".to_vec();
    last.extend([count, count].map(u16::to_le_bytes).concat());
    for number in [directory.len(), start] {
        last.extend(u32::try_from(number).expect("a small archive").to_le_bytes());
    }
    last.extend([0, 0]);
    let file = Hostile::of("again.zip", [&one[..start], &directory, &last].concat()).heavy();
    let ran = file.is_read(&["again.zip: a decompression bomb: "]);
    assert_eq!(ran.counted("spans"), 1);
    assert!(ran.defects("duplicate-span") < 20, "no more than some were unpacked");
}

#[test]
fn more_files_than_are_read() {
    let names = |n: usize| (0..n).map(|n| format!("{n}.json"));
    let file = Hostile::of("wide.zip", zip(names(100_001), b"")).heavy();
    file.is_refused(&["wide.zip: zip archive", "more than 100000 files"]);
    let small = entry(b"x.json", b'0', &good());
    let wide = [small.repeat(100_001), end()].concat();
    let ran = Hostile::of("wide.tar", wide).heavy().is_read(&["wide.tar: tar archive", "more than 100000 files"]);
    assert_eq!((ran.counted("spans"), ran.defects("duplicate-span")), (1, 99_999));
}

/// Each of very many files tells of its faults, which must not add up in memory.
#[test]
fn faults_of_very_many_files() {
    let wrong = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}]}]}"#;
    let tar = [entry(b"x.json", b'0', wrong.as_bytes()).repeat(50_000), end()].concat();
    let parts = ["faults.tar/x.json: line 1 at byte ", "More of the input could not be used: see the counts."];
    let ran = Hostile::of("faults.tar", tar).heavy().is_refused(&parts);
    assert_eq!(ran.defects("record-skipped"), 50_000 * 21);
    assert!(ran.said.lines().count() < 60, "{}", ran.said);
}

/// The list of a zip archive's files lies in memory, whatever the files have.
#[test]
fn a_zip_with_nothing_but_a_list() {
    let one = zip(["x0000000".to_owned()].into_iter(), b"");
    let start = one.windows(4).position(|at| at == b"PK\x01\x02").expect("the list");
    let short = &one[start..one.len() - 22];
    let mut long = short.to_vec();
    for at in [28, 32] {
        long[at..at + 2].copy_from_slice(&0xffff_u16.to_le_bytes());
    }
    long.resize(46 + 2 * 0xffff, b'a');
    for (name, listed, count) in [("many.zip", short, 2_000_000_usize), ("long.zip", &long, 10_000)] {
        let mut directory = listed.repeat(count);
        for (number, entry) in directory.chunks_mut(listed.len()).enumerate() {
            entry[47..54].copy_from_slice(format!("{number:07}").as_bytes());
        }
        let length = directory.len() as u64;
        let at = one.len() as u64;
        let mut record = b"PK\x06\x06".to_vec();
        record.extend(44_u64.to_le_bytes());
        record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count as u64, count as u64, length, at] {
            record.extend(number.to_le_bytes());
        }
        let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
        locator.extend((at + length).to_le_bytes());
        locator.extend(1_u32.to_le_bytes());
        let last = [&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat();
        let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for part in [&one[..], &directory, &record, &locator, &last] {
            packed.write_all(part).expect("packed");
        }
        let file = Hostile::of(name, packed.finish().expect("packed")).heavy();
        file.is_refused(&[name, "zip archive is damaged or cut off", "more than"]);
    }
}

/// What comes before a file in a tar archive, such as its long name, lies in memory.
#[test]
fn names_of_gigabytes_in_a_tar() {
    for kind in [b'L', b'K', b'x', b'g'] {
        let length = 1_500 << 20;
        let file = Hostile::file("name.tar.gz", |out| {
            let mut packed = GzEncoder::new(out, flate2::Compression::fast());
            packed
                .write_all(&[entry(b"good.json", b'0', &good()), header(b"name", kind, length)].concat())
                .expect("packed");
            let block = vec![b'a'; 1 << 20];
            (0..length >> 20).for_each(|_| packed.write_all(&block).expect("packed"));
            packed.write_all(&[entry(b"after.json", b'0', &good()), end()].concat()).expect("packed");
            packed.finish().expect("packed");
        });
        // What all files share is passed, and nobody holds it.
        let parts: &[&str] =
            if kind == b'g' { &[] } else { &["name.tar.gz: tar archive", "What came before was read"] };
        let ran = file.heavy().is_read(parts);
        assert_eq!((ran.counted("spans"), ran.defects("duplicate-span")), (1, u64::from(kind == b'g')));
    }
}

#[test]
fn sizes_that_are_none_in_a_tar() {
    for size in [1 << 20, 1 << 33, u64::MAX >> 1, u64::MAX] {
        let tar = [entry(b"good.json", b'0', &good()), header(b"huge.json", b'0', size), good()].concat();
        let ran = Hostile::of("huge.tar", tar).is_read(&["huge.tar"]);
        assert_eq!(ran.counted("spans"), 1);
    }
    // Longer than its holes, by 8 EiB; and nothing but a hole of 8 GiB, which nobody fills.
    let behind = [entry(b"good.json", b'0', &good()), end()].concat();
    let wrong = of_holes([0; 12], *b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff");
    Hostile::of("sparse.tar", [&wrong[..], &behind].concat())
        .is_refused(&["sparse.tar: tar archive is damaged or cut off"]);
    let hole = of_holes(*b"77777777777\0", *b"77777777777\0");
    let ran = Hostile::of("hole.tar", [&hole[..], &behind].concat()).is_read(&[]);
    assert_eq!(ran.counted("spans"), 1);
}

#[test]
fn names_that_lead_elsewhere() {
    let long = "n".repeat(5000);
    let names: [&str; 7] = ["../../../etc/passwd", "/etc/passwd", "\u{1b}[2J", "a\u{202e}b", "..\\..\\x", "con", &long];
    Hostile::of("names.zip", zip(names.iter().map(|name| (*name).to_owned()), b"x")).is_refused(&[
        "names.zip/../../../etc/passwd: not telemetry",
        r"names.zip/\u{1b}[2J: not telemetry",
        r"names.zip/a\u{202e}b: not telemetry",
        &format!("names.zip/{}: not telemetry", &long[..1024]),
    ]);
    let links =
        [header(b"link", b'2', 0), header(b"hard", b'1', 0), header(b"pipe", b'6', 0), header(b"device", b'3', 0)];
    Hostile::of("links.tar", [links.concat(), end()].concat()).is_refused(&["links.tar: the archive holds no files"]);
}

#[test]
fn archives_in_archives() {
    let mut bytes = zip(["x.json".to_owned()].into_iter(), &good());
    for _ in 0..100 {
        bytes = zip(["inner.zip".to_owned()].into_iter(), &bytes);
    }
    Hostile::of("nested.zip", bytes).is_refused(&["nested.zip/inner.zip: is an archive within an archive"]);
}

#[test]
fn cut_off_anywhere() {
    let tar = [entry(b"a.json", b'0', &good()), entry(b"b.json", b'0', &good()), end()].concat();
    for (name, bytes) in [("a.tar", tar), ("a.zip", zip(["a".to_owned(), "b".to_owned()].into_iter(), &good()))] {
        for length in (1..bytes.len()).step_by(bytes.len() / 20) {
            let ran = Hostile::of(name, &bytes[..length]).beside_a_good_file();
            // Both files hold the same span.
            let read = ran.counted("spans") + ran.defects("duplicate-span");
            assert!(
                read == 2 || ran.said.contains(name),
                "{name} cut after {length} bytes: {read} spans, nothing said"
            );
        }
    }
}

/// A folder of more files than a process may hold open.
#[test]
fn more_files_than_may_be_open() {
    let file = Hostile::folder(|folder| {
        for number in 0..500_u64 {
            let request = request("open", &span(number + 1, 1, 0, ""));
            fs::write(folder.join(format!("{number}.json")), request).expect("a file");
        }
    });
    let ran = file.with_few_open_files(32).is_read(&[]);
    ran.says_nothing();
    assert_eq!((ran.counted("spans"), ran.counted("traces")), (500, 500));
}
