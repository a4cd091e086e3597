//! The thread that looks after the store: it packs what is complete, makes the files of hours, thins and removes what is old.
//!
//! ```text
//! requests ─► sealed ─► packed ─────────────────► thinned ─────────────────► removed
//!             segment-*  pack-age, pack-bytes     keep-raw, keep-raw-bytes   keep-age, keep-bytes
//!                           └► files of hours: tables, which traces stay
//! ```
//!
//! No other thread removes or rewrites a segment.

use crate::read::kept_segments::{Form, Segment, segments};
use crate::read::kept_whole::{Thinned, thinned_path};
use crate::serve::counters::Counters;
use crate::serve::hour_tables::SoundFiles;
use crate::serve::hours::keep_only;
use crate::serve::priority::step_back;
use crate::serve::retention::{Aged, Retention};
use crate::serve::rewriting::{Rewriting, Step, remove, remove_replaced};
use crate::serve::thinning::{Hours, KnownHours};
use crate::serve::whole_file::write_whole;
use hashbrown::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often the store is looked at.
const EVERY: Duration = Duration::from_secs(10);

/// How long the thread sleeps before it asks whether it shall end.
const NAP: Duration = Duration::from_millis(100);

/// What is done with a store, and when.
#[derive(Clone, Debug)]
pub(crate) struct Upkeep {
    /// The folder.
    folder: PathBuf,
    /// Segments are packed when the first of them is as old.
    pack_age: Duration,
    /// Or when they have as many bytes.
    pack_bytes: u64,
    /// What stays.
    retention: Retention,
    /// How many bytes of memory it may take to look at an hour.
    memory: u64,
    /// The numbers of segments that were found damaged.
    damaged: HashSet<u64>,
    /// The hours of segments.
    known: KnownHours,
    /// The files of hours that were found whole.
    sound: SoundFiles,
}

impl Upkeep {
    /// Looks after the store in `folder`. Segments are packed when the first of them is as old as said, or all have as many
    /// bytes; `memory` is how many bytes it may take to look at an hour.
    pub(crate) fn new(
        folder: PathBuf,
        (pack_age, pack_bytes): (Duration, u64),
        retention: Retention,
        memory: u64,
    ) -> Self {
        let (damaged, known, sound) = (HashSet::new(), KnownHours::default(), SoundFiles::default());
        Self { folder, pack_age, pack_bytes, retention, memory, damaged, known, sound }
    }

