//! Which threads come first when there are more that want to work than cores.

/// How much whoever steps back does so, in steps of `nice`: it then gets a tenth of what another thread does that wants to work.
#[cfg(target_os = "linux")]
const STEPS: i32 = 10;

/// Lets this thread step back behind all others: what it does has time. Where the system knows no such thing of single threads, or
/// does not allow it, nothing changes.
pub(crate) fn step_back() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // On Linux this is the calling thread, not its process.
        if let Err(error) = getpriority_process(None).and_then(|nice| setpriority_process(None, nice + STEPS)) {
            tracing::debug!("a thread cannot step back: {error}");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;
    use std::thread;

    #[test]
    fn only_the_thread_that_asks_for_it_steps_back() {
        let before = getpriority_process(None).expect("a priority");
        let of_thread = thread::spawn(|| {
            step_back();
            getpriority_process(None).expect("a priority")
        });
        assert_eq!(of_thread.join().expect("ended"), (before + STEPS).min(19));
        assert_eq!(getpriority_process(None).expect("a priority"), before);
    }
}
