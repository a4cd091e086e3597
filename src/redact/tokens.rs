//! Tokens and keys that are known by their shape: whoever issues them gives them a start that nothing else has.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern, looks_random, matches};
use regex::Regex;
use std::sync::LazyLock;

/// What tells who somebody is, or lets somebody in.
static TOKENS: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        // JSON Web Tokens: signed (three parts), unsigned (the last is empty) and encrypted (five).
        r"\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){2,4}",
        // GitHub, GitLab.
        r"|\bgh[pousr]_[A-Za-z0-9]{20,}",
        r"|\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"|\bgl(?:pat|rt|dt|cbt|ptt|ft|soat|imt|agent|oas)-[A-Za-z0-9_.-]{16,}",
        // Slack.
        r"|\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}",
        r"|\bxapp-[0-9]-[A-Za-z0-9-]{8,}",
        r"|\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{8,}",
        // npm, PyPI, Docker Hub, RubyGems, crates.io.
        r"|\bnpm_[A-Za-z0-9]{20,}",
        r"|\bpypi-[A-Za-z0-9_-]{16,}",
        r"|\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}",
        r"|\brubygems_[a-f0-9]{32,}",
        // Hugging Face, Vault, DigitalOcean, Databricks, Shopify, Grafana, Linear, Atlassian.
        r"|\bhf_[A-Za-z0-9]{20,}",
        r"|\bhv[sbr]\.[A-Za-z0-9_-]{20,}",
        r"|\bdo[opr]_v1_[a-f0-9]{32,}",
        r"|\bdapi[a-f0-9]{32}(?:-[0-9]+)?",
        r"|\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{20,}",
        r"|\bgl(?:sa|c)_[A-Za-z0-9+/=_]{20,}",
        r"|\blin_api_[A-Za-z0-9]{20,}",
        r"|\bATATT3[A-Za-z0-9_=-]{20,}",
        // Google's OAuth.
        r"|\bya29\.[A-Za-z0-9_-]{16,}",
    ))
    .ok()
});

/// What a program signs its calls with.
static KEYS: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        // AWS: long-lived and temporary ids of keys.
        r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
        // Stripe.
        r"|\b[srp]k_(?:live|test)_[A-Za-z0-9]{10,}",
        r"|\bwhsec_[A-Za-z0-9+/=]{20,}",
        // Google.
        r"|\bAIza[A-Za-z0-9_-]{30,}",
        r"|\bGOCSPX-[A-Za-z0-9_-]{20,}",
        // SendGrid, Twilio, Square, Mailgun, New Relic, Sentry.
        r"|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        r"|\bSK[a-f0-9]{32}\b",
        r"|\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}",
        r"|\bkey-[a-f0-9]{32}\b",
        r"|\bNRAK-[A-Z0-9]{20,}",
        r"|\bsntry[su]_[A-Za-z0-9+/=_]{20,}",
        // age.
        r"|\bAGE-SECRET-KEY-1[A-Z0-9]{20,}",
    ))
    .ok()
});

/// Keys of providers of language models: `sk-` is short, so what follows must look made up.
static SHORT: Pattern = LazyLock::new(|| Regex::new(r"\b(?:sk-|xai-|gsk_)[A-Za-z0-9_-]{20,}").ok());

/// Tokens of Telegram's bots.
static BOTS: Pattern = LazyLock::new(|| Regex::new(r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}").ok());

/// Finds tokens and keys.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    found.extend(matches(&TOKENS, 0, text).map(|at| Found { at, class: Class::Token }));
    found.extend(matches(&KEYS, 0, text).map(|at| Found { at, class: Class::Key }));
    let made_up = matches(&SHORT, 0, text).filter(|at| text[at.clone()].bytes().any(|byte| byte.is_ascii_digit()));
    found.extend(made_up.filter(|at| looks_random(&text[at.clone()])).map(|at| Found { at, class: Class::Key }));
    if text.contains(":AA") {
        found.extend(matches(&BOTS, 0, text).map(|at| Found { at, class: Class::Token }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(&str, Class)> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|found| (&text[found.at], found.class)).collect()
    }

    /// Made of parts, so that nobody who looks for leaked secrets finds one here.
    #[test]
    fn known_shapes_are_found() {
        let tail = "0fAkE1fAkE2fAkE3fAkE4fAkE5fAkE6fAkE7";
        let jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJmYWtlIn0", "ZmFrZS1zaWduYXR1cmU"].join(".");
        for start in ["ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "npm_", "pypi-", "hf_", "hvs.", "ya29."] {
            let token = [start, tail].concat();
            assert_eq!(tokens(&format!("rejected \"{token}\"")), [(&*token, Class::Token)]);
        }
        assert_eq!(tokens(&format!("jwt {jwt} expired")), [(&*jwt, Class::Token)]);
        let bot = ["12345678", ":AA", &tail[..33]].concat();
        assert_eq!(tokens(&format!("/bot{bot}/x").replace("/bot", "/bot ")), [(&*bot, Class::Token)]);
        for start in ["sk_live_", "rk_live_", "sk_test_", "AIza", "GOCSPX-", "sk-proj-", "sk-ant-api03-"] {
            let key = [start, tail].concat();
            assert_eq!(tokens(&format!("key={key};")), [(&*key, Class::Key)]);
        }
        let aws = ["AKIA", "FAKEFAKEFAKE0000"].concat();
        assert_eq!(tokens(&format!("{aws} is unknown")), [(&*aws, Class::Key)]);
    }

    #[test]
    fn ids_and_words_are_none() {
        for text in [
            "5b8efff798038103d269b633813fc60c eee19b7ec3c1b174 0b8f4f7e-1c1e-4a55-9a67-3f1e7a1b2c3d",
            "task-management-service-for-everything",
            "sk-learn-contributors-meeting-notes",
            "at Object.eyJump (/usr/src/app/node_modules/npm_lifecycle/index.js:1:2)",
            "pypi-mirror: 503, npm_config_registry, AKIA",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "oteldemo.PaymentService/Charge HTTP_500 SK123",
        ] {
            assert!(tokens(text).is_empty(), "{text}: {:?}", tokens(text));
        }
    }
}
