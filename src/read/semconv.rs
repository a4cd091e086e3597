//! The attribute keys that mean something to us, of old and new semantic conventions.

use crate::model::quick::GOLDEN;

/// One known attribute key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(clippy::enum_variant_names, reason = "the words of the attribute keys")]
pub(crate) enum Key {
    ContainerId,
    DbCollection,
    DbName,
    DbNamespace,
    DbOperation,
    DbQuerySummary,
    DbQueryText,
    DbSystem,
    DbSystemName,
    ErrorType,
    EventName,
    ExceptionMessage,
    ExceptionStacktrace,
    ExceptionType,
    FlagKey,
    FlagResultValue,
    FlagResultVariant,
    FlagVariant,
    GrpcErrorMessage,
    GrpcErrorName,
    HostName,
    HttpResponseStatusCode,
    HttpStatusCode,
    HttpUrl,
    K8sNodeName,
    K8sPodName,
    LogDetail,
    LogLogger,
    LogSeverity,
    LogStatusCode,
    MessagingDestination,
    MessagingDestinationName,
    MessagingSystem,
    NetPeerIp,
    NetPeerName,
    NetPeerPort,
    NetSockPeerAddr,
    NetSockPeerName,
    NetSockPeerPort,
    NetworkPeerAddress,
    NetworkPeerPort,
    PeerService,
    RpcGrpcStatusCode,
    RpcMethod,
    RpcResponseStatusCode,
    RpcService,
    RpcStatusCode,
    RpcSystem,
    RpcSystemName,
    SampleRate,
    SamplerParam,
    SamplerType,
    SamplingPriority,
    SdkLanguage,
    ServerAddress,
    ServerPort,
    ServiceInstanceId,
    ServiceName,
    ServiceVersion,
    UpstreamCluster,
    UrlFull,
}

/// Every key with its spelling, ordered by length.
const SPELLINGS: [(&[u8], Key); 72] = [
    (b"detail", Key::LogDetail),
    (b"db.name", Key::DbName),
    (b"http.url", Key::HttpUrl),
    (b"url.full", Key::UrlFull),
    (b"db.system", Key::DbSystem),
    (b"host.name", Key::HostName),
    (b"error.type", Key::ErrorType),
    (b"event.name", Key::EventName),
    (b"SampleRate", Key::SampleRate),
    // Log records that an appender writes as events of the span.
    (b"log.logger", Key::LogLogger),
    (b"rpc.method", Key::RpcMethod),
    (b"rpc.system", Key::RpcSystem),
    (b"statuscode", Key::LogStatusCode),
    (b"net.peer.ip", Key::NetPeerIp),
    (b"rpc.service", Key::RpcService),
    (b"server.port", Key::ServerPort),
    (b"container.id", Key::ContainerId),
    (b"log.severity", Key::LogSeverity),
    (b"db.namespace", Key::DbNamespace),
    (b"k8s.pod.name", Key::K8sPodName),
    (b"peer.service", Key::PeerService),
    (b"sampler.type", Key::SamplerType),
    (b"service.name", Key::ServiceName),
    (b"db.sql.table", Key::DbCollection),
    (b"db.operation", Key::DbOperation),
    (b"db.statement", Key::DbQueryText),
    (b"k8s.node.name", Key::K8sNodeName),
    (b"net.peer.name", Key::NetPeerName),
    (b"net.peer.port", Key::NetPeerPort),
    (b"sampler.param", Key::SamplerParam),
    (b"db.query.text", Key::DbQueryText),
    (b"db.system.name", Key::DbSystemName),
    (b"exception.type", Key::ExceptionType),
    (b"server.address", Key::ServerAddress),
    (b"grpc.error_name", Key::GrpcErrorName),
    (b"rpc.status_code", Key::RpcStatusCode),
    (b"rpc.system.name", Key::RpcSystemName),
    (b"service.version", Key::ServiceVersion),
    (b"feature_flag.key", Key::FlagKey),
    (b"feature_flag_key", Key::FlagKey),
    // Envoy's spelling.
    (b"grpc.status_code", Key::RpcStatusCode),
    (b"http.status_code", Key::HttpStatusCode),
    (b"messaging.system", Key::MessagingSystem),
    (b"upstream_cluster", Key::UpstreamCluster),
    (b"db.query.summary", Key::DbQuerySummary),
    (b"exception.message", Key::ExceptionMessage),
    (b"network.peer.port", Key::NetworkPeerPort),
    (b"sampling.priority", Key::SamplingPriority),
    (b"db.operation.name", Key::DbOperation),
    (b"grpc.error_message", Key::GrpcErrorMessage),
    (b"db.collection.name", Key::DbCollection),
    (b"db.cassandra.table", Key::DbCollection),
    (b"net.sock.peer.addr", Key::NetSockPeerAddr),
    (b"net.sock.peer.name", Key::NetSockPeerName),
    (b"net.sock.peer.port", Key::NetSockPeerPort),
    (b"service.instance.id", Key::ServiceInstanceId),
    (b"exception.stacktrace", Key::ExceptionStacktrace),
    (b"feature_flag.variant", Key::FlagVariant),
    (b"feature_flag_variant", Key::FlagVariant),
    (b"network.peer.address", Key::NetworkPeerAddress),
    (b"rpc.grpc.status_code", Key::RpcGrpcStatusCode),
    (b"messaging.destination", Key::MessagingDestination),
    (b"upstream_cluster.name", Key::UpstreamCluster),
    (b"db.mongodb.collection", Key::DbCollection),
    (b"telemetry.sdk.language", Key::SdkLanguage),
    (b"rpc.response.status_code", Key::RpcResponseStatusCode),
    (b"feature_flag.result.value", Key::FlagResultValue),
    (b"feature_flag_result_value", Key::FlagResultValue),
    (b"http.response.status_code", Key::HttpResponseStatusCode),
    (b"messaging.destination.name", Key::MessagingDestinationName),
    (b"feature_flag.result.variant", Key::FlagResultVariant),
    (b"feature_flag_result_variant", Key::FlagResultVariant),
];

