//! Names of functions and files without what compilers, frameworks and bundlers number anew at each build or start.

use regex::Regex;
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

/// What is generated: what stands in every such name, how it looks, and what stays of it.
const GENERATED: [(&str, &str, &str); 24] = [
    // Java: proxies and accessors that are made at run time, lambdas, anonymous classes.
    ("$$", r"\$\$((?:EnhancerBy|FastClassBy)[A-Za-z]*)\$\$[0-9a-f]+", "$$$$${1}"),
    ("$$", r"\$\$(SpringCGLIB|HibernateProxy)\$\$?\w*", "$$$$${1}"),
    ("_$$_", r"_\$\$_(javassist|jvst)\w*", "_$$$$_${1}"),
    ("Generated", r"(Generated(?:Method|Constructor|SerializationConstructor)Accessor)[0-9]+", "${1}"),
    ("$$Lambda", r"\$\$Lambda(?:\$[0-9]+)?(?:/0x[0-9a-f]+)?", "$$$$Lambda"),
    ("lambda$", r"lambda\$(\w+)\$[0-9]+", "lambda$$${1}"),
    ("$Proxy", r"\$Proxy[0-9]+", "$$Proxy"),
    ("$", r"\$[0-9]+", "$$<n>"),
    // Clojure.
    ("_", r"\b(fn|eval)__?[0-9]+", "${1}"),
    // .NET and Mono: state machines, local functions, closures.
    (".MoveNext", r"<(\w+)>(?:d__[0-9]+|c__Iterator[0-9A-F]+)(?:`[0-9]+)?(?:\[[\w,]*\])?\.MoveNext", "${1}"),
    (">g__", r"<\w+>g__(\w+)\|[0-9_]+", "${1}"),
    (">", r"<(\w*)>(b|m)__[0-9A-F_]+", "<${1}>${2}"),
    (">c__", r"<(\w*)>c__(DisplayClass|AnonStorey)[0-9A-F_]+", "<${1}>${2}"),
    ("lambda_method", r"lambda_method[0-9]+", "lambda_method"),
    // Go: closures.
    (".func", r"\.func[0-9]+(?:\.[0-9]+)*", ".func"),
    // Rust: hashes of symbols and crates, closures.
    ("::h", r"::h[0-9a-f]{16}$", ""),
    ("[", r"\[[0-9a-f]{16}\]", ""),
    ("closure", r"\{(?:\{closure\}|closure(?:_env)?#[0-9]+)\}", "{closure}"),
    // C++: lambdas and clones.
    ("{lambda(", r"\{lambda\([^)]*\)#[0-9]+\}", "{lambda}"),
    (".", r"\.(?:isra|constprop|part|cold)\.?[0-9]*", ""),
    // Ruby: blocks are of the method in which they stand; compiled templates.
    (" in ", r"^(?:(?:block(?: \([0-9]+ levels\))?|rescue|ensure) in )+", ""),
    ("__", r"__[0-9]+_[0-9]+$", ""),
    // PHP: classes without a name.
    ("@anonymous", r"(@anonymous).*?(->|::|$)", "${1}${2}"),
    // Erlang and Elixir: functions without a name.
    ("-", r"-fun-[0-9]+-|-[0-9]+-", ""),
];

/// Each is compiled when a name first holds what stands in all of its kind: of most services no name ever does.
static PATTERNS: [OnceLock<Option<Regex>>; GENERATED.len()] = [const { OnceLock::new() }; GENERATED.len()];

static CONTENT_HASH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([.-])[0-9a-f]{8,64}\.").ok());

/// A function without numbers that change though nobody changed it.
#[must_use]
pub fn stable_function(function: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphabetic() || matches!(c, '.' | '_' | ':');
    if function.chars().all(plain) && !function.contains("__") {
        return Cow::Borrowed(function);
    }
    let mut name = Cow::Borrowed(function);
    for ((stands, found, stays), pattern) in GENERATED.iter().zip(&PATTERNS) {
        if name.contains(stands)
            && let Some(pattern) = pattern.get_or_init(|| Regex::new(found).ok())
            && let Cow::Owned(replaced) = pattern.replace_all(&name, *stays)
        {
            name = Cow::Owned(replaced);
        }
    }
    name
}

