//! The name of an operation, as SDKs write it in four ways.

use crate::read::attributes::Attributes;
use crate::read::semconv::Key;
use crate::read::text::split_once;

/// The name under which the same call meets itself in every language: `pkg.Service/Method` for RPC, else the span name.
/// `scratch` holds the name when it must be put together. Like the span name, what comes back may have to be made valid yet.
#[inline]
pub(crate) fn operation_name<'t>(
    attributes: &'t Attributes<'_>,
    span_name: &'t [u8],
    scratch: &'t mut Vec<u8>,
) -> &'t [u8] {
    let Some(method) = attributes.bytes(&[Key::RpcMethod]) else { return without_sdk_prefix(span_name) };
    // The current conventions put the full name into rpc.method.
    if method.contains(&b'/') {
        return without_sdk_prefix(method);
    }
    let Some(service) = attributes.bytes(&[Key::RpcService]) else { return without_sdk_prefix(span_name) };
    scratch.clear();
    scratch.extend_from_slice(service);
    scratch.push(b'/');
    scratch.extend_from_slice(method);
    scratch
}

/// `name` without the `grpc.` (Node) or `/` (Python) that SDKs put before `pkg.Service/Method`.
fn without_sdk_prefix(name: &[u8]) -> &[u8] {
    if let Some(rest) = name.strip_prefix(b"grpc.") {
        return if rest.contains(&b'/') { rest } else { name };
    }
    match name.strip_prefix(b"/").and_then(|rest| Some((rest, split_once(rest, b'/')?))) {
        Some((rest, (service, method))) if service.contains(&b'.') && !method.contains(&b'/') => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::attributes::Value;
    use crate::read::text::lossy;
    use std::borrow::Cow;

    fn name_of(pairs: &[(Key, &'static str)], span_name: &str) -> String {
        let mut attributes = Attributes::default();
        for &(key, text) in pairs {
            attributes.put(key, Value::Str(Cow::Borrowed(text)));
        }
        lossy(operation_name(&attributes, span_name.as_bytes(), &mut Vec::new())).into_owned()
    }

    #[test]
    fn every_spelling_of_a_call_gives_one_name() {
        let wanted = "oteldemo.PaymentService/Charge";
        assert_eq!(name_of(&[], "grpc.oteldemo.PaymentService/Charge"), wanted);
        assert_eq!(name_of(&[], "/oteldemo.PaymentService/Charge"), wanted);
        assert_eq!(name_of(&[(Key::RpcMethod, "oteldemo.PaymentService/Charge")], "x"), wanted);
        assert_eq!(name_of(&[(Key::RpcMethod, "Charge"), (Key::RpcService, "oteldemo.PaymentService")], "x"), wanted);
    }

    #[test]
    fn paths_and_other_names_stay() {
        for name in ["/api/cart", "/a.b/c/d", "/api", "grpc.io", "GET /x", "/", ""] {
            assert_eq!(name_of(&[], name), name);
        }
        assert_eq!(name_of(&[(Key::RpcMethod, "Charge")], "charge"), "charge");
    }
}
