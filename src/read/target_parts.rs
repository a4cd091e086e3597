//! Whom a call goes to, from the attributes of the calling span.

use crate::model::names::Names;
use crate::model::sym::Sym;
use crate::model::target::{Target, TargetClass, TargetId};
use crate::read::attributes::Attributes;
use crate::read::semconv::{Key, Namespaces};
use crate::read::text::{rsplit_once, split_once, sym};
use std::net::IpAddr;

/// The target that the attributes of a CLIENT or PRODUCER span describe.
#[inline]
pub(crate) fn target(attributes: &Attributes<'_>, names: &mut Names) -> TargetId {
    let class = class(attributes.namespaces);
    let system: &[Key] = match class {
        TargetClass::Database => &[Key::DbSystemName, Key::DbSystem],
        TargetClass::Messaging => &[Key::MessagingSystem],
        TargetClass::Rpc => &[Key::RpcSystemName, Key::RpcSystem],
        TargetClass::Http | TargetClass::Unknown => &[],
    };
    let resource: &[Key] = match class {
        TargetClass::Database => &[Key::DbNamespace, Key::DbName],
        TargetClass::Messaging => &[Key::MessagingDestinationName, Key::MessagingDestination],
        _ => &[],
    };
    let rpc_service = attributes.bytes(&[Key::RpcService]).or_else(|| {
        let full_method = attributes.bytes(&[Key::RpcMethod])?;
        let start = full_method.iter().position(|&byte| byte != b'/')?;
        rsplit_once(&full_method[start..], b'/').map(|(service, _)| service)
    });
    let (address, port) = address(attributes);
    let mut name = |text: Option<&[u8]>| text.map_or(Sym::EMPTY, |text| sym(text, names));
    let target = Target {
        class,
        system: name(attributes.bytes(system)),
        peer_service: name(attributes.bytes(&[Key::PeerService])),
        rpc_service: name(rpc_service),
        address: name(address),
        port,
        resource: name(attributes.bytes(resource)),
    };
    names.target(target)
}

fn class(namespaces: Namespaces) -> TargetClass {
    if namespaces.has(Namespaces::DB) {
        TargetClass::Database
    } else if namespaces.has(Namespaces::MESSAGING) {
        TargetClass::Messaging
    } else if namespaces.has(Namespaces::RPC) {
        TargetClass::Rpc
    } else if namespaces.has(Namespaces::HTTP) {
        TargetClass::Http
    } else {
        TargetClass::Unknown
    }
}

/// Host and port (0: not given) of the callee: names before addresses, and what the caller asked for before what it was
/// connected with, which may be a proxy.
///
/// | | host | port |
/// | --- | --- | --- |
/// | 1 | `server.address`, else `net.peer.name` | `server.port`, else `net.peer.port` |
/// | 2 | that of `url.full`, else of `http.url` | the same, else that of the URL |
/// | 3 | `upstream_cluster` of Envoy | the same, else that of the cluster |
/// | 4 | `net.sock.peer.name`, else `network.peer.address`, else `net.sock.peer.addr`, else `net.peer.ip`; none where it is the own machine (127.0.0.1) | the same, else `network.peer.port`, else `net.sock.peer.port` |
#[inline]
fn address<'t>(attributes: &'t Attributes<'_>) -> (Option<&'t [u8]>, u16) {
    const OF_SOCKET: [Key; 4] = [Key::NetSockPeerName, Key::NetworkPeerAddress, Key::NetSockPeerAddr, Key::NetPeerIp];
    let told_port = |keys: &[Key]| attributes.integer(keys).and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
    let port = told_port(&[Key::ServerPort, Key::NetPeerPort]);
    let with = |host, other_port| (Some(host), if port == 0 { other_port } else { port });
    if let Some(host) = attributes.bytes(&[Key::ServerAddress, Key::NetPeerName]) {
        return with(host, 0);
    }
    if let Some((host, url_port)) = attributes.bytes(&[Key::UrlFull, Key::HttpUrl]).and_then(host_of_url) {
        return with(host, url_port);
    }
    // A proxy that reached nobody has no address to tell, and names the cluster that it looked in.
    if let Some((host, cluster_port)) = attributes.bytes(&[Key::UpstreamCluster]).map(host_of_cluster) {
        return with(host, cluster_port);
    }
    // Behind a sidecar every call goes to the caller's own machine.
    match attributes.bytes(&OF_SOCKET).filter(|host| !is_own_machine(host)) {
        Some(host) => with(host, told_port(&[Key::NetworkPeerPort, Key::NetSockPeerPort])),
        None => (None, port),
    }
}

/// Whether an address is one by which a machine calls itself (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3).
fn is_own_machine(host: &[u8]) -> bool {
    std::str::from_utf8(host).is_ok_and(|host| host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

/// Host and port (0: not given) of a cluster of Envoy: in a mesh of Istio `outbound|80|subset|host`, else any name.
fn host_of_cluster(cluster: &[u8]) -> (&[u8], u16) {
    let parts: Vec<&[u8]> = cluster.split(|&byte| byte == b'|').collect();
    match parts[..] {
        [b"outbound" | b"inbound", port, _, host] if !host.is_empty() => (host, number(port).unwrap_or(0)),
        _ => (cluster, 0),
    }
}

fn number(port: &[u8]) -> Option<u16> {
    std::str::from_utf8(port).ok()?.parse().ok()
}

/// Host and port (0: not given) of `scheme://user@host:port/path`.
pub(crate) fn host_of_url(url: &[u8]) -> Option<(&[u8], u16)> {
    let rest = &url[memchr::memmem::find(url, b"://")? + 3..];
    let authority = &rest[..memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len())];
    let authority = rsplit_once(authority, b'@').map_or(authority, |(_, host)| host);
    let bracketed = authority.strip_prefix(b"[").and_then(|rest| split_once(rest, b']'));
    let (host, port) = match bracketed {
        Some((host, port)) => (host, port.strip_prefix(b":")),
        None => split_once(authority, b':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    (!host.is_empty()).then(|| (host, port.and_then(number).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_out_of_urls() {
        assert_eq!(host_of_url(b"http://email:6060/send?x"), Some((&b"email"[..], 6060)));
        assert_eq!(host_of_url(b"https://me:pw@shop.example"), Some((&b"shop.example"[..], 0)));
        assert_eq!(host_of_url(b"http://[::1]:80/"), Some((&b"::1"[..], 80)));
        assert_eq!(host_of_url(b"/relative"), None);
        assert_eq!(host_of_url(b"http:///x"), None);
    }

    #[test]
    fn hosts_are_taken_out_of_clusters_of_a_mesh() {
        assert_eq!(host_of_cluster(b"outbound|80||pay.shop.svc"), (&b"pay.shop.svc"[..], 80));
        assert_eq!(host_of_cluster(b"outbound|x|v2|pay"), (&b"pay"[..], 0));
        for cluster in [&b"reports"[..], b"outbound|80||", b"a|80||pay", b"outbound|80|pay", b""] {
            assert_eq!(host_of_cluster(cluster), (cluster, 0));
        }
    }
}
