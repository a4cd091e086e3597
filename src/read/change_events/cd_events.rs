//! CDEvents: what continuous deployment tells of services and environments.
//!
//! ```text
//! context.type   dev.cdevents.service.upgraded.0.3.0     all versions, also without one; before 0.1: cd.service.upgraded.v1
//!                             subject predicate
//! subject.id     service/cart                             the service is what stands behind the last /
//! subject.content.artifactId   pkg:oci/cart@sha256%3A0b31   the version is what stands behind the @
//! ```
//!
//! Sources: cdevents/spec, `continuous-deployment.md` and the examples in `conformance/` (context 0.5); cdevents/sdk-go (the
//! types and attributes of events before there was a context).

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Object, Recognised, owned, text};
use crate::read::change_events::times::time_in;
use crate::read::quote::quote;

/// What is said of a version that was there before.
const ROLLED_BACK: &str = "rolled back";

/// The change of an object with the context and the subject of a CDEvent.
pub(super) fn change_of(object: &Object) -> Recognised {
    let kind = text(object, &["context", "type"])?;
    let name = kind.strip_prefix("dev.cdevents.").or_else(|| kind.strip_prefix("cd."))?;
    object.get("subject")?.as_object()?;
    Some(change(object, name))
}

/// The change of a CloudEvent whose own attributes say all of it, as CDEvents did before they had a context.
pub(super) fn change_of_attributes(object: &Object) -> Recognised {
    text(object, &["specversion"])?;
    let kind = text(object, &["type"])?;
    let name = kind.strip_prefix("dev.cdevents.").or_else(|| kind.strip_prefix("cd."))?;
    let service = text(object, &["servicename"])?;
    let predicate = name.strip_prefix("service.")?.split('.').next()?;
    if !matches!(predicate, "deployed" | "upgraded" | "rolledback" | "removed") {
        return None;
    }
    let to = if predicate == "removed" { Some("removed".to_owned()) } else { owned(object, &["serviceversion"]) };
    let change = ChangeEvent {
        to,
        service: Some(service.to_owned()),
        environment: owned(object, &["serviceenvid"]),
        detail: (predicate == "rolledback").then(|| ROLLED_BACK.to_owned()),
        ..ChangeEvent::new(ChangeKind::Deployment, service)
    };
    let wrong = |reason| format!("the CDEvent {}: {reason}", quote(name.as_bytes()));
    Some(time_in(object.get("time")).map(|at| ChangeEvent { at, ..change }).map_err(wrong))
}

fn change(object: &Object, name: &str) -> Result<ChangeEvent, String> {
    let wrong = |reason: &str| format!("the CDEvent {}: {reason}", quote(name.as_bytes()));
    let mut words = name.split('.');
    let what = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let id = text(object, &["subject", "id"]).ok_or_else(|| wrong("its subject has no id"))?;
    let at = time_in(object.get("context").and_then(|context| context.get("timestamp"))).map_err(|it| wrong(&it))?;
    let content = |way: &[&str]| owned(object, &[&["subject", "content"], way].concat());
    let mut change = match what {
        ("service", "deployed" | "upgraded" | "rolledback" | "removed") => {
            let service = id.rsplit('/').find(|part| !part.is_empty()).unwrap_or(id);
            ChangeEvent { service: Some(service.to_owned()), ..ChangeEvent::new(ChangeKind::Deployment, id) }
        }
        ("environment", "modified") => {
            let name = content(&["name"]).unwrap_or_else(|| id.to_owned());
            let mut change = ChangeEvent::new(ChangeKind::Event, format!("environment {name} modified"));
            change.environment = Some(name);
            change.link = content(&["url"]);
            change
        }
        _ => return Err(wrong("no change of a service or an environment that is running")),
    };
    change.at = at;
    if change.kind == ChangeKind::Deployment {
        change.environment = content(&["environment", "id"]);
        change.to = match what.1 {
            "removed" => Some("removed".to_owned()),
            _ => content(&["artifactId"]).map(|artifact| version_of(&artifact)),
        };
        change.detail = (what.1 == "rolledback").then(|| ROLLED_BACK.to_owned());
    }
    Ok(change)
}

/// The version of a package URL; all of what is no package URL, or has none.
fn version_of(artifact: &str) -> String {
    let version = artifact.strip_prefix("pkg:").and_then(|package| {
        let name = package.split(['?', '#']).next()?;
        name.rsplit_once('@').map(|(_, version)| version)
    });
    version.map_or_else(|| artifact.to_owned(), decoded)
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let digit = |place: usize| after.get(place).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_package_url() {
        for (artifact, version) in [
            ("pkg:oci/cart@sha256%3A0b31", "sha256:0b31"),
            ("pkg:golang/git.example/shop/cart@1.5?arch=amd64#sub@dir", "1.5"),
            ("pkg:oci/cart", "pkg:oci/cart"),
            ("registry/cart@1.5", "registry/cart@1.5"),
            ("pkg:a/b@%", "%"),
            ("pkg:a/b@%f", "%f"),
            ("pkg:a/b@%ff", "\u{fffd}"),
        ] {
            assert_eq!(version_of(artifact), version);
        }
    }
}
