//! The attribute keys that mean something to us, of old and new semantic conventions.

/// One known attribute key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(clippy::enum_variant_names, reason = "the words of the attribute keys")]
pub(crate) enum Key {
    ContainerId,
    DbName,
    DbNamespace,
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
    LogStatusCode,
    MessagingDestination,
    MessagingDestinationName,
    MessagingSystem,
    NetPeerIp,
    NetPeerName,
    NetPeerPort,
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

/// Every key with its spelling, ordered by length so that [`Key::of`] compares only keys of the right length.
const SPELLINGS: [(&[u8], Key); 58] = [
    (b"detail", Key::LogDetail),
    (b"db.name", Key::DbName),
    (b"http.url", Key::HttpUrl),
    (b"url.full", Key::UrlFull),
    (b"db.system", Key::DbSystem),
    (b"host.name", Key::HostName),
    (b"error.type", Key::ErrorType),
    (b"event.name", Key::EventName),
    (b"SampleRate", Key::SampleRate),
    (b"rpc.method", Key::RpcMethod),
    (b"rpc.system", Key::RpcSystem),
    (b"statuscode", Key::LogStatusCode),
    (b"net.peer.ip", Key::NetPeerIp),
    (b"rpc.service", Key::RpcService),
    (b"server.port", Key::ServerPort),
    (b"container.id", Key::ContainerId),
    (b"db.namespace", Key::DbNamespace),
    (b"k8s.pod.name", Key::K8sPodName),
    (b"peer.service", Key::PeerService),
    (b"sampler.type", Key::SamplerType),
    (b"service.name", Key::ServiceName),
    (b"k8s.node.name", Key::K8sNodeName),
    (b"net.peer.name", Key::NetPeerName),
    (b"net.peer.port", Key::NetPeerPort),
    (b"sampler.param", Key::SamplerParam),
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
    (b"exception.message", Key::ExceptionMessage),
    (b"network.peer.port", Key::NetworkPeerPort),
    (b"sampling.priority", Key::SamplingPriority),
    (b"grpc.error_message", Key::GrpcErrorMessage),
    (b"service.instance.id", Key::ServiceInstanceId),
    (b"exception.stacktrace", Key::ExceptionStacktrace),
    (b"feature_flag.variant", Key::FlagVariant),
    (b"feature_flag_variant", Key::FlagVariant),
    (b"network.peer.address", Key::NetworkPeerAddress),
    (b"rpc.grpc.status_code", Key::RpcGrpcStatusCode),
    (b"messaging.destination", Key::MessagingDestination),
    (b"upstream_cluster.name", Key::UpstreamCluster),
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

/// Where the spellings of each length begin in [`SPELLINGS`].
const START: [u8; LENGTHS + 1] = {
    let mut start = [0_u8; LENGTHS + 1];
    let mut length = 0;
    while length <= LENGTHS {
        let mut at = 0_u8;
        while (at as usize) < SPELLINGS.len() && SPELLINGS[at as usize].0.len() < length {
            at += 1;
        }
        start[length] = at;
        length += 1;
    }
    start
};

/// The last eight bytes of each spelling as a number, for comparing without a call: hardly two of one length share them.
const TAILS: [u64; SPELLINGS.len()] = {
    let mut tails = [0; SPELLINGS.len()];
    let mut at = 0;
    while at < SPELLINGS.len() {
        tails[at] = tail(SPELLINGS[at].0);
        at += 1;
    }
    tails
};

/// The last eight bytes as a number; fewer count as if zeros stood before them.
const fn tail(spelling: &[u8]) -> u64 {
    if let Some((_, last)) = spelling.split_last_chunk::<8>() {
        return u64::from_be_bytes(*last);
    }
    let (mut number, mut at) = (0, 0);
    while at < spelling.len() {
        number = number << 8 | spelling[at] as u64;
        at += 1;
    }
    number
}

impl Key {
    /// The key that is spelled so.
    #[inline]
    pub(crate) fn of(spelling: &[u8]) -> Option<Self> {
        if spelling.len() >= LENGTHS {
            return None;
        }
        let (from, to) = (usize::from(START[spelling.len()]), usize::from(START[spelling.len() + 1]));
        let wanted = tail(spelling);
        for at in from..to {
            if TAILS[at] == wanted && SPELLINGS[at].0 == spelling {
                return Some(SPELLINGS[at].1);
            }
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
    pub(crate) fn of(key: &[u8]) -> Self {
        match key {
            [b'd', b'b', b'.', ..] => Self::DB,
            [b'r', b'p', b'c', b'.', ..] => Self::RPC,
            [b'h', b't', b't', b'p', b'.', ..] => Self::HTTP,
            [b'm', ..] if key.starts_with(b"messaging.") => Self::MESSAGING,
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
