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

/// The longest spelling, in bytes. Four words hold one of up to 32.
const LONGEST: usize = 27;

/// How many slots there are: so many that a multiplier with which no two spellings share one is soon found.
const SLOTS: usize = 1024;

/// A spelling as it is compared: without a branch that depends on its length.
#[derive(Clone, Copy)]
struct Spelled {
    words: [u64; 4],
    length: usize,
    key: Option<Key>,
}

/// The words of a spelling: all of its bytes, some of them twice.
///
/// ```text
/// rpc.grpc.status_code    20 bytes
/// rpc.grpc                the first eight
///         .status_        the eight behind them
///     grpc.sta            the eight before the last
///             tus_code    the last
/// ```
///
/// A spelling of less than eight bytes is one word, with zeros before it.
#[inline(always)]
const fn words_of(spelling: &[u8]) -> [u64; 4] {
    let length = spelling.len();
    if length < 8 {
        let (mut word, mut at) = (0, 0);
        while at < length {
            word = word >> 8 | (spelling[at] as u64) << 56;
            at += 1;
        }
        return [word; 4];
    }
    let last = length - 8;
    let second = if last < 8 { last } else { 8 };
    [
        word_at(spelling, 0),
        word_at(spelling, second),
        word_at(spelling, last.saturating_sub(8)),
        word_at(spelling, last),
    ]
}

/// Eight bytes, which are there.
#[inline(always)]
const fn word_at(spelling: &[u8], at: usize) -> u64 {
    match spelling.split_at(at).1.first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => 0,
    }
}

/// Every spelling, behind one that no key has.
static SPELLED: [Spelled; SPELLINGS.len() + 1] = {
    let mut spelled = [Spelled { words: [0; 4], length: usize::MAX, key: None }; SPELLINGS.len() + 1];
    let mut at = 0;
    while at < SPELLINGS.len() {
        let (spelling, key) = SPELLINGS[at];
        assert!(spelling.len() <= LONGEST && LONGEST <= 32);
        spelled[at + 1] = Spelled { words: words_of(spelling), length: spelling.len(), key: Some(key) };
        at += 1;
    }
    spelled
};

/// Where in [`SPELLED`] the spelling of each slot is, and the multiplier with which each has a slot of its own.
///
/// Two spellings of one length that begin and end alike would never have one: the compiler would say that this takes too long, and
/// [`slot_of`] would have to look at more of them.
#[allow(clippy::cast_possible_truncation, reason = "there are less than 256 spellings")]
const SLOTTED: ([u8; SLOTS], u64) = {
    const { assert!(SPELLINGS.len() < 256) };
    let mut multiplier = GOLDEN;
    loop {
        let mut slots = [0; SLOTS];
        let mut at = 0;
        while at < SPELLINGS.len() {
            let (spelling, _) = SPELLINGS[at];
            let slot = slot_of(&words_of(spelling), spelling.len(), multiplier);
            if slots[slot] != 0 {
                break;
            }
            at += 1;
            slots[slot] = at as u8;
        }
        if at == SPELLINGS.len() {
            break (slots, multiplier);
        }
        multiplier = multiplier.wrapping_mul(GOLDEN);
    }
};

static SLOT: [u8; SLOTS] = SLOTTED.0;

/// The slot of a spelling: the highest bits of a product, which depend on its length, its first bytes and its last ones
/// (multiplicative hashing, Knuth, The Art of Computer Programming, section 6.4).
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "a number below SLOTS")]
const fn slot_of(words: &[u64; 4], length: usize, multiplier: u64) -> usize {
    let mixed = words[0] ^ words[3].rotate_left(29) ^ length as u64;
    (mixed.wrapping_mul(multiplier) >> (u64::BITS - SLOTS.ilog2())) as usize
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
        if spelling.len() > LONGEST {
            return None;
        }
        let words = words_of(spelling);
        let known = &SPELLED[usize::from(SLOT[slot_of(&words, spelling.len(), SLOTTED.1)])];
        let differs = words.iter().zip(&known.words).fold(0, |differs, (word, known)| differs | (word ^ known));
        if differs == 0 && spelling.len() == known.length {
            return known.key;
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

    /// The namespace of a key; none for most. Without a branch for those that come again and again in any order.
    #[inline(always)]
    pub(crate) fn of(key: &[u8]) -> Self {
        let Some((start, rest)) = key.split_first_chunk::<4>() else { return Self::of_short(key) };
        let present = |there: bool, namespace: Self| if there { namespace.0 } else { 0 };
        let is_messaging = start == b"mess" && rest.starts_with(b"aging.");
        Self(
            present(start == b"rpc.", Self::RPC)
                | present((start == b"http") & (rest.first() == Some(&b'.')), Self::HTTP)
                | present(start[..3] == *b"db.", Self::DB)
                | present(is_messaging, Self::MESSAGING),
        )
    }

    fn of_short(key: &[u8]) -> Self {
        if key == b"db." { Self::DB } else { Self(0) }
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
            for at in 0..spelling.len() {
                let (mut other, longer) = (spelling.to_vec(), [spelling, b"s"].concat());
                other[at] ^= 1;
                let known =
                    |spelling: &[u8]| SPELLINGS.iter().find(|(known, _)| *known == spelling).map(|&(_, key)| key);
                assert_eq!((Key::of(&other), Key::of(&longer)), (known(&other), known(&longer)), "{key:?}");
            }
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
