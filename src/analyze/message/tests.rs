use super::*;
use proptest::prelude::*;

#[test]
fn the_patterns_compile() {
    assert!(VARYING.is_some() && CERTAIN.is_some());
}

#[test]
fn what_varies_is_replaced() {
    let cases = [
        ("The credit card (ending 0458) has expired", "The credit card (ending <int>) has expired"),
        ("connect ECONNREFUSED 127.0.0.1:16399", "connect ECONNREFUSED <ip>"),
        ("connect ECONNREFUSED ::1:3000", "connect ECONNREFUSED <ip>"),
        ("dial tcp [2001:db8::7]:443: refused", "dial tcp <ip>: refused"),
        ("last error: UNKNOWN: ipv4:127.0.0.1:18051: Failed", "last error: UNKNOWN: ipv4:<ip>: Failed"),
        ("getaddrinfo ENOTFOUND cart.shop.svc.cluster.local", "getaddrinfo ENOTFOUND <host>"),
        ("no route to api.example.com:8443, giving up", "no route to <host>, giving up"),
        ("localhost:8080 is down", "<host> is down"),
        ("GET http://email:6060/send?id=5 failed.", "GET <url> failed."),
        ("see https://a.b/c.", "see <url>."),
        ("no such user jane.doe+x@example.co.uk!", "no such user <email>!"),
        ("Product #OLJCESPC7Z not found", "Product #<id> not found"),
        ("No product #\"66VCHSJNUP\"", "No product #\"<id>\""),
        ("order 0b7d8c5e-1111-4222-8333-123456789abc lost", "order <uuid> lost"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "<traceparent>"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace <hex>"),
        ("at 0xdeadBEEF in deadbeef", "at <hex> in deadbeef"),
        ("built from 3f2a1bc", "built from <hex>"),
        ("at 2026-11-22T07:08:43.123Z", "at <date>"),
        ("since Sun, 22 Nov 2026 07:08:43 GMT", "since <date>"),
        (
            "timed out after 3000ms, limit 1m30.5s or 20 seconds",
            "timed out after <duration>, limit <duration> or <duration>",
        ),
        ("12 of 3.5e-7 at -5 in a-5", "<int> of <float> at <int> in a-<int>"),
        ("user=\"Jane Doe\" retry=false name='x'", "user=<value> retry=<bool> name=<value>"),
    ];
    for (message, cleaned) in cases {
        assert_eq!(clean(message), cleaned);
    }
}

#[test]
fn what_does_not_vary_stays() {
    for message in [
        "emailTemplateV2 needs sha256 of int64 in utf8",
        "HTTP/1.1 or h2 or v2 or v1.2.3 with UTF-8 and TLSv1.3",
        "java.net.SocketException in java.net.http",
        "module.exports.charge, jinja2.exceptions.UndefinedError, std::fmt, add::be",
        "Request failed with status code 503",
        "'customer' is undefined",
        "INVALID_ARGUMENT UNAVAILABLE DEADBEEF accede",
        "details = \"Can't access cart storage\"",
    ] {
        assert_eq!(clean(message), message);
    }
}

#[test]
fn long_messages_are_cut_between_words() {
    let cleaned = clean(&"1 ".repeat(2000));
    assert!(cleaned.len() <= MAX_CLEANED && cleaned.ends_with("<int>"), "{}", cleaned.len());
    assert_eq!(clean(&"é".repeat(3000)).len(), MAX_CLEANED);
}

#[test]
fn hostile_messages_take_no_time() {
    for piece in
        ["a.", "a1.", "a1:", "a::", "1.", "x=\"", "a@", "a@b.", "status ", "1d", "Mon ", "é1.", "a.b ", "a.b é"]
    {
        let start = std::time::Instant::now();
        let _ = clean(&piece.repeat(1_000_000));
        assert!(start.elapsed() < std::time::Duration::from_secs(1), "{piece}: {:?}", start.elapsed());
    }
}

#[test]
fn decoration_is_no_part_of_the_core() {
    let cases = [
        ("13 INTERNAL: failed to place order: UNKNOWN: x", "failed to place order: UNKNOWN: x"),
        ("StatusCode.UNAVAILABLE: StatusCode.INTERNAL: down", "down"),
        ("rpc error: code = Unknown desc = no card", "no card"),
        ("Error: 3 INVALID_ARGUMENT: no card", "no card"),
        ("TypeError [ERR_X]: no card", "no card"),
        ("jinja2.exceptions.UndefinedError: 'customer' is undefined", "'customer' is undefined"),
        ("__main__.NoStock: none left", "none left"),
        ("Product: none left", "Product: none left"),
        ("13 items: none left", "13 items: none left"),
        ("Error:", "Error:"),
        ("  ", ""),
        (
            "_InactiveRpcError: <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNKNOWN\n\tdetails = \"PaymentService \"Fail\" Flag\"\n\tdebug_error_string = \"UNKNOWN:x\"\n>",
            "PaymentService \"Fail\" Flag",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(core(message), expected);
    }
}

#[test]
fn the_messages_of_one_failing_order_wrap_each_other() {
    let payment = "PaymentService Fail Feature Flag Enabled";
    let checkout = "<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNKNOWN\n\tdetails = \"PaymentService Fail Feature Flag Enabled\"\n\tdebug_error_string = \"UNKNOWN:PaymentService Fail Feature Flag Enabled\"\n>";
    let frontend = "13 INTERNAL: failed to place order: UNKNOWN: PaymentService Fail Feature Flag Enabled";
    assert!(wraps(checkout, payment));
    assert!(wraps(frontend, checkout));
    assert!(wraps(frontend, payment));
    assert!(!wraps(payment, frontend));
    assert!(!wraps(frontend, "Can't access cart storage"));
}

#[test]
fn whitespace_is_alike_and_short_messages_must_be_equal() {
    assert!(wraps("Error: no\n\tmore   cards", "no more cards"));
    assert!(wraps("Error: boom", "boom"));
    assert!(!wraps("boom in the shop", "boom"));
    assert!(!wraps("anything", ""));
    assert!(!wraps("", ""));
}

/// Text of the pieces that patterns look for, so that they meet in every way.
fn soup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        proptest::sample::select(vec![
            "=",
            "\"",
            "'",
            "true",
            "5",
            "1.5",
            "-",
            "+",
            ".",
            ":",
            "::",
            "/",
            "@",
            "a",
            "com",
            "localhost",
            "http://",
            "ab12cd34",
            "[",
            "]",
            " ",
            "\n",
            "ms",
            "s",
            "0x",
            "127.0.0.1",
            "HTTP/1",
            "status ",
            "<int>",
            "<",
            ">",
            "\\",
            "é",
            "_",
            "e",
            "v",
            "OLJCESPC7Z",
            "2026-11-22",
            "T07:08:43",
            "Jan ",
            "svc.cluster.local",
            "utf-8",
        ])
        .prop_map(str::to_owned),
        ".{0,3}",
    ];
    proptest::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn cleaning_twice_changes_nothing_more(text in soup(), times in prop_oneof![Just(1_usize), Just(60)]) {
        let once = clean(&text.repeat(times));
        prop_assert_eq!(clean(&once), once);
    }

    #[test]
    fn cleaned_messages_are_bounded(text in "(?s).{0,200}") {
        let cleaned = clean(&text);
        prop_assert!(cleaned.len() <= MAX_CLEANED && cleaned.len() <= 8 * text.len());
    }

    #[test]
    fn every_message_wraps_itself(text in soup(), more in "(?s).{0,50}") {
        for text in [text, more] {
            prop_assert!(text.trim().is_empty() || wraps(&text, &text));
            prop_assert!(text.contains(core(&text)));
        }
    }

    #[test]
    fn decoration_does_not_hide(text in "[a-z ]{8,40}[a-z]{8}") {
        let outer = format!("13 INTERNAL: Error: {}", text);
        prop_assert!(wraps(&outer, &text));
    }
}
