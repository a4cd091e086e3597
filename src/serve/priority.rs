//! Which threads come first when there are more that want to work than cores: those that answer.

/// How much whoever calls this steps back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StepBack {
    /// Behind those that answer: it still gets a fourth of what each of them does.
    Some,
    /// Behind everything else.
    Far,
}

/// Lets this thread step back. Where the system knows no such thing of single threads, or does not allow it, nothing changes.
///
/// An analysis computes for tenths of a second at a time. Beside a thread that does so, one that wakes up for a moment, to take a
/// request or to answer one, would wait for milliseconds until it is its turn.
pub(crate) fn step_back(how: StepBack) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        let steps = match how {
            StepBack::Some => 6,
            StepBack::Far => 12,
        };
        // On Linux this is the calling thread, not its process.
        if let Err(error) = getpriority_process(None).and_then(|nice| setpriority_process(None, nice + steps)) {
            tracing::debug!("a thread cannot step back: {error}");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = how;
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
            step_back(StepBack::Some);
            getpriority_process(None).expect("a priority")
        });
        assert_eq!(of_thread.join().expect("ended"), (before + 6).min(19));
        assert_eq!(getpriority_process(None).expect("a priority"), before);
    }
}
