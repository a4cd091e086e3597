//! What one thread remembers from record to record.

use crate::read::known_keys::KnownKeys;
use crate::read::known_resources::KnownResources;
use crate::read::known_values::KnownValues;

/// Resources, attribute keys and values that were met before.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) resources: KnownResources,
    pub(crate) keys: KnownKeys,
    pub(crate) values: KnownValues,
}