/// One more than the longest spelling.
const LENGTHS: usize = 28;

/// How many slots there are: more than three times as many as spellings, so that most keys that are not known fall into an empty one.
const SLOTS: usize = 256;

/// A spelling where it is looked for, so that only one place of the memory has to be looked at.
#[derive(Clone, Copy)]
struct Slot {
    /// The spelling, and nothing behind it.
    bytes: [u8; LENGTHS],
    length: u8,
    /// `None` when the slot is empty.
    key: Option<Key>,
}

/// The spelling that belongs into each slot. One whose slot is taken has the next that is free.
static SLOT: [Slot; SLOTS] = {
    let mut slots = [Slot { bytes: [0; LENGTHS], length: 0, key: None }; SLOTS];
    let mut at = 0;
    while at < SPELLINGS.len() {
        let (spelling, key) = SPELLINGS[at];
        let mut slot = slot_of(spelling);
        while slots[slot].key.is_some() {
            slot = (slot + 1) % SLOTS;
        }
        let mut byte = 0;
        while byte < spelling.len() {
            slots[slot].bytes[byte] = spelling[byte];
            slots[slot].length += 1;
            byte += 1;
        }
        slots[slot].key = Some(key);
        at += 1;
    }
    slots
};

impl Slot {
    #[inline(always)]
    fn holds(&self, spelling: &[u8]) -> bool {
        self.bytes.get(..usize::from(self.length)).is_some_and(|known| is_same(known, spelling))
    }
}

/// The slot of a spelling: the highest bits of a product, which depend on its length and on its last bytes, which differ
/// more than the first ones (multiplicative hashing, Knuth, The Art of Computer Programming, section 6.4).
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "a number below SLOTS")]
const fn slot_of(spelling: &[u8]) -> usize {
    let tail = match (spelling.split_last_chunk::<8>(), spelling.split_last_chunk::<4>()) {
        (Some((_, last)), _) => u64::from_le_bytes(*last),
        (None, Some((_, last))) => u32::from_le_bytes(*last) as u64,
        (None, None) => 0,
    };
    let length = spelling.len() as u64;
    ((tail ^ (length << 59) ^ length).wrapping_mul(GOLDEN) >> (u64::BITS - SLOTS.ilog2())) as usize
}

