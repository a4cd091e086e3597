//! Which change did it, and for which requests: suspects and conditions of a root cause, from requests that failed by it and
//! requests that passed through the same operation.

pub(crate) mod actions;
pub(crate) mod changes;
pub(crate) mod conditions;
pub(crate) mod contrast;
pub(crate) mod distance;
pub(crate) mod looked_at;
pub(crate) mod of_cause;
pub(crate) mod onset;
pub(crate) mod suspicion;
pub(crate) mod telling;
pub(crate) mod told_changes;