/// The name of a file without its folders, which differ from host to host, without the hash of its content, and without the
/// query of its address.
#[must_use]
pub fn stable_file(file: &str) -> Cow<'_, str> {
    let path = file.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    CONTENT_HASH.as_ref().map_or(Cow::Borrowed(name), |hash| hash.replace(name, "${1}<hash>."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::string::string_regex;
    use proptest::test_runner::TestRunner;

    #[test]
    fn the_patterns_compile() {
        for (_, found, _) in GENERATED {
            assert!(Regex::new(found).is_ok(), "{found}");
        }
        assert!(CONTENT_HASH.is_some());
    }

    /// A name without what stands in all names of a kind is none of it: names are made from each pattern, without what makes
    /// no text of them.
    #[test]
    fn whatever_fits_a_pattern_holds_what_is_looked_for() {
        for (stands, found, _) in GENERATED {
            let texts = found.replace(r"\b", "").replace("|$)", ")");
            let texts = string_regex(texts.trim_start_matches('^').trim_end_matches('$')).expect("a pattern");
            // One runner stops at so many texts of all patterns together.
            TestRunner::default()
                .run(&texts, |name| {
                    prop_assert!(name.contains(stands), "{name:?} {found}");
                    Ok(())
                })
                .expect("every name holds it");
        }
    }

    #[test]
    fn what_is_numbered_anew_is_no_part_of_a_name() {
        let cases = [
            ("com.shop.Cart$$EnhancerBySpringCGLIB$$1a2b3c.add", "com.shop.Cart$$EnhancerBySpringCGLIB.add"),
            ("com.shop.Cart$$SpringCGLIB$$0.add", "com.shop.Cart$$SpringCGLIB.add"),
            ("com.shop.Cart_$$_jvst4f_0.add", "com.shop.Cart_$$_jvst.add"),
            ("jdk.GeneratedMethodAccessor12.invoke", "jdk.GeneratedMethodAccessor.invoke"),
            ("com.shop.Cart$$Lambda$14/0x0000000800c03000.run", "com.shop.Cart$$Lambda.run"),
            ("com.shop.Cart.lambda$load$3", "com.shop.Cart.lambda$load"),
            ("com.shop.ShopKt$main$1$later$1.invoke", "com.shop.ShopKt$main$<n>$later$<n>.invoke"),
            ("shop.core$fn__1234.invoke", "shop.core$fn.invoke"),
            ("Shop.Cart`1.<CheckoutAsync>d__3.MoveNext", "Shop.Cart`1.CheckoutAsync"),
            ("Shop.Cart`1+<All>c__Iterator2[T].MoveNext", "Shop.Cart`1+All"),
            ("Shop.Program.<>c__DisplayClass0_0.<Run>b__1", "Shop.Program.<>DisplayClass.<Run>b"),
            ("Shop.Program+<Run>c__AnonStorey0.<>m__1", "Shop.Program+<Run>AnonStorey.<>m"),
            ("Shop.Routes.<Invoke>g__Await|6_0", "Shop.Routes.Await"),
            ("main.main.func1.1", "main.main.func"),
            ("shop::main::{{closure}}", "shop::main::{closure}"),
            ("shop[e28293b1aa0f68bd]::load::h301798c808816365", "shop::load"),
            ("main::{lambda()#1}::operator()() const", "main::{lambda}::operator()() const"),
            ("block (2 levels) in checkout", "checkout"),
            ("rescue in block in load", "load"),
            ("_app_views_cart_html_erb__1234_5678", "_app_views_cart_html_erb"),
            ("Shop\\Cart@anonymous/srv/shop.php:12$0->go", "Shop\\Cart@anonymous->go"),
            ("-all/1-fun-0-/1", "-all/1/1"),
            ("sha256Of", "sha256Of"),
            ("Cart.add2", "Cart.add2"),
        ];
        for (function, stays) in cases {
            assert_eq!(stable_function(function), stays, "{function}");
            assert_eq!(stable_function(stays), stays, "again {function}");
        }
    }

    #[test]
    fn files_go_by_their_names() {
        let cases = [
            ("/srv/releases/20261122/app/cart.rb", "cart.rb"),
            (r"C:\src\Cart.cs", "Cart.cs"),
            ("https://shop.example/static/main.3f2a1bc9.js?v=2", "main.<hash>.js"),
            ("chunk-0a1b2c3d4e5f.js", "chunk-<hash>.js"),
            ("", ""),
        ];
        for (file, name) in cases {
            assert_eq!(stable_file(file), name);
        }
    }
}
