//! What the name of a server's operation is worth: whether requests of one sort, and only those, go by it.

/// The methods of HTTP (RFC 9110, RFC 5789), and what instrumentations write for others.
const METHODS: [&str; 11] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "HTTP", "_OTHER"];

/// Whether the name is nothing but a method, so that all requests of a service go by it.
pub(crate) fn is_vague(name: &str) -> bool {
    let name = name.trim();
    let method = name.strip_prefix("HTTP ").unwrap_or(name);
    method.is_empty() || METHODS.contains(&method)
}

/// Whether a part of the path in the name looks like an id, so that every request has an operation of its own.
pub(crate) fn has_id(name: &str) -> bool {
    let path = name.split_once('/').map_or("", |(_, path)| path);
    path.contains('?') || path.split('/').any(is_id)
}

/// Digits alone; or hexadecimal digits with dashes; or capitals and digits mixed. Words of a route are none of these.
fn is_id(part: &str) -> bool {
    const LONG: usize = 8;
    let every = |of: fn(&u8) -> bool| part.bytes().all(|byte| of(&byte));
    let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = part.bytes().any(|byte| byte.is_ascii_alphabetic());
    let hexadecimal = every(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let capitals = has_letter && every(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    has_digit && (every(u8::is_ascii_digit) || (part.len() >= LONG && (hexadecimal || capitals)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_alone_are_vague() {
        for name in ["GET", "HTTP POST", "", " PATCH ", "HTTP"] {
            assert!(is_vague(name), "{name}");
        }
        for name in ["GET /", "get item", "oteldemo.CartService/GetCart", "handler"] {
            assert!(!is_vague(name), "{name}");
        }
    }

    #[test]
    fn ids_in_paths_are_told_from_words() {
        for name in [
            "GET /orders/12345",
            "GET /api/products/OLJCESPC7Z",
            "/users/0b8f4f7e-1c1e-4a55-9a67-3f1e7a1b2c3d/cart",
            "GET /search?q=x",
        ] {
            assert!(has_id(name), "{name}");
        }
        for name in [
            "GET /api/v1/orders/{id}",
            "GET /api/products/:productId",
            "oteldemo.CartService/GetCart",
            "POST /oauth2/callback",
            "GET /s3",
            "12345",
            "GET /.well-known/jwks.json",
            "/",
        ] {
            assert!(!has_id(name), "{name}");
        }
    }
}
