//! What one thread remembers from record to record.

use crate::read::known_keys::KnownKeys;
use crate::read::known_resources::KnownResources;

/// Resources and attribute keys that were met before.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) resources: KnownResources,
    pub(crate) keys: KnownKeys,
}