    /// Starts the thread; it ends when `stop` says so.
    pub(crate) fn start(mut self, counters: Arc<Counters>, stop: Arc<AtomicBool>) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name("upkeep".to_owned()).spawn(move || {
            step_back();
            let go_on = || !stop.load(Ordering::Relaxed);
            while go_on() {
                match self.look(&counters, &go_on) {
                    Ok(()) => counters.upkeep_is_fine(),
                    Err(error) => counters.upkeep_is_failing(&format!("the store cannot be looked after: {error}")),
                }
                let naps = EVERY.as_millis() / NAP.as_millis();
                (0..naps).take_while(|_| go_on()).for_each(|_| thread::sleep(NAP));
            }
        })
    }

    /// Does all that is due, as long as `go_on` says so.
    pub(crate) fn look(&mut self, counters: &Counters, go_on: &dyn Fn() -> bool) -> io::Result<()> {
        self.sound.begin_look();
        // Before anything that needs room: what is too much goes first. What fails does not keep the rest from being done.
        let removed = self.remove_what_is_too_much(counters);
        let done = remove_replaced(&self.folder)
            .and_then(|()| self.pack(counters, go_on))
            .and_then(|()| self.hours(counters, go_on))
            .and_then(|()| self.thin(counters, go_on));
        removed.and(done)?;
        self.remove_what_is_too_much(counters)
    }

    fn pack(&mut self, counters: &Counters, go_on: &dyn Fn() -> bool) -> io::Result<()> {
        while let Some(run) = self.run_to_pack()?
            && go_on()
        {
            let rewriting = Rewriting { folder: &self.folder, sources: &run, wanted: None };
            let rewritten = rewriting.run(false, &mut heeding(go_on))?;
            if let Some(number) = rewritten.damaged {
                // It stays as it is, and readers tell of it.
                tracing::warn!("segment {number} of the store is damaged, and not packed");
                self.damaged.insert(number);
            } else if rewritten.done {
                counters.segments_packed.fetch_add(run.len() as u64, Ordering::Relaxed);
            }
            // Much may come meanwhile.
            self.remove_what_is_too_much(counters)?;
        }
        Ok(())
    }

    /// The first run that is due of sealed segments whose numbers follow each other.
    fn run_to_pack(&self) -> io::Result<Option<Vec<Segment>>> {
        let (mut run, mut bytes, mut age): (Vec<Segment>, _, _) = (Vec::new(), 0, Duration::ZERO);
        for (segment, aged) in self.aged()? {
            let is_one = segment.form == Form::Sealed && !self.damaged.contains(&segment.number);
            let follows = run.last().is_none_or(|last| last.number + 1 == segment.first);
            if !is_one || !follows {
                if !run.is_empty() && age >= self.pack_age {
                    return Ok(Some(run));
                }
                (run, bytes, age) = (Vec::new(), 0, Duration::ZERO);
            }
            if is_one {
                (bytes, age) = (bytes + aged.bytes, age.max(aged.age));
                run.push(segment);
                if bytes >= self.pack_bytes {
                    return Ok(Some(run));
                }
            }
        }
        Ok((!run.is_empty() && age >= self.pack_age).then_some(run))
    }

    /// Makes the files of those hours of which nothing more is awaited.
    fn hours(&mut self, counters: &Counters, go_on: &dyn Fn() -> bool) -> io::Result<()> {
        let hours = Hours::of(&self.folder, &mut self.known, &self.damaged)?;
        for hour in hours.due() {
            if !go_on() {
                return Ok(());
            }
            hours.make(&self.folder, hour, self.memory, &mut self.sound)?;
            self.remove_what_is_too_much(counters)?;
        }
        Ok(())
    }

    /// Thins what is to be thinned: first it is packed, then it is decided which traces stay, then that is written down of which
    /// times not everything is kept any more, and only then something goes.
    fn thin(&mut self, counters: &Counters, go_on: &dyn Fn() -> bool) -> io::Result<()> {
        for segment in self.retention.to_thin(&self.aged()?) {
            if !go_on() {
                return Ok(());
            }
            let Some(segment) = self.packed(segment, go_on)? else { continue };
            let hours = Hours::of(&self.folder, &mut self.known, &self.damaged)?;
            let wanted = hours.traces_that_stay(&self.folder, &segment, self.memory, &mut self.sound)?;
            self.write_down(&segment)?;
            let rewriting =
                Rewriting { folder: &self.folder, sources: std::slice::from_ref(&segment), wanted: Some(&wanted) };
            if rewriting.run(true, &mut heeding(go_on))?.done {
                counters.segments_thinned.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// The packed form of a segment; what is damaged is given up. `None` when that was called off.
    fn packed(&self, segment: Segment, go_on: &dyn Fn() -> bool) -> io::Result<Option<Segment>> {
        if segment.form == Form::Packed {
            return Ok(Some(segment));
        }
        let sources = std::slice::from_ref(&segment);
        Rewriting { folder: &self.folder, sources, wanted: None }.run(true, &mut heeding(go_on))?;
        Ok(segments(&self.folder)?.into_iter().find(|it| it.number == segment.number && it.form == Form::Packed))
    }

    /// Writes down that not everything of the time of a segment is kept any more. A clock that runs ahead says nothing of
    /// times that were yet to come when the segment was written.
    fn write_down(&self, segment: &Segment) -> io::Result<()> {
        let Some((first, last)) = segment.seconds else { return Ok(()) };
        let mut thinned = Thinned::read(&self.folder)?;
        let last = last.min(Aged::of(segment).written.max(first));
        if thinned.add(first, last) {
            write_whole(&thinned_path(&self.folder), thinned.to_text().as_bytes())?;
        }
        Ok(())
    }

    /// Removes what is too old or too much, and counts what stays.
    fn remove_what_is_too_much(&mut self, counters: &Counters) -> io::Result<()> {
        let besides = counters.facts_bytes.load(Ordering::Relaxed);
        let mut left = self.aged()?;
        for segment in self.retention.to_remove(&left, besides) {
            self.write_down(&segment)?;
            remove(&segment)?;
            counters.segments_removed.fetch_add(1, Ordering::Relaxed);
            left.retain(|(it, _)| *it != segment);
        }
        let bytes_of = |chosen: &dyn Fn(Form) -> bool| {
            left.iter().filter(|(segment, _)| chosen(segment.form)).map(|(_, aged)| aged.bytes).sum::<u64>()
        };
        let (whole, all) = (bytes_of(&|form| form != Form::Thinned), bytes_of(&|_| true));
        let facts = keep_only(&self.folder, &self.known.keep_only(left.iter().map(|(segment, _)| segment))?)?;
        counters.facts_bytes.store(facts, Ordering::Relaxed);
        counters.whole_bytes.store(whole, Ordering::Relaxed);
        counters.store_bytes.store(facts + all, Ordering::Relaxed);
        counters.segments.store(left.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// All segments, each with how large and how old it is.
    fn aged(&self) -> io::Result<Vec<(Segment, Aged)>> {
        let all = segments(&self.folder)?.into_iter();
        Ok(all.map(|segment| (Aged::of(&segment), segment)).map(|(aged, segment)| (segment, aged)).collect())
    }
}

/// Whether a rewriting goes on: once the new file has its name, what it stands for is removed whoever wants to stop.
fn heeding(go_on: &dyn Fn() -> bool) -> impl FnMut(Step) -> bool {
    move |step| matches!(step, Step::Named | Step::Removed) || go_on()
}

#[cfg(test)]
mod tests;
