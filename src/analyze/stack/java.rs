//! Stacks of Java, Kotlin, Scala and everything else that runs on the JVM.

use crate::analyze::stack::caused_by;
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::language::{Fit, is_bracketed};
use crate::analyze::stack::pieces::{fit_of_frames, start_of};
use crate::analyze::stack::place::{file_line, is_in};

/// Packages of the runtime and of public libraries and frameworks.
const LIBRARIES: &[&str] = &[
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "com.oracle.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "org.codehaus.groovy.",
    "clojure.",
    "android.",
    "androidx.",
    "dalvik.",
    "com.android.",
    "_COROUTINE.",
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.eclipse.",
    "org.jboss.",
    "org.wildfly.",
    "org.glassfish.",
    "org.aspectj.",
    "org.slf4j.",
    "org.postgresql.",
    "org.mariadb.",
    "org.h2.",
    "org.mongodb.",
    "org.elasticsearch.",
    "org.redisson.",
    "org.junit.",
    "org.mockito.",
    "org.objectweb.",
    "org.jooq.",
    "org.flywaydb.",
    "org.quartz.",
    "com.mongodb.",
    "com.mysql.",
    "com.zaxxer.",
    "com.microsoft.sqlserver.",
    "com.fasterxml.",
    "com.google.common.",
    "com.google.protobuf.",
    "com.google.gson.",
    "com.google.inject.",
    "com.google.api.",
    "com.google.cloud.",
    "com.amazonaws.",
    "software.amazon.",
    "com.azure.",
    "com.netflix.",
    "com.rabbitmq.",
    "com.github.benmanes.",
    "com.datastax.",
    "com.linecorp.armeria.",
    "com.typesafe.",
    "akka.",
    "play.",
    "io.netty.",
    "io.grpc.",
    "io.opentelemetry.",
    "io.micrometer.",
    "io.micronaut.",
    "io.quarkus.",
    "io.vertx.",
    "io.undertow.",
    "io.lettuce.",
    "io.ktor.",
    "io.smallrye.",
    "io.reactivex.",
    "io.projectreactor.",
    "io.r2dbc.",
    "io.dropwizard.",
    "io.github.resilience4j.",
    "reactor.",
    "rx.",
    "redis.clients.",
    "feign.",
    "okhttp3.",
    "okio.",
    "retrofit2.",
    "ch.qos.logback.",
    "net.sf.",
    "net.bytebuddy.",
    "javassist.",
    "freemarker.",
    "oracle.jdbc.",
    "worker.org.gradle.",
];

/// Frames alone are proof: nothing at the beginning of an exception is Java's alone.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains("at ") {
        return Fit::None;
    }
    fit_of_frames(text, flat, |rest| caused_by::begins_line(rest, frame), |line| frame(line).is_some())
}

/// Reads the exception and its causes.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    caused_by::parse(text, flat, frame)
}

/// Not the application's: the runtime, libraries by their packages or their versioned jars, and classes that are made at run
/// time.
pub(super) fn in_app(frame: &Frame) -> bool {
    let made = frame.function.contains("$$Lambda") || frame.function.starts_with("$Proxy");
    let made = made || frame.function.contains(".$Proxy") || is_bracketed(&frame.file);
    let module = frame.package.split('@').next().unwrap_or_default();
    !made && !is_in(&frame.function, LIBRARIES) && !is_in(module, &["java.", "jdk."])
}

/// `at [loader/][module@version/]package.Class.method(File.java:12)[ ~[jar:version]]`.
fn frame(line: &str) -> Option<Frame> {
    let call = start_of(line).strip_prefix("at ")?;
    let (call, rest) = call.split_once('(')?;
    let (place, rest) = rest.split_once(')')?;
    let (module, function) = module(call);
    let named = function.contains('.') && !function.contains(char::is_whitespace) && !function.starts_with('.');
    let (file, line) = source(place)?;
    // What log libraries add: ~[spring-core-6.1.jar:6.1], [classes/:na].
    let jar = rest.trim_start().trim_start_matches('~').strip_prefix('[').and_then(|jar| jar.split_once(']'));
    let jar = jar.map_or("", |(jar, _)| jar.split(':').next().unwrap_or_default()).trim_matches('?');
    let package = if module.is_empty() { jar } else { module };
    named.then(|| Frame {
        file: file.into(),
        line,
        function: function.into(),
        package: package.into(),
        ..Frame::default()
    })
}

