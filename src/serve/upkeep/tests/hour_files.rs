//! Files of hours: made once, and anew or out of the way when they are damaged.

use super::*;

/// A byte in the middle is another.
fn flip(path: &Path) -> Vec<u8> {
    let good = fs::read(path).expect("made");
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    fs::write(path, damaged).expect("written");
    good
}

#[test]
fn files_of_hours_are_made_once_and_again_when_they_are_damaged() {
    let folder = store();
    look(folder.path(), Duration::ZERO, KEEP);
    let facts = facts_folder(folder.path());
    let stays = facts.join("stays-2026-11-22T00");
    let written = || fs::metadata(&stays).and_then(|it| it.modified()).expect("a time");
    let made = written();
    look(folder.path(), Duration::ZERO, KEEP);
    assert_eq!(written(), made);
    for file in ["spans-2026-11-22T00.parquet", "traces-2026-11-22T00.parquet", "services-2026-11-22T00"] {
        let path = facts.join(file);
        if !cfg!(feature = "tables") && file.ends_with("parquet") {
            assert!(!path.exists());
            continue;
        }
        let good = flip(&path);
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&path).expect("made"), good, "{file}");
        fs::write(&path, &good[..good.len() / 2]).expect("written");
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&path).expect("made"), good, "{file}");
        fs::remove_file(&path).expect("removed");
        look(folder.path(), Duration::ZERO, KEEP);
        assert_eq!(fs::read(&path).expect("made"), good, "{file}");
    }
    // A list that is damaged is noticed when it is needed, at the latest.
    let before = trace(folder.path(), 10).map(|it| it.spans.len());
    flip(&stays);
    look(folder.path(), Duration::ZERO, Retention { raw_age: Duration::ZERO, ..KEEP });
    assert_eq!(forms(folder.path()), [(1, 3, Form::Thinned)]);
    assert_eq!(trace(folder.path(), 10).map(|it| it.spans.len()), before);
}

#[test]
fn a_damaged_file_of_an_hour_that_was_thinned_is_not_found_under_its_name() {
    let folder = store();
    let thin = Retention { raw_age: Duration::ZERO, ..KEEP };
    look(folder.path(), Duration::ZERO, thin);
    let name = if cfg!(feature = "tables") { "spans-2026-11-22T00.parquet" } else { "services-2026-11-22T00" };
    let path = facts_folder(folder.path()).join(name);
    let aside = facts_folder(folder.path()).join(format!("{name}.damaged"));
    let (good, mut upkeep) = (flip(&path), upkeep(folder.path(), Duration::ZERO, thin));
    for _ in 0..2 {
        upkeep.look(&Counters::default(), &|| true).expect("looked after");
        assert!(!path.exists());
        assert_eq!(fs::read(&aside).expect("set aside").len(), good.len());
    }
    // It goes with its hour.
    look(folder.path(), Duration::ZERO, Retention { bytes: 10, ..KEEP });
    assert!(!aside.exists());
}
