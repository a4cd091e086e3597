//! A disk that fills at any moment while the store is packed, told of by the hour, or thinned.

use super::*;
use std::process::{Command, Stdio};

/// How many bytes a page of the file system has: it fills page by page.
const PAGE: usize = 4096;

/// A file system of two MiB, which goes with the folder that it is in.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None` when this user may not make one.
    #[expect(clippy::print_stdout, reason = "where it cannot be run, that is told")]
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        let is_mounted = mount.is_ok_and(|status| status.success());
        if !is_mounted {
            println!("not run: this user may not mount a small disk");
        }
        is_mounted.then_some(Self { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Leaves room for so many pages.
    fn fill(&self, pages: usize) {
        let mut filler = fs::File::create(self.filler()).expect("a file");
        while filler.write_all(&[0; PAGE]).is_ok() {}
        let length = filler.metadata().expect("there").len();
        filler.set_len(length.saturating_sub((pages * PAGE) as u64)).expect("cut");
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder.path()).status();
    }
}

/// A store of some pages, also when it is packed.
fn fill_some_pages(folder: &Path) {
    fill_store(folder);
    seal(folder, 4, &[((1000..3500).collect(), MIDNIGHT + 20)]);
}

/// The same on a disk with room.
fn roomy() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fill_some_pages(folder.path());
    folder
}

/// What `retention` makes of a store that `look` was done to before, on a disk that is full after ever more pages: `check` is told
/// whether that went well. Says how often it did not.
fn on_full_disks(before: Option<Retention>, retention: Retention, check: impl Fn(&Path, usize)) -> Option<usize> {
    let (mut failed, mut in_a_row) = (0, 0);
    for pages in 0.. {
        let disk = SmallDisk::new()?;
        fill_some_pages(disk.path());
        if let Some(before) = before {
            look(disk.path(), Duration::ZERO, before);
        }
        disk.fill(pages);
        let looked = upkeep(disk.path(), Duration::ZERO, retention).look(&Counters::default(), &|| true);
        check(disk.path(), pages);
        disk.make_room();
        // Whatever was left half done stands in nobody's way.
        look(disk.path(), Duration::ZERO, retention);
        check(disk.path(), pages);
        assert!(left_over(disk.path()).is_empty(), "{pages} pages: {:?}", left_over(disk.path()));
        failed += usize::from(looked.is_err());
        in_a_row = if looked.is_ok() { in_a_row + 1 } else { 0 };
        if in_a_row == 3 {
            return Some(failed);
        }
    }
    None
}

/// Files that were not finished.
fn left_over(folder: &Path) -> Vec<PathBuf> {
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
        entries
            .filter(|path| path.is_file() && path.extension().is_some_and(|it| it == "unfinished"))
            .collect::<Vec<_>>()
    };
    let facts = facts_folder(folder);
    [files(folder), files(&facts), files(&facts.join("unfinished"))].concat()
}

#[test]
fn while_packing_nothing_is_lost_or_doubled_and_it_goes_on_when_there_is_room() {
    let whole = roomy();
    let (all, told) = (records(whole.path()), evidence(whole.path()).0);
    let failed = on_full_disks(None, KEEP, |folder, pages| {
        assert_eq!(records(folder), all, "{pages} pages");
        assert_eq!(evidence(folder).0, told, "{pages} pages");
        let recovered = recover(folder).expect("recovered");
        assert!(all.iter().all(|digest| recovered.recent.get(*digest).is_some()), "{pages} pages");
    });
    assert!(failed.is_none_or(|failed| failed > 2), "{failed:?}");
}

#[test]
fn while_thinning_what_stays_is_there_and_what_goes_was_told() {
    let whole = roomy();
    look(whole.path(), Duration::ZERO, KEEP);
    let all = records(whole.path()).len();
    let stays: BTreeSet<TraceId> = [0, 1]
        .into_iter()
        .flat_map(|hour| Stays::read(whole.path(), first_hour() + hour).expect("made").traces)
        .collect();
    let thin = Retention { raw_age: Duration::ZERO, ..KEEP };
    let failed = on_full_disks(Some(KEEP), thin, |folder, pages| {
        let is_all = records(folder).len() == all && forms(folder)[0].2 == Form::Packed;
        assert!(is_all || evidence(folder).1.is_some(), "{pages} pages");
        for trace_id in &stays {
            let number = u64::try_from(u128::from_be_bytes(trace_id.0)).expect("small");
            assert!(trace(folder, number).is_some(), "{pages} pages");
        }
    });
    assert!(failed.is_none_or(|failed| failed > 1), "{failed:?}");
}