/// The module before a class. The name of a hidden class has a slash of its own: `Shop$$Lambda/0x00000008.run`.
fn module(call: &str) -> (&str, &str) {
    let slash = |text: &str| text.rfind('/');
    let hidden = |at: usize| call[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let at = slash(call).and_then(|at| if hidden(at) { slash(&call[..at]) } else { Some(at) });
    at.map_or(("", call), |at| (call[..at].trim_matches('/'), &call[at + 1..]))
}

/// File and line in the brackets of a frame.
fn source(place: &str) -> Option<(&str, Option<u32>)> {
    const FILES: [&str; 7] = [".java", ".kt", ".kts", ".scala", ".groovy", ".clj", ".cljc"];
    const OTHERS: [&str; 8] = [".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".php", ".py"];
    match place {
        "Native Method" | "Unknown Source" | "" => Some(("", None)).filter(|_| !place.is_empty()),
        "<generated>" => Some((place, None)),
        _ if FILES.iter().any(|end| place.ends_with(end)) || place == "SourceFile" => Some((place, None)),
        _ => file_line(place)
            .filter(|(file, _)| !file.contains(['/', '\\', ' ', '(']) && !OTHERS.iter().any(|end| file.ends_with(end)))
            .or_else(|| file_line(place).filter(|(file, _)| *file == "Unknown Source"))
            .map(|(file, line)| (if file == "Unknown Source" { "" } else { file }, Some(line))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_frame() {
        let cases = [
            ("at com.shop.Cart.add(Cart.java:12)", ("Cart.java", Some(12), "com.shop.Cart.add", "")),
            (
                "at java.base/java.lang.Thread.run(Thread.java:840)",
                ("Thread.java", Some(840), "java.lang.Thread.run", "java.base"),
            ),
            ("at app//com.shop.Cart.<init>(Cart.kt:3)", ("Cart.kt", Some(3), "com.shop.Cart.<init>", "app")),
            ("at app/shop@1.2/com.shop.Cart.add(Cart.java)", ("Cart.java", None, "com.shop.Cart.add", "app/shop@1.2")),
            ("at a.B.c(B.java:1) ~[shop-1.2.jar:1.2]", ("B.java", Some(1), "a.B.c", "shop-1.2.jar")),
            ("at a.B.c(B.java:1) ~[?:?]", ("B.java", Some(1), "a.B.c", "")),
            (
                "at a.B$$Lambda$14/0x0000000800c03000.run(Unknown Source)",
                ("", None, "a.B$$Lambda$14/0x0000000800c03000.run", ""),
            ),
            ("at m/a.B$$Lambda/0x0000.run(Unknown Source)", ("", None, "a.B$$Lambda/0x0000.run", "m")),
            ("at sun.X.invoke0(Native Method)", ("", None, "sun.X.invoke0", "")),
            (
                "at a.B$$FastClassBySpringCGLIB$$12ab.invoke(<generated>)",
                ("<generated>", None, "a.B$$FastClassBySpringCGLIB$$12ab.invoke", ""),
            ),
            ("at a.b.c(SourceFile:7)", ("SourceFile", Some(7), "a.b.c", "")),
        ];
        for (line, (file, number, function, package)) in cases {
            let read = frame(line).expect(line);
            assert_eq!((&*read.file, read.line, &*read.function, &*read.package), (file, number, function, package));
        }
        for line in [
            "at f (/a.js:1:2)",
            "at Object.f (a.js:1)",
            "at a.b(c.js:1)",
            "at Shop.Cart.Add(String id) in /src/Cart.cs:line 3",
            "at Shop.Cart.Add()",
            "at least (maybe.java:1)",
            "at a.B.c(B.java:1",
            "at (B.java:1)",
        ] {
            assert_eq!(frame(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_the_applications() {
        for line in ["at com.shop.Cart.add(Cart.java:12)", "at app//javaland.Cart.add(Cart.kt:1)"] {
            assert!(in_app(&frame(line).expect(line)), "{line}");
        }
        for line in [
            "at java.base/java.util.List.of(List.java:1)",
            "at kotlin.text.StringsKt.f(Strings.kt:1)",
            "at com.sun.proxy.$Proxy12.load(Unknown Source)",
            "at jdk.proxy1/jdk.proxy1.$Proxy0.load(Unknown Source)",
            "at com.shop.Cart$$Lambda$7/0x08.run(Unknown Source)",
            "at com.shop.Cart$$EnhancerBySpringCGLIB$$1.add(<generated>)",
        ] {
            assert!(!in_app(&frame(line).expect(line)), "{line}");
        }
    }

    #[test]
    fn what_was_suppressed_caused_nothing() {
        let text = "a.A: one\n\tat a.B.c(B.java:1)\n\tSuppressed: a.S: shut\n\t\tat a.S.t(S.java:2)\n\tCaused by: a.T: deep\n\t\tat a.T.u(T.java:3)\nCaused by: a.C: two\n\tat a.D.e(D.java:4)\n\t... 1 more";
        let blocks = parse(text, false);
        let shown: Vec<_> = blocks.iter().map(|block| (&*block.kind, &*block.message, block.frames.len())).collect();
        assert_eq!(shown, [("a.A", "one", 1), ("a.C", "two", 2)]);
        assert_eq!(&*blocks[1].frames[1].function, "a.B.c");
    }

    #[test]
    fn a_thread_that_died_is_no_part_of_the_type() {
        let blocks = parse("Exception in thread \"main\" a.A: one: two\n\tat a.B.c(B.java:1)", false);
        assert_eq!((&*blocks[0].kind, &*blocks[0].message), ("a.A", "one: two"));
    }
}