/// Whether two spellings are the same: compared in two pieces of one size, which overlap, without a call.
#[inline(always)]
fn is_same(known: &[u8], spelling: &[u8]) -> bool {
    const { assert!(LENGTHS <= 2 * 16) };
    known.len() == spelling.len()
        && match known.len() {
            16.. => ends_are_same::<16>(known, spelling),
            8.. => ends_are_same::<8>(known, spelling),
            4.. => ends_are_same::<4>(known, spelling),
            _ => known == spelling,
        }
}

#[inline(always)]
fn ends_are_same<const N: usize>(a: &[u8], b: &[u8]) -> bool {
    match (a.first_chunk::<N>(), b.first_chunk::<N>(), a.last_chunk::<N>(), b.last_chunk::<N>()) {
        (Some(start_a), Some(start_b), Some(end_a), Some(end_b)) => (start_a == start_b) & (end_a == end_b),
        _ => false,
    }
}

impl Key {
    /// How many keys there are.
    pub(crate) const COUNT: usize = Self::UrlFull as usize + 1;

    /// How the keys are spelled.
    pub(crate) fn spellings() -> impl Iterator<Item = &'static str> {
        SPELLINGS.iter().filter_map(|(spelling, _)| std::str::from_utf8(spelling).ok())
    }

    /// The key that is spelled so.
    #[inline]
    pub(crate) fn of(spelling: &[u8]) -> Option<Self> {
        if spelling.len() >= LENGTHS {
            return None;
        }
        let mut slot = slot_of(spelling);
        while SLOT[slot].key.is_some() {
            if SLOT[slot].holds(spelling) {
                return SLOT[slot].key;
            }
            slot = (slot + 1) % SLOTS;
        }
        if matches!(spelling.len(), 6 | 10) { Self::of_dotnet(spelling) } else { None }
    }

    /// The two keys that .NET logging spells in whatever case the message template has them.
    fn of_dotnet(spelling: &[u8]) -> Option<Self> {
        if spelling.eq_ignore_ascii_case(b"statuscode") {
            Some(Self::LogStatusCode)
        } else if spelling.eq_ignore_ascii_case(b"detail") {
            Some(Self::LogDetail)
        } else {
            None
        }
    }
}

/// The namespaces whose presence tells what sort of peer a span calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Namespaces(u8);

impl Namespaces {
    pub(crate) const DB: Self = Self(1);
    pub(crate) const MESSAGING: Self = Self(2);
    pub(crate) const RPC: Self = Self(4);
    pub(crate) const HTTP: Self = Self(8);

    /// The namespace of a key; none for most.
    #[inline(always)]
    pub(crate) fn of(key: &[u8]) -> Self {
        // Four bytes are compared as one number.
        match key.split_first_chunk::<4>() {
            Some((b"rpc.", _)) => Self::RPC,
            Some((b"http", [b'.', ..])) => Self::HTTP,
            Some((b"mess", rest)) if rest.starts_with(b"aging.") => Self::MESSAGING,
            Some(([b'd', b'b', b'.', _], _)) => Self::DB,
            None if key == b"db." => Self::DB,
            _ => Self(0),
        }
    }

    /// Adds those of `other`.
    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether `namespace` is among these.
    pub(crate) fn has(self, namespace: Self) -> bool {
        self.0 & namespace.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_and_stands_in_order_of_length() {
        for pair in SPELLINGS.windows(2) {
            assert!(pair[0].0.len() <= pair[1].0.len(), "{:?} stands before {:?}", pair[0].1, pair[1].1);
        }
        for (spelling, key) in SPELLINGS {
            assert_eq!(Key::of(spelling), Some(key));
        }
        assert_eq!(Key::of(b"StatusCode"), Some(Key::LogStatusCode));
        assert_eq!(Key::of(b""), None);
        assert_eq!(Key::of(&[b'x'; 100]), None);
    }

    #[test]
    fn namespaces_need_their_dot() {
        assert!(Namespaces::of(b"db.statement").has(Namespaces::DB));
        assert!(!Namespaces::of(b"dbx").has(Namespaces::DB));
        assert!(Namespaces::of(b"messaging.operation.type").has(Namespaces::MESSAGING));
    }
}
