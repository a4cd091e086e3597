//! How much of what telemetry brings is kept, so that no input decides about memory.

/// The longest name that is stored whole, in bytes; of a longer one the start is kept. Names in use have some tens.
pub const NAME_BYTES: usize = 1 << 10;

/// What stands at the end of a name that was cut.
pub const CUT_NAME: &str = "…";

/// How many bytes of different names are stored where nobody says otherwise, with what each takes besides its text.
/// Telemetry has thousands of names; where it has millions, somebody put ids into them.
pub const NAMES_BYTES: usize = 256 << 20;

/// What storing one name takes besides its text, in bytes: its place in the list and in the table.
pub(crate) const NAME_OVERHEAD: usize = 48;

/// Of the bytes for names, one in so many is kept back for inputs that come when the others are used up: names of one
/// that puts ids into them must not cost those of the inputs behind it.
pub(crate) const NAMES_RESERVE: usize = 4;

/// The most bytes of names that one input is given of that reserve: some ten thousand names.
pub(crate) const NAMES_OF_INPUT: usize = 1 << 20;

/// No input is given more than one in so many bytes of what is left of the reserve, so that there is always some left.
pub(crate) const SHARE_OF_RESERVE: usize = 32;

/// For every so many bytes of names, one service is told apart from the others, with the same reserve: what is counted of
/// a service takes some kilobytes. 65,536 of them in 256 MiB.
pub(crate) const BYTES_OF_SERVICE: usize = 4 << 10;

/// The most services that one input is given of their reserve.
pub(crate) const SERVICES_OF_INPUT: usize = 1000;

/// What stands for every new name when no more are stored.
pub const NAME_BEYOND_BOUND: &str = "(one of too many names)";

/// How many different call targets are stored; further ones count as unknown.
pub const TARGETS: usize = 1 << 20;

/// How many spans of one trace are analysed. The largest that were seen in the wild have some hundred thousand.
pub const SPANS_OF_TRACE: usize = 2_000_000;

/// How many bytes of messages and stack traces are kept of one trace. A request that fails tells its reason in some
/// kilobytes; a job that fails a hundred thousand times tells the same again and again.
pub const TEXT_OF_TRACE: usize = 128 << 20;

/// How many log records of one span are kept: half of them the first that it wrote, half the last.
pub const LOGS_OF_SPAN: usize = 64;
