//! The name of an operation, as SDKs write it in four ways.

use crate::read::attributes::Attributes;
use crate::read::semconv::Key;

/// The name under which the same call meets itself in every language: `pkg.Service/Method` for RPC, else the span name.
/// `scratch` holds the name when it must be put together.
pub(crate) fn operation_name<'t>(
    attributes: &'t Attributes<'_>,
    span_name: &'t str,
    scratch: &'t mut String,
) -> &'t str {
    let Some(method) = attributes.text(&[Key::RpcMethod]) else { return without_sdk_prefix(span_name) };
    // The current conventions put the full name into rpc.method.
    if method.contains('/') {
        return without_sdk_prefix(method);
    }
    let Some(service) = attributes.text(&[Key::RpcService]) else { return without_sdk_prefix(span_name) };
    scratch.clear();
    scratch.extend([service, "/", method]);
    scratch
}

/// `name` without the `grpc.` (Node) or `/` (Python) that SDKs put before `pkg.Service/Method`.
fn without_sdk_prefix(name: &str) -> &str {
    if let Some(rest) = name.strip_prefix("grpc.") {
        return if rest.contains('/') { rest } else { name };
    }
    match name.strip_prefix('/').and_then(|rest| Some((rest, rest.split_once('/')?))) {
        Some((rest, (service, method))) if service.contains('.') && !method.contains('/') => rest,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::attributes::Value;
    use std::borrow::Cow;

    fn name_of(pairs: &[(Key, &'static str)], span_name: &str) -> String {
        let mut attributes = Attributes::default();
        for &(key, text) in pairs {
            attributes.put(key, Value::Str(Cow::Borrowed(text)));
        }
        operation_name(&attributes, span_name, &mut String::new()).to_owned()
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
